"""Makes a compiled shape: typst sets the letter with marks for its values, and the result is taken apart.

1. The letter with marks is typeset; a picture stands for the QR code.
2. The fonts of values and the seal join its objects.
3. Each page is divided into constant text and places (`page_program`); other objects that hold a mark, a date or the identifier are
   divided too (`marks`).
4. What is left is constant: it comes first in the file, and is hashed once.
5. The shape proves itself: filled with values, it must read back as the letter of those values.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from blauweknop.document.blocks import printed_text, without_space
from blauweknop.document.page_text import page_text
from blauweknop.document.pdf_file import PdfFile, read_file
from blauweknop.document.pdf_fonts import read_font
from blauweknop.document.pdf_parts import Page, pages
from blauweknop.document.pdf_rules import content_problems
from blauweknop.document.pdf_syntax import MalformedPdf, PdfDictionary, PdfObject, Reference, Stream, dictionary
from blauweknop.document.pdf_writing import write_object
from blauweknop.document.sealing import finish_seal, objects_with_seal, signature_parts
from blauweknop.document.shapes.marks import MARKED_MOMENT, Identifier, Moment, Piece, TextOf, mark, split_object
from blauweknop.document.shapes.order import LetterOrder
from blauweknop.document.shapes.page_program import QR_NAME, PageFont, TextPlace, divide_page, qr_mark
from blauweknop.document.shapes.qr_mask import QrFamily, qr_family
from blauweknop.document.shapes.shape import AttachmentTemplate, Constant, RightEdge, Shape, Template, chooser
from blauweknop.document.shapes.slots import Slots, right_numbers, with_marks
from blauweknop.document.typesetting import Typesetter
from blauweknop.document.value_fonts import FONT_OBJECTS, ValueFonts

__all__ = ["compile_shape"]

_FONT_NAMES = ("v0", "v1")
_PLACEHOLDER = b"{}"


def compile_shape(order: LetterOrder, slots: Slots, typesetter: Typesetter) -> Shape:
    """The shape of this letter; nothing of its values is kept.

    Raises:
        TypesettingFailed: the letter cannot be set at all.
        MalformedPdf: it cannot be taken apart for certain; its documents have to take the truth path.
    """
    # 1
    fonts = typesetter.value_fonts
    family = qr_family(order.letter.qr_text.removesuffix(order.number))
    typeset = typesetter.typeset(
        with_marks(order.letter, slots, fonts, mark),
        accent=order.accent,
        attachments=[replace(file, data=_PLACEHOLDER) for file in order.attachments],
        made_at=MARKED_MOMENT,
        columns=slots.columns,
        qr=qr_mark(family.side),
    )
    parts = _take_apart(read_file(typeset), order, fonts, family)
    shape = _assemble(parts, slots, right_numbers(order.letter, slots, fonts), family)
    _prove(shape, order, slots, family)
    return shape


@dataclass(frozen=True, slots=True)
class _Parts:
    """The objects of the file by their old numbers; `programs` in the order of the pages, `embedded` in that of the attachments."""

    objects: Mapping[int, PdfObject]
    programs: Mapping[int, Sequence[bytes | TextPlace]]
    embedded: Sequence[int]
    picture: int
    signature: int | None
    signature_parts: tuple[bytes, bytes]
    trailer: PdfDictionary
    identifiers: tuple[bytes, ...]


def _take_apart(file: PdfFile, order: LetterOrder, fonts: ValueFonts, family: QrFamily) -> _Parts:
    # 2
    texts = replace(order.texts, moment=MARKED_MOMENT)
    objects: dict[int, PdfObject] = dict(file.objects)
    signature = None
    if order.seal_size:
        numbers, changed = objects_with_seal(file, texts)
        objects |= changed
        signature = numbers.signature
    first_font = max(objects) + 1
    picture = first_font + 2 * FONT_OBJECTS
    for place, font in enumerate((fonts.regular, fonts.bold)):
        first = first_font + place * FONT_OBJECTS
        objects.update(enumerate(font.objects(first), start=first))
    added_fonts = {name: Reference(first_font + place * FONT_OBJECTS) for place, name in enumerate(_FONT_NAMES)}
    programs: dict[int, Sequence[bytes | TextPlace]] = {}
    for page in pages(file):
        resources = page.entries.get("Resources")
        if not isinstance(resources, Reference):
            raise MalformedPdf("shape", "the resources of a page are not an object of their own")
        objects[resources.number] = _resources(file, page, added_fonts, picture)
        number, program = _content(file, page)
        # 3
        programs[number] = divide_page(program, _page_fonts(file, page), _FONT_NAMES, family.side)
    identifiers = tuple(item for item in file.array(file.trailer.get("ID"), "the identifiers") if isinstance(item, bytes))
    return _Parts(
        objects,
        programs,
        [_embedded(file, attachment.name) for attachment in order.attachments],
        picture,
        signature,
        signature_parts(texts),
        file.trailer,
        identifiers,
    )


def _resources(file: PdfFile, page: Page, fonts: Mapping[str, Reference], picture: int) -> PdfObject:
    entries = file.dictionary(page.entries["Resources"], "the resources of a page")
    if "XObject" in entries:
        raise MalformedPdf("shape", "a page has pictures of its own")
    own = file.dictionary(entries.get("Font"), "the fonts of a page")
    return dictionary({**entries, "Font": dictionary({**own, **fonts}), "XObject": dictionary({QR_NAME: Reference(picture)})})


def _content(file: PdfFile, page: Page) -> tuple[int, bytes]:
    content = page.entries.get("Contents")
    if not isinstance(content, Reference):
        raise MalformedPdf("shape", "the content of a page is not an object of its own")
    return content.number, file.stream_data(file.stream(content, "the content of a page"))


def _page_fonts(file: PdfFile, page: Page) -> dict[str, PageFont]:
    resources = file.dictionary(page.entries["Resources"], "the resources of a page")
    fonts: dict[str, PageFont] = {}
    for name, reference in file.dictionary(resources.get("Font"), "the fonts of a page").items():
        entries = file.dictionary(reference, "a font")
        fonts[name] = PageFont(read_font(file, entries), bold=str(entries.get("BaseFont")).endswith("-Bold"))
    return fonts


def _embedded(file: PdfFile, name: str) -> int:
    names = file.dictionary(file.dictionary(file.root.get("Names"), "the names").get("EmbeddedFiles"), "the attachments")
    listed = file.array(names.get("Names"), "the names of the attachments")
    specification = file.dictionary(listed[listed.index(name.encode("ascii")) + 1], "an attachment")
    stream = file.dictionary(specification.get("EF"), "the bytes of an attachment").get("F")
    if not isinstance(stream, Reference):
        raise MalformedPdf("shape", "an attachment is not an object of its own")
    return stream.number


def _assemble(parts: _Parts, slots: Slots, rights: tuple[int, ...], family: QrFamily) -> Shape:
    # 4: constant objects, pages, attachments, the picture, what else differs, the signature; numbered in that order.
    moving = [*parts.programs, *parts.embedded, parts.picture]
    still = [number for number in parts.objects if number not in moving]
    others = [number for number in still if len(_pieces(parts, parts.objects[number])) > 1]
    constant = [number for number in still if number not in others]
    last = [] if parts.signature is None else [parts.signature]
    order = {old: new for new, old in enumerate([*constant, *moving, *others, *last], start=1)}
    written = {number: _renumbered(value, order) for number, value in parts.objects.items()}
    edges, pages_of = _pages(parts, order, slots, rights)
    trailer = _renumbered(dictionary({**parts.trailer, "Size": len(order) + 1}), order)
    opening, closing = parts.signature_parts
    values = len(slots.texts) + len(rights)

    def template(data: bytes) -> Template:
        return _template(split_object(data, parts.identifiers), values)

    return Shape(
        constant=_constant(constant, written, len(order)),
        rights=edges,
        pages=pages_of,
        attachments=tuple([_attachment(order[number], parts.objects[number]) for number in parts.embedded]),
        picture=_picture_head(order[parts.picture], family),
        others=tuple([template(_object(order[number], written[number])) for number in others]),
        signature=None if parts.signature is None else template(b"%d 0 obj\n%b" % (order[parts.signature], opening)),
        closing=closing,
        trailer=template(b"trailer\n%b\n" % write_object(trailer)),
    )


def _template(pieces: Sequence[Piece], made: int) -> Template:
    """Pieces as a template; `made` is the number of the first value after texts and sides."""
    constant = [b""]
    chosen: list[int] = []
    for piece in pieces:
        if isinstance(piece, bytes):
            constant[-1] += piece
            continue
        constant.append(b"")
        chosen.append(piece.number if isinstance(piece, TextOf) else made + _MADE.index(piece))
    return Template(tuple(constant), chooser(chosen))


_MADE = (Moment.PDF, Moment.XMP, Identifier.FILE)


def _object(number: int, value: PdfObject) -> bytes:
    return b"%d 0 obj\n%b\nendobj\n" % (number, write_object(value))


def _pieces(parts: _Parts, value: PdfObject) -> list[Piece]:
    if isinstance(value, Stream) and value.dictionary.get("Type") != "Metadata":
        return [b""]  # packed: fonts and colours
    return split_object(write_object(value), parts.identifiers)


def _renumbered(value: PdfObject, order: Mapping[int, int]) -> PdfObject:
    if isinstance(value, Reference):
        return Reference(order[value.number])
    if isinstance(value, tuple):
        return tuple([_renumbered(item, order) for item in value])
    if isinstance(value, Stream):
        entries = _renumbered(value.dictionary, order)
        if not isinstance(entries, Mapping):
            raise MalformedPdf("shape", "a stream has no dictionary")
        return Stream(dictionary(entries), value.raw)
    if isinstance(value, Mapping):
        return dictionary({key: _renumbered(item, order) for key, item in value.items()})
    return value


def _constant(numbers: Sequence[int], written: Mapping[int, PdfObject], count: int) -> Constant:
    objects = [_object(new, written[number]) for new, number in enumerate(numbers, start=1)]
    data = [b"%PDF-1.7\n%" + _fingerprint(objects) + b"\n", *objects]
    lines = [b"xref\n0 %d\n0000000000 65535 f \n" % (count + 1)]
    position = len(data[0])
    for item in objects:
        lines.append(b"%010d 00000 n \n" % position)
        position += len(item)
    joined = b"".join(data)
    return Constant(joined, hashlib.sha256(joined), b"".join(lines))


def _fingerprint(objects: Sequence[bytes]) -> bytes:
    """By which a check finds the shape of a document; the comment of binary bytes after the header (ISO 19005-3, 6.1.2) has room for it."""
    return bytes([byte | 0x80 for byte in hashlib.sha256(b"".join(objects)).digest()[:8]])


def _pages(
    parts: _Parts, order: Mapping[int, int], slots: Slots, rights: tuple[int, ...]
) -> tuple[tuple[RightEdge, ...], tuple[tuple[bytes, Template], ...]]:
    count = len(slots.texts)
    places_of_rights = {number: place for place, number in enumerate(rights)}
    edges: dict[int, RightEdge] = {}
    known: dict[tuple[float, float], RightEdge] = {}
    templates: list[tuple[bytes, Template]] = []
    found: list[int] = []
    for number, program in parts.programs.items():
        constant: list[bytes] = []
        chosen: list[int] = []
        before = b""
        for item in program:
            if isinstance(item, bytes):
                before += item
                continue
            found.append(item.number)
            right = places_of_rights.get(item.number)
            if right is None:
                before += write_object(item.left)
            else:
                edges[right] = known.setdefault((round(item.right, 2), item.size), RightEdge(item.right, item.size))
                constant.append(before)
                chosen.append(count + right)
                before = b""
            constant.append(before + b" %b Tm(" % write_object(item.up))
            chosen.append(item.number)
            before = b")"
        constant.append(before)
        templates.append((b"%d 0 obj\n<</Length " % order[number], Template(tuple(constant), chooser(chosen))))
    _require_all(found, count, slots)
    return tuple([edges[place] for place in range(len(rights))]), tuple(templates)


def _require_all(found: Sequence[int], count: int, slots: Slots) -> None:
    """Each value of the body stands once, each of header and footers once a page."""
    body = [number for number in found if number < slots.margins]
    if sorted(body) != list(range(slots.margins)) or set(found) != set(range(count)):
        raise MalformedPdf("shape", "a value is not on the pages, or is there twice")


def _attachment(number: int, value: PdfObject) -> AttachmentTemplate:
    if not isinstance(value, Stream):
        raise MalformedPdf("shape", "an attachment has no bytes")
    subtype = write_object(value.dictionary.get("Subtype"))
    return AttachmentTemplate(b"%d 0 obj\n<</Type/EmbeddedFile/Subtype%b/Params<</Size " % (number, subtype))


def _picture_head(number: int, family: QrFamily) -> bytes:
    size = len(family.bits("0" * 32))
    entries = (
        b"/Type/XObject/Subtype/Image/Width %d/Height %d/ImageMask true/BitsPerComponent 1/Decode[1 0]/Interpolate false/Length %d"
        % (family.side, family.side, size)
    )
    return b"%d 0 obj\n<<%b>>\nstream\n" % (number, entries)


def _prove(shape: Shape, order: LetterOrder, slots: Slots, family: QrFamily) -> None:
    # 5. The values are those of the letter itself, and are thrown away with the document.
    qr = family.bits(order.number)
    whole = finish_seal(shape.prepare(slots, order, qr), b"\x30\x00") if order.seal_size else shape.unsealed(slots, order, qr)
    try:
        file = read_file(whole)
        shown = page_text(file)
        problems = content_problems(file)
    except MalformedPdf as error:
        raise MalformedPdf("shape", f"a document of the shape cannot be read back: {error.code}") from error
    read = without_space("".join(page.content for page in shown))
    if problems or any(page.problems for page in shown) or read != printed_text(order.letter):
        raise MalformedPdf("shape", "a document of the shape says something else than its letter")
