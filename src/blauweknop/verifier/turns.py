"""Whose file is checked now: of each address one at a time, so that nobody's slow files hold up everybody else's.

A file that asks for all it can get keeps a checking process busy for ten seconds. Who sends many of them waits behind the own ones; when
too many people wait at once, whoever comes then is told so at once instead of after minutes (PROTOCOL 7.6, threat T-35).
"""

import asyncio
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from blauweknop.domain.errors import BlauweKnopError

__all__ = ["TooBusy", "Turns"]

_MOST = 16  # files that wait for a checking process or are in one
_MOST_OF_ONE = 4  # of one address, which may be that of a whole office
_PATIENCE_SECONDS = 20.0

_Done = TypeVar("_Done")


class TooBusy(BlauweKnopError):
    """So much is waiting that no answer would come in time."""

    def __init__(self) -> None:
        super().__init__("too many files are being checked at this moment", remedy="try again in a minute")


class Turns:
    """The files that wait, by address; for one event loop."""

    def __init__(self, *, most: int = _MOST, most_of_one: int = _MOST_OF_ONE, patience_seconds: float = _PATIENCE_SECONDS) -> None:
        self._threads = ThreadPoolExecutor(most, thread_name_prefix="page-checks")
        self._most, self._most_of_one, self._patience = most, most_of_one, patience_seconds
        self._at_work = 0
        self._waiting: Counter[str] = Counter()
        self._locks: dict[str, asyncio.Lock] = {}

    async def take(self, address: str, work: Callable[[], _Done]) -> _Done:
        """What `work` gives, in a thread, when it is the turn of this address.

        Raises:
            TooBusy: too many wait, in all or of this address, or it took too long.
        """
        if self._waiting[address] >= self._most_of_one:
            raise TooBusy
        self._waiting[address] += 1
        lock = self._locks.setdefault(address, asyncio.Lock())
        try:
            await self._wait_for(lock)
            try:
                return await self._in_thread(work)
            finally:
                lock.release()
        finally:
            self._waiting[address] -= 1
            if not self._waiting[address]:
                del self._waiting[address], self._locks[address]

    async def _wait_for(self, lock: asyncio.Lock) -> None:
        try:
            await asyncio.wait_for(lock.acquire(), self._patience)
        except TimeoutError as error:
            raise TooBusy from error

    async def _in_thread(self, work: Callable[[], _Done]) -> _Done:
        if self._at_work >= self._most:
            raise TooBusy
        self._at_work += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        finally:
            self._at_work -= 1
