"""Whom to tell, and when, until somebody acknowledges."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from uptimed.domain.catalogue import EscalationStep


class Step(NamedTuple):
    number: int
    due_us: int
    notify: tuple[str, ...]
    """Channel names, person ids, or `on-call`."""


def plan(steps: Sequence[EscalationStep], opened_at_us: int) -> list[Step]:
    """All steps with their instants; those that are not wanted any more are cancelled, none is added later."""
    return [Step(index, opened_at_us + step.after_us, step.notify) for index, step in enumerate(steps)]
