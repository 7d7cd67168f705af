"""Checks that a client comes back for (`Prefer: respond-async`): in line in this process, the files in memory only.

A process that is killed loses the files in its line. That is told and not hidden: their verifications become `interrupted`, here when the
process stops in order, else by whoever cleans up (`Verifications`), and the client sends the file again.
"""

import secrets
import time
from collections.abc import Callable
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from threading import Lock

import structlog

from blauweknop.domain.errors import BlauweKnopError
from blauweknop.domain.verdict import Verdict
from blauweknop.verifier.api.events import verification_ended
from blauweknop.verifier.api.verifications import Verification, Verifications, Watch, without_data
from blauweknop.verifier.ports import CheckFile

__all__ = ["ChecksLater", "LaterCheck", "new_id", "watch_of"]

_CHANGEABLE = ("valid", "suspended")  # withdrawn is for good, and of none there is nothing to watch

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class LaterCheck:
    """A file in line. `watch_until` is None when nobody asked to watch."""

    verification: Verification
    file: bytes = field(repr=False)
    watch_until: date | None = None


class ChecksLater:
    """The line of this process, bounded in bytes; `workers` fewer than the check has helpers, so that it never holds up who waits."""

    def __init__(
        self,
        check: CheckFile,
        verifications: Verifications,
        now: Callable[[], datetime],
        *,
        workers: int = 1,
        most_bytes: int = 100 * 1024 * 1024,
        most_files: int = 200,
        between_tries: float = 5.0,
    ) -> None:
        self._check, self._verifications, self._now = check, verifications, now
        self._most_bytes, self._most_files, self._between_tries = most_bytes, most_files, between_tries
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="later")
        self._lock = Lock()
        self._files = self._bytes = 0

    def offer(self, later: LaterCheck) -> bool:
        """Take it into the line; False when the line is full.

        Raises:
            BlauweKnopError: it cannot be kept.
        """
        size = len(later.file)
        with self._lock:
            if self._files >= self._most_files or self._bytes + size > self._most_bytes:
                return False
            self._files, self._bytes = self._files + 1, self._bytes + size
        with ExitStack() as on_failure:
            on_failure.callback(self._leave, size)
            self._verifications.keep(later.verification)
            future = self._pool.submit(self._do, later)
            on_failure.pop_all()
        future.add_done_callback(lambda done: self._done(done, later.verification, size))
        return True

    def stop(self) -> None:
        """Finish what is being checked, and tell of the rest that it was interrupted."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _do(self, later: LaterCheck) -> None:
        verdict = self._patiently(later.file)
        checked_at = self._now()
        watch = watch_of(later.verification, verdict, later.watch_until)
        done = replace(
            later.verification,
            state="completed",
            checked_at=checked_at,
            verdict=without_data(verdict),
            watched_until=watch.until if watch else None,
        )
        event = verification_ended(new_id(), done.client, done.id, completed=True, at=checked_at)
        self._verifications.finish(done, event=event, watch=watch)

    def _patiently(self, file: bytes) -> Verdict:
        """A check that is too busy now may not be so in a moment."""
        for _ in range(2):
            try:
                return self._check(file, self._now()).verdict
            except BlauweKnopError:
                time.sleep(self._between_tries)
        return self._check(file, self._now()).verdict

    def _done(self, future: Future[None], verification: Verification, size: int) -> None:
        self._leave(size)
        try:
            problem = future.exception()
        except CancelledError:
            self._interrupt(verification)
            return
        if problem is not None:
            _log.error("later_check_failed", error_type=type(problem).__name__)
            self._interrupt(verification)

    def _interrupt(self, verification: Verification) -> None:
        event = verification_ended(new_id(), verification.client, verification.id, completed=False, at=self._now())
        try:
            self._verifications.finish(replace(verification, state="interrupted"), event=event)
        except BlauweKnopError:
            _log.error("interruption_not_kept")  # whoever cleans up finds it as one that is pending too long

    def _leave(self, size: int) -> None:
        with self._lock:
            self._files, self._bytes = self._files - 1, self._bytes - size


def watch_of(verification: Verification, verdict: Verdict, until: date | None) -> Watch | None:
    """What must be watched when the client asked for it and the source can still change its mind."""
    facts = verdict.facts
    if until is None or facts.status not in _CHANGEABLE:
        return None
    if facts.issuer_oin is None or facts.status_uri is None or facts.status_index is None:
        return None
    dataset = str(facts.dataset)
    return Watch(verification.id, verification.client, facts.issuer_oin, dataset, facts.status_uri, facts.status_index, facts.status, until)


def new_id() -> str:
    """A name that nobody can guess."""
    return secrets.token_urlsafe(24)
