"""The tables, and the two lines that a source keeps of what it did: no document, no person, no value (PROTOCOL 9.3, 9.4)."""

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from secrets import token_bytes

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, LargeBinary, String, Table, delete, insert, select
from sqlalchemy.engine import Engine

from blauweknop.adapters.database import METADATA, UtcDateTime, reading, writing
from blauweknop.adapters.person_tags import acting_tag, person_tag
from blauweknop.adapters.row_encryption import RowKey
from blauweknop.domain.identifiers import Bsn
from blauweknop.standards.status_list import StatusReference

__all__ = [
    "CREDENTIAL",
    "DOCUMENT",
    "EVENTS",
    "ISSUED_DOCUMENTS",
    "LOGIN_ATTEMPTS",
    "SESSIONS",
    "STATUS_LISTS",
    "WITHDRAWALS",
    "Records",
    "fingerprint",
    "place_of",
]

DOCUMENT, CREDENTIAL = "document", "credential"
"""What was made: a PDF, or one copy of a credential for a wallet."""

SESSIONS = Table(
    "sessions",
    METADATA,
    Column("id_hash", LargeBinary(32), primary_key=True),
    Column("source", String(64), nullable=False),
    Column("payload", LargeBinary, nullable=False),  # encrypted: the person and what was chosen
    Column("provider_session_tag", LargeBinary(32), index=True),  # keyed hash, so that the provider can end the session
    Column("provider_subject_tag", LargeBinary(32), index=True),
    Column("created_at", UtcDateTime, nullable=False),
    Column("last_seen_at", UtcDateTime, nullable=False, index=True),
    Column("ends_at", UtcDateTime, nullable=False, index=True),
)

LOGIN_ATTEMPTS = Table(
    "login_attempts",
    METADATA,
    Column("state_hash", LargeBinary(32), primary_key=True),
    Column("source", String(64), nullable=False),
    Column("payload", LargeBinary, nullable=False),  # encrypted: nonce, code verifier, asked level, return place
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False, index=True),
    Column("used_at", UtcDateTime),
)

ISSUED_DOCUMENTS = Table(
    "issued_documents",
    METADATA,
    Column("document_id_hash", LargeBinary(32), primary_key=True),  # of a credential, which has no number, random bytes
    Column("source", String(64), nullable=False),
    Column("dataset_id", String(128), nullable=False),
    Column("dataset_version", Integer, nullable=False),
    Column("issued_at", UtcDateTime, nullable=False),
    Column("valid_until", UtcDateTime, nullable=False, index=True),
    Column("with_bsn", Boolean, nullable=False),
    Column("status_list", String(32)),  # none: a document that cannot be withdrawn
    Column("status_index", Integer),
    Column("kind", String(16), nullable=False, server_default=DOCUMENT),
    Column("person_tag", LargeBinary(32), index=True),  # keyed hash; none: for whom is not known, or it cannot be withdrawn
    Column("acting_tag", LargeBinary(32), index=True),  # keyed hash of who fetched it for that person; none: they did themselves
    Column("withdrawal", BigInteger().with_variant(Integer, "sqlite")),  # the line of the one that named this document or its person
    Index(None, "status_list", "status_index", unique=True),
)

STATUS_LISTS = Table(
    "status_lists",
    METADATA,
    Column("id", String(32), primary_key=True),
    Column("source", String(64), nullable=False),
    Column("uri", String(512), nullable=False),  # stands in the documents, so it never changes
    Column("year", Integer, nullable=False),
    Column("seal_key", LargeBinary(32), nullable=False),  # fingerprints of the certificates
    Column("credential_key", LargeBinary(32), nullable=False),
    Column("order_key", LargeBinary, nullable=False),  # encrypted: in which order places are given out
    Column("size", Integer, nullable=False),
    Column("taken", Integer, nullable=False),
    Column("entries", LargeBinary, nullable=False),  # the statuses as a zlib stream
    Column("changes", Integer, nullable=False),
    Column("token", LargeBinary),  # as it was published last, as JWT
    Column("token_cwt", LargeBinary),  # and as CWT
    Column("token_at", UtcDateTime),
    Column("token_changes", Integer),
    Index(None, "source", "year"),
)

WITHDRAWALS = Table(
    "withdrawals",
    METADATA,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("time", UtcDateTime, nullable=False),
    Column("source", String(64), nullable=False),
    Column("means", String(16), nullable=False),  # document, person, dataset or key
    Column("dataset_id", String(128)),
    Column("key", LargeBinary(32)),
    Column("since", UtcDateTime),
    Column("until", UtcDateTime),
    Column("documents", Integer, nullable=False),
    Column("trace_id", String(32), nullable=False),
    Column("reason", String(16), nullable=False, server_default="other"),  # correction, key or other
)

EVENTS = Table(
    "events",
    METADATA,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("time", UtcDateTime, nullable=False),
    Column("source", String(64), nullable=False),
    Column("activity", String(64), nullable=False),
    Column("outcome", String(64), nullable=False),
    Column("trace_id", String(32), nullable=False),
    Index(None, "source", "time"),
)


