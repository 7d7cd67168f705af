"""The tables of who works at a receiver: references only as SHA-256, people only as keyed hash, names encrypted."""

from sqlalchemy import Column, ForeignKey, LargeBinary, String, Table

from blauweknop.adapters.database import METADATA, UtcDateTime

__all__ = ["VERIFIER_STAFF", "VERIFIER_STAFF_LOGOUTS", "VERIFIER_STAFF_SESSIONS", "VERIFIER_TASKS"]

VERIFIER_STAFF_SESSIONS = Table(
    "verifier_staff_sessions",
    METADATA,
    Column("id_hash", LargeBinary(32), primary_key=True),
    Column("receiver", String(64), nullable=False),
    Column("content", LargeBinary, nullable=False),  # encrypted: who it is, and what their provider needs to end its session
    Column("staff", LargeBinary(32), nullable=False, index=True),
    Column("provider_session_tag", LargeBinary(32), index=True),  # keyed hash, so that the provider can end the session
    Column("started_at", UtcDateTime, nullable=False),
    Column("last_seen_at", UtcDateTime, nullable=False, index=True),
    Column("ends_at", UtcDateTime, nullable=False, index=True),
)

VERIFIER_TASKS = Table(
    "verifier_tasks",
    METADATA,
    Column("request_hash", LargeBinary(32), ForeignKey("verifier_requests.id_hash", ondelete="CASCADE"), primary_key=True),
    Column("staff", LargeBinary(32), primary_key=True, index=True),
    Column("receiver", String(64), nullable=False),
    Column("given_at", UtcDateTime, nullable=False),
)

VERIFIER_STAFF = Table(
    "verifier_staff",
    METADATA,
    Column("staff", LargeBinary(32), primary_key=True),
    Column("receiver", String(64), nullable=False),
    Column("content", LargeBinary, nullable=False),  # encrypted: name and roles
    Column("seen_at", UtcDateTime, nullable=False, index=True),
)

VERIFIER_STAFF_LOGOUTS = Table(
    "verifier_staff_logouts",
    METADATA,
    Column("token_hash", LargeBinary(32), primary_key=True),  # of the receiver and the id of the message
    Column("ends_at", UtcDateTime, nullable=False, index=True),
)
"""What providers said of sessions that ended, as long as they could say it again."""
