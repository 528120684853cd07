"""The engine, from timer to committed row: CPU a check all included, memory, start lag, first results, drift."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Mapping
from typing import Any

from tests.benchmarks.daemon import Daemon, Endpoint, daemon, endpoint
from tests.benchmarks.figures import Figure, cpu_s, histogram_percentile, resident_mb, sample

EVERY_S = 20.0
MEASURED_S = 40.0
BARE_S = 20.0


def run() -> list[Figure]:
    figures = []
    with endpoint() as watched:
        bare_ms = bare_loop(watched, 5_000)
        figures.append(Figure("bare loop, 5000 checks: CPU a check", bare_ms, "ms"))
        for checks in (1_000, 5_000):
            with daemon(products(watched, checks)) as running:
                figures += measured(running, checks, bare_ms)
    return figures


def products(watched: Endpoint, checks: int) -> list[Mapping[str, Any]]:
    """Ten products of components with ten checks each."""
    numbers = iter(range(checks))
    return [
        {
            "id": f"p{product}",
            "name": f"Product {product}",
            "components": [
                {
                    "id": f"c{component}",
                    "name": f"Component {component}",
                    "checks": [
                        {
                            "id": f"k{n}",
                            "kind": "http",
                            "url": watched.url(f"/ok/{n}", n),
                            "every": f"{EVERY_S:g}s",
                            "timeout": "8s",
                        }
                        for _, n in zip(range(10), numbers, strict=False)
                    ],
                }
                for component in range(checks // 100)
            ],
        }
        for product in range(10)
    ]


def measured(running: Daemon, checks: int, bare_ms: float) -> list[Figure]:
    first_s = first_results(running, checks)
    time.sleep(max(0.0, EVERY_S + 5 - first_s))
    before, cpu_before, began, memory = running.metrics(), cpu_s(running.pid), time.monotonic(), resident_mb(running.pid)
    time.sleep(MEASURED_S)
    took_s, cpu_after, after = time.monotonic() - began, cpu_s(running.pid), running.metrics()
    results = sample(after, "uptimed_results_total") - sample(before, "uptimed_results_total")
    unknown = results - sum(
        sample_of_verdict(after, verdict) - sample_of_verdict(before, verdict) for verdict in ("up", "degraded", "down")
    )
    cpu_ms = (cpu_after - cpu_before) / max(results, 1) * 1e3
    of = f"{checks} checks every {EVERY_S:g} s"
    return [
        Figure(f"{of}: CPU a check, all included", cpu_ms, "ms", at_most=1.2),
        Figure("... against the bare loop of this run", cpu_ms / bare_ms, "times"),
        Figure("... resident", resident_mb(running.pid), "MB", at_most=150),
        Figure("... growth while measured", resident_mb(running.pid) - memory, "MB"),
        Figure(
            "... start lag, 99 of 100",
            histogram_percentile(before, after, "uptimed_check_lag_seconds", 0.99) * 1e3,
            "ms",
            at_most=20,
        ),
        # The scrape that finds the last one comes every half second.
        Figure("... every first result, from ready", first_s, "s", at_most=EVERY_S + 1),
        Figure("... results against the grid", results / (checks * took_s / EVERY_S), "times", at_least=0.98),
        Figure("... results that could not look", unknown, "", at_most=0),
        Figure("... slots missed", sample(after, "uptimed_slots_missed_total"), "", at_most=0),
    ]


def sample_of_verdict(text: str, verdict: str) -> float:
    return sample(text, f'uptimed_results_total{{verdict="{verdict}"}}')


def first_results(running: Daemon, checks: int) -> float:
    """Seconds from `/-/ready` until every check has a result."""
    ready_at = time.monotonic()
    while time.monotonic() < ready_at + 3 * EVERY_S:
        if running.metrics().count("\nprobe_success{") >= checks:
            break
        time.sleep(0.5)
    return time.monotonic() - ready_at


def bare_loop(watched: Endpoint, checks: int) -> float:
    """CPU milliseconds a check."""
    said = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.bare_loop", str(watched.port), str(checks), f"{EVERY_S:g}", f"{BARE_S:g}"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    return float(said[1]) / int(said[0]) * 1e3
