"""`uptimed availability`: the figure of each product, with its bounds, from what the database holds."""

from __future__ import annotations

import argparse
import asyncio
import json
from collections.abc import Mapping
from typing import Any

from uptimed.cli import COULD_NOT_LOOK, DONE, NO, WRONG_USE, complain
from uptimed.cli.loading import CannotLoad, loaded_for
from uptimed.clock import SystemClock
from uptimed.config import Loaded
from uptimed.domain.catalogue import Catalogue
from uptimed.domain.civil import instant_from, local_date
from uptimed.engine.availability import document, period_of
from uptimed.engine.memory import Picture
from uptimed.engine.restore import read_picture
from uptimed.storage import StorageAway, StorageRefused
from uptimed.storage.database import Database


def main(args: argparse.Namespace) -> int:
    try:
        loaded = loaded_for(args)
    except CannotLoad:
        return WRONG_USE
    if (unknown := unknown_product(args, loaded.catalogue)) is not None:
        complain(unknown)
        return WRONG_USE
    try:
        at_us = instant(args.at, loaded.catalogue)
        as_of_us = SystemClock().now_us() if at_us is None else at_us
        picture = asyncio.run(_picture(loaded, as_of_us, instant(args.as_known_at, loaded.catalogue)))
    except (StorageAway, StorageRefused, ValueError) as trouble:
        complain(trouble)
        return WRONG_USE
    return tell(picture, loaded.catalogue, args, as_of_us)


async def _picture(loaded: Loaded, as_of_us: int, as_known_at_us: int | None) -> Picture:
    database = await Database.open(loaded.settings.storage, data=loaded.settings.data, read_only=True)
    try:
        return await read_picture(database, loaded.catalogue, as_of_us, as_known_at_us=as_known_at_us)
    finally:
        await database.close()


def unknown_product(args: argparse.Namespace, catalogue: Catalogue) -> str | None:
    known = [product.id for product in catalogue.products]
    if args.product is None or args.product in known:
        return None
    return f"There is no product {args.product!r}; there are: {', '.join(known)}."


def tell(picture: Picture, catalogue: Catalogue, args: argparse.Namespace, as_of_us: int) -> int:
    """Print the figures of `--year`, `--month` and `--product`; the exit code is what they say together."""
    zone = catalogue.site.timezone
    name, period = period_of(zone, args.year or local_date(zone, as_of_us).year, args.month)
    documents = [
        document(memory, name, period, as_of_us, catalogue.commitment.availability)
        for product, memory in picture.products.items()
        if args.product in (None, product)
    ]
    for one in documents:
        print(json.dumps(one) if args.format == "json" else as_text(one))
    verdicts = {one["verdict"] for one in documents}
    return NO if "missed" in verdicts else COULD_NOT_LOOK if "undecided" in verdicts else DONE


def instant(text: str | None, catalogue: Catalogue) -> int | None:
    """Without an offset, in the site's time zone. ValueError with a sentence."""
    return None if text is None else instant_from(text, catalogue.site.timezone)


def as_text(one: dict[str, Any]) -> str:
    availability, seconds, budget = one["availability"], one["seconds"], one["budget"]
    if availability["point"] is None and availability["lower"] is None:
        return f"{one['product']}  {one['period']}  nothing was counted yet (target {one['target']}%)"
    point = "not measured" if availability["point"] is None else f"{availability['point']}%"
    lines = [
        f"{one['product']}  {one['period']}  {point}  (between {availability['lower']}% and {availability['upper']}%, "
        f"target {one['target']}%: {one['verdict']})",
        f"    down {_s(seconds['down'])}, unmeasured {_s(seconds['unmeasured'])}, excluded {_s(seconds['excluded'])}; "
        f"budget {_s(budget['allowed'])}, used {_s(budget['used'])}, remaining {_s(budget['remaining'])}",
    ]
    if one["adjustments"]:
        raw = one["raw"]["availability"]
        point = "not measured" if raw["point"] is None else f"{raw['point']}%"
        lines.append(f"    with nothing set aside: {point} (between {raw['lower']}% and {raw['upper']}%)")
        lines += [f"    {told(each)}" for each in one["adjustments"]]
    return "\n".join(lines)


def told(adjustment: Mapping[str, Any]) -> str:
    what = "excluded" if adjustment["state"] is None else f"asserted {adjustment['state']}"
    return f"{adjustment['id']}  {adjustment['scope']}  {what}  {adjustment['from']} to {adjustment['to']}"


def _s(text: str) -> str:
    return f"{float(text):.1f} s"
