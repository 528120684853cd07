"""Snapshots for tests: each builder says only what matters to the test that calls it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from statuspage.snapshot import (
    AdjustmentView,
    Bounds,
    ComponentView,
    DayMark,
    Figures,
    IncidentView,
    LocationView,
    OutageView,
    ProductView,
    Snapshot,
    Stretch,
    SupportView,
    UpdateView,
)


def us(text: str) -> int:
    """`2026-11-24T13:07:32` in UTC, in microseconds."""
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * 1_000_000


NOW = us("2026-11-24T13:07:32")
BEGAN_SERVICE = us("2026-01-01T00:00:00")
MINUTE = 60_000_000


def both(en: str, fr: str | None = None) -> dict[str, str]:
    return {"en": en, "fr": en if fr is None else fr}


def figures(**changes: Any) -> Figures:
    fields: dict[str, Any] = {
        "from_us": BEGAN_SERVICE,
        "to_us": us("2027-01-01T00:00:00"),
        "point": "99.9968",
        "lower": "99.9953",
        "upper": "99.9973",
        "target": "99.99",
        "verdict": "undecided",
        "to_date": "met",
        "up_s": 28_300_000,
        "degraded_s": 0,
        "down_s": 990,
        "unmeasured_s": 360,
        "maintenance_s": 0,
        "excluded_s": 0,
        "budget_allowed_s": 3154,
        "budget_used_s": 990,
        "budget_possible_s": 1470,
        "budget_remaining_s": 2163,
        "budget_sure_s": 1683,
    }
    return Figures(**{**fields, **changes})


def adjustment(identity: str = "ADJ-2026-0001", **changes: Any) -> AdjustmentView:
    fields: dict[str, Any] = {
        "id": identity,
        "scope": "sia",
        "from_us": us("2026-03-12T08:00:00"),
        "to_us": us("2026-03-12T08:13:30"),
        "state": None,
        "reason": "The customer's own firewall.",
        "clause": "6.2",
    }
    return AdjustmentView(**{**fields, **changes})


def component(identity: str = "sia/web", state: str = "working", **changes: Any) -> ComponentView:
    fields: dict[str, Any] = {
        "id": identity,
        "name": both(identity.rpartition("/")[2].capitalize()),
        "state": state,
        "since_us": NOW - 15 * MINUTE,
        "severity": "critical",
        "created_at_us": BEGAN_SERVICE,
    }
    return ComponentView(**{**fields, **changes})


def quiet_year(**exceptions: DayMark) -> tuple[DayMark, ...]:
    """365 days up to NOW; `exceptions` by day: `d2026_03_12=DayMark(...)`."""
    last = date(2026, 11, 24)
    days = [(last - timedelta(days=n)).isoformat() for n in range(364, -1, -1)]
    return tuple(exceptions.get("d" + on.replace("-", "_"), DayMark(on, "working")) for on in days)


def product(
    identity: str = "sia", name: str | dict[str, str] = "Sign In App", state: str = "working", **changes: Any
) -> ProductView:
    fields: dict[str, Any] = {
        "id": identity,
        "name": both(name) if isinstance(name, str) else name,
        "state": state,
        "since_us": NOW - 15 * MINUTE,
        "components": (component(f"{identity}/web", state), component(f"{identity}/api")),
        "year": figures(),
        "month": None,
        "created_at_us": BEGAN_SERVICE,
        "days": quiet_year(),
        "support": {"email": "support@example.com", "chat": "https://www.example.com/chat"},
    }
    return ProductView(**{**fields, **changes})


def outage(**changes: Any) -> OutageView:
    fields: dict[str, Any] = {
        "id": "sia/web@1",
        "component": "sia/web",
        "began_us": us("2026-11-03T10:15:02"),
        "ended_us": us("2026-11-03T10:19:32"),
        "last_good_us": us("2026-11-03T10:14:52"),
        "first_bad_us": us("2026-11-03T10:15:12"),
        "last_bad_us": us("2026-11-03T10:19:22"),
        "first_good_us": us("2026-11-03T10:19:42"),
        "reason": "connect_refused",
        "locations": ("local",),
    }
    return OutageView(**{**fields, **changes})


def update(identity: str = "u1", stage: str = "detected", **changes: Any) -> UpdateView:
    fields: dict[str, Any] = {
        "id": identity,
        "at_us": NOW - 14 * MINUTE,
        "stage": stage,
        "text": both(
            "Signing in fails from London. We are alerting the person on call.",
            "La connexion échoue depuis Londres. Nous alertons la personne d’astreinte.",
        ),
        "automatic": True,
        "states": {"sia/web": ("working", "down")},
    }
    return UpdateView(**{**fields, **changes})


def open_incident(**changes: Any) -> IncidentView:
    fields: dict[str, Any] = {
        "id": "INC-2026-0002",
        "product": "sia",
        "components": ("sia/web",),
        "severity": "critical",
        "stage": "detected",
        "title": both("Sign In App: Web is down", "Sign In App : Web est indisponible"),
        "automatic": True,
        "began_us": NOW - 15 * MINUTE,
        "opened_us": NOW - 14 * MINUTE,
        "ended_us": None,
        "resolved_us": None,
        "updated_us": NOW - 14 * MINUTE,
        "updates": (update(),),
        "outages": (
            outage(
                began_us=NOW - 15 * MINUTE,
                ended_us=None,
                last_good_us=NOW - 16 * MINUTE,
                first_bad_us=NOW - 15 * MINUTE,
                first_good_us=None,
            ),
        ),
        "next_update_by_us": NOW + 16 * MINUTE,
    }
    return IncidentView(**{**fields, **changes})


def closed_incident(**changes: Any) -> IncidentView:
    end = us("2026-11-03T10:19:32")
    fields: dict[str, Any] = {
        "id": "INC-2026-0001",
        "stage": "resolved",
        "title": both("Kiosks signed out by mistake", "Bornes déconnectées par erreur"),
        "began_us": us("2026-11-03T10:15:02"),
        "opened_us": us("2026-11-03T10:15:30"),
        "ended_us": end,
        "resolved_us": end + MINUTE,
        "updated_us": end + MINUTE,
        "updates": (
            update("c2", "resolved", at_us=end + MINUTE, states={"sia/web": ("down", "working")}),
            update("c1", at_us=us("2026-11-03T10:15:30")),
        ),
        "outages": (outage(),),
        "next_update_by_us": None,
    }
    return open_incident(**{**fields, **changes})


def three_products(**states: str) -> tuple[ProductView, ...]:
    """The products of the commitment; `sia="down"` puts one into a state, with its first component."""
    names = {"sia": "Sign In App", "sicr": "Sign In Central Record", "sisc": "Sign In Scheduling"}
    return tuple(product(identity, name, states.get(identity, "working")) for identity, name in names.items())


def snapshot(**changes: Any) -> Snapshot:
    fields: dict[str, Any] = {
        "version": 1,
        "as_of_us": NOW,
        "site_name": "Sign In Solutions",
        "site_url": "https://status.example.com",
        "languages": ("en", "fr"),
        "timezone": "Europe/London",
        "products": three_products(),
        "incidents": (),
        "locations": (LocationView("local", both("London", "Londres"), measuring=True),),
        "every_s": 20,
        "support": SupportView(
            is_open=True,
            changes_at_us=us("2026-11-28T00:00:00"),
            rows=(
                ("critical", 3600, "always"),
                ("severe", 7200, "support_hours"),
                ("medium", 28_800, "support_hours"),
                ("minor", 604_800, "civil"),
            ),
        ),
        "site_created_us": BEGAN_SERVICE,
    }
    return Snapshot(**{**fields, **changes})


def an_incident_day() -> Snapshot:
    """One product down with an open incident, another with a troubled year, a third close to its target."""
    sia, sicr, sisc = three_products(sia="down")
    marks = {
        "d2026_03_12": DayMark("2026-03-12", "down", down_s=810),
        "d2026_01_21": DayMark("2026-01-21", "down", down_s=90),
        "d2026_07_02": DayMark("2026-07-02", "unmeasured", unmeasured_s=360),
        "d2026_04_02": DayMark("2026-04-02", "slow"),
        "d2026_02_15": DayMark("2026-02-15", "planned"),
        "d2026_11_03": DayMark("2026-11-03", "down", down_s=270),
        "d2026_11_24": DayMark("2026-11-24", "down", down_s=900),
        "d2026_09_20": DayMark("2026-09-20", "partly_down", down_s=300),
        "d2026_08_08": DayMark("2026-08-08", "degraded", degraded_s=150),
    }
    changed = {
        "days": quiet_year(**marks),
        "day": (Stretch(NOW - 400 * MINUTE, NOW - 330 * MINUTE, "slow"), Stretch(NOW - 15 * MINUTE, NOW, "down")),
        "year": figures(
            point="99.9902",
            lower="99.9887",
            upper="99.9907",
            to_date="undecided",
            budget_used_s=2940,
            budget_possible_s=3560,
            budget_remaining_s=213,
            adjustments=(adjustment(), adjustment("ADJ-2026-0002", scope="sia/web", state="up", clause="")),
            raw=Bounds("99.9859", "99.9840", "99.9864"),
            budget_sure_s=-407,
        ),
    }
    return snapshot(
        products=(ProductView(**{**vars(sia), **changed}), sicr, sisc),
        incidents=(open_incident(), closed_incident()),
    )
