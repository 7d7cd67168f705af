"""Money as integer eurocents, and the one way to write and read it."""

import re
from decimal import Decimal, InvalidOperation

from blauweknop.domain.errors import MalformedValue

__all__ = ["cents_from_euro_text", "format_cents", "format_euros"]

_PLAIN = re.compile(r"-?[0-9]{1,15}([.,][0-9]{1,2})?")


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
    euros, rest = divmod(abs(cents), 100)
    sign = "-" if cents < 0 else ""
    if language == "en":
        return f"{sign}€{euros:,}.{rest:02d}"
    return f"{sign}€\u00a0{euros:,}".replace(",", ".") + f",{rest:02d}"


def format_euros(euros: int, language: str = "nl") -> str:
    """Whole euros, for WOZ values (Haal Centraal WOZ counts euros, not cents)."""
    return format_cents(euros * 100, language)[:-3]
