"""What a report says of a year whose every number can be worked out by hand (`tests.engine.small_year`)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest
from sqlalchemy import delete

from probes.outcome import Verdict
from tests.engine.small_year import CREDITS, NEW_YEAR_US, OPENED_US, a_small_year, at, exclude_ten_seconds, hourly_shop, publish
from tests.engine.world import S, World
from tests.storage.conftest import database
from uptimed.domain.availability import Standing
from uptimed.domain.credits import Owed
from uptimed.domain.incidents import Incident
from uptimed.domain.outages import Bracket, Lasted
from uptimed.domain.overlays import Adjustment
from uptimed.domain.published import Reason
from uptimed.domain.severity import Severity
from uptimed.engine.journal import Entry
from uptimed.engine.report import ProductReport, Report, Unseen, report_of
from uptimed.engine.report_facts import Wish, read_facts
from uptimed.engine.report_outages import Failures
from uptimed.engine.report_responses import Answered
from uptimed.storage import incidents, tables
from uptimed.storage.database import Database

__all__ = ["database"]

YEAR = Wish(2026)


@pytest.fixture
async def shop(database: Database) -> World:
    return await a_small_year(database)


async def reported(shop: World, wish: Wish = YEAR, as_of_us: int | None = None) -> Report:
    facts = await read_facts(shop.database.real, shop.engine.catalogue, wish, shop.clock.us if as_of_us is None else as_of_us)
    return report_of(facts)


async def product(shop: World, wish: Wish = YEAR, as_of_us: int | None = None) -> ProductReport:
    (one,) = (await reported(shop, wish, as_of_us)).products
    return one


async def test_the_sums_of_the_year(shop: World):
    await exclude_ten_seconds(shop)
    its = (await product(shop)).account

    # Down from 23:09:50.05 to 23:10:50.05 by the point, from 23:10:00.1 to 23:10:40 for certain, from 23:09:40 to 23:11:00.1
    # perhaps, each without the ten seconds; perhaps also around the lone failure (23:19:40 to 23:20:20.1) and in what was not
    # measured: the first 100 ms, and 23:29:40 to 23:33:20.1.
    assert (its.from_us, its.to_us, its.as_of_us) == (OPENED_US, NEW_YEAR_US, NEW_YEAR_US)
    assert (its.figures.n_us, its.figures.m_us, its.figures.excluded_us) == (3590 * S, round(3369.8 * S), 10 * S)
    assert its.figures.d_lo_ns == 29_900 * S
    assert its.figures.d_ns == 50_000 * S
    assert its.figures.d_hi_ns == (70_100 + 40_100 + 220_200) * S
    assert its.figures.degraded_us == (20 + 120) * S
    assert its.point == 1 - Fraction(500, 33698)
    assert its.lower == 1 - Fraction(3304, 35900)
    assert its.upper == 1 - Fraction(299, 35900)
    assert (its.budget_ns, its.verdict) == (359 * S, Standing.MISSED)


async def test_the_raw_twin_knows_of_no_exclusion(shop: World):
    await exclude_ten_seconds(shop)
    raw = (await product(shop)).raw

    assert (raw.figures.n_us, raw.figures.m_us, raw.figures.excluded_us) == (3600 * S, round(3379.8 * S), 0)
    assert (raw.figures.d_lo_ns, raw.figures.d_ns, raw.figures.d_hi_ns) == (39_900 * S, 60_000 * S, 340_400 * S)


async def test_the_outage_with_its_four_instants_and_its_evidence(shop: World):
    await exclude_ten_seconds(shop)
    (outage,) = (await product(shop)).outages

    assert outage.bracket == Bracket(at("23:09:40"), at("23:10:00"), at("23:10:40"), at("23:11:00"))
    assert (outage.from_us, outage.to_us) == (at("23:09:50.050000"), at("23:10:50.050000"))
    assert outage.lasted == Lasted(round(39.9 * S), round(80.1 * S))
    assert outage.downtime_ns == 50_000 * S
    assert outage.failures == (Failures("shop/web/home", "local", 3, at("23:10:00"), at("23:10:40")),)
    assert (outage.component, outage.severity, outage.is_over) == ("shop/web", Severity.CRITICAL, True)
    assert (outage.reason, outage.incident) == ("http_status", "INC-2026-0001")


async def test_our_own_blind_time_the_longest_stretch_first(shop: World):
    assert (await product(shop)).blind == ((at("23:29:40"), at("23:33:20.100000")), (OPENED_US, OPENED_US + S // 10))


async def test_what_may_have_escaped(shop: World):
    """The lone failure was seen and is short; the outage was longer than the resolution."""
    assert (await product(shop)).unseen == Unseen(round(20.1 * S), 1, 95_274_000)


async def test_the_worst_window_of_a_minute_cuts_out_what_is_excluded(shop: World):
    await exclude_ten_seconds(shop)
    by_length = {one.length_us: one for one in (await product(shop)).worst}

    minute = by_length[60 * S]
    assert (minute.d_lo_ns, minute.d_ns, minute.d_hi_ns) == (29_900 * S, 50_000 * S, 60_000 * S)
    assert by_length[3590 * S].d_ns == 50_000 * S
    assert len(by_length) >= 40
    assert max(by_length) == 3590 * S


async def test_a_credit_is_certain_by_the_upper_bound_and_possible_by_the_lower(shop: World):
    await exclude_ten_seconds(shop)
    credits_ = (await product(shop)).credits

    # 90.80 %, 98.52 %, 99.17 %
    assert [one.owed for one in credits_.steps] == [Owed.CERTAIN, Owed.POSSIBLE, Owed.NOT]
    assert (credits_.certain, credits_.by_point, credits_.possible) == (CREDITS[0], CREDITS[1], CREDITS[1])


async def test_an_exclusion_is_listed_with_what_it_spared(shop: World):
    await exclude_ten_seconds(shop)
    (one,) = (await product(shop)).corrections

    assert (one.made.id, one.made.by, one.made.clause, one.revoked, one.spared_ns) == (
        "ADJ-2027-0001",
        "bea",
        "6.2",
        None,
        10_000 * S,
    )


async def test_one_that_was_taken_back_stays_in_the_list_and_spares_nothing(shop: World):
    await exclude_ten_seconds(shop)
    gone = Adjustment("ADJ-2027-0002", shop.clock.us, "zoë", "It was ours.", "revoke", target="ADJ-2027-0001", scope="shop")
    shop.engine.adjust(gone, Entry(gone.at_us, "zoë", "exclude.revoke", gone.id))
    await shop.engine.flush()
    its = await product(shop)

    assert [(one.made.id, one.revoked, one.spared_ns) for one in its.corrections] == [("ADJ-2027-0001", gone, 0)]
    assert its.account.figures == its.raw.figures


async def test_only_the_month_in_which_the_shop_was_open_is_a_part_of_the_year(shop: World):
    (december,) = (await product(shop)).parts

    assert december.period.name == "2026-12"
    assert [one.on for one in december.days] == [date(2026, 12, 31)]
    assert december.days[0].figures == december.account.figures == (await product(shop)).account.figures


async def test_the_parts_of_a_month_are_its_days_and_add_up(shop: World):
    january = await product(shop, Wish(2027, 1), NEW_YEAR_US + 86_400 * S)

    assert [one.period.name for one in january.parts] == ["2027-01-01"]
    assert january.parts[0].account.figures == january.account.figures


async def test_a_year_as_of_an_instant_in_it_says_nothing_of_what_came_later(shop: World):
    its = await product(shop, as_of_us=at("23:05:00"))

    assert (its.account.figures.n_us, its.account.figures.d_ns, its.outages) == (300 * S, 0, ())
    assert its.account.verdict is Standing.UNDECIDED
    assert not its.is_over


async def test_an_outage_that_goes_on_has_no_end_and_no_first_good_result(shop: World):
    its = await product(shop, as_of_us=at("23:10:10"))
    (outage,) = its.outages

    assert (outage.to_us, outage.is_over, outage.bracket.first_good_us) == (at("23:10:10"), False, None)


async def test_nothing_is_published_before_its_day(shop: World):
    report = await reported(shop)

    assert report.is_over
    assert not report.is_final
    assert report.products[0].records == ()


async def test_a_published_record_stands_beside_the_figures_and_agrees(shop: World):
    await publish(shop)
    its = await product(shop)

    assert [one.revision for one in its.records] == [1]
    assert its.differs == ()
    assert its.records[0].content["downtime_ns"]["point"] == its.account.figures.d_ns


async def test_what_was_corrected_since_is_said_until_the_record_is_revised(shop: World):
    await publish(shop)
    await exclude_ten_seconds(shop)
    before = await product(shop)
    await publish(shop)
    after = await product(shop)

    told = Reason("excluded", "ADJ-2027-0001", "Their own firewall, says their ticket 4711.")
    assert (before.differs, len(before.records)) == ((told,), 1)
    assert (after.differs, [one.reasons for one in after.records]) == ((), [(), (told,)])


async def no_raw_results(shop: World) -> None:
    await shop.database.real.write(lambda connection: connection.execute(delete(tables.results)) and None)


async def test_a_resolution_that_can_no_longer_be_worked_out_is_read_from_the_record(shop: World):
    await publish(shop)
    await no_raw_results(shop)

    assert (await product(shop)).unseen.resolution_us == round(20.1 * S)


async def test_without_raw_results_and_without_a_record_nothing_is_said_of_what_may_have_escaped(shop: World):
    await no_raw_results(shop)

    assert (await product(shop)).unseen == Unseen(None)


async def test_of_a_year_that_is_not_over_the_closed_months_are_read_and_the_rest_is_worked_out(shop: World):
    """Looks go on in January, 25 s apart; the record of December says 20.1 s."""
    later = NEW_YEAR_US + 9 * 86_400 * S
    shop.clock.us = later
    await shop.sees(Verdict.UP, Verdict.UP, Verdict.UP, gap_s=25)
    await publish(shop)
    await no_raw_results_before(shop, NEW_YEAR_US)
    shop.clock.us = later + 100 * S

    assert (await product(shop)).unseen.resolution_us == round(20.1 * S)
    assert (await product(shop, Wish(2027))).unseen.resolution_us == round(25.1 * S)


async def no_raw_results_before(shop: World, at_us: int) -> None:
    old = delete(tables.results).where(tables.results.c.started_us < at_us)
    await shop.database.real.write(lambda connection: connection.execute(old) and None)


async def test_reading_a_report_publishes_nothing(shop: World):
    shop.clock.us = NEW_YEAR_US + 40 * 86_400 * S
    await reported(shop)

    assert (await product(shop)).records == ()


async def test_the_answers_to_incidents_by_severity(shop: World):
    (mine,) = await shop.database.real.read(lambda connection: incidents.opened_in(connection, OPENED_US, NEW_YEAR_US))
    hour = 3600 * S
    story: dict[str, tuple[int | None, int | None, int | None]] = {
        # respond_by, responded, resolved; after the opening
        "INC-2026-0002": (hour, hour, None),
        "INC-2026-0003": (hour, hour + 1, None),
        "INC-2026-0004": (hour, None, hour + 1),
        "INC-2026-0005": (hour, None, None),
        "INC-2026-0006": (100 * hour, None, None),
        "INC-2026-0007": (None, None, None),
    }

    def moved(name: str, instants: tuple[int | None, int | None, int | None]) -> Incident:
        by, answered, resolved = (None if one is None else mine.opened_at_us + one for one in instants)
        return replace(mine, id=name, respond_by_us=by, responded_at_us=answered, resolved_at_us=resolved)

    def work(connection):
        for name, instants in story.items():
            incidents.save(connection, moved(name, instants))

    await shop.database.real.write(work)
    (line,) = (await product(shop, as_of_us=NEW_YEAR_US + 2 * hour)).responses

    assert [(one.incident.id[-1], one.answered) for one in line.incidents] == [
        ("1", Answered.OVER_BEFORE),
        ("2", Answered.IN_TIME),
        ("3", Answered.LATE),
        ("4", Answered.NOT),
        ("5", Answered.NOT),
        ("6", Answered.NOT_DUE),
        ("7", Answered.NOT_PROMISED),
    ]
    assert (line.severity, line.kept, line.median_us, line.longest_us) == (Severity.CRITICAL, Fraction(1, 4), hour, hour + 1)
    assert line.target == hourly_shop().commitment.response[Severity.CRITICAL]


async def test_a_removed_component_keeps_its_outage_in_the_report(shop: World):
    other = hourly_shop()
    part = replace(other.products[0].components[0], id="shop/api", checks=())
    check = replace(hourly_shop().products[0].components[0].checks[0], id="shop/api/home")
    other = replace(other, version="v2", products=(replace(other.products[0], components=(replace(part, checks=(check,)),)),))
    before = await product(shop)
    await shop.start(other)

    after = await product(shop)

    assert after.outages == before.outages
    assert after.account.figures == before.account.figures
