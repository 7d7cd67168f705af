import json
import os
import signal
import sqlite3
import stat
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import msgspec
import pytest

from blauweknop.adapters.person_tags import person_tag
from blauweknop.assembly.sealing import row_key
from blauweknop.cli.seal_journal import Batch, Heading, Journal, JournalProblem
from blauweknop.domain.document import JsonValue
from blauweknop.domain.identifiers import Bsn
from tests.security.bsn_scan import bsns_in, bsns_in_folder
from tests.unit.cli.installation import DATASET, exit_of, install, seal_input, settings_of, snapshot

BSN = "999999990"


def line_of(**changes: object) -> bytes:
    return json.dumps({**seal_input(), **changes}).encode()


def with_subject(**changes: object) -> bytes:
    return line_of(subject={**dict_of(seal_input()["subject"]), **changes})


def dict_of(value: JsonValue) -> dict[str, JsonValue]:
    assert isinstance(value, dict)
    return value


GOOD = line_of()
BAD = (
    (b"", "the line is empty"),
    (b"{", "not JSON"),
    (b"[]", "expected a JSON object"),
    (b'{"a":1,"a":2}', "each name once"),
    (b"\xff\xfe", "UTF-8"),
    (b'{"source": "duo"}', "subject is missing"),
    (with_subject(bsn="123456789"), "subject.bsn"),
    (with_subject(family_name=BSN + "\n"), "subject.family_name must be a text on one line"),
    (with_subject(family_name="\U0001f600" + BSN), "a character that our letters cannot print"),
    (line_of(data={**snapshot().data, "achterstand": BSN}), "data.achterstand must be a whole number"),
    (line_of(dataset="duo.niets"), "not in the catalogue"),
    (line_of(dataset=5), "not in the catalogue"),
    (line_of(source="uwv"), "does not have data set"),
    (line_of(source="nergens"), "no source of that name"),
    (line_of(reference_moment="2126-11-23T15:12:00+01:00"), "reference_moment lies in the future"),
)


def lines_file(folder: Path, lines: Sequence[bytes]) -> Path:
    path = folder / "in.ndjson"
    path.write_bytes(b"".join(line + b"\n" for line in lines))
    return path


def seal(folder: Path, data: Path | str, *options: str, out: str = "out", processes: int = 1) -> int:
    config = folder / "installation" / "blauweknop.toml"
    if not config.exists():
        install(folder)
    given = () if "--dataset" in options or "--no-dataset" in options else ("--dataset", DATASET)
    rest = [option for option in options if option != "--no-dataset"]
    call = ["seal", "--ndjson", str(data), "--out-dir", str(folder / out), *given, *rest]
    return exit_of([*call, "--config", str(config), "--processes", str(processes)])


def documents(folder: Path, out: str = "out") -> list[int]:
    """The line numbers of what was made."""
    return sorted(int(path.name.partition("-")[0]) for path in (folder / out).glob("*.pdf"))


def reports(folder: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in (folder / "out" / "report.ndjson").read_text("utf-8").splitlines()]


def records(folder: Path) -> int:
    with sqlite3.connect(folder / "installation" / "blauweknop.db") as database:
        events = database.execute("SELECT count(*) FROM events WHERE activity = 'certify'").fetchone()[0]
        issued = database.execute("SELECT count(*) FROM issued_documents").fetchone()[0]
    assert events == issued
    return int(issued)


