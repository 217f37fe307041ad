"""How sure the ranks of a year are: intervals and groups under other weights, ranks under other ways of adding up, and which of the two moves them more.

Neither contains an error of the scores themselves: no standard errors are published with them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any, Final, NamedTuple

import numpy as np
import pandas as pd

from par_analysis.metrics.compensation import compensation
from par_analysis.metrics.draws import perturbed_weights
from par_analysis.metrics.figures import Row, complete, figures
from par_analysis.metrics.lookup import Figure, lookup
from par_analysis.metrics.part_scores import PartScores, part_scores, scored_on_all
from par_analysis.metrics.perturbation import nominal_ranks, rank_summary, ranks_of_draws
from par_analysis.metrics.sensitivity import average_shift
from par_analysis.metrics.tie_groups import tie_groups
from par_analysis.metrics.uncertainty import TotalRanks, total_rank_intervals

WAYS: Final = ("arithmetic", "geometric", "mpi", "minimum")
"""The ways to add up that ranks are shown under."""
VARIED: Final = ("arithmetic", "geometric", "mpi")
"""Those of them that are drawn: the lowest part alone is nobody's index."""
_FLOOR: Final = 1.0


def rank_intervals(
    panel: pd.DataFrame,
    *,
    year: int,
    units: Sequence[str],
    nodes: Sequence[str],
    seed: int,
    draws: int = 10_000,
    reach: float = 0.25,
    coverage: float = 0.9,
    within: int = 3,
    top: int = 10,
    higher_is_better: bool = True,
) -> pd.DataFrame:
    """Each unit's ``rank`` (as known, else that of the weighted sum), best first, with ``rank_low`` (best) and ``rank_high`` (worst), the interval that holds ``coverage`` of
    ``draws`` sets of weights within ``reach`` of the maxima of ``nodes``; ``tie_group``, ``share_within`` (percent of draws at most ``within`` places from the rank of the
    weighted sum) and ``share_top`` (at place ``top`` or better; none where no more than ``top`` are ranked).

    Then of the country: what was assumed (``n_draws``, ``weight_reach``, ``interval_coverage``, ``within_places``, ``top_places``); ``n_ranked``; ``n_other_rank``, how many
    known ranks are not those of the weighted sum; ``n_tie_groups``; ``n_one_place``, whose interval is a single place, and ``n_interval_1``, ``n_interval_2`` …, of so many
    places; ``n_always_top`` and ``n_ever_top``, at place ``top`` or better in all draws and in any; ``mean_interval_places`` and ``max_interval_places``; and
    ``mean_shift``, by how many places a unit moves in a draw on average.

    An interval holds the rank of the weighted sum in any case. Errors of the scores are in none of these. Where a ranked unit lacks a score on a part, only ``n_scored`` comes
    back: how many have all. Sources: ``perturbed_weights``, ``rank_summary``, ``tie_groups``; U1 and U8.

    >>> from par_analysis.metrics.figures import empty
    >>> len(rank_intervals(empty(), year=2023, units=["01"], nodes=["domain:1"], seed=1))
    0
    """
    known = lookup(panel)
    of = part_scores(known, year=year, units=units, nodes=nodes)
    if of is None:
        return figures(scored_on_all(known, year=year, units=units, nodes=nodes))
    asked = _Draw(tuple(of.units), tuple(of.maxima.items()), of.attainments.to_numpy().tobytes(), seed, draws, reach, coverage, within, top, higher_is_better)
    table, mean_shift = _drawn(asked)
    note = f"holds {coverage:.0%} of {draws} draws of the weights within {reach:.0%}; seed {seed}; errors of the scores are not in it"
    settings = {"n_draws": (draws, "count"), "weight_reach": (100 * reach, "percent"), "interval_coverage": (100 * coverage, "percent")}
    settings |= {"within_places": (within, "place"), "top_places": (top, "place")}
    ordered = table.sort_index().sort_values(["nominal", "low", "high"], kind="stable")
    rows = [row for unit in ordered.index for row in _of_unit(of, str(unit), table.loc[unit], note, top=top)]
    rows += [of.of_all(name, value, unit_of_measure=kind, note="assumed here") for name, (value, kind) in settings.items()]
    return figures([*rows, *_of_all(of, table, mean_shift, top=top)])


