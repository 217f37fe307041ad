"""One rank interval from survey error, weights and method together, beside the interval of each source alone and each source's share of the variance of the ranks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from par_analysis.errors import RequestError, UnknownName
from par_analysis.metrics.draws import Weights, require_count, require_weights
from par_analysis.metrics.normalisation import numbers_of
from par_analysis.metrics.perturbation import ranks_of_scores

FloatArray = npt.NDArray[np.float64]
RankArray = npt.NDArray[np.float32]
Draws: TypeAlias = dict[str, npt.NDArray[Any]]
Method: TypeAlias = Callable[[FloatArray, FloatArray], FloatArray]
"""Values (draws by units by columns) and shares (draws by columns, each row sums to 1) → scores (draws by units), more is better. Either may hold one draw, for all."""

SOURCES: Final = ("survey", "weights", "method")
"""What may be uncertain."""

_CELLS: Final = 2_000_000
"""Values held at once in a step: 16 MB."""


def arithmetic(values: FloatArray, shares: FloatArray) -> FloatArray:
    """The weighted mean: full compensation.

    >>> arithmetic(np.array([[[90.0, 10]]]), np.array([[0.5, 0.5]])).tolist()
    [[50.0]]
    """
    return np.asarray((values @ shares[:, :, None])[:, :, 0])


def geometric(values: FloatArray, shares: FloatArray, *, floor: float = 1.0) -> FloatArray:
    """The weighted geometric mean, values below ``floor`` raised to it (1 of 100; ``functools.partial`` for another scale): part compensation.

    ``RequestError`` where no value lies above the floor. Source: OECD/JRC Handbook (2008), section 6.3.

    >>> geometric(np.array([[[90.0, 10]]]), np.array([[0.5, 0.5]])).round(6).tolist()
    [[30.0]]
    """
    if not 0 < floor < values.max(initial=floor):
        raise RequestError(f"no value above the floor of {floor:g}", hint="values on a scale of 0 to 100, or partial(geometric, floor=…)")
    return np.asarray(np.exp(arithmetic(np.log(np.maximum(values, floor)), shares)))


def mpi(values: FloatArray, shares: FloatArray) -> FloatArray:
    """The Mazziotta-Pareto index: the weighted mean M less S^2/M, S^2 the weighted variance of the unit's columns. ``RequestError`` where a mean is not above 0.

    Source: De Muro, Mazziotta and Pareto (2011), Composite indices of development and poverty; there over standardised columns.

    >>> mpi(np.array([[[90.0, 10]]]), np.array([[0.5, 0.5]])).tolist()
    [[18.0]]
    """
    mean = arithmetic(values, shares)
    if not (mean > 0).all():
        raise RequestError("a mean of 0 or less has no Mazziotta-Pareto index", hint="values on a scale of 0 to 100")
    return np.asarray(mean - arithmetic((values - mean[:, :, None]) ** 2, shares) / mean)


def minimum(values: FloatArray, shares: FloatArray) -> FloatArray:
    """The lowest column that has a weight: no compensation.

    >>> minimum(np.array([[[90.0, 10, 5]]]), np.array([[0.5, 0.5, 0]])).tolist()
    [[10.0]]
    """
    return np.asarray(np.where(shares[:, None, :] > 0, values, np.inf).min(axis=2))


METHODS: Final[Mapping[str, Method]] = {"arithmetic": arithmetic, "geometric": geometric, "mpi": mpi, "minimum": minimum}
"""The named ways to put columns together."""


@dataclass(frozen=True)
class TotalRanks:
    """What ``total_rank_intervals`` finds.

    ``intervals`` by (unit, source): ``rank`` (nominal), ``median``, ``low`` (best) and ``high`` (worst). The source is one of ``sources`` alone, or all of them together, as
    "survey + weights + method". ``shares`` by (unit, source): ``first`` share of the variance of the unit's rank (the source alone), ``total`` share (with its
    interactions), ``first_error`` and ``total_error`` (standard errors of the simulation), and ``variance`` of the rank from all sources. ``overall`` is the same by source,
    for the sum of the variances of all units. ``sources`` are those that were given, and no others are in any figure here.
    """

    intervals: pd.DataFrame
    shares: pd.DataFrame
    overall: pd.DataFrame
    sources: tuple[str, ...]

    @property
    def together(self) -> pd.DataFrame:
        """The intervals from all given sources together, by unit."""
        rows = self.intervals.index.get_level_values("source") == " + ".join(self.sources)
        return self.intervals[rows].droplevel("source")


def total_rank_intervals(
    values: pd.DataFrame,
    weights: Weights,
    *,
    rng: np.random.Generator,
    standard_errors: pd.DataFrame | None = None,
    weight_draws: pd.DataFrame | None = None,
    methods: Sequence[str | Method] = ("arithmetic",),
    draws: int = 2_000,
    coverage: float = 0.9,
) -> TotalRanks:
    """Rank intervals of each unit when survey error, weights and method vary together, and when one varies and the others stay nominal.

    ``values`` is units by columns, more is better; nominal are these values, ``weights`` and the first of ``methods`` (names of ``METHODS``, or functions as ``Method``
    says). Survey: normal errors with ``standard_errors`` (units by columns), independent; a cell that is missing there is certain, as the columns are that come from no
    survey. Weights: a row of ``weight_draws`` (draws by columns). Method: any of ``methods``, equally often. What is not given does not vary, and is no source. The
    interval holds the central ``coverage`` of the ranks drawn, and is widened where it would leave the nominal rank out: it says what the assumptions move, and is not a
    confidence set (``rank_sets`` is one, for the survey error). Shares of the variance are those of Sobol for groups of factors, from ``draws`` points of A, B and A with one
    source from B; a rank that never changes has shares of 0. A unit with a missing value has no rank and is not among the others. 8 ranks are computed for each of ``draws``.

    ``RequestError`` where nothing varies, columns or units do not fit, errors are negative, weights are negative, missing or zero in sum, a method gives scores
    that are missing or infinite or of the wrong shape, or ``coverage`` is not in (0, 1); ``UnknownName`` on another name of a method.
    Sources: OECD/JRC Handbook (2008), step 7; Saltelli et al. (2010) and Jansen (1999) for the estimators, here with the variance as half the mean square of yA - yB.

    >>> values = pd.DataFrame({"a": [90.0, 70, 20], "b": [10.0, 40, 60]}, index=["01", "02", "03"])
    >>> found = total_rank_intervals(values, {"a": 1, "b": 1}, methods=["arithmetic", "geometric"], rng=np.random.default_rng(1), draws=100)
    >>> found.sources, found.together[["rank", "low", "high"]].values.tolist()
    (('method',), [[2.0, 2.0, 3.0], [1.0, 1.0, 1.0], [3.0, 2.0, 3.0]])
    """
    if not 0.0 < coverage < 1.0:
        raise RequestError(f"coverage {coverage} is not between 0 and 1", hint="0.9 is the interval from 5 % to 95 %")
    model = _model(values, weights, (standard_errors, weight_draws), methods)
    found = _evaluated(model, rng, require_count(draws, "draws"))
    intervals = {source: _interval(found[f"{source} alone"], model.nominal, coverage) for source in model.sources}
    intervals[" + ".join(model.sources)] = _interval(np.concatenate([found["A"], found["B"]]), model.nominal, coverage)
    shares = {source: _shares(found["A"], found["B"], found[f"A, {source} of B"]) for source in model.sources}
    return TotalRanks(
        intervals=_stacked({source: table.set_axis(model.units) for source, table in intervals.items()}, values.index),
        shares=_stacked({source: table.iloc[:-1].set_axis(model.units) for source, table in shares.items()}, values.index),
        overall=pd.DataFrame({source: table.iloc[-1] for source, table in shares.items()}).T.rename_axis("source"),
        sources=model.sources,
    )


@dataclass(frozen=True, eq=False)
class _Model:
    """What ranks are computed from, units and columns in sorted order. ``errors`` and ``weight_draws`` are empty where they are no source."""

    units: pd.Index
    values: FloatArray
    shares: FloatArray
    errors: FloatArray
    weight_draws: FloatArray
    methods: tuple[Method, ...]

    @property
    def sources(self) -> tuple[str, ...]:
        """The sources that vary."""
        return tuple(source for source, varies in zip(SOURCES, (self.errors.size, self.weight_draws.size, len(self.methods) > 1), strict=True) if varies)

    @cached_property
    def nominal(self) -> FloatArray:
        """The ranks of what is nominal."""
        return np.asarray(self.ranks({"method": np.zeros(1, dtype=np.intp)})[0], dtype=np.float64)

    def drawn(self, rng: np.random.Generator, size: int) -> Draws:
        """Some draws of every source that varies."""
        ways: dict[str, Callable[[], npt.NDArray[Any]]] = {
            "survey": lambda: rng.standard_normal((size, *self.errors.shape)),
            "weights": lambda: rng.integers(len(self.weight_draws), size=size),
            "method": lambda: rng.integers(len(self.methods), size=size),
        }
        return {source: ways[source]() for source in self.sources}

    def ranks(self, drawn: Draws) -> RankArray:
        """Draws by units: ranks where the sources in ``drawn`` vary and the others are nominal."""
        values = self.values + self.errors * drawn["survey"] if "survey" in drawn else self.values[None]
        shares = self.weight_draws[drawn["weights"]] if "weights" in drawn else self.shares[None]
        size = len(next(iter(drawn.values())))
        chosen = drawn.get("method", np.zeros(size, dtype=np.intp))
        scores = np.empty((size, len(self.units)))
        for number, method in enumerate(self.methods):
            rows = np.flatnonzero(chosen == number)
            if len(rows):
                scores[rows] = _scores(method, *(of if len(of) == 1 else of[rows] for of in (values, shares)), shape=(len(rows), len(self.units)))
        return ranks_of_scores(pd.DataFrame(scores)).to_numpy(dtype=np.float32)


def _scores(method: Method, values: FloatArray, shares: FloatArray, *, shape: tuple[int, int]) -> FloatArray:
    found = np.asarray(method(values, shares), dtype=np.float64)
    if found.ndim != 2 or found.shape[0] not in (1, shape[0]) or found.shape[1] != shape[1] or not np.isfinite(found).all():
        name = getattr(method, "__name__", repr(method))
        raise RequestError(f"method {name}: scores that are not finite, or of the shape {found.shape}", hint=f"values (draws, units, columns), shares (draws, columns) → {shape}")
    return found


def _evaluated(model: _Model, rng: np.random.Generator, draws: int) -> dict[str, RankArray]:
    """The designs A and B, A with each source from B, and A's draws of each source alone: ranks, draws by units."""
    step = max(_CELLS // max(model.values.size, 1), 1)
    parts: list[dict[str, RankArray]] = []
    for start in range(0, draws, step):
        a, b = (model.drawn(rng, min(step, draws - start)) for _ in "AB")
        mixed = {f"A, {source} of B": a | {source: b[source]} for source in model.sources}
        alone = {f"{source} alone": {source: a[source]} for source in model.sources}
        parts.append({name: model.ranks(drawn) for name, drawn in ({"A": a, "B": b} | mixed | alone).items()})
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _interval(ranks: RankArray, nominal: FloatArray, coverage: float) -> pd.DataFrame:
    low = np.quantile(ranks, np.float64((1 - coverage) / 2), axis=0, method="lower")
    high = np.quantile(ranks, np.float64((1 + coverage) / 2), axis=0, method="higher")
    ends = {"low": np.minimum(low, nominal), "high": np.maximum(high, nominal)}
    return pd.DataFrame({"rank": nominal, "median": np.median(ranks, axis=0)} | ends, dtype="float64")


def _shares(a: RankArray, b: RankArray, mixed: RankArray) -> pd.DataFrame:
    """First-order and total share of the source that ``mixed`` has from B, by unit, and last for all units together."""
    whole, others, own = (_half_squares(one, other) for one, other in ((a, b), (b, mixed), (a, mixed)))
    found: dict[str, FloatArray] = {}
    for name, part in (("first", whole - others), ("total", own)):
        found[name], found[f"{name}_error"] = _ratio(part, whole)
    return pd.DataFrame(found | {"variance": whole.mean(axis=0)})


def _half_squares(one: RankArray, other: RankArray) -> FloatArray:
    """Half the squared differences, draws by units, and a last column with their sum."""
    squares = (one.astype(np.float64) - other) ** 2 / 2
    return np.column_stack([squares, squares.sum(axis=1)])


def _ratio(part: FloatArray, whole: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The ratio of two means and its standard error (delta method), by column; 0 where there is nothing to divide."""
    size = whole.mean(axis=0)
    by = np.where(size > 0, size, 1.0)
    ratio = part.mean(axis=0) / by
    return ratio, (part - ratio * whole).std(axis=0) / (by * np.sqrt(len(whole)))


def _stacked(tables: Mapping[str, pd.DataFrame], units: pd.Index) -> pd.DataFrame:
    """One table by (unit, source), units in the given order; missing where a unit has no rank."""
    rows = pd.MultiIndex.from_product([units, tables], names=["unit", "source"])
    return pd.concat(tables, names=["source", "unit"]).swaplevel().reindex(rows)


def _model(values: pd.DataFrame, weights: Weights, given: tuple[pd.DataFrame | None, pd.DataFrame | None], methods: Sequence[str | Method]) -> _Model:
    table = numbers_of(values)
    columns = pd.Index(sorted(table.columns, key=str))
    table = table.dropna().reindex(columns=columns)
    table = table.reindex(pd.Index(sorted(table.index, key=str), dtype=table.index.dtype))
    shares = require_weights(weights, names=columns).to_numpy(dtype="float64")
    model = _Model(
        units=table.index,
        values=table.to_numpy(),
        shares=shares / shares.sum(),
        errors=np.empty((0, 0)) if given[0] is None else _errors(given[0], values, table),
        weight_draws=np.empty((0, 0)) if given[1] is None else _weight_draws(given[1], columns),
        methods=tuple(_method(method) for method in ([methods] if isinstance(methods, str) else methods)),
    )
    if not len(table) or not model.sources:
        said = "nothing varies" if len(table) else "no unit has all its values"
        raise RequestError(said, hint="give standard_errors, weight_draws, or more than one of methods, and values of some units without gaps")
    return model


def _errors(standard_errors: pd.DataFrame, values: pd.DataFrame, table: pd.DataFrame) -> FloatArray:
    found = numbers_of(standard_errors)
    _require_known("standard errors of unknown units", found.index.difference(values.index))
    _require_known("standard errors of unknown columns", found.columns.difference(values.columns))
    _require_known("negative standard errors", found.index[found.lt(0).any(axis=1)])
    return found.reindex_like(table).fillna(0.0).to_numpy()


def _weight_draws(weight_draws: pd.DataFrame, columns: pd.Index) -> FloatArray:
    """Shares, draws by columns."""
    found = numbers_of(weight_draws.reset_index(drop=True))
    _require_known("weight draws of unknown columns", found.columns.difference(columns))
    _require_known("no weight draws of", columns.difference(found.columns))
    drawn = found[list(columns)].to_numpy()
    if not len(drawn) or not (drawn >= 0).all() or not (drawn.sum(axis=1) > 0).all():
        raise RequestError("weight draws are missing, negative or zero in sum", hint="draws by the columns of the values, 0 or more, not all zero")
    return np.asarray(drawn / drawn.sum(axis=1, keepdims=True))


def _method(method: str | Method) -> Method:
    if not isinstance(method, str):
        return method
    if method not in METHODS:
        raise UnknownName("method", method, list(METHODS))
    return METHODS[method]


def _require_known(problem: str, names: pd.Index) -> None:
    if len(names):
        raise RequestError(f"{problem}: {', '.join(map(str, names[:12]))}", hint="units and columns are those of the values")
