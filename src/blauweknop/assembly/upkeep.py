"""Forget on time: every few minutes while a server runs. What is to be forgotten is said by the application that starts it."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from threading import Event, Thread

import structlog

from blauweknop.adapters.database import StorageError

__all__ = ["Sweep", "Upkeep"]

_EVERY_SECONDS = 300.0

_log = structlog.get_logger()


Sweep = Callable[[datetime], int]
"""Forgets all of one kind that is due at a moment; how many rows went."""


class Upkeep:
    """A thread that runs from the start to the stop of a server."""

    def __init__(
        self, sweeps: Sequence[Sweep], *, every: float = _EVERY_SECONDS, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._sweeps = tuple(sweeps)
        self._every, self._now = every, now
        self._stop = Event()
        self._thread = Thread(target=self._run, name="upkeep", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join(6.0)  # a fetch ends within five seconds

    def sweep(self, now: datetime) -> int:
        """Forget all that is due; how many rows went.

        Raises:
            StorageError: the database does not answer.
        """
        return sum(sweep(now) for sweep in self._sweeps)

    def _run(self) -> None:
        while not self._stop.wait(self._every):
            try:
                self.sweep(self._now())
            except StorageError:
                _log.warning("upkeep_failed")  # the next round tries again
