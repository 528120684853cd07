"""Every figure of a year once more, from its results: by `uptimed.domain` alone, and nothing that a daemon keeps up to date."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from itertools import chain
from typing import Any

from uptimed.domain.availability import account_of
from uptimed.domain.civil import day_window, local_date
from uptimed.domain.contract import ContractHistory
from uptimed.domain.definition import derived
from uptimed.domain.evidence import Source, in_order
from uptimed.domain.ledger import Ledger
from uptimed.domain.overlays import Adjustment
from uptimed.domain.published import Content, PublishedRecord, Seen, content_of
from uptimed.domain.record import NOTHING_SET_ASIDE, Overlays, between, laid_product, terms_of
from uptimed.domain.runs import runs_of_sorted
from uptimed.domain.states import Segment, State
from uptimed.engine.availability import document_of
from uptimed.engine.periods import Period, period_in
from uptimed.engine.stated import DayLine, Stated, Timelines

PACE_US = 31 * 86_400_000_000
"""A ledger begins so long before its period: the pace of the last thirty days is read from it."""


def timelines_of(stated: Stated, progress: Callable[[str], None] = lambda _: None) -> dict[str, list[Segment]]:
    """Of every check there ever was, as far as its evidence is stated. Raises DayBlobDamaged."""
    history = stated.history()
    by_check: dict[str, dict[str, list[tuple[date, Source]]]] = {}
    for one in stated.blobs:
        check = stated.names.get(one.check, one.check)
        by_check.setdefault(check, {}).setdefault(one.location, []).append((one.received_on, one.body))
    found = {}
    for check in history.check_ids():
        progress(check)
        policy = history.policy_of(check)
        if policy is None:
            continue
        places = (sorted(days, key=lambda one: one[0]) for _, days in sorted(by_check.get(check, {}).items()))
        evidence = chain.from_iterable(in_order([body for _, body in days]) for days in places)
        found[check] = derived(runs_of_sorted(evidence, policy.horizon_us, policy.earlier), policy)
    return found


def day_lines(stated: Stated, timelines: Timelines) -> Iterator[DayLine]:
    """Of every check and every local day of the year from its first segment on."""
    year = period_in(stated.history(), stated.year)
    until_us = min(year.to_us, stated.as_of_us)
    timezone = stated.history().contract_at(sum(year.window) // 2).timezone
    for check, segments in sorted(timelines.items()):
        inside = between(segments, year.from_us, until_us)
        if not inside:
            continue
        on = local_date(timezone, inside[0].from_us)
        while (window := day_window(timezone, on))[0] < until_us:
            yield _line(check, on, between(inside, *window), min(window[1], until_us) - max(window[0], year.from_us))
            on += timedelta(days=1)


def _line(check: str, on: date, segments: Sequence[Segment], length_us: int) -> DayLine:
    up, degraded, down, unmeasured = (sum(b - a for a, b, point, *_ in segments if point is state) for state in State)
    blind = length_us - up - degraded - down - unmeasured
    least = sum(one.to_us - one.from_us for one in segments if one.best is State.DOWN)
    most = sum(one.to_us - one.from_us for one in segments if one.worst is State.DOWN)
    return DayLine(check, on.isoformat(), up, degraded, down, unmeasured + blind, least, most + blind)


def periods_of(history: ContractHistory, year: int, as_of_us: int) -> list[Period]:
    """The year and those of its months that have begun."""
    every = [period_in(history, year), *(period_in(history, year, month) for month in range(1, 13))]
    return [one for one in every if one.from_us < as_of_us]


def is_in_service(history: ContractHistory, product: str, period: Period) -> bool:
    """Whether there was such a product at some time of the period."""
    return any(a < b for a, b in (span.cut_to(*period.window) for span, _ in history.product(product)))


def documents_of(stated: Stated, timelines: Timelines) -> list[dict[str, Any]]:
    """As `uptimed availability --format json` prints them: the year and its months, for each product."""
    history, overlays = stated.history(), stated.overlays()
    found = []
    for product in history.product_ids():
        for period in periods_of(history, stated.year, stated.as_of_us):
            if is_in_service(history, product, period):
                official = seen(history, product, timelines, overlays, period, stated.as_of_us)
                raw = seen(history, product, timelines, NOTHING_SET_ASIDE, period, stated.as_of_us)
                found.append(described(product, period, official, raw, overlays))
    return found


def described(product: str, period: Period, official: Seen, raw: Seen, overlays: Overlays) -> dict[str, Any]:
    its = official.account
    adjustments = touching(overlays, product, its.from_us, its.as_of_us)
    target = official.ledger.contract_at(its.to_us - 1).target_text
    return document_of(product, period.name, its, raw.account, adjustments, target)


def touching(overlays: Overlays, product: str, from_us: int, to_us: int) -> list[Adjustment]:
    return [one for one in overlays.corrections(product) if one.from_us < to_us and from_us < one.to_us]


def seen(history: ContractHistory, product: str, timelines: Timelines, overlays: Overlays, period: Period, as_of_us: int) -> Seen:
    """A period by the definition: laid out whole, summed up once."""
    window = period.from_us - PACE_US, max(as_of_us, period.from_us)
    ledger = Ledger(terms_of(history), laid_product(history, product, timelines, window, overlays))
    return Seen(account_of(ledger, period.window, as_of_us, service_start_us=history.service_start_us(product) or None), ledger)


def content_again(stated: Stated, timelines: Timelines, record: PublishedRecord) -> Content:
    """What the record says, from the evidence of today and the adjustments that were known when it was published."""
    history, overlays = stated.history(), stated.overlays(record.published_at_us)
    year, _, month = record.period.partition("-")
    period = period_in(history, int(year), int(month) if month else None)
    product = stated.names.get(record.product, record.product)
    official = seen(history, product, timelines, overlays, period, record.published_at_us)
    raw = seen(history, product, timelines, NOTHING_SET_ASIDE, period, record.published_at_us)
    from_us, to_us = official.account.from_us, official.account.to_us
    return content_of(
        official,
        raw,
        contract=[(one.from_us, one.digest) for one in history.in_force(from_us, to_us)],
        maintenance={one.id for one in overlays.planned(product) if one.from_us < to_us and from_us < one.to_us},
        adjustments=[one.id for one in touching(overlays, product, from_us, to_us)],
    )
