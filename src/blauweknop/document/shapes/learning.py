"""Reads a shape from a document that was made by one, so that the next documents of that shape can be compared with what it makes.

The document must have been checked and found good before. What is learned is proved at once: filled with the values of the document itself,
the shape must give that document, byte for byte. Whatever is not exactly as `compiling` and `shape` write it gives no shape.
"""

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from blauweknop.document.attachment import Attachment
from blauweknop.document.blocks import Letter, Table
from blauweknop.document.pdf_file import PdfFile
from blauweknop.document.pdf_fonts import read_font
from blauweknop.document.pdf_parts import pages
from blauweknop.document.pdf_seal import Seal
from blauweknop.document.pdf_syntax import MalformedPdf, PdfDictionary, Reference
from blauweknop.document.sealing import SealTexts
from blauweknop.document.shapes.marks import identifier_text
from blauweknop.document.shapes.order import LetterOrder
from blauweknop.document.shapes.shape import AttachmentTemplate, Constant, RightEdge, Shape, Template, chooser
from blauweknop.document.shapes.slots import Slots, right_numbers
from blauweknop.document.value_fonts import ValueFont, ValueFonts, is_letter

__all__ = ["FINGERPRINT", "VALUE_FONTS", "Located", "learn_shape", "locate_parts", "order_of", "value_fonts_of"]

FINGERPRINT = slice(0, 18)
"""Where a document of a shape tells which: its header with the comment after it."""

VALUE_FONTS = ("v0", "v1")
"""The names of the fonts of values on every page, regular and bold."""

_MOST_CONSTANT = 1 << 20  # bytes; a shape is kept
_MOST_CODE = 0xFF00  # see the separator of `shape`
_NARROWEST, _WIDEST = 100, 5000  # thousandths of the font size
_DIGITS = "0123456789"
_MEASURED = {*_DIGITS, *"-.,\u20ac\u00a0"}
"""What `ValueFont.number_widths` takes for granted: these signs, and digits of one width."""

_LINE = 20  # bytes of a line of the cross-reference table
_MARGIN_SIZE = 8.5
_CONTENT_HEAD = re.compile(rb"(\d{1,9} 0 obj\n<</Length )(\d{1,9})>>\nstream\n")
_ATTACHMENT_HEAD = re.compile(
    rb"(\d{1,9} 0 obj\n<</Type/EmbeddedFile/Subtype/[\w.#+-]+/Params<</Size )(\d{1,9})/ModDate\(D:\d{14}Z\)>>/Length \d{1,9}>>\nstream\n"
)
_PICTURE_HEAD = re.compile(rb"\d{1,9} 0 obj\n<</Type/XObject/Subtype/Image/Width[^<>]*/Length (\d{1,9})>>\nstream\n")
_PLACE = re.compile(rb"1 0 0 1 (-?[0-9.]+)( -?[0-9.]+ Tm\()((?:[^()\\]|\\.)*)\)Tj ET\n", re.DOTALL)
_TITLE = re.compile(rb"\(\xfe\xff((?:[^()\\]|\\.)*)\)", re.DOTALL)
_END = b"\nendstream\nendobj\n"


@dataclass(frozen=True, slots=True)
class Located:
    """The parts of a document of a shape, found by the sizes that it tells; nothing of it is proved yet."""

    attachments: tuple[bytes, ...]
    qr: bytes
    seal_size: int


