"""
What Kuma's heartbeats say, as results of ours.

- `up` and `down` are what they are. A *pending* beat is a check that failed and is tried again: Kuma does not call it down yet, and
  neither do we by it alone, for it takes `confirm.failures` of them; but it failed, so its verdict is down and never up. Left out,
  it would let the good beats around it certify a time that was seen to be bad.
- A beat under maintenance is none: Kuma did not look.
- A beat begins at its time. Where it ended is known since 2.0; before, a ping says how long the answer took, counted from somewhat
  later: a second is allowed for that. Without a ping it had ended when the next one began, or when Kuma's patience was over.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, pairwise
from typing import Any

from probes.outcome import inert
from uptimed.domain.results import IMPORTED
from uptimed.domain.states import Verdict
from uptimed.kuma.record import DOWN, MAINTENANCE, PENDING, UP, Beat, Monitor

PLACE = f"{IMPORTED}kuma"
"""The location of what Kuma saw: it stood where it stood, and that is none of ours."""
AFTER_PING_US = 1_000_000
MILLISECOND_US = 1_000

_REASONS = {UP: (Verdict.UP, "ok"), DOWN: (Verdict.DOWN, "record_down"), PENDING: (Verdict.DOWN, "record_failed")}


@dataclass
class Heard:
    """What a monitor's beats came to."""

    beats: int = 0
    up: int = 0
    down: int = 0
    pending: int = 0
    maintenance: int = 0
    unreadable: int = 0
    first_us: int | None = None
    last_us: int | None = None
    measured_us: int = 0
    """Time between looks that were not further apart than the horizon."""


def results(monitor: Monitor, beats: Iterable[Beat], check: str, heard: Heard) -> Iterator[dict[str, Any]]:
    """One object a beat that is evidence, in the form of `engine.recording`; `heard` is filled on the way."""
    looks = (beat for beat in beats if _is_look(beat, heard))
    for beat, following in pairwise(chain(looks, [None])):
        assert beat is not None  # noqa: S101 - only the last of a pair may be
        assert beat.started_us is not None  # noqa: S101 - `_is_look` has seen to it
        next_us = following.started_us if following is not None else None
        _count(monitor, beat.started_us, next_us, heard)
        verdict, reason = _REASONS[beat.status]
        yield {
            "id": f"{check}/{PLACE}/m{monitor.id}/{beat.started_us // MILLISECOND_US}",
            "check": check,
            "location": PLACE,
            "started_at": beat.started_us,
            "ended_at": _ended_us(monitor, beat, next_us),
            "verdict": verdict.value,
            "reason": reason,
            "detail": inert(beat.message),
        }


def _is_look(beat: Beat, heard: Heard) -> bool:
    heard.beats += 1
    if beat.started_us is None or beat.status not in (*_REASONS, MAINTENANCE):
        heard.unreadable += 1
        return False
    if beat.status == MAINTENANCE:
        heard.maintenance += 1
        return False
    heard.up += beat.status == UP
    heard.down += beat.status == DOWN
    heard.pending += beat.status == PENDING
    return True


def _count(monitor: Monitor, started_us: int, next_us: int | None, heard: Heard) -> None:
    heard.first_us = started_us if heard.first_us is None else heard.first_us
    heard.last_us = started_us
    if next_us is not None and next_us - started_us <= monitor.horizon_us:
        heard.measured_us += next_us - started_us


def _ended_us(monitor: Monitor, beat: Beat, next_us: int | None) -> int:
    assert beat.started_us is not None  # noqa: S101 - see `results`
    if beat.ended_us is not None:
        return beat.ended_us + MILLISECOND_US  # written down to the millisecond
    latest_us = beat.started_us + monitor.patience_us
    if beat.ping_ms is not None and beat.ping_ms >= 0:
        latest_us = min(latest_us, beat.started_us + round(beat.ping_ms * MILLISECOND_US) + AFTER_PING_US)
    return latest_us if next_us is None else max(beat.started_us, min(latest_us, next_us))
