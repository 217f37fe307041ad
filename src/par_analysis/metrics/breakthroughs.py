"""Who moved by more than chance and the field explain, and whether a series is on the way to its target."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from par_analysis.errors import RequestError
from par_analysis.metrics.decompositions import checked_numbers, listed, require_none

SUSTAINED: Final = 0.5
"""A move is sustained where at least this share of it is left a year later."""

NORMAL_MAD: Final = 1.4826
"""What the median absolute deviation is multiplied by to be the standard deviation of normal values."""

FEWEST: Final = 5
"""Units that a regression on the old score needs to say anything of one of them."""

_TOLERANCE: Final = 1e-9


@dataclass(frozen=True)
class Breakthroughs:
    """What ``breakthroughs`` finds.

    ``units``: unit × change, expected (at this old score), residual, z, ranks_apart, performance_agrees, mover, direction ("up", "down" or ""), kept, sustained, note. Booleans are
    missing where they were not checked. ``n`` units; ``slope`` of the change on the old score (negative: regression to the mean); ``scale``, the spread that z counts in,
    and ``scale_of`` what it is: "mad", "sd" or "none"; ``expected_false_alarms``: how many of n normal residuals reach the threshold by chance.
    """

    units: pd.DataFrame
    n: int
    slope: float
    scale: float
    scale_of: str
    expected_false_alarms: float


def breakthroughs(
    old: pd.Series[float],
    new: pd.Series[float],
    *,
    comparable: bool | None,
    linked: bool = False,
    rank_sets_old: pd.DataFrame | None = None,
    rank_sets_new: pd.DataFrame | None = None,
    performance: pd.Series[float] | None = None,
    following: pd.Series[float] | None = None,
    threshold: float = 2.0,
    higher_is_better: bool = True,
) -> Breakthroughs:
    """Movers: units whose change is far from what units with their old score had, with ranks surely apart and a performance of their own that agrees.

    The residual of the change on the old score (least squares) is free of the field's common change and of regression to the mean; z is its distance from the median over
    1.4826 · MAD, over the sd where MAD is 0, and 0 where all residuals are equal. A unit is a mover where |z| >= ``threshold``; and where ``rank_sets_old`` and
    ``rank_sets_new`` (unit × low, high as of ``rank_sets``) do not overlap and lie in the direction of z; and where ``performance`` (of ``bennet``) has the sign of z. What is
    not given is not checked, and missing in the table. ``following``, the scores of the year after: kept is the share of the residual that is left
    of it over two years, sustained from a half on.

    Scores of two methods say nothing of a unit: unless the years are ``comparable`` or the scores ``linked`` to one scale, ``performance`` has to be given and is itself
    the change; else ``RequestError``, as for ``following`` then. ``RequestError`` too for fewer than 5 units known in both years, one year's rank sets alone, and a threshold
    of 0 or less. Units not known in both years are NaN with a note. C11, own method; on regression to the mean see Bird et al. (2005), Performance indicators: good, bad, and ugly.

    >>> units = ["01", "02", "03", "04", "05", "06"]
    >>> old, new = pd.Series([60.0, 62, 64, 66, 68, 70], index=units), pd.Series([61.0, 63.2, 71, 66.8, 69.1, 71], index=units)
    >>> found = breakthroughs(old, new, comparable=True)
    >>> found.units.index[found.units["mover"]].tolist(), round(found.expected_false_alarms, 3)
    (['03'], 0.273)
    """
    named = {"old": old, "new": new, "performance": performance, "following": following}
    tables = {name: table for name, table in named.items() if table is not None}
    given = dict(zip(tables, checked_numbers(tables), strict=True))
    sets = [_rank_sets(f"rank_sets_{year}", table) for year, table in (("old", rank_sets_old), ("new", rank_sets_new)) if table is not None]
    is_one_scale = bool(comparable) or linked
    require_none(_request_faults(given, sets, comparable, threshold, is_one_scale=is_one_scale))
    units = given["old"].index.union(given["new"].index, sort=False)
    sign = 1.0 if higher_is_better else -1.0
    score = {name: sign * table.reindex(units) for name, table in given.items()}
    change = score["new"] - score["old"] if is_one_scale else score["performance"].where(score["old"].notna() & score["new"].notna())
    fit = _fit(score["old"], change)
    found = pd.DataFrame({"change": sign * change, "expected": sign * (change - fit.residual), "residual": sign * fit.residual, "z": fit.z})
    found["ranks_apart"] = _apart([table.reindex(units) for table in sets], fit.z)
    found["performance_agrees"] = _agrees(score.get("performance"), fit.z)
    is_far = fit.z.abs() >= threshold - _TOLERANCE
    found["mover"] = is_far & found["ranks_apart"].fillna(True).astype(bool) & found["performance_agrees"].fillna(True).astype(bool)
    found["direction"] = np.where(found["mover"], np.where(fit.z > 0, "up", "down"), "")
    found["kept"] = _kept(score, fit.residual).where(found["mover"])
    found["sustained"] = (found["kept"] >= SUSTAINED - _TOLERANCE).astype("boolean").where(found["kept"].notna())
    found["note"] = np.where(fit.z.notna(), "", "not known in both years")
    n = int(fit.z.count())
    return Breakthroughs(found, n, fit.slope, fit.scale, fit.scale_of, n * math.erfc(threshold / math.sqrt(2)))


@dataclass(frozen=True)
class _Fit:
    """Residuals of a change on the old score, their robust z, and the spread that it counts in."""

    residual: pd.Series[float]
    z: pd.Series[float]
    slope: float
    scale: float
    scale_of: str


def _fit(old: pd.Series[float], change: pd.Series[float]) -> _Fit:
    known = change.index[old.notna() & change.notna()]
    if len(known) < FEWEST:
        raise RequestError(f"{len(known)} units are known in both years, {FEWEST} are needed")
    x, y = (values - values.mean() for values in (old[known].to_numpy(), change[known].to_numpy()))
    spread = float(x @ x)
    slope = float(x @ y) / spread if spread > _TOLERANCE else 0.0
    residual = y - slope * x
    off = residual - np.median(residual)
    mad, sd = NORMAL_MAD * float(np.median(np.abs(off))), float(np.std(residual, ddof=1))
    scale, scale_of = (mad, "mad") if mad > _TOLERANCE else (sd, "sd") if sd > _TOLERANCE else (0.0, "none")
    residuals, z = (pd.Series(values, index=known).reindex(change.index) for values in (residual, off / scale if scale else off * 0.0))
    return _Fit(residuals, z, slope, scale, scale_of)


def _apart(sets: list[pd.DataFrame], z: pd.Series[float]) -> pd.Series[bool]:
    """Whether the rank sets of the two years do not overlap, the new one on the side that z points to."""
    if not sets:
        return pd.Series(pd.NA, index=z.index, dtype="boolean")
    old, new = sets
    is_apart = ((new["high"] < old["low"]) & (z > 0)) | ((new["low"] > old["high"]) & (z < 0))
    return is_apart.astype("boolean").where(old.notna().all(axis=1) & new.notna().all(axis=1) & z.notna())


def _agrees(performance: pd.Series[float] | None, z: pd.Series[float]) -> pd.Series[bool]:
    if performance is None:
        return pd.Series(pd.NA, index=z.index, dtype="boolean")
    agrees = pd.Series(performance.to_numpy() * np.sign(z.to_numpy()) > _TOLERANCE, index=z.index, dtype="boolean")
    return agrees.where(performance.notna() & z.notna())


def _kept(score: dict[str, pd.Series[float]], residual: pd.Series[float]) -> pd.Series[float]:
    """The share of each unit's residual that is left of it over two years; both are distances from the median."""
    if "following" not in score:
        return residual * np.nan
    later = _fit(score["old"], score["following"] - score["old"]).residual
    return (later - later.median()) / (residual - residual.median())


