"""The contract survives the way to disk and back, and grows without breaking an older reader."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from statuspage.codec import SnapshotUnreadable, from_json, to_json
from statuspage.snapshot import VERSION, Snapshot
from tests.statuspage import builders
from tests.statuspage.strategies import snapshots


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(snapshots())
def test_what_is_written_is_what_is_read(snapshot: Snapshot):
    assert from_json(to_json(snapshot)) == snapshot


def test_the_snapshot_of_a_whole_day_comes_back_equal():
    snapshot = builders.an_incident_day()

    assert from_json(to_json(snapshot)) == snapshot


def test_fields_of_a_newer_program_are_ignored_wherever_they_stand():
    document = json.loads(to_json(builders.an_incident_day()))
    document["weather"] = "fine"
    document["products"][0]["colour"] = {"deep": ["blue"]}

    assert from_json(json.dumps(document)) == builders.an_incident_day()


def test_fields_that_an_older_program_did_not_write_take_their_default():
    document = json.loads(to_json(builders.snapshot()))
    del document["support"]
    del document["products"][0]["days"]

    snapshot = from_json(json.dumps(document))

    assert snapshot.support is None
    assert snapshot.products[0].days == ()


def changed(path: list[Any], value: Any) -> str:
    document: Any = json.loads(to_json(builders.snapshot()))
    place = document
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return json.dumps(document)


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        ("", "cannot be read"),
        ("[]", "expected an object"),
        (b"\xff\xfe", "cannot be read"),
        ("[" * 100_000, "cannot be read"),
        ("{}", "version is missing"),
        (changed(["version"], VERSION + 1), "update the program"),
        (changed(["products", 0, "state"], 3), r"products\[0\]\.state: expected a text"),
        (changed(["as_of_us"], "soon"), "as_of_us: expected a whole number"),
        (changed(["as_of_us"], True), "as_of_us: expected a whole number"),
        (changed(["locations", 0, "measuring"], 1), "expected true or false"),
        (changed(["languages"], "en"), "expected a list"),
        (changed(["support", "rows", 0], ["critical", 3600]), "expected 3 items"),
        (changed(["products", 0, "name"], ["en"]), "expected an object"),
    ],
)
def test_a_document_that_would_mislead_is_refused_in_one_sentence(raw: str | bytes, says: str):
    with pytest.raises(SnapshotUnreadable, match=says) as refused:
        from_json(raw)

    assert "\n" not in str(refused.value)
