"""A copy made while the daemon writes, and the life that goes on from it: stop, copy, start."""

from __future__ import annotations

import asyncio
import contextlib
import json
import shutil
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.story.daemons import Uptimed, World, until


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with World().standing() as world:
        yield world


@pytest.fixture
async def uptimed(tmp_path: Path, world: World) -> AsyncIterator[Uptimed]:
    daemon = Uptimed(tmp_path, world)
    try:
        yield daemon
    finally:
        await daemon.end()


def results_in(file: Path) -> int:
    with contextlib.closing(sqlite3.connect(file)) as raw:
        return int(raw.execute("SELECT count(*) FROM results").fetchone()[0])


async def down_s(uptimed: Uptimed) -> float:
    code, out, err = await uptimed.command("availability", "--format", "json")
    assert code in (0, 1, 3), err
    return float(json.loads(out)["seconds"]["down"])


async def test_what_was_known_at_the_backup_is_known_after_the_disaster(uptimed: Uptimed, world: World, tmp_path: Path):
    await uptimed.start()
    world.broken = True
    await until(lambda: world.types() == ["incident.opened"], "the alert arrives")
    world.broken = False
    await until(lambda: world.types() == ["incident.opened", "incident.resolved"], "the good news arrives")
    copy = tmp_path / "uptimed-copy.db"

    code, out, err = await uptimed.command("backup", str(copy))

    assert (code, err) == (0, "")
    assert "examined and whole" in out
    assert copy.stat().st_mode & 0o077 == 0
    copied = results_in(copy)
    incidents, down = await uptimed.incidents(), await down_s(uptimed)
    assert copied > 0
    assert down > 0
    database = uptimed.data / "uptimed.db"
    await until(lambda: asyncio.to_thread(lambda: results_in(database) > copied), "the daemon goes on writing")

    # The disk is lost, with all that was written since; the restore is what the README says.
    await uptimed.stop()
    shutil.rmtree(uptimed.data)
    uptimed.data.mkdir()
    shutil.copy(copy, database)
    await uptimed.start()

    assert await uptimed.incidents() == incidents
    assert await down_s(uptimed) == down
    await until(lambda: asyncio.to_thread(lambda: results_in(database) > copied), "it goes on from there")


async def test_a_backup_replaces_nothing(uptimed: Uptimed, tmp_path: Path):
    kept = tmp_path / "kept"
    kept.write_text("of last year")

    code, _, err = await uptimed.command("backup", str(kept))
    assert (code, err) == (2, f"the database {uptimed.data}/uptimed.db does not exist yet; `uptimed run` creates it\n")

    await uptimed.start()
    code, _, err = await uptimed.command("backup", str(kept))
    assert (code, err) == (2, f"{kept} exists already and was left as it is; choose another name, or move it away\n")
    assert kept.read_text() == "of last year"

    code, _, err = await uptimed.command("backup", str(tmp_path / "nowhere" / "copy"))
    assert code == 2
    assert "nowhere" in err


async def test_on_postgresql_it_says_how_and_tells_no_password(uptimed: Uptimed):
    said = uptimed.config.read_text() + "storage: postgresql+asyncpg://watch:hunter2@db.example.com:5433/up\n"
    uptimed.config.write_text(said)

    code, _, err = await uptimed.command("backup", "copy.dump")

    assert code == 2
    assert "pg_dump --format=custom --file=copy.dump --host=db.example.com --port=5433 --username=watch up" in err
    assert "hunter2" not in err
