"""
A report as JSON: a promise to other programs. Keys are added, never renamed; `uptimed report --schema` says what each means.

Instants are ISO 8601 in UTC, to the microsecond where they have any. Seconds are exact decimal texts, ratios exact fractions.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from uptimed.domain.availability import Account
from uptimed.domain.contract import ProductRule, Span
from uptimed.domain.credits import Statement
from uptimed.domain.figures import FULL, Contract
from uptimed.domain.published import PublishedRecord, as_document
from uptimed.domain.worst import Window
from uptimed.engine.adjustments import described
from uptimed.engine.availability import exact_seconds, pair, seconds, sums_document
from uptimed.engine.payload import exact
from uptimed.engine.report import Correction, PartLine, PlannedWork, ProductReport, Report, Term, Unseen
from uptimed.engine.report_outages import OutageLine
from uptimed.engine.report_responses import Answered, IncidentLine, SeverityLine

VERSION = 1


def document(report: Report, program: str) -> dict[str, Any]:
    site = report.catalogue.site
    return {
        "report": VERSION,
        "program": program,
        "site": {"name": site.name, "url": site.url or None},
        "period": report.period.name,
        "from": exact(report.period.from_us),
        "to": exact(report.period.to_us),
        "timezone": report.timezone,
        "as_of": exact(report.as_of_us),
        "over": report.is_over,
        "final": report.is_final,
        "contracts": [{"from": exact(one.from_us), "sha256": one.digest} for one in report.versions],
        "products": [_product(one, report.as_of_us) for one in report.products],
    }


def _product(one: ProductReport, as_of_us: int) -> dict[str, Any]:
    its = one.account
    return {
        "id": one.id,
        "name": dict(one.name),
        "from": exact(its.from_us),
        "to": exact(its.to_us),
        "as_of": exact(its.as_of_us),
        "target": one.target.target_text,
        **_account(its),
        "raw": _account(one.raw),
        "terms": [_term(each) for each in one.terms],
        "watched": [_watched(*each, its) for each in one.watched],
        "parts": [_part(each) for each in one.parts],
        "worst_windows": [_window(each) for each in one.worst],
        "outages": [_outage(each) for each in one.outages],
        "blind": {"seconds": seconds(its.figures.u_us), "stretches": [_stretch(*each) for each in one.blind]},
        "planned": [_planned(each, as_of_us) for each in one.planned],
        "adjustments": [_correction(each) for each in one.corrections],
        "unseen": _unseen(one.unseen),
        "credits": _credits(one.credits),
        "responses": [_severity(each) for each in one.responses],
        "records": [_record(each) for each in one.records],
        "differs_from_record": [reason._asdict() for reason in one.differs],
    }


def _account(its: Account) -> dict[str, Any]:
    sums = sums_document(its)
    counted = {
        "counted": seconds(its.figures.n_us),
        "measured": seconds(its.figures.m_us),
        "not_measured": seconds(its.figures.u_us),
    }
    downtime = {
        "least": exact_seconds(its.figures.d_lo_ns),
        "point": exact_seconds(its.figures.d_ns),
        "most": exact_seconds(its.figures.d_hi_ns),
    }
    remaining = {
        "guaranteed": seconds(its.remaining_lower_us),
        "point": seconds(its.remaining_point_us),
        "most": seconds(its.remaining_upper_us),
    }
    ends = {"exhausted_at": _at(its.exhausted_at_us), "projected_exhaustion_at": _at(its.projected_exhaustion_us)}
    return {
        **sums,
        "seconds": {**sums["seconds"], **counted},
        "downtime": downtime,
        "budget": {**sums["budget"], "remaining_by_bound": remaining, **ends},
    }


def _term(one: Term) -> dict[str, Any]:
    return {"from": exact(one.from_us), "to": exact(one.to_us), **_contract(one.contract)}


def _contract(contract: Contract) -> dict[str, Any]:
    return {
        "target": contract.target_text,
        "timezone": contract.timezone,
        "degraded_weight": pair(Fraction(contract.degraded_permille, FULL)),
        "maintenance": {
            "treat": contract.maintenance.value,
            "notice_seconds": seconds(contract.notice_us),
            "cap_seconds_a_year": None if contract.cap_us is None else seconds(contract.cap_us),
        },
        "exclusion": contract.exclusion.value,
        "credits": [{"below": one.below, "percent": one.percent} for one in contract.credits],
    }


def _watched(span: Span, rule: ProductRule, its: Account) -> dict[str, Any]:
    from_us, to_us = span.cut_to(its.from_us, its.to_us)
    return {
        "from": exact(from_us),
        "to": exact(to_us),
        "components": [
            {
                "id": component.id,
                "severity": component.severity.value,
                "checks": [
                    {
                        "id": check.id,
                        "locations": list(check.locations),
                        "horizon_seconds": seconds(check.rules.horizon_us),
                        "confirmations": check.rules.confirmations,
                        "quorum": check.rules.quorum,
                    }
                    for check in component.checks
                ],
            }
            for component in rule.components
        ],
    }


def _part(one: PartLine) -> dict[str, Any]:
    its = one.account
    return {
        "period": one.period.name,
        "from": exact(its.from_us),
        "to": exact(its.to_us),
        "as_of": exact(its.as_of_us),
        **_account(its),
        "raw": _account(one.raw),
    }


def _window(one: Window) -> dict[str, Any]:
    worst = {"least": one.d_lo_ns, "point": one.d_ns, "most": one.d_hi_ns}
    bounds = {"upper": one.d_lo_ns, "point": one.d_ns, "lower": one.d_hi_ns}
    return {
        "seconds": seconds(one.length_us),
        "downtime": {name: None if value is None else exact_seconds(value) for name, value in worst.items()},
        "availability": {
            name: None if value is None else pair(1 - Fraction(value, FULL * one.length_us)) for name, value in bounds.items()
        },
        "start": _at(one.start_us),
    }


def _outage(one: OutageLine) -> dict[str, Any]:
    return {
        "component": one.component,
        "severity": one.severity.value,
        "from": exact(one.from_us),
        "to": exact(one.to_us),
        "over": one.is_over,
        "last_good": _at(one.bracket.last_good_us),
        "first_bad": exact(one.bracket.first_bad_us),
        "last_bad": exact(one.bracket.last_bad_us),
        "first_good": _at(one.bracket.first_good_us),
        "seconds": {
            "least": seconds(one.lasted.at_least_us),
            "point": seconds(one.to_us - one.from_us),
            "most": seconds(one.lasted.at_most_us),
        },
        "counted_seconds": exact_seconds(one.downtime_ns),
        "reason": one.reason or None,
        "incident": one.incident,
        "evidence": [
            {
                "check": its.check,
                "location": its.location,
                "failures": its.count,
                "first": exact(its.first_us),
                "last": exact(its.last_us),
            }
            for its in one.failures
        ],
    }


def _stretch(from_us: int, to_us: int) -> dict[str, Any]:
    return {"from": exact(from_us), "to": exact(to_us), "seconds": seconds(to_us - from_us)}


def _planned(one: PlannedWork, as_of_us: int) -> dict[str, Any]:
    window = one.window
    return {
        "id": window.id,
        "scope": window.scope,
        "title": dict(window.event.title),
        "from": exact(window.from_us),
        "to": exact(window.to_us),
        "planned_to": exact(window.planned_to_us),
        "announced": exact(window.event.at_us),
        "extended": len(window.stretches) > 1,
        "stage": window.stage(as_of_us),
        "set_aside_seconds": seconds(one.set_aside_us),
    }


def _correction(one: Correction) -> dict[str, Any]:
    gone = one.revoked
    taken_back = None if gone is None else {"id": gone.id, "reason": gone.reason, "author": gone.by, "at": exact(gone.at_us)}
    return {**described(one.made), "revoked": taken_back, "spared_seconds": exact_seconds(one.spared_ns)}


def _unseen(one: Unseen) -> dict[str, Any]:
    return {
        "resolution_seconds": None if one.resolution_us is None else seconds(one.resolution_us),
        "shorter_seen": one.shorter_seen,
        "shorter_unseen_at_most_seconds": None if one.at_most_us is None else seconds(one.at_most_us),
    }


def _credits(its: Statement) -> dict[str, Any]:
    return {
        "steps": [
            {"below": one.credit.below, "percent": one.credit.percent, "owed": one.owed.value, "by_point": one.by_point}
            for one in its.steps
        ],
        "certain_percent": its.certain.percent if its.certain else None,
        "by_point_percent": its.by_point.percent if its.by_point else None,
        "possible_percent": its.possible.percent if its.possible else None,
    }


def _severity(one: SeverityLine) -> dict[str, Any]:
    target = one.target
    return {
        "severity": one.severity.value,
        "within_seconds": None if target is None else seconds(target.within_us),
        "clock": None if target is None else target.clock,
        "counts": {answered.value: one.count(answered) for answered in Answered},
        "kept": pair(one.kept),
        "median_seconds": None if one.median_us is None else seconds(one.median_us),
        "longest_seconds": None if one.longest_us is None else seconds(one.longest_us),
        "incidents": [_incident(each) for each in one.incidents],
    }


def _incident(one: IncidentLine) -> dict[str, Any]:
    its = one.incident
    return {
        "id": its.id,
        "title": dict(its.title),
        "opened": exact(its.opened_at_us),
        "respond_by": _at(its.respond_by_us),
        "responded": _at(its.responded_at_us),
        "resolved": _at(its.resolved_at_us),
        "answered": one.answered.value,
    }


def _record(one: PublishedRecord) -> dict[str, Any]:
    """As it was hashed, integers of micro- and nanoseconds and all, and its hash."""
    return {"sha256": one.digest, "published_at": exact(one.published_at_us), **as_document(one)}


def _at(at_us: int | None) -> str | None:
    return None if at_us is None else exact(at_us)


__all__ = ["VERSION", "document"]
