"""Facts stated by one article: ``index,year,period,unit_name_vi,kind,node,measure,value,unit_of_measure,source,note``."""

from __future__ import annotations

import math
import re
from pathlib import Path

from par_analysis.clean.reading import Reading

COLUMNS = ("index", "year", "period", "unit_name_vi", "kind", "node", "measure", "value", "unit_of_measure", "source", "note")
QUALIFIERS = {"nearly": "<~", "about": "~", "over": ">"}
UNITS_OF_MEASURE = {"points": "points", "count": "count", "percent": "percent"}


def _qualifier(note: str) -> str:
    return next((sign for word, sign in QUALIFIERS.items() if re.match(rf"{word}\b", note)), "")


def _node(cells: dict[str, str]) -> str:
    """``operations:dossiers``, or ``operations:dossiers@Sở …`` for a department's own figures."""
    if cells["index"] != "OPERATIONS":
        return cells["node"]
    department = cells["unit_name_vi"].partition(":")[2].strip()
    return f"operations:{cells['node']}" + (f"@{department}" if department else "")


def read_facts(path: Path, reading: Reading) -> None:
    """Read the file's rows into ``reading`` as claims and findings."""
    for row, cells in reading.rows(path, COLUMNS):
        year, value = reading.year(row, cells["year"]), reading.number(row, "value", cells["value"])
        code = cells["index"].lower()
        rank = re.fullmatch(r"of (\d+)", cells["unit_of_measure"])
        known = [reading.word(row, "index", code, [*reading.indices, "operations"])]
        if not rank:
            known.append(reading.word(row, "unit_of_measure", cells["unit_of_measure"], UNITS_OF_MEASURE))
        unit = reading.unit(row, "unit_name_vi", cells["unit_name_vi"].partition(":")[0], year)
        source = reading.address_in(row, "source", cells["source"])
        if year is None or value is None or unit is None or source is None or not all(known):
            continue
        reading.claim(
            row,
            cells["value"],
            index=code,
            unit=unit,
            year=year,
            period=cells["period"] if cells["period"] != cells["year"] else "",
            node=_node(cells),
            measure=cells["measure"],
            value=value.value,
            qualifier=value.qualifier or _qualifier(cells["note"]),
            unit_of_measure="place" if rank else UNITS_OF_MEASURE[cells["unit_of_measure"]],
            out_of=float(rank.group(1)) if rank else math.nan,
            basis="derived" if cells["note"].startswith("derived") else "published",
            source=source,
            note=cells["note"],
        )
