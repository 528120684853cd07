"""The sentences of a report: whole in both languages, used, and spaced as people write."""

from __future__ import annotations

import re
from importlib.resources import files
from string import Formatter

import pytest

from statuspage.i18n import parse_po
from tests.house.tree import program_files, read
from uptimed.report.words import catalog

EN, FR = (parse_po(files("uptimed.report").joinpath("locales", lang, "messages.po").read_text("utf-8")) for lang in ("en", "fr"))
KEYS = [key for key in EN if key]


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_both_languages_say_the_same_things() -> None:
    assert list(EN) == list(FR)
    assert {key: len(EN[key]) for key in KEYS} == {key: len(FR[key]) for key in KEYS}


@pytest.mark.parametrize("key", KEYS)
def test_a_sentence_tells_the_same_facts_in_both_languages(key: str) -> None:
    told = [fields(form) for form in (*EN[key], *FR[key])]

    assert all(one == told[0] for one in told)


def test_every_sentence_is_used() -> None:
    program = "".join(read(name) for name in program_files() if name.startswith("uptimed/report/"))
    said = set(re.findall(r"[\"']([a-z][a-z_0-9]*(?:\.[a-z_0-9]+)*)[\"']", program))
    beginnings = set(re.findall(r"f\"((?:[a-z_0-9]+\.)+)\{", program))
    unused = [key for key in KEYS if key not in said and not any(key.startswith(begun) for begun in beginnings)]

    assert unused == []


def test_french_is_spaced_as_french_is() -> None:
    wrong = {
        key: form
        for key, forms in catalog("fr").forms.items()
        for form in forms
        if re.search(r"(?<![\u202f\s\d{])[;?!]|(?<!\u00a0)[»%]|«(?!\u00a0)| [:;?!%»]|(?<![\u00a0/-]):(?!\d)|'", form)
    }

    assert wrong == {}


def test_english_leaves_no_space_before_punctuation_nor_straight_quotes() -> None:
    wrong = {key: form for key, forms in catalog("en").forms.items() for form in forms if re.search(r"[ \u00a0][:;?!%]|'|\"", form)}

    assert wrong == {}
