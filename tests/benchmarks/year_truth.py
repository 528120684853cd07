"""
A year as it really was, and how it looks to those who count samples. Everything follows from a seed.

Outages lie anywhere; each length of its order is as frequent. In half of the years one of 5 to 12 s (or the shortest that the kind
allows) comes every day at the same second, like a job of cron. What they add up to lies around the allowance of the year, where a
verdict is hard. In one half of the longer outages endpoints refuse, in the other they let checks hang until the timeout; short
ones do as the kind says. Each place is blind for minutes to hours some times a year, and now and then a check fails although all
is well.
"""

from __future__ import annotations

import math
import random
from bisect import bisect_right
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

S = 1_000_000
DAY_US = 86_400 * S
YEAR_US = 365 * DAY_US
ALLOWANCE_US = YEAR_US // 10_000
"""Of 99.99 %."""
SPURIOUS_EVERY = 100_000
"""One check in so many fails although all is well."""


@dataclass(frozen=True)
class Outage:
    from_us: int
    to_us: int
    hangs: bool
    """Checks time out; else they are refused at once."""


@dataclass(frozen=True)
class Year:
    seed: int
    outages: tuple[Outage, ...]
    """In order, apart from one another."""
    blind: dict[str, tuple[tuple[int, int], ...]]
    """When the probe of each place was not at work."""

    @property
    def down_us(self) -> int:
        return sum(one.to_us - one.from_us for one in self.outages)

    @property
    def changes_us(self) -> list[int]:
        return [edge for one in self.outages for edge in (one.from_us, one.to_us)]

    def outage_at(self, at_us: int) -> Outage | None:
        place = bisect_right(self.outages, at_us, key=lambda one: one.from_us) - 1
        return self.outages[place] if place >= 0 and at_us < self.outages[place].to_us else None

    def is_blind(self, place: str, at_us: int) -> bool:
        return any(a <= at_us < b for a, b in self.blind[place])


class Kind(NamedTuple):
    """What outages a year may have."""

    name: str
    shortest_us: int
    short_hang: bool
    """Outages of less than 30 s let checks hang, so that each is over before its first failure is known; else they refuse."""


KINDS = (
    Kind("outages of 30 s to an hour", 30 * S, short_hang=False),
    Kind("outages of 5 s to an hour", 5 * S, short_hang=False),
    Kind("the same, the short ones hang", 5 * S, short_hang=True),
)


def a_year(seed: int, places: str, kind: Kind) -> Year:
    chance = random.Random(seed)
    shortest_us = kind.shortest_us
    wanted_us = round(ALLOWANCE_US * chance.uniform(0.4, 1.6))
    found: list[Outage] = []
    if chance.random() < 0.5:
        length_us = max(shortest_us, round(chance.uniform(5, 12) * S))
        second_us, hangs = chance.randrange(DAY_US // 1000) * 1000, _hangs(chance, length_us, kind)
        days = range(1, min(364, wanted_us // 2 // length_us))
        found += [Outage(day * DAY_US + second_us, day * DAY_US + second_us + length_us, hangs) for day in days]
    left_us = wanted_us - sum(one.to_us - one.from_us for one in found)
    while left_us >= shortest_us:
        length_us = round(math.exp(chance.uniform(math.log(shortest_us), math.log(3600 * S))))
        length_us = min(length_us, left_us)
        from_us = chance.randrange(DAY_US, YEAR_US - DAY_US)
        found.append(Outage(from_us, from_us + length_us, _hangs(chance, length_us, kind)))
        left_us -= length_us
    blind = {place: tuple(sorted(_blindness(chance))) for place in places}
    return Year(seed, tuple(_apart(sorted(found, key=lambda one: one.from_us), shortest_us)), blind)


def _hangs(chance: random.Random, length_us: int, kind: Kind) -> bool:
    return chance.random() < 0.5 if length_us >= 30 * S else kind.short_hang


def _blindness(chance: random.Random) -> list[tuple[int, int]]:
    """Some six times, from two minutes to two hours."""
    found = []
    for _ in range(chance.randrange(3, 10)):
        from_us = chance.randrange(DAY_US, YEAR_US - DAY_US)
        found.append((from_us, from_us + round(math.exp(chance.uniform(math.log(120), math.log(7200))) * S)))
    return found


def _apart(outages: list[Outage], gap_us: int) -> list[Outage]:
    """Those that would come too soon after another are left out."""
    kept: list[Outage] = []
    for one in outages:
        if not kept or one.from_us - kept[-1].to_us >= gap_us:
            kept.append(one)
    return kept


# Those who count samples


@dataclass(frozen=True)
class Counted:
    """Good samples of all, at equal distances from one place."""

    good: int
    of: int

    @property
    def down_us(self) -> int:
        """What the share of bad samples makes of a year."""
        return round((self.of - self.good) * YEAR_US / self.of)

    @property
    def is_met(self) -> bool:
        return self.good * 10_000 >= self.of * 9_999


def counted(year: Year, place: str, every_us: int) -> Counted:
    chance = random.Random(f"{year.seed} {every_us}")
    phase_us = chance.randrange(every_us)

    def samples(from_us: int, to_us: int) -> int:
        return max(0, -((phase_us - to_us) // every_us) + (phase_us - from_us) // every_us)

    edges = [0, *(edge for pair in _joined(year.blind[place]) for edge in pair), YEAR_US]
    seeing = list(pairwise(edges))[::2]
    of = sum(samples(a, b) for a, b in seeing)
    bad = sum(
        samples(max(a, one.from_us), min(b, one.to_us))
        for a, b in seeing
        for one in year.outages
        if a < one.to_us and one.from_us < b
    )
    return Counted(of - bad - len(spurious(chance, of)), of)


def spurious(chance: random.Random, checks: int) -> list[int]:
    """Numbers of the checks that fail although all is well."""
    found: list[int] = []
    number = chance.expovariate(1 / SPURIOUS_EVERY)
    while number < checks:
        found.append(int(number))
        number += chance.expovariate(1 / SPURIOUS_EVERY)
    return found


def _joined(spans: tuple[tuple[int, int], ...]) -> list[tuple[int, int]]:
    out: list[tuple[int, int]] = []
    for a, b in spans:
        if out and a <= out[-1][1]:
            out[-1] = (out[-1][0], max(b, out[-1][1]))
        else:
            out.append((a, b))
    return out
