"""What Kuma's rows say, and what they do not."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from tests.kuma.databases import DOWN, MAINTENANCE, NOON, PENDING, UP, KumaDatabase
from uptimed.domain.civil import micros
from uptimed.domain.dayblob import DayResult, body_of, day_of, packed
from uptimed.kuma.beats import Heard, results
from uptimed.kuma.record import Kuma, KumaUnreadable, is_backup, monitors_of_backup

S = 1_000_000
NOON_US = micros(NOON)
HOME = "shop/web/home"


def said(path: Path) -> tuple[list[dict[str, Any]], Heard]:
    """What the first monitor's beats say."""
    heard = Heard()
    with Kuma(path) as kuma:
        monitor = kuma.monitors[0]
        return list(results(monitor, kuma.beats(monitor.id), HOME, heard)), heard


@pytest.fixture(params=[1, 2], ids=["1.23", "2.0"])
def kuma(tmp_path: Path, request: pytest.FixtureRequest) -> KumaDatabase:
    return KumaDatabase(tmp_path / "kuma.db", request.param)


def test_a_beat_begins_at_its_time_which_is_utc(kuma: KumaDatabase) -> None:
    kuma.beat(kuma.monitor("Shop"), 0.123)

    (only,), _ = said(kuma.close())

    assert (only["started_at"], only["verdict"], only["location"]) == (NOON_US + 123_000, "up", "import:kuma")


def test_a_pending_beat_has_failed_and_is_never_up(kuma: KumaDatabase) -> None:
    kuma.beats(kuma.monitor("Shop", maxretries=2), [UP, PENDING, PENDING, DOWN, UP])

    looks, heard = said(kuma.close())

    assert [(one["verdict"], one["reason"]) for one in looks] == [
        ("up", "ok"),
        ("down", "record_failed"),
        ("down", "record_failed"),
        ("down", "record_down"),
        ("up", "ok"),
    ]
    assert (heard.up, heard.pending, heard.down) == (2, 2, 1)


def test_a_beat_under_maintenance_is_no_look(kuma: KumaDatabase) -> None:
    kuma.beats(kuma.monitor("Shop"), [UP, MAINTENANCE, MAINTENANCE, UP])

    looks, heard = said(kuma.close())

    assert [one["verdict"] for one in looks] == ["up", "up"]
    assert (heard.beats, heard.maintenance) == (4, 2)


def test_since_2_0_the_end_of_a_look_is_known(tmp_path: Path) -> None:
    kuma = KumaDatabase(tmp_path / "kuma.db", 2)
    monitor = kuma.monitor("Shop")
    kuma.beat(monitor, 0, UP, took_s=1.5)
    kuma.beat(monitor, 60, DOWN, took_s=48)

    (first, second), _ = said(kuma.close())

    assert first["ended_at"] == NOON_US + 1_500_000 + 1_000, "Kuma writes milliseconds, so it may be one later"
    assert second["ended_at"] == NOON_US + 108 * S + 1_000


def test_before_2_0_a_ping_tells_the_end_within_a_second_and_a_failure_ended_before_the_next_look(tmp_path: Path) -> None:
    kuma = KumaDatabase(tmp_path / "kuma.db", 1)
    monitor = kuma.monitor("Shop", timeout=48)
    kuma.beat(monitor, 0, UP, took_s=0.3)
    kuma.beat(monitor, 60, DOWN)
    kuma.beat(monitor, 80, DOWN)

    (good, bad, last), _ = said(kuma.close())

    assert good["ended_at"] == NOON_US + 1_300_000
    assert bad["ended_at"] == NOON_US + 80 * S
    assert last["ended_at"] == NOON_US + (80 + 48 + 10) * S, "Kuma's own patience"


def test_without_a_timeout_kuma_waits_four_fifths_of_the_interval(tmp_path: Path) -> None:
    kuma = KumaDatabase(tmp_path / "kuma.db", 1)
    kuma.beat(kuma.monitor("Shop", timeout=0, interval=20), 0, DOWN)

    (only,), _ = said(kuma.close())

    assert only["ended_at"] == NOON_US + 26 * S


def test_only_looks_that_are_near_enough_measure_the_time_between(kuma: KumaDatabase) -> None:
    monitor = kuma.monitor("Shop")
    kuma.beats(monitor, [UP, UP, UP])
    kuma.beats(monitor, [UP, UP], from_s=9_000)

    _, heard = said(kuma.close())

    assert heard.measured_us == 180 * S


