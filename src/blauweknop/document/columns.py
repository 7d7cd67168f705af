"""How wide the columns of a table are: decided by measure, not by the layout, so that two tables of the same kind look the same.

Widths go up in steps. So the letters of two people differ in the words of their tables, and seldom in the lines.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from blauweknop.document.blocks import Table
from blauweknop.document.value_fonts import ValueFont, ValueFonts

__all__ = ["PAGE_ROOM", "Columns", "columns_of"]

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


@dataclass(frozen=True, slots=True)
class Columns:
    """`widths` in points, with their insets; None when the layout must find them, because the table does not fit as it should."""

    size: float
    side: float
    widths: tuple[float, ...] | None
    kept: tuple[bool, ...]
    shares: tuple[int, ...]

    def room(self, column: int) -> float:
        """What is left for words in a column (points)."""
        widths = self.widths or ()
        return widths[column] - _insets(column, len(widths), self.side)


def columns_of(table: Table, fonts: ValueFonts) -> Columns:
    """The columns of this table in the letter."""
    count = len(table.header)
    size = 8.5 if count > 5 else 9.0 if count > 3 else 9.5
    side = (1.0 if count > 5 else 1.4) * _MILLIMETRE
    cells = list(zip(*table.rows, strict=True))
    longest = [max(map(len, column)) for column in cells]
    kept = _kept(table.numbers, longest)
    shares = tuple([0 if keep else _share(length) for keep, length in zip(kept, longest, strict=True)])
    insets = [_insets(column, count, side) for column in range(count)]
    needs = [_widest(column, fonts.regular, size) if keep else 0.0 for column, keep in zip(cells, kept, strict=True)]
    if table.total is not None:
        needs = [max(need, fonts.bold.room_for(cell) * size / 1000) for need, cell in zip(needs, table.total, strict=True)]
    heads = [fonts.bold.room_for(head) * size / 1000 for head in table.header]
    words = [max(map(fonts.bold.room_for, head.split() or [""])) * size / 1000 for head in table.header]
    widths = _widths(needs, heads, insets, shares) or _widths(needs, words, insets, shares)
    return Columns(size, side, widths, kept, shares)


def _insets(column: int, count: int, side: float) -> float:
    return (side if column > 0 else 0.0) + (side if column < count - 1 else 0.0)


def _kept(numbers: Sequence[bool], longest: Sequence[int]) -> tuple[bool, ...]:
    """Numbers stay on one line, and so do short words such as dates when longer words beside them can give way."""
    kept = tuple([number or length <= _SHORT for number, length in zip(numbers, longest, strict=True)])
    return tuple(numbers) if all(kept) else kept


def _share(length: int) -> int:
    return next((share for share in _SHARES if length <= share), _LONG_SHARE if length > _LONG_CELL else _SHARES[-1])


def _widest(column: Sequence[str], font: ValueFont, size: float) -> float:
    return max(map(font.room_for, set(column))) * size / 1000


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
