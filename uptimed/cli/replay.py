"""`uptimed replay RESULTS.jsonl`: what the figures would be if these were the results. Touches no data of a running uptimed."""

from __future__ import annotations

import argparse
import asyncio
import logging
import sys

from uptimed.cli import WRONG_USE, complain
from uptimed.cli.availability import instant, tell, unknown_product
from uptimed.cli.loading import CannotLoad, loaded_for
from uptimed.clock import SystemClock
from uptimed.domain.catalogue import Catalogue
from uptimed.engine.memory import Picture
from uptimed.engine.payload import iso
from uptimed.engine.recording import Recording, Unreadable
from uptimed.engine.replay import Recorded, Tally, replayed
from uptimed.storage import StorageAway, StorageRefused


def main(args: argparse.Namespace) -> int:
    try:
        loaded = loaded_for(args)
    except CannotLoad:
        return WRONG_USE
    if (unknown := unknown_product(args, loaded.catalogue)) is not None:
        complain(unknown)
        return WRONG_USE
    # What the ingest says to a log is in the summary, and each of it with `--log`.
    logging.getLogger("uptimed").addHandler(logging.NullHandler())
    try:
        at_us = instant(args.at, loaded.catalogue)
        recording = Recording(args.results)
        picture, tally = asyncio.run(_replay(recording, loaded.catalogue, args))
    except OSError as error:
        complain(f"{args.results} cannot be read: {error.strerror}; give a file with one result a line, as JSON.")
        return WRONG_USE
    except (Unreadable, StorageAway, StorageRefused, ValueError) as trouble:
        complain(trouble)
        return WRONG_USE
    complain(*_summary(recording, tally))
    if at_us is None:
        at_us = recording.last_received_us
    return tell(picture, loaded.catalogue, args, SystemClock().now_us() if at_us is None else at_us)


async def _replay(recording: Recording, catalogue: Catalogue, args: argparse.Namespace) -> tuple[Picture, Tally]:
    def rejected(one: Recorded, why: str) -> None:
        if args.log:
            complain(f"{recording.path}:{one.line}: {why}: {one.check} at {one.location}, started {iso(one.started_us)}")

    def progress(done: int) -> None:
        if sys.stderr.isatty():
            print(f"\r{done} of {len(recording)} results", end="\n" if done == len(recording) else "", file=sys.stderr, flush=True)

    async with replayed(recording.results(), catalogue, on_rejected=rejected, on_progress=progress) as replay:
        return replay


def _summary(recording: Recording, tally: Tally) -> list[str]:
    said = f"{tally.results} results, {tally.evidence} of them evidence"
    if tally.reasons:
        said += "; not: " + ", ".join(f"{number} {why}" for why, number in sorted(tally.reasons.items()))
    ignored = ", ".join(f"{key!r} ({number} lines)" for key, number in recording.ignored.items())
    return [f"{said}.", *([f"Keys that mean nothing here and were not used: {ignored}."] if ignored else [])]
