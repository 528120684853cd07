"""Response clocks (AVAILABILITY B14): when an answer is owed, and whether it came in time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import NamedTuple

from uptimed.domain.calendar import open_between, opened_for
from uptimed.domain.catalogue import ResponseTarget, SupportHours
from uptimed.domain.civil import instant_of, local
from uptimed.domain.severity import Severity

DAY_US = 86_400_000_000


def deadline(start_us: int, target: ResponseTarget, support: SupportHours) -> int:
    """The earliest instant at which the clock shows the target. `BeyondCalendar` when the calendar does not reach so far."""
    if target.clock == "always":
        return start_us + target.within_us
    if target.clock == "civil":
        wall = local(support.timezone, start_us).replace(tzinfo=None) + timedelta(microseconds=target.within_us)
        return instant_of(support.timezone, wall)
    return opened_for(support, start_us, target.within_us)


def elapsed(start_us: int, end_us: int, clock: str, support: SupportHours) -> int:
    """What the clock shows at `end_us`; always and civil: plain time."""
    return open_between(support, start_us, end_us) if clock == "support_hours" else end_us - start_us


class Response(NamedTuple):
    deadline_us: int
    state: str
    """missed | met | running."""
    elapsed_us: int


def response(
    severities: Sequence[tuple[int, Severity]],
    first_reply_us: int | None,
    as_of_us: int | None,
    targets: Mapping[Severity, ResponseTarget],
    support: SupportHours,
) -> Response:
    """
    How the answer stands. `severities` are (since when, which), oldest first.

    The deadline of a severity runs from the first instant at which the ticket was so severe or worse; it is missed when it passed
    while that severity was in force and nobody had answered. Lowering the severity does not undo a miss.
    """
    if first_reply_us is not None and as_of_us is not None and first_reply_us > as_of_us:
        first_reply_us = None  # Not known as of then.
    last_us = first_reply_us if first_reply_us is not None else as_of_us
    known = [(at_us, severity) for at_us, severity in severities if last_us is None or at_us <= last_us] or list(severities[:1])
    missed = False
    due_us = 0
    for index, (at_us, severity) in enumerate(known):
        start_us = next(since for since, one in known if one.rank >= severity.rank)
        due_us = deadline(start_us, targets[severity], support)
        until_us = known[index + 1][0] if index + 1 < len(known) else None
        end_us = until_us if until_us is not None else last_us
        passed = end_us is not None and (due_us < end_us or (until_us is not None and due_us < until_us))
        if passed and (until_us is None or max(due_us, at_us) < until_us):
            missed = True
    severity = known[-1][1]
    state = "missed" if missed else "met" if first_reply_us is not None else "running"
    shown_us = last_us if last_us is not None else known[-1][0]
    return Response(due_us, state, elapsed(known[0][0], shown_us, targets[severity].clock, support))
