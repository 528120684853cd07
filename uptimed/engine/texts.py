"""
What uptimed itself says in public, in both languages, until a person writes.

Facts only: what fails, from where, who was told, when we speak again. Nothing here is compiled as a template and no text of a peer
enters it: names come from the configuration, everything else is ours (UX section 4.4, RELIABILITY S4).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from uptimed.domain.catalogue import Words

LANGUAGES = ("en", "fr")
NBSP = "\u00a0"
NARROW = "\u202f"


def said(words: Words, language: str) -> str:
    """A text in this language, else in English, else in whatever it was written."""
    return words.get(language) or words.get("en") or next(iter(words.values()), "")


def each(write: Callable[[str], str]) -> dict[str, str]:
    """The same sentence in every language."""
    return {language: write(language) for language in LANGUAGES}


def listed(names: Sequence[str], language: str) -> str:
    """`Paris, Frankfurt and Montréal`, `Paris, Francfort et Montréal`."""
    if len(names) < 2:
        return "".join(names)
    last = " et " if language == "fr" else " and "
    return ", ".join(names[:-1]) + last + names[-1]


def clock_time(at_us: int, timezone: str, language: str) -> str:
    """`14:07` and `9 h 02`: 24 hours in both languages."""
    local = datetime.fromtimestamp(at_us // 1_000_000, UTC).astimezone(ZoneInfo(timezone))
    if language == "fr":
        return f"{local.hour}{NBSP}h{NBSP}{local.minute:02}"
    return f"{local.hour:02}:{local.minute:02}"


def duration(length_us: int) -> str:
    """`16 min 30 s`, `1 h 02 min`, the same in both languages; rounded up, as every duration of downtime is."""
    seconds = -(-length_us // 1_000_000)
    if seconds < 60:
        return f"{seconds}{NBSP}s"
    if seconds < 3_600:
        minutes, rest = divmod(seconds, 60)
        return f"{minutes}{NBSP}min" + (f"{NBSP}{rest}{NBSP}s" if rest else "")
    minutes = -(-seconds // 60)
    return f"{minutes // 60}{NBSP}h{NBSP}{minutes % 60:02}{NBSP}min"


def title(product: Words, components: Sequence[Words]) -> dict[str, str]:
    def write(language: str) -> str:
        names = listed([said(name, language) for name in components], language)
        several = len(components) > 1
        if language == "fr":
            return f"{said(product, language)}{NBSP}: {names} indisponible{'s' if several else ''}"
        return f"{said(product, language)}: {names} {'are' if several else 'is'} down"

    return each(write)


def detected(
    components: Sequence[Words], places: Sequence[Words], *, told: bool, next_us: int | None, timezone: str, again: bool = False
) -> dict[str, str]:
    """The first notice, or the one that reopens an incident (`again`). Says that somebody was told only if somebody is."""

    def write(language: str) -> str:
        names = listed([said(name, language) for name in components], language)
        where = listed([said(place, language) for place in places], language)
        several = len(components) > 1
        if language == "fr":
            verb = f"ne {'répondent' if several else 'répond'} {'de nouveau ' if again else ''}plus"
            sentences = [f"{names} {verb}{' depuis ' + where if where else ''}."]
            if told:
                sentences.append("La personne d’astreinte est prévenue.")
        else:
            verb = ("fail" if several else "fails") + (" again" if again else "")
            sentences = [f"{names} {verb}{' from ' + where if where else ''}."]
            if told:
                sentences.append("The person on call has been told.")
        return " ".join([*sentences, *next_news(next_us, timezone, language)])

    return each(write)


def next_news(next_us: int | None, timezone: str, language: str) -> list[str]:
    if next_us is None:
        return []
    at = clock_time(next_us, timezone, language)
    return [f"Prochaine nouvelle avant {at}." if language == "fr" else f"Next news by {at}."]


def joined(components: Sequence[Words]) -> dict[str, str]:
    def write(language: str) -> str:
        names = listed([said(name, language) for name in components], language)
        several = len(components) > 1
        if language == "fr":
            return f"{names} ne {'répondent' if several else 'répond'} plus non plus."
        return f"{names} {'fail' if several else 'fails'} as well."

    return each(write)


def resolved(components: Sequence[Words], down_us: int) -> dict[str, str]:
    def write(language: str) -> str:
        names = listed([said(name, language) for name in components], language)
        several = len(components) > 1
        if language == "fr":
            verb = "fonctionnent" if several else "fonctionne"
            return f"{names} {verb} de nouveau. Durée de la panne{NBSP}: {duration(down_us)}."
        return f"{names} {'work' if several else 'works'} again. The outage lasted {duration(down_us)}."

    return each(write)


def no_longer_watched(components: Sequence[Words]) -> dict[str, str]:
    """An incident whose components left the configuration ends without a claim that they work."""

    def write(language: str) -> str:
        names = listed([said(name, language) for name in components], language)
        several = len(components) > 1
        if language == "fr":
            return f"{names} ne {'sont' if several else 'est'} plus sous surveillance{NBSP}; cet incident est clos."
        return f"{names} {'are' if several else 'is'} no longer monitored; this incident is closed."

    return each(write)
