"""A server of the benchmarks: `blauweknop serve` as a program of its own, over a folder that was prepared."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from blauweknop.cli.configuration import FILE_NAME
from blauweknop.domain.errors import BlauweKnopError

__all__ = ["HOST", "BenchServer", "ServerFailed", "bench_server", "free_port"]

HOST = "127.0.0.1"
_PROGRAM = (sys.executable, "-c", "from blauweknop.cli.main import run; run()")
_PATIENCE_SECONDS = 120.0
_LOOK_AGAIN = 0.02


class ServerFailed(BlauweKnopError):
    """The server of the benchmark does not start, or what it serves is not as it should be."""


@dataclass(frozen=True, slots=True)
class BenchServer:
    """The server while it runs: every process of it, and how long it took until it was ready."""

    process: subprocess.Popen[bytes] = field(repr=False)
    port: int
    start_seconds: float
    log: Path

    def memory(self) -> float:
        """Resident megabytes of its largest process; 0 where the system does not tell."""
        return max([_resident(process) for process in _family(self.process.pid)], default=0.0)

    def cpu_seconds(self) -> float:
        """User and system time of all its processes until now; 0 where the system does not tell."""
        return sum(_cpu_seconds(process) for process in _family(self.process.pid))

    def kill(self) -> None:
        """All of it at once, without a word: what is not in the database then, is lost."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(_PATIENCE_SECONDS)
        with suppress(OSError):  # the last of its processes has let go of the port
            while True:
                socket.create_connection((HOST, self.port), timeout=_PATIENCE_SECONDS).close()
                time.sleep(_LOOK_AGAIN)


@contextmanager
def bench_server(role: Literal["issuer", "verifier", "holder"], folder: Path, port: int, workers: int, *more: str) -> Iterator[BenchServer]:
    """It serves what the configuration in this folder says, with `more` options, until the end of the block.

    Raises:
        ServerFailed: it does not become ready.
    """
    options = ("--config", str(folder / FILE_NAME), "--port", str(port), "--workers", str(workers), *more)
    log = folder / "server.log"
    with log.open("wb") as said:
        began = time.perf_counter()
        # A group of its own, to be killed as a whole.
        process = subprocess.Popen((*_PROGRAM, "serve", role, *options), stdout=said, stderr=said, start_new_session=True)
    try:
        if not _ready(f"http://{HOST}:{port}/readyz", process):
            raise ServerFailed(f"the server of the benchmark did not start: {_last_line(log)}")
        yield BenchServer(process, port, time.perf_counter() - began, log)
    finally:
        if process.poll() is None:
            process.terminate()
        process.wait(_PATIENCE_SECONDS)


def free_port() -> int:
    """One that nobody listens on now."""
    with socket.create_server((HOST, 0)) as free:
        return int(free.getsockname()[1])


def _ready(address: str, process: "subprocess.Popen[bytes]") -> bool:
    """Whether it says so in time."""
    until = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < until and process.poll() is None:
        try:
            with urllib.request.urlopen(address, timeout=_PATIENCE_SECONDS):  # noqa: S310 - our own address on this machine
                return True
        except urllib.error.HTTPError:
            return False
        except OSError:
            time.sleep(_LOOK_AGAIN)
    return False


def _last_line(log: Path) -> str:
    return ([line.strip() for line in log.read_text("utf-8", "replace").splitlines() if line.strip()] or ["it said nothing"])[-1]


def _family(parent: int) -> list[int]:
    """A process and all that came from it, as Linux tells it; none where the system does not."""
    parents: dict[int, int] = {}
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(status.parent.name)] = int(status.read_text("ascii", "replace").rpartition(")")[2].split()[1])
        except OSError:
            continue  # it ended meanwhile
    family = [parent] if parent in parents else []
    for process in family:  # grows while it is read
        family += [child for child, its_parent in parents.items() if its_parent == process]
    return family


def _resident(process: int) -> float:
    pages = int(Path(f"/proc/{process}/statm").read_text("ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1_000_000


def _cpu_seconds(process: int) -> float:
    times = Path(f"/proc/{process}/stat").read_text("ascii", "replace").rpartition(")")[2].split()[11:13]
    return sum(map(int, times)) / os.sysconf("SC_CLK_TCK")
