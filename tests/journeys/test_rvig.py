from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import jsonschema
import pytest

from blauweknop.adapters.sources import Source
from blauweknop.catalogue import json_schema, load_catalogue
from blauweknop.domain.document import Found, NoData, Outcome, Refused, Unavailable
from blauweknop.domain.identifiers import Bsn
from tests.journeys.rvig import CONTRADICTORY, RegisteredPerson, registered_people, rvig_source

AT = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
DATASET = load_catalogue().dataset("gem.brp")


@pytest.fixture(scope="module")
def people(shared_folder: Path) -> list[RegisteredPerson]:
    return registered_people(shared_folder)


@pytest.fixture(scope="module")
def source(shared_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Source:
    return rvig_source(shared_folder, tmp_path_factory.mktemp("rvig"))


def ask(source: Source, bsn: str) -> Outcome:
    return source.fetch(Bsn.parse(bsn), DATASET, at=AT)


def test_everyone_gets_an_extract_or_the_right_plain_reason(source: Source, people: list[RegisteredPerson]) -> None:
    wrong = []
    for person in people:
        outcome = ask(source, person.bsn)
        match outcome:
            case Found():
                came_to = None
            case Refused(code):
                came_to = code
            case Unavailable("answer"):
                came_to = CONTRADICTORY
            case _:
                came_to = outcome.kind.value
        if came_to != person.expected:
            wrong.append((people.index(person), person.expected, came_to))
    assert wrong == []


def test_the_set_is_as_large_as_it_should_be(people: list[RegisteredPerson]) -> None:
    expected = Counter(person.expected for person in people)

    assert expected == {None: 574, "emigrated": 54, "suspended": 21, "deceased": 20, "address_unknown": 4, CONTRADICTORY: 12}


def test_names_and_birth_dates_are_those_of_the_register(source: Source, people: list[RegisteredPerson]) -> None:
    for person in people:
        outcome = ask(source, person.bsn)
        if isinstance(outcome, Found):
            subject, data = outcome.snapshot.subject, outcome.snapshot.data
            assert (subject.given_name, subject.family_name) == (person.given_name, person.family_name)
            assert subject.birth_date.as_json() == data["geboorte"]["datum"]  # type: ignore[index,call-overload] # JSON by its schema
            born = subject.birth_date
            assert f"{born.year or 0:04d}{born.month or 0:02d}{born.day or 0:02d}" == person.birth


def test_every_extract_has_the_shape_of_the_data_set(source: Source, people: list[RegisteredPerson]) -> None:
    validator = jsonschema.Draft202012Validator(json_schema(DATASET)["properties"]["data"])
    for person in people:
        outcome = ask(source, person.bsn)
        if isinstance(outcome, Found):
            assert [error.json_path for error in validator.iter_errors(dict(outcome.snapshot.data))] == []


def test_partial_dates_stay_partial(source: Source, people: list[RegisteredPerson]) -> None:
    found = [outcome for outcome in (ask(source, person.bsn) for person in people) if isinstance(outcome, Found)]
    kinds = Counter(outcome.snapshot.subject.birth_date.kind for outcome in found)

    assert {"Datum", "JaarMaandDatum", "JaarDatum", "DatumOnbekend"} == set(kinds)


def test_former_rows_are_no_partners_children_or_nationalities(source: Source) -> None:
    outcome = ask(source, "999990639")

    assert isinstance(outcome, Found)
    children = outcome.snapshot.data["kinderen"]
    assert isinstance(children, list)
    assert [child["geboorte"]["datum"]["datum"] for child in children if isinstance(child, dict)] == [  # type: ignore[index,call-overload] # JSON by its schema
        "1950-11-11",
        "1951-12-23",
        "1957-08-31",
        "1953-04-11",
    ]


def test_someone_who_is_not_in_the_set_is_no_data(source: Source) -> None:
    assert ask(source, "900000016") == NoData()


def test_the_register_holds_people_who_can_never_log_in(shared_folder: Path, people: list[RegisteredPerson]) -> None:
    text = (shared_folder / "data" / "rvig" / "rvig-gbav-testset-20220502.csv").read_text("utf-8-sig")
    labelled = [line for line in text.splitlines()[1:] if not line.startswith(";")]

    assert len(labelled) - len(people) == 2  # without a BSN
