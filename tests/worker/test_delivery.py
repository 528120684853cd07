"""From the end of a run to the acknowledgement: nothing is lost that need not be, and memory stays bounded."""

from __future__ import annotations

import asyncio
import contextlib

import pytest

from probes import delivery as delivery_module
from probes.delivery import Delivery
from probes.spool import Spool, SpoolError
from tests.worker.builders import Core, a_result, until


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    monkeypatch.setattr(delivery_module, "SLOW_S", 0.05)
    monkeypatch.setattr(delivery_module, "FIRST_PAUSE_S", 0.01)
    monkeypatch.setattr(delivery_module, "LONGEST_PAUSE_S", 0.05)


@pytest.fixture
async def core():
    return Core()


@pytest.fixture
def spool(tmp_path):
    spool = Spool(tmp_path / "spool.db")
    yield spool
    spool.close()


@contextlib.asynccontextmanager
async def delivering(core, spool=None, **settings):
    delivery = Delivery(core.link, spool, **settings)
    task = asyncio.create_task(delivery.run())
    await asyncio.sleep(0)
    try:
        yield delivery
    finally:
        task.cancel()
        await asyncio.wait((task,))
        await delivery.close()


def ids(*numbers):
    return [a_result(n).id for n in numbers]


async def test_results_pass_the_spool_by_while_the_database_answers(core, spool):
    async with delivering(core, spool) as delivery:
        for n in range(20):
            delivery.put(a_result(n))
            await asyncio.sleep(0)
        assert await delivery.drained(10)

    assert core.ids == ids(*range(20))
    assert spool._database.execute("SELECT seq FROM sqlite_sequence").fetchone() is None


async def test_what_gathers_during_a_hand_over_is_the_next_batch(core):
    core.takes_s = 0.02
    async with delivering(core) as delivery:
        delivery.put(a_result(0))
        await asyncio.sleep(0.005)
        for n in range(1, 8):
            delivery.put(a_result(n))
        assert await delivery.drained(10)

    assert core.batches == [1, 7]


async def test_what_is_no_news_waits_and_leaves_with_the_next_news(core, monkeypatch):
    monkeypatch.setattr(delivery_module, "GATHER_S", 60.0)
    async with delivering(core) as delivery:
        for n in range(3):
            delivery.put(a_result(n), is_news=False)
        await asyncio.sleep(0.02)
        assert core.batches == []

        delivery.put(a_result(3))
        await until(lambda: core.batches)

    assert core.batches == [4]
    assert core.ids == ids(0, 1, 2, 3)


async def test_what_is_no_news_and_comes_during_a_hand_over_waits_as_well(core, monkeypatch):
    monkeypatch.setattr(delivery_module, "GATHER_S", 60.0)
    core.takes_s = 0.01
    async with delivering(core) as delivery:
        delivery.put(a_result(0))
        await asyncio.sleep(0.002)
        delivery.put(a_result(1), is_news=False)
        await until(lambda: core.batches)
        await asyncio.sleep(0.02)
        assert core.batches == [1]
        assert delivery.in_memory == 1


async def test_what_is_no_news_leaves_by_itself_after_a_moment(core, monkeypatch):
    monkeypatch.setattr(delivery_module, "GATHER_S", 0.02)
    async with delivering(core) as delivery:
        for first in (0, 3):
            for n in range(first, first + 3):
                delivery.put(a_result(n), is_news=False)
            await until(lambda: len(core.ids) == first + 3)  # noqa: B023  awaited in the same round

    assert core.batches == [3, 3]


async def test_who_drains_waits_for_no_moment(core, monkeypatch):
    monkeypatch.setattr(delivery_module, "GATHER_S", 60.0)
    async with delivering(core) as delivery:
        delivery.put(a_result(0), is_news=False)
        assert await delivery.drained(10)

    assert core.ids == ids(0)


async def test_what_gathered_is_on_disk_when_it_cannot_be_handed_over_at_the_end(core, spool, monkeypatch):
    monkeypatch.setattr(delivery_module, "GATHER_S", 60.0)
    async with delivering(core, spool) as delivery:
        delivery.put(a_result(0), is_news=False)

    assert core.ids == []
    assert spool.oldest(9) == [a_result(0)]


async def test_a_core_that_is_away_finds_everything_in_order_when_it_is_back(core, spool):
    core.is_away = True
    async with delivering(core, spool) as delivery:
        for n in range(30):
            delivery.put(a_result(n))
            await asyncio.sleep(0.002)
        await until(lambda: spool.count == 30)
        assert not await delivery.drained(0.01)

        core.is_away = False
        delivery.put(a_result(30))
        assert await delivery.drained(10)

        assert core.ids == ids(*range(31))
        assert (spool.count, delivery.in_memory) == (0, 0)


async def test_results_of_an_earlier_life_are_handed_over_first(core, spool):
    spool.add([a_result(1), a_result(2)])
    async with delivering(core, spool) as delivery:
        delivery.put(a_result(3))
        assert await delivery.drained(10)

    assert core.ids == ids(1, 2, 3)
    assert spool.count == 0


async def test_a_slow_hand_over_has_its_results_on_disk_meanwhile(core, spool):
    core.takes_s = 0.6
    async with delivering(core, spool) as delivery:
        delivery.put(a_result(1))
        await asyncio.sleep(0.02)
        delivery.put(a_result(2))
        await until(lambda: spool.count == 2)
        assert core.ids == []

        core.takes_s = 0.0
        assert await delivery.drained(10)

    assert core.ids == ids(1, 2)
    assert spool.count == 0


