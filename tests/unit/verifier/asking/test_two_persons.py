"""Whether two answers are of one person."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blauweknop.domain.document import JsonValue
from blauweknop.domain.verdict import Colour
from blauweknop.verifier.asking.answers import CheckedItem
from blauweknop.verifier.asking.household import Household, Part, Sameness, sameness

ANNA: dict[str, JsonValue] = {"given_name": "Anna", "family_name": "de Vries", "birth_date": "1990-02-01"}
NAMES: dict[str, JsonValue] = {"given_name": "Anna", "family_name": "de Vries"}
BORN: JsonValue = {"type": "Datum", "datum": "1990-02-01", "langFormaat": "1 februari 1990"}


def shown(claims: dict[str, JsonValue], *, index: int | None = None) -> list[CheckedItem]:
    item = CheckedItem("persoon", "persoon-kort", "gem.brp", "dc+sd-jwt", Colour.GREEN, claims=claims)
    return [replace(item, status_uri="https://bron.example/1", status_index=index)]


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (ANNA, ANNA, Sameness.SAME),
        (ANNA, {**ANNA, "family_name": "DE VRIES"}, Sameness.SAME),
        (ANNA, {"subject": {**NAMES, "birth_date": BORN}}, Sameness.SAME),
        (ANNA, {"nl.example": ANNA}, Sameness.SAME),
        (ANNA, {**ANNA, "family_name": "Jansen"}, Sameness.PERHAPS),
        (ANNA, {**ANNA, "birth_date": "1990-02-02"}, Sameness.OTHER),
        (ANNA, {**ANNA, "given_name": "Bea"}, Sameness.OTHER),
        (NAMES, NAMES, Sameness.PERHAPS),
        (NAMES, ANNA, Sameness.PERHAPS),
        (NAMES, {**NAMES, "family_name": "Jansen"}, Sameness.OTHER),
        (NAMES, {}, Sameness.PERHAPS),
        ({}, {}, Sameness.PERHAPS),
        ({**ANNA, "bsn": "900000001"}, {"given_name": "Bea", "bsn": "900000001"}, Sameness.SAME),
        ({**ANNA, "bsn": "900000001"}, {"subject": {**ANNA, "bsn": "900000002"}}, Sameness.OTHER),
        ({**ANNA, "bsn": "900000001"}, ANNA, Sameness.SAME),
    ],
)
def test_number_names_and_day_of_birth_tell_whether_two_answers_are_of_one_person(
    one: dict[str, JsonValue], other: dict[str, JsonValue], expected: Sameness
) -> None:
    assert sameness(shown(one), shown(other)) is expected
    assert sameness(shown(other), shown(one)) is expected


def test_the_very_same_credential_is_of_one_holder_whatever_it_says() -> None:
    assert sameness(shown(NAMES, index=7), shown({"given_name": "Bea"}, index=7)) is Sameness.SAME
    assert sameness(shown(NAMES, index=7), shown({"given_name": "Bea"}, index=8)) is Sameness.OTHER


@given(st.fixed_dictionaries({}, optional={name: st.sampled_from(["Anna", "Bea"]) for name in ("given_name", "family_name", "birth_date")}))
def test_who_answers_both_is_never_somebody_else(claims: dict[str, str]) -> None:
    assert sameness(shown(dict(claims)), shown(dict(claims))) is not Sameness.OTHER


def test_each_request_knows_its_own_part_and_the_other() -> None:
    household = Household("aa", "bb")
    assert [(household.part_of(one), household.other_than(one)) for one in ("aa", "bb")] == [(Part.FIRST, "bb"), (Part.SECOND, "aa")]
