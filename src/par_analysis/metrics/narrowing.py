"""Whether the units drew nearer to one another over the years of one method: their spread, sigma and beta convergence, inequality between and within regions, as figures."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pandas as pd

from par_analysis.metrics.convergence import beta_convergence, sigma_convergence, variance_ratio
from par_analysis.metrics.figures import Row, by_unit, computed, empty, figures
from par_analysis.metrics.inequality import spread, theil
from par_analysis.metrics.lookup import Figure, lookup
from par_analysis.model import COUNTRY, TOTAL

_TOLERANCE = 1e-9
_FEWEST = 3
"""Units that a regression on the first score needs."""


def narrowing(panel: pd.DataFrame, *, years: Sequence[int], units: Sequence[str], members: Mapping[str, Sequence[str]]) -> pd.DataFrame:
    """The spread of the scores in each of ``years``, which are of one method, and whether it shrank: rows of the country.

    By year, of all scored units: ``n_scored``, ``score_sd`` (n - 1), ``score_range``, and ``between_share``, the percent of Theil's index that lies between the regions of
    ``members`` (region → units; the country's own row is passed over). By year, of the units scored in all years: ``n_common`` and ``common_spread``, the standard
    deviation of the logarithms in percent (sigma). In the last year, of two or more: ``variance_ratio`` of these logarithms, first over last, with ``variance_p`` (Pitman
    and Morgan); of three or more: ``sigma_slope``, percent a year, with ``sigma_p``; ``beta``, points a year per point of the first score, with ``beta_p``,
    ``half_life`` in years where it is negative, and ``beta_reliability``, 1 + beta · years: at that reliability of the first scores errors alone would give the same.

    Ratios are of scores above 0; where there are others, and of what is not defined, there are no rows. Formulas: ``inequality``, ``convergence``.

    >>> def fact(unit, year, value):
    ...     return {"index": "i", "unit": unit, "year": year, "node": "total", "measure": "score", "value": value, "basis": "published"}
    >>> panel = figures([fact(f"0{i}", year, value) for year, of in ((2022, [4, 6, 8]), (2023, [5, 6, 7])) for i, value in enumerate(of)])
    >>> found = narrowing(panel, years=[2022, 2023], units=["00", "01", "02"], members={"R1": ["00", "01", "02"]})
    >>> found.loc[found["measure"].isin(["score_sd", "beta"]), ["year", "measure", "value"]].round(9).values.tolist()
    [[2022, 'score_sd', 2.0], [2023, 'score_sd', 1.0], [2023, 'beta', -0.5]]
    """
    known = lookup(panel)
    rows = {year: known.rows(unit=frozenset(units), year=year, node=TOTAL, measure="score", exact=True) for year in sorted(set(years))}
    if not any(rows.values()):
        return empty()
    table = pd.DataFrame({year: pd.Series(by_unit(of), dtype="float64") for year, of in rows.items() if of}).sort_index()
    count = len(set(units))
    found = [row for year, of in rows.items() if of for row in _of_year(table[year].dropna(), of, count, members)]
    return figures([*found, *_of_all(table.dropna(), [row for of in rows.values() for row in of], count)])


def _of_year(scores: pd.Series[float], rows: Sequence[Figure], count: int, members: Mapping[str, Sequence[str]]) -> Iterator[Row]:
    facts: Row = computed(rows, unit=COUNTRY, year=rows[0]["year"], node=TOTAL)
    made = spread(scores, relative=False).iloc[0]
    yield {**facts, "measure": "n_scored", "value": len(scores), "unit_of_measure": "count", "out_of": count}
    scale = rows[0]["unit_of_measure"]
    found = {"score_sd": (made["sd"], scale), "score_range": (made["range"], scale), "between_share": (_between(scores, members), "percent")}
    yield from ({**facts, "measure": name, "value": value, "unit_of_measure": unit} for name, (value, unit) in found.items() if not math.isnan(value))


def _between(scores: pd.Series[float], members: Mapping[str, Sequence[str]]) -> float:
    """The percent of the inequality that lies between regions; NaN where that is not defined."""
    regions = {unit: region for region in sorted(members) if region != COUNTRY for unit in members[region]}
    is_defined = bool((scores > 0).all()) and set(scores.index) <= regions.keys()
    return 100 * theil(scores, {unit: regions[unit] for unit in scores.index}).between_share if is_defined else math.nan


def _of_all(common: pd.DataFrame, rows: Sequence[Figure], count: int) -> Iterator[Row]:
    """The rows of the units that are scored in all years, of which there are two at least."""
    years = [int(year) for year in common.columns]
    if len(years) < 2:
        return
    used = [row for row in rows if row["unit"] in common.index] or rows
    facts: Row = computed(used, unit=COUNTRY, node=TOTAL, note=f"among the units scored in all years from {years[0]} to {years[-1]}")
    last: Row = {**facts, "year": years[-1]}
    yield {**last, "measure": "n_common", "value": len(common), "unit_of_measure": "count", "out_of": count}
    if len(common) < _FEWEST or not (common > 0).all(axis=None) or np.ptp(common.to_numpy(), axis=0).min() <= _TOLERANCE:
        return
    sigma = sigma_convergence(common)
    spreads = sigma.years["sd_ln_sample"].to_dict()
    yield from ({**facts, "year": year, "measure": "common_spread", "value": 100 * spreads[year], "unit_of_measure": "percent"} for year in years)
    for name, (value, scale) in {**_sigma(common, sigma.trend), **_beta(common, years[-1] - years[0])}.items():
        if not math.isnan(value):
            yield {**last, "measure": name, "value": value, "unit_of_measure": scale}


def _sigma(common: pd.DataFrame, trend: pd.DataFrame) -> dict[str, tuple[float, str]]:
    ratio = variance_ratio(common.iloc[:, 0], common.iloc[:, -1])
    found = {"variance_ratio": (float(ratio["ratio"]), "ratio"), "variance_p": (float(ratio["paired_p"]), "ratio")}
    of_years = trend.to_dict("index")["sd_ln_sample"]
    return found if common.shape[1] < 3 else {**found, "sigma_slope": (100 * float(of_years["slope"]), "percent"), "sigma_p": (float(of_years["p"]), "ratio")}


def _beta(common: pd.DataFrame, periods: int) -> dict[str, tuple[float, str]]:
    line = beta_convergence(common.iloc[:, 0], common.iloc[:, -1], periods).table.to_dict("index")["points"]
    beta = float(line["beta"])
    found = {"beta": (beta, "ratio"), "beta_p": (float(line["p"]), "ratio"), "half_life": (float(line["half_life"]), "years")}
    return {**found, "beta_reliability": (1 + beta * periods, "ratio")}
