"""What a report says of the figure itself: the bounds, the states, the months, the worst windows, and the raw twin."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from uptimed.domain.availability import Account, Standing
from uptimed.domain.display import allowance_s, floored, upper_text
from uptimed.domain.figures import FULL, Contract, Figures, Treatment
from uptimed.domain.worst import Window
from uptimed.engine.report import DAY_US, HOUR_US, MINUTE_US, ROUND_US, PartLine, ProductReport
from uptimed.report import drawings
from uptimed.report.blocks import Block, Cell, Column, Figure, Headline, Key, Table, Text
from uptimed.report.teller import Teller, capitalised


def mark_of(its: Account, *, is_over: bool) -> str:
    """The verdict as a shape: met, close, missed, or nothing was measured."""
    if its.point is None:
        return "unmeasured"
    standing = its.verdict if is_over or its.verdict is Standing.MISSED else its.to_date
    return {Standing.MET: "met", Standing.MISSED: "missed", Standing.UNDECIDED: "close"}[standing]


def verdict_of(its: Account, tell: Teller, *, is_over: bool) -> str:
    mark = mark_of(its, is_over=is_over)
    if mark == "unmeasured":
        return tell.say("verdict.blind")
    if is_over or its.verdict is Standing.MISSED:
        return tell.say(f"verdict.{mark}")
    return tell.say("verdict.below.so_far" if mark == "missed" else f"verdict.{mark}.so_far")


def percent_of(text: str | None, tell: Teller) -> str:
    return tell.say("figure.none") if text is None else tell.percent(text)


def bounds_of(its: Account, tell: Teller) -> str:
    if its.texts.lower is None or its.texts.upper is None:
        return tell.say("none")
    return tell.between(tell.percent(its.texts.lower), tell.percent(its.texts.upper))


def downtime_of(sums: Figures, tell: Teller) -> Cell:
    return Cell(tell.down(sums.d_ns), sub=_between(sums.d_lo_ns, sums.d_ns, sums.d_hi_ns, tell))


def _between(least_ns: int, point_ns: int, most_ns: int, tell: Teller) -> str:
    """Nothing where there is no doubt."""
    return "" if least_ns == point_ns == most_ns else tell.between(tell.down(least_ns), tell.down(most_ns))


def headline(one: ProductReport, tell: Teller) -> Headline:
    its = one.account
    target = tell.percent(one.target.target_text)
    point = percent_of(its.texts.point, tell)
    counted = its.texts.lower is not None and its.texts.upper is not None
    span = (
        tell.say("figure.range", lower=tell.percent(its.texts.lower or ""), upper=tell.percent(its.texts.upper or ""))
        if counted
        else tell.say("none")
    )
    return Headline(
        figure=point,
        measured=its.point is not None,
        range=span,
        target=tell.say("figure.target", target=target),
        verdict=verdict_of(its, tell, is_over=one.is_over),
        mark=mark_of(its, is_over=one.is_over),
        budget=tell.say(
            "figure.budget",
            used=tell.down(its.figures.d_ns),
            allowed=tell.left(allowance_s(its.budget_ns) * 1_000_000),
            share=tell.share(its.figures.d_ns, its.budget_ns),
        ),
        bounds=drawings.scale(its),
        bounds_alt=tell.say("figure.scale_alt", name=tell.words(one.name), point=point, range=span, target=target),
        bounds_caption=tell.say("figure.scale"),
        bar=drawings.bar(its),
    )


def the_figure(one: ProductReport, tell: Teller) -> Iterable[Block]:
    its, say = one.account, tell.say
    sums = its.figures
    readings = (
        ("lower", its.lower, its.texts.lower, sums.d_hi_ns, its.remaining_lower_us),
        ("point", its.point, its.texts.point, sums.d_ns, its.remaining_point_us),
        ("upper", its.upper, its.texts.upper, sums.d_lo_ns, its.remaining_upper_us),
    )
    yield Table(
        caption=say("figure.caption", name=tell.words(one.name)),
        columns=(
            Column(say("col.reading"), share=2.2),
            Column(say("col.availability"), end=True, share=1.2),
            Column(say("col.downtime"), end=True, share=1.3),
            Column(say("col.left"), end=True, share=1.4),
            Column(say("col.fraction"), end=True, share=2),
        ),
        rows=tuple(
            (
                Cell(say(f"reading.{key}"), sub=say(f"reading.{key}.sub")),
                Cell(percent_of(text, tell)),
                Cell(tell.down(downtime_ns)),
                Cell(left_of(left_us, tell)),
                Cell(tell.fraction(ratio), code=True),
            )
            for key, ratio, text, downtime_ns, left_us in readings
        ),
    )
    length = {
        "length": tell.lasting(sums.length_us),
        "counted": tell.lasting(sums.n_us),
        "measured": tell.left(sums.m_us),
        "blind": tell.lasting(sums.u_us),
    }
    yield Text(say("figure.counted", **length))
    used = {"allowed": tell.left(allowance_s(its.budget_ns) * 1_000_000), "used": tell.down(sums.d_ns)}
    yield Text(say("figure.budget_is", **used))
    if its.exhausted_at_us is not None:
        yield Text(say("figure.exhausted", at=tell.instant(its.exhausted_at_us)))
    elif its.projected_exhaustion_us is not None:
        yield Text(say("figure.projected", at=tell.instant(its.projected_exhaustion_us)))


def left_of(left_us: int, tell: Teller) -> str:
    return tell.left(left_us) if left_us >= 0 else tell.say("figure.over", time=tell.lasting(-left_us))


# What the time was made of


def the_states(one: ProductReport, tell: Teller) -> Iterable[Block]:
    sums, say = one.account.figures, tell.say
    excluded_us = sums.length_us - sums.up_us - sums.degraded_us - sums.down_us - sums.unmeasured_us - sums.maintenance_us
    contract = one.target if len({_how_it_counts(each.contract) for each in one.terms}) == 1 else None
    rows = [
        (Cell(say("state.up"), mark="working"), sums.up_us, say("counts.up"), False),
        (
            Cell(say("state.degraded"), sub=say("state.degraded.sub"), mark="degraded"),
            sums.degraded_us,
            _degraded(contract, tell),
            True,
        ),
        (Cell(say("state.down"), mark="down"), sums.down_us, say("counts.down"), True),
        (Cell(say("state.unmeasured"), mark="unmeasured"), sums.unmeasured_us, say("counts.bounds"), True),
        (Cell(say("state.maintenance"), mark="planned"), sums.maintenance_us, _maintenance(contract, tell), True),
        (Cell(say("state.excluded")), excluded_us, say("counts.not"), True),
    ]
    total = say("state.total" if one.is_over else "state.total.so_far")
    yield Table(
        caption=say("states.caption", name=tell.words(one.name)),
        columns=(
            Column(say("col.state"), share=2),
            Column(say("col.time"), end=True),
            Column(say("col.exact_s"), end=True, share=1.5),
            Column(say("col.counts"), share=2.5),
        ),
        rows=tuple(
            (name, Cell(tell.lasting(length_us) if up else tell.left(length_us)), Cell(tell.exact_us(length_us)), Cell(how))
            for name, length_us, how, up in rows
        ),
        total=(Cell(total), Cell(tell.lasting(sums.length_us)), Cell(tell.exact_us(sums.length_us)), Cell("")),
    )


def _how_it_counts(contract: Contract) -> tuple[int, Treatment]:
    return contract.degraded_permille, contract.maintenance


def _degraded(contract: Contract | None, tell: Teller) -> str:
    return tell.say("counts.changed") if contract is None else degraded_words(contract, tell)


def degraded_words(contract: Contract, tell: Teller) -> str:
    if contract.degraded_permille in (0, FULL):
        return tell.say("counts.down" if contract.degraded_permille else "counts.up")
    share = format(contract.degraded_permille / 10, "g")
    return tell.say("counts.part", share=tell.percent(share))


def _maintenance(contract: Contract | None, tell: Teller) -> str:
    if contract is None:
        return tell.say("counts.changed")
    words = {Treatment.EXCLUDE: "counts.not", Treatment.UP: "counts.up", Treatment.MEASURED: "counts.measured"}
    return tell.say(words[contract.maintenance])


# Month by month, or day by day


def the_parts(one: ProductReport, tell: Teller, *, is_month: bool) -> Iterable[Block]:
    say = tell.say
    numbers = [
        Column(say("col.availability"), end=True, share=1.1),
        Column(say("col.bounds"), end=True, share=2.1),
        Column(say("col.downtime"), end=True, share=1.4),
        Column(say("col.blind"), end=True, share=1.2),
        Column(say("col.budget"), end=True, share=0.9),
    ]
    name = tell.words(one.name)
    if is_month:
        yield Text(say("days.note", zone=tell.zone), tone="small")
        first = [Column(say("col.day"), share=1.4)]
        rows = tuple(_day_row(each, one, tell) for each in one.parts)
        yield Table(say("days.caption", name=name), (*first, *numbers), rows, small=True)
        return
    yield Text(say("months.note", zone=tell.zone), tone="small")
    first = [Column(say("col.month"), share=1), Column(say("col.days"), share=3)]
    rows = tuple(_month_row(each, one, tell) for each in one.parts)
    yield Table(say("months.caption", name=name), (*first, *numbers), rows, small=True)
    yield _key(one, tell)


def _month_row(part: PartLine, one: ProductReport, tell: Teller) -> tuple[Cell, ...]:
    month = tell.month(int(part.period.name[-2:]))
    bad = sum(1 for day in part.days if day.figures.down_us)
    what = tell.say.count("days.troubled", bad) if bad else tell.say("days.quiet")
    marks = drawings.days([(day.on.day, day.figures) for day in part.days])
    return (Cell(capitalised(month)), Cell(tell.say("days.alt", month=month, what=what), days=marks), *_part(part, one, tell))


def _day_row(part: PartLine, one: ProductReport, tell: Teller) -> tuple[Cell, ...]:
    return (Cell(tell.date(part.account.from_us, short=True)), *_part(part, one, tell))


def _part(part: PartLine, one: ProductReport, tell: Teller) -> tuple[Cell, ...]:
    its = part.account
    return (
        Cell(percent_of(its.texts.point, tell)),
        Cell(bounds_of(its, tell)),
        Cell(tell.down(its.figures.d_ns)),
        Cell(tell.lasting(its.figures.u_us)),
        Cell(tell.share(its.figures.d_ns, one.account.budget_ns)),
    )


def _key(one: ProductReport, tell: Teller) -> Key:
    """What is not there is not explained."""
    seen = {drawings.state_of(day.figures) for part in one.parts for day in part.days}
    sizes = [(60, "key.down1"), (300, "key.down2"), (900, "key.down3")]
    marks = [("working", "key.quiet", 0.0), ("degraded", "key.degraded", 0.0)]
    marks += [("down", key, drawings.side_of(down_s * 1_000_000)) for down_s, key in sizes]
    marks += [("planned", "key.planned", 0.0), ("unmeasured", "key.unmeasured", 0.0), ("excluded", "key.excluded", 0.0)]
    shown = ((drawings.shape(state, 6, 6, side), state, tell.say(key)) for state, key, side in marks if state in seen)
    return Key(tell.say("key"), tuple(shown))


# The worst windows


def the_worst(one: ProductReport, tell: Teller) -> Iterable[Block]:
    say = tell.say
    yield Text(say("worst.intro"))
    known = [each for each in one.worst if each.d_ns is not None]
    if not known:
        yield Text(say("worst.nothing"))
        return
    target = one.target.target_text
    drawn = drawings.curve(known, target, _lengths(known[-1].length_us, tell), _heights(tell))
    if drawn is not None:
        yield Figure("curve", say("worst.alt", sentence=_reaches(known, one.target, tell)), say("worst.figure"), drawn)
        yield Text(_reaches(known, one.target, tell))
    longest_us = known[-1].length_us
    yield Table(
        caption=say("worst.caption", name=tell.words(one.name)),
        columns=(
            Column(say("col.window"), share=1.4),
            Column(say("col.worst"), end=True, share=1.6),
            Column(say("col.availability"), end=True, share=1.2),
            Column(say("col.bounds"), end=True, share=2),
            Column(say("col.began"), end=True, share=1.8),
        ),
        rows=tuple(_window(each, longest_us, target, tell) for each in known if each.length_us in {*ROUND_US, longest_us}),
        small=True,
    )


def _lengths(longest_us: int, tell: Teller) -> list[tuple[int, str]]:
    """What stands below the curve: few enough that no two run into one another."""
    named = (MINUTE_US, 10 * MINUTE_US, HOUR_US, 6 * HOUR_US, DAY_US, 7 * DAY_US, 30 * DAY_US)
    ratio = 2.2
    chosen = [one for one in named if one * ratio < longest_us]
    return [(one, tell.lasting(one)) for one in (*chosen, longest_us)]


def _heights(tell: Teller) -> list[tuple[str, str]]:
    return [(percent, tell.percent(percent)) for percent in ("0", "90", "99", "99.9", "99.99", "99.999", "100")]


def _reaches(known: list[Window], contract: Contract, tell: Teller) -> str:
    """From which length on the worst window keeps to the target; a longer one may do worse again, so all longer ones must."""
    reached = None
    for each in reversed(known):
        if 1 - Fraction(each.d_ns or 0, FULL * each.length_us) < contract.target:
            break
        reached = each.length_us
    return tell.say("worst.never") if reached is None else tell.say("worst.reaches", length=tell.window(reached))


def _window(each: Window, longest_us: int, target: str, tell: Teller) -> tuple[Cell, ...]:
    point, lower, upper = (1 - Fraction(one or 0, FULL * each.length_us) for one in (each.d_ns, each.d_hi_ns, each.d_lo_ns))
    between = tell.between(tell.percent(floored(lower, target)), tell.percent(upper_text(upper, target)))
    is_whole = each.length_us == longest_us
    return (
        Cell(tell.say("worst.period") if is_whole else tell.window(each.length_us)),
        Cell(tell.down(each.d_ns or 0), sub=_between(each.d_lo_ns or 0, each.d_ns or 0, each.d_hi_ns or 0, tell)),
        Cell(tell.percent(floored(point, target))),
        Cell(between),
        Cell(tell.optional(each.start_us) if each.d_ns else tell.say("none")),
    )


# With nothing set aside


def the_raw(one: ProductReport, tell: Teller) -> Iterable[Block]:
    say = tell.say
    yield Text(say("raw.intro"))
    if one.raw.figures == one.account.figures:
        yield Text(say("raw.same"))
    rows = ((say("raw.contract"), one.account), (say("raw.raw"), one.raw))
    yield Table(
        caption=say("raw.caption", name=tell.words(one.name)),
        columns=(
            Column(say("col.account"), share=1.8),
            Column(say("col.measured"), end=True),
            Column(say("col.bounds"), end=True, share=1.8),
            Column(say("col.downtime"), end=True, share=1.5),
            Column(say("col.excluded"), end=True),
            Column(say("col.verdict"), share=1.5),
        ),
        rows=tuple(
            (
                Cell(name),
                Cell(percent_of(its.texts.point, tell)),
                Cell(bounds_of(its, tell)),
                downtime_of(its.figures, tell),
                Cell(tell.lasting(its.figures.excluded_us)),
                Cell(verdict_of(its, tell, is_over=one.is_over), mark=mark_of(its, is_over=one.is_over)),
            )
            for name, its in rows
        ),
    )
