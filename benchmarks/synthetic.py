"""Made-up indices, said to be so on every page: as many reports as there are communes, each with the content of a report on PAPI.

Units by the thousand in one ranking make every *report* a larger one, which says nothing about long batches. So there are several indices, each with the
provinces, years and methods of PAPI and figures from a seed; and, beside them, one ranking of made-up communes, for what such a report costs.
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
FIRST_COMMUNE: Final = 10_001
"""The code of the first made-up commune."""


def code_of(number: int) -> str:
    """The code of the made-up index of a number."""
    return f"synthetic_{number}"


def make_root(checkout: Path, place: Path, *, indices: int, seed: int) -> Path:
    """A folder to name in ``PAR_ROOT``: the data and notebooks of a checkout, and so many made-up indices."""
    known = _copy(checkout, place)
    for number in range(1, indices + 1):
        _write_reference(place / "data" / "reference", number, known.source(INDEX).layout)
        for year in YEARS:
            _write_edition(place / "data" / "raw", number, year, figures(known, number, year, seed=seed))
    return place


def make_communes(checkout: Path, place: Path, *, units: int, seed: int) -> Path:
    """A folder to name in ``PAR_ROOT``: so many made-up communes in place of the provinces, ranked in one made-up index in two years; no other figures."""
    _copy(checkout, place)
    reference, raw = place / "data" / "reference", place / "data" / "raw"
    for folder in (raw, place / "data" / "claims"):
        shutil.rmtree(folder)
        folder.mkdir()
    codes = [str(FIRST_COMMUNE + number) for number in range(units)]
    _write_communes(reference, codes)
    known = Catalog(place)
    layout = {**known.source(INDEX).layout, "units": {code: code for code in codes}}
    _write_reference(reference, 1, layout)
    for year in YEARS[-2:]:
        _write_edition(raw, 1, year, figures(known, 1, year, seed=seed, layout=layout))
    return place


def _copy(checkout: Path, place: Path) -> Catalog:
    for name in ("data", "notebooks"):
        shutil.copytree(checkout / name, place / name, ignore=shutil.ignore_patterns("tidy", ".*"))
    return Catalog(checkout)


def _write_communes(reference: Path, codes: Sequence[str]) -> None:
    """The tables of units, spellings and tiles."""
    with (reference / "provinces.csv").open(encoding="utf-8", newline="") as stream:
        known = list(csv.DictReader(stream))
    provinces = [row for row in known if row["kind"] == "province" and "63" in row["unit_set"].split()]
    rows = [row for row in known if row["kind"] != "province"]
    for number, code in enumerate(codes, start=1):
        names = {"name_vi": f"Xã giả lập {number:04d}", "name_en": f"Made-up commune {number:04d}"}
        rows.append(provinces[number % len(provinces)] | names | {"code": code, "gso_code": code, "unit_set": "63", "valid_from": "", "valid_to": ""})
    tiles = [("63", code, str(number // 60), str(number % 60), code, code, "province") for number, code in enumerate(codes)]
    (reference / "provinces.csv").write_bytes(_table(list(known[0]), [list(row.values()) for row in rows]))
    (reference / "tiles.csv").write_bytes(_table(["unit_set", "code", "row", "col", "label_vi", "label_en", "kind"], tiles))
    (reference / "names.csv").write_bytes(_table(["code", "spelling", "kind"], []))
    (reference / "corrections.toml").write_bytes(b"")


def _table(heading: Sequence[str], rows: Sequence[Sequence[str]]) -> bytes:
    stream = io.StringIO(newline="")
    csv.writer(stream, lineterminator="\n").writerows([heading, *rows])
    return stream.getvalue().encode()


def _write_reference(reference: Path, number: int, layout: Mapping[str, Any]) -> None:
    """The index and its source: PAPI's, under another name, and said to be made up."""
    code = code_of(number)
    index = tomllib.loads((reference / "indices" / f"{INDEX}.toml").read_text(encoding="utf-8"))
    names = {lang: f"{text} ({number})" for lang, text in SAID.items()}
    index |= {"label": names, "short": {"vi": f"GIẢ LẬP {number}", "en": f"MADE-UP {number}"}, "citation": names}
    index["caveats"] = {lang: [SAID[lang], *index["caveats"][lang][1:]] for lang in SAID}
    source = tomllib.loads((reference / "sources" / f"{INDEX}.toml").read_text(encoding="utf-8"))
    source = {"label": names, "indices": [code], "readers": source["readers"], "licence": "made up", "trust": source["trust"], "layout": {**layout, "index": code}}
    for folder, facts in (("indices", index), ("sources", source)):
        (reference / folder / f"{code}.toml").write_text(tomli_w.dumps(facts), encoding="utf-8")


def _write_edition(raw: Path, number: int, year: int, rows: Sequence[Mapping[str, str]]) -> None:
    folder = raw / code_of(number) / str(year)
    folder.mkdir(parents=True)
    content = _table(list(rows[0]), [list(row.values()) for row in rows])
    (folder / f"{year}.csv").write_bytes(content)
    file = {"reader": "wide", "sha256": hashlib.sha256(content).hexdigest(), "year": year}
    facts: dict[str, Any] = {"title": SAID, "received": RECEIVED, "origin": "made up", "licence": "made up", "indices": [code_of(number)], "files": {f"{year}.csv": file}}
    (folder / "edition.toml").write_text(tomli_w.dumps(facts), encoding="utf-8")


def figures(known: Catalog, number: int, year: int, *, seed: int, layout: Mapping[str, Any] | None = None) -> list[dict[str, str]]:
    """The rows of a year in the shape of PAPI's files: every unit with a figure for everything that the year's method scores, within its limits."""
    layout, framework = layout or known.source(INDEX).layout, known.framework(INDEX, year)
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
