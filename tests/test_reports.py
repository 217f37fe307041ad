"""The reports themselves, built as a user builds them: what they say, that every number has a row, that data move the page."""

from __future__ import annotations

import csv
import hashlib
import re
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import cast

import pytest
from bs4 import BeautifulSoup

from par_analysis import catalog
from par_analysis.model import Language
from par_analysis.show.language import Words
from tests.building import build

ROOT = catalog.load().root

SAID = {
    "vi": ("87,84", "4,32", "22/63", "25 bậc", "55 → 22", "63 → 12", "183.000", "99,7", "157", "544", "59"),
    "en": ("87.84", "4.32", "22/63", "25 places", "55 → 22", "63 → 12", "183,000", "99.7", "157", "544", "59"),
}
"""What the article of 2024 on Hải Dương says, in the reader's notation."""


def one(folder: Path, pattern: str) -> Path:
    (path,) = folder.rglob(pattern)
    return path


def pdf_text(path: Path) -> str:
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext is not installed (Debian's poppler-utils)")
    return subprocess.run(["pdftotext", "-layout", str(path), "-"], capture_output=True, text=True, check=True).stdout


def number_rows(folder: Path) -> list[dict[str, str]]:
    with one(folder, "numbers.csv").open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.mark.poppler
@pytest.mark.parametrize("lang", ["vi", "en"])
def test_province_pdf_says_what_was_published(reports: Path, lang: str) -> None:
    text = pdf_text(one(reports / "2023" / "province" / "par_index" / "30-hai-duong" / lang, "*.pdf"))
    assert [said for said in SAID[lang] if said not in text] == []
    for year, rank in {2018: 58, 2019: 52, 2020: 26, 2021: 60, 2022: 47, 2023: 22}.items():
        assert re.search(rf"\b{year}\s+{rank}/63", text), (year, rank)


@pytest.mark.parametrize("path", ["province/par_index/30-hai-duong/vi", "province/par_index/30-hai-duong/en", "national/par_index/vi", "national/par_index/en"])
def test_every_number_on_the_page_is_a_row(reports: Path, path: str) -> None:
    folder = reports / "2023" / path
    page = BeautifulSoup(one(folder, "*.html").read_text(encoding="utf-8"), "html.parser").find("main") or pytest.fail("no main")
    tokens = set(numbers_in(page))
    shown = {token for row in number_rows(folder) for token in numerals(row["shown"])}
    assert sorted(tokens - shown - METHOD) == []


METHOD = {"1", "2", "3", "4", "5", "6", "7", "8"}
"""Domains' numbers."""


def maxima(rows: Iterable[Mapping[str, str]], lang: str) -> set[str]:
    """How the maxima of scores are printed: they stand in a column of the score's own row."""
    return {token for row in rows if row["out_of"] for token in numerals(Words(cast(Language, lang)).maximum(float(row["out_of"])))}


def numerals(text: str) -> list[str]:
    return [token for token in re.findall(r"\d+(?:[.,]\d+)*", text) if not re.fullmatch(r"(19|20)\d\d", token)]


def numbers_in(page: object) -> list[str]:
    """Numerals of headlines, sentences and table cells; not of notes on the method, addresses, figures' axes, captions' numbers and column headings, nor of what is quoted."""
    assert hasattr(page, "select")
    for left_out in page.select("svg, nav, figcaption, caption, th[scope=col], a, .note, [data-role=note], footer"):
        left_out.decompose()
    return numerals(re.sub("“[^”]*”", "", page.get_text(" ")))


@pytest.mark.parametrize("path", ["province/par_index/30-hai-duong/vi", "national/par_index/en"])
def test_every_row_has_its_origin(reports: Path, path: str) -> None:
    rows = number_rows(reports / "2023" / path)
    assert len(rows) > 50
    assert [row for row in rows if not (row["source"] and row["edition"] and row["unit_of_measure"] and row["basis"])] == []


def test_two_runs_give_the_same_bytes(reports: Path, tmp_path: Path) -> None:
    assert build(tmp_path, "province", "--unit", "30", "--year", "2023", "--lang", "vi").returncode == 0
    for path in sorted(file for file in (tmp_path / "2023").rglob("*") if file.is_file()):
        assert path.read_bytes() == (reports / path.relative_to(tmp_path)).read_bytes(), path.name


def edited(tmp_path: Path, changes: Mapping[str, str]) -> Path:
    """A checkout whose raw figures differ in one place, with the hash of the changed file."""
    for name in ("data", "notebooks"):
        shutil.copytree(ROOT / name, tmp_path / name)
    for path in tmp_path.glob("data/raw/*/*/*.csv"):
        text = path.read_text(encoding="utf-8")
        after = text
        for old, new in changes.items():
            after = after.replace(old, new)
        if after != text:
            edition = path.parent / "edition.toml"
            old_hash = hashlib.sha256(path.read_bytes()).hexdigest()
            path.write_text(after, encoding="utf-8")
            edition.write_text(edition.read_text(encoding="utf-8").replace(old_hash, hashlib.sha256(path.read_bytes()).hexdigest()), encoding="utf-8")
    return tmp_path


def test_a_changed_cell_of_data_changes_the_page(tmp_path: Path) -> None:
    root = edited(tmp_path / "root", {"dossiers_received,>1000000": "dossiers_received,>1200000"})
    done = build(tmp_path / "out", "province", "--unit", "30", "--year", "2023", "--lang", "vi", "--format", "html", root=root)
    assert done.returncode == 0, done.stderr
    text = BeautifulSoup(one(tmp_path / "out", "*.html").read_text(encoding="utf-8"), "html.parser").get_text(" ")
    assert "1.200.000" in text
    assert "1.000.000" not in text


def test_a_unit_without_data_gets_a_page_that_says_so(tmp_path: Path) -> None:
    done = build(tmp_path, "province", "--unit", "Bắc Ninh", "--year", "2018", "--lang", "en")
    assert done.returncode == 0, done.stderr
    text = BeautifulSoup(one(tmp_path, "*.html").read_text(encoding="utf-8"), "html.parser").get_text(" ")
    assert "No overall result of Bac Ninh for 2018 was found in the sources." in text


def test_a_failing_cell_leaves_the_last_good_report_standing(tmp_path: Path) -> None:
    root = edited(tmp_path / "root", {})
    out = tmp_path / "out"
    assert build(out, "national", "--year", "2023", "--lang", "en", "--format", "html", root=root).returncode == 0
    before = {path: path.read_bytes() for path in (out / "2023").rglob("*") if path.is_file()}
    notebook = root / "notebooks" / "national.ipynb"
    notebook.write_text(notebook.read_text(encoding="utf-8").replace("metrics.means(", "metrics.no_such_metric("), encoding="utf-8")
    done = build(out, "national", "--year", "2023", "--lang", "en", "--format", "html", root=root)
    assert done.returncode == 1
    assert "no_such_metric" in done.stderr
    assert "cell 4" in done.stderr
    assert {path: path.read_bytes() for path in (out / "2023").rglob("*") if path.is_file()} == before


def test_a_place_that_cannot_be_written_to_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    done = build(tmp_path / "file" / "out", "national", "--year", "2023", "--lang", "en")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "--out" in done.stderr


@pytest.mark.parametrize("pattern", ["numbers.csv", "*.html"])
def test_tracked_samples_come_out_again(reports: Path, pattern: str) -> None:
    """After a change of data or of words: ``make report``, look at the pages, and commit them."""
    tracked = {path.relative_to(ROOT / "reports"): path.read_bytes() for path in (ROOT / "reports" / "2023").rglob(pattern)}
    built = {path.relative_to(reports): path.read_bytes() for path in (reports / "2023").rglob(pattern)}
    samples = {path for path in built if path in tracked}
    assert len(samples) == 4
    assert [str(path) for path in sorted(samples) if tracked[path] != built[path]] == []
