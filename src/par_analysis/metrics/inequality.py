"""How far apart units are in a year: absolute spread, inequality measures, and Theil's index split within and between groups."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from par_analysis.errors import RequestError
from par_analysis.metrics.ranks import FloatArray

ABSOLUTE: Final = ("n", "mean", "sd", "ddof", "iqr", "range")
RELATIVE: Final = ("cv", "gini", "theil", "mld")
_NOTHING: Final = 1e-14


def spread(scores: pd.DataFrame | pd.Series[float], *, ddof: int = 1, relative: bool = True) -> pd.DataFrame:
    """Per year: n, mean, sd, ddof, IQR, range, and, if ``relative``, CV, Gini, Theil T and MLD (mean log deviation).

    ``scores`` is units by years (a Series is one year); returns years by measures. Missing scores are left out and n counts the others; a year without scores has n = 0
    and no measures, one with a single score no sd of ddof 1. sd and CV divide by n - ``ddof``; IQR takes linear quantiles; Gini, Theil and MLD are those of the units
    themselves, without a small-sample factor, unweighted. The relative measures speak of ratios and need scores above 0. ``RequestError`` names scores that are not,
    units or years that come twice, what is no finite number, a ``ddof`` that is neither 0 nor 1.
    Source: Gini = sum_i (2i - n - 1) x_(i) / (n^2 mean); Theil T = mean(r ln r) and MLD = mean(-ln r) of r = x / mean (Theil 1967; Cowell 2011).

    >>> spread(pd.Series({"01": 1.0, "02": 3.0}, name=2023))[["n", "mean", "range", "gini"]].round(2).to_dict("index")
    {2023: {'n': 2, 'mean': 2.0, 'range': 2.0, 'gini': 0.25}}
    """
    if ddof not in (0, 1):
        raise RequestError(f"ddof {ddof} is neither 0 nor 1", hint="0 divides by n (population), 1 by n - 1 (sample)")
    table = numbers_of(scores, above_zero=relative, hint="relative=False gives the absolute measures alone" if relative else "")
    rows = [_of_year(table[year].dropna().to_numpy(dtype=np.float64), ddof, relative) for year in table.columns]
    return pd.DataFrame(rows, index=table.columns.rename(table.columns.name or "year"), columns=[*ABSOLUTE, *(RELATIVE if relative else ())])


def _of_year(x: FloatArray, ddof: int, relative: bool) -> dict[str, float]:
    if not len(x):
        return {"n": 0, "ddof": ddof}
    sd = float(x.std(ddof=ddof)) if len(x) > ddof else np.nan
    low, high = np.quantile(x, [0.25, 0.75])
    found = {"n": len(x), "mean": float(x.mean()), "sd": sd, "ddof": ddof, "iqr": float(high - low), "range": float(x.max() - x.min())}
    return {**found, **_inequality(x), "cv": sd / found["mean"]} if relative else found


def _inequality(x: FloatArray) -> dict[str, float]:
    """Gini, Theil T and MLD of positive numbers. The terms r - 1 add up to 0; with them no term of either sum is negative."""
    n, ratio = len(x), np.sort(x) / x.mean()
    gini = float(((2 * np.arange(1, n + 1) - n - 1) * ratio).sum() / n**2)
    mld = float((ratio - 1 - np.log(ratio)).mean())
    return {"gini": max(gini, 0.0), "theil": _theil(x, np.full(n, 1 / n)), "mld": max(mld, 0.0)}


def _theil(x: FloatArray, weights: FloatArray) -> float:
    """Theil T of positive numbers under weights that sum to 1."""
    ratio = x / (weights * x).sum()
    return max(float((weights * (ratio * np.log(ratio) - ratio + 1)).sum()), 0.0)


@dataclass(frozen=True)
class TheilSplit:
    """Theil T of all units, ``total`` = ``within`` + ``between``, and the groups that it comes from.

    ``groups`` is by group: ``n``, ``unit_share`` (of the weights), ``score_share`` (of the sum of scores), ``mean``, ``theil`` of its own units, and its terms of the two
    parts; a term of ``between`` is negative for a group below the mean.
    """

    total: float
    within: float
    between: float
    groups: pd.DataFrame

    @property
    def within_share(self) -> float:
        """``within`` over ``total``; NaN where all units are equal."""
        return self.within / self.total if self.total > _NOTHING else float("nan")

    @property
    def between_share(self) -> float:
        """``between`` over ``total``; NaN where all units are equal."""
        return self.between / self.total if self.total > _NOTHING else float("nan")


def theil(scores: pd.Series[float], groups: Mapping[str, str] | pd.Series[str], weights: Mapping[str, float] | pd.Series[float] | None = None) -> TheilSplit:
    """Theil T of the scores, split exactly into the inequality within groups and between their means.

    T = sum_g s_g T_g + sum_g s_g ln(mean_g / mean), s_g the group's share of the sum of scores. ``groups`` and ``weights`` (population, for example; none: every unit
    counts once) are by unit. Units without a score are left out. ``RequestError`` names scores that are not above 0, scored units without a group or with a weight that is
    missing or not above 0, units that come twice. Source: Theil (1967); Shorrocks (1980).

    >>> found = theil(pd.Series({"01": 1.0, "02": 1.0, "03": 3.0}), {"01": "R1", "02": "R1", "03": "R2"})
    >>> round(found.total, 3), found.within, round(found.between_share, 3)
    (0.148, 0.0, 1.0)
    """
    x = numbers_of(scores, above_zero=True).iloc[:, 0].dropna()
    if x.empty:
        raise RequestError("no unit has a score")
    told = pd.Series(groups, dtype="object")
    group = told[~told.index.duplicated()].reindex(x.index)
    weight = pd.Series(1.0, index=x.index) if weights is None else numbers_of(pd.Series(weights, name="weight"))["weight"].reindex(x.index)
    twice = _named("in more than one group", told.index[told.index.duplicated()])
    faults = [*twice, *_named("without a group", x.index[group.isna()]), *_named("without a weight above 0", x.index[~(weight > 0)])]
    if faults:
        raise RequestError("; ".join(faults), hint="groups and weights are by unit, one for every unit that has a score")
    return _split(x, group, weight / weight.sum())


def _split(x: pd.Series[float], group: pd.Series[str], weight: pd.Series[float]) -> TheilSplit:
    mean = float((weight * x).sum())
    rows = {}
    for name in sorted(set(group), key=str):
        own, share = _floats(x[group == name]), _floats(weight[group == name])
        part = {"n": len(own), "unit_share": float(share.sum()), "score_share": float((share * own).sum()) / mean, "mean": float((share * own).sum() / share.sum())}
        part["theil"] = _theil(own, share / share.sum())
        rows[name] = {**part, "within": part["score_share"] * part["theil"], "between": part["score_share"] * float(np.log(part["mean"] / mean))}
    table = pd.DataFrame.from_dict(rows, orient="index").rename_axis("group")
    between = _theil(_floats(table["mean"]), _floats(table["unit_share"]))
    return TheilSplit(_theil(_floats(x), _floats(weight)), float(table["within"].sum()), between, table)


def _floats(values: pd.Series[float]) -> FloatArray:
    return np.asarray(values, dtype=np.float64)


def numbers_of(scores: pd.DataFrame | pd.Series[float], *, above_zero: bool = False, hint: str = "") -> pd.DataFrame:
    """The table as floats with NaN for what is missing, a Series as a table of one column; ``RequestError`` names all that is wrong with it.

    Wrong are rows or columns that come twice, text, infinite numbers, and, where scores have to be ``above_zero``, those that are not.

    >>> numbers_of(pd.Series({"01": 1, "02": None})).to_dict("list")
    {'score': [1.0, nan]}
    """
    table = scores.to_frame("score" if scores.name is None else scores.name) if isinstance(scores, pd.Series) else scores
    twice = [*_named("more than once", table.index[table.index.duplicated()]), *_named("more than once", table.columns[table.columns.duplicated()])]
    if twice:
        raise RequestError("; ".join(twice), hint="one row and one column each")
    found: pd.DataFrame = table.apply(pd.to_numeric, errors="coerce").astype("float64")
    bad = (found.isna() & table.notna()) | np.isinf(found)
    faults = [*_named("not a finite number", _places(bad)), *(_named("not above 0", _places(found <= 0)) if above_zero else ())]
    if faults:
        raise RequestError("; ".join(faults), hint=hint)
    return found


def _places(where: pd.DataFrame) -> list[str]:
    """The cells of a mask, by unit and column."""
    rows, columns = np.nonzero(where.to_numpy(dtype=bool))
    return [f"{row} ({column})" for row, column in zip(where.index[rows], where.columns[columns], strict=True)]


def _named(fault: str, labels: Iterable[object], *, most: int = 12) -> list[str]:
    """A fault with the labels it is true of, none where there are none."""
    names = sorted({str(label) for label in labels})
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return [f"{fault}: {', '.join(names[:most])}{more}"] if names else []
