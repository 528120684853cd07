"""Which monitor is which check."""

from __future__ import annotations

from pathlib import Path

import pytest

from uptimed import config
from uptimed.domain.catalogue import Catalogue
from uptimed.kuma.pairing import MapRefused, pairs
from uptimed.kuma.record import Monitor

FILE = """
products:
  - id: shop
    name: Shop
    components:
      - id: web
        checks:
          - {id: home, kind: http, url: "https://shop.example.com/"}
          - {id: port, kind: tcp, host: shop.example.com, port: 443}
          - {id: echo, kind: icmp, host: shop.example.com}
          - {id: name, kind: dns, name: shop.example.com, type: AAAA}
      - id: api
        name: Shop API
        checks: [{id: v1, kind: http, url: "https://api.example.com/v1"}]
      - id: api-2
        name: Shop API, from inside
        checks: [{id: v1, kind: http, url: "https://api.example.com/v1"}]
"""


@pytest.fixture
def catalogue(tmp_path: Path) -> Catalogue:
    (tmp_path / "uptimed.yaml").write_text(FILE)
    return config.load(tmp_path / "uptimed.yaml").catalogue


def a_monitor(name: str = "Shop", type: str = "http", id: int = 1, **more: object) -> Monitor:  # noqa: A002
    return Monitor(id=id, name=name, type=type, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("monitor", "check"),
    [
        (a_monitor(url="https://shop.example.com/"), "shop/web/home"),
        (a_monitor(url="HTTPS://Shop.Example.com:443"), "shop/web/home"),
        (a_monitor(url="https://bea:secret@shop.example.com/#top"), "shop/web/home"),
        (a_monitor(type="keyword", url="https://shop.example.com"), "shop/web/home"),
        (a_monitor(url="http://shop.example.com/"), None),
        (a_monitor(url="https://shop.example.com/other"), None),
        (a_monitor(url="https://shop.example.com/?q"), None),
        (a_monitor(type="port", hostname="shop.example.com", port=443), "shop/web/port"),
        (a_monitor(type="port", hostname="shop.example.com", port=80), None),
        (a_monitor(type="ping", hostname="SHOP.example.com."), "shop/web/echo"),
        (a_monitor(type="dns", hostname="shop.example.com", dns_type="AAAA"), "shop/web/name"),
        (a_monitor(type="dns", hostname="shop.example.com"), None),
        (a_monitor(url="https://shop.example.com/", upside_down=True), None),
        (a_monitor(type="push"), None),
        (a_monitor(type="group"), None),
        (a_monitor(type="mqtt", hostname="shop.example.com"), None),
        (a_monitor(url="https://api.example.com/v1"), None),
        (a_monitor("Shop API", url="https://api.example.com/v1"), "shop/api/v1"),
    ],
)
def test_a_monitor_is_the_check_that_looks_at_the_same_address(catalogue: Catalogue, monitor: Monitor, check: str | None) -> None:
    (found,) = pairs([monitor], catalogue, [])
    assert found.check == check
    assert found.why


def test_what_somebody_says_goes_before_what_is_found(catalogue: Catalogue) -> None:
    (found,) = pairs([a_monitor("a=b", url="https://shop.example.com/")], catalogue, ["a=b=shop/api/v1"])
    assert found.check == "shop/api/v1"


def test_two_monitors_of_one_address_are_told_apart_by_name_or_not_at_all(catalogue: Catalogue) -> None:
    both = [a_monitor("Front", url="https://shop.example.com/"), a_monitor("Back", id=2, url="https://shop.example.com/")]
    named = [both[0], a_monitor("home", id=3, url="https://shop.example.com/")]

    assert [one.check for one in pairs(both, catalogue, [])] == [None, None]
    assert [one.check for one in pairs(named, catalogue, [])] == [None, "shop/web/home"]


def test_everything_that_cannot_be_mapped_is_said_at_once(catalogue: Catalogue) -> None:
    monitors = [a_monitor("Shop"), a_monitor("Cron", "push", 2)]
    given = ["Shp=shop/web/home", "Shop=shop/web/hom", "Cron=shop/web/home", "nonsense"]

    with pytest.raises(MapRefused) as refused:
        pairs(monitors, catalogue, given)

    said = str(refused.value).splitlines()
    assert len(said) == 4
    assert "no monitor 'Shp'; did you mean Shop?" in said[0]
    assert "no check 'shop/web/hom' in the configuration; did you mean shop/web/home?" in said[1]
    assert "'Cron' (push) cannot be taken over" in said[2]
    assert "'nonsense' names no check" in said[3]
