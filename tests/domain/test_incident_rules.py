"""When incidents open, join, reopen and end by themselves."""

from __future__ import annotations

from dataclasses import replace

import pytest

from uptimed.domain.incident_rules import Join, Open, Propose, Reopen, Resolve, on_outage, on_recovery
from uptimed.domain.incidents import Incident, Outage, Stage
from uptimed.domain.severity import Severity

S = 1_000_000
OPEN = Incident("INC-2026-0001", "shop", ("shop/web",), Severity.CRITICAL, Stage.DETECTED, {"en": "t"}, True, 0, 10 * S)
CLOSED = replace(OPEN, stage=Stage.RESOLVED, resolved_at_us=1_000 * S)


def outage(component: str, began_s: int) -> Outage:
    began_us = began_s * S
    return Outage(f"{component}@{began_us}", component, began_us, None, None, began_us, began_us, None, (), began_us)


@pytest.mark.parametrize(
    ("known", "component", "began_s", "expected"),
    [
        ([], "shop/web", 0, Open()),
        ([OPEN], "shop/api", 300, Join(OPEN.id)),
        ([OPEN], "shop/api", 301, Open()),
        ([OPEN], "shop/web", 5_000, Join(OPEN.id)),
        ([CLOSED], "shop/web", 1_899, Reopen(CLOSED.id)),
        ([CLOSED], "shop/api", 1_899, Reopen(CLOSED.id)),
        ([CLOSED], "shop/web", 1_900, Open()),
        ([replace(CLOSED, severity=Severity.MINOR)], "shop/web", 1_899, Reopen(CLOSED.id)),
        ([replace(CLOSED, severity=Severity.MINOR)], "shop/api", 1_899, Open()),
        ([replace(CLOSED, automatic=False)], "shop/web", 1_899, Open()),
    ],
)
def test_a_new_critical_outage_opens_joins_or_reopens(
    known: list[Incident], component: str, began_s: int, expected: object
) -> None:
    assert on_outage(outage(component, began_s), Severity.CRITICAL, known, began_s * S) == expected


def test_an_incident_ends_by_itself_until_a_person_has_spoken() -> None:
    assert on_recovery(OPEN, still_down=True, person_has_spoken=False) is None
    assert on_recovery(OPEN, still_down=False, person_has_spoken=False) == Resolve()
    assert on_recovery(OPEN, still_down=False, person_has_spoken=True) == Propose()
    proposed = replace(OPEN, resolution_proposed_at_us=S)
    assert on_recovery(proposed, still_down=False, person_has_spoken=True) is None
    assert on_recovery(CLOSED, still_down=False, person_has_spoken=False) is None
