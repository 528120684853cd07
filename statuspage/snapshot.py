"""
The contract: every public fact, frozen and versioned.

The core makes a `Snapshot`; everything the reader sees is drawn from it and from nothing else, so page, API, feed and badge cannot
disagree. It travels as JSON (`statuspage.codec`): the newest stands on disk for the day the core is dead. Fields are added, not
renamed or given another meaning; `VERSION` rises only when an old reader would be misled.

Instants are ISO-free integer microseconds (`_us`). Percentages are texts already cut for display ("99.9931"). Durations of downtime
are whole seconds, rounded up; remaining budget is rounded down.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

VERSION = 1

Words = Mapping[str, str]


@dataclass(frozen=True)
class Bounds:
    """An availability and what is sure of it; None when nothing was counted."""

    point: str | None
    lower: str | None
    upper: str | None


@dataclass(frozen=True)
class AdjustmentView:
    """A stretch that a person has taken out of the account, or says from other evidence what it was. Who that was is not public."""

    id: str
    scope: str
    """The product, or product/component."""
    from_us: int
    to_us: int
    state: str | None
    """None: it does not count; up | degraded | down: it counts as that."""
    reason: str
    clause: str = ""


@dataclass(frozen=True)
class Figures:
    """Availability of one period with its bounds. Texts are None when nothing was counted."""

    from_us: int
    to_us: int
    """End of the whole period, not of what has passed."""
    point: str | None
    lower: str | None
    upper: str | None
    target: str
    verdict: str
    """met | missed | undecided, over the whole period as of the snapshot."""
    to_date: str
    """met | missed | undecided, of the time so far."""
    up_s: int
    degraded_s: int
    down_s: int
    unmeasured_s: int
    maintenance_s: int
    excluded_s: int
    budget_allowed_s: int
    """To the nearest second."""
    budget_used_s: int
    """Measured downtime, rounded up."""
    budget_possible_s: int
    """Upper bound of the downtime, blind time included; rounded up."""
    budget_remaining_s: int
    """Allowed less measured, rounded down; may be below zero."""
    adjustments: tuple[AdjustmentView, ...] = ()
    """Those in force that touch the period, in the order of their time."""
    raw: Bounds | None = None
    """The same period with neither planned work nor adjustments taken into account; None: the product has none."""
    budget_sure_s: int | None = None
    """Allowed less the upper bound of the downtime, rounded down; below zero: it may be spent. None: not told."""


@dataclass(frozen=True)
class DayMark:
    """One local day of a calendar; `on` is YYYY-MM-DD in the site's time zone."""

    on: str
    state: str
    """
    working | slow | partly_down | degraded | down | planned | unmeasured: the worst that happened; `working` is a quiet day.

    `degraded`: slow or partly down, and which of them is not known any more.
    """
    down_s: int = 0
    unmeasured_s: int = 0
    degraded_s: int = 0


@dataclass(frozen=True)
class Stretch:
    """A piece of the last 24 hours that was not `working`; the states of a `DayMark`."""

    from_us: int
    to_us: int
    state: str


@dataclass(frozen=True)
class ComponentView:
    id: str
    """product/component."""
    name: Words
    state: str
    """working | slow | partly_down | down | planned | unmeasured."""
    since_us: int | None
    """When it entered this state; None when not known."""
    severity: str
    created_at_us: int
    """First seen in a loaded configuration."""
    last_measured_state: str | None = None
    """When unmeasured: the last state that was measured, for readers that have no word for not knowing."""
    last_measured_us: int | None = None
    description: Words = field(default_factory=dict)


@dataclass(frozen=True)
class ProductView:
    id: str
    name: Words
    state: str
    since_us: int | None
    components: tuple[ComponentView, ...]
    year: Figures | None
    """The calendar year so far."""
    month: Figures | None
    created_at_us: int
    days: tuple[DayMark, ...] = ()
    """The last 365 local days, oldest first; days before the start of service are absent."""
    day: tuple[Stretch, ...] = ()
    """The last 24 hours."""
    support: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class UpdateView:
    id: str
    at_us: int
    stage: str
    """detected | investigating | identified | monitoring | resolved | postmortem."""
    text: Words
    automatic: bool
    states: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """component -> (old, new) page state."""


@dataclass(frozen=True)
class OutageView:
    id: str
    component: str
    began_us: int
    ended_us: int | None
    last_good_us: int | None
    first_bad_us: int
    last_bad_us: int
    first_good_us: int | None
    reason: str
    """Reason in words for the public comes from the code: `connect_refused`."""
    locations: tuple[str, ...] = ()


@dataclass(frozen=True)
class IncidentView:
    id: str
    product: str
    components: tuple[str, ...]
    severity: str
    stage: str
    title: Words
    automatic: bool
    began_us: int
    opened_us: int
    ended_us: int | None
    resolved_us: int | None
    updated_us: int
    updates: tuple[UpdateView, ...]
    """Public ones, newest first."""
    outages: tuple[OutageView, ...] = ()
    next_update_by_us: int | None = None


@dataclass(frozen=True)
class PlannedView:
    """Planned work, once announced: what is on, what is to come, and what was in the last 90 days."""

    id: str
    scope: str
    """The product, or product/component."""
    stage: str
    """scheduled | in_progress | finished | cancelled."""
    title: Words
    text: Words
    from_us: int
    to_us: int
    """Its planned end, extensions included; once it has ended, when it did."""
    announced_us: int
    updated_us: int
    set_aside: str
    """all | part | none: how much of it the commitment takes out of the figure; the rest is ordinary time."""


@dataclass(frozen=True)
class SupportView:
    """Whether support is open now and how fast a person answers, by severity."""

    is_open: bool
    changes_at_us: int | None
    """When it closes (if open) or opens (if closed)."""
    rows: tuple[tuple[str, int, str], ...]
    """(severity, seconds, clock `always | support_hours | civil`), worst first."""


@dataclass(frozen=True)
class LocationView:
    id: str
    name: Words
    measuring: bool


@dataclass(frozen=True)
class Snapshot:
    version: int
    as_of_us: int
    """The facts are those known at this instant."""
    site_name: str
    site_url: str
    languages: tuple[str, ...]
    timezone: str
    products: tuple[ProductView, ...]
    incidents: tuple[IncidentView, ...]
    """Open ones and those of the last 90 days, newest first."""
    locations: tuple[LocationView, ...]
    every_s: int
    """The usual gap between checks, for the sentence that says how often we look."""
    support: SupportView | None = None
    site_created_us: int = 0
    planned: tuple[PlannedView, ...] = ()
    """By its beginning."""
