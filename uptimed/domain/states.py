"""The words for what was seen (`Verdict`) and for what a span of time was (`State`, `Segment`)."""

from __future__ import annotations

from enum import IntEnum, StrEnum
from typing import NamedTuple


class Verdict(StrEnum):
    """What one check saw. `unknown` means the prober could not measure; it is never evidence."""

    UP = "up"
    DEGRADED = "degraded"
    DOWN = "down"
    UNKNOWN = "unknown"


class State(IntEnum):
    """up 0 < degraded 1 < down 2. `UNMEASURED` has no severity: never compare it, ask for it first."""

    UP = 0
    DEGRADED = 1
    DOWN = 2
    UNMEASURED = 3

    @property
    def word(self) -> str:
        return self.name.lower()


STATE_OF = {Verdict.UP: State.UP, Verdict.DEGRADED: State.DEGRADED, Verdict.DOWN: State.DOWN}


class Segment(NamedTuple):
    """A stretch in which nothing changed. `best` and `worst` bound the truth and are never `UNMEASURED`."""

    from_us: int
    to_us: int
    point: State
    best: State
    worst: State
