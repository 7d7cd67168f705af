"""Takes a letter apart into its shape and its values.

The shape is everything that decides where things stand: which blocks, which fixed words, how many rows, how many lines each value takes.
Two letters of one shape differ in nothing but the texts in their slots. Whatever could make the layout another one is either part of the
shape or refused here (`None`); a refused letter takes the truth path.
"""

import re
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field, replace

from blauweknop.document.blocks import Block, Heading, Letter, Listing, Outcome, Paragraph, Rows, Table
from blauweknop.document.columns import PAGE_ROOM, Cells, Columns, measure
from blauweknop.document.value_fonts import ValueFont, ValueFonts

__all__ = ["Room", "Slots", "read_slots", "right_numbers", "rooms", "with_marks"]

_VALUE_SIZE, _HEADING_SIZE, _MARGIN_SIZE = 10.0, 10.5, 8.5  # points, as in layout/letter.typ
_VALUE_ROOM = PAGE_ROOM - 60 * 72 / 25.4
_FOOTER_ROOM, _HEADER_ROOM = 320.0, 300.0
_SPARE = 0.1  # points; nearer to the edge than this we do not judge whether a text fits
_MOST_LINES = 8
_VALUE_HEADING = 3
_SIMPLE_WORD = r"\(?'?[^\W_]+(?:(?:[.,'&+:;]|(?<=[^\W\d_])-(?=[^\W\d_]))[^\W_]+)*[.,;:]?\)?[.,;:]?"
_SIMPLE = re.compile(rf"{_SIMPLE_WORD}(?: {_SIMPLE_WORD})*")
"""Words in which a line can break at spaces and hyphens only (Unicode annex 14): letters and digits, points, commas or quotes between
them, a hyphen between letters, a quote in front, brackets around them."""
_UNBROKEN = re.compile(r"[^ -]+[ -]?")

Lines = list[str]


@dataclass(frozen=True, slots=True)
class Slots:
    """The shape of a letter as a key, and the line or lines of each value, in the order of the letter; then its header and footers.

    `margins` is the number of the header among the texts, `headings` are those of the headings that are values. `rights` are the widths, in
    thousandths of the font size, of the texts that are set to the right, in the order of `right_numbers`.
    """

    key: Hashable
    columns: tuple[Columns, ...]
    texts: Lines = field(repr=False)
    margins: int
    headings: list[int]
    rights: list[float] = field(repr=False)


class _Refused(Exception):
    """The letter has something that a shape cannot hold for certain."""


@dataclass(slots=True)
class _Reading:
    """What was read of a letter so far."""

    fonts: ValueFonts
    texts: Lines
    headings: list[int]
    rights: list[float]
    columns: list[Columns]


def read_slots(letter: Letter, fonts: ValueFonts) -> Slots | None:
    """The shape and the values; None when the letter is not one of a shape."""
    reading = _Reading(fonts, [], [], [], [])
    texts = reading.texts
    try:
        keys = [_read_block(block, reading) for block in letter.blocks]
        margins = len(texts)
        reading.rights.append(_add_one_line(letter.header, fonts.regular, _MARGIN_SIZE, _HEADER_ROOM, texts))
        for footer in letter.footer:
            _add_one_line(footer, fonts.regular, _MARGIN_SIZE, _FOOTER_ROOM, texts)
    except _Refused:
        return None
    key = (letter.title, letter.language, letter.sender, len(letter.footer), tuple(keys))
    return Slots(key, tuple(reading.columns), texts, margins, reading.headings, reading.rights)


def _read_block(block: Block, reading: _Reading) -> Hashable:
    if isinstance(block, Table):
        return _read_table(block, reading)
    if isinstance(block, Rows):
        return _read_rows(block, reading)
    if isinstance(block, Heading) and block.level == _VALUE_HEADING:
        reading.headings.append(len(reading.texts))
        _add_one_line(block.text, reading.fonts.bold, _HEADING_SIZE, PAGE_ROOM, reading.texts)
        return _VALUE_HEADING
    if isinstance(block, Heading | Paragraph):
        return (type(block), block.text)
    if isinstance(block, Outcome):
        raise _Refused  # only in reports of checks, of which no two are alike
    return (Listing, block.items) if isinstance(block, Listing) else (block.title, block.paragraphs)


