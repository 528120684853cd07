"""
How much may have escaped the checks altogether (AVAILABILITY B8).

An outage longer than the resolution cannot have. A shorter one is met by a look with the chance that its length is of the
resolution, for looks come at no fixed phase (B12). So the fewer short ones were seen, the less there can have been of them.
"""

from __future__ import annotations

from collections.abc import Iterable

from uptimed.domain.overlays import Laid
from uptimed.domain.states import State

PERCENT_OF_RESOLUTION = (300, 474, 630, 775, 915, 1051, 1184, 1315, 1443, 1571, 1696)
"""By how many short ones were seen: the most that the unseen ones add up to, with 95 % confidence (Poisson)."""


def shorter_seen(pieces: Iterable[Laid], resolution_us: int) -> int:
    """How many outages and single failures were seen that were not longer than the resolution, confirmed or not."""
    found = 0
    length_us: int | None = None
    for segment, _, _ in pieces:
        if segment.worst is State.DOWN and segment.point is not State.UNMEASURED:
            length_us = (length_us or 0) + (segment.to_us - segment.from_us if segment.point is State.DOWN else 0)
        else:
            found += length_us is not None and length_us <= resolution_us
            length_us = None
    return found + (length_us is not None and length_us <= resolution_us)


def unseen_at_most_us(resolution_us: int, seen: int) -> int | None:
    """All the short ones that nobody saw, together; None: so many were seen that nothing is said."""
    if seen >= len(PERCENT_OF_RESOLUTION):
        return None
    return -(-PERCENT_OF_RESOLUTION[seen] * resolution_us // 100)
