"""
Day blobs: all that counts of the results that one check had from one location in one UTC day of receipt, in some seven bytes each.

Lossless for AVAILABILITY B1 to B3: id, epoch, start, end, receipt, verdict and rejection come back exactly. What people read
(reason, phases, excerpts) stays with the raw results for their time.

The day is that of *receipt*: it is over when the clock says so, and nothing can be added to it, whatever a spool still brings.

Format, version 1. A blob is

    1 byte    1, the version
    ...       the body, as one raw DEFLATE stream (RFC 1951) that ends with the blob

and the body, whose bytes are canonical (one set of results has one body; how it was deflated does not matter), is

    a line    the header: JSON in ASCII, keys in order, no spaces, ended by a line feed
    8 columns one number for each result, results in order of start, end, id and receipt

A column is stored as byte planes: first the lowest byte of the number of every result, then the next byte of every result, and so
on. Bytes of like meaning stand together, which DEFLATE rewards, and a column is read at the speed of a copy. Its numbers are what
remains (modulo 2^64, as zigzag: 0 -1 1 -2 2 ... are 0 1 2 3 4 ...) after its `base` was taken away, for running columns from the
difference to the result before. In the header, `columns` holds for each [planes, base, first], `first` being what the first result
of a running column differs from. The columns:

    0  boot       0: the id is the next one of the header's `ids`; n: the id is check/location/boots[n-1]/sequence
    1  sequence   running; 0 for an id of `ids`
    2  epoch      running
    3  start      running; microseconds since 1970
    4  duration   end minus start
    5  delivery   receipt minus end
    6  verdict    index into `verdicts`
    7  rejection  0: none; n: rejections[n-1]

Varints were tried first: a tenth more bytes after DEFLATE, and ten times the time to read.
"""

from __future__ import annotations

import json
import sys
import zlib
from array import array
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from itertools import accumulate, pairwise
from operator import add, sub
from typing import Any, NamedTuple

VERSION = 1
DAY_US = 86_400_000_000
LARGEST_BODY = 1 << 26
"""Bytes; a check every second all day long needs a thirtieth. More is not inflated: it is no blob but a bomb."""
MOST_RESULTS = 1 << 22
"""Of a blob: some fifty a second all day long. More would be a bomb as well, for a column without planes takes no bytes."""

_EPOCH = date(1970, 1, 1)
_RUNNING = (False, True, True, True, False, False, False, False)
_WRAP = 1 << 64
_HALF = 1 << 63
_TABLES = ("boots", "ids", "rejections", "verdicts")
_KEYS = {*_TABLES, "check", "columns", "count", "day", "location"}


class DayBlobDamaged(ValueError):
    """These bytes are no day blob of a version that is known."""


class DayResult(NamedTuple):
    """What counts of one result. Numbers fit in 64 bits."""

    id: str
    epoch: int
    started_us: int
    ended_us: int
    received_us: int
    verdict: str
    rejection: str | None


class Day(NamedTuple):
    """A body, read: its results column by column, in their order."""

    check: str
    location: str
    received_on: date
    epochs: list[int]
    starts: list[int]
    ends: list[int]
    receipts: list[int]
    verdicts: list[str]
    rejections: list[str | None]
    boots: list[str | None]
    """worker/boot; None: the id follows no pattern and stands in `ids`."""
    sequences: list[int]
    odd_ids: list[str]

    def ids(self) -> Iterator[str]:
        odd = iter(self.odd_ids)
        head = f"{self.check}/{self.location}/"
        for boot, sequence in zip(self.boots, self.sequences, strict=True):
            yield next(odd) if boot is None else f"{head}{boot}/{sequence}"

    def results(self) -> Iterator[DayResult]:
        columns = (self.epochs, self.starts, self.ends, self.receipts, self.verdicts, self.rejections)
        return map(DayResult._make, zip(self.ids(), *columns, strict=True))


