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
from uptimed.storage import published, results, seals, timelines


def resolution_of(
    conn: Connection, history: ContractHistory, product_id: str, window: tuple[int, int], *, anew: bool = False
) -> int | None:
    """
    In microseconds. None: not all raw results are kept, or no two of them follow one another.

    What the published records of the window or of parts of it say is taken from them, for a year has millions of results; with
    `anew` not what that of the window itself says.
    """
    told = _told(conn, product_id, window, anew=anew)
    if window in told:
        return told[window]
    found = list(told.values())
    for part in _left(window, sorted(told)):
        worked_out = _worked_out(conn, history, product_id, part)
        if worked_out is None:
            return None
        found += worked_out
    return max(found, default=None)


def _told(conn: Connection, product_id: str, window: tuple[int, int], *, anew: bool) -> dict[tuple[int, int], int]:
    """By window, of records within it: that of the window itself, or those of its months."""
    found: dict[tuple[int, int], int] = {}
    for (product, _), revisions in published.load(conn).items():
        content = revisions[-1].content
        from_us, to_us = content["window_us"]
        own = (from_us, to_us) == window
        if product != product_id or content["resolution_us"] is None or (own and anew):
            continue
        if own:
            return {window: content["resolution_us"]}
        is_month = len(revisions[-1].period) > len("2026")
        if is_month and window[0] <= from_us and to_us <= window[1]:
            found[from_us, to_us] = content["resolution_us"]
    return found


def _left(window: tuple[int, int], parts: Sequence[tuple[int, int]]) -> Iterable[tuple[int, int]]:
    """The window without its parts, which are in order and do not overlap."""
    reached_us = window[0]
    for from_us, to_us in parts:
        if reached_us < from_us:
            yield reached_us, from_us
        reached_us = to_us
    if reached_us < window[1]:
        yield reached_us, window[1]


def _worked_out(conn: Connection, history: ContractHistory, product_id: str, window: tuple[int, int]) -> list[int] | None:
    """Of each check what its results say; None: they are not all kept."""
    if seals.any_removed(conn, day_of(window[0]), day_of(window[1] + LATE_US) + timedelta(days=1)):
        return None
    found: list[int] = []
    for check in telling_checks(history, product_id, window):
        policy = history.policy_of(check.id)
        if policy is None:
            continue
        gaps = [results.widest_gap(conn, check.id, part, horizon_us) for part, horizon_us in _parts(policy, window)]
        runs, _ = timelines.load(conn, check.id)
        if sum(one.results for one in gaps) < _known(runs, window, policy.widest().horizon_us):
            return None
        found += [one.widest_us for one in gaps if one.widest_us is not None]
    return found


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


def _known(runs: Sequence[Run], window: tuple[int, int], horizon_us: int) -> int:
    """How many results of the window there are at least: all of the runs inside of it, and of one that reaches over an edge one."""
    return sum(_at_least(run, window, horizon_us) for run in runs)


def _at_least(run: Run, window: tuple[int, int], horizon_us: int) -> int:
    from_us, to_us = window
    if run.last_start_us < from_us or to_us <= run.first_start_us:
        return 0
    if from_us <= run.first_start_us and run.last_start_us < to_us:
        return run.count
    begins_or_ends_inside = from_us <= run.first_start_us or run.last_start_us < to_us
    return int(begins_or_ends_inside or to_us - from_us > horizon_us)
