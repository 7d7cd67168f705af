"""A snapshot of what a source knows of a person, what the person chose of it, and what became of asking."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from blauweknop.domain.dates import PartialDate
from blauweknop.domain.identifiers import Bsn, Oin
from blauweknop.domain.texts import Text

__all__ = [
    "Found",
    "Incomplete",
    "JsonValue",
    "NoData",
    "Outcome",
    "OutcomeKind",
    "Refused",
    "Selection",
    "Snapshot",
    "SourceIdentity",
    "Subject",
    "Unavailable",
]

JsonValue = None | bool | int | float | str | list["JsonValue"] | dict[str, "JsonValue"]
"""What JSON holds; a fraction only where a credential of others has one, since nothing of this scheme does."""


@dataclass(frozen=True, slots=True)
class SourceIdentity:
    """An organisation that certifies its own data."""

    id: str  # short and stable, part of addresses: duo, uwv, cak, denhaag, dichtbij
    kind: str  # duo, uwv, cak, gemeente: which data sets of the catalogue it can have
    oin: Oin
    name: str  # as people know it: "Gemeente Den Haag"
    legal_name: str  # as its certificate says it


@dataclass(frozen=True, slots=True)
class Subject:
    """The person a document is about. Values stay out of repr."""

    given_name: str = field(repr=False)
    family_name: str = field(repr=False)  # with prefix, as it is printed: "van der Berg"
    birth_date: PartialDate = field(repr=False)
    bsn: Bsn | None = field(default=None, repr=False)  # only in the variant with BSN


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All a source has for one data set and one person at one moment; `data` has the shape of the data set's fields."""

    dataset_id: str
    subject: Subject = field(repr=False)
    data: Mapping[str, JsonValue] = field(repr=False)
    reference_moment: datetime  # peildatum: as-of moment of the content, aware


@dataclass(frozen=True, slots=True)
class Selection:
    """What the person chose of one data set."""

    dataset_id: str
    parts: frozenset[str]
    months: int | None = None
    with_bsn: bool = False


class OutcomeKind(StrEnum):
    FOUND = "found"
    NO_DATA = "no_data"
    REFUSED = "refused"
    INCOMPLETE = "incomplete"
    UNAVAILABLE = "unavailable"


@dataclass(frozen=True, slots=True)
class Found:
    snapshot: Snapshot
    kind: OutcomeKind = OutcomeKind.FOUND


@dataclass(frozen=True, slots=True)
class NoData:
    """The source answered, and has nothing on this person for this data set."""

    kind: OutcomeKind = OutcomeKind.NO_DATA


@dataclass(frozen=True, slots=True)
class Refused:
    """The source answered, and by the rules of the data set no document may be made."""

    code: str  # deceased, emigrated, ...
    message: Text
    kind: OutcomeKind = OutcomeKind.REFUSED


@dataclass(frozen=True, slots=True)
class Incomplete:
    """The source answered with less than the data set demands; nothing is made of half an answer."""

    missing: tuple[str, ...]  # names of fields
    kind: OutcomeKind = OutcomeKind.INCOMPLETE


@dataclass(frozen=True, slots=True)
class Unavailable:
    """The source did not answer, not in time, or not in its own form."""

    cause: str  # timeout | connection | answer | configuration | overloaded
    retry_worthwhile: bool = True
    kind: OutcomeKind = OutcomeKind.UNAVAILABLE


Outcome = Found | NoData | Refused | Incomplete | Unavailable
