"""What the engine says of a year while the configuration changes under it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from probes.outcome import Verdict
from tests.engine.world import NOON_US, S, World, catalogue, world
from uptimed.domain.availability import Account
from uptimed.domain.civil import year_window
from uptimed.domain.severity import Severity
from uptimed.engine.availability import account_of
from uptimed.engine.books import Book

UP, DOWN, DEGRADED, UNKNOWN = Verdict.UP, Verdict.DOWN, Verdict.DEGRADED, Verdict.UNKNOWN
YEAR = year_window("UTC", 2026)


@pytest.fixture
async def shop(tmp_path: Path):
    async with world(tmp_path) as here:
        yield here


async def takes_over(shop: World, **severities: Severity) -> None:
    wanted = catalogue("v2", **severities)
    shop.engine.configure(wanted, {"hook": "en", "pager": "fr"}, await shop.engine.prepare(wanted))


def year(shop: World) -> Account:
    return account_of(shop.engine.picture.products["shop"], YEAR, shop.clock.us)


async def test_a_check_that_is_removed_still_answers_for_its_outage(shop: World):
    await shop.start(catalogue(web=Severity.CRITICAL, api=Severity.CRITICAL))
    for verdict in (UP, DOWN, DOWN, DOWN, UP, UP):
        await shop.sees(UP, component="web", gap_s=0)
        await shop.sees(verdict, component="api")
    before = year(shop)
    assert before.figures.down_us > 40 * S

    await takes_over(shop, web=Severity.CRITICAL)

    assert year(shop).figures.d_lo_ns == before.figures.d_lo_ns
    await shop.start(catalogue("v2", web=Severity.CRITICAL))
    assert year(shop).figures.d_lo_ns == before.figures.d_lo_ns


async def test_a_check_that_is_removed_still_answers_for_its_good_time_after_a_restart(shop: World):
    """The end of its newest segment was never written: a restart made all that it had measured since unmeasured."""
    await shop.start(catalogue(web=Severity.CRITICAL, api=Severity.CRITICAL))
    for _ in range(10):
        await shop.sees(UP, component="web", gap_s=0)
        await shop.sees(UP, component="api")
    await takes_over(shop, web=Severity.CRITICAL)
    await shop.sees(UP, UP)
    before = year(shop)
    assert before.figures.up_us > 150 * S

    await shop.start(catalogue("v2", web=Severity.CRITICAL))

    assert year(shop).figures == before.figures


async def test_a_severity_lowered_today_does_not_mend_yesterday(shop: World):
    await shop.start()
    await shop.sees(UP, DOWN, DOWN, DOWN, UP, UP)
    before = year(shop).figures.down_us

    await takes_over(shop, web=Severity.MINOR)
    await shop.sees(UP, DOWN, DOWN, DOWN, UP, UP)

    assert year(shop).figures.down_us == before


async def test_a_target_raised_in_the_year_asks_more_only_of_what_comes_after(shop: World):
    await shop.start()
    await shop.sees(UP, UP)
    first = year(shop).budget_ns
    changed_us = shop.clock.us
    stricter = replace(catalogue("v2"), commitment=replace(catalogue().commitment, availability="99.999"))
    shop.engine.configure(stricter, {"hook": "en"}, await shop.engine.prepare(stricter))

    left_us = YEAR[1] - changed_us
    assert year(shop).budget_ns == first - left_us * 9 // 100


async def test_a_longer_interval_does_not_join_what_was_too_far_apart(shop: World):
    await shop.start()
    await shop.sees(UP, UP, gap_s=40)
    shop.clock.us += 30 * S
    await shop.sees(UP)
    slow = catalogue("v2")
    check = replace(slow.products[0].components[0].checks[0], every_us=200 * S)
    component = replace(slow.products[0].components[0], checks=(check,))
    slow = replace(slow, products=(replace(slow.products[0], components=(component,)),))
    blind_us = year(shop).figures.unmeasured_us

    shop.engine.configure(slow, {"hook": "en"}, await shop.engine.prepare(slow))
    assert year(shop).figures.unmeasured_us == blind_us
    await shop.sees(UP, UP, gap_s=100)

    assert year(shop).figures.unmeasured_us - (shop.clock.us - NOON_US) < blind_us


steps = st.lists(
    st.tuples(
        st.sampled_from([UP, UP, UP, DOWN, DEGRADED, UNKNOWN]), st.sampled_from(["web", "api"]), st.sampled_from([5, 20, 90])
    ),
    min_size=1,
    max_size=25,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=steps, looks=st.sets(st.integers(0, 24)))
async def test_a_book_kept_up_to_date_is_the_book_opened_anew(tmp_path_factory: pytest.TempPathFactory, steps, looks):
    async with world(tmp_path_factory.mktemp("book")) as shop:
        await shop.start(catalogue(web=Severity.CRITICAL, api=Severity.SEVERE))
        for number, (verdict, component, gap_s) in enumerate(steps):
            await shop.sees(verdict, component=component, gap_s=gap_s)
            if number in looks:
                year(shop)
        picture = shop.engine.picture
        anew = Book(picture.history, "shop", picture.timelines).ledger(shop.clock.us)
        kept = picture.products["shop"].book.ledger(shop.clock.us)
        assert kept.figures(YEAR[0], shop.clock.us) == anew.figures(YEAR[0], shop.clock.us)
        assert [one.segment for one in kept.pieces] == [one.segment for one in anew.pieces]
