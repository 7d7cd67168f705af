"""Who fetched a document for another, as a keyed hash beside that of the person whom it is about."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("issued_documents", sa.Column("acting_tag", sa.LargeBinary(32)))
    op.create_index("ix_issued_documents_acting_tag", "issued_documents", ["acting_tag"])
