"""Somebody brings the history of Uptime Kuma to a daemon that runs."""

from __future__ import annotations

import json
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.kuma.databases import DOWN, UP, KumaDatabase
from tests.story.daemons import Uptimed, World, until


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with World().standing() as world:
        yield world


@pytest.fixture
async def uptimed(tmp_path: Path, world: World) -> AsyncIterator[Uptimed]:
    daemon = Uptimed(tmp_path, world)
    await daemon.start()
    yield daemon
    await daemon.stop(signal.SIGKILL)


async def works(uptimed: Uptimed) -> bool:
    status, said = await uptimed.staff_door("/metrics")
    return status == 200 and 'probe_success{product="shop",component="web",check="home",location="local"} 1' in said


async def test_the_past_counts_at_once_and_nobody_is_called_for_it(tmp_path: Path, uptimed: Uptimed, world: World) -> None:
    await until(lambda: works(uptimed), "the product is seen to work")
    kuma = KumaDatabase(tmp_path / "kuma.db", 2)
    kuma.beats(kuma.monitor("Shop", url=f"{world.url}/health"), [UP] * 600 + [DOWN] * 30 + [UP] * 1800 + [DOWN] * 20)
    kuma.close()

    code, out, err = await uptimed.command("import", "kuma", str(kuma.path), "--format", "json")
    assert code == 0, err
    assert json.loads(out)["imported"] == {"results": 2450, "evidence": 2450, "not": {}, "stored": True}
    assert not list(uptimed.data.glob("import-*")), "the record is not left behind"

    code, out, _ = await uptimed.command("availability", "--year", "2025", "--at", "2025-03-03T00:00:00Z", "--format", "json")
    account = json.loads(out)
    assert account["from"] == "2025-03-01T12:00:00.000Z"
    assert 29 * 60 < float(account["seconds"]["down"]) < 31 * 60

    assert await works(uptimed), "how it is now is what we see ourselves"
    assert await uptimed.incidents() == []
    assert world.types() == []

    _, again, _ = await uptimed.command("import", "kuma", str(kuma.path), "--format", "json")
    assert json.loads(again)["imported"]["not"] == {"duplicate": 2450}

    world.broken = True
    await until(lambda: world.types() == ["incident.opened"], "our own look still alerts")
