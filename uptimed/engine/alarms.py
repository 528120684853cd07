"""
Whom an incident reaches: alarms by the steps of its escalation, and news to everybody whom an alarm has reached.

Every message is made in the same step as the fact it tells, with an id made from that fact, so that the same fact told twice stays
one message.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from uptimed.domain import escalation
from uptimed.domain.catalogue import Catalogue
from uptimed.domain.incidents import Update
from uptimed.domain.messages import Kind, Message
from uptimed.domain.severity import Severity
from uptimed.engine.cases import Case
from uptimed.engine.journal import Cancellation, Journal
from uptimed.engine.payload import payload_of
from uptimed.engine.recipients import Recipient, recipients


class Alarms:
    def __init__(self, catalogue: Catalogue, channels: Mapping[str, str], journal: Journal) -> None:
        """`channels` maps every configured channel to the language it speaks."""
        self._catalogue = catalogue
        self._channels = channels
        self._journal = journal
        self.detail_of: Callable[[str], str] = lambda _: ""
        """What a check's newest failure said, for the people on call."""

    def configure(self, catalogue: Catalogue, channels: Mapping[str, str]) -> None:
        self._catalogue = catalogue
        self._channels = channels

    def leave_at_once(self, severity: Severity, now_us: int) -> bool:
        """Whether somebody is told without waiting for a later step."""
        return any(due_us <= now_us for _, due_us, _ in self._plan(severity, now_us))

    def sound(self, case: Case, what: str, update: Update, now_us: int) -> None:
        """All timed steps at once: a step is nothing but a message with a later due instant, until somebody acknowledges."""
        reached = {recipient.channel for _, recipient in case.told}
        for step, due_us, recipient in self._plan(case.incident.severity, now_us):
            message_id = f"{case.incident.id}/{what}/{step}/{recipient.channel}"
            self._send(case, message_id, Kind.INCIDENT_OPENED, recipient, update, now_us, due_us=due_us, step=step)
            if recipient.channel not in reached or due_us <= now_us:
                case.told.append((due_us, recipient))

    def tell(self, case: Case, kind: Kind, update: Update, now_us: int) -> None:
        """News go to everybody whom an alarm of this incident has reached."""
        seen: set[str] = set()
        for due_us, recipient in case.told:
            if due_us <= now_us and recipient.channel not in seen:
                seen.add(recipient.channel)
                self._send(case, f"{update.id}/{recipient.channel}", kind, recipient, update, now_us, due_us=now_us)

    def stop(self, case: Case, now_us: int) -> None:
        """Somebody has answered, or it is over: what the escalation has not sent yet is cancelled."""
        case.told = [(due_us, recipient) for due_us, recipient in case.told if due_us <= now_us]
        self._journal.pending.cancellations.append(Cancellation(case.incident.id, now_us))

    def _plan(self, severity: Severity, now_us: int) -> list[tuple[int, int, Recipient]]:
        steps = self._catalogue.escalation.get(severity, ())
        return [
            (step.number, step.due_us, recipient)
            for step in escalation.plan(steps, now_us)
            for recipient in recipients(step.notify, self._catalogue, self._channels, step.due_us)
        ]

    def _send(
        self,
        case: Case,
        message_id: str,
        kind: Kind,
        recipient: Recipient,
        update: Update,
        now_us: int,
        *,
        due_us: int,
        step: int = 0,
    ) -> None:
        incident = case.incident
        product = next((one for one in self._catalogue.products if one.id == incident.product), None)
        known = {component.id: component for component in self._catalogue.components()}
        payload = payload_of(
            incident,
            product=product,
            components=[known[one] for one in incident.components if one in known],
            outages=list(case.outages.values()),
            places={location.id: location.name for location in self._catalogue.locations},
            site_url=self._catalogue.site.url,
            update=update,
            step=step,
            down_us=case.down_us(incident.ended_at_us or now_us) if case.outages else None,
            detail=next(filter(None, map(self.detail_of, case.checks)), ""),
        )
        self._journal.pending.messages.append(
            Message(
                id=message_id,
                channel=recipient.channel,
                kind=kind,
                incident=incident.id,
                payload=payload,
                language=recipient.language,
                created_at_us=now_us,
                due_at_us=due_us,
            )
        )
