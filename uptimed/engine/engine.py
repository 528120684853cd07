"""
One result's way through the core: ingest, timeline, outages, incidents, messages, page, metrics.

The engine owns the picture in memory and is the only one that changes it, on the event loop; so nothing here needs a lock, and what
a batch changes is visible at once and written together.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from probes.links import ProbeResult
from uptimed.clock import Clock
from uptimed.domain.catalogue import Catalogue
from uptimed.domain.contract import ContractHistory, ContractVersion
from uptimed.domain.incidents import Outage
from uptimed.domain.messages import Kind, Message
from uptimed.domain.overlays import Adjustment
from uptimed.domain.record import Overlays
from uptimed.domain.runs import Run
from uptimed.domain.severity import Severity
from uptimed.domain.states import Segment, State
from uptimed.engine import memory as pictures
from uptimed.engine import outages as outage_look
from uptimed.engine.alarms import Alarms
from uptimed.engine.cases import Case
from uptimed.engine.impairment import Impairment
from uptimed.engine.incidents import Incidents
from uptimed.engine.ingest import Ingest
from uptimed.engine.journal import Entry, Journal
from uptimed.engine.memory import CheckMemory, ComponentMemory, Picture, ProductMemory
from uptimed.engine.payload import iso
from uptimed.engine.recipients import Recipient, recipients
from uptimed.storage import StorageAway, contracts, outbox, results, timelines
from uptimed.storage import adjustments as stored_adjustments
from uptimed.storage import catalogue as stored_catalogue
from uptimed.storage import incidents as stored_incidents
from uptimed.storage import outages as stored_outages
from uptimed.storage.catalogue import FirstSeen
from uptimed.storage.database import Database

log = logging.getLogger(__name__)

KEPT_US = 90 * 86_400_000_000
"""Incidents and outages of so long are kept in memory, for the page."""

Timelines = Mapping[str, tuple[Sequence[Run], Sequence[Segment]]]
OnResult = Callable[[CheckMemory, ProbeResult, str | None], None]


@dataclass(frozen=True)
class Restored:
    """What the database knew when the engine was started."""

    history: ContractHistory
    first_seen: Mapping[str, int]
    timelines: Timelines
    newest: Mapping[tuple[str, str], tuple[str, int]]
    cases: Sequence[Case]
    outages: Sequence[Outage]
    numbers: Mapping[int, int]
    adjustments: Sequence[Adjustment]


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

    # Start and reload

    async def start(self) -> None:
        """Read everything back. Messages of an earlier life are the relay's business; nothing is sent again from here."""
        now_us = self._clock.now_us()
        catalogue = self.catalogue
        restored = await self._database.write(lambda connection: _restore(connection, catalogue, now_us))
        self._ingest.restore(dict(restored.newest))
        self.incidents.restore(restored.cases, restored.numbers)
        self.adjustments = list(restored.adjustments)
        self.picture.configure(
            catalogue,
            history=restored.history,
            first_seen=restored.first_seen,
            stored=restored.timelines,
            outages=restored.outages,
            overlays=Overlays.of(self.adjustments),
        )
        for component in self.picture.components.values():
            outage_look.look(component, _a_while_ago(component, now_us), now_us)
            self._show(component, now_us)

    async def prepare(self, catalogue: Catalogue) -> Restored:
        """All of a reload that can fail: what the database knows of checks that are new here. `StorageAway` changes nothing."""
        now_us = self._clock.now_us()
        return await self._database.write(lambda connection: _restore(connection, catalogue, now_us))

    def configure(self, catalogue: Catalogue, channels: Mapping[str, str], restored: Restored) -> None:
        """Take over what `prepare` has made ready. Unchanged checks keep their state, phase and open incidents."""
        now_us = self._clock.now_us()
        self.catalogue = catalogue
        self._channels = dict(channels)
        self.picture.configure(
            catalogue,
            history=restored.history,
            first_seen=restored.first_seen,
            stored=restored.timelines,
            overlays=Overlays.of(self.adjustments),
        )
        self._alarms.configure(catalogue, channels)
        self.incidents.configure(catalogue)
        for component in self.picture.components.values():
            self._show(component, now_us)
        self.incidents.settle(now_us, self._is_up)
        self._on_change()

    # What people correct

    def adjust(self, adjustment: Adjustment, entry: Entry) -> None:
        """Takes effect at once; written with the next commit. `entry` is its line of the audit log."""
        self.adjustments.append(adjustment)
        self.journal.pending.adjustments.append(adjustment)
        self.journal.pending.entries.append(entry)
        self.picture.open_books(Overlays.of(self.adjustments))
        self._on_change()

    # Results

    async def on_batch(self, batch: Sequence[ProbeResult]) -> Collection[str]:
        """Judge a batch and store it with all that it changes. Returns the ids to acknowledge; ConnectionError: none of them."""
        # One after the other: a late result is placed among what the database has, so nothing may be in memory alone meanwhile.
        async with self._one_batch_at_a_time:
            done = await self._ingest.take(batch)
            self._judge(done.moved)
            return await self._ingest.store(done)

    def _judge(self, moved: Mapping[str, int | None]) -> None:
        now_us = self._clock.now_us()
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
        self.picture.products[component.product].book.moved(from_us)
        found = outage_look.look(component, from_us, now_us)
        for outage in found.vanished:
            self.journal.pending.outages[outage.id] = None
            self.incidents.outage_vanished(outage)
        for outage in found.changed:
            self.journal.pending.outages[outage.id] = outage
            self.incidents.outage_changed(outage)
        for outage in found.began:
            if outage.ended_at_us is None:
                component.outages[outage.id] = self.incidents.outage_began(outage, now_us)
                self.incidents.withdraw_proposals(self._is_up)
            else:
                # Known only after it was over (late results): it counts, but nobody is called for what has passed.
                self.journal.pending.outages[outage.id] = outage
                log.warning("an outage was found after it was over; it is in the account", extra={"outage": outage.id})

    def _is_up(self, component_id: str) -> bool | None:
        component = self.picture.components.get(component_id)
        return None if component is None else outage_look.is_recovered(component, self._clock.now_us())

    # What it looks like

    def tick(self) -> None:
        """Once a second: time alone can change what is known, when a check falls silent; and the monitor looks at itself."""
        now_us = self._clock.now_us()
        for component in self.picture.components.values():
            if component.state != "unmeasured" and any(_is_silent(check, now_us) for check in component.checks):
                self._show(component, now_us)
        told = self.impairment.look(self.picture.checks.values(), now_us)
        if told is not None:
            self._tell_of_ourselves(told, now_us)

    def _show(self, component: ComponentMemory, now_us: int) -> None:
        state = pictures.page_state(component, now_us)
        if state != "unmeasured":
            component.last_measured_state = state
            component.last_measured_us = max(filter(None, (one.timeline.last_start_us for one in component.checks)), default=None)
        if state == component.state and component.since_us is not None:
            return
        component.state = state
        component.since_us = _since(component, state, now_us)
        product = self.picture.products[component.product]
        shown = product_state(product)
        if shown != product.state or product.since_us is None:
            product.state, product.since_us = shown, component.since_us
        self._on_change()

    def _detail_of(self, check: str) -> str:
        memory = self.picture.checks.get(check)
        return next((seen.detail for seen in memory.failed.values()), "") if memory else ""

    def _tell_of_ourselves(self, what: str, now_us: int) -> None:
        steps = next((self.catalogue.escalation[one] for one in reversed(Severity) if self.catalogue.escalation.get(one)), ())
        whom = recipients(steps[0].notify, self.catalogue, self._channels, now_us) if steps else []
        kind = Kind.MONITOR_IMPAIRED if what == "impaired" else Kind.MONITOR_RECOVERED
        log.warning("the monitor itself is %s", what, extra={"reason": self.impairment.reason})
        self.journal.pending.messages += [self._of_ourselves(kind, one, now_us) for one in whom]

    def _of_ourselves(self, kind: Kind, whom: Recipient, now_us: int) -> Message:
        since_us = self.impairment.since_us or now_us
        payload = {"monitor": {"reason": self.impairment.reason, "detail": "", "since": iso(since_us), "location": None}}
        return Message(f"monitor/{kind}/{now_us}/{whom.channel}", whom.channel, kind, None, payload, whom.language, now_us, now_us)

    async def flush(self) -> bool:
        """Write what waits without a batch to carry it. False: the database is away, it goes on waiting."""
        try:
            await self.journal.commit()
        except StorageAway:
            return False
        return True


