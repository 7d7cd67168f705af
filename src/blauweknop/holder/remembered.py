"""What pages made of the things of somebody who is in, so that the next page need not make it again.

In memory alone, of few accounts, until the person goes out or does nothing for a while, and only as long as nothing of the account changed.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock
from typing import TypeVar, cast

__all__ = ["Remembered"]

_MOST_ACCOUNTS = 40  # about a megabyte each
_MOST_OF_ONE = 6
_IDLE = timedelta(minutes=15)
_Made = TypeVar("_Made")


@dataclass(slots=True)
class _OfAccount:
    mark: Hashable
    used_at: datetime
    made: OrderedDict[Hashable, object] = field(default_factory=OrderedDict, repr=False)


class Remembered:
    """Of each account what was made at one `mark`, which says how its items stand. Of several threads at once each may make it."""

    def __init__(self, *, accounts: int = _MOST_ACCOUNTS, of_one: int = _MOST_OF_ONE, idle: timedelta = _IDLE) -> None:
        self._accounts, self._of_one, self._idle = accounts, of_one, idle
        self._kept: OrderedDict[bytes, _OfAccount] = OrderedDict()
        self._lock = Lock()

    def get(self, account: bytes, mark: Hashable, name: Hashable, make: Callable[[], _Made], *, now: datetime) -> _Made:
        """What `make` gave before under this name, else what it gives now. A name always stands for one kind of thing."""
        with self._lock:
            self._forget_idle(now)
            kept = self._kept.get(account)
            if kept is not None and kept.mark == mark and name in kept.made:
                kept.used_at = now
                self._kept.move_to_end(account)
                kept.made.move_to_end(name)
                return cast(_Made, kept.made[name])
        made = make()
        with self._lock:
            kept = self._kept.get(account)
            if kept is None or kept.mark != mark:
                kept = self._kept[account] = _OfAccount(mark, now)
            kept.used_at, kept.made[name] = now, made
            self._kept.move_to_end(account)
            while len(kept.made) > self._of_one:
                kept.made.popitem(last=False)
            while len(self._kept) > self._accounts:
                self._kept.popitem(last=False)
        return made

    def __contains__(self, account: bytes) -> bool:
        """Whether anything of this account is here."""
        return account in self._kept

    def forget(self, account: bytes) -> None:
        """The person goes out."""
        with self._lock:
            self._kept.pop(account, None)

    def sweep(self, now: datetime) -> int:
        """Forget those who did nothing for a while; how many."""
        with self._lock:
            return self._forget_idle(now)

    def _forget_idle(self, now: datetime) -> int:
        idle = [account for account, kept in self._kept.items() if kept.used_at <= now - self._idle]
        for account in idle:
            del self._kept[account]
        return len(idle)
