"""
The year 2026 of three products, as a database holds it after years of work: runs, outages, incidents, corrections, records.

Checks look every 20 s from London, Paris and Frankfurt; a look takes 150 ms.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from uptimed.domain.catalogue import (
    Catalogue,
    Check,
    Commitment,
    Component,
    Credit,
    Location,
    MaintenanceRule,
    Product,
    ResponseTarget,
    Site,
)
from uptimed.domain.civil import micros
from uptimed.domain.contract import ContractVersion
from uptimed.domain.incidents import Incident, Outage, Stage
from uptimed.domain.maintenance import MaintenanceEvent
from uptimed.domain.overlays import Adjustment
from uptimed.domain.policy import TimelinePolicy
from uptimed.domain.runs import Run
from uptimed.domain.severity import Severity
from uptimed.domain.states import State, Verdict
from uptimed.domain.timeline import Change, CheckTimeline
from uptimed.engine.closing import Closing
from uptimed.engine.engine import Engine
from uptimed.storage import adjustments, contracts, incidents, maintenance, outages, timelines
from uptimed.storage import catalogue as stored_catalogue
from uptimed.storage.database import Database

S = 1_000_000
MINUTE, HOUR, DAY = 60 * S, 3_600 * S, 86_400 * S
TOOK_US = 150_000
EVERY_US = 20 * S
PLACES = {"london": ("London", "Londres", 0), "paris": ("Paris", "Paris", 7), "frankfurt": ("Frankfurt", "Francfort", 13)}


def instant(text: str) -> int:
    return micros(datetime.fromisoformat(text + "+00:00"))


BEGAN, ENDED = instant("2026-01-01T00:00:00"), instant("2027-01-01T00:00:00")
PUBLISHED, NOW = instant("2027-01-09T04:41:00"), instant("2027-01-12T10:15:00")


class Clock:
    def __init__(self, us: int) -> None:
        self.us = us

    def now_us(self) -> int:
        return self.us

    def monotonic(self) -> float:
        return self.us / S


@dataclass(frozen=True)
class Stretch:
    """What all places saw of a component, from when on and how long; None: nobody looked."""

    at: str
    seconds: int
    verdict: Verdict | None
    reason: str = ""
    title: tuple[str, str] = ("", "")
    answered_min: int | None = None


DOWN, SLOW, BLIND = Verdict.DOWN, Verdict.DEGRADED, None
STORY: Mapping[str, Sequence[Stretch]] = {
    "sia/web": (
        Stretch("2026-02-11T15:30:10", 1_500, SLOW),
        Stretch("2026-03-12T08:02:34", 480, DOWN, "tls_expired", ("The certificate had expired", "Le certificat avait expiré"), 9),
        Stretch("2026-05-23T17:20:41", 90, DOWN, "http_status", ("Sign-in failed during a restart", "Accueil en échec"), None),
        Stretch("2026-07-02T03:12:00", 360, BLIND),
        Stretch("2026-11-03T10:15:02", 270, DOWN, "body_text", ("Kiosks signed out by mistake", "Bornes déconnectées"), 71),
    ),
    "sicr/api": (
        Stretch("2026-01-21T02:10:22", 1_290, DOWN, "connect_refused", ("A switch took too long", "Bascule trop longue"), 12),
        Stretch("2026-03-12T08:02:34", 810, DOWN, "tls_expired", ("The certificate had expired", "Le certificat avait expiré"), 9),
        Stretch("2026-07-02T03:12:00", 360, BLIND),
        Stretch("2026-08-18T22:05:13", 450, DOWN, "body_json", ("Search failed after an index change", "Recherche en panne"), 30),
        Stretch("2026-09-05T04:00:00", 40, BLIND),
        Stretch("2026-10-06T05:40:26", 510, DOWN, "connect_timeout", ("Network fault at our host", "Panne réseau"), 25),
        Stretch("2026-12-30T12:00:00", 1_900, DOWN, "http_timeout", ("Searches hung", "Recherches bloquées"), 4),
    ),
    "sisc/booking": (Stretch("2026-07-02T03:12:00", 360, BLIND),),
    "sisc/mail": (Stretch("2026-06-14T21:00:00", 5_400, DOWN, "banner_timeout", ("Reminders were late", "Rappels en retard"), 55),),
}


def a_component(name: str, english: str, french: str, severity: Severity = Severity.CRITICAL) -> Component:
    check = Check(f"{name}/main", "http", None, EVERY_US, 8 * S, locations=tuple(PLACES), name={"en": english, "fr": french})
    return Component(name, {"en": english, "fr": french}, severity, (check,))


def the_catalogue() -> Catalogue:
    hours = {Severity.CRITICAL: (1, "always"), Severity.SEVERE: (2, "support_hours")}
    return Catalogue(
        version="v1",
        site=Site("Sign In Solutions", "https://status.example.com", ("en", "fr"), "Europe/London"),
        commitment=Commitment(
            maintenance=MaintenanceRule("excluded", 5 * DAY),
            response={severity: ResponseTarget(hour * HOUR, clock) for severity, (hour, clock) in hours.items()},
            credits=(Credit("99.99", "10"), Credit("99.9", "25"), Credit("99", "50")),
        ),
        locations=tuple(Location(name, {"en": en, "fr": fr}) for name, (en, fr, _) in PLACES.items()),
        products=tuple(
            Product(product, {"en": name, "fr": name}, parts, since_us=BEGAN)
            for product, name, parts in (
                ("sia", "Sign In App", (a_component("sia/web", "Web application", "Application web"),)),
                ("sicr", "Sign In Central Record", (a_component("sicr/api", "Record search", "Recherche de dossiers"),)),
                (
                    "sisc",
                    "Sign In Scheduling",
                    (
                        a_component("sisc/booking", "Booking links", "Liens de réservation"),
                        a_component("sisc/mail", "Reminders by mail", "Rappels par courriel", Severity.SEVERE),
                    ),
                ),
            )
        ),
    )


def runs_of(component: str, place: str) -> list[Run]:
    """Good looks from before the year to after it, but for the stretches of the story."""
    begin_us = BEGAN - HOUR + PLACES[place][2] * S
    edges: list[tuple[int, int, Verdict | None]] = []
    at_us = begin_us
    for one in STORY[component]:
        from_us = instant(one.at)
        edges += [(at_us, from_us, Verdict.UP), (from_us, from_us + one.seconds * S, one.verdict)]
        at_us = from_us + one.seconds * S
    edges.append((at_us, NOW, Verdict.UP))
    found: list[Run] = []
    chain_us, position = begin_us, 0
    for from_us, to_us, verdict in edges:
        first_us = begin_us - (begin_us - from_us) // EVERY_US * EVERY_US
        count = -(-(to_us - first_us) // EVERY_US)
        if verdict is None:
            chain_us, position = first_us + count * EVERY_US, 0
        elif count > 0:
            last_us = first_us + (count - 1) * EVERY_US
            found.append(
                Run(place, 0, chain_us, position, verdict, first_us, first_us + TOOK_US, last_us, last_us + TOOK_US, count)
            )
            position += 1
    return found


async def the_year(database: Database, *, corrected: bool = True) -> Catalogue:
    """All of it, its records published on the ninth of January; an exclusion made afterwards is not in them."""
    its = the_catalogue()

    def work(conn):
        stored_catalogue.record(conn, its, BEGAN)
        contracts.record(conn, ContractVersion.of(its, BEGAN))
        number = 0
        for component, story in STORY.items():
            check = f"{component}/main"
            runs = tuple(run for place in sorted(PLACES) for run in runs_of(component, place))
            policy = TimelinePolicy.of(next(one for one in its.checks() if one.id == check))
            segments = tuple(CheckTimeline(policy, runs).segments)
            timelines.save(conn, check, Change(runs, (), segments[0].from_us, segments), NOW)
            for one in story:
                if one.verdict is DOWN:
                    number += 1
                    _told(conn, component, one, f"INC-2026-{number:04}", segments)
        for event in PLANNED:
            maintenance.add(conn, event)
        if corrected:
            adjustments.add(conn, EXCLUDED)
            adjustments.add(conn, WITHDRAWN)
            adjustments.add(conn, TAKEN_BACK)

    await database.write(work)
    clock = Clock(PUBLISHED)
    engine = Engine(database, its, {}, clock)
    await engine.start()
    await Closing(database, engine, clock, "0.1.0").run()
    if corrected:
        await database.write(lambda conn: adjustments.add(conn, LATER))
    return its


EXCLUDED = Adjustment(
    "ADJ-2026-0001",
    instant("2026-11-04T09:12:00"),
    "Béatrice Aubry",
    "The customer’s own firewall, says their ticket 4711.",
    "exclude",
    instant("2026-11-03T10:16:00"),
    instant("2026-11-03T10:18:00"),
    scope="sia",
    clause="6.2 (b)",
)
WITHDRAWN = Adjustment(
    "ADJ-2026-0002",
    instant("2026-11-05T08:00:00"),
    "Zoë Lund",
    "Server logs: 12 400 answers in these minutes.",
    "assert",
    instant("2026-05-23T17:20:00"),
    instant("2026-05-23T17:23:00"),
    State.UP,
    scope="sia/web",
)
TAKEN_BACK = Adjustment(
    "ADJ-2026-0003",
    instant("2026-11-06T08:30:00"),
    "Béatrice Aubry",
    "The logs were of another day.",
    "revoke",
    target="ADJ-2026-0002",
    scope="sia/web",
)
LATER = EXCLUDED._replace(
    id="ADJ-2027-0001",
    at_us=instant("2027-01-11T16:00:00"),
    reason="Maintenance of the customer’s proxy.",
    from_us=instant("2026-12-30T12:05:00"),
    to_us=instant("2026-12-30T12:09:00"),
    scope="sicr",
    clause="",
)


def planned(number: int, scope: str, announced: str, span: tuple[str, str], title: tuple[str, str]) -> MaintenanceEvent:
    window = f"MW-2026-{number:04}"
    words = dict(zip(("en", "fr"), title, strict=True))
    return MaintenanceEvent(
        f"{window}/1", window, "scheduled", instant(announced), "ops1", scope, *(instant(one) for one in span), title=words
    )


PLANNED = (
    planned(
        1,
        "sisc",
        "2026-04-10T09:00:00",
        ("2026-04-19T04:00:00", "2026-04-19T06:00:00"),
        ("A new database", "Nouvelle base de données"),
    ),
    planned(
        2,
        "sisc/mail",
        "2026-06-14T19:00:00",
        ("2026-06-14T21:00:00", "2026-06-14T22:00:00"),
        ("The mail server moves", "Le serveur de courriel déménage"),
    ),
)
"""The second was announced two hours before: too late to be set aside."""


def _told(conn, component: str, one: Stretch, incident: str, segments) -> None:
    down = next(each for each in segments if each.point is State.DOWN and each.to_us > instant(one.at))
    product = component.partition("/")[0]
    severity = Severity.SEVERE if component == "sisc/mail" else Severity.CRITICAL
    opened_us = down.from_us + 20 * S
    outages.save(
        conn,
        Outage(
            f"{component}@{down.from_us}",
            component,
            down.from_us,
            down.to_us,
            down.from_us,
            down.from_us,
            down.to_us,
            down.to_us,
            (f"{component}/main",),
            opened_us,
            incident,
            one.reason,
            tuple(sorted(PLACES)),
        ),
    )
    incidents.save(
        conn,
        Incident(
            incident,
            product,
            (component,),
            severity,
            Stage.RESOLVED,
            dict(zip(("en", "fr"), one.title, strict=True)),
            automatic=True,
            began_at_us=down.from_us,
            opened_at_us=opened_us,
            ended_at_us=down.to_us,
            respond_by_us=opened_us + HOUR,
            responded_at_us=None if one.answered_min is None else opened_us + one.answered_min * MINUTE + 7 * S,
            resolved_at_us=down.to_us + MINUTE,
        ),
    )
