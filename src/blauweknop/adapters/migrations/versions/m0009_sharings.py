"""What a receiver knows of each sharing beside the data: how to take it back, and in the end the proof that the data are gone."""

import sqlalchemy as sa
from alembic import op

from blauweknop.adapters.database import UtcDateTime

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "verifier_sharings",
        sa.Column("receipt_hash", sa.LargeBinary(32), nullable=False),
        sa.Column("receiver", sa.String(64), nullable=False),
        sa.Column("link_hash", sa.LargeBinary(32), nullable=False),
        sa.Column("attempt", sa.LargeBinary(32)),
        sa.Column("dossier", sa.LargeBinary(16)),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("erase_at", UtcDateTime(), nullable=False),
        sa.Column("proof", sa.LargeBinary()),
        sa.PrimaryKeyConstraint("receipt_hash", name="pk_verifier_sharings"),
        sa.UniqueConstraint("link_hash", name="uq_verifier_sharings_link_hash"),
    )
    op.create_index("ix_verifier_sharings_erase_at", "verifier_sharings", ["erase_at"])
