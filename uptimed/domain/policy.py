"""
How a check's evidence is judged, and how that changed over time.

A policy that changes applies from its instant, never backwards: a silence is measured against the horizon that was in force when it
began, an instant is voted on with the quorum in force at that instant, and an episode is confirmed as was asked for when it began.
So the past stays what it was, whatever is configured today.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from uptimed.domain.catalogue import Check
from uptimed.domain.results import ActiveLocation

FLAP_WINDOW_US = 300_000_000


class Rules(NamedTuple):
    """What is asked of the evidence, but for where it comes from."""

    horizon_us: int
    """H: a longer silence of a location is unmeasured as a whole; exactly H is not."""
    quorum: int | None = None
    """How many locations must agree; None: the majority of those active."""
    confirmations: int = 2
    flap_window_us: int = FLAP_WINDOW_US


class EarlierRules(NamedTuple):
    until_us: int
    rules: Rules


@dataclass(frozen=True)
class TimelinePolicy:
    """The rules in force now; `earlier` ones, oldest first, each until its instant."""

    locations: tuple[ActiveLocation, ...]
    horizon_us: int
    quorum: int | None = None
    confirmations: int = 2
    flap_window_us: int = FLAP_WINDOW_US
    clock_eps_us: int = 0
    earlier: tuple[EarlierRules, ...] = ()

    @classmethod
    def of(cls, check: Check, clock_eps_us: int = 0) -> TimelinePolicy:
        return cls(tuple(ActiveLocation(one) for one in check.locations), *rules_of(check), clock_eps_us=clock_eps_us)

    @property
    def rules(self) -> Rules:
        return Rules(self.horizon_us, self.quorum, self.confirmations, self.flap_window_us)

    def at(self, at_us: int) -> Rules:
        return next((one.rules for one in self.earlier if at_us < one.until_us), self.rules)

    def horizon_at(self, at_us: int) -> int:
        return self.at(at_us).horizon_us if self.earlier else self.horizon_us

    def active_at(self, at_us: int) -> list[str]:
        return [one.id for one in self.locations if one.is_active(at_us)]

    @property
    def changes_us(self) -> list[int]:
        """The instants at which locations or rules change."""
        of_locations = {edge for one in self.locations for edge in one[1:] if edge is not None}
        return sorted(of_locations | {one.until_us for one in self.earlier})

    def widest(self) -> Rules:
        """The greatest of each that was ever in force (no quorum): how far a result can reach."""
        every = [self.rules, *(one.rules for one in self.earlier)]
        return Rules(
            horizon_us=max(one.horizon_us for one in every),
            confirmations=max(one.confirmations for one in every),
            flap_window_us=max(one.flap_window_us for one in every),
        )


def rules_of(check: Check) -> Rules:
    return Rules(check.horizon_us, check.confirm.locations, check.confirm.failures)


def quorum_of(active: int, wanted: int | None) -> int:
    """How many locations must agree: the majority unless said otherwise, never more than there are."""
    return min(wanted or active // 2 + 1, active)


def over_time(spans: Sequence[tuple[int | None, int | None, tuple[str, ...], Rules]], clock_eps_us: int = 0) -> TimelinePolicy:
    """
    One policy of several that followed one another: (from, to, locations, rules), in order; None: without that end.

    In a gap between two spans no location is active: nothing said then is evidence.
    """
    earlier = [
        EarlierRules(later[0], rules) for (_, _, _, rules), later in pairwise(spans) if later[0] is not None and rules != later[3]
    ]
    locations: dict[str, list[ActiveLocation]] = {}
    for from_us, to_us, names, _ in spans:
        for name in names:
            mine = locations.setdefault(name, [])
            if mine and mine[-1].to_us == from_us and from_us is not None:
                mine[-1] = mine[-1]._replace(to_us=to_us)
            else:
                mine.append(ActiveLocation(name, from_us, to_us))
    every = tuple(one for mine in locations.values() for one in mine)
    return TimelinePolicy(every, *spans[-1][3], clock_eps_us=clock_eps_us, earlier=tuple(earlier))
