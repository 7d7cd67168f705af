"""Status lists: where the statuses of documents stand, which document has which place, and what was withdrawn when."""

import sqlalchemy as sa
from alembic import op

from blauweknop.adapters.database import UtcDateTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("issued_documents", sa.Column("status_list", sa.String(32)))
    op.add_column("issued_documents", sa.Column("status_index", sa.Integer()))
    name = op.f("ix_issued_documents_status_list_status_index")
    op.create_index(name, "issued_documents", ["status_list", "status_index"], unique=True)

    op.create_table(
        "status_lists",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("source", sa.String(64), nullable=False),
        sa.Column("uri", sa.String(512), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("seal_key", sa.LargeBinary(32), nullable=False),
        sa.Column("credential_key", sa.LargeBinary(32), nullable=False),
        sa.Column("order_key", sa.LargeBinary(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("taken", sa.Integer(), nullable=False),
        sa.Column("entries", sa.LargeBinary(), nullable=False),
        sa.Column("changes", sa.Integer(), nullable=False),
        sa.Column("token", sa.LargeBinary()),
        sa.Column("token_at", UtcDateTime()),
        sa.Column("token_changes", sa.Integer()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_status_lists")),
    )
    op.create_index(op.f("ix_status_lists_source_year"), "status_lists", ["source", "year"])

    op.create_table(
        "withdrawals",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("time", UtcDateTime(), nullable=False),
        sa.Column("source", sa.String(64), nullable=False),
        sa.Column("means", sa.String(16), nullable=False),
        sa.Column("dataset_id", sa.String(128)),
        sa.Column("key", sa.LargeBinary(32)),
        sa.Column("since", UtcDateTime()),
        sa.Column("documents", sa.Integer(), nullable=False),
        sa.Column("trace_id", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_withdrawals")),
    )
