"""Planned work that people announce, extend, finish and cancel: the same handlers for the daemon and without one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from uptimed.clock import Clock
from uptimed.domain.adjustments import Invalid, is_within
from uptimed.domain.civil import instant_from, local_date
from uptimed.domain.maintenance import (
    MaintenanceEvent,
    Window,
    found_in,
    next_event_id,
    next_plan_id,
    refuse_unless_longer,
    refuse_unless_on,
    refuse_unless_sound,
)
from uptimed.engine.engine import Engine
from uptimed.engine.journal import Entry
from uptimed.engine.planned import PlannedWork, described, doubts, windows_until
from uptimed.engine.recurrence import refuse_unless_rule
from uptimed.web.control import Handler, Refusal

TEXT_LIMIT = 5_000
T = TypeVar("T")


class MaintenanceCommands:
    """`uptimed maintenance list|schedule|extend|finish|cancel`."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock

    def handlers(self) -> dict[str, Handler]:
        return {
            "maintenance.list": self.list,
            "maintenance.schedule": self.schedule,
            "maintenance.extend": self.extend,
            "maintenance.finish": self.finish,
            "maintenance.cancel": self.cancel,
        }

    def list(self, args: Mapping[str, Any], _who: str) -> Any:
        return listing(self._engine.planned, self._timezone, args, self._clock.now_us())

    async def schedule(self, args: Mapping[str, Any], who: str) -> Any:
        """Answers with its first window, and with `doubts`: why some of it will count as ordinary time."""
        now_us, events = self._clock.now_us(), self._engine.planned.events
        plan = next_plan_id(events, local_date(self._timezone, now_us).year)
        event = MaintenanceEvent(
            id=next_event_id(events, plan),
            window=plan,
            kind="scheduled",
            at_us=now_us,
            by=_text(args, "by", who),
            scope=_text(args, "scope"),
            from_us=self._instant(args, "from"),
            to_us=self._instant(args, "to"),
            title=_words(args, "title"),
            text=_words(args, "text"),
            rule=_text(args, "rule", ""),
            timezone=self._timezone,
        )
        _heard(lambda: refuse_unless_sound(event, self._scopes()))
        if event.rule:
            _heard(lambda: refuse_unless_rule(event.rule, event.timezone, event.from_us))
        detail = {
            "scope": event.scope,
            "from_us": event.from_us,
            "to_us": event.to_us,
            "rule": event.rule,
            "title": dict(event.title),
        }
        return await self._done(event, who, "schedule", detail)

    async def extend(self, args: Mapping[str, Any], who: str) -> Any:
        window, to_us = self._window(args), self._instant(args, "to")
        _heard(lambda: refuse_unless_longer(window, to_us))
        event = self._event(args, window.id, "extended", who, window)._replace(from_us=window.to_us, to_us=to_us)
        return await self._done(event, who, "extend", {"from_us": event.from_us, "to_us": to_us})

    async def finish(self, args: Mapping[str, Any], who: str) -> Any:
        window = self._window(args)
        _heard(lambda: refuse_unless_on(window, self._clock.now_us()))
        return await self._done(self._event(args, window.id, "finished", who, window), who, "finish", {})

    async def cancel(self, args: Mapping[str, Any], who: str) -> Any:
        """The id of a series: it ends at once, with all that is to come."""
        window = self._window(args)
        return await self._done(self._event(args, _text(args, "id"), "cancelled", who, window), who, "cancel", {})

    async def _done(self, event: MaintenanceEvent, who: str, what: str, detail: Mapping[str, Any]) -> Any:
        self._engine.plan(event, Entry(event.at_us, who, f"maintenance.{what}", event.window, {**detail, "author": event.by}))
        planned, stored = self._engine.planned, await self._engine.flush()
        mine = [one for one in planned.windows if event.window in (one.id, one.event.window)]
        contract = self._engine.picture.history.contract_at(event.at_us)
        said = doubts(mine, planned.qualified, contract) if what in ("schedule", "extend") else []
        # A series that was cancelled before its first time has no window left.
        about = described(mine[0], event.at_us, planned.qualified) if mine else {"id": event.window, "stage": "cancelled"}
        return {**about, "doubts": said, "stored": stored}

    def _event(self, args: Mapping[str, Any], name: str, kind: str, who: str, window: Window) -> MaintenanceEvent:
        made = next_event_id(self._engine.planned.events, name)
        return MaintenanceEvent(made, name, kind, self._clock.now_us(), _text(args, "by", who), window.scope)

    def _window(self, args: Mapping[str, Any]) -> Window:
        return _heard(lambda: found_in(self._engine.planned.windows, _text(args, "id"), self._clock.now_us()))

    def _scopes(self) -> tuple[str, ...]:
        products = self._engine.catalogue.products
        return tuple(scope for one in products for scope in (one.id, *(part.id for part in one.components)))

    @property
    def _timezone(self) -> str:
        return self._engine.catalogue.site.timezone

    def _instant(self, args: Mapping[str, Any], name: str) -> int:
        return _instant(args, name, self._timezone)


def listing(planned: PlannedWork, timezone: str, args: Mapping[str, Any], now_us: int) -> Any:
    """The answer to `maintenance.list`, for whoever has only read what was planned."""
    windows = planned.windows if args.get("all") else [one for one in planned.shown(now_us) if now_us < one.to_us]
    if args.get("as_known_at") is not None:
        known_us = _instant(args, "as_known_at", timezone)
        windows = windows_until(planned.events, known_us + 400 * 86_400_000_000, known_us)
        now_us = known_us
    scope = None if args.get("scope") is None else _text(args, "scope")
    return [described(one, now_us, planned.qualified) for one in windows if scope is None or is_within(one.scope, scope)]


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


def _words(args: Mapping[str, Any], name: str) -> dict[str, str]:
    found = {"en": _text(args, name, ""), "fr": _text(args, f"{name}_fr", "")}
    return {lang: text for lang, text in found.items() if text}


def _text(args: Mapping[str, Any], name: str, default: str | None = None) -> str:
    value = args.get(name)
    if value is None:
        value = default
    if not isinstance(value, str):
        raise Refusal(f"Nothing was done: `{name}` is missing; give it.")
    if len(value) > TEXT_LIMIT:
        raise Refusal(f"Nothing was done: `{name}` is longer than {TEXT_LIMIT} characters; say it shorter.")
    return value.strip()
