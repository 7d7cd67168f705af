"""Who makes the documents of a run: this process alone, or several beside it that are started afresh and share nothing with it."""

import logging
import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from typing import Protocol

import structlog

from blauweknop.adapters.settings import Settings
from blauweknop.cli.seal_lines import Line
from blauweknop.cli.seal_worker import Made, Refused, SealingPlan, StopSign, Workshop

__all__ = ["Outcomes", "Team", "quiet_log", "sealing_team"]

Outcomes = tuple[Made | Refused, ...]

_CHUNKS_EACH = 6  # so many wait for each process, so that none waits for work


class Team(Protocol):
    """Gives work out, and takes no more than `most_waiting` chunks at a time."""

    most_waiting: int
    stop: "Stop"

    def submit(self, lines: Sequence[Line]) -> Future[Outcomes]: ...


class Stop(StopSign, Protocol):
    def set(self) -> None: ...


@contextmanager
def sealing_team(plan: SealingPlan, settings: Settings, processes: int) -> Iterator[Team]:
    """A team for the length of the block; at the end nobody works any more."""
    if processes == 1:
        yield _Alone(plan, settings)
        return
    context = multiprocessing.get_context("spawn")
    stop = context.Event()
    pool = ProcessPoolExecutor(processes, mp_context=context, initializer=_prepare, initargs=(plan, stop))
    try:
        yield _Several(pool, stop, processes * _CHUNKS_EACH)
    finally:
        stop.set()
        pool.shutdown(cancel_futures=True)


def quiet_log() -> None:
    """What stops the run is told; each try before that is not, or a million lines could fill the screen with it."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))


class _Alone:
    most_waiting = 1

    def __init__(self, plan: SealingPlan, settings: Settings) -> None:
        self.stop: Stop = threading.Event()
        self._workshop = Workshop(plan, self.stop, settings)

    def submit(self, lines: Sequence[Line]) -> Future[Outcomes]:
        done: Future[Outcomes] = Future()
        done.set_result(self._workshop.make_all(lines))
        return done


class _Several:
    def __init__(self, pool: ProcessPoolExecutor, stop: Stop, most_waiting: int) -> None:
        self._pool = pool
        self.stop = stop
        self.most_waiting = most_waiting

    def submit(self, lines: Sequence[Line]) -> Future[Outcomes]:
        with _interrupts_held():
            return self._pool.submit(_make_all, lines)


@contextmanager
def _interrupts_held() -> Iterator[None]:
    """The first work starts the processes, which take over what is held: an interrupt waits here, and never meets a half started one."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})


_workshop: Workshop | None = None


def _prepare(plan: SealingPlan, stop: StopSign) -> None:
    """Runs first in each process. An interrupt goes to all processes of a terminal; the first one tells the others by `stop`."""
    global _workshop
    quiet_log()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _workshop = Workshop(plan, stop)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
    os._exit(1)


def _make_all(lines: Sequence[Line]) -> Outcomes:
    if _workshop is None:
        raise RuntimeError("the process was not prepared")
    return _workshop.make_all(lines)
