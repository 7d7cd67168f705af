"""Divides the content of a page into what is constant and the places of values.

typst writes each line of text as one group, `q` to `Q`: its place, its colour, its font, its glyphs. A group whose glyphs are a mark
becomes a place; the other groups stay as they are, only written shorter. The group of the QR code becomes a picture of one bit a module.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from blauweknop.document.pdf_fonts import Font
from blauweknop.document.pdf_syntax import MalformedPdf, PdfArray, PdfObject, operations
from blauweknop.document.pdf_writing import write_object
from blauweknop.document.shapes.marks import mark_number

__all__ = ["QR_NAME", "PageFont", "TextPlace", "divide_page", "qr_mark"]

QR_NAME = "qr"
_QR_QUIET_ZONE = 2  # modules, as `qr_svg` draws it
_QR_COLOUR = "#123456"
_QR_FILL = tuple(round(int(_QR_COLOUR[place : place + 2], 16) / 255, 4) for place in (1, 3, 5))

Operation = tuple[bytes, PdfArray]
_LINE_OF_TEXT = (b"q", b"cm", b"cs", b"scn", b"BT", b"Tr", b"Tf", b"Tm")


@dataclass(frozen=True, slots=True)
class TextPlace:
    """Where a line of a value stands: `left` and `up` in points, as the mark of this `width` stood there.

    `opening` and `closing` go around the place itself; `closing` begins after the text.
    """

    number: int
    left: float
    up: str
    width: float
    size: float
    bold: bool
    opening: str
    closing: str


@dataclass(frozen=True, slots=True)
class PageFont:
    """A font of the page as typst made it."""

    font: Font
    bold: bool


def qr_mark(side: int) -> str:
    """What is drawn in the place of the QR code while a shape is set: a square as large as its modules, in a colour of its own (SVG)."""
    whole = side + 2 * _QR_QUIET_ZONE
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{whole}" height="{whole}">'
        f'<path fill="{_QR_COLOUR}" d="M{_QR_QUIET_ZONE} {_QR_QUIET_ZONE}h{side}v{side}h-{side}z"/></svg>'
    )


def divide_page(program: bytes, fonts: Mapping[str, PageFont], names: tuple[str, str], side: int) -> list[str | TextPlace]:
    """The content of a page as constant text and places by turns. `names` are those of the fonts of values, regular and bold.

    Raises: MalformedPdf when a mark stands where no value can be put.
    """
    divided: list[str | TextPlace] = []
    constant: list[str] = []
    for group in _groups(list(operations(program))):
        place = _text_place(group, fonts, names)
        if place is not None:
            divided += ["".join([*constant, place.opening]), place]
            constant = [place.closing]
        elif _is_qr(group):
            constant.append(_qr_picture(group, side))
        else:
            constant.append(_line_of_text(group) or "".join(map(_written, group)))
    return [*divided, "".join(constant)]


def _groups(listed: Sequence[Operation]) -> Iterator[Sequence[Operation]]:
    """Each innermost `q` ... `Q` as one group, and every other operation as a group of its own."""
    place = 0
    while place < len(listed):
        end = place + 1
        if listed[place][0] == b"q":
            while end < len(listed) and listed[end][0] not in (b"q", b"Q"):
                end += 1
            if end == len(listed):
                raise MalformedPdf("graphics_state", "a graphics state is saved and not restored")
            end = end + 1 if listed[end][0] == b"Q" else place + 1
        yield listed[place:end]
        place = end


def _text_of(group: Sequence[Operation], fonts: Mapping[str, PageFont]) -> str:
    """All the text that a group shows."""
    shown = ""
    font: PageFont | None = None
    for operator, operands in group:
        if operator == b"Tf":
            font = fonts[str(operands[0])]
        elif operator in (b"Tj", b"TJ"):
            if font is None:
                raise MalformedPdf("font", "text is shown without a font")
            parts = operands[0] if isinstance(operands[0], tuple) else operands
            codes = b"".join(part for part in parts if isinstance(part, bytes))
            shown += "".join(font.font.characters.get(glyph, "\ufffd") for glyph in _glyphs(codes))
    return shown


def _glyphs(codes: PdfObject) -> list[int]:
    if not isinstance(codes, bytes):
        raise MalformedPdf("operands", "text is no string")
    return [int.from_bytes(codes[place : place + 2], "big") for place in range(0, len(codes), 2)]


def _text_place(group: Sequence[Operation], fonts: Mapping[str, PageFont], names: tuple[str, str]) -> TextPlace | None:
    try:
        number = mark_number(_text_of(group, fonts))
    except ValueError as error:
        raise MalformedPdf("shape", "a value stands together with other words") from error
    if number is None:
        return None
    parts = _text_parts(group)
    shown = _one_string(group[8]) if parts is not None else None
    if parts is None or shown is None:
        raise MalformedPdf("shape", "a value stands in a form that a shape does not know")
    left, up, colour = parts
    name, size = group[6][1]
    if not isinstance(size, int | float):
        raise MalformedPdf("operands", "a font has no size")
    font = fonts[str(name)]
    width = sum(font.font.widths.get(glyph, 0.0) for glyph in _glyphs(shown)) * size / 1000
    opening = f"q {colour}BT/{names[font.bold]} {_number(size)} Tf 1 0 0 1 "
    return TextPlace(number, left, _number(up), width, size, font.bold, opening, ">Tj ET Q\n")


def _one_string(operation: Operation) -> PdfObject | None:
    """The glyphs of an operation that shows them without moving them; None when it moves some."""
    shown = operation[1][0]
    if not isinstance(shown, tuple):
        return shown
    return shown[0] if len(shown) == 1 else None


def _text_parts(group: Sequence[Operation]) -> tuple[float, float, str] | None:
    """Left, up and colour of a group that is one line of text as typst writes it; None for another group."""
    operators = tuple(operator for operator, _ in group)
    if operators[:8] != _LINE_OF_TEXT or operators[8:] not in ((b"Tj", b"ET", b"Q"), (b"TJ", b"ET", b"Q")):
        return None
    matrix, turned = group[1][1], group[7][1]
    if matrix[:4] != (1, 0, 0, -1) or turned != (1, 0, 0, -1, 0, 0) or group[5][1] != (0,):
        return None
    left, up = matrix[4:]
    if not isinstance(left, int | float) or not isinstance(up, int | float):
        return None
    # Both matrices turn the page upside down, so that together they only move.
    return left, up, _written(group[2]) + _written(group[3])


def _line_of_text(group: Sequence[Operation]) -> str | None:
    parts = _text_parts(group)
    if parts is None:
        return None
    left, up, colour = parts
    return f"q {colour}BT {_written(group[6])}1 0 0 1 {_number(left)} {_number(up)} Tm {_written(group[8])}ET Q\n"


def _is_qr(group: Sequence[Operation]) -> bool:
    return any(
        operator == b"scn" and tuple(round(part, 4) for part in operands if isinstance(part, int | float)) == _QR_FILL
        for operator, operands in group
    )


def _qr_picture(group: Sequence[Operation], side: int) -> str:
    kept = [operation for operation in group if operation[0] in (b"q", b"cm", b"Q")]
    if [operator for operator, _ in kept] != [b"q", b"cm", b"Q"]:
        raise MalformedPdf("shape", "the QR code stands in a form that a shape does not know")
    # The square of a picture has its origin below; here up is down (ISO 32000-1, 8.9.5.1).
    place = f"{side} 0 0 -{side} {_QR_QUIET_ZONE} {_QR_QUIET_ZONE + side} cm /{QR_NAME} Do\n"
    return f"{_written(kept[0])}{_written(kept[1])}/c1 cs\n0 scn\n{place}{_written(kept[2])}"


def _written(operation: Operation) -> str:
    operator, operands = operation
    return " ".join([*(write_object(operand).decode("ascii") for operand in operands), operator.decode("ascii")]) + "\n"


def _number(value: float) -> str:
    return write_object(value).decode("ascii")
