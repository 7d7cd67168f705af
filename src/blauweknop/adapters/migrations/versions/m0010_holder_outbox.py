"""What Mijn Blauwe Knop must tell a receiver: withdrawals on their way, and what came back."""

import sqlalchemy as sa
from alembic import op

from blauweknop.adapters.database import UtcDateTime

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "holder_outbox",
        sa.Column("id_hash", sa.LargeBinary(32), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("due_at", UtcDateTime()),
        sa.Column("ends_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id_hash", name="pk_holder_outbox"),
    )
    for column in ("due_at", "ends_at"):
        op.create_index(f"ix_holder_outbox_{column}", "holder_outbox", [column])
