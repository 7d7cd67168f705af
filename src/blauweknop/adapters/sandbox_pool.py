"""Check thousands of strangers' files in a few kept processes with limits (PROTOCOL 7.6), and answer in the order of the files.

For a program with one thread, such as the command line: the processes are forks of it, so they start with everything loaded. What a
process of its own for each file (`sandbox`) gives is kept as follows:

1. Time: each file gets its own 10 s of CPU, and is watched by the clock from here, which no process can renew.
2. Memory, written files, network, open files, other people's files: as in `sandbox`.
3. A process that is lost is replaced. Its file gets a second chance in the fresh one, since an earlier file may have used the room up;
   not after it took too much time. So a verdict is the same as that of a process of its own.
4. A process ends after some hundreds of files. Its files share what the checking core keeps by the bytes it was made of (certificates,
   schemas, shapes of documents that were found good). Only code that took over the interpreter could do more, to the files that the same
   process still gets.
"""

import gc
import select
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Generic, TypeVar

from blauweknop.adapters.sandbox import Limits, SandboxFailure, beyond_limits, too_large
from blauweknop.adapters.sandbox_kept import KeptWorker, Loss
from blauweknop.catalogue import Catalogue
from blauweknop.checking.check_received import check_received
from blauweknop.checking.known_shapes import KnownShapes
from blauweknop.checking.received_forms import kind_of
from blauweknop.checking.transport import MalformedTransport, verdict_from_bytes, verdict_to_bytes
from blauweknop.checking.trust import Trust
from blauweknop.document.pdf_file import FileLimits
from blauweknop.domain.verdict import Verdict, Verified

__all__ = ["Answer", "Workers", "check_in_order", "checking"]

Answer = Verdict | OSError | SandboxFailure
"""The verdict on a file, why it could not be read, or why it could not be checked. A `Verified` comes without the content."""

_MOST_AHEAD = 1000  # files that are checked before it is their turn to be told

_File = TypeVar("_File")


@dataclass(frozen=True, slots=True)
class Workers:
    """How many processes, what each file may cost, and after how many files a process is replaced."""

    processes: int
    limits: Limits = field(default_factory=Limits)
    files_each: int = 300


def checking(*, trust: Trust, at: datetime, catalogue: Catalogue) -> Callable[[bytes], Verdict]:
    """The check of `check_in_order`; a verdict without the content, which nobody asked for."""

    shapes = KnownShapes()

    def check(data: bytes) -> Verdict:
        verdict = check_received(data, trust=trust, at=at, catalogue=catalogue, documents=shapes.check)
        return replace(verdict, content={}) if isinstance(verdict, Verified) else verdict

    return check


def check_in_order(
    files: Iterable[_File], read: Callable[[_File], bytes], check: Callable[[bytes], Verdict], workers: Workers
) -> Iterator[tuple[_File, Answer]]:
    """Each file with its answer, in the order they come in; `read` gives the bytes of one, or raises OSError.

    A file is read when a process is free for it. The processes end with the iterator.
    """
    gc.freeze()  # forks share the memory of what is never collected
    pool = _Pool(files, read, lambda data: verdict_to_bytes(check(data)), workers)
    try:
        yield from pool.answers()
    finally:
        pool.end()
        gc.unfreeze()


@dataclass(frozen=True, slots=True)
class _Asked(Generic[_File]):
    """What a process is busy with."""

    number: int
    file: _File
    data: bytes
    again: bool = False


class _Pool(Generic[_File]):
    def __init__(self, files: Iterable[_File], read: Callable[[_File], bytes], work: Callable[[bytes], bytes], workers: Workers) -> None:
        self._files = enumerate(files)
        self._read = read
        self._work = work
        self._workers = workers
        self._free: list[KeptWorker] = []
        self._busy: dict[KeptWorker, _Asked[_File]] = {}
        self._known: dict[int, tuple[_File, Answer]] = {}  # answers that wait for their turn
        self._all_taken = False

    def answers(self) -> Iterator[tuple[_File, Answer]]:
        turn = 0
        while True:
            while len(self._busy) < self._workers.processes and len(self._known) < _MOST_AHEAD and not self._all_taken:
                self._take()
            while turn in self._known:
                yield self._known.pop(turn)
                turn += 1
            if not self._busy and self._all_taken:
                return
            self._wait()

    def end(self) -> None:
        for worker in (*self._free, *self._busy):
            worker.end()

    def _take(self) -> None:
        """Read the next file and give it to a process."""
        number, file = next(self._files, (None, None))
        if number is None or file is None:
            self._all_taken = True
            return
        try:
            data = self._read(file)
        except OSError as error:
            self._known[number] = file, error
            return
        if len(data) > FileLimits().file_size:
            self._known[number] = file, too_large()
            return
        self._give(_Asked(number, file, data))

    def _give(self, asked: _Asked[_File]) -> None:
        while self._free:
            worker = self._free.pop()
            if worker.give(asked.data):
                self._busy[worker] = asked
                return
            worker.end()  # it was lost after its last answer
        self._give_to_new(asked)

    def _give_to_new(self, asked: _Asked[_File]) -> None:
        worker = KeptWorker(self._work, self._workers.limits, self._workers.files_each)
        worker.give(asked.data)  # if this one is gone too, its silence tells
        self._busy[worker] = asked

    def _wait(self) -> None:
        """Until one of the busy processes answers, is lost, or had its time."""
        if not self._busy:
            return
        first = min(worker.deadline for worker in self._busy)
        ready, _, _ = select.select(list(self._busy), [], [], max(0.0, first - time.monotonic()))
        for worker in ready:
            answer = worker.receive()
            if answer is not None:
                self._answered(worker, self._busy.pop(worker), answer)
        now = time.monotonic()
        for worker in [worker for worker in self._busy if worker.deadline <= now]:
            self._answered(worker, self._busy.pop(worker), Loss.TIME)

    def _answered(self, worker: KeptWorker, asked: _Asked[_File], answer: bytes | Loss) -> None:
        if isinstance(answer, Loss):
            worker.end()
            if answer is not Loss.TIME and not asked.again:
                self._give_to_new(replace(asked, again=True))
                return
            self._known[asked.number] = asked.file, _of_loss(answer, asked.data)
            return
        self._known[asked.number] = asked.file, _of_bytes(answer)
        if worker.checked < self._workers.files_each:
            self._free.append(worker)
        else:
            worker.end()


def _of_loss(loss: Loss, data: bytes) -> Answer:
    return _fault_of_ours() if loss is Loss.FAULT else beyond_limits(kind_of(data))


def _of_bytes(answer: bytes) -> Answer:
    try:
        return verdict_from_bytes(answer)
    except MalformedTransport:
        return _fault_of_ours()


def _fault_of_ours() -> SandboxFailure:
    return SandboxFailure("the check of this file failed by a fault of ours", remedy="try again, and tell the people who run this system")
