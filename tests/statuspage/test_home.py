"""What the home page says about the facts, in both languages."""

from __future__ import annotations

import html
import re

import pytest

from statuspage.site import render
from statuspage.snapshot import Bounds, DayMark, LocationView, Snapshot, Stretch, SupportView
from statuspage.support_view import contact_links
from statuspage.voice import Voice
from tests.statuspage.builders import (
    MINUTE,
    NOW,
    adjustment,
    an_incident_day,
    both,
    closed_incident,
    component,
    figures,
    open_incident,
    outage,
    product,
    quiet_year,
    snapshot,
    update,
    us,
)


def text(facts: Snapshot, path: str = "/en/") -> str:
    """The words of a page as one line, no-break spaces as plain ones."""
    page = render(facts, facts.as_of_us).pages[path].body.decode()
    body = re.sub(r"<head>.*?</head>", " ", page, flags=re.DOTALL)
    plain = html.unescape(re.sub(r"<[^>]+>", " ", body)).replace("\u00a0", " ").replace("\u202f", " ")
    return re.sub(r"\s+([.,;)])", r"\1", re.sub(r"\s+", " ", plain))


STATES = [
    ("working", "Working", "En service"),
    ("slow", "Slow", "Ralenti"),
    ("partly_down", "Partly down", "Panne partielle"),
    ("down", "Down", "Indisponible"),
    ("planned", "Planned work", "Travaux prévus"),
    ("unmeasured", "No measurement", "Sans mesure"),
]


@pytest.mark.parametrize(("state", "english", "french"), STATES)
def test_every_state_has_its_word_and_mark_for_products_and_components(state: str, english: str, french: str):
    facts = snapshot(products=(product(state=state),))

    for path, word in (("/en/", english), ("/fr/", french)):
        page = render(facts, NOW).pages[path].body.decode()
        assert text(facts, path).count(word) >= 2
        assert page.count(f'class="ic c-{state}"') >= 2


def test_a_component_in_trouble_says_since_when():
    assert "Web Down since 12:52" in text(an_incident_day())
    assert "Web Indisponible depuis 12 h 52" in text(an_incident_day(), "/fr/")


def test_the_page_says_when_how_often_and_from_where_it_was_checked():
    assert "Checked at 13:07:32, London time, every 20 seconds from London." in text(snapshot())
    assert "Vérifié à 13:07:32, heure de Londres, toutes les 20 secondes depuis Londres." in text(snapshot(), "/fr/")


def test_a_place_that_is_silent_is_named():
    places = (LocationView("a", both("Paris"), measuring=True), LocationView("b", both("Montréal"), measuring=False))

    assert "from Paris and Montréal. No news from Montréal right now." in text(snapshot(locations=places))


@pytest.mark.parametrize(
    ("seconds", "said"), [(1, "every second"), (20, "every 20 seconds"), (60, "every minute"), (300, "every 5 minutes")]
)
def test_the_rhythm_is_said_in_words(seconds: int, said: str):
    assert f"{said} from" in text(snapshot(every_s=seconds))


def test_an_open_incident_stands_under_the_answer_with_its_news():
    said = text(an_incident_day())

    assert "Detected · Critical · started at 12:52 (15 min) · latest news at 12:53" in said
    assert "Signing in fails from London. We are alerting the person on call. (written automatically by our checks)" in said
    assert "Next news by 13:23, even if nothing has changed." in said
    assert "Prochaine nouvelle avant 13 h 23, même si rien n’a changé." in text(an_incident_day(), "/fr/")


def test_news_by_a_person_are_not_called_automatic():
    facts = snapshot(incidents=(open_incident(updates=(update(automatic=False),)),))

    assert "written automatically" not in text(facts)


def test_news_that_are_late_are_said_to_be_late():
    facts = snapshot(incidents=(open_incident(next_update_by_us=NOW - 37 * MINUTE),))

    assert "This news is late. It was due at 12:30." in text(facts)
    assert "Cette nouvelle est en retard. Elle était due à 12 h 30." in text(facts, "/fr/")


