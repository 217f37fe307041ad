"""Readers on files that fit on a screen: what is read, and that every fault is found at once with its place."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from par_analysis import catalog, dataset
from par_analysis.clean import READERS, Reading

OVERALL = "index,year,unit_name_vi,kind,measure,value,unit,source_url,source_date,note\n"
DOMAINS = "year,unit_name_vi,kind,domain_no,measure,value,unit,source_url\n"
OPERATIONS = "unit,period,indicator,value,unit_of_measure,source_url,note\n"


@pytest.fixture
def read(tmp_path: Path) -> Callable[[str, str], Reading]:
    known = catalog.load()

    def read_text(shape: str, text: str) -> Reading:
        path = tmp_path / f"{shape}.csv"
        path.write_text(text, encoding="utf-8")
        reading = Reading(dataset.resolve_unit, known.indices, "test/edition", path.name)
        READERS[shape](path, reading)
        return reading

    return read_text


def test_overall_row_becomes_a_claim(read: Callable[[str, str], Reading]) -> None:
    reading = read("overall", OVERALL + "PAR_INDEX,2023,Hải Dương,province,score,87.84,percent,https://x.gov.vn/1,,up 25 places\n")
    assert reading.findings == []
    (claim,) = reading.claims
    assert (claim["index"], claim["unit"], claim["year"], claim["value"], claim["unit_of_measure"], claim["row"]) == ("par_index", "30", 2023, 87.84, "points", 2)


def test_derived_value_is_marked(read: Callable[[str, str], Reading]) -> None:
    reading = read("overall", OVERALL + "SIPAS,2022,Hải Dương,province,rank,12,rank,https://x.vn,,derived: up 9 places\n")
    assert [(claim["basis"], claim["out_of"]) for claim in reading.claims] == [("derived", 63.0)]


def test_all_faults_are_found_at_once_with_their_rows(read: Callable[[str, str], Reading]) -> None:
    rows = [
        "PAR_INDEX,2023,Hải Dươnq,province,score,87.84,percent,https://x.vn,,",  # a misspelt name
        'PAR_INDEX,2023,Hải Dương,province,score,"87,84",percent,https://x.vn,,',  # a decimal comma in a column of points
        "PAR_INDEX,2023,Hải Dương,province,score,101,percent,https://x.vn,,",  # out of bounds
        "PAR_INDEX,2023,Hải Dương,province,rank,64,rank,https://x.vn,,",
        "PAR_INDEX,20x3,Hải Dương,province,rank,22,rank,https://x.vn,,",
        "PAR_INDEX,2023,Hải Dương,province,colour,22,rank,https://x.vn,,",
        "PAPPI,2023,Hải Dương,province,rank,22,rank,https://x.vn,,",
        "PAR_INDEX,2023,Hải Dương,province",
    ]
    reading = read("overall", OVERALL + "\n".join(rows) + "\n")
    assert [finding.row for finding in sorted(reading.findings, key=lambda finding: finding.row)] == [2, 3, 4, 5, 6, 7, 8, 9]
    assert {finding.severity for finding in reading.findings} == {"error"}
    assert reading.claims == []
    assert "Hải Dương" in next(finding.hint for finding in reading.findings if finding.row == 2)


def test_wrong_heading_is_one_finding_and_no_rows(read: Callable[[str, str], Reading]) -> None:
    reading = read("overall", "a,b\n1,2\n")
    assert [finding.rule for finding in reading.findings] == ["heading"]


def test_domain_score_has_its_maximum(read: Callable[[str, str], Reading]) -> None:
    reading = read("domains", DOMAINS + "2023,Kon Tum,province,3,score,12.38,points of 13,https://x.gov.vn\n2022,Kon Tum,province,2,rank,43,\"of 63; derived from 22, up 21\",https://x.gov.vn\n")
    assert [(claim["node"], claim["measure"], claim["out_of"], claim["basis"]) for claim in reading.claims] == [
        ("domain:3", "score", 13.0, "published"),
        ("domain:2", "rank", 63.0, "derived"),
    ]


def test_uncertain_domain_is_kept_apart_and_said(read: Callable[[str, str], Reading]) -> None:
    reading = read("domains", DOMAINS + "2017,Lào Cai,province,4?,rank,20,of 63,https://x.gov.vn\n")
    assert [claim["node"] for claim in reading.claims] == ["domain:?"]
    assert [(finding.severity, finding.rule) for finding in reading.findings] == [("warning", "ambiguous domain")]


def test_parts_of_the_total_are_nodes_of_their_own(read: Callable[[str, str], Reading]) -> None:
    reading = read("domains", DOMAINS + "2023,Kon Tum,province,0,appraisal_score,54.95,points of 61.5,https://x.gov.vn\n2023,Cả nước,national_mean,0,index,86.98,%,https://x.vn\n")
    assert [(claim["unit"], claim["node"], claim["measure"]) for claim in reading.claims] == [("62", "part:appraisal", "score"), ("VN", "total", "mean")]


def test_approximate_and_ranged_values_keep_their_meaning(read: Callable[[str, str], Reading]) -> None:
    rows = "Hải Dương,2023,dossiers_received,>1000000,dossiers,https://x.vn,\n"
    rows += "Hải Dương,2024-03,visitors,500-600,people per day,https://x.vn,\nHải Dương,2023,level,A,level,https://x.vn,\n"
    reading = read("operations", OPERATIONS + rows)
    met = [(claim["measure"], claim["qualifier"], claim["value"]) for claim in reading.claims]
    assert met == [("dossiers_received", ">", 1e6), ("visitors_low", "", 500.0), ("visitors_high", "", 600.0)]
    assert [finding.severity for finding in reading.findings] == ["note"]


def test_merged_unit_is_read_as_of_its_period(read: Callable[[str, str], Reading]) -> None:
    reading = read("operations", OPERATIONS + "Hải Phòng (merged),2025-09,cut,39,procedures,https://x.vn,\n")
    assert [claim["unit"] for claim in reading.claims] == ["31-2025"]
