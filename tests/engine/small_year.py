"""
A year of one hour: a shop that opened at 23:00 on its last day, looked at every 20 s by a real engine on a real database.

A look takes 100 ms. Between 23:10:00 and 23:10:40 three of them fail (an outage), the one of 23:20:00 fails alone, those from
23:30:00 to 23:33:00 are never made, those from 23:40:00 to 23:41:40 are slow. Ten seconds of the outage are excluded later.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from probes.outcome import Verdict
from tests.engine.world import Absentable, HandClock, S, World, catalogue
from uptimed.domain.catalogue import Catalogue, Credit
from uptimed.domain.civil import micros
from uptimed.domain.overlays import Adjustment
from uptimed.engine.closing import Closing
from uptimed.engine.journal import Entry
from uptimed.storage.database import Database

OPENED_US = micros(datetime(2026, 12, 31, 23, tzinfo=UTC))
NEW_YEAR_US = micros(datetime(2027, 1, 1, tzinfo=UTC))
CREDITS = (Credit("99.99", "10"), Credit("99", "25"), Credit("90", "50"))


def at(clock: str) -> int:
    """An instant of the last hour of 2026 (`23:10:20`), UTC."""
    return micros(datetime.fromisoformat(f"2026-12-31T{clock}+00:00"))


def hourly_shop() -> Catalogue:
    its = catalogue()
    commitment = replace(its.commitment, credits=CREDITS)
    return replace(its, commitment=commitment, products=(replace(its.products[0], since_us=OPENED_US),))


def seen(look: int) -> Verdict | None:
    """What the look at 23:00:00 + 20 s x `look` sees; None: it is not made."""
    if 30 <= look <= 32 or look == 60:
        return Verdict.DOWN
    if 90 <= look <= 99:
        return None
    return Verdict.DEGRADED if 120 <= look <= 125 else Verdict.UP


async def a_small_year(database: Database) -> World:
    """The clock stands at twenty seconds past midnight; nothing is excluded yet."""
    shop = World(Absentable(database), HandClock())
    shop.clock.us = OPENED_US
    await shop.start(hourly_shop())
    for look in range(182):
        shop.clock.us = OPENED_US + 20 * look * S
        if (verdict := seen(look)) is not None:
            await shop.sees(verdict)
    return shop


async def exclude_ten_seconds(shop: World) -> None:
    one = Adjustment(
        "ADJ-2027-0001",
        shop.clock.us,
        "bea",
        "Their own firewall, says their ticket 4711.",
        "exclude",
        at("23:10:20"),
        at("23:10:30"),
        scope="shop",
        clause="6.2",
    )
    shop.engine.adjust(one, Entry(one.at_us, "bea", "exclude.add", one.id))
    await shop.engine.flush()


async def publish(shop: World) -> None:
    """As on the ninth of January, early in the morning."""
    shop.clock.us = micros(datetime(2027, 1, 9, 4, 41, tzinfo=UTC))
    await Closing(shop.database, shop.engine, shop.clock, "0.1.0").run()  # type: ignore[arg-type]  # the real one inside
