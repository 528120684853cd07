"""The status page from a running daemon, with 32 connections: quiet, and while products break and mend."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Sequence

from tests.benchmarks.daemon import Daemon, Endpoint, daemon, endpoint
from tests.benchmarks.detection import product, wait_for_all
from tests.benchmarks.figures import Figure, cpu_s

SECONDS = 8.0
PRODUCTS = 3


def run() -> list[Figure]:
    with endpoint() as watched, daemon([product(watched, 1, n) for n in range(PRODUCTS)]) as running:
        wait_for_all(running, PRODUCTS)
        quiet = read(running, "the page /en/, quiet")
        stop = threading.Event()
        switching = threading.Thread(target=switch, args=(watched, stop))
        switching.start()
        changing = read(running, "the page /en/, while products break and mend")
        stop.set()
        switching.join()
        return [*quiet, *changing, *read(running, "/api/v2/summary.json", "/api/v2/summary.json")]


def read(running: Daemon, words: str, path: str = "/en/") -> Sequence[Figure]:
    before = cpu_s(running.pid)
    said = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.reader", running.public + path, f"{SECONDS:g}"],
        capture_output=True,
        text=True,
        check=False,
    )
    if said.returncode != 0:
        raise RuntimeError(f"reading {path} failed:\n{said.stderr}")
    a_second, half_ms, most_ms, slowest_ms = map(float, said.stdout.split())
    cores = (cpu_s(running.pid) - before) / SECONDS
    return [
        Figure(f"{words}: requests a second", a_second, "/s", at_least=5_000),
        Figure("... per core that the daemon used", a_second / cores, "/s"),
        Figure("... half of the answers", half_ms, "ms"),
        Figure("... 99 of 100", most_ms, "ms", at_most=30),
        Figure("... slowest", slowest_ms, "ms"),
    ]


def switch(watched: Endpoint, stop: threading.Event) -> None:
    broken = False
    while not stop.wait(2.0):
        broken = not broken
        watched.ask("/break" if broken else "/mend")
