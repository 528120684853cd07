"""What people read: every fact that matters, in both languages, harmless whatever the peer said."""

from __future__ import annotations

import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probes.reasons import REASONS
from tests.notify.builders import SILENCE, VOICE, a_message, about, about_budget
from uptimed.domain.messages import Kind, Message
from uptimed.notify.facts import clean, paragraphs
from uptimed.notify.moments import duration
from uptimed.notify.reasons import WORDED_IN_FRENCH, why
from uptimed.notify.wording import BODY_LIMIT, SHORT_LIMIT, SUBJECT_LIMIT, Text, Voice, words

NBSP = "\u00a0"


def whole(text: Text) -> str:
    """Everything that is read, with ordinary spaces."""
    return f"{text.subject}\n{text.short}\n{text.body}".replace(NBSP, " ").replace("\u202f", " ")


@pytest.mark.parametrize(
    "fact",
    [
        "[Down]",
        "Sign In App: Web application is down.",
        "The connection was refused",
        "192.0.2.1:443 refused the connection",
        "sia/web/home",
        "Seen from: London",
        "24 July 2026, 15:07 BST (14:07:03 UTC)",
        "Critical (nobody can work)",
        "Answer due by: 24 July 2026, 16:07 BST",
        "uptimed incident ack INC-2026-0001",
        "https://status.example.com/en/i/INC-2026-0001",
        "Sign In Solutions",
    ],
)
def test_an_opened_incident_says_in_english(fact: str):
    assert fact in whole(words(a_message(), VOICE))


@pytest.mark.parametrize(
    "fact",
    [
        "[Indisponible]",
        "Sign In App : Application web ne répond plus.",
        "La connexion a été refusée",
        "Vu depuis : Londres",
        "24 juillet 2026, 15 h 07 BST (14:07:03 UTC)",
        "Critique (plus personne ne peut travailler)",
        "Réponse due avant : 24 juillet 2026, 16 h 07 BST",
        "uptimed incident ack INC-2026-0001",
        "https://status.example.com/fr/i/INC-2026-0001",
    ],
)
def test_an_opened_incident_says_in_french(fact: str):
    assert fact in whole(words(a_message(language="fr"), VOICE))


def test_the_short_line_alone_is_enough_for_a_pager():
    short = words(a_message(), VOICE).short.replace(NBSP, " ")
    assert short == (
        "Sign In App: Web application is down. The connection was refused. Since 15:07 BST. Answer due by 16:07 BST. "
        "https://status.example.com/en/i/INC-2026-0001"
    )


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("en", "Web application and Sign-in are down."),
        ("fr", "Application web et Accueil ne répondent plus."),
    ],
)
def test_several_components_agree_with_their_verb(language: str, sentence: str):
    components = [
        {"id": "sia/web", "name": {"en": "Web application", "fr": "Application web"}},
        {"id": "sia/in", "name": {"en": "Sign-in", "fr": "Accueil"}},
    ]
    assert sentence in whole(words(a_message(language=language, payload=about(components=components)), VOICE))


@pytest.mark.parametrize(
    ("language", "sentences"),
    [
        (
            "en",
            ["[Resolved]", "Web application works again. From beginning to end: 16 min 30 s.", "Ended: 24 July"],
        ),
        (
            "fr",
            [
                "[Résolu]",
                "Application web fonctionne de nouveau. Du début à la fin : 16 min 30 s.",
                "Fin : 24 juillet",
            ],
        ),
    ],
)
def test_a_recovery_says_how_long_it_was_down(language: str, sentences: list[str]):
    payload = about(stage="resolved", ended_at="2026-07-24T14:23:33.120Z", resolved_at="2026-07-24T14:24:01.000Z")
    said = whole(words(a_message(kind=Kind.INCIDENT_RESOLVED, language=language, payload=payload), VOICE))
    for sentence in sentences:
        assert sentence in said


