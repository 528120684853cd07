"""
HTML: the templates with everything they need.

Autoescape everywhere, undefined names are errors, and no text of a person is ever compiled as a template.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from jinja2 import Environment, PackageLoader, StrictUndefined

from statuspage import drawing
from statuspage.answer import answer
from statuspage.incident_view import report_of
from statuspage.snapshot import IncidentView, Snapshot
from statuspage.view import Frame, frame_of, home
from statuspage.voice import Voice


class Assets(NamedTuple):
    """Names of the static files with a hash of their content, so that they may be cached for ever."""

    css: str
    js: str
    icon: str


class Asset(NamedTuple):
    name: str
    content_type: str
    body: bytes


@cache
def static_files() -> tuple[Asset, ...]:
    folder = files("statuspage").joinpath("static")
    kinds = (("s", "css", "text/css"), ("s", "js", "text/javascript"), ("icon", "svg", "image/svg+xml"))
    found = []
    for stem, ending, content_type in kinds:
        body = folder.joinpath(f"{stem}.{ending}").read_bytes()
        found.append(Asset(f"{stem}.{hashlib.sha256(body).hexdigest()[:12]}.{ending}", content_type, body))
    return tuple(found)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("statuspage"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.globals.update(assets=Assets(*(asset.name for asset in static_files())), mark=drawing.mark)
    return environment


def home_page(snapshot: Snapshot, voice: Voice, now_us: int, calendars: Sequence[drawing.Calendar | None]) -> str:
    """`calendars`: of each product, for they are the same in all languages."""
    page = home(snapshot, voice, now_us, calendars)
    return _written("home.html", voice, page.frame, page, root="../", here="", twin="index.json")


def incident_page(incident: IncidentView, snapshot: Snapshot, voice: Voice, now_us: int) -> str:
    page = report_of(incident, snapshot, voice)
    frame = frame_of(snapshot, voice, now_us, [product for product in snapshot.products if product.id == incident.product])
    return _written("incident.html", voice, frame, page, root="../../../", here=f"i/{incident.id}/", twin="index.json")


def missing_page(snapshot: Snapshot, voice: Voice, now_us: int) -> str:
    """For any address that is not there, so its links start at the root."""
    frame = frame_of(snapshot, voice, now_us)
    return _written("missing.html", voice, frame, answer(snapshot, voice), root="/", here="", twin="")


def _written(template: str, voice: Voice, frame: Frame, page: object, *, root: str, here: str, twin: str) -> str:
    return _environment().get_template(template).render(v=voice, frame=frame, page=page, root=root, here=here, twin=twin)
