"""The tracked data, read as a report reads it."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

import pytest

from par_analysis import catalog, dataset
from par_analysis.catalog import Catalog
from par_analysis.errors import DataError, Finding, ParError, RequestError, UnknownName
from par_analysis.model import FIGURES, KEY


@pytest.fixture(scope="module")
def findings() -> list[Finding]:
    return dataset.check()


def copied(tmp_path: Path) -> Catalog:
    """A checkout's data that a test may spoil."""
    shutil.copytree(catalog.load().root / "data", tmp_path / "data")
    return Catalog(tmp_path)


def test_tracked_data_has_no_error(findings: list[Finding]) -> None:
    assert [finding for finding in findings if finding.severity == "error"] == []


def test_every_raw_row_is_a_claim_or_a_finding() -> None:
    known = catalog.load()
    preference, findings = dataset.read_indices(known, frozenset(index for edition in known.editions.values() for index in edition.indices), True)
    for edition in known.editions.values():
        for name in edition.files:
            lines = (known.edition_folder(edition.code) / name).read_text(encoding="utf-8").count("\n")
            file = f"{edition.code}/{name}"
            met = set(preference.claims.loc[preference.claims["file"] == file, "row"]) | {finding.row for finding in findings if finding.file == file}
            assert set(range(2, lines + 1)) <= met, file


@pytest.mark.parametrize(
    ("rule", "where", "met"),
    [
        ("conflict", "par_index 2023 31 total score", "91.81"),  # Hải Phòng 2023: 91.81 and 91.87
        ("conflict", "par_index 2018 22 total score", "81 "),  # Quảng Ninh 2018: 81, 89.06, 89.6
        ("conflict", "par_index 2018 22 total score", "89.6 "),
        ("conflict", "par_index 2014 VN total mean", "76.72"),
        ("rank claimed twice", "par_index 2023", "75, 96"),
        ("rank against score", "par_index 2023 96", "place 33"),
        ("ambiguous domain", "domain_no", "4?"),
        ("parts against total", "par_index 2012 48", "87.14"),
    ],
)
def test_known_contradictions_are_found(findings: list[Finding], rule: str, where: str, met: str) -> None:
    assert [finding for finding in findings if finding.rule == rule and where in finding.column and met in finding.met]


def test_panel_has_one_figure_a_key_in_the_columns_of_a_figure() -> None:
    panel = dataset.load("par_index").panel
    assert list(panel.columns) == list(FIGURES)
    assert not panel.duplicated(list(KEY)).any()
    assert panel["source"].str.len().gt(0).all()


@pytest.mark.parametrize(("unit", "year", "measure", "value"), [("22", 2018, "score", 89.06), ("31", 2023, "score", 91.87), ("30", 2023, "score", 87.84), ("30", 2021, "rank", 60)])
def test_preferred_values(unit: str, year: int, measure: str, value: float) -> None:
    panel = dataset.load("par_index").panel
    row = panel[(panel["unit"] == unit) & (panel["year"] == year) & (panel["node"] == "total") & (panel["measure"] == measure)]
    assert row["value"].item() == value


def test_derived_values_can_be_switched_off() -> None:
    assert (dataset.load("par_index").panel["basis"] == "derived").any()
    assert not (dataset.load("par_index", derived=False).panel["basis"] == "derived").any()


def test_changed_raw_file_is_refused(tmp_path: Path) -> None:
    known = copied(tmp_path)
    path = known.edition_folder("public_pages/2026-11") / "overall.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("87.84", "87.85"), encoding="utf-8")
    with pytest.raises(DataError, match=r"overall\.csv"):
        dataset.load("par_index", known=known)
    assert "changed file" in {finding.rule for finding in dataset.check(known)}


def test_unknown_index_unit_and_language_are_answered_with_a_suggestion() -> None:
    with pytest.raises(UnknownName, match="par_index"):
        dataset.load("par_indx")
    with pytest.raises(RequestError, match="Hải Dương"):
        dataset.view("province", index="par_index", unit="hai duonq", year=2023, lang="vi")
    with pytest.raises(UnknownName, match="language"):
        dataset.view("province", index="par_index", unit="30", year=2023, lang="fr")
    with pytest.raises(RequestError, match="province"):
        dataset.view("province", index="par_index", unit="R2", year=2023, lang="vi")


def test_unit_given_as_a_number_is_the_code() -> None:
    assert dataset.view("province", index="par_index", unit=1, year=2023, lang="vi").unit == "01"


def test_years_of_one_decision_are_comparable_and_others_are_not() -> None:
    assert dataset.view("national", index="par_index", year=2023, lang="vi").is_comparable is True
    assert dataset.view("national", index="par_index", year=2024, lang="vi").is_comparable is False
    assert dataset.view("national", index="par_index", year=2021, lang="vi").is_comparable is None


def test_operations_of_the_year_and_the_quarter_after() -> None:
    operations = dataset.view("province", index="par_index", unit="30", year=2023, lang="vi").operations
    assert set(operations["period"]) == {"", "2023-H1", "2024-Q1"}