def locate_parts(pdf: bytes, shape: Shape) -> Located | None:
    """The parts of a document that begins as those of this shape; None when it is not one."""
    if not pdf.startswith(shape.constant.data):
        return None
    position = len(shape.constant.data)
    for head, _ in shape.pages:
        found = _CONTENT_HEAD.match(pdf, position)
        if found is None or found[1] != head:
            return None
        position = found.end() + int(found[2]) + len(_END)
    attachments: list[bytes] = []
    for template in shape.attachments:
        found = _ATTACHMENT_HEAD.match(pdf, position)
        if found is None or found[1] != template.head:
            return None
        attachments.append(pdf[found.end() : found.end() + int(found[2])])
        position = found.end() + int(found[2]) + len(_END)
    found = _PICTURE_HEAD.match(pdf, position)
    if found is None or found[0] != shape.picture:
        return None
    qr = pdf[found.end() : found.end() + int(found[1])]
    # The hexadecimal digits of the signature are the one `<`...`>` that /ByteRange follows.
    end = pdf.rfind(b">" + shape.closing)
    begin = pdf.rfind(b"<", position, end) if end > 0 else -1
    return None if begin < 0 else Located(tuple(attachments), qr, (end - begin - 1) // 2)


def order_of(letter: Letter, attachments: Sequence[Attachment], moment: datetime, number: str, seal_size: int) -> LetterOrder:
    """What `Shape.prepare` looks at; colours and fixed texts are in the shape."""
    return LetterOrder(letter, "", tuple(attachments), SealTexts("", "", "", moment), seal_size, number)


def value_fonts_of(file: PdfFile) -> ValueFonts | None:
    """The fonts of values of a document; None when it was not made by a shape."""
    page = next(iter(pages(file)))
    resources = file.dictionary(page.entries.get("Resources"), "the resources of a page")
    fonts = file.dictionary(resources.get("Font"), "the fonts of a page")
    if not fonts.keys() >= set(VALUE_FONTS):
        return None
    regular, bold = (_value_font(file, file.dictionary(fonts[name], "a font")) for name in VALUE_FONTS)
    return ValueFonts(regular, bold)


def _value_font(file: PdfFile, entries: PdfDictionary) -> ValueFont:
    font = read_font(file, entries)
    if any(text != chr(code) or not is_letter(text) or code >= _MOST_CODE for code, text in font.characters.items()):
        raise MalformedPdf("shape", "a font of values does not have Unicode as its codes")
    widths = {chr(code): font.widths.get(code, 0.0) for code in font.characters}
    if not widths.keys() >= _MEASURED or not all(_NARROWEST <= width <= _WIDEST for width in widths.values()):
        raise MalformedPdf("shape", "a font of values has other letters than ours")
    if len({widths[digit] for digit in _DIGITS}) != 1:
        raise MalformedPdf("shape", "a font of values has digits of several widths")
    return ValueFont(str(entries.get("BaseFont")), widths, ())


def learn_shape(file: PdfFile, seal: Seal, order: LetterOrder, slots: Slots, fonts: ValueFonts) -> Shape | None:
    """The shape of a document of which this is the letter; None when the document is not exactly one of a shape."""
    try:
        shape = _Learning(file, seal, order, slots, fonts).shape()
    except (MalformedPdf, _NotLearned, ValueError, LookupError, StopIteration):
        return None
    located = locate_parts(file.data, shape)
    if located is None:
        return None
    prepared = shape.prepare(slots, order, located.qr)
    first, second = seal.contents_span
    return shape if b"".join(prepared.before) == file.data[:first] and prepared.after == file.data[second:] else None


class _NotLearned(Exception):
    """The document is not as shapes write theirs."""


class _Learning:
    """One document, taken apart into constant bytes and places."""

    def __init__(self, file: PdfFile, seal: Seal, order: LetterOrder, slots: Slots, fonts: ValueFonts) -> None:
        self._file, self._seal, self._order, self._slots = file, seal, order, slots
        self._rights = right_numbers(order.letter, slots, fonts)
        self._sizes = _right_sizes(order.letter, slots)
        self._edges: dict[int, RightEdge] = {}
        self._titles: dict[str, int] = {}
        self._known: dict[tuple[float, float], RightEdge] = {}
        self._made = len(slots.texts) + len(self._rights)

    def shape(self) -> Shape:
        file, data = self._file, self._file.data
        contents = [_reference(page.entries.get("Contents")) for page in pages(file)]
        embedded = [_embedded(file, attachment.name) for attachment in self._order.attachments]
        first_page = file.dictionary(next(iter(pages(file))).entries["Resources"], "the resources of a page")
        picture = _reference(next(iter(file.dictionary(first_page.get("XObject"), "the pictures of a page").values())))
        signature = _reference(file.dictionary(file.root.get("Perms"), "the permissions").get("DocMDP"))
        moving = [*contents, *embedded, picture]
        count = len(file.objects)
        others = list(range(moving[-1] + 1, signature))
        constant_count = moving[0] - 1
        if [*moving, *others, signature] != list(range(moving[0], count + 1)):
            raise _NotLearned
        begin = file.spans[moving[0]][0]
        if begin > _MOST_CONSTANT:
            raise _NotLearned
        constant = data[:begin]
        table = data.index(b"xref\n", self._seal.contents_span[1])
        lines_end = data.index(b"\n", table + 5) + 1 + _LINE * (constant_count + 1)
        trailer = lines_end + _LINE * (count - constant_count)
        body = iter(range(self._slots.margins))
        page_templates = tuple([self._page(number, body) for number in contents])
        first, second = self._seal.contents_span
        return Shape(
            constant=Constant(constant, hashlib.sha256(constant), data[table:lines_end]),
            pages=page_templates,
            rights=tuple([self._edges[place] for place in range(len(self._rights))]),
            attachments=tuple([AttachmentTemplate(_head(_ATTACHMENT_HEAD, data, self._start(number))[1]) for number in embedded]),
            picture=_head(_PICTURE_HEAD, data, self._start(picture))[0],
            others=tuple([self._template(data[self._start(number) : self._start(number + 1)]) for number in others]),
            signature=self._template(data[self._start(signature) : first]),
            closing=data[second : data.index(b"[0 ", second)],
            trailer=self._template(data[trailer : data.index(b"startxref\n", trailer)]),
        )

    def _start(self, number: int) -> int:
        return self._file.spans[number][0]

    def _page(self, number: int, body: Iterator[int]) -> tuple[bytes, Template]:
        found = _head(_CONTENT_HEAD, self._file.data, self._start(number))
        content = self._file.data[found.end() : found.end() + int(found[2])]
        texts = self._slots.texts
        constant: list[bytes] = []
        chosen: list[int] = []
        end = 0
        for place in _PLACE.finditer(content):
            text = _text(place[3])
            margin = next((number for number in range(self._slots.margins, len(texts)) if texts[number] == text), None)
            value = next(body) if margin is None else margin
            if texts[value] != text:
                raise _NotLearned
            begin = place.start(1)
            if value in self._rights:
                right = self._rights.index(value)
                self._edges[right] = self._edge(float(place[1]), self._slots.rights[right], self._sizes[right])
                constant += [content[end:begin], place[2]]
                chosen += [len(texts) + right, value]
            else:
                constant.append(content[end : place.start(3)])
                chosen.append(value)
            end = place.end(3)
        return found[1], Template((*constant, content[end:]), chooser(chosen))

    def _edge(self, left: float, width: float, size: float) -> RightEdge:
        edge = round(left + width * size / 1000, 2)
        return self._known.setdefault((edge, size), RightEdge(edge, size))

    def _template(self, data: bytes) -> Template:
        """Bytes that are no page, with their titles, dates and identifiers as places."""
        moment = self._order.texts.moment.astimezone(UTC).isoformat()[:19]
        made = (re.sub("[-:T]", "", moment).encode("ascii"), moment.encode("ascii"), identifier_text(self._order.number))
        places = re.compile(b"|".join([_TITLE.pattern, *(b"(%b)" % re.escape(value) for value in made)]), re.DOTALL)
        constant: list[bytes] = []
        chosen: list[int] = []
        end = 0
        for place in places.finditer(data):
            group = place.lastindex or 0
            constant.append(data[end : place.start(group)])
            chosen.append(self._title(_text(place[1])) if group == 1 else self._made + group - 2)
            end = place.end(group)
        return Template((*constant, data[end:]), chooser(chosen))

    def _title(self, text: str) -> int:
        """The heading with this text. Of several they are taken in order; if that is wrong, other documents will not be found the same."""
        numbers = [number for number in self._slots.headings if self._slots.texts[number] == text]
        if not numbers:
            raise _NotLearned
        place = self._titles[text] = self._titles.get(text, -1) + 1
        return numbers[place % len(numbers)]


def _right_sizes(letter: Letter, slots: Slots) -> list[float]:
    """The font size of each text that is set to the right."""
    sizes: list[float] = []
    for columns, table in zip(slots.columns, (block for block in letter.blocks if isinstance(block, Table)), strict=True):
        rows = (*table.rows, table.total or ())
        cells = [cell for row in rows for cell, number in zip(row, table.numbers, strict=False) if number and cell]
        sizes += [columns.size] * len(cells)
    return [*sizes, _MARGIN_SIZE]


def _head(pattern: re.Pattern[bytes], data: bytes, position: int) -> re.Match[bytes]:
    found = pattern.match(data, position)
    if found is None:
        raise _NotLearned
    return found


def _text(inside: bytes) -> str:
    return re.sub(rb"\\(.)", lambda found: {b"r": b"\r", b"n": b"\n"}.get(found[1], found[1]), inside, flags=re.DOTALL).decode("utf-16-be")


def _reference(value: object) -> int:
    if not isinstance(value, Reference):
        raise _NotLearned
    return value.number


def _embedded(file: PdfFile, name: str) -> int:
    names = file.dictionary(file.dictionary(file.root.get("Names"), "the names").get("EmbeddedFiles"), "the attachments")
    listed = file.array(names.get("Names"), "the names of the attachments")
    specification: Mapping[str, object] = file.dictionary(listed[listed.index(name.encode("ascii")) + 1], "an attachment")
    streams = specification.get("EF")
    return _reference(streams.get("F") if isinstance(streams, Mapping) else None)
