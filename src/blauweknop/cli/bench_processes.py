"""What the benchmarks measure of whole processes: two at the same time beside one, and the memory of one that holds many shapes."""

import multiprocessing
import resource
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice, product
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Literal

from blauweknop.cli.bench_exercise import FEWER_MONTHS, Order, bench_exercise
from blauweknop.cli.bench_works import data_only, floor_of
from blauweknop.document.shapes.cache import Shapes
from blauweknop.domain.errors import BlauweKnopError

__all__ = ["Kind", "ProcessFailed", "Seconds", "memory_with_shapes", "two_beside_one"]

_SIGHTS = 2  # at the second a shape is compiled
_MOST_MONTHS = 36
Kind = Literal["floor", "make"]
_Pipe = Connection


class ProcessFailed(BlauweKnopError):
    """A process of the benchmark ended before it was done, or did not do its work."""


@dataclass(frozen=True, slots=True)
class Seconds:
    """How long something took by the clock on the wall, and how much CPU time; or how many times as much as something else."""

    clock: float
    cpu: float


def two_beside_one(rounds: int, count: int) -> dict[Kind, Seconds]:
    """How many times as much two processes do as one: making documents, and the floor, which shows what the machine can.

    Raises:
        ProcessFailed: one of them ended early.
    """
    found: dict[Kind, list[Seconds]] = {"floor": [], "make": []}
    with _process(_work_on_demand) as first, _process(_work_on_demand) as second:
        for _ in range(rounds):
            for kind, ratios in found.items():
                alone = _middle([_run([pipe], kind, count) for pipe in (first, second)])
                together = _run([first, second], kind, count)
                ratios.append(Seconds(2 * alone.clock / together.clock, 2 * alone.cpu / together.cpu))
    return {kind: _middle(ratios) for kind, ratios in found.items()}


def memory_with_shapes(count: int) -> float:
    """Resident memory in MB of a fresh process that has made documents of `count` different shapes and kept these.

    Raises:
        ProcessFailed: it ended early, or does not hold so many.
    """
    with _process(_hold_shapes) as pipe:
        pipe.send(count)
        return float(_answer(pipe))


def _run(pipes: Sequence[_Pipe], kind: Kind, count: int) -> Seconds:
    """All start at once: the clock of the slowest, and the CPU time of one."""
    for pipe in pipes:
        pipe.send((kind, count))
    for pipe in pipes:
        _answer(pipe)
    for pipe in pipes:
        pipe.send("now")
    answers = [str(_answer(pipe)).split() for pipe in pipes]
    return Seconds(max([float(clock) for clock, _ in answers]), statistics.mean([float(cpu) for _, cpu in answers]))


def _middle(found: Sequence[Seconds]) -> Seconds:
    return Seconds(statistics.median([each.clock for each in found]), statistics.median([each.cpu for each in found]))


def _answer(pipe: _Pipe) -> str:
    try:
        return str(pipe.recv())
    except EOFError as error:
        raise ProcessFailed("a process of the benchmark ended before it was done") from error


@contextmanager
def _process(serve: Callable[[_Pipe], None]) -> Iterator[_Pipe]:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=serve, args=(theirs,), daemon=True)
    process.start()
    theirs.close()
    try:
        yield ours
    finally:
        ours.close()
        process.join()


def _work_on_demand(pipe: _Pipe) -> None:
    with bench_exercise() as exercise:
        shapes = Shapes(exercise.certifier.typesetter, seen_before=0)
        floor = floor_of(exercise, shapes, exercise.order(FEWER_MONTHS))
        works: dict[Kind, Callable[[Order], bytes]] = {"floor": floor.rest_hashed, "make": data_only(exercise, shapes)}
        while True:
            try:
                kind, count = pipe.recv()
            except EOFError:
                return
            _work_once(pipe, works[kind], [exercise.order(FEWER_MONTHS) for _ in range(count)])


def _work_once(pipe: _Pipe, work: Callable[[Order], bytes], orders: Sequence[Order]) -> None:
    pipe.send("ready")
    pipe.recv()
    clock, cpu = time.perf_counter(), time.process_time()
    for order in orders:
        work(order)
    pipe.send(f"{time.perf_counter() - clock} {time.process_time() - cpu}")


def _hold_shapes(pipe: _Pipe) -> None:
    with bench_exercise() as exercise:
        kinds = islice(product(("nl", "en"), range(_MOST_MONTHS, 0, -1)), max(0, pipe.recv()))
        made = [exercise.make(exercise.order(months, language)).by_shape for language, months in kinds for _ in range(_SIGHTS)]
        if made and all(made[_SIGHTS - 1 :: _SIGHTS]):
            pipe.send(_resident())


def _resident() -> float:
    """MB now; where the system does not say, the most it ever was."""
    status = Path("/proc/self/status")
    for line in status.read_text("ascii").splitlines() if status.exists() else ():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024 / 1_000_000
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1_000_000