class _Draw(NamedTuple):
    """What the draws depend on, as values: reports on other units of the same year ask the same."""

    units: tuple[str, ...]
    maxima: tuple[tuple[Any, float], ...]
    attainments: bytes
    seed: int
    draws: int
    reach: float
    coverage: float
    within: int
    top: int
    higher_is_better: bool


@lru_cache(maxsize=4)
def _drawn(asked: _Draw) -> tuple[pd.DataFrame, float]:
    """The intervals, and by how many places a unit moves in a draw on average. Nobody changes the table."""
    maxima = pd.Series(dict(asked.maxima), dtype="float64")
    values = np.frombuffer(asked.attainments).reshape(len(asked.units), len(maxima))
    attainments = pd.DataFrame(values, index=list(asked.units), columns=maxima.index)
    weights = perturbed_weights(maxima, np.random.default_rng(asked.seed), draws=asked.draws, reach=asked.reach)
    nominal = nominal_ranks(attainments, maxima, higher_is_better=asked.higher_is_better)
    ranks = ranks_of_draws(attainments, weights, higher_is_better=asked.higher_is_better)
    summary = rank_summary(ranks, nominal=nominal, coverage=asked.coverage, top=asked.top, within=asked.within)
    return _intervals(summary, nominal), float(average_shift(nominal, ranks).mean())


def _intervals(summary: pd.DataFrame, nominal: pd.Series[float]) -> pd.DataFrame:
    """By unit: nominal rank, whole places of the interval that hold it, shares of draws, tie group."""
    low, high = np.minimum(np.floor(summary["low"]), nominal), np.maximum(np.ceil(summary["high"]), nominal)
    groups = tie_groups(nominal, low, high, higher_is_better=False)
    return pd.DataFrame({"nominal": nominal, "low": low, "high": high, "p_within": summary["p_within"], "p_top": summary["p_top"], **groups[["group", "leader"]]})


def _rank(of: PartScores, unit: str, nominal: float) -> Figure:
    """The rank as known, else that of the weighted sum."""
    return of.ranks.get(unit) or complete(of.of_unit(unit, "rank", nominal, note="of the weighted sum of the parts"))


def _of_unit(of: PartScores, unit: str, found: pd.Series[float], note: str, *, top: int) -> Iterator[Figure]:
    yield _rank(of, unit, float(found["nominal"]))
    yield of.of_unit(unit, "rank_low", found["low"], note=note)
    yield of.of_unit(unit, "rank_high", found["high"], note=note)
    yield of.of_unit(unit, "tie_group", float(found["group"]), unit_of_measure="count", out_of=np.nan, note=f"led by {found['leader']}; {note}")
    shares = {"share_within": found["p_within"]} | ({"share_top": found["p_top"]} if len(of.points) > top else {})
    yield from (of.of_unit(unit, name, 100 * value, unit_of_measure="percent", out_of=100.0, note="of the draws") for name, value in shares.items())


def _of_all(of: PartScores, table: pd.DataFrame, mean_shift: float, *, top: int) -> Iterator[Row]:
    n, places = float(len(table)), table["high"] - table["low"] + 1
    other = sum(of.ranks[unit]["value"] != table.loc[unit, "nominal"] for unit in of.units if unit in of.ranks)
    yield of.of_all("n_ranked", n)
    yield of.of_all("n_other_rank", other, out_of=float(len(of.ranks)), note="known ranks that are not those of the weighted sum of the parts")
    yield of.of_all("n_tie_groups", table["group"].nunique())
    yield of.of_all("n_one_place", (places == 1).sum(), out_of=n)
    yield from (of.of_all(f"n_interval_{width}", (places == width).sum(), out_of=n) for width in range(1, int(places.max()) + 1))
    if len(table) > top:
        yield of.of_all("n_always_top", (table["p_top"] == 1).sum(), out_of=n)
        yield of.of_all("n_ever_top", (table["p_top"] > 0).sum(), out_of=n)
    for name, value in (("mean_interval_places", places.mean()), ("max_interval_places", places.max()), ("mean_shift", mean_shift)):
        yield of.of_all(name, value, unit_of_measure="place")


