"""The shape of collected totals, on invented rows: provinces alone, ranks of those that were ranked, blanks left blank."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import pytest

from par_analysis import catalog, dataset
from par_analysis.clean import READERS, Reading
from tests import tables

HAI_DUONG = ["2023", "province", "30", "Hải Dương", "87.84", "22", "True", "", ""]


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., Reading]:
    known = catalog.load()

    def read_rows(*rows: list[str]) -> Reading:
        path = tmp_path / "file.csv"
        path.write_text(tables.text(tables.master(*rows)), encoding="utf-8")
        reading = Reading(dataset.resolve_unit, known.indices, "par_master/test", "file.csv", framework=known.framework, address="https://example.org/file.csv")
        READERS["master"](path, reading)
        return reading

    return read_rows


def figures(reading: Reading) -> list[tuple[str, str, str, float, float]]:
    return [(claim["unit"], claim["node"], claim["measure"], claim["value"], claim["out_of"]) for claim in reading.claims]


def test_a_province_has_a_total_and_a_rank_among_those_of_its_year(read: Callable[..., Reading]) -> None:
    reading = read(HAI_DUONG)
    assert reading.findings == []
    assert [(unit, node, measure, value) for unit, node, measure, value, _ in figures(reading)] == [("30", "total", "score", 87.84), ("30", "total", "rank", 22.0)]
    assert [out_of for *_, out_of in figures(reading) if not math.isnan(out_of)] == [63.0]
    assert {claim["source"] for claim in reading.claims} == {"https://example.org/file.csv"}


def test_ministries_are_left_out_and_counted(read: Callable[..., Reading]) -> None:
    reading = read(HAI_DUONG, ["2023", "ministry", "B01", "Bộ Tư pháp", "90.1", "1", "True", "55", "35"], ["2022", "ministry", "B01", "Bộ Tư pháp", "89", "2", "True", "", ""])
    assert {claim["unit"] for claim in reading.claims} == {"30"}
    assert [(finding.severity, finding.met) for finding in reading.findings] == [("note", "2 rows of ministries")]


@pytest.mark.parametrize("ranked", ["False", "false", "0", "0.0", "no"])
def test_who_was_not_ranked_has_no_rank(read: Callable[..., Reading], ranked: str) -> None:
    reading = read([*HAI_DUONG[:5], "64", ranked, "", ""])
    assert [claim["measure"] for claim in reading.claims] == ["score"]


@pytest.mark.parametrize("ranked", ["True", "TRUE", "1", "1.0", "yes"])
def test_who_was_ranked_has_the_rank_that_is_printed(read: Callable[..., Reading], ranked: str) -> None:
    assert [claim["value"] for claim in read([*HAI_DUONG[:5], "22.0", ranked, "", ""]).claims if claim["measure"] == "rank"] == [22.0]


def test_blanks_are_no_claims(read: Callable[..., Reading]) -> None:
    reading = read([*HAI_DUONG[:4], "", "", "True", "", ""])
    assert (reading.claims, reading.findings) == ([], [])


def test_points_of_the_appraisal_and_of_the_survey_are_parts(read: Callable[..., Reading]) -> None:
    reading = read([*HAI_DUONG[:7], "58.84", "29"])
    assert [(node, value) for _, node, measure, value, _ in figures(reading) if measure == "score"] == [("total", 87.84), ("part:appraisal", 58.84), ("part:survey", 29.0)]


def test_after_the_mergers_the_names_are_those_of_the_34(read: Callable[..., Reading]) -> None:
    units = catalog.load().provinces(2025)
    reading = read(*([str(2025), "province", unit.code, unit.name_vi, "88", str(place), "True", "", ""] for place, unit in enumerate(units, start=1)))
    assert reading.findings == []
    assert {claim["unit"] for claim in reading.claims} == {unit.code for unit in units}
    assert {claim["out_of"] for claim in reading.claims if claim["measure"] == "rank"} == {34.0}


def test_a_province_that_was_merged_is_not_one_of_2025(read: Callable[..., Reading]) -> None:
    (finding,) = read(["2025", *HAI_DUONG[1:]]).findings
    assert (finding.rule, finding.row, finding.column) == ("unknown name", 2, "unit_name")


def test_all_faults_are_found_at_once(read: Callable[..., Reading]) -> None:
    reading = read(
        HAI_DUONG,
        ["2023", "province", "30", "Hai Duong", "87.85", "22", "True", "", ""],
        ["20x3", *HAI_DUONG[1:]],
        ["²⁰²³", *HAI_DUONG[1:]],
        ["2022", "planet", *HAI_DUONG[2:]],
        ["2021", *HAI_DUONG[1:6], "perhaps", "", ""],
        ["2020", *HAI_DUONG[1:3], "Hải Dươnq", *HAI_DUONG[4:]],
        ["2019", *HAI_DUONG[1:4], "101", "64", "True", "", ""],
        ["2018", *HAI_DUONG[1:4], "87,84", "2.5", "True", "", ""],
    )
    assert [(finding.rule, finding.row) for finding in sorted(reading.findings, key=lambda finding: (finding.row, finding.column))] == [
        ("duplicate key", 3),
        ("not a year", 4),
        ("not a year", 5),
        ("unknown word", 6),
        ("unknown word", 7),
        ("unknown name", 8),
        ("out of bounds", 9),
        ("out of bounds", 9),
        ("not a number", 10),
        ("out of bounds", 10),
    ]
    assert len(reading.claims) == 2
