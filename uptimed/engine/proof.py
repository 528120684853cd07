"""
Whether what was said follows from what was seen: the seals over the results, and every figure recomputed from these.

No database and no network: all that is needed is stated (`uptimed.engine.stated`).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

from uptimed.domain.dayblob import DayBlobDamaged, day
from uptimed.domain.published import NO_INPUT
from uptimed.domain.seals import FIRST, Facts, Seal, SealedBlob, statement
from uptimed.engine.recomputing import content_again, day_lines, documents_of, timelines_of
from uptimed.engine.stated import DayLine, Finding, Published, Stated


def prove(stated: Stated, published: Published, progress: Callable[[str], None] = lambda _: None) -> Iterator[Finding]:
    """Everything that differs; nothing when all of it follows."""
    yield from _seals(stated)
    try:
        yield from _sealed_results(stated, progress)
        timelines = timelines_of(stated, progress)
    except DayBlobDamaged as damaged:
        yield Finding("results", f"they cannot be read, so no figure was recomputed: {damaged}")
        return
    yield from _days(published.days, list(day_lines(stated, timelines)))
    yield from _documents(published.documents, documents_of(stated, timelines))
    for record in published.records:
        yield from _differences(
            f"published record of {record.product} {record.period}, revision {record.revision}",
            {key: value for key, value in record.content.items() if key not in NO_INPUT},
            {key: value for key, value in _plain(content_again(stated, timelines, record)).items() if key not in NO_INPUT},
        )


# Seals

NO_FACTS = ("uptimed seal", "previous", "results")


def _seals(stated: Stated) -> Iterator[Finding]:
    """The chain has no gap, each seal is that of its statement, and the facts are those that were stated."""
    if stated.chain and stated.chain[0].previous != FIRST:
        yield Finding(f"seal of {stated.chain[0].received_on}", "it is the first, and is chained to another")
    for one, following in pairwise(stated.chain):
        if following.received_on != one.received_on + timedelta(days=1):
            yield Finding(f"seal of {following.received_on}", f"the one before it is of {one.received_on}; a day is missing")
        if following.previous != one.digest:
            yield Finding(f"seal of {following.received_on}", "it is not chained to the seal of the day before")
    before: Seal | None = None
    for seal in stated.chain:
        about = f"seal of {seal.received_on}"
        text = stated.statements.get(seal.received_on)
        facts = _facts(stated, before, seal)
        if text is None and facts:
            yield Finding(about, "its statement is missing, and contracts, adjustments or planned work were sealed in it")
        elif text is not None:
            if hashlib.sha256(text).digest() != seal.digest:
                yield Finding(about, "its hash is not that of what is stated")
            if (said := [line for line in _lines_of(text) if line[0] not in NO_FACTS]) != facts:
                yield Finding(about, f"the contracts, adjustments and planned work are not as sealed: {_first_other(said, facts)}")
        before = seal


def _facts(stated: Stated, before: Seal | None, seal: Seal) -> list[Any]:
    facts: list[Any] = _plain(stated.facts.between(before, seal).lines())
    covered = (seal.contracts, seal.adjustments, seal.planned)
    is_short = any(len(several) < number for several, number in zip(stated.facts, covered, strict=True))
    return [*facts, ["missing"]] if is_short else facts


def _sealed_results(stated: Stated, progress: Callable[[str], None]) -> Iterator[Finding]:
    """Every blob is one that was sealed; of the days in question, every one that was sealed is there."""
    found: dict[date, list[SealedBlob]] = {}
    for one in stated.blobs:
        progress(f"{one.check} from {one.location}, {one.received_on}")
        body = one.body()
        its = day(body)
        if (its.check, its.location, its.received_on) != one[:3]:
            yield Finding(f"{one.check} {one.received_on}", f"its results are those of {its.check} of {its.received_on}")
        sealed = SealedBlob(one.check, one.location, len(its.starts), hashlib.sha256(body).digest())
        found.setdefault(one.received_on, []).append(sealed)
    for seal in stated.chain:
        text = stated.statements.get(seal.received_on)
        is_whole = stated.first_on <= seal.received_on <= stated.last_on
        here = found.get(seal.received_on, [])
        if text is None:
            if is_whole or here:
                yield Finding(f"seal of {seal.received_on}", "its statement is missing")
            continue
        said = {_key(line) for line in _lines_of(text) if line[:1] == ["results"]}
        mine = {
            _key(line) for line in _lines_of(statement(seal.received_on, seal.previous, here, Facts())) if line[:1] == ["results"]
        }
        for check, location, *_ in sorted(mine ^ said if is_whole else mine - said):
            yield Finding(f"{check} {seal.received_on}", f"its results from {location} are not those that were sealed")


def _key(line: Sequence[Any]) -> tuple[str, ...]:
    return tuple(map(str, line[1:]))


def _lines_of(text: bytes) -> list[list[Any]]:
    return [json.loads(line) for line in text.splitlines()]


def _first_other(said: Sequence[Any], facts: Sequence[Any]) -> str:
    others = [one for one in [*said, *facts] if (one in said) != (one in facts)]
    return json.dumps(others[0]) if others else "their order differs"


# Figures


def _days(said: Sequence[DayLine], again: Sequence[DayLine]) -> Iterator[Finding]:
    """Line by line, figure by figure."""
    known = {one[:2]: one for one in said}
    for line in again:
        other = known.pop(line[:2], None)
        about = f"{line.check} {line.day}"
        if other is None:
            yield Finding(about, "nothing was said of a day of which there is evidence")
            continue
        for name, told, found in zip(DayLine._fields[2:], other[2:], line[2:], strict=True):
            if told != found:
                yield Finding(about, f"{name} was said to be {told}; from the results it is {found}")
    for check, on in known:
        yield Finding(f"{check} {on}", "figures were given, but there is no evidence of that day")


def _documents(said: Sequence[Mapping[str, Any]], again: Sequence[Mapping[str, Any]]) -> Iterator[Finding]:
    known = {(one["product"], one["period"]): one for one in said}
    for document in again:
        key = document["product"], document["period"]
        if key not in known:
            yield Finding(" ".join(key), "nothing was said of this period")
        else:
            yield from _differences(" ".join(key), known.pop(key), _plain(document))
    for product, period in known:
        yield Finding(f"{product} {period}", "figures were given for a period in which there is no such product")


def _differences(about: str, said: Any, again: Any, name: str = "") -> Iterator[Finding]:
    if isinstance(said, dict) and isinstance(again, dict):
        for key in sorted({*said, *again}):
            yield from _differences(about, said.get(key), again.get(key), f"{name}.{key}" if name else key)
    elif said != again:
        yield Finding(about, f"{name} was said to be {json.dumps(said)}; from the results it is {json.dumps(again)}")


def _plain(document: Any) -> Any:
    """As it comes back from JSON."""
    return json.loads(json.dumps(document, default=dict))
