"""`/metrics` with 10,000 checks of 12 series: CPU of a scrape, and the longest time for which nothing else has its turn."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Mapping

from tests.benchmarks.figures import Figure, percentile
from uptimed.metrics import Metrics
from uptimed.web.door import Door
from uptimed.web.staff import Readiness, staff_app

CHECKS = 10_000
SCRAPES = 10
FAMILIES = dict.fromkeys(
    (
        "probe_http_status_code",
        "probe_http_duration_seconds",
        "probe_http_redirects",
        "probe_http_uncompressed_body_length",
        "probe_http_version",
        "probe_ssl_earliest_cert_expiry",
    ),
    ("As blackbox_exporter has it.", "gauge"),
)
FIGURES: Mapping[str, float] = {
    "probe_http_status_code": 200,
    "probe_http_redirects": 0,
    "probe_http_uncompressed_body_length": 5120,
    "probe_http_version": 1.1,
    "probe_ssl_earliest_cert_expiry": 1_900_000_000,
    **{
        f'probe_http_duration_seconds{{phase="{phase}"}}': 0.00123456
        for phase in ("resolve", "connect", "tls", "processing", "transfer")
    },
}
READER = """
import sys, urllib.request
for _ in range(int(sys.argv[2])):
    with urllib.request.urlopen(sys.argv[1]) as answer:
        size = len(answer.read())
print(size)
"""


def run() -> list[Figure]:
    return asyncio.run(measured())


async def measured() -> list[Figure]:
    metrics = Metrics(version="benchmark", families=FAMILIES)
    began = time.process_time()
    for number in range(CHECKS):
        metrics.checks.result(
            f"product-{number % 10}/component-{number % 200}/check-{number}",
            "local",
            success=True,
            duration_s=0.0123456,
            figures=FIGURES,
            fresh_until=float("inf"),
        )
    keeping_us = (time.process_time() - began) / CHECKS * 1e6
    door = Door(staff_app(metrics=metrics, now=lambda: 0.0, readiness=lambda: Readiness(ready=True), reload=never), "127.0.0.1", 0)
    await door.open()
    gaps: list[float] = []
    watching = asyncio.create_task(watch(gaps))
    began = time.process_time()
    size = await read("http://{}:{}/metrics".format(*door.address))
    cpu_ms = (time.process_time() - began) / SCRAPES * 1e3
    watching.cancel()
    await door.close()
    return [
        Figure(f"a scrape of {CHECKS} checks x 12 series: CPU", cpu_ms, "ms", at_most=100),
        Figure("... longest hold-up of the event loop", max(gaps) * 1e3, "ms", at_most=20),
        Figure("... 99 of 100 hold-ups", percentile(gaps, 0.99) * 1e3, "ms"),
        Figure("... size, uncompressed", size / 1e6, "MB"),
        Figure("keeping a result's series as text", keeping_us, "us"),
    ]


async def read(url: str) -> int:
    reader = await asyncio.create_subprocess_exec(sys.executable, "-c", READER, url, str(SCRAPES), stdout=asyncio.subprocess.PIPE)
    out, _ = await reader.communicate()
    return int(out)


async def watch(gaps: list[float]) -> None:
    """Notes how long each turn of the loop took; the watcher asks for the next turn at once."""
    last = time.perf_counter()
    while True:
        await asyncio.sleep(0.0005)
        now = time.perf_counter()
        gaps.append(now - last - 0.0005)
        last = now


async def never() -> str:
    return ""
