"""When incidents open, join, reopen and end by themselves (DESIGN section 4)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from uptimed.domain.incidents import Incident, Outage
from uptimed.domain.severity import Severity

JOIN_WITHIN_US = 300_000_000
REOPEN_WITHIN_US = 900_000_000


class Open(NamedTuple):
    """A new incident."""


class Join(NamedTuple):
    incident: str


class Reopen(NamedTuple):
    incident: str


class Resolve(NamedTuple):
    """All that it affects is confirmed up."""


class Propose(NamedTuple):
    """The same, but a person has spoken: resolving is theirs."""


def on_outage(outage: Outage, severity: Severity, incidents: Iterable[Incident], now_us: int) -> Open | Join | Reopen:
    """
    What a newly confirmed outage, of a component of that severity, means for the incidents of its product.

    It joins an open one that has its component already, or that began within 300 s of it. It reopens the newest that the checks had
    opened and that was resolved less than 15 minutes ago, if it is about the same: its component, or one as grave. What a person
    opened was about what that person saw.
    """
    known = sorted(incidents, key=lambda one: one.opened_at_us, reverse=True)
    for incident in known:
        near = abs(outage.began_at_us - incident.began_at_us) <= JOIN_WITHIN_US
        if incident.is_open and (outage.component in incident.components or near):
            return Join(incident.id)
    for incident in known:
        resolved_us = incident.resolved_at_us
        alike = outage.component in incident.components or severity is incident.severity
        if incident.automatic and alike and resolved_us is not None and now_us - resolved_us < REOPEN_WITHIN_US:
            return Reopen(incident.id)
    return Open()


def on_recovery(incident: Incident, *, still_down: bool, person_has_spoken: bool) -> Resolve | Propose | None:
    """None: nothing to do, for it is not over, not open, or proposed already."""
    if still_down or not incident.is_open:
        return None
    if person_has_spoken:
        return None if incident.resolution_proposed_at_us is not None else Propose()
    return Resolve()
