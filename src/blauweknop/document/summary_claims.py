"""What a wallet credential says of a snapshot: the claims of a summary, worked out by their rules. What is not sure is absent.

This stands in `document`, above `catalogue`, where all that is said of a person is composed from a snapshot: the same values then go into
an SD-JWT VC and an mdoc. What a value may mean is with each rule in `domain.summary`.
"""

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import assert_never

from blauweknop.document.content import IN_INVESTIGATION
from blauweknop.document.places import value_at
from blauweknop.domain.dataset import Dataset, Field, FieldType
from blauweknop.domain.dates import AMSTERDAM, PartialDate
from blauweknop.domain.document import JsonValue, Snapshot, SourceIdentity
from blauweknop.domain.errors import BlauweKnopError, MalformedValue
from blauweknop.domain.periods import Month
from blauweknop.domain.summary import (
    AgeAtLeast,
    AtLeast,
    Bracket,
    Count,
    Given,
    GivenName,
    Latest,
    Only,
    Rule,
    Summary,
    Total,
    Value,
    YearOf,
    YearTotal,
    bracket_word,
    column_of,
)

__all__ = ["ClaimValue", "NoSummary", "claims_of"]

ClaimValue = bool | int | str | date

_CURRENCY = "EUR"
_MOST = 2**53 - 1  # what every reader of JSON keeps exactly


class NoSummary(BlauweKnopError):
    """No credential can say this: another data set, no number where it was asked for, or a number that is too large."""


def claims_of(snapshot: Snapshot, summary: Summary, source: SourceIdentity, *, with_bsn: bool = False) -> dict[str, ClaimValue]:
    """The claims that a credential has, by name, in the order of the summary; the burgerservicenummer only when the person chose it.

    Raises:
        NoSummary: see there.
        MalformedValue: a value is not in the form of its field.
    """
    if snapshot.dataset_id != summary.dataset.id:
        raise NoSummary("expected a snapshot of the data set that the summary is of")
    if with_bsn and (snapshot.subject.bsn is None or GivenName.BSN not in summary.kinds):
        raise NoSummary("the source did not give the burgerservicenummer that was asked for")
    work = _Working(snapshot, summary.dataset, source)
    claims: dict[str, ClaimValue] = {}
    for claim in summary.claims:
        if claim.rule == Given(GivenName.BSN) and not with_bsn:
            continue
        value = work.value(claim.rule, claims)
        if value is None:
            if claim.always:
                raise MalformedValue(f"expected a value for {claim.name}, which every credential has")
            continue
        if isinstance(value, int) and abs(value) > _MOST:
            raise NoSummary(f"the value of {claim.name} is too large for a credential")
        claims[claim.name] = unicodedata.normalize("NFC", value) if isinstance(value, str) else value
    return claims


