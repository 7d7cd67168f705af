"""Take away what a person keeps, so that for a moment it can be put back, and after that by nobody.

1 What is taken away is encrypted with a new key, and stays in its place as a kind of item that no page reads.
2 That key is only in the notes of the visit. These are encrypted with the cookie of one browser, and end when it logs out or locks.
3 With the first page after ten minutes, or when something else is taken away, key and rest go. What a closed browser left behind can be
  read by nobody, and goes when the account is opened on a later day.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from blauweknop.domain.document import JsonValue
from blauweknop.holder.encryption import KEY_BYTES, CannotOpen, Random, VaultKey
from blauweknop.holder.items import DocumentItem, read_head
from blauweknop.holder.keeping import items_of, settle
from blauweknop.holder.vault import ItemHead, Vault, VaultFull
from blauweknop.standards.strict_json import canonical_json

__all__ = [
    "REMOVED_KIND",
    "REMOVED_NOTE",
    "UNDO",
    "Removed",
    "forget",
    "forget_old",
    "put_back",
    "removed_of",
    "take_away",
    "take_for_good",
]

UNDO = timedelta(minutes=10)
REMOVED_KIND, REMOVED_NOTE = "removed", "removed"
_HEAD = canonical_json({"form": 1, "kind": REMOVED_KIND})
_LENGTH = 4  # bytes before the head of what was taken away
_LEFT_BEHIND = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Removed:
    """What was taken away (ids of items, in hexadecimal), what it is called, and the key that opens it once more."""

    items: tuple[str, ...]
    title: str = field(repr=False)
    at: datetime
    secret: bytes = field(repr=False)

    @property
    def until(self) -> datetime:
        return self.at + UNDO

    def as_json(self) -> dict[str, JsonValue]:
        return {"items": [*self.items], "title": self.title, "at": self.at.isoformat(), "secret": self.secret.hex()}


def removed_of(notes: Mapping[str, JsonValue]) -> Removed | None:
    """What this visit took away last."""
    match notes.get(REMOVED_NOTE):
        case {"items": list(items), "title": str(title), "at": str(at), "secret": str(secret)}:
            return Removed(tuple(str(item) for item in items), title, datetime.fromisoformat(at), bytes.fromhex(secret))
    return None


def take_away(items: Sequence[bytes], vault: Vault, *, title: str, now: datetime, random: Random) -> Removed | None:
    """Take these items away; None when they are gone for good at once, since they are too large to be kept aside or were so already."""
    removed = Removed(tuple(item.hex() for item in items), title, now, random(KEY_BYTES))

    def take(staged: Vault) -> bool:
        aside = [_set_aside(item_id, VaultKey(removed.secret), staged, random) for item_id in items]
        settle(staged)
        return any(aside)

    return removed if vault.together(take) else None


def take_for_good(item_id: bytes, vault: Vault) -> None:
    """Take away what nobody can put back; of a document the version before it counts again."""

    def take(staged: Vault) -> None:
        staged.remove(item_id)
        settle(staged)

    vault.together(take)


def put_back(removed: Removed, vault: Vault) -> bool:
    """Put it back in its place; False when it is not there any more."""

    def restore(staged: Vault) -> bool:
        found = [aside for item in removed.items if (aside := _aside(item, staged)) is not None]
        opened = [(head, whole) for head, body in found if (whole := _opened(head.id, body, removed)) is not None]
        for head, (kept, body) in opened:
            if _came_again(kept, staged):
                staged.remove(head.id)
            else:
                staged.replace(head, kept, body)
        settle(staged)
        return bool(opened)

    return vault.together(restore)


def forget(removed: Removed, vault: Vault) -> None:
    """Throw away what was set aside; what was put back stays."""
    for item in removed.items:
        aside = _aside(item, vault)
        if aside is not None:
            vault.remove(aside[0].id)


def forget_old(vault: Vault, today: date) -> None:
    """Throw away what closed browsers left behind."""
    for head in list(vault.heads()):
        changed = vault.changed_on(head.id) if head.head == _HEAD else None
        if changed is not None and changed < today - _LEFT_BEHIND:
            vault.remove(head.id)


def _came_again(head: bytes, vault: Vault) -> bool:
    """Whether the same document was fetched again meanwhile; one that cannot be opened any more goes, and counts for nothing."""
    item = read_head(head)
    if not isinstance(item, DocumentItem):
        return False
    same = [kept.id for kept, other in items_of(vault) if isinstance(other, DocumentItem) and other.document_id == item.document_id]
    damaged = [item_id for item_id in same if vault.is_unreadable(item_id)]
    for item_id in damaged:
        vault.remove(item_id)
    return len(damaged) < len(same)


def _set_aside(item_id: bytes, key: VaultKey, vault: Vault, random: Random) -> bool:
    """Whether it can be put back; what is too large for that, or cannot be opened any more, goes at once."""
    read = vault.read_if_possible(item_id)
    if read is None:
        vault.remove(item_id)
        return False
    whole = len(read[0].head).to_bytes(_LENGTH, "big") + read[0].head + read[1]
    try:
        return vault.replace(read[0], _HEAD, key.encrypt(whole, place=_place(item_id), random=random)) is not None
    except VaultFull:
        vault.remove(item_id)
        return False


def _aside(item: str, vault: Vault) -> tuple[ItemHead, bytes] | None:
    """An item that is set aside still."""
    read = vault.read_if_possible(bytes.fromhex(item))
    return read if read is not None and read[0].head == _HEAD else None


def _opened(item_id: bytes, body: bytes, removed: Removed) -> tuple[bytes, bytes] | None:
    """The head and the body that it had; None with another key."""
    try:
        whole = VaultKey(removed.secret).decrypt(body, place=_place(item_id))
    except CannotOpen:
        return None
    end = _LENGTH + int.from_bytes(whole[:_LENGTH], "big")
    return whole[_LENGTH:end], whole[end:]


def _place(item_id: bytes) -> str:
    return f"removed|{item_id.hex()}"
