"""Facts to words, for incidents: the note while it lasts, the line when it is over, and a page of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from statuspage.answer import TROUBLE
from statuspage.snapshot import IncidentView, OutageView, ProductView, Snapshot, UpdateView
from statuspage.voice import Said, Voice

_STAGES_AFTER = {"resolved", "postmortem"}


@dataclass(frozen=True)
class Note:
    """An open incident on the home page."""

    id: str
    title: Said
    state: str
    stage: str
    severity: str
    began_us: int
    same_day: bool
    """It began on the day of the snapshot, so the hour alone says when."""
    lasting: str
    said_at_us: int | None
    text: Said
    automatic: bool
    next_by_us: int | None
    late: bool


@dataclass(frozen=True)
class Line:
    """A closed incident in the list of recent ones."""

    id: str
    title: Said
    product: str
    began_us: int
    lasted: str
    bounds: str


@dataclass(frozen=True)
class News:
    at_us: int
    stage: str
    text: Said
    automatic: bool
    changes: tuple[str, ...]


@dataclass(frozen=True)
class Evidence:
    """One outage: the four instants that bound it (None: still going on, or nothing good was seen before)."""

    component: str
    reason: str
    places: str
    lasted: str
    bounds: str
    last_good_us: int | None
    first_bad_us: int
    last_bad_us: int
    first_good_us: int | None


@dataclass(frozen=True)
class Report:
    """The page of one incident."""

    id: str
    title: Said
    stage: str
    state: str
    severity: str
    severity_means: str
    product: str
    components: str
    began_us: int
    ended_us: int | None
    lasted: str
    bounds: str
    automatic: bool
    news: tuple[News, ...]
    evidence: tuple[Evidence, ...]
    next_by_us: int | None
    late: bool


def is_open(incident: IncidentView) -> bool:
    return incident.resolved_us is None


def note_of(incident: IncidentView, snapshot: Snapshot, voice: Voice) -> Note:
    latest = incident.updates[0] if incident.updates else None
    return Note(
        id=incident.id,
        title=voice.words(incident.title),
        state=state_of(incident, snapshot),
        stage=voice.say(f"stage.{incident.stage}"),
        severity=voice.say(f"severity.{incident.severity}"),
        began_us=incident.began_us,
        same_day=voice.on(incident.began_us) == voice.on(snapshot.as_of_us),
        lasting=voice.lasting(_seconds(snapshot.as_of_us - incident.began_us)),
        said_at_us=latest.at_us if latest else None,
        text=voice.words(latest.text) if latest else Said(""),
        automatic=latest.automatic if latest else incident.automatic,
        next_by_us=incident.next_update_by_us,
        late=_is_late(incident, snapshot),
    )


def line_of(incident: IncidentView, snapshot: Snapshot, voice: Voice) -> Line:
    product = product_of(incident, snapshot)
    return Line(
        id=incident.id,
        title=voice.words(incident.title),
        product=voice.name(product.name) if product else incident.product,
        began_us=incident.began_us,
        lasted=_lasted(incident, snapshot, voice),
        bounds=_bounds(incident.outages, voice),
    )


def report_of(incident: IncidentView, snapshot: Snapshot, voice: Voice) -> Report:
    product = product_of(incident, snapshot)
    names = component_names(product, voice)
    return Report(
        id=incident.id,
        title=voice.words(incident.title),
        stage=voice.say(f"stage.{incident.stage}"),
        state="working" if not is_open(incident) else state_of(incident, snapshot),
        severity=voice.say(f"severity.{incident.severity}"),
        severity_means=voice.say(f"severity.{incident.severity}.means"),
        product=voice.name(product.name) if product else incident.product,
        components=voice.listed([names.get(c, c) for c in incident.components]),
        began_us=incident.began_us,
        ended_us=incident.ended_us if not is_open(incident) else None,
        lasted=_lasted(incident, snapshot, voice),
        bounds=_bounds(incident.outages, voice),
        automatic=incident.automatic,
        news=tuple(news_of(update, names, voice) for update in incident.updates),
        evidence=tuple(_evidence(outage, names, snapshot, voice) for outage in incident.outages),
        next_by_us=incident.next_update_by_us if is_open(incident) else None,
        late=_is_late(incident, snapshot),
    )


def state_of(incident: IncidentView, snapshot: Snapshot) -> str:
    """The worst present state of what it affects; `open`, with no tick, when all of that works and the incident goes on."""
    states = {c.state for p in snapshot.products for c in p.components if c.id in incident.components}
    return next((state for state in TROUBLE if state in states), "open")


def component_names(product: ProductView | None, voice: Voice) -> dict[str, str]:
    return {c.id: voice.name(c.name) for c in product.components} if product else {}


def product_of(incident: IncidentView, snapshot: Snapshot) -> ProductView | None:
    return next((product for product in snapshot.products if product.id == incident.product), None)


def _is_late(incident: IncidentView, snapshot: Snapshot) -> bool:
    due = incident.next_update_by_us
    return is_open(incident) and due is not None and due < snapshot.as_of_us


def news_of(update: UpdateView, names: dict[str, str], voice: Voice) -> News:
    changes = tuple(
        voice.say("news.change", component=names.get(c, c), old=_state_word(old, voice), new=_state_word(new, voice))
        for c, (old, new) in update.states.items()
    )
    return News(update.at_us, voice.say(f"stage.{update.stage}"), voice.words(update.text), update.automatic, changes)


def _state_word(state: str, voice: Voice) -> str:
    key = f"state.{state}"
    return voice.say(key) if voice.say.has(key) else state


def _evidence(outage: OutageView, names: dict[str, str], snapshot: Snapshot, voice: Voice) -> Evidence:
    places = {location.id: voice.name(location.name) for location in snapshot.locations}
    end = outage.ended_us or snapshot.as_of_us
    return Evidence(
        component=names.get(outage.component, outage.component),
        reason=reason_words(outage.reason, voice),
        places=voice.listed([places.get(place, place) for place in outage.locations]),
        lasted=voice.lasting(_seconds(end - outage.began_us)),
        bounds=_bounds((outage,), voice),
        last_good_us=outage.last_good_us,
        first_bad_us=outage.first_bad_us,
        last_bad_us=outage.last_bad_us,
        first_good_us=outage.first_good_us,
    )


def reason_words(code: str, voice: Voice) -> str:
    """Where it stopped, in words for the public; the code itself (`connect_refused`) is for staff."""
    phase, _, what = code.partition("_")
    if "timeout" in what:
        return voice.say("reason.timeout")
    key = f"reason.{phase}"
    return voice.say(key) if voice.say.has(key) else voice.say("reason.other")


def _lasted(incident: IncidentView, snapshot: Snapshot, voice: Voice) -> str:
    """How long something of it was down, or is: the good time between two outages does not count. Without any, all its time."""
    end = snapshot.as_of_us if is_open(incident) else (incident.ended_us or incident.resolved_us or incident.began_us)
    if not incident.outages:
        return voice.lasting(_seconds(end - incident.began_us))
    total = reached = 0
    for began, ended in sorted((one.began_us, one.ended_us or snapshot.as_of_us) for one in incident.outages):
        total += max(0, ended - max(began, reached))
        reached = max(reached, ended)
    return voice.lasting(_seconds(total))


def _bounds(outages: Sequence[OutageView], voice: Voice) -> str:
    """Narrowest and widest downtime that the evidence allows; nothing while one of the four instants is missing."""
    narrow = wide = 0
    for outage in outages:
        if outage.last_good_us is None or outage.first_good_us is None:
            return ""
        narrow += outage.last_bad_us - outage.first_bad_us
        wide += outage.first_good_us - outage.last_good_us
    if not outages:
        return ""
    return voice.say("bounds", narrowest=voice.left(max(0, narrow) // 1_000_000), widest=voice.lasting(_seconds(wide)))


def _seconds(us: int) -> int:
    """Whole seconds, rounded up."""
    return max(0, -(-us // 1_000_000))
