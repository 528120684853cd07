"""The year 2026 of three products, in a database that lives as long as the tests of this room; and Chromium."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from tests.report.year import NOW, the_year
from uptimed.engine.report import Report, report_of
from uptimed.engine.report_facts import Facts, Wish, read_facts
from uptimed.report.blocks import View
from uptimed.report.view import view_of
from uptimed.storage.database import Database

Reporting = Callable[..., Report]
YEAR = Wish(2026)


@pytest.fixture(scope="session")
def facts_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Wish, int], Facts]:
    """The facts for a wish as of an instant; nothing changes between them."""
    folder = tmp_path_factory.mktemp("year")
    address = f"sqlite+aiosqlite:///{folder}/uptimed.db"

    async def prepared():
        database = await Database.open(address, data=folder)
        try:
            return await the_year(database)
        finally:
            await database.close()

    catalogue = asyncio.run(prepared())

    def read(wish: Wish, as_of_us: int) -> Facts:
        async def work() -> Facts:
            database = await Database.open(address, data=folder, read_only=True)
            try:
                return await read_facts(database, catalogue, wish, as_of_us)
            finally:
                await database.close()

        return asyncio.run(work())

    return read


@pytest.fixture(scope="session")
def reported(facts_of: Callable[[Wish, int], Facts]) -> Reporting:
    known: dict[tuple[Wish, int], Report] = {}

    def read(wish: Wish = YEAR, as_of_us: int = NOW) -> Report:
        if (wish, as_of_us) not in known:
            known[wish, as_of_us] = report_of(facts_of(wish, as_of_us))
        return known[wish, as_of_us]

    return read


@pytest.fixture(params=["en", "fr"])
def view(request: pytest.FixtureRequest, reported: Reporting) -> View:
    return view_of(reported(), request.param, "0.1.0")
