"""The exercise scheme as a person starts it: a program of its own on a free port of this machine, in a folder of its own.

`played_demo` plays the scripted journeys and ends; `running_demo` serves. All that the program writes on its screen is kept in a file.
"""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = ["NO_BSN", "PlayedDemo", "RunningDemo", "played_demo", "running_demo"]

NO_BSN = frozenset({"900000041"})
"""In a certificate of the exercise the organisation number 90000004 is followed by a byte that reads as a 1; the scanner cannot know."""

_ADDRESS = re.compile(r"http://127\.0\.0\.1:[0-9]+")
_READY_SECONDS = 180.0  # on a busy machine; a start that fails ends the program and is told at once
_PLAY_SECONDS = 300.0


@dataclass(frozen=True, slots=True)
class PlayedDemo:
    """What the scripted journeys left behind."""

    folder: Path
    screen: Path
    """All that was written to standard output and error."""
    exit_code: int
    report: Mapping[str, Any]

    @property
    def documents(self) -> tuple[Path, ...]:
        return tuple(sorted((self.folder / "documents").glob("*.pdf")))


@dataclass(frozen=True, slots=True)
class RunningDemo:
    """A demo that answers at an address."""

    folder: Path
    screen: Path
    base_url: str

    def logged(self) -> bytes:
        """All that it wrote, on its screen and in its log."""
        return self.screen.read_bytes() + (self.folder / "requests.log").read_bytes()


def played_demo(folder: Path) -> PlayedDemo:
    """Play the scripted journeys in this folder and wait for the end."""
    screen = folder.parent / f"{folder.name}.screen"
    with screen.open("wb") as output:
        done = subprocess.run(
            [*_command(folder), "--once"],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            timeout=_PLAY_SECONDS,
            env=_environment(),
            check=False,
        )
    report = folder / "report.json"
    assert report.is_file(), screen.read_text("utf-8", "replace")[-2000:]
    return PlayedDemo(folder, screen, done.returncode, json.loads(report.read_text("utf-8")))


@contextmanager
def running_demo(folder: Path) -> Iterator[RunningDemo]:
    """Serve from this folder until the end of the block."""
    screen = folder.parent / f"{folder.name}.screen"
    with screen.open("wb") as output:
        process = subprocess.Popen(_command(folder), stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, env=_environment())
        try:
            yield RunningDemo(folder, screen, _address(process, screen))
        finally:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(60)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(60)


def _command(folder: Path) -> list[str]:
    start = "from blauweknop.cli.main import run; run()"
    return [sys.executable, "-c", start, "demo", "--port", "0", "--data-dir", str(folder)]


def _environment() -> dict[str, str]:
    source = Path(__file__).resolve().parent.parent / "src"
    return {**os.environ, "PYTHONPATH": str(source), "PYTHONUNBUFFERED": "1", "COLUMNS": "200"}


def _address(process: subprocess.Popen[bytes], screen: Path) -> str:
    """The address that the demo says it is ready at."""
    until = time.monotonic() + _READY_SECONDS
    while time.monotonic() < until and process.poll() is None:
        found = _ADDRESS.search(screen.read_text("utf-8", "replace"))
        if found:
            return found[0]
        time.sleep(0.05)
    raise AssertionError(f"the demo did not start: {screen.read_text('utf-8', 'replace')[-2000:]}")
