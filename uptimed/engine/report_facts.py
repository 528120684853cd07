"""All that a report is made of, read from the database at one moment. Nothing is written: a report publishes nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from uptimed.domain.catalogue import Catalogue
from uptimed.domain.contract import ContractHistory, ContractVersion
from uptimed.domain.incidents import Incident, Outage
from uptimed.domain.maintenance import Window, qualifying
from uptimed.domain.overlays import Adjustment
from uptimed.domain.published import PublishedRecord
from uptimed.domain.record import Overlays
from uptimed.domain.runs import Run
from uptimed.domain.states import Segment
from uptimed.domain.timeline import CheckTimeline
from uptimed.engine.periods import Period, period_in
from uptimed.engine.planned import windows_until
from uptimed.engine.resolution import resolution_of
from uptimed.storage import adjustments, contracts, incidents, maintenance, outages, published, timelines
from uptimed.storage.database import Database


@dataclass(frozen=True)
class Wish:
    """Which report is asked for."""

    year: int
    month: int | None = None
    product: str | None = None
    """None: every product that was there."""


@dataclass(frozen=True)
class Facts:
    catalogue: Catalogue
    wish: Wish
    period: Period
    as_of_us: int
    history: ContractHistory
    segments: Mapping[str, Sequence[Segment]]
    """Of every check there ever was."""
    runs: Mapping[str, Sequence[Run]]
    adjustments: Sequence[Adjustment]
    """All that were ever made; `overlays` has what counts of them, and of planned work."""
    planned: Sequence[Window]
    """Every window that begins before the end of the period, those too of which nothing is set aside."""
    overlays: Overlays
    outages: Sequence[Outage]
    """As they were told of when they happened, with their reasons and incidents."""
    incidents: Sequence[Incident]
    """Opened in the period, oldest first."""
    records: Mapping[tuple[str, str], Sequence[PublishedRecord]]
    resolutions: Mapping[str, int | None]
    """Product -> the longest outage that may have escaped; None: it cannot be told."""

    def product_ids(self) -> list[str]:
        """Those that were there in the period: in the order of the file, what was removed since at the end."""
        known = [one.id for one in self.catalogue.products]
        every = [*(one for one in known if one in self.history.product_ids()), *self.history.product_ids()]
        return [one for one in dict.fromkeys(every) if self.wish.product in (None, one) and self._was_there(one)]

    def _was_there(self, product_id: str) -> bool:
        cut = (span.cut_to(*self.period.window) for span, _ in self.history.product(product_id))
        since_us = self.history.service_start_us(product_id) or 0
        return since_us < self.period.to_us and any(begin_us < end_us for begin_us, end_us in cut)


async def read_facts(database: Database, catalogue: Catalogue, wish: Wish, as_of_us: int) -> Facts:
    return await database.read(lambda connection: _facts(connection, catalogue, wish, as_of_us))


def _facts(conn: Connection, catalogue: Catalogue, wish: Wish, as_of_us: int) -> Facts:
    history = contracts.load(conn) or ContractHistory([ContractVersion.of(catalogue, as_of_us)])
    period = period_in(history, wish.year, wish.month)
    kept = {check: timelines.load(conn, check) for check in history.check_ids()}
    components = {part.id for name in history.product_ids() for _, rule in history.product(name) for part in rule.components}
    made = adjustments.load(conn)
    planned = windows_until(maintenance.load(conn), max(as_of_us, period.to_us))
    facts = Facts(
        catalogue=catalogue,
        wish=wish,
        period=period,
        as_of_us=as_of_us,
        history=history,
        segments={check: _segments(history, check, *its) for check, its in kept.items()},
        runs={check: runs for check, (runs, _) in kept.items()},
        adjustments=made,
        planned=planned,
        overlays=Overlays.of(made, maintenance=qualifying(planned, history.terms())),
        outages=outages.of_components(conn, sorted(components), *period.window),
        incidents=incidents.opened_in(conn, *period.window),
        records=published.load(conn, period.name),
        resolutions={},
    )
    return replace(facts, resolutions={one: _resolution(conn, facts, one) for one in facts.product_ids()})


def _resolution(conn: Connection, facts: Facts, product_id: str) -> int | None:
    """Of the time in service that has passed: the window of its record, once it has one."""
    period = facts.period
    from_us = min(max(period.from_us, facts.history.service_start_us(product_id) or 0), period.to_us)
    return resolution_of(conn, facts.history, product_id, (from_us, max(from_us, min(period.to_us, facts.as_of_us))))


def _segments(history: ContractHistory, check: str, runs: Sequence[Run], segments: Sequence[Segment]) -> Sequence[Segment]:
    """With the live edge, which is not written with every result."""
    policy = history.policy_of(check)
    return segments if policy is None else CheckTimeline(policy, runs, segments).segments
