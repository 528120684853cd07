"""
Reading an archive of evidence (`uptimed.engine.archive`) that may have been damaged, or written by somebody else.

Whatever is wrong with the file itself is a finding; what it states is then a matter of `uptimed.engine.proof`.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import struct
import zipfile
from collections.abc import Iterator
from datetime import date
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, Self

from uptimed.domain.contract import ImportedCheck
from uptimed.domain.dayblob import DayBlobDamaged, day, unpacked
from uptimed.domain.policy import Rules
from uptimed.domain.published import from_document as record_of
from uptimed.domain.seals import ContractText, Facts, Seal, from_document, planned_from
from uptimed.engine.archive import COMMENT, FORMAT, HASH, MANIFEST, VERSION, Results, digest_of, results_csv
from uptimed.engine.stated import DayLine, Finding, Published, Stated, StatedBlob

LARGEST = 2 << 30
"""Bytes of one file: a check every second makes a fifth of that in a month. More is a bomb."""


class Unreadable(Exception):
    """It is no archive of ours, or no longer; one sentence."""


class Archive:
    def __init__(self, path: Path) -> None:
        """Raises OSError when there is no such file, `Unreadable` when it is none of ours."""
        self._path = path
        self._file = path.open("rb")
        try:
            self._zip = zipfile.ZipFile(self._file)
            self._manifest = json.loads(self._content(MANIFEST))
            self._listed = {one["name"]: (one["bytes"], one["sha256"]) for one in self._manifest["files"]}
            known = self._manifest["format"] == FORMAT and self._manifest["version"] == VERSION
        except Exception as error:
            self._file.close()
            raise Unreadable(f"{path} cannot be read as {FORMAT}; it is damaged or was never that ({error})") from error
        if not known:
            self._file.close()
            raise Unreadable(f"{path} is no {FORMAT} of version {VERSION}; look which uptimed has written it")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._zip.close()
        self._file.close()

    def flaws(self) -> Iterator[Finding]:
        """Bytes that are not those that were written."""
        if self._zip.comment[:-HASH] != COMMENT or self._zip.comment[-HASH:] != digest_of(self._file).encode():
            yield Finding(self._path.name, "its bytes are not those that its own SHA-256, at the end, was made of")
        there = [entry.filename for entry in self._zip.infolist()]
        for name in sorted({*there, MANIFEST} ^ {*self._listed, MANIFEST}):
            yield Finding(name, "it is missing" if name in self._listed else "the manifest does not know it")
        for name in sorted({one for one in there if there.count(one) > 1}):
            yield Finding(name, "it is there more than once")
        for name in there:
            if name in self._listed and (why := self._flaw(name)):
                yield Finding(name, why)

    def _flaw(self, name: str) -> str:
        try:
            content = self._content(name)
        except Exception as error:  # noqa: BLE001 - as above
            return f"it cannot be read ({error})"
        said = self._listed[name]
        if (len(content), hashlib.sha256(content).hexdigest()) != said:
            return f"its SHA-256 is not that of the manifest ({said[1]})"
        return ""

    def differing_texts(self) -> Iterator[Finding]:
        """The CSV files for people say what the day blobs beside them say, and stand under the right name."""
        for name in self._blob_files():
            try:
                days = [day(unpacked(blob)) for blob in self._blobs(name)]
            except DayBlobDamaged:
                continue  # Told where it is read to be judged.
            if {f"{Results(its.check, its.location, its.received_on.isoformat()[:7]).stem}.blobs" for its in days} != {name}:
                yield Finding(name, "its results are not those that its name promises")
            text = name.removesuffix("blobs") + "csv"
            if text not in self._listed or self._content(text) != results_csv(days):
                yield Finding(text, "it does not say what the day blobs beside it say")

    def stated(self) -> Stated:
        manifest = self._manifest
        return Stated(
            year=manifest["year"],
            as_of_us=manifest["as_of_us"],
            facts=Facts(
                [ContractText(one["from_us"], one["text"]) for one in self._lines("contracts.jsonl")],
                [from_document(one) for one in self._lines("adjustments.jsonl")],
                [planned_from(one) for one in self._lines("maintenance.jsonl")],
            ),
            imported=[ImportedCheck(**{**one, "rules": Rules(**one["rules"])}) for one in self._lines("imports.jsonl")],
            names=json.loads(self._content("renames.json")),
            chain=[_seal(row) for row in self._rows("seals/chain.csv")],
            statements={
                date.fromisoformat(name[6:-4]): self._content(name)
                for name in self._listed
                if name.startswith("seals/") and name.endswith(".txt")
            },
            blobs=[one for name in self._blob_files() for one in self._stated_blobs(name)],
            first_on=date.fromisoformat(manifest["first_on"]),
            last_on=date.fromisoformat(manifest["last_on"]),
        )

    def published(self) -> Published:
        return Published(
            days=[DayLine(check, on, *map(int, figures)) for check, on, *figures in self._rows("figures/days.csv")],
            documents=json.loads(self._content("figures/availability.json")),
            records=[record_of(one) for one in self._lines("figures/records.jsonl")],
        )

    def _blob_files(self) -> list[str]:
        return sorted(name for name in self._listed if name.endswith(".blobs"))

    def _stated_blobs(self, name: str) -> Iterator[StatedBlob]:
        for index, blob in enumerate(self._blobs(name)):
            header = json.loads(unpacked(blob).partition(b"\n")[0])
            on = date.fromisoformat(header["day"])
            yield StatedBlob(header["check"], header["location"], on, partial(self._body, name, index))

    def _body(self, name: str, index: int) -> bytes:
        return unpacked(self._blobs(name)[index])

    @lru_cache(maxsize=4)  # noqa: B019 - an archive lives as long as its command
    def _blobs(self, name: str) -> list[bytes]:
        return list(_cut(self._content(name)))

    def _rows(self, name: str) -> Iterator[list[str]]:
        rows = csv.reader(io.StringIO(self._content(name).decode()))
        next(rows, None)
        return rows

    def _lines(self, name: str) -> Iterator[Any]:
        return map(json.loads, self._content(name).splitlines())

    def _content(self, name: str) -> bytes:
        with self._zip.open(name) as file:
            content = file.read(LARGEST + 1)
        if len(content) > LARGEST:
            raise Unreadable(f"{name} is larger than anything that is written there")
        return content


def _cut(content: bytes) -> Iterator[bytes]:
    at = 0
    while at < len(content):
        (length,) = struct.unpack_from(">I", content, at)
        if len(content) < at + 4 + length:
            raise DayBlobDamaged("a day blob is cut short")
        yield content[at + 4 : at + 4 + length]
        at += 4 + length


def _seal(row: list[str]) -> Seal:
    on, previous, digest, *numbers = row
    return Seal(date.fromisoformat(on), bytes.fromhex(previous), bytes.fromhex(digest), *map(int, numbers))
