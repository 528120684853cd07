"""`uptimed import kuma`: from a kuma.db to the figures, with no daemon running."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection

from tests.kuma.databases import DOWN, MAINTENANCE, NOON, PENDING, UP, KumaDatabase
from uptimed import config
from uptimed.cli import DONE, WRONG_USE, main
from uptimed.domain.civil import micros
from uptimed.domain.definition import segments_of
from uptimed.domain.incidents import Outage
from uptimed.domain.results import Evidence
from uptimed.engine.memory import CheckMemory
from uptimed.engine.restore import read_picture
from uptimed.storage import audit, outages, results
from uptimed.storage.database import Database

S = 1_000_000
NOON_US = micros(NOON)
HOME = "shop/web/home"
CONFIG = """
site: {name: Shop}
products:
  - id: shop
    name: Shop
    components:
      - id: web
        checks:
          - {id: home, kind: http, url: "https://shop.example.com/", every: 19s, timeout: 8s}
          - {id: login, kind: http, url: "https://shop.example.com/login", every: 19s, timeout: 8s}
data: ./data
"""


class Folder:
    """Where somebody types the command."""

    def __init__(self, path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.path = path
        self._capsys = capsys

    def run(self, *args: str) -> tuple[int, str, str]:
        code = main([*args, "--config", str(self.path / "uptimed.yaml")])
        return code, *self._capsys.readouterr()

    def imports(self, *more: str) -> tuple[int, str, str]:
        return self.run("import", "kuma", str(self.path / "kuma.db"), *more)

    def imported(self, *more: str) -> dict[str, Any]:
        code, out, err = self.imports("--format", "json", *more)
        assert code == DONE, err
        found: dict[str, Any] = json.loads(out)
        return found

    def figures(self, minutes: int = 30) -> dict[str, Any]:
        """Of the shop, so many minutes after noon."""
        at = f"2025-03-01T12:{minutes:02}:00Z"
        _, out, err = self.run("availability", "--year", "2025", "--at", at, "--product", "shop", "--format", "json")
        assert out, err
        found: dict[str, Any] = json.loads(out)
        return found

    def stored(self) -> tuple[CheckMemory, list[Evidence], list[Outage], list[audit.Entry]]:
        """The check as the database has it, all its evidence, the outages of its component, and the audit log."""

        def work(conn: Connection) -> tuple[list[Evidence], list[Outage], list[audit.Entry]]:
            every = results.evidence(conn, HOME, 0, 2**62), outages.of_components(conn, ["shop/web"], 0, 2**62)
            return *every, audit.recent(conn, 10)

        async def read() -> tuple[CheckMemory, list[Evidence], list[Outage], list[audit.Entry]]:
            loaded = config.load(self.path / "uptimed.yaml")
            database = await Database.open(loaded.settings.storage, data=loaded.settings.data, read_only=True)
            try:
                picture = await read_picture(database, loaded.catalogue, NOON_US)
                return picture.checks[HOME], *await database.read(work)
            finally:
                await database.close()

        return asyncio.run(read())


@pytest.fixture
def folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Folder:
    (tmp_path / "uptimed.yaml").write_text(CONFIG)
    return Folder(tmp_path, capsys)


@pytest.fixture(params=[1, 2], ids=["1.23", "2.0"])
def kuma(folder: Folder, request: pytest.FixtureRequest) -> KumaDatabase:
    return KumaDatabase(folder.path / "kuma.db", request.param)


def test_the_figures_begin_where_kuma_began_and_count_what_it_saw(folder: Folder, kuma: KumaDatabase) -> None:
    kuma.beats(kuma.monitor("Shop"), [UP] * 10 + [DOWN] * 3 + [UP] * 18)
    kuma.close()

    said = folder.imported()

    assert said["imported"] == {"results": 31, "evidence": 31, "not": {}, "stored": True}
    its = folder.figures()
    assert its["from"] == "2025-03-01T12:00:00.000Z"
    assert its["seconds"]["unmeasured"] == ("0.201" if kuma.version == 2 else "1.2"), "until the first look had ended"
    assert 179 < float(its["seconds"]["down"]) < (181 if kuma.version == 2 else 210), (
        "1.23 does not know when the last failure ended"
    )
    assert float(its["budget"]["possible"]) > 180


def test_it_is_judged_by_kumas_interval_and_what_is_stored_can_be_made_again(folder: Folder, kuma: KumaDatabase) -> None:
    """Our check looks every 19 s: by its own horizon nothing of Kuma's would be measured."""
    kuma.beats(kuma.monitor("Shop"), [UP] * 40 + [DOWN] + [UP] * 40 + [PENDING, PENDING, DOWN, DOWN] + [UP] * 2)
    kuma.close()

    folder.imported()

    memory, evidence, found, _ = folder.stored()
    policy = memory.timeline.policy
    assert len(evidence) == 87
    assert (policy.horizon_at(NOON_US), policy.rules.horizon_us) == (173 * S, 51 * S)
    assert memory.timeline.segments == segments_of(evidence, policy)
    assert [(one.reason, one.locations) for one in found] == [("record_down", ("import:kuma",))]
    assert found[0].first_bad_us == NOON_US + 81 * 60 * S, "what was tried again failed, too"
    code, out, _ = folder.run("rebuild", "--dry-run")
    assert (code, "2 checks from 87 results: none differ" in out) == (DONE, True)


