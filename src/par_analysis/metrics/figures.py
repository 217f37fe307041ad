"""Tables of figures: made, picked from, and traced back to where their numbers came from.

A panel is a table of figures with unique ``model.KEY``. Only whole-year rows (``period == ""``) take part in metrics; a missing value is no figure.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final, TypeAlias

import pandas as pd

from par_analysis.errors import RequestError
from par_analysis.model import FIGURES, KEY

Row: TypeAlias = dict[str, Any]
Codes: TypeAlias = str | Collection[str] | None
Years: TypeAlias = int | Collection[int] | None

_DEFAULTS: Final[Mapping[str, object]] = {"period": "", "qualifier": "", "unit_of_measure": "", "out_of": math.nan, "source": "", "edition": "", "note": ""}


def figures(rows: Iterable[Mapping[str, object]]) -> pd.DataFrame:
    """Rows as a table of figures: columns and dtypes of ``FIGURES``, rows in the order given.

    ``period``, ``qualifier``, ``unit_of_measure``, ``out_of``, ``source``, ``edition`` and ``note`` may be left out. ``RequestError`` on a column that no figure has.

    >>> one = figures([{"index": "par_index", "unit": "30", "year": 2023, "node": "total", "measure": "rank", "value": 22, "basis": "published"}])
    >>> one[["unit", "value", "note"]].to_dict("records")
    [{'unit': '30', 'value': 22.0, 'note': ''}]
    """
    filled = [{**_DEFAULTS, **row} for row in rows]
    unknown = sorted({name for row in filled for name in row} - set(FIGURES))
    if unknown:
        raise RequestError(f"a figure has no column {unknown[0]!r}", hint=f"columns: {', '.join(FIGURES)}")
    return pd.DataFrame({name: pd.Series([row[name] for row in filled], dtype=kind) for name, kind in FIGURES.items()})


def empty() -> pd.DataFrame:
    """The table of no figures.

    >>> len(empty())
    0
    """
    return figures([])


def pick(panel: pd.DataFrame, *, unit: Codes = None, year: Years = None, node: Codes = None, measure: Codes = None, exact: bool = False) -> pd.DataFrame:
    """The known whole-year figures of a panel that match, in the order of their key. ``exact`` leaves out "more than", "about" and bounds.

    ``RequestError`` where the rows belong to more than one index, or two of them share a key: neither can be compared.

    >>> len(pick(empty(), unit="30", year=2023))
    0
    """
    require_figures(panel)
    if not len(panel):
        return empty()
    mask = (panel["period"] == "") & panel["value"].notna()
    if exact:
        mask &= (panel["qualifier"] == "") & (panel["basis"] != "bound")
    for name, wanted in (("unit", unit), ("year", year), ("node", node), ("measure", measure)):
        if wanted is not None:
            mask &= panel[name].isin([wanted] if isinstance(wanted, str | int) else list(wanted))
    found = panel.loc[mask, list(FIGURES)].sort_values(list(KEY), kind="stable").reset_index(drop=True)
    _require_one_meaning(found)
    return found


def require_figures(panel: pd.DataFrame) -> None:
    """``RequestError`` unless the table has the columns of ``FIGURES`` (an empty one may lack them)."""
    absent = [name for name in FIGURES if name not in panel.columns]
    if absent and len(panel):
        raise RequestError(f"not a table of figures: no column {absent[0]!r}", hint=f"columns: {', '.join(FIGURES)}")


def _require_one_meaning(found: pd.DataFrame) -> None:
    if found["index"].nunique() > 1:
        raise RequestError(f"figures of several indices: {', '.join(sorted(found['index'].unique()))}", hint="pass a panel of one index")
    doubled = found.duplicated(list(KEY))
    if doubled.any():
        key = found.loc[doubled, list(KEY)].iloc[0].tolist()
        raise RequestError(f"two figures share the key {key}", hint="a panel holds one preferred figure per key")


def values(found: pd.DataFrame, units: Collection[str]) -> pd.Series[float]:
    """The values of picked rows by unit; NaN for a unit without one. The rows differ in their unit only.

    >>> values(empty(), ["30"]).to_dict()
    {'30': nan}
    """
    known = pd.Series(found["value"].to_numpy(dtype="float64"), index=pd.Index(found["unit"], dtype="str"))
    return known.reindex(pd.Index(list(units), dtype="str"))


def joined(texts: Iterable[str]) -> str:
    """The sorted union of lists written as "a; b".

    >>> joined(["b; a", "", "a"])
    'a; b'
    """
    return "; ".join(sorted({part for text in set(texts) for part in text.split("; ") if part}))


def computed(of: pd.DataFrame, **facts: object) -> Row:
    """A row computed from the rows ``of``: their index, the union of their sources and editions; ``facts`` are its columns (basis "computed" unless given).

    >>> row = computed(empty(), index="par_index", unit="VN", year=2023, node="total", measure="n_scored", value=0)
    >>> row["basis"], row["source"]
    ('computed', '')
    """
    index = {"index": of["index"].iloc[0]} if len(of) else {}
    return {**index, "basis": "computed", "source": joined(of["source"]), "edition": joined(of["edition"]), **facts}


def rows_of(found: pd.DataFrame) -> list[Row]:
    """Picked figures as rows, to be passed through as they are."""
    return [{str(name): value for name, value in record.items()} for record in found.to_dict("records")]


def index_of(panel: pd.DataFrame) -> str:
    """The code of the panel's index, "" where it has no rows."""
    return str(panel["index"].iloc[0]) if len(panel) else ""
