"""A badge stands on other people's pages, where nobody explains it: it is never better than the truth."""

from __future__ import annotations

import json
from typing import Any
from xml.etree import ElementTree as ET

import aiohttp
import pytest

from statuspage.app import PublicRunner
from statuspage.site import render
from statuspage.snapshot import Snapshot
from tests.statuspage.builders import MINUTE, NOW, both, figures, product, snapshot
from tests.statuspage.conftest import House
from tests.statuspage.reading import parsed

SVG = "{http://www.w3.org/2000/svg}"


def endpoint(facts: Snapshot, path: str, now_us: int = NOW) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(render(facts, now_us).pages[f"/badge/{path}.json"].body)
    return told


def drawing(facts: Snapshot, path: str, now_us: int = NOW) -> ET.Element:
    return parsed(render(facts, now_us).pages[f"/badge/{path}.svg"].body)


def one(**changes: Any) -> Snapshot:
    return snapshot(products=(product(**changes),))


def test_the_endpoint_has_the_form_that_shields_reads():
    assert endpoint(one(state="down"), "sia") == {
        "schemaVersion": 1,
        "label": "Sign In App",
        "message": "Down",
        "color": "8f0f4a",
        "labelColor": "1b2530",
    }


@pytest.mark.parametrize(
    ("path", "message"),
    [("sia", "Down"), ("sia.en", "Down"), ("sia.fr", "Indisponible")],
)
def test_a_badge_is_in_the_site_s_first_language_unless_another_is_named(path: str, message: str):
    assert endpoint(one(state="down"), path)["message"] == message


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"point": "99.9968", "lower": "99.9953", "upper": "99.9973"}, "at least 99.9953%"),
        ({"point": "99.9968", "lower": "99.9968", "upper": "99.9968"}, "99.9968%"),
        ({"point": "100.0000", "lower": "98.7654", "upper": "100.0000"}, "at least 98.7654%"),
        ({"point": "99.9999", "lower": "99.9999", "upper": "100.0000"}, "at least 99.9999%"),
        ({"point": "100.0000", "lower": "100.0000", "upper": "100.0000", "down_s": 0, "unmeasured_s": 0}, "100%"),
        ({"point": "50.0000", "lower": None, "upper": None}, "at least 0%"),
        ({"point": None, "lower": None, "upper": None}, "Nothing measured yet"),
    ],
)
def test_the_availability_is_the_lower_bound_unless_the_bounds_meet(changes: dict[str, Any], message: str):
    assert endpoint(one(year=figures(**changes)), "sia/availability")["message"] == message


def test_the_availability_says_of_which_year_and_in_french_with_its_comma():
    told = endpoint(one(), "sia/availability.fr")

    assert told["label"] == "2026 · Sign In App"
    assert told["message"] == "au moins 99,9953\u00a0%"


@pytest.mark.parametrize(
    ("changes", "colour"),
    [
        ({"verdict": "met"}, "17666f"),
        ({"verdict": "missed"}, "8f0f4a"),
        ({"to_date": "missed"}, "4d5866"),
        ({"to_date": "missed", "budget_sure_s": -1}, "8a5a00"),
    ],
)
def test_the_colour_of_the_availability_is_the_verdict(changes: dict[str, Any], colour: str):
    assert endpoint(one(year=figures(**changes)), "sia/availability")["color"] == colour


def test_a_product_without_a_figure_has_a_badge_that_says_so():
    assert endpoint(one(year=None), "sia/availability")["message"] == "Nothing measured yet"


@pytest.mark.parametrize("path", ["sia", "sia/availability"])
def test_old_facts_are_no_measurement(path: str):
    assert endpoint(snapshot(), path, NOW + 90_000_000)["message"] != "No measurement"
    assert endpoint(snapshot(), path, NOW + 2 * MINUTE)["message"] == "No measurement"


def test_the_drawing_has_a_title_and_an_accessible_name_with_all_of_it():
    drawn = drawing(one(state="down"), "sia.fr")
    title = drawn.find(f"{SVG}title")

    assert title is not None
    assert title.text == drawn.get("aria-label") == "Sign In App\u00a0: Indisponible"
    assert drawn.get("role") == "img"
    assert [text.text for text in drawn.findall(f"{SVG}text")] == ["Sign In App", "Indisponible"]


def test_a_badge_keeps_its_size_whatever_the_news():
    for path in ("sia", "sia/availability"):
        sizes = {
            drawing(facts, path, now_us).get("width")
            for now_us in (NOW, NOW + 2 * MINUTE)
            for facts in (one(), one(state="down"), one(state="partly_down", year=None))
        }
        assert len(sizes) == 1


def test_a_badge_asks_nobody_for_anything_and_has_no_style_or_script():
    for path in ("sia", "sia/availability.fr"):
        drawn = drawing(snapshot(), path)

        assert {item.tag.removeprefix(SVG) for item in drawn.iter()} == {"svg", "title", "rect", "text"}
        assert not {"style", "href", "onload"} & {name for item in drawn.iter() for name in item.attrib}


def test_a_name_with_markup_or_signs_that_xml_forbids_stays_a_name():
    drawn = drawing(one(name=both("<b>\"A\" & 'B'</b>\x00\x1b")), "sia")

    assert drawn.get("aria-label") == "<b>\"A\" & 'B'</b>\ufffd\ufffd: Working"


def test_a_long_name_is_cut_in_the_drawing_and_whole_in_its_title():
    drawn = drawing(one(name="A" * 200), "sia")
    label = drawn.findall(f"{SVG}text")[0].text

    assert label == "A" * 39 + "…"
    assert (drawn.get("aria-label") or "").startswith("A" * 200)


@pytest.mark.parametrize(
    ("path", "content_type"),
    [("/badge/sia.svg", "image/svg+xml"), ("/badge/sisc/availability.fr.json", "application/json; charset=utf-8")],
)
async def test_a_badge_is_kept_for_a_minute_may_be_shown_anywhere_and_is_sent_once(
    door: aiohttp.ClientSession, path: str, content_type: str
):
    async with door.get(path) as answer:
        assert answer.status == 200
        assert answer.headers["Content-Type"] == content_type
        assert answer.headers["Cache-Control"] == "public, max-age=60, stale-if-error=86400"
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
        tag = answer.headers["ETag"]
    async with door.get(path, headers={"If-None-Match": tag}) as answer:
        assert answer.status == 304
    async with door.post(path) as answer:
        assert answer.status == 405


async def test_the_badge_follows_the_news(house: House, door: aiohttp.ClientSession, runner: PublicRunner):
    house.snapshot = snapshot()
    await runner.refresh()

    async with door.get("/badge/sia.json") as answer:
        assert (await answer.json())["message"] == "Working"