def test_importing_again_changes_nothing_and_importing_more_adds_only_that(folder: Folder, kuma: KumaDatabase) -> None:
    monitor = kuma.monitor("Shop")
    kuma.beats(monitor, [UP] * 5 + [DOWN] * 3 + [UP] * 5)
    kuma.connection.commit()
    folder.imported()
    before = folder.figures(), folder.stored()

    again = folder.imported()
    assert again["imported"] == {"results": 13, "evidence": 0, "not": {"duplicate": 13}, "stored": True}
    after = folder.figures(), folder.stored()
    assert (after[0], after[1][1:]) == (before[0], before[1][1:])
    assert after[1][0].timeline.segments == before[1][0].timeline.segments

    kuma.beats(monitor, [UP] * 5, from_s=13 * 60)
    kuma.close()
    assert folder.imported()["imported"]["evidence"] == 5
    memory, evidence, _, _ = folder.stored()
    assert memory.timeline.segments == segments_of(evidence, memory.timeline.policy)


def test_an_older_copy_puts_the_beginning_back(folder: Folder, kuma: KumaDatabase) -> None:
    monitor = kuma.monitor("Shop")
    kuma.beats(monitor, [UP] * 5, from_s=600)
    kuma.connection.commit()
    folder.imported()
    assert folder.figures()["from"] == "2025-03-01T12:10:00.000Z"

    kuma.beats(monitor, [UP, UP, DOWN, DOWN, UP, UP], from_s=0)
    kuma.close()
    folder.imported()

    assert folder.figures()["from"] == "2025-03-01T12:00:00.000Z"
    memory, evidence, _, _ = folder.stored()
    assert memory.timeline.segments == segments_of(evidence, memory.timeline.policy)


def test_a_product_is_what_kuma_watched_of_it_until_we_watch_all(folder: Folder, kuma: KumaDatabase) -> None:
    kuma.beats(kuma.monitor("Shop"), [UP] * 31)
    kuma.beats(kuma.monitor("Login", url="https://shop.example.com/login"), [DOWN] * 11, from_s=1200)
    kuma.close()

    folder.imported()

    assert float(folder.figures(20)["seconds"]["down"]) == 0, "the second monitor had not begun"
    assert float(folder.figures(30)["seconds"]["down"]) > 500


def test_what_kuma_saw_while_it_was_off_or_under_maintenance_stays_unmeasured(folder: Folder, kuma: KumaDatabase) -> None:
    monitor = kuma.monitor("Shop")
    kuma.beats(monitor, [UP] * 6 + [MAINTENANCE] * 10 + [UP] * 6)
    kuma.beats(monitor, [UP] * 3, from_s=1680)
    kuma.close()

    folder.imported()

    unmeasured = float(folder.figures()["seconds"]["unmeasured"])
    assert 660 + 420 <= unmeasured < 660 + 420 + 5


def test_after_we_began_to_look_ourselves_kuma_is_no_longer_asked(folder: Folder, kuma: KumaDatabase) -> None:
    monitor = kuma.monitor("Shop")
    kuma.beats(monitor, [UP] * 3)
    kuma.add("heartbeat", {"monitor_id": monitor, "status": UP, "time": "2099-01-01 00:00:00.000"})
    kuma.close()

    assert folder.imported()["imported"]["not"] == {"ours_since": 1}
    assert len(folder.stored()[1]) == 3


