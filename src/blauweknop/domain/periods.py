"""Stretches of time over which pay and benefits are counted."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Self

from blauweknop.domain.errors import MalformedValue

__all__ = ["Month", "Period", "four_week_periods"]


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """Both days belong to it."""

    first: date
    last: date

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise MalformedValue("expected a period whose last day is not before its first")

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    def contains(self, day: date) -> bool:
        return self.first <= day <= self.last


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """A calendar month."""

    year: int
    number: int

    def __post_init__(self) -> None:
        if not (1 <= self.number <= 12 and 1 <= self.year <= 9999):
            raise MalformedValue("expected a month between 1 and 12 of a year between 1 and 9999")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `YYYY-MM`.

        Raises:
            MalformedValue: any other form.
        """
        if len(text) != 7 or text[4] != "-" or not (text[:4] + text[5:]).isascii() or not (text[:4] + text[5:]).isdigit():
            raise MalformedValue("expected a month as YYYY-MM")
        return cls(int(text[:4]), int(text[5:]))

    @classmethod
    def of(cls, day: date) -> Self:
        return cls(day.year, day.month)

    def plus(self, months: int) -> "Month":
        years, month = divmod(self.year * 12 + self.number - 1 + months, 12)
        return Month(years, month + 1)

    @property
    def period(self) -> Period:
        return _days_of(self.year, self.number)

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.number:02d}"


@lru_cache(maxsize=1200)  # a hundred years: figures ask for the same few months again and again
def _days_of(year: int, month: int) -> Period:
    return Period(date(year, month, 1), date(year, month, monthrange(year, month)[1]))


def four_week_periods(year: int) -> tuple[Period, ...]:
    """The thirteen four-week wage periods of a year.

    They follow the ISO weeks (Monday to Sunday) and are cut at the year's end: the first begins on 1 January and the last ends
    on 31 December (Handboek Loonheffingen; the same cut is seen in every UWV verzekeringsbericht).
    """
    monday = date.fromisocalendar(year, 1, 1)
    starts = [monday + timedelta(weeks=4 * index) for index in range(13)]
    periods = [Period(start, start + timedelta(days=27)) for start in starts]
    first = Period(date(year, 1, 1), periods[0].last)
    last = Period(periods[-1].first, date(year, 12, 31))
    return (first, *periods[1:-1], last)
