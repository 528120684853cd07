"""
HTML: one file that needs no other, no script and no network.

Its look is that of the status page, whose style sheet and icons it carries. Autoescape everywhere; undefined names are errors.
"""

from __future__ import annotations

from functools import cache

from jinja2 import Environment, PackageLoader, PrefixLoader, StrictUndefined

from statuspage import drawing
from uptimed.report import drawings
from uptimed.report.blocks import View


def written(view: View) -> str:
    return environment().get_template("report/report.html").render(view=view)


@cache
def environment() -> Environment:
    """Shared with the PDF, whose drawings are the same."""
    loader = PrefixLoader(
        {
            "report": PackageLoader("uptimed.report"),
            "page": PackageLoader("statuspage"),
            "static": PackageLoader("statuspage", "static"),
        }
    )
    made = Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, auto_reload=False
    )
    made.globals.update(mark=drawing.mark, plane=drawings)
    return made
