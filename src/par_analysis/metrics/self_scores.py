"""What a unit says of itself against what is verified, and what those surveyed say against what is appraised."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from par_analysis.errors import RequestError
from par_analysis.metrics.between_indices import correlation_interval, resample_counts
from par_analysis.metrics.decompositions import require_numbers
from par_analysis.metrics.ranks import FloatArray, rank


@dataclass(frozen=True)
class SelfScoring:
    """``gap``: units × nodes, self-score less verified score. ``by_unit`` and ``by_node``: sums and rates, see ``self_scoring_gap``."""

    gap: pd.DataFrame
    by_unit: pd.DataFrame
    by_node: pd.DataFrame


@dataclass(frozen=True)
class SurveyAgainstAppraisal:
    """``units``: by unit, see ``survey_against_appraisal``; ``correlations``: by kind (pearson, spearman), ``estimate``, ``low``, ``high``, ``n``."""

    units: pd.DataFrame
    correlations: pd.DataFrame


def self_scoring_gap(self_points: pd.DataFrame, verified: pd.DataFrame, *, tolerance: float = 1e-9) -> SelfScoring:
    """How far the scores that units gave themselves lie above the verified ones, by unit and node.

    Both are units × nodes of the same nodes; units of either are listed, sorted. A missing self-score, or a missing verified one, stays missing. ``by_unit`` and ``by_node``:
    ``compared`` (how many pairs), ``self``, ``verified`` and ``gap`` (sums; missing where a part is), ``gap_of_compared``, ``over_claim_rate`` (share of the pairs where more was
    claimed than verified, by more than ``tolerance``), ``under_claim_rate``; NaN where nothing is compared.

    ``RequestError`` for nodes of one table only, units or nodes listed twice, and values that are not finite. Own method (G1).

    >>> own, seen = pd.DataFrame({"a": [5.0], "b": [3.0]}, ["30"]), pd.DataFrame({"a": [4.5], "b": [3.0]}, ["30"])
    >>> self_scoring_gap(own, seen).by_unit.loc["30", ["gap", "over_claim_rate"]].tolist()
    [0.5, 0.5]
    """
    _require_same_nodes(self_points, verified)
    units = sorted(set(self_points.index) | set(verified.index))
    claimed, seen = (table.reindex(index=units, columns=list(verified.columns)).astype("float64") for table in (self_points, verified))
    return SelfScoring(claimed - seen, _claims(claimed, seen, 1, tolerance), _claims(claimed, seen, 0, tolerance))


def survey_against_appraisal(
    survey: pd.Series[float],
    appraisal: pd.Series[float],
    survey_max: float,
    appraisal_max: float,
    *,
    rng: np.random.Generator,
    draws: int = 2000,
    coverage: float = 0.95,
    outlier_at: float = 3.5,
) -> SurveyAgainstAppraisal:
    """Whether those surveyed see what the appraisal sees, over the units that have both parts.

    Points are turned into attainment, percent of ``survey_max`` and ``appraisal_max``. ``units``, largest absolute ``robust_z`` first: ``survey``, ``appraisal`` (attainment),
    ``rank_survey``, ``rank_appraisal`` (ties: average), ``rank_gap`` = rank_appraisal - rank_survey (positive: better in the survey), ``residual`` of the survey's attainment
    from the Theil-Sen line on the appraisal's (Theil 1950, Sen 1968: an outlier does not bend it), ``robust_z`` = (residual - median) / (1.4826 MAD), the standard
    deviation where MAD is 0, and ``is_outlier``: at least ``outlier_at`` (3.5: Iglewicz and Hoaglin 1993). ``correlations``: Pearson and Spearman with percentile bootstrap
    intervals from the same resamples, see ``between_indices.correlation_interval``. Own method (G2).

    ``RequestError`` for fewer than four common units, an appraisal without variance, maxima that are not positive, units listed twice, values that are not finite.

    >>> survey, appraisal = pd.Series([8.0, 7.1, 9, 6, 5.1, 9], list("abcdef")), pd.Series([60.0, 55, 65, 50, 45, 40], list("abcdef"))
    >>> found = survey_against_appraisal(survey, appraisal, 10, 68, rng=np.random.default_rng(1), draws=200)
    >>> found.units.index[found.units["is_outlier"]].tolist(), float(found.units["rank_gap"].iloc[0])
    (['f'], 4.5)
    """
    both = _both(survey, appraisal, survey_max, appraisal_max)
    samples = resample_counts(len(both), rng, draws=draws)
    x, y = both["appraisal"].to_numpy(), both["survey"].to_numpy()
    found = {kind: (*correlation_interval(x, y, samples, kind=kind, coverage=coverage), len(both)) for kind in ("pearson", "spearman")}
    ranks = {f"rank_{name}": rank(both[name], ties="average") for name in ("survey", "appraisal")}
    residual = _residuals(x, y)
    robust_z = _robust_z(residual)
    units = both.assign(**ranks, rank_gap=ranks["rank_appraisal"] - ranks["rank_survey"], residual=residual, robust_z=robust_z, is_outlier=np.abs(robust_z) >= outlier_at)
    correlations = pd.DataFrame.from_dict(found, orient="index", columns=["estimate", "low", "high", "n"])
    return SurveyAgainstAppraisal(units.sort_values("robust_z", key=lambda z: -z.abs(), kind="stable"), correlations)


def _require_same_nodes(self_points: pd.DataFrame, verified: pd.DataFrame) -> None:
    odd = sorted(map(str, set(self_points.columns) ^ set(verified.columns)))
    if odd:
        raise RequestError(f"nodes of one table only: {', '.join(odd)}", hint="self-scores and verified scores follow the same framework")
    named = {"self-scores": self_points, "verified scores": verified}
    require_numbers(named)
    for name, table in named.items():
        if table.index.has_duplicates or table.columns.has_duplicates or np.isinf(table.to_numpy(dtype=np.float64, na_value=np.nan)).any():
            raise RequestError(f"the {name} list a unit or a node twice, or are not finite", hint="units × nodes; a missing score is NaN")


def _claims(claimed: pd.DataFrame, seen: pd.DataFrame, axis: Literal[0, 1], tolerance: float) -> pd.DataFrame:
    """Sums and rates along an axis: 1 by unit, 0 by node."""
    gap = claimed - seen
    compared = gap.notna().sum(axis=axis)
    sums = {"self": claimed.sum(axis=axis, skipna=False), "verified": seen.sum(axis=axis, skipna=False)}
    rates = {"over_claim_rate": gap > tolerance, "under_claim_rate": gap < -tolerance}
    table = pd.DataFrame({"compared": compared, **sums, "gap": gap.sum(axis=axis, skipna=False), "gap_of_compared": gap.sum(axis=axis, min_count=1)})
    return table.assign(**{name: found.sum(axis=axis) / compared.where(compared > 0) for name, found in rates.items()})


def _both(survey: pd.Series[float], appraisal: pd.Series[float], survey_max: float, appraisal_max: float) -> pd.DataFrame:
    """Attainment of the units that have both parts, by unit."""
    require_numbers({"survey": survey, "appraisal": appraisal})
    parts = {"survey": (survey, survey_max), "appraisal": (appraisal, appraisal_max)}
    wrong = [name for name, (points, top) in parts.items() if not (np.isfinite(top) and top > 0) or points.index.has_duplicates]
    wrong = wrong or [name for name, (points, _) in parts.items() if np.isinf(points.to_numpy(dtype=np.float64, na_value=np.nan)).any()]
    if wrong:
        raise RequestError(f"unusable: {', '.join(wrong)}", hint="a positive maximum, each unit once, finite points; a missing score is NaN")
    both = pd.DataFrame({name: 100 * points.astype("float64") / top for name, (points, top) in parts.items()}).dropna().sort_index()
    if len(both) < 4 or np.ptp(both["appraisal"].to_numpy()) <= 1e-9:
        raise RequestError(f"{len(both)} units have both parts, or all have the same appraisal", hint="at least four units that differ")
    return both


def _residuals(x: FloatArray, y: FloatArray) -> FloatArray:
    from scipy.stats import theilslopes

    line = theilslopes(y, x)
    return np.asarray(y - line[1] - line[0] * x, dtype=np.float64)


def _robust_z(residual: FloatArray) -> FloatArray:
    """Distances from the median in robust standard deviations; 0 where nothing varies."""
    centred = residual - np.median(residual)
    spread = 1.4826 * float(np.median(np.abs(centred)))
    spread = spread if spread > 1e-9 else float(residual.std(ddof=1))
    return centred / spread if spread > 1e-9 else np.zeros_like(centred)
