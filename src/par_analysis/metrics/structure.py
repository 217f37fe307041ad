"""What the parts of an index do to its ranking: which of them decide, what holds whatever they weigh, and how well they hang together."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from typing import Final

import numpy as np
import pandas as pd

from par_analysis.metrics.dominance import copeland, dominance, outranking
from par_analysis.metrics.draws import dirichlet_weights
from par_analysis.metrics.figures import Row, figures
from par_analysis.metrics.importance import importance, resamples, variance_shares
from par_analysis.metrics.lookup import lookup
from par_analysis.metrics.part_scores import PartScores, part_scores
from par_analysis.metrics.perturbation import nominal_ranks, ranks_of_draws
from par_analysis.metrics.ranks import rank
from par_analysis.metrics.reliability import alpha_if_deleted, cronbach, eigenvalue_shares, item_rest_correlation
from par_analysis.metrics.sensitivity import leave_one_out
from par_analysis.model import TOTAL

_EXACT: Final = 1e-9
_PERCENT: Final[Row] = {"unit_of_measure": "percent", "out_of": 100.0}


def part_influence(
    panel: pd.DataFrame, *, year: int, units: Sequence[str], nodes: Sequence[str], seed: int, samples: int = 1_000, level: float = 0.9, higher_is_better: bool = True
) -> pd.DataFrame:
    """For each part, in the order given, of the country: its ``weight``; ``variance_share`` of the total's variance, of which parts add up to 100; ``correlation_ratio``,
    how much of the total's variance the part alone would tell; ``importance``, the latter's share among all parts, to be held against the weight, with its bootstrap
    interval ``importance_low`` to ``importance_high`` (all in percent); ``mean_shift_without`` and ``max_shift_without``, by how many places ranks move when the part
    is left out; and of the unit that then moves most (the first code of several) ``rank_without``, its rank then, and ``rank_arithmetic``, its rank with all parts.

    Nothing where a ranked unit lacks a score on a part. Sources: ``variance_shares``, ``importance``, ``leave_one_out``; V5 and U5.

    >>> from par_analysis.metrics.figures import empty
    >>> len(part_influence(empty(), year=2023, units=["01"], nodes=["domain:1"], seed=1))
    0
    """
    of = part_scores(panel, year=year, units=units, nodes=nodes)
    if of is None:
        return figures([])
    drawn = resamples(of.units, rng=np.random.default_rng(seed), draws=samples)
    told = importance(of.attainments, of.maxima, resampled=drawn, level=level)
    told["variance_share"] = variance_shares(of.points)["share"]
    without = leave_one_out(of.attainments, of.maxima, higher_is_better=higher_is_better)
    note = f"{level:.0%} of {samples} samples of the units; seed {seed}"
    columns = {"weight": "weight", "variance_share": "variance_share", "correlation_ratio": "correlation_ratio", "importance": "importance_share"}
    columns |= {"importance_low": "share_low", "importance_high": "share_high"}
    by_node, rows = told.join(without.summary[["mean_shift", "max_shift"]]).T.to_dict(), list[Row]()
    for node in dict.fromkeys(nodes):
        notes = {name: note for name in columns if name.endswith(("_low", "_high"))}
        rows += [of.of_all(name, 100 * by_node[node][column], **_PERCENT, node=node, note=notes.get(name, "")) for name, column in columns.items()]
        rows += [of.of_all(f"{name}_without", by_node[node][name], unit_of_measure="place", node=node) for name in ("mean_shift", "max_shift")]
        rows += _most_moved(of, without.ranks[node], without.ranks["nominal"])
    return figures(rows)


def _most_moved(of: PartScores, without: pd.Series[float], nominal: pd.Series[float]) -> list[Row]:
    """Of the unit that moves most without a part: its rank then, and with all parts."""
    unit = str((without - nominal).abs().sort_index().idxmax())
    return [of.of_unit(unit, name, ranks[unit], node=str(without.name)) for name, ranks in (("rank_without", without), ("rank_arithmetic", nominal))]


def any_weights(panel: pd.DataFrame, *, year: int, units: Sequence[str], nodes: Sequence[str], seed: int, draws: int = 10_000, higher_is_better: bool = True) -> pd.DataFrame:
    """What holds whatever the parts weigh. Of each unit, by the rank of the weighted sum: ``rank_arithmetic``; ``dominates`` and ``dominated_by``, how many units are nowhere
    ahead of it and somewhere behind, and the other way round; ``copeland``, pairs won less pairs lost where the weight of the parts on which it is ahead decides, and
    ``rank_copeland``; ``share_first``, percent of ``draws`` of weights, uniform over all there are, that make it the first.

    Then of the country: ``n_pairs``, ``n_dominance_pairs``, ``dominance_share`` (percent), ``n_undominated``, ``n_first`` (units with a ``share_first`` above 0) and
    ``n_draws``. Nothing where a ranked unit lacks a score on a part. Sources: ``dominance``, ``outranking``, ``copeland``, ``dirichlet_weights``; U2 and U11.

    >>> from par_analysis.metrics.figures import empty
    >>> len(any_weights(empty(), year=2023, units=["01"], nodes=["domain:1"], seed=1))
    0
    """
    of = part_scores(panel, year=year, units=units, nodes=nodes)
    if of is None:
        return figures([])
    held = dominance(of.attainments, higher_is_better=higher_is_better)
    won = copeland(outranking(of.attainments, of.maxima, higher_is_better=higher_is_better))
    weights = dirichlet_weights(list(of.points.columns), np.random.default_rng(seed), draws=draws)
    first = (ranks_of_draws(of.attainments, weights, higher_is_better=higher_is_better) == 1).mean()
    nominal = nominal_ranks(of.attainments, of.maxima, higher_is_better=higher_is_better)
    table = held.counts.assign(rank_arithmetic=nominal, copeland=won, rank_copeland=rank(won), share_first=100 * first)
    note = f"of {draws} draws; seed {seed}"
    ordered = table.sort_index().sort_values("rank_arithmetic", kind="stable").T.to_dict()
    rows = [row for unit, found in ordered.items() for row in _of_unit(of, str(unit), found, note)]
    counts = {"n_pairs": held.compared, "n_dominance_pairs": held.count, "n_undominated": (held.counts["dominated_by"] == 0).sum(), "n_first": (first > 0).sum(), "n_draws": draws}
    rows += [of.of_all(name, value, out_of=float(len(table)) if name in ("n_undominated", "n_first") else np.nan) for name, value in counts.items()]
    return figures([*rows, of.of_all("dominance_share", 100 * held.fraction, **_PERCENT)])


def _of_unit(of: PartScores, unit: str, found: Mapping[Hashable, float], note: str) -> Iterator[Row]:
    yield from (of.of_unit(unit, name, found[name]) for name in ("rank_arithmetic", "rank_copeland"))
    yield from (of.of_unit(unit, name, found[name], unit_of_measure="count", out_of=float(len(of.points) - 1)) for name in ("dominates", "dominated_by"))
    yield of.of_unit(unit, "copeland", found["copeland"], unit_of_measure="count", out_of=np.nan)
    yield of.of_unit(unit, "share_first", found["share_first"], **_PERCENT, note=note)


def coherence(panel: pd.DataFrame, *, year: int, units: Sequence[str], nodes: Sequence[str], tree: Mapping[str, Sequence[str]] | None = None) -> pd.DataFrame:
    """How well the parts ``nodes`` measure one thing, over the ranked units. Of the country on the total: ``n_items``, ``alpha`` (Cronbach's, of the points), of the correlation
    matrix ``first_component`` (percent of the variance) and ``n_components`` (with an eigenvalue above 1). For each part in the order given: ``alpha_without`` it,
    ``item_rest_correlation``, and where ``tree`` (node → the nodes that add up to it) has two at least below it, their ``n_items`` and ``alpha``.

    Nothing where a ranked unit lacks a score on a part, or where a part is the same everywhere. Sources: ``cronbach``, ``item_rest_correlation``, ``eigenvalue_shares``; V6.

    >>> from par_analysis.metrics.figures import empty
    >>> len(coherence(empty(), year=2023, units=["01"], nodes=["domain:1", "domain:2"]))
    0
    """
    known = lookup(panel)
    of = part_scores(known, year=year, units=units, nodes=nodes)
    if of is None or not _vary(of):
        return figures([])
    components = eigenvalue_shares(of.points)
    rows = [*_alpha(of, TOTAL), of.of_all("first_component", 100 * float(components["share"].iloc[0]), **_PERCENT)]
    rows += [of.of_all("n_components", (components["eigenvalue"] > 1).sum(), out_of=float(len(components)))]
    rest = item_rest_correlation(of.points)
    left = alpha_if_deleted(of.points) if len(of.maxima) > 2 else pd.Series(dtype="float64")
    for node in dict.fromkeys(nodes):
        rows += [of.of_all("alpha_without", left[node], node=node, unit_of_measure="ratio")] if node in left else []
        rows += [of.of_all("item_rest_correlation", rest[node], node=node, unit_of_measure="ratio")]
        below = part_scores(known, year=year, units=units, nodes=(tree or {}).get(node, ()))
        rows += _alpha(below, node) if below is not None and _vary(below) else []
    return figures(rows)


def _alpha(of: PartScores, node: str) -> list[Row]:
    return [of.of_all("n_items", len(of.maxima), node=node), of.of_all("alpha", cronbach(of.points), node=node, unit_of_measure="ratio")]


def _vary(of: PartScores) -> bool:
    """Whether every part differs between units, and so do the sum of all and that of all but any one: what Cronbach's alpha asks for."""
    points = of.points.to_numpy()
    sums = points.sum(axis=1, keepdims=True)
    least = _EXACT * points.var(axis=0).sum()
    return bool((np.ptp(points, axis=0) > _EXACT * np.abs(points).max()).all() and (np.hstack([sums, sums - points]).var(axis=0) > least).all())
