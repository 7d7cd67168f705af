"""What receivers ask of people, the attempts to answer it, and the answers."""

import sqlalchemy as sa
from alembic import op

from blauweknop.adapters.database import UtcDateTime

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    moment = UtcDateTime()
    op.create_table(
        "verifier_requests",
        sa.Column("id_hash", sa.LargeBinary(32), nullable=False),
        sa.Column("receiver", sa.String(64), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", moment, nullable=False),
        sa.Column("ends_at", moment, nullable=False),
        sa.PrimaryKeyConstraint("id_hash", name="pk_verifier_requests"),
    )
    op.create_table(
        "verifier_transactions",
        sa.Column("id_hash", sa.LargeBinary(32), nullable=False),
        sa.Column("receiver", sa.String(64), nullable=False),
        sa.Column("request_hash", sa.LargeBinary(32), nullable=False),
        sa.Column("session_hash", sa.LargeBinary(32), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(32)),
        sa.Column("phase", sa.String(16), nullable=False),
        sa.Column("elsewhere", sa.Boolean(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("ends_at", moment, nullable=False),
        sa.PrimaryKeyConstraint("id_hash", name="pk_verifier_transactions"),
    )
    op.create_table(
        "verifier_dossiers",
        sa.Column("id", sa.LargeBinary(16), nullable=False),
        sa.Column("receiver", sa.String(64), nullable=False),
        sa.Column("request_hash", sa.LargeBinary(32), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("received_at", moment, nullable=False),
        sa.Column("erase_at", moment, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_verifier_dossiers"),
        sa.UniqueConstraint("request_hash", name="uq_verifier_dossiers_request_hash"),
    )
    op.create_table(
        "verifier_dossier_items",
        sa.Column("dossier", sa.LargeBinary(16), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("dossier", "place", name="pk_verifier_dossier_items"),
        sa.ForeignKeyConstraint(
            ["dossier"], ["verifier_dossiers.id"], name="fk_verifier_dossier_items_dossier_verifier_dossiers", ondelete="CASCADE"
        ),
    )
    for table, columns in (
        ("verifier_requests", ("made_at", "ends_at")),
        ("verifier_transactions", ("session_hash", "code_hash", "ends_at")),
        ("verifier_dossiers", ("erase_at",)),
    ):
        for column in columns:
            op.create_index(f"ix_{table}_{column}", table, [column])
