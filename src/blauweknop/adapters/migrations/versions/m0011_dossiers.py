"""What a receiver keeps beside an answer: notes, and what sources said later. Both go with the answer."""

import sqlalchemy as sa
from alembic import op

from blauweknop.adapters.database import UtcDateTime

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "verifier_dossier_notes",
        sa.Column("dossier", sa.LargeBinary(16), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("dossier", "place", name="pk_verifier_dossier_notes"),
        sa.ForeignKeyConstraint(
            ["dossier"], ["verifier_dossiers.id"], name="fk_verifier_dossier_notes_dossier_verifier_dossiers", ondelete="CASCADE"
        ),
    )
    op.create_table(
        "verifier_dossier_checks",
        sa.Column("dossier", sa.LargeBinary(16), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("checked_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("dossier", name="pk_verifier_dossier_checks"),
        sa.ForeignKeyConstraint(
            ["dossier"], ["verifier_dossiers.id"], name="fk_verifier_dossier_checks_dossier_verifier_dossiers", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_verifier_dossier_checks_checked_at", "verifier_dossier_checks", ["checked_at"])
