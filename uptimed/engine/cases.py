"""An incident with all that belongs to it: what was said of it, the outages that it tells of, and whom its alarms reach."""

from __future__ import annotations

from dataclasses import dataclass, field

from uptimed.domain.incidents import Incident, Outage, Stage, Update
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
        """Since it opened, or since the checks opened it again."""
        notices = [index for index, one in enumerate(self.updates) if one.automatic and one.stage is Stage.DETECTED]
        return any(not update.automatic for update in self.updates[max(notices, default=0) :])

    @property
    def going_on(self) -> list[Outage]:
        """Outages of which the checks have not seen the end, newest first."""
        lasting = [one for one in self.outages.values() if one.ended_at_us is None]
        return sorted(lasting, key=lambda outage: outage.began_at_us, reverse=True)

    def down_us(self, now_us: int) -> int:
        """How long something of it was down: two outages at once count once, the good time between two does not count."""
        total = reached_us = 0
        for began_us, ended_us in sorted((one.began_at_us, one.ended_at_us or now_us) for one in self.outages.values()):
            total += max(0, ended_us - max(began_us, reached_us))
            reached_us = max(reached_us, ended_us)
        return total

    @property
    def measured_end_us(self) -> int | None:
        """The latest end of its outages; None while none has ended."""
        return max((one.ended_at_us for one in self.outages.values() if one.ended_at_us is not None), default=None)

    @property
    def checks(self) -> list[str]:
        """Those that were down in its outages, of the newest outage first."""
        outages = sorted(self.outages.values(), key=lambda outage: outage.began_at_us, reverse=True)
        return [check for outage in outages for check in outage.checks]
