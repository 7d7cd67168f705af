"""How wide the columns of a table are: decided by measure, not by the layout, so that two tables of the same kind look the same.

Widths go up in steps. So the letters of two people differ in the words of their tables, and seldom in the lines.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from blauweknop.document.blocks import Table
from blauweknop.document.value_fonts import ValueFonts

__all__ = ["PAGE_ROOM", "Columns", "Measured", "columns_of", "measure"]

_MILLIMETRE = 72 / 25.4
PAGE_ROOM = 165 * _MILLIMETRE
"""The width of the text on a page, in points."""

_STEP = 6.0  # points
_SHORT = 18  # letters: a date
_SHARES = (8, 12, 18, 28)
_LONG_CELL = 200  # letters; from here on a cell gets more room
_LONG_SHARE = 80
_LEAST_FLEXIBLE = 48.0  # points
_SPARE = 0.5  # points
_USUAL_LETTER = 700.0  # thousandths of the font size


@dataclass(frozen=True, slots=True)
class Columns:
    """`widths` in points, with their insets; None when the layout must find them, because the table does not fit as it should.

    `rooms` is what is left in them for words, in thousandths of the font size.
    """

    size: float
    side: float
    widths: tuple[float, ...] | None
    rooms: tuple[float, ...]
    kept: tuple[bool, ...]
    shares: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Frame:
    """What follows from the head of a table alone; lengths in points."""

    size: float
    side: float
    insets: tuple[float, ...]
    heads: tuple[float, ...]
    words: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Measured:
    """The columns of a table with the widths of their cells, in thousandths of the font size; None for a cell of another font."""

    columns: Columns
    cells: tuple[list[float | None], ...] = field(repr=False)
    totals: tuple[float | None, ...] = field(repr=False)


def columns_of(table: Table, fonts: ValueFonts) -> Columns:
    """The columns of this table in the letter."""
    return measure(table, fonts).columns


def measure(table: Table, fonts: ValueFonts) -> Measured:
    """The columns and every cell measured."""
    frame = _frame(table.header, fonts)
    cells = list(zip(*table.rows, strict=True))
    longest = [max(map(len, column)) for column in cells]
    kept = _kept(table.numbers, longest)
    shares = tuple([0 if keep else _share(length) for keep, length in zip(kept, longest, strict=True)])
    measured = tuple(
        [
            fonts.regular.number_widths(column) if number else list(map(fonts.regular.width, column))
            for column, number in zip(cells, table.numbers, strict=True)
        ]
    )
    totals = tuple([fonts.bold.width(cell) for cell in table.total or ()])
    needs = [0.0 if share else _need(*parts) for share, *parts in zip(shares, cells, measured, strict=True)]
    if table.total is not None:
        needs = [max(need, fonts.bold.room_for(cell)) for need, cell in zip(needs, table.total, strict=True)]
    # In steps, so that few shapes come of it.
    widths, rooms = _decided(tuple([-(-need // 50) * 50 for need in needs]), shares, frame)
    return Measured(Columns(frame.size, frame.side, widths, rooms, kept, shares), measured, totals)


def _need(cells: Sequence[str], widths: Sequence[float | None]) -> float:
    """The widest cell; about, when letters of another font are in it."""
    known = [width for width in widths if width is not None]
    if len(known) == len(widths):
        return max(known)
    return max([_USUAL_LETTER * len(cell) if width is None else width for cell, width in zip(cells, widths, strict=True)])


@lru_cache(maxsize=512)
def _frame(header: tuple[str, ...], fonts: ValueFonts) -> _Frame:
    count = len(header)
    size = 8.5 if count > 5 else 9.0 if count > 3 else 9.5
    side = (1.0 if count > 5 else 1.4) * _MILLIMETRE
    insets = tuple([(side if place > 0 else 0.0) + (side if place < count - 1 else 0.0) for place in range(count)])
    heads = tuple([fonts.bold.room_for(head) * size / 1000 for head in header])
    words = tuple([max(map(fonts.bold.room_for, head.split() or [""])) * size / 1000 for head in header])
    return _Frame(size, side, insets, heads, words)


@lru_cache(maxsize=4096)
def _decided(needs: tuple[float, ...], shares: tuple[int, ...], frame: _Frame) -> tuple[tuple[float, ...] | None, tuple[float, ...]]:
    """Widths and rooms; heads are broken into their words where they do not fit otherwise."""
    points = [need * frame.size / 1000 for need in needs]
    widths = _widths(points, frame.heads, frame.insets, shares) or _widths(points, frame.words, frame.insets, shares)
    rooms = tuple([(width - inset) * 1000 / frame.size for width, inset in zip(widths or (), frame.insets, strict=False)])
    return widths, rooms


def _kept(numbers: Sequence[bool], longest: Sequence[int]) -> tuple[bool, ...]:
    """Numbers stay on one line, and so do short words such as dates when longer words beside them can give way."""
    kept = tuple([number or length <= _SHORT for number, length in zip(numbers, longest, strict=True)])
    return tuple(numbers) if all(kept) else kept


def _share(length: int) -> int:
    return next((share for share in _SHARES if length <= share), _LONG_SHARE if length > _LONG_CELL else _SHARES[-1])


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
