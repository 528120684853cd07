"""What a report says, read section by section in both languages, of a year that is known."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from tests.report.conftest import Reporting
from tests.report.year import DAY, ENDED, NOW, PLANNED, instant
from uptimed.domain.catalogue import Credit
from uptimed.domain.credits import statement
from uptimed.domain.maintenance import windows_of
from uptimed.engine.report import PlannedWork, ProductReport, Report
from uptimed.engine.report_facts import Wish
from uptimed.report.blocks import Chapter, Section, Table, Text, View
from uptimed.report.view import view_of

NB, NNB = "\u00a0", "\u202f"


def chapter(view: View, product: str) -> Chapter:
    return next(one for one in view.chapters if one.id == f"p-{product}")


def section(view: View, product: str, name: str) -> Section:
    return next(one for one in chapter(view, product).sections if one.id == f"p-{product}-{name}")


def table(its: Section, at: int = 0) -> list[list[str]]:
    found = [one for one in its.blocks if isinstance(one, Table)]
    return [[plain(f"{cell.text} ({cell.sub})" if cell.sub else cell.text) for cell in row] for row in found[at].rows]


def texts(its: Section) -> list[str]:
    return [plain(one.text) for one in its.blocks if isinstance(one, Text)]


def plain(text: str) -> str:
    return text.replace(NB, " ").replace(NNB, " ")


@pytest.fixture
def english(reported: Reporting) -> View:
    return view_of(reported(), "en", "0.1.0")


@pytest.fixture
def french(reported: Reporting) -> View:
    return view_of(reported(), "fr", "0.1.0")


def with_product(report: Report, product: str, **changes: object) -> View:
    products = tuple(replace(one, **changes) if one.id == product else one for one in report.products)
    return view_of(replace(report, products=products), "en", "0.1.0")


def test_the_first_sentence_is_the_answer(english: View, french: View) -> None:
    assert plain(english.heading) == (
        "Sign In App and Sign In Scheduling met the target of 99.99%, for certain. "
        "Sign In Central Record missed the target of 99.99%."
    )
    assert plain(french.heading) == (
        "Sign In App et Sign In Scheduling ont tenu l’objectif de 99,99 %, c’est certain. "
        "Sign In Central Record a manqué l’objectif de 99,99 %."
    )


@pytest.mark.parametrize(
    ("as_of", "expected"),
    {
        "2026-02-01T00:00:00": (
            "So far, Sign In App and Sign In Scheduling keep to the target of 99.99%. "
            "So far, Sign In Central Record is below the target of 99.99%."
        ),
        "2026-12-31T00:00:00": (
            "So far, Sign In App and Sign In Scheduling keep to the target of 99.99%. "
            "Sign In Central Record has already missed the target of 99.99%."
        ),
    }.items(),
)
def test_of_a_year_that_goes_on_only_what_holds_so_far_is_said(reported: Reporting, as_of: str, expected: str) -> None:
    report = reported(as_of_us=instant(as_of))

    assert plain(view_of(report, "en", "0.1.0").heading) == expected
    assert "The period is not over" in " ".join(view_of(report, "en", "0.1.0").intro)


def test_too_close_to_call_is_never_a_verdict(reported: Reporting) -> None:
    report = reported()
    one = report.products[0]
    doubtful = replace(one.account, verdict=type(one.account.verdict)("undecided"))
    view = with_product(report, "sia", account=doubtful)

    assert "For Sign In App it is too close to call whether the target of 99.99% was met." in plain(view.heading)
    assert chapter(view, "sia").headline.mark == "close"  # type: ignore[union-attr]


def test_a_report_made_before_all_results_have_come_says_so(reported: Reporting) -> None:
    early = view_of(reported(as_of_us=ENDED + DAY), "en", "0.1.0")

    assert any("late results may still arrive until 9 January 2027" in plain(one) for one in early.intro)
    assert texts(section(early, "sia", "records"))[-1] == (
        "Nothing is published yet. The record follows from 9 January 2027 on, when no late result can come any more."
    )


def test_a_report_that_differs_from_its_record_says_so_at_the_top_and_why_below(english: View) -> None:
    assert [plain(one) for one in english.notices] == [
        "Sign In Central Record: this report differs from its published record (section “The published record”)."
    ]
    assert (
        "This report is newer than the record: ADJ-2027-0001 excluded time: Maintenance of the customer’s proxy. "
        "A running uptimed publishes a new revision within a day."
    ) in texts(section(english, "sicr", "records"))


def test_the_figure_by_three_readings(french: View) -> None:
    assert table(section(french, "sia", "figure")) == [
        ["Au moins (tout doute compté comme indisponibilité)", "99,9963 %", "19 min 15 s", "33 min 18 s", "157673627/157679400"],
        ["Mesurée (sur le temps mesuré)", "99,9977 %", "11 min 54 s", "40 min 40 s", "630695727/630709997"],
        ["Au plus (tout doute compté en service)", "99,9980 %", "10 min 54 s", "41 min 40 s", "210234843/210239200"],
    ]


def test_the_time_in_each_state_adds_up_to_the_period(english: View) -> None:
    (states,) = [one for one in section(english, "sia", "states").blocks if isinstance(one, Table)]
    exact = [row[2].text.replace(",", "") for row in states.rows]

    assert exact == ["31533286.35", "1500", "713.5", "380.15", "0", "120"]
    assert states.total[2].text == "31,536,000"
    assert sum(Fraction(one) for one in exact) == 365 * 86_400


def test_an_outage_stands_with_its_instants_its_evidence_and_what_it_costs(french: View) -> None:
    assert table(section(french, "sia", "outages"))[2] == [
        "3 nov. 2026 · Application web (INC-2026-0003 · Le texte attendu manque · 13 échecs depuis Francfort, 13 échecs depuis "
        "Londres et 14 échecs depuis Paris)",
        "10:15:00",
        "10:15:07",
        "10:19:27",
        "10:19:33",
        "4 min 27 s (4 min 07 s – 4 min 48 s)",
        "2 min 27 s (5 %)",
    ]


def test_an_outage_of_a_severe_component_is_listed_and_counts_as_degraded(english: View) -> None:
    (row,) = table(section(english, "sisc", "outages"))

    assert "severe: counts as degraded" in row[0]
    assert row[-1] == "0 s (0%)"


def test_what_was_corrected_stands_with_reason_author_and_what_became_of_it(english: View) -> None:
    excluded, withdrawn = table(section(english, "sia", "corrections"))

    assert excluded == [
        "ADJ-2026-0001 (Sign In App · excluded)",
        "3 Nov 2026 10:16:00",
        "3 Nov 2026 10:18:00",
        "The customer’s own firewall, says their ticket 4711. (under clause 6.2 (b))",
        "Béatrice Aubry (on 4 Nov 2026, 09:12:00 UTC)",
        "2 min",
    ]
    assert withdrawn[3] == (
        "Server logs: 12 400 answers in these minutes. "
        "(Taken back by ADJ-2026-0003 on 6 Nov 2026, 08:30:00 UTC (Béatrice Aubry): The logs were of another day.)"
    )


def test_the_raw_twin_stands_beside_the_contract(english: View) -> None:
    contract, raw = table(section(english, "sia", "raw"))

    assert (contract[1], raw[1]) == ("99.9977%", "99.9973%")
    assert (contract[4], raw[4]) == ("2 min", "0 s")


def test_nothing_set_aside_is_said_in_words(reported: Reporting, english: View) -> None:
    assert texts(section(english, "sisc", "corrections")) == ["Nobody took time out of this account, nor asserted anything in it."]
    assert texts(section(english, "sia", "planned")) == [
        "No work was planned in this period: all of its time counts as it was measured."
    ]
    untouched = with_product(reported(), "sia", raw=reported().products[0].account)
    assert "Nothing was set aside, so both are the same." in texts(section(untouched, "sia", "raw"))


def test_planned_work_is_listed_with_what_of_it_was_set_aside(english: View) -> None:
    assert table(section(english, "sisc", "planned")) == [
        ["A new database (MW-2026-0001 · Sign In Scheduling)", *SPAN, "10 Apr 2026 09:00:00", "2 h"],
        [
            "The mail server moves (MW-2026-0002 · Reminders by mail)",
            "14 Jun 2026 21:00:00",
            "14 Jun 2026 22:00:00",
            "14 Jun 2026 19:00:00",
            "0 s",
        ],
    ]


SPAN = ("19 Apr 2026 04:00:00", "19 Apr 2026 06:00:00")


@pytest.mark.parametrize(
    ("kind", "at", "to", "expected"),
    [
        ("finished", "2026-04-19T05:00:00", "", ["19 Apr 2026 04:00:00", "19 Apr 2026 05:00:00 (finished early)"]),
        ("cancelled", "2026-04-15T05:00:00", "", [SPAN[0], f"{SPAN[1]} (cancelled)"]),
        ("extended", "2026-04-19T05:00:00", "2026-04-19T07:00:00", [SPAN[0], "19 Apr 2026 07:00:00 (extended)"]),
    ],
)
def test_what_became_of_planned_work_is_said(reported: Reporting, kind: str, at: str, to: str, expected: list[str]) -> None:
    later = PLANNED[0]._replace(
        id="MW-2026-0001/2", kind=kind, at_us=instant(at), from_us=PLANNED[0].to_us, to_us=instant(to or at)
    )
    (window,) = windows_of([PLANNED[0], later], lambda _: ())
    view = with_product(reported(), "sisc", planned=(PlannedWork(window, 0),))

    assert table(section(view, "sisc", "planned"))[0][1:3] == expected


TABLE = (Credit("99.99", "10"), Credit("99.9", "25"), Credit("99", "50"))


@pytest.mark.parametrize(
    ("product", "sentence"),
    [
        ("sia", "It is certain that no credit is owed."),
        ("sicr", "A credit of 10% is owed, for certain. No larger credit is possible."),
    ],
)
def test_what_credit_is_owed_is_said_in_one_sentence(english: View, product: str, sentence: str) -> None:
    assert texts(section(english, product, "credits"))[1] == sentence


def test_where_the_readings_differ_each_is_said(reported: Reporting) -> None:
    one: ProductReport = reported().products[0]
    sums = one.account.figures._replace(d_lo_ns=0, d_hi_ns=40_000 * 1_000_000_000)
    view = with_product(reported(), "sia", credits=statement(replace(one.account, figures=sums), TABLE))

    assert texts(section(view, "sia", "credits"))[1] == (
        "No credit is owed for certain. A credit of 25% is possible: what was not measured cannot rule it out. "
        "By the measured figure it would be none."
    )


def test_answers_to_incidents_are_put_against_what_was_promised(english: View) -> None:
    line = table(section(english, "sia", "responses"))

    assert line == [["Critical", "within 1 hour, at any hour", "3", "1 (50%)", "1", "1", "9 min 07 s", "1 h 12 min"]]
    assert [row[-1] for row in table(section(english, "sia", "responses"), 1)] == [
        "12 Mar 2026 08:12:03 (in time)",
        "– (over before it was due)",
        "3 Nov 2026 11:26:30 (late)",
    ]


def test_what_may_have_escaped_is_told_or_said_not_to_be_known(reported: Reporting) -> None:
    one = reported().products[0]
    unknown = texts(section(view_of(reported(), "en", "0"), "sia", "blind"))
    told = with_product(reported(), "sia", unseen=replace(one.unseen, resolution_us=20_150_000, at_most_us=60_450_000))

    assert unknown[-1] == "How long an outage may have escaped cannot be told: the raw results of this period are not all kept."
    assert texts(section(told, "sia", "blind"))[1:] == [
        "In measured time, no outage longer than 21 s can have escaped the bounds.",
        "Of shorter ones we saw none; those that nobody saw add up to at most 1 min 01 s, with 95% confidence.",
    ]


def test_of_many_blind_stretches_the_longest_are_shown_and_the_rest_added_up(reported: Reporting) -> None:
    second = 1_000_000
    many = tuple((DAY * day, DAY * day + (100 - day) * second) for day in range(50))
    view = with_product(reported(), "sia", blind=many)
    (shown,) = [one for one in section(view, "sia", "blind").blocks if isinstance(one, Table)]

    assert len(shown.rows) == 30
    assert plain(shown.total[0].text) == "and 20 shorter ones, together 20 min 10 s"


def test_a_month_has_days_where_a_year_has_months(reported: Reporting) -> None:
    march = view_of(reported(Wish(2026, 3, "sia")), "fr", "0.1.0")
    rows = table(section(march, "sia", "parts"))

    assert march.period == "Mars 2026"
    assert len(rows) == 31
    assert rows[0][0] == "1er mars 2026"
    assert rows[11] == ["12 mars 2026", "99,4438 %", "99,4211 % – 99,4678 %", "8 min 01 s", "0 s", "180 %"]


def test_the_worst_windows_say_from_which_length_on_the_target_is_kept(english: View) -> None:
    its = section(english, "sia", "worst")

    assert "From windows of 67 d 11 h on, the measured figure is never below the target." in texts(its)
    assert table(its)[0][:3] == ["1 minute", "1 min", "0.0000%"]
    assert table(its)[-1][:3] == ["The whole period", "11 min 54 s (10 min 54 s – 19 min 15 s)", "99.9977%"]


def test_a_product_that_is_configured_no_more_goes_by_its_id(reported: Reporting) -> None:
    report = reported()
    fewer = replace(report.catalogue, products=report.catalogue.products[1:])
    view = view_of(replace(report, catalogue=fewer), "en", "0.1.0")

    assert "sia/web" in table(section(view, "sia", "outages"))[0][0]


def test_every_section_has_its_number_and_every_anchor_is_its_own(view: View) -> None:
    numbers = [one.number for chapter_ in view.chapters for one in chapter_.sections]
    anchors = [one.id for chapter_ in view.chapters for one in (chapter_, *chapter_.sections)]

    assert len(set(numbers)) == len(numbers)
    assert len(set(anchors)) == len(anchors)


def test_as_of_an_instant_before_its_publication_a_record_is_not_told_of(reported: Reporting) -> None:
    report = reported(as_of_us=instant("2026-10-20T09:00:00"))

    assert [one.records for one in report.products] == [(), (), ()]
    assert not view_of(report, "en", "0.1.0").notices
    assert report.as_of_us < NOW
