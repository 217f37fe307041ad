"""The built reports in a real browser: accessible, offline, no wider than the screen, small."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

CHROMIUM = shutil.which("chromium")
PAGES = ("province/par_index/30-hai-duong/vi", "province/par_index/30-hai-duong/en", "national/par_index/vi", "national/par_index/en")


@pytest.mark.browser
@pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed: apt install chromium")
@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("width", [390, 1280])
def test_report_is_accessible_offline_and_fits(path: str, width: int, browser: Any, reports: Path) -> None:
    from axe_playwright_python.sync_playwright import Axe

    (file,) = (reports / "2023" / path).glob("*.html")
    page = browser.new_page(viewport={"width": width, "height": 844})
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(file.as_uri())
    assert [address for address in asked if not address.startswith("data:")] == [file.as_uri()]
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    results = Axe().run(page)
    assert results.violations_count == 0, results.generate_report()
    page.close()


@pytest.mark.parametrize("path", PAGES)
def test_report_is_small(path: str, reports: Path) -> None:
    (file,) = (reports / "2023" / path).glob("*.html")
    assert file.stat().st_size <= 250_000
