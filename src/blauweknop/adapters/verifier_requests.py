"""Requests of a receiver and the attempts to answer them, in the database: the SHA-256 of each reference, and encrypted contents."""

import hmac
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import SimpleNamespace

import msgspec
from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.engine import Engine, Row

from blauweknop.adapters.database import reading, writing
from blauweknop.adapters.records import fingerprint
from blauweknop.adapters.row_encryption import RowKey, Unreadable
from blauweknop.adapters.sessions import new_reference, readable_reference
from blauweknop.adapters.statements import Statement
from blauweknop.adapters.verifier_households import end_seconds, forget_parts, hold_parts
from blauweknop.adapters.verifier_records import VERIFIER_REQUESTS, VERIFIER_TRANSACTIONS
from blauweknop.domain.document import JsonValue
from blauweknop.verifier.asking.ports import KeptRequest, Phase, RequestState, Transaction
from blauweknop.verifier.asking.questions import Question

__all__ = ["RequestStore", "TransactionStore", "sweep_requests"]

_R, _T = VERIFIER_REQUESTS.c, VERIFIER_TRANSACTIONS.c
_OURS = _T.receiver == bindparam("this_receiver")
_THIS = (_T.id_hash == bindparam("this_hash"), _OURS, _T.ends_at > bindparam("now"))
_BEGIN = Statement(insert(VERIFIER_TRANSACTIONS))
_END_OTHERS = Statement(delete(VERIFIER_TRANSACTIONS).where(_T.session_hash == bindparam("this_session"), _OURS))
_OPEN = Statement(select(VERIFIER_TRANSACTIONS).where(*_THIS, _T.phase == Phase.OPEN.value))
_ASK = Statement(
    update(VERIFIER_TRANSACTIONS)
    .where(*_THIS, _T.phase == Phase.OPEN.value)
    .values(phase=Phase.ASKED.value, content=bindparam("new_content"), ends_at=bindparam("new_end"))
)
_ASKED = Statement(select(VERIFIER_TRANSACTIONS).where(*_THIS, _T.phase == Phase.ASKED.value))
_TAKE = Statement(update(VERIFIER_TRANSACTIONS).where(*_THIS, _T.phase == Phase.ASKED.value).values(phase=Phase.TAKEN.value, content=b""))
_JUDGE = Statement(
    update(VERIFIER_TRANSACTIONS)
    .where(*_THIS, _T.phase == Phase.TAKEN.value)
    .values(phase=Phase.JUDGED.value, content=bindparam("new_content"), code_hash=bindparam("new_code"))
)
_FINISH = Statement(
    update(VERIFIER_TRANSACTIONS)
    .where(*_THIS, _T.phase == Phase.JUDGED.value)
    .values(phase=Phase.DONE.value, content=bindparam("new_content"), code_hash=None, ends_at=bindparam("new_end"))
)
_BY_CODE = Statement(select(VERIFIER_TRANSACTIONS).where(_T.code_hash == bindparam("this_code"), _OURS, _T.ends_at > bindparam("now")))
_OF_SESSION = Statement(
    select(VERIFIER_TRANSACTIONS)
    .where(_T.session_hash == bindparam("this_session"), _OURS, _T.ends_at > bindparam("now"))
    .order_by(_T.ends_at.desc())
    .limit(1)
)

_AT_ONCE = 1000
"""The next round comes within minutes."""


