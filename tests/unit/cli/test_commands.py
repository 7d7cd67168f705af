import re
from pathlib import Path

import pytest
import typer

from blauweknop import __version__
from blauweknop.cli.main import run
from tests.unit.cli.installation import exit_of, forget_database, install, rewrite

BSN = "999999990"
BAD_USAGE = [
    [],
    ["onbekend"],
    ["--onbekend"],
    ["verify"],
    ["verify", "x.pdf", "--language", "fr"],
    ["extract"],
    ["extract", "x.pdf", "--to", "xml"],
    ["seal"],
    ["seal", "x.json", "--dataset", "duo.studieschuld"],
    ["seal", "x.json", "-o", "x.pdf"],
    ["doctor", "--language", "fr"],
    ["serve"],
    ["serve", "nobody"],
    ["serve", "issuer", "--port", "70000"],
    ["serve", "verifier", "--workers", "0"],
    ["keys"],
    ["keys", "new"],
    ["db"],
    ["bench"],
    ["demo", "--people", "3"],
]


@pytest.mark.parametrize("arguments", BAD_USAGE, ids=lambda arguments: " ".join(arguments) or "nothing")
def test_bad_usage_ends_with_3_and_leads_to_help(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_of(arguments) == 3

    assert re.search(r"see: blauweknop[a-z ]* --help", capsys.readouterr().err)


@pytest.mark.parametrize("arguments", [["--help"], ["seal", "--help"], ["serve", "issuer", "--help"], ["db", "--help"]])
def test_help_is_no_fault(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_of(arguments) == 0
    assert "Usage: blauweknop" in capsys.readouterr().out


def test_the_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_of(["--version"]) == 0
    assert capsys.readouterr().out == f"blauweknop {__version__}\n"


NEED_CONFIGURATION = [["doctor"], ["db", "check"], ["db", "upgrade"], ["serve", "issuer"], ["serve", "verifier"]]


@pytest.mark.parametrize("arguments", NEED_CONFIGURATION, ids=" ".join)
def test_without_a_configuration_it_says_how_to_give_one(
    arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("BLAUWEKNOP_CONFIG", raising=False)

    assert exit_of(arguments) == 3

    assert "--config FILE" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", NEED_CONFIGURATION, ids=" ".join)
def test_a_configuration_that_is_not_there_is_named(arguments: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_of([*arguments, "--config", str(tmp_path / "nergens.toml")]) == 3

    assert "nergens.toml: this file cannot be read\n  check the path" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", NEED_CONFIGURATION, ids=" ".join)
def test_a_broken_configuration_names_file_line_and_remedy(
    arguments: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = install(tmp_path)
    rewrite(config, 'environment = "exercise"', 'environment = "test"')
    line = config.read_text("utf-8").splitlines().index('environment = "test"') + 1

    assert exit_of([*arguments, "--config", str(config)]) == 3

    said = capsys.readouterr().err
    assert f"blauweknop.toml, line {line}: scheme.environment" in said
    assert "\n  choose one of: exercise, production" in said


def test_the_configuration_of_the_environment_is_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("BLAUWEKNOP_CONFIG", str(install(tmp_path)))

    assert exit_of(["db", "upgrade"]) == 0


def test_a_new_database_waits_for_its_tables_and_then_is_up_to_date(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = str(forget_database(install(tmp_path)))

    assert exit_of(["db", "check", "--config", config]) == 1
    assert "blauweknop db upgrade" in capsys.readouterr().err
    assert exit_of(["db", "upgrade", "--config", config]) == 0
    assert exit_of(["db", "upgrade", "--config", config]) == 0
    assert exit_of(["db", "check", "--config", config]) == 0


def test_new_keys_are_loudly_for_exercise_and_made_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call = ["keys", "new", str(tmp_path / "keys"), "--source", "boxtel:00000099000000004000:Gemeente Boxtel"]

    assert exit_of(call) == 0
    said = capsys.readouterr()
    assert "OEFENSLEUTELS" in said.err
    assert "EXERCISE" in said.err
    assert "00000099000000004000" in said.out
    assert (tmp_path / "keys" / "secret-key").stat().st_mode & 0o077 == 0
    assert exit_of(call) == 3
    assert exit_of(["keys", "list", str(tmp_path / "keys")]) == 0


def test_the_key_of_a_mijn_blauwe_knop_is_made_once_for_its_owner_only(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call = ["keys", "holder", str(tmp_path / "keys")]
    assert exit_of(call) == 0
    key, public = (Path(line) for line in capsys.readouterr().out.split())
    made = key.read_bytes()
    assert exit_of(call) == 0

    assert (key.read_bytes(), key.stat().st_mode & 0o077) == (made, 0)
    assert '"d"' not in public.read_text("ascii")


def test_keys_are_listed_with_the_receivers_and_what_they_may_ask(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_of(["keys", "new", str(tmp_path / "keys")]) == 0
    capsys.readouterr()
    assert exit_of(["keys", "list", str(tmp_path / "keys")]) == 0
    listed = capsys.readouterr().out
    assert [listed.count(f"NTRNL-9000100{number}") for number in (1, 2, 3)] == [4, 3, 5]  # access, seal, and one for each package


def test_a_registration_that_cannot_be_read_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_of(["keys", "new", str(tmp_path / "keys")]) == 0
    (tmp_path / "keys" / "receivers" / "huur" / "huurwoning.sociaal.jwt").write_text("x")

    assert exit_of(["keys", "list", str(tmp_path / "keys")]) == 3
    assert "huurwoning.sociaal.jwt is no registration" in capsys.readouterr().err


@pytest.mark.parametrize(
    "options",
    [["--source", "boxtel"], ["--source", "boxtel:1:Boxtel"], ["--source", "../x:00000099000000004000:X"], ["--algorithm", "RSA-1024"]],
    ids=" ".join,
)
def test_keys_for_nobody_in_particular_are_not_made(options: list[str], tmp_path: Path) -> None:
    assert exit_of(["keys", "new", str(tmp_path / "keys"), *options]) == 3
    assert not (tmp_path / "keys").exists()


def test_a_folder_without_certificates_is_a_fault(tmp_path: Path) -> None:
    assert exit_of(["keys", "list", str(tmp_path)]) == 3


def test_a_file_that_is_no_certificate_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "x.pem").write_text("x")

    assert exit_of(["keys", "list", str(tmp_path)]) == 3
    assert "x.pem is no certificate" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["verify", "extract"])
def test_a_document_that_is_not_there_is_a_read_fault(command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_of([command, str(tmp_path / "nergens.pdf"), "--offline"]) == 3
    assert "nergens.pdf" in capsys.readouterr().err


def fail_badly(**_options: object) -> object:
    raise ValueError(BSN)


def test_a_fault_that_nobody_foresaw_is_a_number_and_a_place_without_the_value(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("BLAUWEKNOP_DEBUG", raising=False)

    assert exit_of([], program=fail_badly) == 3

    said = capsys.readouterr().err
    assert re.fullmatch(r"blauweknop: unforeseen fault [0-9A-F]{8}: ValueError at [a-z_.]+:[0-9]+\n  [^\n]+\n", said)
    assert BSN not in said


def test_its_trace_is_shown_on_demand(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BLAUWEKNOP_DEBUG", "1")

    with pytest.raises(ValueError, match=BSN):
        run([], program=fail_badly)


def test_an_interrupt_ends_as_shells_count_it() -> None:
    def interrupted(**_options: object) -> object:
        raise typer.Abort

    assert exit_of([], program=interrupted) == 130
