"""Figures: reading a process, a histogram and a list of latencies; and the table that is printed."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

TICK_S = 1 / os.sysconf("SC_CLK_TCK")
BUCKET = re.compile(r'^(\w+)_bucket\{le="([^"]+)"\} (\S+)$', re.MULTILINE)


class Figure(NamedTuple):
    """One line of the table. Without a goal it is only said."""

    what: str
    value: float
    unit: str
    at_most: float | None = None
    at_least: float | None = None

    @property
    def holds(self) -> bool:
        return (self.at_most is None or self.value <= self.at_most) and (self.at_least is None or self.value >= self.at_least)

    def line(self) -> str:
        goal = "" if self.at_most is None else f"at most {self.at_most:g}"
        goal = goal if self.at_least is None else f"at least {self.at_least:g}"
        mark = "" if not goal else "holds" if self.holds else "MISSED"
        return f"  {self.what:<66} {self.value:>10.4g} {self.unit:<9} {goal:<16} {mark}".rstrip()


def cpu_s(pid: int) -> float:
    """User and system seconds of a process and the children it has waited for."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return sum(int(fields[place]) for place in (11, 12, 13, 14)) * TICK_S


def resident_mb(pid: int) -> float:
    found = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    return int(found[1]) / 1024 if found else 0.0


def percentile(values: Iterable[float], share: float) -> float:
    """The value that `share` of all do not exceed; 0 when there are none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


def sample(text: str, name: str) -> float:
    """Sum of a metric over its labels, or of one sample when `name` has them."""
    beginnings = (f"{name} ", f"{name}{{")
    return sum(float(line.rsplit(" ", 1)[1]) for line in text.splitlines() if line.startswith(beginnings))


def histogram_percentile(before: str, after: str, name: str, share: float) -> float:
    """As Prometheus' histogram_quantile: what came between two scrapes, linear inside the bucket it falls into."""
    edges = _buckets(after, name)
    counts = [(edge, count - dict(_buckets(before, name)).get(edge, 0.0)) for edge, count in edges]
    wanted = share * counts[-1][1] if counts else 0.0
    lower_edge, lower_count = 0.0, 0.0
    for edge, count in counts:
        if count >= wanted and count > lower_count:
            if edge == float("inf"):
                return lower_edge
            return lower_edge + (edge - lower_edge) * (wanted - lower_count) / (count - lower_count)
        lower_edge, lower_count = edge, count
    return lower_edge


def _buckets(text: str, name: str) -> Sequence[tuple[float, float]]:
    return [(float(edge), float(count)) for found, edge, count in BUCKET.findall(text) if found == name]
