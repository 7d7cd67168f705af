"""The tables of the API of the check. What they say of documents is encrypted; who holds the database learns how many, and when."""

from sqlalchemy import Column, Integer, LargeBinary, String, Table

from blauweknop.adapters.database import METADATA, UtcDateTime

__all__ = ["USED_ASSERTIONS", "VERIFICATIONS", "WATCHED_DOCUMENTS", "WEBHOOK_EVENTS"]

VERIFICATIONS = Table(
    "verifications",
    METADATA,
    Column("id_hash", LargeBinary(32), primary_key=True),
    Column("client", String(64), nullable=False),
    Column("state", String(16), nullable=False, index=True),
    Column("payload", LargeBinary, nullable=False),  # encrypted: id, digest of the file, verdict without data
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False, index=True),
)

WATCHED_DOCUMENTS = Table(
    "watched_documents",
    METADATA,
    Column("id_hash", LargeBinary(32), primary_key=True),  # of the verification
    Column("client", String(64), nullable=False),
    Column("status", String(16), nullable=False),
    Column("payload", LargeBinary, nullable=False),  # encrypted: id of the verification, data set, place in the status list
    Column("ends_at", UtcDateTime, nullable=False, index=True),
)

WEBHOOK_EVENTS = Table(
    "webhook_events",
    METADATA,
    Column("id", String(64), primary_key=True),
    Column("client", String(64), nullable=False),
    Column("payload", LargeBinary, nullable=False),  # encrypted: the message
    Column("attempts", Integer, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("next_at", UtcDateTime, nullable=False, index=True),
)

USED_ASSERTIONS = Table(
    "used_assertions",
    METADATA,
    Column("name_hash", LargeBinary(32), primary_key=True),
    Column("expires_at", UtcDateTime, nullable=False, index=True),
)
