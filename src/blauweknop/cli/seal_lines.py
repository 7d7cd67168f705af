"""The lines of a file with many inputs, read in chunks of bounded size, with a digest of all that was read so far.

The digest is how a run that goes on knows its input again: what was done must still be the beginning of the file.
"""

import hashlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from blauweknop.cli.seal_input import MOST_BYTES
from blauweknop.domain.errors import BlauweKnopError

__all__ = ["CHUNK_LINES", "Chunk", "InputLines", "Line", "OtherInput", "Position"]

CHUNK_LINES = 32
_CHUNK_BYTES = 1024 * 1024  # one line may still be as long as `MOST_BYTES`
_PIECE = 256 * 1024


class OtherInput(BlauweKnopError):
    """The input does not begin with what was done before."""


@dataclass(frozen=True, slots=True)
class Position:
    """How far an input was read: whole lines, their bytes, and the SHA-256 (hexadecimal) of those bytes."""

    lines: int
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Line:
    """A line by its number, from 1; its content is None when it is too long to be kept."""

    number: int
    content: bytes | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some lines in a row, and where the input is after them."""

    lines: tuple[Line, ...]
    end: Position

    @property
    def size(self) -> int:
        """How much memory it takes, about."""
        return sum(len(line.content) for line in self.lines if line.content is not None)


class InputLines:
    """Reads once, from the beginning; never keeps more than one chunk."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._digest = hashlib.sha256()
        self._lines = 0
        self._bytes = 0

    def skip(self, done: Position, wanted: Collection[int] = ()) -> tuple[Line, ...]:
        """Go past what was done before; gives the `wanted` lines on the way.

        Raises:
            OtherInput: that is not what stands there.
        """
        kept: list[Line] = []
        while self._bytes < done.bytes:
            line = self._next(keep=self._lines + 1 in wanted)
            if line is None:
                break
            if line.number in wanted:
                kept.append(line)
        if self._position() != done:
            raise OtherInput("this is another input than the one that was begun with in this folder")
        return tuple(kept)

    def chunks(self) -> Iterator[Chunk]:
        """What is left."""
        lines: list[Line] = []
        size = 0
        while (line := self._next()) is not None:
            lines.append(line)
            size += len(line.content or b"")
            if len(lines) >= CHUNK_LINES or size >= _CHUNK_BYTES:
                yield Chunk(tuple(lines), self._position())
                lines, size = [], 0
        if lines:
            yield Chunk(tuple(lines), self._position())

    def _position(self) -> Position:
        return Position(self._lines, self._bytes, self._digest.hexdigest())

    def _next(self, *, keep: bool = True) -> Line | None:
        content = self._read(MOST_BYTES + 2 if keep else _PIECE)
        if not content:
            return None
        self._lines += 1
        piece = content
        while piece and not piece.endswith(b"\n"):  # the rest of a line that is too long is read and forgotten
            piece = self._read(_PIECE)
        stripped = content.rstrip(b"\r\n")
        return Line(self._lines, stripped if len(stripped) <= MOST_BYTES else None)

    def _read(self, most: int) -> bytes:
        piece = self._file.readline(most)
        self._digest.update(piece)
        self._bytes += len(piece)
        return piece
