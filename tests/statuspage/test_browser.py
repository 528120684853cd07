"""
The pages in a real browser: accessible, still, within their width, silent on the console, and asking nobody but us.

axe-core runs on every page in both themes, both languages and both widths (UX section 9).
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from playwright.async_api import Browser, BrowserContext, Page, async_playwright, expect

from statuspage.app import PublicRunner
from tests.capabilities import need
from tests.statuspage.builders import MINUTE, NOW, product, snapshot
from tests.statuspage.conftest import House, opened

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]

AXE = Path(__file__).parent / "vendor" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PAGES = ["/en/", "/fr/", "/en/i/INC-2026-0002/", "/fr/i/INC-2026-0001/", "/fr/nowhere/"]
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync"]


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    chromium = need("chromium")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield browser
        await browser.close()


@pytest.fixture
async def base(runner: PublicRunner) -> str:
    return await opened(runner)


class Visit:
    """One page, with everything that should not happen on it written down."""

    def __init__(self, page: Page, base: str) -> None:
        self.page = page
        self.complaints: list[str] = []
        page.on("console", lambda message: self.complaints.append(f"console: {message.text}"))
        page.on("pageerror", lambda error: self.complaints.append(f"error: {error}"))
        page.on("request", lambda request: request.url.startswith(base) or self.complaints.append(f"asked {request.url}"))

    async def violations(self) -> list[str]:
        # Through the debugger's door: the page's CSP would rightly refuse an added script.
        await self.page.evaluate(AXE.read_text("utf-8"))
        found: dict[str, Any] = await self.page.evaluate("rules => axe.run({runOnly: rules})", RULES)
        return [f"{one['id']}: {node['html'][:120]}" for one in found["violations"] for node in one["nodes"]]


async def opened_page(context: BrowserContext, base: str, path: str) -> Visit:
    visit = Visit(await context.new_page(), base)
    answer = await visit.page.goto(base + path)
    assert answer is not None
    if answer.status == 404:
        visit.complaints = [c for c in visit.complaints if "404" not in c]
    return visit


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
async def test_every_page_is_accessible_fits_and_keeps_to_itself(browser: Browser, base: str, theme: Any, width: int):
    context = await browser.new_context(viewport={"width": width, "height": 900}, color_scheme=theme)
    for path in PAGES:
        visit = await opened_page(context, base, path)

        assert await visit.violations() == [], path
        assert await visit.page.evaluate("document.documentElement.scrollWidth") <= width, path
        assert visit.complaints == [], path
        await visit.page.close()


async def test_long_names_and_a_narrow_screen_do_not_make_the_page_scroll_sideways(
    browser: Browser, house: House, runner: PublicRunner, base: str
):
    long = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"
    house.snapshot = snapshot(site_name=long, products=(product(name=long, state="down"), product("b", "Record")))
    await runner.refresh()
    context = await browser.new_context(viewport={"width": 320, "height": 700})

    for path in ("/en/", "/fr/"):
        visit = await opened_page(context, base, path)
        assert await visit.page.evaluate("document.documentElement.scrollWidth") <= 320


async def test_a_phone_shows_all_that_the_checks_saw_without_scrolling(browser: Browser, base: str):
    context = await browser.new_context(viewport={"width": 390, "height": 900})
    visit = await opened_page(context, base, next(path for path in PAGES if "/i/INC" in path))

    hidden = await visit.page.evaluate("(t => t.scrollWidth - t.clientWidth)(document.querySelector('#saw .tw'))")
    assert hidden <= 0
    for box in [await cell.bounding_box() for cell in await visit.page.locator(".evidence td").all()]:
        assert box is not None
        assert box["x"] + box["width"] <= 390


async def test_a_choice_of_utc_kept_from_elsewhere_harms_no_page_that_shows_utc_anyway(
    browser: Browser, house: House, runner: PublicRunner, base: str
):
    house.snapshot = snapshot(timezone="UTC")
    await runner.refresh()
    context = await browser.new_context()
    await context.add_init_script("localStorage.tz = 'utc'")
    visit = await opened_page(context, base, "/en/")

    await expect(visit.page.locator(".live")).to_be_visible()
    assert await visit.page.is_checked("[value=ref]")
    assert visit.complaints == []


async def test_without_script_everything_is_there(browser: Browser, base: str):
    context = await browser.new_context(java_script_enabled=False)
    visit = await opened_page(context, base, "/en/")

    assert "Sign In App is down." in (await visit.page.inner_text("h1"))
    assert "99.9902%" in await visit.page.inner_text("main")
    await visit.page.click("summary")
    assert await visit.page.is_visible("text=12 March 2026: down for 13 min 30 s")
    assert not await visit.page.is_visible(".tz")


async def test_the_page_refreshes_quietly_and_announces_only_a_new_answer(
    browser: Browser, house: House, runner: PublicRunner, base: str
):
    context = await browser.new_context()
    page = await context.new_page()
    await page.clock.install()
    visit = Visit(page, base)
    await page.goto(base + "/en/")
    await page.click("summary")
    await page.evaluate("document.activeElement.blur()")

    house.now_us = NOW + MINUTE
    house.snapshot = snapshot(as_of_us=house.now_us)
    await runner.refresh()
    await page.clock.run_for(61_000)

    await expect(page.locator("h1")).to_have_text("All three products are working.")
    await expect(page.locator("#news")).to_have_text("All three products are working.")
    await expect(page).to_have_title("Everything is working · Sign In Solutions")
    assert visit.complaints == []


async def test_the_refresh_can_be_stopped_and_stays_stopped(browser: Browser, house: House, runner: PublicRunner, base: str):
    context = await browser.new_context()
    page = await context.new_page()
    await page.clock.install()
    await page.goto(base + "/en/")
    await page.uncheck(".live input")
    await page.reload()

    house.snapshot = snapshot(as_of_us=NOW + 1)
    await runner.refresh()
    await page.clock.run_for(130_000)

    assert not await page.is_checked(".live input")
    assert "is down" in await page.inner_text("h1")


async def test_times_can_be_read_in_utc_or_in_the_reader_s_zone(browser: Browser, house: House, runner: PublicRunner, base: str):
    house.snapshot = snapshot(timezone="Europe/Paris")
    await runner.refresh()
    context = await browser.new_context(timezone_id="America/New_York", locale="fr-FR")
    visit = await opened_page(context, base, "/fr/")
    checked = visit.page.locator("#answer time").first

    assert await checked.inner_text() == "14:07:32"
    await visit.page.check(".tz [value=utc]")
    assert await checked.inner_text() == "13:07:32"
    await visit.page.check(".tz [value=me]")
    assert await checked.inner_text() == "08:07:32"
    assert "votre heure (America/New_York)" in await visit.page.inner_text("#answer")
    await visit.page.check(".tz [value=ref]")
    assert await checked.inner_text() == "14:07:32"


async def test_the_browser_asks_for_three_files_and_a_page(base: str, browser: Browser):
    context = await browser.new_context()
    page = await context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url.removeprefix(base)))

    await page.goto(base + "/en/", wait_until="networkidle")

    assert len(asked) <= 4
    async with aiohttp.ClientSession() as session:
        for path in asked:
            async with session.get(base + path) as answer:
                assert answer.status == 200
