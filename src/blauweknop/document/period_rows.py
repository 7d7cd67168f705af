"""Which rows of a list fall in the period that a person chose: those from the first day of a month some months back."""

from collections.abc import Sequence
from datetime import date, datetime

from blauweknop.document.places import put_at, value_at
from blauweknop.domain.dataset import Dataset, Field, FieldType
from blauweknop.domain.dates import AMSTERDAM
from blauweknop.domain.document import JsonValue, Selection
from blauweknop.domain.errors import MalformedValue
from blauweknop.domain.periods import Month

__all__ = ["rows_in_period"]


def rows_in_period(field: Field, rows: Sequence[JsonValue], selection: Selection, dataset: Dataset, reference: datetime) -> list[JsonValue]:
    """The rows from the first day of the month that lies the chosen number of months before the reference date.

    Raises:
        MalformedValue: a row has no readable date.
    """
    period = dataset.period
    if period is None or selection.months is None or not f"{period.list}.".startswith(f"{field.name}."):
        return list(rows)
    since = Month.of(reference.astimezone(AMSTERDAM).date()).plus(-selection.months).period.first
    if period.list == field.name:
        dated = _dated(field, period.date_field)
        return [row for row in rows if _day(dated, row) >= since]
    inner = next(nested for nested in field.fields if f"{field.name}.{nested.name}" == period.list)
    dated = _dated(inner, period.date_field)
    kept: list[JsonValue] = []
    for row in rows:
        nested_rows = value_at(row, inner.path)
        inside = [item for item in nested_rows if _day(dated, item) >= since] if isinstance(nested_rows, list) else []
        if inside and isinstance(row, dict):
            copy = dict(row)
            put_at(copy, inner.path, list(inside))
            kept.append(copy)
    return kept


def _dated(field: Field, name: str) -> Field:
    return next(column for column in field.fields if column.name == name)


def _day(field: Field, row: JsonValue) -> date:
    """The day by which a row falls in a period, as Dutch calendars have it; of a month its first day."""
    value = value_at(row, field.path)
    try:
        match field.type, value:
            case FieldType.DATE, str(day):
                return date.fromisoformat(day)
            case FieldType.DATETIME, str(text) if (moment := datetime.fromisoformat(text)).tzinfo is not None:
                return moment.astimezone(AMSTERDAM).date()
            case FieldType.YEAR_MONTH, str(month):
                return Month.parse(month).period.first
    except (ValueError, MalformedValue) as error:
        raise _undated(field) from error
    raise _undated(field)


def _undated(field: Field) -> MalformedValue:
    return MalformedValue(f"expected a date in {field.name}, by which rows are kept or left out")
