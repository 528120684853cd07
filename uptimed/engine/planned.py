"""Planned work as it stands: its windows, what of them the commitment sets aside, and which is on now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from sqlalchemy import Connection

from uptimed.domain.catalogue import Catalogue
from uptimed.domain.contract import ContractHistory, ContractVersion
from uptimed.domain.figures import Contract, Treatment
from uptimed.domain.maintenance import MaintenanceEvent, Window, qualifying, set_aside_us, windows_of
from uptimed.domain.overlays import Adjustment, Maintenance
from uptimed.domain.record import Overlays
from uptimed.engine.payload import exact
from uptimed.engine.recurrence import starts_of
from uptimed.storage import contracts, maintenance
from uptimed.storage.database import Database

DAY_US = 86_400_000_000
AHEAD_US = 400 * DAY_US
"""So far recurring work is looked at."""
SOON_US = 14 * DAY_US
KEPT_US = 90 * DAY_US
NEVER_US = 2**62


def windows_until(events: Iterable[MaintenanceEvent], until_us: int, as_known_at_us: int | None = None) -> list[Window]:
    """Every window, cancelled ones too; of recurring work those that begin before that instant."""
    return windows_of(events, partial(_starts, until_us=until_us), as_known_at_us)


def _starts(event: MaintenanceEvent, until_us: int) -> Sequence[int]:
    return starts_of(event.rule, event.timezone, event.from_us, until_us)


def overlays_of(
    adjustments: Iterable[Adjustment],
    events: Iterable[MaintenanceEvent],
    history: ContractHistory,
    until_us: int,
    as_known_at_us: int | None = None,
) -> Overlays:
    """What people have set aside, for an account up to `until_us`."""
    windows = windows_until(events, until_us, as_known_at_us)
    return Overlays.of(adjustments, as_known_at_us, qualifying(windows, history.terms()))


class PlannedWork:
    def __init__(self) -> None:
        self.events: list[MaintenanceEvent] = []
        """All that people ever said of it, in that order."""
        self.windows: Sequence[Window] = ()
        self.qualified: Mapping[str, Sequence[Maintenance]] = {}
        self._next_us = 0
        """When work begins or ends next, or more of what recurs has to be looked at."""
        self._on: dict[str, Window] = {}
        self._counts_all = False

    @property
    def recurs(self) -> bool:
        return any(one.rule for one in self.events)

    def renew(self, history: ContractHistory, now_us: int) -> None:
        """After something was said, or promised. `turned` is True at the next asking."""
        self.windows = windows_until(self.events, now_us + AHEAD_US)
        self.qualified = qualifying(self.windows, history.terms())
        self._counts_all = history.newest.contract.maintenance is Treatment.MEASURED
        self._next_us = now_us

    def set_aside_us(self, window: Window) -> int:
        """How much of it is no ordinary time, for the commitment as it is now."""
        return 0 if self._counts_all else set_aside_us(window, self.qualified)

    def turned(self, now_us: int) -> bool:
        """Whether work may have begun or ended since the last time this was asked."""
        if now_us < self._next_us:
            return False
        self._on = {one.scope: one for one in reversed(self.windows) if one.is_on(now_us)}
        edges = (edge for one in self.windows for edge in (one.from_us, one.to_us) if edge > now_us)
        self._next_us = min(edges, default=NEVER_US)
        return True

    def on(self, component_id: str) -> Window | None:
        """The work that the component is in, or its product, as of the last turn."""
        return self._on.get(component_id) or self._on.get(component_id.partition("/")[0])

    def shown(self, now_us: int) -> list[Window]:
        """For people: what was on in the last 90 days, is on, or will be; of what recurs the next two weeks, or the next time."""
        said: set[str] = set()
        found = []
        for one in self.windows:
            is_next = one.event.window not in said and one.stage(now_us) == "scheduled"
            soon = not one.event.rule or one.from_us <= now_us + SOON_US
            if one.planned_to_us > now_us - KEPT_US and (soon or is_next):
                found.append(one)
            if one.from_us > now_us and not one.cancelled:
                said.add(one.event.window)
        return found


async def read_planned(database: Database, catalogue: Catalogue, now_us: int) -> PlannedWork:
    """As the database has it, for commands that only read."""

    def work(connection: Connection) -> tuple[list[MaintenanceEvent], ContractHistory]:
        history = contracts.load(connection) or ContractHistory([ContractVersion.of(catalogue, now_us)])
        return maintenance.load(connection), history

    planned = PlannedWork()
    planned.events, history = await database.read(work)
    planned.renew(history, now_us)
    return planned


def described(window: Window, now_us: int, qualified: Mapping[str, Sequence[Maintenance]]) -> dict[str, Any]:
    """As JSON, for commands. `from`, `to` and `at` are exact: they can be given back to a command."""
    event = window.event
    return {
        "id": window.id,
        "scope": window.scope,
        "stage": window.stage(now_us),
        "from": exact(window.from_us),
        "to": exact(window.planned_to_us),
        "ended": None if window.ended_us is None else exact(window.ended_us),
        "extensions": [{"at": exact(at), "from": exact(a), "to": exact(b)} for at, a, b in window.stretches[1:]],
        "repeats": event.rule or None,
        "title": dict(event.title),
        "text": dict(event.text),
        "author": event.by,
        "at": exact(event.at_us),
        "seconds": {"planned": _seconds(window.to_us - window.from_us), "set_aside": _seconds(set_aside_us(window, qualified))},
    }


def doubts(windows: Sequence[Window], qualified: Mapping[str, Sequence[Maintenance]], contract: Contract) -> list[str]:
    """Why some of these windows will count as ordinary time; empty: none of them will."""
    if contract.maintenance is Treatment.MEASURED:
        return ["The commitment treats planned work as counted: all of it will count as ordinary time."]
    found = []
    late = [one for one in windows for part in one.stretches if part.announced_us + contract.notice_us > part.from_us]
    if late:
        asked = _lasting(contract.notice_us)
        found.append(f"The notice of {late[0].id} is shorter than the {asked} of the commitment: it will count as ordinary time.")
    for one in windows:
        if one not in late and set_aside_us(one, qualified) < one.to_us - one.from_us:
            cap = _lasting(contract.cap_us or 0)
            found.append(f"The yearly cap of {cap} is used up in {one.id}: what is beyond will count as ordinary time.")
            break
    return found


def _seconds(length_us: int) -> int | float:
    return length_us // 1_000_000 if length_us % 1_000_000 == 0 else length_us / 1_000_000


def _lasting(length_us: int) -> str:
    seconds = length_us // 1_000_000
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= size and seconds % size == 0:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"
