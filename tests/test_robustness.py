"""The report on how sure ranks are, built as a user builds it, and the same intervals beside the country's ranking."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest
from bs4 import BeautifulSoup, Tag

from par_analysis.catalog import Catalog
from tests.building import build
from tests.test_reports import METHOD, numbers_in, numerals

OTHER_NUMBERS = METHOD | {"0.7", "0,7"}


@pytest.fixture(scope="module")
def pages(papi: Catalog, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of the first year of PAPI with six parts, of one in which some are not ranked, and of the newest."""
    out = tmp_path_factory.mktemp("papi")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PAR_CACHE", str(papi.cache))
        done = build(out, "robustness", "--index", "papi", "--year", "2011,2018,2023", "--lang", "vi,en")
        assert done.returncode == 0, done.stderr
    return out


@pytest.fixture(scope="module")
def others(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Indices of which too few scores are known."""
    out = tmp_path_factory.mktemp("others")
    for index, year in (("par_index", "2023"), ("sipas", "2022")):
        done = build(out, "robustness", "--index", index, "--year", year, "--lang", "vi,en")
        assert done.returncode == 0, done.stderr
    return out


def main_of(folder: Path, name: str = "main") -> Tag:
    """The page without its cover; with ``body``, the cover too."""
    (path,) = folder.glob("*.html")
    found = BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser").find(name)
    assert isinstance(found, Tag)
    return found


def rows_of(folder: Path) -> list[dict[str, str]]:
    with (folder / "numbers.csv").open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def titles(page: Tag) -> list[str]:
    return [heading.get_text(" ", strip=True) for heading in page.find_all("h2")]


each = pytest.mark.parametrize("path", [f"{year}/robustness/papi/{lang}" for year in (2011, 2018, 2023) for lang in ("vi", "en")])


@each
def test_every_number_on_the_page_is_a_row_with_its_origin(pages: Path, path: str) -> None:
    rows = rows_of(pages / path)
    shown = {token for row in rows for token in numerals(row["shown"])}
    page = main_of(pages / path)
    assert sorted(set(numbers_in(page)) - shown - OTHER_NUMBERS) == []
    assert [row for row in rows if not (row["source"] and row["edition"] and row["unit_of_measure"] and row["basis"])] == []


@each
def test_every_section_is_there_and_every_chart_has_its_words(pages: Path, path: str) -> None:
    page = main_of(pages / path)
    assert len(titles(page)) == 8
    drawings = page.find_all("svg")
    assert len(drawings) == 1 + 3 + 1
    assert all(len(str(drawing.get("aria-label") or drawing.find("title") or drawing.find("desc") or "")) > 30 for drawing in drawings)


def test_all_ranked_provinces_have_an_interval_that_holds_their_rank(pages: Path) -> None:
    for year, ranked in ((2011, 63), (2018, 61), (2023, 61)):
        rows = rows_of(pages / f"{year}/robustness/papi/en")
        of = {measure: {row["unit"]: float(row["value"]) for row in rows if row["measure"] == measure and row["node"] == "total"} for measure in ("rank", "rank_low", "rank_high")}
        assert len(of["rank"]) == len(of["rank_low"]) == ranked
        assert all(of["rank_low"][unit] <= rank <= of["rank_high"][unit] for unit, rank in of["rank"].items())


def test_both_languages_show_the_same_figures(pages: Path) -> None:
    vi, en = ([(row["unit"], row["node"], row["measure"], row["value"]) for row in rows_of(pages / f"2023/robustness/papi/{lang}")] for lang in ("vi", "en"))
    assert sorted(set(vi)) == sorted(set(en))


def test_two_runs_give_the_same_bytes(pages: Path, papi: Catalog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAR_CACHE", str(papi.cache))
    assert build(tmp_path, "robustness", "--index", "papi", "--year", "2018", "--lang", "vi").returncode == 0
    for path in sorted(file for file in (tmp_path / "2018").rglob("*") if file.is_file()):
        assert path.read_bytes() == (pages / path.relative_to(tmp_path)).read_bytes(), path.name


def test_the_ranking_of_the_country_shows_the_same_intervals_and_groups(pages: Path, papi_national: Path) -> None:
    measures = ("rank_low", "rank_high", "tie_group")
    here, there = (
        {(row["unit"], row["measure"]): row["value"] for row in rows_of(folder) if row["measure"] in measures}
        for folder in (papi_national / "2023/national/papi/vi", pages / "2023/robustness/papi/vi")
    )
    assert len(here) == 3 * 61
    assert here == there
    heads = [cell.get_text(" ", strip=True) for cell in main_of(papi_national / "2023/national/papi/vi").select("th[scope=col]")]
    assert {"Khoảng thứ hạng", "Nhóm"} <= set(heads)


@pytest.mark.parametrize("lang", ["vi", "en"])
@pytest.mark.parametrize(("index", "year"), [("par_index", 2023), ("sipas", 2022)])
def test_too_few_scores_give_a_report_that_says_so(others: Path, index: str, year: int, lang: str) -> None:
    page = main_of(others / f"{year}/robustness/{index}/{lang}")
    assert not page.find_all("svg")
    assert len(titles(page)) == 2
    said = {"vi": "Chưa xác định được mức độ chắc chắn của thứ hạng", "en": "How sure the ranks are is not known"}[lang]
    assert said in main_of(others / f"{year}/robustness/{index}/{lang}", "body").get_text(" ")


def test_how_few_scores_of_the_par_index_are_known_is_a_row(others: Path) -> None:
    (row,) = [row for row in rows_of(others / "2023/robustness/par_index/en") if row["measure"] == "n_scored" and row["shown"] == "0/63"][:1]
    assert row["source"]
    assert re.search(r"found of 0 of 63 provinces", main_of(others / "2023/robustness/par_index/en", "body").get_text(" "))


def test_the_ranking_of_an_index_without_scores_of_parts_says_that_intervals_are_not_known(reports: Path) -> None:
    page = main_of(reports / "2023/national/par_index/en")
    assert "How sure the ranks are is not known" in page.get_text(" ")
    assert "Interval of the rank" not in page.get_text(" ")