def test_an_incident_of_yesterday_says_its_day():
    facts = snapshot(incidents=(open_incident(began_us=us("2026-11-23T22:00:00")),))

    assert "started on 23 Nov 2026, 22:00 (15 h 08 min)" in text(facts)


def test_a_text_that_exists_in_one_language_only_is_marked_as_such():
    page = render(snapshot(incidents=(open_incident(title={"en": "Kiosks fail"}),)), NOW).pages["/fr/"].body.decode()

    assert '<span lang="en">Kiosks fail</span>' in page


def test_the_figure_stands_with_its_bounds_budget_and_unmeasured_time():
    said = text(snapshot())

    assert "2026 so far Availability: 99.9968% at least 99.9953%, at most 99.9973%" in said
    assert (
        "16 min 30 s of 52 min 34 s used (32%) between 28 min 03 s and 36 min 03 s left Target met so far unmeasured: 6 min" in said
    )
    assert "Target for each product: 99.99%, that is at most 52 min 34 s of downtime a year." in said
    french = text(snapshot(), "/fr/")
    assert "2026 à ce jour Disponibilité : 99,9968 % au moins 99,9953 %, au plus 99,9973 %" in french
    assert (
        "16 min 30 s sur 52 min 34 s (32 %) il reste entre 28 min 03 s et 36 min 03 s Objectif tenu à ce jour sans mesure : 6 min"
        in french
    )


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"verdict": "missed", "to_date": "undecided"}, "Target missed"),
        ({"verdict": "undecided", "to_date": "met"}, "Target met so far unmeasured"),
        ({"to_date": "missed", "budget_possible_s": 3153, "budget_sure_s": 0}, "Within this year’s allowance so far unmeasured"),
        ({"to_date": "undecided"}, "Within this year’s allowance so far unmeasured"),
        ({"to_date": "missed", "to_us": NOW}, "Too close to call"),
        ({"to_date": "undecided", "budget_possible_s": 3154, "budget_sure_s": -1}, "Too close to call"),
        ({"verdict": "met", "to_date": "met", "to_us": NOW}, "Target met unmeasured"),
        ({"budget_remaining_s": 0}, "nothing left Target met"),
        ({"budget_remaining_s": -60}, "nothing left Target met"),
        ({"budget_possible_s": 4000, "budget_sure_s": -847}, "at most 36 min 03 s left"),
        ({"budget_possible_s": 990, "budget_sure_s": 2163}, "used (32%) 36 min 03 s left"),
        ({"budget_possible_s": 1000, "budget_sure_s": None}, "between 35 min 54 s and 36 min 03 s left"),
        ({"point": None, "lower": None, "upper": None}, "Nothing measured yet"),
        ({"point": "100.0000", "down_s": 0, "unmeasured_s": 0}, "Availability: 100% "),
        ({"point": "100.0000", "down_s": 0, "unmeasured_s": 1}, "Availability: 100.0000% "),
        ({"unmeasured_s": 0}, "unmeasured: 0 s"),
        ({"maintenance_s": 7200, "excluded_s": 61}, "unmeasured: 6 min · planned work: 2 h · set aside: 1 min 01 s"),
    ],
)
def test_the_year_is_never_said_better_than_it_is(changes: dict[str, object], said: str):
    assert said in text(snapshot(products=(product(year=figures(**changes)),)))


def test_no_tick_stands_beside_a_figure_that_is_below_the_target_to_date():
    young = figures(point="35.0076", lower="34.9", upper="35.1", to_date="missed")
    its = snapshot(products=(product(year=young),))
    pages = render(its, its.as_of_us).pages
    page, french = (pages[path].body.decode() for path in ("/en/", "/fr/"))

    assert "35.0076%" in page
    assert 'c-met"' not in page
    assert 'class="verdict c-within"' in page
    assert "Dans la limite de l’année, à ce jour" in french


