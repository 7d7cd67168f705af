"""Accounts, ways to open them, and items, in the database."""

import zlib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, bindparam, delete, func, insert, select, update
from sqlalchemy.engine import Connection, Engine, Row

from blauweknop.adapters.database import reading, take_turns, writing
from blauweknop.adapters.holder_records import HOLDER_ACCOUNTS, HOLDER_ITEMS, HOLDER_SESSIONS, HOLDER_UNLOCKS
from blauweknop.adapters.statements import Statement
from blauweknop.holder.ports import Changed, HeadRow, ItemChanges, ItemRow, StateChange, UnlockRow

__all__ = ["AccountStore", "ItemStore"]

_SPARE = 20
# No column after the body: SQLite would read all of a body to come to it.
_HEAD_COLUMNS = (HOLDER_ITEMS.c.id, HOLDER_ITEMS.c.account, HOLDER_ITEMS.c.version, HOLDER_ITEMS.c.wrapped_key, HOLDER_ITEMS.c.head)
# Written once: to put a statement together costs more than to let the database do it.
_HEADS = select(*_HEAD_COLUMNS).where(HOLDER_ITEMS.c.account == bindparam("this_account"))
_THIS = (HOLDER_ITEMS.c.account == bindparam("this_account"), HOLDER_ITEMS.c.id == bindparam("this_item"))
_READ = Statement(select(HOLDER_ITEMS).where(*_THIS))  # the first overview of a visit reads each document
_STATE = Statement(select(HOLDER_ACCOUNTS.c.state).where(HOLDER_ACCOUNTS.c.id == bindparam("this_account")))  # every page reads it


@dataclass(frozen=True, slots=True)
class AccountStore:
    """See `blauweknop.holder.ports.AccountStorage`."""

    engine: Engine

    def make(self, account: bytes, *, day: date, state: bytes, unlock: UnlockRow) -> bool:
        with writing(self.engine, durable=True) as connection:
            if _taken(connection, unlock.tag):
                return False
            connection.execute(insert(HOLDER_ACCOUNTS).values(id=account, created_day=day, state=state))
            _insert_unlock(connection, unlock)
        return True

    def find(self, tag: bytes) -> UnlockRow | None:
        with reading(self.engine) as connection:
            row = connection.execute(select(HOLDER_UNLOCKS).where(HOLDER_UNLOCKS.c.tag == tag)).one_or_none()
        return None if row is None else _unlock(row)

    def unlocks(self, account: bytes) -> Sequence[UnlockRow]:
        with reading(self.engine) as connection:
            rows = connection.execute(select(HOLDER_UNLOCKS).where(HOLDER_UNLOCKS.c.account == account)).all()
        return [_unlock(row) for row in rows]

    def add(self, unlock: UnlockRow, *, instead_of: Collection[bytes] = (), state: StateChange | None = None) -> bool:
        with writing(self.engine, durable=True) as connection:
            kept = _locked_state(connection, unlock.account)
            if kept is None or _taken(connection, unlock.tag) or (state is not None and kept != state.before):
                return False
            if instead_of:
                others = (HOLDER_UNLOCKS.c.account == unlock.account, HOLDER_UNLOCKS.c.id.in_(list(instead_of)))
                connection.execute(delete(HOLDER_UNLOCKS).where(*others))
            _insert_unlock(connection, unlock)
            if state is not None:
                _write_state(connection, unlock.account, state.after)
        return True

    def remove(self, account: bytes, unlock: bytes) -> bool:
        with writing(self.engine, durable=True) as connection:
            if _locked_state(connection, account) is None:
                return False
            rows = connection.execute(select(HOLDER_UNLOCKS.c.id, HOLDER_UNLOCKS.c.kind).where(HOLDER_UNLOCKS.c.account == account)).all()
            is_recovery = {row.id: row.kind == "recovery" for row in rows}
            if unlock not in is_recovery or list(is_recovery.values()).count(is_recovery[unlock]) == 1:
                return False
            connection.execute(delete(HOLDER_UNLOCKS).where(HOLDER_UNLOCKS.c.id == unlock, HOLDER_UNLOCKS.c.account == account))
        return True

    def count_use(self, unlock: UnlockRow, public: bytes) -> bool:
        same = (HOLDER_UNLOCKS.c.id == unlock.id, HOLDER_UNLOCKS.c.public == unlock.public)
        with writing(self.engine, durable=True) as connection:
            return connection.execute(update(HOLDER_UNLOCKS).where(*same).values(public=public)).rowcount == 1

    def state(self, account: bytes) -> bytes | None:
        with reading(self.engine) as connection:
            row = _STATE.one(connection, {"this_account": account})
        return None if row is None else row.state

    def keep_state(self, account: bytes, change: StateChange) -> bool:
        with writing(self.engine, durable=True) as connection:
            if _locked_state(connection, account) != change.before:
                return False
            _write_state(connection, account, change.after)
        return True

    def erase(self, account: bytes) -> None:
        with writing(self.engine, durable=True) as connection:
            _locked_state(connection, account)
            for table in (HOLDER_SESSIONS, HOLDER_ITEMS, HOLDER_UNLOCKS):
                connection.execute(delete(table).where(table.c.account == account))
            connection.execute(delete(HOLDER_ACCOUNTS).where(HOLDER_ACCOUNTS.c.id == account))


