"""PCI from the workbooks that somebody else packaged; they come from ../shared/mirror, and these tests are skipped where that is absent."""

from __future__ import annotations

import csv
import os
import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from bs4 import BeautifulSoup

from par_analysis import catalog, dataset, metrics, show
from par_analysis.catalog import Catalog
from par_analysis.errors import UnknownName
from par_analysis.metrics.figures import rows_of
from par_analysis.metrics.ranks import rank
from par_analysis.model import TOTAL
from tests.building import build
from tests.conftest import SHARED

WEIGHTS = SHARED / "refdata" / "pci_weights_recovered.csv"
YEARS = range(2005, 2016)
UNITS = {2005: 42} | dict.fromkeys((2006, 2007, 2008), 64) | dict.fromkeys(range(2009, 2016), 63)
HA_TAY = "28"


@pytest.fixture(scope="module")
def pci(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalog]:
    """The catalogue of this checkout with the files of PCI, fetched into a cache of their own."""
    mirror = SHARED / "mirror"
    if not mirror.is_dir():
        pytest.skip("../shared/mirror is absent")
    cache = tmp_path_factory.mktemp("pci-cache")
    command = [sys.executable, "-m", "par_analysis", "fetch", "pci"]
    done = subprocess.run(command, env={**os.environ, "PAR_CACHE": str(cache), "PAR_MIRROR": str(mirror)}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    known = Catalog(catalog.load().root)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PAR_CACHE", str(cache))
        assert known.cache == cache
        yield known


@pytest.fixture(scope="module")
def panel(pci: Catalog) -> pd.DataFrame:
    return dataset.load("pci", known=pci).panel


def scores(panel: pd.DataFrame, year: int, measure: str = "score") -> pd.DataFrame:
    """Provinces × nodes."""
    rows = panel[(panel["year"] == year) & (panel["measure"] == measure)]
    return rows.pivot(index="unit", columns="node", values="value")


def weights(known: Catalog, year: int) -> dict[str, float]:
    """Node of a sub-index's points → its weight in percent; none in 2005."""
    framework = known.framework("pci", year)
    assert framework is not None
    return {domain.code: float(domain.maximum or 0) for domain in framework.domains}


def published(known: Catalog) -> dict[str, str]:
    """Node of points → node of the published sub-index."""
    return {column["points"]: column["node"] for column in known.source("pci").layout["columns"].values() if "points" in column}


# ---------------------------------------------------------------- what is read


def test_all_workbooks_are_read_and_the_one_finding_is_that_2011_cannot_be_rebuilt(pci: Catalog) -> None:
    assert len([edition for edition in pci.editions.values() if edition.source == "pci"]) == len(YEARS)
    (finding,) = [finding for finding in dataset.check(pci) if finding.source.startswith("pci/") or finding.column.startswith("pci ")]
    assert (finding.severity, finding.rule, finding.source, finding.column) == ("warning", "totals not rebuilt", "pci/2011", "pci 2011 VN total")
    assert finding.met == "63 of 63 rebuilt lower than published, 0 higher (0.002 at least, 0.552 at most, 0.225 on average); 19 would have another rank"
    assert finding.hint == "a part may have been revised or left out, or a weight is not the publisher's"
    assert dataset.overview("data_quality", index="pci", lang="vi", known=pci).findings == (finding,)


@pytest.mark.parametrize("year", YEARS)
def test_every_province_has_its_total_and_all_sub_indices(pci: Catalog, panel: pd.DataFrame, year: int) -> None:
    table = scores(panel, year)
    wanted = {unit.code for unit in pci.provinces(year)}
    assert (HA_TAY in wanted) == (year <= 2008)
    assert len(table) == UNITS[year]
    assert set(table.index) <= wanted if year == 2005 else set(table.index) == wanted
    own = {published(pci)[node] for node in weights(pci, year)} or {node for node in table if node.startswith("criterion:")}
    assert len(own) == (9 if year == 2005 or 2009 <= year <= 2012 else 10)
    assert {TOTAL, *own, *weights(pci, year)} == set(table)
    assert table.notna().to_numpy().all()


def test_sub_indices_lie_on_their_scale(panel: pd.DataFrame) -> None:
    values = panel.loc[panel["node"].str.startswith("criterion:"), "value"]
    assert values.between(1, 10).all()
    assert set(panel.loc[panel["node"].str.startswith("criterion:"), "out_of"]) == {10.0}


def test_published_figures_come_out(panel: pd.DataFrame) -> None:
    """Totals and places as VCCI announced them: Đà Nẵng first in 2010, 2013, 2014 and 2015, Lào Cai in 2011, Đồng Tháp in 2012."""
    firsts = {2010: ("48", 69.77), 2011: ("10", 73.53), 2012: ("87", 63.79), 2013: ("48", 66.45), 2014: ("48", 66.87), 2015: ("48", 68.34)}
    for year, (unit, total) in firsts.items():
        assert (scores(panel, year, "rank").loc[unit, TOTAL], round(scores(panel, year).loc[unit, TOTAL], 2)) == (1, total)


def test_each_value_belongs_to_the_name_on_its_left(panel: pd.DataFrame) -> None:
    """In 2010 every column of the sheet has an order of its own: its first and last rows, as they stand in the workbook."""
    table = scores(panel, 2010)
    first = {"entry": "45", "land": "84", "transparency": "10", "time": "94", "informal": "84", "proactivity": "26", "support": "79", "labour": "48", "legal": "87"}
    last = {"entry": "67", "land": "01", "transparency": "67", "time": "64", "informal": "17", "proactivity": "31", "support": "93", "labour": "33", "legal": "20"}
    assert {name: table[f"criterion:{name}"].idxmax() for name in first} == first
    assert {name: table[f"criterion:{name}"].idxmin() for name in last} == last


def test_places_are_those_of_the_scores(pci: Catalog, panel: pd.DataFrame) -> None:
    for year in YEARS:
        table, places = scores(panel, year), scores(panel, year, "rank")
        assert len(places[TOTAL]) == UNITS[year]
        for node in places:
            assert (places[node].sort_index() - rank(table[node].sort_index())).abs().max() <= (1 if table[node].round(5).duplicated().any() else 0), (year, node)
    assert set(panel.loc[(panel["measure"] == "rank") & (panel["year"] == 2007), "out_of"]) == {64.0}


def test_ha_tay_is_there_until_2008(panel: pd.DataFrame) -> None:
    assert sorted(panel.loc[panel["unit"] == HA_TAY, "year"].unique()) == [2005, 2006, 2007, 2008]


@pytest.mark.parametrize("year", YEARS)
def test_the_ranked_provinces_of_a_year_are_those_that_its_workbook_ranks(pci: Catalog, panel: pd.DataFrame, year: int) -> None:
    view = dataset.view("national", index="pci", year=year, lang="vi", known=pci)
    places = panel[(panel["year"] == year) & (panel["node"] == TOTAL) & (panel["measure"] == "rank")]
    assert view.units == sorted(places["unit"])
    assert (len(view.units), len(view.unranked)) == (UNITS[year], 22 if year == 2005 else 0)
    assert set(places["out_of"]) == {float(UNITS[year])}
    assert dataset.overview("data_quality", index="pci", lang="vi", known=pci).units[year] == tuple(view.units)


@pytest.mark.parametrize(("year", "rank"), [(2005, 42), (2006, 62), (2007, 41), (2008, 55)])
def test_ha_tay_has_its_own_rank_among_the_provinces_of_its_time(pci: Catalog, year: int, rank: int) -> None:
    view = dataset.view("province", index="pci", year=year, lang="en", unit="ha tay", known=pci)
    (place,) = standing(view, "rank")
    assert (view.unit, view.region, place["value"], place["out_of"]) == (HA_TAY, "R2", rank, UNITS[year])


def test_places_of_2008_and_2009_are_counted_anew_without_ha_tay(pci: Catalog) -> None:
    view = dataset.view("national", index="pci", year=2009, lang="en", known=pci)
    found = metrics.movers(view.panel, base=view.base, **view.everyone)
    assert (len(found), found["value"].isna().sum(), set(found["out_of"])) == (63, 0, {63.0})
    assert found["note"].unique().tolist() == ["against 2008; among the 63 units scored in both years"]


def test_ha_tay_is_no_province_of_2009(pci: Catalog) -> None:
    with pytest.raises(UnknownName, match="unknown unit on 2009-12-31 'Hà Tây'"):
        dataset.view("province", index="pci", year=2009, lang="en", unit="Hà Tây", known=pci)


def standing(view: dataset.View, measure: str) -> list[dict[str, Any]]:
    """The unit's row of the year's standings."""
    found = metrics.standings(view.panel, year=view.year, units=view.units)
    return rows_of(found[(found["unit"] == view.unit) & (found["measure"] == measure)])


# ---------------------------------------------------------------- the country


@pytest.mark.parametrize("year", YEARS)
def test_the_country_has_the_mean_and_the_median_of_the_ranked_provinces(panel: pd.DataFrame, year: int) -> None:
    of_year = panel[(panel["year"] == year) & (panel["unit"] == "VN") & (panel["node"] == TOTAL)].set_index("measure")
    totals = scores(panel, year)[TOTAL].drop("VN", errors="ignore")
    found = {name: of_year.loc[name, "value"] for name in ("mean", "median", "max", "min")}
    assert found == pytest.approx({"mean": totals.mean(), "median": totals.median(), "max": totals.max(), "min": totals.min()}, abs=1e-9)
    assert (of_year.loc["mean", "basis"], of_year.loc["mean", "note"]) == ("computed", f"of the {UNITS[year]} units scored")
    stated = {name for name in found if of_year.loc[name, "basis"] == "published"}
    assert stated == {2006: {"max", "min"}, 2007: {"max", "min", "median"}}.get(year, set())


def test_what_the_workbooks_state_of_the_country_agrees_with_the_scores(pci: Catalog) -> None:
    view = dataset.overview("data_quality", index="pci", lang="en", known=pci)
    found = metrics.country_audit(view.panel, stated=view.claims, units=view.units, leaves=view.leaves)
    gaps = found[found["measure"].str.startswith("gap_stated_")]
    assert sorted(zip(gaps["year"], gaps["measure"].str.removeprefix("gap_stated_"), strict=True)) == [(2006, "max"), (2006, "min"), (2007, "max"), (2007, "median"), (2007, "min")]
    assert set(gaps["note"]) == {"agrees"}
    assert gaps["value"].abs().max() < 1e-9


def test_the_hidden_sheet_of_the_year_before_is_not_read(panel: pd.DataFrame) -> None:
    assert abs(scores(panel, 2014)[TOTAL] - scores(panel, 2013)[TOTAL]).min() > 0.001


def test_every_figure_names_the_workbook_that_it_is_from(pci: Catalog, panel: pd.DataFrame) -> None:
    addresses = {file.year: file.url for file in pci.source("pci").files}
    assert (panel["source"] == panel["year"].map(addresses)).all()


@pytest.mark.parametrize("seed", range(24))
def test_a_workbook_with_flipped_bytes_is_read_or_refused(pci: Catalog, tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    edition = pci.editions[f"pci/{chance.choice(YEARS)}"]
    (name,) = edition.files
    content = bytearray((pci.edition_folder(edition.code) / name).read_bytes())
    for _ in range(chance.choice([1, 30, 3000])):
        content[chance.randrange(len(content))] = chance.randrange(256)
    (tmp_path / name).write_bytes(content[: chance.randrange(len(content))] if seed % 4 == 0 else content)
    reading = dataset.read_edition(pci, edition, tmp_path)
    assert "changed file" in {finding.rule for finding in reading.findings}
    assert reading.claims or len(reading.findings) > 1


# ---------------------------------------------------------------- totals from sub-indices


@pytest.mark.skipif(not WEIGHTS.is_file(), reason="../shared/refdata is absent")
def test_the_weights_are_those_that_others_solved_for(pci: Catalog) -> None:
    """pci_weights_recovered.csv: solved by least squares, not read from a report."""
    names = {"proactive": "proactivity", "labor": "labour"}
    with WEIGHTS.open(encoding="utf-8", newline="") as stream:
        rows = [(int(row["year"]), f"criterion:{names.get(row['subindex'], row['subindex'])}", float(row["weight_pct"])) for row in csv.DictReader(stream)]
    mine = {(year, published(pci)[node], weight) for year in range(2006, 2017) for node, weight in weights(pci, year).items()}
    assert mine == set(rows)


@pytest.mark.parametrize("year", range(2006, 2016))
def test_totals_come_out_of_the_sub_indices_but_in_2011(pci: Catalog, panel: pd.DataFrame, year: int) -> None:
    """R24, from mdtrinh/vietnamdata (CC0; source VCCI): errors of at most 7e-6, places equal; in 2011 rebuilt lower for all 63, by .002 to .552, .225 on the mean.

    One total misses the 7e-6: Hậu Giang 2009, by 7.5e-6 in the workbook, which prints totals with five decimals and sub-indices with six: up to 1e-5 may come of that.
    """
    table, weight = scores(panel, year), weights(pci, year)
    parts = table[[published(pci)[node] for node in weight]].to_numpy()
    rebuilt = parts @ np.array(list(weight.values())) / 10
    missing = table[TOTAL].to_numpy() - rebuilt
    if year != 2011:
        assert np.abs(missing).max() <= (7.51e-6 if year == 2009 else 7.01e-6)
        assert (np.argsort(np.argsort(-rebuilt)) + 1 == rank(table[TOTAL]).to_numpy()).all()
        return
    assert (round(missing.min(), 3), round(missing.max(), 3), round(missing.mean(), 3)) == (0.002, 0.552, 0.225)
    assert (missing > 0).sum() == 63
    assert (rank(pd.Series(rebuilt, index=table.index)) != rank(table[TOTAL])).sum() == 19


def test_the_audit_rebuilds_every_year_but_2011(pci: Catalog) -> None:
    view = dataset.overview("data_quality", index="pci", lang="en", known=pci)
    found = metrics.rebuilds(view.panel, ways=view.ways)
    table = found.pivot(index="year", columns="measure", values="value")
    assert list(table.index) == list(range(2006, 2016))  # the weights of 2005 are not known
    assert table["n_rebuilt"].to_dict() == {year: UNITS[year] for year in table.index}
    assert table.index[table["n_rebuilt_off"] > 0].tolist() == [2011]
    assert table.drop(2011)[["gap_rebuilt_low", "gap_rebuilt_high"]].abs().to_numpy().max() < 1e-5
    assert table.drop(2011)["n_rebuilt_rank"].max() == 0
    of_2011 = table.loc[2011]
    assert [round(of_2011[f"gap_rebuilt_{end}"], 3) for end in ("low", "high", "mean")] == [0.002, 0.552, 0.225]
    assert (of_2011["n_rebuilt_lower"], of_2011["n_rebuilt_higher"], of_2011["n_rebuilt_rank"]) == (63, 0, 19)
    assert set(found.loc[(found["year"] == 2011) & (found["measure"] == "n_rebuilt_off"), "note"]) == {"rebuilt_lower"}


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_the_audit_says_so(pci: Catalog, lang: str) -> None:
    view = dataset.overview("data_quality", index="pci", lang=lang, known=pci)
    display = show.say_rebuilds(metrics.rebuilds(view.panel, ways=view.ways), view.words)
    text = "".join(span["text"] for block in display.blocks for span in block["text"])
    assert ("2006–2010, 2012–2015" in text, "63" in text, "19" in text) == (True, True, True)
    assert ("0,002" in text and "0,552" in text) if lang == "vi" else ("all 63 come out lower than published, by 0.002 to 0.552 points" in text)


@pytest.mark.parametrize("year", range(2006, 2016))
def test_points_are_what_the_sub_index_contributes(pci: Catalog, panel: pd.DataFrame, year: int) -> None:
    table = scores(panel, year)
    for node, weight in weights(pci, year).items():
        assert np.allclose(table[node], table[published(pci)[node]] * weight / 10, rtol=0, atol=1e-12)
    points = panel[(panel["year"] == year) & panel["node"].isin(weights(pci, year)) & (panel["measure"] == "score")]
    assert set(points["basis"]) == {"derived"}
    assert points["note"].str.contains(" of 10, which counts for ").all()


def test_a_number_stands_for_one_sub_index_in_all_years(pci: Catalog) -> None:
    names: dict[str, set[str]] = {}
    for year in range(2006, 2016):
        framework = pci.framework("pci", year)
        for domain in framework.domains if framework else ():
            names.setdefault(domain.code, set()).add(domain.name["en"])
    assert {code: len(found) for code, found in names.items() if len(found) > 1} == {"domain:7": 2, "domain:10": 2}  # renamed


# ---------------------------------------------------------------- a page


@pytest.fixture(scope="module")
def page(pci: Catalog, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The text of the report on Hải Dương 2010."""
    out = tmp_path_factory.mktemp("out")
    done = build(out, "province", "--index", "pci", "--year", "2010", "--unit", "hai duong", "--lang", "en", "--format", "html")
    assert done.returncode == 0, done.stderr
    (path,) = out.rglob("*.html")
    return " ".join(BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser").get_text(" ").split())


def test_a_page_says_what_the_workbook_says(page: str) -> None:
    assert "In 2010, Hai Duong scored 57.51 points and ranked 35/63 ." in page
    assert "1. Entry costs – → 38 6.51 / 10 65.09%" in page
    assert "29/63" in page  # of 2009


def test_a_page_says_where_its_weights_are_from(page: str) -> None:
    assert "The weights were solved by least squares" in page
    assert "they were not read from a report" in page
    assert "Rest:" not in page  # of 2009 and 2010 the sub-indices make up the totals


@pytest.mark.parametrize("claim", ["omain", "imension", "The country's mean of that year is not known", "outside the parts", "No ranks on single parts"])
def test_a_page_says_nothing_that_does_not_hold_of_this_index(page: str, claim: str) -> None:
    assert claim not in page
