"""How bad: the commitment's four severities, and what each lets through to its product."""

from __future__ import annotations

from enum import StrEnum


class Severity(StrEnum):
    MINOR = "minor"
    MEDIUM = "medium"
    SEVERE = "severe"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        """minor 0 < medium 1 < severe 2 < critical 3."""
        return _RANK[self]


_RANK = {severity: rank for rank, severity in enumerate(Severity)}
