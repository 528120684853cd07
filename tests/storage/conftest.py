"""`database`: every test that asks for it runs on SQLite and on a real PostgreSQL."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from uptimed.storage.database import Database


@pytest.fixture
async def database(address: str, tmp_path: Path) -> AsyncIterator[Database]:
    opened = await Database.open(address, data=tmp_path)
    yield opened
    await opened.close()
