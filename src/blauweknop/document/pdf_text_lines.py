"""Pieces of text put together to lines: where a page shows a new block, a new line or a gap, the text gets its separator."""

__all__ = ["TextLines"]

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
            self._separate(block, start, size)
        if text:
            self._pieces.append(text)
        self._block, self._end = block, end

    def _separate(self, block: object, start: tuple[float, float], size: float) -> None:
        last = self._pieces[-1]
        if block != self._block:
            self._pieces.append("\n")
        elif abs(start[1] - self._end[1]) > 0.6 * size:
            # A space at the break is in the text already; a word broken at its own hyphen has none.
            if not last.endswith(_BREAKS):
                self._pieces.append("\n")
        elif start[0] - self._end[0] > 0.25 * size and not last.endswith((" ", "\u00a0")):
            self._pieces.append(" ")

    def text(self) -> str:
        """All pieces; soft hyphens are gone, so that a broken word reads as one."""
        return "".join(self._pieces).replace("\u00ad", "")
