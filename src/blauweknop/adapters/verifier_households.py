"""Which two requests belong together, in the database: hashes of links that are told once, and encrypted what both must have together.

When a first request is withdrawn or erased, a second that nobody answered ends with it. Of a request that goes no hash stays here either,
and what binds two requests goes with the last of them.
"""

import secrets
from collections.abc import Callable, Collection
from dataclasses import dataclass, field

import msgspec
from sqlalchemy import Column, LargeBinary, String, Table, and_, bindparam, delete, insert, literal, or_, select, update
from sqlalchemy.engine import Connection, Engine

from blauweknop.adapters.database import METADATA, reading, writing
from blauweknop.adapters.row_encryption import RowKey, Unreadable
from blauweknop.adapters.statements import Statement
from blauweknop.adapters.verifier_records import VERIFIER_REQUESTS, VERIFIER_TRANSACTIONS
from blauweknop.adapters.verifier_staff_records import VERIFIER_TASKS
from blauweknop.verifier.asking.household import MOST_INVITATIONS, Household, Needed
from blauweknop.verifier.asking.ports import RequestState

__all__ = ["VERIFIER_HOUSEHOLDS", "HouseholdStore", "end_seconds", "forget_parts", "hold_parts"]

VERIFIER_HOUSEHOLDS = Table(
    "verifier_households",
    METADATA,
    Column("id", LargeBinary(16), primary_key=True),
    Column("receiver", String(64), nullable=False),
    Column("first_hash", LargeBinary(32), unique=True),
    Column("second_hash", LargeBinary(32), unique=True),
    Column("content", LargeBinary, nullable=False),  # encrypted: the amount that both must have together
)

_H, _R, _X, _T = VERIFIER_HOUSEHOLDS.c, VERIFIER_REQUESTS.c, VERIFIER_TRANSACTIONS.c, VERIFIER_TASKS.c
_EMPTY = delete(VERIFIER_HOUSEHOLDS).where(_H.first_hash.is_(None), _H.second_hash.is_(None))
_OF_REQUEST = Statement(
    select(VERIFIER_HOUSEHOLDS).where(
        or_(_H.first_hash == bindparam("this_request"), _H.second_hash == bindparam("this_request")),
        _H.receiver == bindparam("this_receiver"),
    )
)
_HELD = (
    select(_H.id)
    .where(or_(_H.first_hash.in_(bindparam("these", expanding=True)), _H.second_hash.in_(bindparam("these", expanding=True))))
    .order_by(_H.id)
    .with_for_update()
)
_HELD_REQUESTS = select(_R.id_hash).where(_R.id_hash.in_(bindparam("these", expanding=True))).order_by(_R.id_hash).with_for_update()
_ID_BYTES = 16


class _Content(msgspec.Struct, frozen=True):
    needed: tuple[str, str, int] | None
    invited: int = 0


@dataclass(frozen=True, slots=True)
class HouseholdStore:
    """Those of one receiver; fits `verifier.asking.household.Households`. Each method raises StorageError."""

    engine: Engine
    key: RowKey = field(repr=False)
    receiver: str
    random: Callable[[int], bytes] = field(default=secrets.token_bytes, repr=False)

    def begin(self, household: Household) -> None:
        needed, row = household.needed, self.random(_ID_BYTES)
        content = _Content((needed.item, needed.amount, needed.cents) if needed is not None else None)
        values = {
            "id": row,
            "receiver": self.receiver,
            "first_hash": _hash(household.first),
            "second_hash": _hash(household.second),
            "content": self._sealed(content, row),
        }
        with writing(self.engine) as connection:
            connection.execute(insert(VERIFIER_HOUSEHOLDS), values)

    def of_request(self, request_id: str) -> Household | None:
        which = {"this_request": bytes.fromhex(request_id), "this_receiver": self.receiver}
        with reading(self.engine) as connection:
            found = _OF_REQUEST.one(connection, which)
        if found is None:
            return None
        content = self._opened(found.content, found.id)
        if content is None:
            return None
        needed = Needed(*content.needed) if content.needed is not None else None
        return Household(_id(found.first_hash), _id(found.second_hash), needed, content.invited)

    def hold(self, request_id: str) -> None:
        with writing(self.engine) as connection:
            hold_parts(connection, [bytes.fromhex(request_id)])

    def invite(self, first_id: str, second_id: str) -> bool:
        first, second = bytes.fromhex(first_id), bytes.fromhex(second_id)
        this = (_H.first_hash == first, _H.receiver == self.receiver)
        with writing(self.engine) as connection:
            # The lock lets one who invites wait for another; each ends the invitation before its own.
            found = connection.execute(select(_H.id, _H.second_hash, _H.content).where(*this).with_for_update()).one_or_none()
            content = self._opened(found.content, found.id) if found is not None else None
            if found is None or content is None or content.invited >= MOST_INVITATIONS:
                return False
            if found.second_hash is not None:
                end_seconds(connection, [first])
                state = select(_R.state).where(_R.id_hash == found.second_hash)
                if connection.execute(state).scalar_one_or_none() == RequestState.ANSWERED.value:
                    return False
            counted = self._sealed(msgspec.structs.replace(content, invited=content.invited + 1), found.id)
            connection.execute(update(VERIFIER_HOUSEHOLDS).where(*this).values(second_hash=second, content=counted))
            workers = select(literal(second), _T.staff, _T.receiver, _T.given_at).where(_T.request_hash == first)
            connection.execute(insert(VERIFIER_TASKS).from_select(["request_hash", "staff", "receiver", "given_at"], workers))
        return True

    def _sealed(self, content: _Content, row: bytes) -> bytes:
        return self.key.encrypt(msgspec.json.encode(content), table=VERIFIER_HOUSEHOLDS.name, row=row)

    def _opened(self, content: bytes, row: bytes) -> _Content | None:
        """None when the key of the storage is another."""
        try:
            return msgspec.json.decode(self.key.decrypt(content, table=VERIFIER_HOUSEHOLDS.name, row=row), type=_Content)
        except Unreadable:
            return None


def hold_parts(connection: Connection, requests: Collection[bytes]) -> None:
    """Let nobody else change these requests and their households until the end of this transaction. On SQLite writers take turns anyway.

    Who changes more than one of household, request, attempt, sharing and dossier calls this first, so that nobody waits for each other.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(_HELD, {"these": list(requests)})
        connection.execute(_HELD_REQUESTS, {"these": list(requests)})


def end_seconds(connection: Connection, firsts: Collection[bytes]) -> None:
    """End the second requests of these that nobody answered, with every attempt to answer them."""
    seconds = select(_H.second_hash).where(_H.first_hash.in_(firsts), _H.second_hash.is_not(None))
    ended = and_(_R.id_hash.in_(seconds), _R.state == RequestState.OPEN.value)
    going = list(connection.execute(select(_R.id_hash).where(ended)).scalars())
    if going:
        connection.execute(update(VERIFIER_REQUESTS).where(ended).values(state=RequestState.WITHDRAWN.value))
        connection.execute(delete(VERIFIER_TRANSACTIONS).where(_X.request_hash.in_(going)))


def forget_parts(connection: Connection, gone: Collection[bytes]) -> None:
    """Of these requests nothing is left."""
    for part in (_H.first_hash, _H.second_hash):
        connection.execute(update(VERIFIER_HOUSEHOLDS).where(part.in_(gone)).values({part: None}))
    connection.execute(_EMPTY)


def _hash(request_id: str | None) -> bytes | None:
    return bytes.fromhex(request_id) if request_id is not None else None


def _id(row: bytes | None) -> str | None:
    return row.hex() if row is not None else None
