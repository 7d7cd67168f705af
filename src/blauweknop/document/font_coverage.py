"""Which characters a font file can print, so that a letter which our fonts lack is found before the page shows an empty box.

Reads the `cmap` table of TrueType and OpenType fonts (ISO/IEC 14496-22, 5.3), in the two formats that such fonts have: 4 and 12.
The fonts are our own, so a font of another form is a fault of the product and not of a document.
"""

import struct
from collections.abc import Iterator

from blauweknop.domain.errors import BlauweKnopError

__all__ = ["UnreadableFont", "characters_of"]

_UNICODE = {(0, 3), (0, 4), (3, 1), (3, 10)}  # platform and encoding of the tables that map Unicode


class UnreadableFont(BlauweKnopError):
    """A font of the product is not of the form that its reader knows."""


def characters_of(font: bytes) -> frozenset[int]:
    """The code points that the font has a glyph for.

    Raises:
        UnreadableFont: there is no Unicode `cmap` table in format 4 or 12.
    """
    try:
        start = _table(font, b"cmap")
        (count,) = struct.unpack_from(">H", font, start + 2)
        records = [struct.unpack_from(">HHL", font, start + 4 + 8 * number) for number in range(count)]
        places = {start + offset for platform, encoding, offset in records if (platform, encoding) in _UNICODE}
        found = frozenset(code for place in places for code in _codes(font, place))
    except struct.error as error:
        raise UnreadableFont("a font file ends too early") from error
    if not found:
        raise UnreadableFont("a font file has no Unicode character table")
    return found


def _table(font: bytes, tag: bytes) -> int:
    (count,) = struct.unpack_from(">H", font, 4)
    for number in range(count):
        name, _, offset, _ = struct.unpack_from(">4sLLL", font, 12 + 16 * number)
        if name == tag:
            return int(offset)
    raise UnreadableFont("a font file has no character table")


def _codes(font: bytes, place: int) -> Iterator[int]:
    (kind,) = struct.unpack_from(">H", font, place)
    if kind == 4:
        return _format_4(font, place)
    if kind == 12:
        return _format_12(font, place)
    raise UnreadableFont("a font file has a character table of another format than 4 and 12")


def _format_4(font: bytes, place: int) -> Iterator[int]:
    (double,) = struct.unpack_from(">H", font, place + 6)
    segments = double // 2

    def row(number: int, kind: str = "H") -> tuple[int, ...]:
        offset = place + 14 + number * double + (2 if number else 0)  # two bytes of padding after the first row
        return struct.unpack_from(f">{segments}{kind}", font, offset)

    offsets_at = place + 16 + 3 * double
    for index, (last, first, delta, offset) in enumerate(zip(row(0), row(1), row(2, "h"), row(3), strict=True)):
        for code in range(first, min(last, 0xFFFE) + 1):
            glyph = code
            if offset:
                (glyph,) = struct.unpack_from(">H", font, offsets_at + 2 * index + offset + 2 * (code - first))
            if (not offset or glyph) and (glyph + delta) & 0xFFFF:
                yield code


def _format_12(font: bytes, place: int) -> Iterator[int]:
    (groups,) = struct.unpack_from(">L", font, place + 12)
    for number in range(groups):
        first, last, glyph = struct.unpack_from(">LLL", font, place + 16 + 12 * number)
        yield from (code for code in range(first, last + 1) if glyph + code - first)