async def read_picture(
    database: Database, catalogue: Catalogue, now_us: int, *, as_known_at_us: int | None = None, raw: bool = False
) -> Picture:
    """
    The picture as the database has it, for commands that only read.

    `as_known_at_us`: without what people set aside later; `raw`: without anything that they did.
    """

    def work(connection: Connection) -> tuple[ContractHistory, Mapping[str, int], Timelines, list[Adjustment]]:
        history = contracts.load(connection) or ContractHistory([ContractVersion.of(catalogue, now_us)])
        seen = _all(stored_catalogue.first_seen(connection))
        return history, seen, _timelines(connection, catalogue, history), stored_adjustments.load(connection)

    history, first_seen, stored, adjustments = await database.read(work)
    picture = Picture()
    overlays = Overlays.of(() if raw else adjustments, as_known_at_us)
    picture.configure(catalogue, history=history, first_seen=first_seen, stored=stored, overlays=overlays)
    return picture


def product_state(product: ProductMemory) -> str:
    """The present state of a product: its components in series, each capped by its severity (DESIGN section 4)."""
    if all(one.state == "unmeasured" for one in product.components):
        # Also where no component could make the product worse: nobody has looked, so nobody says that it works.
        return "unmeasured"
    weight = {"down": 4, "unmeasured": 3, "partly_down": 2, "slow": 1, "working": 0}
    return max((_capped(one) for one in product.components), key=weight.__getitem__, default="unmeasured")


