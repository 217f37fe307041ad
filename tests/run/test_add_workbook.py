"""``par add`` of a workbook: it is stored as it came, under its own suffix, and read like any other edition."""

from __future__ import annotations

import datetime
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner

from par_analysis import cli, dataset
from par_analysis.catalog import Catalog
from par_analysis.run import add as adding
from par_analysis.run.add import Added, Request
from tests import tables, workbooks


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tables.checkout(tmp_path / "checkout")
    monkeypatch.setenv("PAR_ROOT", str(folder))
    return folder


def add(root: Path, file: Path, edition: str = "2024", year: int | None = 2024) -> Added:
    return adding.add(Request("rank_table", file, edition, year), Catalog(root), today=datetime.date(2027, 5, 2))


def test_the_ministrys_table_becomes_an_edition(root: Path, tmp_path: Path) -> None:
    content = workbooks.table()
    done = add(root, workbooks.put(tmp_path / "Phụ lục 2.XLSX", content))
    assert (done.status, done.rows, done.figures) == ("added", 63, 63 * 5 + 3)
    folder = root / "data" / "raw" / "rank_table" / "2024"
    assert (folder / "2024.xlsx").read_bytes() == content
    record = tomllib.loads((folder / "edition.toml").read_text(encoding="utf-8"))
    assert (record["files"]["2024.xlsx"]["reader"], record["files"]["2024.xlsx"]["year"], record["indices"]) == ("workbook", 2024, ["par_index"])


def test_its_figures_are_those_of_the_index(root: Path, tmp_path: Path) -> None:
    add(root, workbooks.put(tmp_path / "x.xlsx", workbooks.table()))
    panel = dataset.load("par_index", known=Catalog(root)).panel
    year = panel[(panel["year"] == 2024) & (panel["edition"].str.contains("rank_table/2024"))].set_index(["unit", "node", "measure"])
    name, appraisal, survey = workbooks.scores()[0]
    unit = dataset.resolve_unit(name, 2024)
    assert year.loc[(unit, "total", "rank"), "value"] == 1
    assert year.loc[(unit, "part:appraisal", "score"), "value"] == appraisal
    assert year.loc[(unit, "part:survey", "score"), "value"] == survey
    assert year.loc[("VN", "part:survey", "mean"), "value"] == pytest.approx(sum(row[2] for row in workbooks.scores()) / 63, abs=0.0051)


def test_of_34_merged_provinces_too(root: Path, tmp_path: Path) -> None:
    done = add(root, workbooks.put(tmp_path / "x.xlsx", workbooks.table(2025)), "2025", 2025)
    assert (done.status, done.rows) == ("added", 34)
    assert {finding.rule for finding in done.findings if finding.severity == "warning"} == {"no framework"}


def test_the_year_has_to_be_said(root: Path, tmp_path: Path) -> None:
    path = workbooks.put(tmp_path / "x.xlsx", workbooks.table())
    done = CliRunner().invoke(cli.main, ["add", "rank_table", str(path), "--edition", "first"])
    assert done.exit_code == 2


def test_what_is_wrong_is_told_with_sheet_row_and_column_and_nothing_is_written(root: Path, tmp_path: Path) -> None:
    before = tables.everything(root)
    path = workbooks.put(tmp_path / "x.xlsx", workbooks.table(change=lambda sheet: workbooks.cell(sheet, "D12", "n/a")))
    done = CliRunner().invoke(cli.main, ["add", "rank_table", str(path), "--edition", "2024", "--year", "2024"])
    assert done.exit_code == 1
    assert "rank_table/2024/2024.xlsx" in done.output
    assert "Bang XH!D12" in done.output
    assert "Điểm điều tra XHH" in done.output
    assert tables.everything(root) == before


@pytest.mark.parametrize(("name", "content"), [("x.xlsm", "macros"), ("x.csv", "csv"), ("x", "csv")])
def test_what_is_no_workbook_is_refused(root: Path, tmp_path: Path, name: str, content: str) -> None:
    made = {"macros": workbooks.repacked(workbooks.table(), {"xl/vbaProject.bin": b"x"}), "csv": b"Don vi,Tong diem\nHa Noi,1\n"}
    done = add(root, workbooks.put(tmp_path / name, made[content]))
    assert (done.status, [finding.rule for finding in done.findings]) == ("refused", ["not a workbook"])
    assert not (root / "data" / "raw" / "rank_table").exists()
