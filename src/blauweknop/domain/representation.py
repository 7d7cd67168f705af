"""Somebody who acts for another: in which capacity, under which name, and until when. The documents about the other name both."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Self

from blauweknop.domain.document import JsonValue
from blauweknop.domain.errors import MalformedValue

__all__ = ["REPRESENTATIVE", "Capacity", "Representative", "is_shown_name", "representative_in"]

REPRESENTATIVE = "representative"
"""The member that only what somebody fetched for another has: who they are. It is never left out."""

_MOST_NAME = 200
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class Capacity(StrEnum):
    """On what ground: asked by the person, or appointed by a court (Burgerlijk Wetboek book 1, titles 16, 19 and 20)."""

    AUTHORISED = "gemachtigde"
    ADMINISTRATOR = "bewindvoerder"
    CURATOR = "curator"
    MENTOR = "mentor"


@dataclass(frozen=True, slots=True)
class Representative:
    """Who acts, a person or an organisation. `until` is the last day of the mandate; None when it has no end yet."""

    name: str = field(repr=False)
    capacity: Capacity
    until: date | None = None

    def __post_init__(self) -> None:
        """Refuse a name that cannot be shown.

        Raises:
            MalformedValue: such a name.
        """
        if not is_shown_name(self.name):
            raise MalformedValue("expected the name of a representative")

    def as_json(self) -> dict[str, str]:
        """`{"name", "capacity", "until"?}`, as documents and credentials have it."""
        named = {"name": unicodedata.normalize("NFC", self.name), "capacity": self.capacity.value}
        return named if self.until is None else {**named, "until": self.until.isoformat()}

    @classmethod
    def parse_json(cls, value: object) -> Self:
        """What `as_json` gives.

        Raises:
            MalformedValue: another shape.
        """
        match value:
            case {"name": str(name), "capacity": str(capacity), **others} if capacity in set(Capacity) and others.keys() <= {"until"}:
                return cls(name, Capacity(capacity), _day(others["until"]) if "until" in others else None)
        raise MalformedValue("expected a representative: name, capacity and perhaps the last day")


def representative_in(said: Mapping[str, JsonValue]) -> Representative | None:
    """Who fetched what says this; None when the person did so themselves.

    Raises:
        MalformedValue: another shape.
    """
    return Representative.parse_json(said[REPRESENTATIVE]) if REPRESENTATIVE in said else None


def is_shown_name(name: str) -> bool:
    """Whether it says something, and nothing that would steer a screen or a page (Unicode categories C, and Z but the space)."""
    shown = all(character == " " or unicodedata.category(character)[0] not in "CZ" for character in name)
    return shown and 0 < len(name) <= _MOST_NAME and name == " ".join(name.split())


def _day(value: object) -> date:
    if not isinstance(value, str) or not _DAY.fullmatch(value):
        raise MalformedValue("expected the last day of a mandate")
    try:
        return date.fromisoformat(value)
    except ValueError as error:
        raise MalformedValue("expected a last day of the calendar") from error
