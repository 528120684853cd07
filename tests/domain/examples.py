"""How many examples a property is tried on: moderate, or `UPTIMED_EXAMPLES` times as many when that is set (`make soak`)."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

TIMES = int(os.environ.get("UPTIMED_EXAMPLES") or 1)


def examples(number: int) -> settings:
    return settings(max_examples=number * TIMES, deadline=None, suppress_health_check=[HealthCheck.too_slow])
