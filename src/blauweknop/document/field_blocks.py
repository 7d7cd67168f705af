"""How the fields of a data set become blocks of a letter: values beside their labels, lists as tables, lists in lists under headings.

What can be known before the values are there is worked out once: each function here gives a function for the data of many letters.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from blauweknop.catalogue.texts import sentence
from blauweknop.document.blocks import Block, Heading, Paragraph, Rows, Table
from blauweknop.document.content import IN_INVESTIGATION
from blauweknop.document.places import value_at
from blauweknop.document.values import Printer, column_printer, value_printer
from blauweknop.domain.dataset import Field, FieldType
from blauweknop.domain.document import JsonValue
from blauweknop.domain.money import format_cents, format_euros

__all__ = ["BlockPrinter", "part_printer"]

BlockPrinter = Callable[[JsonValue], list[Block]]
"""From data to the blocks that say them."""

_NUMBERS = {FieldType.EUROCENT, FieldType.EURO, FieldType.DECIMAL2, FieldType.INTEGER, FieldType.RATIO}


def part_printer(fields: Sequence[Field], language: str, source: str, *, reduced: bool) -> BlockPrinter:
    """The blocks of one part: its single values, then its lists. `source` is the name of who has nothing on an empty list.

    In a `reduced` document that cannot be said of an empty list, and a total is not that of all rows.
    """
    rows = _rows_printer(fields, language)
    lists = [_list_printer(field, language, source, reduced) for field in fields if field.type is FieldType.LIST and field.on_paper]

    def print_part(data: JsonValue) -> list[Block]:
        pairs = rows(data)
        blocks: list[Block] = [Rows(pairs)] if pairs else []
        for print_list in lists:
            blocks += print_list(data)
        return blocks

    return print_part


@dataclass(frozen=True, slots=True)
class _Value:
    """One single value: where it stands, what it is called and how it reads; `doubt` is where the source says it is looking into it."""

    field: Field
    path: tuple[str, ...]
    label: str
    words: Printer
    doubt: tuple[str, ...] | None


def _values(fields: Sequence[Field], language: str) -> list[_Value]:
    known = {field.path for field in fields}
    shown = [field for field in fields if field.type is not FieldType.LIST and field.on_paper]
    doubts = [(*field.path[:-1], IN_INVESTIGATION, field.path[-1]) for field in shown]
    return [
        _Value(field, field.path, field.label.in_language(language), value_printer(field, language), doubt if doubt in known else None)
        for field, doubt in zip(shown, doubts, strict=True)
    ]


def _rows_printer(fields: Sequence[Field], language: str) -> Callable[[JsonValue], tuple[tuple[str, str], ...]]:
    """Label and words of each single value, also of one that is absent."""
    values = _values(fields, language)
    in_doubt = f" {sentence('letter.in_investigation', language)}"

    def print_value(value: _Value, data: JsonValue) -> str:
        words = value.words(value_at(data, value.path))
        return words + in_doubt if value.doubt and value_at(data, value.doubt) is True else words

    return lambda data: tuple([(value.label, print_value(value, data)) for value in values])


def _list_printer(field: Field, language: str, source: str, reduced: bool) -> BlockPrinter:
    """A table; of a list whose rows hold lists, for each row a heading with its first value, its other values, and those lists."""
    lists = [inner for inner in field.fields if inner.type is FieldType.LIST and inner.on_paper]
    nested = [_list_printer(inner, language, source, reduced) for inner in lists]
    empty = sentence("reduced.nothing", language) if reduced else sentence("letter.nothing", language, source=source)
    nothing = Paragraph(f"{field.label.in_language(language)}: {empty}")
    table = _table_printer(field, language, "reduced.total" if reduced else "letter.total")
    of_row = _rows_printer(field.fields, language)
    path = field.path

    def print_list(data: JsonValue) -> list[Block]:
        rows = value_at(data, path)
        if not isinstance(rows, list) or not rows:
            return [nothing]
        if not nested:
            return [table(rows)]
        blocks: list[Block] = []
        for row in rows:
            title, *others = of_row(row)
            blocks.append(Heading(3, title[1]))
            if others:
                blocks.append(Rows(tuple(others)))
            for print_inner in nested:
                blocks += print_inner(row)
        return blocks

    return print_list


def _table_printer(field: Field, language: str, total_key: str) -> Callable[[list[JsonValue]], Table]:
    columns = _values(field.fields, language)
    printers = [column_printer(column.field, language) for column in columns]
    doubts = [(place, column.doubt) for place, column in enumerate(columns) if column.doubt]
    caption, header = field.label.in_language(language), tuple([column.label for column in columns])
    numbers = tuple([column.field.type in _NUMBERS for column in columns])
    totals = [(format_euros if column.field.type is FieldType.EURO else format_cents) if column.field.total else None for column in columns]
    total_label = "" if not totals or totals[0] else sentence(total_key, language)
    in_doubt = f" {sentence('letter.in_investigation', language)}"

    def print_table(rows: list[JsonValue]) -> Table:
        found = [_column(column.path, rows) for column in columns]
        cells = [print_column(values) for print_column, values in zip(printers, found, strict=True)]
        for place, doubt in doubts:
            marks = _column(doubt, rows)
            cells[place] = [cell + in_doubt if mark is True else cell for cell, mark in zip(cells[place], marks, strict=True)]
        total = None
        if any(totals):
            sums = [_sum(amount, values, language) for amount, values in zip(totals, found, strict=True)]
            total = (total_label or sums[0], *sums[1:])
        return Table(caption, header, tuple(zip(*cells, strict=True)), numbers, total)

    return print_table


def _column(path: tuple[str, ...], rows: list[JsonValue]) -> list[JsonValue]:
    """The values of one field in all rows."""
    if len(path) > 1:
        return [value_at(row, path) for row in rows]
    name = path[0]
    try:
        return [row.get(name) for row in rows]  # type: ignore[union-attr] # rows are objects; of what is none, see below
    except AttributeError:
        return [value_at(row, path) for row in rows]


def _sum(amount: Callable[[int, str], str] | None, values: list[JsonValue], language: str) -> str:
    return "" if amount is None else amount(sum([value for value in values if isinstance(value, int)]), language)
