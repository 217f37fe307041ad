"""What two years, or two indices, can be compared by: the units' scores or their ranks, whichever is known of more units."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import product

import pandas as pd

from par_analysis.metrics.lookup import Figure, Panel, lookup
from par_analysis.model import TOTAL


@dataclass(frozen=True)
class Side:
    """The figures of one side, ``by`` "score" or "rank"; ``sign`` times a value is better where it is more."""

    by: str
    rows: tuple[Figure, ...]
    sign: float

    @property
    def values(self) -> pd.Series[float]:
        """The oriented values by unit, sorted."""
        known = {row["unit"]: self.sign * row["value"] for row in self.rows}
        return pd.Series(known, index=pd.Index(sorted(known), dtype="str"), dtype="float64")

    @property
    def units(self) -> frozenset[str]:
        """The units that are known."""
        return frozenset(row["unit"] for row in self.rows)

    def of(self, units: Collection[str]) -> list[Figure]:
        """The figures of some units."""
        return [row for row in self.rows if row["unit"] in units]


def sides(panel: Panel, *, year: int, units: Sequence[str], higher_is_better: bool = True) -> tuple[Side, ...]:
    """The known totals of a year by score, and by rank.

    >>> from par_analysis.metrics.figures import empty
    >>> [side.by for side in sides(empty(), year=2023, units=["01"])]
    ['score', 'rank']
    """
    known, signs = lookup(panel), {"score": 1.0 if higher_is_better else -1.0, "rank": -1.0}
    return tuple(Side(by, tuple(known.rows(unit=frozenset(units), year=year, node=TOTAL, measure=by, exact=True)), sign) for by, sign in signs.items())


def most_in_common(one: Sequence[Side], other: Sequence[Side]) -> tuple[Side, Side]:
    """The two sides that have most units in common; scores before ranks where that is the same."""
    return max(product(one, other), key=lambda pair: len(pair[0].units & pair[1].units))
