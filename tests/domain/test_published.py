"""What a published record is made of, and what makes another one necessary."""

from __future__ import annotations

import hashlib
import json
from fractions import Fraction
from typing import Any

import pytest

from uptimed.domain.availability import account_of
from uptimed.domain.figures import Contract
from uptimed.domain.ledger import Ledger
from uptimed.domain.overlays import Adjustment, laid_over
from uptimed.domain.published import (
    Content,
    PublishedRecord,
    Reason,
    Seen,
    as_document,
    content_of,
    from_document,
    reasons_for,
    segments_digest,
    with_resolution,
)
from uptimed.domain.states import Segment, State

PROMISE = Contract(Fraction(99, 100), "99")
UP, DOWN = (State.UP,) * 3, (State.DOWN,) * 3
EXCLUDED = Adjustment("ADJ-1", 0, "bea", "why", "exclude", 40, 50)


def seen(*adjustments: Adjustment, down: tuple[int, int] = (40, 60)) -> Seen:
    segments = [Segment(0, down[0], *UP), Segment(*down, *DOWN), Segment(down[1], 100, *UP)]
    ledger = Ledger([(None, PROMISE)], laid_over(segments, (0, 100), adjustments=adjustments))
    return Seen(account_of(ledger, (0, 100), 100), ledger)


def content(*adjustments: Adjustment, **more: Any) -> Content:
    return content_of(
        seen(*adjustments), seen(), contract=[(0, "d")], adjustments=[one.id for one in adjustments], **{"resolution_us": 7, **more}
    )


def test_a_record_comes_back_from_its_document_and_its_hash_is_that_of_its_text() -> None:
    record = PublishedRecord("shop", "2026", 2, 900, "0.1.0", (Reason("excluded", "ADJ-1", "pourquoi « ça »"),), content(EXCLUDED))

    assert from_document(json.loads(record.text)) == from_document(as_document(record)) == record
    assert record.digest == hashlib.sha256(record.text.encode()).hexdigest()


def test_the_segment_list_is_hashed_line_by_line_as_it_is_documented() -> None:
    lines = [
        "0 40 up up up up counted",
        "40 50 down down down down excluded",
        "50 60 down down down down counted",
        "60 100 up up up up counted",
    ]

    assert (
        segments_digest(seen(EXCLUDED).ledger, 0, 100) == hashlib.sha256("".join(f"{one}\n" for one in lines).encode()).hexdigest()
    )


def test_the_raw_twin_knows_nothing_of_what_was_set_aside() -> None:
    its = content(EXCLUDED)

    assert (its["excluded_us"], its["downtime_ns"]["point"]) == (10, 10_000)
    assert (its["raw"]["excluded_us"], its["raw"]["downtime_ns"]["point"]) == (0, 20_000)
    assert its["segments_sha256"] != its["raw"]["segments_sha256"]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    {
        "nothing": (content(), content(), ()),
        "a resolution is no input": (content(), content(resolution_us=None), ()),
        "a new digest of the same contract neither": (content(), {**content(), "contract": [[0, "e"]]}, ()),
        "an exclusion": (content(), content(EXCLUDED), (Reason("excluded", "ADJ-1", "why"),)),
        "it is taken back": (content(EXCLUDED), content(), (Reason("excluded", "ADJ-1", "why"),)),
        "planned work": (content(), content(maintenance=["MW-1"]), (Reason("planned", "MW-1"),)),
        "no longer planned": (content(maintenance=["MW-1"]), content(), (Reason("unplanned", "MW-1"),)),
        "another start of service": (content(), {**content(), "window_us": [10, 100]}, (Reason("period"),)),
        "other evidence": (content(), {**content(), "raw": {"segments_sha256": "other"}}, (Reason("evidence"),)),
        "another program": (content(), {**content(), "counted_us": 99}, (Reason("program", "0.2.0"),)),
    }.values(),
)
def test_each_change_has_its_reason(old: Content, new: Content, expected: tuple[Reason, ...]) -> None:
    told = {"ADJ-1": Reason("excluded", "ADJ-1", "why")}

    assert reasons_for(old, new, told, "0.2.0") == expected


def test_an_adjustment_that_nobody_explains_is_named_all_the_same() -> None:
    assert reasons_for(content(EXCLUDED), content(), {}, "0.2.0") == (Reason("revoked", "ADJ-1"),)


def test_what_can_no_longer_be_worked_out_stays_known() -> None:
    record = PublishedRecord("shop", "2026", 1, 900, "0.1.0", (), content())

    assert with_resolution(record, None).content["resolution_us"] == 7
    assert with_resolution(record, 8).content["resolution_us"] == 8
