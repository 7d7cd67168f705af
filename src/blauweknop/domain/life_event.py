"""What a receiver asks of a person in a life event: packages of items, each with its reason, as data. Instances come from files."""

import re
from dataclasses import dataclass
from enum import StrEnum

from blauweknop.domain.durations import Duration
from blauweknop.domain.texts import Text

__all__ = [
    "LIFE_EVENT_NAME",
    "Conclusion",
    "HouseholdSetting",
    "Item",
    "LegalBasis",
    "LifeEvent",
    "Need",
    "OwnPaper",
    "Package",
    "Parameter",
    "ParameterUnit",
    "ReceiverClass",
    "Updates",
    "Wanted",
]

LIFE_EVENT_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
"""How a life event is named in a registration; which ones there are is for files to say."""


class ReceiverClass(StrEnum):
    """Whether a law gives the receiver the number of people."""

    WITH_BSN = "bsn_gerechtigd"
    WITHOUT_BSN = "niet_bsn"


class Need(StrEnum):
    """What it means to leave something out."""

    REQUIRED = "required"  # without it there is no answer
    IF_ANY = "if_any"  # asked of everybody; who has none answers without it, for nobody can prove that there is nothing
    OPTIONAL = "optional"  # asked when the receiver needs it of this person, and the person may leave it out


class HouseholdSetting(StrEnum):
    """Whether a request may be for two people who apply together, each with an answer of their own."""

    NONE = "none"
    OPTIONAL = "optional"
    ASKED = "asked"  # what counts is what the household has: usual, unless somebody applies alone


class ParameterUnit(StrEnum):
    CENTS = "cents"
    COUNT = "count"


@dataclass(frozen=True, slots=True)
class LegalBasis:
    """Why the data may be processed: a letter of article 6(1) GDPR, and the law or agreement behind it."""

    letter: str
    law: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """Names of claims or members: what an answer must have, and what comes along where it is there."""

    always: tuple[str, ...] = ()
    if_any: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Conclusion:
    """Whether an amount is at least a number of months times the product of parameters; asked without the amount.

    `of` is the claim with the amount. It is never asked: only the claims of the summary that compare it with an amount.
    """

    of: str
    months: int
    factors: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that is asked, of one data set or of each data set of a family.

    `summary` names single values, that any wallet can give. `whole` names members of the data that come with the document itself where
    the wallet can give it; a `whole` without names is all of it. Of items that share `one_of` one is enough.
    """

    id: str
    datasets: tuple[str, ...]
    title: Text
    why: Text
    need: Need
    summary: Wanted
    whole: Wanted | None = None
    conclusion: Conclusion | None = None
    bsn: bool = False
    one_of: str | None = None
    maximum_age: Duration | None = None
    """Between the reference date and the answer."""
    staff_title: Text | None = None
    """How the staff of the receiver reads it, where the title speaks to the person."""


@dataclass(frozen=True, slots=True)
class OwnPaper:
    """What no source in the catalogue certifies. `later_from` is the data set of the dictionary that may take its place one day."""

    id: str
    title: Text
    why: Text
    need: Need
    later_from: str | None = None


@dataclass(frozen=True, slots=True)
class Parameter:
    """A number that the receiver fills in for one request, such as the rent."""

    name: str
    title: Text
    unit: ParameterUnit
    least: int
    most: int


@dataclass(frozen=True, slots=True)
class Updates:
    """That a receiver may be kept up to date, for so long at most from a consent, with these items."""

    longest: Duration
    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Package:
    """What one life event asks in one phase: one intended use, for one purpose. Without items nothing certified is asked.

    `person` are the claims of the person that come with every item, so that one can see that all are of the same person.
    `recipients` are who else gets the data; none means nobody. `forbidden` is what may never be asked, in the words of the catalogue.
    """

    id: str
    event: str
    phase: str
    title: Text
    purpose: Text
    receiver: ReceiverClass
    basis: LegalBasis
    retention: str
    """A duration of ISO 8601."""
    recipients: tuple[Text, ...]
    person: tuple[str, ...]
    items: tuple[Item, ...]
    own_papers: tuple[OwnPaper, ...]
    parameters: tuple[Parameter, ...]
    forbidden: tuple[str, ...]
    household: HouseholdSetting = HouseholdSetting.NONE
    updates: Updates | None = None

    @property
    def may_ask_bsn(self) -> bool:
        return self.receiver is ReceiverClass.WITH_BSN


@dataclass(frozen=True, slots=True)
class LifeEvent:
    """One file: a life event and its packages, in the order of their phases."""

    id: str
    title: Text
    about: Text
    packages: tuple[Package, ...]
