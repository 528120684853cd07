"""What Alembic asks for: it gets the connection, and with it the transaction, of `uptimed.storage.migrate`."""

from __future__ import annotations

from alembic import context

from uptimed.storage.tables import metadata

context.configure(
    connection=context.config.attributes["connection"], target_metadata=metadata, render_as_batch=True, transactional_ddl=True
)
context.run_migrations()
