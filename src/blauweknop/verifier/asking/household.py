"""Two requests that belong together: of who asked for something, and of who does so with them (ADR 0038).

Each is a request like any other, with an answer, a consent, a receipt and an end of its own. What binds them is kept apart, says nothing of
anybody, and leads neither of them to what the other answered.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from blauweknop.domain.document import JsonValue
from blauweknop.verifier.asking.answers import CheckedItem
from blauweknop.verifier.asking.persons import person_in

__all__ = ["MOST_INVITATIONS", "Household", "Households", "Needed", "Part", "Sameness", "sameness"]


MOST_INVITATIONS = 10
"""How often the link of the second person is made anew, by whomever: each time is one more request that is kept."""


class Part(StrEnum):
    """Whose part of a household."""

    FIRST = "first"
    SECOND = "second"

    @property
    def other(self) -> "Part":
        return Part.SECOND if self is Part.FIRST else Part.FIRST


@dataclass(frozen=True, slots=True)
class Needed:
    """What the two must have together in a year: at least so many cents of the claim `amount`, asked in an item."""

    item: str
    amount: str
    cents: int


@dataclass(frozen=True, slots=True)
class Household:
    """The ids of the two requests; None while nobody is asked, and when nothing is left of one.

    `needed` is None where nothing is compared; `invited` is how often the second person was invited anew.
    """

    first: str | None
    second: str | None
    needed: Needed | None = None
    invited: int = 0

    @property
    def may_invite(self) -> bool:
        return self.invited < MOST_INVITATIONS

    def part_of(self, request_id: str) -> Part:
        return Part.FIRST if request_id == self.first else Part.SECOND

    def request_of(self, part: Part) -> str | None:
        return self.first if part is Part.FIRST else self.second

    def other_than(self, request_id: str) -> str | None:
        """The other of the two."""
        return self.request_of(self.part_of(request_id).other)


class Households(Protocol):
    """Those of one receiver."""

    def begin(self, household: Household) -> None: ...

    def of_request(self, request_id: str) -> Household | None:
        """The household that a request is of; None when it is of none, or another took its place."""
        ...

    def hold(self, request_id: str) -> None:
        """Until the end of this transaction nobody else keeps or withdraws an answer to a request, or invites a part of its household.

        Call it before all else, so that nobody waits for each other.
        """
        ...

    def invite(self, first_id: str, second_id: str) -> bool:
        """Let this request be the second; one that nobody answered yet counts no more. Who works on the first works on it too.

        False when the second part was answered, too many were invited, or there is no such household.
        """
        ...


class Sameness(StrEnum):
    """Whether two answers are of one person."""

    SAME = "same"
    PERHAPS = "perhaps"
    OTHER = "other"


_BSN, _GIVEN, _FAMILY, _BORN = "bsn", "given_name", "family_name", "birth_date"
_ALL = 3


def sameness(one: Sequence[CheckedItem], other: Sequence[CheckedItem]) -> Sameness:
    """By what each showed, in steps.

    1. A citizen service number in both decides.
    2. The very same credential is of one holder.
    3. Another day of birth, or other given names, is somebody else.
    4. All names and the day of birth are of one person. With the names alone a parent and a child may be called the same; with another
       family name it may be the name of a partner.
    """
    # Step 1.
    numbers = [{number for item in items if (number := _number(item)) is not None} for items in (one, other)]
    if all(numbers):
        return Sameness.SAME if numbers[0] & numbers[1] else Sameness.OTHER
    # Step 2.
    places = [{(item.status_uri, item.status_index) for item in items if item.status_index is not None} for items in (one, other)]
    if places[0] & places[1]:
        return Sameness.SAME
    # Step 3.
    first, second = _person(one), _person(other)
    same = {name: first[name] == second[name] for name in first.keys() & second.keys()}
    if same.get(_BORN) is False or same.get(_GIVEN) is False:
        return Sameness.OTHER
    # Step 4.
    if same.get(_FAMILY) is False:
        return Sameness.PERHAPS if same.get(_BORN) else Sameness.OTHER
    return Sameness.SAME if len(same) == _ALL else Sameness.PERHAPS


def _person(items: Sequence[CheckedItem]) -> Mapping[str, JsonValue]:
    """Of the first item that says the most; names as people compare them."""
    said = [person_in(claims) for item in items for claims in _claims(item)]
    return {name: value.casefold() if isinstance(value, str) else value for name, value in max(said, key=len, default={}).items()}


def _number(item: CheckedItem) -> JsonValue:
    return next((claims[_BSN] for claims in _claims(item) if isinstance(claims.get(_BSN), str)), None)


def _claims(item: CheckedItem) -> list[Mapping[str, JsonValue]]:
    """Also those of the subject of a document, and of a mobile document, which are one level down."""
    return [item.claims, *(below for below in item.claims.values() if isinstance(below, dict))]