def _read_rows(rows: Rows, reading: _Reading) -> Hashable:
    labels, values = zip(*rows.rows, strict=True)
    font, texts = reading.fonts.regular, reading.texts
    widths = font.text_widths(values)
    if None in widths:
        raise _Refused
    if all(widths) and max([width or 0.0 for width in widths]) <= (_VALUE_ROOM - _SPARE) * 1000 / _VALUE_SIZE:
        texts += values
        return labels
    return (labels, tuple([_add(value, font, _VALUE_SIZE, _VALUE_ROOM, texts) for value in values]))


def _read_table(table: Table, reading: _Reading) -> Hashable:
    measured = measure(table, reading.fonts)
    columns = measured.columns
    if columns.widths is None or None in measured.totals:
        raise _Refused
    reading.columns.append(columns)
    texts = reading.texts
    forms = [_column_form(cells, columns, place) for place, cells in enumerate(measured.cells)]
    counts: Hashable = (len(table.rows), *forms)
    if None in forms:
        font = reading.fonts.regular
        counts = tuple([_add_cell(place, cell, table, columns, font, texts) for row in table.rows for place, cell in enumerate(row)])
    elif 0 in forms:
        texts += [cell for row in table.rows for cell in row if cell]
    else:
        texts += [cell for row in table.rows for cell in row]
    for number, cells in zip(table.numbers, measured.cells, strict=True):
        if number:
            reading.rights += [width for width in cells.widths if width]
    totals = None
    if table.total is not None:
        font = reading.fonts.bold
        totals = tuple([_add_cell(place, cell, table, columns, font, texts) for place, cell in enumerate(table.total)])
        reading.rights += [width for width, number in zip(measured.totals, table.numbers, strict=True) if number and width]
    return (table.caption, table.header, table.numbers, columns.widths, counts, totals)


def _column_form(cells: Cells, columns: Columns, place: int) -> int | None:
    """How many lines each cell of a column has, 1 or 0; None when that must be found out cell by cell."""
    if cells.narrowest is None:
        raise _Refused
    if cells.widest == 0:
        return 0
    if cells.narrowest == 0:
        return None
    # A column without a share was made as wide as its widest cell.
    return 1 if not columns.shares[place] or cells.widest <= columns.rooms[place] - _SPARE * 1000 / columns.size else None


def _add_cell(place: int, cell: str, table: Table, columns: Columns, font: ValueFont, texts: Lines) -> int:
    count = _add(cell, font, columns.size, columns.rooms[place] * columns.size / 1000, texts)
    if count > 1 and table.numbers[place]:
        raise _Refused  # a number of two lines would stand to the right in both
    return count


def _add(words: str, font: ValueFont, size: float, room: float, texts: Lines) -> int:
    """Add the lines of a value; how many there are."""
    if not words:
        return 0
    lines = _lines(words, font, (room - _SPARE) * 1000 / size, (room + _SPARE) * 1000 / size)
    texts += lines
    return len(lines)


def _add_one_line(words: str, font: ValueFont, size: float, room: float, texts: Lines) -> float:
    """Add a text that must be one line; its width."""
    width = font.width(words)
    if not words or width is None or width > (room - _SPARE) * 1000 / size:
        raise _Refused
    texts.append(words)
    return width


def _lines(words: str, font: ValueFont, fits: float, breaks: float) -> Lines:
    """The text line by line, as many words on each as fit; a line that is left ends with its space or hyphen.

    What is wider than `fits` and not wider than `breaks` is too near to the edge to tell.
    """
    width = font.width(words)
    if width is None:
        raise _Refused
    if width <= fits:
        return [words]
    if width <= breaks or _SIMPLE.fullmatch(words) is None:
        raise _Refused
    if max(map(font.room_for, words.split(" "))) > fits:
        raise _Refused  # the layout breaks such a word anywhere
    lines: Lines = []
    line = ""
    for piece in _UNBROKEN.findall(words):
        width = font.room_for(f"{line}{piece}".rstrip(" "))
        if width <= fits:
            line += piece
        elif width <= breaks:
            raise _Refused
        else:
            lines.append(line)
            line = piece
    lines.append(line)
    if len(lines) > _MOST_LINES:
        raise _Refused
    return lines