def _rank_sets(name: str, table: pd.DataFrame) -> pd.DataFrame:
    if not {"low", "high"} <= set(table.columns):
        raise RequestError(f"{name} lacks a column low or high", hint="as rank_sets returns them")
    (sets,) = checked_numbers({name: table[["low", "high"]]})
    require_none([f"{name} has low above high for {listed(sets.index[sets['low'] > sets['high']])}"] if (sets["low"] > sets["high"]).any() else [])
    return sets


def _request_faults(given: dict[str, pd.Series[float]], sets: list[pd.DataFrame], comparable: bool | None, threshold: float, *, is_one_scale: bool) -> list[str]:
    why = "the methods of the two years differ" if comparable is False else "it is not known whether the methods of the two years are the same"
    faults = {
        f"{why}: a change of scores alone is no move, give performance or linked scores": not is_one_scale and "performance" not in given,
        f"{why}: following cannot be compared with old, unless scores are linked": not is_one_scale and "following" in given,
        "rank sets of one year only": len(sets) == 1,
        f"threshold is {threshold}, it has to be above 0": not 0 < threshold < math.inf,
    }
    return [fault for fault, holds in faults.items() if holds]


@dataclass(frozen=True)
class TrendStatus:
    """What ``trend_status`` finds: ``status``, "maintaining", "on track", "moderate", "stagnating", "decreasing" or "unknown"; ``pace`` a year so far and ``needed`` from the last
    known year on, both positive towards the better; ``ratio`` of the two (NaN at or beyond the target); ``years`` of the points used."""

    status: str
    ratio: float
    pace: float
    needed: float
    years: tuple[int, ...]


