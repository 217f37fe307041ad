"""Made-up indices, said to be so on every page: as many reports as there are communes, each with the content of a report on PAPI.

Real communes cannot stand in for them: nobody publishes PAPI by commune. And units by the thousand in one ranking would make every *report* a larger
one, which says nothing about long batches. So there are several indices, each with the provinces, years and methods of PAPI and figures from a seed.
"""

from __future__ import annotations

import csv
import hashlib
import io
import random
import shutil
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import tomli_w

from benchmarks.ways import INDEX
from par_analysis.catalog import Catalog
from par_analysis.model import Framework

YEARS: Final = range(2011, 2024)
SAID: Final = {"vi": "SỐ LIỆU GIẢ LẬP, không nói về tỉnh nào", "en": "MADE-UP FIGURES, about no province"}
RECEIVED: Final = "2024-01-01"


def code_of(number: int) -> str:
    """The code of the made-up index of a number."""
    return f"synthetic_{number}"


def make_root(checkout: Path, place: Path, *, indices: int, seed: int) -> Path:
    """A folder to name in ``PAR_ROOT``: the data and notebooks of a checkout, and so many made-up indices."""
    for name in ("data", "notebooks"):
        shutil.copytree(checkout / name, place / name, ignore=shutil.ignore_patterns("tidy", ".*"))
    known = Catalog(checkout)
    for number in range(1, indices + 1):
        _write_reference(place / "data" / "reference", number)
        for year in YEARS:
            _write_edition(place / "data" / "raw", number, year, figures(known, number, year, seed=seed))
    return place


def _write_reference(reference: Path, number: int) -> None:
    """The index and its source: PAPI's, under another name, and said to be made up."""
    code = code_of(number)
    index = tomllib.loads((reference / "indices" / f"{INDEX}.toml").read_text(encoding="utf-8"))
    names = {lang: f"{text} ({number})" for lang, text in SAID.items()}
    index |= {"label": names, "short": {"vi": f"GIẢ LẬP {number}", "en": f"MADE-UP {number}"}, "citation": names}
    index["caveats"] = {lang: [SAID[lang], *index["caveats"][lang][1:]] for lang in SAID}
    source = tomllib.loads((reference / "sources" / f"{INDEX}.toml").read_text(encoding="utf-8"))
    layout = source["layout"] | {"index": code}
    source = {"label": names, "indices": [code], "readers": source["readers"], "licence": "made up", "trust": source["trust"], "layout": layout}
    for folder, facts in (("indices", index), ("sources", source)):
        (reference / folder / f"{code}.toml").write_text(tomli_w.dumps(facts), encoding="utf-8")


def _write_edition(raw: Path, number: int, year: int, rows: Sequence[Mapping[str, str]]) -> None:
    folder = raw / code_of(number) / str(year)
    folder.mkdir(parents=True)
    stream = io.StringIO(newline="")
    writer = csv.DictWriter(stream, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    content = stream.getvalue().encode()
    (folder / f"{year}.csv").write_bytes(content)
    file = {"reader": "wide", "sha256": hashlib.sha256(content).hexdigest(), "year": year}
    facts: dict[str, Any] = {"title": SAID, "received": RECEIVED, "origin": "made up", "licence": "made up", "indices": [code_of(number)], "files": {f"{year}.csv": file}}
    (folder / "edition.toml").write_text(tomli_w.dumps(facts), encoding="utf-8")


def figures(known: Catalog, number: int, year: int, *, seed: int) -> list[dict[str, str]]:
    """The rows of a year in the shape of PAPI's files: every province with a figure for everything that the year's method scores, within its limits."""
    layout, framework = known.source(INDEX).layout, known.framework(INDEX, year)
    if framework is None:
        raise ValueError(f"{INDEX} has no method of {year}")
    names = {str(code): name for name, code in layout["units"].items()}
    columns = dict(_columns(layout, year))
    return [{layout["unit_column"]: names[unit.code], **_scores(columns, framework, f"{seed}/{number}", unit.code, year)} for unit in known.provinces(year)]


def _columns(layout: Mapping[str, Any], year: int) -> Iterator[tuple[str, str]]:
    """Column and node, of those that mean something in the year."""
    for column, meanings in layout["columns"].items():
        for meaning in meanings:
            if meaning.get("first", year) <= year <= meaning.get("last", year):
                yield column, meaning["node"]


def _scores(columns: Mapping[str, str], framework: Framework, seed: str, unit: str, year: int) -> dict[str, str]:
    """Column → score: a province is as good at a thing as it is every year, and a little luckier in some."""
    found = {}
    for column, node in columns.items():
        low, high = framework.limits[node]
        level = random.Random(f"{seed}/{unit}/{node}").uniform(0.3, 0.7) + random.Random(f"{seed}/{unit}/{node}/{year}").uniform(-0.15, 0.15)
        found[column] = f"{low + ((low + 1 if high is None else high) - low) * level:.4f}"
    return found
