"""What is open in browsers, and how often opening failed.

The browser holds 256 random bits. The database holds their SHA-256, by which the row is found, and the data key encrypted with what HKDF
makes of them: neither the database nor the server's own secret opens an account that is open somewhere.
"""

import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from secrets import token_bytes
from typing import cast

import msgspec
from sqlalchemy import ColumnElement, bindparam, delete, insert, or_, select, update
from sqlalchemy.engine import Engine

from blauweknop.adapters.database import reading, take_turns, writing
from blauweknop.adapters.holder_records import HOLDER_ACCOUNTS, HOLDER_SESSIONS, HOLDER_TRIES
from blauweknop.adapters.records import fingerprint
from blauweknop.adapters.sessions import has_room, new_reference, readable_reference
from blauweknop.adapters.statements import Statement
from blauweknop.domain.document import JsonValue
from blauweknop.holder.encryption import CannotOpen, VaultKey
from blauweknop.holder.ports import KeptSession

__all__ = ["HolderSessions", "HolderTries"]

_SEEN_JUST_NOW = timedelta(seconds=10)  # within it nothing is written: people who open pages do not wait for each other's writing
_EASES = timedelta(minutes=10)  # so often one failed attempt is forgotten
_LONGEST_WAIT = timedelta(minutes=15)
_THIS = HOLDER_SESSIONS.c.id_hash == bindparam("this_session")
_FIND = Statement(select(HOLDER_SESSIONS).where(_THIS))  # every page begins with it
_SEE = Statement(update(HOLDER_SESSIONS).where(_THIS).values(last_seen_at=bindparam("seen_at")))


@dataclass(frozen=True, slots=True)
class HolderSessions:
    """See `blauweknop.holder.ports.SessionStorage`."""

    engine: Engine
    idle: timedelta = timedelta(minutes=15)
    absolute: timedelta = timedelta(hours=8)
    rows: int = 100_000
    random: Callable[[int], bytes] = field(default=token_bytes, repr=False)

    def start(
        self, account: bytes, data_key: VaultKey, *, notes: Mapping[str, JsonValue], now: datetime, replaces: str | None
    ) -> str | None:
        reference = new_reference(self.random)
        id_hash, own_key = fingerprint(reference), _key_of(reference)
        row = {
            "id_hash": id_hash,
            "account": account,
            "wrapped_key": own_key.for_purpose("key").wrap(data_key, place=_place("key", id_hash), random=self.random),
            "notes": self._notes(own_key.for_purpose("notes"), id_hash, notes),
            "started_at": now,
            "last_seen_at": now,
            "ends_at": now + self.absolute,
        }
        replaced = readable_reference(replaces)
        with writing(self.engine) as connection:
            there = select(HOLDER_ACCOUNTS.c.id).where(HOLDER_ACCOUNTS.c.id == account).with_for_update(read=True, key_share=True)
            if connection.execute(there).one_or_none() is None:
                return None
            connection.execute(delete(HOLDER_SESSIONS).where(or_(self._ended(now), HOLDER_SESSIONS.c.id_hash == replaced)))
            if not has_room(connection, HOLDER_SESSIONS, self.rows):
                return None
            connection.execute(insert(HOLDER_SESSIONS).values(row))
        return reference

    def touch(self, reference: str | None, *, now: datetime) -> KeptSession | None:
        id_hash = readable_reference(reference)
        if id_hash is None or reference is None:
            return None
        with reading(self.engine) as connection:
            row = _FIND.one(connection, {"this_session": id_hash})
        if row is None:
            return None
        if row.last_seen_at <= now - self.idle or row.ends_at <= now:
            self.end(reference)
            return None
        if row.last_seen_at <= now - _SEEN_JUST_NOW:
            with writing(self.engine) as connection:
                _SEE.change(connection, {"this_session": id_hash, "seen_at": now})
        own_key = _key_of(reference)
        notes_key = own_key.for_purpose("notes")
        try:
            data_key = own_key.for_purpose("key").unwrap(row.wrapped_key, place=_place("key", id_hash))
            notes = msgspec.json.decode(notes_key.decrypt(row.notes, place=_place("notes", id_hash)))
        except (CannotOpen, msgspec.DecodeError):
            self.end(reference)
            return None
        return KeptSession(id_hash, row.account, data_key, notes_key, cast(Mapping[str, JsonValue], notes), row.started_at, row.ends_at)

    def keep_notes(self, session: KeptSession, notes: Mapping[str, JsonValue]) -> bool:
        encrypted = self._notes(session.notes_key, session.id_hash, notes)
        with writing(self.engine) as connection:
            kept = update(HOLDER_SESSIONS).where(HOLDER_SESSIONS.c.id_hash == session.id_hash).values(notes=encrypted)
            return connection.execute(kept).rowcount == 1

    def end(self, reference: str | None) -> None:
        id_hash = readable_reference(reference)
        if id_hash is not None:
            with writing(self.engine) as connection:
                connection.execute(delete(HOLDER_SESSIONS).where(HOLDER_SESSIONS.c.id_hash == id_hash))

    def end_others(self, session: KeptSession) -> None:
        others = (HOLDER_SESSIONS.c.account == session.account, HOLDER_SESSIONS.c.id_hash != session.id_hash)
        with writing(self.engine) as connection:
            connection.execute(delete(HOLDER_SESSIONS).where(*others))

    def sweep(self, now: datetime) -> int:
        """Lock what nobody used; how many."""
        with writing(self.engine) as connection:
            return connection.execute(delete(HOLDER_SESSIONS).where(self._ended(now))).rowcount

    def _ended(self, now: datetime) -> ColumnElement[bool]:
        return or_(HOLDER_SESSIONS.c.last_seen_at <= now - self.idle, HOLDER_SESSIONS.c.ends_at <= now)

    def _notes(self, key: VaultKey, id_hash: bytes, notes: Mapping[str, JsonValue]) -> bytes:
        return key.encrypt(msgspec.json.encode(dict(notes)), place=_place("notes", id_hash), random=self.random)


