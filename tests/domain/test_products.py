"""What a Component lets through to its Product (DESIGN section 4)."""

from __future__ import annotations

import pytest

from uptimed.domain.catalogue import Component, Product
from uptimed.domain.products import product_of, worst_of
from uptimed.domain.severity import Severity
from uptimed.domain.states import Segment, State

UP, DEGRADED, DOWN, UNMEASURED = State
WINDOW = (0, 100)


def product(**severities: Severity) -> Product:
    return Product("p", {}, tuple(Component(f"p/{name}", {}, severity, ()) for name, severity in severities.items()))


def steady(state: State, from_us: int = 0, to_us: int = 100) -> list[Segment]:
    return [Segment(from_us, to_us, state, state, state)]


@pytest.mark.parametrize(
    ("severity", "becomes"), [(Severity.CRITICAL, DOWN), (Severity.SEVERE, DEGRADED), (Severity.MEDIUM, UP), (Severity.MINOR, UP)]
)
def test_a_component_that_is_down_weighs_what_its_severity_says(severity: Severity, becomes: State) -> None:
    its = product(main=Severity.CRITICAL, side=severity)
    assert product_of(its, {"p/main": steady(UP), "p/side": steady(DOWN)}, WINDOW) == steady(becomes)


def test_a_severe_component_that_is_not_measured_any_more_widens_the_product_to_degraded_only() -> None:
    its = product(main=Severity.CRITICAL, side=Severity.SEVERE)
    assert product_of(its, {"p/main": steady(UP), "p/side": steady(UP, 0, 40)}, WINDOW) == [
        Segment(0, 40, UP, UP, UP),
        Segment(40, 100, UNMEASURED, UP, DEGRADED),
    ]


@pytest.mark.parametrize(("severity", "worst"), [(Severity.SEVERE, DEGRADED), (Severity.MEDIUM, UP), (Severity.MINOR, UP)])
def test_a_product_of_lesser_components_alone_is_unseen_where_they_are(severity: Severity, worst: State) -> None:
    assert product_of(product(main=severity), {"p/main": steady(UP, 20, 60)}, WINDOW) == [
        Segment(0, 20, UNMEASURED, UP, worst),
        Segment(20, 60, UP, UP, UP),
        Segment(60, 100, UNMEASURED, UP, worst),
    ]


def test_a_minor_component_that_is_not_measured_hides_nothing() -> None:
    its = product(main=Severity.CRITICAL, side=Severity.MINOR)
    assert product_of(its, {"p/main": steady(UP)}, WINDOW) == steady(UP)


def test_two_components_that_fail_together_are_down_once() -> None:
    assert worst_of([steady(DOWN, 0, 60), steady(DOWN, 0, 60)]) == steady(DOWN, 0, 60)


def test_a_component_that_is_down_decides_even_while_another_is_not_measured() -> None:
    assert worst_of([steady(DOWN), steady(UP, 0, 50)]) == steady(DOWN)
