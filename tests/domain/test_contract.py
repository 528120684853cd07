"""Which contract was in force when, and what it makes of the evidence."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction

from uptimed.domain.catalogue import Credit
from uptimed.domain.contract import (
    CheckRule,
    ComponentRule,
    ContractHistory,
    ContractVersion,
    ImportedCheck,
    ProductRule,
    Span,
    as_document,
    from_document,
)
from uptimed.domain.figures import Contract
from uptimed.domain.overlays import Adjustment, Maintenance
from uptimed.domain.policy import Rules
from uptimed.domain.record import Overlays, product_segments
from uptimed.domain.results import ActiveLocation
from uptimed.domain.severity import Severity
from uptimed.domain.states import Segment, State

S = 1_000_000
PROMISE = Contract(Fraction(9999, 10000), "99.99", "Europe/Paris", notice_us=5 * S)
UP, DOWN, BLIND = (State.UP,) * 3, (State.DOWN,) * 3, (State.UNMEASURED, State.UP, State.DOWN)


def check(name: str, horizon_s: int = 50, locations: tuple[str, ...] = ("london",)) -> CheckRule:
    return CheckRule(f"shop/{name}/home", locations, Rules(horizon_s * S))


def component(name: str, severity: Severity = Severity.CRITICAL, **its: object) -> ComponentRule:
    return ComponentRule(f"shop/{name}", severity, (check(name, **its),))  # type: ignore[arg-type]


def version(from_us: int, *components: ComponentRule, contract: Contract = PROMISE) -> ContractVersion:
    products = (ProductRule("shop", components),) if components else ()
    return ContractVersion(from_us, contract, products)


def history(*versions: ContractVersion) -> ContractHistory:
    return ContractHistory(versions)


def test_a_version_comes_back_from_its_document() -> None:
    one = version(7, component("web"), component("api", Severity.SEVERE, locations=("london", "paris")))
    assert from_document(7, json.loads(one.text)) == one


def test_the_same_promise_has_the_same_digest_whenever_it_was_made() -> None:
    assert version(1, component("web")).digest == version(2, component("web")).digest
    assert version(1, component("web")).digest != version(1, component("web", horizon_s=60)).digest


def test_a_credit_table_is_part_of_the_promise_and_its_absence_leaves_the_text_as_it_was() -> None:
    promise = replace(PROMISE, credits=(Credit("99.99", "10"), Credit("99.9", "25")))
    one = version(7, component("web"), contract=promise)

    assert from_document(7, json.loads(one.text)) == one
    assert one.digest != version(7, component("web")).digest
    assert "credits" not in version(7, component("web")).text


def test_a_cap_on_planned_work_is_part_of_the_promise_and_its_absence_leaves_the_text_as_it_was() -> None:
    one = version(7, component("web"), contract=replace(PROMISE, cap_us=28_800 * S))

    assert from_document(7, json.loads(one.text)) == one
    assert one.digest != version(7, component("web")).digest
    assert "cap_us" not in version(7, component("web")).text


def test_an_old_document_is_read_under_the_names_of_today() -> None:
    names = {"shop": "store", "shop/web": "store/site", "shop/web/home": "store/site/front"}
    read = from_document(7, as_document(version(7, component("web"))), names)
    assert [one.id for one in read.checks()] == ["store/site/front"]
    assert read.product("store") is not None


def test_the_first_version_also_speaks_for_the_time_before_it() -> None:
    assert history(version(100, component("web"))).product("shop")[0][0] == Span(None, None)


def test_a_new_interval_judges_only_the_silences_that_begin_after_it() -> None:
    policy = history(version(0, component("web")), version(90, component("web", horizon_s=120))).policy_of("shop/web/home")
    assert policy is not None
    assert [policy.horizon_at(at) for at in (0, 89, 90)] == [50 * S, 50 * S, 120 * S]


def test_a_location_counts_from_when_it_was_added_until_it_was_removed() -> None:
    policy = history(
        version(0, component("web")),
        version(90, component("web", locations=("london", "paris"))),
        version(200, component("web", locations=("paris",))),
    ).policy_of("shop/web/home")
    assert policy is not None
    assert policy.locations == (ActiveLocation("london", None, 200), ActiveLocation("paris", 90, None))


def test_a_check_that_was_away_for_a_while_has_no_evidence_of_that_while() -> None:
    policy = history(version(0, component("web")), version(90), version(200, component("web"))).policy_of("shop/web/home")
    assert policy is not None
    assert policy.locations == (ActiveLocation("london", None, 90), ActiveLocation("london", 200, None))
    assert policy.earlier == ()


def test_a_check_that_never_was_has_no_policy() -> None:
    assert history(version(0, component("web"))).policy_of("shop/web/other") is None


def test_a_component_added_later_says_nothing_about_the_time_before() -> None:
    told = history(version(0, component("web")), version(60, component("web"), component("api")))
    timelines = {"shop/web/home": [Segment(0, 100, *UP)], "shop/api/home": [Segment(0, 100, *DOWN)]}
    assert product_segments(told, "shop", timelines, (0, 100)) == [Segment(0, 60, *UP), Segment(60, 100, *DOWN)]


def test_a_component_that_was_removed_still_answers_for_its_time() -> None:
    told = history(version(0, component("web"), component("api")), version(60, component("web")))
    timelines = {"shop/web/home": [Segment(0, 100, *UP)], "shop/api/home": [Segment(0, 60, *DOWN)]}
    assert product_segments(told, "shop", timelines, (0, 100)) == [Segment(0, 60, *DOWN), Segment(60, 100, *UP)]


def test_a_severity_counts_from_when_it_was_given() -> None:
    told = history(version(0, component("web", Severity.MINOR)), version(60, component("web")))
    timelines = {"shop/web/home": [Segment(0, 100, *DOWN)]}
    assert product_segments(told, "shop", timelines, (0, 100)) == [Segment(0, 60, *UP), Segment(60, 100, *DOWN)]


def test_excluded_and_maintained_time_of_a_component_is_up_in_its_product() -> None:
    told = history(version(0, component("web"), component("api")))
    timelines = {"shop/web/home": [Segment(0, 100 * S, *DOWN)], "shop/api/home": [Segment(0, 100 * S, *UP)]}
    aside = Overlays(
        {"shop/web": [Maintenance(50 * S, 60 * S, 0)]},
        {"shop/web": [Adjustment("x", 1, "bea", "their provider", "exclude", 10 * S, 20 * S)]},
    )
    assert product_segments(told, "shop", timelines, (0, 100 * S), aside) == [
        Segment(0, 10 * S, *DOWN),
        Segment(10 * S, 20 * S, *UP),
        Segment(20 * S, 50 * S, *DOWN),
        Segment(50 * S, 60 * S, *UP),
        Segment(60 * S, 100 * S, *DOWN),
    ]


def test_maintenance_counts_by_the_contract_of_its_time() -> None:
    from uptimed.domain.figures import Treatment

    measured = replace(PROMISE, maintenance=Treatment.MEASURED)
    told = history(version(0, component("web")), version(60 * S, component("web"), contract=measured))
    aside = Overlays({"shop/web": [Maintenance(50 * S, 70 * S, 0)]}, {})
    segments = product_segments(told, "shop", {"shop/web/home": [Segment(0, 100 * S, *DOWN)]}, (0, 100 * S), aside)
    assert [(one.from_us // S, one.point) for one in segments] == [(0, State.DOWN), (50, State.UP), (60, State.DOWN)]


def test_a_product_that_was_removed_has_no_segments_of_the_time_after() -> None:
    told = history(version(0, component("web")), version(60), version(80, component("web")))
    timelines = {"shop/web/home": [Segment(0, 60, *UP), Segment(60, 80, *BLIND), Segment(80, 100, *UP)]}
    assert product_segments(told, "shop", timelines, (0, 100)) == [Segment(0, 60, *UP), Segment(80, 100, *UP)]


KUMA = "import:kuma"


def imported(name: str, from_us: int, horizon_s: int = 130) -> ImportedCheck:
    return ImportedCheck(f"shop/{name}/home", KUMA, Rules(horizon_s * S, 1), from_us)


def test_what_was_imported_is_judged_by_its_own_rules_and_only_before_the_first_version() -> None:
    told = ContractHistory([version(100, component("web")), version(200, component("web", horizon_s=90))], [imported("web", 10)])

    policy = told.policy_of("shop/web/home")

    assert policy is not None
    assert policy.locations == (ActiveLocation(KUMA, None, 100), ActiveLocation("london", 100, None))
    assert [policy.horizon_at(at) for at in (0, 99, 100, 200)] == [130 * S, 130 * S, 50 * S, 90 * S]


def test_a_product_is_in_service_from_the_first_imported_result_on_unless_it_says_since_when() -> None:
    first = version(100, component("web"))
    since = replace(first, products=(replace(first.products[0], since_us=5),))

    assert ContractHistory([first], [imported("web", 10)]).service_start_us("shop") == 10
    assert ContractHistory([since], [imported("web", 10)]).service_start_us("shop") == 5


def test_a_product_is_composed_of_what_was_imported_until_its_first_version() -> None:
    """Two monitors, the second from 40 on; the api was never watched before, so it says nothing of that time."""
    told = ContractHistory(
        [version(100, component("web"), component("mail", Severity.MINOR), component("api"))],
        [imported("mail", 40), imported("web", 10)],
    )
    timelines = {
        "shop/web/home": [Segment(10, 120, *UP)],
        "shop/mail/home": [Segment(40, 120, *DOWN)],
        "shop/api/home": [Segment(100, 120, *DOWN)],
    }

    assert product_segments(told, "shop", timelines, (0, 120)) == [
        Segment(0, 10, *BLIND),
        Segment(10, 100, *UP),
        Segment(100, 120, *DOWN),
    ]
    assert [(span, [one.id for one in rule.components]) for span, rule in told.product("shop")] == [
        (Span(None, 40), ["shop/web"]),
        (Span(40, 100), ["shop/web", "shop/mail"]),
        (Span(100, None), ["shop/web", "shop/mail", "shop/api"]),
    ]


def test_a_check_that_joined_its_product_later_is_imported_for_the_time_before_the_product() -> None:
    told = ContractHistory(
        [version(100, component("web")), version(200, component("web"), component("api"))], [imported("api", 10)]
    )

    policy = told.policy_of("shop/api/home")

    assert policy is not None
    assert policy.locations == (ActiveLocation(KUMA, None, 100), ActiveLocation("london", 200, None))


def test_an_import_that_begins_when_we_looked_already_changes_nothing() -> None:
    told, plain = ContractHistory([version(100, component("web"))], [imported("web", 100)]), history(version(100, component("web")))
    assert told.product("shop") == plain.product("shop")
    assert told.policy_of("shop/web/home") == plain.policy_of("shop/web/home")
