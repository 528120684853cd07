"""How exact figures are shown (AVAILABILITY B8): nothing crosses the target upwards, nothing but no downtime is 100."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.domain.examples import examples
from uptimed.domain.display import downtime_s, floored, remaining_s, upper_text

TINY = Fraction(1, 10**15)


@pytest.mark.parametrize(
    ("target", "percent", "point", "upper"),
    [
        # At the target, just below and just above it.
        ("99.9", Fraction("99.9"), "99.900", "99.900"),
        ("99.9", Fraction("99.9") - TINY, "99.899", "99.899"),
        ("99.9", Fraction("99.9") + TINY, "99.900", "99.901"),
        ("99.99", Fraction("99.99") - TINY, "99.9899", "99.9899"),
        ("99.99", Fraction("99.99") + TINY, "99.9900", "99.9901"),
        ("99.999", Fraction("99.999") - TINY, "99.99899", "99.99899"),
        ("99.999", Fraction("99.999") + TINY, "99.99900", "99.99901"),
        # Further below the upper bound is rounded up as ever.
        ("99.99", Fraction("99.9898") + TINY, "99.9898", "99.9899"),
        ("99.99", Fraction("99.98990"), "99.9899", "99.9899"),
        ("99.99", Fraction("99.98980"), "99.9898", "99.9898"),
        # Near 100, and with a target of 100.
        ("99.9", 100 - TINY, "99.999", "99.999"),
        ("99.9", Fraction("99.999"), "99.999", "99.999"),
        ("99.9", Fraction("99.9981"), "99.998", "99.999"),
        ("99.999", Fraction(100), "100.00000", "100.00000"),
        ("100", 100 - TINY, "99.99", "99.99"),
        ("100", Fraction("99.981"), "99.98", "99.99"),
        ("100", Fraction(100), "100.00", "100.00"),
        ("99", Fraction("98.999"), "98.99", "98.99"),
        ("99.50", Fraction("99.49999"), "99.4999", "99.4999"),  # a target's own zeros count
        ("99.99", Fraction(0), "0.0000", "0.0000"),
        ("99.99", TINY, "0.0000", "0.0001"),
    ],
)
def test_the_point_is_cut_and_the_upper_bound_rounded_up_but_never_across(
    target: str, percent: Fraction, point: str, upper: str
) -> None:
    assert floored(percent / 100, target) == point
    assert upper_text(percent / 100, target) == upper


TARGETS = ["99.9", "99.99", "99.999", "100", "99.5", "95", "99.50"]
NEAR = st.sampled_from(TARGETS).flatmap(
    lambda target: st.tuples(
        st.just(target),
        st.one_of(
            st.fractions(0, 1),
            st.integers(-3 * 10**6, 3 * 10**6).map(lambda n: min(Fraction(1), Fraction(target) / 100 + Fraction(n, 10**14))),
            st.integers(0, 10**6).map(lambda n: 1 - Fraction(n, 10**13)),
        ),
    )
)


@examples(500)
@given(NEAR)
def test_the_texts_are_the_words_in_exact_decimals(of: tuple[str, Fraction]) -> None:
    target, value = of
    places = len(target.split(".")[1]) + 2 if "." in target else 2
    step = Fraction(1, 10**places)
    cut = value * 100 // step * step
    up = cut if cut == value * 100 else cut + step
    crosses = any(value * 100 < limit <= up for limit in (Fraction(target), 100))
    assert floored(value, target) == f"{Decimal(cut.numerator) / Decimal(cut.denominator):.{places}f}"
    wanted = cut if crosses else up
    assert upper_text(value, target) == f"{Decimal(wanted.numerator) / Decimal(wanted.denominator):.{places}f}"


def test_downtime_is_rounded_up_and_what_is_left_down() -> None:
    assert [downtime_s(ns) for ns in (0, 1, 10**9, 10**9 + 1)] == [0, 1, 1, 2]
    assert [remaining_s(us) for us in (0, 999_999, 1_000_000, -1)] == [0, 0, 1, -1]
