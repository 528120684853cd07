"""
What people deal with: incidents, their stages and updates.

Only the shapes live here and the rules that open, join, reopen and resolve (DESIGN section 4). Measured instants (`began_at_us`, an
outage's brackets) and instants of knowing (`opened_at_us`) are never mixed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from uptimed.domain.catalogue import Words
from uptimed.domain.severity import Severity


class Stage(StrEnum):
    DETECTED = "detected"
    INVESTIGATING = "investigating"
    IDENTIFIED = "identified"
    MONITORING = "monitoring"
    RESOLVED = "resolved"
    POSTMORTEM = "postmortem"


@dataclass(frozen=True)
class Outage:
    """A confirmed composed down stretch of a Component, with the instants that bracket it."""

    id: str
    """component@began of its first recording; stays when a later result moves the measured start."""
    component: str
    began_at_us: int
    """The measured start: inside (last_good_us, first_bad_us]."""
    ended_at_us: int | None
    """The measured end: inside (last_bad_us, first_good_us]; None while it lasts."""
    last_good_us: int | None
    first_bad_us: int
    last_bad_us: int
    first_good_us: int | None
    checks: tuple[str, ...]
    """The checks that were down in it."""
    confirmed_at_us: int
    """When the engine knew."""
    incident: str | None = None
    reason: str = ""
    """Reason code of the first failing result."""
    locations: tuple[str, ...] = ()


@dataclass(frozen=True)
class Incident:
    id: str
    """INC-2026-0001: year of opening in the site's time zone, and a number."""
    product: str
    components: tuple[str, ...]
    severity: Severity
    stage: Stage
    title: Words
    automatic: bool
    """Opened by the checks; it resolves by itself unless a person has posted an update."""
    began_at_us: int
    """Earliest measured start of its outages (or what the person said)."""
    opened_at_us: int
    ended_at_us: int | None = None
    """Latest measured end of its outages, once resolved."""
    respond_by_us: int | None = None
    responded_at_us: int | None = None
    acknowledged_at_us: int | None = None
    acknowledged_by: str = ""
    resolved_at_us: int | None = None
    resolution_proposed_at_us: int | None = None
    """All that it affects is confirmed up, but a person has spoken: resolving is theirs."""
    reopened: int = 0

    @property
    def is_open(self) -> bool:
        return self.resolved_at_us is None


@dataclass(frozen=True)
class Update:
    id: str
    incident: str
    at_us: int
    stage: Stage
    text: Words
    author: str = ""
    """Person id; empty when written automatically by the checks."""
    public: bool = True
    states: dict[str, tuple[str, str]] = field(default_factory=dict)
    """component -> (old state word, new state word) that this update announces."""

    @property
    def automatic(self) -> bool:
        return not self.author
