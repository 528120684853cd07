"""How every rule stands that people are told about: in memory, and in the database for the next life."""

from __future__ import annotations

from collections.abc import Iterable

from uptimed.domain.alerts import Alert
from uptimed.engine.journal import Journal


class Alerts:
    def __init__(self, journal: Journal, known: Iterable[Alert] = ()) -> None:
        """`known`: as they stood when the daemon stopped."""
        self._journal = journal
        self._of = {(one.subject, one.rule): one for one in known}

    def get(self, subject: str, rule: str) -> Alert:
        return self._of.get((subject, rule)) or Alert(subject, rule)

    def put(self, alert: Alert) -> None:
        key = (alert.subject, alert.rule)
        if alert != self.get(*key):
            self._of[key] = alert
            self._journal.pending.alerts[key] = alert
