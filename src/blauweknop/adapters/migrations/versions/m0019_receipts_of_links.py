"""How long a receipt is kept that came for a link and that nobody looked at."""

import sqlalchemy as sa
from alembic import op

from blauweknop.adapters.database import UtcDateTime

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("holder_links", sa.Column("told_until", UtcDateTime()))
    op.create_index("ix_holder_links_told_until", "holder_links", ["told_until"])
