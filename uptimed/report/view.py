"""The whole report in one language: what stands first, the chapters in their order, and what stands last."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from uptimed.domain.availability import Standing
from uptimed.engine.periods import DUE_US
from uptimed.engine.report import ProductReport, Report
from uptimed.report.blocks import Block, Cell, Chapter, Column, Section, Table, View
from uptimed.report.evidence_view import the_blind, the_corrections, the_outages, the_planned
from uptimed.report.figures_view import (
    bounds_of,
    headline,
    mark_of,
    percent_of,
    the_figure,
    the_parts,
    the_raw,
    the_states,
    the_worst,
    verdict_of,
)
from uptimed.report.promises_view import (
    the_credits,
    the_method,
    the_records,
    the_responses,
    the_terms,
    the_verification,
    the_watched,
)
from uptimed.report.teller import Teller, capitalised

Titled = tuple[str, str, Iterable[Block]]
"""Id, key of the title, what stands below."""


def view_of(report: Report, lang: str, version: str) -> View:
    """`lang` is en or fr; `version` that of uptimed."""
    tell = Teller(lang, report.timezone, report.catalogue)
    site, period = report.catalogue.site.name, _period(report, tell)
    as_of_us = min(report.as_of_us, report.period.to_us)
    made = datetime.fromtimestamp(report.as_of_us // 1_000_000, UTC)
    chapters = [_chapter(number, one, report, tell) for number, one in enumerate(report.products, 1)]
    if report.products:
        chapters.append(_general(len(chapters) + 1, report, tell))
    return View(
        lang=lang,
        title=tell.say("title", period=period, site=site),
        site=site,
        kind=tell.say("kind"),
        period=period,
        heading=_heading(report, tell),
        intro=tuple(_intro(report, tell, version)),
        notices=tuple(_notices(report, tell)),
        summary_title=tell.say("summary"),
        summary=_summary(report, tell) if report.products else None,
        contents_title=tell.say("contents"),
        skip=tell.say("skip"),
        chapters=tuple(chapters),
        foot=tell.say("foot", site=site, period=period, as_of=tell.instant(as_of_us), version=version),
        page=tell.say.forms["page"][0],
        made_on=(made.year, made.month, made.day),
    )


def _period(report: Report, tell: Teller) -> str:
    year, _, month = report.period.name.partition("-")
    if not report.is_month:
        return tell.say("period.year", year=year)
    return tell.say("period.month", month=capitalised(tell.month(int(month))), year=year)


# The first words


def _heading(report: Report, tell: Teller) -> str:
    """A sentence for all products of which the same can be said, the best first."""
    kinds = ("met", "below", "close", "missed", "blind")
    by_kind: dict[str, list[ProductReport]] = {kind: [] for kind in kinds}
    for one in report.products:
        by_kind[_standing(one)].append(one)
    sentences = [_sentence(kind, its, report, tell) for kind, its in by_kind.items() if its]
    return " ".join(sentences) or tell.say("h1.nothing")


def _standing(one: ProductReport) -> str:
    its = one.account
    if its.point is None:
        return "blind"
    if its.verdict is Standing.MISSED:
        return "missed"
    standing = its.verdict if one.is_over else its.to_date
    return {Standing.MET: "met", Standing.MISSED: "below", Standing.UNDECIDED: "close"}[standing]


def _sentence(kind: str, products: Sequence[ProductReport], report: Report, tell: Teller) -> str:
    names = tell.listed(tell.words(one.name) for one in products)
    key = "h1.blind" if kind == "blind" else f"h1.{'closed' if report.is_over else 'open'}.{kind}"
    return capitalised(tell.say.count(key, len(products), names=names, target=tell.percent(products[0].target.target_text)))


def _intro(report: Report, tell: Teller, version: str) -> Iterable[str]:
    period = report.period
    between = {"from": tell.date(period.from_us), "to": tell.last_date(period.to_us), "zone": tell.zone}
    if report.is_over:
        yield tell.say("intro.closed", **between)
    else:
        yield tell.say("intro.open", **between, as_of=tell.instant(report.as_of_us))
    if report.is_over and not report.is_final:
        yield tell.say("intro.settling", final=tell.date(period.to_us + DUE_US))
    yield tell.say("intro.made", version=version, as_of=tell.instant(report.as_of_us))


def _notices(report: Report, tell: Teller) -> Iterable[str]:
    section = tell.say("s.records")
    return (tell.say("records.differs.short", name=tell.words(one.name), section=section) for one in report.products if one.differs)


def _summary(report: Report, tell: Teller) -> Table:
    say = tell.say
    return Table(
        caption=say("summary.caption"),
        columns=(
            Column(say("col.product"), share=2),
            Column(say("col.measured"), end=True, share=1.1),
            Column(say("col.bounds"), end=True, share=1.8),
            Column(say("col.target"), end=True),
            Column(say("col.verdict"), share=1.7),
            Column(say("col.downtime"), end=True, share=1.2),
            Column(say("col.blind"), end=True, share=1.2),
        ),
        rows=tuple(_summary_row(one, tell) for one in report.products),
    )


def _summary_row(one: ProductReport, tell: Teller) -> tuple[Cell, ...]:
    its = one.account
    return (
        Cell(tell.words(one.name)),
        Cell(percent_of(its.texts.point, tell)),
        Cell(bounds_of(its, tell)),
        Cell(tell.percent(one.target.target_text)),
        Cell(verdict_of(its, tell, is_over=one.is_over), mark=mark_of(its, is_over=one.is_over)),
        Cell(tell.down(its.figures.d_ns)),
        Cell(tell.lasting(its.figures.u_us)),
    )


# The chapters


def _chapter(number: int, one: ProductReport, report: Report, tell: Teller) -> Chapter:
    sections: list[Titled] = [
        ("figure", "s.figure", the_figure(one, tell)),
        ("states", "s.states", the_states(one, tell)),
        ("parts", "s.days" if report.is_month else "s.months", the_parts(one, tell, is_month=report.is_month)),
        ("worst", "s.worst", the_worst(one, tell)),
        ("outages", "s.outages", the_outages(one, tell)),
        ("blind", "s.blind", the_blind(one, tell)),
        ("planned", "s.planned", the_planned(one, tell)),
        ("corrections", "s.corrections", the_corrections(one, tell)),
        ("raw", "s.raw", the_raw(one, tell)),
        *([("credits", "s.credits", the_credits(one, tell))] if one.credits.steps else []),
        ("responses", "s.responses", the_responses(one, tell)),
        ("records", "s.records", the_records(one, report, tell)),
        ("watched", "s.watched", the_watched(one, tell)),
    ]
    return Chapter(
        id=f"p-{one.id}",
        number=str(number),
        title=tell.words(one.name),
        headline=headline(one, tell),
        sections=_numbered(f"p-{one.id}", number, sections, tell),
    )


def _general(number: int, report: Report, tell: Teller) -> Chapter:
    sections: list[Titled] = [
        ("terms", "s.terms", the_terms(report, tell)),
        ("method", "s.method", the_method(tell)),
        ("verify", "s.verify", the_verification(report, tell)),
    ]
    return Chapter("general", str(number), tell.say("general"), None, _numbered("general", number, sections, tell))


def _numbered(chapter: str, number: int, sections: Sequence[Titled], tell: Teller) -> tuple[Section, ...]:
    return tuple(
        Section(f"{chapter}-{name}", f"{number}.{at}", tell.say(key), tuple(blocks))
        for at, (name, key, blocks) in enumerate(sections, 1)
    )
