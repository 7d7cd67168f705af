"""Takes a letter apart into its shape and its values.

The shape is everything that decides where things stand: which blocks, which fixed words, how many rows, how many lines each value takes.
Two letters of one shape differ in nothing but the texts in their slots. Whatever could make the layout another one is either part of the
shape or refused here (`None`); a refused letter takes the truth path.
"""

import re
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field, replace

from blauweknop.document.blocks import Block, Heading, Letter, Listing, Panel, Paragraph, Rows, Table
from blauweknop.document.columns import PAGE_ROOM, Columns, columns_of
from blauweknop.document.value_fonts import ValueFont, ValueFonts

__all__ = ["Slots", "read_slots", "right_numbers", "with_marks"]

_VALUE_SIZE, _HEADING_SIZE, _MARGIN_SIZE = 10.0, 10.5, 8.5  # points, as in layout/letter.typ
_VALUE_ROOM = PAGE_ROOM - 60 * 72 / 25.4
_FOOTER_ROOM, _HEADER_ROOM = 320.0, 300.0
_SPARE = 0.1  # points; nearer to the edge than this we do not judge whether a text fits
_MOST_LINES = 8
_VALUE_HEADING = 3
_SIMPLE = re.compile(r"[^\W_]+(?:[.,'&+:;][^\W_]+)*[.,;:]?(?: [^\W_]+(?:[.,'&+:;][^\W_]+)*[.,;:]?)*")
"""Words in which a line can break at spaces only (Unicode annex 14): letters and digits, and points, commas or quotes between them."""

Lines = list[str]


@dataclass(frozen=True, slots=True)
class Slots:
    """The shape of a letter as a key, and the line or lines of each value, in the order of the letter; then its header and footers.

    `margins` is the number of the header among the texts.
    """

    key: Hashable
    columns: tuple[Columns, ...]
    texts: Lines = field(repr=False)
    margins: int


class _Refused(Exception):
    """The letter has something that a shape cannot hold for certain."""


def read_slots(letter: Letter, fonts: ValueFonts) -> Slots | None:
    """The shape and the values; None when the letter is not one of a shape."""
    texts: Lines = []
    columns: list[Columns] = []
    try:
        keys = [_read_block(block, fonts, texts, columns) for block in letter.blocks]
        margins = len(texts)
        _add_one_line(letter.header, fonts.regular, _MARGIN_SIZE, _HEADER_ROOM, texts)
        for footer in letter.footer:
            _add_one_line(footer, fonts.regular, _MARGIN_SIZE, _FOOTER_ROOM, texts)
    except _Refused:
        return None
    if not fonts.regular.covers(" ".join(texts)):
        return None
    key = (letter.title, letter.language, letter.sender, len(letter.footer), tuple(keys))
    return Slots(key, tuple(columns), texts, margins)


def _read_block(block: Block, fonts: ValueFonts, texts: Lines, columns: list[Columns]) -> Hashable:
    match block:
        case Heading(level, words) if level == _VALUE_HEADING:
            _add_one_line(words, fonts.bold, _HEADING_SIZE, PAGE_ROOM, texts)
            return level
        case Rows(rows):
            counts = [_add(value, fonts.regular, _VALUE_SIZE, _VALUE_ROOM, texts) for _, value in rows]
            return (tuple([label for label, _ in rows]), tuple(counts))
        case Table():
            return _read_table(block, fonts, texts, columns)
        case Heading(_, words) | Paragraph(words):
            return (type(block), words)
        case Listing(items):
            return items
        case Panel(title, paragraphs):
            return (title, paragraphs)


def _read_table(table: Table, fonts: ValueFonts, texts: Lines, columns: list[Columns]) -> Hashable:
    measures = columns_of(table, fonts)
    if measures.widths is None:
        raise _Refused
    columns.append(measures)
    counts: Hashable = len(table.rows)
    if all([_stays_on_one_line(place, table, measures, fonts.regular) for place in range(len(table.header))]):
        texts += [cell for row in table.rows for cell in row]
    else:
        counts = tuple(
            [_add_cell(place, cell, table, measures, fonts.regular, texts) for row in table.rows for place, cell in enumerate(row)]
        )
    totals = None
    if table.total is not None:
        totals = tuple([_add_cell(place, cell, table, measures, fonts.bold, texts) for place, cell in enumerate(table.total)])
    return (table.caption, table.header, table.numbers, measures.widths, counts, totals)


def _stays_on_one_line(place: int, table: Table, measures: Columns, font: ValueFont) -> bool:
    """Whether each cell of the column has words, and surely no more than one line of them."""
    cells = [row[place] for row in table.rows]
    if not all(cells):
        return False
    if not measures.shares[place]:
        return True  # the column was made as wide as its widest cell
    most = (measures.room(place) - _SPARE) * 1000 / measures.size
    return max(map(len, cells)) * font.widest <= most or max(map(font.room_for, cells)) <= most


def _add_cell(place: int, cell: str, table: Table, measures: Columns, font: ValueFont, texts: Lines) -> int:
    count = _add(cell, font, measures.size, measures.room(place), texts)
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


def _add_one_line(words: str, font: ValueFont, size: float, room: float, texts: Lines) -> None:
    width = font.width(words)
    if not words or width is None or width > (room - _SPARE) * 1000 / size:
        raise _Refused
    texts.append(words)


def _lines(words: str, font: ValueFont, fits: float, breaks: float) -> Lines:
    """The text line by line, as many words on each as fit; a line that is left ends with its space.

    What is wider than `fits` and not wider than `breaks` is too near to the edge to tell.
    """
    width = font.width(words)
    if width is None:
        raise _Refused
    if width <= fits:
        return [words]
    if width <= breaks or _SIMPLE.fullmatch(words) is None:
        raise _Refused
    lines: Lines = []
    line = ""
    for word in words.split(" "):
        longer = f"{line} {word}" if line else word
        width = font.room_for(longer)
        if width <= fits:
            line = longer
        elif width <= breaks or not line or font.room_for(word) > fits:
            raise _Refused
        else:
            lines.append(f"{line} ")
            line = word
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
        return tuple([marked(cell, font, measures.size, measures.room(place)) for place, cell in enumerate(row)])

    def block_with_marks(block: Block) -> Block:
        match block:
            case Heading(level, _) if level == _VALUE_HEADING:
                return Heading(level, mark(next(number)))
            case Rows(rows):
                return Rows(tuple([(label, marked(value, fonts.regular, _VALUE_SIZE, _VALUE_ROOM)) for label, value in rows]))
            case Table():
                measures = next(columns)
                rows = tuple([cells(row, measures, fonts.regular) for row in block.rows])
                return replace(block, rows=rows, total=None if block.total is None else cells(block.total, measures, fonts.bold))
        return block

    blocks = tuple([block_with_marks(block) for block in letter.blocks])
    header = mark(next(number))
    return replace(letter, blocks=blocks, header=header, footer=tuple([mark(next(number)) for _ in letter.footer]))


def right_numbers(letter: Letter, slots: Slots, fonts: ValueFonts) -> frozenset[int]:
    """Which of the values are set to the right: those of the number columns of tables, and the header."""
    rights = {slots.margins}
    plain = with_marks(letter, slots, fonts, str)
    for block in plain.blocks:
        if isinstance(block, Table):
            for row in (*block.rows, block.total or ()):
                rights.update(int(cell) for cell, number in zip(row, block.numbers, strict=False) if number and cell)
    return frozenset(rights)
