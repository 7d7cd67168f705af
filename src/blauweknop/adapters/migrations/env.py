"""Alembic runs this for each walk over the steps; the connection, in a transaction already, comes from `database.upgrade`."""

from alembic import context

from blauweknop.adapters import records

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=records.SESSIONS.metadata,
    render_as_batch=True,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
