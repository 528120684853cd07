"""Tools that read Statuspage's API read ours: the complete shape, and the mapping of DESIGN section 4."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from jsonschema import Draft202012Validator

from statuspage.api_v2 import documents
from statuspage.snapshot import PlannedView, Snapshot
from tests.statuspage.builders import (
    NOW,
    an_incident_day,
    closed_incident,
    component,
    open_incident,
    product,
    snapshot,
    three_products,
    update,
)
from tests.statuspage.strategies import snapshots

SCHEMA = json.loads((Path(__file__).parent / "statuspage_v2.schema.json").read_text("utf-8"))
SHAPE_OF = {
    "summary.json": "summary.json",
    "status.json": "status.json",
    "components.json": "components.json",
    "incidents.json": "incidents.json",
    "incidents/unresolved.json": "incidents.json",
    "scheduled-maintenances.json": "scheduled-maintenances.json",
    "scheduled-maintenances/upcoming.json": "scheduled-maintenances.json",
    "scheduled-maintenances/active.json": "scheduled-maintenances.json",
}


def check_shapes(facts: Snapshot) -> None:
    made = documents(facts)
    assert made.keys() == SHAPE_OF.keys()
    for path, document in made.items():
        Draft202012Validator({**SCHEMA, "$ref": f"#/$defs/{SHAPE_OF[path]}"}).validate(document)


@pytest.mark.parametrize(
    "facts",
    [snapshot(), an_incident_day(), snapshot(products=()), snapshot(languages=())],
    ids=["well", "an incident", "no product", "no language"],
)
def test_every_document_has_the_complete_shape(facts: Snapshot):
    check_shapes(facts)


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large], deadline=None)
@given(snapshots())
def test_whatever_the_facts_the_shape_holds(facts: Snapshot):
    check_shapes(facts)


def components(facts: Snapshot) -> dict[str, dict[str, Any]]:
    return {part["id"]: part for part in documents(facts)["components.json"]["components"]}


def test_a_product_is_a_group_and_its_components_are_the_children():
    parts = components(snapshot())

    assert parts["sia"]["group"] is True
    assert parts["sia"]["components"] == ["sia/web", "sia/api"]
    assert parts["sia/web"]["group_id"] == "sia"
    assert [parts[c]["position"] for c in ("sia", "sia/web", "sia/api", "sicr", "sisc")] == [1, 1, 2, 2, 3]


@pytest.mark.parametrize(
    ("state", "status"),
    [
        ("working", "operational"),
        ("slow", "degraded_performance"),
        ("partly_down", "partial_outage"),
        ("down", "major_outage"),
        ("planned", "under_maintenance"),
    ],
)
def test_each_state_has_its_word_there(state: str, status: str):
    parts = components(snapshot(products=(product(state=state),)))

    assert (parts["sia"]["status"], parts["sia/web"]["status"]) == (status, status)


def test_what_is_not_measured_shows_what_was_measured_last_and_says_so():
    blind = component(state="unmeasured", last_measured_state="partly_down", last_measured_us=NOW - 60_000_000)
    facts = snapshot(products=(product(state="unmeasured", components=(blind,)),))

    part = components(facts)["sia/web"]

    assert part["status"] == "partial_outage"
    assert part["description"] == "No measurement since 2026-11-24T13:06:32.000Z"
    assert components(facts)["sia"]["status"] == "partial_outage"


def test_what_was_never_measured_says_that():
    assert components(snapshot(products=(product(components=(component(state="unmeasured", since_us=None),)),)))["sia/web"][
        "description"
    ] == ("No measurement yet")


def overall(facts: Snapshot) -> tuple[str, str]:
    status = documents(facts)["status.json"]["status"]
    return status["indicator"], status["description"]


STATUSES = {
    "all well": (snapshot(), "none", "All Systems Operational"),
    "one slow": (snapshot(products=three_products(sia="slow")), "minor", "Partially Degraded Service"),
    "one partly down": (snapshot(products=three_products(sia="partly_down")), "minor", "Minor Service Outage"),
    "one down": (snapshot(products=three_products(sia="down")), "major", "Partial System Outage"),
    "all down": (snapshot(products=three_products(sia="down", sicr="down", sisc="down")), "critical", "Major Service Outage"),
    "planned": (snapshot(products=three_products(sia="planned")), "maintenance", "Service Under Maintenance"),
    "one blind": (snapshot(products=three_products(sia="unmeasured")), "minor", "No measurement of some components"),
    "a critical incident": (an_incident_day(), "critical", "Major Service Outage"),
    "a severe incident": (
        snapshot(products=three_products(sia="partly_down"), incidents=(open_incident(severity="severe"),)),
        "major",
        "Partial System Outage",
    ),
    "a minor incident": (snapshot(incidents=(open_incident(severity="minor"),)), "none", "All Systems Operational"),
    "a fix that is watched": (snapshot(incidents=(open_incident(stage="monitoring"),)), "none", "All Systems Operational"),
    "an incident that is over": (snapshot(incidents=(closed_incident(),)), "none", "All Systems Operational"),
}


@pytest.mark.parametrize(("facts", "indicator", "description"), STATUSES.values(), ids=STATUSES.keys())
def test_the_indicator_is_the_worst_of_what_is_measured_and_what_is_said(facts: Snapshot, indicator: str, description: str):
    assert overall(facts) == (indicator, description)


@pytest.mark.parametrize(
    ("severity", "impact"), [("critical", "critical"), ("severe", "major"), ("medium", "minor"), ("minor", "none")]
)
def test_each_severity_has_its_impact_there(severity: str, impact: str):
    made = documents(snapshot(incidents=(open_incident(severity=severity),)))

    assert made["incidents.json"]["incidents"][0]["impact"] == impact


def test_an_incident_keeps_its_instants_and_news():
    watched = update("u2", "monitoring", at_us=NOW - 60_000_000, states={})
    facts = snapshot(incidents=(open_incident(stage="monitoring", updates=(watched, update())),))

    (incident,) = documents(facts)["incidents/unresolved.json"]["incidents"]

    assert incident["status"] == "monitoring"
    assert incident["started_at"] == "2026-11-24T12:52:32.000Z"
    assert incident["monitoring_at"] == "2026-11-24T13:06:32.000Z"
    assert incident["shortlink"] == "https://status.example.com/en/i/INC-2026-0002/"
    assert [u["status"] for u in incident["incident_updates"]] == ["monitoring", "investigating"]
    assert incident["incident_updates"][1]["affected_components"] == [
        {"code": "sia/web", "name": "Web", "old_status": "operational", "new_status": "major_outage"}
    ]
    assert [part["id"] for part in incident["components"]] == ["sia/web"]


def test_the_summary_holds_open_incidents_and_the_list_all_of_them():
    made = documents(an_incident_day())

    assert [i["id"] for i in made["summary.json"]["incidents"]] == ["INC-2026-0002"]
    assert [i["id"] for i in made["incidents.json"]["incidents"]] == ["INC-2026-0002", "INC-2026-0001"]


def test_the_list_ends_after_fifty():
    many = tuple(closed_incident(id=f"INC-2026-{n:04d}") for n in range(60))

    assert len(documents(snapshot(incidents=many))["incidents.json"]["incidents"]) == 50


def planned(stage: str, number: int = 1, scope: str = "sia") -> PlannedView:
    from_us = number * 3_600_000_000
    return PlannedView(
        f"MW-2026-{number:04}", scope, stage, {"en": "Upgrade", "fr": "Mise à jour"}, {}, from_us, from_us + 60_000_000, 1, 2, "all"
    )


def test_planned_work_stands_in_its_own_lists_and_what_was_cancelled_in_none():
    stages = ("finished", "cancelled", "in_progress", "scheduled")
    facts = snapshot(planned=tuple(planned(stage, n) for n, stage in enumerate(stages, 1)))
    check_shapes(facts)
    told = documents(facts)
    listed = {path: told[path]["scheduled_maintenances"] for path in told if path.startswith("scheduled")}

    assert [(one["id"], one["status"]) for one in listed["scheduled-maintenances.json"]] == [
        ("MW-2026-0004", "scheduled"),
        ("MW-2026-0003", "in_progress"),
        ("MW-2026-0001", "completed"),
    ]
    assert [one["id"] for one in listed["scheduled-maintenances/upcoming.json"]] == ["MW-2026-0004"]
    assert [one["id"] for one in listed["scheduled-maintenances/active.json"]] == ["MW-2026-0003"]
    assert [one["id"] for one in told["summary.json"]["scheduled_maintenances"]] == ["MW-2026-0003", "MW-2026-0004"]


def test_planned_work_says_when_and_of_what_in_the_shape_that_tools_read():
    (one,) = documents(snapshot(planned=(planned("scheduled"),)))["scheduled-maintenances.json"]["scheduled_maintenances"]

    assert (one["name"], one["impact"], one["incident_updates"][0]["body"]) == ("Upgrade", "maintenance", "Upgrade")
    assert (one["scheduled_for"], one["scheduled_until"]) == ("1970-01-01T01:00:00.000Z", "1970-01-01T01:01:00.000Z")
    assert "sia" in [part["id"] for part in one["components"]]
    assert len(one["components"]) > 1
