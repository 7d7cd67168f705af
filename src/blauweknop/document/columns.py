"""How wide the columns of a table are: decided by measure, not by the layout, so that two tables of the same kind look the same.

Widths go up in steps. So the letters of two people differ in the words of their tables, and seldom in the lines.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import cast

from blauweknop.document.blocks import Table
from blauweknop.document.value_fonts import ValueFont, ValueFonts

__all__ = ["PAGE_ROOM", "Cells", "Columns", "Measured", "columns_of", "measure"]

_MILLIMETRE = 72 / 25.4
PAGE_ROOM = 165 * _MILLIMETRE
"""The width of the text on a page, in points."""

_STEP = 6.0  # points
# Thousandths of the font size, of which a letter takes some 500.
_SHORT = 9_000.0  # a date
_SHARES = ((4_000.0, 8), (6_000.0, 12), (9_000.0, 18), (100_000.0, 28), (float("inf"), 80))
_LEAST_FLEXIBLE = 48.0  # points
_SPARE = 0.5  # points
_STEP_OF_NEED = 50.0  # thousandths of the font size


@dataclass(frozen=True, slots=True)
class Columns:
    """`widths` in points, with their insets; None when the layout must find them, because the table does not fit as it should.

    `rooms` is what is left in them for words, in thousandths of the font size. A column without a share is as wide as its cells.
    """

    size: float
    side: float
    widths: tuple[float, ...] | None
    rooms: tuple[float, ...]
    shares: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Cells:
    """The widths of the cells of a column, in thousandths of the font size.

    `narrowest` is None when a cell has letters of another font; the widths are of no use then, and `widest` is about right.
    """

    widths: list[float | None] = field(repr=False)
    widest: float
    narrowest: float | None


@dataclass(frozen=True, slots=True)
class Measured:
    """The columns of a table with their cells, and the widths of the totals below them; None for a total of another font."""

    columns: Columns
    cells: tuple[Cells, ...] = field(repr=False)
    totals: tuple[float | None, ...] = field(repr=False)


def columns_of(table: Table, fonts: ValueFonts) -> Columns:
    """The columns of this table in the letter."""
    return measure(table, fonts).columns


def measure(table: Table, fonts: ValueFonts) -> Measured:
    """The columns and every cell measured."""
    columns = list(zip(*table.rows, strict=True))
    cells = tuple([_measured(column, fonts.regular, number=number) for column, number in zip(columns, table.numbers, strict=True)])
    shares = _shares([column.widest for column in cells], table.numbers)
    needs = [0.0 if share else column.widest for share, column in zip(shares, cells, strict=True)]
    totals: tuple[float | None, ...] = ()
    if table.total is not None:
        totals = tuple(fonts.bold.text_widths(table.total))
        needs = [max(need, fonts.bold.room_for(cell)) for need, cell in zip(needs, table.total, strict=True)]
    # In steps, so that few shapes come of it.
    steps = tuple([-(-need // _STEP_OF_NEED) * _STEP_OF_NEED for need in needs])
    return Measured(_decided(table.header, steps, shares, fonts), cells, totals)


def _measured(column: Sequence[str], font: ValueFont, *, number: bool) -> Cells:
    if not any(column):
        return Cells([0.0] * len(column), 0.0, 0.0)
    widths = font.number_widths(column) if number else font.text_widths(column)
    if None in widths:
        return Cells(widths, max(map(font.room_for, column)), None)
    known = cast("list[float]", widths)
    return Cells(widths, max(known), min(known))


def _shares(widest: Sequence[float], numbers: Sequence[bool]) -> tuple[int, ...]:
    """How the columns share what is left of the page; 0 for those that stay on one line.

    Numbers stay on one line, and so do short words such as dates when longer words beside them can give way.
    """
    texts = [0.0 if number else width for width, number in zip(widest, numbers, strict=True)]
    least = _SHORT if max(texts) > _SHORT else 0.0
    return tuple([0 if number or width <= least else _share(width) for width, number in zip(texts, numbers, strict=True)])


def _share(width: float) -> int:
    return next((share for most, share in _SHARES if width <= most), _SHARES[-1][1])


@lru_cache(maxsize=4096)
def _decided(header: tuple[str, ...], needs: tuple[float, ...], shares: tuple[int, ...], fonts: ValueFonts) -> Columns:
    """Heads are broken into their words where they do not fit otherwise."""
    count = len(header)
    size = 8.5 if count > 5 else 9.0 if count > 3 else 9.5
    side = (1.0 if count > 5 else 1.4) * _MILLIMETRE
    insets = [(side if place > 0 else 0.0) + (side if place < count - 1 else 0.0) for place in range(count)]
    points = [need * size / 1000 for need in needs]
    heads = [fonts.bold.room_for(head) * size / 1000 for head in header]
    words = [max(map(fonts.bold.room_for, head.split() or [""])) * size / 1000 for head in header]
    widths = _widths(points, heads, insets, shares) or _widths(points, words, insets, shares)
    rooms = tuple([(width - inset) * 1000 / size for width, inset in zip(widths or (), insets, strict=False)])
    return Columns(size, side, widths, rooms, shares)


def _widths(needs: Sequence[float], heads: Sequence[float], insets: Sequence[float], shares: Sequence[int]) -> tuple[float, ...] | None:
    """A column that is kept is as wide as its cells and its head; the others share what is left. None when that is too little."""
    least = [max(need, head) + _SPARE for need, head in zip(needs, heads, strict=True)]
    fixed = [0.0 if share else -(-need // _STEP) * _STEP + inset for need, share, inset in zip(least, shares, insets, strict=True)]
    rest = PAGE_ROOM - sum(fixed)
    if not any(shares):
        return tuple(fixed) if rest >= 0 else None
    unit = rest / sum(shares)
    flexible = [(share * unit, need + inset) for share, need, inset in zip(shares, least, insets, strict=True) if share]
    if any(width < max(_LEAST_FLEXIBLE, need) for width, need in flexible):
        return None
    return tuple([round(width or share * unit, 3) for width, share in zip(fixed, shares, strict=True)])
