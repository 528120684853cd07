"""The contract of the seam between worker and core, run against every implementation."""

from __future__ import annotations

import asyncio

import pytest

from probes.links import Recheck
from tests.links.contract import FACTORIES, soon
from tests.worker.builders import a_check, a_result, an_assignment

ONE, TWO, THREE = (an_assignment(a_check(f"shop/web/{name}"), version=name) for name in ("one", "two", "three"))


class Database:
    """Stores each id once; can be away, and can die between storing and answering."""

    def __init__(self) -> None:
        self.rows: dict[str, object] = {}
        self.batches: list[int] = []
        self.fails_with: Exception | None = None
        self.refuses: set[str] = set()

    async def on_batch(self, batch):
        if self.fails_with is not None:
            raise self.fails_with
        self.batches.append(len(batch))
        stored = [result for result in batch if result.id not in self.refuses]
        self.rows |= {result.id: result for result in stored}
        return [result.id for result in stored]


@pytest.fixture
def database():
    return Database()


@pytest.fixture(params=list(FACTORIES))
async def sides(request, database):
    async with FACTORIES[request.param](database.on_batch) as (link, core):
        yield link, core


@pytest.fixture
def link(sides):
    return sides[0]


@pytest.fixture
def core(sides):
    return sides[1]


class TestLink:
    async def test_the_present_assignment_comes_at_once(self, link, core):
        await core.publish(ONE)
        assert await soon(anext(link.assignments())) == ONE

    async def test_an_assignment_comes_when_it_is_published(self, link, core):
        waiting = asyncio.create_task(anext(link.assignments()))
        await asyncio.sleep(0.01)
        assert not waiting.done()

        await core.publish(ONE)

        assert await soon(waiting) == ONE

    async def test_a_newer_assignment_replaces_those_that_were_not_taken(self, link, core):
        assignments = link.assignments()
        await core.publish(ONE)
        assert await soon(anext(assignments)) == ONE

        await core.publish(TWO)
        await core.publish(THREE)

        assert await soon(anext(assignments)) == THREE

    async def test_whoever_begins_again_receives_the_present_assignment_again(self, link, core):
        await core.publish(ONE)
        await soon(anext(link.assignments()))
        assert await soon(anext(link.assignments())) == ONE

    async def test_questions_arrive(self, link, core):
        rechecks = link.rechecks()
        await core.ask(Recheck("shop/web/one", 10))
        await core.ask(Recheck("shop/web/two", 20))

        assert {await soon(anext(rechecks)), await soon(anext(rechecks))} == {
            Recheck("shop/web/one", 10),
            Recheck("shop/web/two", 20),
        }

        waiting = asyncio.create_task(anext(rechecks))
        await asyncio.sleep(0.01)
        assert not waiting.done()
        await core.ask(Recheck("shop/web/one", 30))
        assert await soon(waiting) == Recheck("shop/web/one", 30)

    async def test_a_batch_is_stored_whole_and_acknowledged(self, link, database):
        batch = [a_result(n) for n in range(3)]

        known = await soon(link.hand_over(batch))

        assert set(known) == {result.id for result in batch}
        assert list(database.rows.values()) == batch

    async def test_a_batch_that_was_known_is_acknowledged_again(self, link, database):
        await soon(link.hand_over([a_result(1)]))
        assert set(await soon(link.hand_over([a_result(1)]))) == {a_result(1).id}
        assert len(database.rows) == 1

    async def test_only_what_the_database_has_is_acknowledged(self, link, database):
        database.refuses = {a_result(2).id}
        assert set(await soon(link.hand_over([a_result(1), a_result(2)]))) == {a_result(1).id}

    async def test_a_core_without_database_is_a_connection_error(self, link, database):
        database.fails_with = ConnectionError("the database is away")
        with pytest.raises(ConnectionError):
            await soon(link.hand_over([a_result(1)]))


async def test_questions_about_one_check_that_were_not_taken_become_one_with_the_later_end():
    async with FACTORIES["local"](Database().on_batch) as (link, core):
        for until_us in (10, 30, 20):
            await core.ask(Recheck("shop/web/one", until_us))
        await core.ask(Recheck("shop/web/two", 5))

        rechecks = link.rechecks()

        assert await soon(anext(rechecks)) == Recheck("shop/web/one", 30)
        assert await soon(anext(rechecks)) == Recheck("shop/web/two", 5)
