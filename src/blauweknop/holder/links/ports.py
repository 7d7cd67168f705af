"""What links need from outside, as small protocols; the adapters fit them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from blauweknop.catalogue import Catalogue
from blauweknop.document.lay_out import LayOut
from blauweknop.domain.document import JsonValue
from blauweknop.domain.errors import MalformedValue
from blauweknop.holder.sharing.ports import SharingServices
from blauweknop.standards.sharing_messages import SharingProblem
from blauweknop.standards.sharing_receipts import receipt_end
from blauweknop.standards.strict_json import canonical_json

__all__ = ["LINK_EVENTS", "MOST_TRIES", "KeptLink", "LinkServices", "LinkStorage"]

MOST_TRIES = 5
"""Of a PIN, of one link; after that what is behind it is gone."""
LINK_EVENTS = frozenset({"fetched", "received", "wrong_pin", "other", "closed", "withdrawn"})
_MOST_EVENTS = 20


@dataclass(frozen=True, slots=True)
class KeptLink:
    """What the server knows of a link beside what is behind it: for whom that is, and what happened. It does not say whose it is.

    `receiver` is an identifier, `pin` a keyed hash, `receipt` what the receiver signed when it had opened it. Events are a moment and a
    word: `fetched`, `received` (with a receipt), `wrong_pin`, `other` (another organisation tried), `closed` (too many wrong PINs),
    `withdrawn`.
    """

    receiver: str
    name: str
    pin: bytes = field(repr=False)
    request_hash: str
    events: tuple[tuple[datetime, str], ...] = ()
    receipt: str = field(default="", repr=False)

    def with_event(self, at: datetime, what: str) -> "KeptLink":
        """Of many the first are kept: who tries without end writes no end of lines."""
        room = len(self.events) < _MOST_EVENTS or what in ("fetched", "received", "closed", "withdrawn")
        events = (*self.events, (at, what)) if room else self.events
        return KeptLink(self.receiver, self.name, self.pin, self.request_hash, events, self.receipt)

    def with_receipt(self, receipt: str) -> "KeptLink":
        return KeptLink(self.receiver, self.name, self.pin, self.request_hash, self.events, receipt)

    @property
    def receipt_ends_at(self) -> datetime | None:
        """Until when the receiver may keep what it signed for; None without a receipt."""
        try:
            return receipt_end(self.receipt) if self.receipt else None
        except SharingProblem:
            return None

    def happened(self, what: str) -> bool:
        return any(event == what for _, event in self.events)

    def as_bytes(self) -> bytes:
        events: list[JsonValue] = [[at.isoformat(), what] for at, what in self.events]
        return canonical_json(
            {
                "receiver": self.receiver,
                "name": self.name,
                "pin": self.pin.hex(),
                "request_hash": self.request_hash,
                "events": events,
                "receipt": self.receipt,
            }
        )

    @classmethod
    def from_json(cls, kept: Mapping[str, JsonValue]) -> "KeptLink":
        """Raises: MalformedValue."""
        match kept:
            case {
                "receiver": str(receiver),
                "name": str(name),
                "pin": str(pin),
                "request_hash": str(hashed),
                "events": list(events),
                "receipt": str(receipt),
            }:
                return cls(receiver, name, bytes.fromhex(pin), hashed, tuple(map(_event, events)), receipt)
        raise MalformedValue("expected a link as this version keeps it")


class LinkStorage(Protocol):
    """Links by their id, of which only the SHA-256 is kept; what is behind one is kept as it comes, which is encrypted."""

    def put(self, link_id: str, link: KeptLink, package: bytes, *, ends_at: datetime, now: datetime) -> bool:
        """False: too many are kept."""
        ...

    def read(self, link_id: str) -> KeptLink | None: ...

    def waits(self, link_id: str, *, now: datetime) -> bool:
        """Whether something is behind it that can be fetched."""
        ...

    def try_pin(self, link_id: str, *, now: datetime) -> int | None:
        """Count a try; how many are left after it. None: there was none left, or nothing to fetch."""
        ...

    def take(self, link_id: str, *, now: datetime) -> bytes | None:
        """What is behind it, which is gone then; None when it was gone."""
        ...

    def change(self, link_id: str, change: Callable[[KeptLink], KeptLink]) -> None:
        """Nothing when there is no such link."""
        ...

    def forget(self, link_id: str) -> None: ...


@dataclass(frozen=True, slots=True)
class LinkServices:
    """Everything that links need; built by the application assembly."""

    sharing: SharingServices
    store: LinkStorage = field(repr=False)
    registrations: Callable[[datetime], Sequence[str]] = field(repr=False)
    """The registration certificates that the register publishes, not verified here; none when it is silent."""
    lay_out: LayOut = field(repr=False)
    fetches_a_minute: int = 60
    """How often one address may fetch."""

    @property
    def catalogue(self) -> Catalogue:
        return self.sharing.catalogue


def _event(value: JsonValue) -> tuple[datetime, str]:
    match value:
        case [str(at), str(what)]:
            return datetime.fromisoformat(at), what
    raise MalformedValue("expected an event of a link")
