"""What a file means: defaults, words, places on the disk, the example and the first file of a newcomer."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.config.mistakes import PRODUCTS, check
from uptimed import config
from uptimed.domain.catalogue import BudgetAlerts, Confirm, Credit
from uptimed.domain.severity import Severity

ROOT = Path(__file__).parents[2]
FILE = Path("uptimed.yaml")


def the_check(loaded: config.Loaded) -> Any:
    return next(loaded.catalogue.checks())


def test_only_products_are_required_and_everything_else_has_its_documented_default(tmp_path: Path) -> None:
    loaded = config.loads(PRODUCTS, tmp_path / "uptimed.yaml")
    catalogue, settings = loaded.catalogue, loaded.settings

    home = the_check(loaded)
    assert (home.id, home.kind, home.every_us, home.timeout_us) == ("sia/web/home", "http", 19_000_000, 9_500_000)
    assert home.confirm == Confirm(failures=2, recoveries=3, recheck_us=2_000_000, locations=None)
    assert home.locations == ("local",)
    assert (catalogue.site.languages, catalogue.site.timezone) == (("en", "fr"), "UTC")
    assert catalogue.commitment.availability == "99.99"
    assert {severity: target.clock for severity, target in catalogue.commitment.response.items()} == {
        Severity.CRITICAL: "always",
        Severity.SEVERE: "support_hours",
        Severity.MEDIUM: "support_hours",
        Severity.MINOR: "civil",
    }
    assert (settings.server.public, settings.server.staff) == (("127.0.0.1", 8080), ("127.0.0.1", 8081))
    assert settings.data == tmp_path / "data"
    assert settings.storage == f"sqlite+aiosqlite:///{tmp_path}/data/uptimed.db"
    assert settings.retention_us == 400 * 86_400_000_000
    assert loaded.warnings == ()


@pytest.mark.parametrize(
    ("keys", "timeout_us", "recheck_us"),
    [
        ("every: 60s", 10_000_000, 2_000_000),
        ("every: 5s", 2_500_000, 2_000_000),
        ("every: 1s", 500_000, 1_000_000),
        ("every: 5s, timeout: 2s, confirm: {recheck: 250ms}", 2_000_000, 250_000),
    ],
)
def test_timeout_and_recheck_follow_the_interval_until_they_are_written(keys: str, timeout_us: int, recheck_us: int) -> None:
    home = the_check(config.loads(check(keys), FILE))

    assert (home.timeout_us, home.confirm.recheck_us) == (timeout_us, recheck_us)


@pytest.mark.parametrize("text", ["no", "12:30", "010", "2026-01-01", "~", "1e3", "0x10", "on"])
def test_a_value_stays_what_was_written(text: str) -> None:
    assert config.loads(PRODUCTS + f"site: {{name: {text}}}\n", FILE).catalogue.site.name == text


def test_a_text_written_once_stands_under_every_language() -> None:
    loaded = config.loads(PRODUCTS.replace("id: sia", "id: sia\n    name: {en: Visits, fr: Visites}"), FILE)

    product = loaded.catalogue.products[0]
    assert product.name == {"en": "Visits", "fr": "Visites"}
    assert product.components[0].name == {"en": "web", "fr": "web"}


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("127.0.0.1:8080", ("127.0.0.1", 8080)),
        ("[::1]:8080", ("::1", 8080)),
        ("0.0.0.0:8080", ("0.0.0.0", 8080)),
        ("localhost:0", ("localhost", 0)),
    ],
)
def test_a_door_is_an_address_and_a_port(written: str, address: tuple[str, int]) -> None:
    assert config.loads(PRODUCTS + f'server: {{public: "{written}"}}\n', FILE).settings.server.public == address


def test_the_service_begins_at_midnight_of_the_sites_zone() -> None:
    text = PRODUCTS.replace("id: sia", "id: sia\n    since: 2026-01-01") + "site: {timezone: Europe/Paris}\n"

    began = datetime(2025, 12, 31, 23, tzinfo=UTC)
    assert config.loads(text, FILE).catalogue.products[0].since_us == int(began.timestamp()) * 1_000_000


def test_a_bare_word_is_the_treatment_of_maintenance() -> None:
    loaded = config.loads(PRODUCTS + "commitment: {maintenance: excluded, degraded: 0.3}\n", FILE)

    assert loaded.catalogue.commitment.maintenance.treat == "excluded"
    assert loaded.catalogue.commitment.degraded_permille == 300


def test_credits_stand_in_order_however_they_are_written() -> None:
    loaded = config.loads(PRODUCTS + "commitment: {credits: [{below: 99, percent: 25}, {below: 99.90, percent: 10}]}\n", FILE)

    assert loaded.catalogue.commitment.credits == (Credit("99.90", "10"), Credit("99", "25"))


def test_paths_start_at_the_files_folder(tmp_path: Path) -> None:
    text = PRODUCTS + "data: state\nstorage: sqlite+aiosqlite:///elsewhere/u.db\n"

    settings = config.loads(text, tmp_path / "uptimed.yaml").settings

    assert settings.data == tmp_path / "state"
    assert settings.storage == f"sqlite+aiosqlite:///{tmp_path}/elsewhere/u.db"


def test_an_alias_repeats_what_its_anchor_holds() -> None:
    text = check("confirm: &c {failures: 4}") + "          - {id: b, kind: icmp, host: a.example.com, confirm: *c}\n"

    assert [one.confirm.failures for one in config.loads(text, FILE).catalogue.checks()] == [4, 4]


@pytest.mark.parametrize("target", ["http://127.0.0.1:9/", "http://localhost:9/", "http://10.1.2.3/", "http://[::1]:9/"])
def test_a_private_target_that_egress_does_not_allow_is_a_warning_with_the_fix(target: str) -> None:
    text = PRODUCTS.replace("https://a.example.com/", target)

    (warning,) = config.loads(text, FILE).warnings
    assert warning.startswith("uptimed.yaml:6:41: products.sia.components.web.checks.home.url: a private address")
    assert "egress: {allow:" in warning
    assert config.loads(text + 'egress: {allow: [127.0.0.0/8, 10.0.0.0/8, "::1/128"]}\n', FILE).warnings == ()


def test_a_private_webhook_is_warned_of_as_well() -> None:
    (warning,) = config.loads(PRODUCTS + "notify: {channels: {h: {kind: webhook, url: http://10.0.0.1/}}}\n", FILE).warnings

    assert warning.startswith("uptimed.yaml:7:45: notify.channels.h.url: ")


def test_the_version_is_of_the_meaning_not_of_the_text() -> None:
    version = config.loads(PRODUCTS, FILE).catalogue.version

    assert config.loads("# a remark\n" + PRODUCTS, FILE).catalogue.version == version
    assert config.loads(check("every: 19s"), FILE).catalogue.version == version
    assert config.loads(check("every: 20s"), FILE).catalogue.version != version
    assert re.fullmatch("[0-9a-f]{16}", version)


def test_checks_that_did_not_change_are_equal_after_a_reload() -> None:
    assert config.loads(check("every: 20s"), FILE).catalogue == config.loads(check("every: 20s"), FILE).catalogue


def test_the_example_validates_untouched_in_an_empty_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PAGER_URL", "CANARY"):
        monkeypatch.delenv(name, raising=False)

    loaded = config.load(ROOT / "config" / "uptimed.yaml")

    assert loaded.warnings == ()
    assert [product.id for product in loaded.catalogue.products] == ["sia", "sicr", "sisc"]
    assert len(loaded.catalogue.commitment.support.holidays) > 20


def test_the_demos_file_validates_with_its_variables(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    text = (ROOT / "config" / "demo.yaml").read_text("utf-8")
    for name in set(re.findall(r"\$\{(\w+)\}", text)):
        value = {"DEMO_PUBLIC": "127.0.0.1:18080", "DEMO_STAFF": "127.0.0.1:18081", "DEMO_DATA": str(tmp_path)}
        monkeypatch.setenv(name, value.get(name, "http://127.0.0.1:18090"))

    assert config.loads(text, ROOT / "config" / "demo.yaml").warnings == ()


@pytest.mark.parametrize(
    "urls",
    [
        ["https://www.example.com/"],
        ["https://www.example.com/health", "https://www.example.com/health/", "https://api.example.com/v1?x=1"],
        ["http://127.0.0.1:8000/", "http://192.168.1.5/", "http://[::1]:9/x"],
        ["https://" + "a" * 60 + ".example.com/" + "b" * 200],
        ["https://exämple.com/é"],
    ],
)
def test_the_first_file_of_a_newcomer_loads_without_a_warning(urls: list[str], tmp_path: Path) -> None:
    text = config.initial(urls, 'Shop "Été": #1')

    loaded = config.loads(text, tmp_path / "uptimed.yaml")

    assert loaded.warnings == ()
    assert loaded.catalogue.site.name == 'Shop "Été": #1'
    assert [one.options.url for one in loaded.catalogue.checks()] == urls


@pytest.mark.parametrize("url", ["example.com", "ftp://example.com/", "http://", "", "http://[", "http://a.example.com:99999/"])
def test_a_first_file_is_not_written_for_what_is_no_address(url: str) -> None:
    with pytest.raises(ValueError, match="no web address"):
        config.initial([url], "Shop")


def test_budget_alerts_have_their_thresholds_as_soon_as_somebody_is_named() -> None:
    channels = "channels: {t: {kind: console}, u: {kind: console}}"
    catalogue = config.loads(PRODUCTS + f"notify: {{{channels}, budget: {{page: t}}}}\n", FILE).catalogue
    minute_us, day_us = 60_000_000, 86_400_000_000
    assert catalogue.budget_alerts == BudgetAlerts(("t",), (), (0, 15 * minute_us, 30 * minute_us), 30 * day_us)

    written = f"notify: {{{channels}, budget: {{ticket: [t, u], left: [10m, 1h, 10m], exhaustion: 0s}}}}\n"
    assert config.loads(PRODUCTS + written, FILE).catalogue.budget_alerts == BudgetAlerts(
        (), ("t", "u"), (10 * minute_us, 60 * minute_us), None
    )
    assert config.loads(PRODUCTS, FILE).catalogue.budget_alerts == BudgetAlerts()


def test_the_operator_is_whom_the_gravest_escalation_tells_first_unless_somebody_is_named() -> None:
    notify = "channels: {t: {kind: console}, u: {kind: console}}, escalation: {minor: [{notify: [t]}], severe: [{notify: [u, t]}]}"
    assert config.loads(PRODUCTS + f"notify: {{{notify}}}\n", FILE).catalogue.operators == ("u", "t")
    assert config.loads(PRODUCTS + f"notify: {{{notify}, operator: t}}\n", FILE).catalogue.operators == ("t",)
    assert config.loads(PRODUCTS, FILE).catalogue.operators == ()


@pytest.mark.parametrize("url", ["https://bea:hunter2@example.com/", "https://hunter2@example.com", "ftp://bea:hunter2@x y/"])
def test_a_first_file_is_not_written_from_an_address_with_credentials(url: str) -> None:
    with pytest.raises(ValueError, match=r"auth: \{basic:") as refused:
        config.initial(["https://example.com/", url], "Shop")

    assert "hunter2" not in str(refused.value)


def test_a_first_file_names_its_promise_and_makes_no_other(tmp_path: Path) -> None:
    text = config.initial(["https://example.com/@home"], "Shop")

    commitment = config.loads(text, tmp_path / "uptimed.yaml").catalogue.commitment

    assert "availability: 99.9 #" in text
    assert (commitment.availability, commitment.promised) == ("99.9", ())


def test_only_the_written_responses_are_promised_and_all_have_a_deadline() -> None:
    written = "commitment: {response: {minor: {within: 7d, clock: civil}, critical: {within: 2h, clock: always}}}\n"
    commitment = config.loads(written + PRODUCTS, FILE).catalogue.commitment

    assert [one.value for one in commitment.promised] == ["critical", "minor"]
    assert [one.value for one in commitment.response] == ["critical", "severe", "medium", "minor"]