CORRECTED = figures(
    adjustments=(
        adjustment(reason="The customer's own firewall <b>."),
        adjustment(
            "ADJ-2026-0002", scope="sia/web", state="up", clause="", from_us=NOW - 30_500_000, to_us=NOW, reason="Seen in logs."
        ),
        adjustment("ADJ-2026-0003", scope="sia/gone", state="down", clause="", reason="Seen by hand."),
    ),
    raw=Bounds("99.9902", "99.9887", "99.9907"),
)


def test_what_people_corrected_stands_beside_the_figure_with_its_reason_and_the_figure_without_it():
    facts = snapshot(products=(product(year=CORRECTED),))
    said = text(facts)

    assert "as measured, with nothing set aside: 99.9902% (at least 99.9887%, at most 99.9907%)" in said
    assert "3 corrections, with their reasons (Sign In App)" in said
    assert "12 Mar 2026, 08:00 for 13 min 30 s: does not count. The customer's own firewall <b>. (6.2)" in said
    assert "Web, 24 Nov 2026, 13:07 for 31 s: counts as working, from other evidence. Seen in logs. sia/gone, 12 Mar" in said
    assert "08:00 for 13 min 30 s: counts as down, from other evidence. Seen by hand." in said
    french = text(facts, "/fr/")
    assert "tel que mesuré, sans rien mettre à part : 99,9902 % (au moins 99,9887 %, au plus 99,9907 %)" in french
    assert "12 mars 2026, 8 h 00, pendant 13 min 30 s : ne compte pas. The customer's own firewall <b>. (6.2)" in french


def test_where_nothing_was_corrected_there_is_no_word_of_it():
    assert "correction" not in text(snapshot())
    assert "nothing set aside" not in text(snapshot())


def test_planned_work_alone_shows_the_figure_without_it_and_a_year_without_measurement_its_bounds():
    planned = figures(raw=Bounds(None, "0.0000", "100.0000"))

    assert "as measured, with nothing set aside: at least 0.0000%, at most 100.0000%" in text(
        snapshot(products=(product(year=planned),))
    )
    assert "correction" not in text(snapshot(products=(product(year=planned),)))
    uncounted = figures(raw=Bounds(None, None, None))
    assert "nothing set aside" not in text(snapshot(products=(product(year=uncounted),)))


def test_products_that_promise_different_things_have_no_common_target():
    other = product("b", year=figures(target="99.9", budget_allowed_s=31_536))

    assert "Target for each product" not in text(snapshot(products=(product(), other)))


def test_a_service_that_began_today_claims_nothing_about_before():
    began = NOW - 60 * MINUTE
    new = product(created_at_us=began, year=figures(from_us=began, budget_allowed_s=320))
    facts = snapshot(products=(new,))

    assert "(no outage since 24 Nov 2026, 12:07)" in text(facts)
    assert 'class="ln" d="M1380 8H1440"' in render(facts, NOW).pages["/en/"].body.decode()
    assert "at most 5 min 20 s of downtime from the start of service to the end of the year." in text(facts)


def test_days_that_were_not_quiet_are_drawn_and_listed():
    days = quiet_year(
        d2026_03_12=DayMark("2026-03-12", "down", down_s=810),
        d2026_07_02=DayMark("2026-07-02", "unmeasured", unmeasured_s=360),
        d2026_02_11=DayMark("2026-02-11", "slow"),
        d2026_02_09=DayMark("2026-02-09", "degraded", degraded_s=95),
    )
    facts = snapshot(products=(product(days=days),))

    assert "4 days that were not quiet" in text(facts)
    assert "2 July 2026: no measurement for 6 min 12 March 2026: down for 13 min 30 s" in text(facts)
    assert "11 February 2026: Slow 9 February 2026: degraded for 1 min 35 s" in text(facts)
    assert "12 mars 2026 : indisponible pendant 13 min 30 s" in text(facts, "/fr/")
    assert "9 février 2026 : dégradé pendant 1 min 35 s" in text(facts, "/fr/")
    assert "Calendar of the last 365 days: 1 day with an outage." in render(facts, NOW).pages["/en/"].body.decode()


