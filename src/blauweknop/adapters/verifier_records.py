"""The tables of requests and of what was answered. References only as SHA-256; contents encrypted, each bound to its row."""

from sqlalchemy import Boolean, Column, ForeignKey, Integer, LargeBinary, String, Table

from blauweknop.adapters.database import METADATA, UtcDateTime

__all__ = ["VERIFIER_DOSSIERS", "VERIFIER_DOSSIER_ITEMS", "VERIFIER_REQUESTS", "VERIFIER_TRANSACTIONS"]

VERIFIER_REQUESTS = Table(
    "verifier_requests",
    METADATA,
    Column("id_hash", LargeBinary(32), primary_key=True),
    Column("receiver", String(64), nullable=False),
    Column("state", String(16), nullable=False),
    Column("content", LargeBinary, nullable=False),  # encrypted: the question, and the receiver's own reference
    Column("made_at", UtcDateTime, nullable=False, index=True),
    Column("ends_at", UtcDateTime, nullable=False, index=True),
)

VERIFIER_TRANSACTIONS = Table(
    "verifier_transactions",
    METADATA,
    Column("id_hash", LargeBinary(32), primary_key=True),
    Column("receiver", String(64), nullable=False),
    Column("request_hash", LargeBinary(32), nullable=False),
    Column("session_hash", LargeBinary(32), nullable=False, index=True),
    Column("code_hash", LargeBinary(32), index=True),  # there while the answer waits for who asked
    Column("phase", String(16), nullable=False),
    Column("elsewhere", Boolean, nullable=False),
    Column("content", LargeBinary, nullable=False),  # encrypted; empty from the moment that an answer comes until it is judged
    Column("ends_at", UtcDateTime, nullable=False, index=True),
)

VERIFIER_DOSSIERS = Table(
    "verifier_dossiers",
    METADATA,
    Column("id", LargeBinary(16), primary_key=True),
    Column("receiver", String(64), nullable=False),
    Column("request_hash", LargeBinary(32), nullable=False, unique=True),
    Column("content", LargeBinary, nullable=False),
    Column("received_at", UtcDateTime, nullable=False),
    Column("erase_at", UtcDateTime, nullable=False, index=True),
)

VERIFIER_DOSSIER_ITEMS = Table(
    "verifier_dossier_items",
    METADATA,
    Column("dossier", LargeBinary(16), ForeignKey("verifier_dossiers.id", ondelete="CASCADE"), primary_key=True),
    Column("place", Integer, primary_key=True),
    Column("content", LargeBinary, nullable=False),
)
