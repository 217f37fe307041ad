"""Results of domains and parts of the PAR INDEX, one claim a row: ``year,unit_name_vi,kind,domain_no,measure,value,unit,source_url``.

The unit column is prose ("points of 13", "of 63 (up 21)", "of 63; derived from 22, up 21"): what follows "of" is the maximum or
the denominator, the word "derived" marks a derived value.
"""

from __future__ import annotations

import math
import re
from pathlib import Path

from par_analysis.clean.reading import Reading

COLUMNS = ("year", "unit_name_vi", "kind", "domain_no", "measure", "value", "unit", "source_url")
INDEX = "par_index"
KINDS = ("province", "national_mean", "region_mean", "national_count")
PARTS = {
    "appraisal_score": "part:appraisal",
    "survey_score": "part:survey",
    "impact_score": "part:impact",
    "leader_survey_score": "part:leaders",
    "SIPAS_part_score": "part:sipas",
    "socio_economic_impact_score": "part:socio_economic",
    "socio_economic_impact_rank": "part:socio_economic",
}
# measure as printed → (measure, unit of measure)
MEASURES = {
    "score": ("score", "points"),
    "rank": ("rank", "place"),
    "share_of_max": ("share_of_max", "percent"),
    "points_lost": ("points_lost", "points"),
    "rank_change": ("rank_change", "place"),
    "score_change": ("score_change", "points"),
    "index_change": ("score_change", "points"),
    "change_vs_prev_year": ("score_change", "points"),
    "domains_up": ("domains_up", "count"),
    "domains_down": ("domains_down", "count"),
    "domains_rank_up": ("domains_rank_up", "count"),
    "domains_rank_down": ("domains_rank_down", "count"),
    "domains_with_higher_mean": ("domains_with_higher_mean", "count"),
    "criteria_at_max": ("criteria_at_max", "count"),
    "criteria_below_max": ("criteria_below_max", "count"),
    "component_criteria_at_max": ("component_criteria_at_max", "count"),
    "component_criteria_below_max": ("component_criteria_below_max", "count"),
    "index": ("", ""),  # a total's score, or a domain's share of its maximum
} | {name: ("rank", "place") if name.endswith("rank") else ("score", "points") for name in PARTS}


def _measure(printed: str, kind: str, domain: str) -> tuple[str, str]:
    if kind != "province" and printed == "index":
        return ("mean", "points")
    if kind != "province" and printed == "change_vs_prev_year":
        return ("mean_share_change", "percent") if domain != "0" else ("mean_change", "points")
    if printed == "index":
        return ("score", "points") if domain == "0" else ("share_of_max", "percent")
    return MEASURES[printed]


def _node(printed: str, domain: str) -> str:
    if printed in PARTS:
        return PARTS[printed]
    return "total" if domain == "0" else f"domain:{domain}"


def _out_of(unit: str) -> float:
    found = re.search(r"\bof (\d+(?:\.\d+)?)", unit)
    return float(found.group(1)) if found else math.nan


def read_domains(path: Path, reading: Reading) -> None:
    """Read the file's rows into ``reading`` as claims and findings. An uncertain domain number is kept under ``domain:?``."""
    for row, cells in reading.rows(path, COLUMNS):
        year, value = reading.year(row, cells["year"]), reading.number(row, "value", cells["value"])
        known = [reading.word(row, "kind", cells["kind"], KINDS), reading.word(row, "measure", cells["measure"], MEASURES)]
        unit = reading.unit(row, "unit_name_vi", cells["unit_name_vi"], year)
        source = reading.address_in(row, "source_url", cells["source_url"])
        domain = cells["domain_no"]
        if not re.fullmatch(r"[0-8]", domain):
            reading.find("warning", "ambiguous domain", row, "domain_no", domain, "a number from 0 to 8", "kept, but belongs to no domain until the source is clear")
            domain = "?"
        if year is None or value is None or unit is None or source is None or not all(known):
            continue
        measure, unit_of_measure = _measure(cells["measure"], cells["kind"], domain)
        out_of = _out_of(cells["unit"]) if measure not in {"rank_change", "score_change"} else math.nan
        if measure == "rank" and math.isnan(out_of):
            out_of = float(reading.indices[INDEX].count_of_units(year))
        reading.claim(
            row,
            cells["value"],
            index=INDEX,
            unit=unit,
            year=year,
            node=_node(cells["measure"], domain),
            measure=measure,
            value=value.value,
            qualifier=value.qualifier,
            unit_of_measure=unit_of_measure,
            out_of=out_of,
            basis="derived" if "derived" in cells["unit"] else "published",
            source=source,
            note=cells["unit"] if ("derived" in cells["unit"] or "page prints" in cells["unit"] or "not certain" in cells["unit"]) else "",
        )
