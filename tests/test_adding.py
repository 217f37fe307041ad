"""A year, an index and a report are one added file each: the how-to pages, tried."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from par_analysis import catalog, dataset
from par_analysis.catalog import Catalog

ROOT = catalog.load().root
HEADING = "index,year,unit_name_vi,kind,measure,value,unit,source_url,source_date,note\n"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """The folders that a user adds files to."""
    for name in ("data", "notebooks"):
        shutil.copytree(ROOT / name, tmp_path / name)
    return tmp_path


def add_edition(checkout: Path, rows: str) -> None:
    (checkout / "collected.csv").write_text(HEADING + rows, encoding="utf-8")
    done = par(checkout, "add", "public_pages", "collected.csv", "--edition", "2099-05")
    assert done.returncode == 0, done.stderr
    assert {path.name for path in (checkout / "data" / "raw" / "public_pages" / "2099-05").iterdir()} == {"2099-05.csv", "edition.toml"}


def par(checkout: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "par_analysis", *words]
    return subprocess.run(command, env={**os.environ, "PAR_ROOT": str(checkout)}, cwd=checkout, capture_output=True, text=True, check=False)


def test_a_year_is_one_file(checkout: Path) -> None:
    add_edition(checkout, "PAR_INDEX,2024,Bắc Ninh,province,score,90.55,percent,https://bacninh.gov.vn/x,,\n")
    known = Catalog(checkout)
    assert not [finding for finding in dataset.check(known) if finding.severity == "error"]
    panel = dataset.load("par_index", known=known).panel
    assert panel.loc[(panel["unit"] == "27") & (panel["year"] == 2024) & (panel["measure"] == "score"), "value"].tolist() == [90.55]


def test_an_index_is_one_file(checkout: Path) -> None:
    sipas = checkout / "data" / "reference" / "indices" / "sipas.toml"
    sipas.with_name("dti.toml").write_text(sipas.read_text(encoding="utf-8").replace("SIPAS", "DTI"), encoding="utf-8")
    add_edition(checkout, "DTI,2023,Hải Dương,province,rank,13,rank,https://x.gov.vn/dti,,\n")
    assert "dti" in par(checkout, "list", "indices").stdout
    done = par(checkout, "build", "province", "--index", "dti", "--unit", "30", "--year", "2023", "--lang", "en", "--format", "html", "--out", "out")
    assert done.returncode == 0, done.stderr
    (page,) = (checkout / "out").rglob("*.html")
    assert "13/63" in page.read_text(encoding="utf-8")


def test_a_report_is_one_notebook(checkout: Path) -> None:
    notebook = json.loads((checkout / "notebooks" / "national.ipynb").read_text(encoding="utf-8"))
    own = {"cell_type": "code", "id": "cell-99", "metadata": {}, "execution_count": None, "outputs": [], "source": "means[['unit', 'measure', 'value']].head(3)"}
    notebook["cells"] = [*notebook["cells"][:5], own]
    source = json.dumps(notebook).replace('dataset.view(\\"national\\"', 'dataset.view(\\"glance\\"')
    (checkout / "notebooks" / "glance.ipynb").write_text(source, encoding="utf-8")
    assert "glance" in par(checkout, "list", "reports").stdout
    done = par(checkout, "build", "glance", "--year", "2023", "--lang", "en", "--out", "out")
    assert done.returncode == 0, done.stderr
    assert {path.suffix for path in (checkout / "out").rglob("*glance*") if path.is_file()} <= {".html", ".pdf"}
    (page,) = (checkout / "out" / "2023" / "glance").rglob("*.html")
    assert "mean_computed" in page.read_text(encoding="utf-8")


# ---------------------------------------------------------------- each one file, and what it changes


CHOSEN = '''label.vi = "x"
label.en = "x"
indices = ["papi"]
readers = ["wide"]
licence = "x"
trust = "copy"

[layout]
index = "papi"
unit_column = "tinh"

[layout.columns]
'''


def scores(units: dict[str, float], criteria: list[str]) -> str:
    """A table of made-up scores: a unit a row, a criterion a column."""
    rows = [",".join(["tinh", *criteria]), *(",".join([unit, *[str(score)] * len(criteria)]) for unit, score in units.items())]
    return "\n".join(rows) + "\n"


def test_a_source_is_one_file(checkout: Path, tmp_path: Path) -> None:
    """Another publisher's table: other headings, names instead of codes."""
    criteria = Catalog(checkout).frameworks["papi-since-2021"].criteria_codes
    columns = "".join(f'"{number}" = [{{ node = "{code}" }}]\n' for number, code in enumerate(criteria))
    (checkout / "data" / "reference" / "sources" / "office.toml").write_text(CHOSEN + columns, encoding="utf-8")
    names = {unit.name_vi: 1.0 for unit in Catalog(checkout).provinces(2024)} | {"Bắc Ninh": 1.2}
    table = scores(names, [str(number) for number in range(len(criteria))])
    (tmp_path / "bang.csv").write_text(table, encoding="utf-8")
    done = par(checkout, "add", "office", str(tmp_path / "bang.csv"), "--edition", "2024")
    assert done.returncode == 0, done.stderr
    panel = dataset.load("papi", known=Catalog(checkout)).panel
    totals = panel[(panel["node"] == "total") & (panel["measure"] == "score")].set_index("unit")["value"]
    assert (totals["30"], round(totals["27"], 6), len(totals)) == (len(criteria), round(1.2 * len(criteria), 6), 63)


