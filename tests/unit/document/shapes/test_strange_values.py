import unicodedata
from collections.abc import Sequence
from datetime import UTC, datetime
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blauweknop.document.attachment import Attachment
from blauweknop.document.blocks import Block, Heading, Letter, Paragraph, Rows, Table, printed_text, without_space
from blauweknop.document.columns import PAGE_ROOM, measure
from blauweknop.document.page_text import page_text
from blauweknop.document.pdf_file import read_file
from blauweknop.document.pdf_rules import content_problems
from blauweknop.document.shapes.cache import Shapes
from blauweknop.document.typesetting import TypesettingFailed
from blauweknop.document.values import visible
from blauweknop.domain.money import format_cents, format_euros
from tests.unit.document.shapes.two_paths import EXHAUSTIVE, Twins, by_shape, typesetter

MOMENT = datetime(2026, 11, 23, 9, 1, tzinfo=UTC)
FILES = (
    Attachment("gegevens.json", b'{"a":"(\\\\)"}', "application/json", "data", "Gegevens"),
    Attachment("gegevens.sd-jwt", b"a.b.c~", "application/dc+sd-jwt", "alternative", "Bewijs"),
)
VALUE_ROOM = (PAGE_ROOM - 60 * 72 / 25.4) * 100
"""Thousandths of ten points."""
QUICK = settings(max_examples=500 if EXHAUSTIVE else 60, derandomize=True, deadline=None)

# Low bytes of ( ) \ CR LF; the registers' letters with diacritics; marks that stand apart; spaces of several kinds; what steers a line.
TRICKY = "()\\<>[]{}/%&#'\"`´’‘“”„«»\u00a0\u00ad\u0128\u0129\u015c\u010d\u010a\u0a28\u2028\u200b\u200d\u2060\u00feÞ-–—‑…€$%+=½²ªºĳĲŉĿſߗ÷"
LATIN = "".join(chr(code) for code in range(0xC0, 0x250))
WORD_LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
letters = st.one_of(st.sampled_from(WORD_LETTERS), st.sampled_from(TRICKY), st.sampled_from(LATIN), st.sampled_from("\u0301\u0308\u0327"))
words = st.text(letters, min_size=1, max_size=24) | st.text(st.sampled_from(WORD_LETTERS + ".,'&+:;()-"), min_size=1, max_size=50)
texts = st.lists(words, max_size=25).map(" ".join).map(lambda text: visible(unicodedata.normalize("NFC", text)))
in_font = st.deferred(lambda: st.text(st.sampled_from(sorted(typesetter().value_fonts.regular.widths)), max_size=40))
fitting = in_font.map(lambda text: visible(unicodedata.normalize("NFC", text)))
"""Whatever the font of values has, so that only where lines break can be in doubt."""
plain = st.lists(st.text(st.sampled_from("aeiolmnW.,'()-:"), min_size=1, max_size=12), min_size=4, max_size=60).map(" ".join)


FOOTER = ("Controleer op x", "Geldig")


def letter(*blocks: Block) -> Letter:
    return Letter(
        "Titel",
        "nl",
        "Bron",
        "Kenmerk 3f2a",
        ("Controleer op x", "Geldig"),
        (Heading(2, "Deel"), *blocks),
        "https://c.example#" + "3f" * 16,
    )


def both(made: Letter) -> Twins | None:
    """None when no letter can be made of it, on either path."""
    shapes = Shapes(typesetter(), seen_before=0)
    try:
        true = typesetter().typeset(made, accent="#0b4a8f", attachments=FILES, made_at=MOMENT)
    except TypesettingFailed:
        with pytest.raises(TypesettingFailed):
            shapes.typeset(made, accent="#0b4a8f", attachments=FILES, made_at=MOMENT)
        return None
    fast = shapes.typeset(made, accent="#0b4a8f", attachments=FILES, made_at=MOMENT)
    return Twins(fast if by_shape(fast) else None, true)


