"""
One daemon: the doors, the engine, a worker in the same process, the relay, and their life from start to drain.

The order of the start is the order of what can refuse: the data directory and its lock, the doors, the database. Each refusal is
one sentence and leaves nothing changed. While the database is away the page is served from its last copy.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import signal
import time
from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack
from importlib.metadata import version
from pathlib import Path
from typing import Any

from aiohttp import web

from probes.anchor import Anchor
from probes.links import ProbeResult
from probes.links.local import LocalLink
from probes.outcome import Verdict
from probes.prober import Prober
from probes.registry import FAMILIES
from probes.spool import Spool, SpoolError
from probes.worker import Worker
from statuspage.app import PublicRunner, public_runner
from statuspage.codec import SnapshotUnreadable, from_json
from statuspage.snapshot import Snapshot
from statuspage.source import SnapshotSource
from uptimed import systemd
from uptimed.clock import Clock, SystemClock
from uptimed.config import Loaded
from uptimed.domain.results import Rejection
from uptimed.engine.calendar_jobs import CalendarJobs
from uptimed.engine.closing import Closing
from uptimed.engine.engine import Engine
from uptimed.engine.housekeeping import Housekeeping
from uptimed.engine.ingest import STALE_CONFIGURATION, UNKNOWN_CHECK
from uptimed.engine.lookout import Lookout
from uptimed.engine.memory import CheckMemory
from uptimed.engine.publisher import Publisher
from uptimed.metrics import Metrics
from uptimed.notify.build import build
from uptimed.notify.relay import Relay
from uptimed.reload import Reloader, ReloadRefused, languages_of
from uptimed.storage import StorageAway, StorageRefused, alerts, partitions
from uptimed.storage.database import Database
from uptimed.storage.lock import DataLock
from uptimed.web.commands import IncidentCommands
from uptimed.web.control import ControlRefused, ControlServer
from uptimed.web.door import Door, DoorRefused, refusal, url_of
from uptimed.web.exclusions import ExclusionCommands
from uptimed.web.imports import ImportCommands
from uptimed.web.maintenance import MaintenanceCommands
from uptimed.web.staff import ConfigRefused, Readiness, staff_app

log = logging.getLogger(__name__)

RETRY_S = 5.0
"""How often an absent database is asked for again."""


class Refused(Exception):
    """The daemon cannot start: one sentence that says what to do."""


class Daemon:
    """`uptimed run`. `ready` is set when everything has started; `address_of_*` hold what was bound when a port 0 was asked for."""

    def __init__(self, path: Path, loaded: Loaded, *, clock: Clock | None = None) -> None:
        self.path = path
        self.loaded = loaded
        self.clock: Clock = clock or SystemClock()
        self.ready = asyncio.Event()
        self.public_address = loaded.settings.server.public
        self.staff_address = loaded.settings.server.staff
        self.metrics = Metrics(
            version=version("uptimed"),
            families={one.name: (one.help, one.type) for one in FAMILIES},
            rejections=[*(one.value for one in Rejection), UNKNOWN_CHECK, STALE_CONFIGURATION],
        )
        self._engine: Engine | None = None
        self._publisher: Publisher | None = None
        self._relay: Relay | None = None
        self._reloader: Reloader | None = None
        self._workers: list[Worker] = []
        self._storage_away = "the database has not been opened yet"
        self._last_copy: Snapshot | None = None

    # Life

    async def run(self, stop: asyncio.Event) -> None:
        """Serve until `stop` is set, then drain. `Refused` when it cannot start."""
        async with AsyncExitStack() as stack:
            try:
                self._take_data_directory(stack)
                page = await self._open_doors(stack)
                database = await self._database(stop)
                if database is None:
                    return
                stack.push_async_callback(database.close)
                await self._start(database, page, stack)
            except (StorageRefused, DoorRefused, ControlRefused) as refusal_:
                raise Refused(str(refusal_)) from refusal_
            self.ready.set()
            systemd.ready(f"{len(self._workers)} location(s), {sum(1 for _ in self.loaded.catalogue.checks())} checks")
            await stop.wait()
            systemd.stopping()
            log.info("stopping: results under way are waited for, then everything is written")

    def _take_data_directory(self, stack: AsyncExitStack) -> None:
        data = self.loaded.settings.data
        try:
            data.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise Refused(f"the data directory {data} cannot be made: {error.strerror}; choose another with `data:`") from error
        lock = DataLock(data)
        lock.acquire()
        stack.callback(lock.release)
        with contextlib.suppress(OSError, SnapshotUnreadable):
            self._last_copy = from_json((data / "snapshot.json").read_bytes())

    async def _open_doors(self, stack: AsyncExitStack) -> PublicRunner:
        settings = self.loaded.settings
        page = public_runner(
            SnapshotSource(self._newest_snapshot),
            now_us=self.clock.now_us,
            hosts=settings.server.hosts,
            trusted_proxies=settings.server.trusted_proxies,
        )
        await page.setup()
        stack.push_async_callback(page.cleanup)
        host, port = settings.server.public
        site = web.TCPSite(page, host, port, backlog=1024)
        try:
            await site.start()
        except OSError as error:
            raise DoorRefused(refusal(host, port, error)) from error
        self.public_address = page.addresses[0][:2]
        token = settings.server.token.reveal() if settings.server.token else ""
        app = staff_app(metrics=self.metrics, now=self.clock.monotonic, readiness=self._readiness, reload=self._reload, token=token)
        door = Door(app, *settings.server.staff)
        await door.open()
        stack.push_async_callback(door.close)
        self.staff_address = door.address
        return page

    async def _database(self, stop: asyncio.Event) -> Database | None:
        """Ask until it is there; meanwhile the page is served from its last copy. None: told to stop while waiting."""
        while not stop.is_set():
            try:
                return await Database.open(self.loaded.settings.storage, data=self.loaded.settings.data)
            except StorageAway as away:
                if self._storage_away != str(away):
                    log.error("%s; the page shows its last copy, asked again every %.0f s", away, RETRY_S)
                self._storage_away = str(away)
                self.metrics.health.storage_up.set(0)
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), RETRY_S)
        return None

    async def _start(self, database: Database, page: PublicRunner, stack: AsyncExitStack) -> None:
        loaded, settings = self.loaded, self.loaded.settings
        relay = Relay(
            database,
            build(settings, loaded.catalogue, clock=self.clock),
            self.clock,
            on_outcome=self.metrics.health.notification,
        )
        engine = Engine(
            database,
            loaded.catalogue,
            languages_of(loaded),
            self.clock,
            offer=relay.offer,
            wake=relay.wake,
            withdraw=relay.withdraw,
            on_result=self._on_result,
            on_change=lambda: publisher.changed(),  # noqa: PLW0108  it is made below
        )
        publisher = Publisher(
            engine,
            self.metrics.engine,
            self.clock,
            settings.data / "snapshot.json",
            address=url_of(self.public_address, settings.server.hosts),
            on_publish=page.wake,
        )
        await database.make_room()
        await engine.start()
        self._engine, self._publisher, self._relay = engine, publisher, relay
        publisher.publish()
        lookout = Lookout(engine, self.metrics.engine, self.clock, await database.read(alerts.load))
        self._storage_away = ""
        # All this stays. Unfrozen, every full collection would go through it again, for 40 ms in which an alert may wait.
        gc.collect()
        gc.freeze()
        # Before the workers, so that it ends after them: what their last results bring still leaves, and is noted.
        self._in_background("relay", relay.run(), stack)
        links = await self._start_workers(engine, stack)
        self._reloader = Reloader(
            self.path,
            loaded,
            engine=engine,
            relay=relay,
            links=links,
            publisher=publisher,
            metrics=self.metrics,
            clock=self.clock,
            on_taken=self._taken,
        )
        self._reloader.assign(loaded)
        await self._serve_commands(engine, stack)
        for name, work in (
            ("publisher", publisher.run()),
            ("ticker", self._tick(engine, relay)),
            ("lookout", lookout.run()),
        ):
            self._in_background(name, work, stack)
        self._keep_calendar(database, engine, publisher, stack)
        self.metrics.health.reloaded(taken=True, at_s=time.time())

    async def _start_workers(self, engine: Engine, stack: AsyncExitStack) -> dict[str, LocalLink]:
        """One worker in this process, for the first location of the file; workers elsewhere bring the others."""
        location = self.loaded.catalogue.locations[0].id
        link = LocalLink(engine.on_batch)
        spool = self._spool()
        prober = Prober()
        anchor = Anchor.resume(spool.recall("anchor") if spool else None)
        worker = Worker(link, prober.run, anchor=anchor, location=location, spool=spool, prepare=prober.prepare)
        self._workers.append(worker)
        running = asyncio.create_task(worker.run(), name="worker")
        running.add_done_callback(_say_if_dead)

        async def drain() -> None:
            await worker.stop()
            await asyncio.gather(running, return_exceptions=True)
            await engine.flush()
            if spool:
                spool.close()

        stack.push_async_callback(drain)
        return {location: link}

    def _spool(self) -> Spool | None:
        """Without one, results that the database cannot take wait in memory: checks go on."""
        try:
            return Spool(self.loaded.settings.data / "spool.db")
        except SpoolError as error:
            log.error("%s; results that cannot be stored wait in memory until it is repaired and uptimed restarted", error)
            return None

    async def _serve_commands(self, engine: Engine, stack: AsyncExitStack) -> None:
        handlers = dict(ImportCommands(engine, self.clock, self.loaded.settings.data).handlers())
        for commands in (IncidentCommands, ExclusionCommands, MaintenanceCommands):
            handlers |= commands(engine, self.clock).handlers()
        control = ControlServer(self.loaded.settings.data / "uptimed.sock", handlers)
        await control.start()
        stack.push_async_callback(control.close)

    def _in_background(self, name: str, work: Coroutine[Any, Any, None], stack: AsyncExitStack) -> None:
        task = asyncio.create_task(work, name=name)
        task.add_done_callback(_say_if_dead)

        async def end() -> None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

        stack.push_async_callback(end)

    def _keep_calendar(self, database: Database, engine: Engine, publisher: Publisher, stack: AsyncExitStack) -> None:
        async def room_for_results() -> None:
            with contextlib.suppress(StorageAway):
                await database.write(lambda connection: partitions.ensure(connection, self.clock.now_us()))

        retention, sealed = lambda: self.loaded.settings.retention_us, self.metrics.health.sealed
        housekeeping = Housekeeping(database, self.clock, retention, closing=engine.close_day, sealed=sealed)
        self._in_background("housekeeping", housekeeping.run(), stack)
        jobs = CalendarJobs(self.loaded.catalogue.site.timezone)
        jobs.at_midnight("new-day", publisher.changed)
        jobs.hourly("partitions", room_for_results)
        jobs.hourly("housekeeping", housekeeping.run)
        jobs.daily("closing", Closing(database, engine, self.clock, version("uptimed")).run)
        jobs.daily("planned-work", engine.plan_ahead)
        jobs.start()
        stack.callback(jobs.stop)

    # What the parts ask

    def _newest_snapshot(self) -> Snapshot | None:
        newest = self._publisher.snapshot if self._publisher else None
        return newest or self._last_copy

    def _on_result(self, memory: CheckMemory, result: ProbeResult, rejection: str | None) -> None:
        outcome = result.outcome
        health = self.metrics.health
        health.result(outcome.verdict.value, result.lag_s)
        if rejection is not None:
            health.rejected.labels(rejection).inc()
        if outcome.reason == "local_slot_missed":
            health.slots_missed.inc(float(outcome.evidence.get("slots", 1)))
        self.metrics.checks.result(
            result.check,
            result.location,
            success=None if outcome.verdict is Verdict.UNKNOWN else outcome.verdict is not Verdict.DOWN,
            duration_s=outcome.took_s,
            figures=outcome.figures,
            fresh_until=self.clock.monotonic() + memory.check.horizon_us / 1_000_000,
        )

    def _readiness(self) -> Readiness:
        engine = self._engine
        if engine is None:
            return Readiness(ready=False, reasons=[self._storage_away])
        away = engine.journal.away_because
        facts = {
            "checks": len(engine.picture.checks),
            "open_incidents": len(engine.incidents.open_cases()),
            "database": "away" if away else "answers",
            "config_version": engine.catalogue.version,
        }
        return Readiness(
            ready=True, reasons=[f"The database is away: {away}; checks and alerts go on."] if away else [], facts=facts
        )

    async def _reload(self) -> str:
        if self._reloader is None:
            raise ConfigRefused(["uptimed is still starting; try again when /-/ready says so"])
        systemd.reloading()
        try:
            return await self._reloader.reload()
        except ReloadRefused as refused:
            raise ConfigRefused(refused.problems) from refused
        finally:
            systemd.ready()

    def _taken(self, loaded: Loaded) -> None:
        self.loaded = loaded

    async def reload_quietly(self) -> None:
        """SIGHUP: the log and the metric say how it ended."""
        with contextlib.suppress(ConfigRefused):
            await self._reload()

    async def _tick(self, engine: Engine, relay: Relay) -> None:
        """Once a second: what time alone changes, what waits without results to carry it, and the watchdog."""
        health = self.metrics.health
        while True:
            engine.tick()
            if engine.journal.pending and not await engine.flush():
                health.storage_up.set(0)
            else:
                health.storage_up.set(0 if engine.journal.away_because else 1)
            oldest_us = relay.oldest_pending_us()
            health.outbox_oldest.set(0 if oldest_us is None else max(0, self.clock.now_us() - oldest_us) / 1_000_000)
            snapshot = self._newest_snapshot()
            health.snapshot_age.set((self.clock.now_us() - snapshot.as_of_us) / 1_000_000 if snapshot else 0)
            worker = self._workers[0].health()
            health.spooled.set(worker.spooled)
            health.loop_lag.set(worker.loop_lag_s)
            health.set_impaired(engine.impairment.reason if engine.impairment.told else "")
            systemd.alive()
            await asyncio.sleep(1.0)


def _say_if_dead(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        log.critical("the %s has died; restart uptimed and report this", task.get_name(), exc_info=error)


async def serve(path: Path, loaded: Loaded, *, started: Callable[[Daemon], None] = lambda _: None) -> None:
    """Run until SIGTERM or SIGINT; SIGHUP reloads."""
    daemon = Daemon(path, loaded)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    reloads: set[asyncio.Task[None]] = set()

    def hup() -> None:
        task = loop.create_task(daemon.reload_quietly())
        reloads.add(task)
        task.add_done_callback(reloads.discard)

    async def say_started() -> None:
        await daemon.ready.wait()
        started(daemon)

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    loop.add_signal_handler(signal.SIGHUP, hup)
    announcing = asyncio.create_task(say_started())
    try:
        await daemon.run(stop)
    finally:
        announcing.cancel()
