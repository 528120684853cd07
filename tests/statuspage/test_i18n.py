"""Every word of the page is in both languages, and every word in the files is on the page."""

from __future__ import annotations

import re
from pathlib import Path
from string import Formatter

import pytest

import statuspage
from statuspage.i18n import LANGUAGES, catalog, parse_po

ROOM = Path(statuspage.__file__).parent
SOURCE = "\n".join(path.read_text("utf-8") for path in [*ROOM.glob("*.py"), *ROOM.glob("templates/*.html")])


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_both_languages_have_the_same_keys_forms_and_fields():
    english, french = catalog("en").forms, catalog("fr").forms

    assert english.keys() == french.keys()
    for key in english:
        assert len(english[key]) == len(french[key]), key
        assert fields("".join(english[key])) | {"n"} == fields("".join(french[key])) | {"n"}, key


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_text_is_empty(lang: str):
    assert [key for key, forms in catalog(lang).forms.items() if not all(form.strip() for form in forms)] == []


def test_only_a_few_short_words_are_the_same_in_both_languages():
    same = {key for key in catalog("en").forms if catalog("en").forms[key] == catalog("fr").forms[key]}

    assert same <= {"component.of", "incident.saw.text_nowhere", "incident"}


def patterns() -> list[re.Pattern[str]]:
    """Keys made at run time: `state.{product.state}` in a formatted string."""
    made = re.findall(r'f"((?:[a-z_]+\.)+)\{[^}"]+\}((?:[._][a-z]+)?)"', SOURCE)
    return [re.compile(re.escape(head) + r"[a-z_]+" + re.escape(tail)) for head, tail in made]


def test_no_word_is_unused():
    literal = set(re.findall(r"[\"']([a-z_0-9]+(?:\.[a-z_0-9]+)*)[\"']", SOURCE))
    made = patterns()

    unused = [key for key in catalog("en").forms if key not in literal and not any(p.fullmatch(key) for p in made)]

    assert unused == []


def test_no_word_is_missing():
    asked = set(re.findall(r"say(?:\.count)?\(\s*[\"']([a-z_0-9.]+)[\"']", SOURCE))

    assert len(asked) > 60
    assert {key for key in asked if not catalog("en").has(key)} == set()


@pytest.mark.parametrize(
    ("lang", "n", "form"), [("en", 0, 1), ("en", 1, 0), ("en", 2, 1), ("fr", 0, 0), ("fr", 1, 0), ("fr", 2, 1)]
)
def test_nought_is_plural_in_english_and_singular_in_french(lang: str, n: int, form: int):
    words = catalog(lang)

    assert words.count("calendar.list", n) == words.forms["calendar.list"][form].format(n=n)


def test_a_po_file_may_break_its_lines():
    assert parse_po('# note\nmsgid "a"\nmsgstr "one "\n"two"\n\nmsgid "b"\nmsgid_plural "b"\nmsgstr[0] "x"\nmsgstr[1] "y"\n') == {
        "a": ("one two",),
        "b": ("x", "y"),
    }


@pytest.mark.parametrize("broken", ['msgid "a"\nmsgstr "1"\nmsgid "a"\nmsgstr "2"\n', "msgid a\n", 'msgid "a"\nmsgstr "open\n'])
def test_a_broken_po_file_is_not_half_read(broken: str):
    with pytest.raises(ValueError, match=r"\.po file"):
        parse_po(broken)
