"""Many documents at once as people run it: processes that are killed, interrupted and started again, a time stamp service that is gone."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from blauweknop.assembly.sealing import exercise_authority
from tests.security.bsn_scan import bsns_in
from tests.unit.cli.installation import DATASET, exit_of, install, rewrite, seal_input

_PROGRAM = (sys.executable, "-c", "from blauweknop.cli.main import run; run()")
_PATIENCE = 300.0  # on a busy machine; nothing waits so long that goes well
LINES = 130
"""Four whole chunks and a short one, for two processes."""


@pytest.fixture
def work(tmp_path: Path) -> Path:
    """A folder with an installation, and an input in which every tenth line is bad."""
    install(tmp_path)
    good = json.dumps(seal_input())
    lines = ["{" if number % 10 == 0 else good for number in range(1, LINES + 1)]
    (tmp_path / "in.ndjson").write_text("\n".join(lines) + "\n", "utf-8")
    return tmp_path


def command(folder: Path, processes: int, data: str = "in.ndjson") -> list[str]:
    options = ["--dataset", DATASET, "--config", str(folder / "installation" / "blauweknop.toml"), "--processes", str(processes)]
    return ["seal", "--ndjson", str(folder / data) if data != "-" else "-", "--out-dir", str(folder / "out"), *options]


def start(folder: Path, processes: int) -> subprocess.Popen[str]:
    env = {**os.environ, "PYTHONPATH": str(Path("src").resolve())}
    call = [*_PROGRAM, *command(folder, processes)]
    return subprocess.Popen(call, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=env, start_new_session=True)


def wait_for_documents(folder: Path, count: int, process: subprocess.Popen[str]) -> None:
    until = time.monotonic() + _PATIENCE
    while len(list((folder / "out").glob("*.pdf"))) < count and process.poll() is None:
        assert time.monotonic() < until
        time.sleep(0.005)


def line_numbers(folder: Path) -> list[int]:
    return sorted(int(path.name.partition("-")[0]) for path in (folder / "out").glob("*.pdf"))


def in_session(session: int) -> Iterator[int]:
    """Processes that a run left behind."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(fields[3]) == session and fields[0] != "Z":
                yield int(entry.name)


