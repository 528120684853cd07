"""What each location has to do, from the catalogue."""

from __future__ import annotations

from collections.abc import Sequence

from probes.links import AssignedCheck, Assignment
from probes.outcome import ProbeJob
from uptimed.domain.catalogue import Catalogue, Check

US = 1_000_000


def assignment_of(catalogue: Catalogue, location: str, *, allow: Sequence[str] = (), resolvers: Sequence[str] = ()) -> Assignment:
    """Whole each time. The configuration's version stands on the assignment alone, so that an unchanged check stays equal."""
    return Assignment(
        location=location,
        config_version=catalogue.version,
        checks=tuple(_assigned(check, location) for check in catalogue.checks() if location in check.locations),
        references=catalogue.references,
        allow=tuple(allow),
        resolvers=tuple(resolvers),
    )


def _assigned(check: Check, location: str) -> AssignedCheck:
    return AssignedCheck(
        job=ProbeJob(check.id, check.kind, check.options, check.timeout_us / US),
        every_s=check.every_us / US,
        recheck_s=check.confirm.recheck_us / US,
        failures=check.confirm.failures,
        recoveries=check.confirm.recoveries,
        phase_of=(check.locations.index(location), len(check.locations)),
    )
