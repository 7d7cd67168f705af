import json
import os
import sqlite3
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest

from blauweknop.adapters.person_tags import person_tag
from blauweknop.adapters.trust_store import TrustPlaces, load_trust
from blauweknop.assembly.sealing import row_key
from blauweknop.catalogue import load_catalogue
from blauweknop.checking.check_document import check_document
from blauweknop.cli.seal import choose_source
from blauweknop.domain.document import JsonValue
from blauweknop.domain.errors import BlauweKnopError
from blauweknop.domain.identifiers import Bsn
from blauweknop.domain.verdict import Verified
from tests.security.bsn_scan import bsns_in
from tests.unit.cli.installation import DATASET, NOW, exit_of, install, rewrite, seal_input, settings_of, snapshot

BSN = "999999990"


def dict_of(value: JsonValue) -> dict[str, JsonValue]:
    assert isinstance(value, dict)
    return value


def write_input(folder: Path, **changes: object) -> Path:
    path = folder / "input.json"
    path.write_text(json.dumps({**seal_input(), **changes}), "utf-8")
    return path


def test_what_is_sealed_is_green_and_leaves_one_line_in_the_records(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config, output = install(tmp_path), tmp_path / "out.pdf"

    assert exit_of(["seal", str(write_input(tmp_path)), "--dataset", DATASET, "--config", str(config), "-o", str(output)]) == 0

    said = capsys.readouterr()
    assert str(output) in said.out
    assert not said.err
    places = TrustPlaces(str(config.parent / "trust-list.json"), config.parent / "trust-anchor.pem")
    trust = load_trust(places, now=NOW, state=tmp_path / "state", fetch=None)
    made_before = datetime.now(UTC)  # by the clock of the machine, a moment after NOW
    verdict = check_document(output.read_bytes(), trust=trust, at=made_before, catalogue=load_catalogue())
    assert isinstance(verdict, Verified)
    assert verdict.content["data"] == seal_input()["data"]
    assert stat.S_IMODE(output.stat().st_mode) == 0o600
    with sqlite3.connect(config.parent / "blauweknop.db") as database:
        assert database.execute("SELECT dataset_id FROM issued_documents").fetchall() == [(DATASET,)]


@pytest.mark.parametrize("known", [True, False])
def test_what_is_sealed_is_found_by_the_person_when_the_input_says_who_that_is(tmp_path: Path, known: bool) -> None:
    config, output = install(tmp_path), tmp_path / "out.pdf"
    subject = {**dict_of(seal_input()["subject"]), "bsn": BSN}
    data = write_input(tmp_path, subject=subject if known else {name: value for name, value in subject.items() if name != "bsn"})
    assert exit_of(["seal", str(data), "--dataset", DATASET, "--config", str(config), "-o", str(output)]) == 0
    tag = person_tag(row_key(settings_of(config)), Bsn.parse(BSN), source="duo", dataset_id=DATASET)
    with sqlite3.connect(config.parent / "blauweknop.db") as database:
        assert database.execute("SELECT person_tag FROM issued_documents").fetchall() == [(tag if known else None,)]


def test_the_configuration_beside_the_input_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = install(tmp_path)
    monkeypatch.chdir("/")
    monkeypatch.delenv("BLAUWEKNOP_CONFIG", raising=False)
    examples = config.parent / "examples"
    examples.mkdir()

    assert exit_of(["seal", str(write_input(examples)), "--dataset", DATASET, "-o", str(tmp_path / "out.pdf")]) == 0


def test_a_failure_leaves_what_was_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config, output = install(tmp_path), tmp_path / "out.pdf"
    output.write_bytes(b"before")
    (config.parent / "keys" / "sources" / "duo" / "seal-key.pem").write_text("no key")

    assert exit_of(["seal", str(write_input(tmp_path)), "--dataset", DATASET, "--config", str(config), "-o", str(output)]) == 3

    assert output.read_bytes() == b"before"
    assert "seal-key.pem" in capsys.readouterr().err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["input.json", "installation", "out.pdf"]


def refused(tmp_path: Path, capsys: pytest.CaptureFixture[str], *options: str, data: Path | None = None, output: str = "out.pdf") -> str:
    """The words on standard error of a call that must end with 3 and write nothing."""
    config = tmp_path / "installation" / "blauweknop.toml"
    if not config.exists():
        install(tmp_path)
    given = ["--dataset", DATASET] if "--dataset" not in options else []
    call = ["seal", str(data or write_input(tmp_path)), *given, *options, "--config", str(config), "-o", str(tmp_path / output)]

    assert exit_of(call) == 3

    said = capsys.readouterr()
    assert not said.out
    assert not (tmp_path / "out.pdf").exists()
    assert "Traceback" not in said.err
    assert "\n  " in said.err, "a remedy"
    return said.err


def test_a_data_set_that_is_not_there_names_those_that_are(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "duo.studieschuld" in refused(tmp_path, capsys, "--dataset", "duo.niets")


def test_a_missing_input_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "nergens.json cannot be read" in refused(tmp_path, capsys, data=tmp_path / "nergens.json")


def test_a_wrong_value_is_named_by_file_and_place_and_not_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = write_input(tmp_path, data={**snapshot().data, "achterstand": BSN})

    said = refused(tmp_path, capsys, data=data)

    assert f"{data}: data.achterstand must be a whole number" in said
    assert not bsns_in(said, place="standard error")


def test_a_too_large_input_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = tmp_path / "large.json"
    data.write_bytes(b'{"data": "' + b"x" * (8 * 1024 * 1024) + b'"}')

    assert "large.json" in refused(tmp_path, capsys, data=data)


def test_a_source_that_is_not_there_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "these have duo.studieschuld: duo" in refused(tmp_path, capsys, "--source", "nergens")


def test_a_source_without_the_data_set_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "source uwv does not have data set" in refused(tmp_path, capsys, "--source", "uwv")


def test_the_output_is_never_the_input(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "the output is the input" in refused(tmp_path, capsys, output="input.json")


def test_the_output_is_a_file_in_a_folder_that_is_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "is not a file that can be written" in refused(tmp_path, capsys, output="nergens/out.pdf")


def test_the_output_is_no_device(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    os.mkfifo(tmp_path / "pipe")

    assert "is not a file that can be written" in refused(tmp_path, capsys, output="pipe")
    assert stat.S_ISFIFO((tmp_path / "pipe").stat().st_mode)


def test_a_database_that_cannot_be_used_stops_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rewrite(install(tmp_path), 'url = "sqlite:///blauweknop.db"', 'url = "sqlite:///nergens/x.db"')

    assert "the file of the database cannot be opened" in refused(tmp_path, capsys)


def test_a_missing_revocation_list_stops_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (install(tmp_path).parent / "keys" / "ca" / "root.crl").unlink()

    assert "root.crl" in refused(tmp_path, capsys)


def test_the_only_source_that_has_it_is_taken(tmp_path: Path) -> None:
    settings = settings_of(install(tmp_path))

    assert choose_source(settings, load_catalogue().dataset(DATASET), given=None, named=None).identity.id == "duo"


def test_with_more_than_one_source_one_must_be_chosen(tmp_path: Path) -> None:
    settings, dataset = settings_of(install(tmp_path)), load_catalogue().dataset("gem.woz")

    with pytest.raises(BlauweKnopError, match="more than one source") as stopped:
        choose_source(settings, dataset, given=None, named=None)

    assert "denhaag, dichtbij" in stopped.value.remedy


def test_the_option_goes_before_the_name_in_the_input(tmp_path: Path) -> None:
    settings, dataset = settings_of(install(tmp_path)), load_catalogue().dataset("gem.woz")

    assert choose_source(settings, dataset, given="dichtbij", named="denhaag").identity.id == "dichtbij"
