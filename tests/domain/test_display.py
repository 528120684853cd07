"""Seconds as people read them: downtime up, what is left down, and the allowance itself to the nearest."""

from __future__ import annotations

from fractions import Fraction

import pytest

from uptimed.domain.display import allowance_s, downtime_s, remaining_s


@pytest.mark.parametrize(("days", "seconds"), [(365, 3_154), (366, 3_162)])
def test_a_year_of_99_99_allows_52_min_34_s_and_a_leap_year_52_min_42_s(days: int, seconds: int) -> None:
    budget_ns = (1 - Fraction("99.99") / 100) * days * 86_400 * 10**9
    assert allowance_s(budget_ns) == seconds


def test_downtime_is_rounded_up_and_what_is_left_down() -> None:
    assert (downtime_s(1), downtime_s(10**9)) == (1, 1)
    assert (remaining_s(999_999), remaining_s(-1)) == (0, -1)
