"""Sessions in the database: the browser holds a random reference, the database its SHA-256 and an encrypted payload (PROTOCOL 8.4)."""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from typing import Literal, TypeVar, cast

import msgspec
import structlog
from sqlalchemy import ColumnElement, Table, and_, delete, func, insert, literal, or_, select, update
from sqlalchemy.engine import Connection, Engine, Row

from blauweknop.adapters.database import reading, writing
from blauweknop.adapters.records import SESSIONS, fingerprint
from blauweknop.adapters.row_encryption import RowKey, Unreadable
from blauweknop.adapters.wallet_records import WALLET_REFERENCES
from blauweknop.domain.dataset import AssuranceLevel
from blauweknop.domain.dates import AMSTERDAM
from blauweknop.domain.document import JsonValue, Selection
from blauweknop.domain.identifiers import Bsn
from blauweknop.domain.representation import Representative
from blauweknop.domain.texts import Language
from blauweknop.issuer.login import LoggedIn, LoginProblem, LoginProblemCode, Mandate, Session, StartedSession
from blauweknop.standards import base64url

__all__ = ["SessionLimits", "SessionStore", "has_room", "new_reference", "readable_reference"]

_REFERENCE_BYTES = 32
_REFERENCE_LENGTH = 43
_LOG = structlog.get_logger()
_Given = TypeVar("_Given")


@dataclass(frozen=True, slots=True)
class SessionLimits:
    """How long and how many."""

    idle: timedelta = timedelta(minutes=15)
    absolute: timedelta = timedelta(hours=2)
    rows: int = 100_000