@dataclass(frozen=True, slots=True)
class HolderTries:
    """See `blauweknop.holder.ports.TryStorage`. In the database, so that it counts over all processes."""

    engine: Engine

    def take(self, tag: bytes, *, free: int, now: datetime) -> timedelta:
        this = HOLDER_TRIES.c.tag == tag
        with writing(self.engine) as connection:
            take_turns(connection, zlib.crc32(tag))
            row = connection.execute(select(HOLDER_TRIES).where(this)).one_or_none()
            if row is None:
                connection.execute(insert(HOLDER_TRIES).values(tag=tag, failed=1, last_at=now))
                return timedelta()
            failed = max(0, row.failed - int((now - row.last_at) / _EASES))
            wait: timedelta = row.last_at + _wait_after(failed - free) - now
            if wait > timedelta():
                return wait
            connection.execute(update(HOLDER_TRIES).where(this).values(failed=failed + 1, last_at=now))
        return timedelta()

    def give_back(self, tag: bytes) -> None:
        taken = (HOLDER_TRIES.c.tag == tag, HOLDER_TRIES.c.failed > 0)
        with writing(self.engine) as connection:
            connection.execute(update(HOLDER_TRIES).where(*taken).values(failed=HOLDER_TRIES.c.failed - 1))

    def sweep(self, now: datetime) -> int:
        """Forget what failed long ago; how many."""
        with writing(self.engine) as connection:
            return connection.execute(delete(HOLDER_TRIES).where(HOLDER_TRIES.c.last_at <= now - timedelta(days=1))).rowcount


def _wait_after(failures_too_many: int) -> timedelta:
    if failures_too_many < 0:
        return timedelta()
    return min(timedelta(seconds=2 ** min(failures_too_many, 20)), _LONGEST_WAIT)


def _key_of(reference: str) -> VaultKey:
    return VaultKey.from_secret(reference.encode(), salt=b"", purpose="blauweknop session 1")


def _place(part: str, id_hash: bytes) -> str:
    return f"session|{part}|{id_hash.hex()}"
