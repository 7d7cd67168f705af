"""Check a stranger's file in a process that may be lost: limits on time, memory, files and network (PROTOCOL 7.6).

`check_in_child` forks the running process, for programs with one thread such as the command line. `Sandbox` is for servers: it keeps
helpers that have everything loaded, each of which forks for every file, so that no file sees what another left behind, and a verdict
costs a fork and not a start.
"""

import fcntl
import os
import queue
import resource
import select
import signal
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from threading import Lock

from blauweknop.catalogue import Catalogue
from blauweknop.checking.check_received import check_received
from blauweknop.checking.concluding import rejected_unread
from blauweknop.checking.policy import Policy, apply_policy
from blauweknop.checking.received_forms import kind_of
from blauweknop.checking.transport import MalformedTransport, trust_to_bytes, verdict_from_bytes, verdict_to_bytes
from blauweknop.checking.trust import Trust
from blauweknop.document.pdf_file import FileLimits
from blauweknop.domain.errors import BlauweKnopError
from blauweknop.domain.verdict import CheckedKind, Verdict

__all__ = [
    "MOST_ANSWER",
    "OUT_OF_MEMORY",
    "Limits",
    "Sandbox",
    "SandboxFailure",
    "beyond_limits",
    "check_in_child",
    "enter_limits",
    "leave_open_only",
    "receive_frame",
    "run_in_child",
    "send_frame",
    "too_large",
]

_MIB = 1 << 20
MOST_ANSWER = 32 * _MIB
"""No frame between our processes is larger, in bytes."""

_MOST_OPEN_FILES = 64  # Python opens modules when it first needs them, so none at all would be too few
_MOST_OPEN_BEFORE = 4096  # where the system does not say which are open
OUT_OF_MEMORY = 86
"""How a child ends that may take no more memory."""

_LENGTH = struct.Struct(">Q")


class SandboxFailure(BlauweKnopError):
    """The check could not be done, by a fault of ours or because too much is asked at once; says nothing about the file."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What the check of one file may cost."""

    cpu_seconds: int = 10
    wall_seconds: float = 15.0
    memory_bytes: int = 512 * _MIB  # beyond what the forked process has


def check_in_child(
    data: bytes, *, trust: Trust, at: datetime, catalogue: Catalogue, policy: Policy | None = None, limits: Limits | None = None
) -> Verdict:
    """The verdict on a file of any kind, found in a fork of this process; one that asks more than the limits is rejected.

    Raises:
        SandboxFailure: the check itself failed.
    """
    if len(data) > FileLimits().file_size:
        return apply_policy(too_large(), policy, at)
    answer = run_in_child(lambda: verdict_to_bytes(check_received(data, trust=trust, at=at, catalogue=catalogue)), limits or Limits())
    verdict = beyond_limits(kind_of(data)) if answer is None else verdict_from_bytes(answer)
    return apply_policy(verdict, policy, at)


def beyond_limits(kind: CheckedKind = CheckedKind.DOCUMENT) -> Verdict:
    """What is said of a file that cannot be read within the limits."""
    return rejected_unread(kind, "beyond_limits")


def run_in_child(work: Callable[[], bytes], limits: Limits) -> bytes | None:
    """What `work` gave in a forked child with limits; None when the child went beyond them.

    Raises:
        SandboxFailure: the child ended in another way.
    """
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        _work_within_limits(work, writing, limits)
    os.close(writing)
    with os.fdopen(reading, "rb", buffering=0) as pipe:
        answer = _read_until(pipe.fileno(), time.monotonic() + limits.wall_seconds)
    if answer is None:
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    if answer is None or os.WIFSIGNALED(status) or os.waitstatus_to_exitcode(status) == OUT_OF_MEMORY:
        return None
    if os.waitstatus_to_exitcode(status) != 0:
        raise SandboxFailure(
            "the check of this file failed by a fault of ours", remedy="try again, and tell the people who run this system"
        )
    return answer


def _work_within_limits(work: Callable[[], bytes], writing: int, limits: Limits) -> None:
    """Runs in the child and never returns."""
    code = 1
    try:
        writing = leave_open_only(writing)
        enter_limits(limits)
        rest = memoryview(work())
        while rest:
            rest = rest[os.write(writing, rest) :]
        code = 0
    except MemoryError:
        code = OUT_OF_MEMORY
    finally:
        os._exit(code)


def enter_limits(limits: Limits) -> None:
    """For this process, and for good."""
    for kind, most in (
        (resource.RLIMIT_CPU, limits.cpu_seconds),
        (resource.RLIMIT_AS, _address_space() + limits.memory_bytes),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, _MOST_OPEN_FILES),
    ):
        resource.setrlimit(kind, (most, most))


def leave_open_only(writing: int) -> int:
    """Close what the parent has open, such as its own connection and the files of others; gives the new number of the way back."""
    writing = fcntl.fcntl(writing, fcntl.F_DUPFD, 3)
    nothing = os.open(os.devnull, os.O_RDWR)
    for standard in range(3):
        os.dup2(nothing, standard)
    for number in _open_files():
        if number > 2 and number != writing:
            with suppress(OSError):  # the number by which the folder of numbers itself was open
                os.close(number)
    return writing


def _open_files() -> Iterable[int]:
    for folder in ("/proc/self/fd", "/dev/fd"):
        with suppress(OSError):
            return [int(name) for name in os.listdir(folder)]
    return range(_MOST_OPEN_BEFORE)


