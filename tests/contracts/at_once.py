"""Two who change the same things at the very same moment, on a real PostgreSQL with a connection for each: SQLite lets one write at a
time, so there is no such moment there."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event
from typing import TypeVar

from sqlalchemy import text
from sqlalchemy.engine import Engine

from blauweknop.adapters.database import one_transaction, reading
from blauweknop.verifier.asking.returning import Return, come_back
from tests.unit.verifier.asking.asking_world import AskingWorld, led_back

__all__ = ["Held", "during", "waiting"]

Found = TypeVar("Found")
Other = TypeVar("Other")
_AT_MOST = 30
"""Seconds; only a test that fails takes them."""
_WAITING = text("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")


@dataclass
class Held:
    """One who stops on the way until it is told to go on; as a context, transactions that do all their work and stop before they end."""

    engine: Engine
    ready: Event = field(default_factory=Event)
    go: Event = field(default_factory=Event)

    def stop(self) -> None:
        self.ready.set()
        assert self.go.wait(_AT_MOST)

    @contextmanager
    def __call__(self) -> Iterator[None]:
        with one_transaction(self.engine):
            yield
            self.stop()


def waiting(world: AskingWorld, path: str, credential: str | None = None) -> Callable[[AskingWorld], Return]:
    """An answer that was judged; calling this is the browser that comes back for it."""
    with world.browser() as browser:
        holder = browser.begin(path)
        given = {"schuld-kort": [holder.shown(credential)]} if credential else None
        code = led_back(holder.answer(given)).partition("response_code=")[2]  # type: ignore[arg-type]  # lists of text are JSON
        session = browser.client.cookies.get(world.services().session_cookie.name)
    return lambda any_world: come_back(code, session, any_world.services())


def during(engine: Engine, first: Callable[[Held], Found], second: Callable[[], Other]) -> tuple[Found, Other]:
    """Let the second begin when the first stops, and let the first go on when the second waits for it."""
    held = Held(engine)
    with ThreadPoolExecutor(2) as pool:
        one = pool.submit(first, held)
        assert held.ready.wait(_AT_MOST)
        other = pool.submit(second)
        _until_blocked(engine, other)
        held.go.set()
        return one.result(_AT_MOST), other.result(_AT_MOST)


def _until_blocked(engine: Engine, other: "Future[Other]") -> None:
    while not other.done():
        with reading(engine) as connection:
            if connection.execute(_WAITING).scalar_one():
                return
