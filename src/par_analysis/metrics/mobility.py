"""How much a ranking moved between two years, whether regions moved together, and who keeps its place over the years."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from par_analysis.errors import RequestError
from par_analysis.metrics.decompositions import checked_numbers, listed, require_none
from par_analysis.metrics.ranks import FloatArray, places_of


@dataclass(frozen=True)
class Mobility:
    """What ``mobility`` finds.

    ``n`` units known in both years; ``mean_change``, the mean of |places changed|; ``total``, their sum; ``exchange_share``, the sum over the greatest possible one; ``kendall``
    (tau-b) and ``spearman``, the rank correlations; ``changes``, unit × old, new, change (places gained); ``missing``, the units not known in both years.
    """

    n: int
    mean_change: float
    total: float
    exchange_share: float
    kendall: float
    spearman: float
    changes: pd.DataFrame
    missing: tuple[str, ...]


def mobility(old: pd.Series[float], new: pd.Series[float], *, higher_is_better: bool = True) -> Mobility:
    """How far the units' ranks moved: mean |change|, Σ|change| over its maximum floor(n² / 2) (a list turned over), Kendall's tau-b and Spearman's rho.

    ``old`` and ``new``: scores by unit, or ranks with ``higher_is_better=False``. The units known in both years are ranked anew among themselves, ties averaged;
    the others are listed in ``missing`` and have NaN. With fewer than 2 units, or all of them equal in a year, what is not defined is NaN. Exchange share: C7; 0 where nobody
    moved. ``RequestError`` for units that come twice and values that are no numbers.

    >>> found = mobility(pd.Series([3.0, 2, 1], index=["01", "02", "03"]), pd.Series([1.0, 2, 3], index=["01", "02", "03"]))
    >>> found.total, found.exchange_share, found.kendall
    (4.0, 1.0, -1.0)
    """
    from scipy.stats import kendalltau

    changes = _rank_changes(old, new, higher_is_better=higher_is_better)
    both = changes.dropna()
    n, moved = len(both), both["change"].abs()
    kendall = float(kendalltau(both["old"], both["new"]).statistic) if n > 1 else np.nan
    share = float(moved.sum()) / (n * n // 2) if n > 1 else np.nan
    mean = float(moved.mean()) if n else np.nan
    return Mobility(n, mean, float(moved.sum()), share, kendall, _correlation(both["old"].to_numpy(), both["new"].to_numpy()), changes, _missing(changes))


def _rank_changes(old: pd.Series[float], new: pd.Series[float], *, higher_is_better: bool) -> pd.DataFrame:
    """Unit × old, new, change: the ranks among the units known in both years and the places gained, NaN for the others."""
    before, after = checked_numbers({"old": old, "new": new})
    units = before.index.union(after.index, sort=False)
    scores = pd.DataFrame({"old": before.reindex(units), "new": after.reindex(units)})
    both = scores.dropna()
    ranks = {year: places_of(both[year].to_numpy(), omega=0.5, higher_is_better=higher_is_better) for year in ("old", "new")}
    return pd.DataFrame({**ranks, "change": ranks["old"] - ranks["new"]}, index=both.index).reindex(units)


def _missing(changes: pd.DataFrame) -> tuple[str, ...]:
    return tuple(changes.index[changes["change"].isna()])


def _correlation(one: FloatArray, other: FloatArray) -> float:
    """Pearson's correlation, NaN where either does not vary."""
    a, b = one - one.mean() if len(one) else one, other - other.mean() if len(other) else other
    spread = float(np.sqrt((a @ a) * (b @ b)))
    return float(a @ b) / spread if spread > 0 else float("nan")


@dataclass(frozen=True)
class Theta:
    """What ``theta`` finds: ``value``, 0 to 1; ``total``, Σ|places changed|; ``maximum``, the greatest possible sum floor(n² / 2); ``regions``, region × n, gained (net places)
    and moved (Σ|places changed|); ``missing``, the units not known in both years."""

    value: float
    total: float
    maximum: int
    regions: pd.DataFrame
    missing: tuple[str, ...]


