"""
Facts -> `statuspage.Snapshot`: everything the public may know, frozen, at every change and at least every half minute.

The page goes on from memory while the database is away: what it says was measured, and it is stamped with the instant of measuring.
Beside it stands a copy on disk, for the day the daemon itself is dead.
"""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from statuspage.codec import to_json
from statuspage.snapshot import (
    VERSION,
    AdjustmentView,
    Bounds,
    ComponentView,
    Figures,
    IncidentView,
    LocationView,
    OutageView,
    PlannedView,
    ProductView,
    Snapshot,
    SupportView,
    UpdateView,
)
from uptimed.domain.availability import Account
from uptimed.domain.calendar import BeyondCalendar, is_open, next_change_us
from uptimed.domain.catalogue import Catalogue
from uptimed.domain.civil import local_date, month_window, year_window
from uptimed.domain.display import allowance_s, downtime_s, remaining_s
from uptimed.domain.incidents import Outage, Update
from uptimed.domain.maintenance import Window
from uptimed.domain.overlays import Adjustment
from uptimed.domain.severity import Severity
from uptimed.engine.availability import account_of, adjustments_in, raw_account_of
from uptimed.engine.cases import Case
from uptimed.engine.history import day_marks, last_day
from uptimed.engine.incidents import Incidents
from uptimed.engine.memory import ComponentMemory, Picture, ProductMemory
from uptimed.engine.planned import PlannedWork

YEAR_BACK_US = 366 * 86_400_000_000


class Accounts:
    """The year and the month of every product, computed once for a publication and shared by page and metrics."""

    def __init__(self, picture: Picture, catalogue: Catalogue, now_us: int) -> None:
        timezone = catalogue.site.timezone
        today = local_date(timezone, now_us)
        self.year = year_window(timezone, today.year)
        self.month = month_window(timezone, today.year, today.month)
        self.of: dict[str, tuple[Account, Account]] = {
            product.product.id: (
                account_of(product, self.year, now_us),
                account_of(product, self.month, now_us),
            )
            for product in picture.products.values()
        }


