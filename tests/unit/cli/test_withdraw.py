import io
import json
import sqlite3
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes

from blauweknop.adapters.database import open_database, upgrade
from blauweknop.adapters.records import Records
from blauweknop.adapters.row_encryption import new_secret_key
from blauweknop.adapters.settings import load_settings
from blauweknop.adapters.status_lists import StatusLists
from blauweknop.assembly.sealing import row_key, status_places
from blauweknop.domain.identifiers import Bsn
from blauweknop.standards.status_list import INVALID
from blauweknop.standards.x509 import certificates_from_pem
from tests.security.bsn_scan import bsns_in
from tests.unit.cli.installation import DATASET, exit_of, install, rewrite, seal_input

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
DUO, DUO_TOO, UWV = "a" * 32, "b" * 32, "c" * 32
ANNA, BERT = Bsn.parse("999990019"), Bsn.parse("999992016")
FOR = {DUO: ANNA, DUO_TOO: BERT, UWV: ANNA}


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """An installation that made two documents as DUO, for Anna and for Bert, and one as UWV, for Anna."""
    file = install(tmp_path)
    made = {DUO: ("duo", "duo.studieschuld"), DUO_TOO: ("duo", "duo.studieschuld"), UWV: ("uwv", "uwv.verzekeringsbericht")}
    settings = load_settings(file)
    engine = open_database(settings.storage.url)
    upgrade(engine)
    for document_id, (source, dataset) in made.items():
        Records(engine, row_key(settings)).document_issued(
            document_id,
            source=source,
            dataset_id=dataset,
            dataset_version=1,
            issued_at=NOON,
            valid_until=NOON + timedelta(days=90),
            with_bsn=False,
            person=FOR[document_id],
            status=status_places(settings, settings.sources[source], engine, at_once=1)(NOON),
        )
    engine.dispose()
    return file


def withdraw(config: Path, *options: str) -> int:
    return exit_of(["withdraw", *options, "--config", str(config), "--language", "en"])


def withdrawn(config: Path) -> set[str]:
    """The documents that their lists say are withdrawn."""
    engine = open_database(load_settings(config).storage.url)
    with engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT hex(document_id_hash), source, status_list, status_index FROM issued_documents").all()
    names = {hash_of(document_id): document_id for document_id in (DUO, DUO_TOO, UWV)}
    found = set()
    for digest, source, list_id, index in rows:
        with StatusLists(engine, source).renewing(list_id) as renewal:
            if renewal.statuses.status(index) == INVALID:
                found.add(names[digest])
    engine.dispose()
    return found


def hash_of(document_id: str) -> str:
    digest = hashes.Hash(hashes.SHA256())
    digest.update(document_id.encode())
    return digest.finalize().hex().upper()


def certificate(config: Path, name: str) -> Path:
    return config.parent / "keys" / "sources" / "duo" / f"{name}.pem"


def fingerprint(config: Path, name: str) -> str:
    return certificates_from_pem(certificate(config, name).read_bytes())[0].fingerprint(hashes.SHA256()).hex()


