"""A compiled shape: the constant part of its documents as bytes, and templates for the little that differs.

A document is written as: the constant objects, one block of bytes whose SHA-256 state is known; the objects that differ; the signature
dictionary with its gap; the cross-reference table, of which the lines of the constant objects are known too. See docs/shapes.md.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from blauweknop.document.sealing import RANGE_SIZE, PreparedSeal
from blauweknop.document.shapes.marks import Identifier, Moment, Piece, TextOf, identifier_text
from blauweknop.document.shapes.order import LetterOrder
from blauweknop.document.shapes.qr_mask import QrFamily
from blauweknop.document.shapes.slots import Slots
from blauweknop.document.value_fonts import ValueFont

__all__ = ["AttachmentTemplate", "Constant", "PageTemplate", "PicturePlace", "RightEdge", "Shape"]

_SEPARATOR, _HEXADECIMAL_SEPARATOR = "\uffff", "ffff"  # no letter: nothing that is printed has four such digits side by side
_END = b"\nendstream\nendobj\n"
_MOST_KNOWN = 1 << 12


class RightEdge:
    """Where a text that is set to the right begins, as it is written on the page; remembered per text."""

    def __init__(self, edge: float, size: float, font: ValueFont) -> None:
        self.edge = edge
        self.scale = size / 1000
        self._font = font
        self._known: dict[float, str] = {}

    def start(self, text: str) -> str:
        """The left side in points. The font has every letter of the text."""
        width = self._font.room_for(text)
        try:
            return self._known[width]
        except KeyError:
            return self._written(width)

    def _written(self, width: float) -> str:
        if len(self._known) >= _MOST_KNOWN:
            self._known.clear()
        written = self._known[width] = f"{self.edge - width * self.scale:.3f}"
        return written


@dataclass(frozen=True, slots=True)
class PageTemplate:
    """The content of a page: constant text with a hole after each but the last; `choose` takes what fills them from all values."""

    head: bytes
    constant: tuple[str, ...] = field(repr=False)
    choose: Callable[[Sequence[str]], tuple[str, ...]] = field(repr=False)

    def fill(self, values: Sequence[str]) -> bytes:
        """The content with these values."""
        parts = [""] * (2 * len(self.constant) - 1)
        parts[::2] = self.constant
        parts[1::2] = self.choose(values)
        return "".join(parts).encode("ascii")


@dataclass(frozen=True, slots=True)
class AttachmentTemplate:
    """The head of an embedded file, up to its size."""

    head: bytes

    def fill(self, data: bytes, moment: bytes) -> bytes:
        """The object with this content."""
        return b"".join((self.head, b"%d/ModDate(D:%bZ)>>/Length %d>>\nstream\n" % (len(data), moment, len(data)), data, _END))


@dataclass(frozen=True, slots=True)
class PicturePlace:
    """The head of the picture of the QR code, whose size is constant."""

    head: bytes


@dataclass(frozen=True, slots=True)
class Constant:
    """The part that is the same in each document; `state` has hashed `data`."""

    data: bytes = field(repr=False)
    state: "hashlib._Hash" = field(repr=False)
    table: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Shape:
    """All there is to make documents of one shape. It is never changed, so threads may share it."""

    constant: Constant = field(repr=False)
    pages: tuple[PageTemplate, ...] = field(repr=False)
    rights: tuple[tuple[int, RightEdge], ...] = field(repr=False)
    attachments: tuple[AttachmentTemplate, ...] = field(repr=False)
    picture: PicturePlace = field(repr=False)
    qr: QrFamily = field(repr=False)
    others: tuple[tuple[Piece, ...], ...] = field(repr=False)
    signature: tuple[Piece, ...] = field(repr=False)
    closing: bytes = field(repr=False)
    trailer: tuple[Piece, ...] = field(repr=False)

    def prepare(self, slots: Slots, order: LetterOrder) -> PreparedSeal:
        """The document of these values, ready for its signature."""
        texts = slots.texts
        # The text on a page is UTF-16, so that all values are encoded at once.
        written = _SEPARATOR.join(texts).encode("utf-16-be").hex().split(_HEXADECIMAL_SEPARATOR)
        values = written + [edge.start(texts[number]) for number, edge in self.rights]
        moment = order.texts.moment.astimezone(UTC)
        fill = _Filling(written, moment, identifier_text(order.number))
        objects = [_page(page, page.fill(values)) for page in self.pages]
        pairs = zip(self.attachments, order.attachments, strict=True)
        objects += [template.fill(file.data, fill.pdf_moment) for template, file in pairs]
        objects.append(b"".join((self.picture.head, self.qr.bits(order.number), _END)))
        objects += [fill(pieces) for pieces in self.others]
        signature = fill(self.signature)
        return self._with_gap(objects, signature, fill(self.trailer), order.seal_size)

    def _with_gap(self, objects: Sequence[bytes], signature: bytes, trailer: bytes, seal_size: int) -> PreparedSeal:
        position = len(self.constant.data)
        lines = [self.constant.table]
        for written in objects:
            lines.append(b"%010d 00000 n \n" % position)
            position += len(written)
        lines.append(b"%010d 00000 n \n" % position)
        gap = position + len(signature)
        gap_end = gap + 2 + 2 * seal_size
        end = b">>\nendobj\n"
        table = gap_end + len(self.closing) + RANGE_SIZE + len(end)
        tail = b"".join((end, *lines, trailer, b"startxref\n%d\n%%%%EOF\n" % table))
        covered = b"[0 %d %d %d" % (gap, gap_end, len(self.closing) + RANGE_SIZE + len(tail))
        after = b"".join((self.closing, covered.ljust(RANGE_SIZE - 1), b"]", tail))
        differing = b"".join((*objects, signature))
        digest = self.constant.state.copy()
        digest.update(differing)
        digest.update(after)
        return PreparedSeal((self.constant.data, differing), after, seal_size, digest.digest())


class _Filling:
    """What goes into the pieces of the objects of one document."""

    __slots__ = ("_identifier", "_texts", "_xmp_moment", "pdf_moment")

    def __init__(self, texts: Sequence[str], moment: datetime, identifier: bytes) -> None:
        self._texts = texts
        self._identifier = identifier
        day_and_time = moment.isoformat()[:19]
        self._xmp_moment = day_and_time.encode("ascii")
        self.pdf_moment = day_and_time.translate(_NO_SIGNS).encode("ascii")

    def __call__(self, pieces: Sequence[Piece]) -> bytes:
        return b"".join([piece if isinstance(piece, bytes) else self._value(piece) for piece in pieces])

    def _value(self, piece: TextOf | Moment | Identifier) -> bytes:
        if isinstance(piece, TextOf):
            return self._texts[piece.number].encode("ascii")
        if isinstance(piece, Moment):
            return self.pdf_moment if piece is Moment.PDF else self._xmp_moment
        return self._identifier


_NO_SIGNS = {ord(sign): None for sign in "-:T"}


def _page(template: PageTemplate, content: bytes) -> bytes:
    return b"".join((template.head, b"%d>>\nstream\n" % len(content), content, _END))
