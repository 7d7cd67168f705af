"""What sharing needs from outside, as small protocols; the adapters fit them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from blauweknop.catalogue import Catalogue
from blauweknop.checking.trust import Trust
from blauweknop.holder.collecting.ports import Send, Source
from blauweknop.holder.keeping import Check
from blauweknop.holder.vault import Vault

__all__ = ["Outbox", "SharingServices"]


class Outbox(Protocol):
    """What receivers must be told while a vault may be locked. A row has a name that says nothing; its reference is in the vault alone."""

    def put(self, content: bytes, *, now: datetime) -> str | None:
        """A reference, to be told at once; None: too many wait."""
        ...

    def row_of(self, reference: str) -> bytes | None:
        """The name of the row; None when this is no reference."""
        ...

    def due(self, *, now: datetime, most: int) -> Sequence[bytes]:
        """Rows whose time has come."""
        ...

    def read(self, row: bytes) -> bytes | None: ...

    def keep(self, row: bytes, content: bytes, *, due_at: datetime | None) -> None:
        """Put something else in its place, to be told at a moment; None: no more."""
        ...

    def forget(self, row: bytes) -> None: ...


@dataclass(frozen=True, slots=True)
class SharingServices:
    """Everything that answering a receiver needs; built by the application assembly."""

    trust: Callable[[datetime], Trust] = field(repr=False)
    trust_with: Callable[[str, datetime], Trust] = field(repr=False)
    """The same, with the status list at an address when that can be had."""
    send: Send = field(repr=False)
    """To any public https address; it is not known beforehand who asks."""
    sources: Callable[[datetime], Sequence[Source]] = field(repr=False)
    """Where what is missing can be fetched."""
    outbox: Outbox = field(repr=False)
    catalogue: Catalogue = field(repr=False)
    now: Callable[[], datetime] = field(repr=False)
    random: Callable[[int], bytes] = field(repr=False)
    check: Check | None = field(default=None, repr=False)
    """The one check, for what would go along; None: nothing can be found out."""
    copies_used: Callable[[Vault], None] = field(default=lambda _: None, repr=False)
    """Told when copies of credentials were used, so that new ones may be fetched."""
