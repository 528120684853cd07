"""The versions of the contract, as the database keeps them."""

from __future__ import annotations

from dataclasses import replace

from tests.storage.builders import a_catalogue
from uptimed.domain.contract import ContractVersion, ImportedCheck
from uptimed.domain.policy import Rules
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


async def test_an_import_of_older_results_puts_its_beginning_back_and_never_forward(database: Database):
    def check(from_us: int, horizon_us: int = 130) -> ImportedCheck:
        return ImportedCheck("sia/web/home", "import:kuma", Rules(horizon_us, 1, 3), from_us)

    def work(conn):
        contracts.record(conn, ContractVersion.of(a_catalogue("home"), 100))
        contracts.note_imports(conn, [check(20)])
        contracts.note_imports(conn, [check(10, 150)])
        return contracts.note_imports(conn, [check(30)])

    history = await database.write(work)

    assert history.imported == (check(10, 150),)
    assert (await database.read(contracts.load)).imported == history.imported
