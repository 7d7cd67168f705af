"""All that a person keeps: a list of items, each encrypted with a key of its own that the data key of the account wraps.

An item has a head (what it is, small: read for lists) and a body (a file or facts). What kind of item it is, its name, source and time
stand inside; the database sees an owner, a day, and sizes in steps. Head and body are bound to account, item and version.

An item that was changed outside of this program, or damaged, cannot be opened. Lists go on without it, and `unreadable` names it.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import TypeVar

from blauweknop.domain.errors import BlauweKnopError
from blauweknop.holder.encryption import CannotOpen, Random, VaultKey, pad, unpad
from blauweknop.holder.ports import HeadRow, ItemRow, ItemStorage
from blauweknop.holder.staged_items import StagedItems

__all__ = ["MOST_BODY_BYTES", "MOST_HEAD_BYTES", "ItemHead", "Vault", "VaultFull"]

MOST_HEAD_BYTES, MOST_BODY_BYTES = 64 * 1024, 32 * 1024 * 1024
_HEAD_STEP, _BODY_STEP = 1024, 16 * 1024
_ID_BYTES = 16
_AGAIN = 5  # how often changes are made that others came between
_Result = TypeVar("_Result")


class VaultFull(BlauweKnopError):
    """There is no room for one more item, or it is too large."""


@dataclass(frozen=True, slots=True)
class ItemHead:
    """An item without its body. `version` goes up with each change."""

    id: bytes
    version: int
    head: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Vault:
    """The items of one account, opened."""

    account: bytes
    _items_key: VaultKey = field(repr=False)
    _storage: ItemStorage = field(repr=False)
    _now: Callable[[], datetime] = field(repr=False)
    _random: Random = field(repr=False)

    @classmethod
    def of(cls, account: bytes, data_key: VaultKey, *, storage: ItemStorage, now: Callable[[], datetime], random: Random) -> "Vault":
        return cls(account, data_key.for_purpose("items"), storage, now, random)

    def add(self, head: bytes, body: bytes = b"", *, spare: bool = False) -> ItemHead:
        """Keep a new item; with `spare` also in a vault that is full for what a person keeps.

        Raises:
            VaultFull: no room, too large, or the account was erased meanwhile.
        """
        row = self._row(self._random(_ID_BYTES), 1, head, body)
        if not self._storage.add(row, spare=spare):
            raise VaultFull("the vault has no room for one more item", remedy="remove something first")
        return ItemHead(row.id, row.version, head)

    def heads(self) -> Iterator[ItemHead]:
        """All items that can be opened, without their bodies, in no order."""
        return iter(self.heads_and_unreadable()[0])

    def heads_and_unreadable(self) -> tuple[Sequence[ItemHead], Sequence[bytes]]:
        """The same, and the ids of the items of which not even the head can be opened."""
        heads: list[ItemHead] = []
        unreadable: list[bytes] = []
        for row in self._storage.heads(self.account):
            try:
                heads.append(_opened_head(row, self._key(row)))
            except CannotOpen:
                unreadable.append(row.id)
        return heads, unreadable

    def is_unreadable(self, item_id: bytes) -> bool:
        """Whether there is such an item in this account, and its head or body cannot be opened."""
        try:
            self.read(item_id)
        except CannotOpen:
            return True
        return False

    def read_if_possible(self, item_id: bytes) -> tuple[ItemHead, bytes] | None:
        """As `read`, and None also for what cannot be opened: for who goes on without it."""
        try:
            return self.read(item_id)
        except CannotOpen:
            return None

    def count(self) -> int:
        """How many items there are, also those that cannot be opened any more."""
        return sum(1 for _ in self._storage.heads(self.account))

    def read(self, item_id: bytes) -> tuple[ItemHead, bytes] | None:
        """An item of this account and its body; None when there is no such item, whether or not another account has it.

        Raises:
            CannotOpen: it was changed outside of this program.
        """
        row = self._storage.read(self.account, item_id)
        if row is None:
            return None
        key = self._key(row)
        return _opened_head(row, key), unpad(key.decrypt(row.body, place=_place(row, "body")))

    def changed_on(self, item_id: bytes) -> date | None:
        """The day of the last change of an item; None when it is not there. It stands behind the body: this costs as much as to read it."""
        row = self._storage.read(self.account, item_id)
        return row.day if row is not None else None

    def replace(self, item: ItemHead, head: bytes, body: bytes) -> ItemHead | None:
        """Put something else in the place of an item; None when it was changed or removed since `item` was read.

        Raises:
            VaultFull: too large.
        """
        row = self._row(item.id, item.version + 1, head, body)
        if not self._storage.replace(row, version_before=item.version):
            return None
        return replace(item, version=row.version, head=head)

    def remove(self, item_id: bytes) -> bool:
        """Forget an item; whether it was there."""
        return self._storage.remove(self.account, item_id)

    def together(self, work: Callable[["Vault"], _Result]) -> _Result:
        """All that `work` changes in the vault that it is given, or nothing. Where others came between, it does its work again.

        Raises:
            VaultFull: no room, or the account was erased meanwhile.
            BlauweKnopError: others changed the same all the time; or what `work` raises.
        """
        for _ in range(_AGAIN):
            staged = StagedItems(self._storage, self.account)
            result = work(replace(self, _storage=staged))
            match staged.keep():
                case "done":
                    return result
                case "full":
                    raise VaultFull("the vault has no room for so much", remedy="remove something first")
        raise BlauweKnopError("a vault was changed by others all the time", remedy="try again")

    def _row(self, item_id: bytes, version: int, head: bytes, body: bytes) -> ItemRow:
        if len(head) > MOST_HEAD_BYTES or len(body) > MOST_BODY_BYTES:
            raise VaultFull("an item is too large", remedy="keep it in smaller parts")
        key = VaultKey.new(self._random)
        empty = ItemRow(item_id, self.account, version, b"", b"", b"", self._now().date())
        return replace(
            empty,
            wrapped_key=self._items_key.wrap(key, place=_place(empty, "key"), random=self._random),
            head=key.encrypt(pad(head, _HEAD_STEP), place=_place(empty, "head"), random=self._random),
            body=key.encrypt(pad(body, _BODY_STEP), place=_place(empty, "body"), random=self._random),
        )

    def _key(self, row: HeadRow | ItemRow) -> VaultKey:
        if row.account != self.account:
            raise CannotOpen("an item of another account was given")
        return self._items_key.unwrap(row.wrapped_key, place=_place(row, "key"))


def _opened_head(row: HeadRow | ItemRow, key: VaultKey) -> ItemHead:
    return ItemHead(row.id, row.version, unpad(key.decrypt(row.head, place=_place(row, "head"))))


def _place(row: HeadRow | ItemRow, part: str) -> str:
    return f"item|{part}|{row.account.hex()}|{row.id.hex()}|{row.version}"
