"""A month that is over is published once, and again only when something it was made from has changed; nothing is ever unsaid."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import UTC, datetime
from fractions import Fraction

import pytest
from sqlalchemy import delete

from probes.outcome import Verdict
from tests.engine.world import Absentable, HandClock, S, World, catalogue
from tests.storage.conftest import database
from uptimed.domain.catalogue import Site
from uptimed.domain.civil import micros
from uptimed.domain.overlays import Adjustment
from uptimed.domain.published import PublishedRecord, Reason
from uptimed.domain.severity import Severity
from uptimed.engine.closing import Closing
from uptimed.engine.journal import Entry
from uptimed.storage import audit, published, tables
from uptimed.storage.database import Database

__all__ = ["database"]

UP, DOWN = Verdict.UP, Verdict.DOWN
SEPTEMBER_FROM = micros(datetime(2026, 9, 21, 14, 13, 20, tzinfo=UTC))
"""Where the hand clock begins: the shop was not there before."""
SEPTEMBER_TO = micros(datetime(2026, 10, 1, tzinfo=UTC))


def instant(text: str) -> int:
    return micros(datetime.fromisoformat(text))


class Shop(World):
    """A world with a job that closes periods."""

    async def opened(self) -> Shop:
        await self.start()
        self.closing = Closing(self.database, self.engine, self.clock, "0.1.0")  # type: ignore[arg-type]  # the real one inside
        return self

    async def closes_at(self, text: str) -> dict[str, list[PublishedRecord]]:
        """Runs the job; what is published of the shop then, by period."""
        self.clock.us = instant(text)
        await self.closing.run()
        known = await self.database.real.read(published.load)
        return {period: revisions for (product, period), revisions in known.items() if product == "shop"}

    def sets_aside(self, number: int, from_us: int, to_us: int, reason: str, kind: str = "exclude") -> None:
        self.adjusts(Adjustment(f"ADJ-2026-{number:04}", self.clock.us, "bea", reason, kind, from_us, to_us, scope="shop"))

    def adjusts(self, one: Adjustment) -> None:
        self.engine.adjust(one, Entry(one.at_us, "bea", "exclude.add", one.id))


@pytest.fixture
async def shop(database: Database) -> Shop:
    return await Shop(Absentable(database), HandClock()).opened()


async def an_outage(shop: Shop) -> None:
    """Good, then failing for three looks, then good: down from the middle of one bracket to the middle of the other."""
    await shop.sees(UP, UP, DOWN, DOWN, DOWN, UP, UP)


async def test_a_month_is_published_eight_days_after_its_end_and_no_earlier(shop: Shop):
    await an_outage(shop)

    assert await shop.closes_at("2026-10-08T23:59:59Z") == {}
    assert list(await shop.closes_at("2026-10-09T00:00:00Z")) == ["2026-09"]


async def test_a_record_holds_the_sums_of_the_month_to_the_last_bit(shop: Shop):
    await an_outage(shop)

    ((record,),) = (await shop.closes_at("2026-10-09T00:00:00Z")).values()

    # Looks at 0, 20, 40 ... 120 s that take 100 ms: measured from 0.1 to 120; down from 30.05 (between the end at 20.1 and
    # the start at 40) to 90.05; for certain from 40.1 to 80; possibly from 20 to 100.1.
    counted = SEPTEMBER_TO - SEPTEMBER_FROM
    measured = round(119.9 * S)
    its = record.content
    assert (record.product, record.period, record.revision, record.reasons) == ("shop", "2026-09", 1, ())
    assert its["window_us"] == [SEPTEMBER_FROM, SEPTEMBER_TO]
    assert (its["counted_us"], its["measured_us"], its["unmeasured_us"]) == (counted, measured, counted - measured)
    assert its["downtime_ns"] == {
        "least": 39_900 * S,
        "point": 60_000 * S,
        "most": 80_100 * S + 1000 * (counted - measured),
    }
    point = 1 - Fraction(60_000 * S, 1000 * measured)
    assert its["availability"]["point"] == [point.numerator, point.denominator]
    assert its["texts"]["point"] == "49.9582"
    assert (its["verdict"], its["excluded_us"], its["adjustments"]) == ("undecided", 0, [])
    assert its["resolution_us"] == round(20.1 * S)
    assert its["raw"] == {key: its[key] for key in its["raw"]}
    assert [one[0] for one in its["contract"]] == [SEPTEMBER_FROM]


async def test_what_says_the_same_is_published_once(shop: Shop, caplog: pytest.LogCaptureFixture):
    await an_outage(shop)
    first = await shop.closes_at("2026-10-09T04:41:00Z")

    with caplog.at_level(logging.INFO, "uptimed.engine.closing"):
        again = await shop.closes_at("2026-10-10T04:41:00Z")
        await shop.opened()
        after_a_restart = await shop.closes_at("2026-10-11T04:41:00Z")

    assert first == again == after_a_restart
    assert caplog.messages == []


async def test_an_exclusion_made_later_is_a_new_revision_with_its_reason_and_the_old_one_stays(shop: Shop):
    await an_outage(shop)
    (first,) = (await shop.closes_at("2026-10-09T04:41:00Z"))["2026-09"]
    shop.sets_aside(1, SEPTEMBER_FROM, SEPTEMBER_FROM + 100 * S, "Their own firewall.")

    kept, second = (await shop.closes_at("2026-10-10T04:41:00Z"))["2026-09"]

    assert kept == first
    assert second.reasons == (Reason("excluded", "ADJ-2026-0001", "Their own firewall."),)
    assert (second.revision, second.content["downtime_ns"]["point"]) == (2, 0)
    assert second.content["raw"] == first.content["raw"]
    assert second.content["adjustments"] == ["ADJ-2026-0001"]


async def test_what_is_taken_back_is_a_revision_too_and_says_what_the_first_said(shop: Shop):
    await an_outage(shop)
    await shop.closes_at("2026-10-09T04:41:00Z")
    shop.sets_aside(1, SEPTEMBER_FROM, SEPTEMBER_FROM + 100 * S, "Their own firewall.")
    await shop.closes_at("2026-10-10T04:41:00Z")
    shop.adjusts(Adjustment("ADJ-2026-0002", shop.clock.us, "zoë", "It was ours.", "revoke", target="ADJ-2026-0001", scope="shop"))

    first, _, third = (await shop.closes_at("2026-10-11T04:41:00Z"))["2026-09"]

    assert third.reasons == (Reason("revoked", "ADJ-2026-0001", "It was ours."),)
    assert third.content == {**first.content, "as_of_us": third.content["as_of_us"]}


async def test_an_assertion_outside_of_the_month_changes_nothing_of_it(shop: Shop):
    await an_outage(shop)
    first = await shop.closes_at("2026-10-09T04:41:00Z")
    shop.sets_aside(1, SEPTEMBER_TO, SEPTEMBER_TO + S, "Server logs.", "assert")

    assert await shop.closes_at("2026-10-10T04:41:00Z") == first


async def test_evidence_that_comes_after_all_is_a_revision(shop: Shop):
    """The clock of the core was set back for a while: what was too late was taken for new."""
    await an_outage(shop)
    late_us = shop.clock.us
    await shop.closes_at("2026-10-09T04:41:00Z")
    shop.clock.us = late_us
    await shop.sees(UP, UP)

    _, second = (await shop.closes_at("2026-10-10T04:41:00Z"))["2026-09"]

    assert second.reasons == (Reason("evidence"),)
    assert second.content["measured_us"] == round(159.9 * S)


async def test_the_year_follows_its_december(shop: Shop):
    await an_outage(shop)

    assert list(await shop.closes_at("2027-01-08T23:59:59Z")) == ["2026-09", "2026-10", "2026-11"]
    published_then = await shop.closes_at("2027-01-09T00:00:00Z")

    assert sorted(published_then) == ["2026", "2026-09", "2026-10", "2026-11", "2026-12"]
    (year,), (september,) = published_then["2026"], published_then["2026-09"]
    assert year.content["downtime_ns"]["point"] == september.content["downtime_ns"]["point"]
    assert published_then["2026-12"][0].content["texts"] == {"point": None, "lower": "0.0000", "upper": "100.0000"}


async def test_another_target_and_another_zone_change_nothing_of_what_is_over(shop: Shop):
    await an_outage(shop)
    first = await shop.closes_at("2026-10-09T04:41:00Z")
    stricter = replace(
        catalogue("v2"),
        commitment=replace(catalogue().commitment, availability="99.999"),
        site=Site(timezone="Pacific/Auckland"),
    )
    shop.engine.configure(stricter, {}, await shop.engine.prepare(stricter))

    assert await shop.closes_at("2026-10-10T04:41:00Z") == first


async def test_a_component_that_joins_changes_nothing_of_what_is_over(shop: Shop):
    await an_outage(shop)
    first = await shop.closes_at("2026-10-09T04:41:00Z")
    wider = catalogue("v2", web=Severity.CRITICAL, api=Severity.CRITICAL)
    shop.engine.configure(wider, {}, await shop.engine.prepare(wider))

    assert await shop.closes_at("2026-10-10T04:41:00Z") == first


async def test_a_product_that_is_gone_is_published_for_the_time_when_it_was_there(shop: Shop):
    await an_outage(shop)
    other = catalogue("v2")
    other = replace(other, products=(replace(other.products[0], id="kiosk"),))
    shop.engine.configure(other, {}, await shop.engine.prepare(other))

    assert list(await shop.closes_at("2026-11-20T04:41:00Z")) == ["2026-09"]


async def test_with_the_database_away_it_is_done_the_next_time(shop: Shop):
    await an_outage(shop)
    shop.database.away = True
    assert await shop.closes_at("2026-10-09T04:41:00Z") == {}

    shop.database.away = False
    assert list(await shop.closes_at("2026-10-10T04:41:00Z")) == ["2026-09"]


async def test_a_resolution_that_can_no_longer_be_worked_out_stays_what_it_was(shop: Shop):
    await an_outage(shop)
    await shop.closes_at("2026-10-09T04:41:00Z")
    await shop.database.real.write(lambda connection: connection.execute(delete(tables.results)) and None)
    shop.sets_aside(1, SEPTEMBER_FROM, SEPTEMBER_FROM + 100 * S, "Their own firewall.")

    _, second = (await shop.closes_at("2026-10-10T04:41:00Z"))["2026-09"]

    assert second.content["resolution_us"] == round(20.1 * S)


async def test_what_is_published_is_a_line_of_the_audit_log(shop: Shop):
    await an_outage(shop)
    ((record,),) = (await shop.closes_at("2026-10-09T04:41:00Z")).values()

    (line,) = await shop.database.real.read(lambda connection: audit.recent(connection, 1))

    assert (line.who, line.what, line.subject) == ("uptimed", "record.publish", "shop 2026-09")
    assert line.detail == {"revision": 1, "digest": record.digest, "reasons": []}
