"""Somebody looks, beside the running daemon, whether what is stored is what the evidence says; and puts right what is not."""

from __future__ import annotations

import contextlib
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
        await daemon.start()
        yield daemon
    finally:
        await daemon.end()


async def test_it_looks_beside_the_daemon_and_writes_only_without_one(uptimed: Uptimed, world: World):
    world.broken = True
    await until(lambda: world.types() == ["incident.opened"], "the alert arrives")

    code, out, err = await uptimed.command("rebuild", "--dry-run")
    assert (code, err) == (0, "")
    assert out.startswith("1 checks from ")
    assert out.endswith(": none differ\n")

    code, _, err = await uptimed.command("rebuild")
    assert code == 2
    assert "is in use by another uptimed (pid " in err

    code, _, err = await uptimed.command("rebuild", "--dry-run", "--check", "shop/web/hoem")
    assert (code, err) == (2, "There was never a check 'shop/web/hoem'; there are: shop/web/home.\n")

    await uptimed.stop()
    with contextlib.closing(sqlite3.connect(uptimed.data / "uptimed.db")) as raw:
        raw.execute("UPDATE segments SET point = 0, best = 0, worst = 0 WHERE point = 2")
        raw.commit()

    code, out, _ = await uptimed.command("rebuild", "--dry-run")
    assert code == 1
    assert "shop/web/home: differs, from 20" in out
    code, out, _ = await uptimed.command("rebuild", "--check", "shop/web/home")
    assert code == 0
    assert "shop/web/home: differed and is put right, from 20" in out
    assert (await uptimed.command("rebuild", "--dry-run"))[0] == 0
