"""Forget on time: ended sessions, unfinished logins, records past their term; every few minutes while a server runs."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from secrets import token_bytes
from threading import Event, Thread

import structlog

from blauweknop.adapters.database import StorageError
from blauweknop.adapters.login_attempts import LoginAttempts
from blauweknop.adapters.records import Records
from blauweknop.adapters.sessions import SessionStore
from blauweknop.adapters.status_lists import sweep_lists
from blauweknop.adapters.wallet_store import sweep_wallets
from blauweknop.assembly.issuers import SharedParts

__all__ = ["Sweep", "Upkeep", "issuer_sweeps"]

_EVERY_SECONDS = 300.0
_DOCUMENTS_KEPT = timedelta(days=365)  # after their validity ended, to answer whether one was ours
_EVENTS_KEPT = timedelta(days=365)

_log = structlog.get_logger()


Sweep = Callable[[datetime], int]
"""Forgets all of one kind that is due at a moment; how many rows went."""


def issuer_sweeps(parts: SharedParts, sources: Sequence[str]) -> tuple[Sweep, ...]:
    """What sources must forget on time."""
    records = Records(parts.engine, parts.row_key)
    return (
        *(SessionStore(parts.engine, parts.row_key, source=source).sweep for source in sources),
        *(LoginAttempts(parts.engine, parts.row_key, source, token_bytes).sweep for source in sources),
        lambda now: records.sweep(now, documents_kept=_DOCUMENTS_KEPT, events_kept=_EVENTS_KEPT),
        lambda now: sweep_lists(parts.engine, now),
        lambda now: sweep_wallets(parts.engine, now),
    )


class Upkeep:
    """A thread that runs from the start to the stop of a server."""

    def __init__(self, sweeps: Sequence[Sweep]) -> None:
        self._sweeps = tuple(sweeps)
        self._stop = Event()
        self._thread = Thread(target=self._run, name="upkeep", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join(5.0)

    def sweep(self, now: datetime) -> int:
        """Forget all that is due; how many rows went.

        Raises:
            StorageError: the database does not answer.
        """
        return sum(sweep(now) for sweep in self._sweeps)

    def _run(self) -> None:
        while not self._stop.wait(_EVERY_SECONDS):
            try:
                self.sweep(datetime.now(UTC))
            except StorageError:
                _log.warning("upkeep_failed")  # the next round tries again
