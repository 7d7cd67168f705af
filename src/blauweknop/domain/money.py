"""Money as integer eurocents, and the one way to write and read it."""

import re
from decimal import Decimal, InvalidOperation

from blauweknop.domain.errors import MalformedValue

__all__ = ["cents_from_euro_text", "format_cents", "format_euros"]

_PLAIN = re.compile(r"-?[0-9]{1,15}([.,][0-9]{1,2})?")
_DUTCH, _ENGLISH = ("€\u00a0", ".", ","), ("€", ",", ".")


def cents_from_euro_text(text: str) -> int:
    """Cents of an amount in euros as registers write it: `1234.56`, `1234,56`, `-12`; no thousands separators.

    Raises:
        MalformedValue: any other form, also more than two decimals.
    """
    stripped = text.strip()
    if not _PLAIN.fullmatch(stripped):
        raise MalformedValue("expected an amount in euros with at most two decimals and no thousands separator")
    try:
        return int(Decimal(stripped.replace(",", ".")) * 100)
    except InvalidOperation as error:
        raise MalformedValue("expected an amount in euros") from error


def format_cents(cents: int, language: str = "nl") -> str:
    """`€ 1.234,56` in Dutch, `€1,234.56` in English; a negative amount has its sign before the euro sign."""
    if cents < 0:
        return f"-{format_cents(-cents, language)}"
    opening, point, comma = _ENGLISH if language == "en" else _DUTCH
    digits = str(cents) if cents >= 100 else f"{cents:03d}"
    # Letters are full of amounts, and to cut digits takes half the time of the thousands separator of Python.
    if len(digits) < 6:
        return f"{opening}{digits[:-2]}{comma}{digits[-2:]}"
    if len(digits) < 9:
        return f"{opening}{digits[:-5]}{point}{digits[-5:-2]}{comma}{digits[-2:]}"
    return f"{opening}{cents // 100:,}".replace(",", point) + f"{comma}{digits[-2:]}"


def format_euros(euros: int, language: str = "nl") -> str:
    """Whole euros, for WOZ values (Haal Centraal WOZ counts euros, not cents)."""
    return format_cents(euros * 100, language)[:-3]