def snapshot_of(
    picture: Picture,
    incidents: Incidents,
    catalogue: Catalogue,
    accounts: Accounts,
    now_us: int,
    planned: PlannedWork | None = None,
) -> Snapshot:
    every = Counter(check.every_us for check in catalogue.checks())
    return Snapshot(
        version=VERSION,
        as_of_us=now_us,
        site_name=catalogue.site.name,
        site_url=catalogue.site.url,
        languages=catalogue.site.languages,
        timezone=catalogue.site.timezone,
        products=tuple(_product(one, catalogue, accounts, now_us) for one in picture.products.values()),
        incidents=tuple(
            _incident(case, catalogue)
            for case in sorted(incidents.cases.values(), key=lambda case: case.incident.opened_at_us, reverse=True)
        ),
        locations=_locations(picture, catalogue, now_us),
        every_s=max(1, every.most_common(1)[0][0] // 1_000_000) if every else 1,
        support=_support(catalogue, now_us),
        planned=() if planned is None else tuple(_planned(one, planned, now_us) for one in planned.shown(now_us)),
        site_created_us=min((one.first_seen_us for one in picture.products.values()), default=0),
    )


def _product(memory: ProductMemory, catalogue: Catalogue, accounts: Accounts, now_us: int) -> ProductView:
    year, month = accounts.of[memory.product.id]
    timezone = catalogue.site.timezone
    target = catalogue.commitment.availability
    ledger = memory.book.ledger(now_us)
    back = [one.segment for one in ledger.between(max(now_us - YEAR_BACK_US, memory.service_start_us), now_us)]
    return ProductView(
        id=memory.product.id,
        name=memory.product.name,
        state=memory.state,
        since_us=memory.since_us,
        components=tuple(_component(one) for one in memory.components),
        year=_figures(memory, year, accounts.year, target),
        month=_figures(memory, month, accounts.month, target),
        created_at_us=memory.first_seen_us,
        days=day_marks(back, timezone, memory.service_start_us, now_us),
        day=last_day(back, now_us, max((one.horizon_us for part in memory.product.components for one in part.checks), default=0)),
        support=memory.product.support,
    )


def _component(memory: ComponentMemory) -> ComponentView:
    return ComponentView(
        id=memory.component.id,
        name=memory.component.name,
        state=memory.state,
        since_us=memory.since_us,
        severity=memory.component.severity.value,
        created_at_us=memory.first_seen_us,
        last_measured_state=memory.last_measured_state,
        last_measured_us=memory.last_measured_us,
        description=memory.component.description,
    )


def _figures(memory: ProductMemory, its: Account, period: tuple[int, int], target: str) -> Figures:
    sums = its.figures
    return Figures(
        from_us=its.from_us,
        to_us=its.to_us,
        point=its.texts.point,
        lower=its.texts.lower,
        upper=its.texts.upper,
        target=target,
        verdict=its.verdict.value,
        to_date=its.to_date.value,
        up_s=sums.up_us // 1_000_000,
        degraded_s=_up(sums.degraded_us, 1_000_000),
        down_s=_up(sums.down_us, 1_000_000),
        unmeasured_s=_up(sums.unmeasured_us, 1_000_000),
        maintenance_s=_up(sums.maintenance_us, 1_000_000),
        excluded_s=_up(sums.excluded_us, 1_000_000),
        budget_allowed_s=allowance_s(its.budget_ns),
        budget_used_s=downtime_s(sums.d_ns),
        budget_possible_s=downtime_s(sums.d_hi_ns),
        budget_remaining_s=remaining_s(its.remaining_point_us),
        budget_sure_s=remaining_s(its.remaining_lower_us),
        adjustments=tuple(_adjustment(one) for one in adjustments_in(memory, its)),
        raw=None if memory.raw is None else Bounds(*raw_account_of(memory, period, its.as_of_us).texts),
    )


def _adjustment(one: Adjustment) -> AdjustmentView:
    state = one.state.word if one.kind == "assert" else None
    return AdjustmentView(one.id, one.scope, one.from_us, one.to_us, state, one.reason, one.clause)


def _up(amount: int, unit: int) -> int:
    """Downtime is rounded up, always (AVAILABILITY B8)."""
    return -(-amount // unit)


def _incident(case: Case, catalogue: Catalogue) -> IncidentView:
    incident = case.incident
    public = [update for update in reversed(case.updates) if update.public]
    newest_us = public[0].at_us if public else incident.opened_at_us
    cadence = catalogue.commitment.updates.get(incident.severity)
    return IncidentView(
        id=incident.id,
        product=incident.product,
        components=incident.components,
        severity=incident.severity.value,
        stage=incident.stage.value,
        title=incident.title,
        automatic=incident.automatic,
        began_us=incident.began_at_us,
        opened_us=incident.opened_at_us,
        ended_us=incident.ended_at_us,
        resolved_us=incident.resolved_at_us,
        updated_us=newest_us,
        updates=tuple(_update(update) for update in public),
        outages=tuple(_outage(one) for one in sorted(case.outages.values(), key=lambda outage: outage.began_at_us)),
        next_update_by_us=newest_us + cadence if cadence and incident.is_open else None,
    )


def _planned(window: Window, planned: PlannedWork, now_us: int) -> PlannedView:
    aside_us = planned.set_aside_us(window)
    whole_us = window.to_us - window.from_us
    return PlannedView(
        id=window.id,
        scope=window.scope,
        stage=window.stage(now_us),
        title=window.event.title,
        text=window.event.text,
        from_us=window.from_us,
        to_us=window.planned_to_us if window.cancelled else window.to_us,
        announced_us=window.event.at_us,
        updated_us=window.updated_us,
        set_aside="none" if aside_us == 0 else "all" if aside_us == whole_us else "part",
    )


def _update(update: Update) -> UpdateView:
    return UpdateView(update.id, update.at_us, update.stage.value, update.text, update.automatic, update.states)


def _outage(outage: Outage) -> OutageView:
    return OutageView(
        id=outage.id,
        component=outage.component,
        began_us=outage.began_at_us,
        ended_us=outage.ended_at_us,
        last_good_us=outage.last_good_us,
        first_bad_us=outage.first_bad_us,
        last_bad_us=outage.last_bad_us,
        first_good_us=outage.first_good_us,
        reason=outage.reason,
        locations=outage.locations,
    )


def _locations(picture: Picture, catalogue: Catalogue, now_us: int) -> tuple[LocationView, ...]:
    heard = {
        place
        for check in picture.checks.values()
        for place, seen in check.seen.items()
        if now_us - seen.ended_us <= check.check.horizon_us
    }
    return tuple(LocationView(one.id, one.name, one.id in heard) for one in catalogue.locations)


def _support(catalogue: Catalogue, now_us: int) -> SupportView | None:
    commitment = catalogue.commitment
    if not commitment.promised and not any(product.support for product in catalogue.products):
        return None
    promised = [(one, commitment.response[one]) for one in commitment.promised]
    rows = tuple((severity.value, target.within_us // 1_000_000, target.clock) for severity, target in promised)
    try:
        return SupportView(is_open(commitment.support, now_us), next_change_us(commitment.support, now_us), rows)
    except BeyondCalendar:
        return None


def write_copy(snapshot: Snapshot, path: Path) -> None:
    """Beside the old one, then in its place: a reader finds the one or the other, whole. A full disk leaves the older copy."""
    beside = path.with_suffix(".next")
    try:
        beside.write_bytes(to_json(snapshot))
        beside.replace(path)
    except OSError:
        with contextlib.suppress(OSError):
            beside.unlink(missing_ok=True)
        raise


def open_by_severity(incidents: Sequence[Case]) -> dict[Severity, int]:
    """How many incidents are open, by severity; every severity is there."""
    counted = Counter(case.incident.severity for case in incidents)
    return {severity: counted.get(severity, 0) for severity in Severity}
