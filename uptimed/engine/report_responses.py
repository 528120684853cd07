"""How fast people answered: the incidents that were opened in a period, by severity, against the response that was promised."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from statistics import median_low

from uptimed.domain.catalogue import ResponseTarget
from uptimed.domain.incidents import Incident
from uptimed.domain.severity import Severity
from uptimed.engine.report_facts import Facts


class Answered(StrEnum):
    IN_TIME = "in_time"
    LATE = "late"
    NOT = "not"
    """It was due, and nobody has answered."""
    OVER_BEFORE = "over_before"
    """The incident was over before an answer was due."""
    NOT_DUE = "not_due"
    """It goes on, and the answer is not due yet."""
    NOT_PROMISED = "not_promised"


@dataclass(frozen=True)
class IncidentLine:
    incident: Incident
    answered: Answered
    took_us: int | None
    """From opening to the first answer."""


@dataclass(frozen=True)
class SeverityLine:
    severity: Severity
    target: ResponseTarget | None
    """As it is promised now."""
    incidents: tuple[IncidentLine, ...]

    def count(self, answered: Answered) -> int:
        return sum(1 for one in self.incidents if one.answered is answered)

    @property
    def kept(self) -> Fraction | None:
        """The share answered in time of those whose answer was due; None when none was."""
        due = sum(self.count(one) for one in (Answered.IN_TIME, Answered.LATE, Answered.NOT))
        return Fraction(self.count(Answered.IN_TIME), due) if due else None

    @property
    def longest_us(self) -> int | None:
        return max(self._took(), default=None)

    @property
    def median_us(self) -> int | None:
        took = list(self._took())
        return median_low(took) if took else None

    def _took(self) -> Iterable[int]:
        return (one.took_us for one in self.incidents if one.took_us is not None)


Responses = tuple[SeverityLine, ...]
"""The worst severity first; only those of which there was an incident."""


def responses_of(facts: Facts, product_id: str) -> Responses:
    mine = [one for one in facts.incidents if one.product == product_id]
    promised = facts.catalogue.commitment.response
    lines = (
        SeverityLine(
            severity, promised.get(severity), tuple(_line(one, facts.as_of_us) for one in mine if one.severity is severity)
        )
        for severity in sorted(Severity, key=lambda one: -one.rank)
    )
    return tuple(one for one in lines if one.incidents)


def _line(incident: Incident, as_of_us: int) -> IncidentLine:
    answered_us = incident.responded_at_us
    took_us = None if answered_us is None else answered_us - incident.opened_at_us
    return IncidentLine(incident, _answered(incident, as_of_us), took_us)


def _answered(incident: Incident, as_of_us: int) -> Answered:
    due_us, answered_us = incident.respond_by_us, incident.responded_at_us
    if due_us is None:
        return Answered.NOT_PROMISED
    if answered_us is not None:
        return Answered.IN_TIME if answered_us <= due_us else Answered.LATE
    if incident.resolved_at_us is not None and incident.resolved_at_us <= due_us:
        return Answered.OVER_BEFORE
    return Answered.NOT if as_of_us > due_us else Answered.NOT_DUE
