"""
Statuspage's public API, version 2, in its complete shape, for the many tools that read it (CONVENTIONS 4.1).

A Product is a group component, its Components the children. That shape has no word for not knowing: an unmeasured component shows
its last measured status with a description that says so, and the page's indicator is then at least minor (DESIGN section 4).
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from statuspage.answer import TROUBLE
from statuspage.i18n import LANGUAGES, spoken
from statuspage.snapshot import ComponentView, IncidentView, PlannedView, ProductView, Snapshot, UpdateView
from statuspage.typography import iso_ms
from statuspage.voice import Voice

Json = dict[str, Any]

_STATUS = {
    "working": "operational",
    "slow": "degraded_performance",
    "partly_down": "partial_outage",
    "down": "major_outage",
    "planned": "under_maintenance",
}
_WORST_FIRST = ("major_outage", "partial_outage", "degraded_performance", "under_maintenance", "operational")
_IMPACT = {"critical": "critical", "severe": "major", "medium": "minor", "minor": "none"}
_INDICATORS = ("none", "maintenance", "minor", "major", "critical")
"""In rising order."""
_DESCRIPTION = {
    "none": "All Systems Operational",
    "maintenance": "Service Under Maintenance",
    "minor": "Minor Service Outage",
    "major": "Partial System Outage",
    "critical": "Major Service Outage",
}
_OVER = {"monitoring", "resolved", "postmortem"}
_AT_MOST = 50


def documents(snapshot: Snapshot) -> dict[str, Json]:
    """Path below `/api/v2/` -> document."""
    # The API has one language: English where the site has it, for that is what its tools expect.
    lang = next(lang for lang in LANGUAGES if lang in spoken(snapshot.languages))
    voice = Voice(lang, snapshot.timezone)
    page = _page(snapshot)
    overall = _overall(snapshot)
    parts = _components(snapshot, voice)
    by_id = {part["id"]: part for part in parts}
    incidents = [_incident(incident, by_id, snapshot, voice) for incident in snapshot.incidents]
    unresolved = [incident for incident in incidents if incident["resolved_at"] is None]
    # That shape has no word for what does not take place.
    planned = [_planned(one, by_id, snapshot, voice) for one in reversed(snapshot.planned) if one.stage != "cancelled"]
    upcoming = [one for one in planned if one["status"] == "scheduled"]
    active = [one for one in planned if one["status"] == "in_progress"]
    return {
        "summary.json": {
            "page": page,
            "components": parts,
            "incidents": unresolved,
            "scheduled_maintenances": [*active, *upcoming],
            "status": overall,
        },
        "status.json": {"page": page, "status": overall},
        "components.json": {"page": page, "components": parts},
        "incidents.json": {"page": page, "incidents": incidents[:_AT_MOST]},
        "incidents/unresolved.json": {"page": page, "incidents": unresolved},
        "scheduled-maintenances.json": {"page": page, "scheduled_maintenances": planned[:_AT_MOST]},
        "scheduled-maintenances/upcoming.json": {"page": page, "scheduled_maintenances": upcoming},
        "scheduled-maintenances/active.json": {"page": page, "scheduled_maintenances": active},
    }


def _page(snapshot: Snapshot) -> Json:
    return {
        "id": _page_id(snapshot),
        "name": snapshot.site_name,
        "url": snapshot.site_url,
        "time_zone": snapshot.timezone,
        "updated_at": iso_ms(snapshot.as_of_us),
    }


def _page_id(snapshot: Snapshot) -> str:
    return urlsplit(snapshot.site_url).hostname or "status"


def _overall(snapshot: Snapshot) -> Json:
    """The worst of what is measured and of what people say in open incidents; a fix that is only being watched no longer counts."""
    states = [product.state for product in snapshot.products] + [c.state for p in snapshot.products for c in p.components]
    said = [_IMPACT[i.severity] for i in snapshot.incidents if i.resolved_us is None and i.stage not in _OVER]
    indicator = max([_measured(snapshot), *said], key=_INDICATORS.index)
    description = _DESCRIPTION[indicator]
    if indicator == "minor" and "minor" not in said:
        worst = next((state for state in TROUBLE if state in states), "unmeasured")
        description = {"slow": "Partially Degraded Service", "unmeasured": "No measurement of some components"}.get(
            worst, description
        )
    return {"indicator": indicator, "description": description}


def _measured(snapshot: Snapshot) -> str:
    products = [product.state for product in snapshot.products]
    states = {*products, *(c.state for p in snapshot.products for c in p.components)}
    if products and all(state == "down" for state in products):
        return "critical"
    if "down" in products:
        return "major"
    if states & {"down", "partly_down", "slow", "unmeasured"} or not products:
        return "minor"
    return "maintenance" if "planned" in states else "none"


def _components(snapshot: Snapshot, voice: Voice) -> list[Json]:
    listed = []
    for position, product in enumerate(snapshot.products, 1):
        children = [_component(c, product, n, snapshot, voice) for n, c in enumerate(product.components, 1)]
        listed.append(_group(product, children, position, snapshot, voice))
        listed.extend(children)
    return listed


def _group(product: ProductView, children: list[Json], position: int, snapshot: Snapshot, voice: Voice) -> Json:
    unmeasured = product.state == "unmeasured"
    statuses = {child["status"] for child in children}
    status = next((s for s in _WORST_FIRST if s in statuses), "operational") if unmeasured else _STATUS[product.state]
    return {
        "id": product.id,
        "name": voice.name(product.name),
        "status": status,
        "created_at": iso_ms(product.created_at_us),
        "updated_at": iso_ms(product.since_us or product.created_at_us),
        "position": position,
        "description": _blind_since(product.since_us) if unmeasured else None,
        "showcase": False,
        "start_date": None,
        "group_id": None,
        "page_id": _page_id(snapshot),
        "group": True,
        "only_show_if_degraded": False,
        "components": [child["id"] for child in children],
    }


def _component(component: ComponentView, product: ProductView, position: int, snapshot: Snapshot, voice: Voice) -> Json:
    unmeasured = component.state == "unmeasured"
    state = component.last_measured_state if unmeasured else component.state
    words = voice.name(component.description) or None
    return {
        "id": component.id,
        "name": voice.name(component.name),
        "status": _STATUS.get(state or "working", "operational"),
        "created_at": iso_ms(component.created_at_us),
        "updated_at": iso_ms(component.since_us or component.created_at_us),
        "position": position,
        "description": _blind_since(component.last_measured_us or component.since_us) if unmeasured else words,
        "showcase": False,
        "start_date": None,
        "group_id": product.id,
        "page_id": _page_id(snapshot),
        "group": False,
        "only_show_if_degraded": False,
    }


def _blind_since(us: int | None) -> str:
    return f"No measurement since {iso_ms(us)}" if us is not None else "No measurement yet"


def _incident(incident: IncidentView, by_id: dict[str, Json], snapshot: Snapshot, voice: Voice) -> Json:
    watched = [update.at_us for update in incident.updates if update.stage == "monitoring"]
    return {
        "id": incident.id,
        "name": voice.name(incident.title),
        "status": _stage(incident.stage),
        "created_at": iso_ms(incident.opened_us),
        "updated_at": iso_ms(incident.updated_us),
        "monitoring_at": iso_ms(min(watched)) if watched else None,
        "resolved_at": None if incident.resolved_us is None else iso_ms(incident.resolved_us),
        "impact": _IMPACT[incident.severity],
        "shortlink": f"{snapshot.site_url.rstrip('/')}/{voice.lang}/i/{incident.id}/",
        "started_at": iso_ms(incident.began_us),
        "page_id": _page_id(snapshot),
        "incident_updates": [_update(update, incident, by_id, voice) for update in incident.updates],
        "components": [by_id[component] for component in incident.components if component in by_id],
        "reminder_intervals": None,
    }


def _planned(planned: PlannedView, by_id: dict[str, Json], snapshot: Snapshot, voice: Voice) -> Json:
    status = {"finished": "completed"}.get(planned.stage, planned.stage)
    affected = [planned.scope, *(by_id.get(planned.scope, {}).get("components") or ())]
    announced, updated = iso_ms(planned.announced_us), iso_ms(planned.updated_us)
    update = {
        "id": f"{planned.id}/1",
        "status": "scheduled",
        "body": voice.name(planned.text) or voice.name(planned.title),
        "incident_id": planned.id,
        "created_at": announced,
        "updated_at": announced,
        "display_at": announced,
        "affected_components": [],
        "deliver_notifications": False,
        "custom_tweet": None,
        "tweet_id": None,
    }
    return {
        "id": planned.id,
        "name": voice.name(planned.title),
        "status": status,
        "created_at": announced,
        "updated_at": updated,
        "monitoring_at": None,
        "resolved_at": iso_ms(planned.to_us) if status == "completed" else None,
        "impact": "maintenance",
        "shortlink": f"{snapshot.site_url.rstrip('/')}/{voice.lang}/",
        "started_at": iso_ms(planned.from_us),
        "page_id": _page_id(snapshot),
        "incident_updates": [update],
        "components": [by_id[one] for one in affected if one in by_id],
        "reminder_intervals": None,
        "scheduled_for": iso_ms(planned.from_us),
        "scheduled_until": iso_ms(planned.to_us),
    }


def _update(update: UpdateView, incident: IncidentView, by_id: dict[str, Json], voice: Voice) -> Json:
    at = iso_ms(update.at_us)
    return {
        "id": update.id,
        "status": _stage(update.stage),
        "body": voice.name(update.text),
        "incident_id": incident.id,
        "created_at": at,
        "updated_at": at,
        "display_at": at,
        "affected_components": [
            {
                "code": component,
                "name": by_id[component]["name"] if component in by_id else component,
                "old_status": _STATUS.get(old, "operational"),
                "new_status": _STATUS.get(new, "operational"),
            }
            for component, (old, new) in update.states.items()
        ],
        "deliver_notifications": True,
        "custom_tweet": None,
        "tweet_id": None,
    }


def _stage(stage: str) -> str:
    """`detected` is ours; there it is the first stage."""
    return "investigating" if stage == "detected" else stage