_HASH_BYTES = 32
_ADD_DOCUMENT, _ADD_EVENT = insert(ISSUED_DOCUMENTS), insert(EVENTS)  # written once: it costs more than what the database does with it


def fingerprint(reference: str) -> bytes:
    """What is stored of a random reference (session, state, document id): its SHA-256, useless to a thief of the database."""
    return hashlib.sha256(reference.encode()).digest()


def place_of(status: StatusReference | None) -> dict[str, str | int | None]:
    """The columns by which a document is found in its status list; the last step of the address is the id of the list."""
    return {"status_list": status.uri.rpartition("/")[2] if status else None, "status_index": status.index if status else None}


class Records:
    """What the sources of this database did; by `key` is found what was made for a person."""

    def __init__(self, engine: Engine, key: RowKey) -> None:
        self._engine = engine
        self._key = key

    def document_issued(
        self,
        document_id: str,
        *,
        source: str,
        dataset_id: str,
        dataset_version: int,
        issued_at: datetime,
        valid_until: datetime,
        with_bsn: bool,
        status: StatusReference | None = None,
        person: Bsn | None = None,
        acting: str | None = None,
    ) -> None:
        """Keep that a document was made; `person`, and who acted for them, are not kept, and help to find it.

        Raises:
            StorageError: the database does not answer, or the document id or the place in the status list was used before.
        """
        row = {
            "document_id_hash": fingerprint(document_id),
            "source": source,
            "dataset_id": dataset_id,
            "dataset_version": dataset_version,
            "issued_at": issued_at,
            "valid_until": valid_until,
            "with_bsn": with_bsn,
            "kind": DOCUMENT,
            "person_tag": person_tag(self._key, person, source=source, dataset_id=dataset_id) if person and status else None,
            "acting_tag": acting_tag(self._key, acting, source=source) if acting and status else None,
            **place_of(status),
        }
        with writing(self._engine) as connection:
            connection.execute(_ADD_DOCUMENT, row)

    def credentials_issued(
        self,
        places: Sequence[StatusReference | None],
        *,
        source: str,
        dataset_id: str,
        dataset_version: int,
        issued_at: datetime,
        valid_until: datetime,
        with_bsn: bool,
        person: Bsn,
        acting: str | None = None,
    ) -> None:
        """Keep that the copies of a batch were made, a row for each place, all or none; of no copy more than its place.

        Raises:
            StorageError: the database does not answer, or a place in the status list was used before.
        """
        tag = person_tag(self._key, person, source=source, dataset_id=dataset_id)
        rows = [
            {
                "document_id_hash": token_bytes(_HASH_BYTES),
                "source": source,
                "dataset_id": dataset_id,
                "dataset_version": dataset_version,
                "issued_at": issued_at,
                "valid_until": valid_until,
                "with_bsn": with_bsn,
                "kind": CREDENTIAL,
                "person_tag": tag if place else None,
                "acting_tag": acting_tag(self._key, acting, source=source) if acting and place else None,
                **place_of(place),
            }
            for place in places
        ]
        if rows:
            with writing(self._engine) as connection:
                connection.execute(_ADD_DOCUMENT, rows)

    def was_issued(self, document_id: str, *, source: str) -> bool:
        """Whether this source made a document with this id."""
        query = select(ISSUED_DOCUMENTS.c.source).where(ISSUED_DOCUMENTS.c.document_id_hash == fingerprint(document_id))
        with reading(self._engine) as connection:
            return connection.execute(query).scalar_one_or_none() == source

    def event(self, *, time: datetime, source: str, activity: str, outcome: str, trace_id: str) -> None:
        """Add a line to the processing log. `activity` and `outcome` are words of ours, never values; `trace_id` is 32 hex digits."""
        with writing(self._engine) as connection:
            row = {"time": time, "source": source, "activity": activity, "outcome": outcome, "trace_id": trace_id}
            connection.execute(_ADD_EVENT, row)

    def events(self, *, source: str, newest: int = 100) -> Sequence[tuple[datetime, str, str, str]]:
        """The newest lines of a source, newest first: time, activity, outcome, trace id."""
        columns = (EVENTS.c.time, EVENTS.c.activity, EVENTS.c.outcome, EVENTS.c.trace_id)
        query = select(*columns).where(EVENTS.c.source == source).order_by(EVENTS.c.time.desc(), EVENTS.c.id.desc()).limit(newest)
        with reading(self._engine) as connection:
            return [(row[0], row[1], row[2], row[3]) for row in connection.execute(query)]

    def sweep(self, now: datetime, *, documents_kept: timedelta, events_kept: timedelta) -> int:
        """Remove documents whose validity ended, and lines of the log, longer ago than this; how many rows went."""
        with writing(self._engine) as connection:
            documents = connection.execute(delete(ISSUED_DOCUMENTS).where(ISSUED_DOCUMENTS.c.valid_until < now - documents_kept))
            lines = connection.execute(delete(EVENTS).where(EVENTS.c.time < now - events_kept))
            return documents.rowcount + lines.rowcount
