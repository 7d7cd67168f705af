"""The clients of the benchmarks: lean, in processes of their own, so that it is the server that is measured.

Each process is given a job, says when all is prepared, and waits for a word, so that all begin at the same moment.
"""

import multiprocessing
import statistics
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from typing import Protocol, TypeVar

from blauweknop.cli.bench_servers import BenchServer
from blauweknop.domain.errors import BlauweKnopError

__all__ = [
    "CLIENTS",
    "ClientsFailed",
    "Fetched",
    "Rounds",
    "Turn",
    "Worked",
    "clients",
    "measure_rounds",
    "serve_jobs",
    "work_at_once",
]

CLIENTS = 2
"""Processes."""


class ClientsFailed(BlauweKnopError):
    """A client could not do its work, so the figures mean nothing."""


class Job(Protocol):
    """What the clients of one process are to do, so many at the same time."""

    @property
    def at_once(self) -> int: ...


GivenJob = TypeVar("GivenJob", bound=Job)


@dataclass(frozen=True, slots=True)
class Fetched:
    """How long one client was busy (seconds), and the credential that it got, if it got one."""

    seconds: float
    credential: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Worked:
    """All clients of one process: when they began and ended by the clock of the system, and their CPU time (seconds)."""

    began: float
    ended: float
    cpu: float
    fetched: tuple[Fetched, ...]


@dataclass(frozen=True, slots=True)
class Rounds:
    """Medians of all rounds: flows per second, and the CPU time of a flow on either side. `seconds` are those of each flow, sorted."""

    rate: float
    on_server: float
    on_client: float
    seconds: tuple[float, ...]
    fetched: tuple[Fetched, ...]

    @property
    def half(self) -> float:
        """Half of the flows are done in so many seconds."""
        return statistics.median(self.seconds)

    @property
    def most(self) -> float:
        """95 of 100 are."""
        return self.seconds[len(self.seconds) * 95 // 100]


Turn = Callable[[], Fetched]
"""What one client does."""


def measure_rounds(server: BenchServer, rounds: int, flows: int, work: Callable[[], Sequence[Worked]]) -> Rounds:
    """So many rounds of work, each of so many flows."""
    rates, on_server, on_client = list[float](), list[float](), list[float]()
    fetched = list[Fetched]()
    for _ in range(rounds):
        before = server.cpu_seconds()
        worked = work()
        on_server.append((server.cpu_seconds() - before) / flows)
        on_client.append(sum(each.cpu for each in worked) / flows)
        rates.append(flows / (max([each.ended for each in worked]) - min([each.began for each in worked])))
        fetched += [one for each in worked for one in each.fetched]
    seconds = tuple(sorted(one.seconds for one in fetched))
    return Rounds(statistics.median(rates), statistics.median(on_server), statistics.median(on_client), seconds, tuple(fetched))


@contextmanager
def clients(serve: Callable[[Connection], None]) -> Iterator[list[Connection]]:
    """A pipe to each process; `serve` is what each of them does, with its own end."""
    context = multiprocessing.get_context("spawn")
    with ExitStack() as stack:
        pipes = []
        for _ in range(CLIENTS):
            ours, theirs = context.Pipe()
            process = context.Process(target=serve, args=(theirs,), daemon=True)
            process.start()
            theirs.close()
            stack.callback(process.join)
            stack.callback(ours.close)
            pipes.append(ours)
        yield pipes


def work_at_once(pipes: Sequence[Connection], jobs: Sequence[Job]) -> list[Worked]:
    """A job for each process; all begin at the same moment.

    Raises:
        ClientsFailed: one of them could not do its work, or ended.
    """
    for pipe, job in zip(pipes, jobs, strict=True):
        pipe.send(job)
    for pipe in pipes:
        _answer(pipe)
    for pipe in pipes:
        pipe.send("now")
    worked = []
    for answer in [_answer(pipe) for pipe in pipes]:
        if not isinstance(answer, Worked):
            raise ClientsFailed(f"a client of the benchmark could not do its work: {answer}")
        worked.append(answer)
    return worked


def _answer(pipe: Connection) -> object:
    try:
        return pipe.recv()
    except EOFError as error:
        raise ClientsFailed("a process with clients of the benchmark ended before it was done") from error


def serve_jobs(pipe: Connection, prepare: Callable[[GivenJob], Sequence[Turn]]) -> None:
    """What each process does: it prepares a job, says that it is ready, waits for a word, works, and answers what was done."""
    while True:
        try:
            job: GivenJob = pipe.recv()
        except EOFError:
            return
        turns = prepare(job)
        pipe.send("ready")
        pipe.recv()
        try:
            pipe.send(_work_together(turns, job.at_once))
        except (OSError, BlauweKnopError) as error:
            pipe.send(f"{type(error).__name__}: {error}")


def _work_together(turns: Sequence[Turn], at_once: int) -> Worked:
    """Each of so many threads is one client after another.

    Raises:
        BlauweKnopError, OSError: what stopped the first client that could not do its work.
    """
    left, fetched, failures = iter(turns), list[Fetched](), list[BlauweKnopError | OSError]()
    take = threading.Lock()

    def work() -> None:
        try:
            while not failures:
                with take:
                    turn = next(left, None)
                if turn is None:
                    return
                fetched.append(turn())
        except (BlauweKnopError, OSError) as error:
            failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(at_once)]
    began, cpu = time.time(), time.process_time()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    return Worked(began, time.time(), time.process_time() - cpu, tuple(fetched))
