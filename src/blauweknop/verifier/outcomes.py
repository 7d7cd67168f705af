"""Outcomes of checks, kept in memory for a few minutes under a random token, so that the data can be saved after the file is gone."""

import secrets
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock
from time import monotonic
from typing import Protocol

from blauweknop.checking.report_composing import CheckedFile

__all__ = ["KEPT_SECONDS", "MemoryOutcomes", "Outcomes", "Saved"]

KEPT_SECONDS = 600.0


@dataclass(frozen=True, slots=True)
class Saved:
    """What can be saved: the files by their form, as bytes; and what is needed to report on the check of a moment.

    `reports` are those that were made, by language.
    """

    checked: CheckedFile = field(repr=False)
    checked_at: datetime
    forms: dict[str, bytes] = field(repr=False)
    reports: dict[str, bytes] = field(default_factory=dict, repr=False)

    @property
    def size(self) -> int:
        return sum(map(len, (*self.forms.values(), *self.reports.values())))


class Outcomes(Protocol):
    """Where outcomes wait; several processes need one they share."""

    def put(self, saved: Saved) -> str:
        """Keep it and give the token."""
        ...

    def get(self, token: str) -> Saved | None:
        """What was kept under this token, unless it is too long ago."""
        ...


class MemoryOutcomes:
    """Outcomes in this process, bounded in number and size; the oldest goes first."""

    def __init__(self, *, most: int = 200, most_bytes: int = 64 * 1024 * 1024, clock: Callable[[], float] = monotonic) -> None:
        self._most, self._most_bytes, self._clock = most, most_bytes, clock
        self._kept: OrderedDict[str, tuple[float, Saved]] = OrderedDict()
        self._lock = Lock()

    def put(self, saved: Saved) -> str:
        token = secrets.token_urlsafe(32)
        with self._lock:
            self._forget_old()
            self._kept[token] = (self._clock(), saved)
            while len(self._kept) > self._most or sum(item.size for _, item in self._kept.values()) > self._most_bytes:
                self._kept.popitem(last=False)
        return token

    def get(self, token: str) -> Saved | None:
        with self._lock:
            self._forget_old()
            found = self._kept.get(token)
        return found[1] if found else None

    def _forget_old(self) -> None:
        while self._kept and next(iter(self._kept.values()))[0] <= self._clock() - KEPT_SECONDS:
            self._kept.popitem(last=False)
