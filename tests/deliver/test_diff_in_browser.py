"""The page of what moved, in a real browser: accessibility, telephones, keyboard, paper, thousands of changes; and the names on it."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from par_analysis.deliver import diff_page, finished, numbers_diff, published
from par_analysis.deliver.gate import Gate
from par_analysis.deliver.numbers_diff import Diff
from par_analysis.model import LANGUAGES
from par_analysis.run.numbers import Row
from tests.deliver.made import edited, make_report, row

CHROMIUM = shutil.which("chromium")
pytestmark = [pytest.mark.browser, pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed: apt install chromium")]

EDITIONS = {"edition": "public_pages/2026-11"}


def rows_of(lang: str) -> list[Row]:
    """Scores, ranks, means and work of a report, as many sorts of numbers as there are."""
    name = {"vi": "Hải Dương", "en": "Hai Duong"}[lang]
    rows = [row(unit_name=name, node=f"domain:{no}", value=no / 3, **EDITIONS) for no in range(1, 9)]
    rows += [row(unit="R2", unit_name="", measure="mean_computed", basis="computed", value=86.275, note="mean of 6 of 14 scores")]
    rows += [row(measure="rank", value=22, unit_of_measure="place", out_of=63), row(measure="rank", year=2022, value=47, unit_of_measure="place", out_of=63)]
    return [*rows, row(index="operations", node="operations:plan", measure="tasks", unit_of_measure="count", value=51, period="2023-H1"), row(unit="48", node="domain:1")]


def all_kinds(folder: Path) -> Diff:
    """Every kind of change, with every kind of cause."""
    for lang in LANGUAGES:
        make_report(folder / "reports", rows_of(lang), lang=lang)
        make_report(folder / "reports", rows_of(lang)[:2], key="2022/province/par_index/48-da-nang", lang=lang)
    published.remember(finished.reports(folder / "reports"), folder / "state")
    shutil.rmtree(folder / "reports" / "2022")
    for lang in LANGUAGES:
        rows = edited(rows_of(lang), lambda one: {"value": one["value"] + (0.001 if one["node"] == "domain:2" else 1), "edition": str(one["edition"]).replace("11", "12")})  # type: ignore[operator]
        rows[3] |= {"value": rows_of(lang)[3]["value"], "out_of": 12, "qualifier": "~", "shown": "≈ 1"}
        rows[-1] = row(unit="48", node="domain:1", measure="unheard_of", value=None)
        make_report(folder / "reports", rows, lang=lang, reads={"figures/par_index/2023": "2" * 16, "reference/par_index": "2" * 16}, notebook={"name": "province.ipynb"})
        make_report(folder / "reports", rows, key="2023/national/par_index", lang=lang)
    return numbers_diff.diff(finished.reports(folder / "reports"), published.recall(folder / "state"), Gate(tolerance={"points": 0.005}))


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("moved")
    met = all_kinds(folder)
    assert {number.first.kind for number in (*met.counted, *met.of("slight"))} == set(numbers_diff.KINDS)
    for lang in LANGUAGES:
        (folder / f"{lang}.html").write_bytes(diff_page.write(met, lang))
    return folder


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    """A page on which nothing may go wrong, and that asks for nothing."""
    opened = browser.new_page(viewport={"width": 1280, "height": 844})
    said: list[str] = []
    opened.on("console", lambda message: said.append(message.text))
    opened.on("pageerror", lambda error: said.append(str(error)))
    opened.on("request", lambda request: None if request.url.startswith(("data:", "file:")) else said.append(request.url))
    yield opened
    opened.close()
    assert said == []


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("width", [390, 1280])
def test_diff_page_is_accessible_and_fits(page: Any, pages: Path, lang: str, width: int) -> None:
    from axe_playwright_python.sync_playwright import Axe

    page.set_viewport_size({"width": width, "height": 844})
    page.goto((pages / f"{lang}.html").as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate("[...document.fonts].some(font => font.status == 'loaded')")
    results = Axe().run(page, options={"preload": False})
    assert results.violations_count == 0, results.generate_report()


@pytest.mark.parametrize(
    ("lang", "about"),
    [
        ("vi", ["Hải Dương, 2023", "PAR INDEX · 3. Cải cách thủ tục hành chính · điểm số · trong phần “Tổng điểm”"]),
        ("vi", ["Đồng bằng sông Hồng, 2023", "PAR INDEX · trung bình các điểm đã biết · trong phần “Tổng điểm”"]),
        ("vi", ["Hải Dương, 6 tháng đầu năm 2023", "Nhiệm vụ trong kế hoạch năm · trong phần “Tổng điểm”"]),
        ("en", ["Hai Duong, first half of 2023", "Tasks in the year's plan · in “Tổng điểm”"]),
        ("en", ["Da Nang, 2023", "PAR INDEX · 1. Steering and management of reform · unheard_of · in “Tổng điểm”"]),
        ("en", ["Da Nang, 2022, PAR INDEX", "2022/province/par_index/48-da-nang/en"]),
    ],
)
def test_numbers_are_called_as_the_reports_call_them(page: Any, pages: Path, lang: str, about: list[str]) -> None:
    page.goto((pages / f"{lang}.html").as_uri())
    heads = page.locator("tbody th").evaluate_all("cells => cells.map(cell => cell.innerText.split('\\n'))")
    assert about in heads


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_code_is_left_where_there_is_a_name(page: Any, pages: Path, lang: str) -> None:
    page.goto((pages / f"{lang}.html").as_uri())
    text = page.inner_text("#moved ~ .table") + page.inner_text("#why ~ .table")
    assert not re.search(r"par_index|domain:|mean_computed|_of_|R2|operations|reference/|figures/", text)


def test_keyboard_alone_reads_the_tables(page: Any, pages: Path) -> None:
    page.goto((pages / "vi.html").as_uri())
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "#main"
    page.set_viewport_size({"width": 390, "height": 844})
    page.focus("#moved ~ .wide")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.keyboard.press("ArrowRight")
    assert any(page.evaluate("document.activeElement.scrollLeft > 0") or page.wait_for_timeout(20) for _ in range(100))


def test_paper_has_the_whole_tables_with_their_heads(page: Any, pages: Path) -> None:
    page.goto((pages / "vi.html").as_uri())
    page.emulate_media(media="print")
    assert not page.is_visible("nav")
    assert page.evaluate("getComputedStyle(document.querySelector('.wide')).overflow") == "visible"
    assert page.evaluate("getComputedStyle(document.querySelector('thead')).display") == "table-header-group"


def test_three_thousand_changes_make_a_page_that_opens(page: Any, tmp_path: Path) -> None:
    about = [{"year": year, "node": f"domain:{no}", "value": no} for year in range(2013, 2023) for no in range(150)]
    old = [row(**one, measure=measure, unit_of_measure=unit) for measure, unit in (("score", "points"), ("rank", "place")) for one in about]
    make_report(tmp_path / "reports", old)
    published.remember(finished.reports(tmp_path / "reports"), tmp_path / "state")
    make_report(tmp_path / "reports", edited(old, lambda one: {"value": 2 * float(str(one["value"])) + 1}))
    met = numbers_diff.diff(finished.reports(tmp_path / "reports"), published.recall(tmp_path / "state"), Gate())
    content = diff_page.write(met, "vi")
    (tmp_path / "moved.html").write_bytes(content)
    page.goto((tmp_path / "moved.html").as_uri())
    units = page.locator("#moved ~ .table tbody td:nth-child(5)").all_inner_texts()
    assert (len(met.counted), {unit: units.count(unit) for unit in units}) == (3000, {"điểm": 250, "thứ hạng": 250})
    assert "Còn 2.500 số liệu khác" in page.inner_text("main")
    assert len(content) < 1_000_000


def test_a_page_is_the_same_bytes_each_time(pages: Path, tmp_path: Path) -> None:
    assert diff_page.write(all_kinds(tmp_path), "vi") == (pages / "vi.html").read_bytes()
    assert json.loads((tmp_path / "state" / "published" / "index.json").read_bytes())
