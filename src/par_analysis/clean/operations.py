"""Operational figures of a province, one claim a row: ``unit,period,indicator,value,unit_of_measure,source_url,note``."""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import Any

from par_analysis.clean.reading import Reading

COLUMNS = ("unit", "period", "indicator", "value", "unit_of_measure", "source_url", "note")
INDEX = "operations"
UNITS_OF_MEASURE = {
    "percent": "percent",
    "points": "points",
    "index 0-1": "index",
    "billion VND": "billion_vnd",
    "people per day": "count",
    **dict.fromkeys(("dossiers", "services", "procedures", "decisions", "transactions"), "count"),
}

_PERIOD = re.compile(r"[0-9]{4}(-(Q[1-4]|H[12]|[01][0-9](\.\.[0-9]{4}-[01][0-9])?))?")


def slug(indicator: str) -> str:
    """An indicator's printed name as a code.

    >>> slug('other "online public services"')
    'other_online_public_services'
    """
    return re.sub(r"[^a-z0-9]+", "_", indicator.lower()).strip("_")


def _period(printed: str) -> str:
    """A period without its remark: ``2024-06 (early June)`` is ``2024-06``, ``2025-01..2025-02`` stays."""
    return printed.partition(" ")[0]


def _scale(printed: str) -> tuple[str, float]:
    """Unit of measure and denominator: ``of 63`` is a place out of 63, ``of 1907 procedures`` a count out of 1907."""
    found = re.fullmatch(r"of (\d+)(?: \w+)?", printed)
    if found:
        return ("place" if found.group(1) == "63" else "count", float(found.group(1)))
    return UNITS_OF_MEASURE[printed], math.nan


def read_operations(path: Path, reading: Reading) -> None:
    """Read the file's rows into ``reading``. A value that is no number (a level "A") is a note: it is kept in the raw file alone."""
    for row, cells in reading.rows(path, COLUMNS):
        period = _period(cells["period"])
        year = reading.year(row, period[:4])
        unit = reading.unit(row, "unit", cells["unit"], f"{period[:7]}-01" if re.match(r"\d{4}-\d{2}", period) else year)
        if re.fullmatch(r"[A-Z]", cells["value"]):
            reading.find("note", "not a number", row, "value", cells["value"], "a number", "a level, shown nowhere as a number")
            continue
        if not re.fullmatch(r"of \d+(?: \w+)?", cells["unit_of_measure"]) and not reading.word(row, "unit_of_measure", cells["unit_of_measure"], UNITS_OF_MEASURE):
            continue
        value = reading.number(row, "value", cells["value"])
        source = reading.address_in(row, "source_url", cells["source_url"])
        if not _PERIOD.fullmatch(period):
            reading.find("error", "not a period", row, "period", cells["period"], "a year, half-year, quarter or month: 2024, 2024-H1, 2024-Q1, 2024-03, 2025-01..2025-02")
            continue
        if year is None or unit is None or value is None or source is None:
            continue
        unit_of_measure, out_of = _scale(cells["unit_of_measure"])
        figure: dict[str, Any] = {"index": INDEX, "unit": unit, "year": year, "period": "" if period == str(year) else period, "node": "operations:published"}
        figure |= {"unit_of_measure": unit_of_measure, "out_of": out_of, "qualifier": value.qualifier, "source": source, "note": cells["note"]}
        ends = [("", value.value)] if value.high is None else [("_low", value.value), ("_high", value.high)]
        for suffix, end in ends:
            reading.claim(row, cells["value"], measure=slug(cells["indicator"]) + suffix, value=end, **figure)
