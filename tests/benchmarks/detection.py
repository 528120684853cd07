"""From the first failing answer to the webhook: with one confirmation and without, many products, one break."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from tests.benchmarks.daemon import Daemon, Endpoint, daemon, endpoint
from tests.benchmarks.figures import Figure, percentile

PRODUCTS = 20
EVERY_S = 10.0
RECHECK_S = 1.0


def run() -> list[Figure]:
    with endpoint() as watched:
        hook = {"kind": "webhook", "url": watched.url("/hook")}
        notify = {"channels": {"hook": hook}, "escalation": {"critical": [{"after": "0s", "notify": ["hook"]}]}}
        products = [product(watched, failures, n) for failures in (1, 2) for n in range(PRODUCTS)]
        with daemon(products, notify) as running:
            wait_for_all(running, len(products))
            watched.ask("/break")
            delays = told(watched, len(products))
    figures = []
    for failures, wanted_s, words in ((1, 0.0, "without confirmation"), (2, RECHECK_S, f"with one, {RECHECK_S:g} s later")):
        late = [seconds - wanted_s for name, seconds in delays.items() if name.startswith(f"f{failures}-")]
        goal = 20 if failures == 1 else 50
        figures += [
            Figure(f"first failing answer to webhook, {words}: half", percentile(late, 0.5) * 1e3, "ms more" if wanted_s else "ms"),
            Figure("... slowest", max(late, default=float("inf")) * 1e3, "ms more" if wanted_s else "ms", at_most=goal),
            Figure("... products told", len(late), f"of {PRODUCTS}", at_least=PRODUCTS),
        ]
    return figures


def product(watched: Endpoint, failures: int, number: int) -> Mapping[str, Any]:
    name = f"f{failures}-{number}"
    check = {
        "id": "home",
        "kind": "http",
        "url": watched.url(f"/switch/{name}", number),
        "every": f"{EVERY_S:g}s",
        "timeout": "2s",
        "confirm": {"failures": failures, "recheck": f"{RECHECK_S:g}s"},
    }
    return {"id": name, "name": name, "components": [{"id": "web", "name": "Web", "severity": "critical", "checks": [check]}]}


def wait_for_all(running: Daemon, checks: int) -> None:
    until = time.monotonic() + 3 * EVERY_S
    while running.metrics().count("\nprobe_success{") < checks and time.monotonic() < until:
        time.sleep(0.5)


def told(watched: Endpoint, products: int) -> Mapping[str, float]:
    """Product -> seconds from its first failing answer to the webhook of its opened incident."""
    until = time.monotonic() + 2 * EVERY_S + 5 * RECHECK_S
    delays: dict[str, float] = {}
    while len(delays) < products and time.monotonic() < until:
        time.sleep(0.5)
        seen = watched.seen()
        for kind, name, at in seen["told"]:
            if kind == "incident.opened" and name in seen["failed_at"]:
                delays.setdefault(name, at - seen["failed_at"][name])
    return delays
