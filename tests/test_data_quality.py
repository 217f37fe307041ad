"""The report on an index's data, built as a user builds it: what it says of the known gaps and contradictions of PAR INDEX and PAPI."""

from __future__ import annotations

import csv
import json
import re
import shutil
from pathlib import Path

import pytest
from bs4 import BeautifulSoup, Tag

from par_analysis import dataset, metrics
from par_analysis.metrics.disputes import REASONS
from tests.building import build
from tests.conftest import SHARED

MIRROR = SHARED / "mirror" / "raw.githubusercontent.com"


@pytest.fixture(scope="module")
def par_index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("quality")
    done = build(out, "data_quality", "--index", "par_index", "--lang", "vi,en")
    assert done.returncode == 0, done.stderr
    return out


@pytest.fixture(scope="module")
def papi(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if not MIRROR.is_dir():
        pytest.skip("the mirror in ../shared is absent")
    cache, out = tmp_path_factory.mktemp("cache"), tmp_path_factory.mktemp("papi")
    shutil.copytree(MIRROR, cache / MIRROR.name)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PAR_CACHE", str(cache))
        done = build(out, "data_quality", "--index", "papi", "--lang", "en")
    assert done.returncode == 0, done.stderr
    return out


def page(out: Path, lang: str) -> BeautifulSoup:
    (path,) = out.rglob(f"*.{lang}.html")
    return BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")


def numbers(out: Path, lang: str) -> list[dict[str, str]]:
    (path,) = out.rglob(f"{lang}/numbers.csv")
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def rows(of: BeautifulSoup, caption: str) -> list[list[str]]:
    """The rows of the table with a caption."""
    (table,) = [table for table in of.find_all("table") if caption in table.find("caption").get_text(" ")]
    return [[cell.get_text(" ", strip=True) for cell in row.find_all(["th", "td"])] for row in table.find("tbody").find_all("tr")]


def test_the_files_lie_under_all_years_and_say_no_year(par_index: Path) -> None:
    folder = par_index / "all-years" / "data_quality" / "par_index" / "en"
    assert sorted(path.name for path in folder.iterdir()) == ["manifest.json", "numbers.csv", "par-index-data-quality.en.html", "par-index-data-quality.en.pdf"]
    identity = json.loads((folder / "manifest.json").read_bytes())["identity"]
    assert {name: identity.get(name) for name in ("report", "index", "unit", "year", "lang")} == {
        "report": "data_quality",
        "index": "par_index",
        "unit": "VN",
        "year": None,
        "lang": "en",
    }


def test_a_year_is_refused_with_the_reason(tmp_path: Path) -> None:
    done = build(tmp_path, "data_quality", "--year", "2023")
    assert done.returncode == 2
    assert "unknown parameter 'year': data_quality is about all years" in done.stderr


def test_two_values_of_one_figure_are_shown_with_the_one_used(par_index: Path) -> None:
    (row,) = [row for row in rows(page(par_index, "en"), "Figures that sources state differently") if row[:2] == ["2023", "Hai Phong: score"]]
    assert row[2].startswith("91.87 (")
    assert row[3].startswith("91.81 (")
    assert row[4]


def test_errors_of_sources_are_shown_with_their_reason(par_index: Path) -> None:
    found = [row for row in rows(page(par_index, "en"), "set aside as errors") if row[:2] == ["2018", "Quang Ninh: score"]]
    assert [row[2:4] for row in found] == [["81.00", "89.06"], ["89.60", "89.06"]]
    assert "lacks a zero" in found[1][5]


@pytest.mark.parametrize(("lang", "label", "rule"), [("vi", "Không thống nhất", "số liệu được nêu khác nhau"), ("en", "Stated differently", "a figure stated differently")])
def test_disputes_are_counted_alike_on_the_cover_and_among_the_findings(par_index: Path, lang: str, label: str, rule: str) -> None:
    of = page(par_index, lang)
    (cell,) = [cell for cell in of.find_all("td") if cell.parent and cell.parent.get_text(" ", strip=True).startswith(rule) and cell.get_text(strip=True).isdigit()]
    around = of.find(string=re.compile(label))
    assert around is not None
    assert re.search(rf"{label}\s+{cell.get_text(strip=True)}\b", of.get_text(" "))


def test_totals_that_are_not_the_sum_of_their_parts_are_shown(par_index: Path) -> None:
    found = rows(page(par_index, "en"), "do not equal the sum of their parts")
    assert ["2012", "Da Nang: score", "87.14", "87.12", "+0.02", "Appraisal + Surveys"] in found


def test_a_rank_given_twice_is_told(par_index: Path) -> None:
    assert re.search(r"2023: 7/63 \(rank\) is given to Lao Cai,\s+Long An", page(par_index, "en").get_text())


def test_what_is_asked_for_begins_with_what_contradicts(par_index: Path) -> None:
    heading = page(par_index, "en").find("h2", string=re.compile("What to ask"))
    assert isinstance(heading, Tag)
    items = [item.get_text() for item in heading.find_next("ul").find_all("li")]
    assert items[0].startswith("Which is right, 2023:")
    assert "91.87 or 91.81" in items[0]
    assert any(item.startswith("Full tables") for item in items)
    assert any(re.match(r"The decision .*2021", item) for item in items)


def numerals(text: str) -> set[str]:
    return {token for token in re.findall(r"\d+(?:[.,]\d+)*", text) if not re.fullmatch(r"(19|20)\d\d", token)}


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_every_number_on_the_page_is_a_row(par_index: Path, lang: str) -> None:
    main = page(par_index, lang).find("main")
    assert isinstance(main, Tag)
    for left_out in main.select("svg, nav, figcaption, caption, th[scope=col], a, .note, footer"):
        left_out.decompose()
    for row in main.select("tbody tr"):  # dates, decisions, files and reasons are not figures
        for cell in row.find_all(["th", "td"]):
            if re.search(r"QĐ-BNV|\.csv:\d|\d{2}/\d{2}/\d{4}|November|QĐ", cell.get_text()) or len(cell.get_text()) > 50:
                cell.decompose()
    shown = {token for row in numbers(par_index, lang) for token in numerals(row["shown"])}
    assert sorted(numerals(main.get_text(" ")) - shown - set("12345678")) == []


def test_every_unit_and_year_is_a_row_of_numbers(par_index: Path) -> None:
    cells = {(row["unit"], row["year"]): row["measure"] for row in numbers(par_index, "en") if row["measure"] in metrics.quality.STATES}
    assert len({unit for unit, _ in cells}) == 63
    assert cells["30", "2023"] == "score_and_rank"
    assert cells["27", "2018"] == "nothing"


@pytest.mark.parametrize("index", ["par_index", "sipas"])
def test_the_reason_of_every_dispute_is_the_rule_that_chose(index: str) -> None:
    view = dataset.overview("data_quality", index=index, lang="en")
    found = metrics.disputes(view.claims, view.panel, trust=list(view.trust))
    told = {finding.column: "undecided" in finding.hint for finding in view.findings if finding.rule == "conflict"}
    assert set(found["why"]) <= set(REASONS)
    for key, claims in found.groupby(["year", "unit", "node", "measure"]):
        year, unit, node, measure = key if isinstance(key, tuple) else (key,)
        assert (claims["why"].iloc[0] == "undecided") == told[f"{index} {year} {unit} {node} {measure}"]


def test_blank_provinces_of_papi_are_named(papi: Path) -> None:
    text = re.sub(r"\s+", " ", page(papi, "en").get_text(" "))
    assert re.search(r"Nothing is known of: [^.]*Binh Duong 2023", text)
    assert re.search(r"Only some sub-dimensions are known of: [^.]*Quang Ninh 2018", text)
    cells = {(row["unit"], row["year"]): row["measure"] for row in numbers(papi, "en")}
    assert (cells["74", "2023"], cells["22", "2018"], cells["30", "2023"]) == ("nothing", "parts_only", "score_and_rank")


def test_totals_of_papi_are_said_to_be_computed(papi: Path) -> None:
    text = page(papi, "en").get_text()
    assert "there is no published total to audit" in text
    assert "ranks are computed from the scores" in text


def test_asking_for_papi_names_the_provinces_of_each_year(papi: Path) -> None:
    found = {row[0]: row[-1] for row in rows(page(papi, "en"), "Missing figures by year")}
    assert found["2023"] == "Binh Duong, Quang Ninh"
    assert "2020" not in found
