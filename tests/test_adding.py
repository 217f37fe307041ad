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
