"""What programs and spreadsheets get: a documented JSON, exact to the last bit, and tables that open as what they are."""

from __future__ import annotations

import csv as standard
import hashlib
import io
import json
from dataclasses import replace
from fractions import Fraction
from importlib.resources import files
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tests.report.conftest import Reporting
from tests.report.year import instant
from uptimed.domain.overlays import Adjustment
from uptimed.engine.report import Correction
from uptimed.engine.report_document import document
from uptimed.engine.report_facts import Wish
from uptimed.report import csv

SCHEMA: dict[str, Any] = json.loads(files("uptimed.report").joinpath("report.schema.json").read_text("utf-8"))


def read(text: str) -> list[list[str]]:
    return list(standard.reader(io.StringIO(text)))


def rows(sheets: list[csv.Sheet], name: str) -> list[dict[str, str]]:
    (one,) = [sheet for sheet in sheets if sheet.name == name]
    return [dict(zip(one.columns, row, strict=True)) for row in one.rows]


@pytest.fixture
def told(reported: Reporting) -> dict[str, Any]:
    return document(reported(), "0.1.0")


@pytest.fixture
def sheets(told: dict[str, Any]) -> list[csv.Sheet]:
    return csv.sheets(told, "fr")


# JSON


def test_the_schema_is_one_and_explains_every_key() -> None:
    Draft202012Validator.check_schema(SCHEMA)

    def unexplained(node: Any, path: str) -> list[str]:
        found = []
        for name, inside in (node.get("properties") or {}).items():
            if not inside.get("description") and "$ref" not in inside and "enum" not in inside:
                found.append(f"{path}.{name}")
            found += unexplained(inside, f"{path}.{name}")
        return found + (unexplained(node["items"], path) if isinstance(node.get("items"), dict) else [])

    assert [one for name, each in SCHEMA["$defs"].items() for one in unexplained(each, name)] == []
    assert unexplained(SCHEMA, "") == []


@pytest.mark.parametrize(
    ("wish", "as_of"),
    [(Wish(2026), "2027-01-12T10:15:00"), (Wish(2026), "2026-03-12T08:05:00"), (Wish(2026, 7, "sicr"), "2027-01-12T10:15:00")],
)
def test_a_report_is_what_the_schema_says(reported: Reporting, wish: Wish, as_of: str) -> None:
    told = json.loads(json.dumps(document(reported(wish, instant(as_of)), "0.1.0")))

    assert [error.message for error in Draft202012Validator(SCHEMA).iter_errors(told)] == []


def test_its_parts_add_up_to_the_whole_exactly(told: dict[str, Any]) -> None:
    for product in told["products"]:
        for name, whole in product["seconds"].items():
            assert sum(Fraction(part["seconds"][name]) for part in product["parts"]) == Fraction(whole), name


def test_a_ratio_follows_from_the_seconds_beside_it(told: dict[str, Any]) -> None:
    for product in told["products"]:
        seconds, down = product["seconds"], product["downtime"]
        exact = product["availability"]["exact"]

        assert Fraction(*exact["point"]) == 1 - Fraction(down["point"]) / Fraction(seconds["measured"])
        assert Fraction(*exact["lower"]) == 1 - Fraction(down["most"]) / Fraction(seconds["counted"])
        assert Fraction(*exact["upper"]) == 1 - Fraction(down["least"]) / Fraction(seconds["counted"])


def test_the_hash_of_a_record_can_be_worked_out_from_what_stands_beside_it(told: dict[str, Any]) -> None:
    (record,) = told["products"][1]["records"]
    hashed = {key: value for key, value in record.items() if key not in ("sha256", "published_at")}

    text = json.dumps(hashed, sort_keys=True, separators=(",", ":"), ensure_ascii=True)

    assert hashlib.sha256(text.encode()).hexdigest() == record["sha256"]


def test_some_forty_worst_windows_are_told_and_a_longer_one_of_a_multiple_is_never_worse(told: dict[str, Any]) -> None:
    windows = {Fraction(one["seconds"]): Fraction(*one["availability"]["point"]) for one in told["products"][1]["worst_windows"]}

    assert len(windows) >= 40
    assert all(windows[a] <= windows[b] for a in windows for b in windows if b % a == 0)


# CSV


def test_it_is_rfc_4180_whatever_stands_in_it(sheets: list[csv.Sheet]) -> None:
    for one in sheets:
        text = one.written()
        assert text.endswith("\r\n")
        assert "\n" not in text.replace("\r\n", "")
        assert read(text) == [list(one.columns), *(list(row) for row in one.rows)]


def test_all_tables_fit_into_one_file_of_equal_lines(sheets: list[csv.Sheet]) -> None:
    lines = read(csv.together(sheets))

    assert len({len(line) for line in lines}) == 1
    assert [line[0] for line, before in zip(lines[1:], lines, strict=False) if not any(before)] == [one.name for one in sheets[1:]]


def test_an_instant_is_a_date_for_a_spreadsheet_and_a_number_is_a_number(sheets: list[csv.Sheet]) -> None:
    first = rows(sheets, "outages")[0]

    assert (first["first_bad"], first["point_seconds"]) == ("2026-03-12 08:02:40", "480.5")
    assert rows(sheets, "products")[0]["point_numerator"] == "630695727"


def test_each_table_has_what_the_json_has(sheets: list[csv.Sheet], told: dict[str, Any]) -> None:
    products = told["products"]
    expected = {
        "products": 3,
        "parts": 36,
        "worst_windows": sum(len(one["worst_windows"]) for one in products),
        "outages": 9,
        "evidence": 27,
        "blind": sum(len(one["blind"]["stretches"]) for one in products),
        "planned": 2,
        "adjustments": 3,
        "credits": 9,
        "incidents": 9,
        "records": 3,
        "watched": 4,
    }

    assert {one.name: len(one.rows) for one in sheets} == expected


def test_no_column_is_empty_for_everybody_but_those_that_may_be(sheets: list[csv.Sheet]) -> None:
    """A column whose name is not in the document would be."""
    may_be = {
        "products.projected_exhaustion_at",
        "parts.projected_exhaustion_at",
        "adjustments.state",
        "watched.quorum",
        "records.reasons",
    }
    empty = {
        f"{one.name}.{name}"
        for one in sheets
        if one.rows
        for at, name in enumerate(one.columns)
        if not any(row[at] for row in one.rows)
    }

    assert empty <= may_be


def test_names_are_in_the_language_asked_for_and_columns_are_not(told: dict[str, Any]) -> None:
    english, french = csv.sheets(told, "en"), csv.sheets(told, "fr")

    assert [one.columns for one in english] == [one.columns for one in french]
    assert rows(english, "incidents")[0]["title"] == "The certificate had expired"
    assert rows(french, "incidents")[0]["title"] == "Le certificat avait expiré"


@pytest.mark.parametrize("begun", ["=", "+", "-", "@", "\t", "\r"])
def test_what_people_wrote_never_becomes_a_formula(reported: Reporting, begun: str) -> None:
    report = reported()
    hostile = f'{begun}HYPERLINK("https://evil.example/","x")'
    made = Adjustment("ADJ-2026-0009", 1, hostile, hostile, "exclude", 1, 2, scope="sia", clause=hostile)
    told = document(replace(report, products=(replace(report.products[0], corrections=(Correction(made, None, -5),)),)), "0.1.0")

    (row,) = rows(csv.sheets(told, "en"), "adjustments")

    assert [row[name][:2] for name in ("reason", "clause", "author")] == [f"'{begun}"] * 3
    assert row["spared_seconds"] == "-0.000000005"
