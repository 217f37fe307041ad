"""Overall results of indices, one claim a row: ``index,year,unit_name_vi,kind,measure,value,unit,source_url,source_date,note``."""

from __future__ import annotations

import math
from pathlib import Path

from par_analysis.clean.reading import Reading

COLUMNS = ("index", "year", "unit_name_vi", "kind", "measure", "value", "unit", "source_url", "source_date", "note")
UNITS_OF_MEASURE = {"rank": "place", "count": "count", "percent": "", "points": ""}  # "": the index's own
MEASURES = ("rank", "score", "mean", "max", "min", "median", "n_units_up", "n_units_down", "n_above_mean", "n_group_A", "n_group_B", "n_group_C", "n_group_D")
KINDS = ("province", "region", "national")


def read_overall(path: Path, reading: Reading) -> None:
    """Read the file's rows into ``reading`` as claims and findings."""
    for row, cells in reading.rows(path, COLUMNS):
        code, year = cells["index"].lower(), reading.year(row, cells["year"])
        value = reading.number(row, "value", cells["value"])
        known = [
            reading.word(row, "index", code, reading.indices),
            reading.word(row, "kind", cells["kind"], KINDS),
            reading.word(row, "measure", cells["measure"], MEASURES),
            reading.word(row, "unit", cells["unit"], UNITS_OF_MEASURE),
        ]
        unit = reading.unit(row, "unit_name_vi", cells["unit_name_vi"], year)
        source = reading.address_in(row, "source_url", cells["source_url"])
        if year is None or value is None or unit is None or source is None or not all(known):
            continue
        index = reading.indices[code]
        reading.claim(
            row,
            cells["value"],
            index=code,
            unit=unit,
            year=year,
            node="total",
            measure=cells["measure"],
            value=value.value,
            qualifier=value.qualifier,
            unit_of_measure=UNITS_OF_MEASURE[cells["unit"]] or index.unit_of_measure,
            out_of=float(index.count_of_units(year)) if cells["unit"] in {"rank", "count"} else math.nan,
            basis="derived" if cells["note"].startswith("derived") else "published",
            source=source,
            note=cells["note"],
        )
