from dataclasses import replace
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blauweknop.document.blocks import Block, Heading, Letter, Listing, Panel, Paragraph, Rows, Table
from blauweknop.document.pdf_syntax import operations
from blauweknop.document.shapes.marks import identifier_text, literal_text, mark, mark_number
from blauweknop.document.shapes.slots import Slots, read_slots, right_numbers, with_marks
from tests.unit.document.shapes.two_paths import typesetter

PLAIN = Letter("Titel", "nl", "Bron", "Kenmerk 3f2a", ("Controleer", "Geldig"), (), "https://c.example#" + "3f" * 16)
TABLE = Table("Lijst", ("Naam", "Bedrag"), (("Jan", "€ 1,00"), ("Piet", "€ 12,00")), (False, True), ("Totaal", "€ 13,00"))
WRAPPED = "Een waarde die langer is dan de regel waarop zij staat en dus verder gaat op de volgende"
BLOCKS: dict[str, Block] = {
    "rows": Rows((("Naam", "x"), ("Adres", "y"))),
    "rows of two lines": Rows((("Naam", WRAPPED), ("Adres", "y"))),
    "rows with another label": Rows((("Naam", "x"), ("Straat", "y"))),
    "fewer rows": Rows((("Naam", "x"),)),
    "an empty value": Rows((("Naam", ""), ("Adres", "y"))),
    "a list of the same words": Listing(("Naam", "Adres")),
    "a panel of the same words": Panel("Naam", ("Adres",)),
    "a paragraph": Paragraph("Naam"),
    "a heading": Heading(2, "Naam"),
    "a heading that is a value": Heading(3, "Naam"),
    "a table": TABLE,
    "a table of fewer rows": replace(TABLE, rows=TABLE.rows[:1]),
    "a table without total": replace(TABLE, total=None),
    "a table with another caption": replace(TABLE, caption="Andere"),
    "a table with another head": replace(TABLE, header=("Persoon", "Bedrag")),
    "a table with other kinds": replace(TABLE, numbers=(False, False)),
    "a table of wider numbers": replace(TABLE, rows=(("Jan", "€ 1.000.000.000,00"), ("Piet", "€ 12,00"))),
    "a table with an empty cell": replace(TABLE, rows=(("Jan", ""), ("Piet", "€ 12,00"))),
    "a table with another empty cell": replace(TABLE, rows=(("Jan", "€ 1,00"), ("Piet", ""))),
}


def slots_of(letter: Letter) -> Slots:
    slots = read_slots(letter, typesetter().value_fonts)
    assert slots is not None
    return slots


def test_letters_that_look_different_are_of_different_shapes() -> None:
    letters = {name: replace(PLAIN, blocks=(block,)) for name, block in BLOCKS.items()}
    keys = {name: slots_of(letter).key for name, letter in letters.items()}
    assert [(one, other) for one, other in combinations(keys, 2) if keys[one] == keys[other]] == []


@pytest.mark.parametrize(
    "change",
    [{"title": "Anders"}, {"language": "en"}, {"sender": "Andere"}, {"footer": ("Controleer",)}],
    ids=["title", "language", "sender", "footers"],
)
def test_what_stands_on_each_page_is_part_of_the_shape(change: dict[str, object]) -> None:
    assert slots_of(replace(PLAIN, **change)).key != slots_of(PLAIN).key  # type: ignore[arg-type] # one field of the letter at a time


def test_values_are_no_part_of_the_shape() -> None:
    one, other = (replace(PLAIN, blocks=(Rows((("Naam", name),)), TABLE), header=f"Kenmerk {name}") for name in ("Jan", "Anna"))
    assert slots_of(one).key == slots_of(other).key
    assert slots_of(one).texts != slots_of(other).texts


def test_each_line_of_a_value_has_its_own_place() -> None:
    slots = slots_of(replace(PLAIN, blocks=(Rows((("Naam", WRAPPED),)),)))
    assert "".join(slots.texts[: slots.margins]) == WRAPPED
    assert slots.margins == 2


def test_marks_take_the_place_of_each_line_and_nothing_else() -> None:
    letter = replace(PLAIN, blocks=tuple(BLOCKS.values()))
    slots = slots_of(letter)
    marked = with_marks(letter, slots, typesetter().value_fonts, str)
    again = with_marks(letter, slots, typesetter().value_fonts, lambda number: slots.texts[number].replace("\n", ""))
    assert [block for block in marked.blocks if isinstance(block, Listing | Panel | Paragraph)] == [
        block for block in letter.blocks if isinstance(block, Listing | Panel | Paragraph)
    ]
    assert again.header == letter.header
    assert again.footer == letter.footer
    assert [block for block in again.blocks if isinstance(block, Table)] == [block for block in letter.blocks if isinstance(block, Table)]


def test_what_stands_to_the_right_are_the_numbers_their_totals_and_the_header() -> None:
    letter = replace(PLAIN, blocks=(TABLE,))
    slots = slots_of(letter)
    rights = right_numbers(letter, slots, typesetter().value_fonts)
    assert [slots.texts[number] for number in rights] == ["€ 1,00", "€ 12,00", "€ 13,00", "Kenmerk 3f2a"]
    assert slots.rights == [typesetter().value_fonts.regular.width(text) for text in ("€ 1,00", "€ 12,00")] + [
        typesetter().value_fonts.bold.width("€ 13,00"),
        typesetter().value_fonts.regular.width("Kenmerk 3f2a"),
    ]


@pytest.mark.parametrize("header", ["", "x" * 200, "Ŝ"])
def test_a_header_that_is_not_one_line_of_the_font_is_refused(header: str) -> None:
    assert read_slots(replace(PLAIN, header=header), typesetter().value_fonts) is None


def test_a_value_of_too_many_lines_is_refused() -> None:
    assert read_slots(replace(PLAIN, blocks=(Rows((("Naam", "woord " * 120 + "eind"),)),)), typesetter().value_fonts) is None


def test_a_mark_is_found_again_by_its_number() -> None:
    assert [mark_number(mark(number)) for number in (0, 7, 9999)] == [0, 7, 9999]
    assert mark_number("Gewone tekst 0001") is None


@pytest.mark.parametrize("text", [mark(10_000), mark(1) + " ", "Þ", "x" + mark(1), mark(1) + mark(2)])
def test_a_mark_with_more_beside_it_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="mark"):
        mark_number(text)


@settings(max_examples=300, derandomize=True, deadline=None)
@given(st.binary(max_size=40) | st.text("()\\\r\n\u0128\u0129\u015c\u010d\u010aab").map(lambda text: text.encode("utf-16-be")))
def test_what_is_written_as_a_string_is_read_back_as_it_was(data: bytes) -> None:
    (((operator, operands)),) = operations(b"(" + literal_text(data) + b") Tj")
    assert (operator, operands) == (b"Tj", (data,))


def test_an_identifier_is_written_in_letters_that_need_no_care() -> None:
    assert identifier_text("00" * 16) == b"A" * 22 + b"=="
    assert {len(identifier_text(f"{number:032x}")) for number in range(0, 1 << 128, 1 << 124)} == {24}
