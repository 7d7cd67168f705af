"""Who works at a receiver, so that tasks can be given to them."""

import sqlalchemy as sa
from alembic import op

from blauweknop.adapters.database import UtcDateTime

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "verifier_staff",
        sa.Column("staff", sa.LargeBinary(32), nullable=False),
        sa.Column("receiver", sa.String(64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("seen_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("staff", name="pk_verifier_staff"),
    )
    op.create_index("ix_verifier_staff_seen_at", "verifier_staff", ["seen_at"])
