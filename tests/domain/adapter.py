"""From the format of the cases file to the public functions of the domain, and back. No arithmetic lives here."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import Any

from uptimed.domain import civil
from uptimed.domain.availability import account
from uptimed.domain.burn import burning
from uptimed.domain.catalogue import ResponseTarget, SupportHours
from uptimed.domain.civil import micros
from uptimed.domain.deadlines import deadline, elapsed, response
from uptimed.domain.definition import resolution_us, segments_of, unconfirmed_of
from uptimed.domain.display import floored, upper_text
from uptimed.domain.figures import Contract, Figures, Treatment, figures_of, ratios, texts_of
from uptimed.domain.overlays import Adjustment, Class, Laid, Maintenance, in_force, laid_over
from uptimed.domain.policy import TimelinePolicy
from uptimed.domain.products import All, Need, Node, as_member, compose, weighted
from uptimed.domain.results import Acceptance, ActiveLocation, Evidence, Rejection, judge, repeated
from uptimed.domain.severity import Severity
from uptimed.domain.states import Segment, State, Verdict
from uptimed.domain.worst import worst_windows

Case = Mapping[str, Any]
ZERO = datetime(1970, 1, 1, tzinfo=UTC)


def us(text: str) -> int:
    return micros(datetime.fromisoformat(text))


def iso(at_us: int) -> str:
    at = ZERO + timedelta(microseconds=at_us)
    return at.strftime("%Y-%m-%dT%H:%M:%S") + (f".{at.microsecond:06}" if at.microsecond else "") + "Z"


def maybe(at_us: int | None) -> str | None:
    return None if at_us is None else iso(at_us)


def state(word: str) -> State:
    return State[word.upper()]


def contract_of(case: Case) -> Contract:
    given = said(case, "contract", {})
    text = str(said(given, "target", "99.99"))
    return Contract(
        target=Fraction(text) / 100,
        target_text=text,
        timezone=said(given, "tz", "UTC"),
        degraded_permille=said(given, "degraded_permille", 0),
        maintenance=Treatment(said(given, "maintenance", "exclude")),
        exclusion=Treatment(said(given, "exclusion", "exclude")),
        notice_us=said(given, "notice_us", 0),
    )


def said(given: Case, key: str, default: Any) -> Any:
    """What a case leaves out or gives as null has its default."""
    return default if given.get(key) is None else given[key]


def policy_of(config: Case) -> TimelinePolicy:
    return TimelinePolicy(
        locations=tuple(
            ActiveLocation(one["id"], us(one["from"]) if one.get("from") else None, us(one["to"]) if one.get("to") else None)
            for one in config["locations"]
        ),
        horizon_us=config["horizon_us"],
        quorum=config.get("quorum"),
        confirmations=said(config, "confirmations", 2),
        flap_window_us=said(config, "flap_window_us", 300_000_000),
        clock_eps_us=said(config, "clock_eps_us", 0),
    )


def evidence_of(case: Case) -> tuple[list[Evidence], list[list[str]]]:
    """Accepted evidence, and the log of what was not."""
    config = case["config"]
    policy = policy_of(config)
    acceptance = Acceptance(policy.locations, said(config, "max_skew_us", 2_000_000), config.get("late_us"))
    first: dict[str, Any] = {}
    log, evidence = [], []
    for one in case["results"]:
        start_us, end_us = us(one["s"]), us(one["e"])
        this = Evidence(one["id"], one["loc"], said(one, "epoch", 0), start_us, end_us, one["v"])
        if one["id"] in first:
            log.append([one["id"], repeated(first[one["id"]], this).value])
            continue
        first[one["id"]] = this
        received_us = us(one["recv"]) if one.get("recv") else end_us
        rejection = judge(one["loc"], start_us, end_us, received_us, one["v"], acceptance)
        if rejection is not None:
            log.append([one["id"], rejection.value])
        else:
            evidence.append(this._replace(verdict=Verdict(one["v"])))
    assert all(reason in {*Rejection, "duplicate", "conflict"} for _, reason in log)
    return evidence, sorted(log)


def segments_in(case: Case) -> list[Segment]:
    if "results" in case:
        return segments_of(evidence_of(case)[0], policy_of(case["config"]))
    a_us, b_us = us(case["from"]), us(case["to"])
    default = state(case.get("default", "up"))
    out, reached_us = [], a_us
    for one in sorted(case["segments"], key=lambda one: us(one["from"])):
        point = state(one["state"])
        unmeasured = point is State.UNMEASURED
        best = state(one["best"]) if "best" in one else State.UP if unmeasured else point
        worst = state(one["worst"]) if "worst" in one else State.DOWN if unmeasured else point
        if us(one["from"]) > reached_us:
            out.append(steady(reached_us, us(one["from"]), default))
        out.append(Segment(us(one["from"]), us(one["to"]), point, best, worst))
        reached_us = us(one["to"])
    if reached_us < b_us:
        out.append(steady(reached_us, b_us, default))
    return out


def steady(a_us: int, b_us: int, point: State) -> Segment:
    return Segment(a_us, b_us, *((point, State.UP, State.DOWN) if point is State.UNMEASURED else (point, point, point)))


def service_start_of(case: Case) -> int | None:
    text = case.get("service_start") or said(case, "contract", {}).get("service_start")
    return us(text) if text else None


def window_of(case: Case) -> tuple[int, int]:
    a_us, b_us = whole_window_of(case)
    start_us = service_start_of(case)
    return (a_us if start_us is None else min(max(a_us, start_us), b_us)), b_us


def whole_window_of(case: Case) -> tuple[int, int]:
    if "window" not in case:
        return us(case["from"]), us(case["to"])
    tz = case.get("tz") or contract_of(case).timezone
    given = case["window"]
    as_of_us = us(case["asof"]) if case.get("asof") else None
    match given["kind"]:
        case "year":
            return civil.year_window(tz, given["year"])
        case "month":
            return civil.month_window(tz, given["year"], given["month"])
        case "day":
            return civil.day_window(tz, date.fromisoformat(given["date"]))
        case "ytd":
            assert as_of_us is not None
            return civil.year_window(tz, civil.local_date(tz, as_of_us).year)[0], as_of_us
        case kind:
            assert kind == "rolling"
            assert as_of_us is not None
            return as_of_us - given["days"] * 86_400_000_000, as_of_us


def overlays_of(case: Case) -> dict[str, Any]:
    known_at = us(case["adjusted_asof"]) if case.get("adjusted_asof") else None
    return {
        "maintenance": [
            Maintenance(
                us(one["from"]), us(one["to"]), us(one["announced"]), us(one["cancelled"]) if one.get("cancelled") else None
            )
            for one in said(case, "maintenance", ())
        ],
        "adjustments": in_force((adjustment(one) for one in said(case, "adjustments", ())), known_at),
    }


def adjustment(one: Case) -> Adjustment:
    return Adjustment(
        id=one["id"],
        at_us=us(one["at"]),
        by=one.get("by") or "",
        reason=one.get("reason") or "",
        kind=one["kind"],
        from_us=us(one["from"]) if "from" in one else 0,
        to_us=us(one["to"]) if "to" in one else 0,
        state=state(one.get("state", "up")),
        target=one.get("target", ""),
    )


def laid_in(case: Case, segments: list[Segment], window: tuple[int, int]) -> list[Laid]:
    return laid_over(segments, window, notice_us=contract_of(case).notice_us, **overlays_of(case))


def shown(laid: list[Laid]) -> list[dict[str, str]]:
    out: list[dict[str, str]] = []
    for segment, of, _ in laid:
        # "Observed" with best and worst is the triple of B4, into which an assertion has put its state.
        word = "maintenance" if of is Class.MAINTENANCE else segment.point.word
        row = {
            "from": iso(segment.from_us),
            "to": iso(segment.to_us),
            "state": word,
            "observed": segment.point.word,
            "best": segment.best.word,
            "worst": segment.worst.word,
            "class": of.value,
        }
        if out and {**out[-1], "from": "", "to": ""} == {**row, "from": "", "to": ""}:
            out[-1]["to"] = row["to"]
        else:
            out.append(row)
    return out


def sums(figures: Figures, target: str) -> dict[str, Any]:
    return {
        "length_us": figures.length_us,
        "excluded_us": figures.excluded_us,
        "unmeasured_us": figures.u_us,
        "measured_us": figures.m_us,
        "counted_us": figures.n_us,
        "down_lo_ns": figures.d_lo_ns,
        "down_ns": figures.d_ns,
        "down_hi_ns": figures.d_hi_ns,
        **ratios_and_texts(ratios(figures), target),
    }


def ratios_and_texts(of: tuple[Fraction | None, Fraction | None, Fraction | None], target: str) -> dict[str, Any]:
    point, lower, upper = of
    texts = texts_of(point, lower, upper, target)
    return {
        "availability": {"lo": pair(lower), "point": pair(point), "hi": pair(upper)},
        "text": {"lo": texts.lower, "point": texts.point, "hi": texts.upper},
    }


def pair(ratio: Fraction | None) -> list[int] | None:
    return None if ratio is None else [ratio.numerator, ratio.denominator]


def answer_timeline(case: Case) -> dict[str, Any]:
    evidence, log = evidence_of(case)
    policy = policy_of(case["config"])
    window = us(case["from"]), us(case["to"])
    return {
        "segments": shown(laid_in(case, segments_of(evidence, policy), window)),
        "log": log,
        "unconfirmed": [[iso(a), iso(b)] for a, b in unconfirmed_of(evidence, policy)],
        "resolution_us": resolution_us(evidence, policy, window),
    }


def answer_availability(case: Case) -> dict[str, Any]:
    window = window_of(case)
    contract = contract_of(case)
    figures = figures_of(laid_in(case, segments_in(case), window), contract)
    return {"window": [iso(window[0]), iso(window[1])], **sums(figures, contract.target_text)}


def answer_sla(case: Case) -> dict[str, Any]:
    window = window_of(case)
    start_us = service_start_of(case)
    its = account(segments_in(case), contract_of(case), window, us(case["asof"]), service_start_us=start_us, **overlays_of(case))
    return {
        "window": [iso(window[0]), iso(window[1])],
        "asof": iso(its.as_of_us),
        "verdict": its.verdict.value,
        "to_date": its.to_date.value,
        "budget_us": int(its.budget_ns // 1000),
        "remaining_lo_us": its.remaining_lower_us,
        "remaining_us": its.remaining_point_us,
        "remaining_hi_us": its.remaining_upper_us,
        "exhausted_at": maybe(its.exhausted_at_us),
        "projected_exhaustion": maybe(its.projected_exhaustion_us),
    }


def answer_compose(case: Case) -> dict[str, Any]:
    window = window_of(case)
    contract = contract_of(case)
    members = {name: member_in(one, case, window) for name, one in case["components"].items()}
    if "weighted" in case["tree"]:
        parts = [
            (Fraction(weight), figures_of(laid_in(case, compose(tree_of(node), members), window), contract))
            for weight, node in case["tree"]["weighted"]
        ]
        return ratios_and_texts(weighted(parts), contract.target_text)
    laid = laid_in(case, compose(tree_of(case["tree"]), members), window)
    return {"segments": shown(laid), **sums(figures_of(laid, contract), contract.target_text)}


def member_in(given: Case, case: Case, window: tuple[int, int]) -> list[Segment]:
    """A member with the overlays of its own; what it does not say is said by the case."""
    its = {**{key: case[key] for key in ("from", "to", "contract", "adjusted_asof") if key in case}, **given}
    return as_member(laid_in(its, segments_in(its), window), contract_of(its))


def tree_of(tree: Any) -> Node:
    if isinstance(tree, str):
        return tree
    if "all" in tree:
        return All(tuple(tree_of(one) for one in tree["all"]))
    return Need(tree["need"], tuple(tree_of(one) for one in tree["of"]))


def answer_civil(case: Case) -> dict[str, Any]:
    a_us, b_us = window_of(case)
    budget = (1 - contract_of(case).target) * (b_us - a_us)
    return {"from": iso(a_us), "to": iso(b_us), "length_us": b_us - a_us, "budget_us": int(budget)}


def answer_format(case: Case) -> dict[str, Any]:
    value = Fraction(*case["value"])
    return {"point": floored(value, case["target"]), "hi": upper_text(value, case["target"])}


def support_of(case: Case) -> SupportHours:
    given = case["calendar"]
    return SupportHours(
        timezone=given["tz"],
        weekdays=frozenset(given.get("weekdays", range(5))),
        holidays=frozenset(date.fromisoformat(day) for day in given.get("holidays", ())),
        years=frozenset(given.get("years", ())),
    )


CLOCKS = {"24x7": "always", "business": "support_hours", "civil": "civil"}


def target_of(given: Case) -> ResponseTarget:
    return ResponseTarget(given["us"] if "us" in given else given["days"] * 86_400_000_000, CLOCKS[given["clock"]])


def answer_deadline(case: Case) -> dict[str, Any]:
    return {"deadline": iso(deadline(us(case["start"]), target_of(case["target"]), support_of(case)))}


def answer_elapsed(case: Case) -> dict[str, Any]:
    return {"elapsed_us": elapsed(us(case["start"]), us(case["end"]), CLOCKS[case["clock"]], support_of(case))}


HOUR_US = 3_600_000_000
TARGETS = {
    Severity.CRITICAL: ResponseTarget(HOUR_US, "always"),
    Severity.SEVERE: ResponseTarget(2 * HOUR_US, "support_hours"),
    Severity.MEDIUM: ResponseTarget(8 * HOUR_US, "support_hours"),
    Severity.MINOR: ResponseTarget(7 * 24 * HOUR_US, "civil"),
}


def answer_response(case: Case) -> dict[str, Any]:
    its = response(
        [(us(at), Severity(word)) for at, word in case["severities"]],
        us(case["first_reply"]) if case.get("first_reply") else None,
        us(case["asof"]) if case.get("asof") else None,
        TARGETS,
        support_of(case),
    )
    return {"deadline": iso(its.deadline_us), "state": its.state, "elapsed_us": its.elapsed_us}


def answer_worst(case: Case) -> dict[str, Any]:
    laid = laid_in(case, segments_in(case), window_of(case))
    return {
        "windows": [
            {
                "length_us": one.length_us,
                "down_lo_ns": one.d_lo_ns,
                "down_ns": one.d_ns,
                "down_hi_ns": one.d_hi_ns,
                "start": maybe(one.start_us),
            }
            for one in worst_windows(laid, contract_of(case), case["lengths_us"])
        ]
    }


def answer_burn(case: Case) -> dict[str, Any]:
    answers = burning(segments_in(case), contract_of(case), window_of(case), us(case["asof"]), **overlays_of(case))
    return {name: its.value for name, its in answers.items()}


ANSWERS = {
    "worst": answer_worst,
    "burn": answer_burn,
    "timeline": answer_timeline,
    "availability": answer_availability,
    "sla": answer_sla,
    "compose": answer_compose,
    "civil": answer_civil,
    "format": answer_format,
    "deadline": answer_deadline,
    "elapsed": answer_elapsed,
    "response": answer_response,
}
