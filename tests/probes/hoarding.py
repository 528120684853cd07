"""
A process that looks at endpoints again and again and says what that has cost it: `python -m tests.probes.hoarding`.

Takes `{"times": N, "at_once": N, "targets": [{"kind": ..., "options": {...}}, ...]}` as JSON on standard input, and answers with
the resident memory in bytes before (after one round to warm up), at its peak and afterwards, and with the reasons by target.
"""

from __future__ import annotations

import asyncio
import gc
import json
import logging
import os
import sys
from collections.abc import Iterable, Iterator
from itertools import cycle, islice
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from probes.net import Net
from probes.outcome import ProbeJob
from probes.registry import KINDS
from probes.runner import run

TIMEOUT_S = 2.0


def resident() -> int:
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def forget_the_peak() -> None:
    Path("/proc/self/clear_refs").write_text("5")


def peak() -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:"))


async def main(wanted: dict[str, Any]) -> dict[str, Any]:
    net = Net.build(allow=["127.0.0.0/8"], resolvers=["127.0.0.1:9"])
    jobs = [_job(number, **target) for number, target in enumerate(wanted["targets"])]
    seen: dict[str, set[str]] = {job.check: set() for job in jobs}

    async def look(turns: Iterator[ProbeJob]) -> None:
        for job in turns:
            seen[job.check].add((await run(job, net)).reason)

    async def look_at(turns: Iterable[ProbeJob]) -> None:
        shared = iter(turns)
        await asyncio.gather(*(look(shared) for _ in range(wanted["at_once"])))

    await look_at(jobs)
    before = resident()
    forget_the_peak()
    await look_at(islice(cycle(jobs), wanted["times"]))
    at_most = peak()
    return {"before": before, "peak": at_most, "after": resident(), "seen": [sorted(reasons) for reasons in seen.values()]}


def _job(number: int, kind: str, options: dict[str, Any]) -> ProbeJob:
    return ProbeJob(f"shop/web/{number}", kind, TypeAdapter(KINDS[kind].Options).validate_python(options), TIMEOUT_S)


if __name__ == "__main__":
    logging.disable(logging.ERROR)
    print(json.dumps(asyncio.run(main(json.load(sys.stdin)))))
