"""`uptimed replay`: what it prints, what it answers, and that it leaves nothing behind."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from uptimed.cli import COULD_NOT_LOOK, DONE, NO, WRONG_USE, main

CONFIG = """
site: {name: Shop, timezone: Europe/London}
products:
  - id: shop
    name: Shop
    components:
      - {id: web, checks: [{id: home, kind: http, url: "https://shop.example.com/", every: 20s, timeout: 8s}]}
  - id: club
    name: Club
    components:
      - {id: web, checks: [{id: home, kind: http, url: "https://club.example.com/", every: 20s, timeout: 8s}]}
data: ./data
"""


def line(second: int, verdict: str = "up", **more: Any) -> dict[str, Any]:
    at = f"2026-03-01T{9 + second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}"
    its = {"check": "shop/web/home", "location": "local", "started_at": f"{at}Z", "ended_at": f"{at}.142857Z", "verdict": verdict}
    return {**its, **more}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "uptimed.yaml").write_text(CONFIG)
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "tmp"))
    return tmp_path


def replay(folder: Path, results: list[Any], *more: str) -> int:
    lines = [one if isinstance(one, bytes) else json.dumps(one).encode() for one in results]
    (folder / "results.jsonl").write_bytes(b"\n".join(lines))
    return main(["replay", str(folder / "results.jsonl"), "--config", str(folder / "uptimed.yaml"), *more])


def documents(capsys: pytest.CaptureFixture[str]) -> tuple[list[dict[str, Any]], str]:
    out, err = capsys.readouterr()
    return [json.loads(one) for one in out.splitlines()], err


def test_it_prints_the_document_of_availability_for_each_product(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    seconds = [*range(0, 600, 20)]

    code = replay(folder, [line(one) for one in seconds], "--at", "2026-03-01T09:10:00Z", "--format", "json")

    (shop, club), err = documents(capsys)
    assert code == COULD_NOT_LOOK
    assert (shop["product"], shop["period"], shop["as_of"]) == ("shop", "2026", "2026-03-01T09:10:00.000Z")
    assert shop["from"] == "2026-03-01T09:00:00.000Z", "no `since`: in service from the first result on"
    assert (shop["seconds"]["up"], shop["seconds"]["unmeasured"]) == ("579.857143", "20.142857")
    assert (club["seconds"]["up"], club["seconds"]["unmeasured"]) == ("0", "600"), "no results: unmeasured"
    assert "30 results, 30 of them evidence." in err


def test_an_outage_is_counted_between_its_brackets(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    results = [line(one, "down" if 200 <= one < 260 else "up") for one in range(0, 600, 20)]

    replay(folder, results, "--at", "2026-03-01T09:09:00Z", "--product", "shop", "--format", "json")

    ((shop,), _) = documents(capsys)
    assert shop["seconds"]["down"] == "60"
    assert shop["availability"]["lower"] < shop["availability"]["point"] < shop["availability"]["upper"]


def test_the_exit_code_is_that_of_the_verdicts(folder: Path) -> None:
    (folder / "uptimed.yaml").write_text(CONFIG.replace("name: Shop\n", "name: Shop\n    since: 2026-03-01\n", 1))
    down = [line(one, "down") for one in range(0, 7200, 20)]
    whole_month = ["--year", "2026", "--month", "2", "--product", "shop"]

    assert replay(folder, down, "--at", "2026-12-31T00:00:00Z", "--product", "shop") == NO
    assert replay(folder, [], "--at", "2026-03-01T09:10:00Z", *whole_month) == DONE, "nothing was promised for that time"


def test_microseconds_are_kept_exactly_however_they_are_written(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first = 1_772_355_600_000_001  # 2026-03-01T09:00:00.000001Z
    ways = [
        line(0, started_at="2026-03-01T09:00:00.000001Z", ended_at="2026-03-01T10:00:00.000003+01:00"),
        line(0, started_at=first, ended_at=first + 2),
    ]
    for way in ways:
        assert replay(folder, [way, line(20)], "--at", "2026-03-01T09:00:20Z", "--format", "json") == COULD_NOT_LOOK
        shop = documents(capsys)[0][0]
        assert (shop["seconds"]["up"], shop["seconds"]["unmeasured"]) == ("19.999997", "0.000002")


def test_what_is_no_evidence_is_counted_and_named(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    results = [
        line(0),
        line(20, received_at="2026-03-01T09:00:10Z"),
        line(40, "sideways"),
        line(60, check="shop/web/gone"),
        line(80, id="r80"),
        line(80, "down", id="r80", received_at="2026-03-01T10:00:00Z"),
    ]

    replay(folder, results, "--at", "2026-03-01T09:10:00Z", "--log")

    err = capsys.readouterr().err
    assert "6 results, 2 of them evidence; not: 1 bad_verdict, 1 conflict, 1 future, 1 unknown_check.\n" in err
    assert f"{folder / 'results.jsonl'}:2: future: shop/web/home at local, started 2026-03-01T09:00:20.000Z" in err
    assert ":6: conflict: " in err


def test_every_line_that_is_no_result_is_named_at_once(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    results: list[Any] = [
        line(0),
        b"",
        b"{",
        ["up"],
        {"check": "shop/web/home"},
        line(20, started_at="2026-03-01T09:00:20"),
        line(20, ended_at="yesterday"),
        line(20, ended_at="2026-03-01T09:00:20.1234567Z"),
        line(20, started_at=1.5),
        line(20, verdict=None),
        line(20, epoch="1"),
        line(20, id=7),
        line(20, started_at=10**18),
        b'{"check": "a"} {"check": "b"}',
        b'{"check": "\xff"}',
    ]

    assert replay(folder, results) == WRONG_USE

    out, err = capsys.readouterr()
    said = [one.removeprefix(f"{folder / 'results.jsonl'}:") for one in err.splitlines()]
    assert out == ""
    assert [one.split(":")[0] for one in said] == [str(number) for number in range(3, 16)]
    wanted = ["not JSON", "no object", "`location`, `started_at`", "in which zone", "no instant", "finer than a microsecond"]
    wanted += [
        "1.5 is no instant",
        "`verdict` is null",
        "`epoch`",
        "`id` is 7",
        "years 1 to 9999",
        "more than one object",
        "not UTF-8",
    ]
    assert all(want in one for want, one in zip(wanted, said, strict=True))
    assert all("; " in one for one in said), "each says what would be right"


def test_keys_that_mean_nothing_here_are_named(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    replay(folder, [line(0, recieved_at="2026-03-01T09:00:10Z"), line(20, reson="ok")], "--at", "2026-03-01T09:10:00Z")

    assert "were not used: 'recieved_at' (1 lines), 'reson' (1 lines)." in capsys.readouterr().err


@pytest.mark.parametrize(
    ("more", "said"),
    [(["--product", "shoe"], "There is no product 'shoe'"), (["--at", "noon"], "'noon' is no instant")],
)
def test_wrong_use_is_a_sentence(folder: Path, capsys: pytest.CaptureFixture[str], more: list[str], said: str) -> None:
    assert replay(folder, [line(0)], *more) == WRONG_USE
    assert said in capsys.readouterr().err


def test_a_file_that_is_not_there_is_a_sentence(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["replay", str(folder / "gone.jsonl"), "--config", str(folder / "uptimed.yaml")]) == WRONG_USE
    assert "gone.jsonl cannot be read: No such file or directory; give" in capsys.readouterr().err


def test_it_leaves_nothing_behind(folder: Path) -> None:
    replay(folder, [line(one) for one in range(0, 600, 20)], "--at", "2026-03-01T09:10:00Z")

    assert sorted(one.name for one in folder.iterdir()) == ["results.jsonl", "tmp", "uptimed.yaml"]
    assert not list((folder / "tmp").iterdir())


def test_all_that_is_wrong_with_a_line_is_said_at_once(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bad = line(0, verdict="", epoch="x", started_at="yesterday")
    del bad["location"]

    assert replay(folder, [bad]) == WRONG_USE

    told = capsys.readouterr().err.splitlines()
    assert [one.partition("results.jsonl:1: ")[2].split()[0] for one in told] == [
        "`location`",
        "`started_at`:",
        "`verdict`",
        "`epoch`",
    ]


@pytest.mark.parametrize("year", ["0", "-5", "1969", "9001", "99999", "1" * 5_000, "x"])
def test_a_year_that_has_no_account_is_refused(folder: Path, capsys: pytest.CaptureFixture[str], year: str) -> None:
    with pytest.raises(SystemExit) as ended:
        replay(folder, [line(0)], "--year", year)

    assert ended.value.code == WRONG_USE
    assert "write one from 1970 to 9000" in capsys.readouterr().err


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "1969-12-31T23:59:59", "9999-12-31T23:59:59"])
def test_an_instant_at_the_ends_of_the_calendar_is_refused(folder: Path, capsys: pytest.CaptureFixture[str], at: str) -> None:
    assert replay(folder, [line(0)], "--at", at) == WRONG_USE
    assert "lies outside the years 1970 to 9000; look at its year" in capsys.readouterr().err


@pytest.mark.parametrize(("year", "code"), [("1970", DONE), ("9000", COULD_NOT_LOOK)])
def test_the_first_and_the_last_year_are_computed(folder: Path, year: str, code: int) -> None:
    assert replay(folder, [line(0)], "--year", year, "--at", f"{year}-12-31T23:59:59Z") == code
