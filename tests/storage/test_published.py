"""Published records come back as they were written, revision by revision, and none is ever overwritten."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import insert, text
from sqlalchemy.exc import IntegrityError

from tests.storage.builders import a_catalogue
from uptimed.domain.published import PublishedRecord, Reason
from uptimed.storage import catalogue, published, renames, tables
from uptimed.storage.database import Database

FIRST = PublishedRecord("sia", "2026-03", 1, 100, "0.1.0", (), {"texts": {"point": "99.9931"}, "window_us": [1, 2]})
SECOND = replace(
    FIRST,
    revision=2,
    published_at_us=900,
    reasons=(Reason("excluded", "ADJ-2026-0001", "« leur pare-feu »"),),
    content={"texts": {"point": "100.0000"}, "window_us": [1, 2]},
)


async def test_revisions_come_back_as_they_were_published_the_first_one_first(database: Database):
    def work(conn):
        published.add(conn, [SECOND, FIRST, replace(FIRST, period="2026")])
        return published.load(conn)

    assert await database.write(work) == {("sia", "2026"): [replace(FIRST, period="2026")], ("sia", "2026-03"): [FIRST, SECOND]}
    assert list(await database.read(lambda conn: published.load(conn, "2026"))) == [("sia", "2026")]


async def test_a_revision_that_was_published_stands(database: Database):
    def work(conn):
        published.add(conn, [FIRST])
        published.add(conn, [replace(FIRST, content={"texts": {"point": "100.0000"}})])
        return published.load(conn)

    assert await database.write(work) == {("sia", "2026-03"): [FIRST]}


async def test_its_hash_is_that_of_the_text_that_is_stored(database: Database):
    await database.write(lambda conn: published.add(conn, [FIRST, SECOND]))

    rows = await database.read(
        lambda conn: conn.execute(text("SELECT digest, document FROM published_records ORDER BY revision")).all()
    )

    assert [tuple(row) for row in rows] == [(FIRST.digest, FIRST.text), (SECOND.digest, SECOND.text)]
    assert FIRST.digest != SECOND.digest


async def test_after_a_rename_it_is_found_under_the_new_name_and_says_what_was_published(database: Database):
    def work(conn):
        catalogue.record(conn, a_catalogue("home"), 50)
        published.add(conn, [FIRST])
        renames.apply(conn, {"sia": "sign-in"}, 200)
        return published.load(conn)

    assert await database.write(work) == {("sign-in", "2026-03"): [FIRST]}


async def test_no_revision_comes_before_the_first(database: Database):
    row = {"product": "sia", "period": "2026", "revision": 0, "published_at_us": 1, "digest": "x", "document": "{}"}

    with pytest.raises(IntegrityError):
        await database.write(lambda conn: conn.execute(insert(tables.published_records).values(**row)) and None)
