"""The last good facts are kept, whatever happens to whoever brings them."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from statuspage.codec import to_json
from statuspage.source import SnapshotSource, reading
from tests.statuspage import builders


def test_there_is_nothing_before_the_first_snapshot():
    source = SnapshotSource(lambda: None)

    assert source.newest() is None
    assert source.age_us(builders.NOW) is None


def test_a_source_that_fails_leaves_the_last_good_snapshot_and_says_so_once(caplog: pytest.LogCaptureFixture):
    good = builders.snapshot()
    answers = [good]
    source = SnapshotSource(answers.pop)

    with caplog.at_level(logging.WARNING):
        found = [source.newest() for _ in range(4)]

    assert found == [good] * 4
    assert len(caplog.records) == 1
    assert "goes on showing the last ones" in caplog.text


def test_the_age_is_counted_from_the_instant_of_the_facts():
    source = SnapshotSource(builders.snapshot)
    source.newest()

    assert source.age_us(builders.NOW + 12 * builders.MINUTE) == 12 * builders.MINUTE
    assert source.age_us(builders.NOW - builders.MINUTE) == 0


def test_facts_of_the_last_run_are_shown_until_there_are_newer_ones():
    old, new = builders.snapshot(), builders.snapshot(as_of_us=builders.NOW + 1)
    answers = [None]
    source = SnapshotSource(lambda: answers[0])
    source.put(old)

    assert source.newest() is old
    answers[0] = new
    assert source.newest() is new


def test_a_file_is_read_again_when_another_is_renamed_into_its_place(tmp_path: Path):
    copy, fresh = tmp_path / "snapshot.json", tmp_path / "next.json"
    source = SnapshotSource(reading(copy))
    assert source.newest() is None

    copy.write_bytes(to_json(builders.snapshot()))
    first = source.newest()
    assert first == builders.snapshot()
    assert source.newest() is first

    fresh.write_bytes(to_json(builders.an_incident_day()))
    fresh.rename(copy)
    assert source.newest() == builders.an_incident_day()


def test_a_file_that_breaks_or_goes_leaves_what_was_read_before(tmp_path: Path):
    copy = tmp_path / "snapshot.json"
    source = SnapshotSource(reading(copy))
    copy.write_bytes(to_json(builders.snapshot()))
    good = source.newest()

    copy.write_text("{")
    assert source.newest() is good
    copy.unlink()
    assert source.newest() is good