def _address_space() -> int:
    """What the process it was forked from takes already, in bytes; a large server must not leave a file less room than a small one."""
    with suppress(OSError), open("/proc/self/statm", encoding="ascii") as pages:  # Linux only
        return int(pages.read().split()[0]) * resource.getpagesize()
    return 0


def _read_until(pipe: int, deadline: float) -> bytes | None:
    """All bytes until the other side closes; None when that takes too long or gives too much."""
    parts = bytearray()
    while True:
        ready, _, _ = select.select([pipe], [], [], max(0.0, deadline - time.monotonic()))
        if not ready or len(parts) > MOST_ANSWER:
            return None
        part = os.read(pipe, _MIB)
        if not part:
            return bytes(parts)
        parts += part


class _Helper:
    """One warm process: it gets a request frame at a time, forks for it, and answers."""

    def __init__(self, limits: Limits) -> None:
        self._patience = limits.wall_seconds + 10
        ours, theirs = socket.socketpair()
        with theirs:
            command = [sys.executable, "-m", "blauweknop.adapters.sandbox_worker", str(theirs.fileno()), *_as_arguments(limits)]
            self._process = subprocess.Popen(
                command, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL, env=_small_environment(), start_new_session=True
            )
        self._socket = ours

    def ask(self, request: tuple[bytes, ...]) -> bytes:
        """Raises: OSError (the helper is gone), TimeoutError, EOFError."""
        self._socket.settimeout(self._patience)
        for part in request:
            send_frame(self._socket, part)
        return receive_frame(self._socket)

    def close(self) -> None:
        self._socket.close()
        with suppress(ProcessLookupError):
            self._process.kill()
        self._process.wait()


def _as_arguments(limits: Limits) -> list[str]:
    return [str(limits.cpu_seconds), str(limits.wall_seconds), str(limits.memory_bytes)]


def _small_environment() -> dict[str, str]:
    """What Python needs to start; the secrets of the server are not for a process that reads strangers' files."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL", "TZ", "SYSTEMROOT") if name in os.environ}
    return kept | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path), "PYTHONDONTWRITEBYTECODE": "1"}


class Sandbox:
    """Warm helpers for a server; may be shared between threads."""

    def __init__(self, *, helpers: int = 2, limits: Limits | None = None, patience_seconds: float = 20.0) -> None:
        """Starts the helpers; they are ready within a second, and a check that comes sooner waits for them."""
        self._limits = limits or Limits()
        self._patience = patience_seconds
        self._free: queue.Queue[_Helper] = queue.Queue()
        self._lock = Lock()
        self._trust: tuple[Trust, bytes] | None = None
        for _ in range(helpers):
            self._free.put(_Helper(self._limits))

    def check(self, data: bytes, *, trust: Trust, at: datetime) -> Verdict:
        """The verdict on a file.

        Raises:
            SandboxFailure: too many checks at once, or the check itself failed.
        """
        if len(data) > FileLimits().file_size:
            return too_large()
        try:
            helper = self._free.get(timeout=self._patience)
        except queue.Empty as error:
            raise SandboxFailure("too many files are being checked at this moment", remedy="try again in a minute") from error
        answer: bytes | None = None
        try:
            answer = helper.ask((self._encoded(trust), at.isoformat().encode("ascii"), data))
        except (OSError, EOFError) as error:
            raise SandboxFailure("the process that checks files was lost", remedy="try again") from error
        finally:
            self._free.put(helper if answer is not None else _replaced(helper, self._limits))
        return _read_answer(answer, kind_of(data))

    def close(self) -> None:
        """Ends the helpers that are free."""
        with suppress(queue.Empty):
            while True:
                self._free.get_nowait().close()

    def _encoded(self, trust: Trust) -> bytes:
        with self._lock:
            if self._trust is None or self._trust[0] is not trust:
                self._trust = trust, trust_to_bytes(trust)
            return self._trust[1]


def _replaced(helper: _Helper, limits: Limits) -> _Helper:
    helper.close()
    return _Helper(limits)


def _read_answer(answer: bytes, kind: CheckedKind) -> Verdict:
    outcome, body = answer[:1], answer[1:]
    if outcome == b"L":
        return beyond_limits(kind)
    try:
        if outcome == b"V":
            return verdict_from_bytes(body)
    except MalformedTransport as error:
        raise SandboxFailure("the check gave no verdict", remedy="tell the people who run this system") from error
    raise SandboxFailure("the check of this file failed by a fault of ours", remedy="try again, and tell the people who run this system")


def too_large() -> Verdict:
    """What is said of a file that is larger than any document may be; it is not read at all."""
    return rejected_unread(CheckedKind.DOCUMENT, "file_size")


def send_frame(connection: socket.socket, data: bytes) -> None:
    """Eight bytes of length, and the data."""
    connection.sendall(_LENGTH.pack(len(data)) + data)


def receive_frame(connection: socket.socket) -> bytes:
    """One frame. Raises: EOFError when the other side is gone, OSError."""
    (length,) = _LENGTH.unpack(_receive(connection, _LENGTH.size))
    if length > MOST_ANSWER:
        raise EOFError("expected a frame of bounded size")
    return _receive(connection, length)


def _receive(connection: socket.socket, length: int) -> bytes:
    parts = bytearray()
    while len(parts) < length:
        part = connection.recv(min(_MIB, length - len(parts)))
        if not part:
            raise EOFError("expected the rest of a frame")
        parts += part
    return bytes(parts)
