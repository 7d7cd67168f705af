"""Sessions of staff that their provider can end. Those that it could not end now end: people log in again."""

import sqlalchemy as sa
from alembic import op

from blauweknop.adapters.database import UtcDateTime

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(sa.text("DELETE FROM verifier_staff_sessions"))
    with op.batch_alter_table("verifier_staff_sessions") as table:
        table.add_column(sa.Column("staff", sa.LargeBinary(32), nullable=False))
        table.add_column(sa.Column("provider_session_tag", sa.LargeBinary(32), nullable=True))
    for column in ("staff", "provider_session_tag"):
        op.create_index(f"ix_verifier_staff_sessions_{column}", "verifier_staff_sessions", [column])
    op.create_table(
        "verifier_staff_logouts",
        sa.Column("token_hash", sa.LargeBinary(32), nullable=False),
        sa.Column("ends_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("token_hash", name="pk_verifier_staff_logouts"),
    )
    op.create_index("ix_verifier_staff_logouts_ends_at", "verifier_staff_logouts", ["ends_at"])