def test_a_dry_run_says_the_plan_and_writes_nothing(folder: Folder, kuma: KumaDatabase) -> None:
    kuma.beats(kuma.monitor("Shop", maxretries=3), [UP, UP, PENDING, DOWN, MAINTENANCE, UP])
    kuma.monitor("Cron", "push", None)
    kuma.close()

    code, out, _ = folder.imports("--dry-run")

    assert code == DONE
    assert "'Shop' -> shop/web/home (the same address)" in out
    assert "5 looks from 2025-03-01T12:00:00.000Z to 2025-03-01T12:05:00.000Z" in out
    assert "1 down, 1 failed and tried again, 1 under maintenance (no look)" in out
    assert "'Cron' (push): its beats were sent by the program it watches" in out
    assert "What the record cannot say:" in out
    assert out.endswith("Nothing was imported.\n")
    assert not (folder.path / "data").exists()


def test_what_only_sums_remain_of_is_no_evidence(folder: Folder) -> None:
    kuma = KumaDatabase(folder.path / "kuma.db", 2)
    monitor = kuma.monitor("Shop")
    kuma.add("stat_daily", {"monitor_id": monitor, "timestamp": NOON_US // S, "ping": 10, "up": 1440, "down": 0})
    kuma.add("setting", {"key": "keepDataPeriodDays", "value": "365", "type": "general"})
    kuma.close()

    said = folder.imported()

    assert said["imported"] is None
    assert said["taken"][0]["looks"] == 0
    assert any("1 in stat_daily" in one for one in said["cannot_say"])
    assert any("last 365 days" in one for one in said["cannot_say"])


def test_somebody_who_has_only_kuma_writes_the_file_and_imports_with_it(folder: Folder, kuma: KumaDatabase) -> None:
    kuma.beats(kuma.monitor("Shop front"), [UP] * 10)
    kuma.beats(kuma.monitor("Router", "ping", None, hostname="192.0.2.1"), [UP] * 10)
    kuma.close()
    (folder.path / "uptimed.yaml").unlink()

    code, _, err = folder.imports("--write-config", str(folder.path / "uptimed.yaml"))
    assert (code, "with 2 checks" in err) == (DONE, True)

    said = folder.imported()
    assert [one["check"] for one in said["taken"]] == ["shop-example-com/shop-front/http", "192-0-2-1/router/icmp"]
    assert said["imported"]["evidence"] == 20


def test_a_file_that_is_there_is_not_written_over(folder: Folder, kuma: KumaDatabase) -> None:
    kuma.monitor("Other", url="https://other.example.com/")
    kuma.close()

    code, _, err = folder.imports("--write-config", str(folder.path / "uptimed.yaml"))

    assert (code, "is there already" in err) == (WRONG_USE, True)
    assert (folder.path / "uptimed.yaml").read_text() == CONFIG


def test_a_backup_has_monitors_and_no_history(folder: Folder) -> None:
    monitors = [{"id": 1, "name": "Other", "type": "http", "url": "https://other.example.com/", "interval": 60}]
    (folder.path / "kuma.db").write_text(json.dumps({"version": "1.23.16", "monitorList": monitors}))

    code, out, err = folder.imports("--write-config", str(folder.path / "new.yaml"))

    assert code == DONE
    assert "'Other' (http): no check looks there" in out
    assert "it holds monitors and no heartbeats" in err
    assert "https://other.example.com/" in (folder.path / "new.yaml").read_text()


def test_what_was_done_stands_in_the_audit_log(folder: Folder, kuma: KumaDatabase) -> None:
    kuma.beats(kuma.monitor("Shop"), [UP] * 3)
    kuma.close()

    folder.imported()
    folder.imported()

    (entry,) = folder.stored()[3]
    assert (entry.what, entry.detail["evidence"]) == ("import.record", 3)
    assert entry.subject.endswith("kuma.db")


@pytest.mark.parametrize(
    ("more", "said"),
    [(["--map", "Shop=shop/web/hom"], "there is no check 'shop/web/hom'"), (["--map", "Shp=shop/web/home"], "no monitor 'Shp'")],
)
def test_wrong_use_is_a_sentence(folder: Folder, kuma: KumaDatabase, more: list[str], said: str) -> None:
    kuma.monitor("Shop")
    kuma.close()

    code, _, err = folder.imports(*more)

    assert (code, said in err) == (WRONG_USE, True)


def test_a_file_that_is_not_there_is_a_sentence(folder: Folder) -> None:
    code, _, err = folder.imports()
    assert (code, "kuma.db: No such file or directory" in err) == (WRONG_USE, True)