def test_the_length_is_measured_from_end_to_end_and_not_to_when_we_knew():
    only_known = about(resolved_at="2026-07-24T14:08:03.120Z")
    assert "1 min" in whole(words(a_message(kind=Kind.INCIDENT_RESOLVED, payload=only_known), VOICE))
    measured = about(ended_at="2026-07-24T14:07:33.120Z", resolved_at="2026-07-24T14:08:03.120Z")
    assert "30 s" in whole(words(a_message(kind=Kind.INCIDENT_RESOLVED, payload=measured), VOICE))


def test_an_update_brings_the_persons_words_and_the_stage():
    update = {"id": "u1", "text": {"en": "A disk was full.\n\nWe are making room."}, "author": "ops1", "automatic": False}
    text = words(a_message(kind=Kind.INCIDENT_UPDATED, payload=about(stage="identified", update=update)), VOICE)
    assert "[Update]" in text.subject
    assert "Cause found." in text.body
    assert "A disk was full.\n\nWe are making room." in text.body
    assert "Written by ops1." in text.body
    assert "A disk was full. We are making room." in text.short


def test_a_later_step_of_the_escalation_says_that_nobody_has_answered():
    assert "Nobody has acknowledged this yet (step 3)." in words(a_message(payload=about(step=2)), VOICE).short


def test_an_incident_opened_by_a_person_is_not_called_down():
    text = words(a_message(payload=about(automatic=False, reason="", title={"en": "Booking links fail for some"})), VOICE)
    assert text.subject.startswith("[Incident]")
    assert "An incident was opened: Booking links fail for some." in text.body


@pytest.mark.parametrize(("language", "said"), [("en", "Possible repeat"), ("fr", "Répétition possible")])
def test_a_possible_repeat_is_marked_in_short_and_body(language: str, said: str):
    text = words(a_message(language=language, possible_repeat=True), VOICE)
    assert said in text.short
    assert said in text.body


@pytest.mark.parametrize(
    ("kind", "language", "said"),
    [
        (Kind.MONITOR_IMPAIRED, "en", "The monitor cannot see from London. The monitor's own network is cut off."),
        (Kind.MONITOR_IMPAIRED, "fr", "La surveillance ne voit plus rien depuis Londres. Le réseau du moniteur est coupé."),
        (Kind.MONITOR_RECOVERED, "en", "The monitor sees again from London."),
        (Kind.MONITOR_RECOVERED, "fr", "La surveillance voit de nouveau depuis Londres."),
    ],
)
def test_trouble_of_the_monitor_is_told_as_its_own(kind: Kind, language: str, said: str):
    facts = {"monitor": {"reason": "network_unreachable", "detail": "", "since": "2026-07-24T14:07:03Z", "location": "local"}}
    assert said in whole(words(a_message(kind=kind, incident=None, language=language, payload=facts), VOICE))


BURNING, LOW, ENDING = Kind.BUDGET_BURNING, Kind.BUDGET_LOW, Kind.BUDGET_EXHAUSTION_PROJECTED


