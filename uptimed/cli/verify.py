"""`uptimed verify FILE` or `--year Y`: whether every figure follows from the results, and these are what was sealed."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from sqlalchemy import Connection

from uptimed.cli import DONE, NO, WRONG_USE, complain
from uptimed.cli.loading import CannotLoad, loaded_for
from uptimed.clock import SystemClock
from uptimed.config import Loaded
from uptimed.engine import gathering
from uptimed.engine.archive_reading import Archive, Unreadable
from uptimed.engine.proof import prove
from uptimed.engine.stated import Finding, Stated
from uptimed.storage import StorageAway, StorageRefused
from uptimed.storage.database import Database

MOST = 100
"""Findings that are told one by one."""


def main(args: argparse.Namespace) -> int:
    if (args.file is None) == (args.year is None):
        complain("Say what to verify: a file that `uptimed export-evidence` has written, or --year for what is stored here.")
        return WRONG_USE
    try:
        if args.file is not None:
            return _of_file(args.file)
        return asyncio.run(_of_store(loaded_for(args), args.year))
    except CannotLoad:
        return WRONG_USE
    except OSError as error:
        complain(f"{args.file} cannot be read ({error.strerror}); look whether it is there")
        return WRONG_USE
    except Unreadable as unreadable:
        print(unreadable)
        return NO
    except (StorageAway, StorageRefused) as trouble:
        complain(trouble)
        return WRONG_USE


def _of_file(path: Path) -> int:
    with Archive(path) as archive:
        if wrong := _told(archive.flaws()):
            print(f"{path} is not as it was written: {_number(wrong)}; its figures were not looked at")
            return NO
        try:
            its = archive.stated()
            wrong = _told([*archive.differing_texts(), *prove(its, archive.published(), _progress)])
        except (ValueError, TypeError, LookupError, AttributeError, ArithmeticError, RecursionError) as error:
            print(f"{path} is whole, but what it states makes no sense ({type(error).__name__}: {error})")
            return NO
        finally:
            _progress("")
    print(_judgement(str(path), its, wrong))
    return NO if wrong else DONE


async def _of_store(loaded: Loaded, year: int) -> int:
    """In one look, read-only: a daemon may go on writing."""
    database = await Database.open(loaded.settings.storage, data=loaded.settings.data, read_only=True)

    def work(conn: Connection) -> tuple[Stated, int]:
        its = gathering.stated(conn, year, SystemClock().now_us())
        return its, _told(_of_connection(conn, its))

    try:
        its, wrong = await database.read(work)
    finally:
        await database.close()
        _progress("")
    print(_judgement(f"{year}", its, wrong))
    return NO if wrong else DONE


def _of_connection(conn: Connection, its: Stated) -> Iterator[Finding]:
    yield from prove(its, gathering.published(conn, its), _progress)
    yield from gathering.unproven_rows(conn, its)


def _told(findings: Iterable[Finding]) -> int:
    number = 0
    for number, one in enumerate(findings, start=1):
        if number <= MOST:
            _progress("")
            print(one)
    if number > MOST:
        print(f"... and {number - MOST} more")
    return number


def _judgement(about: str, its: Stated, wrong: int) -> str:
    if wrong:
        return f"{about}: {_number(wrong)}"
    days = sum(its.first_on <= one.received_on <= its.last_on for one in its.chain)
    unsealed = sorted({one.received_on for one in its.blobs} - {one.received_on for one in its.chain})
    later = f"; {len(unsealed)} not sealed yet, from {unsealed[0]} on" if unsealed else ""
    return f"{about}: every figure follows from the results, and the seals of {days} days are whole{later}"


def _number(wrong: int) -> str:
    return "one thing is wrong" if wrong == 1 else f"{wrong} things are wrong"


def _progress(what: str) -> None:
    if sys.stderr.isatty():
        print(f"\r\x1b[K{what}", end="", file=sys.stderr, flush=True)
