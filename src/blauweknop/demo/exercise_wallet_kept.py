"""What the exercise wallet holds: in the memory of this process, for each browser apart, forgotten half an hour after it was last used."""

import secrets
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock

from blauweknop.demo.exercise_wallet_protocol import Asked, Later, Talk
from blauweknop.standards.json_members import Members

__all__ = ["Boxes", "Held", "WalletBox"]

_FORGOTTEN_AFTER = timedelta(minutes=30)
_MOST_BOXES = 500
_MOST_HELD = 40
_MOST_ASKED = 10


@dataclass(frozen=True, slots=True)
class Held:
    """The copies of one credential, or what it takes to come back for them; with the metadata of its source."""

    id: str
    configuration_id: str
    metadata: Members = field(repr=False)
    copies: tuple[str, ...] = field(default=(), repr=False)
    later: tuple[Talk, Later] | None = field(default=None, repr=False)


@dataclass(slots=True)
class WalletBox:
    """Of one browser. The newest first."""

    used_at: datetime
    held: tuple[Held, ...] = field(default=(), repr=False)
    asked: "OrderedDict[str, Asked]" = field(default_factory=OrderedDict, repr=False)

    def put(self, held: Held) -> None:
        """In the place of the one with the same id, or on top."""
        others = tuple(one for one in self.held if one.id != held.id)
        self.held = (held, *others)[:_MOST_HELD]

    def find(self, held_id: str) -> Held | None:
        return next((one for one in self.held if one.id == held_id), None)

    def remember(self, asked: Asked) -> None:
        self.asked[asked.state] = asked
        while len(self.asked) > _MOST_ASKED:
            self.asked.popitem(last=False)


class Boxes:
    """All of them, by the reference in a cookie."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._boxes: OrderedDict[str, WalletBox] = OrderedDict()
        self._lock = Lock()

    def open(self, reference: str | None) -> tuple[str, WalletBox]:
        """The box of a reference, or a new one under a new reference."""
        with self._lock:
            now = self._now()
            for old in [name for name, box in self._boxes.items() if box.used_at + _FORGOTTEN_AFTER <= now]:
                del self._boxes[old]
            box = self._boxes.get(reference or "")
            if reference is None or box is None:
                reference, box = secrets.token_urlsafe(32), WalletBox(now)
                self._boxes[reference] = box
            box.used_at = now
            self._boxes.move_to_end(reference)
            while len(self._boxes) > _MOST_BOXES:
                self._boxes.popitem(last=False)
            return reference, box

    def forget(self, reference: str | None) -> None:
        with self._lock:
            self._boxes.pop(reference or "", None)
