"""
The longest outage of a product that may have escaped its checks in a window, worked out from raw results (AVAILABILITY B8).

Runs do not hold it: inside of one nobody knows how far apart two results were. So it is told only while the raw results are kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta

from sqlalchemy import Connection

from uptimed.domain.contract import CheckRule, ContractHistory
from uptimed.domain.dayblob import day_of
from uptimed.domain.policy import TimelinePolicy
from uptimed.domain.products import telling
from uptimed.domain.results import LATE_US
from uptimed.domain.runs import Run
from uptimed.storage import results, seals, timelines


def resolution_of(conn: Connection, history: ContractHistory, product_id: str, window: tuple[int, int]) -> int | None:
    """In microseconds. None: not all raw results are kept, or no two of them follow one another."""
    removed_until = day_of(window[1] + LATE_US) + timedelta(days=1)
    if seals.any_removed(conn, day_of(window[0]), removed_until):
        return None
    found: list[int] = []
    for check in telling_checks(history, product_id, window):
        policy = history.policy_of(check.id)
        if policy is None:
            continue
        gaps = [results.widest_gap(conn, check.id, part, horizon_us) for part, horizon_us in _parts(policy, window)]
        runs, _ = timelines.load(conn, check.id)
        if sum(one.results for one in gaps) < _known(runs, window):
            return None
        found += [one.widest_us for one in gaps if one.widest_us is not None]
    return max(found, default=None)


def telling_checks(history: ContractHistory, product_id: str, window: tuple[int, int]) -> list[CheckRule]:
    """Those on which the product's state depended at some time of the window, each once."""
    found: dict[str, CheckRule] = {}
    for span, rule in history.product(product_id):
        begin_us, end_us = span.cut_to(*window)
        if begin_us < end_us:
            names = {one.id for one in telling(rule)}
            found |= {check.id: check for component in rule.components if component.id in names for check in component.checks}
    return list(found.values())


def _parts(policy: TimelinePolicy, window: tuple[int, int]) -> Iterable[tuple[tuple[int, int], int]]:
    """The window by the horizon in force."""
    begin_us, end_us = window
    for earlier in policy.earlier:
        if begin_us < earlier.until_us:
            until_us = min(earlier.until_us, end_us)
            yield (begin_us, until_us), earlier.rules.horizon_us
            begin_us = until_us
    if begin_us < end_us:
        yield (begin_us, end_us), policy.horizon_us


def _known(runs: Sequence[Run], window: tuple[int, int]) -> int:
    """
    How many results of the window there are at least: all of the runs inside of it, and one of each that reaches over an edge.

    The window is a month or a year, so that no horizon reaches across it.
    """
    from_us, to_us = window
    overlapping = [one for one in runs if one.last_start_us >= from_us and one.first_start_us < to_us]
    return sum(one.count if one.first_start_us >= from_us and one.last_start_us < to_us else 1 for one in overlapping)