def with_marks(letter: Letter, slots: Slots, fonts: ValueFonts, mark: Callable[[int], str]) -> Letter:
    """The same letter with a mark for each line of a value: `mark(0)`, `mark(1)` ..., in the order of `slots.texts`."""
    number = iter(range(len(slots.texts)))
    columns = iter(slots.columns)

    def marked(words: str, font: ValueFont, size: float, room: float) -> str:
        return "\n".join([mark(next(number)) for _ in range(_add(words, font, size, room, []))])

    def cells(row: Sequence[str], measures: Columns, font: ValueFont) -> tuple[str, ...]:
        return tuple([marked(cell, font, measures.size, measures.rooms[place] * measures.size / 1000) for place, cell in enumerate(row)])

    def block_with_marks(block: Block) -> Block:
        match block:
            case Heading(level, _) if level == _VALUE_HEADING:
                return Heading(level, mark(next(number)))
            case Rows(rows):
                return Rows(tuple([(label, marked(value, fonts.regular, _VALUE_SIZE, _VALUE_ROOM)) for label, value in rows]))
            case Table():
                measures = next(columns)
                marked_rows = tuple([cells(row, measures, fonts.regular) for row in block.rows])
                return replace(block, rows=marked_rows, total=None if block.total is None else cells(block.total, measures, fonts.bold))
        return block

    blocks = tuple([block_with_marks(block) for block in letter.blocks])
    header = mark(next(number))
    return replace(letter, blocks=blocks, header=header, footer=tuple([mark(next(number)) for _ in letter.footer]))


def right_numbers(letter: Letter, slots: Slots, fonts: ValueFonts) -> tuple[int, ...]:
    """Which of the texts are set to the right: number columns of tables, column by column, then their totals; at last the header."""
    numbered = with_marks(letter, slots, fonts, str)
    rights: list[int] = []
    for block in numbered.blocks:
        if isinstance(block, Table):
            cells = [row[place] for place, number in enumerate(block.numbers) if number for row in block.rows]
            totals = [cell for cell, number in zip(block.total or (), block.numbers, strict=False) if number]
            rights += [int(cell) for cell in (*cells, *totals) if cell]
    return (*rights, slots.margins)


@dataclass(frozen=True, slots=True)
class Room:
    """What a line of a value has: its font, the size of that in points, and the most it may be wide, in thousandths of that size."""

    font: ValueFont = field(repr=False)
    bold: bool
    size: float
    widest: float


def rooms(letter: Letter, slots: Slots, fonts: ValueFonts) -> tuple[Room, ...]:
    """The room of each of the texts; no letter of the same key has wider ones."""
    numbered = with_marks(letter, slots, fonts, str)
    columns = iter(slots.columns)
    found: dict[int, Room] = {}

    def add(numbers: str, size: float, points: float, *, bold: bool = False) -> None:
        room = Room(fonts.bold if bold else fonts.regular, bold, size, points * 1000 / size)
        found.update(dict.fromkeys(map(int, numbers.split()), room))

    for block in numbered.blocks:
        if isinstance(block, Heading) and block.level == _VALUE_HEADING:
            add(block.text, _HEADING_SIZE, PAGE_ROOM, bold=True)
        elif isinstance(block, Rows):
            for _, value in block.rows:
                add(value, _VALUE_SIZE, _VALUE_ROOM)
        elif isinstance(block, Table):
            measures = next(columns)
            points = [room * measures.size / 1000 for room in measures.rooms]
            for row in (*block.rows, block.total or ()):
                for place, cell in enumerate(row):
                    add(cell, measures.size, points[place], bold=row is block.total)
    add(numbered.header, _MARGIN_SIZE, _HEADER_ROOM)
    for footer in numbered.footer:
        add(footer, _MARGIN_SIZE, _FOOTER_ROOM)
    return tuple([found[number] for number in range(len(slots.texts))])
