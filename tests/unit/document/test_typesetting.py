from dataclasses import replace
from functools import cache

import pytest

from blauweknop.catalogue import load_catalogue
from blauweknop.document.attachment import Attachment
from blauweknop.document.blocks import Heading, Letter, Paragraph, Rows, Table, printed_text, without_space
from blauweknop.document.page_text import PageText, page_text
from blauweknop.document.pdf_file import read_file
from blauweknop.document.pdf_parts import embedded_files
from blauweknop.document.typesetting import Typesetter, TypesettingFailed
from blauweknop.domain.dataset import Dataset
from tests.unit.document.content_samples import Style, letter_of
from tests.unit.document.pdf_samples import MOMENT

CATALOGUE = load_catalogue()
ALL = [pytest.param(dataset, id=dataset.id) for dataset in CATALOGUE.datasets.values()]
DATA = (Attachment("gegevens.json", b"{}", "application/json", "data", "Gegevens"),)
PLAIN = Letter("Studieschuld", "nl", "DUO", "Kenmerk 1", ("Controleer dit document",), (Paragraph("Een zin."),), "https://c.example#1")
LONG_WORD = "Hottentottententententoonstellingsterrein" * 3


@cache
def typesetter() -> Typesetter:
    return Typesetter()


def typeset(letter: Letter) -> bytes:
    return typesetter().typeset(letter, accent="#0b4a8f", attachments=DATA, made_at=MOMENT)


def pages_of(letter: Letter) -> tuple[PageText, ...]:
    return page_text(read_file(typeset(letter)))


def body(pages: tuple[PageText, ...]) -> str:
    return without_space("".join(page.content for page in pages))


def with_name(name: str) -> Letter:
    return replace(PLAIN, blocks=(Rows((("Naam", name), ("Geboortedatum", "1985"))),))


@pytest.mark.parametrize(("style", "language"), [("full", "nl"), ("full", "en"), ("many", "en"), ("extreme", "nl")])
@pytest.mark.parametrize("dataset", ALL)
def test_the_pages_say_what_the_letter_says(dataset: Dataset, style: Style, language: str) -> None:
    letter = letter_of(dataset, style, language=language)
    pages = pages_of(letter)
    assert body(pages) == printed_text(letter)
    assert [page.problems for page in pages if page.problems] == []


@pytest.mark.parametrize("dataset", ALL)
def test_a_person_of_whom_nothing_is_known_gets_a_letter_too(dataset: Dataset) -> None:
    letter = letter_of(dataset, "empty")
    assert body(pages_of(letter)) == printed_text(letter)


def test_five_hundred_rows_come_back_in_order() -> None:
    rows = tuple((f"Zaak {number}", f"{number} november", f"€\u00a0{number},00") for number in range(500))
    letter = replace(PLAIN, blocks=(Table("Zaken", ("Zaak", "Wanneer", "Bedrag"), rows, (False, False, True)),))
    pages = pages_of(letter)
    assert len(pages) > 10
    assert body(pages) == printed_text(letter)


def test_each_page_has_sender_reference_and_its_number() -> None:
    rows = tuple((f"{number}",) for number in range(90))
    letter = replace(PLAIN, blocks=(Table("Zaken", ("Zaak",), rows, (False,)),))
    pages = pages_of(letter)
    for page in pages:
        for words in ("DUO", "Kenmerk 1", "Controleer dit document", f"Pagina {page.number} van {len(pages)}"):
            assert words in page.artifacts


def test_a_word_wider_than_its_place_breaks_and_reads_whole() -> None:
    table = Table("Zaken", ("A", "B", "C", "D"), ((LONG_WORD,) * 4,) * 40, (False,) * 4)
    letter = replace(PLAIN, blocks=(Heading(2, "Deel"), Heading(3, LONG_WORD), Rows((("Naam", LONG_WORD),)), table))
    pages = pages_of(letter)
    assert body(pages) == printed_text(letter)
    assert [page.problems for page in pages if page.problems] == []
    assert len(pages) > 3, "forty rows of one line each would fit on one page"


@pytest.mark.parametrize("name", ["汉字", "😀", "אב", "क्षि", "a\x00b", "a\x07b", "\ue000", "a\u202eb"])
def test_a_character_that_cannot_be_printed_is_refused_with_its_place_and_without_its_value(name: str) -> None:
    with pytest.raises(TypesettingFailed, match="Naam") as caught:
        typeset(with_name(f"Jansen{name}"))
    assert "Jansen" not in f"{caught.value!r} {caught.value.remedy}"


def test_a_character_in_a_table_is_refused_with_its_column() -> None:
    table = Table("Zaken", ("Zaak", "Waarvoor"), (("1", "汉"),), (False, False))
    with pytest.raises(TypesettingFailed, match="Waarvoor"):
        typeset(replace(PLAIN, blocks=(table,)))


def test_a_character_in_the_heading_of_a_row_is_refused_with_its_part() -> None:
    with pytest.raises(TypesettingFailed, match="Uw banen"):
        typeset(replace(PLAIN, blocks=(Heading(2, "Uw banen"), Heading(3, "汉"))))


def test_a_character_in_the_margin_is_refused() -> None:
    with pytest.raises(TypesettingFailed):
        typeset(replace(PLAIN, sender="汉"))


@pytest.mark.parametrize("name", ["Şükrü Đorđević ẞ", "Σωκράτης", "Жанна", "a\u0301\u0328x", "½ № ‰", "d’Œuvre “x”", "’s-Gravenhage"])
def test_names_of_europe_come_back_as_they_were(name: str) -> None:
    letter = with_name(name)
    assert body(pages_of(letter)) == printed_text(letter)


def test_a_value_too_long_for_its_place_is_refused_before_it_is_read_wrong() -> None:
    rows = tuple((f"{number}", "woord " * 600, "€\u00a01,00") for number in range(3))
    with pytest.raises(TypesettingFailed, match="too long"):
        typeset(replace(PLAIN, blocks=(Table("Zaken", ("Zaak", "Waarvoor", "Bedrag"), rows, (False, False, True)),)))


def test_a_long_description_is_read_back_whole() -> None:
    rows = tuple((f"{number}", "woord " * 90, "€\u00a01,00") for number in range(12))
    letter = replace(PLAIN, blocks=(Table("Zaken", ("Zaak", "Waarvoor", "Bedrag"), rows, (False, False, True)),))
    assert body(pages_of(letter)) == printed_text(letter)


def test_a_long_value_goes_on_over_the_page() -> None:
    letter = with_name("woord " * 660)
    pages = pages_of(letter)
    assert len(pages) > 1
    assert body(pages) == printed_text(letter)


def test_the_attachment_comes_along_unchanged() -> None:
    attached = embedded_files(read_file(typeset(PLAIN)))["gegevens.json"]
    assert (attached.content, attached.mime, attached.relationship) == (b"{}", "application/json", "Data")


def test_what_a_letter_says_stays_out_of_repr() -> None:
    letter = replace(letter_of(CATALOGUE.dataset("duo.studieschuld")), header="Kenmerk 3f2a")
    shown = repr(letter) + repr(letter.blocks) + repr(DATA)
    assert [word for word in ("Zoë", "123456", "1.234,56", "3f2a", "{}") if word in shown] == []


def test_the_same_letter_gives_the_same_bytes() -> None:
    assert typeset(PLAIN) == Typesetter().typeset(PLAIN, accent="#0b4a8f", attachments=DATA, made_at=MOMENT)
