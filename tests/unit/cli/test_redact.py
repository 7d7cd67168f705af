import stat
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from blauweknop.cli.redact import redact_file
from blauweknop.cli.verify import verify_files
from blauweknop.domain.errors import BlauweKnopError
from blauweknop.standards.trust_list import write_trust_list
from tests.unit.checking import exercise_documents as x

AT = "2026-11-23T15:12:00+01:00"


@pytest.fixture(autouse=True)
def _trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    for name in ("BLAUWEKNOP_CONFIG", "BLAUWEKNOP_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "list.jws").write_text(write_trust_list(x.trust_list(), signer=x.exercise().list_signer, at=x.NOW))
    (tmp_path / "anchor.pem").write_bytes(x.exercise().anchor.public_bytes(Encoding.PEM))
    monkeypatch.setenv("BLAUWEKNOP_TRUST_LIST", "list.jws")
    monkeypatch.setenv("BLAUWEKNOP_TRUST_ANCHOR", "anchor.pem")


def written(pdf: bytes) -> Path:
    Path("document.pdf").write_bytes(pdf)
    return Path("document.pdf")


def redact(pdf: bytes, *keep: str, **options: object) -> int:
    chosen = {"output": Path("smaller.pdf"), **options}
    return redact_file(written(pdf), keep=keep, at=AT, now=x.NOW, **chosen)  # type: ignore[arg-type] # options by name, per test


def test_a_smaller_document_is_written_that_is_green(capsys: pytest.CaptureFixture[str]) -> None:
    assert redact(x.good_document(), "data.fase", "subject.family_name") == 0
    assert verify_files([Path("smaller.pdf")], at=AT, now=x.NOW) == 0
    assert "verkorte versie" in capsys.readouterr().out


@pytest.mark.parametrize(("pdf", "code"), [("orange", 1), ("red", 2)])
def test_nothing_is_made_of_a_document_that_is_not_green(pdf: str, code: int, capsys: pytest.CaptureFixture[str]) -> None:
    given = x.sealed(x.good_letter(), stamped=False) if pdf == "orange" else x.good_document() + b"\n"
    assert redact(given, "data.fase") == code
    assert not Path("smaller.pdf").exists()
    assert "document.pdf" in capsys.readouterr().err


def test_the_paths_are_shown_without_values(capsys: pytest.CaptureFixture[str]) -> None:
    assert redact(x.good_document(), list_paths=True, output=None) == 0
    shown = capsys.readouterr().out
    assert {"data.fase", "subject.given_name", "data.schuldonderdelen[0:2]"} <= {line.strip() for line in shown.splitlines()}
    assert "Çağla" not in shown
    assert "aflosfase" not in shown


def test_a_wrong_path_names_those_there_are_and_writes_nothing() -> None:
    with pytest.raises(BlauweKnopError) as caught:
        redact(x.good_document(), "data.fases")
    assert "data.schuldonderdelen[0:2]" in caught.value.remedy
    assert "aflosfase" not in caught.value.remedy
    assert not Path("smaller.pdf").exists()


def test_a_smaller_document_of_which_the_lists_are_too_old_is_said_to_be_so(capsys: pytest.CaptureFixture[str]) -> None:
    # The document itself is judged at the moment of its seal and is green.
    later = x.NOW + timedelta(days=31)
    assert redact_file(written(x.good_document()), keep=["data"], output=Path("smaller.pdf"), at=AT, now=later) == 1
    assert "verkorte versie" in capsys.readouterr().err.lower()


@pytest.mark.parametrize("options", [{"output": None}, {}])
def test_what_to_keep_and_where_to_write_must_be_said(options: dict[str, object]) -> None:
    with pytest.raises(BlauweKnopError, match="what to keep"):
        redact(x.good_document(), *(["data"] if options else []), **options)


def test_a_file_that_cannot_be_read_is_said() -> None:
    assert redact_file(Path("absent.pdf"), keep=["data"], output=Path("smaller.pdf"), at=AT, now=x.NOW) == 3


def test_a_place_that_cannot_be_written_is_said() -> None:
    with pytest.raises(BlauweKnopError, match="is not a file that can be written"):
        redact(x.good_document(), "data", output=Path("absent") / "smaller.pdf")


def test_a_document_is_never_replaced_by_the_smaller_one() -> None:
    with pytest.raises(BlauweKnopError, match="the output is the input"):
        redact(x.good_document(), "data", output=Path("document.pdf"))
    assert Path("document.pdf").read_bytes() == x.good_document()


def test_the_smaller_document_is_for_this_user_only() -> None:
    assert redact(x.good_document(), "data.fase") == 0
    assert stat.S_IMODE(Path("smaller.pdf").stat().st_mode) == 0o600
