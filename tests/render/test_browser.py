"""The page in a real browser: accessible, offline, and no wider than the screen."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

CHROMIUM = shutil.which("chromium")
pytestmark = [pytest.mark.browser, pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed: apt install chromium")]


@pytest.mark.parametrize("width", [390, 1280])
def test_page_is_accessible_and_asks_for_nothing(width: int, browser: Any, files: dict[str, Path]) -> None:
    from axe_playwright_python.sync_playwright import Axe

    page = browser.new_page(viewport={"width": width, "height": 844})
    asked: list[str] = []
    said: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    page.goto(files["html"].as_uri())
    assert [address for address in asked if not address.startswith("data:")] == [files["html"].as_uri()]
    assert said == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate("document.fonts.check('1em \"Par Sans\"') && [...document.fonts].some(font => font.status == 'loaded')")
    results = Axe().run(page)
    assert results.violations_count == 0, results.generate_report()
    page.close()


def test_first_stop_of_the_keyboard_is_the_content(browser: Any, files: dict[str, Path]) -> None:
    page = browser.new_page()
    page.goto(files["html"].as_uri())
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "#main"
    assert page.evaluate("getComputedStyle(document.activeElement).left") == "0px"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    page.close()


def test_page_prints_without_its_navigation(browser: Any, files: dict[str, Path]) -> None:
    page = browser.new_page()
    page.goto(files["html"].as_uri())
    page.emulate_media(media="print")
    assert not page.is_visible("nav")
    assert page.is_visible("h1")
    page.close()
