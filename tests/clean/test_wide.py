"""The wide shape: a column means what it meant in the file's year, and every fault is found at once with its place."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import pytest

from par_analysis import catalog, dataset
from par_analysis.clean import READERS, Reading
from tests import tables

Read = Callable[..., Reading]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    known = catalog.load()

    def read_rows(rows: tables.Rows | str, year: int | None = 2024) -> Reading:
        path = tmp_path / "file.csv"
        path.write_text(rows if isinstance(rows, str) else tables.text(rows), encoding="utf-8")
        reading = Reading(
            dataset.resolve_unit,
            known.indices,
            "papi/test",
            "file.csv",
            framework=known.framework,
            provinces=lambda on: [unit.code for unit in known.provinces(on)],
            layout=known.source("papi").layout,
            file_year=year,
            address="https://example.org/file.csv",
        )
        READERS["wide"](path, reading)
        return reading

    return read_rows


def places(reading: Reading) -> list[tuple[str, int, str]]:
    return [(finding.rule, finding.row, finding.column) for finding in reading.findings]


@pytest.mark.parametrize("year", range(2011, 2025))
def test_every_part_of_the_years_method_is_a_claim_of_every_province(read: Read, year: int) -> None:
    reading = read(tables.papi(year), year)
    framework = catalog.load().framework("papi", year)
    assert framework is not None
    assert reading.findings == []
    assert len(reading.claims) == 63 * len(framework.criteria_codes)
    assert {claim["node"] for claim in reading.claims} == set(framework.criteria_codes)
    assert {claim["unit"] for claim in reading.claims} == {unit.code for unit in catalog.load().provinces(year)}


def test_a_claim_says_what_where_and_out_of_how_much(read: Read) -> None:
    rows = tables.changed(tables.papi(2024), 20, "SC31", "2.5")
    claim = next(claim for claim in read(rows).claims if claim["row"] == 20 and claim["node"] == "criterion:interactions")
    assert (claim["index"], claim["unit"], claim["year"], claim["measure"], claim["value"], claim["out_of"]) == ("papi", "30", 2024, "score", 2.5, 3.3333)
    assert (claim["source"], claim["text"], claim["basis"], claim["unit_of_measure"]) == ("https://example.org/file.csv", "2.5", "published", "points")


@pytest.mark.parametrize(
    ("column", "years"),
    [
        ("SC21", {2017: "poverty_lists", 2018: "access_to_information"}),
        ("SC32", {2015: "inspection_boards", 2016: "response_to_appeals"}),
        ("SC33", {2015: "investment_boards", 2017: "inspection_boards", 2018: "access_to_justice"}),
        ("SC83", {2019: "e_responsiveness_2019", 2020: "e_responsiveness"}),
    ],
)
def test_a_column_means_what_it_meant_in_its_year(read: Read, column: str, years: dict[int, str]) -> None:
    for year, node in years.items():
        rows = tables.changed(tables.papi(year), 2, column, "1.25")
        assert [claim["node"] for claim in read(rows, year).claims if claim["row"] == 2 and claim["text"] == "1.25"] == [f"criterion:{node}"]


def test_a_blank_is_no_claim_and_no_fault(read: Read) -> None:
    reading = read(tables.papi(2024, blank=["P09", "P40"]))
    assert reading.findings == []
    assert len({claim["unit"] for claim in reading.claims}) == 61


def test_a_maximum_that_is_not_known_is_no_denominator(read: Read) -> None:
    assert not any(math.isinf(claim["out_of"]) for claim in read(tables.papi(2011), 2011).claims)


def test_a_province_may_be_written_by_its_name(read: Read) -> None:
    assert {claim["unit"] for claim in read(tables.changed(tables.papi(2024), 20, "Province", "Hải Dương")).claims if claim["row"] == 20} == {"30"}


def test_all_faults_are_found_at_once(read: Read) -> None:
    rows = tables.papi(2024)
    faults = ((2, "SC11", "101"), (3, "SC12", "1,32"), (4, "SC13", "-1"), (5, "SC14", "n/a"), (6, "SC52", "1.5"), (7, "Province", "Hà Gianq"), (8, "Province", "P01"))
    for row, column, value in faults:
        rows = tables.changed(rows, row, column, value)
    found = read(rows)
    assert places(found)[:7] == [
        ("out of bounds", 2, "SC11"),
        ("not a number", 3, "SC12"),
        ("out of bounds", 4, "SC13"),
        ("not a number", 5, "SC14"),
        ("column out of use", 6, "SC52"),
        ("unknown name", 7, "Province"),
        ("duplicate key", 8, "Province"),
    ]
    by_row = {finding.row: finding for finding in found.findings}
    assert (by_row[2].met, by_row[2].expected) == ("101", "between 0.25 and 2.5")
    assert by_row[3].hint == "it has a decimal comma"
    assert "Hà Giang" in by_row[7].hint
    assert by_row[8].expected == "every unit once; it stands in row 2"
    assert "missing units" in {finding.rule for finding in found.findings}


def test_a_second_row_of_a_province_is_no_claim(read: Read) -> None:
    reading = read([*tables.papi(2024), tables.papi(2024, seed=2)[1]])
    assert places(reading) == [("duplicate key", 65, "Province")]
    assert len(reading.claims) == 63 * 28


@pytest.mark.parametrize("text", ["inf", "nan", "1e999", "0x1", "1_0", "1 2", "١", "²", "9" * 5000])
def test_what_only_a_computer_calls_a_number_is_none(read: Read, text: str) -> None:
    (finding,) = read(tables.changed(tables.papi(2024), 2, "SC11", text)).findings
    assert (finding.rule in {"not a number", "out of bounds"}, finding.row, finding.column) == (True, 2, "SC11")
    assert len(str(finding)) < 300


def test_a_column_that_is_missing_unknown_or_empty_is_said(read: Read) -> None:
    rows = tables.papi(2024)
    at = rows[0].index("SC73")
    assert places(read([row[:at] + row[at + 1 :] for row in rows])) == [("missing column", 1, "criterion:quality_of_water")]
    assert places(read([[*cells, "x"] if number else [*cells, "SC99"] for number, cells in enumerate(rows)])) == [("unknown column", 1, "SC99")]
    assert places(read([row if not number else [*row[:at], "", *row[at + 1 :]] for number, row in enumerate(rows)])) == [("empty column", 1, "SC73")]


def test_a_year_that_is_missing_or_without_a_method_is_said(read: Read) -> None:
    assert [finding.rule for finding in read(tables.papi(2024), None).findings] == ["no year"]
    assert [finding.rule for finding in read(tables.papi(2024), 2010).findings] == ["no framework"]


def test_a_province_of_another_time_is_an_error(read: Read) -> None:
    found = read(tables.papi(2024), 2025).findings
    assert ("unit of another time", 3, "Province") in {(finding.rule, finding.row, finding.column) for finding in found}
    assert {finding.severity for finding in found if finding.rule == "unit of another time"} == {"error"}


def test_rows_count_as_in_a_spreadsheet_whatever_lies_between(read: Read) -> None:
    lines = tables.text(tables.changed(tables.papi(2024), 4, "SC11", "101")).splitlines()
    lines.insert(2, "")
    lines.insert(3, "," * 29)
    assert places(read("\n".join(lines) + "\n\n\n")) == [("out of bounds", 6, "SC11")]
