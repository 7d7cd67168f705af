import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from blauweknop.checking.signed_report import read_report
from blauweknop.checking.verification_report import VerificationReport
from blauweknop.cli.extract import extract_file
from blauweknop.cli.redact import redact_file
from blauweknop.domain.errors import BlauweKnopError
from blauweknop.register.exercise_keys import open_exercise_scheme
from tests.unit.cli.installation import exit_of, install, rewrite


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installation of the exercise, in which one works."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    for name in ("BLAUWEKNOP_TRUST_LIST", "BLAUWEKNOP_TRUST_ANCHOR", "BLAUWEKNOP_CONFIG", "BLAUWEKNOP_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
    config = install(tmp_path)
    monkeypatch.chdir(config.parent)
    Path("brief.pdf").write_bytes(b"no document")
    return config


def verify(*arguments: str) -> int:
    return exit_of(["verify", *arguments, "--offline"])


def read(file: str) -> VerificationReport:
    anchors = open_exercise_scheme(Path("keys")).authorities()
    return read_report(Path(file).read_bytes(), anchors=anchors, at=datetime.now(UTC)).report


@pytest.mark.usefixtures("config")
def test_a_sealed_report_is_written_and_found_real(capsys: pytest.CaptureFixture[str]) -> None:
    assert verify("brief.pdf", "--report", "rapport.pdf") == 2
    assert "rapport.pdf: controlerapport geschreven" in capsys.readouterr().err
    assert verify("rapport.pdf", "--json") == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["kind"], said["reported"]["verdict"]) == ("report", "red")


@pytest.mark.usefixtures("config")
def test_the_signed_json_names_the_trust_list_by_its_digest() -> None:
    assert verify("brief.pdf", "--report", "rapport.json", "--language", "en") == 2
    report = read("rapport.json")
    assert report.trust_list is not None
    assert len(report.trust_list.sha256 or "") == 64
    assert (report.language, report.report_level, report.signers_document.file_name) == ("en", "B-T", None)


@pytest.mark.usefixtures("config")
def test_the_name_of_the_file_and_the_policy_are_told_when_asked() -> None:
    Path("regels.toml").write_text('kinds = ["document"]\n')
    assert verify("brief.pdf", "--report", "rapport.json", "--name-in-report", "--policy", "regels.toml") == 2
    report = read("rapport.json")
    assert report.signers_document.file_name == "brief.pdf"
    assert report.policy is not None
    assert report.policy.name == "regels.toml"
    assert report.validation_constraints_evaluation[-1].id == "policy"


@pytest.mark.usefixtures("config")
def test_json_on_the_screen_stays_one_object_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    verify("brief.pdf", "--json", "--report", "rapport.pdf")
    assert len(capsys.readouterr().out.splitlines()) == 1


