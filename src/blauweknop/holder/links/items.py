"""A link that a person made, as it is kept in the vault: with all that is secret of it, so that it can be shown again while it waits.

waiting    it can be fetched, or was and the receiver is still reading
received   the receiver has it and gave a receipt: from then on it is a sharing as any other
lost       the receiver fetched it and never said that it has it
closed     nobody fetched it: the PIN was wrong too often
over       nobody fetched it in time
withdrawn  the person took it back before anybody fetched it
forgotten  the server does not know of it any more, and its person did not look before
elsewhere  it waited at another Mijn Blauwe Knop when it was taken along from there; only that one knows what became of it
"""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal, get_args

from blauweknop.domain.document import JsonValue
from blauweknop.domain.errors import MalformedValue
from blauweknop.holder.heads import head_with, item_of_key, members_of_head
from blauweknop.holder.links.ports import LINK_EVENTS
from blauweknop.holder.sharing.records import Sharing
from blauweknop.holder.vault import ItemHead, Vault
from blauweknop.standards.strict_json import MalformedJson, canonical_json, parse_json_object

__all__ = [
    "LINK_KIND",
    "LinkBody",
    "LinkItem",
    "LinkState",
    "MadeLink",
    "change_link",
    "from_elsewhere",
    "keep_link",
    "link_in",
    "link_of",
    "made_link",
    "made_links",
]

LINK_KIND = "link"
LinkState = Literal["waiting", "received", "lost", "closed", "over", "withdrawn", "forgotten", "elsewhere"]
_STATES: Mapping[str, LinkState] = {state: state for state in get_args(LinkState)}
_MOST_BODY = 1024 * 1024
_MOST_EVENTS = 100


@dataclass(frozen=True, slots=True)
class LinkItem:
    """What lists need."""

    state: LinkState
    receiver: str
    made_at: datetime
    ends_at: datetime

    def as_head(self) -> bytes:
        return head_with(
            LINK_KIND,
            {
                "state": self.state,
                "receiver": self.receiver,
                "made_at": self.made_at.isoformat(),
                "ends_at": self.ends_at.isoformat(),
            },
        )


@dataclass(frozen=True, slots=True)
class LinkBody:
    """The link and its PIN, empty when it is of no use any more; what would be shared; what happened; and the sharing it became."""

    link: str = field(repr=False)
    link_id: str = field(repr=False)
    pin: str = field(repr=False)
    sharing: Sharing = field(repr=False)
    events: tuple[tuple[datetime, str], ...] = ()
    became: str = ""

    def as_json(self) -> dict[str, JsonValue]:
        events: list[JsonValue] = [[at.isoformat(), what] for at, what in self.events]
        return {
            "link": self.link,
            "link_id": self.link_id,
            "pin": self.pin,
            "sharing": self.sharing.as_json(),
            "events": events,
            "became": self.became,
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, JsonValue]) -> "LinkBody":
        """Raises: MalformedValue."""
        match kept:
            case {
                "link": str(link),
                "link_id": str(link_id),
                "pin": str(pin),
                "sharing": dict(sharing),
                "events": list(events),
                "became": str(became),
            }:
                pairs = [(str(pair[0]), str(pair[1])) for pair in events if isinstance(pair, list)]
                moments = tuple((datetime.fromisoformat(at), what) for at, what in pairs)
                return cls(link, link_id, pin, Sharing.from_json(sharing), moments, became)
        raise MalformedValue("expected a link as this version keeps it")


@dataclass(frozen=True, slots=True)
class MadeLink:
    """A link with its place in the vault."""

    head: ItemHead
    item: LinkItem
    body: LinkBody

    @property
    def key(self) -> str:
        return self.head.id.hex()


def keep_link(item: LinkItem, body: LinkBody, vault: Vault) -> str:
    """The key of a new one. Raises: VaultFull."""
    return vault.add(item.as_head(), canonical_json(body.as_json())).id.hex()


def change_link(made: MadeLink, vault: Vault, state: LinkState, body: LinkBody) -> MadeLink | None:
    """Put this in its place; None when somebody changed it since it was read."""
    item = replace(made.item, state=state)
    head = vault.replace(made.head, item.as_head(), canonical_json(body.as_json()))
    return MadeLink(head, item, body) if head is not None else None


def made_links(vault: Vault) -> Iterator[MadeLink]:
    """All of this account that can be read; the others are told as unreadable (`unreadable_lines`)."""
    for head in vault.heads():
        made = None
        with suppress(MalformedValue):
            made = made_link(vault, head.id.hex()) if link_in(head.head) is not None else None
        if made is not None:
            yield made


def made_link(vault: Vault, key: str) -> MadeLink | None:
    """One; None when this account has none with that key that can be opened.

    Raises:
        MalformedValue: another version of this program wrote it.
    """
    read = item_of_key(vault, key)
    return link_of(*read) if read else None


def link_of(head: ItemHead, body: bytes) -> MadeLink | None:
    """What an item that was read says of a link; None for another kind of item.

    Raises:
        MalformedValue: another version of this program wrote it.
    """
    item = link_in(head.head)
    return MadeLink(head, item, _read_body(body)) if item is not None else None


def from_elsewhere(head: bytes, body: bytes) -> tuple[LinkItem, LinkBody]:
    """A link of another Mijn Blauwe Knop, as it is kept here: what was given and what happened, and nothing that works.

    Raises:
        MalformedValue: it is no link as this version keeps it.
    """
    item, read = link_in(head), _read_body(body)
    if item is None or len(read.events) > _MOST_EVENTS or not {what for _, what in read.events} <= LINK_EVENTS:
        raise MalformedValue("expected a link as this version keeps it")
    here = replace(read, link="", link_id="", pin="", became="", sharing=replace(read.sharing, key="", outbox=""))
    return replace(item, state="elsewhere" if item.state == "waiting" else item.state), here


def _read_body(body: bytes) -> LinkBody:
    try:
        return LinkBody.from_json(parse_json_object(body, max_bytes=_MOST_BODY))
    except (MalformedJson, ValueError, IndexError) as error:
        raise MalformedValue("expected the body of a link") from error


def link_in(head: bytes) -> LinkItem | None:
    """What a head says of a link; None for another kind of item.

    Raises:
        MalformedValue: another version of this program wrote it.
    """
    kept = members_of_head(head, LINK_KIND)
    if kept is None:
        return None
    try:
        made_at, ends_at = (datetime.fromisoformat(str(kept[name])) for name in ("made_at", "ends_at"))
        return LinkItem(_STATES[str(kept["state"])], str(kept["receiver"]), made_at, ends_at)
    except (KeyError, ValueError) as error:
        raise MalformedValue("expected a link as this version keeps it") from error
