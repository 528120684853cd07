"""The one list of all kinds. A new kind is one file, one line here, its test and its paragraph in the manual."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from probes import dns, http, icmp, tcp, tls
from probes.deadline import Deadline
from probes.net import Net
from probes.outcome import Family, Outcome


@dataclass(frozen=True, slots=True)
class Kind:
    name: str
    Options: type[Any]
    """Frozen dataclass of the kind's settings; its construction refuses what could never run (ValueError)."""
    probe: Callable[[Any, Net, Deadline], Awaitable[Outcome]]
    """May raise ProbeFailure; the runner keeps the deadline and adds phases, duration and notes."""
    metrics: tuple[Family, ...]
    phases: str
    """The family whose label `phase` says how long each phase took."""


KINDS: Mapping[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("http", http.Options, http.probe, http.METRICS, "probe_http_duration_seconds"),
        Kind("tcp", tcp.Options, tcp.probe, tcp.METRICS, "probe_tcp_duration_seconds"),
        Kind("tls", tls.Options, tls.probe, tls.METRICS, "probe_tcp_duration_seconds"),
        Kind("dns", dns.Options, dns.probe, dns.METRICS, "probe_dns_duration_seconds"),
        Kind("icmp", icmp.Options, icmp.probe, icmp.METRICS, "probe_icmp_duration_seconds"),
    )
}

COMMON = (
    Family("probe_success", "1 when the last run found the endpoint up or degraded, 0 when down; absent when it could not look."),
    Family("probe_duration_seconds", "Duration of the last run."),
)
"""Filled by the runner for every kind."""

FAMILIES: tuple[Family, ...] = tuple(
    {family.name: family for family in (*COMMON, *(family for kind in KINDS.values() for family in kind.metrics))}.values()
)
"""Every family that a run may fill, each name once."""