def test_without_time_stamps_the_report_says_that_it_has_none(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = config.read_text("utf-8")
    scheme, verifier = text[: text.index("[storage]")], text[text.index("[verifier]") : text.index("[sources.duo]")]
    config.write_text(scheme + verifier, "utf-8")
    verify("brief.pdf", "--report", "rapport.pdf")
    assert "Dit rapport heeft geen tijdstempel." in capsys.readouterr().err
    assert verify("rapport.pdf") == 1
    assert "Er is geen bewijs wanneer dit rapport is verzegeld." in capsys.readouterr().out


def test_without_a_key_the_remedy_is_told_and_nothing_is_checked(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = config.read_text("utf-8")
    config.write_text(text[: text.index("[verifier]")], "utf-8")
    assert verify("brief.pdf", "--report", "rapport.pdf") == 3
    told = capsys.readouterr()
    assert "blauweknop.toml has no key to sign a report with" in told.err
    assert "add a table [verifier]" in told.err
    assert told.out == ""


def test_without_a_configuration_that_is_told(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config.unlink()
    assert verify("brief.pdf", "--report", "rapport.pdf") == 3
    assert "there is no configuration file" in capsys.readouterr().err


def test_a_key_that_does_not_fit_is_told(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rewrite(config, 'certificate = "keys/check-service/seal.pem"', 'certificate = "keys/sources/duo/seal.pem"')
    assert verify("brief.pdf", "--report", "rapport.pdf") == 3
    assert "seal.pem does not belong to seal-key.pem" in capsys.readouterr().err
    assert not Path("rapport.pdf").exists()


@pytest.mark.usefixtures("config")
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["brief.pdf", "other.pdf", "--report", "rapport.pdf"], "a report is of one file"),
        (["documents", "--report", "rapport.pdf"], "a report is of one file"),
        (["brief.pdf", "--report", "rapport.txt"], "the form of the report is not known"),
        (["brief.pdf", "--report", "brief.pdf"], "the report would replace the file"),
        (["brief.pdf", "--report", "gone/rapport.pdf"], "gone/rapport.pdf is not a file that can be written"),
        (["brief.pdf", "--report", "rapport.pdf", "--at", "2026-11-23T14:00:00Z"], "a report is of a check that is done now"),
    ],
)
def test_options_that_do_not_go_together_are_told(arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert verify(*arguments) == 3
    assert said in capsys.readouterr().err
    assert Path("brief.pdf").read_bytes() == b"no document"


@pytest.mark.usefixtures("config")
def test_of_a_file_that_cannot_be_read_there_is_no_report(capsys: pytest.CaptureFixture[str]) -> None:
    assert verify("absent.pdf", "--report", "rapport.pdf") == 3
    assert "absent.pdf" in capsys.readouterr().err
    assert not Path("rapport.pdf").exists()


@pytest.mark.usefixtures("config")
def test_of_a_file_that_is_too_large_there_is_no_report(capsys: pytest.CaptureFixture[str]) -> None:
    with Path("large.pdf").open("wb") as file:
        file.truncate(21 * 1024 * 1024)
    assert verify("large.pdf", "--report", "rapport.pdf") == 3
    assert "too large to be reported on" in capsys.readouterr().err
    assert not Path("rapport.pdf").exists()


@pytest.mark.usefixtures("config")
def test_a_report_is_no_document_to_shorten_or_to_take_a_credential_from() -> None:
    verify("brief.pdf", "--report", "rapport.pdf")
    with pytest.raises(BlauweKnopError, match="no document but the report of a check"):
        redact_file(Path("rapport.pdf"), keep=["data.x"], output=Path("kort.pdf"), offline=True)
    with pytest.raises(BlauweKnopError, match="holds no credential"):
        extract_file(Path("rapport.pdf"), to="sd-jwt", offline=True)
    assert extract_file(Path("rapport.pdf"), to="json", output=Path("uit.json"), offline=True) == 0
    assert json.loads(Path("uit.json").read_bytes())["verdict"] == "red"


def test_a_report_of_somebody_who_is_not_on_the_list_is_orange(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = install(config.parent / "other")
    shutil.rmtree(other.parent / "keys" / "check-service")
    shutil.copytree(config.parent / "keys" / "sources" / "duo", other.parent / "keys" / "check-service")
    rewrite(other, 'oin = "00000099000000000002"', 'oin = "00000099000000001001"')
    verify("brief.pdf", "--report", "rapport.pdf", "--config", str(other))
    assert verify("rapport.pdf") == 2  # the key of a source is on the list, for something else
    assert "Vraag om het document zelf" in capsys.readouterr().out


def test_a_stale_revocation_list_is_told_before_a_report_is_sealed(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from blauweknop.register.exercise_keys import renew_crls

    renew_crls(config.parent / "keys", now=datetime.now(UTC) - timedelta(days=31))
    assert verify("brief.pdf", "--report", "rapport.pdf") == 3
    assert "past its next update" in capsys.readouterr().err