@pytest.mark.parametrize(
    ("kind", "payload", "language", "sentences"),
    [
        (
            BURNING,
            about_budget(),
            "en",
            [
                "[Budget burning] Sign In App – 1 min 04 s in the last hour",
                "Sign In App: 1 min 04 s of downtime in the last hour. 52 min 34 s are allowed for 2026, 36 min 03 s are left.",
                "Used: 16 min 30 s of 52 min 34 s (target 99.99%)",
                "What to do: look at its open incidents now;",
                "https://status.example.com/en/",
            ],
        ),
        (
            BURNING,
            about_budget("ticket-3d"),
            "fr",
            [
                "[Budget consommé trop vite] Sign In App – 1 min 04 s pendant la dernière heure",
                "52 min 34 s sont admises pour 2026, il reste 36 min 03 s.",
                "Consommé : 16 min 30 s sur 52 min 34 s (objectif 99,99 %)",
                "Que faire : cherchez dans la liste de ses pannes ce qui revient",
                "https://status.example.com/fr/",
            ],
        ),
        (BURNING, about_budget(remaining=-5), "en", ["52 min 34 s are allowed for 2026, all of it is spent."]),
        (
            LOW,
            about_budget(remaining=890),
            "en",
            ["[Budget low] Sign In App – 14 min 50 s", "Sign In App: 14 min 50 s of downtime are left for 2026.", "What to do:"],
        ),
        (LOW, about_budget(remaining=890), "fr", ["[Budget bientôt épuisé]", "Il reste 14 min 50 s d’indisponibilité admise"]),
        (LOW, about_budget(remaining=0), "en", ["[Budget spent] Sign In App – 2026", "52 min 34 s of downtime allowed for 2026"]),
        (LOW, about_budget(remaining=-130), "en", ["[Budget spent]", "Overdrawn by 2 min 10 s."]),
        (LOW, about_budget(remaining=-130), "fr", ["[Budget épuisé]", "Dépassement : 2 min 10 s."]),
        (
            ENDING,
            about_budget("exhaustion"),
            "en",
            ["[Budget ending]", "At the pace of the last 30 days, the downtime allowed for 2026 is spent on 3 December 2026."],
        ),
        (ENDING, about_budget("exhaustion"), "fr", ["[Fin du budget en vue]", "sera consommée le 3 décembre 2026."]),
        (
            Kind.MEASUREMENT_LOST,
            SILENCE,
            "en",
            [
                "[Not measured] Web application (Sign In App) and sicr/api (sicr)",
                "We no longer measure Web application (Sign In App) and sicr/api (sicr). Time without measurement counts neither",
                "Web application (Sign In App): since 24 July 2026, 15:07 BST (14:07:03 UTC)",
                "What to do: run “uptimed check --all”",
            ],
        ),
        (
            Kind.MEASUREMENT_LOST,
            SILENCE,
            "fr",
            ["[Sans mesure]", "Nous ne mesurons plus Application web (Sign In App)"],
        ),
        (Kind.MEASUREMENT_RECOVERED, SILENCE, "en", ["[Measured again]", "We measure Web application (Sign In App) and sicr/api"]),
        (Kind.MEASUREMENT_RECOVERED, SILENCE, "fr", ["[De nouveau mesuré]", "Nous mesurons de nouveau Application web"]),
    ],
)
def test_budgets_and_silence_say_what_happened_to_what_and_what_to_do(
    kind: Kind, payload: Any, language: str, sentences: list[str]
):
    said = whole(words(a_message(kind=kind, incident=None, language=language, payload=payload), VOICE))
    for sentence in sentences:
        assert sentence in said


def test_what_is_left_is_rounded_down_beyond_an_hour_too():
    payload = about_budget(allowed=31_536, remaining=7_259)
    assert "2 h 00 min of downtime are left" in whole(words(a_message(kind=LOW, incident=None, payload=payload), VOICE))


def test_every_reason_has_words_in_french_too():
    assert set(REASONS) == WORDED_IN_FRENCH


def test_a_reason_of_a_newer_worker_is_shown_as_it_is():
    assert why("quic_refused", "fr") == "Quic refused"


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0, "0 s"), (0.2, "1 s"), (59, "59 s"), (60, "1 min"), (990, "16 min 30 s"), (3_599.5, "1 h 00 min"), (3_720, "1 h 02 min")],
)
def test_durations_are_rounded_up(seconds: float, said: str):
    assert duration(seconds).replace(NBSP, " ") == said


@pytest.mark.parametrize(
    ("zone", "said"),
    [
        ("UTC", "24 July 2026, 14:07 UTC (14:07:03 UTC)"),
        ("Asia/Tokyo", "24 July 2026, 23:07 JST (14:07:03 UTC)"),
        ("Pacific/Auckland", "25 July 2026, 02:07 NZST (2026-07-24 14:07:03 UTC)"),
        ("America/Sao_Paulo", "24 July 2026, 11:07 UTC-03 (14:07:03 UTC)"),
        ("Nowhere/Land", "24 July 2026, 14:07 UTC (14:07:03 UTC)"),
    ],
)
def test_instants_are_read_in_the_sites_zone_with_utc_beside(zone: str, said: str):
    assert said in whole(words(a_message(), Voice(timezone=zone)))


