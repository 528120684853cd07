"""
When to try again, and when to stop: pure arithmetic over one attempt's outcome.

The gap doubles from one second to five minutes, with jitter so that many messages to a receiver that comes back do not arrive at
once. A receiver's own wish (Retry-After) is honoured when it is longer. After six hours a message is given up, but never before it
has had eight attempts: a machine that was switched off over night still tries for some minutes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from uptimed.domain.messages import GiveUp, Message, RetryLater, SendOutcome

FIRST_GAP_S = 1.0
LONGEST_GAP_S = 300.0
LONGEST_WISH_S = 3_600.0
"""A receiver that asks for a longer pause is asked again after this one."""
GIVE_UP_AFTER_US = 6 * 3_600_000_000
FEWEST_ATTEMPTS = 8


@dataclass(frozen=True)
class Verdict:
    """What is noted about one attempt."""

    outcome: SendOutcome
    next_attempt_us: int | None
    """Set exactly when the outcome is `RetryLater`."""


def gap_s(attempt: int, wish_s: float | None, chance: Callable[[], float]) -> float:
    """Seconds until the next attempt, after `attempt` attempts have failed; `chance` gives a float in [0, 1)."""
    whole = min(LONGEST_GAP_S, FIRST_GAP_S * 2.0 ** min(attempt - 1, 20))
    gap = max(FIRST_GAP_S, whole * (0.5 + 0.5 * chance()))
    return gap if wish_s is None else max(gap, min(wish_s, LONGEST_WISH_S))


def judged(message: Message, outcome: SendOutcome, *, attempt: int, now_us: int, chance: Callable[[], float]) -> Verdict:
    """The outcome as it is noted: a `RetryLater` gets its next instant, or becomes `GiveUp` when its time is over."""
    if not isinstance(outcome, RetryLater):
        return Verdict(outcome, None)
    next_us = now_us + round(gap_s(attempt, outcome.after_s, chance) * 1_000_000)
    if attempt >= FEWEST_ATTEMPTS and next_us - message.due_at_us > GIVE_UP_AFTER_US:
        return Verdict(GiveUp(f"given up after {attempt} attempts in more than 6 h; the last one: {outcome.reason}"), None)
    return Verdict(outcome, next_us)
