"""
What is said about a simulated year, and what was true: `make bench-availability`.

Many years, the same truth for everybody: uptimed with three locations and with one, and those who count samples. Exit 1 when
uptimed calls a year met or missed wrongly, or when the truth lies outside of its bounds although its assumptions held: that at
every place the truth changes at most once between two results, and that no two failures in a row are false.

Outages that are over before the failure of their first check is known (a timeout) can be seen by one place alone. Then the first
assumption is broken at the others, and a quorum counts them for nothing: the last kind of years shows how far that goes.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from fractions import Fraction
from functools import partial
from statistics import median
from typing import NamedTuple

from tests.benchmarks.year_probes import Probing, seen
from tests.benchmarks.year_truth import ALLOWANCE_US, KINDS, YEAR_US, Kind, S, Year, a_year, counted
from uptimed.domain.availability import Standing, account
from uptimed.domain.definition import derived
from uptimed.domain.figures import Contract
from uptimed.domain.policy import TimelinePolicy
from uptimed.domain.results import ActiveLocation

CONTRACT = Contract(Fraction(9999, 10_000), "99.99")
PLACES = "abc"
YEARS = 200
UPTIMED = {
    "uptimed, three locations": Probing(PLACES, every_s=19, timeout_s=9),
    "uptimed, three locations, every 5 s": Probing(PLACES, every_s=5, timeout_s=2),
    "uptimed, one location": Probing("a", every_s=19, timeout_s=9),
}
SAMPLES = {"samples every 60 s (Uptime Kuma, Gatus)": 60 * S, "avg_over_time(probe_success), every 15 s": 15 * S}


class Said(NamedTuple):
    """Of one year by one of them."""

    by: str
    true_us: int
    point_us: int
    bounds_us: tuple[int, int] | None
    verdict: str
    assumptions_held: bool = True

    @property
    def is_wrong(self) -> bool:
        return self.verdict != Standing.UNDECIDED and (self.verdict == Standing.MET) != (self.true_us <= ALLOWANCE_US)

    @property
    def is_inside(self) -> bool:
        return self.bounds_us is not None and self.bounds_us[0] <= self.true_us <= self.bounds_us[1]

    @property
    def error_us(self) -> int:
        return abs(self.point_us - self.true_us)


def told(seed: int, kind: Kind) -> list[Said]:
    year = a_year(seed, PLACES, kind)
    every = [by_uptimed(name, year, probing) for name, probing in UPTIMED.items()]
    for name, every_us in SAMPLES.items():
        samples = counted(year, "a", every_us)
        verdict = Standing.MET if samples.is_met else Standing.MISSED
        every.append(Said(name, year.down_us, samples.down_us, None, verdict))
    return every


def by_uptimed(name: str, year: Year, probing: Probing) -> Said:
    workers = seen(year, probing)
    policy = TimelinePolicy(tuple(ActiveLocation(place) for place in probing.places), probing.horizon_us)
    segments = derived([run for worker in workers for run in worker.runs], policy)
    its = account(segments, CONTRACT, (0, YEAR_US), YEAR_US)
    return Said(
        name,
        year.down_us,
        round(its.figures.d_ns * YEAR_US / its.figures.m_us) // 1000,
        (its.figures.d_lo_ns // 1000, -(-its.figures.d_hi_ns // 1000)),
        its.verdict,
        all(worker.keeps_a1 and worker.keeps_w for worker in workers),
    )


def main() -> int:
    asked = argparse.ArgumentParser(prog="tests.benchmarks.availability_year", description=__doc__)
    asked.add_argument("--years", type=int, default=YEARS, help=f"of each kind (default {YEARS})")
    asked.add_argument("--seed", type=int, default=0, help="of the first year; the others follow it")
    args = asked.parse_args()
    began = time.monotonic()
    failed = 0
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        print("\n".join(HEAD))
        for kind in KINDS:
            years = list(pool.map(partial(told, kind=kind), range(args.seed, args.seed + args.years)))
            print(f"| **{kind.name}**, {args.years} years |" + " |" * 7)
            for said in zip(*years, strict=True):
                print(row(said), flush=True)
            failed |= broken(kind, [one for said in years for one in said])
    cpu_s = sum(getattr(os.times(), name) for name in ("user", "system", "children_user", "children_system"))
    print(f"\n{time.monotonic() - began:.0f} s, {cpu_s / args.years / len(KINDS):.1f} CPU s a year", file=sys.stderr)
    return failed


HEAD = (
    "| who says it | wrong verdicts | undecided | truth inside the bounds | ... where the assumptions held (so many years) "
    "| width of the bounds | error of the figure | worst error |",
    "|---|--:|--:|--:|--:|--:|--:|--:|",
)


def row(of: Sequence[Said]) -> str:
    """Width and error are medians over the years."""
    held = [one for one in of if one.assumptions_held]
    widths = [one.bounds_us[1] - one.bounds_us[0] for one in of if one.bounds_us is not None]
    cells = [
        of[0].by,
        share(sum(one.is_wrong for one in of), len(of)),
        share(sum(one.verdict == Standing.UNDECIDED for one in of), len(of)),
        share(sum(one.is_inside for one in of), len(of)) if widths else "no bounds",
        f"{share(sum(one.is_inside for one in held), len(held))} ({len(held)})" if widths else "",
        f"{median(widths) / S:.0f} s" if widths else "",
        f"{median(one.error_us for one in of) / S:.0f} s",
        f"{max(one.error_us for one in of) / S:.0f} s",
    ]
    return "| " + " | ".join(cells) + " |"


def share(part: int, whole: int) -> str:
    """Never rounded to all or nothing."""
    percent = 100 * part / whole if whole else 0.0
    return f"{percent:.0f} %" if 1 <= percent <= 99 or part in {0, whole} else f"{percent:.1f} %"


def broken(kind: Kind, every: Sequence[Said]) -> int:
    """1 when uptimed said what was not so, though its assumptions held; where short outages refuse, whether or not they did."""
    bad = [
        one
        for one in every
        if one.bounds_us
        and ((one.is_wrong and (one.assumptions_held or not kind.short_hang)) or (one.assumptions_held and not one.is_inside))
    ]
    for one in bad:
        print(f"{kind.name}: {one.by}: {one.verdict}, {one.bounds_us} us; the truth is {one.true_us} us", file=sys.stderr)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
