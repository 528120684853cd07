"""`uptimed export-evidence --year Y`: everything that a year's figures rest on, in one file, for somebody who checks them."""

from __future__ import annotations

import argparse
import asyncio
from importlib.metadata import version
from pathlib import Path

from sqlalchemy import Connection

from uptimed.cli import DONE, NO, WRONG_USE, complain
from uptimed.cli.availability import instant
from uptimed.cli.loading import CannotLoad, loaded_for
from uptimed.clock import SystemClock
from uptimed.config import Loaded
from uptimed.domain.dayblob import DayBlobDamaged
from uptimed.engine import archive, gathering
from uptimed.engine.stated import Stated
from uptimed.storage import StorageAway, StorageRefused
from uptimed.storage.database import Database


class CannotWrite(Exception):
    """The file; why, in the system's words."""


def main(args: argparse.Namespace) -> int:
    path = args.output or Path(f"uptimed-evidence-{args.year}.zip")
    if path.exists():
        complain(f"{path} exists already and was left as it is; choose another name with --output, or move it away")
        return WRONG_USE
    unfinished = path.with_name(path.name + ".unfinished")
    try:
        loaded = loaded_for(args)
        as_of_us = instant(args.at, loaded.catalogue) or SystemClock().now_us()
        its = asyncio.run(_write(loaded, args.year, as_of_us, unfinished))
        unfinished.replace(path)
    except CannotLoad:
        return WRONG_USE
    except DayBlobDamaged as damaged:
        complain(f"nothing was exported: {damaged}; put back a backup, and look with `uptimed verify --year {args.year}`")
        return NO
    except CannotWrite as error:
        complain(f"{path} cannot be written ({error}); choose another place with --output")
        return WRONG_USE
    except (StorageAway, StorageRefused, ValueError) as trouble:
        complain(trouble)
        return WRONG_USE
    finally:
        unfinished.unlink(missing_ok=True)
    print(f"{path}: {path.stat().st_size / 1_000_000:.1f} MB; {_sealed(its)}; `uptimed verify {path}` recomputes its figures")
    return DONE


async def _write(loaded: Loaded, year: int, as_of_us: int, path: Path) -> Stated:
    database = await Database.open(loaded.settings.storage, data=loaded.settings.data, read_only=True)

    def work(conn: Connection) -> Stated:
        its = gathering.stated(conn, year, as_of_us)
        said, outages = gathering.published(conn, its), gathering.outages_of(conn, its)
        try:
            archive.write(path, its, said, outages, version("uptimed"))
        except OSError as error:
            # Its own name: here an OSError would be taken for trouble of the database.
            raise CannotWrite(error.strerror) from error
        return its

    try:
        return await database.read(work)
    finally:
        await database.close()


def _sealed(its: Stated) -> str:
    return f"sealed up to {its.chain[-1].received_on}" if its.chain else "no day of it is sealed yet"
