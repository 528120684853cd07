"""
How a worker and the core meet. `Link` is one of the three seams with several implementations: `local` (in process), later `nats`.

A worker receives whole assignments and keeps its own cadence from them, so it goes on checking and spooling while the core is
down. It forgets a result when the *database* has it, not when the link has it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from probes.outcome import Outcome, ProbeJob


@dataclass(frozen=True, slots=True)
class ProbeResult:
    """One run, stamped by the worker. The core never re-stamps it."""

    id: str
    """`check/location/worker/boot/sequence`, made when the run ends; also the message id on a bus. Seen before, it counts once."""
    check: str
    location: str
    epoch: int
    """Per worker; rises when a clock step forced the wall anchor to move (AVAILABILITY B1). A restart alone does not change it."""
    config_version: str
    started_us: int
    """Wall microseconds, anchored to the boot clock by the worker."""
    ended_us: int
    boot_started_ns: int
    boot_ended_ns: int
    lag_s: float
    """How late the run started against its slot (monotonic), in seconds."""
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class AssignedCheck:
    """A check as a worker needs it. Equal values before and after a reload keep their phase and state."""

    job: ProbeJob
    every_s: float
    recheck_s: float = 2.0
    """Gap after a failure that is not yet confirmed, from the end of the failed run; also between good results while recovering."""
    failures: int = 2
    """So many failures confirm; until then the gap is `recheck_s`, afterwards 5 s (10 s after 15 min), never above `every_s`."""
    recoveries: int = 3
    """So many good results in a row, `recheck_s` apart, before the check returns to its grid."""
    phase_of: tuple[int, int] = (0, 1)
    """(i, n): this location's share of the interval, so that n locations are staggered by i x every / n."""


@dataclass(frozen=True, slots=True)
class Assignment:
    """All that a worker has to do, whole each time: what is missing from it is no longer checked."""

    location: str
    config_version: str
    checks: tuple[AssignedCheck, ...] = ()
    references: tuple[str, ...] = ()
    """URLs (http, https, tcp://host:port) reached when a check fails, to tell our own trouble from theirs."""
    allow: tuple[str, ...] = ()
    """Private networks (CIDR) that targets may reach; everything else private is blocked by the egress guard."""
    resolvers: tuple[str, ...] = ()
    """Own resolvers as address or address:port; empty: those of the system."""


@dataclass(frozen=True, slots=True)
class Recheck:
    """The core asks a worker to look at once, and then often, because another location saw a failure."""

    check: str
    until_us: int = 0


class Link(Protocol):
    """The worker's side. Every method may raise `ConnectionError`: the worker spools and tries again."""

    def assignments(self) -> AsyncIterator[Assignment]:
        """The present assignment at once, then each later one; a newer replaces an older that was not yet taken."""
        ...

    def rechecks(self) -> AsyncIterator[Recheck]: ...

    async def hand_over(self, batch: Sequence[ProbeResult]) -> Collection[str]:
        """Returns the ids that the database has (accepted, rejected or known: all are acknowledged)."""
        ...


@dataclass(frozen=True, slots=True)
class WorkerHealth:
    """What a worker says about itself, for metrics and the board."""

    in_flight: int = 0
    queued: int = 0
    """Slots that wait for a place to run in; after 1 s they are missed."""
    in_memory: int = 0
    """Results not yet acknowledged and held in memory; a few, unless the database is slow."""
    spooled: int = 0
    """Results not yet acknowledged and held on disk."""
    dropped: int = 0
    """Results lost since the start because neither disk nor memory had room."""
    missed_slots: int = 0
    epoch: int = 0
    lag_s: float = 0.0
    """Latest start of a run against its slot, over about the last 15 s."""
    loop_lag_s: float = 0.0
    """The longest time that the event loop did not come back in, over about the last 15 s."""
    impaired: str = ""
    """Empty, or why the monitor itself is in trouble: a `local_*`, `resolver_*` or `network_*` reason."""
    trouble: dict[str, int] = field(default_factory=dict)
    """Runs that ended `unknown`, by reason."""
