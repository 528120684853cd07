"""What a report says of promises: credits, answers, the published record, the terms, what was watched, and the method."""

from __future__ import annotations

from collections.abc import Iterable

from uptimed.domain.catalogue import ResponseTarget
from uptimed.domain.contract import CheckRule
from uptimed.domain.credits import Step
from uptimed.domain.figures import Contract, Treatment
from uptimed.domain.published import PublishedRecord, Reason
from uptimed.engine.periods import DUE_US
from uptimed.engine.report import ProductReport, Report
from uptimed.engine.report_responses import Answered, IncidentLine, SeverityLine
from uptimed.report.blocks import Block, Cell, Column, Items, Table, Text
from uptimed.report.figures_view import degraded_words
from uptimed.report.teller import Teller

METHOD = tuple(f"method.{number}" for number in range(1, 9))


# Credits


def the_credits(one: ProductReport, tell: Teller) -> Iterable[Block]:
    its, say = one.credits, tell.say
    yield Text(say("credits.rule"))
    sentences = []
    if its.possible is None:
        sentences.append(say("credits.none"))
    else:
        certain = its.certain
        percent = tell.percent(certain.percent) if certain else ""
        sentences.append(say("credits.certain", percent=percent) if certain else say("credits.certain_none"))
        if its.possible == certain:
            sentences.append(say("credits.settled"))
        else:
            sentences.append(say("credits.possible", percent=tell.percent(its.possible.percent)))
        if not certain == its.by_point == its.possible:
            by_point = its.by_point
            sentences.append(
                say("credits.point", percent=tell.percent(by_point.percent)) if by_point else say("credits.point_none")
            )
    yield Text(" ".join(sentences), tone="strong")
    if not one.is_over:
        yield Text(say("credits.open"))
    yield Table(
        caption=say("credits.caption", name=tell.words(one.name)),
        columns=(
            Column(say("col.below")),
            Column(say("col.credit"), end=True),
            Column(say("col.owed")),
            Column(say("col.by_point")),
        ),
        rows=tuple(_step(each, tell) for each in its.steps),
        small=True,
    )


def _step(each: Step, tell: Teller) -> tuple[Cell, ...]:
    by_point = tell.say("none") if each.by_point is None else tell.say("yes" if each.by_point else "no")
    return (
        Cell(tell.percent(each.credit.below)),
        Cell(tell.percent(each.credit.percent)),
        Cell(tell.say(f"owed.{each.owed.value}")),
        Cell(by_point),
    )


# Answers to incidents


def the_responses(one: ProductReport, tell: Teller) -> Iterable[Block]:
    say, name = tell.say, tell.words(one.name)
    if not one.responses:
        yield Text(say("responses.none"))
        return
    yield Text(say("responses.intro"))
    yield Table(
        caption=say("responses.caption", name=name),
        columns=(
            Column(say("col.severity"), share=1.2),
            Column(say("col.promised"), share=2.2),
            Column(say("col.incidents"), end=True),
            Column(say("col.in_time"), end=True),
            Column(say("col.late"), end=True, share=1.2),
            Column(say("col.not_due"), end=True),
            Column(say("col.median"), end=True, share=1.2),
            Column(say("col.longest"), end=True, share=1.2),
        ),
        rows=tuple(_severity(each, tell) for each in one.responses),
        small=True,
        titled=True,
    )
    yield Table(
        caption=say("incidents.caption", name=name),
        columns=(
            Column(say("col.incident"), share=3),
            Column(say("col.severity"), share=1),
            Column(say("col.opened"), share=1.3),
            Column(say("col.due"), share=1.3),
            Column(say("col.answered"), share=1.5),
        ),
        rows=tuple(_incident(each, line, tell) for line in one.responses for each in line.incidents),
        small=True,
        titled=True,
    )