def theta(old: pd.Series[float], new: pd.Series[float], regions: Mapping[str, str] | pd.Series, *, higher_is_better: bool = True) -> Theta:
    """Whether the units of a region moved together: Σ over regions |Σ places changed| / Σ |places changed|. 1: in each region all went one way; 0: regions' moves cancel out.

    Scores (or ranks, with ``higher_is_better=False``) as in ``mobility``; ``regions``: unit → region. NaN where nobody moved. Many small regions give a high value by
    themselves: with each unit a region of its own it is 1. ``RequestError`` where a unit of both years has no region. Formula: Rey (2004), Spatial dependence in the evolution of
    regional income distributions; average ranks for ties, as in giddy.

    >>> old, new = pd.Series([4.0, 3, 2, 1], index=list("abcd")), pd.Series([2.0, 1, 4, 3], index=list("abcd"))
    >>> theta(old, new, {"a": "R1", "b": "R1", "c": "R2", "d": "R2"}).value
    1.0
    """
    changes = _rank_changes(old, new, higher_is_better=higher_is_better)
    region = pd.Series(regions, dtype="object")
    if not region.index.is_unique:
        raise RequestError(f"regions has a unit twice: {listed(region.index[region.index.duplicated()].unique())}")
    change = changes["change"].dropna()
    of_units = region.reindex(change.index)
    require_none([f"no region for {listed(of_units.index[of_units.isna()])}"] if of_units.isna().any() else [], hint="regions: unit → region")
    moves = change.groupby(of_units)
    table = pd.DataFrame({"n": moves.size(), "gained": moves.sum(), "moved": change.abs().groupby(of_units).sum()}).rename_axis("region")
    total = float(change.abs().sum())
    return Theta(float(table["gained"].abs().sum()) / total if total else np.nan, total, len(change) ** 2 // 2, table, _missing(changes))


def persistence(ranks: pd.DataFrame, k: int, *, out_of: Mapping[int, float] | None = None) -> pd.DataFrame:
    """How steadily each unit keeps the top or the bottom of the list.

    ``ranks``: units × years (whole numbers), NaN where not known. Returns unit × years (known), top and bottom (years in the first and the last ``k`` places), top_streak and
    bottom_streak (most years in a row: a year not known, or not in the table, breaks a streak), sd (of the ranks, n - 1; NaN below 2 years), best and worst rank.
    ``out_of``: year → places of its list, else the number of its known ranks; the last k places are those after out_of - k, so that of equals with the best place of
    their block those that reach over that limit do not count. ``RequestError`` for k below 1, years that are no whole numbers, and a rank below 1 or beyond its list. C9.

    >>> ranks = pd.DataFrame({2021: [1, 2, 3], 2022: [2, 1, 3], 2023: [1, 2, 3]}, index=["01", "02", "03"])
    >>> persistence(ranks, 1).loc["01", ["years", "top", "top_streak", "bottom", "best", "worst"]].tolist()
    [3.0, 2.0, 1.0, 0.0, 1.0, 2.0]
    """
    (table,) = checked_numbers({"ranks": ranks})
    require_none(_years_faults(table.columns))
    table = table[sorted(table.columns)]
    places = table.count().astype("float64")
    places.update(pd.Series(out_of or {}, dtype="float64"))
    require_none(_place_faults(table, places, k), hint="out_of: year → number of places, where not all ranks are known")
    top, bottom = table <= k, table > places - k
    counts = {"years": table.notna().sum(axis=1), "top": top.sum(axis=1), "bottom": bottom.sum(axis=1)}
    streaks = {f"{name}_streak": _longest_streaks(held) for name, held in (("top", top), ("bottom", bottom))}
    spread = {"sd": table.std(axis=1, ddof=1), "best": table.min(axis=1), "worst": table.max(axis=1)}
    return pd.DataFrame({**counts, **streaks, **spread}, index=table.index)


def _years_faults(years: pd.Index) -> list[str]:
    wrong = [year for year in years if not isinstance(year, (int, np.integer))]
    return [f"columns that are no years: {listed(wrong)}"] if wrong else []


def _place_faults(table: pd.DataFrame, places: pd.Series, k: int) -> list[str]:
    beyond = table.columns[((table < 1) | table.gt(places, axis=1)).any()]
    return [*([f"k is {k}, at least 1 is needed"] if k < 1 else []), *([f"ranks below 1 or beyond the list in {listed(beyond)}"] if len(beyond) else [])]


def _longest_streaks(held: pd.DataFrame) -> pd.Series[int]:
    """The most consecutive years held, by unit."""
    run = longest = np.zeros(len(held), dtype=np.int64)
    for last, year in zip([None, *held.columns], held.columns, strict=False):
        is_next = last is not None and year == last + 1
        run = np.where(held[year].to_numpy(), run * is_next + 1, 0)
        longest = np.maximum(longest, run)
    return pd.Series(longest, index=held.index)
