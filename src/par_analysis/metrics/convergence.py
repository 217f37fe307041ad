"""Whether units draw nearer to one another (sigma) and whether those behind gain more than those ahead (beta)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from par_analysis.errors import RequestError
from par_analysis.metrics.inequality import numbers_of
from par_analysis.metrics.ranks import FloatArray

NOTES: Final[Mapping[str, str]] = {
    "measurement_error_bias": "errors of the first year pull beta towards convergence; a reliability ratio takes this out",
    "error_corrected": "corrected for the errors of the first year by the reliability ratio given",
    "no_convergence": "beta is not negative: there is no half-life",
    "order_reversed": "1 + beta * periods is not positive: units would overtake one another, and there is no lambda",
}
"""The codes in the ``note`` of a beta convergence, and what they say."""

TREND: Final = ("intercept", "slope", "se", "t", "f", "df", "p", "r2")
"""The columns of ``trends``."""

_EXACT: Final = 1e-12


@dataclass(frozen=True)
class SigmaConvergence:
    """The spread of every year, the trend of each measure, and the units left out for want of a year.

    ``years`` is by year: ``n`` and the measures ``sd_ln_population``, ``sd_ln_sample``, ``cv_population``, ``cv_sample`` (population divides by n, sample by n - 1).
    ``trend`` is by measure: ``intercept``, ``slope`` per year, its ``se``, ``t``, ``f`` (= t squared), ``df``, two-sided ``p`` and ``r2``; a falling spread has a negative slope.
    """

    years: pd.DataFrame
    trend: pd.DataFrame
    dropped: tuple[str, ...]


def sigma_convergence(scores: pd.DataFrame, *, balanced: bool = True) -> SigmaConvergence:
    """sd of ln scores and CV per year, with the OLS of each on the year.

    ``scores`` is units by years (numeric columns, gaps between years count). ``balanced`` keeps the units scored in all years and lists the others in ``dropped``;
    without it every year takes the units it has, and a change of spread may be a change of units. Two years give a slope without a test. ``RequestError`` for scores that
    are not above 0, years that are no numbers, fewer than two years or three units. Source: Barro and Sala-i-Martin (1992); both divisors as in Wieland's REAT.

    >>> found = sigma_convergence(pd.DataFrame({2021: [1.0, 2, 4], 2022: [2.0, 3, 5], 2023: [3.0, 4, 6]}, index=["01", "02", "03"]))
    >>> found.years["sd_ln_sample"].round(3).tolist(), found.trend["slope"].round(3).to_dict()["sd_ln_sample"]
    ([0.693, 0.459, 0.348], -0.172)
    """
    table = numbers_of(scores, above_zero=True)
    years = _years_of(table.columns, "columns")
    kept = table.dropna() if balanced else table
    if (short := kept.columns[kept.count() < 3]).size:
        raise RequestError(f"fewer than three units scored: {', '.join(map(str, short))}", hint="balanced=False takes the units that each year has" if balanced else "")
    found = _sigmas(kept)
    dropped = tuple(sorted(str(unit) for unit in table.index.difference(kept.index)))
    return SigmaConvergence(found.sort_index(), _trends(years, found.drop(columns="n")), dropped)


def trends(measures: pd.DataFrame) -> pd.DataFrame:
    """The straight line of each measure on the year, by ordinary least squares: whether a spread (or anything else that has a value a year) falls.

    ``measures`` is years by measures, as ``spread`` returns them (numeric years, gaps between them count); a year without a value is left out. By measure: ``intercept``,
    ``slope`` per year, its ``se``, ``t``, ``f`` (= t squared), ``df`` = years - 2, two-sided ``p``, ``r2``. Two years give a slope without a test, fewer nothing but NaN.
    Years are few and not independent: p is no more than a description. ``RequestError`` for rows that are not two years or more, and what is no finite number.

    >>> from par_analysis.metrics.inequality import spread
    >>> years = spread(pd.DataFrame({2021: [1.0, 2, 6], 2022: [2.0, 3, 6], 2023: [3.0, 4, 6]}))
    >>> trends(years[["range", "gini"]])["slope"].round(3).to_dict()
    {'range': -1.0, 'gini': -0.108}
    """
    table = numbers_of(measures)
    return _trends(_years_of(table.index, "rows"), table)


def _trends(years: FloatArray, measures: pd.DataFrame) -> pd.DataFrame:
    columns = {name: column.to_numpy(dtype=np.float64) for name, column in measures.items()}
    known = {name: ~np.isnan(values) for name, values in columns.items()}
    lines = [_line(years[known[name]], values[known[name]]) if known[name].sum() > 1 else {} for name, values in columns.items()]
    return pd.DataFrame(lines, columns=list(TREND), index=measures.columns.rename("measure"), dtype="float64")


def _years_of(labels: pd.Index, what: str) -> FloatArray:
    years = pd.to_numeric(pd.Series(labels), errors="coerce").to_numpy(dtype=np.float64)
    if len(years) < 2 or np.isnan(years).any() or len(set(years)) < len(years):
        raise RequestError(f"the {what} are not two years or more: {', '.join(map(str, labels))}", hint="the year a number, each once")
    return np.asarray(years, dtype=np.float64)


def _sigmas(table: pd.DataFrame) -> pd.DataFrame:
    logs = pd.DataFrame(np.log(table))
    found = {f"sd_ln_{name}": logs.std(ddof=ddof) for name, ddof in (("population", 0), ("sample", 1))}
    found |= {f"cv_{name}": table.std(ddof=ddof) / table.mean() for name, ddof in (("population", 0), ("sample", 1))}
    return pd.DataFrame({"n": table.count(), **found}).rename_axis(str(table.columns.name or "year"))


def variance_ratio(first: pd.Series[float], last: pd.Series[float], *, log: bool = True) -> pd.Series[float]:
    """Var(first) / Var(last) of the ln scores (``log=False``: of the scores), above 1 where units drew nearer; with the tests of two years.

    ``p`` is that of the two-sided F test, which takes the two years for independent samples; ``paired_p`` that of Pitman and Morgan, which allows for the same units
    being in both (the correlation of sum and difference, ``paired_t`` above 0 where units drew nearer), NaN where one year follows the other on a straight line.
    Units scored in one year only are left out; ``n`` counts the others. ``RequestError`` for fewer than three units, a year without variance, and with ``log``
    scores that are not above 0.
    Source: F as in REAT's ``sigmaconv``; Pitman (1939), Morgan (1939).

    >>> found = variance_ratio(pd.Series([1.0, 2, 3, 5]), pd.Series([2.0, 3, 3, 4]), log=False)
    >>> found[["ratio", "n"]].round(3).to_dict()
    {'ratio': 4.375, 'n': 4.0}
    """
    from scipy.special import fdtr, fdtrc, stdtr

    pairs, _ = _matched(first, last, above_zero=log)
    x, y = np.log(pairs.T) if log else pairs.T
    if min(np.ptp(x), np.ptp(y)) <= _EXACT:
        raise RequestError("all scores of a year are equal", hint="a variance of 0 has no ratio")
    n, ratio = len(x), float(x.var() / y.var())
    p = 2 * min(float(fdtr(n - 1, n - 1, ratio)), float(fdtrc(n - 1, n - 1, ratio)), 0.5)
    spare = 1 - float(np.corrcoef(x, y)[0, 1]) ** 2
    t = (ratio - 1) * np.sqrt((n - 2) / (4 * ratio * spare)) if spare > _EXACT else np.nan
    found = {"ratio": ratio, "df": n - 1, "p": p, "paired_t": t, "paired_df": n - 2, "paired_p": 2 * float(stdtr(n - 2, -abs(t))), "n": n}
    return pd.Series(found, dtype="float64", name="variance_ratio")


@dataclass(frozen=True)
class BetaConvergence:
    """The regressions of mean annual gain on the first score, the number of units and years they rest on, and the units left out.

    ``table`` is by form: ``log`` (ln scores), ``points`` (scores as they are), and with a reliability ratio ``log_corrected`` and ``points_corrected``. Columns: ``alpha``,
    ``alpha_se``, ``beta``, ``se``, ``t``, ``p`` (two-sided, n - 2), ``r2`` (none of the corrected forms), ``lambda`` (speed a year), ``half_life`` (years),
    ``note`` (codes of ``NOTES``).
    """

    table: pd.DataFrame
    n: int
    periods: float
    unmatched: tuple[str, ...]


def beta_convergence(first: pd.Series[float], last: pd.Series[float], periods: float, *, reliability: float | None = None) -> BetaConvergence:
    """OLS of the mean annual ln growth on ln of the first score, and of the mean annual change in points on the first score.

    beta < 0: those behind gain more. lambda = -ln(1 + beta * periods) / periods is the speed with which a gap closes, half-life = ln 2 / lambda; NaN, with a note, where
    there is none. ``periods`` is the number of years from ``first`` to ``last``. Both series are by unit; those scored in one year only are listed in ``unmatched``.
    An error in the first score enters the gain with the opposite sign: its share 1 - ``reliability`` of the variance of the first scores shows as beta * periods =
    reliability - 1 where nothing converges. The corrected forms undo this, taking errors of the two years for independent and the ratio for known:
    1 + beta * periods is divided by it. ``RequestError`` for scores that are not above 0, fewer than three units, equal first scores, ``periods`` not above 0,
    a reliability outside (0, 1]. Source: Barro and Sala-i-Martin (1992); Friedman (1992) and Temple (1998) on the bias; Fuller (1987) on the correction.

    >>> found = beta_convergence(pd.Series([40.0, 42, 46, 50]), pd.Series([43.0, 44, 47, 50]), 2)
    >>> found.table.loc["points", ["beta", "half_life"]].astype(float).round(3).to_dict()
    {'beta': -0.144, 'half_life': 4.079}
    """
    faults = [f"periods {periods} is not above 0"] * (not 0 < periods < np.inf)
    faults += [f"reliability {reliability} is not in (0, 1]"] * (reliability is not None and not 0 < reliability <= 1)
    if faults:
        raise RequestError("; ".join(faults), hint="periods: years between the two; reliability: share of the first scores' variance that is not error")
    pairs, unmatched = _matched(first, last, above_zero=True)
    rows = {}
    for form, (x, y) in (("log", np.log(pairs.T)), ("points", pairs.T)):
        if np.ptp(x) <= _EXACT * np.abs(x).max():
            raise RequestError("all first scores are equal", hint="without a gap there is nothing to close")
        line = _line(x, (y - x) / periods)
        rows[form] = _speed(line, periods, note="measurement_error_bias" if reliability is None else "")
        if reliability is not None:
            rows[f"{form}_corrected"] = _speed(_corrected(line, float(x.mean()), periods, reliability), periods, note="error_corrected")
    order = [form for form in ("log", "points", "log_corrected", "points_corrected") if form in rows]
    return BetaConvergence(pd.DataFrame.from_dict(rows, orient="index").loc[order].rename_axis("form"), len(pairs), periods, unmatched)


def _matched(first: pd.Series[float], last: pd.Series[float], *, above_zero: bool) -> tuple[FloatArray, tuple[str, ...]]:
    """Units by the two scores, of those that have both, in the units' order; and the others that have one."""
    known = {name: numbers_of(scores.rename(name), above_zero=above_zero)[name] for name, scores in (("first", first), ("last", last))}
    both = pd.concat(known, axis=1).dropna(how="all").sort_index()
    pairs = both.dropna()
    if len(pairs) < 3:
        raise RequestError(f"{len(pairs)} units are scored in both years", hint="a regression wants three at least; the two series are matched by unit")
    return pairs.to_numpy(dtype=np.float64), tuple(str(unit) for unit in both.index[both.isna().any(axis=1)])


