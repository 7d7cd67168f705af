"""The accounts and vaults of Mijn Blauwe Knop: hashes and ciphertext."""

import sqlalchemy as sa
from alembic import op

from blauweknop.adapters.database import UtcDateTime

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    moment = UtcDateTime()
    op.create_table(
        "holder_accounts",
        sa.Column("id", sa.LargeBinary(16), nullable=False),
        sa.Column("created_day", sa.Date(), nullable=False),
        sa.Column("state", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_holder_accounts"),
    )
    op.create_table(
        "holder_unlocks",
        sa.Column("id", sa.LargeBinary(16), nullable=False),
        sa.Column("account", sa.LargeBinary(16), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("tag", sa.LargeBinary(32), nullable=False),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=False),
        sa.Column("label", sa.LargeBinary(), nullable=False),
        sa.Column("public", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_holder_unlocks"),
        sa.UniqueConstraint("tag", name="uq_holder_unlocks_tag"),
        _of_an_account("holder_unlocks"),
    )
    op.create_table(
        "holder_items",
        sa.Column("id", sa.LargeBinary(16), nullable=False),
        sa.Column("account", sa.LargeBinary(16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=False),
        sa.Column("head", sa.LargeBinary(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_holder_items"),
        _of_an_account("holder_items"),
    )
    op.create_table(
        "holder_sessions",
        sa.Column("id_hash", sa.LargeBinary(32), nullable=False),
        sa.Column("account", sa.LargeBinary(16), nullable=False),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=False),
        sa.Column("notes", sa.LargeBinary(), nullable=False),
        sa.Column("started_at", moment, nullable=False),
        sa.Column("last_seen_at", moment, nullable=False),
        sa.Column("ends_at", moment, nullable=False),
        sa.PrimaryKeyConstraint("id_hash", name="pk_holder_sessions"),
        _of_an_account("holder_sessions"),
    )
    for table in ("holder_unlocks", "holder_items", "holder_sessions"):
        op.create_index(f"ix_{table}_account", table, ["account"])
    for column in ("last_seen_at", "ends_at"):
        op.create_index(f"ix_holder_sessions_{column}", "holder_sessions", [column])
    op.create_table(
        "holder_steps",
        sa.Column("id_hash", sa.LargeBinary(32), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("ends_at", moment, nullable=False),
        sa.PrimaryKeyConstraint("id_hash", name="pk_holder_steps"),
    )
    op.create_index("ix_holder_steps_ends_at", "holder_steps", ["ends_at"])
    op.create_table(
        "holder_tries",
        sa.Column("tag", sa.LargeBinary(32), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.Column("last_at", moment, nullable=False),
        sa.PrimaryKeyConstraint("tag", name="pk_holder_tries"),
    )
    op.create_index("ix_holder_tries_last_at", "holder_tries", ["last_at"])


def _of_an_account(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["account"], ["holder_accounts.id"], name=f"fk_{table}_account_holder_accounts", ondelete="CASCADE")
