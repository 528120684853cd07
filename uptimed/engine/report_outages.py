"""Every outage of a product in a period, found in the timelines that the figures are made of, with the evidence for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from uptimed.domain.agreement import merged
from uptimed.domain.contract import ComponentRule
from uptimed.domain.incidents import Outage
from uptimed.domain.ledger import Ledger
from uptimed.domain.outages import Bracket, Down, Lasted, bracket, confirmed_downs, lasted
from uptimed.domain.products import filled
from uptimed.domain.record import component_segments
from uptimed.domain.runs import Run
from uptimed.domain.severity import Severity
from uptimed.domain.states import Segment, State
from uptimed.engine.report_facts import Facts


@dataclass(frozen=True)
class Failures:
    """Results that say down, of one check at one location."""

    check: str
    location: str
    count: int
    first_us: int
    last_us: int
    """Starts of the first and of the last."""


@dataclass(frozen=True)
class OutageLine:
    component: str
    severity: Severity
    """Of the component, at that time."""
    from_us: int
    to_us: int
    is_over: bool
    bracket: Bracket
    lasted: Lasted
    downtime_ns: int
    """What of it counts against the product in the period; two that overlap show the same time twice."""
    failures: tuple[Failures, ...]
    reason: str
    """Code of the first failure; empty where nobody noted it."""
    incident: str | None


def outage_lines(facts: Facts, product_id: str, ledger: Ledger, window: tuple[int, int]) -> list[OutageLine]:
    """Those that touch the window, oldest first."""
    from_us, now_us = window
    known_us = min(from_us, now_us if ledger.from_us is None else ledger.from_us)
    found = []
    for component, rules in _components(facts, product_id, (known_us, now_us)).items():
        segments = [one for part, rule in rules for one in component_segments(rule, facts.segments, part)]
        whole = list(filled(merged(segments), (known_us, now_us)))
        downs = confirmed_downs(whole)
        checks = list(dict.fromkeys(check.id for _, rule in rules for check in rule.checks))
        for down, length in zip(downs, lasted(whole, downs), strict=True):
            if down.from_us < now_us and down.to_us > from_us:
                severity = next(rule.severity for part, rule in rules if part[0] <= down.from_us < part[1])
                found.append(_line(facts, component, severity, down, length, checks, (ledger, window)))
    return sorted(found, key=lambda one: (one.from_us, one.component))


def _components(
    facts: Facts, product_id: str, window: tuple[int, int]
) -> Mapping[str, list[tuple[tuple[int, int], ComponentRule]]]:
    """By component: from when to when it was watched, and how."""
    found: dict[str, list[tuple[tuple[int, int], ComponentRule]]] = {}
    for span, rule in facts.history.product(product_id):
        part = span.cut_to(*window)
        if part[0] < part[1]:
            for one in rule.components:
                found.setdefault(one.id, []).append((part, one))
    return found


def _line(
    facts: Facts,
    component: str,
    severity: Severity,
    down: Down,
    length: Lasted,
    checks: Sequence[str],
    account: tuple[Ledger, tuple[int, int]],
) -> OutageLine:
    ledger, (from_us, now_us) = account
    mine = [one for one in checks if _is_down(facts.segments.get(one, ()), down)]
    told = _told(facts.outages, component, down)
    return OutageLine(
        component=component,
        severity=severity,
        from_us=down.from_us,
        to_us=down.to_us,
        is_over=down.ended,
        bracket=_in_reach(bracket([facts.runs.get(one, ()) for one in mine], down.from_us, down.to_us), down),
        lasted=length,
        downtime_ns=ledger.figures(max(from_us, down.from_us), min(now_us, down.to_us)).d_ns,
        failures=tuple(one for check in mine for one in _failures(check, facts.runs.get(check, ()), down)),
        reason=told.reason if told else "",
        incident=told.incident if told else None,
    )


def _in_reach(its: Bracket, down: Down) -> Bracket:
    """One that goes on has no first good result yet, whatever a part of its places says."""
    return its if down.ended else its._replace(first_good_us=None)


def _is_down(segments: Sequence[Segment], down: Down) -> bool:
    return any(one.point is State.DOWN and one.from_us < down.to_us and down.from_us < one.to_us for one in segments)


def _failures(check: str, runs: Iterable[Run], down: Down) -> Iterable[Failures]:
    by_place: dict[str, list[Run]] = {}
    for run in runs:
        if run.state is State.DOWN and run.first_start_us <= down.to_us and run.last_end_us > down.from_us:
            by_place.setdefault(run.location, []).append(run)
    for place, mine in sorted(by_place.items()):
        first_us, last_us = min(one.first_start_us for one in mine), max(one.last_start_us for one in mine)
        yield Failures(check, place, sum(one.count for one in mine), first_us, last_us)


def _told(outages: Iterable[Outage], component: str, down: Down) -> Outage | None:
    """The outage that people were told of then: the timeline may have moved a little since."""
    return next(
        (
            one
            for one in outages
            if one.component == component
            and one.began_at_us <= down.to_us
            and (one.ended_at_us is None or down.from_us <= one.ended_at_us)
        ),
        None,
    )
