"""The versions of the contract, as the database keeps them."""

from __future__ import annotations

from dataclasses import replace

from tests.storage.builders import a_catalogue
from uptimed.domain.contract import ContractVersion
from uptimed.storage import contracts
from uptimed.storage.database import Database


async def test_only_what_promises_or_watches_something_else_is_a_new_version(database: Database):
    same = replace(a_catalogue("home", version="v2"), references=("https://www.example.org/",))

    def work(conn):
        contracts.record(conn, ContractVersion.of(a_catalogue("home"), 100))
        contracts.record(conn, ContractVersion.of(same, 200))
        return contracts.record(conn, ContractVersion.of(a_catalogue("home", "login"), 300))

    history = await database.write(work)

    assert [one.from_us for one in history.versions] == [100, 300]
    assert history.check_ids() == ["sia/web/home", "sia/web/login"]


async def test_a_version_is_read_back_as_it_was_made(database: Database):
    version = ContractVersion.of(a_catalogue("home", "login"), 100)
    await database.write(lambda conn: contracts.record(conn, version))

    history = await database.read(contracts.load)

    assert history is not None
    assert history.newest == version


async def test_a_clock_set_back_puts_no_version_before_another(database: Database):
    def work(conn):
        contracts.record(conn, ContractVersion.of(a_catalogue("home"), 300))
        return contracts.record(conn, ContractVersion.of(a_catalogue("home", "login"), 100))

    assert [one.from_us for one in (await database.write(work)).versions] == [300, 301]


async def test_where_nothing_was_ever_configured_there_is_no_contract(database: Database):
    assert await database.read(contracts.load) is None