async def test_whatever_the_core_raises_the_delivery_goes_on(core):
    async def broken(batch):
        raise RuntimeError("a fault of the core")

    on_batch, core.link._on_batch = core.link._on_batch, broken
    async with delivering(core) as delivery:
        delivery.put(a_result(1))
        await asyncio.sleep(0.05)
        core.link._on_batch = on_batch
        assert await delivery.drained(10)

    assert core.ids == ids(1)


async def test_what_was_not_acknowledged_is_handed_over_again(core, spool):
    async def forgetful(batch):
        known = await core.on_batch(batch)
        return known[:1]

    core.link._on_batch = forgetful
    async with delivering(core, spool) as delivery:
        for n in range(3):
            delivery.put(a_result(n))
        assert await delivery.drained(10)

    assert core.batches == [3, 2, 1]


async def test_without_a_spool_memory_keeps_the_oldest_and_counts_the_rest(core):
    core.is_away = True
    async with delivering(core, memory_limit=10) as delivery:
        for n in range(25):
            delivery.put(a_result(n))
        await asyncio.sleep(0.05)
        assert delivery.in_memory == 10
        assert delivery.dropped == 15

        core.is_away = False
        assert await delivery.drained(10)

    assert core.ids == ids(*range(10))


async def test_with_the_disk_full_results_wait_in_memory_and_go_on_without_a_restart(core, spool, monkeypatch):
    def full(results):
        raise SpoolError("database or disk is full")

    core.is_away = True
    async with delivering(core, spool, memory_limit=50) as delivery:
        delivery.put(a_result(0))
        await until(lambda: spool.count == 1)

        monkeypatch.setattr(spool, "add", full)
        for n in range(1, 20):
            delivery.put(a_result(n))
        await until(lambda: delivery.spool_failed)
        await asyncio.sleep(0.1)
        assert delivery.in_memory == 19

        monkeypatch.undo()
        core.is_away = False
        assert await delivery.drained(10)
        assert not delivery.spool_failed

    assert core.ids == ids(*range(20))
    assert spool.count == 0


@pytest.fixture
def shown(core):
    """What a core has judged that cannot store: its database is away."""
    seen = []

    async def judge(batch):
        seen.extend(result.id for result in batch)
        return await core.on_batch(batch)

    core.link._on_batch = judge
    core.is_away = True
    return seen


async def test_what_comes_while_the_core_cannot_store_is_shown_to_it_however_much_waits_before(core, spool, shown, monkeypatch):
    """More waited than one hand-over holds, and whatever broke after that was told to nobody until the database was back."""
    monkeypatch.setattr(delivery_module, "BATCH", 5)
    async with delivering(core, spool) as delivery:
        for n in range(20):
            delivery.put(a_result(n))
        await until(lambda: set(shown) == set(ids(*range(20))))
        await until(lambda: spool.count == 20)
        delivery.put(a_result(20))
        await until(lambda: ids(20)[0] in shown)
        assert core.results == []

        core.is_away = False
        assert await delivery.drained(10)

    assert sorted(core.ids) == sorted(ids(*range(21)))
    assert (spool.count, delivery.in_memory) == (0, 0)


async def test_on_a_full_disk_what_waits_in_memory_is_shown_behind_what_is_spooled(core, spool, shown, monkeypatch):
    def full(results):
        raise SpoolError("database or disk is full")

    async with delivering(core, spool) as delivery:
        delivery.put(a_result(0))
        await until(lambda: spool.count == 1)
        monkeypatch.setattr(spool, "add", full)
        for n in range(1, 10):
            delivery.put(a_result(n))
        await until(lambda: set(shown) == set(ids(*range(10))))

        core.is_away = False
        assert await delivery.drained(10)

    assert sorted(core.ids) == sorted(ids(*range(10)))
    assert (spool.count, delivery.in_memory) == (0, 0)


async def test_a_long_trouble_is_said_once_and_its_end_too(core, spool, shown, monkeypatch, caplog):
    def full(results):
        raise SpoolError("database or disk is full")

    caplog.set_level("INFO", logger="uptimed.worker")
    async with delivering(core, spool) as delivery:
        delivery.put(a_result(0))
        await until(lambda: spool.count == 1)
        monkeypatch.setattr(spool, "add", full)
        for n in range(1, 10):
            delivery.put(a_result(n))
            await until(lambda n=n: shown.count(ids(0)[0]) > n)
        core.is_away = False
        assert await delivery.drained(10)

    said = [record.message for record in caplog.records if record.name == "uptimed.worker"]
    assert [one.partition(":")[0] for one in said] == [
        "The core cannot store results, so they wait with the worker",
        "The spool cannot be used, so results wait in memory only; free or repair its disk. database or disk is full",
        "The core stores results again.",
    ]


async def test_what_is_left_at_the_end_is_on_disk(core, spool):
    core.takes_s = 60.0
    async with delivering(core, spool) as delivery:
        delivery.put(a_result(1))
        await asyncio.sleep(0.01)
        delivery.put(a_result(2))

    assert core.ids == []
    assert spool.oldest(9) == [a_result(1), a_result(2)]
