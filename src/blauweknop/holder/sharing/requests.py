"""A request that a person looks at or has answered, as it is kept in the vault: one item from the question to the end.

    open       it can be answered, for as long as the receiver waits
    sending    the answer is on its way; who finds it so later knows that it may have arrived
    sent       the receiver said that it has it
    unsure     no answer came back: it may have arrived
    refused    the receiver said that it does not take it
    withdrawn  the person took it back; that it was erased is not proved yet
    erased     the receiver proved that it erased it

Each change is made once: the vault keeps it only when nobody changed the item since it was read. So an answer is sent once, however many
tabs, and however often somebody presses the button.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Literal, get_args

from blauweknop.domain.document import JsonValue
from blauweknop.domain.errors import MalformedValue
from blauweknop.holder.heads import head_with, item_of_key, members_of_head
from blauweknop.holder.sharing.asking import Asked, Link
from blauweknop.holder.sharing.records import Sharing
from blauweknop.holder.vault import ItemHead, Vault
from blauweknop.standards.request_object import VerifiedRequest
from blauweknop.standards.strict_json import MalformedJson, canonical_json, parse_json_object

__all__ = [
    "MOST_OPEN",
    "REQUEST_KIND",
    "KeptRequest",
    "RequestItem",
    "RequestState",
    "answered_elsewhere",
    "answered_requests",
    "change",
    "keep_question",
    "kept_request",
    "kept_requests",
    "request_in",
    "request_of",
]

REQUEST_KIND = "request"
MOST_OPEN = 8
"""Of one person at a time; of more the oldest goes."""

RequestState = Literal["open", "sending", "sent", "unsure", "refused", "withdrawn", "erased"]
_STATES: Mapping[str, RequestState] = {state: state for state in get_args(RequestState)}
_MOST_BODY = 2 * 1024 * 1024
_LINGERS = timedelta(hours=1)
"""So long an open request that is over stays, for who comes back to it."""


@dataclass(frozen=True, slots=True)
class RequestItem:
    """What lists need: who asks, and how it stands. `at` is when it came to stand so."""

    state: RequestState
    receiver: str
    at: datetime
    expires_at: datetime
    """Of a question when it ends; of an answer until when the receiver keeps it."""
    page: str = field(default="", repr=False)
    """Where the person began; empty when the receiver did not say."""
    updates_until: datetime | None = None
    """Until when the receiver of an answer is kept up to date, if it is."""

    def as_head(self) -> bytes:
        return head_with(
            REQUEST_KIND,
            {
                "state": self.state,
                "receiver": self.receiver,
                "at": self.at.isoformat(),
                "expires_at": self.expires_at.isoformat(),
                "page": self.page,
                "updates_until": self.updates_until.isoformat() if self.updates_until is not None else None,
            },
        )


@dataclass(frozen=True, slots=True)
class KeptRequest:
    """A request with its place in the vault and, when it was read, its body."""

    head: ItemHead
    item: RequestItem
    body: Mapping[str, JsonValue] = field(default_factory=dict, repr=False)

    @property
    def key(self) -> str:
        return self.head.id.hex()

    @property
    def asked(self) -> Asked:
        """The question, of a request that is open or on its way.

        Raises:
            MalformedValue: it has none any more.
        """
        match self.body:
            case {"link": dict(link), "wallet_nonce": str(nonce), "question": str(text)}:
                return Asked(Link.from_json(link), nonce, text)
        raise MalformedValue("expected a question that can be answered")

    @property
    def sharing(self) -> Sharing:
        """What was answered, from the moment that it was on its way. Raises: MalformedValue."""
        return Sharing.from_json(self.body)


def change(kept: KeptRequest, vault: Vault, item: RequestItem, sharing: Sharing) -> KeptRequest | None:
    """Put this in its place; None when somebody changed it since it was read."""
    body = sharing.as_json()
    head = vault.replace(kept.head, item.as_head(), canonical_json(body))
    return KeptRequest(head, item, body) if head is not None else None


def keep_question(asked: Asked, verified: VerifiedRequest, vault: Vault, now: datetime) -> str:
    """The key under which an open request is kept; older ones that are over go.

    Raises:
        VaultFull: no room.
    """
    openly = sorted((kept for kept in kept_requests(vault) if kept.item.state == "open"), key=lambda kept: kept.item.at)
    over = [kept for kept in openly if kept.item.expires_at + _LINGERS < now]
    for kept in {each.key: each for each in (*over, *openly[: max(0, len(openly) - MOST_OPEN + 1)])}.values():
        vault.remove(kept.head.id)
    item = RequestItem("open", verified.registration.name, now, verified.expires_at, verified.page or "")
    body: dict[str, JsonValue] = {"link": asked.link.as_json(), "wallet_nonce": asked.wallet_nonce, "question": asked.text}
    return vault.add(item.as_head(), canonical_json(body)).id.hex()


def kept_requests(vault: Vault) -> Iterator[KeptRequest]:
    """All of this account whose heads can be read, without their bodies."""
    for head in vault.heads():
        item = None
        with suppress(MalformedValue):
            item = request_in(head.head)
        if item is not None:
            yield KeptRequest(head, item)


def answered_requests(vault: Vault, wanted: Callable[[KeptRequest], bool] = lambda _: True) -> tuple[KeptRequest, ...]:
    """All that were answered and can be read, with their bodies; the others are told as unreadable (`unreadable_lines`)."""
    found = []
    for each in kept_requests(vault):
        if each.item.state != "open" and wanted(each):
            with suppress(MalformedValue):
                found.append(kept_request(vault, each.key))
    return tuple(kept for kept in found if kept is not None)


def kept_request(vault: Vault, key: str) -> KeptRequest | None:
    """One with its body; None when this account has none with that key, or somebody is just saying no to it.

    Raises:
        MalformedValue: another version of this program wrote it.
    """
    read = item_of_key(vault, key)
    return request_of(*read) if read else None


def request_of(head: ItemHead, body: bytes) -> KeptRequest | None:
    """What an item that was read says of a request; None for another kind of item, or when somebody is just saying no to it.

    Raises:
        MalformedValue: another version of this program wrote it.
    """
    item = request_in(head.head)
    if item is None or not body:
        return None
    try:
        kept = KeptRequest(head, item, parse_json_object(body, max_bytes=_MOST_BODY))
    except MalformedJson as error:
        raise MalformedValue("expected the body of a request") from error
    if item.state != "open":
        Sharing.from_json(kept.body)  # or it could not be shown
    return kept


def answered_elsewhere(head: bytes, body: bytes) -> tuple[bytes, bytes] | None:
    """Head and body of what was shared from another vault, as they are kept here; None for a question that was not answered.

    Raises:
        MalformedValue: it is no request as this version keeps it.
    """
    item = request_in(head)
    if item is None:
        raise MalformedValue("expected a request as this version keeps it")
    if item.state == "open":
        return None
    try:
        sharing = Sharing.from_json(parse_json_object(body, max_bytes=_MOST_BODY))
    except MalformedJson as error:
        raise MalformedValue("expected what was shared as this version keeps it") from error
    # What is on its way there is told from there.
    return item.as_head(), canonical_json(replace(sharing, outbox="").as_json())


def request_in(head: bytes) -> RequestItem | None:
    """What a head says of a request; None for another kind of item.

    Raises:
        MalformedValue: another version of this program wrote it.
    """
    kept = members_of_head(head, REQUEST_KIND)
    if kept is None:
        return None
    try:
        at, expires_at = (datetime.fromisoformat(str(kept[name])) for name in ("at", "expires_at"))
        until = kept.get("updates_until")
        updates_until = datetime.fromisoformat(until) if isinstance(until, str) else None
        return RequestItem(_STATES[str(kept["state"])], str(kept["receiver"]), at, expires_at, str(kept["page"]), updates_until)
    except (KeyError, ValueError) as error:
        raise MalformedValue("expected a request as this version keeps it") from error
