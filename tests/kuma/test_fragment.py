"""A file of ours for monitors that have no check: it loads, and each check asks what the monitor asked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from uptimed import config
from uptimed.domain.catalogue import Catalogue
from uptimed.kuma.fragment import Written, fragment
from uptimed.kuma.pairing import pairs
from uptimed.kuma.record import Monitor


def a_monitor(name: str, type: str = "http", id: int = 1, **more: Any) -> Monitor:  # noqa: A002
    return Monitor(id=id, name=name, type=type, **more)


def loaded(tmp_path: Path, *monitors: Monitor, taken: tuple[str, ...] = ()) -> tuple[Catalogue, Written]:
    written = fragment(monitors, monitors, taken)
    (tmp_path / "uptimed.yaml").write_text(written.text, encoding="utf-8")
    return config.load(tmp_path / "uptimed.yaml").catalogue, written


def test_every_kind_of_monitor_that_we_have_becomes_a_check(tmp_path: Path) -> None:
    catalogue, written = loaded(
        tmp_path,
        a_monitor("Shop", url="https://shop.example.com/", timeout_s=48, max_retries=3, retry_interval_s=20),
        a_monitor("Mail", "port", 2, hostname="mail.example.com", port=25, interval_s=30),
        a_monitor("Echo", "ping", 3, hostname="mail.example.com"),
        a_monitor("Name", "dns", 4, hostname="shop.example.com", dns_type="MX", dns_server="9.9.9.9,1.1.1.1"),
        a_monitor("Cron", "push", 5),
        a_monitor("Upside", id=6, url="https://x.example.com/", upside_down=True),
    )

    checks = {check.id: check for check in catalogue.checks()}
    assert list(checks) == [
        "shop-example-com/shop/http",
        "shop-example-com/name/dns",
        "mail-example-com/mail/tcp",
        "mail-example-com/echo/icmp",
    ]
    shop = checks["shop-example-com/shop/http"]
    assert (shop.every_us, shop.timeout_us) == (60_000_000, 48_000_000)
    assert (shop.confirm.failures, shop.confirm.recheck_us) == (4, 20_000_000)
    assert checks["mail-example-com/mail/tcp"].options.port == 25
    assert checks["shop-example-com/name/dns"].options.server == "9.9.9.9"
    assert [one.name for one, _ in written.left_out] == ["Cron", "Upside"]
    assert "# Not written: Cron (push): there is no such kind of check" in written.text


def test_what_a_monitor_asks_of_the_answer_is_asked_again(tmp_path: Path) -> None:
    catalogue, _ = loaded(
        tmp_path,
        a_monitor(
            "Shop",
            "keyword",
            url="https://shop.example.com/",
            keyword='say "ok", now',
            statuses=("200-299", "401"),
            method="HEAD",
            verify=False,
            redirects=0,
        ),
        a_monitor("Errors", "keyword", 2, url="https://shop.example.com/log", keyword="Fatal", keyword_absent=True),
    )

    first, second = (check.options for check in catalogue.checks())
    assert (first.expect.body, first.expect.status) == (('say "ok", now',), ("200-299", "401"))
    assert (first.method, first.verify, first.redirects) == ("HEAD", False, 0)
    assert second.expect.body_not == ("Fatal",)


def test_a_group_becomes_a_product(tmp_path: Path) -> None:
    catalogue, _ = loaded(
        tmp_path,
        a_monitor("Sign In App", "group"),
        a_monitor("Inner", "group", 2, parent=1),
        a_monitor("Web", id=3, parent=2, url="https://a.example.com/"),
        a_monitor("Web", id=4, parent=1, url="https://b.example.com/"),
    )

    assert [check.id for check in catalogue.checks()] == ["sign-in-app/web/http", "sign-in-app/web-2/http"]
    assert catalogue.products[0].name["en"] == "Sign In App"


def test_secrets_are_named_and_never_written(tmp_path: Path) -> None:
    monitor = a_monitor("Shop", url="https://bea:hunter2@shop.example.com/", by_hand=("headers of its own", "credentials"))

    catalogue, written = loaded(tmp_path, monitor)

    assert "hunter2" not in written.text
    assert "In Kuma it also had headers of its own, credentials" in written.text
    assert next(catalogue.checks()).options.url == "https://shop.example.com/"


def test_products_that_there_are_keep_their_ids(tmp_path: Path) -> None:
    catalogue, _ = loaded(tmp_path, a_monitor("Shop", url="https://shop.example.com/"), taken=("shop-example-com",))
    assert [product.id for product in catalogue.products] == ["shop-example-com-2"]


def test_names_are_only_ever_names(tmp_path: Path) -> None:
    catalogue, _ = loaded(
        tmp_path,
        a_monitor('": [x] #\n- ${HOME} é', url="https://a.example.com/"),
        a_monitor("日本", id=2, url="https://a.example.com/2"),
        a_monitor("Lost", "docker\n- id: x", 3),
    )

    names = [component.name["en"] for component in catalogue.components()]
    assert names[0].startswith('": [x] #')
    assert [component.id for component in catalogue.components()] == ["a-example-com/x-home", "a-example-com/monitor-2"]


def test_private_addresses_are_allowed_by_name(tmp_path: Path) -> None:
    _, written = loaded(tmp_path, a_monitor("Router", "ping", hostname="192.168.1.1"))
    assert 'allow: ["192.168.1.1/32"]' in written.text


def test_what_was_written_finds_its_monitors_again(tmp_path: Path) -> None:
    """So a Kuma user writes the file, and then imports the history with it."""
    monitors = [
        a_monitor("Front", url="https://shop.example.com/"),
        a_monitor("Front, with words", "keyword", 2, url="https://shop.example.com/", keyword="welcome"),
        a_monitor("Echo", "ping", 3, hostname="shop.example.com"),
    ]
    catalogue, _ = loaded(tmp_path, *monitors)

    assert [one.check for one in pairs(monitors, catalogue, [])] == [
        "shop-example-com/front/http",
        "shop-example-com/front-with-words/http",
        "shop-example-com/echo/icmp",
    ]
