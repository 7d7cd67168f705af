"""A compiled shape: the constant part of its documents as bytes, and templates for the little that differs.

A document is written as: the constant objects, one block of bytes whose SHA-256 state is known; the objects that differ; the signature
dictionary with its gap; the cross-reference table, of which the lines of the constant objects are known too. See docs/shapes.md.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC
from operator import itemgetter

from blauweknop.document.sealing import RANGE_SIZE, PreparedSeal
from blauweknop.document.shapes.marks import identifier_text, literal_text
from blauweknop.document.shapes.order import LetterOrder
from blauweknop.document.shapes.slots import Slots

__all__ = ["AttachmentTemplate", "Constant", "RightEdge", "Shape", "Template", "chooser"]

# Written, two bytes FF stand beside each other nowhere else: a letter may end in one (\u00ff), but none begins with it.
_SEPARATOR, _WRITTEN_SEPARATOR = "\0\uffff", b"\0\0\xff\xff"
_END = b"\nendstream\nendobj\n"
_MOST_KNOWN = 512


class RightEdge(dict[float, bytes]):
    """Where texts begin that end at an edge, as it is written on the page, by their width in thousandths of the font size.

    A width that was not seen yet is worked out; some hundreds are remembered. The edge, in points, is kept in hundredths, so that it can
    be told from any of its texts.
    """

    __slots__ = ("_edge", "_scale")

    def __init__(self, edge: float, size: float) -> None:
        super().__init__()
        self._edge = round(edge, 2)
        self._scale = size / 1000

    def __missing__(self, width: float) -> bytes:
        if len(self) >= _MOST_KNOWN:
            self.clear()
        written = self[width] = b"%.3f" % (self._edge - width * self._scale)
        return written


@dataclass(frozen=True, slots=True)
class Template:
    """Constant bytes with a place for a value after each but the last; `choose` takes what fills them from all values of a document.

    The values are the texts, the left sides of those that are set to the right, and the three of `_made`.
    """

    constant: tuple[bytes, ...] = field(repr=False)
    choose: Callable[[Sequence[bytes]], tuple[bytes, ...]] = field(repr=False)

    def fill(self, values: Sequence[bytes]) -> bytes:
        """The bytes with these values."""
        parts = [b""] * (2 * len(self.constant) - 1)
        parts[::2] = self.constant
        parts[1::2] = self.choose(values)
        return b"".join(parts)


def chooser(places: Sequence[int]) -> Callable[[Sequence[bytes]], tuple[bytes, ...]]:
    """What takes the values of these numbers."""
    if len(places) < 2:  # itemgetter gives no tuple then
        return lambda values: tuple([values[place] for place in places])
    return itemgetter(*places)


@dataclass(frozen=True, slots=True)
class AttachmentTemplate:
    """The head of an embedded file, up to its size."""

    head: bytes

    def fill(self, data: bytes, moment: bytes) -> bytes:
        """The object with this content."""
        return b"".join((self.head, b"%d/ModDate(D:%bZ)>>/Length %d>>\nstream\n" % (len(data), moment, len(data)), data, _END))


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
    rights: tuple[RightEdge, ...] = field(repr=False)
    pages: tuple[tuple[bytes, Template], ...] = field(repr=False)
    attachments: tuple[AttachmentTemplate, ...] = field(repr=False)
    picture: bytes = field(repr=False)
    others: tuple[Template, ...] = field(repr=False)
    signature: Template | None = field(repr=False)
    closing: bytes = field(repr=False)
    trailer: Template = field(repr=False)

    def prepare(self, slots: Slots, order: LetterOrder, qr: bytes) -> PreparedSeal:
        """The document of these values, ready for its signature; `qr` are the modules of its QR code (`qr_mask`).

        Raises: ValueError when the documents of this shape are not sealed.
        """
        if self.signature is None:
            raise ValueError("the documents of this shape have no seal")
        values, objects = self._filled(slots, order, qr)
        return self._with_gap(objects, self.signature.fill(values), self.trailer.fill(values), order.seal_size)

    def unsealed(self, slots: Slots, order: LetterOrder, qr: bytes) -> bytes:
        """The whole document of these values, of a shape without seal."""
        values, objects = self._filled(slots, order, qr)
        lines, end = self._lines(objects)
        return b"".join((self.constant.data, *objects, *lines, self.trailer.fill(values), b"startxref\n%d\n%%%%EOF\n" % end))

    def _filled(self, slots: Slots, order: LetterOrder, qr: bytes) -> tuple[list[bytes], list[bytes]]:
        """All values as they are written, and the objects that differ."""
        # The text on a page is UTF-16, so that all values are encoded at once.
        values = literal_text(_SEPARATOR.join(slots.texts).encode("utf-16-be")).split(_WRITTEN_SEPARATOR)
        values += [edge[width] for edge, width in zip(self.rights, slots.rights, strict=True)]
        made = _made(order)
        values += made
        objects = [_stream(head, page.fill(values)) for head, page in self.pages]
        for template, file in zip(self.attachments, order.attachments, strict=True):
            objects.append(template.fill(file.data, made[0]))
        objects.append(b"".join((self.picture, qr, _END)))
        objects += [template.fill(values) for template in self.others]
        return values, objects

    def _lines(self, objects: Sequence[bytes]) -> tuple[list[bytes], int]:
        """The table of objects line by line, and the position after these objects."""
        position = len(self.constant.data)
        lines = [self.constant.table]
        for written in objects:
            lines.append(b"%010d 00000 n \n" % position)
            position += len(written)
        return lines, position

    def _with_gap(self, objects: Sequence[bytes], signature: bytes, trailer: bytes, seal_size: int) -> PreparedSeal:
        lines, position = self._lines(objects)
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


_NO_SIGNS = {ord(sign): None for sign in "-:T"}


def _made(order: LetterOrder) -> tuple[bytes, bytes, bytes]:
    """The moment of making as PDF and as XMP writes it, and the identifier of the file."""
    moment = order.texts.moment.astimezone(UTC).isoformat()[:19]
    return moment.translate(_NO_SIGNS).encode("ascii"), moment.encode("ascii"), identifier_text(order.number)


def _stream(head: bytes, content: bytes) -> bytes:
    return b"".join((head, b"%d>>\nstream\n" % len(content), content, _END))
