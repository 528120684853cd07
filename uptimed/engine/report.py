"""
The report of a period: everything that is said of each product, as values; how it is worded and drawn is the business of others.

All of it comes from one ledger and one reading of the database, so no two sections can disagree.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from uptimed.domain.adjustments import is_within
from uptimed.domain.availability import Account, account_of
from uptimed.domain.catalogue import Catalogue, Words
from uptimed.domain.civil import day_window, local_date
from uptimed.domain.contract import ContractVersion, ProductRule, Span
from uptimed.domain.credits import Statement, statement
from uptimed.domain.figures import Contract, Figures, Treatment
from uptimed.domain.ledger import Ledger
from uptimed.domain.maintenance import Window as MaintenanceWindow
from uptimed.domain.overlays import Adjustment, revoked_by
from uptimed.domain.published import PublishedRecord, Reason, reasons_for
from uptimed.domain.unseen import shorter_seen, unseen_at_most_us
from uptimed.domain.worst import Window, lengths_between, worst_windows
from uptimed.engine.closing import explained
from uptimed.engine.periods import DUE_US, Period, TwoBooks, period_in
from uptimed.engine.report_facts import Facts
from uptimed.engine.report_outages import OutageLine, outage_lines
from uptimed.engine.report_responses import Responses, responses_of

MINUTE_US = 60_000_000
HOUR_US, DAY_US = 60 * MINUTE_US, 1440 * MINUTE_US
ROUND_US = (MINUTE_US, 5 * MINUTE_US, 15 * MINUTE_US, HOUR_US, 6 * HOUR_US, DAY_US, 7 * DAY_US, 30 * DAY_US, 90 * DAY_US)
"""Lengths of windows that people speak of; beside them stand some forty for the curve."""


@dataclass(frozen=True)
class DayLine:
    on: date
    figures: Figures


@dataclass(frozen=True)
class PartLine:
    """A month of a year, or the part of it that is counted; of a month, a day."""

    period: Period
    account: Account
    raw: Account
    days: tuple[DayLine, ...]


@dataclass(frozen=True)
class Term:
    """What was promised from when on."""

    from_us: int
    to_us: int
    contract: Contract


@dataclass(frozen=True)
class Correction:
    """An exclusion or an assertion, and what became of it."""

    made: Adjustment
    revoked: Adjustment | None
    spared_ns: int
    """Downtime that does not count because of it, within the period; negative where it adds some. 0 once it is revoked."""


@dataclass(frozen=True)
class PlannedWork:
    window: MaintenanceWindow
    set_aside_us: int
    """How much of it does not count as it was measured, within the period: announced early enough, and within the yearly cap."""


@dataclass(frozen=True)
class Unseen:
    """What may have escaped the checks."""

    resolution_us: int | None
    """The longest outage that may have; None: no record tells it, and not all raw results are kept."""
    shorter_seen: int = 0
    at_most_us: int | None = None


@dataclass(frozen=True)
class ProductReport:
    id: str
    name: Words
    account: Account
    raw: Account
    official_ledger: Ledger
    terms: tuple[Term, ...]
    watched: tuple[tuple[Span, ProductRule], ...]
    parts: tuple[PartLine, ...]
    worst: tuple[Window, ...]
    outages: tuple[OutageLine, ...]
    blind: tuple[tuple[int, int], ...]
    """Counted time without measurement, the longest stretch first."""
    planned: tuple[PlannedWork, ...]
    """In the order of their time; those too of which nothing is set aside."""
    corrections: tuple[Correction, ...]
    unseen: Unseen
    credits: Statement
    responses: Responses
    records: tuple[PublishedRecord, ...]
    """Oldest first; none: nothing is published yet."""
    differs: tuple[Reason, ...]
    """Why the newest record will be followed by another: what it says is no longer what this report says."""

    @property
    def target(self) -> Contract:
        return self.terms[-1].contract

    @property
    def is_over(self) -> bool:
        return self.account.as_of_us >= self.account.to_us


@dataclass(frozen=True)
class Report:
    catalogue: Catalogue
    period: Period
    timezone: str
    as_of_us: int
    is_month: bool
    products: tuple[ProductReport, ...]
    versions: tuple[ContractVersion, ...]

    @property
    def is_over(self) -> bool:
        return self.as_of_us >= self.period.to_us

    @property
    def is_final(self) -> bool:
        """No result of the period can come any more."""
        return self.as_of_us >= self.period.to_us + DUE_US


def report_of(facts: Facts) -> Report:
    timezone = facts.history.contract_at(sum(facts.period.window) // 2).timezone
    return Report(
        catalogue=facts.catalogue,
        period=facts.period,
        timezone=timezone,
        as_of_us=facts.as_of_us,
        is_month=facts.wish.month is not None,
        products=tuple(_product(facts, one, timezone) for one in facts.product_ids()),
        versions=tuple(facts.history.in_force(*facts.period.window)),
    )


def _product(facts: Facts, product_id: str, timezone: str) -> ProductReport:
    books = TwoBooks(facts.history, product_id, facts.segments, facts.overlays, facts.as_of_us)
    official, raw = books.official(facts.period.window), books.raw(facts.period.window)
    its, ledger = official.account, official.ledger
    from_us, now_us, to_us = its.from_us, its.as_of_us, its.to_us
    revisions = facts.records.get((product_id, facts.period.name), ())
    records = tuple(one for one in revisions if one.published_at_us <= facts.as_of_us)
    known = {one.id: one.name for one in facts.catalogue.products}
    return ProductReport(
        id=product_id,
        name=known.get(product_id) or dict.fromkeys(facts.catalogue.site.languages, product_id),
        account=its,
        raw=raw.account,
        official_ledger=ledger,
        terms=tuple(Term(*one) for one in ledger.terms_in(from_us, to_us)),
        watched=tuple((span, rule) for span, rule in facts.history.product(product_id) if _share(span, (from_us, to_us))),
        parts=tuple(_parts(facts, ledger, raw.ledger, its, timezone)),
        worst=_worst(ledger, its),
        outages=tuple(outage_lines(facts, product_id, ledger, (from_us, now_us))),
        blind=tuple(sorted(ledger.blind(from_us, now_us), key=lambda one: (one[0] - one[1], one[0]))),
        planned=tuple(_planned(facts, product_id, its, ledger)),
        corrections=tuple(_corrections(facts, product_id, its, (ledger, raw.ledger))),
        unseen=_unseen(facts.resolutions.get(product_id), ledger, (from_us, now_us)),
        credits=statement(its, ledger.contract_at(to_us - 1).credits),
        responses=responses_of(facts, product_id),
        records=records,
        differs=reasons_for(records[-1].content, books.content(facts.period.window), explained(facts.adjustments), "")
        if records
        else (),
    )


def _share(span: Span, window: tuple[int, int]) -> bool:
    begin_us, end_us = span.cut_to(*window)
    return begin_us < end_us


def _parts(facts: Facts, ledger: Ledger, raw: Ledger, its: Account, timezone: str) -> Iterable[PartLine]:
    """Those that have begun, within the service."""
    wish = facts.wish
    if wish.month is None:
        periods: Iterable[Period] = (period_in(facts.history, wish.year, month) for month in range(1, 13))
    else:
        periods = [Period(on.isoformat(), *day_window(timezone, on)) for on in _days(timezone, *facts.period.window)]
    for period in periods:
        window = max(period.from_us, its.from_us), min(period.to_us, its.to_us)
        if window[0] >= window[1] or window[0] >= its.as_of_us:
            continue
        official, untouched = (account_of(one, window, its.as_of_us) for one in (ledger, raw))
        yield PartLine(period, official, untouched, tuple(_day_lines(ledger, window, its.as_of_us, timezone)))


def _day_lines(ledger: Ledger, window: tuple[int, int], now_us: int, timezone: str) -> Iterable[DayLine]:
    for on in _days(timezone, *window):
        begin_us, end_us = day_window(timezone, on)
        from_us, to_us = max(begin_us, window[0]), min(end_us, window[1], now_us)
        if from_us < to_us:
            yield DayLine(on, ledger.figures(from_us, to_us))


def _days(timezone: str, from_us: int, to_us: int) -> Iterable[date]:
    on, last = local_date(timezone, from_us), local_date(timezone, to_us - 1)
    while on <= last:
        yield on
        on += timedelta(days=1)


def _worst(ledger: Ledger, its: Account) -> tuple[Window, ...]:
    """Excluded time is cut out, so the longest window is what is left of the period."""
    longest_us = its.figures.length_us - its.figures.excluded_us
    if longest_us < MINUTE_US:
        return ()
    lengths = {*lengths_between(MINUTE_US, longest_us), *(one for one in ROUND_US if one <= longest_us)}
    return tuple(worst_windows(ledger.between(its.from_us, its.as_of_us), ledger.contract_at, sorted(lengths)))


def _planned(facts: Facts, product_id: str, its: Account, ledger: Ledger) -> Iterable[PlannedWork]:
    parts = facts.overlays.planned(product_id)
    for window in facts.planned:
        if not is_within(window.scope, product_id) or window.planned_to_us <= its.from_us or its.to_us <= window.from_us:
            continue
        mine = (
            min(one.to_us, its.to_us) - max(one.from_us, its.from_us)
            for one in parts
            if one.id == window.id and ledger.contract_at(one.from_us).maintenance is not Treatment.MEASURED
        )
        yield PlannedWork(window, sum(max(0, length_us) for length_us in mine))


def _corrections(facts: Facts, product_id: str, its: Account, ledgers: tuple[Ledger, Ledger]) -> Iterable[Correction]:
    """In the order they were made; what was taken back, too."""
    official, raw = ledgers
    revoked = revoked_by(facts.adjustments)
    for one in facts.adjustments:
        from_us, to_us = max(one.from_us, its.from_us), min(one.to_us, its.as_of_us)
        if one.kind == "revoke" or not one.is_valid or not is_within(one.scope, product_id) or from_us >= to_us:
            continue
        gone = revoked.get(one.id)
        spared_ns = 0 if gone else raw.figures(from_us, to_us).d_ns - official.figures(from_us, to_us).d_ns
        yield Correction(one, gone, spared_ns)


def _unseen(resolution_us: int | None, ledger: Ledger, window: tuple[int, int]) -> Unseen:
    if resolution_us is None:
        return Unseen(None)
    seen = shorter_seen(ledger.between(*window), resolution_us)
    return Unseen(resolution_us, seen, unseen_at_most_us(resolution_us, seen))
