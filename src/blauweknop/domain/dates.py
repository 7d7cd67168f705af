"""Dates as the population register knows them: sometimes only a year, sometimes nothing; and dates in words."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Literal, Self
from zoneinfo import ZoneInfo

from blauweknop.domain.errors import MalformedValue

__all__ = ["AMSTERDAM", "PartialDate", "clock_in_words", "date_in_words", "dutch_day", "moment_in_words", "month_in_words"]

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
_LAST = datetime(9999, 12, 31, tzinfo=UTC)  # has a day in every time zone
_MONTHS = {
    "nl": ("januari", "februari", "maart", "april", "mei", "juni", "juli", "augustus", "september", "oktober", "november", "december"),
    "en": ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"),
}
_UNKNOWN = {"nl": "onbekend", "en": "unknown"}


def dutch_day(moment: datetime) -> date:
    """The day on Dutch calendars at an aware moment; at the very end of the calendar its last one."""
    return min(moment, _LAST).astimezone(AMSTERDAM).date()


def month_in_words(year: int, month: int, language: str = "nl") -> str:
    """`november 2026`."""
    return f"{_MONTHS[language][month - 1]} {year}"


def date_in_words(day: date, language: str = "nl") -> str:
    """`3 november 2026`."""
    return f"{day.day} {month_in_words(day.year, day.month, language)}"


def moment_in_words(moment: datetime, language: str = "nl") -> str:
    """An aware moment as Dutch clocks show it: `3 november 2026 om 15.12 uur`."""
    day = date_in_words(moment.astimezone(AMSTERDAM).date(), language)
    return f"{day} {'om' if language == 'nl' else 'at'} {clock_in_words(moment, language)}"


def clock_in_words(moment: datetime, language: str = "nl") -> str:
    """What Dutch clocks show at an aware moment: `15.12 uur`."""
    local = moment.astimezone(AMSTERDAM)
    return f"{local.hour:02d}.{local.minute:02d} uur" if language == "nl" else f"{local.hour:02d}:{local.minute:02d}"


@dataclass(frozen=True, slots=True)
class PartialDate:
    """A BRP date: whole, year and month, year only, or unknown (Haal Centraal Datum, JaarMaandDatum, JaarDatum, DatumOnbekend)."""

    year: int | None
    month: int | None = None
    day: int | None = None

    def __post_init__(self) -> None:
        if (self.month is not None and self.year is None) or (self.day is not None and self.month is None):
            raise MalformedValue("expected a date that is known from the year down")
        if self.year is not None:
            try:
                date(self.year, self.month or 1, self.day or 1)
            except ValueError as error:
                raise MalformedValue("expected a date of the calendar") from error

    @classmethod
    def parse_register(cls, text: str) -> Self:
        """Read the eight digits of LO GBA, zeros for unknown parts: `19680000`, `00000000`.

        Raises:
            MalformedValue: not eight digits, or no such date.
        """
        if not re.fullmatch(r"[0-9]{8}", text):
            raise MalformedValue("expected a register date of eight digits")
        year, month, day = int(text[:4]), int(text[4:6]), int(text[6:])
        return cls(year or None, month or None, day or None)

    @classmethod
    def parse_json(cls, value: object) -> Self:
        """Read the Haal Centraal object with `type` Datum, JaarMaandDatum, JaarDatum or DatumOnbekend.

        Raises:
            MalformedValue: another shape.
        """
        match value:
            case {"type": "Datum", "datum": str(text)} if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
                return cls.parse_register(text.replace("-", ""))
            case {"type": "JaarMaandDatum", "jaar": int(year), "maand": int(month)}:
                return cls(year, month)
            case {"type": "JaarDatum", "jaar": int(year)}:
                return cls(year)
            case {"type": "DatumOnbekend"}:
                return cls(None)
        raise MalformedValue("expected a date in the Haal Centraal form")

    @property
    def kind(self) -> Literal["Datum", "JaarMaandDatum", "JaarDatum", "DatumOnbekend"]:
        if self.year is None:
            return "DatumOnbekend"
        if self.month is None:
            return "JaarDatum"
        return "JaarMaandDatum" if self.day is None else "Datum"

    def as_json(self) -> dict[str, str | int | bool]:
        """The Haal Centraal object, with `langFormaat` in Dutch as that standard has it."""
        words = self.in_words("nl")
        match self.kind:
            case "Datum":
                return {"type": "Datum", "datum": f"{self.year:04d}-{self.month:02d}-{self.day:02d}", "langFormaat": words}
            case "JaarMaandDatum":
                return {"type": "JaarMaandDatum", "jaar": self.year or 0, "maand": self.month or 0, "langFormaat": words}
            case "JaarDatum":
                return {"type": "JaarDatum", "jaar": self.year or 0, "langFormaat": words}
            case _:
                return {"type": "DatumOnbekend", "onbekend": True, "langFormaat": words}

    def in_words(self, language: str = "nl") -> str:
        """`12 augustus 1985`, `augustus 1985`, `1985` or `onbekend`."""
        if self.year is None:
            return _UNKNOWN[language]
        if self.month is None:
            return str(self.year)
        if self.day is None:
            return month_in_words(self.year, self.month, language)
        return date_in_words(date(self.year, self.month, self.day), language)
