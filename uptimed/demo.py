"""
`uptimed demo`: three sample products on this machine, a page with a switch that breaks each of them, and a sink for alerts.

Everything that watches them is the real thing, with the configuration of `config/demo.yaml`.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import tempfile
from collections import deque
from collections.abc import AsyncIterator
from html import escape
from importlib.resources import files
from pathlib import Path

from aiohttp import web

from uptimed import config
from uptimed.app import Daemon, Refused, serve
from uptimed.web.door import refusal, url_of

PRODUCTS = {"sia": "Sign In App", "sicr": "Sign In Central Record", "sisc": "Sign In Scheduling"}
SWITCHES = {
    **PRODUCTS,
    "sia/export": "Sign In App: data export (medium)",
    "sisc/reminders": "Sign In Scheduling: reminders (severe)",
}
"""What can be broken: a product at its heart, or a part of it that matters less and has a switch of its own."""
KEPT_ALERTS = 20
CONFIG = next(
    path
    for path in (Path(str(files("uptimed.config") / "demo.yaml")), Path(__file__).parent.parent / "config" / "demo.yaml")
    if path.exists()
)
"""Inside an installed package, or in the checkout."""


class Samples:
    """The products, their switches and the sink, in one small server."""

    def __init__(self) -> None:
        self.broken: set[str] = set()
        self.alerts: deque[str] = deque(maxlen=KEPT_ALERTS)

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_get("/", self.page)
        app.router.add_post("/switch/{what:[a-z/]+}", self.switch)
        app.router.add_post("/sink", self.sink)
        app.router.add_get("/{product}/{part:health|export|reminders}", self.answer)
        return app

    async def answer(self, request: web.Request) -> web.Response:
        product, part = request.match_info["product"], request.match_info["part"]
        if product not in PRODUCTS:
            raise web.HTTPNotFound
        # A part goes on when the heart of its product is broken.
        if (product if part == "health" else f"{product}/{part}") in self.broken:
            return web.json_response({"status": "broken by the demo's switch"}, status=503)
        return web.json_response({"status": "ok"})

    async def switch(self, request: web.Request) -> web.Response:
        what = request.match_info["what"]
        if what not in SWITCHES:
            raise web.HTTPNotFound
        if request.headers.get("Sec-Fetch-Site", "same-origin") not in {"same-origin", "none"}:
            raise web.HTTPForbidden(text="The switch is worked from its own page only.")
        self.broken ^= {what}
        raise web.HTTPSeeOther("/")

    async def sink(self, request: web.Request) -> web.Response:
        try:
            body = json.loads(await request.text())
            incident = body["data"]["incident"]
            said = f"{body['type']}  {incident['id']}  {incident['title'].get('en', '')}"
        except (ValueError, KeyError, TypeError, AttributeError):
            said = "something that is not one of our messages"
        self.alerts.appendleft(said)
        return web.Response(status=204)

    async def page(self, _request: web.Request) -> web.Response:
        rows = "".join(
            f"<tr><th>{escape(name)}</th><td>{'broken' if what in self.broken else 'works'}</td>"
            f'<td><form method="post" action="/switch/{what}">'
            f"<button>{'Repair' if what in self.broken else 'Break'}</button></form></td></tr>"
            for what, name in SWITCHES.items()
        )
        alerts = "".join(f"<li>{escape(one)}</li>" for one in self.alerts) or "<li>none yet</li>"
        return web.Response(text=PAGE.format(rows=rows, alerts=alerts), content_type="text/html")


PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>uptimed demo: the switches</title>
<meta name="viewport" content="width=device-width">
<style>body{{font:1rem/1.5 sans-serif;max-width:40rem;margin:3rem auto;padding:0 1rem}}th{{text-align:left;padding-right:2rem}}
td{{padding:.3rem 1rem}}button{{font:inherit;padding:.2rem 1rem}}</style></head>
<body><h1>Break something</h1><p>What is broken answers 503. Watch the status page and the terminal.</p>
<table>{rows}</table><h2>Alerts that the sink received</h2><ul>{alerts}</ul></body></html>
"""


async def run(port: int, data: Path | None) -> None:
    """Until told to stop. `port` is the status page's; the staff door and the switches have the next two."""
    async with contextlib.AsyncExitStack() as stack:
        folder = data or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="uptimed-demo-")))
        switches = await stack.enter_async_context(served(Samples(), port + 2))
        set_environment(switches, port, folder)
        loaded = config.load(CONFIG)

        def started(daemon: Daemon) -> None:
            print(welcome(daemon, switches), flush=True)

        await serve(CONFIG, loaded, started=started)


@contextlib.asynccontextmanager
async def served(samples: Samples, port: int) -> AsyncIterator[str]:
    runner = web.AppRunner(samples.app(), access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", port).start()
    except OSError as error:
        await runner.cleanup()
        raise Refused(refusal("127.0.0.1", port, error)) from error
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await asyncio.wait_for(runner.cleanup(), 5)


def set_environment(switches: str, port: int, folder: Path) -> None:
    os.environ.update(
        {f"DEMO_{product.upper()}": f"{switches}/{product}" for product in PRODUCTS}
        | {
            "DEMO_SINK": f"{switches}/sink",
            "DEMO_PUBLIC": f"127.0.0.1:{port}",
            "DEMO_STAFF": f"127.0.0.1:{port + 1}",
            "DEMO_DATA": str(folder),
        }
    )


def welcome(daemon: Daemon, switches: str) -> str:
    page, staff = (url_of(address) for address in (daemon.public_address, daemon.staff_address))
    data = daemon.loaded.settings.data
    return f"""
  Status page   {page}/           what the public reads
  Switches      {switches}/           break a product here, repair it again
  Metrics       {staff}/metrics    what Prometheus reads

  Try: break Sign In App. Within ten seconds its outage, a critical incident and the alert below are there; repair it, and the
  incident resolves by itself with the availability it has cost, between its bounds, on the page. Ctrl-C ends it.
  Data: {data}
"""