def test_a_document_goes_without_a_question(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert withdraw(config, "--document", DUO) == 0
    assert withdrawn(config) == {DUO}
    assert capsys.readouterr().out.startswith("1 document withdrawn; 0 were so already.")


def test_the_same_command_again_changes_nothing(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    withdraw(config, "--document", DUO)
    capsys.readouterr()
    assert withdraw(config, "--document", DUO) == 0
    assert capsys.readouterr().out.startswith("0 documents withdrawn; 1 were so already.")
    assert withdrawn(config) == {DUO}


def test_documents_of_several_sources_go_at_once(config: Path) -> None:
    assert withdraw(config, "--document", DUO, "--document", UWV, "--yes") == 0
    assert withdrawn(config) == {DUO, UWV}


def test_numbers_come_from_a_file(config: Path, tmp_path: Path) -> None:
    (tmp_path / "numbers").write_text(f"{DUO}\n\n{DUO_TOO}\r\n")
    assert withdraw(config, "--documents-from", str(tmp_path / "numbers"), "--yes") == 0
    assert withdrawn(config) == {DUO, DUO_TOO}


def test_numbers_come_from_another_program(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(f"{DUO}\n".encode())))
    assert withdraw(config, "--documents-from", "-") == 0
    assert withdrawn(config) == {DUO}


def test_a_document_that_is_not_there_is_named_and_the_others_go(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert withdraw(config, "--document", DUO, "--document", "d" * 32) == 1
    assert withdrawn(config) == {DUO}
    assert "d" * 32 in capsys.readouterr().err


def test_a_document_of_another_source_than_the_one_given_stays(config: Path) -> None:
    assert withdraw(config, "--document", UWV, "--source", "duo") == 1
    assert withdrawn(config) == set()


@pytest.mark.parametrize(
    "options",
    [("--document", DUO, "--document", UWV), ("--dataset", "duo.studieschuld", "--since", "2026-11-23T12:00:00+00:00")],
    ids=["documents", "dataset"],
)
def test_many_do_not_go_when_nobody_can_be_asked(config: Path, options: Sequence[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert withdraw(config, *options) == 3
    said = capsys.readouterr().err
    assert "2 documents would be withdrawn" in said
    assert "--yes" in said
    assert withdrawn(config) == set()


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("answer", "code", "expected"), [("n\n", 1, set()), ("\n", 1, set()), ("y\n", 0, {DUO, DUO_TOO})])
def test_many_go_only_after_a_yes(
    config: Path, answer: str, code: int, expected: set[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", Terminal(answer))
    assert withdraw(config, "--dataset", "duo.studieschuld", "--since", "2026-11-23T12:00:00+00:00") == code
    assert withdrawn(config) == expected
    assert "2 documents will be withdrawn for good" in capsys.readouterr().out


def test_a_data_set_since_later_has_none(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert withdraw(config, "--dataset", "duo.studieschuld", "--since", "2026-11-23T12:00:01+00:00", "--yes") == 0
    assert capsys.readouterr().out.startswith("0 documents withdrawn")
    assert withdrawn(config) == set()


@pytest.mark.parametrize("name", ["seal", "credential"])
@pytest.mark.parametrize("form", ["hex", "colons", "file"])
def test_a_key_is_named_by_its_certificate(config: Path, name: str, form: str) -> None:
    plain = fingerprint(config, name)
    colons = ":".join(plain[at : at + 2] for at in range(0, 64, 2)).upper()
    given = {"hex": plain, "colons": colons, "file": str(certificate(config, name))}[form]
    assert withdraw(config, "--key", given, "--yes") == 0
    assert withdrawn(config) == {DUO, DUO_TOO}


def test_a_withdrawn_key_seals_no_more(config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    withdraw(config, "--key", fingerprint(config, "seal"), "--since", "2026-11-24T00:00:00+01:00", "--yes")
    assert withdrawn(config) == set()
    (tmp_path / "in.json").write_text(json.dumps(seal_input()))
    capsys.readouterr()
    assert exit_of(["seal", str(tmp_path / "in.json"), "--dataset", DATASET, "--config", str(config), "-o", str(tmp_path / "x.pdf")]) == 3
    assert "a key of duo was withdrawn" in capsys.readouterr().err


def persons(folder: Path, *lines: str) -> str:
    (folder / "persons").write_text("".join(f"{line}\n" for line in lines))
    return str(folder / "persons")


def lines_kept(config: Path) -> list[tuple[object, ...]]:
    with sqlite3.connect(config.parent / "blauweknop.db") as database:
        return database.execute("SELECT means, dataset_id, documents, reason FROM withdrawals ORDER BY id").fetchall()


def test_all_of_a_person_goes_at_the_source_whose_data_changed(config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert withdraw(config, "--persons-from", persons(tmp_path, ANNA.digits), "--source", "duo") == 0
    assert withdrawn(config) == {DUO}
    said = capsys.readouterr()
    assert said.out.startswith("1 document withdrawn; 0 were so already.")
    assert "For 0 of these 1 persons nothing had been made." in said.out
    assert not bsns_in(said.out + said.err)


def test_persons_come_from_another_program(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(f"{ANNA.digits}\r\n\n{BERT.digits}\n".encode())))
    assert withdraw(config, "--persons-from", "-", "--dataset", "duo.studieschuld", "--yes") == 0
    assert withdrawn(config) == {DUO, DUO_TOO}


def test_another_data_set_of_a_person_stays(config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert withdraw(config, "--persons-from", persons(tmp_path, ANNA.digits), "--dataset", "duo.studiefinanciering", "--source", "duo") == 0
    assert withdrawn(config) == set()
    assert "For 1 of these 1 persons nothing had been made." in capsys.readouterr().out


@pytest.mark.parametrize(
    ("between", "expected"),
    [
        (("--since", "2026-11-23T12:00:00Z"), {DUO}),
        (("--since", "2026-11-23T12:00:01Z"), set()),
        (("--until", "2026-11-23T12:00:00Z"), set()),
        (("--since", "2026-11-23T12:00:00Z", "--until", "2026-11-23T12:00:01Z"), {DUO}),
    ],
)
def test_of_a_person_goes_what_was_made_between_two_moments(
    config: Path, tmp_path: Path, between: Sequence[str], expected: set[str]
) -> None:
    assert withdraw(config, "--persons-from", persons(tmp_path, ANNA.digits), "--source", "duo", *between) == 0
    assert withdrawn(config) == expected


def test_a_data_set_goes_until_a_moment(config: Path) -> None:
    bounds = ("--since", "2026-11-23T11:00:00Z", "--until")
    assert withdraw(config, "--dataset", "duo.studieschuld", *bounds, "2026-11-23T12:00:00Z", "--yes") == 0
    assert withdrawn(config) == set()
    assert withdraw(config, "--dataset", "duo.studieschuld", *bounds, "2026-11-23T12:00:01Z", "--yes") == 0
    assert withdrawn(config) == {DUO, DUO_TOO}


def test_many_persons_do_not_go_when_nobody_can_be_asked(config: Path, tmp_path: Path) -> None:
    assert withdraw(config, "--persons-from", persons(tmp_path, ANNA.digits, BERT.digits), "--source", "duo") == 3
    assert withdrawn(config) == set()


def test_what_was_made_before_the_secret_key_was_changed_is_found_by_the_earlier_one(config: Path, tmp_path: Path) -> None:
    key = config.parent / "secret-key"
    key.rename(config.parent / "secret-key-of-before")
    new_secret_key(key)
    given = ("--persons-from", persons(tmp_path, ANNA.digits), "--source", "duo")
    assert withdraw(config, *given) == 0
    assert withdrawn(config) == set()
    rewrite(config, 'secret_key_file = "secret-key"', 'secret_key_file = "secret-key"\nearlier_secret_key_files = ["secret-key-of-before"]')
    assert withdraw(config, *given) == 0
    assert withdrawn(config) == {DUO}


def test_what_no_person_leads_to_is_told(config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with sqlite3.connect(config.parent / "blauweknop.db") as database:
        database.execute("UPDATE issued_documents SET person_tag = NULL, valid_until = '2126-01-01 00:00:00' WHERE source = 'duo'")
    assert withdraw(config, "--persons-from", persons(tmp_path, ANNA.digits), "--source", "duo") == 0
    assert "of 2 valid documents nobody kept for whom they are" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (("--document", DUO), "other"),
        (("--dataset", "duo.studieschuld", "--since", "2026-11-23T12:00:00Z"), "other"),
        (("--document", DUO, "--reason", "correction"), "correction"),
        (("--key", "seal"), "key"),
        (("--key", "seal", "--reason", "other"), "other"),
        (("--persons-from", "persons", "--source", "duo"), "correction"),
        (("--persons-from", "persons", "--source", "duo", "--reason", "other"), "other"),
    ],
)
def test_why_is_kept_and_fits_the_means_unless_said(config: Path, tmp_path: Path, options: Sequence[str], reason: str) -> None:
    places = {"seal": fingerprint(config, "seal"), "persons": persons(tmp_path, ANNA.digits)}
    assert withdraw(config, *[places.get(option, option) for option in options], "--yes") == 0
    assert [kept[3] for kept in lines_kept(config)] == [reason]


def test_the_line_that_is_kept_says_no_person(config: Path, tmp_path: Path) -> None:
    withdraw(config, "--persons-from", persons(tmp_path, ANNA.digits), "--dataset", "duo.studieschuld")
    withdraw(config, "--persons-from", persons(tmp_path, BERT.digits), "--source", "duo")
    assert lines_kept(config) == [("person", "duo.studieschuld", 1, "correction"), ("person", None, 1, "correction")]


WRONG_PERSONS = {
    "no number": (("999990019", "999990018"), ("--source", "duo"), "person 2 is no burgerservicenummer"),
    "letters": (("Anna",), ("--source", "duo"), "person 1 is no burgerservicenummer"),
    "nobody": ((), ("--source", "duo"), "expected 1 to 100000 persons, and got 0"),
    "no source": (("999990019",), (), "--persons-from needs the source whose data changed"),
    "a data set of another source": (("999990019",), ("--source", "duo", "--dataset", "gem.woz"), "does not have data set"),
    "documents too": (("999990019",), ("--document", DUO), "expected documents, or persons, or a data set, or a key"),
    "a key too": (("999990019",), ("--key", "0" * 64), "expected documents, or persons, or a data set, or a key"),
}


@pytest.mark.parametrize(("lines", "options", "said"), WRONG_PERSONS.values(), ids=WRONG_PERSONS.keys())
def test_what_is_wrong_about_persons_is_said_without_a_number_of_theirs_and_nothing_goes(
    config: Path, tmp_path: Path, lines: Sequence[str], options: Sequence[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert withdraw(config, "--persons-from", persons(tmp_path, *lines), *options, "--yes") == 3
    shown = capsys.readouterr().err
    assert said in shown
    assert not bsns_in(shown)
    assert "999990018" not in shown
    assert withdrawn(config) == set()


WRONG = {
    "nothing": ((), "expected documents, or persons, or a data set, or a key"),
    "two ways": (("--document", DUO, "--dataset", "duo.studieschuld"), "expected documents, or persons, or a data set, or a key"),
    "a data set of all time": (("--dataset", "duo.studieschuld"), "--dataset needs --since"),
    "a data set that is not there": (("--dataset", "duo.niets", "--since", "2026-11-23T12:00:00Z"), "not in the catalogue"),
    "a moment without a zone": (("--dataset", "duo.studieschuld", "--since", "2026-11-23T12:00:00"), "expected --since with a time zone"),
    "a moment that is none": (("--dataset", "duo.studieschuld", "--since", "gisteren"), "expected --since as a moment"),
    "documents until": (("--document", DUO, "--until", "2026-11-23T12:00:00Z"), "--until goes with"),
    "a key until": (("--key", "0" * 64, "--until", "2026-11-23T12:00:00Z"), "--until goes with"),
    "until before since": (
        ("--dataset", "duo.studieschuld", "--since", "2026-11-23T12:00:00Z", "--until", "2026-11-23T13:00:00+01:00"),
        "--until must be later than --since",
    ),
    "documents since": (("--document", DUO, "--since", "2026-11-23T12:00:00Z"), "--since does not go with --document"),
    "no number": (("--document", DUO, "--document", "999999990"), "document 2 is no document number"),
    "capitals": (("--document", "A" * 32), "document 1 is no document number"),
    "a file that is not there": (("--documents-from", "nergens"), "nergens cannot be read"),
    "a key that is not there": (("--key", "0" * 64), "no document was made with this key"),
    "a key that is no key": (("--key", "nergens.pem"), "nergens.pem"),
    "a source that is not there": (("--document", DUO, "--source", "nergens"), "there is no source of that name"),
    "a data set of two sources": (("--dataset", "gem.woz", "--since", "2026-11-23T12:00:00Z"), "more than one source"),
}


@pytest.mark.parametrize(("options", "said"), WRONG.values(), ids=WRONG.keys())
def test_what_is_wrong_is_said_and_nothing_goes(
    config: Path, options: Sequence[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert withdraw(config, *options, "--yes") == 3
    shown = capsys.readouterr().err
    assert said in shown
    assert "\n  " in shown, "a remedy"
    assert "999999990" not in shown
    assert withdrawn(config) == set()
