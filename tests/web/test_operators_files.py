"""What operators are given beside the program: Prometheus' rules, Grafana's dashboard, systemd's unit."""

from __future__ import annotations

import configparser
import json
import re
import subprocess
from pathlib import Path

import pytest

from probes.registry import FAMILIES
from tests.capabilities import need
from uptimed.metrics import CHECK_FAMILIES, ENGINE_FAMILIES, Metrics

ROOT = Path(__file__).parents[2]
CONFIG = ROOT / "config"
NAME = re.compile(r"\b(?:uptimed|probe|process)_[a-z0-9_]+\b")
SUFFIX = re.compile(r"_(?:bucket|count|sum)$")


def shown() -> set[str]:
    """Every name that `/metrics` may show."""
    metrics = Metrics(version="0")
    own = {sample for family in metrics.health.registry.collect() for sample in {family.name, *(s.name for s in family.samples)}}
    # Families with labels have no sample before something happened.
    own |= {f"{family.name}_total" for family in metrics.health.registry.collect() if family.type == "counter"}
    return own | {*CHECK_FAMILIES, *ENGINE_FAMILIES} | {family.name for family in FAMILIES}


@pytest.mark.parametrize("file", ["prometheus/rules.yaml", "grafana/uptimed.json"])
def test_rules_and_dashboard_name_only_what_is_measured(file: str) -> None:
    named = {SUFFIX.sub("", name) for name in NAME.findall((CONFIG / file).read_text())}

    assert len(named) > 5
    assert not named - {SUFFIX.sub("", name) for name in shown()}


def test_prometheus_takes_the_rules_and_the_scrape_job() -> None:
    promtool = need("promtool")

    judged = subprocess.run(
        [promtool, "check", "config", CONFIG / "prometheus" / "prometheus.yaml"], capture_output=True, text=True, check=False
    )

    assert judged.returncode == 0, judged.stdout + judged.stderr
    assert "rules found" in judged.stdout


def test_the_rules_alert_when_they_should_and_only_then() -> None:
    promtool = need("promtool")

    judged = subprocess.run(
        [promtool, "test", "rules", Path(__file__).with_name("rules_test.yaml")], capture_output=True, text=True, check=False
    )

    assert judged.returncode == 0, judged.stdout + judged.stderr


def test_the_dashboard_has_a_title_over_every_panel_and_none_overlap() -> None:
    panels = json.loads((CONFIG / "grafana" / "uptimed.json").read_text())["panels"]
    taken: set[tuple[int, int]] = set()

    for panel in panels:
        place = panel["gridPos"]
        cells = {(x, y) for x in range(place["x"], place["x"] + place["w"]) for y in range(place["y"], place["y"] + place["h"])}
        assert panel["title"]
        assert not cells & taken, panel["title"]
        taken |= cells
    assert max(x for x, _ in taken) == 23


def test_the_unit_hears_the_daemon_and_locks_it_in() -> None:
    unit = configparser.ConfigParser(strict=False, interpolation=None, comment_prefixes="#")
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read(CONFIG / "systemd" / "uptimed.service")

    service = unit["Service"]

    assert service["Type"] == "notify"
    assert int(service["WatchdogSec"]) > 0
    assert service["ExecStart"].endswith("run --config /etc/uptimed/uptimed.yaml")
    for lock in ("DynamicUser", "NoNewPrivileges", "PrivateDevices", "ProtectHome", "RestrictNamespaces"):
        assert service[lock] == "yes", lock
