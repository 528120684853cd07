"""Somebody asks for the evidence of a year, and checks it on a machine that has nothing of ours but the program."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import sqlite3
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.story.daemons import Uptimed, World, until

YEAR = str(datetime.now(UTC).year)


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with World().standing() as world:
        yield world


@pytest.fixture
async def uptimed(tmp_path: Path, world: World) -> AsyncIterator[Uptimed]:
    daemon = Uptimed(tmp_path, world)
    try:
        await daemon.start()
        yield daemon
    finally:
        await daemon.end()


async def alone(folder: Path, *args: str) -> tuple[int, str]:
    """Without a configuration, a database or a proxy to anywhere."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "uptimed", *args, cwd=folder, env={"PATH": os.environ["PATH"]},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    out, _ = await process.communicate()
    assert process.returncode is not None
    return process.returncode, out.decode()


async def test_the_evidence_of_a_year_is_exported_beside_the_daemon_and_proven_elsewhere(
    uptimed: Uptimed, world: World, tmp_path: Path
):
    world.broken = True
    await until(lambda: world.types() == ["incident.opened"], "the alert arrives")
    world.broken = False
    await until(lambda: world.types() == ["incident.opened", "incident.resolved"], "the good news arrives")
    file = tmp_path / "evidence.zip"

    code, out, err = await uptimed.command("export-evidence", "--year", YEAR, "--output", str(file))
    assert (code, err) == (0, "")
    assert out.endswith(f"no day of it is sealed yet; `uptimed verify {file}` recomputes its figures\n")

    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    code, out = await alone(elsewhere, "verify", str(file))
    assert (code, "every figure follows from the results" in out) == (0, True)
    code, out, _ = await uptimed.command("verify", "--year", YEAR)
    assert (code, "every figure follows from the results" in out) == (0, True)

    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(bytes(content))
    code, out = await alone(elsewhere, "verify", str(file))
    assert code == 1
    assert "is not as it was written" in out or "cannot be read as uptimed evidence" in out

    code, _, err = await uptimed.command("export-evidence", "--year", YEAR, "--output", str(file))
    assert (code, err) == (2, f"{file} exists already and was left as it is; choose another name with --output, or move it away\n")


async def test_what_was_bent_in_the_database_is_found_with_its_check_day_and_figure(uptimed: Uptimed, world: World):
    world.broken = True
    await until(lambda: world.types() == ["incident.opened"], "the alert arrives")
    world.broken = False
    await until(lambda: world.types() == ["incident.opened", "incident.resolved"], "the good news arrives")
    await uptimed.stop()
    with contextlib.closing(sqlite3.connect(uptimed.data / "uptimed.db")) as raw:
        raw.execute("UPDATE segments SET point = 0, best = 0, worst = 0 WHERE point = 2")
        raw.commit()

    code, out, err = await uptimed.command("verify", "--year", YEAR)

    assert (code, err) == (1, "")
    assert f"shop/web/home {datetime.now(UTC):%Y-%m-%d}: down_us was said to be 0; from the results it is " in out
    assert f"shop {YEAR}: seconds.down was said to be " in out


async def test_a_day_that_went_by_is_sealed_when_the_daemon_starts(uptimed: Uptimed):
    database = uptimed.data / "uptimed.db"

    def rows(question: str) -> list[tuple[int]]:
        with contextlib.closing(sqlite3.connect(database)) as raw:
            found = raw.execute(question).fetchall()
            raw.commit()
        return found

    await until(lambda: rows("SELECT count(*) FROM results")[0][0] > 3, "there are results")
    await uptimed.stop()
    rows("UPDATE results SET started_us = started_us - 2 * 86400000000, ended_us = ended_us - 2 * 86400000000")
    rows("UPDATE results SET received_us = received_us - 2 * 86400000000")
    number = rows("SELECT count(*) FROM results")[0][0]

    await uptimed.start()

    async def sealed() -> bool:
        _, said = await uptimed.staff_door("/metrics")
        found = re.search(r"^uptimed_sealed_until_timestamp_seconds (\S+)$", said, re.MULTILINE)
        return found is not None and float(found[1]) > 0

    await until(sealed, "the day is sealed, and the metric says so")
    assert rows("SELECT results FROM seals ORDER BY received_on")[0] == (number,)


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["verify"], "Say what to verify"),
        (["verify", "x.zip", "--year", "2026"], "Say what to verify"),
        (["verify", "not-there.zip"], "not-there.zip cannot be read (No such file or directory)"),
        (["verify", "--year", "2999"], "2999 has not begun yet"),
        (["export-evidence", "--year", "2999"], "2999 has not begun yet"),
        (["export-evidence", "--year", YEAR, "--output", "/nowhere/x.zip"], "/nowhere/x.zip cannot be written"),
    ],
)
async def test_wrong_use_is_told_in_a_sentence(uptimed: Uptimed, args: list[str], said: str):
    code, out, err = await uptimed.command(*args)

    assert (code, out) == (2, "")
    assert said in err
    assert err.count("\n") == 1