def test_every_operational_figure_has_a_label() -> None:
    known = catalog.load()
    preference, _ = dataset.read_indices(known, frozenset(index for edition in known.editions.values() for index in edition.indices), True)
    measures = set(preference.panel.loc[preference.panel["index"] == "operations", "measure"])
    assert measures <= set(known.indicators["measures"])
    assert {facts["group"] for facts in known.indicators["measures"].values()} <= set(known.indicators["groups"])


def test_every_publisher_is_rated(findings: list[Finding]) -> None:
    assert [finding.met for finding in findings if finding.rule == "unrated publisher"] == []


def test_data_hash_follows_every_raw_and_reference_file(tmp_path: Path) -> None:
    known = copied(tmp_path)
    before = known.data_hash()
    tiles = known.reference / "tiles.csv"
    tiles.write_text(tiles.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    assert known.data_hash() != before


def refreshed(known: Catalog, name: str, content: bytes) -> None:
    """Put other content into a raw file, with its hash in edition.toml."""
    folder = known.edition_folder("public_pages/2026-11")
    old = hashlib.sha256((folder / name).read_bytes()).hexdigest()
    (folder / name).write_bytes(content)
    edition = folder / "edition.toml"
    edition.write_text(edition.read_text(encoding="utf-8").replace(old, hashlib.sha256(content).hexdigest()), encoding="utf-8")


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        (b"", "not a table"),
        ("index,year\n".encode("utf-16"), "not a table"),
        (b'index,year,unit_name_vi,kind,measure,value,unit,source_url,source_date,note\nPAR_INDEX,2023,"open', "shape"),
        (b"<html><body>Not found</body></html>", "not a table"),
        (b"index,year,unit_name_vi,kind,measure,value,unit,source_url,source_date,note\nPAR_INDEX,2023,\"><script>alert(1)</script>,province,rank,1,rank,x,,\n", "shape"),
    ],
)
def test_damaged_file_is_one_finding_and_no_other_is_blamed(tmp_path: Path, content: bytes, rule: str) -> None:
    known = copied(tmp_path)
    refreshed(known, "overall.csv", content)
    errors = [finding for finding in dataset.check(known) if finding.severity == "error"]
    assert {finding.file for finding in errors} == {"public_pages/2026-11/overall.csv"}
    assert rule in {finding.rule for finding in errors}
    with pytest.raises(DataError):
        dataset.load("par_index", known=known)


@pytest.mark.parametrize("name", ['"><script>alert(1)</script>', '=HYPERLINK("http://x")', '#read("/etc/passwd")', "x" * 10_000, "\u202egnơưD iảH"])
def test_hostile_name_is_a_finding_with_its_row(tmp_path: Path, name: str) -> None:
    known = copied(tmp_path)
    path = known.edition_folder("public_pages/2026-11") / "overall.csv"
    quoted = name.replace('"', '""')
    refreshed(known, "overall.csv", path.read_bytes() + f'PAR_INDEX,2023,"{quoted}",province,rank,22,rank,https://x.vn,,\n'.encode())
    (error,) = [finding for finding in dataset.check(known) if finding.severity == "error"]
    assert (error.rule, error.column) == ("control character" if "\u202e" in name else "unknown name", "unit_name_vi")
    assert error.row > 980
    assert len(str(error)) < 1000


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("reference/indices/par_index.toml", "unit_count = 63", "", "unit_count"),
        ("reference/indices/par_index.toml", "unit_count = 63", 'unit_count = "63"', "unit_count"),
        ("reference/indices/sipas.toml", "[label]", "[label", "not valid TOML"),
        ("raw/public_pages/2026-11/edition.toml", "received = 2026-11-22", 'received = "soon"', "edition.toml"),
        ("raw/public_pages/2026-11/edition.toml", "licence", "license", "licence"),
    ],
)
def test_damaged_record_is_named_with_its_file(tmp_path: Path, file: str, old: str, new: str, said: str) -> None:
    known = copied(tmp_path)
    path = tmp_path / "data" / file
    path.write_text(path.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ParError, match=said) as caught:
        dataset.check(known)
    assert file.rpartition("/")[2] in str(caught.value)


def test_reference_tables_are_checked(tmp_path: Path) -> None:
    known = copied(tmp_path)
    index = known.reference / "indices" / "par_index.toml"
    index.write_text(index.read_text(encoding="utf-8").replace("qd-892-2024", "qd-nope"), encoding="utf-8")
    tiles = known.reference / "tiles.csv"
    tiles.write_text("".join(line for line in tiles.read_text(encoding="utf-8").splitlines(keepends=True) if not line.startswith("63,30,")), encoding="utf-8")
    (known.edition_folder("public_pages/2026-11") / "more.csv").write_text("a\n", encoding="utf-8")
    rules = {finding.rule for finding in dataset.check(known) if finding.severity == "error"}
    assert {"unknown framework", "tile map", "unnamed file"} <= rules
