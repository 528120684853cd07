"""
Planned work: what people schedule, extend, finish and cancel, as windows; and which of their time the commitment sets aside.

Events are only ever added. An occurrence of recurring work is a window of its own; its id has the local day of its beginning:
`MW-2026-0003@2026-11-28`. When recurring work begins is told by the caller, for rules of recurrence are no business of the domain.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from types import MappingProxyType
from typing import NamedTuple

from uptimed.domain.adjustments import Invalid, is_within
from uptimed.domain.catalogue import Words
from uptimed.domain.civil import day_of, day_start, local_date
from uptimed.domain.contract import Span
from uptimed.domain.figures import Contract
from uptimed.domain.overlays import Maintenance

PREFIX = "MW"
KINDS = ("scheduled", "extended", "finished", "cancelled")


class MaintenanceEvent(NamedTuple):
    id: str
    """`MW-2026-0001/1`: the first event of that plan."""
    window: str
    """The plan, or one occurrence of it."""
    kind: str
    """scheduled | extended | finished | cancelled."""
    at_us: int
    by: str
    scope: str
    """A product's id or a component's (`product/component`)."""
    from_us: int = 0
    """Of `scheduled`: the (first) beginning. Of `extended`: the end so far."""
    to_us: int = 0
    title: Words = MappingProxyType({})
    text: Words = MappingProxyType({})
    """What will not work, and what will."""
    rule: str = ""
    """RFC 5545, without RRULE: in front; empty: once."""
    timezone: str = ""
    """Whose local time the rule repeats."""

    @property
    def plan(self) -> str:
        return plan_of(self.window)


class Stretch(NamedTuple):
    announced_us: int
    from_us: int
    to_us: int


@dataclass(frozen=True)
class Window:
    id: str
    event: MaintenanceEvent
    """Which scheduled it."""
    stretches: tuple[Stretch, ...]
    """As it was scheduled, and each extension, which has a notice of its own."""
    ended_us: int | None = None
    """When somebody finished or cancelled it."""
    cancelled: bool = False
    updated_us: int = 0

    @property
    def scope(self) -> str:
        return self.event.scope

    @property
    def from_us(self) -> int:
        return self.stretches[0].from_us

    @property
    def planned_to_us(self) -> int:
        return self.stretches[-1].to_us

    @property
    def to_us(self) -> int:
        """Not before its beginning: then it never was."""
        return self.planned_to_us if self.ended_us is None else max(self.from_us, min(self.ended_us, self.planned_to_us))

    def is_on(self, at_us: int) -> bool:
        return self.from_us <= at_us < self.to_us

    def stage(self, now_us: int) -> str:
        """scheduled | in_progress | finished | cancelled."""
        if self.cancelled:
            return "cancelled"
        if now_us < self.from_us:
            return "scheduled"
        return "in_progress" if now_us < self.to_us else "finished"

    def parts(self) -> list[Maintenance]:
        """As the account takes them."""
        return [
            Maintenance(one.from_us, min(one.to_us, self.to_us), one.announced_us, id=self.id)
            for one in self.stretches
            if one.from_us < self.to_us
        ]


StartsOf = Callable[[MaintenanceEvent], Iterable[int]]
"""When recurring work begins, in order, as far as the caller wants to look."""


def plan_of(window: str) -> str:
    return window.partition("@")[0]


def windows_of(events: Iterable[MaintenanceEvent], starts_of: StartsOf, as_known_at_us: int | None = None) -> list[Window]:
    """Every window, by its beginning; `as_known_at_us`: without what was said later."""
    plans: dict[str, MaintenanceEvent] = {}
    later: dict[str, list[MaintenanceEvent]] = {}
    for event in events:
        if as_known_at_us is not None and event.at_us > as_known_at_us:
            continue
        if event.kind == "scheduled":
            plans[event.window] = event
        else:
            later.setdefault(event.plan, []).append(event)
    found = [window for name, event in plans.items() for window in _windows_of_plan(event, later.get(name, ()), starts_of)]
    return sorted(found, key=lambda one: (one.from_us, one.id))


def _windows_of_plan(event: MaintenanceEvent, later: Sequence[MaintenanceEvent], starts_of: StartsOf) -> Iterator[Window]:
    if not event.rule:
        yield _after(_occurrence(event.window, event, event.from_us), later)
        return
    for from_us in starts_of(event):
        name = f"{event.window}@{local_date(event.timezone, from_us)}"
        mine = [one for one in later if one.window in (name, event.window)]
        if any(one.window == event.window and one.at_us < from_us for one in mine):
            # The whole series was cancelled: what would have come later is nothing that anybody has to hear of.
            return
        yield _after(_occurrence(name, event, from_us), mine)


def _occurrence(name: str, event: MaintenanceEvent, from_us: int) -> Window:
    stretch = Stretch(event.at_us, from_us, from_us + event.to_us - event.from_us)
    return Window(name, event, (stretch,), updated_us=event.at_us)


def _after(window: Window, later: Iterable[MaintenanceEvent]) -> Window:
    for event in later:
        if window.ended_us is not None or event.at_us >= window.to_us:
            continue
        if event.kind == "extended":
            stretch = Stretch(event.at_us, event.from_us, event.to_us)
            window = replace(window, stretches=(*window.stretches, stretch), updated_us=event.at_us)
        else:
            window = replace(window, ended_us=event.at_us, cancelled=event.kind == "cancelled", updated_us=event.at_us)
    return window


# What the commitment sets aside


def qualifying(windows: Iterable[Window], terms: Sequence[tuple[Span, Contract]]) -> dict[str, list[Maintenance]]:
    """
    By scope, the time that was announced early enough and lies within the yearly cap (AVAILABILITY B4); the rest is ordinary time.

    A product has one cap for each calendar year, for itself and all of its components; time that windows share uses it once. The
    earliest time uses it first, so what is over it begins at one instant. All planned time uses it, whatever it is treated as.
    """
    by_product: dict[str, list[tuple[str, Maintenance]]] = {}
    for window in windows:
        by_product.setdefault(window.scope.partition("/")[0], []).extend((window.scope, part) for part in window.parts())
    found: dict[str, list[Maintenance]] = {}
    for parts in by_product.values():
        for scope, part in _within_cap(parts, terms):
            found.setdefault(scope, []).append(part)
    return found


def _within_cap(
    parts: Sequence[tuple[str, Maintenance]], terms: Sequence[tuple[Span, Contract]]
) -> Iterator[tuple[str, Maintenance]]:
    used_us: dict[int, int] = {}
    for span, contract in terms:
        by_year: dict[int, list[tuple[str, Maintenance]]] = {}
        for scope, part in parts:
            if part.announced_us + contract.notice_us <= part.from_us:
                for year, piece in _by_year(part, span, contract.timezone):
                    by_year.setdefault(year, []).append((scope, piece))
        for year, pieces in sorted(by_year.items()):
            before_us = used_us.get(year, 0)
            left_us = None if contract.cap_us is None else contract.cap_us - before_us
            took_us, until_us = _taken([(one.from_us, one.to_us) for _, one in pieces], left_us)
            used_us[year] = before_us + took_us
            for scope, one in pieces:
                if until_us is None or one.from_us < until_us:
                    yield scope, one if until_us is None else one._replace(to_us=min(one.to_us, until_us))


def _by_year(part: Maintenance, span: Span, timezone: str) -> Iterator[tuple[int, Maintenance]]:
    from_us, end_us = span.cut_to(part.from_us, part.to_us)
    while from_us < end_us:
        year = day_of(timezone, from_us).year
        to_us = min(end_us, day_start(timezone, date(year + 1, 1, 1)))
        yield year, part._replace(from_us=from_us, to_us=to_us)
        from_us = to_us


def _taken(spans: Iterable[tuple[int, int]], left_us: int | None) -> tuple[int, int | None]:
    """How much time they cover together, up to `left_us`; and the instant at which that is used up, None: it is not."""
    took_us, reached_us = 0, None
    for from_us, to_us in sorted(spans):
        begin_us = from_us if reached_us is None else max(from_us, reached_us)
        fresh_us = max(0, to_us - begin_us)
        if left_us is not None and fresh_us and took_us + fresh_us > left_us:
            return max(0, left_us), begin_us + max(0, left_us - took_us)
        took_us += fresh_us
        reached_us = to_us if reached_us is None else max(reached_us, to_us)
    return took_us, None


def set_aside_us(window: Window, qualified: Mapping[str, Sequence[Maintenance]]) -> int:
    """How much of the window qualifies."""
    return sum(one.to_us - one.from_us for one in qualified.get(window.scope, ()) if one.id == window.id)


# What people may do


def next_plan_id(events: Iterable[MaintenanceEvent], year: int) -> str:
    """`MW-2026-0001`: the number after the highest of that year."""
    prefix = f"{PREFIX}-{year:04}-"
    numbers = (int(one.plan.removeprefix(prefix)) for one in events if one.plan.startswith(prefix))
    return f"{prefix}{max(numbers, default=0) + 1:04}"


def next_event_id(events: Iterable[MaintenanceEvent], window: str) -> str:
    plan = plan_of(window)
    return f"{plan}/{sum(one.plan == plan for one in events) + 1}"


def refuse_unless_sound(event: MaintenanceEvent, scopes: Collection[str]) -> None:
    """`Invalid` for work that must not be scheduled; `scopes` are the products and components there are."""
    if event.scope not in scopes:
        product = event.scope.split("/")[0]
        near = [one for one in scopes if is_within(one, product)] or [one for one in scopes if "/" not in one]
        raise Invalid(f"Nothing was scheduled: there is no product or component {event.scope!r}; write one of: {', '.join(near)}.")
    if event.to_us <= event.from_us:
        raise Invalid(f"Nothing was scheduled for {event.scope}: the end is not after the start; look at --from and --to.")
    if event.to_us <= event.at_us and not event.rule:
        raise Invalid(
            f"Nothing was scheduled for {event.scope}: that time is over; `uptimed exclude add` takes out what was work then."
        )
    if not any(words.strip() for words in event.title.values()):
        raise Invalid(f"Nothing was scheduled for {event.scope}: the title is empty; say what is done, for whoever reads the page.")


def found_in(windows: Iterable[Window], name: str, now_us: int) -> Window:
    """The window of that id; of recurring work the one that is on, else the next. `Invalid` when there is none, or it is over."""
    mine = [one for one in windows if name in (one.id, one.event.window)]
    if not mine:
        raise Invalid(
            f"Nothing was changed: there is no planned work {name!r}; `uptimed maintenance list --all` shows all there is."
        )
    lasting = [one for one in mine if now_us < one.to_us and one.ended_us is None]
    if not lasting:
        what = "was cancelled already" if mine[-1].cancelled else "is over"
        raise Invalid(f"Nothing was changed: {name} {what}; schedule new work with `uptimed maintenance schedule`.")
    return lasting[0]


def refuse_unless_on(window: Window, now_us: int) -> None:
    if not window.is_on(now_us):
        raise Invalid(f"{window.id} was not finished: it has not begun; use `uptimed maintenance cancel {window.id}`.")


def refuse_unless_longer(window: Window, to_us: int) -> None:
    if to_us <= window.to_us:
        raise Invalid(f"{window.id} was not extended: it lasts that long already; give a later --to, or finish it when it is done.")
