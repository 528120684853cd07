"""
A file of recorded results: one JSON object a line, in any order.

    {"check": "shop/web/home", "location": "local", "started_at": "2026-03-01T09:00:00Z", "ended_at": "2026-03-01T09:00:00.142Z",
     "verdict": "up"}

and, where they are known, `received_at` (else `ended_at`), `id` (else what the line says), `epoch` (else 0), and for
people `reason` and `detail`. Instants are ISO 8601 with an offset, or integer microseconds since 1970.

The file is read twice, once for its mistakes and once for its results: a year of them needs no memory of its size.
"""

from __future__ import annotations

import json
import re
from array import array
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from uptimed.domain.civil import micros
from uptimed.engine.replay import Recorded, recorded

NEEDED = ("check", "location", "started_at", "ended_at", "verdict")
OPTIONAL = ("received_at", "id", "epoch", "reason", "detail")
EARLIEST_US, LATEST_US = -62_135_596_800_000_000, 253_402_300_799_999_999
"""The years 1 to 9999."""
_DECODER = json.JSONDecoder()
_FINER = re.compile(r"[.,]\d{6}0*[1-9]")
_LIKE = "write it like 2026-03-01T09:00:00.142Z, or as integer microseconds since 1970"


class Unreadable(Exception):
    """All that is wrong with the file, a sentence for each line."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


class Wrong(ValueError):
    """What is wrong with a line; what would be right: an argument for each."""


class Recording:
    """The results of a file. `Unreadable` when a line is none, with every such line; OSError when the file cannot be read."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.ignored: Counter[str] = Counter()
        """Key that means nothing here -> how many lines have it."""
        self._received = array("q")
        self._offsets = array("q")
        self._lines = array("q")
        self._in_order = True
        problems: list[str] = []
        with path.open("rb") as file:
            for line, (offset, text) in enumerate(_lines_of(file), 1):
                if not text.strip():
                    continue
                try:
                    self._note(offset, line, text)
                except Wrong as wrong:
                    problems += [f"{path}:{line}: {one}" for one in wrong.args]
        if problems:
            raise Unreadable(problems)

    def __len__(self) -> int:
        return len(self._received)

    @property
    def last_received_us(self) -> int | None:
        return max(self._received, default=None)

    def results(self) -> Iterator[Recorded]:
        """In the order of receipt; in that of the file where it is the same."""
        received, offsets, lines = self._received, self._offsets, self._lines
        order = range(len(received)) if self._in_order else sorted(range(len(received)), key=received.__getitem__)
        with self.path.open("rb") as file:
            for index in order:
                file.seek(offsets[index])
                yield result_of(_object(file.readline()), lines[index])

    def _note(self, offset: int, line: int, text: bytes) -> None:
        fields = _object(text)
        received_us = _facts_of(fields)[5]
        if self._received and received_us < self._received[-1]:
            self._in_order = False
        self._received.append(received_us)
        self._offsets.append(offset)
        self._lines.append(line)
        if len(fields) > len(NEEDED):
            self.ignored.update(key for key in fields if key not in NEEDED and key not in OPTIONAL)


Facts = tuple[str, str, int, int, str, int, str, int]
"""check, location, started_us, ended_us, verdict, received_us, id, epoch."""


def result_of(fields: Mapping[str, Any], line: int = 0) -> Recorded:
    """`Wrong` when a key is missing or holds what it cannot mean. Whether the result is evidence is the ingest's business."""
    check, location, started_us, ended_us, verdict, received_us, result_id, epoch = _facts_of(fields)
    return recorded(
        check=check,
        location=location,
        started_us=started_us,
        ended_us=ended_us,
        verdict=verdict,
        received_us=received_us,
        result_id=result_id,
        epoch=epoch,
        reason=_words(fields, "reason"),
        detail=_words(fields, "detail"),
        line=line,
    )


