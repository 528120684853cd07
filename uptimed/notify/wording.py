"""
What people read in an alert, in English and French: a subject, a short line for pagers and terminals, a body.

Every alert has three parts: what happened, to what and since when, and what to do next. The sentences are whole in each language
and live in `uptimed.notify.phrases`; names and peer text are put into them as values and are never themselves read as a template.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from uptimed.domain.catalogue import Catalogue, Words
from uptimed.domain.messages import Kind, Message
from uptimed.notify.facts import NAME_LIMIT, Facts, clean
from uptimed.notify.moments import NBSP, day, duration, listed, local, moment, short_moment
from uptimed.notify.phrases import PHRASES, Phrases
from uptimed.notify.reasons import why

SUBJECT_LIMIT = 160
SHORT_LIMIT = 400
BODY_LIMIT = 6_000


@dataclass(frozen=True)
class Voice:
    """Who speaks, and in which zone the clock is read."""

    site: str = "Status"
    timezone: str = "UTC"
    languages: tuple[str, ...] = ("en", "fr")
    places: Mapping[str, Words] = field(default_factory=dict)
    """Names of the locations, by id."""

    @classmethod
    def of(cls, catalogue: Catalogue) -> Voice:
        site = catalogue.site
        return cls(site.name, site.timezone, site.languages, {place.id: place.name for place in catalogue.locations})

    @property
    def zone(self) -> ZoneInfo:
        try:
            return ZoneInfo(self.timezone)
        except (ZoneInfoNotFoundError, ValueError):
            return ZoneInfo("UTC")


@dataclass(frozen=True)
class Text:
    subject: str
    """One line, at most `SUBJECT_LIMIT` characters."""
    short: str
    """One line that says it all, at most `SHORT_LIMIT` characters, link included."""
    body: str
    """Plain text, lines ended by a line feed, at most `BODY_LIMIT` characters."""


def words(message: Message, voice: Voice) -> Text:
    """Word the facts. Never raises, whatever the payload holds."""
    language = next((one for one in (message.language, *voice.languages) if one in PHRASES), "en")
    facts = Facts.of(message, language, voice.places)
    writer = _Writer(facts, PHRASES[language], language, voice)
    subject, short, body = {
        Kind.INCIDENT_OPENED: writer.opened,
        Kind.INCIDENT_UPDATED: writer.updated,
        Kind.INCIDENT_RESOLVED: writer.resolved,
        Kind.MONITOR_IMPAIRED: writer.impaired,
        Kind.MONITOR_RECOVERED: writer.recovered,
        Kind.BUDGET_BURNING: writer.burning,
        Kind.BUDGET_LOW: writer.low,
        Kind.BUDGET_EXHAUSTION_PROJECTED: writer.ending,
        Kind.MEASUREMENT_LOST: writer.lost,
        Kind.MEASUREMENT_RECOVERED: writer.found,
        Kind.TEST: writer.test,
    }[message.kind]()
    if facts.repeat:
        body = [writer.say.repeat, "", *body]
        short = f"{short} {writer.say.repeat}"
    if facts.url:
        # A line cut to its limit keeps the link whole.
        short = f"{clean(short, SHORT_LIMIT - len(facts.url) - 1)} {facts.url}" if len(facts.url) < SHORT_LIMIT // 2 else short
        body = [*body, "", facts.url]
    signed = [*body, "", "-- ", clean(voice.site, NAME_LIMIT)]
    whole = "\n".join(signed)
    return Text(
        clean(subject, SUBJECT_LIMIT),
        clean(short, SHORT_LIMIT),
        whole if len(whole) <= BODY_LIMIT else whole[: BODY_LIMIT - 1] + "…",
    )


Parts = tuple[str, str, list[str]]


@dataclass(frozen=True)
class _Writer:
    facts: Facts
    say: Phrases
    language: str
    voice: Voice

    def opened(self) -> Parts:
        facts, say = self.facts, self.say
        what = self._what()
        if facts.step:
            what = f"{what} {say.unanswered.format(step=facts.step + 1)}"
        subject = self._subject(say.tag_down if facts.automatic else say.tag_incident)
        short = " ".join(
            part
            for part in (
                what,
                say.sentence.format(why(facts.reason, self.language)) if facts.reason else "",
                say.since_short.format(self._briefly(facts.since)) if facts.since else "",
                say.respond_short.format(self._briefly(facts.respond_by)) if facts.respond_by else "",
            )
            if part
        )
        body = [what, "", *self._table(), "", say.take_it.format(id=facts.id) if facts.id else say.look]
        return subject, short, body

    def updated(self) -> Parts:
        facts, say = self.facts, self.say
        stage = say.stages.get(facts.stage, facts.stage)
        headline = f"{self._named()}{say.colon}{stage}." if stage else f"{self._named()}."
        said = facts.news.text if facts.news else ""
        by = ([say.written_by.format(facts.news.author) if facts.news.author else say.written_by_checks]) if facts.news else []
        short = " ".join(part for part in (headline, " ".join(said.split())) if part)
        return self._subject(say.tag_update), short, [headline, "", *([said, ""] if said else []), *by, "", *self._table()]

    def resolved(self) -> Parts:
        facts, say = self.facts, self.say
        if facts.down:
            what = self._counted(say.closed_although, say.closed_although_several, facts.down)
        else:
            what = self._counted(say.works_again, say.work_again) if facts.components else say.over.format(self._named())
        lasted = ""
        if facts.down_s is not None:
            lasted = say.down_for.format(duration(facts.down_s))
        elif facts.began_at and facts.ended_at and facts.ended_at >= facts.began_at:
            lasted = say.lasted.format(duration((facts.ended_at - facts.began_at).total_seconds()))
        when = [
            say.row.format(label, self._at(at))
            for label, at in ((say.label_from, facts.began_at), (say.label_until, facts.ended_at))
            if at
        ]
        # What the checks wrote says the same as we do here.
        said = [facts.news.text, say.written_by.format(facts.news.author), ""] if facts.news and facts.news.author else []
        body = [" ".join(part for part in (what, lasted) if part), "", *said, *when, *self._incident_row(), "", say.nothing_to_do]
        return self._subject(say.tag_resolved), " ".join(part for part in (what, lasted) if part), body

    def impaired(self) -> Parts:
        facts, say = self.facts, self.say
        where = listed(facts.places, self.language)
        what = say.impaired_at.format(where) if where else say.impaired
        cause = say.sentence.format(why(facts.reason, self.language)) if facts.reason else ""
        rows = [say.row.format(say.label_detail, facts.detail)] if facts.detail else []
        rows += [say.row.format(say.label_since, self._at(facts.began_at))] if facts.began_at else []
        line = " ".join(part for part in (what, cause) if part)
        subject = f"[{say.tag_impaired}] {clean(self.voice.site, NAME_LIMIT)}{say.dash}{where or why(facts.reason, self.language)}"
        return subject, f"{line} {say.no_incident}", [line, "", say.no_incident, "", *rows, "", say.repair_monitor]

    def recovered(self) -> Parts:
        facts, say = self.facts, self.say
        where = listed(facts.places, self.language)
        what = say.sees_again_at.format(where) if where else say.sees_again
        rows = [say.row.format(say.label_since, self._at(facts.began_at))] if facts.began_at else []
        subject = f"[{say.tag_recovered}] {clean(self.voice.site, NAME_LIMIT)}{say.dash}{where or say.sees_again}"
        return subject, what, [what, "", *rows, "", say.nothing_to_do]

    def burning(self) -> Parts:
        say, budget = self.say, self.facts.budget
        window = say.windows.get(budget.window_s) or say.window.format(duration(budget.window_s))
        down = duration(budget.window_down_s)
        left = say.allowance if budget.left_s > 0 else say.allowance_spent
        what = f"{say.burns.format(downtime=down, window=window)} {left.format(**self._amounts())}"
        then = say.look_now if budget.rule.startswith("page") else say.find_cause
        return self._about_budget(say.tag_burning, f"{down} {window}", what, then)

    def low(self) -> Parts:
        say, budget = self.say, self.facts.budget
        if budget.left_s > 0:
            what = say.low.format(**self._amounts())
            return self._about_budget(say.tag_low, self._amounts()["left"], what, say.spare)
        what = say.spent.format(**self._amounts())
        over = say.overdrawn.format(duration(-budget.left_s)) if budget.left_s < 0 else ""
        return self._about_budget(say.tag_spent, budget.year, " ".join(part for part in (what, over) if part), say.spare)

    def ending(self) -> Parts:
        say, budget = self.say, self.facts.budget
        on = day(local(budget.ends_at, self.voice.zone), self.language) if budget.ends_at else budget.year
        what = f"{say.ends.format(year=budget.year, day=on)} {say.low.format(**self._amounts())}"
        return self._about_budget(say.tag_ending, on, what, say.find_cause)

    def lost(self) -> Parts:
        say = self.say
        what, names, rows = self._silence(say.lost)
        subject = f"[{say.tag_lost}] {clean(names, 120)}"
        return subject, f"{what} {say.unmeasured_means}", [what, "", say.unmeasured_means, "", *rows, "", say.look_at_checks]

    def found(self) -> Parts:
        say = self.say
        what, names, rows = self._silence(say.found)
        return f"[{say.tag_found}] {clean(names, 120)}", what, [what, "", *rows, "", say.nothing_to_do]

    def test(self) -> Parts:
        say = self.say
        site = clean(self.voice.site, NAME_LIMIT)
        what = say.test.format(site=site, channel=self.facts.channel)
        return f"[{say.tag_test}] {site}{say.dash}{self.facts.channel}", what, [what, "", say.test_next]

    # Pieces

    def _about_budget(self, tag: str, about: str, what: str, then: str) -> Parts:
        """One product's budget: what is told of it, what was used, what to do."""
        say, budget = self.say, self.facts.budget
        name = self.facts.product or clean(self.voice.site, NAME_LIMIT)
        target = f"{budget.target.replace('.', ',')}{NBSP}%" if self.language == "fr" else f"{budget.target}%"
        used = say.used.format(used=duration(budget.used_s), allowed=self._amounts()["allowed"], target=target)
        line = f"{name}{say.colon}{what}"
        return f"[{tag}] {name}{say.dash}{about}", line, [line, "", say.row.format(say.label_used, used), "", then]

    def _amounts(self) -> dict[str, str]:
        budget = self.facts.budget
        return {
            "allowed": duration(budget.allowed_s, up=False),
            "left": duration(budget.left_s, up=False),
            "year": budget.year,
        }

    def _silence(self, sentence: str) -> tuple[str, str, list[str]]:
        """The sentence with the names, the names alone, and a row for each with its instant."""
        names = listed([name for name, _ in self.facts.silent], self.language) or clean(self.voice.site, NAME_LIMIT)
        rows = [
            self.say.row.format(name, f"{self.say.label_since.lower()} {self._at(since)}")
            for name, since in self.facts.silent
            if since
        ]
        return sentence.format(names), names, rows

    def _what(self) -> str:
        """The first sentence of an incident: its components are down, or its title when a person opened it."""
        facts, say = self.facts, self.say
        if facts.automatic and facts.components:
            return self._counted(say.is_down, say.are_down, facts.down)
        return say.opened_by_person.format(facts.title or self._named())

    def _counted(self, one: str, several: str, components: Sequence[str] = ()) -> str:
        about = components or self.facts.components
        sentence = (one if len(about) == 1 else several).format(listed(about, self.language))
        return f"{self.facts.product}{self.say.colon}{sentence}" if self.facts.product else sentence

    def _named(self) -> str:
        names = listed(self.facts.components, self.language)
        parts = [part for part in (self.facts.product, names) if part]
        return self.say.dash.join(parts) or self.facts.title or self.facts.id

    def _subject(self, tag: str) -> str:
        severity = self.say.severities.get(self.facts.severity, (self.facts.severity, ""))[0]
        about = self.say.dash.join(part for part in (clean(self._named(), 90), severity, self.facts.id) if part)
        return f"[{tag}] {about}"

    def _at(self, at: datetime) -> str:
        return moment(at, self.voice.zone, self.language)

    def _briefly(self, at: datetime) -> str:
        return short_moment(at, self.voice.zone, self.language)

    def _table(self) -> list[str]:
        facts, say = self.facts, self.say
        severity, meaning = say.severities.get(facts.severity, (facts.severity, ""))
        return [
            say.row.format(label, value)
            for label, value in (
                (say.label_reason, why(facts.reason, self.language) if facts.reason else ""),
                (say.label_detail, facts.detail),
                (say.label_check, facts.check),
                (say.label_places, listed(facts.places, self.language)),
                (say.label_since, self._at(facts.since) if facts.since else ""),
                (say.label_severity, f"{severity} ({meaning})" if meaning else severity),
                (say.label_respond, self._at(facts.respond_by) if facts.respond_by else ""),
            )
            if value
        ] + self._incident_row()

    def _incident_row(self) -> list[str]:
        return [self.say.row.format(self.say.label_incident, self.facts.id)] if self.facts.id else []
