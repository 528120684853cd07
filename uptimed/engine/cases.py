"""An incident with all that belongs to it: what was said of it, the outages that it tells of, and whom its alarms reach."""

from __future__ import annotations

from dataclasses import dataclass, field

from uptimed.domain.incidents import Incident, Outage, Update
from uptimed.engine.recipients import Recipient


@dataclass
class Case:
    incident: Incident
    updates: list[Update] = field(default_factory=list)
    """Oldest first."""
    outages: dict[str, Outage] = field(default_factory=dict)
    told: list[tuple[int, Recipient]] = field(default_factory=list)
    """Whom its alarms reach, each from an instant on. What was cancelled is not here."""

    @property
    def person_has_spoken(self) -> bool:
        return any(not update.automatic for update in self.updates)

    @property
    def measured_end_us(self) -> int | None:
        """The latest end of its outages; None while none has ended."""
        return max((one.ended_at_us for one in self.outages.values() if one.ended_at_us is not None), default=None)

    @property
    def checks(self) -> list[str]:
        """Those that were down in its outages, of the newest outage first."""
        outages = sorted(self.outages.values(), key=lambda outage: outage.began_at_us, reverse=True)
        return [check for outage in outages for check in outage.checks]
