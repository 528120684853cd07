"""Schema: fresh, older, newer; and a migration that is killed at every step."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sqlite3
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text

from tests.storage.builders import a_result
from uptimed.domain.seals import Seal
from uptimed.storage import results, schema, seals
from uptimed.storage.database import Database
from uptimed.storage.errors import StorageRefused
from uptimed.storage.migrate import MIGRATIONS, migrate

KILLED_AT_STATEMENT = """
import os, signal, sys
from sqlalchemy import Engine, event
from uptimed.storage.migrate import migrate

statements = 0

@event.listens_for(Engine, "after_cursor_execute")
def count(*_):
    global statements
    statements += 1
    if statements == int(sys.argv[2]):
        os.kill(os.getpid(), signal.SIGKILL)

migrate(sys.argv[1])
"""


def shape(conn) -> dict[str, object]:
    """Tables, columns, keys, checks and indexes, as the database itself tells them; the order of a table's constraints is free."""
    if conn.dialect.name == "sqlite":
        told = conn.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL").all()
        return {name: sorted(line.strip(" \t,") for line in sql.splitlines()) for name, sql in told}
    inspector = inspect(conn)
    return {
        table: {
            "columns": [(column["name"], str(column["type"]), column["nullable"]) for column in inspector.get_columns(table)],
            "key": inspector.get_pk_constraint(table),
            "checks": sorted(str(check["name"]) + str(check["sqltext"]) for check in inspector.get_check_constraints(table)),
            "unique": inspector.get_unique_constraints(table),
            "indexes": sorted(inspector.get_indexes(table), key=lambda index: str(index["name"])),
        }
        for table in inspector.get_table_names()
        # Months come with time.
        if not table.startswith("results_2")
    }


async def shape_of(address: str, data: Path) -> dict[str, object]:
    database = await Database.open(address, data=data)
    found = await database.read(shape)
    await database.close()
    return found


async def stamp(database: Database, revision: str) -> None:
    await database.write(lambda conn: conn.execute(text("UPDATE alembic_version SET version_num = :it"), {"it": revision}) and None)


def test_every_revision_of_the_scripts_is_known_by_name():
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    scripts = ScriptDirectory.from_config(config)

    assert [script.revision for script in reversed(list(scripts.walk_revisions()))] == list(schema.REVISIONS)


async def test_a_fresh_database_and_a_migrated_one_have_the_same_schema(address: str, tmp_path: Path):
    fresh = await shape_of(address, tmp_path)
    await asyncio.to_thread(migrate, address, "base")
    await asyncio.to_thread(migrate, address)

    assert await shape_of(address, tmp_path) == fresh
    assert len(fresh) >= 13


async def test_an_older_database_is_brought_up_to_date_when_it_is_opened(address: str, tmp_path: Path):
    fresh = await shape_of(address, tmp_path)
    await asyncio.to_thread(migrate, address, "base")

    with pytest.raises(StorageRefused, match="older uptimed"):
        await Database.open(address, data=tmp_path, read_only=True)
    with pytest.raises(StorageRefused, match="older uptimed"):
        await Database.open(address, data=tmp_path, migrate=False)
    database = await Database.open(address, data=tmp_path)

    assert await database.read(shape) == fresh
    await database.write(lambda conn: results.add(conn, [a_result()]))
    await database.close()


async def test_seals_of_before_are_kept_when_planned_work_is_sealed_too(tmp_path: Path):
    address = f"sqlite:///{tmp_path}/uptimed.db"
    await shape_of(address, tmp_path)
    migrate(address, "base")
    migrate(address, "0009")
    with contextlib.closing(sqlite3.connect(tmp_path / "uptimed.db")) as raw:
        raw.execute("INSERT INTO seals VALUES ('2026-03-01', ?, ?, 7, 1, 2, 9, 10, NULL)", (bytes(32), b"\x01" * 32))
        raw.commit()

    database = await Database.open(address, data=tmp_path)

    assert await database.read(seals.load) == [Seal(date(2026, 3, 1), bytes(32), b"\x01" * 32, 7, 1, 2, 0, 9)]
    assert await database.read(lambda conn: seals.first_without(conn, seals.KEYS_REMOVED, date(2027, 1, 1))) is None
    await database.close()


async def test_a_newer_database_is_refused_in_one_sentence_and_nothing_is_touched(address: str, tmp_path: Path):
    database = await Database.open(address, data=tmp_path)
    await stamp(database, "9999")

    for read_only in (False, True):
        with pytest.raises(StorageRefused, match=r"newer uptimed \(revision 9999.*install that version") as refused:
            await Database.open(address, data=tmp_path, read_only=read_only)
        assert "\n" not in str(refused.value)
    assert await database.read(lambda conn: conn.scalar(text("SELECT version_num FROM alembic_version"))) == "9999"
    await database.close()


async def test_two_that_open_a_fresh_database_at_once_both_find_it_whole(address: str, tmp_path: Path):
    both = await asyncio.gather(*(Database.open(address, data=tmp_path) for _ in range(2)))

    for database in both:
        assert await database.read(lambda conn: schema.age_of(conn, "it")) is schema.Age.CURRENT
        await database.close()


async def test_before_a_migration_the_database_is_copied_with_its_write_ahead_log(tmp_path: Path):
    address = f"sqlite:///{tmp_path}/uptimed.db"
    await shape_of(address, tmp_path)
    migrate(address, "base")
    keeper = sqlite3.connect(tmp_path / "uptimed.db", isolation_level=None)
    keeper.execute("PRAGMA journal_mode=WAL")
    keeper.execute("CREATE TABLE keepsake (word TEXT)")
    keeper.execute("INSERT INTO keepsake VALUES ('still here')")

    await (await Database.open(address, data=tmp_path)).close()
    keeper.close()

    with contextlib.closing(sqlite3.connect(tmp_path / f"uptimed.db.before-{schema.HEAD}")) as copy:
        assert copy.execute("SELECT word FROM keepsake").fetchall() == [("still here",)]
        assert copy.execute("SELECT count(*) FROM sqlite_master WHERE name = 'results'").fetchone() == (0,)


async def test_a_migration_that_fails_leaves_the_database_as_it_was_and_names_the_copy(tmp_path: Path):
    address = f"sqlite:///{tmp_path}/uptimed.db"
    await shape_of(address, tmp_path)
    migrate(address, "base")
    other = sqlite3.connect(tmp_path / "uptimed.db")
    other.execute("CREATE TABLE results (in_the_way TEXT)")
    other.commit()
    before = other.execute("SELECT name FROM sqlite_master ORDER BY name").fetchall()

    with pytest.raises(StorageRefused, match=rf"as it was .*before-{schema.HEAD}"):
        await Database.open(address, data=tmp_path)

    assert other.execute("SELECT name FROM sqlite_master ORDER BY name").fetchall() == before
    other.close()


@pytest.mark.timeout(180)
@pytest.mark.parametrize("statement", [1, 4, 9, 15])
async def test_a_migration_killed_at_any_step_starts_again(address: str, tmp_path: Path, statement: int):
    fresh = await shape_of(address, tmp_path)
    await asyncio.to_thread(migrate, address, "base")

    child = await asyncio.create_subprocess_exec(
        sys.executable, "-c", KILLED_AT_STATEMENT, address, str(statement), stderr=subprocess.DEVNULL
    )

    assert await child.wait() == -signal.SIGKILL
    assert await shape_of(address, tmp_path) == fresh
