"""Changes that keep most of a format whole, so that an attack reaches what lies behind the first refusal."""
