"""Series carried over a change of method: by a year scored both ways, or, where there is none, by the place in the distribution."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, get_args

import numpy as np
import pandas as pd

from par_analysis.errors import RequestError, UnknownName
from par_analysis.metrics.decompositions import require_numbers
from par_analysis.metrics.ranks import fractional_rank

LinkKind = Literal["ratio", "additive"]
Table = pd.DataFrame | pd.Series
Limits = tuple[float, float | None]

NOT_INTERPRETABLE: Final = "linked by place in the distribution: changes across the break are not interpretable"
"""What is said beside every number that ``equipercentile_link`` makes."""

_ANYTHING: Final = (-np.inf, np.inf)

_NO_OVERLAP: Final = "without a year scored both ways: common_basket compares the items that both methods have, equipercentile_link keeps the order of units"


@dataclass(frozen=True)
class Linked:
    """A series on the newest method's scale. ``values`` and ``is_clipped``: years × columns; ``links``: overlap years × columns, factors or differences."""

    values: pd.DataFrame
    links: pd.DataFrame
    is_clipped: pd.DataFrame


@dataclass(frozen=True)
class EquipercentileLink:
    """``table``: by unit, ``old``, ``fraction`` (place in the old distribution, from the worst) and ``linked`` (on the new scale). ``caution`` belongs beside every number."""

    table: pd.DataFrame
    caution: str = NOT_INTERPRETABLE


def overlap_link(
    series_old: Table, series_new: Table, overlap_year: int, *, kind: LinkKind = "ratio", limits: Limits | Mapping[str, Limits] | None = None
) -> Linked:
    """The old series on the new scale, linked at a year that was scored both ways.

    Both are indexed by year, with one column a series that is linked on its own (a node, a unit, or both). Ratio: L = new / old at the overlap, earlier years are
    multiplied by L. Additive: L = new - old, added. From the overlap year on the new series stands. Linked parts do not add up to the linked total.
    ``limits`` (lowest, highest; of all columns, or by column as ``Framework.limits``): a ratio can lead beyond the end of a bounded scale, an additive link beyond
    both; such values are clipped and ``is_clipped`` marks them. A column that is missing in the overlap year has no linked past.

    ``RequestError`` where no year was scored both ways, where a ratio would divide by 0 or change a sign, for years listed twice, columns that differ, and values
    that are not finite. Source: linking of index numbers, Consumer Price Index Manual (ILO and others, 2004) and Statistics Finland's course on index numbers, 3.6.

    >>> overlap_link(pd.Series({2022: 110.0, 2023: 100.0}), pd.Series({2023: 200.0, 2024: 210.0}), 2023).values.iloc[:, 0].tolist()
    [220.0, 200.0, 210.0]
    """
    return chained([series_old, series_new], [overlap_year], kind=kind, limits=limits)


def chained(
    segments: Sequence[Table], overlap_years: Sequence[int], *, kind: LinkKind = "ratio", limits: Limits | Mapping[str, Limits] | None = None
) -> Linked:
    """Several segments, oldest first, chained backwards onto the scale of the newest: ``overlap_link`` over each of the ``overlap_years``.

    The links of a year multiply (or add up) with those after it. Clipping comes last, so that a value beyond the scale does not bend the years before it.

    >>> old, mid, new = pd.Series({2019: 50.0, 2020: 60.0}), pd.Series({2020: 66.0, 2021: 70.0}), pd.Series({2021: 35.0})
    >>> chained([old, mid, new], [2020, 2021]).values.iloc[:, 0].round(9).tolist()
    [27.5, 33.0, 35.0]
    """
    if kind not in get_args(LinkKind):
        raise UnknownName("kind of link", kind, get_args(LinkKind))
    years = [int(year) for year in overlap_years]
    if len(segments) != len(years) + 1 or not years or years != sorted(set(years)):
        raise RequestError(f"{len(segments)} segments and the overlap years {years}", hint="segments oldest first, one overlap year between each two, in order")
    tables = [_segment(segment) for segment in segments]
    joined, links = tables[-1], {}
    for older, year in zip(reversed(tables[:-1]), reversed(years), strict=True):
        links[year] = _link(older, joined, year, kind)
        earlier = older[older.index < year]
        earlier = earlier * links[year] if kind == "ratio" else earlier + links[year]
        joined = pd.concat([earlier[joined.columns], joined[joined.index >= year]])
    values, is_clipped = _clipped(joined, limits)
    return Linked(values, pd.DataFrame(links).T.sort_index().rename_axis("overlap_year")[joined.columns], is_clipped)