def ranks_by_method(
    panel: pd.DataFrame,
    *,
    year: int,
    units: Sequence[str],
    nodes: Sequence[str],
    seed: int,
    draws: int = 2_000,
    reach: float = 0.25,
    coverage: float = 0.9,
    higher_is_better: bool = True,
) -> pd.DataFrame:
    """Each unit's ranks when the parts, in percent of their maxima, are put together in other ways: ``rank_arithmetic`` (the weighted sum), best first, ``rank_geometric``,
    ``rank_mpi`` (Mazziotta-Pareto) and ``rank_minimum`` (the lowest part); ``method_shift``, the most places that the geometric mean or the Mazziotta-Pareto index moves it;
    and ``rank_low_with_method``, ``rank_high_with_method``, the interval when weights (as in ``rank_intervals``) and the first three ways vary together.

    Then of the country: ``mean_shift_geometric``, ``mean_shift_mpi``, ``mean_shift_minimum``; ``n_floored``, values taken as 1 of 100 for the geometric mean; and of the
    variance of all ranks, in percent, ``first_share_weights`` and ``first_share_method`` (alone), ``total_share_weights`` and ``total_share_method`` (with what they do
    together) and ``share_together``, what the two first ones leave. Nothing where a score is missing or negative, a unit has no points at all, or lower is better.
    Sources: ``compensation``, ``total_rank_intervals``; U7 and U10.

    >>> from par_analysis.metrics.figures import empty
    >>> len(ranks_by_method(empty(), year=2023, units=["01"], nodes=["domain:1"], seed=1))
    0
    """
    of = part_scores(panel, year=year, units=units, nodes=nodes)
    if of is None or not higher_is_better or not _can_be_put_together(of):
        return figures([])
    found = compensation(of.attainments, of.maxima, floor=_FLOOR)
    rng = np.random.default_rng(seed)
    weights = perturbed_weights(of.maxima, rng, draws=draws, reach=reach)
    varied = total_rank_intervals(of.attainments, of.maxima, rng=rng, weight_draws=weights, methods=VARIED, draws=draws, coverage=coverage)
    note = f"holds {coverage:.0%} of {2 * draws} draws of the weights within {reach:.0%} and of {', '.join(VARIED)}; seed {seed}; errors of the scores are not in it"
    shifts = found.ranks.sub(found.ranks["arithmetic"], axis=0).abs()
    rows: list[Row] = []
    ordered = found.ranks.sort_index().sort_values("arithmetic", kind="stable")
    table = ordered.assign(shift=shifts[list(VARIED)].max(axis=1), low=varied.together["low"], high=varied.together["high"]).T.to_dict()
    for unit, told in table.items():
        rows += [of.of_unit(str(unit), f"rank_{way}", told[way]) for way in WAYS]
        rows += [of.of_unit(str(unit), "method_shift", told["shift"], out_of=np.nan)]
        rows += [of.of_unit(str(unit), f"rank_{end}_with_method", told[end], note=note) for end in ("low", "high")]
    rows += [of.of_all(f"mean_shift_{way}", shifts[way].mean(), unit_of_measure="place") for way in WAYS if way != "arithmetic"]
    return figures([*rows, of.of_all("n_floored", len(found.floored), out_of=float(of.points.size)), *_shares(of, varied)])


def _can_be_put_together(of: PartScores) -> bool:
    """Whether the geometric mean and the Mazziotta-Pareto index are defined for all units."""
    return bool((of.points >= 0).all(axis=None) and (of.points.sum(axis=1) > 0).all() and of.attainments.to_numpy().max() > _FLOOR)


def _shares(of: PartScores, varied: TotalRanks) -> Iterator[Row]:
    """What moves the ranks, unless nothing does."""
    if not varied.overall["variance"].gt(0).all():
        return
    percent: Row = {"unit_of_measure": "percent", "out_of": 100.0}
    for source, told in varied.overall.T.to_dict().items():
        for kind in ("first", "total"):
            yield of.of_all(f"{kind}_share_{source}", 100 * told[kind], **percent, note=f"standard error of the simulation {100 * told[f'{kind}_error']:.1f}")
    yield of.of_all("share_together", 100 * (1 - float(varied.overall["first"].sum())), **percent)
