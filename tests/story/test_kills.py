"""
The daemon is killed twenty times under load, at any moment, and goes on with the same data each time.

Afterwards the books must balance: what was committed is there, nothing is counted twice, and every time that a shop was broken has
become one outage, one alarm and one resolution, with a repeat only where the kill left it open whether a message had arrived
(RELIABILITY G1, G7, G8).
"""

from __future__ import annotations

import asyncio
import random
import signal
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from tests.story.daemons import Uptimed, until
from tests.story.shops import BESIDES, COUNT, Shops, committed, configuration, locked, looking_into, names, spooled
from uptimed import config
from uptimed.domain.catalogue import Check
from uptimed.domain.incidents import Incident, Outage
from uptimed.domain.messages import Delivery
from uptimed.domain.runs import runs_of
from uptimed.storage import incidents, outages, results, timelines
from uptimed.storage.database import Database

SEED = 20_260_724
KILLS = 20
AT_START = {4, 11}
"""These kills fall into the start of the daemon, before its first check."""
LOCKED = {6, 14, 18}
"""Before these kills another program holds the database, so that results wait in the spool."""
FOR_EVER_US = 2**62


class Witness:
    """Remembers what was safe before each kill."""

    def __init__(self, uptimed: Uptimed, shops: Shops, chance: random.Random) -> None:
        self.uptimed = uptimed
        self.shops = shops
        self.chance = chance
        self.committed: dict[str, bytes] = {}
        self.spooled: set[str] = set()

    async def see_it_killed(self, number: int) -> None:
        self.shops.looked_at.clear()
        await self.uptimed.begin()
        await self.uptimed.warm_up()
        if number in AT_START:
            await asyncio.sleep(self.chance.uniform(0, 0.4))
        else:
            await asyncio.wait_for(self.shops.looked_at.wait(), 60)
            await asyncio.sleep(self.chance.uniform(0, 1.2))
        if number in LOCKED:
            await self._kill_with_results_in_the_spool()
        else:
            await self._kill()

    async def _kill_with_results_in_the_spool(self) -> None:
        data = self.uptimed.data
        with locked(data):
            await until(lambda: bool(spooled(data)), "results are spooled while the database is held")
            await asyncio.sleep(self.chance.uniform(0, 0.3))
            await self._kill()
        self.spooled |= spooled(data)

    async def _kill(self) -> None:
        self.committed |= committed(self.uptimed.data)
        assert await self.uptimed.stop(signal.SIGKILL) == -signal.SIGKILL


@pytest.mark.timeout(300)
async def test_twenty_kills_under_load_lose_nothing_and_count_nothing_twice(tmp_path: Path) -> None:
    chance = random.Random(SEED)
    async with Shops(chance).standing() as shops:
        assert isinstance(shops, Shops)
        uptimed = Uptimed(tmp_path, shops, configuration())
        witness = Witness(uptimed, shops, chance)
        living = asyncio.create_task(shops.live())
        try:
            for number in range(KILLS):
                await witness.see_it_killed(number)
            living.cancel()
            await come_to_rest(uptimed, shops)
        finally:
            living.cancel()
            await uptimed.end()

    # Otherwise too little has happened to prove anything.
    assert shops.times_broken.total() > KILLS
    assert len(witness.committed) > 25 * KILLS
    assert len(witness.spooled) > KILLS
    await look_at_what_is_left(uptimed, witness, shops)


async def look_at_what_is_left(uptimed: Uptimed, witness: Witness, shops: Shops) -> None:
    for file in ("uptimed.db", "spool.db"):
        with looking_into(uptimed.data / file) as database:
            assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert spooled(uptimed.data) == set()
    database = await Database.open(f"sqlite+aiosqlite:///{uptimed.data}/uptimed.db", data=uptimed.data, read_only=True)
    try:
        await database.read(lambda connection: the_books_balance(connection, uptimed, witness, shops))
    finally:
        await database.close()


async def come_to_rest(uptimed: Uptimed, shops: Shops) -> None:
    """The last life: all that is broken becomes known, is repaired, and that becomes known."""
    await uptimed.start()
    await until(lambda: shops.everybody_knows("incident.opened"), "every alert has arrived", within_s=40)
    shops.broken_now.clear()
    await until(lambda: shops.everybody_knows("incident.resolved"), "all the good news have arrived", within_s=40)
    assert await uptimed.stop() == 0


def the_books_balance(connection: Connection, uptimed: Uptimed, witness: Witness, shops: Shops) -> None:
    nothing_acknowledged_is_lost(connection, witness)
    nothing_is_counted_twice(connection, config.load(uptimed.config).catalogue.checks())
    known = {one.id: one for one in incidents.recent(connection, 0)}
    found = outages.of_components(connection, [f"{shop}/web" for shop in names()], 0, FOR_EVER_US)
    every_outage_has_its_incident(found, known, shops)
    every_alert_was_delivered(connection, known, shops)


def nothing_acknowledged_is_lost(connection: Connection, witness: Witness) -> None:
    there = {row.id: row.digest for row in connection.execute(text("SELECT id, digest FROM result_keys"))}
    assert {one: there.get(one) for one in witness.committed} == witness.committed
    assert witness.spooled <= there.keys()


def nothing_is_counted_twice(connection: Connection, checks: Iterable[Check]) -> None:
    """The timelines hold exactly the results that are stored, and each is stored once."""
    rows, different, keys = connection.execute(
        text("SELECT count(*), count(DISTINCT id), (SELECT count(*) FROM result_keys) FROM results")
    ).one()
    assert rows == different == keys
    looked_at = list(checks)
    assert len(looked_at) == COUNT + BESIDES
    for check in looked_at:
        runs, _ = timelines.load(connection, check.id)
        assert runs == runs_of(results.evidence(connection, check.id, 0, FOR_EVER_US), check.horizon_us)


def every_outage_has_its_incident(found: list[Outage], known: Mapping[str, Incident], shops: Shops) -> None:
    assert Counter(one.component.removesuffix("/web") for one in found) == shops.times_broken
    for outage in found:
        assert outage.ended_at_us is not None
        assert outage.incident in known
    assert {one.incident for one in found} == known.keys()


def every_alert_was_delivered(connection: Connection, known: Mapping[str, Incident], shops: Shops) -> None:
    assert {one.incident for one in shops.delivered} == known.keys(), "nobody was told of what is not there"
    for incident in known.values():
        assert incident.resolved_at_us is not None
        assert shops.told(incident.product, "incident.opened") == 1 + incident.reopened
    written = {row.id: row.state for row in connection.execute(text("SELECT id, state FROM outbox"))}
    # Cancelled: it had arrived, a kill came before that could be noted, and by the next start its incident was over.
    assert set(written.values()) <= {Delivery.SENT.value, Delivery.CANCELLED.value}
    assert written.keys() == shops.repeats().keys(), "what was written has arrived, and what has arrived was written"
    for same in shops.repeats().values():
        # What comes after the first tells the same facts, and says that it may be a repeat.
        assert all(later.possible_repeat for later in same[1:])
        assert all(one.facts == same[0].facts for one in same)
