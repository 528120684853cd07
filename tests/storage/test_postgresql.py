"""What is peculiar to PostgreSQL: a server that goes and comes back, partitions, and rights."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.postgres import PostgresServer
from tests.storage.builders import a_result
from uptimed.storage import audit, partitions, results
from uptimed.storage.database import Database
from uptimed.storage.errors import StorageAway, StorageRefused

pytestmark = pytest.mark.postgres

MARCH_2026_US = 1_772_323_200_000_000
DAY_US = 86_400_000_000


def note(conn) -> None:
    audit.add(conn, 1, "uptimed", "noted", "", {})


def months(conn) -> list[str]:
    names = text("SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'results'::regclass ORDER BY 1")
    return list(conn.scalars(names))


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGQUIT], ids=["stopped", "crashed"])
async def test_a_server_that_goes_is_away_and_works_when_it_is_back(
    postgres_server: PostgresServer, tmp_path: Path, how: signal.Signals
):
    address = await asyncio.to_thread(postgres_server.new_database)
    database = await Database.open(address, data=tmp_path)
    await database.write(note)
    await asyncio.to_thread(postgres_server.stop, how)
    try:
        for _ in range(3):
            with pytest.raises(StorageAway, match="trying again"):
                await database.write(note)
            with pytest.raises(StorageAway):
                await database.read(lambda conn: audit.recent(conn, 10))
        with pytest.raises(StorageAway):
            await Database.open(address, data=tmp_path)
    finally:
        await asyncio.to_thread(postgres_server.start)

    await database.write(note)
    assert len(await database.read(lambda conn: audit.recent(conn, 10))) == 2
    await database.close()


async def test_a_connection_that_the_server_cuts_in_mid_work_is_away(postgres_server: PostgresServer, tmp_path: Path):
    database = await Database.open(await asyncio.to_thread(postgres_server.new_database), data=tmp_path)

    def cut(conn) -> None:
        note(conn)
        conn.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))

    with pytest.raises(StorageAway):
        await database.write(cut)

    await database.write(note)
    assert len(await database.read(lambda conn: audit.recent(conn, 10))) == 1
    await database.close()


async def test_a_lock_of_another_program_is_away(postgres_server: PostgresServer, tmp_path: Path):
    address = await asyncio.to_thread(postgres_server.new_database)
    database, other = await Database.open(address, data=tmp_path), await Database.open(address, data=tmp_path)
    locked, loose = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()

    def hold(conn) -> None:
        conn.execute(text("LOCK TABLE audit IN ACCESS EXCLUSIVE MODE"))
        loop.call_soon(locked.set)
        conn.execute(text("SELECT pg_sleep(4)"))

    holding = asyncio.create_task(other.write(hold))
    await locked.wait()
    with pytest.raises(StorageAway, match="55P03"):
        await database.write(note)
    await holding
    loose.set()
    await database.write(note)
    await database.close()
    await other.close()


async def test_a_database_that_does_not_exist_is_refused(postgres_server: PostgresServer, tmp_path: Path):
    with pytest.raises(StorageRefused, match=r"the database nowhere .*does not exist"):
        await Database.open(postgres_server.address_of("nowhere"), data=tmp_path)


async def test_a_server_that_is_not_there_is_away_and_the_password_is_not_told(tmp_path: Path):
    with pytest.raises(StorageAway, match=r"uptime at 127\.0\.0\.1") as away:
        await Database.open("postgresql+asyncpg://u:geheim@127.0.0.1:1/uptime", data=tmp_path)

    assert "geheim" not in str(away.value)


async def test_results_lie_in_the_month_in_which_they_were_received(postgres_server: PostgresServer, tmp_path: Path):
    database = await Database.open(await asyncio.to_thread(postgres_server.new_database), data=tmp_path)

    def work(conn) -> list[tuple[str, int]]:
        partitions.ensure(conn, MARCH_2026_US)
        partitions.ensure(conn, MARCH_2026_US)
        results.add(conn, [a_result(number, received_us=MARCH_2026_US + number * 31 * DAY_US) for number in range(4)])
        where = text("SELECT tableoid::regclass::text, started_us FROM results ORDER BY started_us")
        return [row[0] for row in conn.execute(where)]

    assert await database.write(work) == ["results_2026_03", "results_2026_04", "results_2026_05", "results_default"]
    assert len(await database.read(lambda conn: results.evidence(conn, "sia/web/home", 0, 2**62))) == 4
    await database.close()


async def test_a_month_whose_results_lie_in_the_default_partition_is_passed_over(postgres_server: PostgresServer, tmp_path: Path):
    database = await Database.open(await asyncio.to_thread(postgres_server.new_database), data=tmp_path)
    await database.write(lambda conn: results.add(conn, [a_result(received_us=MARCH_2026_US)]))

    await database.write(lambda conn: partitions.ensure(conn, MARCH_2026_US))

    found = await database.read(months)
    assert "results_2026_03" not in found
    assert {"results_2026_04", "results_2026_05", "results_default"} <= set(found)
    await database.close()
