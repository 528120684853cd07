"""
One result's way through the core: ingest, timeline, outages, incidents, messages, page, metrics.

The engine owns the picture in memory and is the only one that changes it, on the event loop; so nothing here needs a lock, and what
a batch changes is visible at once and written together.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from probes.links import ProbeResult
from uptimed.clock import Clock
from uptimed.domain.catalogue import Catalogue
from uptimed.domain.incidents import Outage
from uptimed.domain.maintenance import MaintenanceEvent
from uptimed.domain.messages import Kind, Message
from uptimed.domain.overlays import Adjustment
from uptimed.domain.record import Overlays
from uptimed.domain.severity import Severity
from uptimed.domain.states import State
from uptimed.engine import memory as pictures
from uptimed.engine import outages as outage_look
from uptimed.engine.alarms import Alarms
from uptimed.engine.impairment import Impairment
from uptimed.engine.incidents import Incidents
from uptimed.engine.ingest import Ingest
from uptimed.engine.journal import Entry, Journal
from uptimed.engine.memory import CheckMemory, ComponentMemory, Picture, ProductMemory
from uptimed.engine.payload import iso
from uptimed.engine.planned import PlannedWork
from uptimed.engine.recipients import recipients
from uptimed.engine.records import Records
from uptimed.engine.restore import Restored, restore
from uptimed.storage import StorageAway
from uptimed.storage.database import Database

log = logging.getLogger(__name__)

OnResult = Callable[[CheckMemory, ProbeResult, str | None], None]


class Engine:
    def __init__(
        self,
        database: Database,
        catalogue: Catalogue,
        channels: Mapping[str, str],
        clock: Clock,
        *,
        offer: Callable[[Sequence[Message]], None] = lambda _: None,
        wake: Callable[[], None] = lambda: None,
        withdraw: Callable[[str], None] = lambda _: None,
        on_result: OnResult = lambda *_: None,
        on_change: Callable[[], None] = lambda: None,
    ) -> None:
        """`channels` maps each channel to its language; `on_change` is called when the public may have something new to read."""
        self.catalogue = catalogue
        self.picture = Picture()
        self.adjustments: list[Adjustment] = []
        """All that people ever made, revoked ones too, in that order; `adjust` adds to it."""
        self.planned = PlannedWork()
        self.impairment = Impairment()
        self.journal = Journal(database, now_us=clock.now_us, offer=offer, wake=wake, withdraw=withdraw)
        self._alarms = Alarms(catalogue, channels, self.journal)
        self._alarms.detail_of = self._detail_of
        self.incidents = Incidents(catalogue, self._alarms, self.journal)
        self.incidents.changed = on_change
        self._ingest = Ingest(self.picture, self.journal, database, now_us=clock.now_us, on_result=on_result)
        self._database = database
        self._clock = clock
        self._channels = dict(channels)
        self._on_change = on_change
        self._one_batch_at_a_time = asyncio.Lock()
        self.records = Records(
            self.picture,
            self.journal,
            database,
            self._one_batch_at_a_time,
            now_us=clock.now_us,
            overlays=self.overlays,
        )

    # Start and reload

    async def start(self) -> None:
        """Read everything back. Messages of an earlier life are the relay's business; nothing is sent again from here."""
        now_us = self._clock.now_us()
        catalogue = self.catalogue
        restored = await self._database.write(lambda connection: restore(connection, catalogue, now_us))
        self._ingest.restore(dict(restored.newest), restored.names)
        self.incidents.restore(restored.cases, restored.numbers)
        self.adjustments = list(restored.adjustments)
        self.planned.events = list(restored.maintenance)
        self.planned.renew(restored.history, now_us)
        self.picture.configure(
            catalogue,
            now_us=now_us,
            history=restored.history,
            first_seen=restored.first_seen,
            stored=restored.timelines,
            outages=restored.outages,
            overlays=self.overlays(),
        )
        for component in self.picture.components.values():
            outage_look.look(component, _a_while_ago(component, now_us), now_us)
        self._turn(now_us)

    async def prepare(self, catalogue: Catalogue) -> Restored:
        """All of a reload that can fail: what the database knows of checks that are new here. `StorageAway` and
        `NeedsRestart` change nothing."""
        now_us = self._clock.now_us()
        return await self._database.write(lambda connection: restore(connection, catalogue, now_us, running=True))

    def configure(self, catalogue: Catalogue, channels: Mapping[str, str], restored: Restored) -> None:
        """Take over what `prepare` has made ready. Unchanged checks keep their state, phase and open incidents."""
        now_us = self._clock.now_us()
        self.catalogue = catalogue
        self._channels = dict(channels)
        self.planned.renew(restored.history, now_us)
        self.picture.configure(
            catalogue,
            now_us=now_us,
            history=restored.history,
            first_seen=restored.first_seen,
            stored=restored.timelines,
            overlays=self.overlays(),
        )
        self._alarms.configure(catalogue, channels)
        self.incidents.configure(catalogue)
        self._turn(now_us)
        self.incidents.settle(now_us, self._is_up)
        self._on_change()

    # What people correct and bring

    async def recorded(self, entry: Entry | None) -> None:
        """After `records` has taken all of one. `entry` is its line of the audit log; None: nothing was new."""
        await self.records.find_outages()
        self.journal.pending.entries += [entry] if entry is not None else []
        self._on_change()

    def adjust(self, adjustment: Adjustment, entry: Entry) -> None:
        """Takes effect at once; written with the next commit. `entry` is its line of the audit log."""
        self.adjustments.append(adjustment)
        self.journal.pending.adjustments.append(adjustment)
        self.journal.pending.entries.append(entry)
        self.picture.open_books(self.overlays(), within=adjustment.scope)
        self._on_change()

    # What people plan

    def overlays(self) -> Overlays:
        """All that is set aside by now."""
        return Overlays.of(self.adjustments, maintenance=self.planned.qualified)

    def plan(self, event: MaintenanceEvent, entry: Entry) -> None:
        """Takes effect at once; written with the next commit. `entry` is its line of the audit log."""
        self.planned.events.append(event)
        self.journal.pending.maintenance.append(event)
        self.journal.pending.entries.append(entry)
        self._look_ahead(within=event.scope.partition("/")[0])

    def plan_ahead(self) -> None:
        """Once a day: what recurs goes on."""
        if self.planned.recurs:
            self._look_ahead()

    def _look_ahead(self, within: str = "") -> None:
        now_us = self._clock.now_us()
        self.planned.renew(self.picture.history, now_us)
        self.picture.open_books(self.overlays(), within=within)
        self._turn(now_us)
        self._on_change()

    def _turn(self, now_us: int) -> None:
        """When planned work begins or ends: what is still down after it is an outage like any other, and people are called."""
        if not self.planned.turned(now_us):
            return
        for component in self.picture.components.values():
            self._show(component, now_us)
            if self.planned.on(component.component.id) is None:
                for outage in [one for one in component.outages.values() if one.ended_at_us is None and one.incident is None]:
                    self._call(component, outage, now_us)

    # Results

    def close_day(self, until_us: int) -> None:
        """Nothing is received before that instant any more, whatever the clock says: what was, is about to be sealed."""
        self._ingest.not_before_us = max(self._ingest.not_before_us, until_us)

    async def on_batch(self, batch: Sequence[ProbeResult]) -> Collection[str]:
        """Judge a batch and store it with all that it changes. Returns the ids to acknowledge; ConnectionError: none of them."""
        # One after the other: a late result is placed among what the database has, so nothing may be in memory alone meanwhile.
        async with self._one_batch_at_a_time:
            done = await self._ingest.take(batch)
            self._judge(done.moved)
            return await self._ingest.store(done)

    def _judge(self, moved: Mapping[str, int | None]) -> None:
        now_us = self._clock.now_us()
        self._turn(now_us)
        touched: dict[str, int | None] = {}
        for check, moved_us in moved.items():
            owner = self.picture.checks[check].component
            instants = [one for one in (touched.get(owner), moved_us) if one is not None]
            touched[owner] = min(instants, default=None)
        troubled = {one for case in self.incidents.open_cases() for one in case.incident.components}
        settle = False
        for component_id, from_us in touched.items():
            component = self.picture.components[component_id]
            if from_us is not None:
                self._look(component, from_us, now_us)
            if from_us is not None or component.state != "working" or component_id in troubled:
                self._show(component, now_us)
            settle = settle or component_id in troubled
        if settle:
            self.incidents.settle(now_us, self._is_up)

    def _look(self, component: ComponentMemory, from_us: int, now_us: int) -> None:
        self.picture.products[component.product].moved(from_us)
        found = outage_look.look(component, from_us, now_us)
        for outage in found.vanished:
            self.journal.pending.outages[outage.id] = None
            self.incidents.outage_vanished(outage)
        for outage in found.changed:
            self.journal.pending.outages[outage.id] = outage
            self.incidents.outage_changed(outage)
        for outage in found.began:
            if outage.ended_at_us is None and self.planned.on(component.component.id) is not None:
                self.journal.pending.outages[outage.id] = outage
                log.info("an outage within planned work calls nobody; it is in the record", extra={"outage": outage.id})
            elif outage.ended_at_us is None:
                self._call(component, outage, now_us)
            else:
                # Known only after it was over (late results): it counts, but nobody is called for what has passed.
                self.journal.pending.outages[outage.id] = outage
                log.warning("an outage was found after it was over; it is in the account", extra={"outage": outage.id})

    def _call(self, component: ComponentMemory, outage: Outage, now_us: int) -> None:
        component.outages[outage.id] = self.incidents.outage_began(outage, now_us)
        self.incidents.withdraw_proposals(self._is_up)

    def _is_up(self, component_id: str) -> bool | None:
        component = self.picture.components.get(component_id)
        return None if component is None else outage_look.is_recovered(component, self._clock.now_us())

    # What it looks like

    def tick(self) -> None:
        """Once a second: time alone can change what is known, when a check falls silent; and the monitor looks at itself."""
        now_us = self._clock.now_us()
        self._turn(now_us)
        for component in self.picture.components.values():
            if component.as_measured != "unmeasured" and any(_is_silent(check, now_us) for check in component.checks):
                self._show(component, now_us)
        told = self.impairment.look(self.picture.checks.values(), now_us)
        if told is not None:
            self._tell_of_ourselves(told, now_us)

    def _show(self, component: ComponentMemory, now_us: int) -> None:
        state = component.as_measured = pictures.page_state(component, now_us)
        work = self.planned.on(component.component.id)
        if state == "unmeasured":
            component.last_measured_us = _measured_until_us(component, now_us)
        else:
            component.last_measured_state = state
            component.last_measured_us = max(filter(None, (one.timeline.last_start_us for one in component.checks)), default=None)
        if work is not None:
            state = "planned"
        if state == component.state and component.since_us is not None:
            return
        component.state = state
        component.since_us = _since(component, state, now_us) if work is None else work.from_us
        product = self.picture.products[component.product]
        shown = product_state(product)
        if shown != product.state or product.since_us is None:
            product.state, product.since_us = shown, component.since_us
        self._on_change()

    def _detail_of(self, check: str) -> str:
        memory = self.picture.checks.get(check)
        return next((seen.detail for seen in memory.failed.values()), "") if memory else ""

    def _tell_of_ourselves(self, what: str, now_us: int) -> None:
        kind = Kind.MONITOR_IMPAIRED if what == "impaired" else Kind.MONITOR_RECOVERED
        reason, since_us = self.impairment.reason, self.impairment.since_us or now_us
        log.warning("the monitor itself is %s", what, extra={"reason": reason})
        payload = {"monitor": {"reason": reason, "detail": "", "since": iso(since_us), "location": None}}
        self.tell(self.catalogue.operators, kind, f"monitor/{kind}/{now_us}", payload, now_us)

    def tell(self, names: Sequence[str], kind: Kind, about: str, payload: Mapping[str, Any], now_us: int) -> None:
        """To each of them a message that belongs to no incident. `about` makes its id: the same fact told twice is one message."""
        self.journal.pending.messages += [
            Message(f"{about}/{whom.channel}", whom.channel, kind, None, payload, whom.language, now_us, now_us)
            for whom in recipients(names, self.catalogue, self._channels, now_us)
        ]

    async def flush(self) -> bool:
        """Write what waits without a batch to carry it. False: the database is away, it goes on waiting."""
        try:
            # Not between a batch's judgement and its storing: its runs must not be there without its results.
            async with self._one_batch_at_a_time:
                await self.journal.commit()
        except StorageAway:
            return False
        return True


