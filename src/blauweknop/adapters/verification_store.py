"""Verifications in the database, found by a random id of which only the SHA-256 is kept, and by the client that made them."""

import secrets
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import date, datetime

import msgspec
from sqlalchemy import delete, insert, select, update
from sqlalchemy.engine import Connection, Engine, Row

from blauweknop.adapters.api_records import USED_ASSERTIONS, VERIFICATIONS, WATCHED_DOCUMENTS
from blauweknop.adapters.database import StorageError, reading, writing
from blauweknop.adapters.records import fingerprint
from blauweknop.adapters.row_encryption import RowKey, Unreadable
from blauweknop.adapters.watched_documents import start_watch
from blauweknop.adapters.webhook_outbox import post_event
from blauweknop.checking.transport import MalformedTransport, verdict_from_bytes, verdict_to_bytes
from blauweknop.verifier.api.events import Event, verification_ended
from blauweknop.verifier.api.verifications import State, Verification, Watch, without_data

__all__ = ["UsedAssertions", "VerificationStore"]

_MOST_AT_ONCE = 500
_STATES: dict[str, State] = {"pending": "pending", "completed": "completed", "interrupted": "interrupted"}


class _Payload(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    id: str
    sha256: str
    checked_at: datetime | None
    watched_until: date | None
    verdict: bytes | None


@dataclass(frozen=True, slots=True)
class VerificationStore:
    """`receivers` are the clients that are told of the end of what they asked for later."""

    engine: Engine
    key: RowKey = field(repr=False)
    receivers: Collection[str]

    def keep(self, verification: Verification, *, watch: Watch | None = None) -> None:
        with writing(self.engine) as connection:
            connection.execute(insert(VERIFICATIONS).values(self._row(verification)))
            if watch is not None:
                start_watch(connection, self.key, watch)

    def finish(self, verification: Verification, *, event: Event, watch: Watch | None = None) -> bool:
        with writing(self.engine) as connection:
            if not self._end(connection, verification, event):
                return False
            if watch is not None:
                start_watch(connection, self.key, watch)
            return True

    def find(self, verification_id: str, client: str, now: datetime) -> Verification | None:
        row_id = fingerprint(verification_id)
        query = select(VERIFICATIONS).where(
            VERIFICATIONS.c.id_hash == row_id, VERIFICATIONS.c.client == client, VERIFICATIONS.c.expires_at > now
        )
        with reading(self.engine) as connection:
            row = connection.execute(query).one_or_none()
        return self._verification(row) if row is not None else None

    def forget(self, verification_id: str, client: str) -> bool:
        row_id = fingerprint(verification_id)
        with writing(self.engine) as connection:
            gone = [
                connection.execute(delete(table).where(table.c.id_hash == row_id, table.c.client == client)).rowcount
                for table in (VERIFICATIONS, WATCHED_DOCUMENTS)
            ]
        return any(gone)

    def sweep(self, now: datetime) -> int:
        """Forget what has expired; how many."""
        with writing(self.engine) as connection:
            return connection.execute(delete(VERIFICATIONS).where(VERIFICATIONS.c.expires_at <= now)).rowcount

    def interrupt(self, *, begun_before: datetime, now: datetime) -> int:
        """End what is pending since before this moment: the process that had its file is gone. How many."""
        lost = (
            select(VERIFICATIONS).where(VERIFICATIONS.c.state == "pending", VERIFICATIONS.c.created_at < begun_before).limit(_MOST_AT_ONCE)
        )
        with writing(self.engine) as connection:
            found = [self._verification(row) for row in connection.execute(lost)]
            for verification in found:
                if verification is not None:
                    event = verification_ended(secrets.token_urlsafe(24), verification.client, verification.id, completed=False, at=now)
                    self._end(connection, replace(verification, state="interrupted"), event)
        return len(found)

    def _end(self, connection: Connection, verification: Verification, event: Event) -> bool:
        row = self._row(verification)
        pending = update(VERIFICATIONS).where(VERIFICATIONS.c.id_hash == row["id_hash"], VERIFICATIONS.c.state == "pending")
        if connection.execute(pending.values(state=row["state"], payload=row["payload"])).rowcount != 1:
            return False
        if verification.client in self.receivers:
            post_event(connection, self.key, event)
        return True

    def _row(self, verification: Verification) -> dict[str, object]:
        row_id = fingerprint(verification.id)
        verdict = verdict_to_bytes(without_data(verification.verdict)) if verification.verdict else None
        payload = _Payload(verification.id, verification.sha256, verification.checked_at, verification.watched_until, verdict)
        return {
            "id_hash": row_id,
            "client": verification.client,
            "state": verification.state,
            "payload": self.key.encrypt(msgspec.json.encode(payload), table=VERIFICATIONS.name, row=row_id),
            "created_at": verification.created_at,
            "expires_at": verification.expires_at,
        }

    def _verification(self, row: Row[tuple[object, ...]]) -> Verification | None:
        """None for a row of before a change of key or of this program's version, as if it had expired."""
        try:
            clear = self.key.decrypt(row.payload, table=VERIFICATIONS.name, row=row.id_hash)
            payload = msgspec.json.decode(clear, type=_Payload)
            verdict = verdict_from_bytes(payload.verdict) if payload.verdict is not None else None
        except (Unreadable, msgspec.DecodeError, MalformedTransport):
            return None
        return Verification(
            payload.id,
            row.client,
            _STATES[row.state],
            payload.sha256,
            row.created_at,
            row.expires_at,
            payload.checked_at,
            verdict,
            payload.watched_until,
        )


@dataclass(frozen=True, slots=True)
class UsedAssertions:
    """Names of assertions that were used, shared by all processes of this database."""

    engine: Engine

    def first_use(self, name: str, *, until: datetime, now: datetime) -> bool:
        with writing(self.engine) as connection:
            connection.execute(delete(USED_ASSERTIONS).where(USED_ASSERTIONS.c.expires_at <= now))
            known = select(USED_ASSERTIONS.c.name_hash).where(USED_ASSERTIONS.c.name_hash == fingerprint(name))
            if connection.execute(known).one_or_none() is not None:
                return False
        try:
            with writing(self.engine) as connection:
                connection.execute(insert(USED_ASSERTIONS).values(name_hash=fingerprint(name), expires_at=until))
        except StorageError:
            return False  # another process was first; a database that is away says so at the next question
        return True
