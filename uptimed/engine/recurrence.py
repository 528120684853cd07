"""When recurring work begins: rules of RFC 5545, read in local time."""

from __future__ import annotations

import re
from datetime import datetime

from dateutil.rrule import rrule, rrulestr

from uptimed.domain.adjustments import Invalid
from uptimed.domain.civil import instant_of, local

FREQUENCIES = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
PARTS = ("FREQ", "INTERVAL", "COUNT", "UNTIL", "BYDAY", "BYMONTHDAY", "BYMONTH", "BYSETPOS", "WKST")
_LIKE = "write it like FREQ=WEEKLY;BYDAY=SU or FREQ=MONTHLY;BYDAY=1SU;COUNT=6"


def refuse_unless_rule(rule: str, timezone: str, from_us: int) -> None:
    """`Invalid` for what is no rule, comes more than once a day, or does not begin where the first work begins."""
    parts = [part.partition("=") for part in rule.upper().split(";")]
    names = [name for name, _, _ in parts]
    odd = [name for name in names if name not in PARTS]
    if odd:
        raise Invalid(f"Nothing was scheduled: the rule {rule!r} has {odd[0]!r}, which means nothing here; {_LIKE}.")
    said = {name: value for name, _, value in parts}
    if said.get("FREQ") not in FREQUENCIES or len(said) < len(names):
        raise Invalid(f"Nothing was scheduled: the rule {rule!r} needs one FREQ of {', '.join(FREQUENCIES)}; {_LIKE}.")
    if not all(re.fullmatch("[1-9][0-9]{0,5}", said.get(name, "1")) for name in ("INTERVAL", "COUNT")):
        raise Invalid(f"Nothing was scheduled: INTERVAL and COUNT of the rule {rule!r} must be whole numbers from 1; {_LIKE}.")
    begin = _wall(timezone, from_us)
    try:
        first = next(iter(_rule(rule, begin)), None)
    except ValueError as wrong:
        raise Invalid(f"Nothing was scheduled: the rule {rule!r} cannot be read ({wrong}); {_LIKE}, UNTIL without Z.") from None
    if first != begin:
        raise Invalid(
            f"Nothing was scheduled: the rule {rule!r} does not come at {begin:%a %Y-%m-%d %H:%M}; let --from be its first time."
        )


def starts_of(rule: str, timezone: str, from_us: int, until_us: int) -> list[int]:
    """
    Its instants before `until_us`, the first being `from_us`.

    The wall clock stays the same all year. What it skips in spring comes as much later as it skips; of what comes twice, the first.
    """
    begin = _wall(timezone, from_us)
    found = []
    for at in _rule(rule, begin):
        at_us = from_us if at == begin else instant_of(timezone, at)
        if at_us >= until_us:
            break
        found.append(at_us)
    return found


def _wall(timezone: str, at_us: int) -> datetime:
    return local(timezone, at_us).replace(tzinfo=None)


def _rule(rule: str, begin: datetime) -> rrule:
    # Microseconds are lost in a rule; nobody plans with any.
    read = rrulestr(rule.upper(), dtstart=begin)
    if not isinstance(read, rrule):
        raise ValueError("it is more than one rule")
    return read