STATUSES: Final = ((1.0, "on track"), (0.5, "moderate"), (0.0, "stagnating"), (-math.inf, "decreasing"))
"""Status → from which ratio of the pace to the pace needed on."""


def trend_status(series: pd.Series[float], target: float, by: int, *, higher_is_better: bool = True) -> TrendStatus:
    """Whether a series at its pace reaches ``target`` in the year ``by``: pace so far over the pace needed; 1 and more is on track, ½ moderate, 0 stagnating, less decreasing.

    ``series``: scores by year on one scale (linked across changes of method), NaN where not known. The pace is the least-squares slope over the known years, of two years their
    difference a year; the pace needed runs from the last known score. A score at the target or better is "maintaining", whatever its pace; fewer than two known years
    are "unknown". ``RequestError`` for years that are no whole numbers or come twice, and where the target's year is not after the last known one. Thresholds as in the
    dashboards of the Sustainable Development Report (Sachs et al.), which start both paces in fixed years; C10.

    >>> found = trend_status(pd.Series({2021: 84.0, 2022: 85, 2023: 86}), 90.0, 2025)
    >>> found.status, round(found.ratio, 9)
    ('moderate', 0.5)
    """
    (values,) = checked_numbers({"series": series})
    odd = [year for year in values.index if not isinstance(year, (int, np.integer))]
    require_none([*([f"not a year: {listed(odd)}"] if odd else []), *([f"target is {target}"] if not math.isfinite(target) else [])])
    known = (1 if higher_is_better else -1) * values.dropna().sort_index()
    years = tuple(int(year) for year in known.index)
    if years and by <= years[-1]:
        raise RequestError(f"the target's year {by} is not after {years[-1]}, the last known one")
    gap = (target if higher_is_better else -target) - float(known.iloc[-1]) if years else math.nan
    needed = gap / (by - years[-1]) if years else math.nan
    pace = _slope(known) if len(years) > 1 else math.nan
    if gap <= _TOLERANCE:
        return TrendStatus("maintaining", math.nan, pace, needed, years)
    ratio = pace / needed
    status = next((name for limit, name in STATUSES if ratio >= limit - _TOLERANCE), "unknown")
    return TrendStatus(status, ratio, pace, needed, years)


def _slope(known: pd.Series[float]) -> float:
    years = known.index.to_numpy(dtype="float64")
    x = years - years.mean()
    return float(x @ known.to_numpy()) / float(x @ x)
