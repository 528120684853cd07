"""A check, a component or a product that gets another name keeps its history."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from probes.outcome import Verdict
from tests.engine.test_figures import YEAR
from tests.engine.world import World, catalogue, world
from uptimed.domain.catalogue import Catalogue
from uptimed.domain.severity import Severity
from uptimed.engine.availability import account_of
from uptimed.engine.restore import NeedsRestart

UP, DOWN = Verdict.UP, Verdict.DOWN
MOVED = {"shop/web": "shop/site", "shop/web/home": "shop/site/home"}


@pytest.fixture
async def shop(tmp_path: Path):
    async with world(tmp_path) as here:
        yield here


def renamed() -> Catalogue:
    return replace(catalogue("v2", site=Severity.CRITICAL), renames=MOVED)


async def test_a_renamed_component_keeps_its_year_its_outage_and_its_incident(shop: World):
    await shop.start()
    await shop.sees(UP, DOWN, DOWN, DOWN)
    before = account_of(shop.engine.picture.products["shop"], YEAR, shop.clock.us)

    await shop.start(renamed())

    after = account_of(shop.engine.picture.products["shop"], YEAR, shop.clock.us)
    assert after.figures == before.figures
    assert [one.incident.components for one in shop.engine.incidents.open_cases()] == [("shop/site",)]
    assert [one.component for one in shop.engine.picture.components["shop/site"].outages.values()] == ["shop/site"]

    await shop.sees(UP, UP, UP, component="site")
    assert not shop.engine.incidents.open_cases()


async def test_what_a_worker_still_brings_under_the_old_name_counts(shop: World):
    await shop.start()
    await shop.sees(UP, UP)
    shop.clock.us += 20_000_000
    spooled = shop.result(UP)
    shop.clock.us += 100_000

    await shop.start(renamed())
    await shop.engine.on_batch([spooled])

    timeline = shop.engine.picture.checks["shop/site/home"].timeline
    assert timeline.last_start_us == spooled.started_us


async def test_a_running_daemon_gives_nothing_another_name(shop: World):
    await shop.start()
    await shop.sees(UP)

    with pytest.raises(NeedsRestart, match="shop/site was shop/web"):
        await shop.engine.prepare(renamed())

    assert "shop/web" in shop.engine.picture.components
