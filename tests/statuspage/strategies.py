"""Snapshots that Hypothesis makes up: any facts the core could hand over, sensible or not."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from statuspage.snapshot import (
    AdjustmentView,
    Bounds,
    ComponentView,
    DayMark,
    Figures,
    IncidentView,
    LocationView,
    OutageView,
    ProductView,
    Snapshot,
    Stretch,
    SupportView,
    UpdateView,
)

words = st.dictionaries(st.sampled_from(["en", "fr"]), st.text(st.characters(codec="utf-8"), max_size=12))
identities = st.from_regex(r"[a-z][a-z0-9-]{0,6}", fullmatch=True)
states = st.sampled_from(["working", "slow", "partly_down", "down", "planned", "unmeasured"])
past_states = states | st.just("degraded")
stages = st.sampled_from(["detected", "investigating", "identified", "monitoring", "resolved", "postmortem"])
severities = st.sampled_from(["critical", "severe", "medium", "minor"])
verdicts = st.sampled_from(["met", "missed", "undecided"])
instants = st.integers(1_700_000_000_000_000, 1_900_000_000_000_000)
maybe_instants = st.none() | instants
percents = st.none() | st.from_regex(r"[0-9]{2}\.[0-9]{4}", fullmatch=True)
seconds = st.integers(0, 40_000_000)


def few(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(strategy, max_size=3).map(tuple)


def adjustments() -> st.SearchStrategy[AdjustmentView]:
    return st.builds(
        AdjustmentView,
        id=st.from_regex(r"ADJ-20[0-9]{2}-[0-9]{4}", fullmatch=True),
        scope=identities,
        from_us=instants,
        to_us=instants,
        state=st.sampled_from([None, "up", "degraded", "down"]),
        reason=st.text(max_size=12),
        clause=st.text(max_size=12),
    )


def figures() -> st.SearchStrategy[Figures]:
    counts = dict.fromkeys(
        [
            "up_s",
            "degraded_s",
            "down_s",
            "unmeasured_s",
            "maintenance_s",
            "excluded_s",
            "budget_allowed_s",
            "budget_used_s",
            "budget_possible_s",
        ],
        seconds,
    )
    return st.builds(
        Figures,
        from_us=instants,
        to_us=instants,
        point=percents,
        lower=percents,
        upper=percents,
        target=st.just("99.99"),
        verdict=verdicts,
        to_date=verdicts,
        budget_remaining_s=st.integers(-5_000, 5_000),
        adjustments=few(adjustments()),
        raw=st.none() | st.builds(Bounds, point=percents, lower=percents, upper=percents),
        budget_sure_s=st.none() | st.integers(-40_000_000, 5_000),
        **counts,
    )


def components() -> st.SearchStrategy[ComponentView]:
    return st.builds(
        ComponentView,
        id=identities.map(lambda part: f"p/{part}"),
        name=words,
        state=states,
        since_us=maybe_instants,
        severity=severities,
        created_at_us=instants,
        last_measured_state=st.none() | states,
        last_measured_us=maybe_instants,
        description=words,
    )


def products() -> st.SearchStrategy[ProductView]:
    on = st.dates().map(lambda d: d.isoformat())
    days = st.builds(DayMark, on=on, state=past_states, down_s=seconds, unmeasured_s=seconds, degraded_s=seconds)
    return st.builds(
        ProductView,
        id=identities,
        name=words,
        state=states,
        since_us=maybe_instants,
        components=few(components()),
        year=st.none() | figures(),
        month=st.none() | figures(),
        created_at_us=instants,
        days=few(days),
        day=few(st.builds(Stretch, from_us=instants, to_us=instants, state=past_states)),
        support=st.dictionaries(st.sampled_from(["email", "chat", "phone"]), st.text(max_size=12)),
    )


def incidents() -> st.SearchStrategy[IncidentView]:
    updates = st.builds(
        UpdateView,
        id=identities,
        at_us=instants,
        stage=stages,
        text=words,
        automatic=st.booleans(),
        states=st.dictionaries(identities, st.tuples(states, states), max_size=2),
    )
    outages = st.builds(
        OutageView,
        id=identities,
        component=identities,
        began_us=instants,
        ended_us=maybe_instants,
        last_good_us=maybe_instants,
        first_bad_us=instants,
        last_bad_us=instants,
        first_good_us=maybe_instants,
        reason=st.sampled_from(["connect_refused", "http_status", "tls_expired", "icmp_timeout", "", "odd"]),
        locations=few(identities),
    )
    return st.builds(
        IncidentView,
        id=st.from_regex(r"INC-20[0-9]{2}-[0-9]{4}", fullmatch=True),
        product=identities,
        components=few(identities),
        severity=severities,
        stage=stages,
        title=words,
        automatic=st.booleans(),
        began_us=instants,
        opened_us=instants,
        ended_us=maybe_instants,
        resolved_us=maybe_instants,
        updated_us=instants,
        updates=few(updates),
        outages=few(outages),
        next_update_by_us=maybe_instants,
    )


def snapshots() -> st.SearchStrategy[Snapshot]:
    support = st.builds(
        SupportView,
        is_open=st.booleans(),
        changes_at_us=maybe_instants,
        rows=few(st.tuples(severities, st.integers(60, 2_000_000), st.sampled_from(["always", "support_hours", "civil"]))),
    )
    return st.builds(
        Snapshot,
        version=st.just(1),
        as_of_us=instants,
        site_name=st.text(st.characters(codec="utf-8"), max_size=12),
        site_url=st.sampled_from(["https://status.example.com", "http://127.0.0.1:8080/"]),
        languages=st.sampled_from([("en", "fr"), ("fr", "en"), ("fr",), ("en",), ("de",), ()]),
        timezone=st.sampled_from(["Europe/London", "Pacific/Kiritimati", "UTC", "Nowhere/City"]),
        products=few(products()),
        incidents=few(incidents()),
        locations=few(st.builds(LocationView, id=identities, name=words, measuring=st.booleans())),
        every_s=st.integers(1, 86_400),
        support=st.none() | support,
        site_created_us=st.just(0) | instants,
    )
