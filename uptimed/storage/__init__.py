"""Memory: SQLAlchemy Core tables, small functions in and domain values out, one writer; SQLite and PostgreSQL alike."""
