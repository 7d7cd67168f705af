"""Work that goes on while a person looks at how it stands, in a few threads of this process.

What is at work is only in memory: when this process ends, whoever comes back finds in the vault how far it came, and it begins again.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Lock

import structlog

from blauweknop.domain.errors import BlauweKnopError

__all__ = ["Background"]

_LOG = structlog.get_logger("blauweknop.holder")
_THREADS = 4
_MOST_WAITING = 200


class Background:
    """One piece of work for each name at a time."""

    def __init__(self, threads: int = _THREADS) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="collecting")
        self._busy: set[bytes] = set()
        self._lock = Lock()

    def begin(self, name: bytes, work: Callable[[], None]) -> None:
        """Do it soon, unless it is being done, or too much waits: then whoever looks again begins it."""
        with self._lock:
            if name in self._busy or len(self._busy) >= _MOST_WAITING:
                return
            self._busy.add(name)
        self._pool.submit(self._do, name, work)

    def is_at(self, name: bytes) -> bool:
        return name in self._busy

    def stop(self) -> None:
        """Begin nothing more, and wait for what is being done."""
        self._pool.shutdown(cancel_futures=True)

    def _do(self, name: bytes, work: Callable[[], None]) -> None:
        try:
            work()
        except BlauweKnopError as problem:
            _LOG.error("collecting_failed", error_type=type(problem).__name__)
        finally:
            with self._lock:
                self._busy.discard(name)
