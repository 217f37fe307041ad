"""The fingerprint of every slice of a table: rows with all their columns, in their order."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from par_analysis.dataset.recording import hashed

NO_ROWS: Final = hashed()
"""The fingerprint of a slice without rows."""


def row_hashes(table: pd.DataFrame) -> npt.NDArray[np.uint64]:
    """A number for every row, the same in every process, and whether or not another row holds something other than text."""
    objects = {str(name): table[name].map(_text).astype("str") for name in table.columns if table[name].dtype == object}
    return pd.util.hash_pandas_object(table.assign(**objects), index=False).to_numpy().astype(np.uint64)


def _text(value: object) -> str:
    return value if isinstance(value, str) else repr(value)


def fingerprint_of(table: pd.DataFrame) -> str:
    """The fingerprint of a whole table.

    >>> fingerprint_of(pd.DataFrame({"value": [1.0]})) == fingerprint_of(pd.DataFrame({"value": [1.5]}))
    False
    """
    return hashed(*map(str, table.columns), row_hashes(table).astype("<u8").tobytes()) if len(table) else NO_ROWS


def fingerprints(table: pd.DataFrame, groups: Sequence[Hashable]) -> dict[Hashable, str]:
    """Group → fingerprint of its rows; ``groups`` names the group of each row.

    >>> table = pd.DataFrame({"year": [2018, 2019, 2019], "value": [1.0, 2.0, 3.0]})
    >>> found = fingerprints(table, list(table["year"]))
    >>> found[2018] == fingerprint_of(table[:1]), found[2019] == fingerprint_of(table[1:])
    (True, True)
    """
    hashes, columns = row_hashes(table).astype("<u8"), [str(name) for name in table.columns]
    return {group: hashed(*columns, hashes[rows].tobytes()) for group, rows in _places(groups).items()}


def _places(groups: Sequence[Hashable]) -> Mapping[Hashable, list[int]]:
    places: dict[Hashable, list[int]] = {}
    for place, group in enumerate(groups):
        places.setdefault(group, []).append(place)
    return places
