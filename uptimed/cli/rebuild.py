"""`uptimed rebuild`: what is stored of every check, derived again from all its evidence, and compared or put in its place."""

from __future__ import annotations

import argparse
import asyncio
import sys
from contextlib import ExitStack
from functools import partial

from uptimed.cli import DONE, NO, WRONG_USE, complain
from uptimed.cli.loading import CannotLoad, loaded_for
from uptimed.clock import SystemClock
from uptimed.config import Loaded
from uptimed.domain.contract import ContractHistory
from uptimed.engine.payload import iso
from uptimed.engine.rebuilding import Rebuilt, rebuilt
from uptimed.storage import StorageAway, StorageRefused, contracts, timelines
from uptimed.storage.database import Database
from uptimed.storage.lock import DataLock


class Unknown(Exception):
    """A check that never was; one sentence."""


def main(args: argparse.Namespace) -> int:
    try:
        loaded = loaded_for(args)
        with ExitStack() as stack:
            if not args.dry_run:
                stack.enter_context(DataLock(loaded.settings.data))
            differing = asyncio.run(_rebuild(loaded, args.check, dry_run=args.dry_run))
    except CannotLoad:
        return WRONG_USE
    except (StorageAway, StorageRefused, Unknown) as trouble:
        complain(trouble)
        return WRONG_USE
    return NO if differing and args.dry_run else DONE


async def _rebuild(loaded: Loaded, only: str | None, *, dry_run: bool) -> int:
    """How many checks differed."""
    settings = loaded.settings
    database = await Database.open(settings.storage, data=settings.data, read_only=dry_run)
    try:
        history = await database.read(contracts.load)
        checks = _wanted(history, only)
        differing = results = 0
        for number, check in enumerate(checks, start=1):
            _progress(f"{number}/{len(checks)}  {check}")
            look = partial(rebuilt, check=check, history=history or ContractHistory(()), now_us=SystemClock().now_us())
            found: Rebuilt = await database.read(look)
            results += found.results
            if found.differs_from_us is not None:
                differing += 1
                if not dry_run:
                    await database.write(partial(timelines.replace, check=check, runs=found.runs, segments=found.segments))
                done = "differs" if dry_run else "differed and is put right"
                print(f"{check}: {done}, from {iso(found.differs_from_us)} on")
        _progress("")
        print(f"{len(checks)} checks from {results} results: {differing or 'none'} differ{'' if dry_run else 'ed'}")
    finally:
        await database.close()
    return differing


def _wanted(history: ContractHistory | None, only: str | None) -> list[str]:
    every = history.check_ids() if history else []
    if only is None:
        return every
    if only not in every:
        raise Unknown(f"There was never a check {only!r}; there are: {', '.join(every) or 'none'}.")
    return [only]


def _progress(what: str) -> None:
    if sys.stderr.isatty():
        print(f"\r\x1b[K{what}", end="", file=sys.stderr, flush=True)
