"""What may have escaped the checks: how many short failures were seen, and what that says of those that were not."""

from __future__ import annotations

from math import exp, factorial

import pytest

from tests.domain.test_outage_lengths import timeline
from uptimed.domain.overlays import laid_over
from uptimed.domain.unseen import PERCENT_OF_RESOLUTION, shorter_seen, unseen_at_most_us


@pytest.mark.parametrize(
    ("drawn", "seen"),
    {
        "uuuu": 0,
        "uudduu": 1,  # 20 us down, resolution 20
        "uudddu": 0,
        "uu//uu": 1,  # a single failure that nobody confirmed
        "u/d\\u": 1,
        "ud?du": 2,  # what was not measured is no failure
        "ud/ud": 2,
        "??": 0,
    }.items(),
)
def test_short_failures_are_counted_confirmed_or_not(drawn: str, seen: int) -> None:
    laid = laid_over(timeline(drawn), (0, 10 * len(drawn)))

    assert shorter_seen(laid, 20) == seen


def test_the_factors_are_those_of_the_specification() -> None:
    assert PERCENT_OF_RESOLUTION[:4] == (300, 474, 630, 775)
    assert unseen_at_most_us(20_000_001, 0) == 60_000_003
    assert unseen_at_most_us(1, 0) == 3
    assert unseen_at_most_us(20_000_000, 11) is None


@pytest.mark.parametrize("seen", range(11))
def test_with_so_much_unseen_so_few_would_have_been_seen_in_one_case_of_twenty(seen: int) -> None:
    expected = PERCENT_OF_RESOLUTION[seen] / 100

    assert sum(exp(-expected) * expected**k / factorial(k) for k in range(seen + 1)) == pytest.approx(0.05, abs=0.0003)
