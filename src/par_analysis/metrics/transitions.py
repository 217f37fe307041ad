"""Bands of scores, by limits or by size, and how units pass from one band to another."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd

from par_analysis.errors import RequestError
from par_analysis.metrics.decompositions import checked_numbers, listed, require_none
from par_analysis.metrics.ranks import rank

_TOLERANCE = 1e-9


@dataclass(frozen=True)
class Bands:
    """The ``band`` of each unit (missing where the score is), and how many units each band holds: ``sizes``, the best band first."""

    band: pd.Series[str]
    sizes: pd.Series[int]


def bands(scores: pd.Series[float], cuts: Mapping[str, float], *, higher_is_better: bool = True) -> Bands:
    """The first band whose limit the score reaches.

    ``cuts``: band → the lowest score in it (the highest, where lower is better), in any order; a score within 1e-9 of a limit reaches it. ``RequestError`` for equal limits
    and for a score that reaches none: the last band may have -inf. L5.

    >>> found = bands(pd.Series([92.0, 90, 79.9, None], index=["22", "31", "30", "04"]), {"A": 90, "B": 80, "C": -np.inf})
    >>> found.band["31"], found.sizes.to_dict()
    ('A', {'A': 2, 'B': 0, 'C': 1})
    """
    (values,) = checked_numbers({"scores": scores})
    sign = 1.0 if higher_is_better else -1.0
    limits = (sign * pd.Series(cuts, dtype="float64")).sort_values(ascending=False, kind="stable")
    require_none(["cuts need one limit or more, each once"] if limits.empty or limits.isna().any() or limits.duplicated().any() else [])
    known = values.dropna()
    reached = pd.DataFrame(sign * known.to_numpy()[:, None] >= limits.to_numpy() - _TOLERANCE, index=known.index)
    lost = known.index[~reached.any(axis=1)]
    require_none([f"no band for {listed(lost)}: below the last limit"] if len(lost) else [], hint="the last band's limit may be -inf")
    return _bands(values, pd.Series(reached.to_numpy().argmax(axis=1), index=known.index), list(limits.index))


def quantile_bands(scores: pd.Series[float], sizes: int | Mapping[str, int], *, higher_is_better: bool = True) -> Bands:
    """Bands by the number of units in them, the best first; equals are kept together, in the band of the best of their places, so that sizes can differ from those asked for.

    ``sizes``: band → number of units, which sum to the scored units, or so many bands "1", "2", … of equal size (the first ones hold one more, where the number does not divide).
    The sizes that came out are in ``sizes``. ``RequestError`` for sizes below 0 or that do not sum to the scored units. L5; PAPI 2020 used 16, 16, 15 and 16 of 63.

    >>> quantile_bands(pd.Series([90.0, 80, 80, 70], index=["01", "02", "03", "04"]), 2).sizes.to_dict()
    {'1': 3, '2': 1}
    """
    (values,) = checked_numbers({"scores": scores})
    known = values.dropna()
    wanted = pd.Series(_equal_sizes(sizes, len(known)) if isinstance(sizes, int) else dict(sizes), dtype="int64")
    if (wanted < 0).any() or wanted.sum() != len(known):
        raise RequestError(f"sizes {listed(wanted)} do not sum to the {len(known)} scored units, none below 0")
    places = rank(known, ties="min", higher_is_better=higher_is_better)
    return _bands(values, pd.Series(np.searchsorted(wanted.cumsum().to_numpy(), places.to_numpy()), index=known.index), list(wanted.index))


def _equal_sizes(count: int, n: int) -> dict[str, int]:
    if count < 1:
        raise RequestError(f"{count} bands, 1 or more are needed")
    return {str(i + 1): n // count + (i < n % count) for i in range(count)}


def _bands(values: pd.Series[float], places: pd.Series[int], labels: list[str]) -> Bands:
    band = pd.Series([labels[place] for place in places], index=places.index, dtype="object").reindex(values.index).rename("band")
    return Bands(band, band.value_counts().reindex(labels, fill_value=0).rename("n_units"))


@dataclass(frozen=True)
class Transitions:
    """What ``transitions`` finds: ``counts`` and ``matrix`` (shares of a row), band of a year × band of the next; ``shorrocks`` of it; ``skipped``, years further apart."""

    counts: pd.DataFrame
    matrix: pd.DataFrame
    shorrocks: float
    skipped: tuple[tuple[int, int], ...]


def transitions(bands: pd.DataFrame, *, order: Sequence[Hashable] | None = None) -> Transitions:
    """How often units passed from one band to another between neighbouring years.

    ``bands``: units × years (whole numbers) of band labels (text or numbers), missing where not known; ``order``: the labels, the best first, else they are sorted. Years
    are neighbours at the smallest distance that occurs; pairs further apart are ``skipped``, and a unit counts where it has a band in both years. A band that nobody left
    from has a row of NaN, not of 0. ``RequestError`` for units or years that come twice, columns that are no years, and labels that ``order`` lacks or has twice. C8.

    >>> found = transitions(pd.DataFrame({2022: ["A", "A", "B"], 2023: ["A", "B", "B"]}, index=["01", "02", "03"]))
    >>> found.matrix.loc["A"].to_dict(), found.shorrocks
    ({'A': 0.5, 'B': 0.5}, 0.5)
    """
    labels = _labels(bands, order)
    pairs = list(pairwise(sorted(int(year) for year in bands.columns)))
    step = min((new - old for old, new in pairs), default=0)
    moves = [bands[[old, new]].dropna().set_axis(["old", "new"], axis=1) for old, new in pairs if new - old == step]
    joined = pd.concat(moves) if moves else pd.DataFrame({"old": [], "new": []})
    counts = pd.crosstab(joined["old"], joined["new"]).reindex(index=labels, columns=labels, fill_value=0).rename_axis(index="from", columns="to")
    matrix = counts.div(counts.sum(axis=1).replace(0, np.nan), axis=0)
    return Transitions(counts, matrix, shorrocks(matrix), tuple(pair for pair in pairs if pair[1] - pair[0] != step))


def shorrocks(matrix: pd.DataFrame) -> float:
    """(m - trace) / (m - 1) of a matrix of m bands whose rows sum to 1: 0 where all stay, 1 where the band of a year says nothing of the next (equal rows).

    NaN for one band, and where a row is missing: what its band would keep is not known. ``RequestError`` for a matrix that is not square over the same bands or whose rows do not
    sum to 1. Formula: Shorrocks (1978), The measurement of mobility.

    >>> shorrocks(pd.DataFrame([[0.5, 0.5], [0.5, 0.5]]))
    1.0
    """
    if not matrix.index.equals(matrix.columns):
        raise RequestError("a matrix of transitions has the same bands in rows and columns, in one order")
    sums = matrix.sum(axis=1, skipna=False)
    require_none(["rows do not sum to 1"] if ((sums - 1).abs() > 1e-6).any() else [])
    m = len(matrix)
    return float((m - np.trace(matrix.to_numpy(dtype="float64"))) / (m - 1)) if m > 1 else float("nan")


def _labels(bands: pd.DataFrame, order: Sequence[Hashable] | None) -> list[Hashable]:
    """The bands in order."""
    faults = {"years twice:": bands.columns[bands.columns.duplicated()], "units twice:": bands.index[bands.index.duplicated()]}
    faults["columns that are no years:"] = pd.Index([year for year in bands.columns if not isinstance(year, (int, np.integer))], dtype="object")
    require_none(f"{what} {listed(labels)}" for what, labels in faults.items() if len(labels))
    met = _sorted({label for _, column in bands.items() for label in column.dropna()})
    said = pd.Index(met if order is None else list(order), dtype="object")
    wrong = {"bands that order lacks:": pd.Index(met, dtype="object").difference(said), "order has twice:": said[said.duplicated()]}
    require_none(f"{what} {listed(labels)}" for what, labels in wrong.items() if len(labels))
    return list(said)


def _sorted(labels: Collection[Hashable]) -> list[Hashable]:
    """Numbers by size and text by letters; numbers before text, where there are both."""
    return sorted(labels, key=lambda label: (1, 0.0, label) if isinstance(label, str) else (0, label, ""))
