"""Proves of a learned shape that its documents say what their values are, before other documents are compared with it.

The document that a shape was learned from was found good, with its own values. A source that is deceived could have sealed one that is good
with these values only: a value that stands there as fixed text, a replacement text that fits one value, a place at the edge of the paper, a
font that is right for some letters. So the shape is filled with other values, and the document that comes of it is read as in a full check:

1. the fonts of values are the same on each page, are used for values alone, and each value is in the font and size that its room has;
2. filled with texts that differ from each other, as wide as there is room, the file is in order and the pages say these texts;
3. the same with other texts, and with the narrowest ones: what lies between two widths stands between their places.

The moment, the identifier and the attachments are others too, and must be read back.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

from blauweknop.checking.page_step import find_page_difference
from blauweknop.document.page_text import page_text
from blauweknop.document.pdf_file import PdfFile, read_file
from blauweknop.document.pdf_parts import EmbeddedFile, embedded_files, pages
from blauweknop.document.pdf_rules import content_problems
from blauweknop.document.pdf_seal import Seal, read_seal
from blauweknop.document.pdf_syntax import MalformedPdf, operations
from blauweknop.document.sealing import finish_seal
from blauweknop.document.shapes.learning import VALUE_FONTS
from blauweknop.document.shapes.order import LetterOrder
from blauweknop.document.shapes.shape import Shape
from blauweknop.document.shapes.slots import Room, Slots, right_numbers, rooms, with_marks
from blauweknop.document.value_fonts import ValueFonts

__all__ = ["LearnedFrom", "claimed_moment", "is_proved"]

_MOST_PAGES = 1 << 20  # bytes on the pages of the document that was learned from
_SIGNS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
_WIDE, _THIN = "m", "i"
_CYCLES = (62, 61)
"""After how many values the first sign of a value is the same again; no two values of a letter have both the same."""

_OTHER_NUMBER = "5a" * 16
_OTHER_TIME = timedelta(days=401, hours=7, minutes=11, seconds=13)
_SHOWING = (b"Tj", b"TJ", b"'", b'"')
_SPACING = (b"Tc", b"Tw", b"Tz", b"Ts", b'"')
"""What would make the width of a text another one than the sum of its letters (ISO 32000-1, 9.3)."""


@dataclass(frozen=True, slots=True)
class LearnedFrom:
    """The document: its letter with its values, what was in it, and the modules of its QR code."""

    order: LetterOrder = field(repr=False)
    slots: Slots = field(repr=False)
    fonts: ValueFonts
    files: Mapping[str, EmbeddedFile] = field(repr=False)
    seal: Seal = field(repr=False)
    qr: bytes = field(repr=False)


def claimed_moment(order: LetterOrder) -> str:
    """/M of the seal of a document of a shape (ISO 32000-1, 7.9.4)."""
    return order.texts.moment.strftime("D:%Y%m%d%H%M%S+00'00'")


def is_proved(shape: Shape, source: LearnedFrom) -> bool:
    """Whether each document of this shape says what its values are, in a file that is in order."""
    room = rooms(source.order.letter, source.slots, source.fonts)
    try:
        return all(_reads_back(shape, source, room, texts) for texts in _fillings(source, room))
    except (MalformedPdf, _NotProved, LookupError):
        return False


class _NotProved(Exception):
    """The pages show something otherwise than shapes do."""


def _fillings(source: LearnedFrom, room: Sequence[Room]) -> Iterator[list[str]]:
    spaces = [" " if text.endswith(" ") else "" for text in source.slots.texts]
    for cycle in _CYCLES:
        yield [_wide(_SIGNS[number % cycle], one) + space for number, (one, space) in enumerate(zip(room, spaces, strict=True))]
    narrow = [min((char for char in one.font.widths if not char.isspace()), key=one.font.widths.__getitem__) for one in room]
    yield [char + space for char, space in zip(narrow, spaces, strict=True)]


def _wide(first: str, room: Room) -> str:
    """A text that begins with this sign and is as wide as its room, or a hair wider."""
    widths = room.font.widths
    left = room.widest - widths[first]
    wide = max(0, int(left // widths[_WIDE]))
    thin = max(0, int(-(-(left - wide * widths[_WIDE]) // widths[_THIN])))
    return first + wide * _WIDE + thin * _THIN


def _reads_back(shape: Shape, source: LearnedFrom, room: Sequence[Room], texts: list[str]) -> bool:
    order, fonts = source.order, source.fonts
    rights = right_numbers(order.letter, source.slots, fonts)
    slots = replace(source.slots, texts=texts, rights=[room[number].font.width(texts[number]) or 0.0 for number in rights])
    letter = with_marks(order.letter, source.slots, fonts, texts.__getitem__)
    attachments = tuple([replace(item, data=item.data[::-1] + b"#") for item in order.attachments])
    moment = replace(order.texts, moment=order.texts.moment - _OTHER_TIME)
    other = replace(order, letter=letter, attachments=attachments, texts=moment, number=_OTHER_NUMBER)
    file = read_file(finish_seal(shape.prepare(slots, other, source.qr), source.seal.cms))
    return (
        not content_problems(file)
        and _parts_agree(file, source, other)
        and [*_values_shown(file)] == _values_placed(shape, room, texts)
        and _pages_agree(file, other)
    )


def _parts_agree(file: PdfFile, source: LearnedFrom, other: LetterOrder) -> bool:
    """What the seal and the attachments say of themselves is the same, but for the moment and the bytes."""
    seal = read_seal(file)
    was = source.seal
    if (seal.moment, seal.cms, seal.sub_filter) != (claimed_moment(other), was.cms, was.sub_filter):
        return False
    told = {item.name: replace(source.files[item.name], content=item.data) for item in other.attachments}
    return (seal.name, seal.reason, seal.location) == (was.name, was.reason, was.location) and embedded_files(file) == told


def _pages_agree(file: PdfFile, other: LetterOrder) -> bool:
    shown = page_text(file)
    return not any(page.problems for page in shown) and find_page_difference(other.letter, shown) is None


def _values_placed(shape: Shape, room: Sequence[Room], texts: Sequence[str]) -> list[tuple[str, float, bytes]]:
    """Font, size and codes of each value in the order of the pages, as the places of the shape have them."""
    numbers = [*[b"%d" % number for number in range(len(texts))], *([b""] * (len(shape.rights) + 3))]
    chosen = [int(number) for _, page in shape.pages for number in page.choose(numbers) if number]
    return [(VALUE_FONTS[room[number].bold], room[number].size, texts[number].encode("utf-16-be")) for number in chosen]


def _values_shown(file: PdfFile) -> Iterator[tuple[str, float, bytes]]:
    """Font, size and codes of each text in a font of values.

    Raises: _NotProved when the pages do not have these as two fonts with a name each, or show something else in them than values.
    """
    first: Sequence[object] = ()
    pictures: Sequence[object] = ()
    for page in pages(file):
        resources = file.dictionary(page.entries.get("Resources"), "the resources of a page")
        fonts = file.dictionary(resources.get("Font"), "the fonts of a page")
        own = [fonts.get(name) for name in VALUE_FONTS]
        painted = [*file.dictionary(resources.get("XObject"), "the pictures of a page").values()]
        first, pictures = first or own, pictures or painted
        if own != first or painted != pictures or len(painted) != 1 or any(fonts[name] in own for name in fonts.keys() - {*VALUE_FONTS}):
            raise _NotProved("a page has fonts or pictures otherwise than the first one")
        yield from _in_value_fonts(file.stream_data(file.stream(page.entries.get("Contents"), "the content of a page")))


def _in_value_fonts(program: bytes) -> Iterator[tuple[str, float, bytes]]:
    font: tuple[object, object] = ("", 0)
    saved: list[tuple[object, object]] = []
    for operator, operands in operations(program):
        if operator in _SPACING:
            raise _NotProved("a page changes the widths of its texts")
        if operator == b"q":
            saved.append(font)
        elif operator == b"Q":
            font = saved.pop() if saved else ("", 0)
        elif operator == b"Tf":
            font = operands[0], operands[1]
        elif operator in _SHOWING and font[0] in VALUE_FONTS:
            size, codes = font[1], operands[0]
            if operator != b"Tj" or not isinstance(codes, bytes) or not isinstance(size, int | float):
                raise _NotProved("a font of values shows something else than a value")
            yield str(font[0]), float(size), codes