@dataclass(frozen=True, slots=True)
class RequestStore:
    """The requests of one receiver; fits `verifier.asking.ports.Requests`. Each method raises StorageError."""

    engine: Engine
    key: RowKey = field(repr=False)
    receiver: str
    random: Callable[[int], bytes] = field(default=secrets.token_bytes, repr=False)

    def open(
        self,
        question: Question,
        *,
        now: datetime,
        life: timedelta,
        reference: str | None = None,
        client: str | None = None,
        expected: str | None = None,
    ) -> tuple[str, KeptRequest]:
        token = new_reference(self.random)
        row = fingerprint(token)
        content: dict[str, JsonValue] = {"question": question.as_text(), "reference": reference, "client": client, "expected": expected}
        values = {
            "id_hash": row,
            "receiver": self.receiver,
            "state": RequestState.OPEN.value,
            "content": self.key.encrypt(msgspec.json.encode(content), table=VERIFIER_REQUESTS.name, row=row),
            "made_at": now,
            "ends_at": now + life,
        }
        with writing(self.engine) as connection:
            connection.execute(insert(VERIFIER_REQUESTS), values)
        return token, KeptRequest(row.hex(), question, RequestState.OPEN, now, now + life, reference, client, expected)

    def by_token(self, token: str, *, now: datetime) -> KeptRequest | None:
        row = readable_reference(token)
        found = self._found(row) if row is not None else None
        return found if found is not None and found.ends_at > now else None

    def by_id(self, request_id: str) -> KeptRequest | None:
        row = _row_of(request_id)
        return self._found(row) if row is not None else None

    def newest(self, *, most: int) -> Sequence[KeptRequest]:
        query = select(VERIFIER_REQUESTS).where(_R.receiver == self.receiver).order_by(_R.made_at.desc()).limit(most)
        with reading(self.engine) as connection:
            rows = connection.execute(query).all()
        return [request for row in rows if (request := self._request(row)) is not None]

    def withdraw(self, request_id: str) -> bool:
        row = _row_of(request_id)
        if row is None:
            return False
        change = update(VERIFIER_REQUESTS).where(_R.id_hash == row, _R.receiver == self.receiver, _R.state == RequestState.OPEN.value)
        with writing(self.engine) as connection:
            hold_parts(connection, [row])
            gone = connection.execute(change.values(state=RequestState.WITHDRAWN.value)).rowcount == 1
            if gone:
                connection.execute(delete(VERIFIER_TRANSACTIONS).where(_T.request_hash == row))
                end_seconds(connection, [row])
        return gone

    def _found(self, row: bytes) -> KeptRequest | None:
        with reading(self.engine) as connection:
            found = connection.execute(select(VERIFIER_REQUESTS).where(_R.id_hash == row, _R.receiver == self.receiver)).one_or_none()
        return self._request(found) if found is not None else None

    def _request(self, row: Row[tuple[object, ...]]) -> KeptRequest | None:
        try:
            content = msgspec.json.decode(self.key.decrypt(row.content, table=VERIFIER_REQUESTS.name, row=row.id_hash))
        except Unreadable:
            return None  # after a change of key everybody begins anew
        question = Question.from_text(content["question"])
        state, reference, client = RequestState(row.state), content["reference"], content.get("client")
        return KeptRequest(row.id_hash.hex(), question, state, row.made_at, row.ends_at, reference, client, content.get("expected"))


