"""How the benchmarks measure: CPU time (user and system, all threads) of batches, in rounds in which every pipeline has its turn.

Every document is one that nobody has seen before, so that no cache helps, and a busy machine hinders all pipelines alike.
"""

import gc
import resource
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

__all__ = ["Cost", "Effort", "Pipeline", "measure"]

_WARM_UP = 3  # a shape is compiled at the second letter of its kind
_LEAST = 1e-6
Given = TypeVar("Given")


@dataclass(frozen=True, slots=True)
class Effort:
    """How many rounds, how long a batch should take (seconds) and how many documents it has at most."""

    rounds: int
    seconds: float
    most: int

    def batch(self, each: float) -> int:
        """How many documents in a batch, when one takes so many seconds."""
        return max(1, min(self.most, int(self.seconds / each)))


@dataclass(frozen=True, slots=True)
class Pipeline(Generic[Given]):
    """One way of doing the work on a fresh thing.

    `goal` is in documents per second and core, or `limit` in seconds for each. What `elsewhere` counts (seconds) is not its own cost.
    """

    name: str
    fresh: Callable[[], Given]
    work: Callable[[Given], object]
    goal: float | None = None
    limit: float | None = None
    elsewhere: Callable[[], float] = float


@dataclass(frozen=True, slots=True)
class Cost:
    """What a pipeline took for one document in each round, in seconds of CPU; `size` is of a document in bytes, if it makes one."""

    name: str
    rounds: tuple[float, ...]
    documents: int
    size: int | None
    goal: float | None
    limit: float | None

    @property
    def median(self) -> float:
        """Of the rounds."""
        return statistics.median(self.rounds)

    @property
    def reached(self) -> bool | None:
        """None when there is no goal."""
        if self.goal is not None:
            return 1 / self.median >= self.goal
        return None if self.limit is None else self.median <= self.limit


def measure(pipelines: Sequence[Pipeline[Given]], effort: Effort) -> list[Cost]:
    """The cost of each, measured side by side."""
    warm = [_warm_up(pipeline, effort) for pipeline in pipelines]
    rounds: list[list[float]] = [[] for _ in pipelines]
    gc.collect()
    gc.freeze()
    for _ in range(effort.rounds):
        for pipeline, (batch, _), costs in zip(pipelines, warm, rounds, strict=True):
            costs.append(_one_round(pipeline, batch))
    return [
        Cost(pipeline.name, tuple(costs), len(costs) * batch, size, pipeline.goal, pipeline.limit)
        for pipeline, (batch, size), costs in zip(pipelines, warm, rounds, strict=True)
    ]


def _warm_up(pipeline: Pipeline[Given], effort: Effort) -> tuple[int, int | None]:
    """How many documents make a batch, and the size of one."""
    for _ in range(_WARM_UP):
        pipeline.work(pipeline.fresh())
    given, before = pipeline.fresh(), cpu_seconds()
    made = pipeline.work(given)
    each = cpu_seconds() - before
    return effort.batch(max(each, _LEAST)), len(made) if isinstance(made, bytes) else None


def _one_round(pipeline: Pipeline[Given], batch: int) -> float:
    orders = [pipeline.fresh() for _ in range(batch)]
    apart, before = pipeline.elsewhere(), cpu_seconds()
    for given in orders:
        pipeline.work(given)
    return (cpu_seconds() - before - (pipeline.elsewhere() - apart)) / batch


def cpu_seconds() -> float:
    """User and system time of this process, all its threads, and of the processes it started that have ended."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime
