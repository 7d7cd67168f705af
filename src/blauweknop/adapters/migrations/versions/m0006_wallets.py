"""What a source gave to wallets and browsers while it issues credentials, and what was used once."""

import sqlalchemy as sa
from alembic import op

from blauweknop.adapters.database import UtcDateTime

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    moment = UtcDateTime()
    op.create_table(
        "wallet_references",
        sa.Column("id_hash", sa.LargeBinary(32), nullable=False),
        sa.Column("source", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("parent_hash", sa.LargeBinary(32)),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("used", sa.Boolean(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("ends_at", moment, nullable=False),
        sa.PrimaryKeyConstraint("id_hash", name="pk_wallet_references"),
    )
    op.create_index("ix_wallet_references_parent_hash", "wallet_references", ["parent_hash"])
    op.create_index("ix_wallet_references_ends_at", "wallet_references", ["ends_at"])
    op.create_table(
        "wallet_uses",
        sa.Column("name_hash", sa.LargeBinary(32), nullable=False),
        sa.Column("ends_at", moment, nullable=False),
        sa.PrimaryKeyConstraint("name_hash", name="pk_wallet_uses"),
    )
    op.create_index("ix_wallet_uses_ends_at", "wallet_uses", ["ends_at"])