def _line(x: FloatArray, y: FloatArray) -> dict[str, float]:
    """The least-squares line of y on x with standard errors; no test for two points or a y that does not vary, p = 0 for points exactly on a slope."""
    from scipy.special import stdtr

    n, dx, dy = len(x), x - x.mean(), y - y.mean()
    sxx, syy, df = float((dx**2).sum()), float((dy**2).sum()), len(x) - 2
    nothing = n * (_EXACT * float(np.abs(y).max())) ** 2
    slope = float((dx * dy).sum()) / sxx if syy > nothing else 0.0
    left = float(((dy - slope * dx) ** 2).sum())
    error = np.sqrt((left if left > nothing else 0.0) / df / sxx) if df > 0 else np.nan
    t = slope / error if error > 0 else np.nan if df <= 0 or slope == 0 else np.inf * np.sign(slope)
    found = {"intercept": float(y.mean()) - slope * float(x.mean()), "intercept_se": error * np.sqrt(sxx / n + x.mean() ** 2), "slope": slope, "se": error}
    return {**found, "t": t, "f": t**2, "df": df, "p": 2 * float(stdtr(df, -abs(t))) if df > 0 else np.nan, "r2": 1 - left / syy if syy > nothing else np.nan}


def _corrected(line: Mapping[str, float], mean: float, periods: float, reliability: float) -> dict[str, float]:
    """The line that would be found without errors in x, which enter y * periods with the opposite sign."""
    slope, error = ((1 + line["slope"] * periods) / reliability - 1) / periods, line["se"] / reliability
    own = line["intercept_se"] ** 2 - (mean * line["se"]) ** 2
    base = _line_at(slope, error, int(line["df"]))
    return {**base, "intercept": line["intercept"] + (line["slope"] - slope) * mean, "intercept_se": float(np.sqrt(max(own, 0.0) + (mean * error) ** 2))}


def _line_at(slope: float, error: float, df: int) -> dict[str, float]:
    from scipy.special import stdtr

    t = slope / error if error > 0 else np.nan
    return {"slope": slope, "se": error, "t": t, "df": df, "p": 2 * float(stdtr(df, -abs(t))), "r2": np.nan}


def _speed(line: Mapping[str, float], periods: float, *, note: str) -> dict[str, float | str]:
    """A row of the table: the line under its names of the field, with lambda, half-life and notes."""
    kept = 1 + line["slope"] * periods
    speed = -float(np.log1p(line["slope"] * periods)) / periods if kept > 0 else np.nan
    notes = [note, "order_reversed" if kept <= 0 else "no_convergence" if line["slope"] >= 0 else ""]
    named = {"alpha": line["intercept"], "alpha_se": line["intercept_se"], "beta": line["slope"], **{name: line[name] for name in ("se", "t", "p", "r2")}}
    return {**named, "lambda": speed, "half_life": float(np.log(2)) / speed if speed > 0 else np.nan, "note": "; ".join(part for part in notes if part)}
