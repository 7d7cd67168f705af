"""What waits for the yes of a colleague at a receiver, in the database: words and names encrypted. It goes with its request."""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import msgspec
from sqlalchemy import Column, ColumnElement, ForeignKey, LargeBinary, Row, Select, String, Table, delete, func, insert, select, update
from sqlalchemy.engine import Engine

from blauweknop.adapters.database import METADATA, UtcDateTime, reading, writing
from blauweknop.adapters.row_encryption import RowKey, Unreadable
from blauweknop.verifier.staff.four_eyes import LIFE, Approval, ApprovalState, Guarded, NewApproval
from blauweknop.verifier.staff.people import Role, Staff

__all__ = ["VERIFIER_APPROVALS", "ApprovalStore"]

VERIFIER_APPROVALS = Table(
    "verifier_approvals",
    METADATA,
    Column("id", LargeBinary(16), primary_key=True),
    Column("receiver", String(64), nullable=False),
    Column("asker", LargeBinary(32), nullable=False, index=True),
    Column("request_hash", LargeBinary(32), ForeignKey("verifier_requests.id_hash", ondelete="CASCADE"), index=True),
    Column("state", String(16), nullable=False),
    Column("content", LargeBinary, nullable=False),  # encrypted: of what, why, and the names of who asked and who said yes or no
    Column("asked_at", UtcDateTime, nullable=False),
    Column("ends_at", UtcDateTime, nullable=False, index=True),
)

_A = VERIFIER_APPROVALS.c
_MOST_OF_ONE = 50


