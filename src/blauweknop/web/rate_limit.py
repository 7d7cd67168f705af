"""How often one address may do something (PROTOCOL section 11): a guard per route, answered with 429 and Retry-After."""

import math
from collections import OrderedDict, deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from threading import Lock
from time import monotonic
from typing import Any, Protocol

from litestar.connection import ASGIConnection
from litestar.exceptions import TooManyRequestsException
from litestar.handlers import BaseRouteHandler

__all__ = ["Counter", "MemoryCounter", "Turn", "client_address", "rate_limit"]

_Connection = ASGIConnection[Any, Any, Any, Any]


@dataclass(frozen=True, slots=True)
class Turn:
    """How it went: `wait` is 0 when the turn was taken, else seconds; `left` turns can be taken now, one more comes in `resets` seconds."""

    left: int
    wait: float
    resets: float


class Counter(Protocol):
    """Counts turns per key, from memory: everybody waits while it is asked."""

    def seconds_to_wait(self, key: str, *, limit: int, window: float) -> float:
        """Take a turn: 0 when at most `limit` turns were taken in the last `window` seconds, else how long to wait."""
        ...


class MemoryCounter:
    """Counts in this process, for at most `most_keys` keys; the key unused longest is forgotten first."""

    def __init__(self, *, clock: Callable[[], float] = monotonic, most_keys: int = 50_000) -> None:
        self._clock = clock
        self._most_keys = most_keys
        self._turns: OrderedDict[str, deque[float]] = OrderedDict()
        self._lock = Lock()

    def seconds_to_wait(self, key: str, *, limit: int, window: float) -> float:
        return self.turn(key, limit=limit, window=window).wait

    def turn(self, key: str, *, limit: int, window: float) -> Turn:
        """Take a turn when there is one, and say what is left."""
        with self._lock:
            now = self._clock()
            turns = self._turns.setdefault(key, deque())
            self._turns.move_to_end(key)
            while turns and turns[0] <= now - window:
                turns.popleft()
            if len(turns) >= limit:
                wait = turns[0] + window - now
                return Turn(0, wait, wait)
            turns.append(now)
            while len(self._turns) > self._most_keys:
                self._turns.popitem(last=False)
            return Turn(limit - len(turns), 0.0, turns[0] + window - now)


def rate_limit(
    name: str,
    *,
    limit: int,
    window: float,
    counter: Counter,
    who: Callable[[_Connection], str] | None = None,
) -> Callable[[_Connection, BaseRouteHandler], Awaitable[None]]:
    """A Litestar guard: `limit` requests per `window` seconds for each `who` (the client's address) and `name`."""
    whose = who or client_address

    async def check_turn(connection: _Connection, _handler: BaseRouteHandler) -> None:
        wait = counter.seconds_to_wait(f"{name}|{whose(connection)}", limit=limit, window=window)
        if wait > 0:
            raise TooManyRequestsException(headers={"Retry-After": str(math.ceil(wait))})

    return check_turn


def client_address(connection: _Connection) -> str:
    """The address the server saw; behind a proxy the server must be told to trust its forwarding headers."""
    return connection.client.host if connection.client else "unknown"
