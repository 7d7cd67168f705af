"""Stretches of time in the words of ISO 8601: `P3M`, `P1Y6M`, `P2W`, `P30D`; weeks stand alone."""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Self

from blauweknop.domain.errors import MalformedValue

__all__ = ["DURATION", "Duration"]

DURATION = re.compile(
    r"P(?=[0-9T])(?:([0-9]{1,4})W|(?:([0-9]{1,3})Y)?(?:([0-9]{1,4})M)?(?:([0-9]{1,5})D)?"
    r"(?:T(?=[0-9])(?:([0-9]{1,5})H)?(?:([0-9]{1,5})M)?(?:([0-9]{1,5})S)?)?)"
)
"""The one form; its groups are weeks, or years, months, days, hours, minutes and seconds."""


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
        if "T" in text:
            raise MalformedValue("expected a duration such as P3M or P30D, without a time of day")
        found = cls.lasting(text)
        if not (found.months or found.days):
            raise MalformedValue("expected a duration of at least one day")
        return found

    @classmethod
    def lasting(cls, text: str) -> Self:
        """Read ISO 8601 in whole days: a time of day lasts until the end of the day that it reaches. It may be nothing at all.

        Raises:
            MalformedValue: another form.
        """
        found = DURATION.fullmatch(text)
        if found is None:
            raise MalformedValue("expected a duration such as P3M, P30D or PT12H")
        weeks, years, months, days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
        more = -(-timedelta(hours=hours, minutes=minutes, seconds=seconds) // timedelta(days=1))
        return cls(12 * years + months, 7 * weeks + days + more)

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
