"""Totals of provinces and ministries, one unit and year a row: ``year,unit_type,unit_code,unit_name,par_index,par_rank,ranked,score_moha,score_survey``.

Only provinces are read: ministries are ranked in a list of their own, which no report here shows. A unit that was not ranked has no rank, whatever its cell says.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from par_analysis.clean.reading import Reading

COLUMNS = ("year", "unit_type", "unit_code", "unit_name", "par_index", "par_rank", "ranked", "score_moha", "score_survey")
INDEX = "par_index"
FLAGS = {"true": True, "1": True, "1.0": True, "yes": True, "false": False, "0": False, "0.0": False, "no": False}
PARTS = {"par_index": "total", "score_moha": "part:appraisal", "score_survey": "part:survey"}
PROVINCES = ("province", "city", "tinh", "tỉnh")
OTHERS = ("ministry", "bo", "bộ", "agency")


def read_master(path: Path, reading: Reading) -> None:
    """Read the file's rows into ``reading`` as claims and findings. Blank figures are no claims."""
    rows = list(_provinces(path, reading))
    ranked = Counter(year for _, year, _, is_ranked, _ in rows if is_ranked)
    for row, year, unit, is_ranked, cells in rows:
        facts = {"index": INDEX, "unit": unit, "year": year, "source": reading.address}
        for column, node in PARTS.items():
            value = reading.number(row, column, cells[column]) if cells[column] else None
            if value is not None:
                reading.claim(row, cells[column], column=column, **facts, node=node, measure="score", value=value.value, unit_of_measure="points")
        if is_ranked and cells["par_rank"]:
            place = reading.number(row, "par_rank", cells["par_rank"])
            out_of = float(max(ranked[year], reading.indices[INDEX].count_of_units(year))) if year <= 2024 else float(ranked[year])
            if place is not None:
                reading.claim(row, cells["par_rank"], column="par_rank", **facts, node="total", measure="rank", value=place.value, unit_of_measure="place", out_of=out_of)


def _provinces(path: Path, reading: Reading) -> Iterator[tuple[int, int, str, bool, dict[str, str]]]:
    """Row, year, unit, whether it is ranked, and the cells of every province."""
    seen: dict[tuple[str, int], int] = {}
    left_out = 0
    for row, cells in reading.rows(path, COLUMNS):
        kind = cells["unit_type"].casefold()
        if not reading.word(row, "unit_type", kind, [*PROVINCES, *OTHERS]):
            continue
        if kind in OTHERS:
            left_out += 1
            continue
        year = reading.year(row, cells["year"])
        known = reading.word(row, "ranked", cells["ranked"].casefold(), FLAGS)
        unit = reading.unit(row, "unit_name", cells["unit_name"], year)
        if year is None or unit is None or not known:
            continue
        if (unit, year) in seen:
            reading.find("error", "duplicate key", row, "unit_name", cells["unit_name"], f"every unit once a year; it stands in row {seen[unit, year]}")
            continue
        seen[unit, year] = row
        yield row, year, unit, FLAGS[cells["ranked"].casefold()], cells
    if left_out:
        reading.find("note", "left out", 0, "unit_type", f"{left_out} rows of ministries", "provinces", "ministries are ranked in a list of their own")
