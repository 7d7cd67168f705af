"""A document as it comes in: what passed the check, or what a person put there without a seal; and values read from it with their place."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from blauweknop.document.reduction import REDUCED
from blauweknop.domain.dates import AMSTERDAM, PartialDate
from blauweknop.domain.document import JsonValue
from blauweknop.domain.errors import MalformedValue
from blauweknop.domain.periods import Month
from blauweknop.insight.figures import Origin

__all__ = ["InsightDocument", "Place", "read_document"]


_OLD_DAYS = 90


@dataclass(frozen=True, slots=True)
class InsightDocument:
    """One document in a collection. `key` is the name by which whoever keeps it finds it again; it says nothing of a person."""

    key: str
    document_id: str  # of the source; the same for two copies of one document
    dataset: str
    version: int
    source_oin: str
    source_name: str
    reference: datetime  # peildatum, aware
    issued_at: datetime
    valid_until: date
    months: int | None  # how far back the person chose rows; None: all that the source has
    certified: bool
    reduced: bool  # its holder left things out: what is absent may well exist
    subject: Mapping[str, JsonValue] = field(repr=False)
    data: Mapping[str, JsonValue] = field(repr=False)

    @property
    def reference_day(self) -> date:
        return self.reference.astimezone(AMSTERDAM).date()

    @property
    def since(self) -> date:
        """The first day by which rows are in: of the month that lies the chosen number of months back (`document.period_rows`)."""
        return date.min if self.months is None else Month.of(self.reference_day).plus(-self.months).period.first

    def is_old_on(self, day: date) -> bool:
        """After 90 days, or when its validity ended."""
        return self.valid_until < day or (day - self.reference_day).days > _OLD_DAYS

    @property
    def root(self) -> "Place":
        return Place(self, "data", dict(self.data))


def read_document(key: str, content: Mapping[str, JsonValue], *, certified: bool = True) -> InsightDocument:
    """A document from `gegevens.json`; give the content of a `Verified`, and only for an own paper anything else.

    Raises:
        MalformedValue: the envelope is not that of a document.
    """
    match content:
        case {
            "document_id": str(document_id),
            "type": str(dataset),
            "version": int(version),
            "source": {"oin": str(oin), "name": str(name)},
            "saldo_datumtijd": str(reference),
            "issued_at": str(issued_at),
            "valid_until": str(valid_until),
            "data": dict(data),
        }:
            subject, selection = content.get("subject"), content.get("selection")
            months = selection.get("months") if isinstance(selection, dict) else None
            return InsightDocument(
                key=key,
                document_id=document_id,
                dataset=dataset,
                version=version,
                source_oin=oin,
                source_name=name,
                reference=_moment(reference, "saldo_datumtijd"),
                issued_at=_moment(issued_at, "issued_at"),
                valid_until=_day(valid_until, "valid_until"),
                months=months if isinstance(months, int) else None,
                certified=certified,
                reduced=REDUCED in content,
                subject=dict(subject) if isinstance(subject, dict) else {},
                data=data,
            )
    raise MalformedValue("expected the content of a document: its number, data set, source, dates and data")


@dataclass(frozen=True, slots=True)
class Place:
    """An object somewhere in the data of a document. Names may have dots; what is absent is None, never zero."""

    document: InsightDocument
    path: str
    value: JsonValue = field(repr=False)

    def _at(self, name: str) -> JsonValue:
        value = self.value
        if "." not in name:
            return value.get(name) if isinstance(value, dict) else None
        for step in name.split("."):
            value = value.get(step) if isinstance(value, dict) else None
        return value

    def rows(self, name: str) -> tuple["Place", ...]:
        value = self._at(name)
        rows = value if isinstance(value, list) else ()
        return tuple(Place(self.document, f"{self.path}.{name}[{index}]", row) for index, row in enumerate(rows))

    def origin(self, name: str) -> Origin:
        return Origin(self.document.key, self.document.dataset, f"{self.path}.{name}", self._at(name))

    def integer(self, name: str) -> int | None:
        """Cents, whole euros or a count. Raises: MalformedValue."""
        value = self._at(name)
        if value is None or (isinstance(value, int) and not isinstance(value, bool)):
            return value
        raise _wrong(name, "a whole number")

    def text(self, name: str) -> str | None:
        """Of a value with a description its code. Raises: MalformedValue."""
        value = self._at(name)
        if isinstance(value, dict) and "code" in value:
            value = value["code"]
        if value is None or isinstance(value, str):
            return value
        raise _wrong(name, "a text")

    def flag(self, name: str) -> bool | None:
        """Raises: MalformedValue."""
        value = self._at(name)
        if value is None or isinstance(value, bool):
            return value
        raise _wrong(name, "true or false")

    def day(self, name: str) -> date | None:
        """Raises: MalformedValue."""
        value = self.text(name)
        return None if value is None else _day(value, name)

    def moment(self, name: str) -> datetime | None:
        """Raises: MalformedValue."""
        value = self.text(name)
        return None if value is None else _moment(value, name)

    def month(self, name: str) -> Month | None:
        """Raises: MalformedValue."""
        value = self.text(name)
        return None if value is None else Month.parse(value)

    def decimal(self, name: str) -> Decimal | None:
        """A number that stands as text, such as hours and rates. Raises: MalformedValue."""
        value = self.text(name)
        try:
            number = None if value is None else Decimal(value)
        except InvalidOperation as error:
            raise _wrong(name, "a number") from error
        if number is not None and not number.is_finite():
            raise _wrong(name, "a number")
        return number

    def partial_date(self, name: str) -> PartialDate | None:
        """Raises: MalformedValue."""
        value = self._at(name)
        return None if value is None else PartialDate.parse_json(value)


def _day(text: str, name: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise _wrong(name, "a date") from error


def _moment(text: str, name: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise _wrong(name, "a moment with its zone") from error
    if moment.tzinfo is None:
        raise _wrong(name, "a moment with its zone")
    return moment


def _wrong(name: str, expected: str) -> MalformedValue:
    return MalformedValue(f"expected {expected} in {name}")
