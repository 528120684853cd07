"""What a person may exclude from the account, assert in it, and take back: the same handlers for the daemon and without one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from uptimed.clock import Clock
from uptimed.domain.adjustments import Invalid, next_id, origin, overlapping, refuse_unless_sound, revocation
from uptimed.domain.civil import instant_from, local_date
from uptimed.domain.overlays import Adjustment
from uptimed.domain.states import State
from uptimed.engine.adjustments import described, listed
from uptimed.engine.engine import Engine
from uptimed.engine.journal import Entry
from uptimed.engine.payload import exact
from uptimed.web.control import Handler, Refusal

TEXT_LIMIT = 5_000
YEARS = range(1970, 2201)
"""An exclusion outside of them is a slip of the pen."""
LONG_US = 366 * 86_400_000_000
STATES = {state.word: state for state in (State.UP, State.DEGRADED, State.DOWN)}

T = TypeVar("T")


class ExclusionCommands:
    """`uptimed exclude add|revoke|list`."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock

    def handlers(self) -> dict[str, Handler]:
        return {"exclude.add": self.add, "exclude.revoke": self.revoke, "exclude.list": self.list}

    def list(self, args: Mapping[str, Any], _who: str) -> Any:
        return listing(self._engine.adjustments, self._engine.catalogue.site.timezone, args)

    async def add(self, args: Mapping[str, Any], who: str) -> Any:
        """An exclusion; with `state` an assertion. Answers with those that share time with it, and whether it is written."""
        word = args.get("state")
        if word is not None and word not in STATES:
            raise Refusal(f"Nothing was changed: {word!r} is no state; write {', '.join(STATES)}.")
        made = Adjustment(
            id=self._next_id(),
            at_us=self._clock.now_us(),
            by=_text(args, "by", who),
            reason=_text(args, "reason"),
            kind="exclude" if word is None else "assert",
            from_us=self._instant(args, "from"),
            to_us=self._instant(args, "to"),
            state=State.UP if word is None else STATES[word],
            scope=_text(args, "scope"),
            clause=_text(args, "clause", ""),
        )
        _heard(lambda: refuse_unless_sound(made, self._scopes()))
        notes = _notes(made, self._engine.picture.products[made.scope.partition("/")[0]].service_start_us)
        shared = [one.id for one in overlapping(self._engine.adjustments, made)]
        self._engine.adjust(made, Entry(made.at_us, who, "exclude.add", made.id, described(made)))
        return {**described(made), "revoked": None, "overlaps": shared, "notes": notes, "stored": await self._engine.flush()}

    async def revoke(self, args: Mapping[str, Any], who: str) -> Any:
        """Answers with the exclusion or assertion as it stands now, and whether that is written."""
        made = _heard(
            lambda: revocation(
                self._engine.adjustments,
                _text(args, "id"),
                id=self._next_id(),
                at_us=self._clock.now_us(),
                by=_text(args, "by", who),
                reason=_text(args, "reason"),
            )
        )
        detail = {"revokes": made.target, "scope": made.scope, "reason": made.reason, "author": made.by}
        self._engine.adjust(made, Entry(made.at_us, who, "exclude.revoke", made.id, detail))
        stored = await self._engine.flush()
        about = origin(self._engine.adjustments, made.target).id
        return {**next(one for one in listed(self._engine.adjustments) if one["id"] == about), "stored": stored}

    def _next_id(self) -> str:
        year = local_date(self._engine.catalogue.site.timezone, self._clock.now_us()).year
        return next_id(self._engine.adjustments, year)

    def _scopes(self) -> tuple[str, ...]:
        products = self._engine.catalogue.products
        return tuple(scope for one in products for scope in (one.id, *(part.id for part in one.components)))

    def _instant(self, args: Mapping[str, Any], name: str) -> int:
        timezone = self._engine.catalogue.site.timezone
        at_us = _instant(args, name, timezone)
        if local_date(timezone, at_us).year not in YEARS:
            raise Refusal(
                f"Nothing was changed: `{name}` lies outside the years {YEARS[0]} to {YEARS[-1]}; write the year that you mean."
            )
        return at_us


def _notes(made: Adjustment, began_us: int) -> list[str]:
    """What was allowed and may yet be a slip of the pen."""
    notes = []
    if made.at_us <= made.from_us:
        notes.append(f"It lies wholly in the future and begins in {_span(made.from_us - made.at_us)}; look at its dates.")
    elif made.at_us < made.to_us:
        notes.append(f"It reaches {_span(made.to_us - made.at_us)} into the future; that time will count as said now.")
    if began_us and made.to_us <= began_us:
        notes.append(f"It touches no account: the service began at {exact(began_us)}; look at its dates.")
    if made.to_us - made.from_us > LONG_US:
        notes.append(f"It covers {_span(made.to_us - made.from_us)}; look at the years.")
    return notes


def _span(us: int) -> str:
    """In the largest unit of which there are two or more, rounded down."""
    for unit_us, unit in ((86_400_000_000, "days"), (3_600_000_000, "h"), (60_000_000, "min")):
        if us >= 2 * unit_us:
            return f"{us // unit_us} {unit}"
    return f"{us // 1_000_000} s"


def listing(adjustments: Iterable[Adjustment], timezone: str, args: Mapping[str, Any]) -> Any:
    """The answer to `exclude.list`, for whoever has only read them."""
    known_at_us = None if args.get("as_known_at") is None else _instant(args, "as_known_at", timezone)
    scope = None if args.get("scope") is None else _text(args, "scope")
    return listed(adjustments, scope=scope, as_known_at_us=known_at_us)


def _instant(args: Mapping[str, Any], name: str, timezone: str) -> int:
    try:
        return instant_from(_text(args, name), timezone)
    except ValueError as no_instant:
        raise Refusal(f"Nothing was done: {no_instant}.") from None


def _heard(work: Callable[[], T]) -> T:
    try:
        return work()
    except Invalid as invalid:
        raise Refusal(str(invalid)) from None


def _text(args: Mapping[str, Any], name: str, default: str | None = None) -> str:
    value = args.get(name)
    if value is None:
        value = default
    if not isinstance(value, str):
        raise Refusal(f"Nothing was done: `{name}` is missing; give it.")
    if len(value) > TEXT_LIMIT:
        raise Refusal(f"Nothing was done: `{name}` is longer than {TEXT_LIMIT} characters; say it shorter.")
    return value.strip()
