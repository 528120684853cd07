"""
Facts to words: what the home page says, decided here and only laid out by the template.

Downtime is rounded up, remaining budget down, percentages stay as the account cut them, and time without measurement stands beside
every figure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import filterfalse, islice

from statuspage import drawing
from statuspage.answer import PAST_TROUBLE, Answer, answer
from statuspage.correction_view import Corrections, corrections_of
from statuspage.i18n import spoken
from statuspage.incident_view import Line, Note, is_open, line_of, note_of
from statuspage.planned_view import Work, planned_of
from statuspage.snapshot import ComponentView, DayMark, Figures, ProductView, Snapshot, Stretch
from statuspage.support_view import Support, support_of
from statuspage.voice import Voice

RECENT = 5
"""Closed incidents on the home page."""

RECENT_DAYS = 90
"""How far back the snapshot's incidents go."""

STALE_AFTER_US = 90_000_000
"""Older facts are shown under a banner that says how old they are."""


@dataclass(frozen=True)
class Frame:
    """What every page has around it."""

    site_name: str
    as_of_us: int
    stale: str | None
    """The banner's sentence, once the facts are older than `STALE_AFTER_US`."""
    languages: tuple[tuple[str, str], ...]
    """The other languages: (code, its own name)."""
    feeds: tuple[tuple[str, str], ...]
    """(folder below the language, title): of the site, then of the products of this page. None without an address of the site."""


@dataclass(frozen=True)
class Part:
    """A component in the list under its product."""

    name: str
    state: str
    label: str
    since_us: int | None


@dataclass(frozen=True)
class Year:
    """The figure beside a calendar."""

    label: str
    point: str | None
    lower: str
    upper: str
    aside: tuple[str, ...]
    """Time that is in the period and not in the plain figure: unmeasured (always said), planned, set aside."""
    used: str
    left: str
    bar: drawing.Bar
    verdict: str
    """met | within | close | missed: the name of its mark."""
    verdict_label: str
    corrections: Corrections | None


@dataclass(frozen=True)
class Block:
    """One product."""

    id: str
    name: str
    state: str
    label: str
    parts: tuple[Part, ...]
    row: drawing.Row
    row_text: str
    calendar: drawing.Calendar | None
    months: drawing.Months
    calendar_text: str
    days: tuple[tuple[str, str], ...]
    """The days that were not quiet, newest first: (state, what happened)."""
    year: Year | None


@dataclass(frozen=True)
class Home:
    frame: Frame
    answer: Answer
    today: str
    every: str
    places: str
    silent: str
    """Places that should measure and do not."""
    last_outage: str
    notes: tuple[Note, ...]
    blocks: tuple[Block, ...]
    kinds: frozenset[str]
    """What the calendars hold, for their legend."""
    target: str
    planned: tuple[Work, ...]
    recent: tuple[Line, ...]
    support: Support | None


def frame_of(snapshot: Snapshot, voice: Voice, now_us: int, products: Sequence[ProductView] = ()) -> Frame:
    """`products`: those whose own feeds the page names."""
    others = tuple(
        (lang, Voice(lang, snapshot.timezone).say("language.name")) for lang in spoken(snapshot.languages) if lang != voice.lang
    )
    return Frame(
        snapshot.site_name, snapshot.as_of_us, stale_text(snapshot, voice, now_us), others, _feeds(snapshot, voice, products)
    )


def _feeds(snapshot: Snapshot, voice: Voice, products: Sequence[ProductView]) -> tuple[tuple[str, str], ...]:
    if not snapshot.site_url:
        return ()
    names = [("", snapshot.site_name), *((f"p/{product.id}/", voice.name(product.name)) for product in products)]
    return tuple((folder, voice.say("feed.title", name=name)) for folder, name in names)


def is_stale(snapshot: Snapshot, now_us: int) -> bool:
    return now_us - snapshot.as_of_us > STALE_AFTER_US


