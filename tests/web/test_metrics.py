"""What Prometheus reads. The text is judged by Prometheus' own tool and by the client library's parser."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator

import pytest
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

from tests.capabilities import need
from uptimed.metrics import LINES_AT_ONCE, Metrics

FAMILIES = {
    "probe_http_status_code": ("Status of the last answer.", "gauge"),
    "probe_http_duration_seconds": ("Seconds by phase, summed over hops.", "gauge"),
    "probe_ssl_earliest_cert_expiry": ("When the first certificate of the chain expires, unix seconds.", "gauge"),
}
FIGURES = {
    "probe_http_status_code": 200.0,
    'probe_http_duration_seconds{phase="connect"}': 0.0125,
    'probe_http_duration_seconds{phase="tls"}': 0.5,
    "probe_ssl_earliest_cert_expiry": 1_900_000_000.0,
}
NEVER = float("inf")


@pytest.fixture
def metrics() -> Metrics:
    return Metrics(version="0.1.0", families=FAMILIES, rejections=("late", "clock_skew"))


def run(metrics: Metrics, check: str = "sia/web/home", location: str = "local", **changes: object) -> None:
    said = {"success": True, "duration_s": 0.75, "figures": FIGURES, "fresh_until": NEVER, **changes}
    metrics.checks.result(check, location, **said)  # type: ignore[arg-type]


async def scraped(metrics: Metrics, now: float = 0.0) -> str:
    return b"".join([piece async for piece in metrics.chunks(now)]).decode()


def samples(text: str, name: str) -> list[Sample]:
    return [sample for family in text_string_to_metric_families(text) for sample in family.samples if sample.name == name]


async def test_a_result_shows_under_blackbox_exporters_names_with_our_four_labels(metrics: Metrics) -> None:
    run(metrics)

    text = await scraped(metrics)

    where = 'product="sia",component="web",check="home",location="local"'
    assert f"probe_success{{{where}}} 1\n" in text
    assert f"probe_duration_seconds{{{where}}} 0.75\n" in text
    assert f'probe_http_duration_seconds{{{where},phase="connect"}} 0.0125\n' in text
    assert f"probe_ssl_earliest_cert_expiry{{{where}}} 1900000000\n" in text


async def test_each_family_is_described_once_and_stands_together(metrics: Metrics) -> None:
    for product in ("sia", "sicr", "sisc"):
        run(metrics, f"{product}/web/home")

    text = await scraped(metrics)

    lines = text.splitlines()
    described = [line.split()[2] for line in lines if line.startswith("# TYPE")]
    assert len(described) == len(set(described))
    places = [place for place, line in enumerate(lines) if line.startswith("probe_http_status_code{")]
    assert places == list(range(places[0], places[0] + 3))


async def test_a_check_that_could_not_look_has_no_series_at_all(metrics: Metrics) -> None:
    """Neither 0, which would be an outage, nor the value of the run before, which nobody measured now."""
    run(metrics)
    run(metrics, success=None, figures={})

    text = await scraped(metrics)

    assert "probe_" not in text


async def test_what_the_runner_says_of_success_too_is_shown_once(metrics: Metrics) -> None:
    run(metrics, figures={"probe_success": 1.0, "probe_duration_seconds": 0.75})

    text = await scraped(metrics)

    assert len(samples(text, "probe_success")) == len(samples(text, "probe_duration_seconds")) == 1


async def test_a_down_check_shows_0_and_only_the_phases_it_reached(metrics: Metrics) -> None:
    run(metrics)
    run(metrics, success=False, figures={'probe_http_duration_seconds{phase="connect"}': 8.0})

    text = await scraped(metrics)

    assert [sample.value for sample in samples(text, "probe_success")] == [0.0]
    assert [sample.labels["phase"] for sample in samples(text, "probe_http_duration_seconds")] == ["connect"]
    assert not samples(text, "probe_http_status_code")


async def test_a_silent_worker_does_not_leave_its_last_word_standing(metrics: Metrics) -> None:
    run(metrics, location="london", fresh_until=100.0)
    run(metrics, location="paris", fresh_until=200.0)

    text = await scraped(metrics, now=150.0)

    assert [sample.labels["location"] for sample in samples(text, "probe_success")] == ["paris"]


async def test_a_reload_takes_the_series_of_what_is_gone(metrics: Metrics) -> None:
    for check in ("sia/web/home", "sia/web/bygone"):
        run(metrics, check)
        metrics.engine.put("uptimed_component_up", check, [({"product": "sia", "component": check}, 1.0)])
    metrics.health.notification("pager", "sent")

    metrics.checks.keep({("sia/web/home", "local")})
    metrics.engine.keep("uptimed_component_up", ["sia/web/home"])
    metrics.health.keep_channels(["ops-mail"])

    text = await scraped(metrics)
    assert "bygone" not in text
    assert "pager" not in text
    assert "home" in text


async def test_a_figure_that_no_kind_declares_is_left_out_and_said(metrics: Metrics, caplog: pytest.LogCaptureFixture) -> None:
    for _ in range(2):
        run(metrics, figures={"probe_of_nothing": 1.0, 'probe_http_status_code{phase="a"} 1\nforged': 1.0})

    assert "forged" not in await scraped(metrics)
    assert [record.args for record in caplog.records] == [("probe_of_nothing",), ('probe_http_status_code{phase="a"} 1\nforged',)]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1.0, "1"),
        (0.1, "0.1"),
        (1e300, "1e+300"),
        (float("inf"), "+Inf"),
        (float("-inf"), "-Inf"),
        (float("nan"), "NaN"),
        (-0.0, "0"),
    ],
)
async def test_numbers_are_written_the_way_the_format_wants(value: float, text: str, metrics: Metrics) -> None:
    run(metrics, figures={"probe_http_status_code": value})

    (line,) = (line for line in (await scraped(metrics)).splitlines() if line.startswith("probe_http_status_code{"))
    assert line.rsplit(" ", 1)[1] == text


async def test_unmeasured_things_are_absent_and_said_to_be_unmeasured(metrics: Metrics) -> None:
    web = {"product": "sia", "component": "web"}
    metrics.engine.put("uptimed_component_up", "sia/web", [(web, 1.0)])

    metrics.engine.put("uptimed_component_up", "sia/web", [(web, None)])
    metrics.engine.put("uptimed_component_measured", "sia/web", [(web, 0.0)])

    text = await scraped(metrics)
    assert not samples(text, "uptimed_component_up")
    assert [sample.value for sample in samples(text, "uptimed_component_measured")] == [0.0]


async def test_the_monitors_own_health_is_counted(metrics: Metrics) -> None:
    metrics.health.result("down", lag_s=0.004)
    metrics.health.slots_missed.inc()
    metrics.health.notification("ops-hook", "retry")
    metrics.health.reloaded(taken=True, at_s=1000.0)
    metrics.health.reloaded(taken=False, at_s=2000.0)
    metrics.health.set_impaired("resolver_timeout")

    text = await scraped(metrics)

    value = {
        (sample.name, *sample.labels.values()): sample.value for f in text_string_to_metric_families(text) for sample in f.samples
    }
    assert value["uptimed_results_total", "down"] == 1
    assert value["uptimed_results_total", "unknown"] == 0
    assert value["uptimed_check_lag_seconds_bucket", "0.005"] == 1
    assert value["uptimed_slots_missed_total",] == 1
    assert value["uptimed_notifications_total", "ops-hook", "retry"] == 1
    assert value["uptimed_config_last_reload_successful",] == 0
    assert value["uptimed_config_last_reload_success_timestamp_seconds",] == 1000
    assert value["uptimed_build_info", "0.1.0"] == 1
    assert value["uptimed_monitor_impaired", "resolver"] == 1
    assert value["uptimed_monitor_impaired", "network"] == 0


async def test_many_checks_come_in_pieces_between_which_others_have_a_turn(metrics: Metrics) -> None:
    for number in range(LINES_AT_ONCE + 1):
        run(metrics, f"sia/web/check-{number}", figures={"probe_http_status_code": 200.0})

    pieces = [piece async for piece in metrics.chunks(0.0)]

    assert max(piece.count(b"\n") for piece in pieces) <= LINES_AT_ONCE + 2
    assert len(samples(b"".join(pieces).decode(), "probe_success")) == LINES_AT_ONCE + 1


async def test_a_result_may_come_in_and_a_check_go_in_the_middle_of_a_scrape(metrics: Metrics) -> None:
    for number in range(LINES_AT_ONCE + 1):
        run(metrics, f"sia/web/check-{number}")
    pieces: Iterator[bytes] = metrics.checks.pieces(0.0)
    text = next(pieces)

    run(metrics, "sicr/web/new")
    metrics.checks.remove("sia/web/check-1")
    text += b"".join(pieces)

    assert samples(text.decode(), "probe_duration_seconds")


async def test_prometheus_itself_finds_nothing_to_say(metrics: Metrics) -> None:
    """Labels included that would end a line or a quotation."""
    promtool = need("promtool")
    run(metrics)
    run(metrics, 'si"a/we\\b/ho\nme', "local")
    for family, labels in {
        "uptimed_component_up": {"product": "sia", "component": "web"},
        "uptimed_component_measured": {"product": "sia", "component": "web"},
        "uptimed_availability_ratio": {"product": "sia", "period": "year", "bound": "lower"},
        "uptimed_error_budget_remaining_seconds": {"product": "sia"},
        "uptimed_state_seconds": {"product": "sia", "period": "year", "state": "down"},
        "uptimed_incidents_open": {"severity": "critical"},
    }.items():
        metrics.engine.put(family, "sia", [(labels, 0.9999)])
    metrics.health.notification("ops-hook", "sent")
    metrics.health.rejected.labels("late").inc()

    judged = subprocess.run(
        [promtool, "check", "metrics"], input=await scraped(metrics), capture_output=True, text=True, check=False
    )

    assert (judged.returncode, judged.stdout + judged.stderr) == (0, "")
    assert samples(await scraped(metrics), "probe_success")[1].labels["check"] == "ho\nme"
