"""What the arithmetic costs: folding, rebuilding a year from its results, worst windows, and the room that a year takes."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

from sqlalchemy import Connection

from tests.benchmarks.figures import Figure
from uptimed.domain.availability import account
from uptimed.domain.definition import derived
from uptimed.domain.figures import Contract
from uptimed.domain.overlays import laid_over
from uptimed.domain.policy import TimelinePolicy
from uptimed.domain.results import ActiveLocation, Evidence
from uptimed.domain.runs import Result, Run, runs_of_sorted
from uptimed.domain.states import Segment, State, Verdict
from uptimed.domain.timeline import Change, CheckTimeline
from uptimed.domain.worst import lengths_between, worst_windows
from uptimed.storage import timelines
from uptimed.storage.database import Database

S = 1_000_000
YEAR_US = 365 * 86_400 * S
EVERY_US = 20 * S
PLACES = ("a", "b", "c")
OUTAGES_A_YEAR = 52
T = TypeVar("T")


def run() -> list[Figure]:
    figures = [folding(1), folding(3)]
    (runs, segments, made), rebuild_s = timed(rebuilt_year)
    figures += [
        Figure(f"{made / 1e6:.1f} million results (a component-year) into runs and segments: CPU", rebuild_s, "s", at_most=60),
        Figure(
            f"{len(runs)} runs and {len(segments)} segments of that year in SQLite", stored_kb(runs, segments), "KB", at_most=100
        ),
    ]
    thousand = some_segments(1_000)
    contract = Contract(Fraction(9999, 10_000), "99.99")
    laid = laid_over(thousand, (0, YEAR_US))
    lengths = lengths_between(60 * S, YEAR_US)
    figures.append(
        Figure(
            "worst windows, 40 lengths, 1000 segments: CPU",
            best_ms(lambda: worst_windows(laid, contract, lengths)),
            "ms",
            at_most=100,
        )
    )
    many = some_segments(10_000)
    figures.append(Figure("account of 10000 segments: CPU", best_ms(lambda: account(many, contract, (0, YEAR_US), YEAR_US)), "ms"))
    return figures


def timed(work: Callable[[], T]) -> tuple[T, float]:
    before = time.process_time()
    made = work()
    return made, time.process_time() - before


def best_ms(work: Callable[[], object]) -> float:
    """Of five, so that somebody else's work on the machine is not measured."""
    return min(timed(work)[1] for _ in range(5)) * 1000


def policy(places: int) -> TimelinePolicy:
    return TimelinePolicy(tuple(ActiveLocation(one) for one in PLACES[:places]), horizon_us=55 * S)


def results(until_us: int, places: int, outages: int) -> Iterator[Result]:
    """Staggered checks every 20 s, and as many outages of a minute to an hour, evenly spread."""
    chance = random.Random(places)
    apart_us = until_us // (outages + 1)
    begin_us, end_us, number = apart_us, apart_us + chance.randrange(60 * S, 3600 * S), 1
    for round_us in range(0, until_us, EVERY_US):
        if round_us >= end_us:
            number += 1
            begin_us, end_us = number * apart_us, number * apart_us + chance.randrange(60 * S, 3600 * S)
        for index in range(places):
            start_us = round_us + index * EVERY_US // places
            verdict = Verdict.DOWN if begin_us <= start_us < end_us else Verdict.UP
            yield "", PLACES[index], 0, start_us, start_us + 150_000 + start_us % 70_001, verdict


def folding(places: int) -> Figure:
    """Three days in batches of 250, an outage in each."""
    batches: list[list[Evidence]] = [[]]
    for result in results(3 * 86_400 * S, places, 3):
        if len(batches[-1]) == 250:
            batches.append([])
        batches[-1].append(Evidence(*result))
    timeline = CheckTimeline(policy(places))

    def fold() -> int:
        return sum(isinstance(timeline.fold(one), Change) for batch in batches for one in batch)

    folded, spent_s = timed(fold)
    where = "one location" if places == 1 else f"{places} locations"
    return Figure(f"folding a result of {where} into runs and segments: CPU", spent_s / folded * 1e6, "us", at_most=20)


def rebuilt_year() -> tuple[list[Run], list[Segment], int]:
    """Making the results counts too; reading them from disk does not."""
    made = 0

    def counted() -> Iterator[Result]:
        nonlocal made
        for result in results(YEAR_US, len(PLACES), OUTAGES_A_YEAR):
            made += 1
            yield result

    rules = policy(len(PLACES))
    runs = runs_of_sorted(counted(), rules.horizon_us)
    return runs, derived(runs, rules), made


def stored_kb(runs: list[Run], segments: list[Segment]) -> float:
    return asyncio.run(stored(runs, segments)) / 1024


async def stored(runs: list[Run], segments: list[Segment]) -> int:
    """Bytes by which the database grows, for twenty checks, by check."""
    checks = 20

    def work(connection: Connection) -> None:
        for number in range(checks):
            change = Change(tuple(runs), (), segments[0].from_us, tuple(segments))
            timelines.save(connection, f"product/component-{number}/check", change, 0)

    def pages(connection: Connection) -> int:
        size, count, free = (
            connection.exec_driver_sql(f"PRAGMA {what}").scalar_one() for what in ("page_size", "page_count", "freelist_count")
        )
        return int(size) * (int(count) - int(free))

    with TemporaryDirectory(prefix="uptimed-bench-") as folder:
        database = await Database.open(f"sqlite+aiosqlite:///{folder}/bench.db", data=Path(folder))
        before = await database.read(pages)
        await database.write(work)
        after = await database.read(pages)
        await database.close()
    return (after - before) // checks


def some_segments(number: int) -> list[Segment]:
    """Of a year: every sixth is a long good one, the others are the brackets and the middle of an outage."""
    chance = random.Random(number)
    up, down = State.UP, State.DOWN
    shapes = [(up, up, up), (up, up, down), (down, up, down), (down, down, down), (down, up, down), (up, up, down)]
    short_us = [chance.randrange(S, 60 * S) if at % 6 else 0 for at in range(number)]
    long_us = (YEAR_US - sum(short_us)) // -(-number // 6)
    segments, at_us = [], 0
    for at in range(number):
        end_us = at_us + (short_us[at] or long_us)
        segments.append(Segment(at_us, end_us, *shapes[at % 6]))
        at_us = end_us
    return segments
