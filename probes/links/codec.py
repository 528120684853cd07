"""A `ProbeResult` as one line of JSON and back: what a spool keeps and what travels on a bus."""

from __future__ import annotations

import json
from typing import Any

from probes.links import ProbeResult
from probes.outcome import Outcome, Verdict


def encode(result: ProbeResult) -> str:
    """Exact both ways: integers stay integers, floats are written with all their digits."""
    outcome = result.outcome
    return json.dumps(
        {
            "id": result.id,
            "check": result.check,
            "location": result.location,
            "epoch": result.epoch,
            "config_version": result.config_version,
            "started_us": result.started_us,
            "ended_us": result.ended_us,
            "boot_started_ns": result.boot_started_ns,
            "boot_ended_ns": result.boot_ended_ns,
            "lag_s": result.lag_s,
            "verdict": outcome.verdict.value,
            "reason": outcome.reason,
            "detail": outcome.detail,
            "phases": dict(outcome.phases),
            "took_s": outcome.took_s,
            "evidence": dict(outcome.evidence),
            "notes": list(outcome.notes),
            "figures": dict(outcome.figures),
        },
        separators=(",", ":"),
        default=str,
    )


def decode(text: str | bytes) -> ProbeResult:
    """ValueError when the text is not a result: cut short, of another shape, or not JSON at all."""
    try:
        return _read(json.loads(text))
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"this is not a probe result: {error!r}") from error


def _read(fields: dict[str, Any]) -> ProbeResult:
    return ProbeResult(
        id=str(fields["id"]),
        check=str(fields["check"]),
        location=str(fields["location"]),
        epoch=int(fields["epoch"]),
        config_version=str(fields["config_version"]),
        started_us=int(fields["started_us"]),
        ended_us=int(fields["ended_us"]),
        boot_started_ns=int(fields["boot_started_ns"]),
        boot_ended_ns=int(fields["boot_ended_ns"]),
        lag_s=float(fields["lag_s"]),
        outcome=Outcome(
            verdict=Verdict(fields["verdict"]),
            reason=str(fields["reason"]),
            detail=str(fields["detail"]),
            phases={str(name): float(value) for name, value in fields["phases"].items()},
            took_s=float(fields["took_s"]),
            evidence=dict(fields["evidence"]),
            notes=tuple(str(note) for note in fields["notes"]),
            figures={str(name): float(value) for name, value in fields["figures"].items()},
        ),
    )