def product_state(product: ProductMemory) -> str:
    """The present state of a product: its components in series, each capped by its severity (DESIGN section 4)."""
    for shared in ("unmeasured", "planned"):
        # Also where no component could make the product worse: nobody has looked, so nobody says that it works.
        if all(one.state == shared for one in product.components):
            return shared
    weight = {"down": 5, "unmeasured": 4, "partly_down": 3, "slow": 2, "planned": 1, "working": 0}
    return max((_capped(one) for one in product.components), key=weight.__getitem__, default="unmeasured")


def _capped(component: ComponentMemory) -> str:
    match component.component.severity:
        case Severity.CRITICAL:
            return component.state
        case Severity.SEVERE:
            return "partly_down" if component.state == "down" else component.state
        case _:
            return "working"


def _measured_until_us(component: ComponentMemory, now_us: int) -> int | None:
    """The first of its silent checks to fall silent did so then; None: it was never measured."""
    silent = [check for check in component.checks if check.pulse(now_us).state is State.UNMEASURED]
    return min((end for one in silent if (end := one.measured_until_us) is not None), default=None)


def _since(component: ComponentMemory, state: str, now_us: int) -> int | None:
    """Since when it is so: as measured, for a state that was measured; for silence, since the last result."""
    if state == "unmeasured":
        return component.last_measured_us
    pulses = [check.pulse(now_us) for check in component.checks]
    wanted = {"down": State.DOWN, "working": State.UP}.get(state, State.DEGRADED)
    since = [one.since_us for one in pulses if one.state is wanted and one.since_us is not None]
    if not since:
        return now_us
    return max(since) if state == "working" else min(since)


def _is_silent(check: CheckMemory, now_us: int) -> bool:
    last_us = check.timeline.last_start_us
    return last_us is None or now_us - last_us > check.check.horizon_us


def _a_while_ago(component: ComponentMemory, now_us: int) -> int:
    """From where a restarted engine looks again: the newest minutes, and the whole of what was still going on."""
    return min((one.began_at_us for one in component.outages.values() if one.ended_at_us is None), default=now_us - 900_000_000)


__all__ = ["Engine", "product_state"]
