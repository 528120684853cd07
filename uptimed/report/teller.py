"""One report in one language: every name, number, instant and duration in it is told through a `Teller`."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from fractions import Fraction
from functools import reduce

from statuspage import typography
from statuspage.typography import NB, NNB
from statuspage.voice import Voice
from uptimed.domain.catalogue import Catalogue, Words
from uptimed.domain.civil import local_date
from uptimed.domain.display import downtime_s
from uptimed.engine.availability import exact_seconds, seconds
from uptimed.report.words import catalog

DAY_S, HOUR_S, MINUTE_S = 86_400, 3_600, 60


class Teller:
    def __init__(self, lang: str, timezone: str, catalogue: Catalogue) -> None:
        self.lang = lang
        self.timezone = timezone
        self.say = catalog(lang)
        self._voice = Voice(lang, timezone)
        self._utc = Voice(lang, "UTC")
        self._names: dict[str, Words] = {
            **{one.id: one.name for one in catalogue.products},
            **{one.id: one.name for one in catalogue.components()},
            **{one.id: one.name for one in catalogue.checks()},
        }
        self._places: dict[str, Words] = {one.id: one.name for one in catalogue.locations}

    # Names

    def words(self, words: Words) -> str:
        return self._voice.name(words)

    def name(self, thing: str) -> str:
        """Of a product, component or check; one that is no longer configured goes by its id."""
        return self.words(self._names[thing]) if thing in self._names else thing

    def place(self, location: str) -> str:
        return self.words(self._places[location]) if location in self._places else location

    def listed(self, items: Iterable[str]) -> str:
        return self._voice.listed(list(items))

    def one_by_one(self, parts: Iterable[str]) -> str:
        """`this; that`: what has commas of its own."""
        return reduce(lambda one, other: self.say("and_then", one=one, other=other), parts)

    # Numbers

    def percent(self, text: str) -> str:
        """Of a text with a point: 99.99."""
        return self._voice.percent(text)

    def number(self, value: int) -> str:
        return typography.number(value, self.lang)

    def share(self, part: Fraction | int, whole: Fraction | int) -> str:
        """In whole percent, rounded up: a budget is never shown less used than it is."""
        if not whole:
            return self.percent("100") if part else self.percent("0")
        return self.percent(str(-(-Fraction(part) * 100 // Fraction(whole))))

    def decimal(self, text: str) -> str:
        """An exact decimal text with the language's separators."""
        whole, _, rest = text.lstrip("-").partition(".")
        sign = "−" if text.startswith("-") else ""
        grouped = f"{int(whole):,}".replace(",", NNB if self.lang == "fr" else ",")
        return f"{sign}{grouped}{(',' if self.lang == 'fr' else '.') + rest if rest else ''}"

    def exact_us(self, length_us: int) -> str:
        return self.decimal(seconds(length_us))

    def exact_ns(self, downtime_ns: Fraction | int) -> str:
        return self.decimal(exact_seconds(downtime_ns))

    def fraction(self, ratio: Fraction | None) -> str:
        return self.say("none") if ratio is None else f"{ratio.numerator}/{ratio.denominator}"

    # Lengths of time

    def lasting(self, length_us: int) -> str:
        """Rounded up: downtime, and what was not measured."""
        return self._voice.lasting(-(-length_us // 1_000_000))

    def down(self, downtime_ns: int) -> str:
        return self._voice.lasting(downtime_s(downtime_ns))

    def left(self, length_us: int) -> str:
        """Rounded down: what remains, and what was good."""
        return self._voice.left(length_us // 1_000_000)

    def between(self, least: str, most: str) -> str:
        return least if least == most else self.say("between", least=least, most=most)

    def window(self, length_us: int) -> str:
        """1 minute, 6 hours, 30 days: a length that people speak of; others as durations."""
        length_s = length_us // 1_000_000
        for unit, key in ((DAY_S, "length.d"), (HOUR_S, "length.h"), (MINUTE_S, "length.min")):
            if length_us % (unit * 1_000_000) == 0:
                return self.say.count(key, length_s // unit)
        return self._voice.lasting(length_s)

    # Instants

    @property
    def zone(self) -> str:
        """`in London time`, `à l’heure de Londres`."""
        label = typography.zone_label(self.timezone, self.lang)
        return self.say("zone.utc") if label == "UTC" else self.say("zone.named", zone=label)

    def date(self, at_us: int, *, short: bool = False) -> str:
        """The local day."""
        return typography.day(local_date(self.timezone, at_us), self.lang, short=short)

    def last_date(self, until_us: int) -> str:
        """The local day that ends there."""
        return self.date(until_us - 1)

    def utc_date(self, at_us: int) -> str:
        return typography.day(datetime.fromtimestamp(at_us // 1_000_000, UTC).date(), self.lang, short=True)

    def utc_time(self, at_us: int) -> str:
        """08:02:34: evidence always has seconds."""
        return self._utc.utc(at_us)

    def instant(self, at_us: int) -> str:
        """24 Nov 2026, 08:02:34 UTC: within a sentence."""
        return self.say("instant", day=self.utc_date(at_us), time=self.utc_time(at_us))

    def compact(self, at_us: int) -> str:
        """24 Nov 2026 08:02:34: in a column that says UTC."""
        return f"{self.utc_date(at_us)} {self.utc_time(at_us)}"

    def optional(self, at_us: int | None) -> str:
        return self.say("none") if at_us is None else self.compact(at_us)

    def month(self, number: int) -> str:
        return typography.month_name(number, self.lang)


def capitalised(text: str) -> str:
    return text[:1].upper() + text[1:]


__all__ = ["NB", "Teller", "capitalised"]
