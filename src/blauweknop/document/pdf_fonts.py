"""From the glyphs of a font back to the characters they stand for.

Only what our letters use is read: composite fonts with Identity-H, embedded, with a /ToUnicode map (ISO 32000-1, 9.7 and 9.10.3;
ISO 19005-3, 6.2.11.7). Any other font is refused, because its text would be a guess.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from blauweknop.document.pdf_file import PdfFile
from blauweknop.document.pdf_syntax import MalformedPdf, PdfDictionary, PdfObject

__all__ = ["Clusters", "Font", "may_replace", "read_font"]

MAX_CHARACTERS = 1 << 20  # bytes of a /ToUnicode map


@dataclass(frozen=True, slots=True)
class Font:
    """The characters and the widths (thousandths of the font size) of the two-byte codes of a font."""

    characters: Mapping[int, str] = field(repr=False)
    widths: Mapping[int, float] = field(repr=False)
    default_width: float


class Clusters:
    """Reads codes to characters, and a letter drawn as several glyphs only once.

    typst gives each part of such a letter (the base and its diacritics) the whole letter as its character.
    Its state is the letter that was read last and the parts seen of it.
    """

    __slots__ = ("_font", "_parts", "_text")

    def __init__(self) -> None:
        self._font: Font | None = None
        self._text = ""
        self._parts: set[int] = set()

    def read(self, font: Font, codes: Sequence[int]) -> str:
        """The characters of these codes; U+FFFD for a code the font does not know."""
        return "".join([self.replace(font, (code,), font.characters.get(code, "\ufffd")) for code in codes])

    def replace(self, font: Font, codes: Sequence[int], text: str) -> str:
        """The text that these codes together stand for; empty when they are further parts of the letter before."""
        if font is self._font and text == self._text and self._parts.isdisjoint(codes) and _has_diacritic(text):
            self._parts.update(codes)
            return ""
        self._font, self._text, self._parts = font, text, set(codes)
        return text


def _has_diacritic(text: str) -> bool:
    return not text.isascii() and any(map(unicodedata.combining, unicodedata.normalize("NFD", text)))


_HYPHENS = frozenset("-\u00ad\u2010\u2011")


def may_replace(actual: str, told: str) -> bool:
    """Whether a replacement text is what typst makes one for: a letter that was put together from parts, or a hyphen.

    Plain letters, digits and signs are what their glyphs say; a replacement could make 1 of a 9 that everybody sees.
    """
    if actual == told or {*actual} | {*told} <= _HYPHENS:
        return True
    apart = unicodedata.normalize("NFD", actual)
    letters = [char for char in apart if unicodedata.category(char).startswith("L")]
    marks = [char for char in apart if unicodedata.category(char).startswith("M")]
    if not letters or len(letters) + len(marks) != len(apart):
        return False
    if "".join(letters) == "".join(char for char in unicodedata.normalize("NFD", told) if not unicodedata.combining(char)):
        return True  # the S of which typst makes \u015c is told as \u015c, and elsewhere stands for S
    return len(letters) <= 2 and not actual.isascii() and all(unicodedata.category(char)[0] in "LM" for char in told)


def read_font(file: PdfFile, entries: PdfDictionary) -> Font:
    """The font these entries describe. Raises: MalformedPdf (font, to_unicode, wrong_type)."""
    if entries.get("Subtype") != "Type0" or entries.get("Encoding") != "Identity-H":
        raise MalformedPdf("font", "a font is not composite with Identity-H")
    descendants = file.array(entries.get("DescendantFonts"), "the parts of a font")
    if len(descendants) != 1:
        raise MalformedPdf("font", "a font has more than one part")
    part = file.dictionary(descendants[0], "the part of a font")
    descriptor = file.dictionary(part.get("FontDescriptor"), "the description of a font")
    if not descriptor.keys() & {"FontFile2", "FontFile3"}:
        raise MalformedPdf("font", "a font is not embedded")
    if "ToUnicode" not in entries:
        raise MalformedPdf("to_unicode", "a font does not say which characters its glyphs are")
    characters = _characters(file.stream_data(file.stream(entries["ToUnicode"], "the characters of a font")))
    return Font(characters, _widths(file, part), _number(part.get("DW", 1000)))


_SECTION = re.compile(rb"(\d{1,3}) begin(bfchar|bfrange)\s")
_CHARACTER = re.compile(rb"\s*<([0-9A-Fa-f]{4})>\s*<([0-9A-Fa-f]{4,64})>\s*")
_RANGE = re.compile(rb"\s*<([0-9A-Fa-f]{4})>\s*<([0-9A-Fa-f]{4})>\s*(?:<([0-9A-Fa-f]{4,64})>|\[([^\]]*)\])\s*")
_TEXT = re.compile(rb"\s*<([0-9A-Fa-f]{4,64})>\s*")


def _characters(cmap: bytes) -> dict[int, str]:
    if len(cmap) > MAX_CHARACTERS:
        raise MalformedPdf("to_unicode", f"the characters of a font take more than {MAX_CHARACTERS} bytes")
    if b"usecmap" in cmap or not re.search(rb"begincodespacerange\s*<0000>\s*<[Ff]{4}>\s*endcodespacerange", cmap):
        raise MalformedPdf("to_unicode", "the characters of a font are not listed for two-byte codes")
    found: dict[int, str] = {}
    position = 0
    while section := _SECTION.search(cmap, position):
        position = cmap.find(b"end" + section[2], section.end())
        if position < 0:
            raise MalformedPdf("to_unicode", "a list of characters has no end")
        listed = cmap[section.end() : position]
        for code, text in _bfchar(listed) if section[2] == b"bfchar" else _bfrange(listed):
            if code in found:
                raise MalformedPdf("to_unicode", "a font lists a glyph twice")
            found[code] = text
    return found


def _bfchar(section: bytes) -> Iterator[tuple[int, str]]:
    for match in _each(_CHARACTER, section):
        yield int(match[1], 16), _text(match[2])


def _bfrange(section: bytes) -> Iterator[tuple[int, str]]:
    for match in _each(_RANGE, section):
        first, last = int(match[1], 16), int(match[2], 16)
        if match[3] is not None:
            start = _text(match[3])
            for code in range(first, last + 1):
                yield code, _meaning(start[:-1] + chr(min(ord(start[-1]) + code - first, 0x10FFFF)))
            continue
        texts = [_text(item[1]) for item in _each(_TEXT, match[4])]
        if len(texts) != last - first + 1:
            raise MalformedPdf("to_unicode", "a range of glyphs has another number of characters")
        yield from enumerate(texts, start=first)


def _each(pattern: re.Pattern[bytes], section: bytes) -> Iterator[re.Match[bytes]]:
    position = 0
    while position < len(section):
        match = pattern.match(section, position)
        if match is None:
            raise MalformedPdf("to_unicode", "the characters of a font are not listed in order")
        yield match
        position = match.end()


def _text(digits: bytes) -> str:
    try:
        return _meaning(bytes.fromhex(digits.decode("ascii")).decode("utf-16-be"))
    except ValueError as error:
        raise MalformedPdf("to_unicode", "the characters of a font are not UTF-16") from error


def _meaning(text: str) -> str:
    if any(char in "\x00\ufffd" or "\ud800" <= char <= "\uf8ff" for char in text):
        raise MalformedPdf("to_unicode", "a font gives a glyph a character without meaning")
    return text


def _widths(file: PdfFile, part: PdfDictionary) -> dict[int, float]:
    found: dict[int, float] = {}
    for first, widths in _listed_widths(file, part):
        # Each code once: overlapping ranges would mean different things to different readers, and endless work to us.
        codes = range(first, first + len(widths))
        if not widths or not 0 <= first <= 0x10000 - len(widths) or not found.keys().isdisjoint(codes):
            raise MalformedPdf("font", "the widths of a font are not in order")
        found.update(zip(codes, widths, strict=True))
    return found


def _listed_widths(file: PdfFile, part: PdfDictionary) -> Iterator[tuple[int, Sequence[float]]]:
    # ISO 32000-1, 9.7.4.3: "c [w1 w2 ...]" or "first last w", mixed.
    items = iter(file.array(part.get("W", ()), "the widths of a font"))
    for first in items:
        second = file.resolve(next(items, None))
        if type(first) is not int:
            raise MalformedPdf("font", "the widths of a font are not in order")
        if isinstance(second, tuple):
            yield first, [_number(width) for width in second]
        elif type(second) is int and 0 <= first <= second <= 0xFFFF:
            yield first, [_number(next(items, None))] * (second - first + 1)
        else:
            raise MalformedPdf("font", "the widths of a font are not in order")


def _number(value: PdfObject) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise MalformedPdf("font", "a width of a font is not a number")
    return float(value)
