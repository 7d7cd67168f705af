from dataclasses import replace

import pytest

from blauweknop.catalogue import load_catalogue
from blauweknop.catalogue.texts import all_texts
from blauweknop.domain.dataset import Dataset
from blauweknop.domain.texts import Text
from tests.unit.catalogue.letter_fingerprints import add_new, fingerprint, fingerprints, kept

REMEDY = (
    "its letter would now say something else, so that every document of this version turns red: raise `version` in the file of the "
    "data set (of every data set, for a change in texts/letter.yaml), and run `python -m tests.unit.catalogue.letter_fingerprints`"
)
DATASET = load_catalogue().dataset("duo.studieschuld")
OTHER = Text("iets anders", "something else")


@pytest.mark.parametrize("name", fingerprints())
def test_the_words_of_a_version_stay_what_they_were(name: str) -> None:
    assert kept().get(name) == fingerprints()[name], f"{name}: {REMEDY}"


@pytest.mark.parametrize(
    "changed",
    [
        replace(DATASET, title=OTHER),
        replace(DATASET, letter_explanation=OTHER),
        replace(DATASET, legal_basis=(replace(DATASET.legal_basis[0], description=OTHER), *DATASET.legal_basis[1:])),
        replace(DATASET, objection=replace(DATASET.objection, about=OTHER)),
        replace(DATASET, fields=(replace(DATASET.fields[0], label=OTHER), *DATASET.fields[1:])),
        replace(DATASET, fields=DATASET.fields[1:]),
        replace(DATASET, validity_days=91),
    ],
    ids=["title", "explanation", "law", "objection", "label", "field", "validity"],
)
def test_a_change_that_a_letter_shows_is_seen(changed: Dataset) -> None:
    assert fingerprint(changed, all_texts()) != fingerprint(DATASET, all_texts())


def test_a_change_in_the_common_words_of_letters_is_seen() -> None:
    assert fingerprint(DATASET, {**all_texts(), "letter.total": OTHER}) != fingerprint(DATASET, all_texts())


def test_words_that_no_letter_has_are_free() -> None:
    assert fingerprint(replace(DATASET, about=OTHER), {**all_texts(), "web.menu": OTHER}) == fingerprint(DATASET, all_texts())


def test_a_version_that_was_kept_is_not_written_over() -> None:
    assert add_new({"a.b/1": "old"}, {"a.b/1": "new", "a.b/2": "newer"}) == {"a.b/1": "old", "a.b/2": "newer"}
