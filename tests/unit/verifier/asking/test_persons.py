from blauweknop.domain.dates import PartialDate
from blauweknop.domain.document import JsonValue
from blauweknop.verifier.asking.persons import person_in

NAMES: dict[str, JsonValue] = {"given_name": "Samira", "family_name": "Haddaoui"}


def test_a_document_and_its_summary_are_of_the_same_person() -> None:
    document: dict[str, JsonValue] = {"data": {}, "subject": {**NAMES, "birth_date": {**PartialDate(1988, 6, 14).as_json()}}}
    summary = {**NAMES, "birth_date": "1988-06-14", "reference_date": "2026-11-30"}
    assert person_in(document) == person_in(summary) == {**NAMES, "birth_date": "1988-06-14"}


def test_a_day_of_which_a_part_is_not_known_stays_what_it_is() -> None:
    born: JsonValue = {**PartialDate(1988).as_json()}
    assert person_in({"subject": {"birth_date": born}}) == {"birth_date": born}


def test_what_was_not_shown_is_not_there() -> None:
    assert person_in({"family_name": "Haddaoui"}) == {"family_name": "Haddaoui"}
    assert person_in({"subject": {}}) == {}
