"""A small catalogue, a real database that can be taken away, and a clock that is moved by hand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection

from probes.links import ProbeResult
from probes.outcome import Outcome, Verdict
from uptimed.domain.catalogue import (
    Catalogue,
    Check,
    Commitment,
    Component,
    EscalationStep,
    Location,
    Product,
    ResponseTarget,
    Site,
)
from uptimed.domain.messages import Message
from uptimed.domain.severity import Severity
from uptimed.engine.engine import Engine
from uptimed.storage import StorageAway, outbox
from uptimed.storage.database import Database

T = TypeVar("T")
S = 1_000_000
NOON_US = 1_790_000_000 * S
EVERY_S = 20

REASONS = {Verdict.UP: "ok", Verdict.DEGRADED: "slow", Verdict.DOWN: "http_status", Verdict.UNKNOWN: "local_descriptors"}


class HandClock:
    def __init__(self) -> None:
        self.us = NOON_US

    def now_us(self) -> int:
        return self.us

    def monotonic(self) -> float:
        return self.us / S


class Absentable:
    """The real database, with a switch that takes it away."""

    def __init__(self, database: Database) -> None:
        self.real = database
        self.away = False

    async def write(self, work: Callable[[Connection], T], *, token: int = 0) -> T:
        self._here()
        return await self.real.write(work, token=token)

    async def read(self, work: Callable[[Connection], T]) -> T:
        self._here()
        return await self.real.read(work)

    def _here(self) -> None:
        if self.away:
            raise StorageAway("the database does not answer")


def catalogue(version: str = "v1", **severities: Severity) -> Catalogue:
    """One product `shop`; a component of each name, watched by one check."""
    wanted = severities or {"web": Severity.CRITICAL}
    return Catalogue(
        version=version,
        site=Site(name="Shop", url="https://status.example.com"),
        commitment=Commitment(
            updates={Severity.CRITICAL: 1_800 * S}, response={Severity.CRITICAL: ResponseTarget(3_600 * S, "always")}
        ),
        locations=(Location("local", {"en": "London", "fr": "Londres"}),),
        products=(Product("shop", {"en": "Shop", "fr": "Boutique"}, tuple(_component(*one) for one in wanted.items())),),
        escalation={severity: (EscalationStep(0, ("hook",)), EscalationStep(600 * S, ("pager",))) for severity in Severity},
    )


def _component(name: str, severity: Severity) -> Component:
    check = Check(f"shop/{name}/home", "http", None, EVERY_S * S, 5 * S, locations=("local",))
    return Component(f"shop/{name}", {"en": name, "fr": name}, severity, (check,))


class World:
    def __init__(self, database: Absentable, clock: HandClock) -> None:
        self.database = database
        self.clock = clock
        self.offered: list[Message] = []
        self.withdrawn: list[str] = []
        self.engine: Engine = None  # type: ignore[assignment]  # made by `start`
        self._boot = 0
        self._number = 0

    async def start(self, wanted: Catalogue | None = None) -> None:
        """A new life of the daemon on the same database."""
        self._boot += 1
        self.engine = Engine(
            self.database,  # type: ignore[arg-type]  # the real one inside
            wanted or catalogue(),
            {"hook": "en", "pager": "fr"},
            self.clock,
            offer=self._offer,
            withdraw=self.withdrawn.append,
        )
        await self.engine.start()

    def _offer(self, messages: Sequence[Message]) -> None:
        known = {one.id for one in self.offered}
        self.offered += [one for one in messages if one.id not in known]

    def result(self, verdict: Verdict, component: str = "web") -> ProbeResult:
        """A run that begins now and takes 100 ms."""
        self._number += 1
        started_us = self.clock.us
        return ProbeResult(
            id=f"shop/{component}/home/local/w1/boot{self._boot}/{self._number}",
            check=f"shop/{component}/home",
            location="local",
            epoch=0,
            config_version=self.engine.catalogue.version,
            started_us=started_us,
            ended_us=started_us + S // 10,
            boot_started_ns=0,
            boot_ended_ns=0,
            lag_s=0.0,
            outcome=Outcome(verdict, REASONS[verdict]),
        )

    async def sees(self, *verdicts: Verdict, component: str = "web", gap_s: int = EVERY_S) -> list[ProbeResult]:
        """One result after the other, each handed over at once; results that the database did not take are returned."""
        kept = []
        for verdict in verdicts:
            result = self.result(verdict, component)
            self.clock.us += S // 10
            try:
                taken = await self.engine.on_batch([result])
            except ConnectionError:
                taken = ()
            if result.id not in taken:
                kept.append(result)
            self.clock.us += gap_s * S - S // 10
        return kept

    async def sent(self) -> list[Message]:
        """Everything that was ever to be sent, in the order of writing."""
        return [one for number in self.engine.incidents.cases for one in await self._of(number)]

    async def _of(self, incident: str) -> list[Message]:
        return await self.database.real.read(lambda connection: outbox.of_incident(connection, incident))

    async def messages(self) -> list[dict[str, Any]]:
        """The outbox, in the order of writing."""

        def work(connection: Connection) -> list[dict[str, Any]]:
            rows = connection.exec_driver_sql("SELECT id, kind, channel, state, due_at_us FROM outbox ORDER BY rowid")
            return [dict(row._mapping) for row in rows]

        return await self.database.real.read(work)


@asynccontextmanager
async def world(data: Path) -> Any:
    database = await Database.open(f"sqlite+aiosqlite:///{data / 'uptimed.db'}", data=data)
    try:
        yield World(Absentable(database), HandClock())
    finally:
        await database.close()
