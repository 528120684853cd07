"""What the database knows, read back: for a daemon that starts or takes over a new file, and for commands that only read."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from uptimed.domain.catalogue import Catalogue
from uptimed.domain.contract import ContractHistory, ContractVersion
from uptimed.domain.incidents import Outage
from uptimed.domain.maintenance import MaintenanceEvent
from uptimed.domain.messages import Kind, Message
from uptimed.domain.overlays import Adjustment
from uptimed.domain.record import Overlays
from uptimed.domain.runs import Run
from uptimed.domain.states import Segment
from uptimed.engine.cases import Case
from uptimed.engine.memory import Picture
from uptimed.engine.planned import overlays_of
from uptimed.engine.recipients import Recipient
from uptimed.storage import adjustments as stored_adjustments
from uptimed.storage import catalogue as stored_catalogue
from uptimed.storage import contracts, outbox, renames, results, timelines
from uptimed.storage import incidents as stored_incidents
from uptimed.storage import maintenance as stored_maintenance
from uptimed.storage import outages as stored_outages
from uptimed.storage.catalogue import FirstSeen
from uptimed.storage.database import Database

log = logging.getLogger(__name__)

KEPT_US = 90 * 86_400_000_000
"""Incidents and outages of so long are kept in memory, for the page."""

Timelines = Mapping[str, tuple[Sequence[Run], Sequence[Segment]]]


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
    maintenance: Sequence[MaintenanceEvent]
    names: Mapping[str, str]
    """Old id -> the one of now."""


class NeedsRestart(Exception):
    """Something of the new file can only be taken over by a daemon that starts; one sentence for each."""

    def __init__(self, sentences: Sequence[str]) -> None:
        super().__init__("\n".join(sentences))
        self.sentences = tuple(sentences)


def restore(connection: Connection, catalogue: Catalogue, now_us: int, *, running: bool = False) -> Restored:
    """
    Note what is new in the catalogue, and read back all that is known of it.

    `running`: the daemon has a picture already; what it knows by a name cannot get another one under way (`NeedsRestart`).
    """
    if running and (moved := renames.wanted(connection, catalogue.renames)):
        raise NeedsRestart(
            [f"{new} was {old}: a name is changed when uptimed starts; restart it with this file" for old, new in moved.items()]
        )
    for old, new in renames.apply(connection, catalogue.renames, now_us).items():
        log.info("%s was %s: its history goes on under the new name", new, old)
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
        maintenance=stored_maintenance.load(connection),
        names=renames.load(connection),
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


async def read_picture(database: Database, catalogue: Catalogue, now_us: int, *, as_known_at_us: int | None = None) -> Picture:
    """The picture as the database has it, for commands that only read; `as_known_at_us`: without what people set aside later."""

    def work(connection: Connection) -> tuple[ContractHistory, Mapping[str, int], Timelines, Overlays]:
        history = contracts.load(connection) or ContractHistory([ContractVersion.of(catalogue, now_us)])
        seen = _all(stored_catalogue.first_seen(connection))
        adjustments, planned = stored_adjustments.load(connection), stored_maintenance.load(connection)
        overlays = overlays_of(adjustments, planned, history, now_us, as_known_at_us)
        return history, seen, _timelines(connection, catalogue, history), overlays

    history, first_seen, stored, overlays = await database.read(work)
    picture = Picture()
    picture.configure(catalogue, history=history, first_seen=first_seen, stored=stored, overlays=overlays)
    return picture
