"""First tables: sessions, login attempts, issued documents, processing log."""

import sqlalchemy as sa
from alembic import op

from blauweknop.adapters.database import UtcDateTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sessions",
        sa.Column("id_hash", sa.LargeBinary(32), nullable=False),
        sa.Column("source", sa.String(64), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("provider_session_tag", sa.LargeBinary(32)),
        sa.Column("provider_subject_tag", sa.LargeBinary(32)),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("last_seen_at", UtcDateTime(), nullable=False),
        sa.Column("ends_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id_hash", name=op.f("pk_sessions")),
    )
    for column in ("provider_session_tag", "provider_subject_tag", "last_seen_at", "ends_at"):
        op.create_index(op.f(f"ix_sessions_{column}"), "sessions", [column])

    op.create_table(
        "login_attempts",
        sa.Column("state_hash", sa.LargeBinary(32), nullable=False),
        sa.Column("source", sa.String(64), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("used_at", UtcDateTime()),
        sa.PrimaryKeyConstraint("state_hash", name=op.f("pk_login_attempts")),
    )
    op.create_index(op.f("ix_login_attempts_expires_at"), "login_attempts", ["expires_at"])

    op.create_table(
        "issued_documents",
        sa.Column("document_id_hash", sa.LargeBinary(32), nullable=False),
        sa.Column("source", sa.String(64), nullable=False),
        sa.Column("dataset_id", sa.String(128), nullable=False),
        sa.Column("dataset_version", sa.Integer(), nullable=False),
        sa.Column("issued_at", UtcDateTime(), nullable=False),
        sa.Column("valid_until", UtcDateTime(), nullable=False),
        sa.Column("with_bsn", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("document_id_hash", name=op.f("pk_issued_documents")),
    )
    op.create_index(op.f("ix_issued_documents_valid_until"), "issued_documents", ["valid_until"])

    op.create_table(
        "events",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("time", UtcDateTime(), nullable=False),
        sa.Column("source", sa.String(64), nullable=False),
        sa.Column("activity", sa.String(64), nullable=False),
        sa.Column("outcome", sa.String(64), nullable=False),
        sa.Column("trace_id", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_events")),
    )
    op.create_index(op.f("ix_events_source_time"), "events", ["source", "time"])
