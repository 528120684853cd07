"""
The published record of a closed period: what is said of it once and for all (AVAILABILITY B15).

A record is never changed. When something changes its inputs later, a new revision says so with its reasons, and the old one stays.
Its canonical text is hashed and handed to others: `as_document` is a format.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, NamedTuple

from uptimed.domain.availability import Account
from uptimed.domain.ledger import Ledger

Content = Mapping[str, Any]

NO_INPUT = ("as_of_us", "resolution_us", "contract")
"""Not compared: a resolution cannot be worked out again for ever, and a rename gives the same contract another digest."""


class Reason(NamedTuple):
    """Why a revision was published."""

    what: str
    """excluded | asserted | revoked | planned | unplanned | period | evidence | program."""
    about: str = ""
    """The id of what was made or taken back; for `program` the version that counts now."""
    text: str = ""
    """In the words of who did it."""


@dataclass(frozen=True)
class PublishedRecord:
    product: str
    period: str
    """`2026` or `2026-03`."""
    revision: int
    """1, 2, 3 ..."""
    published_at_us: int
    program: str
    """The version of uptimed that wrote it."""
    reasons: tuple[Reason, ...]
    """Of a revision; the first needs none."""
    content: Content

    @property
    def text(self) -> str:
        return json.dumps(as_document(self), ensure_ascii=True, sort_keys=True, separators=(",", ":"))

    @property
    def digest(self) -> str:
        """SHA-256 of the canonical text."""
        return hashlib.sha256(self.text.encode()).hexdigest()


def as_document(record: PublishedRecord) -> dict[str, Any]:
    return {
        "product": record.product,
        "period": record.period,
        "revision": record.revision,
        "published_at_us": record.published_at_us,
        "program": record.program,
        "reasons": [one._asdict() for one in record.reasons],
        **record.content,
    }


def from_document(document: Mapping[str, Any]) -> PublishedRecord:
    content = dict(document)
    own = {key: content.pop(key) for key in ("product", "period", "revision", "published_at_us", "program")}
    return PublishedRecord(**own, reasons=tuple(Reason(**one) for one in content.pop("reasons")), content=content)


class Seen(NamedTuple):
    """An account, and the ledger that it was read from."""

    account: Account
    ledger: Ledger


def content_of(
    official: Seen,
    raw: Seen,
    *,
    contract: Sequence[tuple[int, str]],
    maintenance: Iterable[str] = (),
    adjustments: Iterable[str] = (),
    resolution_us: int | None = None,
) -> Content:
    """`contract` holds the instant and the digest of each version in force; `raw` is without anything set aside."""
    its = official.account
    return {
        "window_us": [its.from_us, its.to_us],
        "as_of_us": its.as_of_us,
        "contract": [list(one) for one in contract],
        "target": official.ledger.contract_at(its.to_us - 1).target_text,
        **_sums(official),
        "maintenance": sorted(maintenance),
        "adjustments": sorted(adjustments),
        "resolution_us": resolution_us,
        "raw": _sums(raw),
    }


def with_resolution(record: PublishedRecord, resolution_us: int | None) -> PublishedRecord:
    """None: it can no longer be worked out, and what was known of it stays."""
    return record if resolution_us is None else replace(record, content={**record.content, "resolution_us": resolution_us})


def segments_digest(ledger: Ledger, from_us: int, to_us: int) -> str:
    """
    SHA-256 of the pieces of the window, a line each: from, to, point, best, worst, class, point before any assertion.

    Instants are microseconds since 1970; lines end with a newline.
    """
    digest = hashlib.sha256()
    for segment, of, observed in ledger.between(from_us, to_us):
        from_us_, to_us_, *triple = segment
        words = " ".join(state.word for state in (*triple, observed))
        digest.update(f"{from_us_} {to_us_} {words} {of.value}\n".encode())
    return digest.hexdigest()


def _sums(seen: Seen) -> dict[str, Any]:
    its, sums = seen.account, seen.account.figures
    return {
        "counted_us": sums.n_us,
        "measured_us": sums.m_us,
        "unmeasured_us": sums.u_us,
        "excluded_us": sums.excluded_us,
        "downtime_ns": {"least": sums.d_lo_ns, "point": sums.d_ns, "most": sums.d_hi_ns},
        "availability": {"point": _pair(its.point), "lower": _pair(its.lower), "upper": _pair(its.upper)},
        "texts": its.texts._asdict(),
        "verdict": its.verdict.value,
        "to_date": its.to_date.value,
        "remaining_us": {"guaranteed": its.remaining_lower_us, "point": its.remaining_point_us, "most": its.remaining_upper_us},
        "segments_sha256": segments_digest(seen.ledger, its.from_us, its.as_of_us),
    }


def _pair(ratio: Fraction | None) -> list[int] | None:
    return None if ratio is None else [ratio.numerator, ratio.denominator]


def reasons_for(old: Content, new: Content, told: Mapping[str, Reason], program: str) -> tuple[Reason, ...]:
    """
    Why `new` says something else than `old`; empty when it does not.

    `told` explains each adjustment that came or went, by its id. What no input explains is the program's own doing.
    """
    if _inputs(old) == _inputs(new):
        return ()
    came_or_went = sorted({*old["adjustments"], *new["adjustments"]} - ({*old["adjustments"]} & {*new["adjustments"]}))
    found = [told.get(one, Reason("revoked" if one in old["adjustments"] else "excluded", one)) for one in came_or_went]
    found += [Reason("planned", one) for one in new["maintenance"] if one not in old["maintenance"]]
    found += [Reason("unplanned", one) for one in old["maintenance"] if one not in new["maintenance"]]
    if old["window_us"] != new["window_us"]:
        found.append(Reason("period"))
    elif old["raw"]["segments_sha256"] != new["raw"]["segments_sha256"]:
        found.append(Reason("evidence"))
    return tuple(found) or (Reason("program", program),)


def _inputs(content: Content) -> dict[str, Any]:
    return {key: value for key, value in content.items() if key not in NO_INPUT}
