"""Messages, clocks and channels for these tests, saying only what matters."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from uptimed.domain.messages import Kind, Message, SendOutcome, Sent
from uptimed.notify.wording import Voice

SECOND = 1_000_000
NOON = 1_784_894_400 * SECOND
"""2026-07-24T12:00:00Z, a Friday."""

VOICE = Voice("Sign In Solutions", "Europe/London", ("en", "fr"), {"local": {"en": "London", "fr": "Londres"}})

INCIDENT: Mapping[str, Any] = {
    "id": "INC-2026-0001",
    "product": "sia",
    "product_name": {"en": "Sign In App", "fr": "Sign In App"},
    "components": [{"id": "sia/web", "name": {"en": "Web application", "fr": "Application web"}}],
    "severity": "critical",
    "stage": "detected",
    "title": {"en": "Sign In App: Web application is down", "fr": "Sign In App\u00a0: Application web indisponible"},
    "automatic": True,
    "began_at": "2026-07-24T14:07:03.120Z",
    "opened_at": "2026-07-24T14:07:05.120Z",
    "ended_at": None,
    "resolved_at": None,
    "respond_by": "2026-07-24T15:07:05.120Z",
    "url": "https://status.example.com/en/i/INC-2026-0001",
    "reason": "connect_refused",
    "detail": "192.0.2.1:443 refused the connection",
    "check": "sia/web/home",
    "locations": ["local"],
}


@dataclass
class HandClock:
    """A clock that stands still until it is moved."""

    at_us: int = NOON

    def now_us(self) -> int:
        return self.at_us

    def monotonic(self) -> float:
        return self.at_us / SECOND

    def pass_by(self, seconds: float) -> None:
        self.at_us += round(seconds * SECOND)


def a_message(
    name: str = "opened/0",
    *,
    channel: str = "hook",
    kind: Kind = Kind.INCIDENT_OPENED,
    incident: str | None = "INC-2026-0001",
    language: str = "en",
    payload: Mapping[str, Any] | None = None,
    at_us: int = NOON,
    **changed: Any,
) -> Message:
    facts = {"incident": {**INCIDENT, **({"id": incident} if incident else {})}, "update": None, "step": 0}
    return Message(
        id=f"{incident}/{name}/{channel}",
        channel=channel,
        kind=kind,
        incident=incident,
        payload=facts if payload is None else payload,
        language=language,
        created_at_us=at_us,
        due_at_us=changed.pop("due_at_us", at_us),
        **changed,
    )


def about_budget(rule: str = "page-fast", **seconds: int) -> dict[str, Any]:
    """A payload about a product's budget of 2026; `remaining` and the like are changed by name."""
    return {
        "budget": {
            "product": "sia",
            "product_name": {"en": "Sign In App", "fr": "Sign In App"},
            "rule": rule,
            "year": 2026,
            "from": "2026-01-01T00:00:00.000Z",
            "to": "2027-01-01T00:00:00.000Z",
            "as_of": "2026-07-24T14:07:03.120Z",
            "target": "99.99",
            "seconds": {"allowed": 3154, "used": 990, "possible": 1020, "remaining": 2163, **seconds},
            "windows": [{"seconds": 3600, "downtime": 64}, {"seconds": 300, "downtime": 64}],
            "threshold_seconds": None,
            "exhausted_at": None,
            "projected_exhaustion": "2026-12-03T22:30:00.000Z",
            "url": "https://status.example.com/en/",
        }
    }


SILENCE: Mapping[str, Any] = {
    "measurement": {
        "as_of": "2026-07-24T14:10:03.120Z",
        "components": [
            {
                "id": "sia/web",
                "name": {"en": "Web application", "fr": "Application web"},
                "product": "sia",
                "product_name": {"en": "Sign In App"},
                "since": "2026-07-24T14:07:03.120Z",
            },
            {"id": "sicr/api", "product": "sicr", "since": "2026-07-24T14:08:03.120Z"},
        ],
    }
}


def about(**facts: Any) -> dict[str, Any]:
    """A payload about the incident, with these facts changed; `update` and `step` stand beside the incident."""
    beside = {key: facts.pop(key) for key in ("update", "step") if key in facts}
    return {"incident": {**INCIDENT, **facts}, "update": None, "step": 0, **beside}


@dataclass
class Recorder:
    """A channel in memory that answers what it is told to, and keeps what it was given."""

    name: str = "hook"
    timeout_s: float = 5.0
    answer: Callable[[Message, int], SendOutcome] = lambda _message, _attempt: Sent()
    seen: list[tuple[Message, int]] = field(default_factory=list)
    gate: asyncio.Event | None = None
    """When set: nothing ends before the gate is opened."""

    async def send(self, message: Message, *, attempt: int) -> SendOutcome:
        self.seen.append((message, attempt))
        if self.gate is not None:
            await self.gate.wait()
        return self.answer(message, attempt)

    @property
    def ids(self) -> list[str]:
        return [message.id for message, _ in self.seen]


async def until(claim: Callable[[], bool], *, within_s: float = 10.0) -> None:
    """Wait for something to become true; fails when it does not."""
    async with asyncio.timeout(within_s):
        while not claim():
            await asyncio.sleep(0.01)
