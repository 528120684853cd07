"""What uptimed says in public by itself: whole sentences in both languages, and names that are only names."""

from __future__ import annotations

import re

import pytest

from uptimed.engine import texts

WEB, API = {"en": "Sign-in", "fr": "La connexion"}, {"en": "Search", "fr": "La recherche"}
TABLE = {name: text for name, text in vars(texts).items() if isinstance(text, texts.Text)}


def test_one_component_fails_and_several_fail() -> None:
    london = [{"en": "London", "fr": "Londres"}]
    assert texts.detected([WEB], london, alerting=True) == {
        "en": "Sign-in fails from London. We are alerting the person on call.",
        "fr": "La connexion ne répond plus depuis Londres. Nous alertons la personne d’astreinte.",
    }
    assert texts.detected([WEB, API], [], alerting=False, again=True) == {
        "en": "Sign-in and Search fail again.",
        "fr": "La connexion et La recherche ne répondent de nouveau plus.",
    }


def test_the_end_says_how_long_it_was_rounded_up() -> None:
    assert texts.resolved([WEB], 990_000_001)["en"] == "Sign-in works again. The outage lasted 16\u00a0min\u00a031\u00a0s."


def test_what_is_no_longer_watched_is_not_said_to_work() -> None:
    assert texts.no_longer_watched([WEB]) == {
        "en": "Sign-in is no longer monitored; this incident is closed.",
        "fr": "La connexion n’est plus sous surveillance\u202f; cet incident est clos.",
    }


def test_a_name_with_braces_is_a_name() -> None:
    odd = {"en": "{names} {0} {lasted}"}
    assert texts.joined([odd])["en"] == "{names} {0} {lasted} fails as well."


@pytest.mark.parametrize("name", TABLE)
def test_french_keeps_its_spaces_and_english_needs_none(name: str) -> None:
    text = TABLE[name]
    for forms in (text.fr.one, text.fr.several):
        assert not re.search(r"[^\u202f][;?!]|[^\u00a0]:|'", forms)
    for forms in (text.en.one, text.en.several):
        assert not re.search(r"\s[;:?!]", forms)


@pytest.mark.parametrize("name", TABLE)
def test_both_languages_tell_the_same_facts(name: str) -> None:
    text = TABLE[name]
    facts = [set(re.findall(r"\{\w+\}", forms)) for forms in (*text.en, *text.fr) if forms]
    assert all(one == facts[0] for one in facts)
