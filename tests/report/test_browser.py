"""The report in a real browser: accessible in both themes and languages, within its width, silent, and fit to be printed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser

from tests.report.conftest import Reporting
from tests.report.year import instant
from tests.statuspage.test_browser import Visit, browser
from uptimed.engine.report import Report
from uptimed.engine.report_facts import Wish
from uptimed.report import html
from uptimed.report.view import view_of

__all__ = ["browser"]

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]


@pytest.fixture
def reports(reported: Reporting) -> dict[str, Report]:
    """A closed year, a year that goes on, and a month of one product."""
    return {
        "closed": reported(),
        "open": reported(as_of_us=instant("2026-10-20T09:00:00")),
        "month": reported(Wish(2026, 3, "sia")),
    }


def page_of(report: Report, lang: str, folder: Path) -> str:
    file = folder / f"{report.period.name}.{lang}.html"
    file.write_text(html.written(view_of(report, lang, "0.1.0")), "utf-8")
    return file.as_uri()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390, 320])
async def test_it_is_accessible_fits_and_keeps_to_itself(
    browser: Browser, reports: dict[str, Report], tmp_path: Path, theme: Any, width: int
):
    context = await browser.new_context(viewport={"width": width, "height": 900}, color_scheme=theme)
    for name, report in reports.items():
        for lang in ("en", "fr"):
            address = page_of(report, lang, tmp_path)
            visit = Visit(await context.new_page(), address)
            await visit.page.goto(address)

            assert await visit.page.evaluate("document.documentElement.scrollWidth") <= width, (name, lang)
            assert await visit.violations() == [], (name, lang)
            assert visit.complaints == [], (name, lang)
            await visit.page.close()


async def test_without_script_all_of_it_is_there(browser: Browser, reports: dict[str, Report], tmp_path: Path):
    context = await browser.new_context(java_script_enabled=False)
    page = await context.new_page()
    await page.goto(page_of(reports["closed"], "en", tmp_path))

    text = await page.inner_text("main")

    assert "met the target of 99.99%, for certain." in text
    assert "99.9977%" in text
    assert "ADJ-2026-0001" in text


async def test_on_paper_it_is_dark_on_white_whatever_the_theme_and_no_table_is_cut_off(
    browser: Browser, reports: dict[str, Report], tmp_path: Path
):
    context = await browser.new_context(viewport={"width": 680, "height": 900}, color_scheme="dark")
    page = await context.new_page()
    await page.emulate_media(media="print", color_scheme="dark")
    await page.goto(page_of(reports["closed"], "fr", tmp_path))

    colours = await page.evaluate("[getComputedStyle(document.body).backgroundColor, getComputedStyle(document.body).color]")
    wide = await page.evaluate(
        "[...document.querySelectorAll('table')]"
        ".filter(one => one.getBoundingClientRect().right > innerWidth).map(one => one.caption.textContent)"
    )

    assert colours == ["rgb(255, 255, 255)", "rgb(0, 0, 0)"]
    assert wide == []
