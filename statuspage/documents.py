"""
Our own JSON: `/status.json`, and a twin of each page in its language.

Instants are ISO 8601 in UTC, durations whole seconds, percentages texts as the account cut them. Fields are added, never renamed.
"""

from __future__ import annotations

from typing import Any

from statuspage.answer import TROUBLE, answer
from statuspage.snapshot import (
    AdjustmentView,
    Bounds,
    ComponentView,
    Figures,
    IncidentView,
    OutageView,
    PlannedView,
    ProductView,
    Snapshot,
    UpdateView,
    Words,
)
from statuspage.typography import iso, iso_ms
from statuspage.view import is_stale
from statuspage.voice import Voice

Json = dict[str, Any]


def status(snapshot: Snapshot, now_us: int) -> Json:
    """Every present fact, in all languages; incidents: the open ones."""
    return {
        **_head(snapshot, now_us),
        "products": [_product(product, None) for product in snapshot.products],
        "incidents": [_incident(incident, None) for incident in snapshot.incidents if incident.resolved_us is None],
        "planned": [_planned(one, None) for one in snapshot.planned],
        "locations": [{"id": place.id, "name": dict(place.name), "measuring": place.measuring} for place in snapshot.locations],
    }


def home_twin(snapshot: Snapshot, voice: Voice, now_us: int) -> Json:
    said = answer(snapshot, voice)
    return {
        **_head(snapshot, now_us),
        "language": voice.lang,
        "sentence": said.sentence,
        "title": said.title,
        "products": [_product(product, voice) for product in snapshot.products],
        "incidents": [_incident(incident, voice) for incident in snapshot.incidents],
        "planned": [_planned(one, voice) for one in snapshot.planned],
        "locations": [{"id": p.id, "name": voice.name(p.name), "measuring": p.measuring} for p in snapshot.locations],
    }


def incident_twin(incident: IncidentView, snapshot: Snapshot, voice: Voice) -> Json:
    return {"as_of": iso_ms(snapshot.as_of_us), "language": voice.lang, **_incident(incident, voice)}


def _head(snapshot: Snapshot, now_us: int) -> Json:
    return {
        "version": snapshot.version,
        "as_of": iso_ms(snapshot.as_of_us),
        "stale": is_stale(snapshot, now_us),
        "site": {"name": snapshot.site_name, "url": snapshot.site_url, "timezone": snapshot.timezone},
        "state": overall_state(snapshot),
        "every_seconds": snapshot.every_s,
    }


def overall_state(snapshot: Snapshot) -> str:
    """The worst state of any product."""
    states = {product.state for product in snapshot.products} or {"unmeasured"}
    return next((state for state in TROUBLE if state in states), "working")


def _words(words: Words, voice: Voice | None) -> Any:
    return dict(words) if voice is None else voice.name(words)


def _instant(us: int | None) -> str | None:
    return None if us is None else iso_ms(us)


def _product(product: ProductView, voice: Voice | None) -> Json:
    return {
        "id": product.id,
        "name": _words(product.name, voice),
        "state": product.state,
        "since": _instant(product.since_us),
        "components": [_component(component, voice) for component in product.components],
        "year": _figures(product.year),
        "month": _figures(product.month),
    }


def _component(component: ComponentView, voice: Voice | None) -> Json:
    return {
        "id": component.id,
        "name": _words(component.name, voice),
        "state": component.state,
        "since": _instant(component.since_us),
        "severity": component.severity,
        "last_measured": {"state": component.last_measured_state, "at": _instant(component.last_measured_us)},
    }


def _figures(figures: Figures | None) -> Json | None:
    if figures is None:
        return None
    return {
        "from": iso(figures.from_us),
        "to": iso(figures.to_us),
        "target": figures.target,
        "availability": _availability(figures),
        "seconds": {
            "up": figures.up_s,
            "degraded": figures.degraded_s,
            "down": figures.down_s,
            "unmeasured": figures.unmeasured_s,
            "maintenance": figures.maintenance_s,
            "excluded": figures.excluded_s,
        },
        "budget": {
            "allowed": figures.budget_allowed_s,
            "used": figures.budget_used_s,
            "possible": figures.budget_possible_s,
            "remaining": figures.budget_remaining_s,
        },
        "verdict": figures.verdict,
        "to_date": figures.to_date,
        "adjustments": [_adjustment(one) for one in figures.adjustments],
        "raw": _availability(figures.raw or figures),
    }


def _availability(its: Figures | Bounds) -> Json:
    return {"point": its.point, "lower": its.lower, "upper": its.upper}


def _adjustment(one: AdjustmentView) -> Json:
    return {
        "id": one.id,
        "scope": one.scope,
        "from": iso_ms(one.from_us),
        "to": iso_ms(one.to_us),
        "state": one.state,
        "reason": one.reason,
        "clause": one.clause or None,
    }


def _incident(incident: IncidentView, voice: Voice | None) -> Json:
    return {
        "id": incident.id,
        "product": incident.product,
        "components": list(incident.components),
        "severity": incident.severity,
        "stage": incident.stage,
        "title": _words(incident.title, voice),
        "automatic": incident.automatic,
        "began": iso_ms(incident.began_us),
        "opened": iso_ms(incident.opened_us),
        "ended": _instant(incident.ended_us),
        "resolved": _instant(incident.resolved_us),
        "next_update_by": _instant(incident.next_update_by_us),
        "updates": [_update(update, voice) for update in incident.updates],
        "outages": [_outage(outage) for outage in incident.outages],
    }


def _planned(one: PlannedView, voice: Voice | None) -> Json:
    return {
        "id": one.id,
        "scope": one.scope,
        "stage": one.stage,
        "title": _words(one.title, voice),
        "text": _words(one.text, voice),
        "from": iso_ms(one.from_us),
        "to": iso_ms(one.to_us),
        "announced": iso_ms(one.announced_us),
        "updated": iso_ms(one.updated_us),
        "set_aside": one.set_aside,
    }


def _update(update: UpdateView, voice: Voice | None) -> Json:
    return {
        "id": update.id,
        "at": iso_ms(update.at_us),
        "stage": update.stage,
        "text": _words(update.text, voice),
        "automatic": update.automatic,
        "states": {component: {"from": old, "to": new} for component, (old, new) in update.states.items()},
    }


def _outage(outage: OutageView) -> Json:
    """No addresses, URLs, headers or bodies: those are for staff (DESIGN section 7)."""
    return {
        "component": outage.component,
        "began": iso_ms(outage.began_us),
        "ended": _instant(outage.ended_us),
        "last_good": _instant(outage.last_good_us),
        "first_bad": iso_ms(outage.first_bad_us),
        "last_bad": iso_ms(outage.last_bad_us),
        "first_good": _instant(outage.first_good_us),
        "reason": outage.reason,
        "locations": list(outage.locations),
    }
