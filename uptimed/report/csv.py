"""
CSV for spreadsheets: one table a file, or all of them below one another in a single one (RFC 4180).

The columns have the names of the JSON, in whatever language the report is asked for. Instants are in UTC and written so that a
spreadsheet takes them for dates; seconds are exact decimals; a fraction has a column for each of its halves, for `1/2` would
become a day. Texts of people that a spreadsheet would run as a formula are marked as texts.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Row = Mapping[str, Any]

BOUNDS = ("point", "lower", "upper")
INSTANT = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d(?:\.\d+)?)Z")


@dataclass(frozen=True)
class Sheet:
    name: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def written(self) -> str:
        return _written([self.columns, *self.rows])


def together(sheets: Sequence[Sheet]) -> str:
    """All in one: the name of each stands above it, an empty line below; every line has as many fields."""
    width = max(len(one.columns) for one in sheets)
    lines: list[Sequence[str]] = []
    for one in sheets:
        lines += [(one.name,), one.columns, *one.rows, ()]
    return _written([[*line, *[""] * (width - len(line))] for line in lines[:-1]])


def sheets(document: Mapping[str, Any], lang: str) -> list[Sheet]:
    """Of `report_document.document`. `lang` chooses between names that are there in several languages."""
    products = document["products"]

    def sheet(name: str, columns: Sequence[str], of: Callable[[Row], Iterable[Row]]) -> Sheet:
        rows = [{"product": one["id"], **row} for one in products for row in of(one)]
        every = ("product", *columns)
        return Sheet(name, every, tuple(tuple(_text(row.get(column)) for column in every) for row in rows))

    return [
        sheet(
            "products",
            ("name", "period", "from", "to", "as_of", "target", *_FIGURES, *_RAW),
            lambda one: [_product(one, document, lang)],
        ),
        sheet("parts", ("period", "from", "to", "as_of", *_FIGURES, *_RAW), lambda one: map(_account, one["parts"])),
        sheet("worst_windows", _WINDOW, lambda one: map(_window, one["worst_windows"])),
        sheet("outages", _OUTAGE, lambda one: map(_outage, one["outages"])),
        sheet("evidence", _EVIDENCE, lambda one: (_evidence(each, its) for each in one["outages"] for its in each["evidence"])),
        sheet("blind", ("from", "to", "seconds"), lambda one: one["blind"]["stretches"]),
        sheet("planned", _PLANNED, lambda one: (_planned(each, lang) for each in one["planned"])),
        sheet("adjustments", _ADJUSTMENT, lambda one: map(_adjustment, one["adjustments"])),
        sheet("credits", ("below", "percent", "owed", "by_point"), lambda one: one["credits"]["steps"]),
        sheet(
            "incidents",
            _INCIDENT,
            lambda one: (_incident(each, line, lang) for line in one["responses"] for each in line["incidents"]),
        ),
        sheet("records", _RECORD, lambda one: map(_record, one["records"])),
        sheet("watched", _WATCHED, lambda one: (row for span in one["watched"] for row in _watched(span))),
    ]


_SECONDS = ("counted", "measured", "not_measured", "up", "degraded", "down", "unmeasured", "maintenance", "excluded")
_HALVES = tuple(f"{bound}_{half}" for bound in BOUNDS for half in ("numerator", "denominator"))
_SUMS = (
    *(f"{bound}_percent" for bound in BOUNDS),
    "verdict",
    "to_date",
    *(f"{name}_seconds" for name in _SECONDS),
    *(f"downtime_{name}_seconds" for name in ("least", "point", "most")),
    "budget_allowed_seconds",
    "budget_remaining_seconds",
    "budget_guaranteed_seconds",
    "exhausted_at",
    "projected_exhaustion_at",
)
_FIGURES = (*_SUMS, *_HALVES)
_RAW = tuple(f"raw_{name}" for name in _SUMS[:3])
_WINDOW = ("seconds", "downtime_least_seconds", "downtime_point_seconds", "downtime_most_seconds", *_HALVES, "start")
_OUTAGE = (
    *("component", "severity", "from", "to", "over", "last_good", "first_bad", "last_bad", "first_good"),
    *("least_seconds", "point_seconds", "most_seconds", "counted_seconds", "reason", "incident"),
)
_EVIDENCE = ("component", "outage_from", "check", "location", "failures", "first", "last")
_PLANNED = ("id", "scope", "title", "from", "to", "planned_to", "announced", "extended", "stage", "set_aside_seconds")
_ADJUSTMENT = (
    *("id", "scope", "kind", "state", "from", "to", "reason", "clause", "author", "at", "spared_seconds"),
    *("revoked_by", "revoked_reason", "revoked_author", "revoked_at"),
)
_INCIDENT = ("id", "title", "severity", "opened", "respond_by", "responded", "resolved", "answered")
_RECORD = (
    *(
        "period",
        "revision",
        "published",
        "program",
        "point_percent",
        "lower_percent",
        "upper_percent",
        "verdict",
        "reasons",
        "sha256",
    ),
)
_WATCHED = ("component", "severity", "from", "to", "check", "locations", "horizon_seconds", "confirmations", "quorum")


def _product(one: Row, document: Mapping[str, Any], lang: str) -> Row:
    return {**_account(one), "name": _Said(_in(one["name"], lang)), "period": document["period"]}


def _account(one: Row) -> Row:
    availability, budget = one["availability"], one["budget"]
    return {
        **one,
        **{f"{bound}_percent": availability[bound] for bound in BOUNDS},
        **_halves(availability["exact"]),
        **{f"{name}_seconds": value for name, value in one["seconds"].items()},
        **{f"downtime_{name}_seconds": value for name, value in one["downtime"].items()},
        "budget_allowed_seconds": budget["allowed"],
        "budget_remaining_seconds": budget["remaining"],
        "budget_guaranteed_seconds": budget["remaining_by_bound"]["guaranteed"],
        "exhausted_at": budget["exhausted_at"],
        "projected_exhaustion_at": budget["projected_exhaustion_at"],
        **{f"raw_{bound}_percent": one["raw"]["availability"][bound] for bound in BOUNDS},
    }


def _halves(exact: Row) -> Row:
    found: dict[str, Any] = {}
    for bound in BOUNDS:
        numerator, denominator = exact[bound] or (None, None)
        found |= {f"{bound}_numerator": numerator, f"{bound}_denominator": denominator}
    return found


def _window(one: Row) -> Row:
    return {**one, **{f"downtime_{name}_seconds": value for name, value in one["downtime"].items()}, **_halves(one["availability"])}


def _outage(one: Row) -> Row:
    return {**one, **{f"{name}_seconds": value for name, value in one["seconds"].items()}}


def _evidence(outage: Row, one: Row) -> Row:
    return {**one, "component": outage["component"], "outage_from": outage["from"]}


def _planned(one: Row, lang: str) -> Row:
    return {**one, "title": _Said(_in(one["title"], lang))}


def _adjustment(one: Row) -> Row:
    gone = one["revoked"] or {}
    return {
        **one,
        **{name: None if one[name] is None else _Said(one[name]) for name in ("reason", "clause", "author")},
        "revoked_by": gone.get("id"),
        "revoked_reason": _Said(gone.get("reason", "")),
        "revoked_author": _Said(gone.get("author", "")),
        "revoked_at": gone.get("at"),
    }


def _incident(one: Row, line: Row, lang: str) -> Row:
    return {**one, "title": _Said(_in(one["title"], lang)), "severity": line["severity"]}


def _record(one: Row) -> Row:
    reasons = "; ".join(" ".join(part for part in (each["what"], each["about"], each["text"]) if part) for each in one["reasons"])
    return {
        **one,
        "published": one["published_at"],
        **{f"{bound}_percent": one["texts"][bound] for bound in BOUNDS},
        "reasons": _Said(reasons),
    }


def _watched(span: Row) -> Iterable[Row]:
    return (
        {**span, **check, "component": component["id"], "severity": component["severity"], "check": check["id"]}
        for component in span["components"]
        for check in component["checks"]
    )


class _Said(str):
    """A text of a person, which must not become a formula."""

    __slots__ = ()


def _text(value: Any) -> str:
    if isinstance(value, _Said):
        return f"'{value}" if value.startswith(("=", "+", "-", "@", "\t", "\r")) else str(value)
    if isinstance(value, list):
        return " ".join(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    found = INSTANT.fullmatch(value) if isinstance(value, str) else None
    if found:
        return f"{found[1]} {re.sub(r'[.]0+$', '', found[2])}"
    return "" if value is None else str(value)


def _in(words: Row, lang: str) -> str:
    return str(words.get(lang) or next(iter(words.values()), ""))


def _written(lines: Iterable[Sequence[str]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(lines)
    return text.getvalue()
