"""Adjustments come back as they were made, in their order, and nothing is ever overwritten."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from uptimed.domain.overlays import Adjustment
from uptimed.domain.states import State
from uptimed.storage import adjustments, tables
from uptimed.storage.database import Database

EXCLUSION = Adjustment("ADJ-2026-0001", 900, "Zoë\n", "« their firewall »", "exclude", 100, 200, scope="sia/web", clause="6.2 (b)")
ASSERTION = Adjustment("ADJ-2026-0002", 900, "bea", "server logs", "assert", 150, 250, State.DEGRADED, scope="sia")
REVOCATION = Adjustment("ADJ-2026-0003", 950, "bea", "wrong day", "revoke", target="ADJ-2026-0001", scope="sia/web")


async def test_every_kind_comes_back_as_it_was_made_in_the_order_of_making(database: Database):
    made = [REVOCATION, ASSERTION, EXCLUSION]

    def work(conn):
        for one in made:
            adjustments.add(conn, one)
        return adjustments.load(conn)

    assert await database.write(work) == made


async def test_one_that_is_told_twice_is_one_and_the_first_stands(database: Database):
    def work(conn):
        adjustments.add(conn, EXCLUSION)
        adjustments.add(conn, EXCLUSION._replace(reason="another story"))
        return adjustments.load(conn)

    assert await database.write(work) == [EXCLUSION]


async def test_what_a_database_cannot_keep_is_left_out_of_the_words(database: Database):
    def work(conn):
        adjustments.add(conn, EXCLUSION._replace(reason="a\0b", clause="\ud800", by="c\0"))
        return adjustments.load(conn)

    assert await database.write(work) == [EXCLUSION._replace(reason="ab", clause="?", by="c")]


ROW: dict[str, object] = {
    "id": "ADJ-2026-0001",
    "scope": "sia",
    "at_us": 900,
    "author": "bea",
    "reason": "why",
    "kind": "exclude",
    "clause": "",
    "from_us": 100,
    "to_us": 200,
    "state": None,
    "target": None,
}


@dataclass(frozen=True)
class Nonsense:
    name: str
    changes: dict[str, object]


@pytest.mark.parametrize(
    "nonsense",
    [
        Nonsense("a kind of its own", {"kind": "forgive"}),
        Nonsense("an end before its start", {"to_us": 99}),
        Nonsense("an empty stretch", {"to_us": 100}),
        Nonsense("no end", {"to_us": None}),
        Nonsense("an exclusion with a state", {"state": "up"}),
        Nonsense("an assertion without a state", {"kind": "assert"}),
        Nonsense("an assertion of nothing measured", {"kind": "assert", "state": "unmeasured"}),
        Nonsense("a revocation of nothing", {"kind": "revoke", "from_us": None, "to_us": None}),
        Nonsense("an exclusion with a target", {"target": "ADJ-2026-0009"}),
    ],
    ids=lambda one: one.name,
)
async def test_the_database_itself_refuses(database: Database, nonsense: Nonsense):
    with pytest.raises(IntegrityError):
        await database.write(lambda conn: conn.execute(insert(tables.adjustments), ROW | nonsense.changes) and None)
    await database.write(lambda conn: conn.execute(insert(tables.adjustments), ROW) and None)
    assert [one.id for one in await database.read(adjustments.load)] == ["ADJ-2026-0001"]
