import io
import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes

from blauweknop.adapters.database import open_database, upgrade
from blauweknop.adapters.records import Records
from blauweknop.adapters.settings import load_settings
from blauweknop.adapters.status_lists import StatusLists
from blauweknop.assembly.sealing import row_key, status_places
from blauweknop.standards.status_list import INVALID
from blauweknop.standards.x509 import certificates_from_pem
from tests.unit.cli.installation import DATASET, exit_of, install, seal_input

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
DUO, DUO_TOO, UWV = "a" * 32, "b" * 32, "c" * 32


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """An installation that made two documents as DUO and one as UWV."""
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
    assert capsys.readouterr().out.startswith("1 documents withdrawn; 0 were so already.")


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


WRONG = {
    "nothing": ((), "expected documents, or a data set, or a key"),
    "two ways": (("--document", DUO, "--dataset", "duo.studieschuld"), "expected documents, or a data set, or a key"),
    "a data set of all time": (("--dataset", "duo.studieschuld"), "--dataset needs --since"),
    "a data set that is not there": (("--dataset", "duo.niets", "--since", "2026-11-23T12:00:00Z"), "not in the catalogue"),
    "a moment without a zone": (("--dataset", "duo.studieschuld", "--since", "2026-11-23T12:00:00"), "expected --since with a time zone"),
    "a moment that is none": (("--dataset", "duo.studieschuld", "--since", "gisteren"), "expected --since as a moment"),
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
