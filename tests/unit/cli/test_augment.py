import json
import stat
from pathlib import Path

import pytest

from blauweknop.document.pdf_file import read_file
from tests.unit.cli.installation import DATASET, exit_of, install, rewrite, seal_input


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    for name in ("BLAUWEKNOP_TRUST_LIST", "BLAUWEKNOP_TRUST_ANCHOR", "BLAUWEKNOP_CONFIG"):
        monkeypatch.delenv(name, raising=False)
    return install(tmp_path)


@pytest.fixture
def sealed(config: Path, tmp_path: Path) -> Path:
    data, output = tmp_path / "input.json", tmp_path / "sealed.pdf"
    data.write_text(json.dumps(seal_input()), "utf-8")
    assert exit_of(["seal", str(data), "--dataset", DATASET, "--config", str(config), "-o", str(output)]) == 0
    return output


@pytest.mark.parametrize(("level", "revisions"), [("B-LT", 1), ("B-LTA", 2)])
def test_a_document_reaches_the_level_and_verify_tells_it(
    config: Path, sealed: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], level: str, revisions: int
) -> None:
    output = tmp_path / "kept.pdf"
    assert exit_of(["augment", str(sealed), "--level", level, "-o", str(output), "--config", str(config)]) == 0
    assert len(read_file(output.read_bytes()).later) == revisions
    assert output.read_bytes().startswith(sealed.read_bytes())
    assert stat.S_IMODE(output.stat().st_mode) == 0o600
    assert exit_of(["verify", str(output), "--config", str(config)]) == 0
    assert f"Niveau van het zegel: {level}." in capsys.readouterr().out


def test_a_kept_document_can_be_renewed(config: Path, sealed: Path, tmp_path: Path) -> None:
    first, second = tmp_path / "first.pdf", tmp_path / "second.pdf"
    assert exit_of(["augment", str(sealed), "-o", str(first), "--config", str(config)]) == 0
    assert exit_of(["augment", str(first), "-o", str(second), "--config", str(config)]) == 0
    assert len(read_file(second.read_bytes()).later) == 4


def test_a_document_that_is_not_in_order_gets_nothing(
    config: Path, sealed: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sealed.write_bytes(sealed.read_bytes() + b"\n")
    output = tmp_path / "kept.pdf"
    assert exit_of(["augment", str(sealed), "-o", str(output), "--config", str(config)]) == 2
    assert not output.exists()
    assert "niets toegevoegd" in capsys.readouterr().err


def test_an_unreadable_document_is_a_read_fault(config: Path, tmp_path: Path) -> None:
    assert exit_of(["augment", str(tmp_path / "nothing.pdf"), "-o", str(tmp_path / "kept.pdf"), "--config", str(config)]) == 3


def test_the_output_is_never_the_input(config: Path, sealed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = sealed.read_bytes()
    assert exit_of(["augment", str(sealed), "-o", str(sealed), "--config", str(config)]) == 3
    assert sealed.read_bytes() == before
    assert "the output is the input" in capsys.readouterr().err


def test_a_document_of_another_source_needs_the_configuration_of_that_source(
    config: Path, sealed: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rewrite(config, "00000099000000001001", "00000099000000008001")
    assert exit_of(["augment", str(sealed), "-o", str(tmp_path / "kept.pdf"), "--config", str(config)]) == 3
    assert "--config" in capsys.readouterr().err


def test_a_time_stamp_that_cannot_be_had_leaves_nothing(config: Path, sealed: Path, tmp_path: Path) -> None:
    (config.parent / "keys" / "time-stamp" / "time-stamp-key.pem").write_text("no key")
    output = tmp_path / "kept.pdf"
    assert exit_of(["augment", str(sealed), "-o", str(output), "--config", str(config)]) == 3
    assert not output.exists()


@pytest.mark.parametrize("level", ["B-LT", "B-LTA"])
def test_a_source_can_seal_at_this_level_at_once(config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], level: str) -> None:
    config.write_text(f'{config.read_text("utf-8")}\n[documents]\nlevel = "{level}"\n', "utf-8")
    data, output = tmp_path / "input.json", tmp_path / "sealed.pdf"
    data.write_text(json.dumps(seal_input()), "utf-8")
    assert exit_of(["seal", str(data), "--dataset", DATASET, "--config", str(config), "-o", str(output)]) == 0
    assert exit_of(["verify", str(output), "--config", str(config)]) == 0
    assert f"Niveau van het zegel: {level}." in capsys.readouterr().out
