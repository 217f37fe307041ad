"""The numbers of a table as plain floats, whatever pandas keeps them as."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from par_analysis.errors import RequestError

_NAMED = 5
"""How many cells an error names before it counts the rest."""


def floats_of(table: pd.DataFrame | pd.Series, what: str) -> npt.NDArray[np.float64]:
    """The cells as floats of the table's shape, NaN where missing (None and ``pd.NA`` too). ``RequestError`` says ``what`` they are and names those that are no numbers.

    >>> floats_of(pd.Series([1, None, pd.NA], dtype=object), "scores").tolist()
    [1.0, nan, nan]
    >>> floats_of(pd.Series(["4,5"], index=["01"]), "scores")
    Traceback (most recent call last):
        ...
    par_analysis.errors.RequestError: scores that are no numbers: '4,5' (01)
    """
    if all(isinstance(dtype, np.dtype) and dtype.kind in "fiub" for dtype in (table.dtypes if isinstance(table, pd.DataFrame) else [table.dtype])):
        return np.asarray(table.to_numpy(dtype="float64"))
    frame = table if isinstance(table, pd.DataFrame) else table.to_frame()
    found = np.empty(frame.shape)
    for place in range(frame.shape[1]):
        found[:, place] = pd.to_numeric(frame.iloc[:, place], errors="coerce").to_numpy(dtype="float64", na_value=np.nan)
    rows, columns = np.nonzero(np.isnan(found) & frame.notna().to_numpy(dtype=bool))
    if len(rows):
        named = [f"{frame.iloc[i, j]!r} ({_place(table, i, j)})" for i, j in zip(rows[:_NAMED], columns[:_NAMED], strict=True)]
        rest = f" and {len(rows) - _NAMED} more" if len(rows) > _NAMED else ""
        raise RequestError(f"{what} that are no numbers: {', '.join(named)}{rest}", hint="plain numbers with a decimal point, NaN where missing")
    return found if isinstance(table, pd.DataFrame) else found[:, 0]


def _place(table: pd.DataFrame | pd.Series, row: int, column: int) -> str:
    return str(table.index[row]) if isinstance(table, pd.Series) else f"{table.index[row]}, {table.columns[column]}"
