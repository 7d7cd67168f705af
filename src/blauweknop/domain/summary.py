"""What a wallet credential of a data set says: single values, each with a rule that says where it comes from. Instances come from files."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from blauweknop.domain.dataset import Dataset, Field, FieldType
from blauweknop.domain.texts import Text

__all__ = [
    "KIND_OF_FIELD",
    "AgeAtLeast",
    "AtLeast",
    "Bracket",
    "Claim",
    "ClaimKind",
    "Count",
    "Given",
    "GivenName",
    "Latest",
    "Only",
    "Rule",
    "Summary",
    "Total",
    "Value",
    "YearOf",
    "YearTotal",
    "bracket_word",
    "column_of",
]


class ClaimKind(StrEnum):
    """How a claim looks: wallets show no more than these. A date is text in JSON (`YYYY-MM-DD`) and a full-date in an mdoc."""

    TEXT = "text"
    INTEGER = "integer"
    MONEY = "money"  # whole cents; claim `currency` says of which money
    BOOLEAN = "boolean"
    DATE = "date"


class GivenName(StrEnum):
    """What is known without the data of the data set."""

    GIVEN_NAME = "given_name"
    FAMILY_NAME = "family_name"
    BIRTH_DATE = "birth_date"
    BSN = "bsn"
    REFERENCE_DATE = "reference_date"
    SOURCE_NAME = "source_name"
    CURRENCY = "currency"


@dataclass(frozen=True, slots=True)
class Given:
    """Of the person or the snapshot. The burgerservicenummer is there only when the person chose it."""

    name: GivenName


@dataclass(frozen=True, slots=True)
class Value:
    """A field as it is. Absent: not filled in, a date of which a part is unknown, a value that is looked into."""

    field: str


@dataclass(frozen=True, slots=True)
class Only:
    """A column of a list, when the list has exactly one row; absent otherwise."""

    list: str
    column: str


@dataclass(frozen=True, slots=True)
class Count:
    """How many rows a list has; of a list in rows, those of all rows together."""

    list: str


@dataclass(frozen=True, slots=True)
class Total:
    """The sum of a required amount over all rows of a list; of no rows it is nothing, 0."""

    list: str
    column: str


@dataclass(frozen=True, slots=True)
class Latest:
    """A column of the row with the latest day in `by`; absent without rows, and when such rows say different things."""

    list: str
    by: str
    column: str


@dataclass(frozen=True, slots=True)
class YearTotal:
    """The sum of an amount over the last calendar year that was over on the reference date.

    A row counts when its first and last day both fall in that year, for pay periods are cut at the end of a year. Absent: a row lies
    partly in the year; or a day of the year is in no row whose amount is 0 or more, so that something may be missing. A negative row
    corrects others: it is counted, and is no sign that its days were reported.
    """

    list: str
    column: str
    first: str
    last: str


@dataclass(frozen=True, slots=True)
class YearOf:
    """The year that a YearTotal is about; absent when that is."""

    claim: str


@dataclass(frozen=True, slots=True)
class AtLeast:
    """Whether another claim, an amount, is so many cents or more; absent when that is."""

    claim: str
    cents: int


@dataclass(frozen=True, slots=True)
class Bracket:
    """Between which of these amounts (cents, going up) another claim lies: `below_20000`, `20000_to_30000`, `30000_or_more`, in euros.

    The lower end belongs to a bracket, the upper end does not. Absent when the other claim is.
    """

    claim: str
    cents: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class AgeAtLeast:
    """Whether a person born on this day is so old on the reference date; who is born on 29 February ages on 1 March in other years.

    Of a date of which a part is unknown it is said only when every day that it may be gives the same answer.
    """

    field: str
    years: int


Rule = Given | Value | Only | Count | Total | Latest | YearTotal | YearOf | AtLeast | Bracket | AgeAtLeast


@dataclass(frozen=True, slots=True)
class Claim:
    """One value of a summary. `always` says that every credential has it."""

    name: str
    kind: ClaimKind
    rule: Rule
    label: Text
    description: Text
    always: bool


@dataclass(frozen=True, slots=True, eq=False)  # one object for each data set: what is made of it can be kept by it
class Summary:
    """All claims of a data set, in the order in which a wallet shows them. A claim that looks at another comes after it."""

    dataset: Dataset
    claims: tuple[Claim, ...]

    @property
    def kinds(self) -> Mapping[str, ClaimKind]:
        return {claim.name: claim.kind for claim in self.claims}


KIND_OF_FIELD: Mapping[FieldType, ClaimKind] = {
    FieldType.TEXT: ClaimKind.TEXT,
    FieldType.URL: ClaimKind.TEXT,
    FieldType.CODE: ClaimKind.TEXT,
    FieldType.CODE_TABLE: ClaimKind.TEXT,  # its description
    FieldType.DECIMAL2: ClaimKind.TEXT,
    FieldType.RATIO: ClaimKind.TEXT,
    FieldType.YEAR_MONTH: ClaimKind.TEXT,
    FieldType.INTEGER: ClaimKind.INTEGER,
    FieldType.YEAR: ClaimKind.INTEGER,
    FieldType.EUROCENT: ClaimKind.MONEY,
    FieldType.EURO: ClaimKind.MONEY,
    FieldType.BOOLEAN: ClaimKind.BOOLEAN,
    FieldType.DATE: ClaimKind.DATE,
    FieldType.DATETIME: ClaimKind.DATE,  # its day in the Netherlands
    FieldType.PARTIAL_DATE: ClaimKind.DATE,
}
"""What kind of claim a field becomes; a list becomes none."""


def bracket_word(amount: int, cents: Sequence[int]) -> str:
    """Between which of these amounts another lies, as a Bracket says it."""
    below = [step for step in cents if step <= amount]
    above = [step for step in cents if step > amount]
    if not below:
        return f"below_{above[0] // 100}"
    if not above:
        return f"{below[-1] // 100}_or_more"
    return f"{below[-1] // 100}_to_{above[0] // 100}"


def column_of(fields: tuple[Field, ...], path: str) -> Field | None:
    """The field with this name; `list.column` and `list.list` name fields of rows."""
    for field in fields:
        if field.name == path:
            return field
        if field.type is FieldType.LIST and path.startswith(f"{field.name}."):
            return column_of(field.fields, path.removeprefix(f"{field.name}."))
    return None
