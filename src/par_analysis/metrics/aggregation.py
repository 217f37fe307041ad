"""From the leaves of an index to the whole: weighted means of any exponent up a tree, points against their maxima, and published totals rebuilt from their parts."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, get_args

import numpy as np
import numpy.typing as npt
import pandas as pd

from par_analysis.errors import RequestError, UnknownName
from par_analysis.metrics.normalisation import BoolArray, listed, numbers_of, require_cells
from par_analysis.metrics.ranks import rank
from par_analysis.metrics.trees import Tree

FloatArray = npt.NDArray[np.float64]
Mean = str | float
"""The name of a mean, or the exponent of a generalised one."""

Zeros = Literal["refused", "absorbing"]
"""What a mean with an exponent of 0 or less does with a value of 0: it is not defined there, or it is its limit, 0."""

MEANS: Final[Mapping[str, float]] = {"arithmetic": 1.0, "geometric": 0.0, "harmonic": -1.0}
"""The named means and their exponents."""

_TOLERANCE: Final = 1e-9


def aggregate(
    values: pd.DataFrame, tree: Tree, *, mean: Mean | Mapping[str | int, Mean] = "arithmetic", coverage: float = 1.0, zeros: Zeros = "refused"
) -> pd.DataFrame:
    """Units × leaves made units × all nodes, in the order of the tree: each node is the mean of its children, weighted by their shares.

    ``mean`` is "arithmetic", "geometric", "harmonic" or the exponent of a generalised mean (infinite: the largest or smallest child), one for all, or a mapping from the
    level whose nodes are made so (0 is the root) or from a node; a node goes before its level, and what is not named is arithmetic. A node is known where its known
    children have at least the share ``coverage`` of its weight (by default all), and weights are rescaled over these; a child known in part counts as known.
    Children of weight 0 are passed over; a group left out altogether is missing. ``RequestError`` on columns that are not the leaves, and on values that the mean
    cannot take, with unit and node: a mean with an exponent of 0 or less needs values above 0, any other but the arithmetic one values of 0 or more. With ``zeros``
    "absorbing" the former takes values of 0, too, and is 0 then, its limit, whatever the others are.
    Formula: OECD/JRC Handbook (2008), step 6.

    >>> from par_analysis.metrics.trees import tree_of_maxima
    >>> tree = tree_of_maxima({"a": "total", "b": "total"}, {"a": 3, "b": 1})
    >>> aggregate(pd.DataFrame({"a": [80.0, 90], "b": [40.0, None]}, index=["01", "02"]), tree)["total"].tolist()
    [70.0, nan]
    """
    table = _of_leaves(numbers_of(values), tree)
    exponents = _exponents(mean, tree)
    least = _share(coverage)
    _require_zeros(zeros)
    known = {leaf: table[leaf].to_numpy() for leaf in tree.leaves}
    for node in reversed(tree.nodes):
        children = sorted(tree.children(node))
        if children:
            cells, shares = pd.DataFrame({child: known[child] for child in children}, index=table.index), tree.shares(node)
            weights = np.array([shares[child] for child in children])
            require_cells(_is_fit(cells.to_numpy(), exponents[node], zeros) | (weights == 0), cells, _needs(exponents[node], zeros, f" of {node!r}"))
            known[node] = _means(cells.to_numpy(), weights, exponents[node], least)
    return pd.DataFrame({node: known[node] for node in tree.nodes}, index=table.index)


def weighted_mean(values: npt.ArrayLike, weights: npt.ArrayLike, *, mean: Mean = "arithmetic", coverage: float = 1.0, zeros: Zeros = "refused") -> FloatArray:
    """The weighted mean along the last axis: (sum w x^p / sum w)^(1/p), for p = 0 the geometric mean, for p = ±inf the largest or smallest value.

    ``weights`` has the shape of ``values`` or broadcasts to it, and need not sum to 1. NaN is missing, see ``aggregate`` for ``coverage`` and for what a mean can take.
    ``RequestError`` on weights that are negative or missing or sum to 0, on values that are no numbers, infinite, or that the mean cannot take, and on shapes that do not fit.
    Formula: Hardy, Littlewood and Pólya (1934), chapter 2.

    >>> round(float(weighted_mean([1, 2, 3], [2, 1, 1], mean="harmonic")), 6)
    1.411765
    """
    exponent, least = _exponent(mean), _share(coverage)
    _require_zeros(zeros)
    try:
        cells, weight = np.broadcast_arrays(np.atleast_1d(np.asarray(values, dtype=np.float64)), np.asarray(weights, dtype=np.float64))
    except (TypeError, ValueError) as fault:
        raise RequestError(f"values and weights are no numbers of one shape: {fault}", hint="weights broadcast to the shape of the values") from fault
    if not (np.isfinite(weight) & (weight >= 0)).all() or not (weight.sum(axis=-1) > 0).all():
        raise RequestError("weights are not all 0 or more, with a sum above 0", hint="a weight of 0 leaves a value out")
    wrong = ~(np.isnan(cells) | (np.isfinite(cells) & _is_fit(cells, exponent, zeros))) & (weight > 0)
    if wrong.any():
        raise RequestError(f"{_needs(exponent, zeros)}: {listed([f'{value:g}' for value in cells[wrong]])}", hint="NaN marks a missing value")
    return _means(cells, weight / weight.sum(axis=-1, keepdims=True), exponent, least)


def _means(cells: FloatArray, weights: FloatArray, exponent: float, coverage: float) -> FloatArray:
    """Means along the last axis over what is known, NaN where too little is; the weights sum to 1, or are all 0."""
    used = ~np.isnan(cells) & (weights > 0)
    weight = np.where(used, weights, 0.0)
    whole = weight.sum(axis=-1)
    is_known = (whole > 0) & (whole >= coverage - _TOLERANCE)
    found = _power_mean(np.where(used, cells, np.nan), weight / np.where(whole > 0, whole, 1.0)[..., None], exponent)
    return np.where(is_known, found, np.nan)


def _power_mean(cells: FloatArray, shares: FloatArray, exponent: float) -> FloatArray:
    """Relative to the largest cell, or for exponents below 0 the smallest, so that no power overflows; exact near an exponent of 0 too."""
    if exponent == 1:
        return np.asarray(np.where(shares > 0, cells * shares, 0.0).sum(axis=-1))
    sign = 1.0 if exponent > 0 else -1.0
    scale = sign * np.where(shares > 0, sign * cells, -np.inf).max(axis=-1)
    if math.isinf(exponent):
        return np.asarray(scale)
    with np.errstate(divide="ignore", invalid="ignore"):
        logs = np.where(shares > 0, np.log(cells) - np.log(scale)[..., None], 0.0)
        log_mean = (shares * logs).sum(axis=-1) if abs(exponent) < 1e-12 else np.log1p((shares * np.expm1(exponent * logs)).sum(axis=-1)) / exponent
        found = scale * np.exp(log_mean)
    return np.asarray(np.where(scale == 0, 0.0, found))


def _require_zeros(zeros: Zeros) -> None:
    if zeros not in get_args(Zeros):
        raise UnknownName("way with zeros", zeros, get_args(Zeros))


def _is_fit(cells: FloatArray, exponent: float, zeros: Zeros) -> BoolArray:
    """Which values a mean can take; NaN is not one of them."""
    if exponent == 1 or math.isinf(exponent):
        return ~np.isnan(cells)
    return np.asarray(cells >= 0 if exponent > 0 or zeros == "absorbing" else cells > 0)


def _needs(exponent: float, zeros: Zeros, of: str = "") -> str:
    name = next((name for name, known in MEANS.items() if known == exponent), f"generalised ({exponent:g})")
    needed = "finite values" if exponent == 1 or math.isinf(exponent) else "values of 0 or more" if exponent > 0 or zeros == "absorbing" else "values above 0"
    return f"the {name} mean{of} needs {needed}"


def _exponent(mean: Mean) -> float:
    if isinstance(mean, str):
        if mean not in MEANS:
            raise UnknownName("mean", mean, list(MEANS))
        return MEANS[mean]
    if math.isnan(mean):
        raise RequestError("the exponent of a mean is missing", hint=f"a number, or one of {', '.join(MEANS)}")
    return float(mean)


def _exponents(mean: Mean | Mapping[str | int, Mean], tree: Tree) -> dict[str, float]:
    """Node → the exponent of its mean."""
    if not isinstance(mean, Mapping):
        return dict.fromkeys(tree.nodes, _exponent(mean))
    unknown = [repr(key) for key in mean if key not in tree.nodes and key not in range(len(tree.levels))]
    if unknown:
        raise RequestError(f"means of no node and no level: {', '.join(unknown)}", hint=f"levels 0 to {len(tree.levels) - 1}; nodes {', '.join(tree.nodes[:12])}")
    return {node: _exponent(mean.get(node, mean.get(level, "arithmetic"))) for level, nodes in enumerate(tree.levels) for node in nodes}


def _share(coverage: float) -> float:
    if not 0 <= coverage <= 1:
        raise RequestError(f"coverage {coverage} is not in [0, 1]", hint="the share of a node's weight that has to be known")
    return coverage


def _of_leaves(table: pd.DataFrame, tree: Tree) -> pd.DataFrame:
    """The table, whose columns are the leaves."""
    unknown, absent = [repr(name) for name in table if name not in tree.leaves], [repr(leaf) for leaf in tree.leaves if leaf not in table]
    faults = [f"{words}: {listed(names)}" for words, names in (("columns that are no leaf", unknown), ("leaves without a column", absent)) if names]
    if faults:
        raise RequestError("; ".join(faults), hint="one column for each leaf of the tree, all NaN where it is missing")
    return table


@dataclass(frozen=True, eq=False)
class PointScores:
    """An index of points with maxima: units × nodes of ``points`` (S), of the ``maxima`` that applied to the unit (M) and of ``attainment`` (A, percent), the
    ``index`` in percentage form by unit, and ``exempt``: a row for each ``unit`` and leaf (``node``) that had no maximum."""

    points: pd.DataFrame
    maxima: pd.DataFrame
    attainment: pd.DataFrame
    index: pd.Series[float]
    exempt: pd.DataFrame


Maxima = Mapping[str, float] | pd.Series | pd.DataFrame
"""Node → maximum for all units, or units × nodes."""


def attainment(points: pd.DataFrame, maxima: Maxima) -> pd.DataFrame:
    """Points as percent of their maximum, units × nodes: 100 · S / M. ``maxima`` by node, or units × nodes where units have maxima of their own.

    Missing where the points are, where a maximum is missing (the unit is exempt) and where it is 0. Points above the maximum or below 0 (bonus, penalty) stay as
    they are. ``RequestError`` on points without a maximum, and on negative maxima, with unit and node, and on a node with two maxima. Formula: L1.

    >>> attainment(pd.DataFrame({"domain:1": [9.0, 12]}, index=["01", "02"]), {"domain:1": 12})["domain:1"].tolist()
    [75.0, 100.0]
    """
    table = numbers_of(points)
    tops = _maxima_of(table, maxima)
    return 100 * table / tops.where(tops > 0)


def point_scores(points: pd.DataFrame, maxima: Maxima, tree: Tree) -> PointScores:
    """An index that adds up points: from units × leaves to points, maxima and attainment of every node, and the index 100 · I / sum M.

    The tree gives the structure only. A leaf whose maximum is missing for a unit (an exempt criterion) leaves the unit's points and denominators, and is reported;
    points missing at any other leaf leave every node above it missing. A node whose leaves are all exempt has no points. ``RequestError`` on columns that are not the
    leaves and as in ``attainment``. Formula: L1.

    >>> from par_analysis.metrics.trees import tree_of_maxima
    >>> tree = tree_of_maxima({"a": "total", "b": "total"}, {"a": 60, "b": 40})
    >>> found = point_scores(pd.DataFrame({"a": [45, 45], "b": [40, None]}, index=["01", "02"]), pd.DataFrame({"a": 60, "b": [40, None]}, index=["01", "02"]), tree)
    >>> found.index.tolist(), found.maxima["total"].tolist(), found.exempt.values.tolist()
    ([85.0, 75.0], [100.0, 60.0], [['02', 'b']])
    """
    table = _of_leaves(numbers_of(points), tree)
    tops = _maxima_of(table, maxima)
    reached, possible = {leaf: table[leaf].where(tops[leaf].notna(), 0.0) for leaf in tree.leaves}, {leaf: tops[leaf].fillna(0.0) for leaf in tree.leaves}
    scored = {leaf: tops[leaf].notna() for leaf in tree.leaves}
    for node in reversed(tree.nodes):
        children = sorted(tree.children(node))
        if children:
            reached[node] = pd.DataFrame({child: reached[child] for child in children}).sum(axis=1, skipna=False)
            possible[node] = pd.DataFrame({child: possible[child] for child in children}).sum(axis=1)
            scored[node] = pd.DataFrame({child: scored[child] for child in children}).any(axis=1)
    is_scored = pd.DataFrame({node: scored[node] for node in tree.nodes})
    sums, most = (pd.DataFrame({node: found[node] for node in tree.nodes}).where(is_scored) for found in (reached, possible))
    shares = attainment(sums, most)
    rows, columns = np.nonzero(tops[list(tree.leaves)].isna().to_numpy())
    exempt = pd.DataFrame({"unit": table.index[rows], "node": np.array(tree.leaves, dtype=object)[columns]})
    return PointScores(sums, most, shares, shares[tree.root].rename("index"), exempt)


def _maxima_of(table: pd.DataFrame, maxima: Maxima) -> pd.DataFrame:
    """Units × nodes of maxima, for the cells of the points."""
    if isinstance(maxima, pd.Series) and maxima.index.has_duplicates:
        raise RequestError(f"two maxima of one node: {listed(list(map(repr, maxima.index[maxima.index.duplicated()].unique())))}", hint="one maximum a node")
    given = numbers_of(maxima if isinstance(maxima, pd.DataFrame) else pd.DataFrame(dict(maxima), index=table.index))
    tops = given.reindex(index=table.index, columns=table.columns)
    require_cells((tops >= 0).to_numpy(), tops, "maxima are 0 or more", hint="a maximum is the most points that can be had")
    require_cells(tops.notna().to_numpy(), table, "points without a maximum", hint="an exempt unit has neither points nor a maximum")
    return tops


def rebuilt_totals(
    parts: pd.DataFrame, weights: Mapping[str, float] | pd.Series[float], published: pd.Series[float], *, tolerance: float = 0.005, higher_is_better: bool = True
) -> pd.DataFrame:
    """Published totals against the sum of weight × part, a row for every unit of either, sorted by unit (the index of the table).

    ``published``, ``rebuilt``, ``difference`` (published − rebuilt), ``is_met`` (within ``tolerance``: half a unit of the second decimal), ``published_rank`` and
    ``rebuilt_rank``, both out of the units that have both figures. A unit that lacks a part has no rebuilt total; what cannot be compared has no verdict.
    ``RequestError`` on weights that are negative, missing or given twice, or of other parts than those of the table. Formula: L7.

    >>> parts = pd.DataFrame({"a": [6.0, 8], "b": [5.0, 7]}, index=["01", "02"])
    >>> rebuilt_totals(parts, {"a": 6, "b": 4}, pd.Series({"01": 56.0, "02": 76.5}))[["rebuilt", "difference", "is_met"]].values.tolist()
    [[56.0, 0.0, True], [76.0, 0.5, False]]
    """
    table, told = numbers_of(parts), numbers_of(published.to_frame("published"))["published"]
    sums = _weighted_sum(table.set_axis(table.columns.map(str), axis=1), weights)
    units = table.index.union(told.index)
    found = pd.DataFrame({"published": told.reindex(units), "rebuilt": sums.reindex(units)})
    found["difference"] = found["published"] - found["rebuilt"]
    both = found["difference"].notna()
    found["is_met"] = (found["difference"].abs() <= tolerance + _TOLERANCE).astype("boolean").where(both)
    for column in ("published", "rebuilt"):
        found[f"{column}_rank"] = rank(found[column].where(both), higher_is_better=higher_is_better)
    return found


def _weighted_sum(table: pd.DataFrame, given: Mapping[str, float] | pd.Series[float]) -> pd.Series[float]:
    order, told = sorted(table.columns), pd.Series(given, dtype="object")
    told = pd.to_numeric(told.set_axis(told.index.map(str)), errors="coerce").astype("float64")
    weights = dict(zip(told.index, told.tolist(), strict=True))
    faults = [f"weight of {part!r} is {'missing' if math.isnan(weight) else f'{weight:g}'}" for part, weight in weights.items() if not (math.isfinite(weight) and weight >= 0)]
    faults += [f"{part!r} has two weights" for part in told.index[told.index.duplicated()].unique()]
    faults += [f"part {part!r} has no weight" for part in order if part not in weights] + [f"weight of the unknown part {part!r}" for part in weights if part not in order]
    if faults:
        raise RequestError("; ".join(faults), hint=f"parts: {', '.join(order[:12])}")
    return (table[order] * [weights[part] for part in order]).sum(axis=1, skipna=False)


CauseCode = Literal["exact", "rounding", "missing_part", "constant_offset", "constant_factor", "single_units", "rebuilt_lower", "rebuilt_higher", "both_ways"]


@dataclass(frozen=True)
class Cause:
    """How rebuilt totals miss the published ones: the ``code``, the counts of units, and the differences published − rebuilt (NaN where nothing was compared)."""

    code: CauseCode
    n_compared: int
    n_missing: int
    n_off: int
    n_other_rank: int
    smallest: float
    mean: float
    largest: float


def likely_cause(table: pd.DataFrame, *, tolerance: float = 0.005) -> Cause:
    """The pattern of the differences of ``rebuilt_totals``, and so what to look for. The first of these that holds:

    "exact" (no difference); "missing_part" (none is off, and some lack a part or a total); "rounding" (none is off); "constant_offset" (all differ by the same, within the
    tolerance: points added to all) and "constant_factor" (all by the same factor: another scale), of three units at least; "single_units" (a tenth of the units or fewer, or
    one: slips); "rebuilt_lower" and "rebuilt_higher" (none is off the other way: a revised part, or a part or weight that is not the published one); "both_ways" (other weights).
    It describes; ``suspects`` looks for what the differences follow. Own method.

    >>> parts = pd.DataFrame({"a": [6.0, 8, 7]}, index=["01", "02", "03"])
    >>> likely_cause(rebuilt_totals(parts, {"a": 10}, pd.Series({"01": 61.5, "02": 81.5, "03": 71.5}))).code
    'constant_offset'
    """
    known = table[table["difference"].notna()]
    gaps = known["difference"].to_numpy(dtype=np.float64)
    off = np.abs(gaps) > tolerance + _TOLERANCE
    others = int((known["published_rank"] != known["rebuilt_rank"]).sum())
    ends = (float(gaps.min()), float(gaps.mean()), float(gaps.max())) if len(gaps) else (math.nan,) * 3
    code = _code_of_misses(known, gaps, off, tolerance) if off.any() else _code_of_hits(gaps, len(table))
    return Cause(code, len(known), len(table) - len(known), int(off.sum()), others, *ends)


def _code_of_hits(gaps: FloatArray, n_units: int) -> CauseCode:
    if len(gaps) < n_units or not n_units:
        return "missing_part"
    return "rounding" if (np.abs(gaps) > _TOLERANCE).any() else "exact"


def _code_of_misses(known: pd.DataFrame, gaps: FloatArray, off: BoolArray, tolerance: float) -> CauseCode:
    rebuilt = known["rebuilt"].to_numpy(dtype=np.float64)
    if len(gaps) >= 3 and _follows(gaps, np.ones(len(gaps)), tolerance):
        return "constant_offset"
    if len(gaps) >= 3 and _follows(gaps, rebuilt, tolerance):
        return "constant_factor"
    if off.sum() <= max(1, len(gaps) // 10):
        return "single_units"
    if (gaps[off] > 0).all():
        return "rebuilt_lower"
    return "rebuilt_higher" if (gaps[off] < 0).all() else "both_ways"


def _follows(gaps: FloatArray, shape: FloatArray, tolerance: float) -> bool:
    """Whether the differences are a multiple of the shape within the tolerance, and a multiple that is more than rounding."""
    square = float(shape @ shape)
    fitted = shape * (float(shape @ gaps) / square if square > 0 else 0.0)
    within = tolerance + _TOLERANCE
    return bool((np.abs(gaps - fitted) <= within).all() and np.abs(fitted).mean() > within)


def suspects(table: pd.DataFrame, candidates: pd.DataFrame, *, tolerance: float = 0.005) -> pd.DataFrame:
    """Which column the differences of ``rebuilt_totals`` follow: the straight line of the difference on each column of ``candidates`` (parts, or indicators of parts).

    By candidate, the best first: ``slope``, ``intercept``, ``r_squared``, ``largest_residual``, ``n`` units with both, and ``is_explained``, whether no unit is off the line by
    more than ``tolerance``. A line through rounding noise or few units explains anything; among many candidates the best is not yet the cause. Constant columns and those
    with fewer than three units are left out. Own method: least squares.

    >>> table = pd.DataFrame({"difference": [0.1, 0.2, 0.3, 0.4]}, index=list("abcd"))
    >>> suspects(table, pd.DataFrame({"x": [1, 2, 3, 4], "y": [1, 0, 0, 1]}, index=list("abcd")))[["slope", "is_explained"]].round(6).values.tolist()
    [[0.1, True], [0.0, False]]
    """
    columns = numbers_of(candidates)
    rows = {name: _line(table["difference"], columns[name], tolerance) for name in sorted(map(str, columns))}
    found = pd.DataFrame([row for row in rows.values() if row], columns=["slope", "intercept", "r_squared", "largest_residual", "n", "is_explained"])
    return found.set_axis(pd.Index([name for name, row in rows.items() if row], name="candidate")).sort_values("largest_residual", kind="stable")


def _line(gaps: pd.Series[float], column: pd.Series[float], tolerance: float) -> dict[str, float | bool]:
    both = pd.DataFrame({"gap": gaps, "at": column}).dropna()
    if len(both) < 3 or both["at"].nunique() < 2:
        return {}
    slope, intercept = (float(number) for number in np.polynomial.polynomial.polyfit(both["at"], both["gap"], 1)[::-1])
    residuals = both["gap"] - intercept - slope * both["at"]
    spread = float(both["gap"].var(ddof=0))
    worst = float(residuals.abs().max())
    r_squared = 1 - float(residuals.var(ddof=0)) / spread if spread > 0 else math.nan
    return {"slope": slope, "intercept": intercept, "r_squared": r_squared, "largest_residual": worst, "n": len(both), "is_explained": worst <= tolerance + _TOLERANCE}
