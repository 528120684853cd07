"""What evidence costs over years: its room, and the time to compact it, to rebuild from it, and to prove a year with it."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import Connection

from tests.benchmarks.figures import Figure
from tests.storage.builders import a_catalogue
from uptimed.domain.catalogue import Catalogue
from uptimed.domain.contract import ContractVersion
from uptimed.domain.dayblob import DayResult, body_of, packed, span_of
from uptimed.domain.seals import Facts, Seal, SealedBlob, sealed
from uptimed.engine import archive, gathering
from uptimed.engine.archive_reading import Archive
from uptimed.engine.proof import prove
from uptimed.engine.rebuilding import rebuilt
from uptimed.storage import blobs, contracts, seals, timelines
from uptimed.storage.blobs import StoredBlob
from uptimed.storage.database import Database

CHECK, PLACES, EVERY_US = "sia/web/home", ("a", "b", "c"), 19_000_000
DAYS = 30
A_YEAR = 365 * 86_400_000_000 // EVERY_US * len(PLACES)
"""Results of one component from three locations."""
FIRST = date(2026, 1, 1)


def run() -> list[Figure]:
    return asyncio.run(measured())


async def measured() -> list[Figure]:
    with TemporaryDirectory(prefix="uptimed-bench-") as folder:
        database = await Database.open(f"sqlite+aiosqlite:///{folder}/bench.db", data=Path(folder))
        size, number, compacting_s = await fill(database)
        now_us = span_of(FIRST + timedelta(days=DAYS))[0]
        history = await database.read(contracts.load)
        assert history is not None
        found, rebuild_s = await timed(database, partial(rebuilt, check=CHECK, history=history, now_us=now_us))
        await database.write(partial(timelines.replace, check=CHECK, runs=found.runs, segments=found.segments))
        file = Path(folder) / "evidence.zip"
        _, export_s = await timed(database, partial(export, path=file, now_us=now_us))
        verify_s = verify(file)
        await database.close()
        share = A_YEAR / number
        return [
            Figure("a result in a day blob", size / number, "bytes", at_most=8),
            Figure("compacting a result: CPU", compacting_s / number * 1e6, "us"),
            Figure(f"rebuilding a component's year of {A_YEAR / 1e6:.1f} M results: CPU", rebuild_s * share, "s", at_most=60),
            Figure("... exporting its evidence: CPU", export_s * share, "s"),
            Figure("... verifying that: CPU", verify_s * share, "s"),
            Figure("... the file", file.stat().st_size / 1e6 * share, "MB"),
        ]


async def fill(database: Database) -> tuple[int, int, float]:
    """Bytes of blobs, how many results, and the CPU that went into compacting them."""
    await database.write(lambda conn: contracts.record(conn, ContractVersion.of(watched(), span_of(FIRST)[0])) and None)
    chance = random.Random(1)
    size = number = 0
    spent_s = 0.0
    last: Seal | None = None
    for on in (FIRST + timedelta(days=day) for day in range(DAYS)):
        made = []
        for place in PLACES:
            results = a_day(place, on, chance)
            began = time.process_time()
            body = body_of(CHECK, place, on, results)
            made.append(StoredBlob(CHECK, on, place, len(results), blobs.digest_of(body), packed(body)))
            spent_s += time.process_time() - began
        size += sum(len(one.blob) for one in made)
        number += sum(one.results for one in made)
        last = sealed(on, last, [SealedBlob(one.check, one.location, one.results, one.digest) for one in made], Facts(), 0)
        await database.write(partial(_keep, made=made, seal=last))
    return size, number, spent_s


def _keep(conn: Connection, made: list[StoredBlob], seal: Seal) -> None:
    blobs.save(conn, made)
    seals.add(conn, seal)


def watched() -> Catalogue:
    catalogue = a_catalogue("home")
    product = catalogue.products[0]
    component = product.components[0]
    check = replace(component.checks[0], every_us=EVERY_US, locations=PLACES)
    return replace(catalogue, products=(replace(product, components=(replace(component, checks=(check,)),)),))


def a_day(place: str, on: date, chance: random.Random) -> list[DayResult]:
    """A grid with a jitter of 5 %, answers in some 60 ms, taken in some 3 ms later; now and then one fails."""
    found = []
    for number, slot_us in enumerate(range(*span_of(on), EVERY_US)):
        started_us = slot_us + chance.randrange(EVERY_US // 20) + chance.randrange(200, 2_000)
        ended_us = started_us + int(chance.lognormvariate(11, 0.25))
        received_us = ended_us + int(chance.lognormvariate(8, 0.5))
        verdict = "down" if chance.random() < 1e-4 else "up"
        result_id = f"{CHECK}/{place}/w1/{on:%y%m%d}/{number}"
        found.append(DayResult(result_id, 0, started_us, ended_us, received_us, verdict, None))
    return found


async def timed(database: Database, work: Callable[[Connection], Any]) -> tuple[Any, float]:
    began = time.process_time()
    value = await database.read(work)
    return value, time.process_time() - began


def export(conn: Connection, path: Path, now_us: int) -> None:
    its = gathering.stated(conn, FIRST.year, now_us)
    archive.write(path, its, gathering.published(conn, its), [], "bench")


def verify(path: Path) -> float:
    began = time.process_time()
    with Archive(path) as opened:
        wrong = [*opened.flaws(), *opened.differing_texts(), *prove(opened.stated(), opened.published())]
    if wrong:
        raise RuntimeError(f"what was exported is not proven: {wrong[0]}")
    return time.process_time() - began
