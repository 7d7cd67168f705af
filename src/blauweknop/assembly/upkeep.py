"""Forget on time: ended sessions, unfinished logins, records past their term; every few minutes while a server runs."""

from collections.abc import Sequence
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

__all__ = ["Upkeep"]

_EVERY_SECONDS = 300.0
_DOCUMENTS_KEPT = timedelta(days=365)  # after their validity ended, to answer whether one was ours
_EVENTS_KEPT = timedelta(days=365)

_log = structlog.get_logger()


class Upkeep:
    """A thread that runs from the start to the stop of a server."""

    def __init__(self, parts: SharedParts, sources: Sequence[str]) -> None:
        self._sessions = [SessionStore(parts.engine, parts.row_key, source=source) for source in sources]
        self._attempts = [LoginAttempts(parts.engine, parts.row_key, source, token_bytes) for source in sources]
        self._records = Records(parts.engine, parts.row_key)
        self._engine = parts.engine
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
        gone = sum(store.sweep(now) for store in self._sessions) + sum(attempts.sweep(now) for attempts in self._attempts)
        gone += self._records.sweep(now, documents_kept=_DOCUMENTS_KEPT, events_kept=_EVENTS_KEPT)
        return gone + sweep_lists(self._engine, now) + sweep_wallets(self._engine, now)

    def _run(self) -> None:
        while not self._stop.wait(_EVERY_SECONDS):
            try:
                self.sweep(datetime.now(UTC))
            except StorageError:
                _log.warning("upkeep_failed")  # the next round tries again