_READERS: Mapping[str, Callable[[Mapping[str, Any]], Any]] = {
    "check": lambda fields: _text(fields, "check", "the id of a check, product/component/check"),
    "location": lambda fields: _text(fields, "location", "the id of a location"),
    "started_at": lambda fields: _instant(fields, "started_at"),
    "ended_at": lambda fields: _instant(fields, "ended_at"),
    "verdict": lambda fields: _text(fields, "verdict", "up, degraded, down or unknown"),
    "received_at": lambda fields: None if fields["received_at"] is None else _instant(fields, "received_at"),
    "id": lambda fields: None if fields["id"] is None else _text(fields, "id", "a text, one for each result"),
    "epoch": lambda fields: _epoch(fields["epoch"]),
}


def _facts_of(fields: Mapping[str, Any]) -> Facts:
    """`Wrong` with all that is wrong, a sentence for each key."""
    found: dict[str, Any] = {}
    wrong = []
    if missing := [key for key in NEEDED if key not in fields]:
        wrong.append(f"{_listed(missing)} missing; a result has {_listed(NEEDED)}")
    for key, read in _READERS.items():
        if key in fields:
            try:
                found[key] = read(fields)
            except Wrong as one:
                wrong.append(str(one))
    if wrong:
        raise Wrong(*wrong)
    received_us = found.get("received_at")
    return (
        found["check"],
        found["location"],
        found["started_at"],
        found["ended_at"],
        found["verdict"],
        found["ended_at"] if received_us is None else received_us,
        found.get("id") or "",
        found.get("epoch", 0),
    )


def instant_of(value: Any) -> int:
    """Microseconds since 1970, exactly. `Wrong` with what it is instead."""
    if isinstance(value, int) and not isinstance(value, bool):
        at_us = value
    elif not isinstance(value, str):
        raise Wrong(f"{_short(value)} is no instant; {_LIKE}")
    else:
        try:
            at = datetime.fromisoformat(value)
        except ValueError:
            raise Wrong(f"{_short(value)} is no instant; {_LIKE}") from None
        if at.tzinfo is None:
            raise Wrong(f"{_short(value)} does not say in which zone; end it with Z, or with an offset such as +01:00")
        if _FINER.search(value):
            raise Wrong(f"{_short(value)} is finer than a microsecond; round it to six digits")
        at_us = micros(at)
    if not EARLIEST_US <= at_us <= LATEST_US:
        raise Wrong(f"{_short(value)} lies outside the years 1 to 9999; {_LIKE}")
    return at_us


def _lines_of(file: BinaryIO) -> Iterator[tuple[int, bytes]]:
    offset = 0
    for text in file:
        yield offset, text
        offset += len(text)


def _object(text: bytes) -> Mapping[str, Any]:
    try:
        line = text.decode("utf-8-sig").strip()
        fields, end = _DECODER.raw_decode(line)
    except UnicodeDecodeError:
        raise Wrong("not UTF-8; write the file in UTF-8") from None
    except (ValueError, RecursionError) as error:
        raise Wrong(f"not JSON ({error}); write one object a line") from None
    if end != len(line):
        raise Wrong("more than one object; write one object a line")
    if not isinstance(fields, dict):
        raise Wrong(f"{_short(fields)} is no object; write one object a line, with {_listed(NEEDED)}")
    return fields


def _text(fields: Mapping[str, Any], key: str, what: str) -> str:
    value = fields[key]
    if not isinstance(value, str) or not value:
        raise Wrong(f"`{key}` is {_short(value)}; write {what}")
    return value


def _words(fields: Mapping[str, Any], key: str) -> str:
    """What is said for people; whatever it is, it changes nothing."""
    value = fields.get(key)
    return value if isinstance(value, str) else ""


def _instant(fields: Mapping[str, Any], key: str) -> int:
    value = fields[key]
    try:
        # The common form, at half the cost: that long, and with a colon there, it has six digits of a second at most.
        if len(value) <= 27 and value[16] == ":":
            return micros(datetime.fromisoformat(value))
    except (TypeError, ValueError, IndexError):
        pass
    try:
        return instant_of(value)
    except Wrong as wrong:
        raise Wrong(f"`{key}`: {wrong}") from None


def _epoch(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not -(2**31) <= value < 2**31:
        raise Wrong(f"`epoch` is {_short(value)}; write a whole number that rises when the clock of the location was stepped")
    return value


def _listed(keys: list[str] | tuple[str, ...]) -> str:
    return ", ".join(f"`{key}`" for key in keys)


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else text[:59] + "…"
