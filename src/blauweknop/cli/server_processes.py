"""Server processes that are forks of the one that loaded the program and tried the configuration.

Nothing is loaded twice, and what they only read they share in memory. It asks for a system and a moment where a fork is safe: Linux, and
one thread. A process that is killed is begun anew. One that ends by itself could not begin to serve: another would end so too.

Who comes goes to the process that has time. asyncio takes as many connections a turn as may wait: of twenty at the same moment the first to
wake took nearly all, while the others did nothing. So each takes one a turn, and who is busy has its next turn later (ADR 0045).
"""

import gc
import multiprocessing
import os
import signal
import socket
import sys
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.process import BaseProcess
from pathlib import Path

__all__ = ["AT_A_TURN", "MOST_WAITING", "SharedListener", "can_fork", "serve_in_forks"]

AT_A_TURN = 1
"""How many connections each of several processes takes before it does what there is to do."""
MOST_WAITING = 2048
"""How many connections the system lets wait until a process takes them."""

_THREADS = Path("/proc/self/task")


class SharedListener(socket.socket):
    """The listening socket of several processes. asyncio has one number for how many may wait and how many it takes a turn: here it is the
    second, and as many may wait as always."""

    def listen(self, _at_a_turn: int = AT_A_TURN, /) -> None:
        super().listen(MOST_WAITING)


def can_fork() -> bool:
    """Whether this process may be forked: no thread of a library holds a lock that nobody in the fork would open."""
    return sys.platform == "linux" and _THREADS.is_dir() and len(os.listdir(_THREADS)) == 1


def serve_in_forks(work: Callable[[], None], count: int) -> bool:
    """Let so many processes do the work until a signal; they are told to stop and waited for. False when one could not begin."""
    gc.collect()
    gc.freeze()  # what is here now stays; to look through it for rubbish would copy what the forks share
    signals = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD}
    before = signal.pthread_sigmask(signal.SIG_BLOCK, signals)
    workers = [_begin(work, before) for _ in range(count)]
    try:
        while signal.sigwait(signals) == signal.SIGCHLD:
            if any(worker.exitcode is not None and worker.exitcode >= 0 for worker in workers):
                return False
            workers = [worker if worker.exitcode is None else _begin(work, before) for worker in workers]
        return True
    finally:
        for worker in workers:
            worker.terminate()
        for worker in workers:
            worker.join()
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _begin(work: Callable[[], None], signals: set[int | signal.Signals]) -> BaseProcess:
    worker = multiprocessing.get_context("fork").Process(target=_work, args=(work, signals))
    worker.start()
    return worker


def _work(work: Callable[[], None], signals: set[int | signal.Signals]) -> None:
    signal.pthread_sigmask(signal.SIG_SETMASK, signals)
    with suppress(KeyboardInterrupt):  # Ctrl-C reaches every process; the server has ended in order then
        work()