class _Working:
    """One snapshot, while its claims are worked out."""

    def __init__(self, snapshot: Snapshot, dataset: Dataset, source: SourceIdentity) -> None:
        self._data = snapshot.data
        self._subject = snapshot.subject
        self._fields = dataset.fields
        self._columns: dict[str, Field | None] = {}  # by path: rows ask for the same again and again
        self._read: dict[tuple[str, str], list[ClaimValue | None] | None] = {}  # by list and column: several claims are about the same
        self._source = source
        self._day = snapshot.reference_moment.astimezone(AMSTERDAM).date()

    def value(self, rule: Rule, claims: Mapping[str, ClaimValue]) -> ClaimValue | None:
        """By its rule, from the data and the claims before it; None when it is absent."""
        match rule:
            case Given(name):
                return self._given(name)
            case Value(path):
                return None if _investigated(self._data, path) else self._said(path, value_at(self._data, path.split(".")))
            case Only(path, column):
                values = self._column(path, column)
                return values[0] if values is not None and len(values) == 1 else None
            case Count(path):
                rows = self._rows(path)
                return None if rows is None else len(rows)
            case Total(path, column):
                return self._total(path, column)
            case Latest(path, by, column):
                return self._latest(path, by, column)
            case YearTotal():
                return self._year_total(rule)
            case YearOf(claim):
                return self._day.year - 1 if claim in claims else None
            case AtLeast(claim, cents):
                return None if claim not in claims else _amount(claims[claim]) >= cents
            case Bracket(claim, cents):
                return None if claim not in claims else bracket_word(_amount(claims[claim]), cents)
            case AgeAtLeast(path, years):
                return self._age(path, years)
        assert_never(rule)

    def _given(self, name: GivenName) -> ClaimValue | None:
        match name:
            case GivenName.GIVEN_NAME:
                return self._subject.given_name
            case GivenName.FAMILY_NAME:
                return self._subject.family_name
            case GivenName.BIRTH_DATE:
                return _whole(self._subject.birth_date)
            case GivenName.BSN:
                return self._subject.bsn.digits if self._subject.bsn else None
            case GivenName.REFERENCE_DATE:
                return self._day
            case GivenName.SOURCE_NAME:
                return self._source.name
            case GivenName.CURRENCY:
                return _CURRENCY
        assert_never(name)

    def _said(self, path: str, value: JsonValue) -> ClaimValue | None:
        if path not in self._columns:
            self._columns[path] = column_of(self._fields, path)
        field = self._columns[path]
        return None if field is None or value is None else _single(field, value)

    def _rows(self, path: str) -> list[JsonValue] | None:
        """All rows of a list, also of one in rows; None when it, or one that it stands in, is not there."""
        found: Sequence[JsonValue] = [dict(self._data)]
        fields = self._fields
        rest = path
        while rest:
            field = next(field for field in fields if field.name == rest or rest.startswith(f"{field.name}."))
            lists = [value_at(row, field.path) for row in found]
            if not all(isinstance(rows, list) for rows in lists):
                return None
            found = [row for rows in lists if isinstance(rows, list) for row in rows]
            fields, rest = field.fields, rest.removeprefix(field.name).removeprefix(".")
        return list(found)

    def _column(self, path: str, column: str) -> list[ClaimValue | None] | None:
        place = (path, column)
        if place not in self._read:
            rows = self._rows(path)
            self._read[place] = None if rows is None else [self._cell(path, column, row) for row in rows]
        return self._read[place]

    def _cell(self, path: str, column: str, row: JsonValue) -> ClaimValue | None:
        if isinstance(row, dict) and _investigated(row, column):
            return None
        return self._said(f"{path}.{column}", value_at(row, column.split(".")))

    def _total(self, path: str, column: str) -> int | None:
        values = self._column(path, column)
        return None if values is None else sum(_amount(value) for value in values)

    def _latest(self, path: str, by: str, column: str) -> ClaimValue | None:
        days = [_day(day) for day in self._column(path, by) or ()]
        last = max(days, default=None)
        said = {value for day, value in zip(days, self._column(path, column) or (), strict=True) if day == last}
        return said.pop() if len(said) == 1 else None

    def _year_total(self, rule: YearTotal) -> int | None:
        year = self._day.year - 1
        total, reported = 0, set[date]()
        begun, ended = (self._column(rule.list, name) or () for name in (rule.first, rule.last))
        for row, begin, end in zip(self._rows(rule.list) or (), begun, ended, strict=True):
            first, last = _day(begin), _day(end)
            if last < first:
                raise MalformedValue("expected a period whose last day is not before its first")
            if last.year < year or first.year > year:
                continue
            if first.year < year or last.year > year:
                return None
            amount = _amount(self._cell(rule.list, rule.column, row))
            total += amount
            if amount >= 0:
                reported.update(_days(first, last))
        return total if len(reported) == (date(year + 1, 1, 1) - date(year, 1, 1)).days else None

    def _age(self, path: str, years: int) -> bool | None:
        value = value_at(self._data, path.split("."))
        if value is None or _investigated(self._data, path):
            return None
        born = PartialDate.parse_register(value.replace("-", "")) if isinstance(value, str) else PartialDate.parse_json(value)
        if born.year is None:
            return None
        last_month = Month(born.year, born.month or 12)
        youngest = _is_so_old(born.year, last_month.number, born.day or last_month.period.last.day, years, self._day)
        oldest = _is_so_old(born.year, born.month or 1, born.day or 1, years, self._day)
        return oldest if oldest == youngest else None


def _is_so_old(year: int, month: int, day: int, years: int, at: date) -> bool:
    # Compared as numbers: a month may have fewer days, and 29 February comes after the 28th in every year.
    return (at.year - years, at.month, at.day) >= (year, month, day)


def _single(field: Field, value: JsonValue) -> ClaimValue | None:
    """The value of a field as a claim; a date of which a part is unknown is None.

    Raises:
        MalformedValue: another form than that of the field.
    """
    match field.type, value:
        case FieldType.PARTIAL_DATE, dict():
            return _whole(PartialDate.parse_json(value))
        case FieldType.CODE_TABLE, {"omschrijving": str(words)}:
            return words
        case FieldType.BOOLEAN, bool():
            return value
        case ((FieldType.EUROCENT | FieldType.INTEGER | FieldType.YEAR), int()) if not isinstance(value, bool):
            return value
        case FieldType.EURO, int() if not isinstance(value, bool):
            return value * 100
        case FieldType.DATE, str():
            return _read_day(value)
        case FieldType.DATETIME, str():
            return _read_moment(value).astimezone(AMSTERDAM).date()
        case ((FieldType.TEXT | FieldType.URL | FieldType.CODE | FieldType.DECIMAL2 | FieldType.RATIO | FieldType.YEAR_MONTH), str()):
            return value
    raise MalformedValue(f"expected {field.name} in the form of its field")


def _read_day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise MalformedValue("expected a date as YYYY-MM-DD") from error


def _read_moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise MalformedValue("expected a moment as in RFC 3339") from error
    if moment.tzinfo is None:
        raise MalformedValue("expected a moment with its zone")
    return moment


def _whole(day: PartialDate) -> date | None:
    return date(day.year, day.month, day.day) if day.year and day.month and day.day else None


def _investigated(data: JsonValue | Mapping[str, JsonValue], path: str) -> bool:
    """Whether the value, or an object that it is in, is looked into: an indication cannot travel along when each claim is kept apart."""
    return any(value_at(data, place) is True for place in _indications(path))


@lru_cache(maxsize=1024)  # paths are of the catalogue
def _indications(path: str) -> tuple[tuple[str, ...], ...]:
    """Where it would stand that the value at a path is looked into."""
    steps = path.split(".")
    splits = range(len(steps))
    return tuple((*steps[:split], IN_INVESTIGATION, *steps[split:until]) for split in splits for until in range(split, len(steps) + 1))


def _amount(value: ClaimValue | None) -> int:
    if not isinstance(value, int):
        raise MalformedValue("expected an amount")
    return value


def _day(value: ClaimValue | None) -> date:
    if not isinstance(value, date):
        raise MalformedValue("expected a date")
    return value


def _days(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=number) for number in range((last - first).days + 1))