def faults(made: Letter) -> list[str]:
    """What is wrong with the document of a shape; nothing when the shapes refused it."""
    pair = both(made)
    if pair is None or pair.fast is None:
        return []
    file = read_file(pair.fast)
    found = [problem.code for problem in content_problems(file)]
    if without_space("".join(page.content for page in page_text(file))) != printed_text(made):
        found.append("says something else")
    return found + pair.differences()


def of_shape(made: Letter) -> bool:
    pair = both(made)
    return pair is not None and pair.fast is not None


@QUICK
@given(st.lists(fitting, max_size=5), texts)
def test_any_value_of_a_register_is_right_or_refused(values: list[str], strange: str) -> None:
    assert faults(letter(Rows(tuple((f"Veld {place}", value) for place, value in enumerate([*values, strange]))))) == []


@QUICK
@given(st.lists(fitting, min_size=1, max_size=9), fitting)
def test_any_letters_of_the_font_are_right_or_refused(values: list[str], title: str) -> None:
    assert faults(letter(Heading(3, title), Rows(tuple((f"Veld {place}", value) for place, value in enumerate(values))))) == []


@QUICK
@given(st.lists(st.tuples(fitting, fitting | plain, st.integers(-(10**9), 10**9)), min_size=1, max_size=5))
def test_any_table_of_letters_of_the_font_is_right_or_refused(rows: list[tuple[str, str, int]]) -> None:
    cells = tuple((one, other, format_cents(amount, "nl")) for one, other, amount in rows)
    assert faults(letter(Table("Lijst", ("Naam", "Omschrijving", "Bedrag"), cells, (False, False, True)))) == []


@QUICK
@given(st.lists(plain, min_size=1, max_size=2))
def test_lines_break_where_typst_breaks_them(values: list[str]) -> None:
    assert faults(letter(Rows(tuple((f"Veld {place}", value) for place, value in enumerate(values))))) == []


@QUICK
@given(texts, texts, st.lists(st.tuples(texts, plain | texts, st.integers(-(10**12), 10**12)), min_size=1, max_size=4))
def test_any_table_is_right_or_refused(title: str, value: str, rows: list[tuple[str, str, int]]) -> None:
    cells = tuple((one, other, format_cents(amount, "nl")) for one, other, amount in rows)
    total = ("Totaal", "", format_cents(sum(amount for _, _, amount in rows), "nl"))
    table = Table("Lijst", ("Naam", "Omschrijving", "Bedrag"), cells, (False, False, True), total)
    assert faults(letter(Heading(3, title), Rows((("Veld", value),)), table)) == []


amounts = st.integers(-(10**13), 10**13) | st.integers(-1000, 1000)
numbers = st.one_of(
    amounts.map(lambda cents: format_cents(cents, "nl")),
    amounts.map(lambda cents: format_cents(cents, "en")),
    amounts.map(lambda euros: format_euros(euros, "nl")),
    amounts.map(str),
    st.decimals(-9999, 9999, places=2).map(lambda number: f"{number}".replace(".", ",")),
    st.decimals(-9999, 9999, places=2).map(lambda number: f"{number}%"),
    st.just(""),
)


@QUICK
@given(st.integers(1, 9).flatmap(lambda count: st.lists(st.tuples(*[numbers] * count), min_size=1, max_size=8)), st.booleans())
def test_numbers_of_any_size_stand_to_the_right_on_one_line_or_are_refused(rows: list[tuple[str, ...]], with_total: bool) -> None:
    count = len(rows[0])
    header = tuple(f"Bedrag {place}" for place in range(count))
    table = Table("Bedragen", header, tuple(rows), (True,) * count, tuple(rows[0]) if with_total else None)
    assert faults(letter(table)) == []


@pytest.mark.parametrize("count", [1, 2, 29, 30, 31, 59, 60, 61, 120, 400])
def test_a_list_of_any_length_is_the_same_on_both_paths(count: int) -> None:
    rows = tuple(
        (f"{place % 28 + 1} maart 2026", f"Werkgever {place} B.V.", format_cents(place * 977 - 500, "nl")) for place in range(count)
    )
    made = letter(Table("Loon", ("Datum", "Werkgever", "Bedrag"), rows, (False, False, True), ("Totaal", "", "€\u00a01,00")))
    assert (of_shape(made), faults(made)) == (True, [])


