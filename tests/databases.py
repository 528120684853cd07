"""`address`: every test that asks for it runs on SQLite and on a real PostgreSQL."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.postgres import PostgresServer, postgres_server

__all__ = ["address", "postgres_server"]


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
async def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Of a database that does not exist yet, or is empty."""
    if request.param == "sqlite":
        return f"sqlite+aiosqlite:///{tmp_path}/uptimed.db"
    server: PostgresServer = request.getfixturevalue("postgres_server")
    return await asyncio.to_thread(server.new_database)
