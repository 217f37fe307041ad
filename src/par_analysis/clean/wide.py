"""One row a unit, one column a node, the year in the file's record: the layout of the source says what a column means in which year.

``layout`` (in ``sources/<source>.toml``): ``index``; ``unit_column``; ``units``, the file's codes of units; ``columns``, for every column the spans of
years with the node that it holds in them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from par_analysis.clean.reading import Reading
from par_analysis.model import Framework, Index

MOST_MISSING = 0.1
"""A table that lacks more than this share of the year's units is no table of the year."""

_BROKEN_OFF = ("encoding", "shape", "too many rows", "more findings")
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?")


def read_wide(path: Path, reading: Reading) -> None:
    """Read the file's rows into ``reading`` as claims and findings. A blank cell is no claim."""
    layout = reading.layout
    if reading.file_year is None:
        reading.find("error", "no year", 0, "year", "", "the year measured, in edition.toml", "the file itself does not name it")
        return
    index = reading.indices[layout["index"]]
    framework = reading.framework(index.code, reading.file_year)
    if framework is None:
        reading.find("error", "no framework", 0, "year", str(reading.file_year), f"a year that indices/{index.code}.toml gives a framework")
        return
    nodes: dict[str, str] | None = None
    seen: dict[str, int] = {}
    filled: set[str] = set()
    for row, cells in reading.rows(path, [layout["unit_column"]]):
        if nodes is None:
            nodes = _nodes(cells, layout, reading, framework)
        unit = _unit(row, cells[layout["unit_column"]], reading)
        if unit is None:
            continue
        if unit in seen:
            reading.find("error", "duplicate key", row, layout["unit_column"], cells[layout["unit_column"]], f"every unit once; it stands in row {seen[unit]}")
            continue
        seen[unit] = row
        for column, node in nodes.items():
            if cells[column]:
                filled.add(column)
                _claim(row, column, cells[column], reading, index, framework, unit=unit, node=node)
    _require_filled(nodes, filled, seen, reading)


def _nodes(cells: Mapping[str, str], layout: Mapping[str, Any], reading: Reading, framework: Framework) -> dict[str, str]:
    """Column → node in the file's year; columns that mean nothing then are kept under "" so that a value in them is met."""
    nodes: dict[str, str] = {}
    for column in cells:
        if column == layout["unit_column"]:
            continue
        if column not in layout["columns"]:
            reading.find("error", "unknown column", 1, column, column, f"one of: {layout['unit_column']}, {', '.join(layout['columns'])}")
            continue
        nodes[column] = next((meaning["node"] for meaning in layout["columns"][column] if _holds(meaning, int(reading.file_year or 0))), "")
    for node in framework.criteria_codes:
        if node not in nodes.values():
            reading.find("error", "missing column", 1, node, ",".join(cells), f"a column for {node}, which {framework.code} scores in {reading.file_year}")
    return nodes


def _holds(meaning: Mapping[str, Any], year: int) -> bool:
    return int(meaning.get("first", year)) <= year <= int(meaning.get("last", year))


def _unit(row: int, name: str, reading: Reading) -> str | None:
    column, known = reading.layout["unit_column"], reading.layout.get("units", {})
    if name not in known:
        return reading.unit(row, column, name, reading.file_year)
    provinces = reading.provinces(int(reading.file_year or 0))
    if provinces and str(known[name]) not in provinces:
        reading.find("error", "unit of another time", row, column, name, f"a province of {reading.file_year}", f"{name} is {known[name]} in the source's record")
        return None
    return str(known[name])


def _claim(row: int, column: str, text: str, reading: Reading, index: Index, framework: Framework, *, unit: str, node: str) -> None:
    if not node:
        reading.find("error", "column out of use", row, column, text, f"a blank: this column has no meaning in {reading.file_year}")
        return
    if not _NUMBER.fullmatch(text):
        comma = re.fullmatch(r"-?[0-9]+,[0-9]+", text)
        reading.find("error", "not a number", row, column, text, "a number with a decimal point", "it has a decimal comma" if comma else "")
        return
    maximum = framework.limits[node][1]
    reading.claim(
        row,
        text,
        column=column,
        index=index.code,
        unit=unit,
        year=int(reading.file_year or 0),
        node=node,
        measure="score",
        value=float(text),
        unit_of_measure=index.unit_of_measure,
        out_of=float("nan") if maximum is None else maximum,
        source=reading.address,
    )


def _require_filled(nodes: Mapping[str, str] | None, filled: set[str], seen: Mapping[str, int], reading: Reading) -> None:
    """Every column in use has figures, and every unit of the year a row; not asked of a file that could not be read to its end."""
    if nodes is None or any(finding.rule in _BROKEN_OFF for finding in reading.findings):
        return
    for column, node in nodes.items():
        if node and column not in filled:
            reading.find("error", "empty column", 1, column, "blank in every row", f"figures of {node}")
    missing = [unit for unit in reading.provinces(int(reading.file_year or 0)) if unit not in seen]
    if missing:
        met = f"no row for {', '.join(missing[:12])}{' …' if len(missing) > 12 else ''}"
        is_part = len(missing) > MOST_MISSING * len(reading.provinces(int(reading.file_year or 0)))
        hint = "ranks and means of a part of the country would be taken for the country's" if is_part else ""
        reading.find("error" if is_part else "warning", "missing units", 0, reading.layout["unit_column"], met, "a row for every unit, blank where nothing is known", hint)
