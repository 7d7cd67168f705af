"""The two fonts in which the values of a letter are set, regular and bold: how wide each letter is, and the fonts themselves.

They are taken from a specimen that typst sets in the styles of the letter (`layout/specimen.typ`), so that they hold exactly the glyphs
which the letter has. A value is set without kerning and with digits of one width: its width is the sum of the widths of its letters.

In the documents of compiled shapes these fonts have Unicode as their code: the text on the page is UTF-16 (see docs/shapes.md). The map
from code to glyph is `/CIDToGIDMap` (ISO 32000-1, 9.7.4.2).
"""

import re
import unicodedata
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from blauweknop.document.pdf_file import PdfFile
from blauweknop.document.pdf_fonts import read_font
from blauweknop.document.pdf_parts import pages
from blauweknop.document.pdf_syntax import MalformedPdf, Name, PdfDictionary, PdfObject, Reference, Stream, dictionary, operations

__all__ = ["FONT_OBJECTS", "ValueFont", "ValueFonts", "is_letter", "read_value_fonts"]

FONT_OBJECTS = 6
"""How many objects of a file one font takes."""

_FAMILY = "AtkinsonHyperlegibleNext"
_WEIGHTS = ("Regular", "Bold")
_USUAL_WIDTH = 700.0
_MOST_KNOWN = 1 << 14
_NUMBERS = re.compile(
    r"((?:-?€\u00a0\d{1,3}(?:\.\d{3})*,\d\d\n)+)|((?:-?€\d{1,3}(?:,\d{3})*\.\d\d\n)+)|((?:\d+,\d\d\n)+)|((?:\d+\.\d\d\n)+)|((?:\d+\n)+)",
    re.ASCII,
)
"""Lines that are all of one kind: Dutch or English amounts, Dutch or English numbers with two decimals, whole numbers."""


class ValueFont:
    """One weight. It remembers the widths of dates; safe between threads, since what it remembers is true for all.

    All widths are in thousandths of the font size.
    """

    def __init__(self, name: str, widths: Mapping[str, float], objects: Sequence[PdfObject]) -> None:
        self.name = name
        self.widths = dict(widths)
        self._objects = tuple(objects)
        self._known: dict[str, float] = {}
        self._numbers: dict[tuple[int | None, int, bool], float] = {}

    def width(self, text: str) -> float | None:
        """None when the font lacks a letter of the text."""
        known = self._known.get(text)
        return (self._measured(text) if known is None else known) or (None if text else 0.0)

    def text_widths(self, cells: Sequence[str]) -> list[float | None]:
        """The widths of many texts; quicker than one by one, since most were measured before."""
        known: list[float | None] = list(map(self._known.get, cells))
        if None in known:
            known = [self._measured(cell) if width is None else width for cell, width in zip(cells, known, strict=True)]
        if 0.0 in known:
            known = [width or (None if cell else 0.0) for cell, width in zip(cells, known, strict=True)]
        return known

    def _measured(self, text: str) -> float:
        """0 for a text with a letter of another font, since no letter is that narrow."""
        try:
            width = sum(map(self.widths.__getitem__, text))
        except KeyError:
            width = 0.0
        # Dates come back in other letters; names must not stay in memory after theirs.
        if text[:1].isdigit() and " " in text:
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            self._known[text] = width
        return width

    def number_widths(self, cells: Sequence[str]) -> list[float | None]:
        """The widths of the cells of a column of numbers. Digits are of one width, so that few measures do for all of them."""
        found = _NUMBERS.fullmatch("\n".join(cells) + "\n")
        if found is None:
            return self.text_widths(cells)
        # Numbers of one kind and length have the same signs at the same places, apart from a minus in front.
        kind, known = found.lastindex, self._numbers
        try:
            return [known[kind, len(cell), cell < "0"] for cell in cells]
        except KeyError:
            for cell in cells:
                known[kind, len(cell), cell < "0"] = sum(map(self.widths.__getitem__, cell))
            return [known[kind, len(cell), cell < "0"] for cell in cells]

    def room_for(self, text: str) -> float:
        """The width, or for letters of another font about that."""
        width = self.width(text)
        return sum(self.widths.get(char, _USUAL_WIDTH) for char in text) if width is None else width

    def objects(self, first: int) -> tuple[PdfObject, ...]:
        """The font as `FONT_OBJECTS` objects of a file, numbered from `first`; the first of them is the font."""
        font, part, description, program, glyphs, characters = self._objects
        return (
            _with(font, {"DescendantFonts": (Reference(first + 1),), "ToUnicode": Reference(first + 5)}),
            _with(part, {"FontDescriptor": Reference(first + 2), "CIDToGIDMap": Reference(first + 4)}),
            _with(description, {"FontFile2": Reference(first + 3)}),
            program,
            glyphs,
            characters,
        )


@dataclass(frozen=True, slots=True, eq=False)
class ValueFonts:
    """Both weights. Two of these are never equal, so that they can be looked up quickly."""

    regular: ValueFont = field(repr=False)
    bold: ValueFont = field(repr=False)


