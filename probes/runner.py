"""Run one job: never raises, never outlives its deadline by more than half a second, and says honestly whose trouble it was."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from typing import Any

from probes.blame import Witnesses, excuse
from probes.deadline import Deadline
from probes.net import Net
from probes.options import SecretMissing
from probes.outcome import Outcome, ProbeJob, Verdict
from probes.reasons import NOTES, REASONS, ProbeFailure, local_reason
from probes.registry import KINDS, Kind

__all__ = ["excuse", "run"]

_log = logging.getLogger(__name__)

LATE_S = 1.0
"""A run that started or was woken later than this saw our own slowness, not the endpoint's."""


async def run(job: ProbeJob, net: Net, *, witnesses: Witnesses | None = None, late_s: float = 0.0) -> Outcome:
    """
    Look once, within `job.timeout_s` in all (and `GRACE_S` more to find out whose trouble a failure is).

    `late_s` is how late the run started against its slot. Raises nothing but CancelledError.
    """
    kind = KINDS[job.kind]
    deadline = Deadline(job.timeout_s)
    alarm = None
    if witnesses is not None:
        alarm = asyncio.get_running_loop().call_later(job.timeout_s / 2, lambda: witnesses.get_ready(deadline.peer))
    try:
        outcome = await _look(kind, job, net, deadline)
    finally:
        if alarm is not None:
            alarm.cancel()
    took_s = deadline.stop()
    if deadline.remaining() < -LATE_S or late_s > LATE_S:
        outcome = excuse(
            outcome, "local_overload" if late_s <= LATE_S else "local_late", f"the monitor was late; it saw: {outcome.reason}"
        )
    elif witnesses is not None:
        if outcome.verdict in {Verdict.UP, Verdict.DEGRADED}:
            witnesses.heard(deadline.peer)
        else:
            outcome = await witnesses.judge(outcome, deadline)
    return Outcome(
        verdict=outcome.verdict,
        reason=outcome.reason,
        detail=outcome.detail,
        phases=deadline.phases,
        took_s=took_s,
        evidence=outcome.evidence,
        notes=tuple(note for note in deadline.notes if note in NOTES),
        figures=_figures(kind, outcome, deadline, took_s),
    )


async def _look(kind: Kind, job: ProbeJob, net: Net, deadline: Deadline) -> Outcome:
    try:
        async with deadline.enforced():
            return await kind.probe(job.options, net, deadline)
    except ProbeFailure as failure:
        return _stopped(failure, deadline)
    except SecretMissing as error:
        return _stopped(ProbeFailure("local_secret", str(error)), deadline)
    except (OSError, MemoryError) as error:
        code = (local_reason(error) if isinstance(error, OSError) else "local_memory") or "local_error"
        return _stopped(ProbeFailure(code, f"{type(error).__name__}: {getattr(error, 'strerror', '') or ''}"), deadline)
    except Exception as error:  # noqa: BLE001  a bug of ours must never cost the customer's availability
        _log.exception("check %s: the probe %s failed by a fault of its own", job.check, job.kind)
        return _stopped(ProbeFailure("local_error", f"a fault of the monitor itself: {type(error).__name__}"), deadline)


def _stopped(failure: ProbeFailure, deadline: Deadline) -> Outcome:
    evidence: Mapping[str, Any] = failure.evidence
    if deadline.peer is not None and "address" not in evidence:
        evidence = {"address": deadline.peer[0], **evidence}
    return Outcome(REASONS[failure.reason].verdict, failure.reason, failure.detail, evidence=evidence, figures=failure.figures)


def _figures(kind: Kind, outcome: Outcome, deadline: Deadline, took_s: float) -> Mapping[str, float]:
    if outcome.verdict is Verdict.UNKNOWN:
        # Absent while unmeasured: a dashboard must not show what nobody saw.
        return {}
    figures = {
        "probe_success": 0.0 if outcome.verdict is Verdict.DOWN else 1.0,
        "probe_duration_seconds": took_s,
        "probe_dns_lookup_time_seconds": deadline.phases.get("resolve", 0.0),
    }
    if deadline.peer is not None:
        figures["probe_ip_protocol"] = 6.0 if ":" in deadline.peer[0] else 4.0
    for phase, seconds in deadline.phases.items():
        figures[f'{kind.phases}{{phase="{phase}"}}'] = seconds
    figures.update(outcome.figures)
    return figures
