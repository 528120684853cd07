"""The status page written anew, in this process: what one publication costs while readers are served from the pages before."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

from statuspage.site import render
from statuspage.snapshot import DayMark, Snapshot
from tests.benchmarks.figures import Figure, percentile
from tests.statuspage import builders

ROUNDS = 15


def run() -> list[Figure]:
    return [
        figure("rendering 3 products and 100 closed incidents", lambda: facts(3, 100), at_most=20),
        figure("rendering 100 products and no incident", lambda: facts(100, 0), at_most=100),
    ]


def figure(what: str, facts: Callable[[], Snapshot], *, at_most: float) -> Figure:
    """The half of the processor times of later renderings, each of facts that are as new to the page as the core's."""
    site = render(facts(), builders.NOW)
    took_ms = []
    for later in range(ROUNDS):
        newer = replace(facts(), as_of_us=builders.NOW + later * 20_000_000)
        began = time.process_time()
        site = render(newer, newer.as_of_us, previous=site)
        took_ms.append((time.process_time() - began) * 1_000)
    return Figure(what, percentile(took_ms, 0.5), "ms", at_most=at_most)


def facts(products: int, closed: int) -> Snapshot:
    days = builders.quiet_year(
        d2026_03_12=DayMark("2026-03-12", "down", down_s=810), d2026_07_02=DayMark("2026-07-02", "unmeasured", unmeasured_s=360)
    )
    return builders.snapshot(
        products=tuple(builders.product(f"p{n}", f"Product {n}", days=days) for n in range(products)),
        incidents=tuple(
            builders.closed_incident(id=f"INC-2026-{n:04}", product=f"p{n % products}", components=(f"p{n % products}/web",))
            for n in range(closed)
        ),
    )
