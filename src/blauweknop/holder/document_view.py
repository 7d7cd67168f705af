"""A document on screen: its data in words, each value with the place that figures and corrections point at.

The anchor of `data.inkomstenverhoudingen[0].loonitems[3].sv_loon` is `data.inkomstenverhoudingen.0.loonitems.3.sv_loon`, the name that
this value has in the CSV of the document as well; a row of a list has an anchor too.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from blauweknop.catalogue import Catalogue
from blauweknop.catalogue.texts import sentence
from blauweknop.document.places import value_at
from blauweknop.document.values import format_value
from blauweknop.domain.dataset import Dataset, Field, FieldType
from blauweknop.domain.document import JsonValue
from blauweknop.domain.money import format_cents, format_euros

__all__ = [
    "ShownPart",
    "ShownRow",
    "ShownTable",
    "ShownValue",
    "anchor_of",
    "label_of",
    "member_name",
    "shown_parts",
    "title_and_source",
    "title_of",
    "values_at",
]

_NUMBERS = (FieldType.EUROCENT, FieldType.EURO, FieldType.DECIMAL2, FieldType.INTEGER, FieldType.RATIO)


@dataclass(frozen=True, slots=True)
class ShownValue:
    """One value in words; `anchor` is its place in the page."""

    anchor: str
    label: str
    words: str = field(repr=False)
    is_number: bool = False


@dataclass(frozen=True, slots=True)
class ShownRow:
    """A row of a list; of a value that is absent the words are empty."""

    anchor: str
    values: tuple[ShownValue, ...]


@dataclass(frozen=True, slots=True)
class ShownTable:
    """A list of the data set; `total` are the cells of its foot."""

    caption: str = field(repr=False)
    columns: tuple[tuple[str, bool], ...]
    rows: tuple[ShownRow, ...]
    total: tuple[str, ...] | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class ShownPart:
    """The values of one part that are there."""

    title: str
    values: tuple[ShownValue, ...]
    tables: tuple[ShownTable, ...]


def title_of(dataset: str, catalogue: Catalogue, language: str) -> str:
    """What a data set is called; its id when the catalogue does not know it."""
    known = catalogue.datasets.get(dataset)
    return known.title.in_language(language) if known else dataset


def title_and_source(dataset: str, source: str, catalogue: Catalogue, language: str) -> str:
    """What a document is called among others: in the log, and when it was removed."""
    return f"{title_of(dataset, catalogue, language)}, {source}"


def anchor_of(path: str) -> str:
    """The place in the page of a value with this path."""
    return path.replace("[", ".").replace("]", "")


def shown_parts(data: Mapping[str, JsonValue], dataset: Dataset, language: str) -> tuple[ShownPart, ...]:
    """The parts that are in the document, in the order of the data set."""
    found = (_part(data, dataset, part.id, part.title.in_language(language), language) for part in dataset.parts)
    return tuple(part for part in found if part.values or part.tables)


def values_at(parts: Sequence[ShownPart], anchor: str) -> tuple[ShownValue, ...]:
    """The value at a place, or those of the row at a place; none when there is nothing."""
    for part in parts:
        rows = [row for table in part.tables for row in table.rows]
        for row in rows:
            if row.anchor == anchor:
                return tuple(value for value in row.values if value.words)
        for value in (*part.values, *(value for row in rows for value in row.values)):
            if value.anchor == anchor and value.words:
                return (value,)
    return ()


def label_of(dataset: Dataset, name: str, language: str) -> str | None:
    """What the field with this name is called; the name of a field in rows begins with that of its list. None: there is no such field."""
    return _label(dataset.fields, name, language)


def member_name(dataset: Dataset, name: str, language: str) -> str:
    """What a member of the data is called: as its field, or where it holds more fields as the part that these are in."""
    found = label_of(dataset, name, language)
    if found is not None:
        return found
    parts = (part for part in dataset.parts if any(field.path[:1] == (name,) for field in dataset.fields_of(part.id)))
    return next((part.title.in_language(language) for part in parts), name)


def _label(fields: Sequence[Field], name: str, language: str) -> str | None:
    for each in fields:
        if each.name == name:
            return each.label.in_language(language)
        if each.type is FieldType.LIST and name.startswith(f"{each.name}."):
            return _label(each.fields, name.removeprefix(f"{each.name}."), language)
    return None


def _part(data: Mapping[str, JsonValue], dataset: Dataset, part_id: str, title: str, language: str) -> ShownPart:
    fields = tuple(dataset.fields_of(part_id))
    single = tuple(_value("data", each, data, language) for each in fields if each.type is not FieldType.LIST)
    lists = [each for each in fields if each.type is FieldType.LIST and value_at(data, each.path)]
    tables = tuple(table for each in lists for table in _tables("data", each, value_at(data, each.path), language))
    return ShownPart(title, tuple(value for value in single if value.words), tables)


def _value(place: str, of: Field, row: JsonValue | Mapping[str, JsonValue], language: str) -> ShownValue:
    value = value_at(row, of.path)
    words = "" if value is None else format_value(of, value, language)
    return ShownValue(anchor_of(f"{place}.{of.name}"), of.label.in_language(language), words, of.type in _NUMBERS)


def _tables(place: str, of: Field, value: JsonValue, language: str, prefix: str = "") -> Iterator[ShownTable]:
    """The list, and after it for each row the lists inside that row, which carry the first value of the row in their caption."""
    rows = value if isinstance(value, list) else []
    columns = [column for column in of.fields if _is_shown(column, rows)]
    places = [f"{place}.{of.name}[{index}]" for index in range(len(rows))]
    shown = tuple(
        ShownRow(anchor_of(where), tuple(_value(where, column, row, language) for column in columns))
        for where, row in zip(places, rows, strict=True)
    )
    heads = tuple((column.label.in_language(language), column.type in _NUMBERS) for column in columns)
    yield ShownTable(f"{prefix}{of.label.in_language(language)}", heads, shown, _total(columns, rows, language))
    for where, row, drawn in zip(places, rows, shown, strict=True):
        for inner in of.fields:
            if inner.type is FieldType.LIST and (nested := value_at(row, inner.path)):
                yield from _tables(where, inner, nested, language, f"{drawn.values[0].words}: " if drawn.values else "")


def _is_shown(column: Field, rows: Sequence[JsonValue]) -> bool:
    """A column with nothing in it would only take room."""
    return column.type is not FieldType.LIST and any(value_at(row, column.path) is not None for row in rows)


def _total(columns: Sequence[Field], rows: Sequence[JsonValue], language: str) -> tuple[str, ...] | None:
    if not rows or not any(column.total for column in columns):
        return None
    cells = []
    for column in columns:
        values = [value for row in rows if isinstance(value := value_at(row, column.path), int)]
        shown = format_euros if column.type is FieldType.EURO else format_cents
        cells.append(shown(sum(values), language) if column.total else "")
    return tuple(cells) if columns[0].total else (sentence("letter.total", language), *cells[1:])
