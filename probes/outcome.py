"""
What a probe is asked and what it answers: `ProbeJob` in, `Outcome` out, and the closed list of reasons between them.

Three endings are kept apart: it works (`up`, or `degraded`), it does not (`down`), and *I could not look* (`unknown`). The
third never counts as either of the others. A reason is `<phase>_<what>`; the phase names where the probe stopped.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple

DETAIL_LIMIT = 200
"""Longest reason text, in characters. Longer peer text is cut; control characters are replaced on input."""


class Verdict(StrEnum):
    UP = "up"
    DEGRADED = "degraded"
    DOWN = "down"
    UNKNOWN = "unknown"


class Family(NamedTuple):
    """A Prometheus family that a kind may fill, as `# TYPE` and `# HELP` say it."""

    name: str
    help: str
    type: str = "gauge"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one run saw."""

    verdict: Verdict
    reason: str
    """A code of `probes.reasons.REASONS`: `ok`, `connect_refused`, `http_status`, `local_overload` ..."""
    detail: str = ""
    """One printable sentence for people, at most `DETAIL_LIMIT` characters; peer text in it is already inert."""
    phases: Mapping[str, float] = field(default_factory=dict)
    """Seconds by phase, in order of time, summed over hops: `resolve connect tls processing transfer` (http), others by kind."""
    took_s: float = 0.0
    """From the first action to the verdict, in seconds of a monotonic clock."""
    evidence: Mapping[str, Any] = field(default_factory=dict)
    """
    JSON-ready facts for staff: `address`, `status`, `url`, `certificate` (sha256, subject, issuer, not_after), `tls_version`,
    `http_version`, `redirects`, `answers`, and on failure a bounded `excerpt`. Never a secret, never a request header.
    """
    notes: tuple[str, ...] = ()
    """Warnings that leave the verdict alone: `certificate_expires_soon`, `body_truncated` (codes of `reasons.NOTES`)."""
    figures: Mapping[str, float] = field(default_factory=dict)
    """
    Samples for Prometheus under blackbox_exporter's names, labels included where a family has them:
    `probe_http_status_code`, `probe_http_duration_seconds{phase="connect"}`. Families are declared by the kind (`METRICS`).
    """


@dataclass(frozen=True, slots=True)
class ProbeJob:
    """One run to make. Carries references to secrets (inside `options`, as `Secret`), never the secrets."""

    check: str
    """product/component/check."""
    kind: str
    options: Any
    """The frozen `Options` of that kind."""
    timeout_s: float
    """One total deadline around resolving, connecting, TLS, every hop and the body."""
    config_version: str = ""


def inert(text: str | bytes, limit: int = DETAIL_LIMIT) -> str:
    """Peer text made harmless: decoded with replacement, control characters and line breaks replaced, cut to `limit`."""
    if isinstance(text, bytes):
        text = text[: limit * 4].decode("utf-8", "replace")
    clean = "".join(ch if ch.isprintable() else "\ufffd" for ch in text[: limit * 2])
    return clean if len(clean) <= limit else clean[: limit - 1] + "…"