def test_degraded_time_whose_kind_is_not_known_any_more_is_called_neither_slow_nor_partly_down():
    day = (Stretch(NOW - 20 * MINUTE, NOW - 15 * MINUTE, "degraded"),)
    facts = snapshot(products=(product(days=quiet_year(d2026_02_09=DayMark("2026-02-09", "degraded")), day=day),))
    page = render(facts, NOW).pages["/en/"].body.decode()

    assert 'class="m-degraded"' in page
    assert 'class="dr dr-degraded"' in page
    assert "(degraded for 5 min)" in text(facts)
    assert "quiet day degraded: slow or partly down down for under 2 min" in text(facts)
    assert "dégradé : ralenti ou panne partielle" in text(facts, "/fr/")
    assert "m-partly_down" not in page


def test_the_last_day_is_told_to_those_who_do_not_see_the_line():
    day = (Stretch(NOW - 400 * MINUTE, NOW - 330 * MINUTE, "slow"), Stretch(NOW - 15 * MINUTE, NOW, "down"))

    assert "(down for 15 min and slow for 1 h 10 min)" in text(snapshot(products=(product(day=day),)))
    assert "(no outage in 24 hours)" in text(snapshot())


def test_what_happened_before_the_last_day_is_cut_off():
    day = (Stretch(NOW - 30 * 60 * MINUTE, NOW - 23 * 60 * MINUTE, "down"),)

    assert "(down for 1 h)" in text(snapshot(products=(product(day=day),)))


def test_recent_incidents_say_how_long_they_lasted_and_how_surely():
    said = text(snapshot(incidents=(closed_incident(),)))

    assert "3 Nov 2026 10:15 Kiosks signed out by mistake Sign In App 4 min 30 s between 4 min 10 s and 4 min 50 s" in said
    assert "The last outage was on 3 November and lasted 4 min 30 s." in said
    assert "La dernière indisponibilité date du 3 novembre et a duré 4 min 30 s." in text(
        snapshot(incidents=(closed_incident(),)), "/fr/"
    )


def test_only_five_closed_incidents_stand_on_the_home_page():
    many = tuple(closed_incident(id=f"INC-2026-{n:04d}") for n in range(9))

    assert text(snapshot(incidents=many)).count("Kiosks signed out by mistake") == 5


def test_a_quiet_season_is_said_once():
    assert "No incident to report in the last 90 days." in text(snapshot())
    assert "No outage in the last 90 days." in text(snapshot())
    assert "No other incident to report in the last 90 days." in text(snapshot(incidents=(open_incident(),)))
    assert "No outage in the last 2 days." in text(snapshot(site_created_us=NOW - 2 * 24 * 60 * MINUTE))


@pytest.mark.parametrize(
    ("support", "english", "french"),
    [
        (
            SupportView(is_open=True, changes_at_us=us("2026-11-28T00:00:00"), rows=()),
            "Support is open now, until Friday at midnight.",
            "L’assistance est ouverte, jusqu’à vendredi à minuit.",
        ),
        (
            SupportView(is_open=True, changes_at_us=us("2026-11-24T18:00:00"), rows=()),
            "Support is open now, until Tuesday at 18:00.",
            "L’assistance est ouverte, jusqu’à mardi à 18 h 00.",
        ),
        (
            SupportView(is_open=False, changes_at_us=us("2026-11-30T00:00:00"), rows=(("critical", 3600, "always"),)),
            "Support is closed, opens Monday at 00:00. Critical incidents: call at any hour.",
            "L’assistance est fermée, elle ouvre lundi à 0 h 00. Incident critique : appelez à toute heure.",
        ),
        (
            SupportView(is_open=False, changes_at_us=us("2026-12-24T09:00:00"), rows=()),
            "Support is closed, opens Thursday 24 December at 09:00.",
            "L’assistance est fermée, elle ouvre jeudi 24 décembre à 9 h 00.",
        ),
        (
            SupportView(is_open=True, changes_at_us=None, rows=()),
            "Support is open at any hour.",
            "L’assistance est ouverte à toute heure.",
        ),
    ],
)
def test_support_says_whether_it_is_open_and_until_when(support: SupportView, english: str, french: str):
    assert english in text(snapshot(support=support))
    assert french in text(snapshot(support=support), "/fr/")


