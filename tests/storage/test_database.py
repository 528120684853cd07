"""`write` and `read` on both databases: all or nothing, one moment, and trouble that is told apart."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from sqlalchemy.exc import DBAPIError

from tests.storage.builders import a_result
from uptimed.storage import audit, results
from uptimed.storage.database import Database
from uptimed.storage.errors import StorageError, StorageRefused


def note(conn, what: str = "noted") -> None:
    audit.add(conn, 1, "uptimed", what, "", {})


async def count(database: Database) -> int:
    return len(await database.read(lambda conn: audit.recent(conn, 1000)))


async def test_a_write_that_fails_leaves_nothing_and_its_error_comes_out_as_it_is(database: Database):
    def work(conn):
        note(conn)
        raise LookupError("a bug of ours")

    with pytest.raises(LookupError, match="a bug of ours"):
        await database.write(work)

    assert await count(database) == 0


async def test_after_a_failure_the_next_write_works(database: Database):
    for wrong in ("SELECT nonsense", "SELECT 1 / nothing"):
        with pytest.raises(DBAPIError):
            await database.write(lambda conn, wrong=wrong: conn.exec_driver_sql(wrong))
        await database.write(note)

    assert await count(database) == 2


async def test_writes_asked_for_at_once_happen_one_after_the_other(database: Database):
    def add_one(conn) -> None:
        note(conn, str(len(audit.recent(conn, 1000))))

    await asyncio.gather(*(database.write(add_one) for _ in range(50)))

    entries = await database.read(lambda conn: audit.recent(conn, 1000))
    assert [int(entry.what) for entry in reversed(entries)] == list(range(50))


async def test_a_reader_cannot_write(database: Database):
    with pytest.raises((DBAPIError, StorageError)):
        await database.read(note)

    await database.write(note)
    assert await count(database) == 1


async def test_what_was_written_is_there_when_it_is_opened_again(database: Database, address: str, tmp_path: Path):
    await database.write(lambda conn: results.add(conn, [a_result()]))
    await database.close()

    again = await Database.open(address, data=tmp_path)

    assert await again.read(lambda conn: results.latest(conn, a_result().check)) == a_result()
    await again.close()


async def test_one_opened_for_reading_reads_beside_the_writer_and_refuses_to_write(
    database: Database, address: str, tmp_path: Path
):
    reader = await Database.open(address, data=tmp_path, read_only=True)
    await database.write(note)

    assert await count(reader) == 1
    with pytest.raises(StorageRefused, match="for reading only"):
        await reader.write(note)
    await reader.close()


async def test_one_that_does_not_exist_yet_cannot_be_opened_for_reading(address: str, tmp_path: Path):
    with pytest.raises(StorageRefused, match="`uptimed run`"):
        await Database.open(address, data=tmp_path, read_only=True)


async def test_a_caller_that_is_cancelled_disturbs_nobody(database: Database):
    tasks = [asyncio.create_task(database.write(note)) for _ in range(20)]
    await asyncio.sleep(0)
    for task in tasks[::2]:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)

    await database.write(note)
    assert 11 <= await count(database) <= 21


@pytest.mark.parametrize(
    "address", ["mysql://root:geheim@db/x", "geheim", "postgresql+psycopg://u:geheim@h/x", "sqlite://", "sqlite:///:memory:"]
)
async def test_an_address_that_is_none_is_refused_without_repeating_it(address: str, tmp_path: Path):
    with pytest.raises(StorageRefused, match="`storage`") as refused:
        await Database.open(address, data=tmp_path)

    assert "geheim" not in str(refused.value)
