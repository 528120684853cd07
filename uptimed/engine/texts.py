"""
What uptimed itself says in public, in both languages, until a person writes.

Facts only: what fails, from where, whom we are alerting. When we speak again is drawn beside it, for that can be late. No text of a
peer enters here: names come from the configuration, everything else stands in the table below (UX section 4.4, RELIABILITY S4).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from uptimed.domain.catalogue import Words

NBSP = "\u00a0"
NARROW = "\u202f"


class Forms(NamedTuple):
    one: str
    several: str = ""
    """The same sentence about several components, where that is another one."""


class Text(NamedTuple):
    """A sentence whole in each language. What stands in braces is filled in as it is."""

    en: Forms
    fr: Forms

    def about(
        self,
        components: Sequence[Words],
        *,
        places: Sequence[Words] = (),
        product: Words | None = None,
        lasted: str = "",
        incident: str = "",
    ) -> dict[str, str]:
        return {
            language: (forms.several if forms.several and len(components) > 1 else forms.one).format(
                names=listed(components, language),
                places=listed(places, language),
                product=said(product or {}, language),
                lasted=lasted,
                incident=incident,
            )
            for language, forms in self._asdict().items()
        }


TITLE = Text(
    en=Forms("{product}: {names} is down", "{product}: {names} are down"),
    fr=Forms(f"{{product}}{NBSP}: {{names}} indisponible", f"{{product}}{NBSP}: {{names}} indisponibles"),
)
FAILS = Text(
    en=Forms("{names} fails.", "{names} fail."),
    fr=Forms("{names} ne répond plus.", "{names} ne répondent plus."),
)
FAILS_FROM = Text(
    en=Forms("{names} fails from {places}.", "{names} fail from {places}."),
    fr=Forms("{names} ne répond plus depuis {places}.", "{names} ne répondent plus depuis {places}."),
)
FAILS_AGAIN = Text(
    en=Forms("{names} fails again.", "{names} fail again."),
    fr=Forms("{names} ne répond de nouveau plus.", "{names} ne répondent de nouveau plus."),
)
FAILS_AGAIN_FROM = Text(
    en=Forms("{names} fails again from {places}.", "{names} fail again from {places}."),
    fr=Forms("{names} ne répond de nouveau plus depuis {places}.", "{names} ne répondent de nouveau plus depuis {places}."),
)
ALERTING = Text(
    en=Forms("We are alerting the person on call."),
    fr=Forms("Nous alertons la personne d’astreinte."),
)
FAILS_AS_WELL = Text(
    en=Forms("{names} fails as well.", "{names} fail as well."),
    fr=Forms("{names} ne répond plus non plus.", "{names} ne répondent plus non plus."),
)
WORKS_AGAIN = Text(
    en=Forms("{names} works again. The outage lasted {lasted}.", "{names} work again. The outage lasted {lasted}."),
    fr=Forms(
        f"{{names}} fonctionne de nouveau. Durée de la panne{NBSP}: {{lasted}}.",
        f"{{names}} fonctionnent de nouveau. Durée de la panne{NBSP}: {{lasted}}.",
    ),
)
_COMMAND = "uptimed incident resolve {incident}"
YOURS_TO_RESOLVE = Text(
    en=Forms(
        f"{{names}} works again. You have spoken, so the last word is yours: {_COMMAND}",
        f"{{names}} work again. You have spoken, so the last word is yours: {_COMMAND}",
    ),
    fr=Forms(
        f"{{names}} fonctionne de nouveau. Vous avez pris la parole, le dernier mot vous revient{NBSP}: {_COMMAND}",
        f"{{names}} fonctionnent de nouveau. Vous avez pris la parole, le dernier mot vous revient{NBSP}: {_COMMAND}",
    ),
)
"""For those on call, not for the public."""
NO_LONGER_WATCHED = Text(
    en=Forms(
        "{names} is no longer monitored; this incident is closed.",
        "{names} are no longer monitored; this incident is closed.",
    ),
    fr=Forms(
        f"{{names}} n’est plus sous surveillance{NARROW}; cet incident est clos.",
        f"{{names}} ne sont plus sous surveillance{NARROW}; cet incident est clos.",
    ),
)
"""For components that left the configuration: without a claim that they work."""


def title(product: Words, components: Sequence[Words]) -> dict[str, str]:
    return TITLE.about(components, product=product)


def detected(components: Sequence[Words], places: Sequence[Words], *, alerting: bool, again: bool = False) -> dict[str, str]:
    """The first notice, or the one that reopens an incident (`again`)."""
    if places:
        notice = (FAILS_AGAIN_FROM if again else FAILS_FROM).about(components, places=places)
    else:
        notice = (FAILS_AGAIN if again else FAILS).about(components)
    if not alerting:
        return notice
    return {language: f"{notice[language]} {sentence}" for language, sentence in ALERTING.about(components).items()}


def joined(components: Sequence[Words]) -> dict[str, str]:
    return FAILS_AS_WELL.about(components)


def resolved(components: Sequence[Words], down_us: int) -> dict[str, str]:
    return WORKS_AGAIN.about(components, lasted=duration(down_us))


def yours_to_resolve(components: Sequence[Words], incident_id: str) -> dict[str, str]:
    return YOURS_TO_RESOLVE.about(components, incident=incident_id)


def no_longer_watched(components: Sequence[Words]) -> dict[str, str]:
    return NO_LONGER_WATCHED.about(components)


def said(words: Words, language: str) -> str:
    """A text in this language, else in English, else in whatever it was written."""
    return words.get(language) or words.get("en") or next(iter(words.values()), "")


def listed(names: Sequence[Words], language: str) -> str:
    """`Paris, Frankfurt and Montréal`, `Paris, Francfort et Montréal`."""
    texts = [said(name, language) for name in names]
    if len(texts) < 2:
        return "".join(texts)
    last = " et " if language == "fr" else " and "
    return ", ".join(texts[:-1]) + last + texts[-1]


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