def verdicts(folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.setenv("XDG_STATE_HOME", str(folder / "state"))
    place = folder / "installation"
    capsys.readouterr()
    exit_of(
        [
            "verify",
            str(folder / "out"),
            "--json",
            f"--trust-list={place / 'trust-list.json'}",
            f"--trust-anchor={place / 'trust-anchor.pem'}",
        ]
    )
    return [json.loads(line)["verdict"] for line in capsys.readouterr().out.splitlines()]


def test_what_is_made_is_found_by_the_person_when_the_line_says_who_that_is(tmp_path: Path) -> None:
    nobody = {name: value for name, value in dict_of(seal_input()["subject"]).items() if name != "bsn"}
    lines = [with_subject(bsn=BSN), line_of(subject=nobody), with_subject(bsn=BSN)]
    assert seal(tmp_path, lines_file(tmp_path, lines)) == 0
    tag = person_tag(row_key(settings_of(tmp_path / "installation" / "blauweknop.toml")), Bsn.parse(BSN), source="duo", dataset_id=DATASET)
    with sqlite3.connect(tmp_path / "installation" / "blauweknop.db") as database:
        assert database.execute("SELECT count(*) FROM issued_documents WHERE person_tag = ?", (tag,)).fetchone() == (2,)
        assert database.execute("SELECT count(*) FROM issued_documents WHERE person_tag IS NULL").fetchone() == (1,)


def test_each_line_becomes_a_green_document_with_a_record(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert seal(tmp_path, lines_file(tmp_path, [GOOD, GOOD, GOOD])) == 0

    said = capsys.readouterr()
    assert (said.out.startswith("3 documenten gemaakt"), said.err) == (True, "")
    assert documents(tmp_path) == [1, 2, 3]
    assert records(tmp_path) == 3
    assert {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "out").iterdir()} == {0o600}
    assert stat.S_IMODE((tmp_path / "out").stat().st_mode) == 0o700
    assert not (tmp_path / "out" / ".making").exists()
    assert verdicts(tmp_path, capsys, monkeypatch) == ["green"] * 3


def test_bad_lines_are_told_by_number_and_the_rest_goes_on(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert seal(tmp_path, lines_file(tmp_path, [GOOD, *(line for line, _ in BAD), GOOD])) == 1

    said = capsys.readouterr()
    assert documents(tmp_path) == [1, len(BAD) + 2]
    assert records(tmp_path) == 2
    found = reports(tmp_path)
    assert [report["line"] for report in found] == list(range(2, len(BAD) + 2))
    for report, (_, reason) in zip(found, BAD, strict=True):
        assert reason in str(report["reason"])
        assert report["remedy"]
        assert f"regel {report['line']}: {report['reason']}\n  {report['remedy']}\n" in said.err
    assert "report.ndjson" in said.err
    assert "Traceback" not in said.err


def test_neither_report_nor_journal_nor_screen_holds_a_value(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    seal(tmp_path, lines_file(tmp_path, [with_subject(bsn=BSN), *(line for line, _ in BAD)]))

    said = capsys.readouterr()
    assert not bsns_in(said.out + said.err, place="the screen")
    assert not bsns_in((tmp_path / "out" / "report.ndjson").read_bytes(), place="the report")
    assert not bsns_in((tmp_path / "out" / "journal.ndjson").read_bytes(), place="the journal")
    for path in (tmp_path / "out").glob("*.pdf"):
        path.unlink()
    assert not bsns_in_folder(tmp_path / "out")
    for name in ("report.ndjson", "journal.ndjson"):
        assert snapshot().subject.family_name not in (tmp_path / "out" / name).read_text("utf-8")


def test_a_line_of_100_megabytes_is_told_and_not_kept(tmp_path: Path) -> None:
    data = tmp_path / "in.ndjson"
    with data.open("wb") as file:
        file.write(GOOD + b"\n")
        for _ in range(100):
            file.write(b"x" * (1 << 20))
        file.write(b"\n" + GOOD)

    assert seal(tmp_path, data) == 1

    assert documents(tmp_path) == [1, 3]
    assert "longer than 8388608 bytes" in str(reports(tmp_path)[0]["reason"])


def test_the_same_line_twice_is_two_documents(tmp_path: Path) -> None:
    seal(tmp_path, lines_file(tmp_path, [GOOD, GOOD]))

    first, second = sorted((tmp_path / "out").glob("*.pdf"))
    assert first.name.partition("-")[2] != second.name.partition("-")[2]


def test_a_line_may_say_its_own_data_set_and_language(tmp_path: Path) -> None:
    data = lines_file(tmp_path, [line_of(dataset=DATASET, language="en"), GOOD])

    assert seal(tmp_path, data, "--no-dataset") == 1

    assert documents(tmp_path) == [1]
    assert "of which data set" in str(reports(tmp_path)[0]["reason"])


def test_a_finished_run_makes_nothing_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = lines_file(tmp_path, [GOOD, b"{", GOOD])
    assert seal(tmp_path, data) == 1
    made = sorted((tmp_path / "out").iterdir())

    assert seal(tmp_path, data) == 1

    assert sorted((tmp_path / "out").iterdir()) == made
    assert records(tmp_path) == 2
    assert len(reports(tmp_path)) == 1


def test_lines_that_were_added_later_are_made(tmp_path: Path) -> None:
    seal(tmp_path, lines_file(tmp_path, [GOOD]))

    assert seal(tmp_path, lines_file(tmp_path, [GOOD, GOOD])) == 0
    assert documents(tmp_path) == [1, 2]


@pytest.mark.parametrize("lines", [[line_of(language="en"), GOOD], [GOOD[:-1] + b" }"], []], ids=["changed", "almost", "empty"])
def test_another_input_in_the_same_folder_is_refused(lines: list[bytes], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    seal(tmp_path, lines_file(tmp_path, [GOOD]))

    assert seal(tmp_path, lines_file(tmp_path, lines)) == 3

    assert "another input" in capsys.readouterr().err
    assert documents(tmp_path) == [1]


def test_other_options_in_the_same_folder_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = lines_file(tmp_path, [GOOD])
    seal(tmp_path, data)

    assert seal(tmp_path, data, "--source", "duo") == 3
    assert "other options" in capsys.readouterr().err


def test_a_folder_with_a_report_of_somebody_else_is_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "report.ndjson").write_text("mine")

    assert seal(tmp_path, lines_file(tmp_path, [GOOD])) == 3
    assert (tmp_path / "out" / "report.ndjson").read_text() == "mine"


def test_two_runs_in_one_folder_do_not_meet(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = lines_file(tmp_path, [GOOD])
    busy = Journal(tmp_path / "out", Heading(DATASET, None, resumable=True))

    assert seal(tmp_path, data) == 3
    assert "another run is at work" in capsys.readouterr().err
    busy.release()
    assert seal(tmp_path, data) == 0


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--source", "nergens"), "no source of that name"),
        (("--dataset", "duo.niets"), "not in the catalogue"),
        (("--source", "uwv"), "does not have data set"),
    ],
    ids=str,
)
def test_what_is_wrong_for_every_line_is_said_once(
    options: tuple[str, ...], words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert seal(tmp_path, lines_file(tmp_path, [GOOD, GOOD]), *options) == 3

    said = capsys.readouterr().err
    assert said.count(words) == 1
    assert not (tmp_path / "out").exists()


def test_an_input_that_is_not_there_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert seal(tmp_path, tmp_path / "nergens.ndjson") == 3
    assert "nergens.ndjson cannot be read" in capsys.readouterr().err


def test_a_key_that_cannot_be_used_stops_the_run_which_goes_on_later(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = install(tmp_path)
    key = config.parent / "keys" / "sources" / "duo" / "seal-key.pem"
    right = key.read_bytes()
    key.write_text("no key")
    data = lines_file(tmp_path, [b"{", GOOD])

    assert seal(tmp_path, data) == 3
    assert "seal-key.pem" in capsys.readouterr().err

    key.write_bytes(right)
    assert seal(tmp_path, data) == 1
    assert documents(tmp_path) == [2]
    assert [report["line"] for report in reports(tmp_path)] == [1]


def test_an_interrupt_stops_in_order_and_says_how_to_go_on(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    install(tmp_path)
    before = signal.getsignal(signal.SIGINT)
    writer = threading.Thread(target=_interrupt_after, args=(pipe, [GOOD] * 40, tmp_path))
    writer.start()

    assert seal(tmp_path, pipe) == 130

    writer.join()
    done = len(documents(tmp_path))
    assert signal.getsignal(signal.SIGINT) is before
    assert f"De eerste {done} regels zijn klaar. Geef dezelfde opdracht nog een keer" in capsys.readouterr().err
    assert seal(tmp_path, lines_file(tmp_path, [GOOD] * 45)) == 0
    assert f"Het gaat verder na regel {done}" in capsys.readouterr().err
    assert documents(tmp_path) == list(range(1, 46))


def _interrupt_after(pipe: Path, lines: Sequence[bytes], folder: Path) -> None:
    """Write these lines, and no end; interrupt as soon as something is done."""
    with pipe.open("wb") as file:
        file.write(b"".join(line + b"\n" for line in lines))
        file.flush()
        while not list((folder / "out").glob("*.pdf")):
            time.sleep(0.02)
        time.sleep(0.1)
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(0.1)


# What a crash leaves behind.


def crashed(tmp_path: Path, lines: Sequence[bytes]) -> tuple[Path, Path]:
    """A run that did all its work and then was killed before its orderly end; gives input and journal."""
    data = lines_file(tmp_path, lines)
    seal(tmp_path, data)
    journal = tmp_path / "out" / "journal.ndjson"
    kept = journal.read_bytes().splitlines(keepends=True)
    journal.write_bytes(b"".join(kept[:-1]))
    (tmp_path / "out" / ".making").mkdir()
    return data, journal


def test_a_document_that_the_disk_lost_is_made_again(tmp_path: Path) -> None:
    data, _ = crashed(tmp_path, [GOOD] * 4)
    first, second, third, _ = sorted((tmp_path / "out").glob("*.pdf"))
    first.write_bytes(bytes(first.stat().st_size))
    second.write_bytes(b"")
    third.unlink()

    assert seal(tmp_path, data) == 0

    assert documents(tmp_path) == [1, 2, 3, 4]
    assert {first, second, third}.isdisjoint((tmp_path / "out").glob("*.pdf"))


def test_a_document_that_was_done_but_not_moved_is_moved(tmp_path: Path) -> None:
    data, _ = crashed(tmp_path, [GOOD] * 2)
    first, second = sorted((tmp_path / "out").glob("*.pdf"))
    first.rename(first.parent / ".making" / first.name)

    assert seal(tmp_path, data) == 0
    assert sorted((tmp_path / "out").glob("*.pdf")) == [first, second]
    assert records(tmp_path) == 2


def test_a_document_that_was_not_done_is_made_again_and_a_half_one_is_gone(tmp_path: Path) -> None:
    data, journal = crashed(tmp_path, [GOOD, b"{"])
    heading, _ = journal.read_bytes().splitlines(keepends=True)
    journal.write_bytes(heading)
    (made,) = (tmp_path / "out").glob("*.pdf")
    made.rename(made.parent / ".making" / made.name)
    (made.parent / ".making" / f"0000000002-{'0' * 32}.pdf").write_bytes(b"half")

    assert seal(tmp_path, data) == 1

    assert documents(tmp_path) == [1]
    assert not made.exists()
    assert [report["line"] for report in reports(tmp_path)] == [2], "and the report has its line once"


def test_a_last_line_of_the_journal_that_is_half_does_not_count(tmp_path: Path) -> None:
    data, journal = crashed(tmp_path, [GOOD])
    with journal.open("ab") as file:
        file.write(b'{"at":"2026')

    assert seal(tmp_path, data) == 0
    assert documents(tmp_path) == [1]


@pytest.mark.parametrize("line", [b"{}\n", b"\xff\n", b"[]\n"], ids=str)
def test_a_journal_that_cannot_be_read_is_refused(line: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data, journal = crashed(tmp_path, [GOOD])
    with journal.open("ab") as file:
        file.write(line)

    assert seal(tmp_path, data) == 3
    assert "journal that cannot be read" in capsys.readouterr().err


def test_a_journal_leads_to_no_file_elsewhere(tmp_path: Path) -> None:
    _, journal = crashed(tmp_path, [GOOD])
    (made,) = (tmp_path / "out").glob("*.pdf")
    journal.write_bytes(journal.read_bytes().replace(made.name.encode(), b"../in.ndjson"))

    with pytest.raises(JournalProblem):
        Journal(tmp_path / "out", Heading(DATASET, None, resumable=True))


def test_only_the_last_minute_is_compared_with_the_disk(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "out", Heading(None, None, resumable=True))
    for at, line in (("2026-11-23T15:00:00Z", 1), ("2026-11-23T15:05:00Z", 2)):
        made = [[line, f"{line:010d}-{'a' * 32}.pdf", 1, "00000001"]]
        (journal.making / str(made[0][1])).write_bytes(b"x")
        journal.commit(_batch(at, line, made))
    journal.release()
    for path in (tmp_path / "out").glob("*.pdf"):
        path.unlink()

    assert Journal(tmp_path / "out", Heading(None, None, resumable=True)).take_lost() == {2}


def _batch(at: str, lines: int, made: object) -> Batch:
    return msgspec.convert(
        {
            "at": at,
            "lines": lines,
            "bytes": lines,
            "sha256": "",
            "made_in_all": lines,
            "refused_in_all": 0,
            "report_bytes": 0,
            "made": made,
        },
        Batch,
    )


# Usage.


@pytest.mark.parametrize(
    "options",
    [
        ["--ndjson", "x"],
        ["--out-dir", "x"],
        ["x.json", "--ndjson", "x", "--out-dir", "y"],
        ["--ndjson", "x", "--out-dir", "y", "-o", "z"],
        ["x.json", "--dataset", DATASET, "-o", "x.pdf", "--processes", "2"],
        ["--ndjson", "x", "--out-dir", "y", "--processes", "0"],
    ],
    ids=" ".join,
)
def test_one_and_many_are_not_mixed(options: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_of(["seal", *options]) == 3
    assert "see: blauweknop seal --help" in capsys.readouterr().err
