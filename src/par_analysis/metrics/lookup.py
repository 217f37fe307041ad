"""The known figures of a panel by unit, year, node and measure, found without reading the whole panel again."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection, Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from par_analysis.errors import RequestError
from par_analysis.model import FIGURES, KEY

Codes: TypeAlias = str | Collection[str] | None
Years: TypeAlias = int | Collection[int] | None
Figure: TypeAlias = Mapping[str, Any]
"""A row that others read, too: it is passed on or copied, never changed."""

_BY: Final = ("unit", "year", "node", "measure")
_KEPT: Final = 8
"""How many panels are remembered."""


@dataclass(frozen=True, eq=False)
class Lookup:
    """The known whole-year figures of a panel, in the order of their key: ``frame``; the places in it by the values of the columns ``_BY``; its rows as far as asked for."""

    frame: pd.DataFrame
    numbers: Mapping[str, npt.NDArray[np.intp]]
    places: Mapping[str, Mapping[Hashable, npt.NDArray[np.intp]]]
    is_exact: npt.NDArray[np.bool_]
    is_sound: bool
    is_table: bool
    _columns: dict[str, list[Any]] = field(default_factory=dict)
    _rows: dict[int, Figure] = field(default_factory=dict)

    def find(self, *, unit: Codes = None, year: Years = None, node: Codes = None, measure: Codes = None, exact: bool = False) -> npt.NDArray[np.intp]:
        """The places of the figures that match, in order. Raises as ``require_one_meaning``."""
        asked = {name: _listed(wanted) for name, wanted in zip(_BY, (unit, year, node, measure), strict=True) if wanted is not None}
        met = {name: [places for value in wanted if (places := self.places[name].get(value)) is not None] for name, wanted in asked.items()}
        found = np.arange(len(self.frame))
        for name in sorted(met, key=lambda name: sum(map(len, met[name]))):
            found = self._among(found, name, met[name])
        found = found[self.is_exact[found]] if exact else found
        if not self.is_sound:
            _require_one_meaning(self.frame.iloc[found])
        return found

    def require_one_meaning(self, *, year: Years = None, node: Codes = None, measure: Codes = None, exact: bool = False) -> None:
        """``RequestError`` where the figures that match belong to more than one index, or two of them share a key."""
        if not self.is_sound:
            self.find(year=year, node=node, measure=measure, exact=exact)

    def _among(self, found: npt.NDArray[np.intp], name: str, met: list[npt.NDArray[np.intp]]) -> npt.NDArray[np.intp]:
        """The places of ``found`` that are ``met``, too."""
        if not met:
            return found[:0]
        if len(found) == len(self.frame):
            return met[0] if len(met) == 1 else np.sort(np.concatenate(met))
        is_met = np.zeros(len(self.places[name]), dtype=np.bool_)
        is_met[[self.numbers[name][places[0]] for places in met]] = True
        return found[is_met[self.numbers[name][found]]]

    def rows(self, *, unit: Codes = None, year: Years = None, node: Codes = None, measure: Codes = None, exact: bool = False) -> list[Figure]:
        """The figures that match."""
        found = self.find(unit=unit, year=year, node=node, measure=measure, exact=exact).tolist()
        rows = self._rows
        return [rows[place] if place in rows else self._row(place) for place in found]

    def values(self, column: str, *, year: Years = None, node: Codes = None, measure: Codes = None, exact: bool = False) -> set[Any]:
        """What stands in one of the columns ``_BY`` where the others match."""
        met, every = np.unique(self.numbers[column][self.find(year=year, node=node, measure=measure, exact=exact)]), list(self.places[column])
        return {every[number] for number in met.tolist()}

    def _row(self, place: int) -> Figure:
        if not self._columns:
            self._columns.update({name: self.frame[name].tolist() for name in FIGURES})
        return self._rows.setdefault(place, {name: column[place] for name, column in self._columns.items()})


Panel: TypeAlias = pd.DataFrame | Lookup


def _listed(wanted: str | int | Collection[str] | Collection[int]) -> Collection[Any]:
    return (wanted,) if isinstance(wanted, str | int) else frozenset(wanted)


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


_met: Final[OrderedDict[Hashable, tuple[Lookup, pd.DataFrame, list[Any]]]] = OrderedDict()
"""Where a panel's columns lie in memory → its lookup, and what keeps them there: a shallow copy, without which pandas might write into them, and the arrays themselves."""


def lookup(panel: Panel) -> Lookup:
    """The lookup of a panel, made once for the panels that share their columns. ``RequestError`` for what is no table of figures.

    >>> from par_analysis.metrics.figures import figures
    >>> panel = figures([{"index": "i", "unit": "30", "year": 2023, "node": "total", "measure": "rank", "value": 22, "basis": "published"}])
    >>> lookup(panel) is lookup(panel.copy(deep=False))
    True
    >>> panel.loc[0, "value"] = 21
    >>> [row["value"] for row in lookup(panel).rows(unit="30")]
    [21.0]
    """
    if isinstance(panel, Lookup):
        return panel
    require_figures(panel)
    kept = panel.copy(deep=False)
    columns = [kept[name].to_numpy() for name in FIGURES if name in kept]
    where = tuple((*column.__array_interface__["data"], column.shape, column.strides, column.dtype.str) for column in columns)
    met = _met.pop(where, None) or (_looked_up(panel), kept, columns)
    _met[where] = met  # the newest stands last
    if len(_met) > _KEPT:
        _met.popitem(last=False)
    return met[0]


def _looked_up(panel: pd.DataFrame) -> Lookup:
    known = panel.loc[(panel["period"] == "") & panel["value"].notna(), list(FIGURES)] if len(panel) else pd.DataFrame(columns=list(FIGURES))
    numbered = {name: pd.factorize(known[name], sort=True, use_na_sentinel=False) for name in KEY}
    order = np.lexsort([numbered[name][0] for name in reversed(KEY)])
    numbers = {name: numbered[name][0][order] for name in KEY}
    frame = known.iloc[order].reset_index(drop=True)
    is_exact = ((frame["qualifier"] == "") & (frame["basis"] != "bound")).to_numpy(dtype=np.bool_)
    differs = np.any([of[1:] != of[:-1] for of in numbers.values()], axis=0)
    places = {name: _places(numbers[name], numbered[name][1].tolist()) for name in _BY}
    is_sound = len(numbered["index"][1]) <= 1 and bool(differs.all())
    return Lookup(frame, {name: numbers[name] for name in _BY}, places, is_exact, is_sound=is_sound, is_table=len(panel) > 0)


def _places(numbers: npt.NDArray[np.intp], values: list[Hashable]) -> dict[Hashable, npt.NDArray[np.intp]]:
    """Value → where its number stands."""
    order = np.argsort(numbers, kind="stable")
    ends = np.searchsorted(numbers[order], np.arange(len(values) + 1))
    return {value: order[ends[i] : ends[i + 1]] for i, value in enumerate(values)}
