import json
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from blauweknop.adapters.sources import DatasetSettings, SqlAdapter, open_source
from blauweknop.catalogue import json_schema
from blauweknop.domain.document import Found, Incomplete, NoData, Outcome, Unavailable
from blauweknop.domain.identifiers import Bsn
from tests.contracts.json_service import JsonService, json_answer, json_service, raw_answer, slow_answer
from tests.contracts.source_stand_ins import (
    BSN,
    DATASET,
    OTHER,
    PARTS,
    PERSON,
    Guise,
    Place,
    as_csv,
    as_json,
    as_ndjson,
    as_rest,
    as_sql,
    settings_of,
)

AT = datetime(2026, 11, 23, 14, 5, tzinfo=UTC)
GUISES = [as_rest, as_csv, as_json, as_ndjson]


@pytest.fixture
def service() -> Iterator[JsonService]:
    with json_service(json_answer({})) as running:
        yield running


@pytest.fixture
def place(tmp_path: Path, service: JsonService) -> Place:
    return Place(tmp_path, service=service)


@pytest.fixture(
    params=[as_sql, pytest.param("postgresql", marks=pytest.mark.suite("postgresql")), *GUISES],
    ids=["sqlite", "postgresql", "rest", "csv", "json", "ndjson"],
)
def guise(request: pytest.FixtureRequest, place: Place) -> Guise:
    if request.param == "postgresql":
        place.database_url = str(request.getfixturevalue("postgresql_url"))
        return as_sql
    chosen: Guise = request.param
    return chosen


def ask(settings: DatasetSettings, bsn: str = BSN) -> Outcome:
    return open_source(settings).fetch(Bsn.parse(bsn), DATASET, at=AT)


def test_every_adapter_gives_the_same_snapshot(guise: Guise, place: Place) -> None:
    outcome = ask(settings_of(guise, place, [OTHER, PERSON]))

    assert isinstance(outcome, Found)
    subject = outcome.snapshot.subject
    assert (subject.given_name, subject.family_name, subject.birth_date.in_words()) == ("Zoë", "van der Đorđević", "november 1998")
    assert outcome.snapshot.reference_moment == AT
    assert outcome.snapshot.data == {
        "schuldsaldo_inclusief_rente": 2345678,
        "rentepercentage": "0.0233",
        "rente_geldig_tot": "2026-12-31",
        "terugbetaalregime": "SF35",
        "fase": "aanloopfase",
        "wettelijk_maandbedrag": 9150,
        "te_betalen_maandbedrag": 0,
        "resterende_maanden": 408,
        "schuldonderdelen": [{"soort": "lening", "bedrag": 2000000}, {"soort": "ov", "bedrag": 345678}],
    }
    assert set(outcome.snapshot.data) <= set(json_schema(DATASET)["properties"]["data"]["properties"])


def test_nobody_by_this_bsn_is_no_data(guise: Guise, place: Place) -> None:
    assert ask(settings_of(guise, place, [OTHER])) == NoData()


def test_two_rows_for_one_person_are_no_answer(guise: Guise, place: Place) -> None:
    assert ask(settings_of(guise, place, [PERSON, PERSON | {"voornaam": "Dubbel"}])) == Unavailable("answer")


@pytest.mark.parametrize("column", ["rente", "achternaam", "geboren"])
def test_an_empty_value_that_is_demanded_makes_it_incomplete(guise: Guise, place: Place, column: str) -> None:
    empty = PERSON | {column: "", "tussen": ""}

    outcome = ask(settings_of(guise, place, [empty]))

    missing = {"rente": "rentepercentage", "achternaam": "subject.family_name", "geboren": "subject.birth_date"}[column]
    assert outcome == Incomplete((missing,))


def test_an_empty_value_in_a_row_of_a_list_makes_it_incomplete(guise: Guise, place: Place) -> None:
    parts = [PARTS[0], PARTS[1] | {"eur": ""}]

    assert ask(settings_of(guise, place, [PERSON], parts)) == Incomplete(("schuldonderdelen[].bedrag",))


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("schuld_eur", "23.456,78"),
        ("schuld_eur", "12,345"),
        ("rente", "twee"),
        ("rente_tot", "2026-12-31"),
        ("rente_tot", "31-02-2026"),
        ("regeling", "99"),
        ("maanden", "4,5"),
        ("geboren", "19981300"),
    ],
)
def test_a_value_in_another_form_is_no_answer(guise: Guise, place: Place, column: str, value: str) -> None:
    assert ask(settings_of(guise, place, [PERSON | {column: value}])) == Unavailable("answer")


