"""What a data set is: the fields a source can certify, in parts a person can choose. Instances come from the catalogue's files."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from blauweknop.domain.document import JsonValue
from blauweknop.domain.texts import Text

__all__ = ["AssuranceLevel", "Condition", "Dataset", "Field", "FieldType", "LegalBasis", "Objection", "Part", "PeriodChoice", "Refusal"]


class FieldType(StrEnum):
    """How a value looks in JSON and on paper."""

    TEXT = "text"
    INTEGER = "integer"
    EUROCENT = "eurocent"  # integer cents, shown as money
    EURO = "euro"  # integer whole euros (WOZ, Haal Centraal), shown as money without cents
    DECIMAL2 = "decimal2"  # string with exactly two decimals, "-173.33"
    RATIO = "ratio"  # string with four decimals, "0.0257", shown as a percentage
    BOOLEAN = "boolean"
    DATE = "date"  # YYYY-MM-DD
    PARTIAL_DATE = "partial_date"  # Haal Centraal object
    DATETIME = "datetime"  # RFC 3339 with zone
    YEAR = "year"  # integer
    YEAR_MONTH = "year_month"  # YYYY-MM
    CODE = "code"  # one of `codes`
    CODE_TABLE = "code_table"  # Haal Centraal waardetabel: {"code", "omschrijving"}
    URL = "url"
    LIST = "list"  # rows, each an object of `fields`


class AssuranceLevel(StrEnum):
    """eIDAS level a login needs (PROTOCOL 8.3); DigiD Midden is low, Substantieel is substantial."""

    LOW = "low"
    SUBSTANTIAL = "substantial"
    HIGH = "high"

    @property
    def rank(self) -> int:
        return ("low", "substantial", "high").index(self.value)

    @property
    def acr(self) -> str:
        """The value asked for and checked in OpenID Connect (OIDC NL GOV 1.0.1)."""
        return f"http://eidas.europa.eu/LoA/{self.value}"


@dataclass(frozen=True, slots=True)
class Field:
    """One value of a data set.

    `name` may have dots: `verblijfplaats.postcode` is member `postcode` of object `verblijfplaats`.
    """

    name: str
    type: FieldType
    part: str  # id of the Part it is chosen with; rows inherit the part of their list
    label: Text
    required: bool = False
    help: Text | None = None
    codes: Mapping[str, Text] | None = None
    fields: tuple["Field", ...] = ()  # of the rows, when type is LIST
    unit: Text | None = None
    pattern: str | None = None  # for TEXT
    sensitive: bool = False
    total: bool = False  # of a money column: the table ends with its sum
    on_paper: bool = True  # technical keys stay in the data only

    @property
    def path(self) -> tuple[str, ...]:
        return tuple(self.name.split("."))


@dataclass(frozen=True, slots=True)
class Part:
    """A group of fields that a person takes or leaves as one."""

    id: str
    title: Text
    about: Text
    required: bool = False  # a document without it would mean nothing
    preselected: bool = True


@dataclass(frozen=True, slots=True)
class PeriodChoice:
    """How far back rows go: rows whose `date_field` lies before the chosen number of months are left out."""

    list: str  # path of the list, `inkomstenverhoudingen.loonitems` for a list in rows of a list
    date_field: str
    months: tuple[int, ...]
    preselected: int


@dataclass(frozen=True, slots=True)
class LegalBasis:
    description: Text
    url: str


@dataclass(frozen=True, slots=True)
class Objection:
    """Where and until when a person can object (rechtsmiddel)."""

    kind: str  # bezwaar | beroep | verzet | geen
    about: Text
    url: str
    weeks: int | None = None


@dataclass(frozen=True, slots=True)
class Condition:
    """A value in the data that means something for the whole document."""

    field: str  # the name of a field; with dots for a value in an object
    equals: tuple[str, ...] | None = None  # None: any value present

    def holds(self, data: Mapping[str, JsonValue]) -> bool:
        """Whether the data of a document are so. Of a value with a description its code counts; a boolean reads as true or false."""
        value: JsonValue = dict(data)
        for step in self.field.split("."):
            value = value.get(step) if isinstance(value, dict) else None
        if isinstance(value, dict) and "code" in value:
            value = value["code"]
        if self.equals is None:
            return value is not None and value is not False
        return (str(value).lower() if isinstance(value, bool) else value) in self.equals


@dataclass(frozen=True, slots=True)
class Refusal:
    """When this holds no document is made, and the person gets the reason."""

    when: Condition
    code: str
    message: Text


@dataclass(frozen=True, slots=True)
class Dataset:
    """Everything the scheme knows of one kind of document, from its catalogue file."""

    id: str  # `duo.studieschuld`
    version: int
    title: Text
    about: Text  # what it is good for, one or two sentences
    source_kinds: tuple[str, ...]  # which kind of source has it: duo, uwv, cak, gemeente
    level: AssuranceLevel
    validity_days: int
    letter_intro: Text
    letter_explanation: Text
    not_included: tuple[Text, ...]
    parts: tuple[Part, ...]
    fields: tuple[Field, ...]
    legal_basis: tuple[LegalBasis, ...]
    objection: Objection
    correction: Text
    period: PeriodChoice | None = None
    refusals: tuple[Refusal, ...] = ()
    family: str | None = None  # "fcid" for financial obligations of any organisation

    @property
    def type_uri(self) -> str:
        """`document_type` of the envelope; pattern of the municipal rulebook (dictionary S-ARC)."""
        return f"urn:eudi:nl:blauweknop:{self.id.replace('.', ':')}:v{self.version}"

    @property
    def doctype(self) -> str:
        """The docType of its mobile documents, and the one namespace in them (PROTOCOL 3)."""
        return f"org.blauweknop.{self.id}.{self.version}"

    def part(self, part_id: str) -> Part:
        return next(part for part in self.parts if part.id == part_id)

    def fields_of(self, part_id: str) -> Iterator[Field]:
        return (field for field in self.fields if field.part == part_id)
