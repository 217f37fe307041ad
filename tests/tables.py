"""Made-up tables in the shapes that sources publish, and checkouts that files can be added to."""

from __future__ import annotations

import csv
import io
import random
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path

from par_analysis import catalog
from par_analysis.catalog import Catalog

ROOT = catalog.load().root

Rows = list[list[str]]
OVERALL = ("index", "year", "unit_name_vi", "kind", "measure", "value", "unit", "source_url", "source_date", "note")
MASTER = ("year", "unit_type", "unit_code", "unit_name", "par_index", "par_rank", "ranked", "score_moha", "score_survey")


def papi(year: int = 2024, *, seed: int = 1, blank: Iterable[str] = ()) -> Rows:
    """Invented scores of all 63 provinces in the columns of a year; the provinces in ``blank`` have none."""
    known, chance, empty = catalog.load(), random.Random(seed), set(blank)
    layout, framework = known.source("papi").layout, known.framework("papi", year)
    assert framework is not None
    columns = list(layout["columns"])
    limits = [next((framework.limits[one["node"]] for one in layout["columns"][column] if one.get("first", year) <= year <= one.get("last", year)), None) for column in columns]
    rows = [["" if limit is None or unit in empty else f"{chance.uniform(limit[0], float(limit[1] or 1)):.6f}" for limit in limits] for unit in layout["units"]]
    return [["Province", *columns], *([unit, *cells] for unit, cells in zip(layout["units"], rows, strict=True))]


def overall(*rows: Iterable[str]) -> Rows:
    """Rows of ``index,year,unit_name_vi,kind,measure,value,unit,source_url,source_date,note``."""
    return [list(OVERALL), *map(list, rows)]


def master(*rows: Iterable[str]) -> Rows:
    """Rows of ``year,unit_type,unit_code,unit_name,par_index,par_rank,ranked,score_moha,score_survey``."""
    return [list(MASTER), *map(list, rows)]


def text(rows: Rows) -> str:
    """The rows as a CSV file."""
    stream = io.StringIO(newline="")
    csv.writer(stream, lineterminator="\n").writerows(rows)
    return stream.getvalue()


def changed(rows: Rows, row: int, column: str, value: str) -> Rows:
    """The rows with another cell; rows count as in a spreadsheet."""
    copy = [list(cells) for cells in rows]
    copy[row - 1][copy[0].index(column)] = value
    return copy


def checkout(folder: Path) -> Path:
    """The data and notebooks of this checkout, copied to where a test may change them."""
    for name in ("data", "notebooks"):
        shutil.copytree(ROOT / name, folder / name)
    return folder


def publish(folder: Path, code: str, files: Iterable[tuple[str, str, str]], *, like: str = "papi", change: Callable[[str], str] = str) -> Catalog:
    """The catalogue of a checkout with one more source, in the shape of another: (edition, address, sha256) of its files."""
    reference = folder / "data" / "reference" / "sources"
    record = (reference / f"{like}.toml").read_text(encoding="utf-8").partition("[[files]]")[0]
    year = "year = {0}\n" if like == "papi" else ""
    record += "".join(f'\n[[files]]\nedition = "{edition}"\n{year.format(edition)}url = "{url}"\n' + (f'sha256 = "{sha256}"\n' if sha256 else "") for edition, url, sha256 in files)
    (reference / f"{code}.toml").write_text(change(record), encoding="utf-8")
    return Catalog(folder)


def everything(folder: Path) -> dict[str, bytes]:
    """Every file below a folder with its content, and every folder."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() if path.is_file() else b"" for path in sorted(folder.rglob("*"))}
