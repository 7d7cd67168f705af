"""What a client is told at its webhook: that something happened to a check or request of its own, and where to look; never any data."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

import msgspec

__all__ = ["Event", "EventKind", "request_changed", "status_changed", "verification_ended"]

EventKind = Literal[
    "verification.completed", "verification.interrupted", "document.status-changed", "request.answered", "request.withdrawn"
]


@dataclass(frozen=True, slots=True)
class Event:
    """One message. It keeps its id however often it is delivered, so that a client can tell a second delivery from a second event."""

    id: str
    client: str
    kind: EventKind
    at: datetime
    data: dict[str, str] = field(repr=False)

    def body(self) -> bytes:
        """The JSON that is signed and sent: `type`, `timestamp` and `data`, the form of Standard Webhooks 1.0."""
        return msgspec.json.encode({"type": self.kind, "timestamp": self.at, "data": self.data})


def verification_ended(event_id: str, client: str, verification_id: str, *, completed: bool, at: datetime) -> Event:
    """A check that was asked for later is there, or was lost with the process that did it."""
    kind: EventKind = "verification.completed" if completed else "verification.interrupted"
    return Event(event_id, client, kind, at, {"verificationId": verification_id})


def status_changed(event_id: str, client: str, verification_id: str, *, dataset: str, before: str, now: str, at: datetime) -> Event:
    """The source says something else of a document than when it was checked."""
    data = {"verificationId": verification_id, "dataset": dataset, "previousStatus": before, "status": now}
    return Event(event_id, client, "document.status-changed", at, data)


def request_changed(event_id: str, client: str, request_id: str, *, answered: bool, at: datetime) -> Event:
    """A person answered a request, or took their answer back: then all of it is erased here, and must be where it went."""
    return Event(event_id, client, "request.answered" if answered else "request.withdrawn", at, {"requestId": request_id})
