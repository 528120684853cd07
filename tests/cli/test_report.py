"""`uptimed report` as a person or a script calls it."""

from __future__ import annotations

import asyncio
import csv
import hashlib
import json
import sys
from pathlib import Path

import pytest

from tests.report.year import the_year
from uptimed.cli import main
from uptimed.storage.database import Database

CONFIGURATION = """\
site: {name: Sign In Solutions, timezone: Europe/London, languages: [fr, en]}
products:
  - id: sia
    name: Sign In App
    components: [{id: web, checks: [{id: main, kind: http, url: "https://a.example.com/"}]}]
"""
AT = "2027-01-12T10:15:00Z"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A configuration, and the data directory that it names."""
    here = tmp_path_factory.mktemp("report")
    (here / "uptimed.yaml").write_text(CONFIGURATION)
    (here / "data").mkdir()

    async def work() -> None:
        database = await Database.open(f"sqlite+aiosqlite:///{here}/data/uptimed.db", data=here / "data")
        await the_year(database)
        await database.close()

    asyncio.run(work())
    return here


def report(folder: Path, *words: str) -> int:
    return main(["report", "--config", str(folder / "uptimed.yaml"), "--at", AT, *words])


def test_html_is_written_to_a_pipe_in_the_first_language_of_the_site(folder: Path, capsysbinary: pytest.CaptureFixture[bytes]):
    assert report(folder, "--year", "2026") == 0

    out = capsysbinary.readouterr().out.decode()
    assert out.startswith("<!doctype html>")
    assert '<html lang="fr">' in out


def test_a_file_is_written_whole_and_nothing_is_left_beside_it(folder: Path, tmp_path: Path):
    (tmp_path / "report.html").write_text("an older one")

    assert report(folder, "--year", "2026", "--language", "en", "--output", str(tmp_path / "report.html")) == 0

    assert [one.name for one in tmp_path.iterdir()] == ["report.html"]
    assert '<html lang="en">' in (tmp_path / "report.html").read_text()


def test_json_of_a_month_of_one_product(folder: Path, capsysbinary: pytest.CaptureFixture[bytes]):
    assert report(folder, "--year", "2026", "--month", "3", "--product", "sia", "--format", "json") == 0

    told = json.loads(capsysbinary.readouterr().out)
    assert (told["period"], [one["id"] for one in told["products"]]) == ("2026-03", ["sia"])


def test_a_product_that_was_removed_since_can_still_be_reported(folder: Path, capsysbinary: pytest.CaptureFixture[bytes]):
    assert report(folder, "--year", "2026", "--product", "sicr", "--format", "json") == 0

    assert json.loads(capsysbinary.readouterr().out)["products"][0]["verdict"] == "missed"


def test_csv_goes_into_a_folder_table_by_table_or_into_one_file(folder: Path, tmp_path: Path):
    assert report(folder, "--year", "2026", "--format", "csv", "--output", f"{tmp_path}/sheets/") == 0
    assert report(folder, "--year", "2026", "--format", "csv", "--output", str(tmp_path / "one.csv")) == 0

    sheets = sorted(one.name for one in (tmp_path / "sheets").iterdir())
    assert "outages.csv" in sheets
    assert len(sheets) == 12
    for file in (tmp_path / "one.csv", tmp_path / "sheets" / "outages.csv"):
        assert file.read_bytes().startswith(b"\xef\xbb\xbf"), "a spreadsheet would read its accents as something else"
    with (tmp_path / "sheets" / "outages.csv").open(encoding="utf-8-sig", newline="") as file:
        assert len(list(csv.DictReader(file))) == 9


def test_csv_in_a_pipe_has_no_mark_in_front(folder: Path, capsysbinary: pytest.CaptureFixture[bytes]):
    assert report(folder, "--year", "2026", "--format", "csv") == 0

    assert capsysbinary.readouterr().out.startswith(b"products,")


def test_a_pdf_is_one(folder: Path, tmp_path: Path):
    assert report(folder, "--year", "2026", "--format", "pdf", "--output", str(tmp_path / "report.pdf")) == 0

    assert (tmp_path / "report.pdf").read_bytes().startswith(b"%PDF-")


def test_the_schema_needs_no_configuration(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["report", "--schema", "--config", str(tmp_path / "none.yaml")]) == 0

    assert json.loads(capsys.readouterr().out)["title"] == "uptimed report"


@pytest.mark.parametrize(
    ("words", "said"),
    {
        "no year": ([], "No report was written: it is not said of which year; add --year, such as --year 2026."),
        "no such product": (["--year", "2026", "--product", "x"], "There is no product 'x'; there are: sia, sicr, sisc."),
        "before all": (
            ["--year", "2019"],
            "There is nothing to report of 2019: no product was in service then; ask for another period.",
        ),
        "not begun": (["--year", "2031"], "There is nothing to report of 2031: it has not begun; ask for an earlier period."),
    }.values(),
)
def test_what_cannot_be_reported_is_said_in_one_sentence(
    folder: Path, words: list[str], said: str, capsys: pytest.CaptureFixture[str]
):
    assert report(folder, *words) == 2

    assert capsys.readouterr() == ("", f"{said}\n")


def test_a_folder_is_no_file(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert report(folder, "--year", "2026", "--output", str(tmp_path)) == 2

    assert capsys.readouterr().err == f"No report was written: {tmp_path} is a folder; name a file in it.\n"


def test_where_nothing_can_be_written_that_is_said(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert report(folder, "--year", "2026", "--output", str(tmp_path / "none" / "report.html")) == 2

    assert capsys.readouterr().err.endswith("cannot be written: No such file or directory; give another --output.\n")


def test_without_typst_a_pdf_is_refused_and_what_to_install_is_said(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setitem(sys.modules, "typst", None)

    assert report(folder, "--year", "2026", "--format", "pdf", "--output", str(tmp_path / "report.pdf")) == 2

    assert "pip install 'uptimed[pdf]'" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_report_leaves_the_database_as_it_was(folder: Path, capsysbinary: pytest.CaptureFixture[bytes]):
    def fingerprint() -> str:
        return hashlib.sha256((folder / "data" / "uptimed.db").read_bytes()).hexdigest()

    before = fingerprint()
    assert report(folder, "--year", "2026", "--format", "json") == 0

    assert fingerprint() == before
