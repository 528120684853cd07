"""Which results are evidence (AVAILABILITY B1). What is rejected is stored and acknowledged all the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from uptimed.domain.states import Verdict

LATE_US = 7 * 86_400_000_000
"""A result that comes later than this after it began is kept and not counted (AVAILABILITY B1)."""
IMPORTED = "import:"
"""
How a location begins that stands for the record of another monitor. No file can name one: ids hold no colon.

A person brought it, once, with its author in the audit log. It is not a worker's result that was under way too long, so it is never
too late; its receipt is still the instant at which we got it.
"""


class Evidence(NamedTuple):
    """At some instant of [start_us, end_us] the check was in that state, seen from that location."""

    id: str
    location: str
    epoch: int
    start_us: int
    end_us: int
    verdict: Verdict


class ActiveLocation(NamedTuple):
    """A location that counts for a check, in [from_us, to_us); None: without that end."""

    id: str
    from_us: int | None = None
    to_us: int | None = None

    def is_active(self, at_us: int) -> bool:
        return (self.from_us is None or self.from_us <= at_us) and (self.to_us is None or at_us < self.to_us)


class Rejection(StrEnum):
    """Why a result is no evidence; the first that applies, in this order."""

    UNKNOWN_LOCATION = "unknown_location"
    BAD_VERDICT = "bad_verdict"
    NEGATIVE = "negative"
    FUTURE = "future"
    LATE = "late"
    INACTIVE = "inactive"
    PROBER_ERROR = "prober_error"
    """Verdict `unknown`: the prober could not measure. Kept, shown to staff, never counted as either."""


class Repeat(StrEnum):
    """What a result is whose id is known already; the first stands."""

    DUPLICATE = "duplicate"
    CONFLICT = "conflict"


@dataclass(frozen=True)
class Acceptance:
    locations: Sequence[ActiveLocation]
    max_skew_us: int = 2_000_000
    """A worker's clock may be ahead of ours by so much."""
    late_us: int | None = None
    """Older results are not counted any more; None: no limit."""


_VERDICTS = frozenset(Verdict)


def judge(location: str, start_us: int, end_us: int, received_us: int, verdict: str, acceptance: Acceptance) -> Rejection | None:
    """None: the result is evidence."""
    spans = [one for one in acceptance.locations if one.id == location]
    if not spans:
        return Rejection.UNKNOWN_LOCATION
    if verdict not in _VERDICTS:
        return Rejection.BAD_VERDICT
    if end_us < start_us:
        return Rejection.NEGATIVE
    if end_us > received_us + acceptance.max_skew_us:
        return Rejection.FUTURE
    is_late = acceptance.late_us is not None and received_us - start_us > acceptance.late_us
    if is_late and not location.startswith(IMPORTED):
        return Rejection.LATE
    if not any(one.is_active(start_us) for one in spans):
        return Rejection.INACTIVE
    return Rejection.PROBER_ERROR if verdict == Verdict.UNKNOWN else None


def repeated(known: Evidence, again: Evidence) -> Repeat:
    """An id that comes twice: the same contents, or (somebody is wrong) other ones."""
    return Repeat.DUPLICATE if known[1:] == again[1:] else Repeat.CONFLICT
