"""PAPI against figures that others published; the files come from ../shared/mirror, and these tests are skipped where that is absent."""

from __future__ import annotations

import csv
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pandas as pd
import pytest

from par_analysis import dataset, metrics
from par_analysis.catalog import Catalog
from par_analysis.model import TOTAL
from tests.conftest import SHARED

MEANINGS = SHARED / "reference" / "papi_column_meaning_by_period.csv"
WORKBOOKS = SHARED / "mirror" / "raw.githubusercontent.com" / "mdtrinh" / "vietnamdata"
SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


@pytest.fixture(scope="module")
def panel(papi: Catalog) -> pd.DataFrame:
    return dataset.load("papi", known=papi).panel


def of(panel: pd.DataFrame, year: int, measure: str, node: str = TOTAL) -> dict[str, float]:
    """Unit → value."""
    rows = panel[(panel["year"] == year) & (panel["measure"] == measure) & (panel["node"] == node) & panel["unit"].str.isdigit()]
    return {str(unit): float(value) for unit, value in zip(rows["unit"], rows["value"], strict=True)}


TOTALS = {
    (2020, "Quảng Ninh"): 48.811,
    (2020, "Đồng Tháp"): 46.961,
    (2020, "Thái Nguyên"): 46.471,
    (2023, "Thừa Thiên Huế"): 46.0415,
    (2023, "Thái Nguyên"): 45.7875,
    (2023, "Bắc Ninh"): 45.7047,
    (2023, "Sóc Trăng"): 45.6196,
    (2023, "Bạc Liêu"): 45.5784,
    (2023, "Hà Nội"): 43.9603,
    (2023, "Đắk Nông"): 38.9711,
}


@pytest.mark.parametrize(("year", "name"), TOTALS, ids=str)
def test_published_totals_come_out(panel: pd.DataFrame, year: int, name: str) -> None:
    printed = f"{TOTALS[year, name]}"
    assert of(panel, year, "score")[dataset.resolve_unit(name, year)] == pytest.approx(float(printed), abs=0.51 * 10.0 ** -len(printed.partition(".")[2]))


def test_published_places_of_2023_come_out(panel: pd.DataFrame) -> None:
    ranks = of(panel, 2023, "rank")
    names = ["Thừa Thiên Huế", "Thái Nguyên", "Bắc Ninh", "Sóc Trăng", "Bạc Liêu"]
    assert [ranks[dataset.resolve_unit(name, 2023)] for name in names] == [1, 2, 3, 4, 5]
    assert (ranks[dataset.resolve_unit("Hà Nội", 2023)], max(ranks.values()), len(ranks)) == (15, 61, 61)
    last = sorted(ranks, key=ranks.__getitem__, reverse=True)[:5]
    assert last == [dataset.resolve_unit(name, 2023) for name in ("Đắk Nông", "Tây Ninh", "Tiền Giang", "Đồng Nai", "Bình Phước")]


def test_published_dimensions_of_ha_tinh_2015_come_out(panel: pd.DataFrame) -> None:
    unit = dataset.resolve_unit("Hà Tĩnh", 2015)
    met = [of(panel, 2015, "score", f"domain:{number}")[unit] for number in range(1, 7)]
    assert met == pytest.approx([6.44, 7.24, 7.51, 6.67, 7.30, 7.17], abs=0.0051)


def test_808_of_819_province_years_are_complete(panel: pd.DataFrame) -> None:
    complete = {year: len(of(panel, year, "score")) for year in range(2011, 2024)}
    assert sum(complete.values()) == 808
    assert {year: 63 - count for year, count in complete.items() if count < 63} == {2014: 2, 2018: 2, 2021: 3, 2022: 2, 2023: 2}


def test_every_file_is_read_and_what_is_met_is_that_parts_have_no_total(papi: Catalog) -> None:
    found = [finding for finding in dataset.check(papi) if finding.source.startswith("papi/")]
    assert {(finding.severity, finding.rule) for finding in found} == {("note", "parts without a total")}
    units = {finding.column: [case.split(" ")[0] for case in finding.met.split(", ")] for finding in found}
    assert units == {"papi 2018 VN total": ["22", "87"], "papi 2022 VN total": ["24", "27"]}


