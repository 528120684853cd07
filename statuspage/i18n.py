"""
The words of the page, by language, from `locales/<language>/messages.po`.

A small reader of gettext's .po format, so that translators keep their tools and nothing has to be compiled. A msgid is a key
(`sentence.down`), not English: no language is the original of the other. Fields in braces are filled with `str.format`.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from importlib.resources import files

from statuspage.typography import spaced

LANGUAGES = ("en", "fr")


def spoken(wanted: Iterable[str]) -> tuple[str, ...]:
    """Of the site's languages those that we have words for, in its order; never none."""
    return tuple(lang for lang in wanted if lang in LANGUAGES) or LANGUAGES[:1]


# Which form a number takes (CLDR): English has one for 1, French for 0 and 1.
_PLURAL: Mapping[str, Callable[[int], int]] = {"en": lambda n: int(n != 1), "fr": lambda n: int(n > 1)}


class Catalog:
    """One language. A key without words is a fault of ours and raises KeyError."""

    def __init__(self, lang: str, forms: Mapping[str, tuple[str, ...]]) -> None:
        self.lang = lang
        self.forms = forms

    def __call__(self, key: str, **values: object) -> str:
        text = self.forms[key][0]
        return text.format(**values) if values else text

    def count(self, key: str, n: int, **values: object) -> str:
        """The form for `n`; `{n}` is filled too."""
        return self.forms[key][_PLURAL[self.lang](n)].format(n=n, **values)

    def has(self, key: str) -> bool:
        return key in self.forms


@cache
def catalog(lang: str) -> Catalog:
    text = files("statuspage").joinpath("locales", lang, "messages.po").read_text("utf-8")
    forms = {key: tuple(spaced(form, lang) for form in said) for key, said in parse_po(text).items() if key}
    return Catalog(lang, forms)


def parse_po(text: str) -> dict[str, tuple[str, ...]]:
    """
    msgid -> its forms, the header under "". Comments and blank lines are skipped, a text may go on over several lines.

    Raises ValueError for a line that is none of these and for a msgid given twice.
    """
    found: dict[str, tuple[str, ...]] = {}
    key, forms, target = "", dict[int, str](), ""

    def close() -> None:
        if not forms:
            return
        if key in found:
            raise ValueError(f"{key} stands twice in the .po file")
        found[key] = tuple(forms[n] for n in sorted(forms))
        forms.clear()

    for number, line in enumerate(map(str.strip, text.splitlines()), 1):
        if not line or line.startswith("#"):
            continue
        word, _, quoted = line.partition(" ") if not line.startswith('"') else ("", "", line)
        try:
            said: str = ast.literal_eval(quoted)
        except (SyntaxError, ValueError):
            raise ValueError(f"line {number} of the .po file is not a quoted text: {line}") from None
        if word == "msgid":
            close()
            key, target = said, word
        elif word.startswith("msgstr"):
            target = word
            forms[_form_of(word)] = said
        elif word == "msgid_plural":
            target = word
        elif target == "msgid":
            key += said
        elif target.startswith("msgstr"):
            forms[_form_of(target)] += said
    close()
    return found


def _form_of(word: str) -> int:
    """msgstr, msgstr[0], msgstr[1]."""
    return int(word[7:-1]) if word.endswith("]") else 0
