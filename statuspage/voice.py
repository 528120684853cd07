"""One language in one time zone: every word and instant that a page says goes through a `Voice`."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from statuspage import typography
from statuspage.i18n import Catalog, catalog
from statuspage.snapshot import Words


class Said(NamedTuple):
    """A text that people wrote, and its language when that is not the page's (for the `lang` attribute)."""

    text: str
    foreign: str | None = None


class Voice:
    def __init__(self, lang: str, timezone: str) -> None:
        self.lang = lang
        self.timezone = timezone
        self.tz = typography.zone(timezone)
        self.say: Catalog = catalog(lang)
        self.zone = typography.zone_label(timezone, lang)

    def words(self, words: Words) -> Said:
        """In this language, else in English, else in any: a text in the wrong language is better than none."""
        for lang in (self.lang, "en", *words):
            if words.get(lang):
                return Said(words[lang], None if lang == self.lang else lang)
        return Said("")

    def name(self, words: Words) -> str:
        return self.words(words).text

    def listed(self, items: list[str]) -> str:
        return typography.listed(items, self.lang)

    def percent(self, text: str) -> str:
        return typography.percent(text, self.lang)

    def share(self, part: int, whole: int) -> str:
        return typography.share(part, whole, self.lang)

    def lasting(self, seconds: int) -> str:
        """Downtime: rounded up."""
        return typography.duration(seconds, self.lang)

    def left(self, seconds: int) -> str:
        """What remains of a budget: rounded down."""
        return typography.duration(seconds, self.lang, up=False)

    def on(self, us: int) -> date:
        return typography.local(us, self.tz).date()

    def day(self, on: date, *, short: bool = False, year: bool = True, weekday: bool = False) -> str:
        return typography.day(on, self.lang, short=short, year=year, weekday=weekday)

    def weekday(self, on: date) -> str:
        return typography.weekday_name(on, self.lang)

    def hm(self, us: int) -> str:
        return typography.clock(us, self.lang, self.tz)

    def hms(self, us: int) -> str:
        return typography.clock_seconds(us, self.tz)

    def dhm(self, us: int) -> str:
        """3 Nov 2026, 11:15."""
        return f"{self.day(self.on(us), short=True)}, {self.hm(us)}"

    def utc(self, us: int) -> str:
        """The form of evidence: always seconds, always UTC."""
        return typography.clock_seconds(us, typography.zone("UTC"))

    def iso(self, us: int) -> str:
        return typography.iso(us)
