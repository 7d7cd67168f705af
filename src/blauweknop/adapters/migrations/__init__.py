"""How the tables came to their present form, step by step; `blauweknop.adapters.database.upgrade` walks them."""
