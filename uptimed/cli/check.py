"""`uptimed check`: run checks once, concurrently, and say what they saw. Nothing is recorded."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import Sequence
from typing import Any

from probes.outcome import Outcome, Verdict
from probes.prober import Prober
from uptimed.cli import COULD_NOT_LOOK, DONE, NO, WRONG_USE, complain
from uptimed.cli.loading import CannotLoad, loaded_for
from uptimed.config import Loaded
from uptimed.domain.catalogue import Check
from uptimed.engine.assignments import assignment_of

AT_ONCE = 50


def main(args: argparse.Namespace) -> int:
    try:
        loaded = loaded_for(args, with_warnings=True)
    except CannotLoad:
        return WRONG_USE
    if not args.ids and not args.all:
        complain("Which check? Name one (product/component/check), the beginning of one, or say --all.")
        return WRONG_USE
    checks = list(loaded.catalogue.checks())
    if not args.all:
        unknown = [name for name in args.ids if not any(_named(check, name) for check in checks)]
        if unknown:
            complain(f"There is no check {', '.join(unknown)}; there are: {', '.join(check.id for check in checks)}.")
            return WRONG_USE
        checks = [check for check in checks if any(_named(check, name) for name in args.ids)]
    verdicts = asyncio.run(_run(loaded, checks, as_json=args.format == "json"))
    if Verdict.DOWN in verdicts:
        return NO
    return COULD_NOT_LOOK if Verdict.UNKNOWN in verdicts else DONE


def _named(check: Check, name: str) -> bool:
    return check.id == name or check.id.startswith(name.rstrip("/") + "/")


async def _run(loaded: Loaded, checks: Sequence[Check], *, as_json: bool) -> list[Verdict]:
    settings = loaded.settings
    location = loaded.catalogue.locations[0].id
    assignment = assignment_of(loaded.catalogue, location, allow=settings.egress_allow, resolvers=settings.resolvers)
    prober = Prober()
    prober.prepare(assignment)
    jobs = {
        one.job.check: one.job for place in loaded.catalogue.locations for one in assignment_of(loaded.catalogue, place.id).checks
    }
    places = asyncio.Semaphore(AT_ONCE)

    async def one(check: Check) -> Verdict:
        async with places:
            outcome = await prober.run(jobs[check.id])
        # Each as it comes: a slow check holds back only its own line.
        print(json.dumps(as_object(check, outcome), ensure_ascii=False) if as_json else as_line(check, outcome), flush=True)
        return outcome.verdict

    return list(await asyncio.gather(*(one(check) for check in checks)))


def as_object(check: Check, outcome: Outcome) -> dict[str, Any]:
    return {
        "id": check.id,
        "kind": check.kind,
        "verdict": outcome.verdict.value,
        "reason": outcome.reason,
        "detail": outcome.detail,
        "phases": {phase: round(seconds * 1000, 3) for phase, seconds in outcome.phases.items()},
        "took_ms": round(outcome.took_s * 1000, 3),
        "notes": list(outcome.notes),
        "evidence": dict(outcome.evidence),
    }


def as_line(check: Check, outcome: Outcome) -> str:
    colour = {Verdict.UP: "32", Verdict.DEGRADED: "33", Verdict.DOWN: "31", Verdict.UNKNOWN: "35"}[outcome.verdict]
    verdict = f"{outcome.verdict.value:<8}"
    if sys.stdout.isatty():
        verdict = f"\033[{colour}m{verdict}\033[0m"
    phases = " ".join(f"{phase} {seconds * 1000:.0f}" for phase, seconds in outcome.phases.items())
    said = f"  {outcome.reason}: {outcome.detail}" if outcome.detail else f"  {outcome.reason}"
    notes = f"  ({', '.join(outcome.notes)})" if outcome.notes else ""
    return f"{verdict} {check.id:<40} {outcome.took_s * 1000:6.0f} ms  [{phases}]{said}{notes}"
