import json
import os
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from blauweknop.cli.document_files import documents_in, shown_name
from blauweknop.cli.verify import verify_files
from blauweknop.standards.trust_list import write_trust_list
from tests.unit.checking import exercise_documents as x

AT = "2026-11-23T15:12:00+01:00"


@pytest.fixture(autouse=True)
def _trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    for name in ("BLAUWEKNOP_CONFIG", "BLAUWEKNOP_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "list.jws").write_text(write_trust_list(x.trust_list(), signer=x.exercise().list_signer, at=x.NOW))
    (tmp_path / "anchor.pem").write_bytes(x.exercise().anchor.public_bytes(Encoding.PEM))
    monkeypatch.setenv("BLAUWEKNOP_TRUST_LIST", str(tmp_path / "list.jws"))
    monkeypatch.setenv("BLAUWEKNOP_TRUST_ANCHOR", str(tmp_path / "anchor.pem"))
    monkeypatch.chdir(tmp_path)


def folder_of(files: dict[str, bytes]) -> Path:
    for name, content in files.items():
        path = Path("documents", name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return Path("documents")


def verify(*files: Path, **options: object) -> int:
    return verify_files(files, at=AT, now=x.NOW, as_json=True, **options)  # type: ignore[arg-type] # options by name, per test


def told(capsys: pytest.CaptureFixture[str]) -> tuple[list[tuple[str, str]], str]:
    said = capsys.readouterr()
    return [(report["file"], report["verdict"]) for report in map(json.loads, said.out.splitlines())], said.err


@pytest.mark.parametrize("processes", [1, 3])
def test_a_folder_is_checked_deep_sorted_and_answered_in_that_order(processes: int, capsys: pytest.CaptureFixture[str]) -> None:
    good, orange = x.good_document(), x.sealed(x.good_letter(), stamped=False)
    folder = folder_of({"b.pdf": good, "a/z.PDF": good + b"\n", "a/c.pdf": orange, "d.pdf": b"", "notes.txt": b"x", "c/x/y.pdf": good})

    assert verify(folder, processes=processes) == 2

    verdicts, said = told(capsys)
    assert verdicts == [
        ("documents/a/c.pdf", "orange"),
        ("documents/a/z.PDF", "red"),
        ("documents/b.pdf", "green"),
        ("documents/c/x/y.pdf", "green"),
        ("documents/d.pdf", "red"),
    ]
    assert said == "2 groen, 1 oranje, 2 rood, 0 niet te lezen\n"


def test_what_cannot_be_read_has_its_own_line_and_the_rest_goes_on(capsys: pytest.CaptureFixture[str]) -> None:
    folder = folder_of({"a.pdf": x.good_document(), "z.pdf": x.good_document()})
    (folder / "gone.pdf").symlink_to("nowhere")

    assert verify(folder, language="en") == 3

    verdicts, said = told(capsys)
    assert [verdict for _, verdict in verdicts] == ["green", "green"]
    assert "documents/gone.pdf: this file cannot be read" in said
    assert "2 green, 0 orange, 0 red, 1 unreadable" in said


def test_a_pipe_in_a_folder_holds_nothing_up(capsys: pytest.CaptureFixture[str]) -> None:
    folder = folder_of({"a.pdf": x.good_document()})
    os.mkfifo(folder / "pipe.pdf")

    assert verify(folder) == 3
    assert "documents/pipe.pdf" in told(capsys)[1]


def test_a_folder_without_documents_is_no_yes(capsys: pytest.CaptureFixture[str]) -> None:
    folder = folder_of({"notes.txt": b"x"})

    assert verify(folder) == 3
    assert "documents: in deze map staat niets om te controleren.\n  Geef" in told(capsys)[1]


def test_credentials_in_a_folder_are_checked_too(capsys: pytest.CaptureFixture[str]) -> None:
    verify(folder_of({"a.sd-jwt": b"a.b.c~", "b.mdoc": b"\xa0", "c.SD-JWT": b"", "sd-jwt": b"x", "d.mdoc.txt": b"x"}))

    assert [name for name, _ in told(capsys)[0]] == ["documents/a.sd-jwt", "documents/b.mdoc", "documents/c.SD-JWT"]


def test_links_to_folders_are_not_followed() -> None:
    folder = folder_of({"a.pdf": b"x"})
    (folder / "again").symlink_to(".")

    assert [found.path.name for found in documents_in([folder])] == ["a.pdf"]


def test_a_file_too_large_is_refused_and_not_read_whole(capsys: pytest.CaptureFixture[str]) -> None:
    folder = folder_of({"a.pdf": b"%PDF-1.7"})
    with (folder / "a.pdf").open("r+b") as file:
        file.truncate(5 << 30)

    assert verify(folder) == 2
    assert told(capsys)[0] == [("documents/a.pdf", "red")]


def test_one_file_says_no_more_than_its_verdict(capsys: pytest.CaptureFixture[str]) -> None:
    folder = folder_of({"a.pdf": x.good_document()})

    assert verify(folder / "a.pdf") == 0
    assert told(capsys)[1] == ""


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        (b"caf\xc3\xa9.pdf", "café.pdf"),
        (b"\x1b[2J.pdf", "\\x1b[2J.pdf"),
        (b"\xff.pdf", "\\xff.pdf"),
        ("\u202efdp.pdf".encode(), "\\u202efdp.pdf"),
    ],
)
def test_the_name_of_a_file_steers_no_terminal(name: bytes, shown: str, capsys: pytest.CaptureFixture[str]) -> None:
    path = Path(os.fsdecode(name))
    path.write_bytes(b"x")

    assert shown_name(path) == shown
    assert verify(path) == 2
    assert told(capsys)[0] == [(shown, "red")]


@pytest.mark.usefixtures("shared_folder")
def test_no_hostile_file_of_a_folder_is_better_than_red_and_each_is_told(shared_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = shared_folder / "vectors" / "pdf-attack"

    assert verify(folder) == 2

    verdicts, _ = told(capsys)
    assert [Path(name).name for name, _ in verdicts] == sorted(path.name for path in folder.glob("*.pdf"))
    assert {verdict for _, verdict in verdicts} == {"red"}