def test_a_missing_column_is_never_a_shorter_document(guise: Guise, place: Place) -> None:
    without = {name: value for name, value in PERSON.items() if name != "rente"}

    outcome = ask(settings_of(guise, place, [without]))

    assert outcome in (Unavailable("configuration", retry_worthwhile=False), Incomplete(("rentepercentage",)))


def test_a_list_without_rows_is_an_empty_list(guise: Guise, place: Place) -> None:
    outcome = ask(settings_of(guise, place, [PERSON], []))

    assert isinstance(outcome, Found)
    assert outcome.snapshot.data["schuldonderdelen"] == []


def test_no_value_of_the_person_reaches_the_log(guise: Guise, place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    ask(settings_of(guise, place, [PERSON | {"schuld_eur": "geheim-bedrag"}]))

    printed = "".join(capsys.readouterr())
    assert "schuldsaldo_inclusief_rente" in printed
    assert not [value for value in (*PERSON.values(), "geheim-bedrag") if len(value) > 4 and value in printed]


def test_the_bsn_is_never_in_the_address(place: Place) -> None:
    ask(settings_of(as_rest, place, [PERSON]))

    assert place.service is not None
    (request_line, body) = place.service.requests[0]
    assert BSN not in request_line
    assert json.loads(body) == {"nummer": BSN}


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (json_answer({}, 500), Unavailable("answer")),
        (json_answer({}, 503), Unavailable("overloaded")),
        (json_answer({}, 429), Unavailable("overloaded")),
        (json_answer({}, 504), Unavailable("timeout")),
        (json_answer({}, 401), Unavailable("configuration", retry_worthwhile=False)),
        (raw_answer(b'{"gevonden": {"klanten": ['), Unavailable("answer")),
        (raw_answer(b"\xff\xfe"), Unavailable("answer")),
        (json_answer([]), Unavailable("answer")),
        (json_answer({"gevonden": {}}), Unavailable("answer")),
        (json_answer({"gevonden": {"klanten": ["x"]}}), Unavailable("answer")),
        (json_answer({"gevonden": {"klanten": [PERSON | {"delen": "x"}]}}), Unavailable("answer")),
        (json_answer({"gevonden": {"klanten": [PERSON]}}), Incomplete(("schuldonderdelen",))),
        (raw_answer(b"", 302, Location="http://127.0.0.1:1/"), Unavailable("answer")),
        (slow_answer(2), Unavailable("timeout")),
    ],
    ids=[
        "500",
        "503",
        "429",
        "504",
        "401",
        "broken",
        "no-utf8",
        "no-object",
        "no-list",
        "no-person",
        "no-rows",
        "half",
        "redirect",
        "slow",
    ],
)
def test_a_service_at_fault_gives_a_named_outcome(place: Place, answer: object, expected: Outcome) -> None:
    settings = settings_of(as_rest, place, [PERSON], timeout=0.3)
    assert place.service is not None
    place.service.answer = answer  # type: ignore[assignment] # parametrize knows no types

    assert ask(settings) == expected


def test_a_service_that_is_gone_is_a_lost_connection(tmp_path: Path) -> None:
    with json_service(json_answer({})) as gone:
        settings = settings_of(as_rest, Place(tmp_path, service=gone), [PERSON])

    assert ask(settings) == Unavailable("connection")


@pytest.mark.parametrize("cut", [1, 5, 30])
def test_a_csv_that_is_cut_off_is_no_answer(place: Place, cut: int) -> None:
    settings = settings_of(as_csv, place, [PERSON, OTHER])
    path = place.folder / "klanten.csv"
    path.write_bytes(path.read_bytes()[:-cut].rstrip(b"\r\n"))

    assert ask(settings) == Unavailable("answer")


def test_a_csv_list_that_is_cut_off_fails_the_whole_data_set(place: Place) -> None:
    settings = settings_of(as_csv, place, [PERSON])
    path = place.folder / "delen.csv"
    path.write_bytes(path.read_bytes()[:-4])

    assert ask(settings) == Unavailable("answer")


