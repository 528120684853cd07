"""`uptimed availability`: the figure of each product, with its bounds, from what the database holds."""

from __future__ import annotations

import argparse
import asyncio
import json
from datetime import UTC, datetime
from typing import Any

from uptimed.cli import COULD_NOT_LOOK, DONE, NO, WRONG_USE, complain
from uptimed.cli.loading import CannotLoad, loaded_for
from uptimed.clock import SystemClock
from uptimed.config import Loaded
from uptimed.domain.civil import local_date
from uptimed.engine.availability import account_of, document, period_of
from uptimed.engine.engine import read_picture
from uptimed.storage import StorageAway, StorageRefused
from uptimed.storage.database import Database


def main(args: argparse.Namespace) -> int:
    try:
        loaded = loaded_for(args)
    except CannotLoad:
        return WRONG_USE
    known = [product.id for product in loaded.catalogue.products]
    if args.product is not None and args.product not in known:
        complain(f"There is no product {args.product!r}; there are: {', '.join(known)}.")
        return WRONG_USE
    try:
        as_of_us = SystemClock().now_us() if args.at is None else _instant(args.at)
        documents = asyncio.run(_documents(loaded, args, as_of_us))
    except (StorageAway, StorageRefused, ValueError) as trouble:
        complain(trouble)
        return WRONG_USE
    for one in documents:
        print(json.dumps(one) if args.format == "json" else as_text(one))
    verdicts = {one["verdict"] for one in documents}
    return NO if "missed" in verdicts else COULD_NOT_LOOK if "undecided" in verdicts else DONE


async def _documents(loaded: Loaded, args: argparse.Namespace, as_of_us: int) -> list[dict[str, Any]]:
    database = await Database.open(loaded.settings.storage, data=loaded.settings.data, read_only=True)
    try:
        picture = await read_picture(database, loaded.catalogue)
    finally:
        await database.close()
    catalogue = loaded.catalogue
    zone = catalogue.site.timezone
    year = args.year or local_date(zone, as_of_us).year
    name, period = period_of(zone, year, args.month)
    return [
        document(product, name, account_of(memory, catalogue, period, as_of_us), catalogue.commitment.availability)
        for product, memory in picture.products.items()
        if args.product in (None, product)
    ]


def _instant(text: str) -> int:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text!r} is no instant; write it like 2026-11-24T12:00:00Z") from None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return int(at.timestamp()) * 1_000_000 + at.microsecond


def as_text(one: dict[str, Any]) -> str:
    availability, seconds, budget = one["availability"], one["seconds"], one["budget"]
    if availability["point"] is None and availability["lower"] is None:
        return f"{one['product']}  {one['period']}  nothing was counted yet (target {one['target']}%)"
    point = "not measured" if availability["point"] is None else f"{availability['point']}%"
    return (
        f"{one['product']}  {one['period']}  {point}  (between {availability['lower']}% and {availability['upper']}%, "
        f"target {one['target']}%: {one['verdict']})\n"
        f"    down {_s(seconds['down'])}, unmeasured {_s(seconds['unmeasured'])}; "
        f"budget {_s(budget['allowed'])}, used {_s(budget['used'])}, remaining {_s(budget['remaining'])}"
    )


def _s(text: str) -> str:
    return f"{float(text):.1f} s"
