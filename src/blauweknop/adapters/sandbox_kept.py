"""A process that may be lost, kept for many files: a fork of this one, with the limits of PROTOCOL 7.6 for each file it checks."""

import math
import os
import resource
import signal
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from enum import Enum
from typing import NoReturn

from blauweknop.adapters.sandbox import (
    MOST_ANSWER,
    OUT_OF_MEMORY,
    Limits,
    enter_limits,
    leave_open_only,
    receive_frame,
    send_frame,
)
from blauweknop.adapters.sandbox_worker import leave_network
from blauweknop.document.pdf_file import FileLimits

__all__ = ["KeptWorker", "Loss"]

_MIB = 1 << 20
_HEAD = 8  # bytes of the length of a frame

Work = Callable[[bytes], bytes]


class Loss(Enum):
    """Why there is no answer."""

    TIME = "time"
    LOST = "lost"  # out of memory, or ended by somebody else
    FAULT = "fault"  # an error in our own code


class KeptWorker:
    """Gets one file at a time. This program may have one thread only when it is made."""

    def __init__(self, work: Work, limits: Limits, most_files: int) -> None:
        self._limits = limits
        self._answer = bytearray()
        self.checked = 0
        self.deadline = 0.0
        ours, theirs = socket.socketpair()
        self._process = os.fork()
        if self._process == 0:
            _serve(theirs, work, limits, most_files)
        theirs.close()
        self._socket = ours
        self._ended: int | None = None

    def fileno(self) -> int:
        """To wait for its answer."""
        return self._socket.fileno()

    def give(self, file: bytes) -> bool:
        """Begin with a file; False when the process is gone."""
        self.deadline = time.monotonic() + self._limits.wall_seconds
        self._answer.clear()
        self._socket.settimeout(self._limits.wall_seconds)
        try:
            send_frame(self._socket, file)
        except OSError:
            return False
        return True

    def receive(self) -> bytes | Loss | None:
        """What has come by now: the whole answer, or None when there is more to come. Only call it when something can be read."""
        try:
            part = self._socket.recv(_MIB)
        except OSError:
            part = b""
        self._answer += part
        if not part or len(self._answer) > MOST_ANSWER:
            return self._loss()
        if len(self._answer) < _HEAD or len(self._answer) - _HEAD < int.from_bytes(self._answer[:_HEAD], "big"):
            return None
        self.checked += 1
        return bytes(self._answer[_HEAD:])

    def end(self) -> None:
        """At once."""
        self._socket.close()
        if self._ended is None:
            with suppress(ProcessLookupError):
                os.kill(self._process, signal.SIGKILL)
            _, self._ended = os.waitpid(self._process, 0)

    def _loss(self) -> Loss:
        """Of a process that closed its side; one that still runs after a moment is ended."""
        until = time.monotonic() + 1
        while self._ended is None and time.monotonic() < until:
            process, status = os.waitpid(self._process, os.WNOHANG)
            if process:
                self._ended = status
            else:
                time.sleep(0.001)
        if self._ended is None:
            self.end()
            return Loss.LOST
        match os.waitstatus_to_exitcode(self._ended):
            case code if code == -signal.SIGXCPU:
                return Loss.TIME
            case code if code < 0 or code == OUT_OF_MEMORY:
                return Loss.LOST
        return Loss.FAULT


def _serve(connection: socket.socket, work: Work, limits: Limits, most_files: int) -> NoReturn:
    """Runs in the process and never returns."""
    code = 1
    try:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # an interrupt is for the program; it ends this process
        kept = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM, fileno=leave_open_only(connection.fileno()))
        leave_network()
        # The file itself comes over the socket here, and takes its place twice at most.
        room = limits.memory_bytes + 2 * FileLimits().file_size
        hard = most_files * (limits.cpu_seconds + 1)
        enter_limits(Limits(hard, limits.wall_seconds, room))
        for _ in range(most_files):
            file = receive_frame(kept)
            _renew_time(limits.cpu_seconds, hard)
            send_frame(kept, work(file))
        code = 0
    except EOFError:
        code = 0
    except MemoryError:
        code = OUT_OF_MEMORY
    finally:
        os._exit(code)


def _renew_time(seconds: int, hard: int) -> None:
    """So much for the next file, counted from what this process has used by now; beyond it the system ends the process."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    soft = math.ceil(used.ru_utime + used.ru_stime) + seconds
    resource.setrlimit(resource.RLIMIT_CPU, (min(soft, hard), hard))