def test_the_stated_mean_of_2018_disagrees_with_the_totals_and_that_of_2019_agrees(papi: Catalog) -> None:
    view = dataset.overview("data_quality", index="papi", lang="en", known=papi)
    found = metrics.country_audit(view.panel, stated=view.claims, units=view.units, leaves=view.leaves)
    of = {year: found[(found["year"] == year) & (found["period"] == "")].set_index("measure") for year in (2018, 2019)}
    assert of[2018].loc["mean", ["value", "basis"]].tolist() == [43.78, "published"]
    assert of[2018].loc["mean", "source"].startswith("https://ddcilaocai.vn/")
    figures = {"mean_recomputed": 44.0777, "gap_stated_mean": -0.2977, "mean_needed": 34.7015, "min_recomputed": 41.0423, "mean_of_partial": 43.8029}
    assert {name: of[2018].loc[name, "value"] for name in figures} == pytest.approx(figures, abs=0.0001)
    assert (of[2018].loc["gap_stated_mean", "note"], of[2019].loc["gap_stated_mean", "note"]) == ("disagrees", "agrees")
    (finding,) = [finding for finding in dataset.check(papi) if finding.rule == "stated against scores"]
    assert (finding.severity, finding.met, finding.column, finding.file) == ("warning", "43.78", "papi 2018 VN total", "public_pages/2026-11-papi/overall.csv")
    assert finding.expected.startswith("44.08, the mean of the totals of 61 of 63 units")


def test_a_stated_mean_is_no_figure_of_the_pages(papi: Catalog, panel: pd.DataFrame) -> None:
    means = panel[(panel["unit"] == "VN") & (panel["node"] == TOTAL) & (panel["measure"] == "mean")]
    assert set(means["basis"]) == {"computed"}
    for year in (2018, 2019):
        totals = of(panel, year, "score")
        assert float(means.loc[means["year"] == year, "value"].iloc[0]) == pytest.approx(sum(totals.values()) / len(totals), abs=1e-9)
    assert not any("ddcilaocai" in source for source in dataset.view("national", index="papi", year=2018, lang="vi", known=papi).sources["source"])


def test_every_figure_names_the_file_that_it_is_from(papi: Catalog, panel: pd.DataFrame) -> None:
    addresses = {file.url for file in papi.source("papi").files}
    assert set(panel.loc[panel["basis"] == "published", "source"]) <= addresses
    assert all(set(source.split("; ")) <= addresses for source in panel["source"])


# ---- what a column means ----

WORDS = {  # as the outside table calls them → as this one does
    "Transparency of poverty lists": "poverty_lists",
    "Transparency of communal budgets": "communal_budgets",
    "Land-use planning/pricing transparency": "land_use_plans",
    "Land-use plan/price frames": "land_use_plans",
    "Access to information": "access_to_information",
    "People's Inspection Boards": "inspection_boards",
    "Community Investment Supervision Boards": "investment_boards",
    "Response to citizen appeals": "response_to_appeals",
    "Access to justice services": "access_to_justice",
    "Construction permits": "construction_permits",
    "E-responsiveness": "e_responsiveness",
}


@pytest.mark.skipif(not MEANINGS.is_file(), reason="../shared/reference is absent")
def test_columns_mean_what_an_outside_table_says() -> None:
    from par_analysis import catalog

    columns = catalog.load().source("papi").layout["columns"]
    with MEANINGS.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) == 15
    for row in rows:
        first, last = map(int, row["years"].split("-"))
        for year in range(first, last + 1):
            met = [one["node"] for one in columns[row["column"]] if one.get("first", year) <= year <= one.get("last", year)]
            assert [re.sub("_2019$", "", node.removeprefix("criterion:")) for node in met] == [WORDS[row["true_meaning"]]], (row["column"], year)


def test_the_definition_of_2019_is_kept_apart() -> None:
    from par_analysis import catalog

    (first, then) = catalog.load().source("papi").layout["columns"]["SC83"]
    assert (first["first"], first["last"], then["first"]) == (2019, 2019, 2020)
    assert first["node"] != then["node"]


# ---- another extraction ----


