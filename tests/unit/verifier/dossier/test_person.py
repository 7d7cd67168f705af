import pytest
from hypothesis import given
from hypothesis import strategies as st

from blauweknop.document.blocks import letter_text
from blauweknop.domain.dates import PartialDate
from blauweknop.domain.document import JsonValue
from blauweknop.domain.verdict import Colour
from blauweknop.verifier.asking.answers import CheckedItem
from blauweknop.verifier.dossier.letter import compose_dossier_letter
from blauweknop.verifier.dossier.person import DossierPerson, birth_in_words, person_of, seems_to_be, whose
from tests.unit.verifier.dossier.dossier_world import DUO, Desk, DossierWorld, made_dossier, piece, study_debt, wages
from tests.unit.verifier.dossier.sealed_dossiers import about, typesetter

SAMIRA = DossierPerson("Samira Fatima el Amrani-de Gro\u00dfe")


def named(given_name: str, family_name: str, **changes: object) -> CheckedItem:
    claims: dict[str, JsonValue] = {"given_name": given_name, "family_name": family_name, "birth_date": "1988-06-14"}
    return piece("studieschuld", "duo.studieschuld", DUO, claims, short=True, **changes)


@pytest.mark.parametrize(
    "expected", ["Samira el Amrani", "S. el Amrani", "s.f. EL AMRANI-DE GROSSE", "el Amrani", "Sam\u00edra el  Amrani", "Amrani, S."]
)
def test_a_name_may_be_written_shorter_and_without_marks(expected: str) -> None:
    assert seems_to_be(SAMIRA, expected)


@pytest.mark.parametrize("expected", ["Samira Bakker", "P. el Amrani", "S.", "Samir el Amrani", "\u2026"])
def test_another_name_is_another_name(expected: str) -> None:
    assert not seems_to_be(SAMIRA, expected)


@given(st.text(max_size=80), st.text(max_size=80))
def test_no_name_breaks_the_comparison(name: str, expected: str) -> None:
    if seems_to_be(DossierPerson(name), expected):
        assert any(char.isalnum() for char in expected)


def test_the_surest_piece_says_whose_it_is() -> None:
    pieces = made_dossier(wages(), named("Rood", "Ingetrokken", colour=Colour.RED), named("Samira", "el Amrani")).pieces
    found = person_of(pieces)
    assert found is not None
    assert found.name == "Samira el Amrani"


def test_a_day_of_birth_is_in_words_whatever_its_form() -> None:
    assert birth_in_words("1988-06-14", "nl") == "14 juni 1988"
    assert birth_in_words({**PartialDate(1988, 6).as_json()}, "nl") == "juni 1988"
    assert birth_in_words("gisteren", "nl") == "gisteren"


def test_without_a_name_in_the_pieces_it_is_not_who_was_expected() -> None:
    assert whose((), "Samira", "nl").differs
    assert not whose((), None, "nl").differs


def test_the_page_asks_whether_it_is_the_person_when_the_names_differ(world: DossierWorld, desk: Desk) -> None:
    page = desk.get(world.answered([named("Samira", "el Amrani")], expected="P. Bakker")).text
    for words in ("Is dit de persoon die u vroeg?", "P. Bakker", "Samira el Amrani", "14 juni 1988"):
        assert words in page


def test_the_page_asks_nothing_when_it_seems_to_be_the_person(world: DossierWorld, desk: Desk) -> None:
    page = desk.get(world.answered([named("Samira", "el Amrani")], expected="S. el Amrani")).text
    assert "Is dit de persoon die u vroeg?" not in page


def test_without_a_name_to_compare_the_page_says_that_anybody_can_answer(world: DossierWorld, desk: Desk) -> None:
    assert "Iedereen met de link kan antwoorden" in desk.get(world.answered([study_debt()])).text


def test_the_sealed_dossier_says_that_the_names_differ() -> None:
    dossier = made_dossier(named("Samira", "el Amrani"))
    letter = compose_dossier_letter(dossier, about(expected="P. Bakker"), "nl", printable=typesetter().printable)
    assert "een andere dan gevraagd was" in letter_text(letter)
