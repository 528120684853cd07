"""The h1, in every state and both languages (UX 4.2)."""

from __future__ import annotations

import pytest

from statuspage.answer import answer
from statuspage.snapshot import Snapshot
from statuspage.voice import Voice
from tests.statuspage.builders import component, open_incident, product, snapshot, three_products


def said(facts: Snapshot, lang: str) -> str:
    return answer(facts, Voice(lang, "Europe/London")).sentence


def named(*names_and_states: str) -> Snapshot:
    """`Sign-in=down`: a product and its state."""
    pairs = [pair.split("=") for pair in names_and_states]
    return snapshot(products=tuple(product(name.lower(), name, state) for name, state in pairs))


CASES = {
    "all well": (
        snapshot(),
        "All three products are working.",
        "Les trois produits fonctionnent.",
    ),
    "two well": (
        named("Sign-in=working", "Record=working"),
        "Both products are working.",
        "Les deux produits fonctionnent.",
    ),
    "one well": (
        named("Record=working"),
        "Record is working.",
        "Record fonctionne.",
    ),
    "twelve well": (
        named(*[f"P{n}=working" for n in range(12)]),
        "All 12 products are working.",
        "Les 12 produits fonctionnent.",
    ),
    "one slow": (
        named("Sign-in=working", "Record=working", "Scheduling=slow"),
        "Scheduling is slow. Sign-in and Record are working.",
        "Scheduling fonctionne au ralenti. Sign-in et Record fonctionnent.",
    ),
    "one partly down": (
        named("Sign-in=working", "Scheduling=partly_down"),
        "Scheduling is partly down. Sign-in is working.",
        "Scheduling est en panne partielle. Sign-in fonctionne.",
    ),
    "several down": (
        named("Sign-in=down", "Record=down", "Scheduling=working"),
        "Sign-in and Record are down. Scheduling is working.",
        "Sign-in et Record sont indisponibles. Scheduling fonctionne.",
    ),
    "worst first": (
        named("Sign-in=unmeasured", "Record=slow", "Scheduling=down"),
        "Scheduling is down. Record is slow. We cannot measure Sign-in right now.",
        "Scheduling est indisponible. Record fonctionne au ralenti. Nous ne pouvons pas mesurer Sign-in en ce moment.",
    ),
    "all down": (
        named("Sign-in=down", "Record=down"),
        "None of our products is working.",
        "Aucun de nos produits ne fonctionne.",
    ),
    "the only one down": (
        named("Record=down"),
        "Record is down.",
        "Record est indisponible.",
    ),
    "planned": (
        named("Sign-in=working", "Record=planned"),
        "Record is under work, as planned. Sign-in is working.",
        "Record est en travaux, comme prévu. Sign-in fonctionne.",
    ),
    "watching": (
        snapshot(incidents=(open_incident(stage="monitoring"),)),
        "Everything is working again. We are watching closely.",
        "Tout fonctionne de nouveau. Nous surveillons de près.",
    ),
    "people say otherwise": (
        snapshot(incidents=(open_incident(stage="investigating"),)),
        "An incident is open. Our checks see every product working.",
        "Un incident est en cours. Nos tests voient tous les produits fonctionner.",
    ),
    "we are blind": (
        snapshot(products=three_products(sia="unmeasured", sicr="unmeasured", sisc="unmeasured")),
        "We cannot measure right now. We do not know of any outage.",
        "Nous ne pouvons pas mesurer en ce moment. Nous n’avons connaissance d’aucune panne.",
    ),
    "blind after an outage": (
        snapshot(products=(product(state="unmeasured", components=(component(state="unmeasured", last_measured_state="down"),)),)),
        "We cannot measure right now. When we last looked, Sign In App was not working.",
        "Nous ne pouvons pas mesurer en ce moment. La dernière fois, Sign In App ne fonctionnait pas.",
    ),
    "a component that does not count": (
        snapshot(products=(product(components=(component("sia/help", "down", severity="minor"), component())),)),
        "Help (Sign In App) is down. The rest is working.",
        "Help (Sign In App) est indisponible. Le reste fonctionne.",
    ),
    "too many to name": (
        named(*[f"D{n}=down" for n in range(5)], *[f"W{n}=working" for n in range(7)]),
        "5 products are down. The other 7 are working.",
        "5 produits sont indisponibles. Les 7 autres fonctionnent.",
    ),
    "nothing yet": (
        snapshot(products=()),
        "Nothing is watched yet.",
        "Rien n’est encore surveillé.",
    ),
}


@pytest.mark.parametrize(("facts", "english", "french"), CASES.values(), ids=CASES.keys())
def test_the_answer_is_a_whole_sentence(facts: Snapshot, english: str, french: str):
    assert said(facts, "en") == english
    assert said(facts, "fr") == french


def test_the_title_puts_the_news_first():
    down = named("Record=down", "Sign-in=working")

    assert answer(down, Voice("en", "UTC")).title == "Down: Record"
    assert answer(down, Voice("fr", "UTC")).title == "Indisponible\u00a0: Record"
    assert answer(snapshot(), Voice("en", "UTC")).title == "Everything is working"


def test_a_product_without_a_french_name_keeps_its_own():
    facts = snapshot(products=(product(state="down", name={"en": "Kiosk"}), product("record", "Record")))

    assert said(facts, "fr") == "Kiosk est indisponible. Record fonctionne."