@contextmanager
def authority_behind(installation: Path, before_each: Callable[[], object]) -> Iterator[None]:
    """The installation asks the exercise authority at an address, where `before_each` decides when an answer comes."""
    authority = exercise_authority(installation / "keys")

    class Answers(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            request = self.rfile.read(int(self.headers["Content-Length"]))
            before_each()
            answer = authority.respond(request)
            with suppress(ConnectionError):  # who asked may have been killed
                self.send_response(200)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            return

    config = installation / "blauweknop.toml"
    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    rewrite(config, time_stamp_section(config), f'[time_stamp]\nurl = "http://127.0.0.1:{server.server_port}/tsa"')
    yield
    server.shutdown()
    server.server_close()
    thread.join()


def time_stamp_section(config: Path) -> str:
    text = config.read_text("utf-8")
    return text[text.index("[time_stamp]") :].split("\n\n")[0]


class Pace:
    """Time stamps come slowly, and stop when so many documents are there: a run stays half way however fast the machine is."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.until_documents = 5

    def wait(self) -> None:
        time.sleep(0.0 if self.until_documents > LINES else 0.1)
        until = time.monotonic() + _PATIENCE
        while len(list(self._folder.glob("*.pdf"))) >= self.until_documents and time.monotonic() < until:
            time.sleep(0.02)

    def let_go(self) -> None:
        self.until_documents = LINES + 1


@pytest.fixture
def pace(work: Path) -> Iterator[Pace]:
    pace = Pace(work / "out")
    with authority_behind(work / "installation", pace.wait):
        yield pace
        pace.let_go()


def assert_all_done(folder: Path, made_before: Sequence[Path]) -> None:
    """Each good line has one document, each bad line one report, and what was there stayed as it was."""
    good = [number for number in range(1, LINES + 1) if number % 10]
    assert line_numbers(folder) == good
    assert all(path.read_bytes().rstrip().endswith(b"%%EOF") for path in (folder / "out").glob("*.pdf"))
    assert set(made_before) <= set((folder / "out").glob("*.pdf"))
    reports = [json.loads(line) for line in (folder / "out" / "report.ndjson").read_text("utf-8").splitlines()]
    assert [report["line"] for report in reports] == [number for number in range(1, LINES + 1) if not number % 10]
    names = {path.name for path in (folder / "out").iterdir()}
    assert not {name for name in names if not name.endswith(".pdf")} - {"journal.ndjson", "report.ndjson"}
    assert not bsns_in("".join(sorted(names)), place="the names")
    with sqlite3.connect(folder / "installation" / "blauweknop.db") as database:
        assert database.execute("SELECT count(*) FROM issued_documents").fetchone()[0] >= len(good)


def test_a_run_that_is_killed_again_and_again_ends_with_one_document_a_line(work: Path, pace: Pace) -> None:
    made: list[Path] = []
    for processes in (2, 1):
        process = start(work, processes)
        wait_for_documents(work, len(made) + 5, process)
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=_PATIENCE)
        made = sorted((work / "out").glob("*.pdf"))
        pace.until_documents = len(made) + 5

    pace.let_go()
    last = start(work, 2)
    _, said = last.communicate(timeout=_PATIENCE)

    assert last.returncode == 1
    assert "Het gaat verder na regel" in said
    assert_all_done(work, made)


def test_a_killed_run_leaves_no_process_behind(work: Path, pace: Pace) -> None:
    process = start(work, 2)
    wait_for_documents(work, 5, process)
    process.send_signal(signal.SIGKILL)
    process.wait(_PATIENCE)

    until = time.monotonic() + _PATIENCE
    while left := list(in_session(process.pid)):
        assert time.monotonic() < until, left
        time.sleep(0.05)


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_of_the_whole_terminal_ends_in_order(sent: signal.Signals, work: Path, pace: Pace) -> None:
    process = start(work, 2)
    wait_for_documents(work, 5, process)
    os.killpg(process.pid, sent)
    time.sleep(0.5)  # the run hears it before more can be made
    pace.let_go()
    _, said = process.communicate(timeout=_PATIENCE)
    made = sorted((work / "out").glob("*.pdf"))

    assert process.returncode == 130
    assert "Geef dezelfde opdracht nog een keer om verder te gaan" in said
    assert "Traceback" not in said
    last = start(work, 2)
    last.communicate(timeout=_PATIENCE)
    assert last.returncode == 1
    assert_all_done(work, made)


def test_a_lost_process_stops_the_run_which_goes_on_later(work: Path, pace: Pace) -> None:
    process = start(work, 2)
    wait_for_documents(work, 5, process)
    worker = next(pid for pid in in_session(process.pid) if b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes())
    os.kill(worker, signal.SIGKILL)
    pace.let_go()
    _, said = process.communicate(timeout=_PATIENCE)

    assert process.returncode == 3
    assert "a process that makes documents was lost" in said
    assert "Traceback" not in said
    last = start(work, 2)
    last.communicate(timeout=_PATIENCE)
    assert_all_done(work, [])


def test_standard_input_is_read_and_told_to_have_no_second_run(work: Path) -> None:
    env = {**os.environ, "PYTHONPATH": str(Path("src").resolve())}
    lines = (work / "in.ndjson").read_text("utf-8")
    calls = [
        subprocess.run(
            [*_PROGRAM, *command(work, 1, "-")], input=lines, capture_output=True, text=True, env=env, timeout=_PATIENCE, check=False
        )
        for _ in range(2)
    ]

    assert [call.returncode for call in calls] == [1, 3]
    assert "Van de standaardinvoer kan dit werk niet verder gaan" in calls[0].stderr
    assert "cannot be gone on with" in calls[1].stderr
    assert_all_done(work, [])


@pytest.mark.parametrize("processes", [1, 2])
def test_a_time_stamp_service_that_is_gone_stops_the_run_and_refuses_no_line(
    processes: int, work: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("blauweknop.cli.seal_worker._PAUSES", (0.01, 0.01))
    config = work / "installation" / "blauweknop.toml"
    right = time_stamp_section(config)
    wrong = '[time_stamp]\nurl = "http://127.0.0.1:1/tsa"'
    (work / "in.ndjson").write_text(f"{json.dumps(seal_input())}\n" * 40, "utf-8")
    rewrite(config, right, wrong)

    assert exit_of(command(work, processes)) == 3

    said = capsys.readouterr().err
    assert said.count("no time stamp authority gave a time stamp") == 1
    assert "it goes on" in said
    assert line_numbers(work) == []
    assert (work / "out" / "report.ndjson").read_bytes() == b""
    rewrite(config, wrong, right)
    assert exit_of(command(work, 1)) == 0
    assert line_numbers(work) == list(range(1, 41))


def test_waiting_for_time_stamps_overlaps_in_one_process(work: Path) -> None:
    (work / "in.ndjson").write_text(f"{json.dumps(seal_input())}\n" * 24, "utf-8")
    asked: list[None] = []
    together = threading.Event()

    def answer_once_two_ask() -> None:
        asked.append(None)
        if len(asked) > 1:
            together.set()
        assert together.wait(_PATIENCE)

    with authority_behind(work / "installation", answer_once_two_ask):
        assert exit_of(command(work, 1)) == 0
    assert line_numbers(work) == list(range(1, 25))
