"""Confidence sets for ranks from standard errors: which ranks of a unit the errors of the scores do not exclude.

Method of Mogstad, Romano, Shaikh and Wilhelm, "Inference for Ranks with Applications to Mobility across Neighbourhoods and Academic Achievement across Countries",
Review of Economic Studies (2024): for every ordered pair it is tested whether the one unit is better than the other, with a common critical value, which is a quantile
of the largest standardised difference when the estimates are normal; stepwise after Romano and Wolf (2005).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final, TypeAlias, TypedDict, Unpack

import numpy as np
import numpy.typing as npt
import pandas as pd

from par_analysis.errors import RequestError, UnknownName
from par_analysis.metrics.draws import require_count
from par_analysis.metrics.numbers import floats_of
from par_analysis.metrics.ranks import rank

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

KINDS: Final = ("simultaneous", "marginal")
"""Whether the sets hold for all units together, or each for its own unit alone."""

SIDES: Final = ("both", "low", "high")
"""Whether a set is bounded on both sides, or only the best rank (low) or the worst (high) is asked for."""

ADJUSTMENTS: Final = ("max", "bonferroni")
"""How many comparisons are allowed for: by the largest of the errors drawn, or by sharing out the error evenly."""

TOLERANCE: Final = 1e-9
"""Scores no further apart are equal."""

_CELLS: Final = 1_600_000
"""Differences that are looked at together: 13 MB."""


class Options(TypedDict, total=False):
    """The options that ``tau_best`` and ``tau_worst`` hand on to ``rank_sets``."""

    covariance: pd.DataFrame | None
    coverage: float
    adjustment: str
    step_down: bool
    higher_is_better: bool
    rng: np.random.Generator | None
    draws: int
    normals: pd.DataFrame | None


@dataclass(frozen=True)
class _Estimates:
    """Oriented scores (more is better) by sorted unit, the standard deviation of every difference, and what turns standard normals (units by draws) into errors."""

    scores: pd.Series[float]
    spread: FloatArray
    noise: Callable[[FloatArray], FloatArray]


Hypotheses: TypeAlias = "tuple[Sequence[int], BoolArray, BoolArray]"
"""Units i by place, and for each of them the others that may be better, and worse: those in play."""

Critical: TypeAlias = "Callable[[Hypotheses], float]"
"""The value that a standardised difference has to surpass."""


@dataclass(frozen=True)
class _Asked:
    """Whose ranks are asked for (a flag for each unit), bounded on which side, and whether in steps."""

    units: BoolArray
    side: str
    step_down: bool


def standard_normals(units: Collection[str], *, rng: np.random.Generator, draws: int = 10_000) -> pd.DataFrame:
    """Standard normal draws, draws by units: columns in sorted order, so that the order of ``units`` changes nothing. ``RequestError`` on duplicated units or no draws.

    >>> standard_normals(["02", "01"], rng=np.random.default_rng(1), draws=3).shape
    (3, 2)
    """
    require_distinct(pd.Index(units))
    return pd.DataFrame(rng.standard_normal((require_count(draws, "draws"), len(units))), columns=pd.Index(sorted(units, key=str)))


def rank_sets(
    scores: pd.Series[float],
    standard_errors: pd.Series[float] | None = None,
    *,
    covariance: pd.DataFrame | None = None,
    coverage: float = 0.95,
    kind: str = "simultaneous",
    side: str = "both",
    units: Sequence[str] | None = None,
    adjustment: str = "max",
    step_down: bool = True,
    higher_is_better: bool = True,
    rng: np.random.Generator | None = None,
    draws: int = 10_000,
    normals: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """``rank`` (1 is best), ``low`` (best rank not excluded) and ``high`` (worst rank not excluded), by unit in the order of ``scores``, or of ``units`` alone.

    ``low`` is 1 + the number of units that are significantly better, ``high`` the number of scored units less those significantly worse. "simultaneous": with
    probability ``coverage`` the true ranks of all units lie in their sets; "marginal": that of any one unit chosen beforehand lies in its set. ``step_down`` drops
    rejected hypotheses and lowers the critical value until nothing more is rejected: sets never get wider. A hypothesis is one-sided, "j is no better than i"; once
    it is rejected, the opposite one stays, so that no direction is claimed without control of its error.

    ``side`` "low" asks how good a rank can be and nothing else (``high`` is the last place), "high" how bad (``low`` is 1): fewer hypotheses, for marginal sets a tighter
    bound. With ``units``, simultaneous sets hold for these together, among all the others. ``adjustment`` "max" takes the critical value from draws; "bonferroni" shares
    the error out evenly over the hypotheses in play, which with ``step_down`` is Holm's procedure: cautious, exact and without draws.

    Estimates are independent with ``standard_errors``, or have a ``covariance`` (units by units) instead. An error of 0 is a certain score: two certain scores are
    compared exactly, with a tolerance of 1e-9, and certain equals share all places of their block. A missing score has no rank and is not among the others.
    Draws come from ``rng``, or are passed in as ``normals`` (``standard_normals``; columns by unit, more units do no harm).

    ``RequestError`` on duplicated units, scores that are no finite numbers, errors that are missing or negative, a covariance that is none, a coverage outside (0, 1), and
    unless exactly one of errors and covariance, and one of ``rng`` and ``normals`` (none for "bonferroni"), is given; ``UnknownName`` on another kind, side, adjustment or unit.

    >>> scores = pd.Series({"01": 90.0, "02": 88, "03": 70})
    >>> errors = pd.Series({"01": 2.0, "02": 2, "03": 1})
    >>> rank_sets(scores, errors, rng=np.random.default_rng(1)).values.tolist()
    [[1.0, 1.0, 2.0], [2.0, 1.0, 2.0], [3.0, 3.0, 3.0]]
    """
    for what, named, known_names in (("kind of rank set", kind, KINDS), ("side of a rank set", side, SIDES), ("adjustment", adjustment, ADJUSTMENTS)):
        if named not in known_names:
            raise UnknownName(what, named, known_names)
    if not 0.0 < coverage < 1.0:
        raise RequestError(f"coverage {coverage} is not between 0 and 1", hint="0.95 for 95 %")
    known = _estimates(scores, standard_errors, covariance, higher_is_better=higher_is_better)
    chosen = scores.index if units is None else _chosen(units, scores.index)
    if adjustment == "bonferroni":
        _require_no_draws(rng, normals)
        critical: Critical = partial(_even_share, coverage=coverage)
    else:
        critical = partial(_critical, _noise(known, scores.index, (rng, draws), normals), _inverse(known.spread), coverage=coverage)
    better, worse = (_simultaneous if kind == "simultaneous" else _marginal)(_statistics(known), critical, _Asked(known.scores.index.isin(chosen), side, step_down))
    ends = {"low": 1.0 + better * (side != "high"), "high": len(better) - worse * (side != "low")}
    return pd.DataFrame({"rank": rank(known.scores)} | ends, dtype="float64").reindex(chosen)


def tau_best(scores: pd.Series[float], standard_errors: pd.Series[float] | None = None, *, tau: int, **options: Unpack[Options]) -> pd.DataFrame:
    """The units that cannot be excluded to be among the ``tau`` best, best first, with their simultaneous rank sets (``rank``, ``low``, ``high``).

    With probability ``coverage`` all of the truly ``tau`` best are in the table: their simultaneous ``low`` is ``tau`` or less. Options and errors as ``rank_sets``, and
    ``RequestError`` where ``tau`` is no whole number from 1 to that of scored units. Source as ``rank_sets``.

    >>> scores, errors = pd.Series({"01": 90.0, "02": 88, "03": 70}), pd.Series({"01": 2.0, "02": 2, "03": 1})
    >>> tau_best(scores, errors, tau=1, rng=np.random.default_rng(1)).index.tolist()
    ['01', '02']
    """
    sets = _ranked(scores, standard_errors, tau, options)
    return sets[sets["low"] <= tau]


def tau_worst(scores: pd.Series[float], standard_errors: pd.Series[float] | None = None, *, tau: int, **options: Unpack[Options]) -> pd.DataFrame:
    """The units that cannot be excluded to be among the ``tau`` last, best first; otherwise as ``tau_best``.

    >>> scores, errors = pd.Series({"01": 90.0, "02": 88, "03": 70}), pd.Series({"01": 2.0, "02": 2, "03": 1})
    >>> tau_worst(scores, errors, tau=2, rng=np.random.default_rng(1)).index.tolist()
    ['01', '02', '03']
    """
    sets = _ranked(scores, standard_errors, tau, options)
    return sets[sets["high"] > len(sets) - tau]


def require_distinct(units: pd.Index) -> None:
    """``RequestError`` that names the units that occur twice."""
    twice = sorted({str(unit) for unit in units[units.duplicated()]})
    if twice:
        raise RequestError(f"duplicated units: {', '.join(twice)}", hint="one row a unit")


def _ranked(scores: pd.Series[float], standard_errors: pd.Series[float] | None, tau: int, options: Options) -> pd.DataFrame:
    """The simultaneous sets of the scored units, best first."""
    sets = rank_sets(scores, standard_errors, **options).dropna()
    if not 1 <= tau <= len(sets) or tau != int(tau):
        raise RequestError(f"tau {tau} is not between 1 and {len(sets)}", hint="tau is a number of units")
    return sets.sort_values("rank", kind="stable")


def _estimates(scores: pd.Series[float], standard_errors: pd.Series[float] | None, covariance: pd.DataFrame | None, *, higher_is_better: bool) -> _Estimates:
    require_distinct(scores.index)
    known = pd.Series(floats_of(scores, "scores"), index=scores.index).dropna()
    known = known.reindex(pd.Index(sorted(known.index, key=str), dtype=known.index.dtype))
    _require_none("scores that are not finite", known.index[np.isinf(known)])
    if (standard_errors is None) == (covariance is None):
        raise RequestError("errors are standard errors or a covariance, one of the two", hint="0 is the standard error of a certain score")
    oriented = known if higher_is_better else -known
    if standard_errors is not None:
        errors = _standard_errors(standard_errors, known.index)
        return _Estimates(oriented, np.hypot(errors[:, None], errors[None, :]), lambda normals: errors[:, None] * normals)
    assert covariance is not None
    matrix, root = _covariance(covariance, known.index)
    return _Estimates(oriented, _spread(matrix), lambda normals: root @ normals)


def _standard_errors(standard_errors: pd.Series[float], units: pd.Index) -> FloatArray:
    require_distinct(standard_errors.index)
    found = pd.Series(floats_of(standard_errors, "standard errors"), index=standard_errors.index).reindex(units)
    _require_none("scored, but without a finite standard error of 0 or more", units[~(np.isfinite(found) & (found >= 0))])
    return np.asarray(found, dtype=np.float64)


def _covariance(covariance: pd.DataFrame, units: pd.Index) -> tuple[FloatArray, FloatArray]:
    """The covariance in the order of ``units``, and its symmetric root."""
    require_distinct(covariance.index)
    require_distinct(covariance.columns)
    matrix = floats_of(covariance.reindex(index=units, columns=units), "covariances")
    _require_none("scored, but without a finite covariance with every other unit", units[np.flatnonzero(~np.isfinite(matrix).all(axis=1))])
    scale = float(np.abs(matrix).max(initial=0.0))
    values, vectors = np.linalg.eigh(matrix)
    if not np.allclose(matrix, matrix.T, atol=1e-9 * scale) or values.min(initial=0.0) < -1e-9 * scale:
        raise RequestError("the covariance is not symmetric with eigenvalues of 0 or more", hint="rows and columns are the same units, the diagonal holds squared standard errors")
    return matrix, (vectors * np.sqrt(np.maximum(values, 0.0))) @ vectors.T


def _spread(matrix: FloatArray) -> FloatArray:
    """Standard deviations of differences; what is nothing but rounding is 0."""
    own = np.diag(matrix)
    squares = own[:, None] + own[None, :] - 2 * matrix
    return np.sqrt(np.where(squares > 1e-12 * (own[:, None] + own[None, :]), squares, 0.0))


def _chosen(units: Sequence[str], known: pd.Index) -> pd.Index:
    """The units whose ranks are asked for."""
    chosen = pd.Index(list(units), name=known.name)
    require_distinct(chosen)
    unknown = chosen.difference(known, sort=False)
    if len(unknown):
        raise UnknownName("unit", str(unknown[0]), list(map(str, known)))
    return chosen


def _require_no_draws(rng: np.random.Generator | None, normals: pd.DataFrame | None) -> None:
    if rng is not None or normals is not None:
        raise RequestError("bonferroni takes no draws", hint="leave rng and normals out, or adjustment='max'")


def _noise(known: _Estimates, units: pd.Index, source: tuple[np.random.Generator | None, int], normals: pd.DataFrame | None) -> FloatArray:
    """Errors of the scored units, units by draws, drawn or from the draws passed in."""
    rng, draws = source
    if (rng is None) == (normals is None):
        raise RequestError("draws come from rng or from normals, one of the two", hint="rng=np.random.default_rng(1), or normals=standard_normals(…)")
    drawn = standard_normals(list(units), rng=rng, draws=draws) if rng is not None else normals
    return known.noise(_by_unit(drawn, known.scores.index))


def _by_unit(normals: pd.DataFrame | None, units: pd.Index) -> FloatArray:
    """Draws as units by draws."""
    assert normals is not None
    require_distinct(normals.columns)
    _require_none("no draws for", units[~units.isin(normals.columns)])
    found = np.ascontiguousarray(floats_of(normals[list(units)], "normals").T)
    if not len(normals) or not np.isfinite(found).all():
        raise RequestError("normals are missing or not finite", hint="normals=standard_normals(…)")
    return found


def _require_none(problem: str, units: Collection[str]) -> None:
    if len(units):
        raise RequestError(f"{problem}: {', '.join(map(str, units))}", hint="units are the index; 0 is the standard error of a certain score")


def _statistics(known: _Estimates) -> FloatArray:
    """[i, j]: how much better j is than i, in standard deviations; infinite where nothing is uncertain."""
    scores = known.scores.to_numpy()
    gap = scores[None, :] - scores[:, None]
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        found = np.where(np.abs(gap) > TOLERANCE, gap / known.spread, 0.0)
    certain = np.where(gap > TOLERANCE, np.inf, -np.inf)
    found = np.where(known.spread > 0, found, certain)
    np.fill_diagonal(found, -np.inf)
    return found


def _simultaneous(statistics: FloatArray, critical: Critical, asked: _Asked) -> tuple[FloatArray, FloatArray]:
    """How many units are significantly better and worse than each, one critical value for all."""
    rows, is_asked = range(len(statistics)), np.zeros(statistics.shape, dtype=bool)
    if asked.side != "high":
        is_asked[asked.units] = True
    if asked.side != "low":
        is_asked[:, asked.units] = True
    rejected = _stepped(np.where(is_asked, statistics, -np.inf), lambda in_play: critical((rows, np.triu(in_play), np.triu(in_play.T))), step_down=asked.step_down)
    return rejected.sum(axis=1), rejected.sum(axis=0)


def _marginal(statistics: FloatArray, critical: Critical, asked: _Asked) -> tuple[FloatArray, FloatArray]:
    """The same, a critical value for each unit from its own differences."""
    found = np.zeros((2, len(statistics)))
    left_out = np.array([[-np.inf if asked.side == "high" else np.inf], [-np.inf if asked.side == "low" else np.inf]])
    for i in np.flatnonzero(asked.units):

        def of_one(in_play: BoolArray, i: int = int(i)) -> float:
            return critical(([i], in_play[:1], in_play[1:]))

        own = np.minimum(np.stack([statistics[i], statistics[:, i]]), left_out)
        found[:, i] = _stepped(own, of_one, step_down=asked.step_down).sum(axis=1)
    return found[0], found[1]


def _stepped(statistics: FloatArray, critical: Callable[[BoolArray], float], *, step_down: bool) -> BoolArray:
    """Which hypotheses are rejected: above the critical value of those still in play, until nothing more is."""
    uncertain = np.isfinite(statistics)
    in_play = uncertain
    while True:
        rejected: BoolArray = statistics > critical(in_play)
        left = uncertain & ~rejected
        if not step_down or bool((left == in_play).all()):
            return rejected
        in_play = left


def _even_share(hypotheses: Hypotheses, *, coverage: float) -> float:
    """The normal quantile that leaves each of the hypotheses in play an even share of the error. At least 0."""
    from scipy.special import ndtri

    count = int(hypotheses[1].sum() + hypotheses[2].sum())
    return max(-float(ndtri((1 - coverage) / count)), 0.0) if count else 0.0


def _critical(noise: FloatArray, scale: FloatArray, hypotheses: Hypotheses, *, coverage: float) -> float:
    """The quantile of the largest standardised error among the hypotheses in play. At least 0."""
    units, draws = noise.shape
    maxima = np.zeros(draws)
    step = max(_CELLS // max(units, 1), 64)
    for start in range(0, draws, step):
        part, largest = noise[:, start : start + step], maxima[start : start + step]
        for i, up, down in zip(*hypotheses, strict=True):
            np.maximum(largest, _largest(part, scale[i], i, up, down), out=largest)
    return float(np.quantile(maxima, coverage, method="inverted_cdf"))


def _largest(noise: FloatArray, scale: FloatArray, i: int, up: BoolArray, down: BoolArray) -> FloatArray:
    """Per draw the largest of the errors that let the units ``up`` seem better than i, or the units ``down`` worse."""
    only_up, both, only_down = (np.flatnonzero(chosen) for chosen in (up & ~down, up & down, down & ~up))
    others = np.concatenate([only_up, both, only_down])
    gaps = noise[others]
    gaps -= noise[i]
    gaps *= scale[others, None]
    ups, downs = gaps[: len(only_up) + len(both)], gaps[len(only_up) :]
    return np.asarray(np.maximum(ups.max(axis=0, initial=0.0), -downs.min(axis=0, initial=0.0)))


def _inverse(spread: FloatArray) -> FloatArray:
    """1 / spread, where there is any."""
    return np.divide(1.0, spread, out=np.zeros_like(spread), where=spread > 0)
