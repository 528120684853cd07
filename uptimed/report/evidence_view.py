"""What a report says of the evidence: every outage, what could not be seen, planned work, and what people corrected."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from uptimed.domain.severity import Severity
from uptimed.engine.report import Correction, PlannedWork, ProductReport, Unseen
from uptimed.engine.report_outages import Failures, OutageLine
from uptimed.notify.reasons import why
from uptimed.report.blocks import Block, Cell, Column, Table, Text
from uptimed.report.teller import Teller

SHOWN = 30
"""Blind stretches in the table; the shorter ones are added up. JSON and CSV have them all."""


def the_outages(one: ProductReport, tell: Teller) -> Iterable[Block]:
    say = tell.say
    if not one.outages:
        yield Text(say("outages.none"))
        return
    yield Text(say("outages.intro"))
    yield Table(
        caption=say("outages.caption", name=tell.words(one.name)),
        columns=(
            Column(say("col.outage"), share=3.6),
            Column(say("col.last_good"), share=1.25),
            Column(say("col.first_bad"), share=1.25),
            Column(say("col.last_bad"), share=1.25),
            Column(say("col.first_good"), share=1.25),
            Column(say("col.lasted"), end=True, share=1.7),
            Column(say("col.costs"), end=True, share=1.25),
        ),
        rows=tuple(_outage(each, one, tell) for each in one.outages),
        small=True,
    )
    yield Text(say("outage.total", time=tell.down(sum(each.downtime_ns for each in one.outages))), tone="small")


def _outage(each: OutageLine, one: ProductReport, tell: Teller) -> tuple[Cell, ...]:
    say, instants = tell.say, each.bracket
    length = tell.between(tell.lasting(each.lasted.at_least_us), tell.lasting(each.lasted.at_most_us))
    return (
        Cell(f"{tell.utc_date(each.from_us)} · {tell.name(each.component)}", sub=_told(each, tell)),
        _instant(instants.last_good_us, each, tell, say("outage.no_good_before")),
        _instant(instants.first_bad_us, each, tell, ""),
        _instant(instants.last_bad_us, each, tell, ""),
        _instant(instants.first_good_us, each, tell, say("outage.not_seen" if each.is_over else "outage.goes_on")),
        Cell(tell.lasting(each.to_us - each.from_us), sub=length),
        Cell(tell.down(each.downtime_ns), sub=tell.share(each.downtime_ns, one.account.budget_ns)),
    )


def _told(each: OutageLine, tell: Teller) -> str:
    parts = [each.incident or "", why(each.reason, tell.lang) if each.reason else "", _reach(each.severity, tell)]
    checks = list(dict.fromkeys(one.check for one in each.failures))
    parts += [_evidence([one for one in each.failures if one.check == check], each.component, tell) for check in checks]
    return " · ".join(part for part in parts if part)


def _reach(severity: Severity, tell: Teller) -> str:
    if severity is Severity.CRITICAL:
        return ""
    if severity is Severity.SEVERE:
        return tell.say("outage.severe")
    return tell.say("outage.weightless", severity=tell.say(f"severity.{severity.value}").lower())


def _evidence(failures: Sequence[Failures], component: str, tell: Teller) -> str:
    """Of one check; it is not named where it has no other name than its component."""
    told = tell.listed(tell.say.count("outage.failures", one.count, place=tell.place(one.location)) for one in failures)
    check = tell.name(failures[0].check)
    return told if check == tell.name(component) else tell.say("outage.check", check=check, failures=told)


def _instant(at_us: int | None, each: OutageLine, tell: Teller, absent: str) -> Cell:
    """The time; the day too, where it is another than the one that the row begins with."""
    if at_us is None:
        return Cell(absent)
    day = tell.utc_date(at_us)
    return Cell(tell.utc_time(at_us), sub="" if day == tell.utc_date(each.from_us) else day)


# What we could not see


def the_blind(one: ProductReport, tell: Teller) -> Iterable[Block]:
    say = tell.say
    if not one.blind:
        yield Text(say("blind.none"))
    else:
        yield Text(say.count("blind.total", len(one.blind), time=tell.lasting(one.account.figures.u_us)))
        shown, rest = one.blind[:SHOWN], one.blind[SHOWN:]
        together = sum(to_us - from_us for from_us, to_us in rest)
        more = say.count("blind.more", len(rest), time=tell.lasting(together)) if rest else ""
        yield Table(
            caption=say("blind.caption", name=tell.words(one.name)),
            columns=(Column(say("col.from")), Column(say("col.to")), Column(say("col.length"), end=True)),
            rows=tuple((Cell(tell.compact(a)), Cell(tell.compact(b)), Cell(tell.lasting(b - a))) for a, b in shown),
            total=(Cell(more), Cell(""), Cell("")) if rest else (),
            small=True,
        )
    yield from _unseen(one.unseen, tell)


def _unseen(its: Unseen, tell: Teller) -> Iterable[Block]:
    say = tell.say
    if its.resolution_us is None:
        yield Text(say("unseen.unknown"))
        return
    yield Text(say("unseen.resolution", resolution=tell.lasting(its.resolution_us)))
    if its.at_most_us is None:
        yield Text(say("unseen.many", n=tell.number(its.shorter_seen)))
    elif not its.shorter_seen:
        yield Text(say("unseen.shorter.none", time=tell.lasting(its.at_most_us)))
    else:
        yield Text(say.count("unseen.shorter", its.shorter_seen, time=tell.lasting(its.at_most_us)))


# Planned work


def the_planned(one: ProductReport, tell: Teller) -> Iterable[Block]:
    say = tell.say
    if not one.planned:
        yield Text(say("planned.none"))
        return
    yield Text(say("planned.intro"))
    yield Table(
        caption=say("planned.caption", name=tell.words(one.name)),
        columns=(
            Column(say("col.what"), share=2.6),
            Column(say("col.from"), share=1.2),
            Column(say("col.to"), share=1.2),
            Column(say("col.announced"), share=1.2),
            Column(say("col.set_aside"), end=True, share=1.2),
        ),
        rows=tuple(_planned(each, one.account.as_of_us, tell) for each in one.planned),
        small=True,
    )


def _planned(each: PlannedWork, as_of_us: int, tell: Teller) -> tuple[Cell, ...]:
    window, say = each.window, tell.say
    stage = window.stage(as_of_us)
    end = "extended" if len(window.stretches) > 1 else "early" if window.to_us < window.planned_to_us else ""
    if stage == "cancelled":
        end = "cancelled"
    return (
        Cell(tell.words(window.event.title), sub=f"{window.id} · {tell.name(window.scope)}"),
        Cell(tell.compact(window.from_us)),
        Cell(
            tell.compact(window.planned_to_us if stage == "cancelled" else window.to_us), sub=say(f"planned.{end}") if end else ""
        ),
        Cell(tell.compact(window.event.at_us)),
        Cell(tell.left(each.set_aside_us)),
    )


# What people corrected


def the_corrections(one: ProductReport, tell: Teller) -> Iterable[Block]:
    say = tell.say
    if not one.corrections:
        yield Text(say("corrections.none"))
        return
    yield Text(say("corrections.intro"))
    yield Table(
        caption=say("corrections.caption", name=tell.words(one.name)),
        columns=(
            Column(say("col.correction"), share=1.7),
            Column(say("col.from"), share=1.2),
            Column(say("col.to"), share=1.2),
            Column(say("col.why"), share=3),
            Column(say("col.who"), share=1.4),
            Column(say("col.spared"), end=True, share=1.2),
        ),
        rows=tuple(_correction(each, tell) for each in one.corrections),
        small=True,
    )


def _correction(each: Correction, tell: Teller) -> tuple[Cell, ...]:
    made, say = each.made, tell.say
    state = say(f"state.{made.state.word}")
    what = say("correction.exclude") if made.kind == "exclude" else say("correction.assert", state=state)
    return (
        Cell(made.id, sub=f"{tell.name(made.scope)} · {what}"),
        Cell(tell.compact(made.from_us)),
        Cell(tell.compact(made.to_us)),
        Cell(made.reason, sub=_clause_and_end(each, tell)),
        Cell(made.by, sub=say("correction.when", at=tell.instant(made.at_us))),
        Cell(_spared(each.spared_ns, tell)),
    )


def _clause_and_end(each: Correction, tell: Teller) -> str:
    parts = [tell.say("correction.clause", clause=each.made.clause)] if each.made.clause else []
    if gone := each.revoked:
        back = {"id": gone.id, "at": tell.instant(gone.at_us), "author": gone.by, "reason": gone.reason}
        parts.append(tell.say("correction.revoked", **back))
    return " · ".join(parts)


def _spared(spared_ns: int, tell: Teller) -> str:
    if spared_ns < 0:
        return tell.say("correction.added", time=tell.down(-spared_ns))
    return tell.down(spared_ns)
