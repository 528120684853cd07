"""
What happens to incidents in memory: what opens them, what they say, how they end (DESIGN section 4).

The rules are pure and live in `uptimed.domain.incident_rules`; here they meet the catalogue and the journal. Whom an incident
reaches is told by `uptimed.engine.alarms`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from uptimed.domain.calendar import BeyondCalendar
from uptimed.domain.catalogue import Catalogue, Component, Product, Words
from uptimed.domain.deadlines import deadline
from uptimed.domain.incident_rules import Join, Open, Propose, Reopen, Resolve, on_outage, on_recovery
from uptimed.domain.incidents import Incident, Outage, Stage, Update
from uptimed.domain.messages import Kind
from uptimed.domain.severity import Severity
from uptimed.engine import texts
from uptimed.engine.alarms import Alarms
from uptimed.engine.cases import Case
from uptimed.engine.journal import Entry, Journal


class Unknown(LookupError):
    """No incident of that id: one sentence for the person who asked."""


class Incidents:
    """The open incidents and those of the last 90 days, by id."""

    def __init__(self, catalogue: Catalogue, alarms: Alarms, journal: Journal) -> None:
        self.cases: dict[str, Case] = {}
        self.catalogue = catalogue
        self._alarms = alarms
        self._journal = journal
        self._numbers: dict[int, int] = {}
        self._components: dict[str, tuple[Product, Component]] = {}
        self.changed: Callable[[], None] = lambda: None
        """Called after every change, for the page."""
        self.configure(catalogue)

    def configure(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self._components = {c.id: (p, c) for p in catalogue.products for c in p.components}

    def restore(self, cases: Iterable[Case], numbers: Mapping[int, int]) -> None:
        """`numbers` gives the next free number of a year."""
        self.cases = {case.incident.id: case for case in cases}
        self._numbers = dict(numbers)

    def open_cases(self) -> list[Case]:
        return [case for case in self.cases.values() if case.incident.is_open]

    # What the checks say

    def outage_began(self, outage: Outage, now_us: int) -> Outage:
        """A newly confirmed outage opens an incident, joins one, or reopens one. Returns it with its incident."""
        product, component = self._components[outage.component]
        mine = [case.incident for case in self.cases.values() if case.incident.product == product.id]
        match on_outage(outage, component.severity, mine, now_us):
            case Open():
                case = self._open(product, component, outage, now_us)
            case Join(incident_id):
                case = self._join(self.cases[incident_id], component, outage, now_us)
            case Reopen(incident_id):
                case = self._reopen(self.cases[incident_id], component, outage, now_us)
        return case.outages[outage.id]

    def outage_changed(self, outage: Outage) -> None:
        """Later results have moved its start or given it an end."""
        case = self.cases.get(outage.incident or "")
        if case is None:
            return
        case.outages[outage.id] = outage
        began_us = min(one.began_at_us for one in case.outages.values())
        if case.incident.automatic and began_us != case.incident.began_at_us:
            self._save(case, replace(case.incident, began_at_us=began_us))
        self.changed()

    def outage_vanished(self, outage: Outage) -> None:
        """A late result has shown that it was none. The incident stays: people were told."""
        case = self.cases.get(outage.incident or "")
        if case is not None:
            case.outages.pop(outage.id, None)
            self.changed()

    def settle(self, now_us: int, is_up: Callable[[str], bool | None]) -> None:
        """
        Resolve what is over. `is_up(component)` is True when it is confirmed up, None when it is no longer watched.

        A component that cannot be seen is not up: its incident stays open.
        """
        for case in self.open_cases():
            if not case.incident.automatic:
                continue
            answers = [is_up(component) for component in case.incident.components]
            watched = [answer for answer in answers if answer is not None]
            if not all(watched):
                continue
            match on_recovery(case.incident, still_down=False, person_has_spoken=case.person_has_spoken):
                case Resolve():
                    self._resolve_by_itself(case, now_us, watched=bool(watched))
                case Propose():
                    self._propose(case, now_us)
                case None:
                    pass

    def withdraw_proposals(self, is_up: Callable[[str], bool | None]) -> None:
        """Something fails again: resolving is no longer proposed."""
        for case in self.open_cases():
            if case.incident.resolution_proposed_at_us is not None and any(is_up(one) is False for one in case.incident.components):
                self._save(case, replace(case.incident, resolution_proposed_at_us=None))

    # What people say

    def get(self, incident_id: str) -> Case:
        case = self.cases.get(incident_id)
        if case is None:
            raise Unknown(f"There is no incident {incident_id!r}; `uptimed incident list` shows those there are.")
        return case

    def open_by_hand(
        self, *, components: Sequence[str], severity: Severity, title: Words, text: Words, who: str, now_us: int
    ) -> Case:
        """An incident that a person saw first. It is theirs to resolve."""
        unknown = [one for one in components if one not in self._components]
        if unknown or not components:
            raise Unknown(
                f"There is no component {', '.join(unknown) or '(none given)'}; write product/component as in the configuration."
            )
        product, _ = self._components[components[0]]
        foreign = [one for one in components if self._components[one][0].id != product.id]
        if foreign:
            raise Unknown(
                f"{', '.join(foreign)} belongs to another product than {components[0]}; open one incident for each product."
            )
        incident = Incident(
            id=self._next_id(now_us),
            product=product.id,
            components=tuple(components),
            severity=severity,
            stage=Stage.INVESTIGATING,
            title=title,
            automatic=False,
            began_at_us=now_us,
            opened_at_us=now_us,
            respond_by_us=self._respond_by(severity, now_us),
            responded_at_us=now_us,
        )
        case = Case(incident)
        self.cases[incident.id] = case
        self._save(case, incident)
        first = self._say(case, Stage.INVESTIGATING, text, now_us, author=who)
        self._alarms.sound(case, "opened", first, now_us)
        self._log(now_us, who, "incident.open", incident.id)
        return case

    def acknowledge(self, incident_id: str, who: str, now_us: int) -> Case:
        """Somebody is on it: what the escalation has not sent yet is cancelled. Acknowledging twice changes nothing."""
        case = self.get(incident_id)
        if not case.incident.is_open:
            raise Unknown(f"{incident_id} is already resolved; there is nothing to acknowledge.")
        if case.incident.acknowledged_at_us is None:
            self._alarms.stop(case, now_us)
            self._save(case, replace(case.incident, acknowledged_at_us=now_us, acknowledged_by=who))
            self._log(now_us, who, "incident.ack", incident_id)
        return case

    def say(self, incident_id: str, text: Words, who: str, now_us: int, stage: Stage | None = None) -> Case:
        """A person's public update. The first one is the answer that the commitment promised."""
        case = self.get(incident_id)
        if stage is Stage.RESOLVED:
            return self.resolve(incident_id, text, who, now_us)
        if not case.incident.is_open:
            raise Unknown(f"{incident_id} is already resolved; open a new incident or let the checks reopen it.")
        reached = stage or (Stage.INVESTIGATING if case.incident.stage is Stage.DETECTED else case.incident.stage)
        incident = replace(case.incident, stage=reached, responded_at_us=case.incident.responded_at_us or now_us)
        self._save(case, incident)
        update = self._say(case, reached, text, now_us, author=who)
        self._alarms.tell(case, Kind.INCIDENT_UPDATED, update, now_us)
        self._log(now_us, who, "incident.update", incident_id)
        return case

    def resolve(self, incident_id: str, text: Words, who: str, now_us: int, *, although_down: bool = False) -> Case:
        """`although_down`: the person knows better than the checks, or does not wait for them."""
        case = self.get(incident_id)
        if not case.incident.is_open:
            raise Unknown(f"{incident_id} is already resolved.")
        if case.going_on and not although_down:
            still = ", ".join(sorted({one.component for one in case.going_on}))
            raise Unknown(
                f"{incident_id} is not over: the checks still see {still} down. Wait until they see it work, say where you are "
                "with `uptimed incident update --stage monitoring`, or close it all the same with --although-down."
            )
        self._alarms.stop(case, now_us)
        self._save(
            case,
            replace(
                case.incident,
                stage=Stage.RESOLVED,
                resolved_at_us=now_us,
                ended_at_us=case.measured_end_us or now_us,
                responded_at_us=case.incident.responded_at_us or now_us,
                resolution_proposed_at_us=None,
            ),
        )
        update = self._say(case, Stage.RESOLVED, text, now_us, author=who)
        self._alarms.tell(case, Kind.INCIDENT_RESOLVED, update, now_us)
        self._log(now_us, who, "incident.resolve", incident_id)
        return case

    def _propose(self, case: Case, now_us: int) -> None:
        """It is over, but a person has spoken: those on call are told that the last word is theirs. The public is not."""
        self._save(case, replace(case.incident, resolution_proposed_at_us=now_us))
        text = texts.yours_to_resolve(self._names(case.incident.components), case.incident.id)
        update = self._say(case, case.incident.stage, text, now_us, public=False)
        self._alarms.tell(case, Kind.INCIDENT_UPDATED, update, now_us)

    # How each of them is done

    def _open(self, product: Product, component: Component, outage: Outage, now_us: int) -> Case:
        incident = Incident(
            id=self._next_id(now_us),
            product=product.id,
            components=(component.id,),
            severity=component.severity,
            stage=Stage.DETECTED,
            title=texts.title(product.name, [component.name]),
            automatic=True,
            began_at_us=outage.began_at_us,
            opened_at_us=now_us,
            respond_by_us=self._respond_by(component.severity, now_us),
        )
        case = Case(incident)
        self.cases[incident.id] = case
        self._save(case, incident)
        self._attach(case, outage)
        self._alarm_with_notice(case, "opened", [component], outage, now_us)
        return case

    def _join(self, case: Case, component: Component, outage: Outage, now_us: int) -> Case:
        before = case.incident
        is_new = component.id not in before.components
        components = before.components + ((component.id,) if is_new else ())
        worse = component.severity.rank > before.severity.rank
        severity = component.severity if worse else before.severity
        product, _ = self._components[component.id]
        title = texts.title(product.name, self._names(components)) if is_new and before.automatic else before.title
        respond_by = before.respond_by_us
        if worse:
            owed = self._respond_by(severity, now_us)
            respond_by = min(filter(None, (owed, respond_by)), default=None)
        self._save(
            case,
            replace(
                before,
                components=components,
                severity=severity,
                title=title,
                began_at_us=min(before.began_at_us, outage.began_at_us) if before.automatic else before.began_at_us,
                respond_by_us=respond_by,
                acknowledged_at_us=None if worse else before.acknowledged_at_us,
                acknowledged_by="" if worse else before.acknowledged_by,
                resolution_proposed_at_us=None,
            ),
        )
        self._attach(case, outage)
        if is_new:
            update = self._say(case, case.incident.stage, texts.joined([component.name]), now_us, component=component)
            if worse:
                self._alarms.stop(case, now_us)
                self._alarms.sound(case, f"raised-{severity}", update, now_us)
            else:
                self._alarms.tell(case, Kind.INCIDENT_UPDATED, update, now_us)
        return case

    def _reopen(self, case: Case, component: Component, outage: Outage, now_us: int) -> Case:
        before = case.incident
        components = before.components + ((component.id,) if component.id not in before.components else ())
        severity = max(before.severity, component.severity, key=lambda one: one.rank)
        product, _ = self._components[component.id]
        self._save(
            case,
            replace(
                before,
                components=components,
                severity=severity,
                title=texts.title(product.name, self._names(components)),
                stage=Stage.DETECTED,
                resolved_at_us=None,
                ended_at_us=None,
                acknowledged_at_us=None,
                acknowledged_by="",
                resolution_proposed_at_us=None,
                reopened=before.reopened + 1,
            ),
        )
        self._attach(case, outage)
        self._alarm_with_notice(case, f"reopened-{case.incident.reopened}", [component], outage, now_us, again=True)
        return case

    def _resolve_by_itself(self, case: Case, now_us: int, *, watched: bool) -> None:
        ended_us = case.measured_end_us or now_us
        self._alarms.stop(case, now_us)
        self._save(case, replace(case.incident, stage=Stage.RESOLVED, resolved_at_us=now_us, ended_at_us=ended_us))
        names = self._names(case.incident.components)
        text = texts.resolved(names, case.down_us(ended_us)) if watched else texts.no_longer_watched(names)
        update = self._say(case, Stage.RESOLVED, text, now_us)
        self._alarms.tell(case, Kind.INCIDENT_RESOLVED, update, now_us)

    def _alarm_with_notice(
        self, case: Case, what: str, components: Sequence[Component], outage: Outage, now_us: int, *, again: bool = False
    ) -> None:
        incident = case.incident
        places = {location.id: location.name for location in self.catalogue.locations}
        text = texts.detected(
            [component.name for component in components],
            [places.get(one, {"en": one}) for one in outage.locations],
            alerting=self._alarms.leave_at_once(incident.severity, now_us),
            again=again,
        )
        update = self._say(case, Stage.DETECTED, text, now_us, component=components[0])
        self._alarms.sound(case, what, update, now_us)

    def _attach(self, case: Case, outage: Outage) -> None:
        mine = replace(outage, incident=case.incident.id)
        case.outages[mine.id] = mine
        self._journal.pending.outages[mine.id] = mine

    def _say(
        self,
        case: Case,
        stage: Stage,
        text: Words,
        now_us: int,
        *,
        author: str = "",
        component: Component | None = None,
        public: bool = True,
    ) -> Update:
        update = Update(
            id=f"{case.incident.id}/{len(case.updates) + 1}",
            incident=case.incident.id,
            at_us=now_us,
            stage=stage,
            text=text,
            author=author,
            public=public,
            states=_announced(case, stage, component),
        )
        case.updates.append(update)
        self._journal.pending.updates.append(update)
        self.changed()
        return update

    # Small things

    def _save(self, case: Case, incident: Incident) -> None:
        case.incident = incident
        self._journal.pending.incidents[incident.id] = incident
        self.changed()

    def _log(self, now_us: int, who: str, what: str, subject: str) -> None:
        self._journal.pending.entries.append(Entry(now_us, who, what, subject))

    def _names(self, components: Iterable[str]) -> list[Words]:
        return [self._components[one][1].name if one in self._components else {"en": one} for one in components]

    def _next_id(self, now_us: int) -> str:
        year = datetime.fromtimestamp(now_us // 1_000_000, UTC).astimezone(ZoneInfo(self.catalogue.site.timezone)).year
        number = self._numbers.get(year, 1)
        self._numbers[year] = number + 1
        return f"INC-{year}-{number:04}"

    def _respond_by(self, severity: Severity, now_us: int) -> int | None:
        owed = self.catalogue.commitment.response.get(severity)
        if owed is None:
            return None
        try:
            return deadline(now_us, owed, self.catalogue.commitment.support)
        except BeyondCalendar:
            # The holidays of that year are not known: no deadline is better than a wrong one.
            return None


def _announced(case: Case, stage: Stage, component: Component | None) -> dict[str, tuple[str, str]]:
    if stage is Stage.RESOLVED:
        lasting = {one.component for one in case.going_on}
        return {one: ("down", "working") for one in case.incident.components if one not in lasting}
    return {component.id: ("working", "down")} if component else {}
