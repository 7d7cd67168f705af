import struct

import pytest
from fontTools.ttLib import TTFont

from blauweknop.document.font_coverage import UnreadableFont, characters_of
from tests.unit.document.pdf_samples import FONTS

NAMES = sorted(path.name for path in FONTS.glob("*.ttf"))


def with_cmap(body: bytes, *, platform: int = 3, encoding: int = 10) -> bytes:
    """The least of a font file that has a character table."""
    table = struct.pack(">HH", 0, 1) + struct.pack(">HHL", platform, encoding, 12) + body
    return struct.pack(">LHHHH", 0x10000, 1, 16, 0, 0) + struct.pack(">4sLLL", b"cmap", 0, 28, len(table)) + table


@pytest.mark.parametrize("name", NAMES)
def test_another_reader_of_fonts_finds_the_same_characters(name: str) -> None:
    with TTFont(FONTS / name) as font:
        assert characters_of((FONTS / name).read_bytes()) == frozenset(font.getBestCmap())


def test_a_character_without_a_glyph_does_not_count() -> None:
    groups = struct.pack(">HHLLL", 12, 0, 40, 0, 2) + struct.pack(">LLLLLL", 65, 67, 5, 70, 70, 0)
    assert characters_of(with_cmap(groups)) == {65, 66, 67}


@pytest.mark.parametrize(
    "font",
    [
        b"",
        (FONTS / NAMES[0]).read_bytes()[:2000],
        with_cmap(struct.pack(">HHLLL", 13, 0, 40, 0, 0)),
        with_cmap(struct.pack(">HHLLL", 12, 0, 40, 0, 0)),
        with_cmap(struct.pack(">HHLLL", 12, 0, 40, 0, 9)),
        with_cmap(b"", platform=1, encoding=0),
        struct.pack(">LHHHH", 0x10000, 0, 0, 0, 0),
    ],
    ids=["empty", "cut-off", "other-format", "no-groups", "missing-groups", "no-unicode", "no-table"],
)
def test_a_font_of_another_form_is_refused(font: bytes) -> None:
    with pytest.raises(UnreadableFont):
        characters_of(font)
