"""Builders that say only what matters to the test."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from uptimed.domain.catalogue import Catalogue, Check, Commitment, Component, Product, Site
from uptimed.domain.incidents import Incident, Outage, Stage, Update
from uptimed.domain.messages import Kind, Message
from uptimed.domain.runs import Run
from uptimed.domain.severity import Severity
from uptimed.domain.states import Verdict
from uptimed.storage.results import StoredResult

START = 1_772_000_000_000_000
SECOND = 1_000_000


def a_result(
    number: int = 1, *, check: str = "sia/web/home", location: str = "local", boot: str = "b1", **changes: Any
) -> StoredResult:
    """The `number`-th result of a check that runs every 20 s."""
    started_us = START + number * 20 * SECOND
    result = StoredResult(
        id=f"{check}/{location}/w1/{boot}/{number}",
        check=check,
        location=location,
        epoch=1,
        started_us=started_us,
        ended_us=started_us + 50_000,
        received_us=started_us + 60_000,
        verdict=Verdict.UP,
        reason="ok",
    )
    return replace(result, **changes)


def a_run(position: int = 0, *, verdict: Verdict = Verdict.UP, count: int = 1, location: str = "local") -> Run:
    first = START + position * 100 * SECOND
    last = first + (count - 1) * 20 * SECOND
    return Run(location, 1, START, position, verdict, first, first + 1, last, last + 1, count)


def a_message(
    name: str = "opened", *, incident: str | None = "INC-2026-0001", channel: str = "hook", at_us: int = 100, **changes: Any
) -> Message:
    """Created and due at `at_us`."""
    message = Message(
        id=f"{incident}/{name}/{channel}",
        channel=channel,
        kind=Kind.INCIDENT_OPENED,
        incident=incident,
        payload={"incident": {"id": incident, "title": {"en": "Down", "fr": "En panne"}}},
        language="en",
        created_at_us=at_us,
        due_at_us=at_us,
    )
    return replace(message, **changes)


def an_outage(
    name: str = "o1", *, began_at_us: int = 100, ended_at_us: int | None = None, component: str = "sia/web", **changes: Any
) -> Outage:
    outage = Outage(
        id=name,
        component=component,
        began_at_us=began_at_us,
        ended_at_us=ended_at_us,
        last_good_us=began_at_us - 1,
        first_bad_us=began_at_us + 1,
        last_bad_us=began_at_us + 2,
        first_good_us=ended_at_us,
        checks=("sia/web/home", "sia/web/login"),
        confirmed_at_us=began_at_us + 3,
        reason="connect_refused",
        locations=("local",),
    )
    return replace(outage, **changes)


def an_incident(number: int = 1, *, opened_at_us: int = 100, **changes: Any) -> Incident:
    incident = Incident(
        id=f"INC-2026-{number:04}",
        product="sia",
        components=("sia/web",),
        severity=Severity.CRITICAL,
        stage=Stage.DETECTED,
        title={"en": "Web down", "fr": "Web en panne"},
        automatic=True,
        began_at_us=opened_at_us - 10,
        opened_at_us=opened_at_us,
    )
    return replace(incident, **changes)


def an_update(name: str = "u1", *, incident: str = "INC-2026-0001", at_us: int = 100, **changes: Any) -> Update:
    update = Update(name, incident, at_us, Stage.INVESTIGATING, {"en": "We look.", "fr": "Nous regardons."})
    return replace(update, **changes)


def a_catalogue(*checks: str, version: str = "v1") -> Catalogue:
    """Of product sia with component web and these checks."""
    watched = tuple(Check(f"sia/web/{name}", "tcp", None, 20 * SECOND, 5 * SECOND) for name in checks)
    product = Product("sia", {"en": "SIA"}, (Component("sia/web", {"en": "Web"}, Severity.CRITICAL, watched),))
    return Catalogue(version, Site(), Commitment(), (), (product,))
