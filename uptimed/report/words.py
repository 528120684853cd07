"""The sentences of a report, by language, from `locales/<language>/messages.po`; read as those of the page are."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from statuspage.i18n import Catalog, parse_po
from statuspage.typography import spaced


@cache
def catalog(lang: str) -> Catalog:
    text = files("uptimed.report").joinpath("locales", lang, "messages.po").read_text("utf-8")
    return Catalog(lang, {key: tuple(spaced(form, lang) for form in forms) for key, forms in parse_po(text).items() if key})
