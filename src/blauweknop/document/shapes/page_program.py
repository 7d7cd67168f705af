"""Divides the content of a page into what is constant and the places of values.

typst writes each line of text as one group, `q` to `Q`: its place, its colour, its font, its glyphs. A group whose glyphs are a mark
becomes a place; the other groups stay as they are, only written shorter, since all of it is hashed for each document. The group of the QR
code becomes a picture of one bit a module.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from blauweknop.document.pdf_fonts import Font
from blauweknop.document.pdf_syntax import MalformedPdf, Name, PdfArray, PdfObject, dictionary, operations
from blauweknop.document.pdf_writing import write_object
from blauweknop.document.shapes.marks import literal_text, mark_number

__all__ = ["QR_NAME", "PageFont", "TextPlace", "divide_page", "qr_mark"]

QR_NAME = "qr"
_QR_QUIET_ZONE = 2  # modules, as `qr_svg` draws it
_QR_COLOUR = "#123456"
_QR_FILL = tuple(round(int(_QR_COLOUR[place : place + 2], 16) / 255, 4) for place in (1, 3, 5))

Operation = tuple[bytes, PdfArray]
_LINE_OF_TEXT = (b"q", b"cm", b"cs", b"scn", b"BT", b"Tr", b"Tf", b"Tm")


@dataclass(frozen=True, slots=True)
class TextPlace:
    """Where a line of a value stands, `left` and `up` in points, as its mark stood there; its text is the inside of a literal string.

    What is written is: left, `up`, the text. `right` is where the mark ended.
    """

    number: int
    left: float
    right: float
    up: float
    size: float
    bold: bool


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


def divide_page(program: bytes, fonts: Mapping[str, PageFont], names: tuple[str, str], side: int) -> list[bytes | TextPlace]:
    """The content of a page as constant bytes and places by turns. `names` are those of the fonts of values, regular and bold.

    Raises: MalformedPdf when a mark stands where no value can be put.
    """
    writing = _Writing(fonts, names, side)
    groups = list(_groups(list(operations(program))))
    place = 0
    while place < len(groups):
        line = _line_of(groups[place : place + 3])
        if line is not None:
            writing.line(*line)
            place += 3
        else:
            writing.group(groups[place])
            place += 1
    return writing.finish()


class _Writing:
    """What was written of a page, and the colour, font and kind of line that are in force there."""

    def __init__(self, fonts: Mapping[str, PageFont], names: tuple[str, str], side: int) -> None:
        self._fonts, self._names, self._side = fonts, names, side
        self._divided: list[bytes | TextPlace] = []
        self._constant: list[bytes] = []
        self._depth = 0
        self._colour = self._font = self._lines = b""

    def group(self, group: Sequence[Operation]) -> None:
        """One group of operations as typst wrote it."""
        self._end_lines()
        number = _marked(group, self._fonts)
        parts = _text_parts(group)
        if number is not None and parts is None:
            raise MalformedPdf("shape", "a value stands in a form that a shape does not know")
        if parts is not None:
            self._text(parts, number)
        elif _is_qr(group):
            self._write(_qr_picture(group, self._side))
        else:
            for operation in group:
                self._other(operation)

    def line(self, style: bytes, path: bytes) -> None:
        """A line that is no part of the text; lines of one style are painted one after the other."""
        if self._lines != style:
            self._end_lines()
            self._write(b"/Artifact<</Type/Layout>>BDC q\n" + style)
            self._lines = style
        self._write(path)

    def finish(self) -> list[bytes | TextPlace]:
        self._end_lines()
        return [*self._divided, b"".join(self._constant)]

    def _end_lines(self) -> None:
        if self._lines:
            self._write(b"Q EMC\n")
            self._lines = b""

    def _write(self, written: bytes) -> None:
        self._constant.append(written)

    def _other(self, operation: Operation) -> None:
        operator, _ = operation
        self._depth += (operator == b"q") - (operator == b"Q")
        if self._depth == 0 and operator not in (b"BDC", b"BMC", b"EMC", b"Q"):
            self._colour = self._font = b""
        self._write(_written(operation))

    def _text(self, parts: "_TextParts", number: int | None) -> None:
        # On the page itself colour and font stay in force; inside `q` they are said each time.
        inner = self._depth > 0
        if inner or parts.colour != self._colour:
            self._write(parts.colour)
        name, size = parts.font
        bold = self._fonts[name].bold
        font = b"/%b %b Tf " % ((self._names[bold] if number is not None else name).encode("ascii"), write_object(size))
        self._write(b"BT ")
        if inner or font != self._font:
            self._write(font)
        if not inner:
            self._colour, self._font = parts.colour, font
        self._write(b"1 0 0 1 ")
        if number is None:
            self._write(b"%b %b Tm %bET\n" % (write_object(parts.left), write_object(parts.up), _written(parts.shown)))
            return
        shown = _one_string(parts.shown)
        if shown is None:
            raise MalformedPdf("shape", "a value stands in a form that a shape does not know")
        width = sum(self._fonts[name].font.widths.get(glyph, 0.0) for glyph in _glyphs(shown)) * size / 1000
        self._divided += [b"".join(self._constant), TextPlace(number, parts.left, parts.left + width, parts.up, size, bold)]
        self._constant = [b"Tj ET\n"]


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


def _marked(group: Sequence[Operation], fonts: Mapping[str, PageFont]) -> int | None:
    """The number of the mark that a group shows."""
    try:
        return mark_number(_text_of(group, fonts))
    except ValueError as error:
        raise MalformedPdf("shape", "a value stands together with other words") from error


@dataclass(frozen=True, slots=True)
class _TextParts:
    """A line of text: where it begins, its colour and font, and the operation that shows it."""

    left: float
    up: float
    colour: bytes
    font: tuple[str, float]
    shown: Operation


def _one_string(operation: Operation) -> PdfObject | None:
    """The glyphs of an operation that shows them without moving them; None when it moves some."""
    shown = operation[1][0]
    if not isinstance(shown, tuple):
        return shown
    return shown[0] if len(shown) == 1 else None


def _text_parts(group: Sequence[Operation]) -> _TextParts | None:
    """The parts of a group that is one line of text as typst writes it; None for another group."""
    operators = tuple(operator for operator, _ in group)
    if operators[:8] != _LINE_OF_TEXT or operators[8:] not in ((b"Tj", b"ET", b"Q"), (b"TJ", b"ET", b"Q")):
        return None
    matrix, turned, (name, size) = group[1][1], group[7][1], group[6][1]
    if matrix[:4] != (1, 0, 0, -1) or turned != (1, 0, 0, -1, 0, 0) or group[5][1] != (0,):
        return None
    left, up = matrix[4:]
    if not isinstance(left, int | float) or not isinstance(up, int | float) or not isinstance(size, int | float):
        return None
    # Both matrices turn the page upside down, so that together they only move.
    return _TextParts(left, up, _written(group[2]) + _written(group[3]), (str(name), size), group[8])


_LAYOUT: PdfArray = (Name("Artifact"), dictionary({"Type": Name("Layout")}))
_RULE = (b"q", b"cm", b"CS", b"SCN", b"w", b"M", b"m", b"l", b"S", b"Q")


def _line_of(groups: Sequence[Sequence[Operation]]) -> tuple[bytes, bytes] | None:
    """Style and path of a rule between rows, which typst writes as an artifact of its own; None for other groups."""
    if len(groups) != 3 or len(groups[0]) != 1 or len(groups[2]) != 1:
        return None
    begin, rule, end = groups
    if begin[0][0] != b"BDC" or begin[0][1] != _LAYOUT or end[0][0] != b"EMC":
        return None
    if tuple(operator for operator, _ in rule) != _RULE or rule[1][1][:4] != (1, 0, 0, -1):
        return None
    left, up, from_left, from_up, to_left, to_up = (*rule[1][1][4:], *rule[6][1], *rule[7][1])
    corners = [value for value in (left, up, from_left, from_up, to_left, to_up) if isinstance(value, int | float)]
    if len(corners) != 6:
        return None
    x, y, x1, y1, x2, y2 = corners
    style = b"".join(map(_written, rule[2:6]))
    return style, b"%b %b m %b %b l S\n" % tuple(write_object(round(value, 5)) for value in (x + x1, y - y1, x + x2, y - y2))


def _is_qr(group: Sequence[Operation]) -> bool:
    return any(
        operator == b"scn" and tuple(round(part, 4) for part in operands if isinstance(part, int | float)) == _QR_FILL
        for operator, operands in group
    )


def _qr_picture(group: Sequence[Operation], side: int) -> bytes:
    kept = [operation for operation in group if operation[0] in (b"q", b"cm", b"Q")]
    if [operator for operator, _ in kept] != [b"q", b"cm", b"Q"]:
        raise MalformedPdf("shape", "the QR code stands in a form that a shape does not know")
    # The square of a picture has its origin below; here up is down (ISO 32000-1, 8.9.5.1).
    place = b"%d 0 0 -%d %d %d cm /%b Do\n" % (side, side, _QR_QUIET_ZONE, _QR_QUIET_ZONE + side, QR_NAME.encode("ascii"))
    return b"".join((_written(kept[0]), _written(kept[1]), b"/c1 cs\n0 scn\n", place, _written(kept[2])))


def _written(operation: Operation) -> bytes:
    operator, operands = operation
    return b" ".join([*map(_operand, operands), operator]) + b"\n"


def _operand(value: PdfObject) -> bytes:
    if isinstance(value, bytes):
        return b"(" + literal_text(value) + b")"
    if isinstance(value, tuple):
        return b"[" + b"".join(map(_operand, value)) + b"]" if any(isinstance(item, bytes) for item in value) else write_object(value)
    return write_object(value)
