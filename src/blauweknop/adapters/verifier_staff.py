"""Who of a receiver is in, and who works on which request, in the database."""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import msgspec
from sqlalchemy import ColumnElement, Select, delete, insert, or_, select, update
from sqlalchemy.engine import Engine

from blauweknop.adapters.database import reading, writing
from blauweknop.adapters.records import fingerprint
from blauweknop.adapters.row_encryption import RowKey, Unreadable
from blauweknop.adapters.sessions import has_room, new_reference, readable_reference
from blauweknop.adapters.verifier_records import VERIFIER_REQUESTS
from blauweknop.adapters.verifier_staff_records import VERIFIER_STAFF_LOGOUTS, VERIFIER_STAFF_SESSIONS, VERIFIER_TASKS
from blauweknop.verifier.staff.ports import EndedAtProvider, LoggedInStaff, Role, Staff, StaffSession

__all__ = ["StaffSessionStore", "TaskStore"]

_SEEN_JUST_NOW = timedelta(seconds=10)  # within it nothing is written
_TOKEN_KNOWN = timedelta(minutes=10)  # longer than a message of a provider can count
_S, _T, _E = VERIFIER_STAFF_SESSIONS.c, VERIFIER_TASKS.c, VERIFIER_STAFF_LOGOUTS.c