def read_value_fonts(specimen: PdfFile) -> ValueFonts:
    """The fonts of a typeset specimen.

    Raises: MalformedPdf when it is not what the layout makes.
    """
    entries = {_name(font): font for font in _fonts(specimen)}
    shown = _shown(specimen)
    regular, bold = (_value_font(specimen, entries[f"{_FAMILY}-{weight}"], shown) for weight in _WEIGHTS)
    return ValueFonts(regular, bold)


def _with(value: PdfObject, entries: Mapping[str, PdfObject]) -> PdfObject:
    if not isinstance(value, Mapping):
        raise MalformedPdf("font", "a part of a font is not a dictionary")
    return dictionary({**value, **entries})


def _name(font: PdfDictionary) -> str:
    return str(font.get("BaseFont")).split("+")[-1]


def _page_fonts(specimen: PdfFile) -> Iterator[tuple[bytes, dict[str, PdfDictionary]]]:
    """Of each page its content and its fonts by name."""
    for page in pages(specimen):
        resources = specimen.dictionary(page.entries.get("Resources"), "the resources of a page")
        names = specimen.dictionary(resources.get("Font"), "the fonts of a page")
        program = specimen.stream_data(specimen.stream(page.entries.get("Contents"), "the content of a page"))
        yield program, {name: specimen.dictionary(font, "a font") for name, font in names.items()}


def _fonts(specimen: PdfFile) -> Iterator[PdfDictionary]:
    for _, fonts in _page_fonts(specimen):
        yield from fonts.values()


def _shown(specimen: PdfFile) -> dict[int, set[int]]:
    """Per font (its identity) the codes that are a letter of one glyph alone; the specimen sets each letter by itself."""
    alone: dict[int, set[int]] = {}
    for program, fonts in _page_fonts(specimen):
        font = 0
        for operator, operands in operations(program):
            if operator == b"Tf":
                font = id(fonts[str(operands[0])])
            elif operator == b"Tj" and isinstance(operands[0], bytes) and len(operands[0]) == 2:
                alone.setdefault(font, set()).add(int.from_bytes(operands[0], "big"))
    return alone


def _value_font(specimen: PdfFile, entries: PdfDictionary, shown: Mapping[int, set[int]]) -> ValueFont:
    font = read_font(specimen, entries)
    glyphs = {font.characters[code]: code for code in sorted(shown[id(entries)]) if is_letter(font.characters.get(code, ""))}
    widths = {char: font.widths.get(glyph, font.default_width) for char, glyph in glyphs.items()}
    part = specimen.dictionary(specimen.array(entries["DescendantFonts"], "the parts of a font")[0], "the part of a font")
    description = specimen.dictionary(part["FontDescriptor"], "the description of a font")
    program = specimen.stream(description["FontFile2"], "the program of a font")
    objects: tuple[PdfObject, ...] = (
        entries,
        _with(part, {"W": _listed(widths), "DW": 0}),
        # /CIDSet tells which codes there are, and the codes are others now; it is optional (ISO 19005-3, 6.2.11.4.2).
        dictionary({key: value for key, value in description.items() if key != "CIDSet"}),
        program,
        Stream(dictionary({"Filter": Name("FlateDecode")}), zlib.compress(_glyph_map(glyphs), 9)),
        Stream(dictionary({"Type": Name("CMap"), "CMapName": Name("Unicode")}), _character_map(sorted(map(ord, widths)))),
    )
    return ValueFont(_name(entries), widths, objects)


def is_letter(text: str) -> bool:
    """One letter, digit or sign that stands by itself: no mark that changes the letter before it, no white space but two plain ones."""
    if len(text) != 1 or ord(text) > 0xFFFF or unicodedata.category(text).startswith(("M", "C")):
        return False
    return text in " \u00a0" or not text.isspace()


def _listed(widths: Mapping[str, float]) -> PdfObject:
    listed: list[PdfObject] = []
    for first, last in _ranges(sorted(map(ord, widths))):
        listed += [first, tuple([_plain(widths[chr(code)]) for code in range(first, last + 1)])]
    return tuple(listed)


def _plain(width: float) -> int | float:
    return int(width) if width == int(width) else width


def _glyph_map(glyphs: Mapping[str, int]) -> bytes:
    codes = {ord(char): glyph for char, glyph in glyphs.items()}
    return b"".join([codes.get(code, 0).to_bytes(2, "big") for code in range(max(codes) + 1)])


def _ranges(codes: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Runs of codes without a hole that keep their first byte (Adobe technical note 5411, 1.4.2)."""
    first = last = codes[0]
    for code in codes[1:]:
        if code != last + 1 or code >> 8 != first >> 8:
            yield first, last
            first = code
        last = code
    yield first, last


_MAP = b"""/CIDInit /ProcSet findresource begin
12 dict begin
begincmap
/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def
/CMapName /Unicode def
/CMapType 2 def
1 begincodespacerange
<0000> <FFFF>
endcodespacerange
%bendcmap
CMapName currentdict /CMap defineresource pop
end
end
"""


def _character_map(codes: Sequence[int]) -> bytes:
    runs = list(_ranges(codes))
    sections = b""
    for start in range(0, len(runs), 100):  # at most 100 in one section
        section = runs[start : start + 100]
        lines = b"".join(b"<%04X> <%04X> <%04X>\n" % (first, last, first) for first, last in section)
        sections += b"%d beginbfrange\n%bendbfrange\n" % (len(section), lines)
    return _MAP % sections
