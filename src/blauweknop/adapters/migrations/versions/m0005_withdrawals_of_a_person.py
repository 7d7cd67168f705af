"""What was made for a person can be found, and a withdrawal says why; copies of credentials are kept beside documents."""

import sqlalchemy as sa
from alembic import op

from blauweknop.adapters.database import UtcDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("issued_documents", sa.Column("kind", sa.String(16), nullable=False, server_default="document"))
    op.add_column("issued_documents", sa.Column("person_tag", sa.LargeBinary(32)))
    op.add_column("issued_documents", sa.Column("withdrawal", sa.BigInteger().with_variant(sa.Integer, "sqlite")))
    op.create_index(op.f("ix_issued_documents_person_tag"), "issued_documents", ["person_tag"])
    op.add_column("withdrawals", sa.Column("until", UtcDateTime()))
    op.add_column("withdrawals", sa.Column("reason", sa.String(16), nullable=False, server_default="other"))
