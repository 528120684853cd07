"""Random stories of some hundred microseconds, small enough to ask the reference about every instant."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st

from tests.domain.reference import Config, Place, Result, Terms
from uptimed.domain.figures import Contract, Treatment
from uptimed.domain.overlays import Adjustment, Maintenance
from uptimed.domain.policy import TimelinePolicy
from uptimed.domain.results import ActiveLocation, Evidence
from uptimed.domain.states import State, Verdict

SPAN = 150
VERDICTS = ("up", "up", "up", "degraded", "down", "down")


@st.composite
def configs(draw: st.DrawFn) -> Config:
    names = "abcd"[: draw(st.integers(1, 4))]
    ends = st.one_of(st.none(), st.none(), st.integers(10, 80))
    places = []
    for name in names:
        since, until = draw(ends), draw(ends)
        places.append(Place(name, since, until if since is None or until is None or until > since else None))
    return Config(
        places=tuple(places),
        horizon=draw(st.integers(6, 14)),
        quorum=draw(st.one_of(st.none(), st.integers(1, len(names) + 1))),
        confirmations=draw(st.integers(1, 3)),
        flap_window=draw(st.sampled_from([0, 3, 12, 40])),
        eps=draw(st.sampled_from([0, 0, 1, 3])),
    )


H, BEYOND_H = -1, -2
steps = st.lists(
    st.tuples(
        st.sampled_from([5, 5, 5, 5, 0, 1, 2, 4, 6, H, BEYOND_H, 20]),
        st.sampled_from([0, 0, 0, 1, 2, 5, 9]),
        st.sampled_from(VERDICTS),
        st.sampled_from([None] * 14 + [0, 8, 15]),
    ),
    max_size=18,
)
"""After how long the next check begins, how long it takes, what it sees; and by how much the clock is set back before it."""


@st.composite
def evidence_of(draw: st.DrawFn, config: Config) -> list[Result]:
    """Steady checking with slow answers, silences at and beyond the horizon, re-checks, and a clock that is set back."""
    found = []
    beyond = {H: config.horizon, BEYOND_H: config.horizon + 1}
    for place in config.places:
        t, epoch = 0, 0
        for number, (step, took, verdict, back) in enumerate(draw(steps)):
            t += beyond.get(step, step)
            if back is not None:
                t, epoch = max(0, t - back), epoch + 1
            if place.active(t):
                found.append(Result(f"{place.id}{number:02}", place.id, epoch, t, t + took, verdict))
    return found


@st.composite
def stories(draw: st.DrawFn) -> tuple[Config, list[Result]]:
    config = draw(configs())
    return config, draw(evidence_of(config))


def intervals() -> st.SearchStrategy[tuple[int, int]]:
    return st.tuples(st.integers(0, SPAN), st.integers(1, 40)).map(lambda pair: (pair[0], pair[0] + pair[1]))


@st.composite
def planned(draw: st.DrawFn) -> list[Mapping[str, Any]]:
    found = []
    for _ in range(draw(st.integers(0, 3))):
        a, b = draw(intervals())
        cancelled = draw(st.one_of(st.none(), st.integers(a - 5, b + 5)))
        found.append({"from": a, "to": b, "announced": a - draw(st.integers(-3, 12)), "cancelled": cancelled})
    return found


@st.composite
def adjusted(draw: st.DrawFn) -> list[Mapping[str, Any]]:
    found: list[Mapping[str, Any]] = []
    for number in range(draw(st.integers(0, 6))):
        kind = draw(st.sampled_from(["exclude", "assert", "assert", "revoke"] if found else ["exclude", "assert"]))
        a, b = draw(intervals())
        found.append(
            {
                "id": f"x{number}",
                "at": draw(st.integers(0, 5)),
                "by": draw(st.sampled_from(["anna"] * 7 + [""])),
                "reason": draw(st.sampled_from(["server log"] * 7 + [""])),
                "kind": kind,
                "from": a,
                "to": b,
                "state": draw(st.sampled_from(["up", "degraded", "down"])),
                "target": draw(st.sampled_from([one["id"] for one in found])) if kind == "revoke" else "",
            }
        )
    return draw(st.permutations(found))


# The same, as the domain wants it


def policy_of(config: Config) -> TimelinePolicy:
    return TimelinePolicy(
        locations=tuple(ActiveLocation(*place) for place in config.places),
        horizon_us=config.horizon,
        quorum=config.quorum,
        confirmations=config.confirmations,
        flap_window_us=config.flap_window,
        clock_eps_us=config.eps,
    )


def domain_evidence(evidence: list[Result]) -> list[Evidence]:
    return [Evidence(one.id, one.location, one.epoch, one.s, one.e, Verdict(one.v)) for one in evidence]


def contract_of(terms: Terms) -> Contract:
    return Contract(
        target=terms.target,
        target_text=f"{float(terms.target * 100):g}",
        degraded_permille=terms.degraded,
        maintenance=Treatment(terms.maintenance),
        exclusion=Treatment(terms.exclusion),
        notice_us=terms.notice,
    )


def domain_maintenance(windows: list[Mapping[str, Any]]) -> list[Maintenance]:
    return [Maintenance(one["from"], one["to"], one["announced"], one["cancelled"]) for one in windows]


def domain_adjustments(adjustments: list[Mapping[str, Any]]) -> list[Adjustment]:
    return [
        Adjustment(
            one["id"],
            one["at"],
            one["by"],
            one["reason"],
            one["kind"],
            one["from"],
            one["to"],
            State[one["state"].upper()],
            one["target"],
        )
        for one in adjustments
    ]
