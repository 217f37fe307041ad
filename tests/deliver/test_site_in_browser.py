"""The site in a real browser: search, keyboard alone, telephones, accessibility, no request outside, no scripts."""

from __future__ import annotations

import functools
import http.server
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from par_analysis.deliver.site import make_site
from tests.deliver.sites import some

CHROMIUM = shutil.which("chromium")
pytestmark = [pytest.mark.browser, pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed: apt install chromium")]

PAGES = ("index.html", "en/country.html", "vi/unit/30-hai-duong.html", "en/2023/par_index.html", "vi/2023/province/par_index/30-hai-duong.html")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("gallery")
    make_site(some(folder / "reports"), folder / "site")
    return folder / "site"


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    """A page on which nothing may go wrong."""
    opened = browser.new_page(viewport={"width": 1280, "height": 844})
    said: list[str] = []
    opened.on("console", lambda message: said.append(message.text))
    opened.on("pageerror", lambda error: said.append(str(error)))
    opened.asked = []
    opened.on("request", lambda request: opened.asked.append(request.url))
    yield opened
    opened.close()
    assert said == []


@pytest.mark.parametrize("place", PAGES)
@pytest.mark.parametrize("width", [390, 1280])
def test_page_is_accessible_offline_and_fits(page: Any, site: Path, place: str, width: int) -> None:
    from axe_playwright_python.sync_playwright import Axe

    page.set_viewport_size({"width": width, "height": 844})
    page.goto((site / place).as_uri())
    assert {address for address in page.asked if not address.startswith("data:")} == {(site / name).as_uri() for name in (place, "site.css", "site.js")}
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate("[...document.fonts].some(font => font.status == 'loaded')")
    results = Axe().run(page, options={"preload": False})
    assert results.violations_count == 0, results.generate_report()


def found(page: Any, query: str) -> list[str]:
    page.fill("#query", query)
    page.wait_for_function("document.querySelector('.find [role=status]').textContent && !document.querySelector('.find div').hidden")
    return [str(title) for title in page.locator(".find li a").evaluate_all("links => links.map(link => link.firstChild.textContent)")]


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("hai duong", "Hải Dương"),
        ("HẢI DƯƠNG", "Hải Dương"),
        ("Ha\u0309i Du\u031bo\u031bng", "Hải Dương"),
        ("haiduong", "Hải Dương"),
        ("da nang", "Đà Nẵng"),
        ("Đà", "Đà Nẵng"),
        ("hanoi", "Hà Nội"),
        ("30", "Hải Dương"),
        ("par index 2022", "PAR INDEX 2022"),
        ("2022 hai duong", "Hải Dương · PAR INDEX 2022"),
        ("whole country", "Cả nước · PAR INDEX 2023"),
        ("một năm của cả nước", "Cả nước · PAR INDEX 2023"),
    ],
)
def test_search_ignores_accents_and_case_and_knows_both_languages(page: Any, site: Path, query: str, first: str) -> None:
    page.goto((site / "index.html").as_uri())
    assert found(page, query)[0] == first


def test_search_axe_and_width_with_results_open(page: Any, site: Path) -> None:
    from axe_playwright_python.sync_playwright import Axe

    page.set_viewport_size({"width": 390, "height": 844})
    page.goto((site / "en/unit/30-hai-duong.html").as_uri())
    assert found(page, "hai")[0] == "Hai Duong"
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    results = Axe().run(page, options={"preload": False})
    assert results.violations_count == 0, results.generate_report()


def test_search_that_finds_nothing_says_so(page: Any, site: Path) -> None:
    page.goto((site / "en/index.html").as_uri())
    assert found(page, "atlantis") == []
    assert page.inner_text(".find [role=status]").startswith("Nothing found.")


def test_every_result_leads_somewhere(page: Any, site: Path) -> None:
    page.goto((site / "vi/unit/30-hai-duong.html").as_uri())
    found(page, "par")
    for address in page.locator(".find li a").evaluate_all("links => links.map(link => link.href)"):
        assert Path(address.removeprefix("file://")).is_file(), address


def focused(page: Any) -> str:
    return str(page.evaluate("document.activeElement.textContent.trim().replace(/\\s+/g, ' ')"))


def test_keyboard_alone_finds_a_report(page: Any, site: Path) -> None:
    page.goto((site / "index.html").as_uri())
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "#main"
    for _ in range(10):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == "query":
            break
    page.keyboard.type("hai duong 2022")
    page.wait_for_selector(".find li")
    page.keyboard.press("ArrowDown")
    assert focused(page).startswith("Hải Dương · PAR INDEX 2022")
    page.keyboard.press("Escape")
    assert page.evaluate("[document.activeElement.id, document.querySelector('.find div').hidden]") == ["query", True]
    page.keyboard.press("ArrowDown")  # closed: nothing to go to
    page.keyboard.press("End")
    page.keyboard.type(" ")
    page.keyboard.press("Enter")
    page.wait_for_url("**/vi/2022/province/par_index/30-hai-duong.html")


def test_keyboard_alone_goes_through_the_map(page: Any, site: Path) -> None:
    page.goto((site / "index.html").as_uri())
    page.focus(".tiles a")
    names = []
    for _ in range(3):
        names.append(page.evaluate("document.activeElement.querySelector('.unseen').textContent.trim()"))
        assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
        page.keyboard.press("Tab")
    assert names == ["Hà Nội: 91,43, hạng 3/63", "Hải Dương: 87,84, hạng 22/63", "Đà Nẵng: 89,10, hạng 12/63"]
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/vi/unit/48-da-nang.html")


def test_without_scripts_there_are_lists_and_links_and_no_dead_field(browser: Any, site: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((site / "index.html").as_uri())
    assert page.locator("input").count() == 0
    page.get_by_role("link", name="Đà Nẵng", exact=True).click()
    page.get_by_role("link", name="2023", exact=True).click()
    page.get_by_role("link", name="Đọc báo cáo").click()
    assert page.url == (site / "reports/2023/province/par_index/48-da-nang/vi/48-da-nang-par-index-2023.vi.html").as_uri()
    context.close()


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Says nothing of what it is asked."""

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def served(site: Path) -> Iterator[str]:
    """The address of the site below a server's folder."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=site.parent)) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/site"
        server.shutdown()
        thread.join(timeout=10)


def test_it_works_under_any_path_of_a_server(page: Any, served: str) -> None:
    page.goto(f"{served}/index.html")
    assert found(page, "da nang 2023")[0] == "Đà Nẵng · PAR INDEX 2023"
    page.keyboard.press("Enter")
    page.wait_for_url(f"{served}/vi/2023/province/par_index/48-da-nang.html")
    page.get_by_role("link", name="English").first.click()
    assert page.inner_text("h1") == "Da Nang"
    assert all(address.startswith((served, "data:")) for address in page.asked)


def test_paper_has_no_search_and_no_buttons(page: Any, site: Path) -> None:
    page.goto((site / "vi/2023/province/par_index/30-hai-duong.html").as_uri())
    page.emulate_media(media="print")
    assert not page.is_visible(".find")
    assert not page.is_visible(".downloads")
    assert page.is_visible("h1")
