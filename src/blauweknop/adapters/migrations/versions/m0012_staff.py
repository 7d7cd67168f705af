"""Who works at a receiver: who is in, and who works on which request."""

import sqlalchemy as sa
from alembic import op

from blauweknop.adapters.database import UtcDateTime

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    moment = UtcDateTime()
    op.create_table(
        "verifier_staff_sessions",
        sa.Column("id_hash", sa.LargeBinary(32), nullable=False),
        sa.Column("receiver", sa.String(64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("started_at", moment, nullable=False),
        sa.Column("last_seen_at", moment, nullable=False),
        sa.Column("ends_at", moment, nullable=False),
        sa.PrimaryKeyConstraint("id_hash", name="pk_verifier_staff_sessions"),
    )
    op.create_table(
        "verifier_tasks",
        sa.Column("request_hash", sa.LargeBinary(32), nullable=False),
        sa.Column("staff", sa.LargeBinary(32), nullable=False),
        sa.Column("receiver", sa.String(64), nullable=False),
        sa.Column("given_at", moment, nullable=False),
        sa.PrimaryKeyConstraint("request_hash", "staff", name="pk_verifier_tasks"),
        sa.ForeignKeyConstraint(
            ["request_hash"], ["verifier_requests.id_hash"], name="fk_verifier_tasks_request_hash_verifier_requests", ondelete="CASCADE"
        ),
    )
    for table, column in (
        ("verifier_staff_sessions", "last_seen_at"),
        ("verifier_staff_sessions", "ends_at"),
        ("verifier_tasks", "staff"),
    ):
        op.create_index(f"ix_{table}_{column}", table, [column])
