"""The reports on PAPI that movement, convergence, other indices and shares of a rank are shown in: built as a user builds them, in both languages."""

from __future__ import annotations

from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from par_analysis.catalog import Catalog
from tests.building import build
from tests.test_reports import METHOD, maxima, number_rows, numbers_in, numerals, one


@pytest.fixture(scope="module")
def pages(papi: Catalog, papi_national: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Where the reports of the country and of two provinces lie, in a year after one of the same method and in a year of a new one."""
    out = tmp_path_factory.mktemp("movement")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PAR_CACHE", str(papi.cache))
        for year, unit in (("2021", "92"), ("2023", "30")):
            done = build(out, "province", "--index", "papi", "--year", year, "--unit", unit, "--lang", "vi,en", "--format", "html")
            assert done.returncode == 0, done.stderr
    return {"national": papi_national, "province": out}


def folder_of(pages: dict[str, Path], year: int, report: str, lang: str) -> Path:
    (found,) = {path.parent for path in (pages[report] / str(year) / report).rglob("*.html") if path.parent.name == lang}
    return found


def page(folder: Path) -> str:
    return " ".join(BeautifulSoup(one(folder, "*.html").read_text(encoding="utf-8"), "html.parser").get_text(" ").split())


EACH = [(year, report, lang) for year in (2021, 2023) for report in ("national", "province") for lang in ("vi", "en")]


@pytest.mark.parametrize(("year", "report", "lang"), EACH)
def test_every_number_on_the_page_is_a_row(pages: dict[str, Path], year: int, report: str, lang: str) -> None:
    folder = folder_of(pages, year, report, lang)
    main = BeautifulSoup(one(folder, "*.html").read_text(encoding="utf-8"), "html.parser").find("main") or pytest.fail("no main")
    shown = {token for row in number_rows(folder) for token in numerals(row["shown"])}
    assert sorted(set(numbers_in(main)) - shown - maxima(number_rows(folder), lang) - METHOD) == []


@pytest.mark.parametrize(("year", "report", "lang"), EACH)
def test_every_row_has_its_origin(pages: dict[str, Path], year: int, report: str, lang: str) -> None:
    assert [row for row in number_rows(folder_of(pages, year, report, lang)) if not (row["source"] and row["edition"] and row["unit_of_measure"] and row["basis"])] == []


def test_a_year_of_the_same_method_says_how_the_country_moved(pages: dict[str, Path]) -> None:
    text = page(folder_of(pages, 2023, "national", "en"))
    for said in (
        "From 2022 to 2023 a province moved 11.0 places up or down on average, among the 59 of 63 provinces known in both years",
        "No province lies 2 deviations or more from it: none is called a breakthrough or a setback.",
        "Of the 11 provinces that had moved so far in 2022, 9 have kept half of it or more.",
        "A province one point behind another in 2021 gained 0.24 points a year on it",
        "PAR INDEX 39/63 0.32",
    ):
        assert said in text


def test_a_year_of_a_new_method_says_that_nothing_is_called_a_breakthrough(pages: dict[str, Path]) -> None:
    text = page(folder_of(pages, 2021, "national", "en"))
    assert "The method changed between 2020 and 2021: a change of points across it is no movement, so nothing is called a breakthrough." in text
    assert "No earlier year is known that was scored as 2021 was" in text
    assert "a province moved 17.5 places" in text


def test_a_province_is_told_what_its_rank_owes_and_whether_it_is_a_mover(pages: dict[str, Path]) -> None:
    text = page(folder_of(pages, 2023, "province", "en"))
    assert "In 2023 Hai Duong ranked 37/61 , 6 places behind the middle of the list (31)." in text
    assert "That is neither a breakthrough nor a setback, which take 2 or more." in text
    assert "the change across the change of method" not in text


def test_a_province_is_told_what_the_new_method_did(pages: dict[str, Path]) -> None:
    text = page(folder_of(pages, 2021, "province", "en"))
    assert "What it did on the parts that both methods have −1.91 −0.17" in text
    assert "neither a breakthrough" not in text
    assert "Kết quả ở những nội dung có trong cả hai phương pháp −1,91 −0,17" in page(folder_of(pages, 2021, "province", "vi"))


def test_par_index_says_of_what_too_little_is_known(reports: Path) -> None:
    text = page(reports / "2023" / "national" / "par_index" / "en")
    assert "Results of both 2022 and 2023 are known of fewer than half of the provinces" in text
    assert "too few to tell a breakthrough from what all did" in text
    assert "Most often in the top ten" in text
    assert "SIPAS 17/63 0.56" in text
