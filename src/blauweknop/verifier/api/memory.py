"""What the API remembers when there is no database: in this process, bounded in number, gone when it stops."""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock

from blauweknop.domain.errors import BlauweKnopError
from blauweknop.verifier.api.events import Event
from blauweknop.verifier.api.verifications import Verification, Watch

__all__ = ["MemoryUsedOnce", "MemoryVerifications"]

_MOST = 20_000


@dataclass(slots=True)
class MemoryVerifications:
    """Verifications of one process; the oldest goes first when there are too many. Watching needs a database."""

    most: int = _MOST
    _kept: OrderedDict[str, Verification] = field(default_factory=OrderedDict, repr=False)
    _lock: Lock = field(default_factory=Lock)

    def keep(self, verification: Verification, *, watch: Watch | None = None) -> None:
        if watch is not None:
            raise BlauweKnopError("a document is only watched with a database", remedy="add [storage] to the configuration")
        with self._lock:
            self._kept[verification.id] = verification
            while len(self._kept) > self.most:
                self._kept.popitem(last=False)

    def finish(self, verification: Verification, *, event: Event, watch: Watch | None = None) -> bool:
        with self._lock:
            before = self._kept.get(verification.id)
            if before is None or before.state != "pending" or watch is not None:
                return False
            self._kept[verification.id] = verification
            return True

    def find(self, verification_id: str, client: str, now: datetime) -> Verification | None:
        with self._lock:
            found = self._kept.get(verification_id)
        return found if found and found.client == client and now < found.expires_at else None

    def forget(self, verification_id: str, client: str) -> bool:
        with self._lock:
            found = self._kept.get(verification_id)
            if found is None or found.client != client:
                return False
            del self._kept[verification_id]
            return True

    def sweep(self, now: datetime) -> int:
        """Forget what has expired; how many."""
        with self._lock:
            gone = [name for name, verification in self._kept.items() if now >= verification.expires_at]
            for name in gone:
                del self._kept[name]
        return len(gone)


@dataclass(slots=True)
class MemoryUsedOnce:
    """Names used in this process. A full memory refuses new ones: forgetting one early would let it be used twice."""

    most: int = _MOST
    _used: dict[str, datetime] = field(default_factory=dict, repr=False)
    _lock: Lock = field(default_factory=Lock)

    def first_use(self, name: str, *, until: datetime, now: datetime) -> bool:
        with self._lock:
            if len(self._used) >= self.most:
                self._used = _still_needed(self._used, now)
            if name in self._used or len(self._used) >= self.most:
                return False
            self._used[name] = until
            return True


def _still_needed(used: Mapping[str, datetime], now: datetime) -> dict[str, datetime]:
    return {name: until for name, until in used.items() if until > now}