class _StoredSelection(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    dataset_id: str
    parts: list[str]
    months: int | None
    with_bsn: bool


class _StoredMandate(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    representative: dict[str, str]
    identifier: str
    datasets: list[str] | None
    represented: str


class _Payload(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    bsn: str
    level: AssuranceLevel
    authenticated_at: datetime
    subject: str
    provider_session: str | None
    id_token: str | None
    language: Literal["nl", "en"]
    selections: list[_StoredSelection]
    notes: dict[str, object]
    mandate: _StoredMandate | None = None


class SessionStore:
    """The sessions of one source."""

    def __init__(
        self,
        engine: Engine,
        key: RowKey,
        *,
        source: str,
        limits: SessionLimits = SessionLimits(),  # frozen, so one for all is right
        random: Callable[[int], bytes] = secrets.token_bytes,
    ) -> None:
        self._engine = engine
        self._key = key
        self._source = source
        self._limits = limits
        self._random = random

    def start(self, person: LoggedIn, *, language: Language, now: datetime, replaces: str | None = None) -> StartedSession | LoginProblem:
        """Begin a session under a new reference, whatever the browser had before; that session ends.

        What the same person chose, and was answered, before logging in again moves along; not to a lower level than it was shown at.
        """
        before = self.read(replaces, now=now)
        moves = (
            before is not None
            and secrets.compare_digest(before.person.bsn.digits, person.bsn.digits)
            and before.person.mandate == person.mandate
            and person.level.rank >= before.person.level.rank
        )
        reference = new_reference(self._random)
        session = Session(
            source=self._source,
            person=person,
            language=language,
            selections=before.selections if before and moves else (),
            notes=before.notes if before and moves else {},
            created_at=now,
            last_seen_at=now,
            idle_ends_at=now + self._limits.idle,
            ends_at=_at_most(now + self._limits.absolute, person),
            id_hash=fingerprint(reference),
        )
        with writing(self._engine) as connection:
            if before is not None:
                self._delete(connection, SESSIONS.c.id_hash == before.id_hash)
            self._remove_ended(connection, now)
            if not has_room(connection, SESSIONS, self._limits.rows):
                return LoginProblem(LoginProblemCode.BUSY)
            connection.execute(insert(SESSIONS).values(self._row(session)))
        return StartedSession(reference, session)

    def read(self, reference: str | None, *, now: datetime) -> Session | None:
        """The session of a reference; None when there is none, or it ended. Does not move the idle clock."""
        id_hash = readable_reference(reference)
        if id_hash is None:
            return None
        with reading(self._engine) as connection:
            row = connection.execute(select(SESSIONS).where(SESSIONS.c.id_hash == id_hash)).one_or_none()
        if row is None or row.source != self._source:
            return None
        session = None
        if row.last_seen_at > now - self._limits.idle and row.ends_at > now:
            session = self._session(row)
        if session is None:
            self._remove(id_hash)
        return session

    def touch(self, session: Session, *, now: datetime) -> Session | None:
        """Note that the person is still there; None when the session ended meanwhile."""
        return self.save(session, now=now)

    def save(
        self,
        session: Session,
        *,
        now: datetime,
        language: Language | None = None,
        selections: tuple[Selection, ...] | None = None,
        notes: Mapping[str, JsonValue] | None = None,
    ) -> Session | None:
        """Keep changed choices, and note that the person is still there; None when the session ended meanwhile.

        A part that is not given stays as it is in `session`.
        """
        changed = replace(
            session,
            language=_given(language, session.language),
            selections=_given(selections, session.selections),
            notes=_given(notes, session.notes),
            last_seen_at=now,
            idle_ends_at=now + self._limits.idle,
        )
        values: dict[str, object] = {"last_seen_at": now}
        if (changed.language, changed.selections, changed.notes) != (session.language, session.selections, session.notes):
            values["payload"] = self._payload(changed)
        alive = and_(
            SESSIONS.c.id_hash == session.id_hash,
            SESSIONS.c.source == self._source,
            SESSIONS.c.last_seen_at > now - self._limits.idle,
            SESSIONS.c.ends_at > now,
        )
        with writing(self._engine) as connection:
            kept = connection.execute(update(SESSIONS).where(alive).values(values)).rowcount
        return changed if kept else None

    def end(self, reference: str | None) -> None:
        """End the session of a reference, if there is one."""
        id_hash = readable_reference(reference)
        if id_hash is not None:
            self._remove(id_hash)

    def end_by_provider(self, *, provider_session: str | None, subject: str | None) -> int:
        """End what the provider says has ended: one of its sessions, or all of a person when it names only the person. How many ended.

        OpenID Connect Back-Channel Logout 1.0, section 2.7.
        """
        if provider_session is not None:
            which = SESSIONS.c.provider_session_tag == self._tag("session", provider_session)
        elif subject is not None:
            which = SESSIONS.c.provider_subject_tag == self._tag("subject", subject)
        else:
            return 0
        with writing(self._engine) as connection:
            return self._delete(connection, which)

    def sweep(self, now: datetime) -> int:
        """Remove every session of this source that ended by itself; how many."""
        with writing(self._engine) as connection:
            return self._remove_ended(connection, now)

    def _remove(self, id_hash: bytes) -> None:
        with writing(self._engine) as connection:
            self._delete(connection, SESSIONS.c.id_hash == id_hash)

    def _remove_ended(self, connection: Connection, now: datetime) -> int:
        ended = or_(SESSIONS.c.last_seen_at <= now - self._limits.idle, SESSIONS.c.ends_at <= now)
        return self._delete(connection, ended)

    def _delete(self, connection: Connection, which: ColumnElement[bool]) -> int:
        """End sessions, and what was offered to wallets in them and not fetched (PROTOCOL 2.3); how many sessions."""
        ending = (which, SESSIONS.c.source == self._source)
        open_offers = and_(
            WALLET_REFERENCES.c.parent_hash.in_(select(SESSIONS.c.id_hash).where(*ending)),
            WALLET_REFERENCES.c.source == self._source,
            WALLET_REFERENCES.c.used.is_(False),
        )
        connection.execute(delete(WALLET_REFERENCES).where(open_offers))
        return connection.execute(delete(SESSIONS).where(*ending)).rowcount

    def _tag(self, what: str, value: str) -> bytes:
        return self._key.tag(f"{SESSIONS.name}|{self._source}|{what}", value)

    def _row(self, session: Session) -> dict[str, object]:
        person = session.person
        return {
            "id_hash": session.id_hash,
            "source": session.source,
            "payload": self._payload(session),
            "provider_session_tag": self._tag("session", person.provider_session) if person.provider_session else None,
            "provider_subject_tag": self._tag("subject", person.subject) if person.subject else None,
            "created_at": session.created_at,
            "last_seen_at": session.last_seen_at,
            "ends_at": session.ends_at,
        }

    def _payload(self, session: Session) -> bytes:
        person = session.person
        payload = _Payload(
            bsn=person.bsn.digits,
            level=person.level,
            authenticated_at=person.authenticated_at,
            subject=person.subject,
            provider_session=person.provider_session,
            id_token=person.id_token,
            language=session.language,
            selections=[
                _StoredSelection(chosen.dataset_id, sorted(chosen.parts), chosen.months, chosen.with_bsn) for chosen in session.selections
            ],
            notes=dict(session.notes),
            mandate=_stored(person.mandate),
        )
        return self._key.encrypt(msgspec.json.encode(payload), table=SESSIONS.name, row=session.id_hash)

    def _session(self, row: Row[tuple[object, ...]]) -> Session | None:
        try:
            clear = self._key.decrypt(row.payload, table=SESSIONS.name, row=row.id_hash)
            payload = msgspec.json.decode(clear, type=_Payload)
        except (Unreadable, msgspec.ValidationError):
            # After a change of key or of this program's version everyone logs in again.
            _LOG.warning("session_unreadable", source=self._source)
            return None
        return Session(
            source=self._source,
            person=LoggedIn(
                bsn=Bsn.parse(payload.bsn),
                level=payload.level,
                authenticated_at=payload.authenticated_at,
                subject=payload.subject,
                provider_session=payload.provider_session,
                id_token=payload.id_token,
                mandate=_mandate(payload.mandate),
            ),
            language=payload.language,
            selections=tuple(
                Selection(chosen.dataset_id, frozenset(chosen.parts), chosen.months, chosen.with_bsn) for chosen in payload.selections
            ),
            notes=cast(Mapping[str, JsonValue], payload.notes),
            created_at=row.created_at,
            last_seen_at=row.last_seen_at,
            idle_ends_at=row.last_seen_at + self._limits.idle,
            ends_at=row.ends_at,
            id_hash=row.id_hash,
        )


def _stored(mandate: Mandate | None) -> _StoredMandate | None:
    if mandate is None:
        return None
    datasets = None if mandate.datasets is None else sorted(mandate.datasets)
    return _StoredMandate(mandate.representative.as_json(), mandate.identifier, datasets, mandate.represented)


def _mandate(stored: _StoredMandate | None) -> Mandate | None:
    if stored is None:
        return None
    datasets = None if stored.datasets is None else frozenset(stored.datasets)
    return Mandate(Representative.parse_json(stored.representative), stored.identifier, datasets, stored.represented)


def new_reference(random: Callable[[int], bytes]) -> str:
    """256 random bits in base64url."""
    return base64url.encode(random(_REFERENCE_BYTES))


def readable_reference(reference: str | None) -> bytes | None:
    """The fingerprint of a reference that a browser sent; None when it cannot be one of ours."""
    if reference is None or len(reference) != _REFERENCE_LENGTH or not reference.isascii():
        return None
    return fingerprint(reference)


def has_room(connection: Connection, table: Table, rows: int) -> bool:
    """Whether a table has fewer rows than its limit, counting no further than the limit."""
    counted = select(func.count()).select_from(select(literal(1)).select_from(table).limit(rows).subquery())
    return connection.execute(counted).scalar_one() < rows


def _at_most(end: datetime, person: LoggedIn) -> datetime:
    """Who acts for another does so until the end of the last day of the mandate."""
    until = person.mandate.representative.until if person.mandate is not None else None
    return end if until is None else min(end, datetime.combine(until, time.max, AMSTERDAM).astimezone(end.tzinfo))


def _given(new: _Given | None, old: _Given) -> _Given:
    return old if new is None else new
