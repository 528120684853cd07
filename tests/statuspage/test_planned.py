"""Planned work on the home page: what is on, and what comes in the next two weeks, in both languages."""

from __future__ import annotations

import json

import pytest

from statuspage.documents import status
from statuspage.planned_view import planned_of
from statuspage.site import render
from statuspage.snapshot import PlannedView
from statuspage.voice import Voice
from tests.statuspage.builders import NOW, snapshot
from tests.statuspage.test_home import text

DAY_US = 86_400_000_000


def work(stage: str, from_us: int, to_us: int, *, scope: str = "sia/web", aside: str = "all", number: int = 1) -> PlannedView:
    title = {"en": "Database upgrade", "fr": "Mise à jour de la base"}
    return PlannedView(f"MW-2026-{number:04}", scope, stage, title, {"en": "Read-only."}, from_us, to_us, NOW - DAY_US, NOW, aside)


@pytest.mark.parametrize(
    ("lang", "wanted"),
    [
        ("en", ["Planned work", "Database upgrade", "In progress", "It does not count against the availability."]),
        ("fr", ["Travaux prévus", "Mise à jour de la base", "En cours", "Ne compte pas dans la disponibilité."]),
    ],
)
def test_what_is_on_is_told_in_the_language_of_the_page(lang: str, wanted: list[str]):
    told = text(snapshot(planned=(work("in_progress", NOW - 1, NOW + DAY_US),)), f"/{lang}/")

    assert [one for one in wanted if one not in told] == []


def test_only_what_is_on_or_comes_within_two_weeks_is_told():
    views = (
        work("finished", NOW - DAY_US, NOW - 1, number=1),
        work("cancelled", NOW + 1, NOW + DAY_US, number=2),
        work("in_progress", NOW - 1, NOW + 1, number=3),
        work("scheduled", NOW + 13 * DAY_US, NOW + 15 * DAY_US, number=4),
        work("scheduled", NOW + 14 * DAY_US, NOW + 15 * DAY_US, number=5),
    )
    facts = snapshot(planned=views)

    assert [one.id for one in planned_of(facts, Voice("en", "UTC"))] == ["MW-2026-0003", "MW-2026-0004"]
    assert len(json.loads(json.dumps(status(facts, NOW)))["planned"]) == 5


def test_without_any_the_page_has_no_such_section():
    assert "Database upgrade" not in text(snapshot())
    assert 'id="planned"' not in render(snapshot(), NOW).pages["/en/"].body.decode()