def _severity(line: SeverityLine, tell: Teller) -> tuple[Cell, ...]:
    late = line.count(Answered.LATE) + line.count(Answered.NOT)
    not_due = sum(line.count(one) for one in (Answered.OVER_BEFORE, Answered.NOT_DUE, Answered.NOT_PROMISED))
    kept = "" if line.kept is None else tell.percent(str(line.kept * 100 // 1))
    return (
        Cell(tell.say(f"severity.{line.severity.value}")),
        Cell(tell.say("none") if line.target is None else _promised(line.target, tell)),
        Cell(tell.number(len(line.incidents))),
        Cell(tell.number(line.count(Answered.IN_TIME)), sub=kept),
        Cell(tell.number(late)),
        Cell(tell.number(not_due)),
        Cell(tell.say("none") if line.median_us is None else tell.lasting(line.median_us)),
        Cell(tell.say("none") if line.longest_us is None else tell.lasting(line.longest_us)),
    )


def _promised(target: ResponseTarget, tell: Teller) -> str:
    return tell.say(f"clock.{target.clock}", time=tell.window(target.within_us))


def _incident(each: IncidentLine, line: SeverityLine, tell: Teller) -> tuple[Cell, ...]:
    its = each.incident
    return (
        Cell(its.id, sub=tell.words(its.title)),
        Cell(tell.say(f"severity.{line.severity.value}")),
        Cell(tell.compact(its.opened_at_us)),
        Cell(tell.optional(its.respond_by_us)),
        Cell(tell.optional(its.responded_at_us), sub=tell.say(f"answered.{each.answered.value}")),
    )


# The published record


def the_records(one: ProductReport, report: Report, tell: Teller) -> Iterable[Block]:
    say = tell.say
    yield Text(say("records.intro"))
    if not one.records:
        key = "due" if report.is_final else "settling" if report.is_over else "open"
        yield Text(say(f"records.none.{key}", final=tell.date(report.period.to_us + DUE_US)))
        return
    if one.differs:
        yield Text(say("records.differs", reasons=tell.one_by_one(reason_words(each, tell) for each in one.differs)), tone="notice")
    yield Table(
        caption=say("records.caption", name=tell.words(one.name)),
        columns=(
            Column(say("col.revision"), share=0.9),
            Column(say("col.published"), share=1.3),
            Column(say("col.measured"), end=True, share=1.1),
            Column(say("col.bounds"), end=True, share=1.6),
            Column(say("col.reason"), share=2.4),
            Column(say("col.hash"), share=2.2),
        ),
        rows=tuple(_record(each, tell) for each in one.records),
        small=True,
    )


def _record(one: PublishedRecord, tell: Teller) -> tuple[Cell, ...]:
    texts = one.content["texts"]
    lower, upper = (texts[each] for each in ("lower", "upper"))
    because = [reason_words(each, tell) for each in one.reasons] or [tell.say("record.first")]
    return (
        Cell(tell.number(one.revision)),
        Cell(tell.compact(one.published_at_us), sub=f"uptimed {one.program}"),
        Cell(tell.say("figure.none") if texts["point"] is None else tell.percent(texts["point"])),
        Cell(tell.say("none") if lower is None else tell.between(tell.percent(lower), tell.percent(upper))),
        Cell(tell.one_by_one(because)),
        Cell(one.digest, code=True),
    )


def reason_words(reason: Reason, tell: Teller) -> str:
    return tell.say(f"reason.{reason.what}", id=reason.about, text=reason.text.rstrip("."))


# What was promised and watched


def the_terms(report: Report, tell: Teller) -> Iterable[Block]:
    """They are those of the site: every product has the same."""
    say = tell.say
    one = max(report.products, key=lambda each: len(each.terms))
    rows = []
    for term in one.terms:
        since = say("terms.whole") if len(one.terms) == 1 else tell.compact(term.from_us)
        contract = term.contract
        steps = [
            say("terms.credit", below=tell.percent(each.below), percent=tell.percent(each.percent)) for each in contract.credits
        ]
        rows.append(
            (
                Cell(since),
                Cell(tell.percent(contract.target_text)),
                Cell(degraded_words(contract, tell)),
                Cell(_maintenance(contract, tell)),
                Cell(tell.one_by_one(steps or [say("none")])),
            )
        )
    yield Table(
        caption=say("terms.caption"),
        columns=(
            Column(say("col.since"), share=1.2),
            Column(say("col.target"), end=True),
            Column(say("col.degraded"), share=1.6),
            Column(say("col.maintenance"), share=2.2),
            Column(say("col.credit"), share=2.2),
        ),
        rows=tuple(rows),
        small=True,
    )


def _maintenance(contract: Contract, tell: Teller) -> str:
    if contract.maintenance is Treatment.MEASURED:
        return tell.say("maintenance.measured")
    if contract.notice_us:
        rule = tell.say(f"maintenance.{contract.maintenance.value}", notice=tell.window(contract.notice_us))
    else:
        rule = tell.say(f"maintenance.{contract.maintenance.value}.any")
    return rule if contract.cap_us is None else tell.say("maintenance.cap", rule=rule, cap=tell.window(contract.cap_us))


def the_watched(one: ProductReport, tell: Teller) -> Iterable[Block]:
    say = tell.say
    rows = []
    for span, rule in one.watched:
        from_us, to_us = span.cut_to(one.account.from_us, one.account.to_us)
        when = [
            say("watched.from", **{"from": tell.instant(from_us)}) if from_us > one.account.from_us else "",
            say("watched.until", to=tell.instant(to_us)) if to_us < one.account.to_us else "",
        ]
        for component in rule.components:
            reach = " · ".join(part for part in (say(f"severity.{component.severity.value}"), *when) if part)
            rows += [(Cell(tell.name(component.id), sub=reach), *_check(check, tell)) for check in component.checks]
    yield Table(
        caption=say("watched.caption", name=tell.words(one.name)),
        columns=(
            Column(say("col.component"), share=2),
            Column(say("col.check"), share=1.8),
            Column(say("col.places"), share=1.6),
            Column(say("col.silence"), end=True, share=1.3),
            Column(say("col.confirm"), end=True, share=1.1),
            Column(say("col.quorum"), end=True, share=1.3),
        ),
        rows=tuple(rows),
        small=True,
    )


def _check(check: CheckRule, tell: Teller) -> tuple[Cell, ...]:
    rules = check.rules
    name = tell.name(check.id)
    return (
        Cell(name, sub="" if name == check.id else check.id),
        Cell(tell.listed(tell.place(one) for one in check.locations)),
        Cell(tell.lasting(rules.horizon_us)),
        Cell(tell.number(rules.confirmations)),
        Cell(tell.say("quorum.majority") if rules.quorum is None else tell.number(rules.quorum)),
    )


# The method


def the_method(tell: Teller) -> Iterable[Block]:
    yield Items(tuple(tell.say(key) for key in METHOD))


def the_verification(report: Report, tell: Teller) -> Iterable[Block]:
    say = tell.say
    yield Text(say("verify.1"))
    yield Text(say("verify.2"))
    versions = (say("verify.version", **{"from": tell.instant(one.from_us), "digest": one.digest}) for one in report.versions)
    yield Text(say("verify.contract", list=tell.one_by_one(versions)), tone="small")