@dataclass(frozen=True, slots=True)
class ItemStore:
    """See `blauweknop.holder.ports.ItemStorage`."""

    engine: Engine
    most_items: int = 5000  # of one account

    def add(self, row: ItemRow, *, spare: bool = False) -> bool:
        return self.change(row.account, ItemChanges(added=(row,), spare=spare)) == "done"

    def heads(self, account: bytes) -> Iterable[HeadRow]:
        with reading(self.engine) as connection:
            found = connection.execute(_HEADS, {"this_account": account}).all()
        return [HeadRow(row.id, row.account, row.version, row.wrapped_key, row.head) for row in found]

    def read(self, account: bytes, item: bytes) -> ItemRow | None:
        with reading(self.engine) as connection:
            row = _READ.one(connection, {"this_account": account, "this_item": item})
        return None if row is None else ItemRow(row.id, row.account, row.version, row.wrapped_key, row.head, row.body, row.day)

    def replace(self, row: ItemRow, *, version_before: int) -> bool:
        with writing(self.engine, durable=True) as connection:
            return _replaced(connection, row, version_before)

    def remove(self, account: bytes, item: bytes) -> bool:
        with writing(self.engine, durable=True) as connection:
            return connection.execute(delete(HOLDER_ITEMS).where(*_of(account, item))).rowcount == 1

    def change(self, account: bytes, changes: ItemChanges) -> Changed:
        try:
            with writing(self.engine, durable=True) as connection:
                self._change(connection, account, changes)
        except _Undone as undone:
            return undone.outcome
        return "done"

    def _change(self, connection: Connection, account: bytes, changes: ItemChanges) -> None:
        """Raises: _Undone, which takes back all that was done in this transaction."""
        if not _is_there(connection, account):
            raise _Undone("full")
        if not all(_replaced(connection, row, version) for row, version in changes.replaced):
            raise _Undone("changed")
        for item in changes.removed:
            connection.execute(delete(HOLDER_ITEMS).where(*_of(account, item)))
        if not changes.added:
            return
        counted = select(func.count()).select_from(HOLDER_ITEMS).where(HOLDER_ITEMS.c.account == account)
        if connection.execute(counted).scalar_one() + len(changes.added) > self.most_items + (_SPARE if changes.spare else 0):
            raise _Undone("full")
        for row in changes.added:  # one after the other: the rows of an import together would be in memory twice
            connection.execute(insert(HOLDER_ITEMS).values(_item_values(row)))


class _Undone(Exception):
    def __init__(self, outcome: Changed) -> None:
        super().__init__(outcome)
        self.outcome = outcome


def _replaced(connection: Connection, row: ItemRow, version_before: int) -> bool:
    same = (*_of(row.account, row.id), HOLDER_ITEMS.c.version == version_before)
    return connection.execute(update(HOLDER_ITEMS).where(*same).values(_item_values(row))).rowcount == 1


def _of(account: bytes, item: bytes) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return HOLDER_ITEMS.c.account == account, HOLDER_ITEMS.c.id == item


def _item_values(row: ItemRow) -> dict[str, object]:
    return {
        "id": row.id,
        "account": row.account,
        "version": row.version,
        "wrapped_key": row.wrapped_key,
        "head": row.head,
        "body": row.body,
        "day": row.day,
    }


def _unlock(row: Row[tuple[object, ...]]) -> UnlockRow:
    return UnlockRow(row.id, row.account, row.kind, row.tag, row.wrapped_key, row.label, row.public)


def _insert_unlock(connection: Connection, unlock: UnlockRow) -> None:
    connection.execute(
        insert(HOLDER_UNLOCKS).values(
            id=unlock.id,
            account=unlock.account,
            kind=unlock.kind,
            tag=unlock.tag,
            wrapped_key=unlock.wrapped_key,
            label=unlock.label,
            public=unlock.public,
        )
    )


def _taken(connection: Connection, tag: bytes) -> bool:
    """Whether there is such a way to open; who asks at the same moment for the same tag waits."""
    take_turns(connection, zlib.crc32(tag))
    return connection.execute(select(HOLDER_UNLOCKS.c.id).where(HOLDER_UNLOCKS.c.tag == tag)).one_or_none() is not None


def _locked_state(connection: Connection, account: bytes) -> bytes | None:
    """The state of an account, which nobody else changes or erases until this transaction ends."""
    locked = select(HOLDER_ACCOUNTS.c.state).where(HOLDER_ACCOUNTS.c.id == account).with_for_update()
    return connection.execute(locked).scalar_one_or_none()


def _is_there(connection: Connection, account: bytes) -> bool:
    """Whether the account is there, and stays so until this transaction ends."""
    held = select(HOLDER_ACCOUNTS.c.id).where(HOLDER_ACCOUNTS.c.id == account).with_for_update(read=True, key_share=True)
    return connection.execute(held).one_or_none() is not None


def _write_state(connection: Connection, account: bytes, state: bytes) -> None:
    connection.execute(update(HOLDER_ACCOUNTS).where(HOLDER_ACCOUNTS.c.id == account).values(state=state))
