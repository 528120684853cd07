"""
Seals: a hash over the evidence of each UTC day of receipt, chained to the hash of the day before.

What is sealed of a day: its day blobs (whatever was received in it, rejected results too), and what was written down since the seal
before: versions of the contract, adjustments, planned work. A late result so belongs to the day that received it: no day that is
sealed ever grows, and all that can count of what began on a day is under the seals up to eight days later (`results.LATE_US`).

The statement of a day is text that anybody can hash: JSON in ASCII, one line each, ended by line feeds.

    ["uptimed seal",1,"2026-03-01"]
    ["previous","<SHA-256 of the statement of the day before; 64 zeros for the first>"]
    ["results","<check>","<location>",<how many>,"<SHA-256 of the body of the day blob>"]     by check, then location
    ["contract",<from_us>,"<SHA-256 of its text>"]                                            in the order of writing
    ["adjustment",{"at_us":...,"by":...,...}]                                                 in the order of writing
    ["planned",{"at_us":...,"by":...,...}]                                                    in the order of writing
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from uptimed.domain.maintenance import MaintenanceEvent
from uptimed.domain.overlays import Adjustment
from uptimed.domain.states import State

FIRST = bytes(32)
"""What the first seal of all is chained to."""


class SealedBlob(NamedTuple):
    check: str
    location: str
    results: int
    digest: bytes
    """SHA-256 of the body."""


class ContractText(NamedTuple):
    """A version of the contract as it was written, whatever later versions of uptimed make of it."""

    from_us: int
    text: str


@dataclass(frozen=True)
class Seal:
    received_on: date
    previous: bytes
    digest: bytes
    results: int
    contracts: int
    """How many versions of the contract this seal and all before it cover."""
    adjustments: int
    planned: int
    sealed_at_us: int


class Facts(NamedTuple):
    """What people wrote down, each in the order of writing."""

    contracts: Sequence[ContractText] = ()
    adjustments: Sequence[Adjustment] = ()
    planned: Sequence[MaintenanceEvent] = ()

    def between(self, last: Seal | None, seal: Seal | None = None) -> Facts:
        """What `last` does not cover and `seal` does; without `seal`, all since `last`."""
        covered = (0, 0, 0) if last is None else (last.contracts, last.adjustments, last.planned)
        until = (None, None, None) if seal is None else (seal.contracts, seal.adjustments, seal.planned)
        return Facts(*(several[a:b] for several, a, b in zip(self, covered, until, strict=True)))  # type: ignore[arg-type]

    def upto(self, seal: Seal) -> Facts:
        return self.between(None, seal)

    def lines(self) -> list[Sequence[Any]]:
        return [
            *(("contract", one.from_us, hashlib.sha256(one.text.encode()).hexdigest()) for one in self.contracts),
            *(("adjustment", as_document(one)) for one in self.adjustments),
            *(("planned", planned_document(one)) for one in self.planned),
        ]


def sealed(on: date, last: Seal | None, blobs: Iterable[SealedBlob], facts: Facts, sealed_at_us: int) -> Seal:
    """`facts`: all there are; those that `last` covers are left out."""
    of_day = sorted(blobs)
    previous = FIRST if last is None else last.digest
    return Seal(
        received_on=on,
        previous=previous,
        digest=hashlib.sha256(statement(on, previous, of_day, facts.between(last))).digest(),
        results=sum(one.results for one in of_day),
        contracts=len(facts.contracts),
        adjustments=len(facts.adjustments),
        planned=len(facts.planned),
        sealed_at_us=sealed_at_us,
    )


def statement(on: date, previous: bytes, blobs: Iterable[SealedBlob], facts: Facts) -> bytes:
    lines: list[Sequence[Any]] = [("uptimed seal", 1, on.isoformat()), ("previous", previous.hex())]
    lines += [("results", one.check, one.location, one.results, one.digest.hex()) for one in sorted(blobs)]
    lines += facts.lines()
    return "".join(json.dumps(line, sort_keys=True, separators=(",", ":")) + "\n" for line in lines).encode("ascii")


def as_document(adjustment: Adjustment) -> dict[str, Any]:
    """Every field by name, and no other that later versions may add: what was sealed once must read the same for ever."""
    return {
        "id": adjustment.id,
        "scope": adjustment.scope,
        "at_us": adjustment.at_us,
        "by": adjustment.by,
        "reason": adjustment.reason,
        "kind": adjustment.kind,
        "clause": adjustment.clause,
        "from_us": adjustment.from_us,
        "to_us": adjustment.to_us,
        "state": adjustment.state.word,
        "target": adjustment.target,
    }


def from_document(document: Mapping[str, Any]) -> Adjustment:
    return Adjustment(**{**document, "state": State[document["state"].upper()]})


def planned_document(event: MaintenanceEvent) -> dict[str, Any]:
    return {
        "id": event.id,
        "window": event.window,
        "kind": event.kind,
        "at_us": event.at_us,
        "by": event.by,
        "scope": event.scope,
        "from_us": event.from_us,
        "to_us": event.to_us,
        "title": dict(event.title),
        "text": dict(event.text),
        "rule": event.rule,
        "timezone": event.timezone,
    }


def planned_from(document: Mapping[str, Any]) -> MaintenanceEvent:
    return MaintenanceEvent(**document)
