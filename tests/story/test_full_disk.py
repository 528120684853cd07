"""A disk that is really full: checks and alerts go on, and when somebody has made room everything is stored (RELIABILITY G17)."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.capabilities import need
from tests.story.daemons import Uptimed, World, until
from tests.story.shops import looking_into


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """The daemon's data directory, on a file system of 24 MiB."""
    mount = need("mounting")
    place = tmp_path / "data"
    place.mkdir()
    subprocess.run([mount, "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(place)], check=True)
    try:
        yield place
    finally:
        subprocess.run(["umount", "--lazy", str(place)], check=True)


@asynccontextmanager
async def filled(disk: Path) -> AsyncIterator[None]:
    """No room: whatever is given back, the reserve of uptimed among it, is taken at once."""
    ballast = os.open(disk / "ballast", os.O_WRONLY | os.O_CREAT)

    async def fill() -> None:
        while True:
            try:
                os.write(ballast, bytes(4096))
            except OSError:
                await asyncio.sleep(0.02)

    filling = asyncio.create_task(fill())
    try:
        yield
    finally:
        filling.cancel()
        os.close(ballast)
        (disk / "ballast").unlink()


async def metric(uptimed: Uptimed, line: str) -> bool:
    return line in (await uptimed.staff_door("/metrics"))[1].splitlines()


async def says(uptimed: Uptimed, text: str) -> bool:
    return text in await uptimed.page("/en/")


async def test_on_a_full_disk_checks_alerts_and_page_go_on_and_everything_is_stored_afterwards(
    tmp_path: Path, small_disk: Path
) -> None:
    async with World().standing() as world:
        uptimed = Uptimed(tmp_path, world)
        try:
            await uptimed.start()
            await until(lambda: metric(uptimed, 'uptimed_component_up{product="shop",component="web"} 1'), "it is seen to work")
            async with filled(small_disk):
                await it_goes_on_without_room(uptimed, world, small_disk)
            await until(lambda: metric(uptimed, "uptimed_storage_up 1.0"), "it recovers by itself", within_s=10)
            assert await uptimed.stop() == 0
        finally:
            await uptimed.end()
    assert world.types() == ["incident.opened", "incident.resolved"], "nothing is told twice once it can be written down"
    everything_is_stored(small_disk)


async def it_goes_on_without_room(uptimed: Uptimed, world: World, disk: Path) -> None:
    await until(lambda: metric(uptimed, "uptimed_storage_up 0.0"), "the disk is full")
    seen = world.looks
    world.broken = True
    await until(lambda: world.types() == ["incident.opened"], "the alert leaves")
    await until(lambda: says(uptimed, "Shop is down"), "the page says so")
    status, said = await uptimed.staff_door("/-/ready")
    assert status == 200
    assert "make room and it recovers by itself" in said
    world.broken = False
    await until(lambda: world.types() == ["incident.opened", "incident.resolved"], "the good news leave")
    await until(lambda: world.looks > seen + 10, "checks go on")
    assert "make room" in uptimed.log.read_text("utf-8")
    assert shutil.disk_usage(disk).free == 0
    with looking_into(disk / "uptimed.db") as database:
        assert database.execute("SELECT count(*) FROM incidents").fetchone() == (0,), "there was room after all"


def everything_is_stored(disk: Path) -> None:
    with looking_into(disk / "uptimed.db") as database:
        numbers = [int(row[0].rpartition("/")[2]) for row in database.execute("SELECT id FROM results")]
        assert sorted(numbers) == list(range(1, len(numbers) + 1)), "the worker numbers its results without a gap"
        assert database.execute("SELECT stage, resolved_at_us IS NOT NULL FROM incidents").fetchall() == [("resolved", 1)]
        assert database.execute("SELECT ended_at_us IS NOT NULL FROM outages").fetchall() == [(1,)]
        assert database.execute("SELECT kind, state FROM outbox ORDER BY position").fetchall() == [
            ("incident.opened", "sent"),
            ("incident.resolved", "sent"),
        ]
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    with looking_into(disk / "spool.db") as database:
        assert database.execute("SELECT count(*) FROM results").fetchone() == (0,)
