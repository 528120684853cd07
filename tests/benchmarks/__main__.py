"""`python -m tests.benchmarks [scrape|store|engine|availability ...]`: every part when none is named. Some five minutes."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Mapping

from tests.benchmarks import availability_speed, detection, engine, page, proof, render, scrape, store
from tests.benchmarks.daemon import machine
from tests.benchmarks.figures import Figure

PARTS: Mapping[str, Callable[[], list[Figure]]] = {
    "scrape": scrape.run,
    "store": store.run,
    "detection": detection.run,
    "page": page.run,
    "render": render.run,
    "engine": engine.run,
    "availability": availability_speed.run,
    "proof": proof.run,
}


def main() -> int:
    """Exit 1 when a part could not be measured. A missed goal is only marked: it may be the machine's."""
    asked = argparse.ArgumentParser(prog="tests.benchmarks", description=__doc__)
    asked.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}")
    asked.add_argument("--format", choices=("text", "json"), default="text")
    args = asked.parse_args()
    if unknown := set(args.parts) - set(PARTS):
        asked.error(f"no such part: {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    print(machine(), file=sys.stderr)
    failed = 0
    for name in args.parts or PARTS:
        began = time.monotonic()
        try:
            figures = PARTS[name]()
        except (RuntimeError, OSError) as error:
            print(f"{name}: could not be measured: {error}", file=sys.stderr)
            failed = 1
            continue
        if args.format == "json":
            print(json.dumps({"part": name, "figures": [{**one._asdict(), "holds": one.holds} for one in figures]}), flush=True)
            continue
        print(f"\n{name} ({time.monotonic() - began:.0f} s)")
        for one in figures:
            print(one.line(), flush=True)
    return failed


if __name__ == "__main__":
    sys.exit(main())
