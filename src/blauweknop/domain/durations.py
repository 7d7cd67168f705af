"""Stretches of time in the words of ISO 8601: `P3M`, `P1Y6M`, `P2W`, `P30D`; of days and longer."""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Self

from blauweknop.domain.errors import MalformedValue

__all__ = ["Duration"]

_FORM = re.compile(r"P(?=[0-9])(?:([0-9]{1,3})Y)?(?:([0-9]{1,3})M)?(?:([0-9]{1,3})W)?(?:([0-9]{1,5})D)?")


@dataclass(frozen=True, slots=True)
class Duration:
    """First months by the calendar, then days."""

    months: int
    days: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ISO 8601.

        Raises:
            MalformedValue: another form, a time of day in it, or nothing at all.
        """
        found = _FORM.fullmatch(text)
        if found is None:
            raise MalformedValue("expected a duration such as P3M or P30D")
        years, months, weeks, days = (int(part or 0) for part in found.groups())
        if not (years or months or weeks or days):
            raise MalformedValue("expected a duration of at least one day")
        return cls(12 * years + months, 7 * weeks + days)

    def __str__(self) -> str:
        """In the words of ISO 8601."""
        return "P" + (f"{self.months}M" if self.months else "") + (f"{self.days}D" if self.days or not self.months else "")

    def after(self, day: date) -> date:
        """The day that lies so far on; where a month is too short its last day, and never beyond the calendar."""
        year, month = divmod(day.year * 12 + day.month - 1 + self.months, 12)
        if year > date.max.year:
            return date.max
        moved = date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
        return moved + timedelta(days=min(self.days, (date.max - moved).days))
