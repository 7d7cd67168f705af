"""What taking links needs from outside, as small protocols; the adapters fit them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from blauweknop.domain.errors import BlauweKnopError
from blauweknop.domain.verdict import Verdict
from blauweknop.standards.jwe import Derive
from blauweknop.verifier.asking.ports import AskingServices
from blauweknop.verifier.staff.ports import StaffServices

__all__ = ["CallFailed", "LinkDesk", "Post", "Replied"]


class CallFailed(BlauweKnopError):
    """No answer came, or one that may not be read."""


@dataclass(frozen=True, slots=True)
class Replied:
    status: int
    body: bytes = field(repr=False)


class Post(Protocol):
    """Send a form to a Mijn Blauwe Knop of the settings, bounded in time and size; nothing is followed. Raises: CallFailed."""

    def __call__(self, address: str, form: Mapping[str, str]) -> Replied: ...


@dataclass(frozen=True, slots=True)
class LinkDesk:
    """Everything with which the staff of one receiver take links."""

    staff: StaffServices
    check: Callable[[bytes, datetime], Verdict] = field(repr=False)
    """The one check of documents. Raises: BlauweKnopError, when it is too busy."""
    keys: Sequence[Derive] = field(repr=False)
    """Of the keys that its registrations name, now and before."""
    places: Sequence[str]
    """The addresses of each Mijn Blauwe Knop whose links are taken; nothing else is ever asked."""
    post: Post = field(repr=False)

    @property
    def asking(self) -> AskingServices:
        return self.staff.asking
