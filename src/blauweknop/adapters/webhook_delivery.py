"""Bring messages to their receivers through the guarded door, for a day, each receiver on its own.

1. Only the registered address: its host alone is reachable, over https, not inside a network, and no redirect is followed (threat T-32).
2. Delivered is an answer of 200 to 299 within five seconds; its content is not looked at.
3. A receiver that fails rests, longer each time; its messages wait, and those of others do not.
4. A message that could not be delivered for a day is given up, and that is logged without its content.
"""

import random
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Event as Signal
from threading import Lock, Thread
from urllib.parse import urlsplit

import structlog

from blauweknop.adapters.database import StorageError
from blauweknop.adapters.http_client import FetchProblem, GuardedClient, LookUp, Reach
from blauweknop.adapters.webhook_outbox import DueEvent, Outbox
from blauweknop.standards.webhook_signature import signed_headers
from blauweknop.verifier.api.clients import Receiver

__all__ = ["Patience", "WebhookPost"]

_AT_ONCE = 8
_MOST_ANSWER = 64 * 1024

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Patience:
    """How often, and how long: after 10 seconds, 30, 90 and so on, at most three hours apart, for a day."""

    first: timedelta = timedelta(seconds=10)
    factor: float = 3.0
    longest: timedelta = timedelta(hours=3)
    whole: timedelta = timedelta(days=1)
    lease: timedelta = timedelta(seconds=60)  # longer than one delivery takes

    def after(self, attempts: int, chance: float) -> timedelta:
        """How long to wait after so many failures; `chance` from 0 to 1 keeps receivers that failed together apart."""
        wait = min(self.first * self.factor ** min(attempts - 1, 20), self.longest)
        return wait * (0.9 + 0.2 * chance)


@dataclass(slots=True)
class _Door:
    """One receiver: the way to it, and until when it rests."""

    receiver: Receiver
    client: GuardedClient = field(repr=False)
    busy: bool = False
    failures: int = 0
    rests_until: datetime | None = None


class WebhookPost:
    """A thread that delivers what is due, from the start to the stop of a server."""

    def __init__(
        self,
        outbox: Outbox,
        receivers: Mapping[str, Receiver],
        now: Callable[[], datetime],
        *,
        allow_loopback: bool = False,
        patience: Patience | None = None,
        look_up: LookUp | None = None,
        chance: Callable[[], float] = random.random,
        between_looks: float = 1.0,
    ) -> None:
        self._outbox, self._now, self._chance = outbox, now, chance
        self._patience = patience or Patience()
        self._doors = {name: _Door(receiver, _client(receiver, allow_loopback, look_up)) for name, receiver in receivers.items()}
        self._lock = Lock()
        self._pool = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="webhook")
        self._between_looks = between_looks
        self._stop = Signal()
        self._thread = Thread(target=self._run, name="webhooks", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()
        self._pool.shutdown(wait=True, cancel_futures=True)  # a delivery ends within five seconds
        for door in self._doors.values():
            door.client.close()

    def deliver_due(self) -> Sequence[Future[None]]:
        """Start delivering to every receiver that has something due, is not being delivered to, and does not rest.

        Raises:
            StorageError: the database does not answer.
        """
        now = self._now()
        due = [(name, door) for name in self._outbox.clients_due(now) if (door := self._doors.get(name)) is not None]
        deliveries = [self._pool.submit(self._deliver, name, door) for name, door in due if self._begin(door, now)]
        for delivery in deliveries:
            delivery.add_done_callback(_tell_fault)
        return deliveries

    def _begin(self, door: _Door, now: datetime) -> bool:
        with self._lock:
            if door.busy or (door.rests_until is not None and now < door.rests_until):
                return False
            door.busy = True
            return True

    def _deliver(self, name: str, door: _Door) -> None:
        """All that is due for one receiver, until it fails."""
        try:
            while not self._stop.is_set():
                due = self._outbox.take(name, self._now(), lease=self._patience.lease)
                if due is None or not self._bring(due, door):
                    return
        except StorageError:
            _log.warning("webhook_storage_failed")  # what was taken comes back after its lease
        finally:
            with self._lock:
                door.busy = False

    def _bring(self, due: DueEvent, door: _Door) -> bool:
        problem = _send(due, door, self._now())
        if problem is None:
            self._outbox.done(due.event.id)
            door.failures, door.rests_until = 0, None
            return True
        now = self._now()
        door.failures += 1
        door.rests_until = now + self._patience.after(door.failures, self._chance())
        if now - due.created_at >= self._patience.whole:
            _log.error("webhook_given_up", reason=problem, count=due.attempts + 1)
            self._outbox.done(due.event.id)
        else:
            _log.warning("webhook_failed", reason=problem, count=due.attempts + 1)
            self._outbox.again(due, now + self._patience.after(due.attempts + 1, self._chance()))
        return False

    def _run(self) -> None:
        while not self._stop.wait(self._between_looks):
            try:
                self.deliver_due()
            except StorageError:
                _log.warning("webhook_storage_failed")


def _tell_fault(delivery: Future[None]) -> None:
    """A fault that nobody foresaw; what was taken comes back after its lease."""
    problem = None if delivery.cancelled() else delivery.exception()
    if problem is not None:
        _log.error("webhook_fault", error_type=type(problem).__name__)


def _client(receiver: Receiver, allow_loopback: bool, look_up: LookUp | None) -> GuardedClient:
    host = urlsplit(receiver.url).netloc.lower()
    return GuardedClient(Reach(frozenset({host}), allow_loopback=allow_loopback, max_bytes=_MOST_ANSWER), look_up=look_up)


def _send(due: DueEvent, door: _Door, now: datetime) -> str | None:
    """One attempt; None when it was delivered, else a word for the log."""
    body = due.event.body()
    headers = {"Content-Type": "application/json", **signed_headers(due.event.id, body, door.receiver.secrets, at=now)}
    try:
        answer = door.client.send("POST", door.receiver.url, headers=headers, content=body)
    except FetchProblem as problem:
        return problem.code
    return None if 200 <= answer.status < 300 else "status"
