"""What is stated when something is to be proven: the evidence of a year, what judges it, and what was said of it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from uptimed.domain.contract import ContractHistory, ImportedCheck, from_document
from uptimed.domain.evidence import Source
from uptimed.domain.published import PublishedRecord
from uptimed.domain.record import Overlays
from uptimed.domain.seals import Facts, Seal
from uptimed.domain.states import Segment
from uptimed.engine.planned import overlays_of

MONTH_US = 31 * 86_400_000_000
"""Evidence reaches back so far before the year: what goes on at its start has begun before."""

Timelines = Mapping[str, Sequence[Segment]]


class Finding(NamedTuple):
    """Something that is not as it was said to be."""

    about: str
    """A check, product, seal or file, with its day or period."""
    what: str

    def __str__(self) -> str:
        return f"{self.about}: {self.what}"


class StatedBlob(NamedTuple):
    check: str
    location: str
    received_on: date
    body: Source


@dataclass(frozen=True)
class Stated:
    """The evidence of a year, and all that is needed to judge it."""

    year: int
    as_of_us: int
    facts: Facts
    """All there are, as they were written."""
    imported: Sequence[ImportedCheck]
    names: Mapping[str, str]
    """Name of old -> name of now."""
    chain: Sequence[Seal]
    statements: Mapping[date, bytes]
    """What was sealed, of the days in question and of all in which a fact was written down."""
    blobs: Sequence[StatedBlob]
    """By check, location and day."""
    first_on: date
    last_on: date
    """From the first to the last of these days every blob is there; before and after, those that hold evidence of the year."""

    def history(self) -> ContractHistory:
        versions = [from_document(one.from_us, json.loads(one.text), self.names) for one in self.facts.contracts]
        return ContractHistory(versions, self.imported)

    def overlays(self, as_known_at_us: int | None = None) -> Overlays:
        """What was set aside, under the names of now; as far as it was known then, or by now."""
        adjustments = [one._replace(scope=self.names.get(one.scope, one.scope)) for one in self.facts.adjustments]
        planned = [one._replace(scope=self.names.get(one.scope, one.scope)) for one in self.facts.planned]
        return overlays_of(adjustments, planned, self.history(), max(self.as_of_us, as_known_at_us or 0), as_known_at_us)


class DayLine(NamedTuple):
    """How a check was on a local day, by its own timeline; microseconds."""

    check: str
    day: str
    up_us: int
    degraded_us: int
    down_us: int
    unmeasured_us: int
    least_down_us: int
    most_down_us: int


@dataclass(frozen=True)
class Published:
    """What was said."""

    days: Sequence[DayLine]
    documents: Sequence[Mapping[str, Any]]
    """Of `uptimed availability --format json`: the year and its months, for each product."""
    records: Sequence[PublishedRecord]
    """The newest revision of each closed period's."""