def near(target: float, width_of: dict[str, float], chance: Random) -> str:
    """Words of about this width, to within a hundredth of a point of ten points."""
    while True:
        text = "Aan de rand van de regel staat een naam"
        left = target - sum(width_of[char] for char in text)
        while left > 600:
            char = chance.choice("aeinorstlm")
            text += char
            left -= width_of[char]
        for pair in ((one, other) for one in "ijlt.frsIJ" for other in " .ijlta,rceszv"):
            if abs(left - sum(width_of[char] for char in pair)) < 4 and pair[1] not in " ":
                return text + "".join(pair)


@pytest.mark.parametrize("hairs", range(-16, 17, 2))
def test_a_value_as_wide_as_its_room_but_for_a_hair_is_right_or_refused(hairs: int) -> None:
    widths = typesetter().value_fonts.regular.widths
    chance = Random(hairs)
    values = [near(VALUE_ROOM + hairs, widths, chance) + more for more in ("", " en nog wat woorden erachter") for _ in range(2)]
    assert faults(letter(Rows(tuple((f"Veld {place}", value) for place, value in enumerate(values))))) == []


@pytest.mark.parametrize(
    "value",
    [
        "Vrijgevestigde fysiotherapie en andere zorg (in onderzoek) bij meer dan een behandelaar",
        "Maximiliaan Bartholomeus Theodorus Alexander van der Wolfeschlegelsteinhausen-Oudenallen",
        "Laan van de Heilige Maria ter Engelen 's-Gravenhage (in onderzoek), Nederland, en verder",
        "Een lange naam van een werkgever B.V., gevestigd te Sint-Maartensvlotbrug (Noord-Holland)",
    ],
)
def test_values_that_wrap_in_usual_ways_are_of_a_shape(value: str) -> None:
    made = letter(Rows((("Naam", value),)), Table("Lijst", ("A", "B"), ((value, value),), (False, False)))
    assert (of_shape(made), faults(made)) == (True, [])


@pytest.mark.parametrize(
    "value",
    [
        "Vijftig woorden van een regel die verder gaat dan de rand/kant en nog wat meer dan dat",
        "Vijftig woorden van een regel die verder gaat dan de rand 12-14 en nog wat meer dan dat",
        "Vijftig woorden van een regel die verder\u00a0gaat dan de rand en nog wat meer dan dat daar",
        "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft te Wenen",
        "Ĉapek Ŝnitke Ĥašek",
    ],
)
def test_what_cannot_be_told_for_certain_is_refused(value: str) -> None:
    assert not of_shape(letter(Rows((("Naam", value),))))


def unusual(cells: Sequence[str]) -> Table:
    return Table("Lijst", ("Kolom",) * len(cells), (tuple(cells),), (False,) * len(cells))


@QUICK
@given(st.integers(1, 9).flatmap(lambda count: st.tuples(*[texts | plain] * count)), st.data())
def test_a_table_is_never_wider_than_the_page_and_its_numbers_fit(cells: tuple[str, ...], data: st.DataObject) -> None:
    kinds = tuple(data.draw(st.booleans()) for _ in cells)
    row = tuple(data.draw(numbers) if number else cell for cell, number in zip(cells, kinds, strict=True))
    measured = measure(Table("Lijst", ("Kolom",) * len(row), (row,), kinds), typesetter().value_fonts)
    columns = measured.columns
    if columns.widths is None:
        return
    assert sum(columns.widths) <= PAGE_ROOM + 0.01
    wide = [place for place, number in enumerate(kinds) if number and measured.cells[place].widest > columns.rooms[place]]
    assert wide == []


def test_a_paragraph_stays_as_it_was() -> None:
    assert faults(letter(Paragraph("Vaste tekst (met haakjes) \\ en meer"), Rows((("A", "b"),)))) == []
