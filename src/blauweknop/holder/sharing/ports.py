"""What sharing needs from outside, as small protocols; the adapters fit them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from blauweknop.catalogue import Catalogue
from blauweknop.checking.trust import Trust
from blauweknop.holder.collecting.ports import Send, Source
from blauweknop.holder.vault import Vault

__all__ = ["SharingServices"]


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
    catalogue: Catalogue = field(repr=False)
    now: Callable[[], datetime] = field(repr=False)
    random: Callable[[int], bytes] = field(repr=False)
    copies_used: Callable[[Vault], None] = field(default=lambda _: None, repr=False)
    """Told when copies of credentials were used, so that new ones may be fetched."""
