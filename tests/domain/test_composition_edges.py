"""Edges of composing timelines."""

from __future__ import annotations

from uptimed.domain.products import worst_of


def test_several_members_of_which_none_was_measured_yet_are_simply_unmeasured() -> None:
    """A component with two checks and no result made the daemon stop at its first start."""
    assert worst_of([[], []]) == []
