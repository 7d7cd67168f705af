import unicodedata
from random import Random

import pytest
from fontTools.ttLib import TTFont
from hypothesis import given, settings
from hypothesis import strategies as st

from blauweknop.catalogue import load_catalogue
from blauweknop.document.page_text import page_text
from blauweknop.document.pdf_file import read_file
from blauweknop.document.pdf_fonts import Font, read_font
from blauweknop.document.pdf_parts import pages
from blauweknop.document.value_fonts import ValueFont
from blauweknop.domain.money import format_cents, format_euros
from tests.unit.document.content_samples import snapshot_of
from tests.unit.document.pdf_samples import FONTS
from tests.unit.document.shapes.two_paths import twins, typesetter

WEIGHTS = [pytest.param("regular", "400Regular", id="regular"), pytest.param("bold", "700Bold", id="bold")]
EVERY_CODE = range(0x10000)


def value_font(weight: str) -> ValueFont:
    font: ValueFont = getattr(typesetter().value_fonts, weight)
    return font


def glyph_of(font: TTFont, char: str) -> str:
    """The glyph that a value has for a letter: digits are of one width."""
    name: str = font.getBestCmap()[ord(char)]
    substitutions = tabular(font)
    return substitutions.get(name, name)


def tabular(font: TTFont) -> dict[str, str]:
    lookups = {
        index
        for record in font["GSUB"].table.FeatureList.FeatureRecord
        if record.FeatureTag == "tnum"
        for index in record.Feature.LookupListIndex
    }
    found: dict[str, str] = {}
    for index in lookups:
        for table in font["GSUB"].table.LookupList.Lookup[index].SubTable:
            found.update(getattr(table, "ExtSubTable", table).mapping)
    return found


def embedded(weight: str) -> Font:
    pair = twins(snapshot_of(load_catalogue().dataset("duo.studieschuld"), "full"), load_catalogue().dataset("duo.studieschuld"))
    assert pair.fast is not None
    file = read_file(pair.fast)
    page = next(iter(pages(file)))
    fonts = file.dictionary(file.dictionary(page.entries["Resources"], "resources")["Font"], "fonts")
    return read_font(file, file.dictionary(fonts[{"regular": "v0", "bold": "v1"}[weight]], "a font"))


@pytest.mark.parametrize(("weight", "name"), WEIGHTS)
def test_each_letter_is_as_wide_as_the_font_file_says(weight: str, name: str) -> None:
    font = TTFont(FONTS / f"AtkinsonHyperlegibleNext_{name}.ttf")
    scale = 1000 / font["head"].unitsPerEm
    widths = value_font(weight).widths
    told = {char: font["hmtx"][glyph_of(font, char)][0] * scale for char in widths}
    assert {char: (width, told[char]) for char, width in widths.items() if abs(width - told[char]) > 0.001} == {}


@pytest.mark.parametrize(("weight", "name"), WEIGHTS)
def test_the_font_has_the_letters_of_dutch_names_and_amounts(weight: str, name: str) -> None:
    wanted = set(
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 \u00a0€%.,:;-–'()/ëïéèüöäçñøåæßœĳĲŠšŽžŁłĐđŞşĞğİıČčĆćŘřŐőŰűŢţȚț"
    )
    assert wanted - value_font(weight).widths.keys() == set()


@pytest.mark.parametrize(("weight", "name"), WEIGHTS)
def test_all_digits_are_of_one_width(weight: str, name: str) -> None:
    assert len({value_font(weight).widths[digit] for digit in "0123456789"}) == 1


@pytest.mark.parametrize(("weight", "name"), WEIGHTS)
def test_no_letter_is_white_space_of_an_odd_kind_or_changes_the_letter_before_it(weight: str, name: str) -> None:
    odd = [
        char for char in value_font(weight).widths if unicodedata.category(char)[0] in "MC" or (char.isspace() and char not in " \u00a0")
    ]
    assert odd == []


@pytest.mark.parametrize(("weight", "name"), WEIGHTS)
def test_in_a_document_each_code_reads_as_its_own_letter_and_is_as_wide(weight: str, name: str) -> None:
    font, known = embedded(weight), value_font(weight).widths
    assert font.characters == {ord(char): char for char in known}
    assert {code: font.widths[code] for code in font.characters} == {ord(char): width for char, width in known.items()}


def one_by_one(font: ValueFont, cells: list[str]) -> list[float]:
    return [sum(font.widths[char] for char in cell) for cell in cells]


cents = st.integers(-(10**14), 10**14) | st.integers(-1000, 1000)
kinds = st.sampled_from(
    [
        lambda number: format_cents(number, "nl"),
        lambda number: format_cents(number, "en"),
        lambda number: format_euros(number, "nl"),
        lambda number: f"{abs(number) / 100:.2f}",
        lambda number: f"{abs(number) / 100:.2f}".replace(".", ","),
        str,
        lambda number: str(abs(number)),
    ]
)


@settings(max_examples=300, derandomize=True, deadline=None)
@given(
    kinds,
    st.lists(cents, min_size=1, max_size=12),
    st.lists(st.sampled_from(["", "12", "-3", "1,00", "1.00", "€\u00a01,00", "-€\u00a01,00"]), max_size=2),
)
def test_numbers_measured_together_are_as_wide_as_one_by_one(kind: object, amounts: list[int], more: list[str]) -> None:
    assert callable(kind)
    cells = [*(kind(amount) for amount in amounts), *more]
    Random(len(cells)).shuffle(cells)
    font = value_font("regular")
    assert font.number_widths(cells) == pytest.approx(one_by_one(font, cells))


def test_a_letter_of_another_font_has_no_width() -> None:
    font = value_font("regular")
    assert (font.width("Ŝnitke"), font.number_widths(["Ŝ", "1"])[0]) == (None, None)


def test_what_is_remembered_of_texts_is_bounded() -> None:
    font = ValueFont("test", dict.fromkeys("0123456789", 1.0), ())
    for number in range(40_000):
        font.width(str(number))
    assert len(font._known) <= 1 << 15


def test_the_documents_of_both_paths_read_the_same_with_another_reader() -> None:
    dataset = load_catalogue().dataset("gem.brp")
    pair = twins(snapshot_of(dataset, "full"), dataset)
    assert pair.fast is not None
    fast, true = (page_text(read_file(pdf)) for pdf in (pair.fast, pair.true))
    assert [page.content for page in fast] == [page.content for page in true]
