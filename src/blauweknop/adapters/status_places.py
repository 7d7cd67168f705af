"""Gives each document its place in a status list of its source: at random, and never a place twice (PROTOCOL 2.11, 5.1).

1. Places are taken from the database in ranges, so that many documents cost one transaction, and processes never share a place. A range
   is on the disk before its first place is used; what a process has not used when it ends is used by nobody.
2. Which place belongs to which number of a range, a keyed permutation says (`shuffled_index`): who compares documents learns no order.
3. A list is of one source, one pair of keys, one address and one calendar year. When one of these changes, or it is full, another begins.
4. The name of a list is random, so that a database that was put back from a copy never begins a list that was there before. It has no
   digits: nobody can take it for a burgerservicenummer.
"""

import secrets
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock

from sqlalchemy import insert, select, update
from sqlalchemy.engine import Connection, Engine

from blauweknop.adapters.database import take_turns, writing
from blauweknop.adapters.keys import KeyProblem
from blauweknop.adapters.records import STATUS_LISTS, WITHDRAWALS
from blauweknop.adapters.row_encryption import RowKey, Unreadable
from blauweknop.domain.dates import AMSTERDAM
from blauweknop.standards.status_list import StatusList, StatusReference, compress, shuffled_index

__all__ = ["LIST_TURNS", "ListHolder", "StatusPlaces"]

LIST_TURNS = 0x706C6163
"""The lock of whoever begins a list or withdraws documents: any number, the same in every process."""

_LETTERS = "bcdfghjkmnpqrstvwxz"
_NAME_LENGTH = 14
_ORDER_KEY_BYTES = 32
_TABLE = "status_lists"


@dataclass(frozen=True, slots=True)
class ListHolder:
    """Whose lists: a source, where it publishes them, and the SHA-256 of the certificates of its two keys."""

    source: str
    address: str
    seal_key: bytes
    credential_key: bytes


@dataclass(slots=True)
class _Range:
    """Places that were taken and are still to be given out: `following` up to `end`."""

    uri: str
    year: int
    order_key: bytes = field(repr=False)
    following: int
    end: int


class StatusPlaces:
    """The places of one source in this process, `at_once` taken at a time; threads may share it. A list has 2^`bits` places."""

    def __init__(self, engine: Engine, key: RowKey, holder: ListHolder, *, at_once: int, bits: int = 20) -> None:
        self._engine = engine
        self._key = key
        self._holder = holder
        self._at_once = at_once
        self._bits = bits
        self._lock = Lock()
        self._range: _Range | None = None

    def __call__(self, at: datetime) -> StatusReference:
        """The place of a document that is made at this moment.

        Raises:
            StorageError: the database does not answer.
            KeyProblem: documents of one of the keys were withdrawn, so it must not be used again.
        """
        year = _year(at)
        with self._lock:
            taken = self._range
            if taken is None or taken.year != year or taken.following == taken.end:
                taken = self._range = self._take(year, self._at_once)
            number = taken.following
            taken.following += 1
        return StatusReference(shuffled_index(number, taken.order_key, self._bits), taken.uri)

    def open_list(self, at: datetime) -> None:
        """See to it that there is a list for documents of this moment, also when none is made. Raises: as `__call__`."""
        self._take(_year(at), 0)

    def _take(self, year: int, count: int) -> _Range:
        with writing(self._engine, durable=True) as connection:
            take_turns(connection, LIST_TURNS)
            self._refuse_withdrawn_keys(connection)
            found = self._open_list(connection, year) or self._new_list(connection, year)
            list_id, uri, taken, order_key = found
            end = min(taken + count, 1 << self._bits)
            connection.execute(update(STATUS_LISTS).where(STATUS_LISTS.c.id == list_id).values(taken=end))
        return _Range(uri, year, order_key, taken, end)

    def _refuse_withdrawn_keys(self, connection: Connection) -> None:
        ours = (self._holder.seal_key, self._holder.credential_key)
        if connection.execute(select(WITHDRAWALS.c.id).where(WITHDRAWALS.c.key.in_(ours)).limit(1)).first() is not None:
            remedy = "put a new key and its certificate in the configuration"
            raise KeyProblem(f"a key of {self._holder.source} was withdrawn, so it makes no more documents", remedy=remedy)

    def _open_list(self, connection: Connection, year: int) -> tuple[str, str, int, bytes] | None:
        """The list that has room, and of which the order can be read: after a change of the secret key that is none."""
        table, holder = STATUS_LISTS.c, self._holder
        query = select(table.id, table.uri, table.taken, table.order_key).where(
            table.source == holder.source,
            table.year == year,
            table.seal_key == holder.seal_key,
            table.credential_key == holder.credential_key,
            table.size == 1 << self._bits,
            table.taken < table.size,
            table.uri.startswith(f"{holder.address}/", autoescape=True),
        )
        for list_id, uri, taken, encrypted in connection.execute(query.order_by(table.id)):
            try:
                return list_id, uri, taken, self._key.decrypt(encrypted, table=_TABLE, row=list_id.encode())
            except Unreadable:
                continue
        return None

    def _new_list(self, connection: Connection, year: int) -> tuple[str, str, int, bytes]:
        list_id = "".join(secrets.choice(_LETTERS) for _ in range(_NAME_LENGTH))
        uri, order_key = f"{self._holder.address}/{list_id}", secrets.token_bytes(_ORDER_KEY_BYTES)
        connection.execute(
            insert(STATUS_LISTS).values(
                id=list_id,
                source=self._holder.source,
                uri=uri,
                year=year,
                seal_key=self._holder.seal_key,
                credential_key=self._holder.credential_key,
                order_key=self._key.encrypt(order_key, table=_TABLE, row=list_id.encode()),
                size=1 << self._bits,
                taken=0,
                entries=compress(StatusList.of_size(1 << self._bits)),
                changes=0,
            )
        )
        return list_id, uri, 0, order_key


def _year(at: datetime) -> int:
    return at.astimezone(AMSTERDAM).year