def _capped(component: ComponentMemory) -> str:
    match component.component.severity:
        case Severity.CRITICAL:
            return component.state
        case Severity.SEVERE:
            return "partly_down" if component.state == "down" else component.state
        case _:
            return "working"


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


def _restore(connection: Connection, catalogue: Catalogue, now_us: int) -> Restored:
    seen = stored_catalogue.record(connection, catalogue, now_us)
    history = contracts.record(connection, ContractVersion.of(catalogue, now_us))
    year = datetime.fromtimestamp(now_us // 1_000_000, UTC).astimezone(ZoneInfo(catalogue.site.timezone)).year
    known = stored_incidents.recent(connection, now_us - KEPT_US)
    updates = stored_incidents.updates(connection, [one.id for one in known])
    components = [component.id for component in catalogue.components()]
    found = stored_outages.of_components(connection, components, now_us - KEPT_US, now_us)
    by_id = {one.id: one for one in [*found, *stored_outages.open_ones(connection)]}
    cases = []
    for incident in known:
        mine = {one.id: one for one in stored_outages.of_incident(connection, incident.id)}
        by_id.update(mine)
        told = _told(outbox.of_incident(connection, incident.id)) if incident.is_open else []
        cases.append(Case(incident, list(updates.get(incident.id, [])), mine, told))
    return Restored(
        history=history,
        first_seen=_all(seen),
        timelines=_timelines(connection, catalogue, history),
        newest=results.high_water(connection),
        cases=cases,
        outages=list(by_id.values()),
        numbers={year: stored_incidents.free_number(connection, year)},
        adjustments=stored_adjustments.load(connection),
    )


def _all(seen: FirstSeen) -> dict[str, int]:
    return {**seen.products, **seen.components, **seen.checks}


def _timelines(connection: Connection, catalogue: Catalogue, history: ContractHistory) -> Timelines:
    """Of every check, those included that are no longer configured: they answer for the time when they were."""
    every = dict.fromkeys([*(check.id for check in catalogue.checks()), *history.check_ids()])
    return {check: timelines.load(connection, check) for check in every}


def _told(messages: Iterable[Message]) -> list[tuple[int, Recipient]]:
    return [
        (one.due_at_us, Recipient(one.channel, one.language))
        for one in messages
        if one.kind is Kind.INCIDENT_OPENED and one.state.value != "cancelled"
    ]


__all__ = ["Engine", "Restored", "product_state"]
