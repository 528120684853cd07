"""
From timelines to outages: a Component's confirmed down stretches, found again whenever its segments change.

Nothing is opened by counting failures here. The timeline says what is down and confirmed (AVAILABILITY B3); this file compares that
with the outages already known and reports what began, moved, ended or vanished.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from uptimed.domain.incidents import Outage
from uptimed.domain.outages import Bracket, Down, bracket, confirmed_downs
from uptimed.domain.products import worst_of
from uptimed.engine.memory import CheckMemory, ComponentMemory


@dataclass
class Findings:
    """What a look at one component has shown."""

    began: list[Outage] = field(default_factory=list)
    changed: list[Outage] = field(default_factory=list)
    vanished: list[Outage] = field(default_factory=list)


@dataclass(frozen=True)
class Stretch:
    """A confirmed down stretch of a component, and the checks that were down in it."""

    down: Down
    checks: tuple[CheckMemory, ...]

    @property
    def bracket(self) -> Bracket:
        return bracket([check.timeline.runs for check in self.checks], self.down.from_us, self.down.to_us)

    @property
    def ended_us(self) -> int | None:
        return self.down.to_us if self.down.ended else None


def look(memory: ComponentMemory, from_us: int, now_us: int) -> Findings:
    """Compare the component's timeline from `from_us` on with the outages that are known, and bring these up to date."""
    start_us = _start_of_look(memory, from_us)
    known = {one.id: one for one in memory.outages.values() if (one.ended_at_us or now_us + 1) > start_us}
    findings = Findings()
    for stretch in stretches(memory, start_us):
        mine = _same(known, stretch)
        if mine is None:
            outage = _outage(memory, stretch, now_us)
            memory.outages[outage.id] = outage
            findings.began.append(outage)
            continue
        del known[mine.id]
        now = _brought_up_to_date(mine, stretch)
        if now != mine:
            memory.outages[now.id] = now
            findings.changed.append(now)
    for outage in known.values():
        del memory.outages[outage.id]
        findings.vanished.append(outage)
    return findings


def stretches(memory: ComponentMemory, from_us: int) -> list[Stretch]:
    timelines = [check.timeline.segments for check in memory.checks]
    downs = confirmed_downs(worst_of(timelines, from_us))
    if not downs:
        return []
    by_check = [(check, confirmed_downs(check.timeline.segments, from_us)) for check in memory.checks]
    return [
        Stretch(
            down,
            tuple(check for check, its in by_check if any(down.from_us < one.to_us and one.from_us < down.to_us for one in its)),
        )
        for down in downs
    ]


def _start_of_look(memory: ComponentMemory, from_us: int) -> int:
    """Never cut through an outage: one that reaches over `from_us` is looked at from its beginning."""
    begins = [
        one.began_at_us for one in memory.outages.values() if one.began_at_us < from_us and (one.ended_at_us or from_us) >= from_us
    ]
    return min(begins, default=from_us)


def _same(known: dict[str, Outage], stretch: Stretch) -> Outage | None:
    """The known outage that this stretch continues: the two overlap, or touch."""
    down = stretch.down
    return next(
        (
            one
            for one in sorted(known.values(), key=lambda outage: outage.began_at_us)
            if one.began_at_us <= down.to_us and down.from_us <= (one.ended_at_us or down.to_us)
        ),
        None,
    )


def _outage(memory: ComponentMemory, stretch: Stretch, now_us: int) -> Outage:
    instants = stretch.bracket
    failed = [seen for check in stretch.checks for seen in check.failed.values()]
    return Outage(
        id=f"{memory.component.id}@{stretch.down.from_us}",
        component=memory.component.id,
        began_at_us=stretch.down.from_us,
        ended_at_us=stretch.ended_us,
        last_good_us=instants.last_good_us,
        first_bad_us=instants.first_bad_us,
        last_bad_us=instants.last_bad_us,
        first_good_us=instants.first_good_us if stretch.down.ended else None,
        checks=tuple(check.check.id for check in stretch.checks),
        confirmed_at_us=now_us,
        reason=failed[0].reason if failed else "",
        locations=tuple(sorted({place for check in stretch.checks for place in check.failed})),
    )


def _brought_up_to_date(known: Outage, stretch: Stretch) -> Outage:
    """While it lasts its newest failure is left as it was: an outage is written when something is learnt, not at every result."""
    instants = stretch.bracket
    return replace(
        known,
        began_at_us=stretch.down.from_us,
        ended_at_us=stretch.ended_us,
        last_good_us=instants.last_good_us,
        first_bad_us=instants.first_bad_us,
        last_bad_us=instants.last_bad_us if stretch.down.ended else known.last_bad_us,
        first_good_us=instants.first_good_us if stretch.down.ended else None,
        checks=tuple(dict.fromkeys([*known.checks, *(check.check.id for check in stretch.checks)])),
    )


def is_recovered(memory: ComponentMemory, now_us: int) -> bool:
    """Confirmed up again: no outage lasts, and every check that took part in the latest one has had its good results in a row."""
    if any(outage.ended_at_us is None for outage in memory.outages.values()):
        return False
    return all(check.pulse(now_us).recovered for check in memory.checks)
