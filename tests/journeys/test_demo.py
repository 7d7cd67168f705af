"""The demo as a newcomer meets it: it says what to do, that works, and it ends in order when it is told to."""

import json
import os
import shlex
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path

import pytest

_PROGRAM = (sys.executable, "-c", "from blauweknop.cli.main import run; run()")
_SOURCE = Path(__file__).resolve().parents[2] / "src"
_PATIENCE_SECONDS = 60.0
_COMMANDS = 3


@dataclass(frozen=True, slots=True)
class Visit:
    """A demo that was started, tried and stopped."""

    exit_code: int
    screen: str
    tried: tuple[subprocess.CompletedProcess[str], ...]
    readiness: dict[str, str]
    helpers: frozenset[int]

    @property
    def commands(self) -> list[str]:
        return [line.strip() for line in self.screen.splitlines() if line.startswith("  blauweknop ")]


def blauweknop(arguments: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*_PROGRAM, *arguments],
        cwd=folder,
        env=environment(folder),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=_PATIENCE_SECONDS,
        check=False,
    )


def environment(folder: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("BLAUWEKNOP_")}
    return {**kept, "PYTHONPATH": str(_SOURCE), "XDG_STATE_HOME": str(folder / "state"), "COLUMNS": "200"}


def children_of(process: int) -> frozenset[int]:
    """The processes that this one started and that have not ended."""
    found = set()
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, parent = status.read_text("utf-8").rpartition(")")[2].split()[:2]
        except OSError:
            continue  # it ended while we looked
        if parent == str(process) and state != "Z":
            found.add(int(status.parent.name))
    return frozenset(found)


@pytest.fixture(scope="module")
def visit(tmp_path_factory: pytest.TempPathFactory) -> Visit:
    """Start it, type the commands that it shows, and press Ctrl-C."""
    folder = tmp_path_factory.mktemp("visit")
    screen = folder / "screen"
    with screen.open("wb") as output:
        process = subprocess.Popen(
            [*_PROGRAM, "demo", "--port", "0", "--data-dir", "exercise"],
            cwd=folder,
            env=environment(folder),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            commands = _commands(process, screen)
            tried = tuple(blauweknop(shlex.split(command)[1:], folder) for command in commands)
            address = next(word for word in screen.read_text("utf-8").split() if word.startswith("http://"))
            with urllib.request.urlopen(f"{address}/readyz", timeout=10) as answer:
                readiness = json.loads(answer.read())
            helpers = children_of(process.pid)
            process.send_signal(signal.SIGINT)
            process.wait(_PATIENCE_SECONDS)
        finally:
            process.kill()
            process.wait(_PATIENCE_SECONDS)
    return Visit(process.returncode, screen.read_text("utf-8"), tried, readiness, helpers)


def _commands(process: subprocess.Popen[bytes], screen: Path) -> list[str]:
    until = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < until and process.poll() is None:
        shown = [line for line in screen.read_text("utf-8").splitlines(keepends=True) if line.startswith("  blauweknop ")]
        if len(shown) == _COMMANDS and shown[-1].endswith("\n"):
            return shown
        time.sleep(0.05)
    raise AssertionError(screen.read_text("utf-8"))


def test_the_commands_that_it_shows_work_in_that_order(visit: Visit) -> None:
    assert [shlex.split(command)[1] for command in visit.commands] == ["seal", "verify", "extract"]
    assert [done.returncode for done in visit.tried] == [0, 0, 0], [done.stderr for done in visit.tried]
    assert visit.tried[1].stdout.startswith("GROEN")


def test_it_names_every_place_to_look(visit: Visit) -> None:
    for path in ("/duo", "/uwv", "/cak", "/denhaag", "/dichtbij", "/controle", "/register/schemas"):
        assert f"{path} " in visit.screen


def test_it_says_when_it_is_ready(visit: Visit) -> None:
    assert visit.readiness == {"database": "ok", "sign": "ok", "trust_list": "ok"}


def test_ctrl_c_ends_it_in_order(visit: Visit) -> None:
    assert visit.exit_code == 0
    assert "Traceback" not in visit.screen
    assert visit.screen.splitlines()[-1].endswith("Everything is still in exercise.")


@pytest.mark.skipif(sys.platform != "linux", reason="looks at processes as Linux shows them")
def test_nothing_that_it_started_outlives_it(visit: Visit) -> None:
    assert visit.helpers
    assert not [helper for helper in visit.helpers if Path(f"/proc/{helper}").exists()]


def test_a_port_that_is_taken_is_one_line_in_both_languages(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = blauweknop(["demo", "--port", str(port), "--data-dir", "exercise"], tmp_path)

    said = f"blauweknop: Poort {port} is bezet. Kies een andere met --port. / Port {port} is taken. Choose another with --port.\n"
    assert (done.returncode, done.stderr) == (3, said)
    assert not (tmp_path / "exercise").exists()


def test_a_folder_that_cannot_be_used_is_one_line_in_both_languages(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    done = blauweknop(["demo", "--port", "0", "--data-dir", "file/exercise"], tmp_path)

    assert done.returncode == 3
    assert done.stderr.startswith("blauweknop: De map file/exercise is niet te gebruiken. ")
    assert done.stderr.endswith(" / The folder file/exercise cannot be used. Choose another with --data-dir.\n")
