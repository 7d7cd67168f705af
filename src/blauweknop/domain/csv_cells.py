"""Cells of a CSV file that no spreadsheet takes for a formula."""

__all__ = ["safe_cell"]

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def safe_cell(text: str) -> str:
    """The text, with a quote before it when a spreadsheet could take it for a formula (ASVS 1.2.10)."""
    return f"'{text}" if text.startswith(_FORMULA) else text