def stale_text(snapshot: Snapshot, voice: Voice, now_us: int) -> str | None:
    if not is_stale(snapshot, now_us):
        return None
    minutes = max(1, (now_us - snapshot.as_of_us) // 60_000_000)
    return voice.say("stale", age=voice.left(minutes * 60))


def home(snapshot: Snapshot, voice: Voice, now_us: int, calendars: Sequence[drawing.Calendar | None]) -> Home:
    """`calendars`: of each product."""
    names = {location.id: voice.name(location.name) for location in snapshot.locations}
    silent = [names[location.id] for location in snapshot.locations if not location.measuring]
    return Home(
        frame=frame_of(snapshot, voice, now_us, snapshot.products),
        answer=answer(snapshot, voice),
        today=voice.day(voice.on(snapshot.as_of_us), weekday=True),
        every=_every(snapshot.every_s, voice),
        places=voice.listed(list(names.values())),
        silent=voice.say("silent", places=voice.listed(silent)) if 0 < len(silent) < len(names) else "",
        last_outage=_last_outage(snapshot, voice),
        notes=tuple(note_of(incident, snapshot, voice) for incident in snapshot.incidents if is_open(incident)),
        blocks=tuple(_block(product, its, snapshot, voice) for product, its in zip(snapshot.products, calendars, strict=True)),
        kinds=frozenset(day.state for its in calendars if its for day in its.troubled),
        target=_target(snapshot.products, voice),
        planned=planned_of(snapshot, voice),
        recent=tuple(line_of(incident, snapshot, voice) for incident in islice(filterfalse(is_open, snapshot.incidents), RECENT)),
        support=support_of(snapshot, voice),
    )


def _every(seconds: int, voice: Voice) -> str:
    if seconds >= 120 or seconds == 60:
        return voice.say.count("every.minutes", round(seconds / 60))
    return voice.say.count("every.seconds", max(1, seconds))


def _last_outage(snapshot: Snapshot, voice: Voice) -> str:
    """Silent while something is open: then the news is elsewhere. The snapshot knows the incidents of the last 90 days only."""
    if any(is_open(incident) for incident in snapshot.incidents):
        return ""
    outages = [outage for incident in snapshot.incidents for outage in incident.outages if outage.ended_us is not None]
    if outages:
        last = max(outages, key=lambda outage: outage.began_us)
        lasted = -(-((last.ended_us or last.began_us) - last.began_us) // 1_000_000)
        return voice.say("last_outage", date=voice.day(voice.on(last.began_us), year=False), lasting=voice.lasting(lasted))
    watched = (snapshot.as_of_us - snapshot.site_created_us) // drawing.DAY_US if snapshot.site_created_us else 0
    return voice.say.count("no_outage", min(watched, RECENT_DAYS)) if watched else ""


def _block(product: ProductView, calendar: drawing.Calendar | None, snapshot: Snapshot, voice: Voice) -> Block:
    troubled = calendar.troubled if calendar else ()
    bad = sum(day.state in {"down", "partly_down"} for day in troubled)
    return Block(
        id=product.id,
        name=voice.name(product.name),
        state=product.state,
        label=voice.say(f"state.{product.state}"),
        parts=tuple(_part(component, voice) for component in product.components),
        row=drawing.last_day(_troubled(product), snapshot.as_of_us, _began(product)),
        row_text=_row_text(product, snapshot, voice),
        calendar=calendar,
        months=drawing.months(calendar.today, voice.lang) if calendar else (),
        calendar_text=voice.say.count("calendar.text", bad),
        days=tuple((day.state, day_text(day, voice)) for day in reversed(troubled)),
        year=_year(product, product.year, snapshot.as_of_us, voice) if product.year else None,
    )


def _part(component: ComponentView, voice: Voice) -> Part:
    return Part(voice.name(component.name), component.state, voice.say(f"state.{component.state}"), component.since_us)


def _troubled(product: ProductView) -> list[Stretch]:
    return [stretch for stretch in product.day if stretch.state in PAST_TROUBLE]


def _row_text(product: ProductView, snapshot: Snapshot, voice: Voice) -> str:
    """What the line of the last 24 hours shows, for those who do not see it."""
    start = snapshot.as_of_us - drawing.DAY_US
    seconds = dict.fromkeys(PAST_TROUBLE, 0)
    for stretch in _troubled(product):
        seconds[stretch.state] += max(0, stretch.to_us - max(stretch.from_us, start)) // 1_000_000
    said = [voice.say(f"during.{state}", lasting=voice.lasting(s)) for state, s in seconds.items() if s]
    if said:
        return voice.listed(said)
    began_us = _began(product)
    return voice.say("during.working") if began_us <= start else voice.say("during.working_since", time=voice.dhm(began_us))


def _began(product: ProductView) -> int:
    """Start of service, as far as it matters here: this year's, or when the product was first seen."""
    return min(product.created_at_us, product.year.from_us) if product.year else product.created_at_us


def day_text(day: DayMark, voice: Voice) -> str:
    """«9 December 2026: down for 2 min 30 s»."""
    seconds = {"unmeasured": day.unmeasured_s, "degraded": day.degraded_s}.get(day.state, day.down_s)
    what = voice.say(f"during.{day.state}", lasting=voice.lasting(seconds)) if seconds else voice.say(f"state.{day.state}")
    return voice.say("day.text", date=voice.day(date.fromisoformat(day.on)), what=what)


def _target(products: Sequence[ProductView], voice: Voice) -> str:
    """One sentence when all products promise the same; else nothing, for each figure stands beside its own budget."""
    promises = {(p.year.target, p.year.budget_allowed_s, p.year.from_us) for p in products if p.year}
    if len(promises) != 1:
        return ""
    ((target, allowed, from_us),) = promises
    is_whole = voice.on(from_us).timetuple().tm_yday == 1
    return voice.say("target" if is_whole else "target.rest", target=voice.percent(target), allowed=voice.left(allowed))


def _year(product: ProductView, figures: Figures, as_of_us: int, voice: Voice) -> Year:
    mark = verdict_of(figures, as_of_us)
    running = mark == "met" and as_of_us < figures.to_us
    counted = figures.point is not None
    return Year(
        label=voice.say("year.so_far", year=str(voice.on(figures.from_us).year)),
        point=point_text(figures, voice),
        lower=voice.percent(figures.lower or "0") if counted else "",
        upper=voice.percent(figures.upper or "100") if counted else "",
        aside=_aside(figures, voice),
        used=voice.say(
            "budget.used",
            used=voice.lasting(figures.budget_used_s),
            allowed=voice.left(figures.budget_allowed_s),
            share=voice.share(figures.budget_used_s, figures.budget_allowed_s),
        ),
        left=_left(figures, voice),
        bar=drawing.budget_bar(figures),
        verdict=mark,
        verdict_label=voice.say("verdict.met_so_far" if running else f"verdict.{mark}"),
        corrections=corrections_of(product, figures, voice),
    )


def verdict_of(figures: Figures, as_of_us: int) -> str:
    """
    met | within | close | missed.

    *Met* needs the time so far to have kept the target as well: its tick never stands beside a figure below it. *Within*: the year
    still runs and what was lost is surely less than its whole allowance, as for a young service that was down for four seconds.
    """
    if figures.verdict == "missed":
        return "missed"
    if figures.to_date == "met" and (figures.verdict == "met" or as_of_us < figures.to_us):
        return "met"
    return "within" if as_of_us < figures.to_us and _surely_left_s(figures) >= 0 else "close"


def _surely_left_s(figures: Figures) -> int:
    """Of the budget, if all blind time was downtime."""
    told = figures.budget_sure_s
    return figures.budget_allowed_s - figures.budget_possible_s if told is None else told


def point_text(figures: Figures, voice: Voice) -> str | None:
    """A bare 100% only with no downtime and no blind second (UX section 5)."""
    if figures.point is None:
        return None
    if figures.point.startswith("100") and not (figures.unmeasured_s or figures.down_s or figures.degraded_s):
        return voice.percent("100")
    return voice.percent(figures.point)


def _aside(figures: Figures, voice: Voice) -> tuple[str, ...]:
    said = [voice.say("aside.unmeasured", lasting=voice.lasting(figures.unmeasured_s))]
    if figures.maintenance_s:
        said.append(voice.say("aside.maintenance", lasting=voice.lasting(figures.maintenance_s)))
    if figures.excluded_s:
        said.append(voice.say("aside.excluded", lasting=voice.lasting(figures.excluded_s)))
    return tuple(said)


def _left(figures: Figures, voice: Voice) -> str:
    """A range where some time was not measured: the lower end counts all of it as down."""
    most = figures.budget_remaining_s
    least = min(most, _surely_left_s(figures))
    if most <= 0:
        return voice.say("budget.nothing_left")
    if least <= 0:
        return voice.say("budget.left_at_most", most=voice.left(most))
    if least == most:
        return voice.say("budget.left", left=voice.left(most))
    return voice.say("budget.left_between", least=voice.left(least), most=voice.left(most))