def test_an_ndjson_file_that_is_cut_off_is_no_answer(place: Place) -> None:
    settings = settings_of(as_ndjson, place, [OTHER, PERSON])
    path = place.folder / "klanten.ndjson"
    path.write_bytes(path.read_bytes()[:-20])

    assert ask(settings) == Unavailable("answer")


def test_a_file_that_is_gone_is_a_lost_connection(place: Place) -> None:
    settings = settings_of(as_csv, place, [PERSON])
    (place.folder / "klanten.csv").unlink()

    assert ask(settings) == Unavailable("connection")


def test_a_changed_file_is_read_again(place: Place) -> None:
    settings = settings_of(as_csv, place, [OTHER])
    assert ask(settings) == NoData()

    as_csv(place, [PERSON, OTHER], PARTS)

    assert isinstance(ask(settings), Found)


def test_a_database_file_that_was_replaced_is_read_anew(place: Place, tmp_path: Path) -> None:
    settings = settings_of(as_sql, place, [OTHER])
    assert ask(settings) == NoData()
    (tmp_path / "bron.sqlite").unlink()

    settings_of(as_sql, place, [PERSON])

    assert isinstance(ask(settings), Found)


def test_a_locked_database_is_busy(place: Place) -> None:
    settings = settings_of(as_sql, place, [PERSON], timeout=0.2)
    with sqlite3.connect(place.folder / "bron.sqlite", isolation_level=None) as other:
        other.execute("BEGIN EXCLUSIVE")
        outcome = ask(settings)
        other.execute("ROLLBACK")

    assert outcome == Unavailable("overloaded")


def test_a_slow_query_is_stopped(place: Place) -> None:
    settings = settings_of(as_sql, place, [PERSON], timeout=0.2)
    assert isinstance(settings.adapter, SqlAdapter)
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*), :bsn FROM n"

    outcome = ask(DatasetSettings(SqlAdapter(settings.adapter.url, endless, 0.2), settings.mapping))

    assert outcome == Unavailable("timeout")


@pytest.mark.suite("postgresql")
def test_a_slow_query_on_postgresql_is_stopped(place: Place, postgresql_url: str) -> None:
    place.database_url = postgresql_url
    settings = settings_of(as_sql, place, [PERSON])

    outcome = ask(DatasetSettings(SqlAdapter(postgresql_url, "SELECT pg_sleep(5), :bsn", 0.2), settings.mapping))

    assert outcome == Unavailable("timeout")


@pytest.mark.suite("postgresql")
def test_a_source_on_postgresql_is_only_read(place: Place, postgresql_url: str) -> None:
    place.database_url = postgresql_url
    settings = settings_of(as_sql, place, [PERSON])
    writing = "WITH gone AS (DELETE FROM klanten WHERE klant_bsn = :bsn RETURNING *) SELECT * FROM gone"

    outcome = ask(DatasetSettings(SqlAdapter(postgresql_url, writing), settings.mapping))

    assert isinstance(outcome, Unavailable)
    assert isinstance(ask(settings), Found)


def test_a_source_on_sqlite_is_only_read(place: Place) -> None:
    settings = settings_of(as_sql, place, [PERSON])
    assert isinstance(settings.adapter, SqlAdapter)
    writing = "DELETE FROM klanten WHERE klant_bsn = :bsn RETURNING *"

    outcome = ask(DatasetSettings(SqlAdapter(settings.adapter.url, writing), settings.mapping))

    assert isinstance(outcome, Unavailable)
    assert isinstance(ask(settings), Found)


def test_a_missing_table_fails_the_whole_data_set(place: Place) -> None:
    settings = settings_of(as_sql, place, [PERSON])
    with sqlite3.connect(place.folder / "bron.sqlite") as other:
        other.execute("DROP TABLE delen")

    assert ask(settings) == Unavailable("configuration", retry_worthwhile=False)


def test_a_database_that_is_gone_is_a_lost_connection(place: Place) -> None:
    settings = settings_of(as_sql, place, [PERSON])
    (place.folder / "bron.sqlite").unlink()

    assert ask(settings) == Unavailable("connection")
