"""Alembic: how an older database becomes a newer one (`uptimed.storage.migrate`)."""
