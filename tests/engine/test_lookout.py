"""Budgets and silence, told once: with a clock moved by hand, and over restarts."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from probes.outcome import Verdict
from tests.engine.world import EVERY_S, S, World, catalogue, world
from uptimed.domain.catalogue import BudgetAlerts, Catalogue
from uptimed.domain.severity import Severity
from uptimed.engine.lookout import Lookout
from uptimed.metrics import EngineGauges
from uptimed.storage import alerts

UP, DEGRADED, DOWN, UNKNOWN = Verdict
MINUTE = 60 * S
HORIZON = (2 * EVERY_S + 5 + 5) * S
"""Of the checks of the world: two intervals, the timeout and five seconds."""
WANTED = BudgetAlerts(page=("pager",), ticket=("hook",), left_us=(0, 5 * MINUTE, 10 * MINUTE), exhaustion_us=30 * 86_400 * S)


def told_of(wanted: BudgetAlerts, **severities: Severity) -> Catalogue:
    """Who hears of incidents does not matter here."""
    return replace(catalogue(**severities), budget_alerts=wanted, escalation={}, operator=("hook",))


class Watched(World):
    """The world with its lookout."""

    lookout: Lookout
    gauges: EngineGauges

    async def begin(self, wanted: Catalogue | None = None) -> None:
        """A new life of the daemon on the same database."""
        await self.start(wanted or told_of(WANTED))
        self.gauges = EngineGauges()
        self.lookout = Lookout(self.engine, self.gauges, self.clock, await self.database.read(alerts.load))

    async def looks(self, every_s: int = 30, times: int = 1) -> list[tuple[str, str]]:
        """Look so often; (kind, channel) of the messages that this made."""
        known = len(await self.messages())
        for _ in range(times):
            await self.lookout.look()
            await self.engine.flush()
            self.clock.us += every_s * S
        return [(row["kind"], row["channel"]) for row in (await self.messages())[known:]]

    def facts(self) -> list[dict[str, Any]]:
        return [dict(one.payload) for one in self.engine.journal.pending.messages]

    def firing(self) -> set[str]:
        """The rules whose gauge stands at 1."""
        lines = b"".join(self.gauges.pieces()).decode().splitlines()
        return {line.split('rule="')[1].split('"')[0] for line in lines if "burn_rate_firing{" in line and line.endswith(" 1")}


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Watched]:
    async with world(tmp_path) as plain:
        shop = Watched(plain.database, plain.clock)
        await shop.begin()
        await shop.sees(UP, UP)
        yield shop


async def an_outage(shop: Watched, seconds: int) -> None:
    """So long, found out every two seconds; before and afterwards it is up."""
    await shop.sees(UP, gap_s=2)
    await shop.sees(*[DOWN] * (seconds // 2), gap_s=2)
    await shop.sees(UP, UP, UP, gap_s=2)


async def test_a_fast_burn_pages_once_and_not_again_in_its_long_window(shop: Watched) -> None:
    assert await shop.looks() == []
    await an_outage(shop, 24)  # a service that began in September has 874 s for its year: 2 % are 17.5 s
    assert await shop.looks() == [("budget.burning", "pager")]
    assert shop.firing() == {"page-fast"}
    assert await shop.looks() == []
    for _ in range(24):
        await shop.sees(UP)
    assert await shop.looks() == []
    assert shop.firing() == set()
    await an_outage(shop, 24)
    assert await shop.looks() == [("budget.burning", "pager")], "the slow rule, which has not been told yet"
    assert shop.firing() == {"page-fast", "page-slow"}


async def test_it_burns_again_and_is_told_again_when_the_long_window_is_over(shop: Watched) -> None:
    await an_outage(shop, 24)
    assert await shop.looks() == [("budget.burning", "pager")]
    for _ in range(200):
        await shop.sees(UP)
    assert await shop.looks() == []
    await an_outage(shop, 22)
    assert ("budget.burning", "pager") in await shop.looks()


async def test_a_restart_repeats_nothing_and_frozen_keeps_what_was(shop: Watched) -> None:
    await an_outage(shop, 24)
    assert await shop.looks() == [("budget.burning", "pager")]
    await shop.begin()
    assert await shop.looks() == []
    assert shop.firing() == {"page-fast"}
    shop.clock.us += 4 * MINUTE
    assert "page-fast" in shop.firing()
    await shop.looks(times=2)
    assert shop.firing() == {"page-fast"}, "most of the last five minutes was not measured: it stays as it was"
    await shop.begin()
    await shop.looks()
    assert shop.firing() == {"page-fast"}, "and it does so over a restart"


async def test_what_is_left_is_told_at_each_threshold_and_a_jump_over_two_once(shop: Watched) -> None:
    await an_outage(shop, 300)
    first = await shop.looks()
    assert first.count(("budget.low", "hook")) == 1
    await an_outage(shop, 60)
    assert ("budget.low", "hook") not in await shop.looks()
    await shop.begin()
    await an_outage(shop, 600)
    assert (await shop.looks()).count(("budget.low", "hook")) == 1
    assert ("budget.low", "hook") not in await shop.looks(times=3)


async def test_the_facts_of_a_message_are_those_of_the_page(shop: Watched) -> None:
    await an_outage(shop, 24)
    await shop.lookout.look()
    (budget,) = [one["budget"] for one in shop.facts()]
    assert (budget["product"], budget["rule"], budget["year"], budget["target"]) == ("shop", "page-fast", 2026, "99.99")
    used, allowed, left = (budget["seconds"][name] for name in ("used", "allowed", "remaining"))
    assert budget["windows"] == [{"seconds": 3_600, "downtime": used}, {"seconds": 300, "downtime": used}]
    assert 24 <= used <= 26
    assert allowed - used - 1 <= left <= allowed - used
    assert budget["projected_exhaustion"] is None, "some minutes are no pace"
    assert budget["url"] == "https://status.example.com/en/"


async def test_the_end_of_the_budget_is_told_when_the_pace_is_known(shop: Watched) -> None:
    await an_outage(shop, 60)
    assert ("budget.exhaustion_projected", "hook") not in await shop.looks()
    shop.clock.us += 86_400 * S
    await shop.sees(UP, UP)
    await shop.lookout.look()
    (budget,) = [one["budget"] for one in shop.facts() if one["budget"]["rule"] == "exhaustion"]
    assert budget["as_of"] < budget["projected_exhaustion"] < budget["to"]
    assert ("budget.exhaustion_projected", "hook") in await shop.looks()
    await shop.sees(UP)
    assert await shop.looks(times=2) == []


async def test_who_is_named_later_is_told_what_fires_then(shop: Watched) -> None:
    await shop.begin(told_of(BudgetAlerts()))
    await an_outage(shop, 24)
    assert await shop.looks() == []
    assert shop.firing() == {"page-fast"}
    await shop.begin()
    assert await shop.looks() == [("budget.burning", "pager")]


async def test_with_the_database_away_it_is_told_from_memory_and_once(shop: Watched) -> None:
    await an_outage(shop, 24)
    shop.database.away = True
    await shop.lookout.look()
    assert not await shop.engine.flush()
    assert [one.kind for one in shop.offered] == ["budget.burning"]
    shop.database.away = False
    assert await shop.looks() == [("budget.burning", "pager")], "the row of the same message"
    await shop.begin()
    assert await shop.looks() == []


async def test_a_component_that_falls_silent_is_lost_after_two_horizons_and_found_again(shop: Watched) -> None:
    last_us = shop.clock.us - EVERY_S * S
    shop.clock.us = last_us + 2 * HORIZON
    shop.engine.tick()
    assert await shop.looks(every_s=0) == []
    shop.clock.us += 1
    await shop.lookout.look()
    (lost,) = [one["measurement"]["components"] for one in shop.facts()]
    assert [(one["id"], one["since"]) for one in lost] == [("shop/web", "2026-09-21T14:13:40.000Z")]
    assert await shop.looks() == [("measurement.lost", "hook")]
    assert await shop.looks(times=3) == []
    await shop.sees(UP, UP)
    assert await shop.looks() == [("measurement.recovered", "hook")]
    assert await shop.looks() == []


async def test_all_that_falls_silent_together_is_one_message(shop: Watched) -> None:
    await shop.begin(told_of(WANTED, web=Severity.CRITICAL, api=Severity.SEVERE))
    await shop.sees(UP, component="web", gap_s=0)
    await shop.sees(UP, component="api")
    shop.clock.us += 3 * HORIZON
    shop.engine.tick()
    await shop.lookout.look()
    (lost,) = [one["measurement"]["components"] for one in shop.facts()]
    assert [one["id"] for one in lost] == ["shop/web", "shop/api"]


async def test_a_daemon_that_was_off_for_long_does_not_call_its_own_absence_a_loss(shop: Watched) -> None:
    shop.clock.us += 86_400 * S
    await shop.begin()
    assert await shop.looks(times=3) == []
    await shop.sees(UP, UP)
    assert await shop.looks() == []


async def test_what_was_lost_before_a_restart_is_found_after_it_and_not_lost_twice(shop: Watched) -> None:
    shop.clock.us += 3 * HORIZON
    shop.engine.tick()
    assert await shop.looks() == [("measurement.lost", "hook")]
    await shop.begin()
    assert await shop.looks(times=8) == []
    await shop.sees(UP, UP)
    assert await shop.looks() == [("measurement.recovered", "hook")]


async def test_gauges_of_a_product_that_is_gone_go_too(shop: Watched) -> None:
    await shop.looks()
    assert b'uptimed_burn_rate_firing{product="shop",rule="ticket-30d"} 0' in b"".join(shop.gauges.pieces())
    shop.engine.picture.products.clear()
    shop.engine.picture.components.clear()
    await shop.looks()
    assert b"uptimed_burn_rate_firing" not in b"".join(shop.gauges.pieces())
