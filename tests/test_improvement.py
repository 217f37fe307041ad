"""The improvement report, from an empty workbook to the finished files, as a user makes it."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from par_analysis.catalog import Catalog
from par_analysis.run import add as adding
from tests import tables
from tests.building import build
from tests.scorecards import filled, put


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout to which the scorecard of Hải Dương, 2023, was added."""
    folder = tables.checkout(tmp_path_factory.mktemp("checkout"))
    file = filled(tmp_path_factory.mktemp("filled"))
    assert adding.add(adding.Request("scorecard", file, "2023-hai-duong"), Catalog(folder)).status == "added"
    return folder


@pytest.fixture(scope="module")
def reports(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of the province whose scorecard is there, and of one without."""
    out = tmp_path_factory.mktemp("reports")
    done = build(out, "improvement", "--unit", "hai duong,hai phong", "--year", "2023", "--lang", "vi,en", root=root)
    assert (done.returncode, [line for line in done.stderr.splitlines() if line.startswith("warning")]) == (0, []), done.stderr
    return out


def page(folder: Path) -> BeautifulSoup:
    (file,) = folder.rglob("*.html")
    return BeautifulSoup(file.read_text(encoding="utf-8"), "html.parser")


def said(folder: Path) -> str:
    return re.sub(r"\s+", " ", page(folder).get_text(" "))


SAID = {
    "en": ["89.25 / 100", "lost 10.75", "3.2. Thực hiện cơ chế một cửa", "Thanh tra tỉnh", "31 March 2024", "22/63", "Rank 10 was held with", "marked as locked"],
    "vi": ["89,25 / 100", "bị trừ 10,75", "3.2. Thực hiện cơ chế một cửa", "Thanh tra tỉnh", "31/03/2024", "22/63", "Hạng 10 ứng với", "không thể tăng"],
}


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_the_report_says_what_was_filled_in(reports: Path, lang: str) -> None:
    folder = reports / "2023" / "improvement" / "par_index" / "30-hai-duong" / lang
    assert sorted(path.suffix for path in folder.iterdir()) == [".csv", ".html", ".json", ".pdf"]
    text = said(folder)
    assert [one for one in SAID[lang] if one not in text] == []
    assert len(page(folder).select("h2")) >= 7


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_every_number_has_its_origin(reports: Path, lang: str) -> None:
    (file,) = (reports / "2023" / "improvement" / "par_index" / "30-hai-duong" / lang).rglob("numbers.csv")
    with file.open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) > 100
    assert {row["index"] for row in rows} == {"par_index"}
    assert [row for row in rows if not row["source"]] == []
    assert all("scorecard/2023-hai-duong" in row["source"] for row in rows)
    assert not any(row[name].startswith(("=", "@")) for row in rows for name in row)


def test_two_runs_give_the_same_bytes(root: Path, reports: Path, tmp_path: Path) -> None:
    assert build(tmp_path, "improvement", "--unit", "30", "--year", "2023", "--lang", "vi", root=root).returncode == 0
    for path in sorted(file for file in (tmp_path / "2023").rglob("*") if file.is_file()):
        assert path.read_bytes() == (reports / path.relative_to(tmp_path)).read_bytes(), path.name


@pytest.mark.parametrize(("lang", "sentence"), [("en", "No scorecard of Hai Phong for 2023 has been added"), ("vi", "Chưa có bảng chấm điểm năm 2023 của Hải Phòng")])
def test_a_province_without_a_scorecard_gets_a_page_that_says_so(reports: Path, lang: str, sentence: str) -> None:
    folder = reports / "2023" / "improvement" / "par_index" / "31-hai-phong" / lang
    assert said(folder).count(sentence) == 1
    assert [heading.get_text(" ", strip=True) for heading in page(folder).select("main h2")] == [{"en": "Method and sources", "vi": "Phương pháp và nguồn số liệu"}[lang]]


def test_another_target_is_a_report_of_its_own(root: Path, tmp_path: Path) -> None:
    done = build(tmp_path, "improvement", "--unit", "30", "--year", "2023", "--lang", "en", "--format", "html", "--set", "rank=5", root=root)
    assert done.returncode == 0, done.stderr
    (folder,) = (path for path in (tmp_path / "2023" / "improvement" / "par_index" / "30-hai-duong").iterdir())
    assert folder.name == "en-rank-5"
    assert "Rank 5 was held with" in said(folder)


def test_a_changed_scorecard_makes_its_own_report_stale_and_no_other(root: Path, tmp_path: Path) -> None:
    own = tables.checkout(tmp_path / "checkout")
    out = tmp_path / "out"
    for edition, unit in (("a", "30"), ("b", "31")):
        assert adding.add(adding.Request("scorecard", filled(tmp_path, unit=unit), edition), Catalog(own)).status == "added"
    asked = ("--year", "2023", "--lang", "en", "--format", "html")
    assert build(out, "improvement", "--unit", "30,31", *asked, root=own).returncode == 0
    assert build(out, "province", "--unit", "30", *asked, root=own).returncode == 0
    changed = filled(tmp_path, change=put("1.1", "owner", "Văn phòng UBND tỉnh"))
    assert adding.add(adding.Request("scorecard", changed, "a", replace=True), Catalog(own)).status == "added"
    again = build(out, "improvement", "--unit", "30,31", *asked, root=own)
    assert "1 report of 2 made" in again.stdout
    assert "1 up to date" in again.stdout
    assert "1 up to date" in build(out, "province", "--unit", "30", *asked, root=own).stdout


def test_a_year_without_published_results_can_be_worked_on(root: Path, tmp_path: Path) -> None:
    own = tables.checkout(tmp_path / "checkout")
    parts = (("1", {"maximum": 60}), ("1.1", {"name": "Kế hoạch", "maximum": 60, "self_score": 55, "owner": "Sở Nội vụ"}), ("2", {"maximum": 40, "self_score": 40}))
    file = filled(tmp_path, unit="31", year=2026, parts=parts)
    assert adding.add(adding.Request("scorecard", file, "2026-hai-phong"), Catalog(own)).status == "added"
    done = build(tmp_path / "out", "improvement", "--unit", "Hải Phòng", "--year", "2026", "--lang", "en", "--format", "html", root=own)
    assert done.returncode == 0, done.stderr
    text = said(tmp_path / "out")
    assert "95.00 / 100" in text
    assert "What rank 10 takes cannot be said" in text