def equipercentile_link(old: pd.Series[float], new: pd.Series[float]) -> EquipercentileLink:
    """The old scores mapped onto the distribution of the new ones: a unit gets the new score of its own place.

    A unit's place is the mid-point of its step, p = rank from the worst / n - 1 / 2n (ties: the average rank). The new distribution has its j-th lowest of m scores
    at (j - 1/2) / m, straight lines between, flat beyond the ends. With n = m and no ties the k-th best old score becomes the k-th best new one. The order of units
    is never reversed; units become equal only where new scores are, or at the ends where n > 3m. A missing score stays missing; n and m may differ.
    The distribution of the result is that of the new year, so the mean change is about 0 by construction: see ``caution``.

    ``RequestError`` where either has fewer than two scores, lists a unit twice, or holds a value that is not finite. Source: Kolen and Brennan, Test Equating (2014).

    >>> found = equipercentile_link(pd.Series({"01": 90.0, "02": 80.0, "03": 85.0}), pd.Series({"01": 60.0, "02": 70.0, "03": 50.0}))
    >>> found.table["linked"].tolist()
    [70.0, 50.0, 60.0]
    """
    require_numbers({"old": old, "new": new})
    for name, scores in (("old", old), ("new", new)):
        if scores.index.has_duplicates or scores.count() < 2 or np.isinf(scores.to_numpy(dtype=np.float64, na_value=np.nan)).any():
            raise RequestError(f"the {name} scores are not a distribution", hint="at least two finite scores, each unit once; a missing score is NaN")
    fraction = fractional_rank(old) - 0.5 / int(old.count())
    ordered = np.sort(new.dropna().to_numpy(dtype=np.float64))
    steps = (np.arange(len(ordered)) + 0.5) / len(ordered)
    linked = np.interp(fraction.to_numpy(dtype=np.float64), steps, ordered)
    table = pd.DataFrame({"old": old.astype("float64"), "fraction": fraction, "linked": np.where(old.isna(), np.nan, linked)}, index=old.index)
    return EquipercentileLink(table)


def _segment(segment: Table) -> pd.DataFrame:
    """A segment as years × columns, checked and in the order of years."""
    require_numbers({"a segment": segment})
    table = (segment.to_frame() if isinstance(segment, pd.Series) else segment).astype("float64")
    if table.index.has_duplicates or table.columns.has_duplicates or np.isinf(table.to_numpy()).any():
        raise RequestError("a segment lists a year or a column twice, or is not finite", hint="years × columns; a missing value is NaN")
    return table.sort_index()


def _link(older: pd.DataFrame, newer: pd.DataFrame, year: int, kind: LinkKind) -> pd.Series[float]:
    """The factor or difference of each column at the overlap."""
    odd = sorted(map(str, set(older.columns) ^ set(newer.columns)))
    if odd:
        raise RequestError(f"columns of one segment only: {', '.join(odd)}", hint="link what both methods score; comparability says which items those are")
    old, new = (pd.Series(table.reindex([year]).to_numpy()[0], index=table.columns) for table in (older, newer[older.columns]))
    if (old + new).isna().all():
        raise RequestError(f"{year} was not scored both ways", hint=_NO_OVERLAP)
    if kind == "additive":
        return new - old
    useless = list(map(str, old.index[(old <= 0) | (new <= 0)]))
    if useless:
        raise RequestError(f"no ratio at {year}, a value is not above 0: {', '.join(useless)}", hint='kind="additive" links values of 0')
    return new / old


def _clipped(values: pd.DataFrame, limits: Limits | Mapping[str, Limits] | None) -> tuple[pd.DataFrame, pd.DataFrame]:
    ends = [_ANYTHING if limits is None else limits.get(column) if isinstance(limits, Mapping) else limits for column in values.columns]
    unlimited = [str(column) for column, end in zip(values.columns, ends, strict=True) if end is None]
    if unlimited:
        raise RequestError(f"no limits of {', '.join(unlimited)}", hint="limits: column → (lowest, highest)")
    low, high = (np.array([default if end is None or end[i] is None else end[i] for end in ends], dtype=np.float64) for i, default in enumerate(_ANYTHING))
    if not (low <= high).all():
        raise RequestError("limits with the lowest above the highest", hint="(lowest, highest)")
    clipped = values.clip(lower=low, upper=high, axis=1)
    return clipped, (values - clipped).abs() > 1e-9