class _Content(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    id: str
    name: str
    roles: list[Role]
    provider_session: str | None
    id_token: str | None


@dataclass(frozen=True, slots=True)
class StaffSessionStore:
    """The sessions at one receiver; fits `verifier.staff.ports.StaffSessions`. Each method raises StorageError."""

    engine: Engine
    key: RowKey = field(repr=False)
    receiver: str
    idle: timedelta = timedelta(minutes=15)
    absolute: timedelta = timedelta(hours=8)
    rows: int = 100_000
    random: Callable[[int], bytes] = field(default=secrets.token_bytes, repr=False)

    def start(self, who: LoggedInStaff, *, now: datetime, replaces: str | None) -> str | None:
        reference = new_reference(self.random)
        row = fingerprint(reference)
        content = _Content(who.staff.id, who.staff.name, sorted(who.staff.roles), who.provider_session, who.id_token)
        values = {
            "id_hash": row,
            "staff": bytes.fromhex(who.staff.id),
            "provider_session_tag": self._tag(who.provider_session) if who.provider_session is not None else None,
            "receiver": self.receiver,
            "content": self.key.encrypt(msgspec.json.encode(content), table=VERIFIER_STAFF_SESSIONS.name, row=row),
            "started_at": now,
            "last_seen_at": now,
            "ends_at": now + self.absolute,
        }
        with writing(self.engine) as connection:
            connection.execute(delete(VERIFIER_STAFF_SESSIONS).where(or_(self._ended(now), self._this(readable_reference(replaces)))))
            if not has_room(connection, VERIFIER_STAFF_SESSIONS, self.rows):
                return None
            connection.execute(insert(VERIFIER_STAFF_SESSIONS), values)
        return reference

    def touch(self, reference: str | None, *, now: datetime) -> StaffSession | None:
        row = readable_reference(reference)
        if row is None:
            return None
        with reading(self.engine) as connection:
            found = connection.execute(select(VERIFIER_STAFF_SESSIONS).where(self._this(row))).one_or_none()
        if found is None:
            return None
        if found.last_seen_at <= now - self.idle or found.ends_at <= now:
            self.end(reference)
            return None
        if found.last_seen_at <= now - _SEEN_JUST_NOW:
            with writing(self.engine) as connection:
                connection.execute(update(VERIFIER_STAFF_SESSIONS).where(self._this(row)).values(last_seen_at=now))
        try:
            clear = self.key.decrypt(found.content, table=VERIFIER_STAFF_SESSIONS.name, row=row)
            content = msgspec.json.decode(clear, type=_Content)
        except (Unreadable, msgspec.ValidationError):
            return None  # after a change of key, or of this program, everybody logs in again
        staff = Staff(content.id, content.name, frozenset(content.roles))
        return StaffSession(LoggedInStaff(staff, content.provider_session, content.id_token), found.started_at)

    def end(self, reference: str | None) -> None:
        row = readable_reference(reference)
        if row is not None:
            with writing(self.engine) as connection:
                connection.execute(delete(VERIFIER_STAFF_SESSIONS).where(self._this(row)))

    def end_by_provider(self, ended: EndedAtProvider, *, now: datetime) -> frozenset[str] | None:
        if ended.provider_session is not None:
            which = _S.provider_session_tag == self._tag(ended.provider_session)
        elif ended.staff_id is not None:
            which = _S.staff == bytes.fromhex(ended.staff_id)
        else:
            return frozenset()
        theirs = which & (_S.receiver == self.receiver)
        token = fingerprint(f"{self.receiver}|{ended.token_id}")
        with writing(self.engine) as connection:
            connection.execute(delete(VERIFIER_STAFF_LOGOUTS).where(_E.ends_at <= now))
            if connection.execute(select(_E.token_hash).where(_E.token_hash == token)).one_or_none() is not None:
                return None
            connection.execute(insert(VERIFIER_STAFF_LOGOUTS), {"token_hash": token, "ends_at": now + _TOKEN_KNOWN})
            found = {row.staff.hex() for row in connection.execute(select(_S.staff).where(theirs)).all()}
            connection.execute(delete(VERIFIER_STAFF_SESSIONS).where(theirs))
        return frozenset(found)

    def sweep(self, now: datetime) -> int:
        """End what nobody used; how many."""
        with writing(self.engine) as connection:
            connection.execute(delete(VERIFIER_STAFF_LOGOUTS).where(_E.ends_at <= now))
            return connection.execute(delete(VERIFIER_STAFF_SESSIONS).where(self._ended(now))).rowcount

    def _tag(self, provider_session: str) -> bytes:
        return self.key.tag(f"verifier_staff_session|{self.receiver}", provider_session)

    def _this(self, row: bytes | None) -> ColumnElement[bool]:
        return (_S.id_hash == row) & (_S.receiver == self.receiver)

    def _ended(self, now: datetime) -> ColumnElement[bool]:
        return or_(_S.last_seen_at <= now - self.idle, _S.ends_at <= now)


@dataclass(frozen=True, slots=True)
class TaskStore:
    """The tasks at one receiver; fits `verifier.staff.ports.Tasks`. Each method raises StorageError."""

    engine: Engine
    receiver: str

    def give(self, request_id: str, staff_id: str, *, now: datetime) -> None:
        key = {"request_hash": bytes.fromhex(request_id), "staff": bytes.fromhex(staff_id)}
        with writing(self.engine) as connection:
            if connection.execute(self._find(request_id, staff_id)).one_or_none() is None:
                connection.execute(insert(VERIFIER_TASKS), {**key, "receiver": self.receiver, "given_at": now})

    def take(self, request_id: str, staff_id: str) -> None:
        this = (_T.request_hash == bytes.fromhex(request_id), _T.staff == bytes.fromhex(staff_id), _T.receiver == self.receiver)
        with writing(self.engine) as connection:
            connection.execute(delete(VERIFIER_TASKS).where(*this))

    def of_whom(self, request_id: str) -> frozenset[str]:
        query = select(_T.staff).where(_T.request_hash == bytes.fromhex(request_id), _T.receiver == self.receiver)
        with reading(self.engine) as connection:
            return frozenset(row.staff.hex() for row in connection.execute(query).all())

    def has(self, request_id: str, staff_id: str) -> bool:
        try:
            query = self._find(request_id, staff_id)
        except ValueError:
            return False
        with reading(self.engine) as connection:
            return connection.execute(query).one_or_none() is not None

    def of(self, staff_id: str, *, most: int) -> Sequence[str]:
        own = (_T.staff == bytes.fromhex(staff_id), _T.receiver == self.receiver)
        query = select(_T.request_hash).join(VERIFIER_REQUESTS, VERIFIER_REQUESTS.c.id_hash == _T.request_hash).where(*own)
        with reading(self.engine) as connection:
            rows = connection.execute(query.order_by(VERIFIER_REQUESTS.c.made_at.desc()).limit(most)).all()
        return [row.request_hash.hex() for row in rows]

    def _find(self, request_id: str, staff_id: str) -> Select[tuple[bytes]]:
        """Raises: ValueError, an id that cannot be one."""
        this = (_T.request_hash == bytes.fromhex(request_id), _T.staff == bytes.fromhex(staff_id), _T.receiver == self.receiver)
        return select(_T.request_hash).where(*this)
