"""Alembic runs this for each walk over the steps; the connection, in a transaction already, comes from `database.upgrade`."""

from alembic import context

from blauweknop.adapters import api_records, holder_records, records, wallet_records

_TABLES = (
    records.SESSIONS,
    api_records.VERIFICATIONS,
    holder_records.HOLDER_ACCOUNTS,
    wallet_records.WALLET_USES,
)  # of each module with tables one, so that all are known here

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=_TABLES[0].metadata,
    render_as_batch=True,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