def test_how_fast_a_person_answers_is_promised_by_severity():
    said = text(snapshot())

    assert "Critical nobody can work within 1 h at any hour, every day" in said
    assert "Minor cosmetic within 1 week by the calendar" in said


def test_products_that_are_reached_in_the_same_way_stand_together():
    assert "Sign In App, Sign In Central Record and Sign In Scheduling support@example.com Chat on www.example.com" in text(
        snapshot()
    )


@pytest.mark.parametrize(
    ("given", "links"),
    [
        ({"email": "a+b@example.com"}, ["mailto:a+b@example.com"]),
        ({"email": 'a@b.c"><script>'}, []),
        ({"email": "a@b.c?bcc=x@y.z"}, []),
        ({"chat": "https://chat.example.com/x"}, ["https://chat.example.com/x"]),
        ({"chat": "javascript:alert(1)"}, []),
        ({"chat": "https://"}, []),
        ({"phone": "+44 20 7946 0000"}, ["tel:+442079460000"]),
        ({"phone": "call me"}, []),
        ({}, []),
    ],
)
def test_only_harmless_addresses_become_links(given: dict[str, str], links: list[str]):
    assert [href for href, _ in contact_links(given, Voice("en", "UTC"))] == links


def test_a_snapshot_without_drawings_or_figures_is_a_page_all_the_same():
    bare = product(days=(), day=(), year=None, support={}, components=(component(since_us=None),))

    said = text(snapshot(products=(bare,), support=None, locations=(), site_created_us=0))

    assert "Checked at 13:07:32, London time, every 20 seconds." in said
    assert "Availability" not in said


def test_an_incident_has_a_page_with_its_news_and_evidence():
    said = text(an_incident_day(), "/en/i/INC-2026-0001/")

    assert "Current state / Incident INC-2026-0001" in said
    assert "Lasted 4 min 30 s between 4 min 10 s and 4 min 50 s" in said
    assert "Ended 3 Nov 2026, 10:19 London time" in said
    assert "Severity Critical nobody can work" in said
    assert "3 Nov 2026, 10:20 Resolved" in said
    assert "Web: Down, then Working" in said
    assert "Web No connection could be made, seen from London. 10:14:52 10:15:12 10:19:22 10:19:42 4 min 30 s" in said


def test_the_page_of_an_open_incident_counts_so_far():
    said = text(an_incident_day(), "/fr/i/INC-2026-0002/")

    assert "Jusqu’ici 15 min" in said
    assert "Fin pas encore" in said
    assert "Dernière bonne réponse" in said


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("connect_refused", "No connection could be made"),
        ("connect_timeout", "No answer in time"),
        ("tls_expired", "The secure connection failed"),
        ("http_status", "The answer was wrong"),
        ("something_new", "The check failed"),
    ],
)
def test_a_reason_is_said_in_words_for_the_public(code: str, words: str):
    one = closed_incident(outages=(outage(reason=code),))

    said = text(snapshot(incidents=(one,)), "/en/i/INC-2026-0001/")

    assert f"{words}, seen from London." in said
    assert code not in said


def test_an_incident_that_is_open_has_no_tick_although_all_it_affects_works():
    its = snapshot(incidents=(open_incident(severity="minor"),))
    page = render(its, its.as_of_us).pages["/en/"].body.decode()

    assert 'class="note c-open"' in page
    assert 'class="note c-working"' not in page


@pytest.mark.parametrize(
    ("zone", "choices"), [("UTC", ["ref", "me"]), ("Etc/UTC", ["ref", "me"]), ("Europe/Paris", ["ref", "utc", "me"])]
)
def test_the_time_switch_offers_utc_once(zone: str, choices: list[str]):
    its = snapshot(timezone=zone)
    page = render(its, its.as_of_us).pages["/en/"].body.decode()

    assert re.findall(r'name="tz" value="(\w+)"', page) == choices
