"""Many shops that break and are repaired, a receiver that takes its time, and what another program may see in the files."""

from __future__ import annotations

import asyncio
import random
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiohttp import web

from tests.story.daemons import World

COUNT = 24
BESIDES = 46
"""Checks that only make work: of endpoints that never break."""


def names() -> list[str]:
    return [f"shop-{number}" for number in range(COUNT)]


def configuration() -> str:
    """For `Uptimed`: a product a shop, and the street that they are in."""
    head = 'site:\n  name: Shops\nserver:\n  public: "127.0.0.1:{public}"\n  staff: "127.0.0.1:{staff}"\ndata: {data}\n'
    watched = [_product(shop, ["front"]) for shop in names()]
    watched.append(_product("street", [f"lamp-{number}" for number in range(BESIDES)]))
    return head + _ALARMS + "products:\n" + "".join(watched)


def _product(name: str, checks: list[str]) -> str:
    return f"""
  - id: {name}
    components:
      - id: web
        checks:
""" + "".join(_check(name, check) for check in checks)


def _check(product: str, check: str) -> str:
    return f"""
          - id: {check}
            kind: http
            url: "{{target}}/health/{product}"
            every: 1s
            timeout: 950ms
            confirm:
              failures: 3
              recheck: 50ms
"""


_ALARMS = """
notify:
  channels:
    hook:
      kind: webhook
      url: "{target}/sink"
  escalation:
    critical:
      - notify: hook
egress:
  allow: [127.0.0.0/8]
"""


@dataclass(frozen=True)
class Delivered:
    """One request that the receiver took."""

    id: str
    type: str
    shop: str
    incident: str
    possible_repeat: bool
    facts: dict[str, Any]


class Shops(World):
    """
    A shop stays broken until its alert has come, and whole until the good news have come.

    So each time that one was broken is exactly one outage, one alarm and one resolution, however often the daemon is killed.
    """

    def __init__(self, chance: random.Random) -> None:
        super().__init__()
        self.chance = chance
        self.broken_now: set[str] = set()
        self.times_broken: Counter[str] = Counter()
        self.delivered: list[Delivered] = []
        self.looked_at = asyncio.Event()
        """Set by the next check that arrives."""

    async def live(self) -> None:
        """Break and repair, until cancelled."""
        while True:
            for shop in names():
                if self._may_break(shop) and self.chance.random() < 0.03:
                    self.times_broken[shop] += 1
                    self.broken_now.add(shop)
                elif self._may_be_repaired(shop) and self.chance.random() < 0.05:
                    self.broken_now.discard(shop)
            await asyncio.sleep(0.05)

    def told(self, shop: str, kind: str) -> int:
        """How many different messages of that kind have come about it."""
        return len({one.id for one in self.delivered if (one.shop, one.type) == (shop, kind)})

    def everybody_knows(self, kind: str) -> bool:
        return all(self.told(shop, kind) == self.times_broken[shop] for shop in names())

    def repeats(self) -> dict[str, list[Delivered]]:
        """By idempotency id, in the order of their arrival."""
        found: dict[str, list[Delivered]] = defaultdict(list)
        for one in self.delivered:
            found[one.id].append(one)
        return found

    def _may_break(self, shop: str) -> bool:
        return shop not in self.broken_now and self.told(shop, "incident.resolved") == self.times_broken[shop]

    def _may_be_repaired(self, shop: str) -> bool:
        return shop in self.broken_now and self.told(shop, "incident.opened") == self.times_broken[shop]

    async def _health(self, request: web.Request) -> web.Response:
        self.looked_at.set()
        return web.Response(status=503 if request.match_info["which"] in self.broken_now else 200)

    async def _sink(self, request: web.Request) -> web.Response:
        body = await request.json()
        incident = body["data"].pop("incident")
        repeat = body["data"].pop("possible_repeat")
        del body["data"]["text"]  # In words, which say it when it may be a repeat.
        facts = {**body, "incident": incident}
        message = Delivered(request.headers["webhook-id"], body["type"], incident["product"], incident["id"], repeat, facts)
        self.delivered.append(message)
        # Taken, and not yet answered: a kill that falls in here must lead to a repeat, and to one that says so.
        await asyncio.sleep(self.chance.uniform(0, 0.15))
        return web.Response(status=204)


@contextmanager
def looking_into(file: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=5)) as database:
        yield database


def committed(data: Path) -> dict[str, bytes]:
    """Id and digest of every result that another program can see in the database."""
    if not (data / "uptimed.db").exists():
        return {}
    with looking_into(data / "uptimed.db") as database:
        if not database.execute("SELECT 1 FROM sqlite_master WHERE name = 'result_keys'").fetchone():
            return {}
        return dict(database.execute("SELECT id, digest FROM result_keys"))


def spooled(data: Path) -> set[str]:
    with looking_into(data / "spool.db") as database:
        return {row[0] for row in database.execute("SELECT id FROM results")}


@contextmanager
def locked(data: Path) -> Iterator[None]:
    """Another program holds the database, so that results go to the spool."""
    with closing(sqlite3.connect(data / "uptimed.db", isolation_level=None, timeout=5)) as database:
        database.execute("BEGIN IMMEDIATE")
        try:
            yield
        finally:
            database.execute("ROLLBACK")