@dataclass(frozen=True, slots=True)
class TransactionStore:
    """The attempts at one receiver; fits `verifier.asking.ports.Transactions`. Each method raises StorageError."""

    engine: Engine
    key: RowKey = field(repr=False)
    receiver: str
    random: Callable[[int], bytes] = field(default=secrets.token_bytes, repr=False)

    def begin(
        self, request_id: str, session: str, content: Mapping[str, JsonValue], *, elsewhere: bool, now: datetime, life: timedelta
    ) -> tuple[str, Transaction]:
        state = new_reference(self.random)
        row, whole = fingerprint(state), {**content, "state": state}
        values = {
            "id_hash": row,
            "receiver": self.receiver,
            "request_hash": bytes.fromhex(request_id),
            "session_hash": fingerprint(session),
            "code_hash": None,
            "phase": Phase.OPEN.value,
            "elsewhere": elsewhere,
            "content": self._sealed(whole, row),
            "ends_at": now + life,
        }
        with writing(self.engine) as connection:
            _END_OTHERS.change(connection, {"this_receiver": self.receiver, "this_session": fingerprint(session)})
            _BEGIN.change(connection, values)
        return state, Transaction(row.hex(), request_id, Phase.OPEN, elsewhere, whole, now + life, fingerprint(session))

    def find_open(self, state: str, *, now: datetime) -> Transaction | None:
        row = readable_reference(state)
        if row is None:
            return None
        with reading(self.engine) as connection:
            found = _OPEN.one(connection, self._this(row, now))
        return self._transaction(found) if found is not None else None

    def ask(self, transaction_id: str, content: Mapping[str, JsonValue], *, now: datetime, life: timedelta) -> bool:
        row = bytes.fromhex(transaction_id)
        new = {"new_content": self._sealed(content, row), "new_end": now + life}
        with writing(self.engine) as connection:
            return _ASK.change(connection, {**self._this(row, now), **new}) == 1

    def take(self, state: str, *, now: datetime) -> Transaction | None:
        row = readable_reference(state)
        if row is None:
            return None
        with writing(self.engine) as connection:
            found = _ASKED.one(connection, self._this(row, now))
            # Two processes may have found it: the database lets one of them be first.
            if found is None or _TAKE.change(connection, self._this(row, now)) != 1:
                return None
        return self._transaction(found)

    def judge(self, transaction_id: str, content: Mapping[str, JsonValue], *, now: datetime) -> str | None:
        row, code = bytes.fromhex(transaction_id), new_reference(self.random)
        new = {"new_content": self._sealed(content, row), "new_code": fingerprint(code)}
        with writing(self.engine) as connection:
            return code if _JUDGE.change(connection, {**self._this(row, now), **new}) == 1 else None

    def is_known(self, state: str) -> bool:
        row = readable_reference(state)
        if row is None:
            return False
        with reading(self.engine) as connection:
            query = select(_T.phase).where(_T.id_hash == row, _T.receiver == self.receiver)
            return connection.execute(query).one_or_none() is not None

    def by_code(self, code: str, *, now: datetime) -> Transaction | None:
        row = readable_reference(code)
        if row is None:
            return None
        with reading(self.engine) as connection:
            found = _BY_CODE.one(connection, {"this_code": row, "this_receiver": self.receiver, "now": now})
        return self._transaction(found) if found is not None else None

    def of_session(self, session: str, *, now: datetime) -> Transaction | None:
        row = readable_reference(session)
        if row is None:
            return None
        with reading(self.engine) as connection:
            found = _OF_SESSION.one(connection, {"this_session": row, "this_receiver": self.receiver, "now": now})
        return self._transaction(found) if found is not None else None

    def is_of_session(self, transaction: Transaction, session: str | None) -> bool:
        row = readable_reference(session)
        return row is not None and hmac.compare_digest(row, transaction.session_hash)

    def finish(self, transaction_id: str, content: Mapping[str, JsonValue], *, now: datetime, life: timedelta) -> bool:
        row = bytes.fromhex(transaction_id)
        new = {"new_content": self._sealed(content, row), "new_end": now + life}
        with writing(self.engine) as connection:
            return _FINISH.change(connection, {**self._this(row, now), **new}) == 1

    def forget(self, transaction_id: str) -> None:
        with writing(self.engine) as connection:
            connection.execute(
                delete(VERIFIER_TRANSACTIONS).where(_T.id_hash == bytes.fromhex(transaction_id), _T.receiver == self.receiver)
            )

    def _this(self, row: bytes, now: datetime) -> dict[str, object]:
        return {"this_hash": row, "this_receiver": self.receiver, "now": now}

    def _transaction(self, row: SimpleNamespace) -> Transaction | None:
        content: Mapping[str, JsonValue] = {}
        if row.content:
            try:
                content = msgspec.json.decode(self.key.decrypt(row.content, table=VERIFIER_TRANSACTIONS.name, row=row.id_hash))
            except Unreadable:
                return None
        return Transaction(
            id=row.id_hash.hex(),
            request_id=row.request_hash.hex(),
            phase=Phase(row.phase),
            elsewhere=row.elsewhere,
            content=content,
            ends_at=row.ends_at,
            session_hash=row.session_hash,
        )

    def _sealed(self, content: Mapping[str, JsonValue], row: bytes) -> bytes:
        return self.key.encrypt(msgspec.json.encode(content), table=VERIFIER_TRANSACTIONS.name, row=row)


def sweep_requests(engine: Engine, now: datetime, *, most: int = _AT_ONCE) -> int:
    """Forget attempts that ended, and requests a while after, so many in one round; how many rows went. Raises: StorageError."""
    over = (_R.ends_at <= now, _R.state != RequestState.ANSWERED.value)
    # What somebody changes at this moment is for the next round: a sweep has no order in which it could wait for many attempts.
    ended = select(_T.id_hash).where(_T.ends_at <= now).with_for_update(skip_locked=True)
    with writing(engine) as connection:
        found = connection.execute(select(_R.id_hash).where(*over).order_by(_R.ends_at).limit(most)).scalars().all()
        hold_parts(connection, found)
        # An answer may have come before they were held.
        gone = connection.execute(delete(VERIFIER_REQUESTS).where(_R.id_hash.in_(found), *over).returning(_R.id_hash)).scalars().all()
        forget_parts(connection, gone)
        return len(gone) + connection.execute(delete(VERIFIER_TRANSACTIONS).where(_T.id_hash.in_(ended))).rowcount


def _row_of(request_id: str) -> bytes | None:
    try:
        row = bytes.fromhex(request_id)
    except ValueError:
        return None
    return row if len(row) == 32 else None