def day_of(received_us: int) -> date:
    """The UTC day of an instant."""
    return _EPOCH + timedelta(days=received_us // DAY_US)


def span_of(day: date) -> tuple[int, int]:
    from_us = (day - _EPOCH).days * DAY_US
    return from_us, from_us + DAY_US


def in_order(one: DayResult) -> tuple[object, ...]:
    """By start, end, id and receipt, and whatever else could tell two apart."""
    return one.started_us, one.ended_us, one.id, one.received_us, one.epoch, one.verdict, one.rejection or "", one.rejection is None


def body_of(check: str, location: str, received_on: date, results: Iterable[DayResult]) -> bytes:
    """The canonical bytes of these results, in whatever order they are given."""
    rows = sorted(results, key=in_order)
    head = f"{check}/{location}/"
    named = [_parted(one.id, head) for one in rows]
    boots = sorted({boot for boot, _ in named if boot is not None})
    verdicts = sorted({one.verdict for one in rows})
    rejections = sorted({one.rejection for one in rows if one.rejection is not None})
    boot_at = {boot: index + 1 for index, boot in enumerate(boots)}
    rejection_at = {word: index + 1 for index, word in enumerate(rejections)}
    columns: list[list[int]] = [
        [0 if boot is None else boot_at[boot] for boot, _ in named],
        [sequence for _, sequence in named],
        [one.epoch for one in rows],
        [one.started_us for one in rows],
        [one.ended_us - one.started_us for one in rows],
        [one.received_us - one.ended_us for one in rows],
        [verdicts.index(one.verdict) for one in rows],
        [0 if one.rejection is None else rejection_at[one.rejection] for one in rows],
    ]
    shapes, planes = zip(*map(_written, columns, _RUNNING), strict=True)
    header = {
        "boots": boots,
        "check": check,
        "columns": shapes,
        "count": len(rows),
        "day": received_on.isoformat(),
        "ids": [one.id for one, (boot, _) in zip(rows, named, strict=True) if boot is None],
        "location": location,
        "rejections": rejections,
        "verdicts": verdicts,
    }
    return json.dumps(header, sort_keys=True, separators=(",", ":")).encode("ascii") + b"\n" + b"".join(planes)


def packed(body: bytes) -> bytes:
    deflate = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    return bytes([VERSION]) + deflate.compress(body) + deflate.flush()


def unpacked(blob: bytes) -> bytes:
    if blob[:1] != bytes([VERSION]):
        raise DayBlobDamaged(f"it is no day blob of version {VERSION}")
    inflate = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        body = inflate.decompress(blob[1:], LARGEST_BODY)
    except zlib.error as error:
        raise DayBlobDamaged(f"it cannot be inflated ({error})") from error
    if not inflate.eof or inflate.unused_data:
        raise DayBlobDamaged("its bytes do not end where its contents do")
    return body


def day(body: bytes) -> Day:
    """Raises DayBlobDamaged for whatever no `body_of` has written."""
    line, found, columns = body.partition(b"\n")
    try:
        header = json.loads(line)
        if not found or set(header) != _KEYS or not 0 <= header["count"] <= MOST_RESULTS:
            raise ValueError("its header is not whole")
        _only_texts(header["check"], header["location"], *(one for key in _TABLES for one in header[key]))
        return _day(header, columns)
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError, RecursionError, MemoryError) as error:
        raise DayBlobDamaged(f"its contents make no sense ({error})") from error


def _only_texts(*several: object) -> None:
    if not all(isinstance(one, str) for one in several):
        raise TypeError("its header holds a number where a text belongs")


def _day(header: dict[str, Any], planes: bytes) -> Day:
    count, shapes = header["count"], header["columns"]
    if len(planes) != count * sum(shape[0] for shape in shapes):
        raise ValueError("its columns are not as long as its header says")
    columns = []
    at = 0
    for shape, running in zip(shapes, _RUNNING, strict=True):
        size = shape[0] * count
        columns.append(_read(planes[at : at + size], count, shape, running))
        at += size
    boot, sequences, epochs, starts, durations, deliveries, verdict, rejection = columns
    ends = _in_range(list(map(add, starts, durations)))
    boots = [None, *header["boots"]]
    rejections = [None, *header["rejections"]]
    if len(header["ids"]) != boot.count(0) or any(min(one, default=0) < 0 for one in (boot, verdict, rejection)):
        raise ValueError("its ids do not match their number")
    return Day(
        check=header["check"],
        location=header["location"],
        received_on=date.fromisoformat(header["day"]),
        epochs=epochs,
        starts=starts,
        ends=ends,
        receipts=_in_range(list(map(add, ends, deliveries))),
        verdicts=[header["verdicts"][one] for one in verdict],
        rejections=[rejections[one] for one in rejection],
        boots=[boots[one] for one in boot],
        sequences=sequences,
        odd_ids=header["ids"],
    )


def _parted(result_id: str, head: str) -> tuple[str | None, int]:
    """worker/boot and sequence of an id, or (None, 0) when it would not come back the same."""
    boot, slash, sequence = result_id[len(head) :].rpartition("/")
    if not (slash and result_id.startswith(head) and sequence.isascii() and sequence.isdecimal() and len(sequence) < 19):
        return None, 0
    return (boot, int(sequence)) if sequence == "0" or sequence[0] != "0" else (None, 0)


def _written(values: Sequence[int], running: bool) -> tuple[tuple[int, int, int], bytes]:
    """([planes, base, first], the planes)."""
    steps = [b - a for a, b in pairwise(values)] if running else list(values)
    base = sorted(steps)[len(steps) // 2] if steps else 0
    first = values[0] - base if running and values else 0
    rest = list(map(sub, values, [first, *values])) if running else values
    zigzag = array("Q", [_zigzag(one - base) for one in rest])
    if sys.byteorder == "big":
        zigzag.byteswap()
    planes = (max(zigzag, default=0).bit_length() + 7) // 8
    raw = zigzag.tobytes()
    return (planes, base, first), b"".join(raw[plane::8] for plane in range(planes))


def _zigzag(number: int) -> int:
    signed = (number + _HALF) % _WRAP - _HALF
    return signed << 1 if signed >= 0 else ~(signed << 1)


def _read(data: bytes, count: int, shape: Sequence[int], running: bool) -> list[int]:
    planes, base, first = shape
    if not all(isinstance(one, int) for one in shape) or not 0 <= planes <= 8:
        raise ValueError("a column has no such shape")
    if planes == 0:
        rest = [base] * count
    else:
        raw = bytearray(8 * count)
        for plane in range(planes):
            raw[plane::8] = data[plane * count : (plane + 1) * count]
        zigzag = array("Q", bytes(raw))
        if sys.byteorder == "big":
            zigzag.byteswap()
        rest = [(one >> 1 ^ -(one & 1)) + base for one in zigzag]
    return _in_range(list(accumulate(rest, initial=first))[1:] if running else rest)


def _in_range(values: list[int]) -> list[int]:
    """Sums modulo 2^64, as the writer made them."""
    if min(values, default=0) >= -_HALF and max(values, default=0) < _HALF:
        return values
    return [(one + _HALF) % _WRAP - _HALF for one in values]
