from dataclasses import replace
from functools import cache

import pytest

from blauweknop.checking.page_step import find_page_difference
from blauweknop.document.blocks import Heading, Letter, Listing, Panel, Paragraph, Rows, Table
from blauweknop.document.page_text import PageText, page_text
from blauweknop.document.pdf_file import read_file
from blauweknop.domain.dataset import Dataset
from tests.unit.checking import exercise_documents as x
from tests.unit.document.content_samples import Style, letter_of

PLAIN = Letter("Studieschuld", "nl", "DUO", "Kenmerk 1", ("Controleer dit document",), (Paragraph("Een zin."),), "https://c.example#1")
ALL = [pytest.param(dataset, id=dataset.id) for dataset in x.catalogue().datasets.values()]


def pages_of(letter: Letter) -> tuple[PageText, ...]:
    return page_text(read_file(x.typeset(letter, [])))


def difference(said: Letter, shown: Letter) -> str | None:
    return find_page_difference(said, pages_of(shown))


def table(*rows: tuple[str, ...], total: tuple[str, ...] | None = None) -> Letter:
    header = tuple(f"Kolom {place}" for place in range(len(rows[0])))
    return replace(PLAIN, blocks=(Table("Bedragen", header, rows, (True,) * len(header), total),))


def rows(*pairs: tuple[str, str]) -> Letter:
    return replace(PLAIN, blocks=(Rows(pairs),))


@cache
def sentences(count: int) -> str:
    return " ".join(f"Dit is zin {number} van een lange uitleg." for number in range(count))


@pytest.mark.parametrize(("style", "language"), [("many", "nl"), ("extreme", "en")])
@pytest.mark.parametrize("dataset", ALL)
def test_the_pages_of_every_data_set_are_its_letter(dataset: Dataset, style: Style, language: str) -> None:
    letter = letter_of(dataset, style, language=language)
    assert difference(letter, letter) is None


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        (table(("1", "23", "x")), table(("12", "3", "x"))),
        (table(("1", "23")), table(("12", "3"))),
        (table(("1.000,00", "")), table(("1.0", "00,00"))),
        (table(("12", "")), table(("1", "2"))),
        (table(("1", "2"), ("3", "4")), table(("1", "23"), ("", "4"))),
        (table(("1",), total=("23",)), table(("12",), total=("3",))),
        (rows(("Bedrag 1", "2")), rows(("Bedrag", "12"))),
        (rows(("Bedrag", "1"), ("2", "x")), rows(("Bedrag", "12"), ("", "x"))),
        (replace(PLAIN, blocks=(Paragraph("Schuld 1"), Paragraph("2"))), replace(PLAIN, blocks=(Paragraph("Schuld"), Paragraph("12")))),
        (replace(PLAIN, blocks=(Paragraph("Een. Twee."),)), replace(PLAIN, blocks=(Paragraph("Een."), Paragraph("Twee.")))),
        (replace(PLAIN, blocks=(Paragraph("Een."), Paragraph("Twee."))), replace(PLAIN, blocks=(Paragraph("Een. Twee."),))),
        (replace(PLAIN, blocks=(Listing(("a 1", "2")),)), replace(PLAIN, blocks=(Listing(("a", "12")),))),
        (replace(PLAIN, blocks=(Heading(2, "Deel 1"), Paragraph("2"))), replace(PLAIN, blocks=(Heading(2, "Deel"), Paragraph("12")))),
        (replace(PLAIN, blocks=(Panel("Uitleg 1", ("2",)),)), replace(PLAIN, blocks=(Panel("Uitleg", ("12",)),))),
    ],
)
def test_text_that_moved_to_the_piece_beside_it_differs(said: Letter, shown: Letter) -> None:
    assert difference(said, said) is None
    assert difference(said, shown) == "page_differs"


@pytest.mark.parametrize("count", [150, 151, 152, 300])
def test_a_paragraph_may_go_on_over_the_page(count: int) -> None:
    letter = replace(PLAIN, blocks=(*(Paragraph(sentences(6)) for _ in range(6)), Paragraph(sentences(count)), Paragraph("Slot.")))
    assert len(pages_of(letter)) > 1
    assert difference(letter, letter) is None


def test_the_head_of_a_table_may_stand_again_on_each_page() -> None:
    letter = table(*((f"{number}", f"€\u00a0{number},00") for number in range(150)))
    pages = pages_of(letter)
    assert len(pages) > 3
    assert all("Kolom 0" in page.artifacts for page in pages[1:])
    assert find_page_difference(letter, pages) is None


def test_the_head_of_a_table_may_not_stand_again_with_other_words() -> None:
    letter = table(*((f"{number}", "1") for number in range(150)))
    pages = pages_of(letter)
    other = [replace(page, artifacts=page.artifacts.replace("Kolom 0", "Kolom 9")) for page in pages]
    assert find_page_difference(letter, other) == "page_artifacts"


def test_a_long_value_beside_its_label_may_go_on_over_the_page() -> None:
    letter = rows(("Naam", "woord " * 660), ("Bedrag", "1"))
    assert len(pages_of(letter)) > 1
    assert difference(letter, letter) is None


def test_a_long_word_may_break_anywhere() -> None:
    word = "Hottentottententententoonstellingsterrein" * 3
    letter = replace(
        table((word, "12", word)), blocks=(Heading(2, word), Rows((("Naam", f"a {word} b"),)), *table((word, "1", word)).blocks)
    )
    assert difference(letter, letter) is None


@pytest.mark.parametrize("word", ["ja!nee?ja", "www.duo.nl/a", "kop—staart", "a|b|c", "https://duo.nl", "een…twee", "a&b{c}d"])
def test_short_words_with_marks_may_break_at_the_mark(word: str) -> None:
    letter = table(*((f"{'x' * number} {word}",) + ("woord woord woord",) * 6 for number in range(24)))
    assert difference(letter, letter) is None


def test_a_page_more_differs() -> None:
    pages = pages_of(PLAIN)
    assert find_page_difference(PLAIN, [*pages, *pages]) == "page_differs"


def test_a_page_less_differs() -> None:
    assert find_page_difference(PLAIN, ()) == "page_differs"
