"""Pieces of text put together to lines: where a page shows a new block, a new line or a gap, the text gets its separator."""

__all__ = ["TextLines"]

_NEW_LINE, _GAP = 0.6, 0.25  # in sizes of the letters
_SPACES = (" ", "\u00a0")
_BREAKS = (" ", "\u00a0", "\u00ad", "-", "\u2010", "\u2013", "/", "\n")


class TextLines:
    """Collects the pieces of text of one page in the order they are shown."""

    __slots__ = ("_block", "_end", "_pieces")

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._block: object = None
        self._end = (0.0, 0.0)

    def add(self, text: str, block: object, start: tuple[float, float], end: tuple[float, float], size: float) -> None:
        """Adds a piece that stands from `start` to `end` (points) in letters of this size, as part of this block."""
        if self._pieces and text:
            self._separate(block, text, start, size)
        if text:
            self._pieces.append(text)
        same_line = block == self._block and abs(start[1] - self._end[1]) <= _NEW_LINE * size
        # A diacritic is drawn by stepping back; the line reaches as far as it did.
        self._end = (max(end[0], self._end[0]) if same_line else end[0], end[1])
        self._block = block

    def _separate(self, block: object, text: str, start: tuple[float, float], size: float) -> None:
        last = self._pieces[-1]
        if block != self._block:
            self._pieces.append("\n")
        elif abs(start[1] - self._end[1]) > _NEW_LINE * size:
            # A space at the break is in the text already; a word broken at its own hyphen has none.
            if not last.endswith(_BREAKS):
                self._pieces.append("\n")
        elif start[0] - self._end[0] > _GAP * size and not last.endswith(_SPACES) and not text.startswith(_SPACES):
            self._pieces.append(" ")

    def text(self) -> str:
        """All pieces; soft hyphens are gone, so that a broken word reads as one."""
        return "".join(self._pieces).replace("\u00ad", "")
