"""What a person types into a form that no document says: amounts, percentages, days. Read once, as people write them."""

import re
from datetime import date
from decimal import Decimal

from blauweknop.domain.errors import MalformedValue
from blauweknop.domain.money import cents_from_euro_text

__all__ = ["MOST_TYPED", "typed_cents", "typed_day", "typed_percentage"]

MOST_TYPED = 100
"""Characters of one answer; nobody needs more."""
_THOUSANDS = re.compile(r"([0-9]{1,3})((?:[.,][0-9]{3})+)(?:([.,])([0-9]{2}))?", re.ASCII)
_EUROS = re.compile(r"[0-9]{1,9}(?:[.,][0-9]{1,2})?", re.ASCII)
_PERCENTAGE = re.compile(r"[0-9]{1,2}(?:[.,][0-9]{1,3})?", re.ASCII)
_DAY = re.compile(r"([0-9]{1,2})[-/. ]([0-9]{1,2})[-/. ]([0-9]{4})", re.ASCII)


def typed_cents(text: str) -> int:
    """Cents of an amount: `1234,56`, `€ 1.234,56`, `1,234.56`, `1.234`. Three digits after a sign are thousands.

    Raises:
        MalformedValue: anything else, also below zero or a billion and more.
    """
    plain = text.replace("€", "").replace("\u00a0", " ").strip()
    grouped = _THOUSANDS.fullmatch(plain)
    if grouped:
        first, groups, point, cents = grouped.groups()
        if len({sign for sign in groups if not sign.isdigit()}) > 1 or (point is not None and point in groups):
            raise MalformedValue("expected one sign between thousands, and the other before cents")
        plain = first + re.sub(r"[.,]", "", groups) + (f",{cents}" if cents else "")
    if not _EUROS.fullmatch(plain):
        raise MalformedValue("expected an amount in euros")
    return cents_from_euro_text(plain)


def typed_percentage(text: str) -> Decimal:
    """A percentage as a part of one: `4,1` and `4.1 %` are 0.041.

    Raises:
        MalformedValue: anything else.
    """
    plain = text.strip().removesuffix("%").strip()
    if not _PERCENTAGE.fullmatch(plain):
        raise MalformedValue("expected a percentage")
    return Decimal(plain.replace(",", ".")) / 100


def typed_day(text: str) -> date:
    """A day: `2026-11-30` as browsers send it, `30-11-2026` as people type it.

    Raises:
        MalformedValue: anything else.
    """
    plain = text.strip()
    dutch = _DAY.fullmatch(plain)
    try:
        return date(int(dutch[3]), int(dutch[2]), int(dutch[1])) if dutch else date.fromisoformat(plain)
    except ValueError as error:
        raise MalformedValue("expected a day") from error
