"""Tables of figures: made, picked from, and traced back to where their numbers came from.

A panel is a table of figures with unique ``model.KEY``. Only whole-year rows (``period == ""``) take part in metrics; a missing value is no figure.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final, TypeAlias

import numpy as np
import pandas as pd

from par_analysis.errors import RequestError
from par_analysis.metrics.lookup import Codes, Figure, Panel, Years, lookup
from par_analysis.model import FIGURES

Row: TypeAlias = dict[str, Any]
"""A row that is being made."""

_DEFAULTS: Final[Mapping[str, object]] = {"period": "", "qualifier": "", "unit_of_measure": "", "out_of": math.nan, "source": "", "edition": "", "note": ""}


def figures(rows: Iterable[Figure]) -> pd.DataFrame:
    """Rows as a table of figures: columns and dtypes of ``FIGURES``, rows in the order given.

    ``period``, ``qualifier``, ``unit_of_measure``, ``out_of``, ``source``, ``edition`` and ``note`` may be left out. ``RequestError`` on a column that no figure has.

    >>> one = figures([{"index": "par_index", "unit": "30", "year": 2023, "node": "total", "measure": "rank", "value": 22, "basis": "published"}])
    >>> one[["unit", "value", "note"]].to_dict("records")
    [{'unit': '30', 'value': 22.0, 'note': ''}]
    """
    filled = [complete(row) for row in rows]
    unknown = sorted(set().union(*filled) - set(FIGURES))
    if unknown:
        raise RequestError(f"a figure has no column {unknown[0]!r}", hint=f"columns: {', '.join(FIGURES)}")
    return pd.DataFrame({name: pd.Series([row[name] for row in filled], dtype=kind).array for name, kind in FIGURES.items()})


def complete(row: Figure) -> Row:
    """A row with every column that may be left out."""
    return {**_DEFAULTS, **row}


def empty() -> pd.DataFrame:
    """The table of no figures.

    >>> len(empty())
    0
    """
    return figures([])


def pick(panel: Panel, *, unit: Codes = None, year: Years = None, node: Codes = None, measure: Codes = None, exact: bool = False) -> pd.DataFrame:
    """The known whole-year figures of a panel that match, in the order of their key. ``exact`` leaves out "more than", "about" and bounds.

    ``RequestError`` where the rows belong to more than one index, or two of them share a key: neither can be compared.

    >>> len(pick(empty(), unit="30", year=2023))
    0
    """
    known = lookup(panel)
    found = known.find(unit=unit, year=year, node=node, measure=measure, exact=exact)
    return known.frame.iloc[found].reset_index(drop=True) if known.is_table else empty()


def picked(panel: Panel, *, unit: Codes = None, year: Years = None, node: Codes = None, measure: Codes = None, exact: bool = False) -> list[Figure]:
    """The same as rows.

    >>> picked(empty(), unit="30", year=2023)
    []
    """
    return lookup(panel).rows(unit=unit, year=year, node=node, measure=measure, exact=exact)


def values(found: pd.DataFrame | Iterable[Figure], units: Collection[str]) -> pd.Series[float]:
    """The values of picked rows by unit; NaN for a unit without one. The rows differ in their unit only.

    >>> values(empty(), ["30"]).to_dict()
    {'30': nan}
    """
    known = by_unit(rows_of(found) if isinstance(found, pd.DataFrame) else found)
    return pd.Series([known.get(unit, math.nan) for unit in units], index=pd.Index(list(units), dtype="str"), dtype="float64")


def by_unit(found: Iterable[Figure], column: str = "value") -> dict[str, float]:
    """Unit → its value, or what else stands in a column of numbers. The rows differ in their unit only."""
    return {row["unit"]: row[column] for row in found}


def joined(texts: Iterable[str]) -> str:
    """The sorted union of lists written as "a; b".

    >>> joined(["b; a", "", "a"])
    'a; b'
    """
    return _joined(frozenset(texts))


@lru_cache(maxsize=1024)
def _joined(texts: frozenset[str]) -> str:
    return "; ".join(sorted({part for text in texts for part in text.split("; ") if part}))


def computed(of: pd.DataFrame | Sequence[Figure], **facts: object) -> Row:
    """A row computed from the rows ``of``: their index, the union of their sources and editions; ``facts`` are its columns (basis "computed" unless given).

    >>> row = computed(empty(), index="par_index", unit="VN", year=2023, node="total", measure="n_scored", value=0)
    >>> row["basis"], row["source"]
    ('computed', '')
    """
    columns = {name: of[name].tolist() if isinstance(of, pd.DataFrame) else [row[name] for row in of] for name in ("source", "edition")}
    index = {"index": index_of(of)} if len(of) else {}
    return {**index, "basis": "computed", "source": joined(columns["source"]), "edition": joined(columns["edition"]), **facts}


def rows_of(found: pd.DataFrame) -> list[Row]:
    """Figures as rows, to be passed through as they are."""
    names, columns = list(map(str, found.columns)), [found[name].tolist() for name in found.columns]
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]


def index_of(found: pd.DataFrame | Sequence[Figure]) -> str:
    """The code of the figures' index, "" where there are none."""
    if not len(found):
        return ""
    return str(found["index"].iloc[0] if isinstance(found, pd.DataFrame) else found[0]["index"])


def of_measure(rows: Iterable[Figure], *measures: str) -> list[Figure]:
    """The rows of some measures."""
    return [row for row in rows if row["measure"] in measures]


def mean_of(rows: Iterable[Figure]) -> float:
    """The mean of the rows' values, of which there is one at least."""
    return float(np.mean([row["value"] for row in rows]))
