"""How the names and forms of a source become the names and forms of a data set. Read from the configuration, checked when it is read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from blauweknop.domain.dataset import Dataset
from blauweknop.domain.document import JsonValue
from blauweknop.domain.errors import BlauweKnopError

__all__ = [
    "DatasetMapping",
    "FieldMapping",
    "ListMapping",
    "Reading",
    "Record",
    "SourceFailure",
    "SubjectMapping",
    "object_value",
    "value_at",
]


class SourceFailure(BlauweKnopError):
    """The source did not answer usably. `cause` is one of timeout, connection, answer, configuration, overloaded; `place` names a field."""

    def __init__(self, cause: str, message: str, *, place: str = "", retry_worthwhile: bool = True) -> None:
        super().__init__(message)
        self.cause = cause
        self.place = place
        self.retry_worthwhile = retry_worthwhile


@dataclass(frozen=True, slots=True)
class Reading:
    """The form in which a source writes a value: `as = "euro_text"`, `as = "boolean:J/N"`. Without one, the form of our own field."""

    kind: str = "own"
    argument: str = ""
    table: Mapping[str, str] = field(default_factory=dict)  # of a code table: code -> description


@dataclass(frozen=True, slots=True)
class FieldMapping:
    """Where one value comes from."""

    columns: tuple[str, ...] = ()  # column names or dotted paths; more than one are joined with spaces
    reading: Reading = field(default_factory=Reading)
    codes: Mapping[str, str] = field(default_factory=dict)  # code of the source -> our code
    by_presence: Mapping[str, str] = field(
        default_factory=dict
    )  # the first column with a value, or `column=value`, decides; an empty code means no value
    when_empty: str | None = None  # what an empty value means at this source
    constant: JsonValue = None


@dataclass(frozen=True, slots=True)
class ListMapping:
    """Where the rows of one list come from: of a query, of a file, or of a list inside the answer (`path`)."""

    fields: Mapping[str, FieldMapping]
    lists: Mapping[str, "ListMapping"] = field(default_factory=dict)
    query: str = ""
    file: str = ""
    path: str = ""
    rows_with: tuple[str, ...] = ()  # a row without a value in any of these columns is no row
    parent_column: str = ""  # of a nested list: the column that is equal in the row and its parent row


@dataclass(frozen=True, slots=True)
class SubjectMapping:
    given_name: FieldMapping
    family_name: FieldMapping
    birth_date: FieldMapping


@dataclass(frozen=True, slots=True)
class DatasetMapping:
    """Everything that makes a snapshot of a source's answer."""

    dataset: Dataset
    subject: SubjectMapping
    fields: Mapping[str, FieldMapping]
    lists: Mapping[str, ListMapping] = field(default_factory=dict)
    reference_moment: FieldMapping | None = None  # absent: the moment of asking
    no_data_without: tuple[str, ...] = ()  # lists; when all are empty the source has nothing on this person


@dataclass(frozen=True, slots=True)
class Record:
    """One row or object of a source, with the rows of its lists by our name of the list. Values stay out of repr.

    `tabular` says that every column is there in every row, so a mapped column that is not there is a fault of the source.
    """

    values: Mapping[str, object] = field(repr=False)
    lists: Mapping[str, tuple["Record", ...]] = field(default_factory=dict, repr=False)
    tabular: bool = True


def value_at(record: Record, column: str) -> object:
    """The value of a column, or at a dotted path in objects; None when there is none. Empty text is no value.

    Raises:
        SourceFailure: a table lacks the column.
    """
    if column in record.values:
        return _or_none(record.values[column])
    if record.tabular:
        raise SourceFailure("configuration", f"the source has no column {column}", place=column, retry_worthwhile=False)
    return _or_none(object_value(record.values, column))


def object_value(values: Mapping[str, object], path: str) -> object:
    """The value under this name, or at this dotted path; None when there is none."""
    if path in values:
        return values[path]
    node: object = values
    for step in path.split("."):
        node = node.get(step) if isinstance(node, Mapping) else None
    return node


def _or_none(value: object) -> object:
    if isinstance(value, str):
        return value.strip() or None
    return Decimal(repr(value)) if isinstance(value, float) else value