def test_a_text_that_lacks_a_language_falls_back_to_what_there_is():
    payload = about(product_name={"de": "Anmelde-App"}, components=[{"id": "sia/web"}])
    assert "Anmelde-App: sia/web is down." in whole(words(a_message(language="en", payload=payload), VOICE))


def test_an_unknown_language_is_answered_in_the_sites_first():
    assert words(a_message(language="xx"), Voice(languages=("fr", "en"))).subject.startswith("[Indisponible]")


HOSTILE = "a\r\nBcc: x@evil.example\x00\x1b[2J\u202etxt.exe\u2028\ud800{product.__class__}%s{{7*7}}${HOME}"


def test_peer_text_is_a_value_and_never_a_template_or_a_line():
    text = words(a_message(payload=about(detail=HOSTILE, reason=HOSTILE, title={"en": HOSTILE})), VOICE)
    assert "{product.__class__}%s{{7*7}}${HOME}" in text.body
    assert not any(line.startswith("Bcc:") for line in text.body.split("\n"))
    assert "\x1b" not in text.body


def harmful(text: str, allowed: str = "") -> list[str]:
    return [one for one in text if unicodedata.category(one) in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"} and one not in allowed]


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=300) | st.just(HOSTILE * 20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)
BUDGET_KEYS = ["product", "product_name", "rule", "year", "target", "seconds", "windows", "projected_exhaustion", "url"]
MONITOR_KEYS = ["reason", "detail", "since", "location"]
INCIDENT_KEYS = [
    *("id", "product", "product_name", "components", "severity", "stage", "title", "automatic", "began_at", "ended_at"),
    *("resolved_at", "respond_by", "url", "reason", "detail", "check", "locations"),
]
payloads = st.fixed_dictionaries(
    {},
    optional={
        "incident": anything | st.fixed_dictionaries({}, optional=dict.fromkeys(INCIDENT_KEYS, anything)),
        "budget": anything | st.fixed_dictionaries({}, optional=dict.fromkeys(BUDGET_KEYS, anything)),
        "measurement": anything | st.fixed_dictionaries({}, optional={"components": anything}),
        "monitor": anything | st.fixed_dictionaries({}, optional=dict.fromkeys(MONITOR_KEYS, anything)),
        "update": anything | st.fixed_dictionaries({}, optional=dict.fromkeys(("text", "author", "automatic"), anything)),
        "step": anything,
    },
)


@given(
    kind=st.sampled_from(list(Kind)),
    payload=payloads,
    language=st.sampled_from(["en", "fr", "xx"]),
    name=st.text(max_size=200),
    repeat=st.booleans(),
)
def test_whatever_the_payload_the_words_are_bounded_and_harmless(kind: Kind, payload: Any, language: str, name: str, repeat: bool):
    message = Message("m1", name, kind, name or None, payload, language, 0, 0, possible_repeat=repeat)
    text = words(message, Voice(site=name))
    assert len(text.subject) <= SUBJECT_LIMIT
    assert len(text.short) <= SHORT_LIMIT
    assert len(text.body) <= BODY_LIMIT
    assert harmful(text.subject) == harmful(text.short) == harmful(text.body, allowed="\n") == []
    assert text.subject.strip()
    assert text.short.strip()


@given(st.text(st.characters(), max_size=3_000), st.integers(2, 500))
def test_a_cleaned_text_is_one_bounded_line(text: str, limit: int):
    assert len(clean(text, limit)) <= limit
    assert harmful(clean(text, limit)) == []
    assert harmful(paragraphs(text), allowed="\n") == []


@given(st.text(st.characters(categories=("L", "N", "P", "Zs")), max_size=100))
def test_harmless_text_stays_as_it_is(text: str):
    assert clean(text) == text
