"""Indicators brought to one scale: between goalposts, in standard deviations, or by rank; and the check that a table holds numbers of distinct units."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from par_analysis.errors import RequestError
from par_analysis.metrics.ranks import percentile

BoolArray = npt.NDArray[np.bool_]
Goalposts = float | Mapping[str, float] | None
"""One number for all columns, one for each of some columns, or what is observed."""

NAMED: Final = 5
"""How many cells an error names before it counts the rest."""


def minmax(
    values: pd.DataFrame,
    *,
    low: Goalposts = None,
    high: Goalposts = None,
    direction: Mapping[str, int] | None = None,
    to: tuple[float, float] = (0.0, 100.0),
    cap: bool = False,
    log: Collection[str] = (),
) -> pd.DataFrame:
    """Units × indicators on the scale ``to``: the goalpost ``low`` becomes its first end and ``high`` its second, the other way round where ``direction`` is -1.

    A goalpost that is not given is the lowest or highest observed value, so scores then depend on who is in the table. ``cap`` keeps values beyond a goalpost at the end
    of the scale. The columns ``log`` and their goalposts are taken as logarithms (as income in the HDI). Missing stays missing. ``RequestError`` on an unknown column, on
    goalposts that are equal or crossed or unknown (an indicator without values), and on a logarithm of 0 or less, with unit and column.
    Formula: OECD/JRC Handbook (2008), step 5; goalposts as in UNDP's technical notes.

    >>> minmax(pd.DataFrame({"years": [85.0, 52.5, 90]}, index=["01", "02", "03"]), low=20, high=85, cap=True)["years"].tolist()
    [100.0, 50.0, 100.0]
    """
    table, signs = numbers_of(values), _signs(values, direction)
    ends = pd.DataFrame({"low": _goalposts(table, low, observed=table.min()), "high": _goalposts(table, high, observed=table.max())})
    _require_columns(table, log, "log")
    wrong = [f"{column!r} ({posts['low']:g}, {posts['high']:g})" for column, posts in ends.iterrows() if not posts["low"] < posts["high"]]
    if wrong:
        raise RequestError(f"no room between the goalposts of {', '.join(wrong)}", hint="low is below high; a constant indicator tells no units apart")
    if log:
        table, ends = _logged(table, ends, list(log))
    share = (1 - signs) / 2 + signs * (table - ends["low"]) / (ends["high"] - ends["low"])
    return to[0] + (share.clip(0, 1) if cap else share) * (to[1] - to[0])


def zscore(values: pd.DataFrame, *, direction: Mapping[str, int] | None = None, ddof: int = 1) -> pd.DataFrame:
    """Units × indicators in standard deviations from the mean of the known units, the sign turned where ``direction`` is -1. Missing stays missing.

    ``ddof`` 1 is the standard deviation of a sample, 0 that of all there are. ``RequestError`` on an indicator that does not vary or has fewer than two values.
    Formula: OECD/JRC Handbook (2008), step 5.

    >>> zscore(pd.DataFrame({"x": [1.0, 2, 3, None]}))["x"].tolist()
    [-1.0, 0.0, 1.0, nan]
    """
    table, signs = numbers_of(values), _signs(values, direction)
    constant = [repr(column) for column in table if not table[column].max() - table[column].min() > 1e-12 * table[column].abs().max()]
    if constant:
        raise RequestError(f"no spread in {', '.join(constant)}", hint="a constant indicator tells no units apart")
    return (table - table.mean()) / table.std(ddof=ddof) * signs


def percentile_ranks(values: pd.DataFrame, *, direction: Mapping[str, int] | None = None) -> pd.DataFrame:
    """Units × indicators as percentiles: 100 for the best of the known units, 0 for the last, equals in the middle of their places. Missing stays missing.

    Nothing but the order of the units is left: outliers do no harm, and distances are lost. An indicator with fewer than two known units has none.
    Formula: L4, ``ranks.percentile``.

    >>> percentile_ranks(pd.DataFrame({"days": [3.0, 30, 9]}), direction={"days": -1})["days"].tolist()
    [100.0, 0.0, 50.0]
    """
    table, signs = numbers_of(values), _signs(values, direction)
    return table.apply(lambda column: percentile(column, higher_is_better=bool(signs.loc[column.name] > 0)))


def numbers_of(values: pd.DataFrame) -> pd.DataFrame:
    """A copy of a table of units × columns as numbers. ``RequestError`` names duplicated units and columns, and cells that are no finite number and not missing.

    >>> numbers_of(pd.DataFrame({"x": [1, 2]}, index=["01", "01"]))
    Traceback (most recent call last):
        ...
    par_analysis.errors.RequestError: duplicated units: '01'
    """
    twice = [(kind, axis[axis.duplicated()].unique()) for kind, axis in (("units", values.index), ("columns", values.columns))]
    faults = [f"duplicated {kind}: {', '.join(map(repr, names))}" for kind, names in twice if len(names)]
    cells = [pd.to_numeric(values.iloc[:, place], errors="coerce").to_numpy(dtype="float64", na_value=np.nan) for place in range(values.shape[1])]
    numbers = np.column_stack(cells) if cells else np.empty(values.shape)
    wrong = np.isinf(numbers) | (np.isnan(numbers) & values.notna().to_numpy(dtype=bool))
    faults += [f"no finite number: {listed(_cells(values, wrong))}"] if wrong.any() else []
    if faults:
        raise RequestError("; ".join(faults), hint="one row a unit, one column a node, NaN where a value is missing")
    return pd.DataFrame(numbers, index=values.index, columns=values.columns)


def require_cells(holds: BoolArray, values: pd.DataFrame, needs: str, *, hint: str = "NaN marks a missing value") -> None:
    """``RequestError`` that says what is needed and names the cells where it does not hold; missing values are passed over.

    >>> require_cells(np.array([[False]]), pd.DataFrame({"x": [0.0]}, index=["01"]), "a geometric mean needs values above 0")
    Traceback (most recent call last):
        ...
    par_analysis.errors.RequestError: a geometric mean needs values above 0: unit '01' has 0 at 'x'
    """
    wrong = ~holds & values.notna().to_numpy(dtype=bool)
    if wrong.any():
        raise RequestError(f"{needs}: {listed(_cells(values, wrong))}", hint=hint)


def listed(words: Sequence[str]) -> str:
    """The first few words, and how many more there are.

    >>> listed(list("abcdefg"))
    'a; b; c; d; e; and 2 more'
    """
    return "; ".join([*words[:NAMED], *([f"and {len(words) - NAMED} more"] if len(words) > NAMED else [])])


def _cells(values: pd.DataFrame, chosen: BoolArray) -> list[str]:
    return [f"unit {values.index[row]!r} has {_said(values.iloc[row, column])} at {values.columns[column]!r}" for row, column in zip(*np.nonzero(chosen), strict=True)]


def _said(value: object) -> str:
    return f"{value:g}" if isinstance(value, (int, float)) else repr(value)


def _require_columns(table: pd.DataFrame, names: Iterable[str], what: str) -> None:
    unknown = [repr(name) for name in names if name not in table]
    if unknown:
        raise RequestError(f"{what} of columns that the table has not: {', '.join(unknown)}", hint=f"columns: {', '.join(map(str, table.columns[:12]))}")


def _signs(values: pd.DataFrame, direction: Mapping[str, int] | None) -> pd.Series[float]:
    given = dict(direction or {})
    _require_columns(values, given, "direction")
    wrong = [f"{sign!r} of {column!r}" for column, sign in given.items() if sign not in (1, -1)]
    if wrong:
        raise RequestError(f"no direction: {', '.join(wrong)}", hint="1 where more is better, -1 where less is")
    return pd.Series([float(given.get(column, 1)) for column in values.columns], index=values.columns, dtype="float64")


def _logged(table: pd.DataFrame, ends: pd.DataFrame, log: list[str]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Values and goalposts with the logarithms of some columns."""
    require_cells((table[log] > 0).to_numpy(), table[log], "a logarithm needs values above 0")
    below = [f"{column!r} ({low:g})" for column, low in ends.loc[log, "low"].items() if low <= 0]
    if below:
        raise RequestError(f"a logarithm needs goalposts above 0: {', '.join(below)}", hint="give low in the units of the indicator")
    logged_table, logged_ends = table.copy(), ends.copy()
    logged_table[log], logged_ends.loc[log] = np.log(table[log]), np.log(ends.loc[log])
    return logged_table, logged_ends


def _goalposts(table: pd.DataFrame, given: Goalposts, *, observed: pd.Series[float]) -> pd.Series[float]:
    if isinstance(given, (int, float)):
        return pd.Series(float(given), index=table.columns)
    named = {} if given is None else dict(given)
    _require_columns(table, named, "goalposts")
    return pd.Series([float(named.get(column, observed[column])) for column in table.columns], index=table.columns, dtype="float64")
