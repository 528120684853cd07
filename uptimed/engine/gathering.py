"""What is to be proven of a year, out of the database: the evidence, what judges it, and what was said. All in one look."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, replace
from datetime import date, timedelta
from functools import partial
from typing import Any

from sqlalchemy import Connection

from uptimed.domain.contract import ContractHistory
from uptimed.domain.dayblob import day, day_of, span_of, unpacked
from uptimed.domain.evidence import evidence_of
from uptimed.domain.results import IMPORTED
from uptimed.domain.seals import Seal, SealedBlob, statement
from uptimed.domain.timeline import CheckTimeline
from uptimed.engine.periods import DUE_US, Period, TwoBooks, period_in
from uptimed.engine.recomputing import day_lines, described, is_in_service, periods_of
from uptimed.engine.sealing import made_of, written_down
from uptimed.engine.stated import MONTH_US, Finding, Published, Stated, StatedBlob
from uptimed.storage import StorageRefused, blobs, contracts, outages, renames, seals, timelines
from uptimed.storage import published as records


def stated(conn: Connection, year: int, now_us: int) -> Stated:
    """`now_us`: the figures of a year that goes on are as of then."""
    history = _history(conn)
    window = period_in(history, year)
    if window.from_us >= now_us:
        raise StorageRefused(f"{year} has not begun yet; there is nothing to prove of it")
    as_of_us = min(now_us, window.to_us)
    first_on, last_on = day_of(window.from_us - MONTH_US), min(day_of(as_of_us + DUE_US), day_of(now_us))
    chain = seals.load(conn)
    sealed_until = chain[-1].received_on + timedelta(days=1) if chain else _first_day(conn, now_us)
    found = [*_sealed(conn, first_on, min(last_on + timedelta(days=1), sealed_until), sealed_until, window)]
    found += _unsealed(conn, sealed_until, day_of(now_us), last_on, window)
    one = Stated(
        year=year,
        as_of_us=as_of_us,
        facts=written_down(conn),
        imported=history.imported,
        names=renames.load(conn),
        chain=chain,
        statements={},
        blobs=sorted(found, key=lambda blob: blob[:3]),
        first_on=first_on,
        last_on=last_on,
    )
    return replace(one, statements=dict(_statements(conn, one)))


def published(conn: Connection, its: Stated) -> Published:
    """As a page or a command would say it, from what is kept up to date."""
    history, overlays = its.history(), its.overlays()
    kept = {check: _timeline(conn, history, check) for check in history.check_ids()}
    documents = []
    for product in history.product_ids():
        books = TwoBooks(history, product, kept, overlays, its.as_of_us)
        for period in periods_of(history, its.year, its.as_of_us):
            if is_in_service(history, product, period):
                official, raw = books.official(period.window), books.raw(period.window)
                documents.append(described(product, period, official, raw, overlays))
    newest = [revisions[-1] for (_, period), revisions in sorted(records.load(conn).items()) if period[:4] == f"{its.year:04}"]
    return Published(days=list(day_lines(its, kept)), documents=documents, records=newest)


def outages_of(conn: Connection, its: Stated) -> list[dict[str, Any]]:
    history = its.history()
    year = period_in(history, its.year)
    components = {component.id for version in history.versions for its in version.products for component in its.components}
    return [asdict(one) for one in outages.of_components(conn, sorted(components), *year.window)]


def unproven_rows(conn: Connection, its: Stated) -> Iterator[Finding]:
    """Raw results of sealed days that are still kept, and are not what was sealed of them."""
    sealed = {one.received_on for one in its.chain}
    bodies: dict[tuple[str, date], list[StatedBlob]] = {}
    for one in its.blobs:
        if one.received_on in sealed:
            bodies.setdefault((one.check, one.received_on), []).append(one)
    for (check, on), several in bodies.items():
        proven = {(one.location, result) for one in several for result in day(one.body()).results()}
        rows = [(one.location, one.result) for one in blobs.received(conn, check, *span_of(on))]
        if others := [result for place, result in rows if (place, result) not in proven]:
            yield Finding(f"{check} {on}", f"{len(others)} raw results are not what was sealed of them, {others[0].id} the first")


def _history(conn: Connection) -> ContractHistory:
    history = contracts.load(conn)
    if history is None:
        raise StorageRefused("nothing was ever watched here, so there is nothing to prove; `uptimed run` begins")
    return history


def _first_day(conn: Connection, now_us: int) -> date:
    first_us = seals.beginning_us(conn)
    return day_of(now_us if first_us is None else first_us)


def _timeline(conn: Connection, history: ContractHistory, check: str) -> list[Any]:
    policy = history.policy_of(check)
    return CheckTimeline(policy, *timelines.load(conn, check)).segments if policy else []


def _sealed(conn: Connection, from_on: date, to_on: date, sealed_until: date, window: Period) -> Iterator[StatedBlob]:
    for check, location, on in blobs.listed(conn, from_on, to_on):
        yield StatedBlob(check, location, on, partial(blobs.body_as_stored, conn, check, on, location))
    # What was imported may have been received years later.
    for check, location, on in blobs.listed(conn, to_on, sealed_until, location_prefix=IMPORTED):
        one = StatedBlob(check, location, on, partial(blobs.body_as_stored, conn, check, on, location))
        if _concerns(one, window):
            yield one


def _unsealed(conn: Connection, from_on: date, today: date, last_on: date, window: Period) -> Iterator[StatedBlob]:
    after = ""
    while (check := blobs.next_check(conn, after)) is not None:
        after, on = check, from_on
        while on <= today:
            for made in made_of(check, on, blobs.received(conn, check, *span_of(on))):
                one = StatedBlob(check, made.location, on, partial(unpacked, made.blob))
                if on <= last_on or (made.location.startswith(IMPORTED) and _concerns(one, window)):
                    yield one
            on += timedelta(days=1)


def _concerns(one: StatedBlob, window: Period) -> bool:
    return any(window.from_us - MONTH_US <= result[3] < window.to_us for result in evidence_of(day(one.body())))


def _statements(conn: Connection, its: Stated) -> Iterable[tuple[date, bytes]]:
    """Of the days in question, and of every other in which something that is stated was sealed."""
    elsewhere = {one.received_on for one in its.blobs}
    before: Seal | None = None
    for seal in its.chain:
        facts = its.facts.between(before, seal)
        before = seal
        if any(facts) or its.first_on <= seal.received_on <= its.last_on or seal.received_on in elsewhere:
            of_day = [SealedBlob(*one) for one in blobs.of_day(conn, seal.received_on)]
            yield seal.received_on, statement(seal.received_on, seal.previous, of_day, facts)