class _Content(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    guarded: Guarded
    what: str
    content: str
    reason: str
    reference: str | None
    asker: str
    roles: list[Role]
    state: ApprovalState
    """As in the row, where it can be looked for; here nobody changes it without the key."""
    decided_by: str | None


@dataclass(frozen=True, slots=True)
class ApprovalStore:
    """Those at one receiver; fits `verifier.staff.four_eyes.Approvals`. Each method raises StorageError."""

    engine: Engine
    key: RowKey = field(repr=False)
    receiver: str
    random: Callable[[int], bytes] = field(default=secrets.token_bytes, repr=False)

    def ask(self, new: NewApproval, asker: Staff, *, now: datetime) -> Approval | None:
        row = self.random(16)
        approval = Approval(row.hex(), new, asker, ApprovalState.WAITING, now, now + LIFE)
        values = {
            "id": row,
            "receiver": self.receiver,
            "asker": bytes.fromhex(asker.id),
            "request_hash": bytes.fromhex(new.about) if new.about is not None else None,
            "state": approval.state.value,
            "content": self._closed(approval),
            "asked_at": now,
            "ends_at": approval.ends_at,
        }
        mine = select(func.count()).where(self._mine(asker.id))
        with writing(self.engine) as connection:
            connection.execute(delete(VERIFIER_APPROVALS).where(_A.ends_at <= now))
            for earlier in self._read(connection.execute(self._those(self._mine(asker.id))).all()):
                if new.about is not None and (earlier.asked.about, earlier.asked.what) == (new.about, new.what):
                    connection.execute(delete(VERIFIER_APPROVALS).where(_A.id == bytes.fromhex(earlier.id)))
            if connection.execute(mine).scalar_one() >= _MOST_OF_ONE:
                return None
            connection.execute(insert(VERIFIER_APPROVALS), values)
        return approval

    def by_id(self, approval_id: str, *, now: datetime) -> Approval | None:
        which = self._this(approval_id)
        return self._one(which & (_A.ends_at > now)) if which is not None else None

    def waiting(self, *, now: datetime, most: int) -> Sequence[Approval]:
        query = self._those(_A.receiver == self.receiver, _A.state == ApprovalState.WAITING.value, _A.ends_at > now)
        with reading(self.engine) as connection:
            return self._read(connection.execute(query.order_by(_A.asked_at, _A.id).limit(most)).all())

    def of(self, staff_id: str, *, now: datetime, most: int) -> Sequence[Approval]:
        query = self._those(self._mine(staff_id), _A.ends_at > now)
        with reading(self.engine) as connection:
            return self._read(connection.execute(query.order_by(_A.asked_at.desc(), _A.id).limit(most)).all())

    def decide(self, approval_id: str, by: Staff, *, granted: bool, now: datetime) -> bool:
        which = self._this(approval_id)
        if which is None:
            return False
        with writing(self.engine) as connection:
            row = connection.execute(self._those(which, _A.ends_at > now).with_for_update()).one_or_none()
            approval = next(iter(self._read([row])), None) if row is not None else None
            if approval is None or approval.state is not ApprovalState.WAITING or approval.asker.id == by.id:
                return False
            state = ApprovalState.GRANTED if granted else ApprovalState.REFUSED
            decided = replace(approval, state=state, decided_by=by.name)
            values = {"state": state.value, "content": self._closed(decided), "ends_at": now + LIFE}
            connection.execute(update(VERIFIER_APPROVALS).where(which).values(values))
        return True

    def take_back(self, approval_id: str, asker_id: str) -> bool:
        which = self._this(approval_id)
        if which is None:
            return False
        with writing(self.engine) as connection:
            return connection.execute(delete(VERIFIER_APPROVALS).where(which, self._mine(asker_id))).rowcount == 1

    def use(self, approval: Approval, *, now: datetime) -> bool:
        which = self._this(approval.id)
        if which is None:
            return False
        good = (which, self._mine(approval.asker.id), _A.state == ApprovalState.GRANTED.value, _A.ends_at > now)
        with writing(self.engine) as connection:
            return connection.execute(delete(VERIFIER_APPROVALS).where(*good)).rowcount == 1

    def sweep(self, now: datetime) -> int:
        """Forget what ended, at every receiver; how many."""
        with writing(self.engine) as connection:
            return connection.execute(delete(VERIFIER_APPROVALS).where(_A.ends_at <= now)).rowcount

    def _one(self, *which: ColumnElement[bool]) -> Approval | None:
        with reading(self.engine) as connection:
            return next(iter(self._read(connection.execute(self._those(*which)).all())), None)

    def _those(self, *which: ColumnElement[bool]) -> Select[tuple[object, ...]]:
        return select(*VERIFIER_APPROVALS.c).where(*which)

    def _this(self, approval_id: str) -> ColumnElement[bool] | None:
        """None for what cannot be an id."""
        try:
            return (_A.id == bytes.fromhex(approval_id)) & (_A.receiver == self.receiver)
        except ValueError:
            return None

    def _mine(self, staff_id: str) -> ColumnElement[bool]:
        return (_A.asker == bytes.fromhex(staff_id)) & (_A.receiver == self.receiver)

    def _closed(self, approval: Approval) -> bytes:
        asked, asker = approval.asked, approval.asker
        content = _Content(
            guarded=asked.guarded,
            what=asked.what,
            content=asked.content,
            reason=asked.reason,
            reference=asked.reference,
            asker=asker.name,
            roles=sorted(asker.roles),
            state=approval.state,
            decided_by=approval.decided_by,
        )
        return self.key.encrypt(msgspec.json.encode(content), table=VERIFIER_APPROVALS.name, row=bytes.fromhex(approval.id))

    def _read(self, rows: Sequence[Row[tuple[object, ...]]]) -> list[Approval]:
        found = []
        for row in rows:
            try:
                clear = self.key.decrypt(row.content, table=VERIFIER_APPROVALS.name, row=row.id)
                content = msgspec.json.decode(clear, type=_Content)
            except (Unreadable, msgspec.ValidationError):
                continue  # after a change of key a colleague is asked again
            if content.state.value != row.state:
                continue
            about = row.request_hash.hex() if row.request_hash is not None else None
            asked = NewApproval(content.guarded, content.what, content.content, content.reason, about, content.reference)
            asker = Staff(row.asker.hex(), content.asker, frozenset(content.roles))
            found.append(Approval(row.id.hex(), asked, asker, content.state, row.asked_at, row.ends_at, content.decided_by))
        return found
