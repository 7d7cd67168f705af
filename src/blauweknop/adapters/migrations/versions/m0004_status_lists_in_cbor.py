"""Status lists are published in CBOR too."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("status_lists", sa.Column("token_cwt", sa.LargeBinary()))
    # What was published before has no such form: it is signed anew when it is asked for.
    op.execute(sa.text("UPDATE status_lists SET token = NULL, token_at = NULL, token_changes = NULL"))
