"""
What a person may ask of the running daemon, and of a stopped one's data: the same handlers either way.

Each takes JSON-ready arguments and who asks, and answers JSON-ready. `Refusal` is the answer no, in one sentence.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from uptimed.clock import Clock
from uptimed.domain.catalogue import Words
from uptimed.domain.incidents import Incident, Stage, Update
from uptimed.domain.severity import Severity
from uptimed.engine.cases import Case
from uptimed.engine.engine import Engine
from uptimed.engine.incidents import Unknown
from uptimed.engine.payload import iso
from uptimed.web.control import Handler, Refusal

TEXT_LIMIT = 5_000

T = TypeVar("T")


class IncidentCommands:
    """`uptimed incident list|show|open|ack|update|resolve`."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock

    def handlers(self) -> dict[str, Handler]:
        return {
            "incident.list": self.list,
            "incident.show": self.show,
            "incident.open": self.open,
            "incident.ack": self.acknowledge,
            "incident.update": self.update,
            "incident.resolve": self.resolve,
        }

    def list(self, args: Mapping[str, Any], _who: str) -> Any:
        """Open ones; with `all` also those of the last 90 days. Newest first."""
        cases = self._engine.incidents.cases.values() if args.get("all") else self._engine.incidents.open_cases()
        return [brief(case.incident) for case in sorted(cases, key=lambda case: case.incident.opened_at_us, reverse=True)]

    def show(self, args: Mapping[str, Any], _who: str) -> Any:
        return _heard(lambda: full(self._engine.incidents.get(_text(args, "id"))))

    async def open(self, args: Mapping[str, Any], who: str) -> Any:
        components = args.get("components")
        if not isinstance(components, list) or not all(isinstance(one, str) for one in components):
            raise Refusal("`components` must be a list of product/component.")
        try:
            severity = Severity(str(args.get("severity") or "severe"))
        except ValueError:
            raise Refusal(f"{args.get('severity')!r} is no severity; write critical, severe, medium or minor.") from None
        title, text = _words(args, "title"), _words(args, "text")
        return await self._done(
            lambda: self._engine.incidents.open_by_hand(
                components=components, severity=severity, title=title, text=text, who=who, now_us=self._clock.now_us()
            )
        )

    async def acknowledge(self, args: Mapping[str, Any], who: str) -> Any:
        incident = _text(args, "id")
        return await self._done(lambda: self._engine.incidents.acknowledge(incident, who, self._clock.now_us()))

    async def update(self, args: Mapping[str, Any], who: str) -> Any:
        incident, text, stage = _text(args, "id"), _words(args, "text"), _stage(args)
        return await self._done(lambda: self._engine.incidents.say(incident, text, who, self._clock.now_us(), stage))

    async def resolve(self, args: Mapping[str, Any], who: str) -> Any:
        incident, text, although_down = _text(args, "id"), _words(args, "text"), args.get("although_down") is True
        return await self._done(
            lambda: self._engine.incidents.resolve(incident, text, who, self._clock.now_us(), although_down=although_down)
        )

    async def _done(self, work: Callable[[], Case]) -> Any:
        """Do it and write it. With the database away it stands in memory, and the answer says so."""
        case = _heard(work)
        stored = await self._engine.flush()
        return {**full(case), "stored": stored}


def brief(incident: Incident) -> dict[str, Any]:
    return {
        "id": incident.id,
        "product": incident.product,
        "components": list(incident.components),
        "severity": incident.severity.value,
        "stage": incident.stage.value,
        "title": dict(incident.title),
        "automatic": incident.automatic,
        "began_at": iso(incident.began_at_us),
        "opened_at": iso(incident.opened_at_us),
        "ended_at": iso(incident.ended_at_us),
        "respond_by": iso(incident.respond_by_us),
        "responded_at": iso(incident.responded_at_us),
        "acknowledged_at": iso(incident.acknowledged_at_us),
        "acknowledged_by": incident.acknowledged_by or None,
        "resolved_at": iso(incident.resolved_at_us),
        "resolution_proposed_at": iso(incident.resolution_proposed_at_us),
        "reopened": incident.reopened,
    }


def full(case: Case) -> dict[str, Any]:
    return {
        **brief(case.incident),
        "updates": [_update(update) for update in case.updates],
        "outages": [
            {
                "id": one.id,
                "component": one.component,
                "checks": list(one.checks),
                "reason": one.reason,
                "locations": list(one.locations),
                "began_at": iso(one.began_at_us),
                "ended_at": iso(one.ended_at_us),
                "last_good_at": iso(one.last_good_us),
                "first_bad_at": iso(one.first_bad_us),
                "last_bad_at": iso(one.last_bad_us),
                "first_good_at": iso(one.first_good_us),
                "confirmed_at": iso(one.confirmed_at_us),
            }
            for one in sorted(case.outages.values(), key=lambda outage: outage.began_at_us)
        ],
    }


def _update(update: Update) -> dict[str, Any]:
    return {
        "id": update.id,
        "at": iso(update.at_us),
        "stage": update.stage.value,
        "text": dict(update.text),
        "author": update.author or None,
        "automatic": update.automatic,
        "public": update.public,
    }


def _heard(work: Callable[[], T]) -> T:
    try:
        return work()
    except Unknown as unknown:
        raise Refusal(str(unknown)) from None


def _text(args: Mapping[str, Any], name: str) -> str:
    value = args.get(name)
    if not isinstance(value, str) or not value.strip():
        raise Refusal(f"`{name}` is missing.")
    return value.strip()


def _words(args: Mapping[str, Any], name: str) -> Words:
    """A text in one language or in several: {"en": ..., "fr": ...}. What is missing is shown in the other language, marked so."""
    value = args.get(name)
    if not isinstance(value, dict) or not value or not all(isinstance(text, str) and text.strip() for text in value.values()):
        raise Refusal(f"`{name}` is missing; give it in English, in French or in both.")
    unknown = set(value) - {"en", "fr"}
    if unknown:
        raise Refusal(f"{', '.join(sorted(unknown))} is no language of the page; write en or fr.")
    if any(len(text) > TEXT_LIMIT for text in value.values()):
        raise Refusal(f"`{name}` is longer than {TEXT_LIMIT} characters; say it shorter.")
    return {language: text.strip() for language, text in value.items()}


def _stage(args: Mapping[str, Any]) -> Stage | None:
    value = args.get("stage")
    if value is None:
        return None
    try:
        stage = Stage(str(value))
    except ValueError:
        stage = Stage.DETECTED
    if stage not in (Stage.INVESTIGATING, Stage.IDENTIFIED, Stage.MONITORING, Stage.RESOLVED):
        raise Refusal(f"{value!r} is no stage of an update; write investigating, identified, monitoring or resolved.")
    return stage
