"""
The evidence of a year as one file, for somebody who trusts neither us nor our database.

A zip that any tool opens. Everything in it is text but for the day blobs, which hold the same results as the CSV files beside
them, in the form that was sealed. The same evidence gives the same bytes. `manifest.json` has the SHA-256 of every file, and the
comment at the end of the zip that of all bytes before itself.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import struct
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple
from urllib.parse import quote

from uptimed.domain.contract import ImportedCheck
from uptimed.domain.dayblob import Day, DayResult, day, packed
from uptimed.domain.seals import Seal, as_document, planned_document
from uptimed.engine.stated import DayLine, Published, Stated

FORMAT, VERSION = "uptimed evidence", 1
MANIFEST = "manifest.json"
COMMENT = b"SHA-256 of all bytes of this file before these 64: "
HASH = 64
README = """Evidence of availability, {year}

This file holds every result of the checks of that year, the contract and the corrections that were in force, and the figures that
were published. `uptimed verify FILE` recomputes each figure from the results, without a network and without any database.

results/       by check, location and month of receipt (UTC). CSV for people; the .blobs hold the same, in the form that was sealed:
               each a length (4 bytes, the highest first) and a day blob. Instants: `started` in UTC, to the microsecond; the check
               ended `took_us` microseconds later, and its result was received `delivered_us` after that. A result with a word under
               `rejected` is kept, and no evidence.
figures/       days.csv: how each check was, by local day. availability.json: each product in the year and its months, as
               `uptimed availability --format json` says it. records.jsonl: the published records of closed periods.
contracts.jsonl, imports.jsonl, renames.json, adjustments.jsonl, maintenance.jsonl, outages.jsonl
               what was promised and watched from when; what people corrected, and why; what was down.
seals/         chain.csv: the SHA-256 of each day's statement, and of the day before. The statements are beside it: text, and
               `sha256sum 2026-03-01.txt` gives the seal. They hold the SHA-256 of each day blob, inflated.
manifest.json  the SHA-256 of every file.
"""


class Results(NamedTuple):
    """A month of receipt of one check from one location."""

    check: str
    location: str
    month: str

    @property
    def stem(self) -> str:
        """A path that leads nowhere else, whatever things are called."""
        parts = [quote(part, safe="").replace(".", "%2E") or "%" for part in (*self.check.split("/"), self.location, self.month)]
        return "/".join(["results", *parts])


def write(path: Path, its: Stated, said: Published, outages: Iterable[Mapping[str, Any]], program: str) -> None:
    """`path` must be writable and is replaced. Raises OSError, and DayBlobDamaged when a blob cannot be read."""
    listed: list[dict[str, Any]] = []
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for name, content in _files(its, said, outages):
            listed.append({"name": name, "bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()})
            archive.writestr(_entry(name), content)
        archive.writestr(_entry(MANIFEST), _json(_manifest(its, program, listed)))
        archive.comment = COMMENT + b"0" * HASH
    with path.open("r+b") as file:
        digest = digest_of(file)
        file.seek(-HASH, io.SEEK_END)
        file.write(digest.encode())


def _files(its: Stated, said: Published, outages: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, bytes]]:
    yield "README.txt", README.format(year=its.year).encode()
    for results, blobs in groupby(its.blobs, key=lambda one: Results(one.check, one.location, one.received_on.isoformat()[:7])):
        bodies = [one.body() for one in blobs]
        yield f"{results.stem}.blobs", b"".join(struct.pack(">I", len(blob)) + blob for blob in map(packed, bodies))
        yield f"{results.stem}.csv", results_csv(map(day, bodies))
    yield "contracts.jsonl", _lines({"from_us": one.from_us, "text": one.text} for one in its.facts.contracts)
    yield "imports.jsonl", _lines(map(_imported, its.imported))
    yield "renames.json", _json(dict(its.names))
    yield "adjustments.jsonl", _lines(map(as_document, its.facts.adjustments))
    yield "maintenance.jsonl", _lines(map(planned_document, its.facts.planned))
    yield "outages.jsonl", _lines(outages)
    yield "figures/days.csv", _csv(DayLine._fields, said.days)
    yield "figures/availability.json", _json(said.documents)
    yield "figures/records.jsonl", b"".join(one.text.encode() + b"\n" for one in said.records)
    yield "seals/chain.csv", _csv(_SEAL, map(_seal_row, its.chain))
    for on, text in sorted(its.statements.items()):
        yield f"seals/{on}.txt", text


def _manifest(its: Stated, program: str, files: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "version": VERSION,
        "program": program,
        "year": its.year,
        "as_of_us": its.as_of_us,
        "first_on": its.first_on.isoformat(),
        "last_on": its.last_on.isoformat(),
        "files": files,
    }


def _imported(one: ImportedCheck) -> dict[str, Any]:
    return {"id": one.id, "location": one.location, "rules": one.rules._asdict(), "from_us": one.from_us}


def _entry(name: str) -> zipfile.ZipInfo:
    """Without a clock, a user or a system."""
    entry = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.create_system = 3
    entry.external_attr = 0o644 << 16
    return entry


_RESULT = ("id", "epoch", "started", "took_us", "delivered_us", "verdict", "rejected")
_SEAL = ("day", "previous", "sha256", "results", "contracts", "adjustments", "planned", "sealed_at_us")


def results_csv(days: Iterable[Day]) -> bytes:
    return _csv(_RESULT, (row for its in days for row in map(_result_row, its.results())))


def _result_row(one: DayResult) -> tuple[Any, ...]:
    seconds, micros = divmod(one.started_us, 1_000_000)
    started = f"{_minute(seconds // 60)}{seconds % 60:02}.{micros:06}Z"
    took_us, delivered_us = one.ended_us - one.started_us, one.received_us - one.ended_us
    return one.id, one.epoch, started, took_us, delivered_us, one.verdict, one.rejection or ""


@lru_cache(maxsize=4096)
def _minute(minutes: int) -> str:
    try:
        return datetime.fromtimestamp(minutes * 60, UTC).strftime("%Y-%m-%dT%H:%M:")
    except (ValueError, OverflowError, OSError):
        return f"minute {minutes} since 1970, "  # Some clock was very wrong; the result was rejected.


def _seal_row(seal: Seal) -> tuple[Any, ...]:
    counts = seal.results, seal.contracts, seal.adjustments, seal.planned
    return seal.received_on, seal.previous.hex(), seal.digest.hex(), *counts, seal.sealed_at_us


def _csv(header: Iterable[str], rows: Iterable[Iterable[Any]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue().encode("utf-8", "surrogatepass")


def _json(value: Any) -> bytes:
    return json.dumps(value, indent=1, sort_keys=True, default=dict).encode() + b"\n"


def _lines(several: Iterable[Any]) -> bytes:
    return b"".join(json.dumps(one, sort_keys=True).encode() + b"\n" for one in several)


def digest_of(file: BinaryIO) -> str:
    """SHA-256 of all but the last 64 bytes, which are for itself."""
    digest = hashlib.sha256()
    left = file.seek(0, io.SEEK_END) - HASH
    file.seek(0)
    while left > 0 and (some := file.read(min(left, 1 << 20))):
        digest.update(some)
        left -= len(some)
    return digest.hexdigest()