def test_what_cannot_be_read_is_counted_and_passed_over(kuma: KumaDatabase) -> None:
    monitor = kuma.monitor("Shop")
    kuma.beat(monitor, 0)
    kuma.beat(monitor, 60, status=9)
    kuma.add("heartbeat", {"monitor_id": monitor, "status": 1, "time": "yesterday"})

    looks, heard = said(kuma.close())

    assert (len(looks), heard.unreadable) == (1, 2)


def test_an_id_is_the_same_whenever_the_row_is_read(kuma: KumaDatabase, tmp_path: Path) -> None:
    monitor = kuma.monitor("Shop")
    kuma.beats(monitor, [UP, UP])
    before, _ = said(kuma.path) if kuma.connection.commit() is None else ([], None)

    kuma.beats(monitor, [UP], from_s=120)
    after, _ = said(kuma.close())

    assert [one["id"] for one in after][:2] == [one["id"] for one in before]
    assert len({one["id"] for one in after}) == 3


def test_what_the_peer_said_is_made_inert(kuma: KumaDatabase) -> None:
    kuma.beat(kuma.monitor("Shop"), 0, DOWN, msg="connect\x1b[2J\nECONNREFUSED " + "x" * 500)

    (only,), _ = said(kuma.close())

    assert only["detail"].isprintable()
    assert len(only["detail"]) == 200


def test_the_database_is_left_as_it_was(kuma: KumaDatabase) -> None:
    kuma.beat(kuma.monitor("Shop"), 0)
    path = kuma.close()
    before = {one.name: one.read_bytes() for one in path.parent.iterdir()}

    said(path)

    assert {one.name: one.read_bytes() for one in path.parent.iterdir()} == before


def test_a_kuma_that_goes_on_writing_is_read_as_of_one_moment(kuma: KumaDatabase) -> None:
    monitor = kuma.monitor("Shop")
    kuma.beats(monitor, [UP] * 3)
    kuma.connection.commit()

    with Kuma(kuma.path) as reading:
        kuma.beats(monitor, [UP] * 3, from_s=600)
        kuma.connection.commit()
        assert len(list(reading.beats(monitor))) == 3
    kuma.close()


@pytest.mark.parametrize("what", ["nothing", "no database", "another database"])
def test_a_file_that_is_none_of_kumas_is_a_sentence(tmp_path: Path, what: str) -> None:
    path = tmp_path / "kuma.db"
    if what == "no database":
        path.write_text("hello " * 500)
    if what == "another database":
        with sqlite3.connect(path) as connection:
            connection.execute("CREATE TABLE monitor (id INTEGER)")
        connection.close()

    with pytest.raises(KumaUnreadable, match=r"give the kuma\.db"):
        Kuma(path)


def test_the_backup_of_1_x_holds_monitors(tmp_path: Path) -> None:
    path = tmp_path / "Uptime_Kuma_Backup.json"
    monitor = {
        "id": 7,
        "name": "Shop",
        "type": "keyword",
        "url": "https://shop.example.com/",
        "interval": 30,
        "retryInterval": 10,
        "maxretries": 2,
        "keyword": "welcome",
        "invertKeyword": True,
        "ignoreTls": True,
        "upsideDown": False,
        "accepted_statuscodes": ["200-299", "301"],
        "basic_auth_user": "bea",
        "active": 1,
    }
    path.write_text(json.dumps({"version": "1.23.16", "notificationList": [], "monitorList": [monitor]}))

    assert is_backup(path)
    (read,) = monitors_of_backup(path)
    assert (read.interval_s, read.retry_interval_s, read.max_retries) == (30, 10, 2)
    assert (read.keyword, read.keyword_absent, read.verify) == ("welcome", True, False)
    assert (read.statuses, read.by_hand) == (("200-299", "301"), ("credentials",))


def test_a_failure_that_is_tried_again_late_is_no_silence(kuma: KumaDatabase) -> None:
    monitor = kuma.monitor("Shop", interval=60, retry_interval=300, timeout=48)
    kuma.beats(monitor, [PENDING, PENDING, DOWN], every_s=300)

    _, heard = said(kuma.close())

    assert heard.measured_us == 600 * S


def test_the_ids_of_a_year_are_kept_in_few_bytes(kuma: KumaDatabase) -> None:
    """Day blobs know ids of the form check/location/boot/number; others are written out."""
    monitor = kuma.monitor("Shop")
    kuma.beats(monitor, [UP] * 1000)
    looks, _ = said(kuma.close())
    day = [DayResult(one["id"], 0, one["started_at"], one["ended_at"], NOON_US + 10**12, one["verdict"], None) for one in looks]

    received_on = day_of(day[0].received_us)

    assert len(packed(body_of(HOME, "import:kuma", received_on, day))) < 5 * len(day)