def sheets(path: Path) -> Iterator[tuple[str, list[dict[str, str]]]]:
    """Name and rows of every sheet of a workbook; the first row names the columns."""
    with zipfile.ZipFile(path) as book:
        strings = ["".join(text.text or "" for text in item.iter(f"{SHEET}t")) for item in ElementTree.fromstring(book.read("xl/sharedStrings.xml"))]
        links = {link.get("Id"): str(link.get("Target")) for link in ElementTree.fromstring(book.read("xl/_rels/workbook.xml.rels"))}
        for sheet in ElementTree.fromstring(book.read("xl/workbook.xml")).iter(f"{SHEET}sheet"):
            target = links[next(value for name, value in sheet.attrib.items() if name.endswith("}id"))]
            rows = [dict(_cells(row, strings)) for row in ElementTree.fromstring(book.read(f"xl/{target}")).iter(f"{SHEET}row")]
            yield str(sheet.get("name")), [{name: row.get(column, "") for column, name in rows[0].items()} for row in rows[1:]]


def _cells(row: ElementTree.Element, strings: list[str]) -> Iterator[tuple[str, str]]:
    for cell in row:
        value = cell.find(f"{SHEET}v")
        text = value.text or "" if value is not None else ""
        yield re.sub("[0-9]", "", str(cell.get("r"))), strings[int(text)] if cell.get("t") == "s" else text


@pytest.fixture(scope="module")
def other() -> dict[int, list[dict[str, str]]]:
    """Year → the rows of a workbook that somebody else extracted from PAPI."""
    books = sorted(WORKBOOKS.glob("*/data-raw/PAPI/PAPI_2011-2016.xlsx"))
    if not books:
        pytest.skip("../shared/mirror is absent")
    return {int(name[:4]): rows for name, rows in sheets(books[0])}


HEADINGS = {
    "Civic Knowledge": "civic_knowledge",
    "Opportunities for Participation": "opportunities_for_participation",
    "Quality of Elections": "village_elections",
    "Voluntary Contributions": "voluntary_contributions",
    "Poverty Lists": "poverty_lists",
    "Communal Budget and Expenditure": "communal_budgets",
    "Land-Use Plans/Price Frames": "land_use_plans",
    "Interactions With Local Authorities": "interactions",
    "Responsive to Citizen Actions": "response_to_appeals",
    "People's Inspection Boards": "inspection_boards",
    "Community Investment Boards": "investment_boards",
    "Limits on Public Sector Corruption": "corruption_in_government",
    "Limits on Corruption in Service Delivery": "corruption_in_services",
    "Equity in Employment": "equity_in_employment",
    "Willingness to Fight Corruption": "willingness_to_fight",
    "Certification Procedures": "certification",
    "Construction Permits": "construction_permits",
    "Land-Use Rights Procedures": "land_titles",
    "Personal Procedures": "personal_procedures",
    "Public Health": "public_healthcare",
    "Public Primary Education": "primary_education",
    "Basic Infrastructure": "basic_infrastructure",
    "Law and Order": "law_and_order",
}
"""What a column of the workbook is here: the ones that both have."""


@pytest.mark.parametrize("year", [2011, 2012, 2013, 2014, 2015, 2016])
def test_two_extractions_agree_province_by_province(panel: pd.DataFrame, other: dict[int, list[dict[str, str]]], year: int) -> None:
    names = {heading.strip(): heading for heading in other[year][0]}
    compared = [(names[heading], f"criterion:{name}") for heading, name in HEADINGS.items() if heading in names]
    assert len(compared) == 22
    for heading, node in compared:
        mine, met = of(panel, year, "score", node), _by_unit(other[year], heading, year)
        assert len(mine.keys() & met.keys()) >= 60
        assert max(abs(mine[unit] - met[unit]) for unit in mine.keys() & met.keys()) < 5.1e-10, heading


def _by_unit(rows: list[dict[str, Any]], heading: str, year: int) -> dict[str, float]:
    provinces = [row for row in rows if re.fullmatch("[0-9]{1,2}", row["tinhid"]) and row[heading]]
    return {dataset.resolve_unit(row["tentinh_eng"], year): float(row[heading]) for row in provinces}
