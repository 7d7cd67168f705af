"""The data of a checked document as the page shows them: values in words per part, lists as tables; rendered by us from the JSON."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from blauweknop.catalogue.texts import sentence
from blauweknop.document.places import value_at
from blauweknop.document.values import format_value
from blauweknop.domain.dataset import Dataset, Field, FieldType
from blauweknop.domain.document import JsonValue
from blauweknop.domain.money import format_cents, format_euros

__all__ = ["ShownPart", "ShownTable", "shown_claims", "shown_parts"]

_OF_THE_CREDENTIAL = frozenset({"iss", "iat", "nbf", "exp", "vct", "vct#integrity"})  # what it says of itself

_NUMBERS = (FieldType.EUROCENT, FieldType.EURO, FieldType.DECIMAL2, FieldType.INTEGER, FieldType.RATIO)


@dataclass(frozen=True, slots=True)
class ShownTable:
    """A list of the data set: columns as (label, kind), cells as words; `total` is a row for the foot."""

    caption: str
    columns: tuple[tuple[str, str], ...]
    rows: tuple[tuple[str, ...], ...]
    total: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class ShownPart:
    """One part that the person chose."""

    title: str
    values: tuple[tuple[str, str], ...]
    tables: tuple[ShownTable, ...]


def shown_parts(content: Mapping[str, JsonValue], dataset: Dataset, language: str) -> tuple[ShownPart, ...]:
    """The chosen parts in the order of the data set."""
    data, selection = content["data"], content["selection"]
    parts = selection.get("parts") if isinstance(selection, dict) else None
    chosen = parts if isinstance(parts, list) else []
    return tuple(_part(data, dataset, part.id, part.title.in_language(language), language) for part in dataset.parts if part.id in chosen)


def shown_claims(claims: Mapping[str, JsonValue], dataset: Dataset, language: str) -> ShownPart:
    """The single values of a credential as wallets have it, as they are; a name that the data set knows is shown by its label."""
    labels = {field.path[0]: field.label.in_language(language) for field in dataset.fields if len(field.path) == 1}
    shown = {name: value for name, value in claims.items() if isinstance(value, str | int) and name not in _OF_THE_CREDENTIAL}
    values = tuple((labels.get(name, name), str(value)) for name, value in shown.items())
    return ShownPart(dataset.title.in_language(language), values, ())


def _part(data: JsonValue, dataset: Dataset, part_id: str, title: str, language: str) -> ShownPart:
    fields = tuple(dataset.fields_of(part_id))
    tables = (table for field in fields if field.type is FieldType.LIST for table in _tables(field, value_at(data, field.path), language))
    return ShownPart(title, _values(fields, data, language), tuple(tables))


def _values(fields: Sequence[Field], row: JsonValue, language: str) -> tuple[tuple[str, str], ...]:
    return tuple(
        (field.label.in_language(language), format_value(field, value, language))
        for field in fields
        if field.type is not FieldType.LIST and (value := value_at(row, field.path)) is not None
    )


def _tables(field: Field, value: JsonValue, language: str, prefix: str = "") -> Iterator[ShownTable]:
    """The list, and after it for each row the lists inside that row, which carry the first value of the row in their caption."""
    rows = value if isinstance(value, list) else []
    caption = f"{prefix}{field.label.in_language(language)}"
    columns = [column for column in field.fields if column.type is not FieldType.LIST]
    cells = tuple(tuple(_cell(column, row, language) for column in columns) for row in rows)
    kinds = tuple((column.label.in_language(language), "number" if column.type in _NUMBERS else "text") for column in columns)
    yield ShownTable(caption, kinds, cells, _total(columns, rows, language))
    for row, shown in zip(rows, cells, strict=True):
        for inner in field.fields:
            if inner.type is FieldType.LIST:
                yield from _tables(inner, value_at(row, inner.path), language, f"{shown[0]}: " if shown else "")


def _cell(column: Field, row: JsonValue, language: str) -> str:
    value = value_at(row, column.path)
    return "" if value is None else format_value(column, value, language)


def _total(columns: Sequence[Field], rows: Sequence[JsonValue], language: str) -> tuple[str, ...] | None:
    if not rows or not any(column.total for column in columns):
        return None
    cells = []
    for column in columns:
        values = [value for row in rows if isinstance(value := value_at(row, column.path), int)]
        shown = format_euros if column.type is FieldType.EURO else format_cents
        cells.append(shown(sum(values), language) if column.total else "")
    return tuple(cells) if columns[0].total else (sentence("letter.total", language), *cells[1:])
