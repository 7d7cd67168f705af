"""What waits for the yes of a colleague, and the log of who did what."""

import sqlalchemy as sa
from alembic import op

from blauweknop.adapters.database import UtcDateTime

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    moment = UtcDateTime()
    op.create_table(
        "verifier_approvals",
        sa.Column("id", sa.LargeBinary(16), nullable=False),
        sa.Column("receiver", sa.String(64), nullable=False),
        sa.Column("asker", sa.LargeBinary(32), nullable=False),
        sa.Column("request_hash", sa.LargeBinary(32), nullable=True),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("asked_at", moment, nullable=False),
        sa.Column("ends_at", moment, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_verifier_approvals"),
        sa.ForeignKeyConstraint(
            ["request_hash"],
            ["verifier_requests.id_hash"],
            name="fk_verifier_approvals_request_hash_verifier_requests",
            ondelete="CASCADE",
        ),
    )
    op.create_table(
        "verifier_staff_log",
        sa.Column("receiver", sa.String(64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.Column("staff", sa.String(64), nullable=True),
        sa.Column("deed", sa.String(32), nullable=False),
        sa.Column("about", sa.String(64), nullable=True),
        sa.Column("detail", sa.String(100), nullable=False),
        sa.Column("previous", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("receiver", "number", name="pk_verifier_staff_log"),
    )
    op.create_table(
        "verifier_staff_log_heads",
        sa.Column("receiver", sa.String(64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("receiver", name="pk_verifier_staff_log_heads"),
    )
    op.create_table(
        "verifier_staff_log_checkpoints",
        sa.Column("receiver", sa.String(64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("signed", sa.Text(), nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.PrimaryKeyConstraint("receiver", "number", name="pk_verifier_staff_log_checkpoints"),
    )
    for table, column in (
        ("verifier_approvals", "asker"),
        ("verifier_approvals", "request_hash"),
        ("verifier_approvals", "ends_at"),
        ("verifier_staff_log", "about"),
    ):
        op.create_index(f"ix_{table}_{column}", table, [column])
