"""Which two requests belong together. Requests that are there are of one person, and stay so."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "verifier_households",
        sa.Column("id", sa.LargeBinary(16), nullable=False),
        sa.Column("receiver", sa.String(64), nullable=False),
        sa.Column("first_hash", sa.LargeBinary(32)),
        sa.Column("second_hash", sa.LargeBinary(32)),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_verifier_households"),
        sa.UniqueConstraint("first_hash", name="uq_verifier_households_first_hash"),
        sa.UniqueConstraint("second_hash", name="uq_verifier_households_second_hash"),
    )