def test_a_renamed_column_is_one_changed_line_of_its_source(checkout: Path, tmp_path: Path) -> None:
    source = checkout / "data" / "reference" / "sources" / "papi.toml"
    record = Catalog(checkout).source("papi")
    headings = [column for column, meanings in record.layout["columns"].items() if any(meaning.get("first", 0) <= 2024 <= meaning.get("last", 9999) for meaning in meanings)]
    table = scores(dict.fromkeys(record.layout["units"], 1.0), headings).replace("tinh", "Province", 1)
    (tmp_path / "2024.csv").write_text(table.replace("SC11", "Q1"), encoding="utf-8")
    refused = par(checkout, "add", "papi", str(tmp_path / "2024.csv"), "--edition", "2024")
    assert refused.returncode == 1
    assert "Q1" in refused.stdout + refused.stderr
    assert not (checkout / "data" / "raw" / "papi").exists()
    text = source.read_text(encoding="utf-8")
    source.write_text(text.replace("[layout.columns]\n", '[layout.columns]\nQ1 = [{ node = "criterion:civic_knowledge", first = 2024 }]\n'), encoding="utf-8")
    assert par(checkout, "add", "papi", str(tmp_path / "2024.csv"), "--edition", "2024").returncode == 0


def test_a_new_framework_breaks_the_comparison_with_the_year_before_and_no_other(checkout: Path) -> None:
    before = Catalog(checkout).indices
    index = checkout / "data" / "reference" / "indices" / "papi.toml"
    index.write_text(index.read_text(encoding="utf-8").replace('"2021-" = "papi-since-2021"', '"2021-2023" = "papi-since-2021"\n"2024-" = "papi-since-2024"'), encoding="utf-8")
    assert any(finding.met == "papi-since-2024" for finding in Catalog(checkout).findings())
    folder = checkout / "data" / "reference" / "frameworks"
    shutil.copy(folder / "papi-since-2021.toml", folder / "papi-since-2024.toml")
    after = Catalog(checkout)
    assert not [finding for finding in after.findings() if finding.severity == "error"]
    pairs = [(code, year) for code in before for year in range(2012, 2031)]
    changed = {(code, year) for code, year in pairs if before[code].is_comparable(year, year - 1) != after.indices[code].is_comparable(year, year - 1)}
    assert changed == {("papi", 2024)}


def test_an_added_edition_touches_the_reports_of_its_index_only(checkout: Path) -> None:
    before = {code: dataset.data_hash(code, Catalog(checkout)) for code in ("par_index", "papi", "sipas")}
    folder = checkout / "data" / "raw" / "papi" / "2024"
    folder.mkdir(parents=True)
    (folder / "2024.csv").write_text("Province,SC11\nP19,1.0\n", encoding="utf-8")
    facts = 'title.vi = "x"\ntitle.en = "x"\nreceived = 2026-01-01\norigin = "x"\nlicence = "x"\nindices = ["papi"]\n'
    (folder / "edition.toml").write_text(facts + '[files."2024.csv"]\nreader = "wide"\nsha256 = ""\nyear = 2024\n', encoding="utf-8")
    after = {code: dataset.data_hash(code, Catalog(checkout)) for code in before}
    assert {code for code in before if before[code] != after[code]} == {"papi"}
