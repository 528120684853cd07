"""Everything is rendered once: whatever the facts, in time and within its weight."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings

from statuspage.site import render
from statuspage.snapshot import Bounds, DayMark, Snapshot
from tests.statuspage.builders import (
    MINUTE,
    NOW,
    adjustment,
    an_incident_day,
    closed_incident,
    figures,
    open_incident,
    product,
    snapshot,
)
from tests.statuspage.reading import parsed
from tests.statuspage.strategies import snapshots


def html(facts: Snapshot, path: str = "/en/", now_us: int = NOW) -> str:
    return render(facts, now_us).pages[path].body.decode()


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large], deadline=None)
@given(snapshots())
def test_whatever_the_facts_every_page_is_written(facts: Snapshot):
    site = render(facts, facts.as_of_us)

    assert {f"/{lang}/" for lang in site.languages} <= site.pages.keys()
    for path, ready in site.pages.items():
        if path.endswith(".json"):
            json.loads(ready.body)
        if "xml" in ready.content_type:
            parsed(ready.body)
        if ready.packed is not None:
            assert gzip.decompress(ready.packed) == ready.body


def test_a_first_visit_weighs_less_than_thirty_kilobytes():
    site = render(an_incident_day(), NOW)
    files = [path for path in site.pages if path.count("/") == 1 and path.endswith((".css", ".js", ".svg"))]

    assert len(files) == 3
    for lang in ("en", "fr"):
        assert sum(len(site.pages[path].packed or b"") for path in [f"/{lang}/", *files]) < 30_000
    assert sum(len(site.pages[path].body) for path in files if path.endswith(".js")) <= 3_072


def test_the_figures_as_data_tell_what_was_corrected_and_why_but_not_by_whom():
    year = figures(
        adjustments=(adjustment(), adjustment("ADJ-2026-0002", state="up", clause="")), raw=Bounds("99.9902", "99.98", "100")
    )
    for path in ("/status.json", "/en/index.json"):
        told = json.loads(render(snapshot(products=(product(year=year),)), NOW).pages[path].body)["products"][0]["year"]

        assert told["raw"] == {"point": "99.9902", "lower": "99.98", "upper": "100"}
        assert told["adjustments"][0] == {
            "id": "ADJ-2026-0001",
            "scope": "sia",
            "from": "2026-03-12T08:00:00.000Z",
            "to": "2026-03-12T08:13:30.000Z",
            "state": None,
            "reason": "The customer's own firewall.",
            "clause": "6.2",
        }
        assert [one["state"] for one in told["adjustments"]] == [None, "up"]


def test_with_nothing_set_aside_the_raw_figure_is_the_figure():
    told = json.loads(render(snapshot(), NOW).pages["/status.json"].body)["products"][0]["year"]

    assert (told["adjustments"], told["raw"]) == ([], told["availability"])


def test_all_links_are_relative_so_that_the_site_can_stand_anywhere():
    for page in (html(an_incident_day()), html(an_incident_day(), "/fr/i/INC-2026-0002/")):
        assert 'href="/' not in page
        assert 'src="/' not in page


def test_facts_of_ninety_seconds_are_fresh_and_older_ones_are_shown_with_their_age():
    facts = snapshot()

    assert 'class="stale"' not in html(facts, now_us=NOW + 90_000_000)
    assert "This copy of the page is 1\u00a0min old. What follows may have changed." in html(facts, now_us=NOW + 91_000_000)
    assert "Cette copie de la page date de 12\u00a0min. Ce qui suit a pu changer." in html(facts, "/fr/", NOW + 12 * MINUTE + 1)
    assert json.loads(render(facts, NOW + 2 * MINUTE).pages["/status.json"].body)["stale"] is True


def test_the_data_is_said_to_be_of_the_instant_of_the_facts_not_of_the_rendering():
    page = html(snapshot(), now_us=NOW + 60 * MINUTE)

    assert "Data as of 24\u00a0November\u00a02026," in page
    assert "13:07:32" in page
    assert "14:07:32" not in page


def test_the_page_of_a_closed_incident_is_rendered_once():
    first = render(an_incident_day(), NOW)
    later = render(replace(an_incident_day(), as_of_us=NOW + MINUTE), NOW + MINUTE, previous=first)

    assert later.pages["/en/i/INC-2026-0001/"] is first.pages["/en/i/INC-2026-0001/"]
    assert later.pages["/en/i/INC-2026-0002/"] is not first.pages["/en/i/INC-2026-0002/"]
    assert later.pages["/en/"].etag != first.pages["/en/"].etag


def test_the_page_of_a_closed_incident_follows_when_its_words_change():
    first = render(an_incident_day(), NOW)
    renamed = snapshot(products=(product(name="Kiosk"),), incidents=(closed_incident(),))
    reopened = snapshot(incidents=(open_incident(id="INC-2026-0001"),))

    assert "Kiosk" in render(renamed, NOW, previous=first).pages["/en/i/INC-2026-0001/"].body.decode()
    assert "not yet" in render(reopened, NOW, previous=first).pages["/en/i/INC-2026-0001/"].body.decode()


def test_the_same_facts_give_the_same_bytes():
    assert render(an_incident_day(), NOW).pages["/fr/"].etag == render(an_incident_day(), NOW + MINUTE).pages["/fr/"].etag


def test_an_incident_that_the_snapshot_no_longer_holds_is_gone():
    first = render(an_incident_day(), NOW)

    assert "/en/i/INC-2026-0001/" not in render(snapshot(), NOW, previous=first).pages


def test_only_the_languages_of_the_site_are_served():
    assert "/fr/" not in render(snapshot(languages=("en",)), NOW).pages
    assert render(snapshot(languages=("fr", "en")), NOW).languages == ("fr", "en")


@pytest.mark.parametrize("on", ["0001-01-01", "9999-12-31"])
def test_a_day_at_the_end_of_all_dates_costs_the_calendar_and_not_the_page(on: str):
    page = html(snapshot(products=(product(days=(DayMark(on, "down", 60),)),)))

    assert "<h1" in page
    assert 'class="cal"' not in page
