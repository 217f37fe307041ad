"""A rank, or its change, shared out among what makes it: exact Shapley values, over every order in which the parts could come."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import comb
from typing import Final

import numpy as np
import pandas as pd

from par_analysis.errors import RequestError
from par_analysis.metrics.decompositions import checked_numbers, listed, require_none, require_same_nodes
from par_analysis.metrics.ranks import FloatArray, places_of

OTHERS: Final = "others"
"""The player that stands for the changes of all other units."""

MOST_DOMAINS: Final = 12
"""Every set of domains is weighed, 2^12 of them; of more domains some are to be taken together first."""

_TOLERANCE: Final = 1e-9
_CELLS: Final = 1 << 20
"""How many scores are ranked at a time: it bounds the memory."""


@dataclass(frozen=True)
class RankShapley:
    """What ``rank_shapley`` finds: ``effects``, unit × domain in places (negative helps); ``error``, their standard errors from sampling (0 where every unit is a
    reference); ``rank`` of each unit, ties averaged; ``expected``, the middle of the list (n + 1) / 2 from which the effects lead to the rank."""

    effects: pd.DataFrame
    error: pd.DataFrame
    rank: pd.Series
    expected: float


def rank_shapley(
    points: pd.DataFrame, *, only: str | None = None, sample: int | Sequence[str] | None = None, rng: np.random.Generator | None = None, higher_is_better: bool = True
) -> RankShapley:
    """How many places each domain moves a unit from the middle of the list: over the domains they sum to rank - (n + 1) / 2, exactly. Negative helps.

    ``points``: units × domains (1 to 12) that sum to the score. A set of domains is worth the mean rank of a score that has these from the unit and the rest from a
    reference unit, over all n units as references; an effect is the Shapley value. A score is ranked against all n scores, the unit's own among them: ½ + how many
    are better + ½ · how many are equal within 1e-9. For a unit's own score that is its rank with ties averaged, and the mean over the units is (n + 1) / 2. A domain in which
    all are equal has 0. A unit with missing points has NaN and is nobody's reference. ``only``: the unit whose effects are wanted, exact as ever; the others have NaN.

    ``sample``: so many reference units, drawn by ``rng`` without replacement, or the labels of drawn ones. A reference then counts with what the unit gains on it plus its own
    effect, known exactly; sums stay exact, a domain in which all are equal keeps 0, and ``error`` is the standard error, sd / √size · √(1 - size / n).
    ``RequestError`` for another number of domains, for a sample of fewer than 2, of more than n, without ``rng`` or of unscored units, and for ``only`` beside a sample or
    of an unscored unit. Own method after Pliatsika et al. (2024), ShaRP: Explaining Rankings with Shapley Values.

    >>> points = pd.DataFrame({"a": [9.0, 1, 2], "b": [5.0, 5, 5]}, index=["01", "02", "03"])
    >>> rank_shapley(points).effects.round(9).loc["01"].to_dict()
    {'a': -1.0, 'b': 0.0}
    """
    (table,) = checked_numbers({"points": points})
    require_none(_domain_faults(table.columns))
    scored = table.dropna()
    own = scored.to_numpy() if higher_is_better else -scored.to_numpy()
    rank = pd.Series(places_of(own.sum(axis=1), omega=0.5), index=scored.index, name="rank")
    if only is not None:
        effects, error = _of_one(own, _place_of(only, scored.index, is_alone=sample is None))
    else:
        effects, error = _of_all(own) if sample is None else _of_sample(own, _drawn(scored.index, sample, rng))
    found, errors = (pd.DataFrame(values, index=scored.index, columns=table.columns).reindex(table.index) for values in (effects, error))
    return RankShapley(found, errors, rank.reindex(table.index), (len(own) + 1) / 2)


def _of_all(own: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Effects with every unit as reference. What i gains on j is what j loses on i, so that each pair is weighed once."""
    effects = np.zeros_like(own)
    for block, gains in _gains(own, None):
        effects[block] += gains.sum(axis=2).T
        effects[block.stop :] -= gains[:, :, block.stop - block.start :].sum(axis=1).T
    return effects / max(len(own), 1), np.zeros_like(own)


def _of_one(own: FloatArray, place: int) -> tuple[FloatArray, FloatArray]:
    """Effects of one unit with every unit as reference: what all gain on it is what it loses on them."""
    effects, error = np.full_like(own, np.nan), np.full_like(own, np.nan)
    effects[place] = -np.concatenate([part for _, part in _gains(own, [place])], axis=1).mean(axis=(1, 2))
    error[place] = 0.0
    return effects, error


def _of_sample(own: FloatArray, drawn: Sequence[int]) -> tuple[FloatArray, FloatArray]:
    """Effects over the drawn references, and their standard errors."""
    gains = np.concatenate([part for _, part in _gains(own, drawn)], axis=1)
    terms = gains - gains.mean(axis=1, keepdims=True)
    scale = np.sqrt((1 - len(drawn) / len(own)) / len(drawn))
    return terms.mean(axis=2).T, scale * terms.std(axis=2, ddof=1).T


def _gains(own: FloatArray, drawn: Sequence[int] | None) -> Iterator[tuple[slice, FloatArray]]:
    """By block of units: domain × unit × reference, the Shapley values of the rank when the reference's points give way to the unit's. Without ``drawn`` from the block on."""
    inside = _coalitions(own.shape[1])
    mine, rest = inside @ own.T, (1 - inside) @ (own if drawn is None else own[list(drawn)]).T
    total = own.sum(axis=1)
    ends = np.sort(np.concatenate([total - _TOLERANCE, total + _TOLERANCE]))
    weights = _weights(own.shape[1])
    size = max(1, _CELLS // max(rest.size, 1))
    for start in range(0, len(own), size):
        block = slice(start, min(start + size, len(own)))
        scores = mine[:, block, None] + rest[:, None, (start if drawn is None else 0) :]
        ranks = 0.5 + len(own) - np.searchsorted(ends, scores, side="right") / 2
        yield block, (weights @ ranks.reshape(len(inside), -1)).reshape(-1, *scores.shape[1:])


def _coalitions(players: int) -> FloatArray:
    """Set × player: 1 where the player is in the set, for all 2^players sets."""
    return np.asarray(np.arange(1 << players)[:, None] >> np.arange(players) & 1, dtype=np.float64)


def _weights(players: int) -> FloatArray:
    """Player × set: the factors with which the values of all sets sum to the player's Shapley value."""
    inside = _coalitions(players).T
    others = (inside.sum(axis=0) - inside).astype(int)
    factor = np.array([1 / (players * comb(players - 1, size)) for size in range(players)])
    return np.asarray(np.where(inside > 0, 1.0, -1.0) * factor[others], dtype=np.float64)


def _domain_faults(domains: pd.Index) -> list[str]:
    return [] if 1 <= len(domains) <= MOST_DOMAINS else [f"{len(domains)} domains, 1 to {MOST_DOMAINS} can be weighed"]


def _place_of(unit: str, units: pd.Index, *, is_alone: bool) -> int:
    """The position of the unit whose effects alone are wanted."""
    faults = [*([] if unit in units else [f"{unit} is no scored unit"]), *([] if is_alone else ["only and sample exclude each other"])]
    require_none(faults, hint="only: a unit with points in all domains")
    return int(units.get_indexer(pd.Index([unit]))[0])


def _drawn(units: pd.Index, sample: int | Sequence[str], rng: np.random.Generator | None) -> list[int]:
    """The positions of the reference units."""
    size = sample if isinstance(sample, int) else len(sample)
    if not 2 <= size <= len(units):
        raise RequestError(f"a sample of {size} from {len(units)} scored units", hint="2 units or more, each once; without sample all are references")
    if isinstance(sample, int):
        if rng is None:
            raise RequestError("a sample is drawn by rng, which is not given", hint="rng=np.random.default_rng(seed)")
        return [int(place) for place in rng.choice(len(units), size=size, replace=False)]
    places = pd.Index(sample)
    require_none(f"{what}: {listed(labels)}" for what, labels in (("no scored unit", places.difference(units)), ("drawn twice", places[places.duplicated()])) if len(labels))
    return units.get_indexer(places).tolist()


@dataclass(frozen=True)
class ChangeShapley:
    """What ``change_shapley`` finds: ``effects``, unit × (domains, "others") in places gained; ``ranks``, unit × old, new, change."""

    effects: pd.DataFrame
    ranks: pd.DataFrame


def change_shapley(old: pd.DataFrame, new: pd.DataFrame, *, omega: float = 0.0, higher_is_better: bool = True) -> ChangeShapley:
    """How many places each domain's change of a unit has gained it, and how many the changes of the others: together the places gained, exactly.

    ``old`` and ``new``: units × the same domains (1 to 12), points that sum to the scores and are comparable between the years. A set of players is worth the rank of the unit
    when only they have moved: its own domains, each from old to new points, and "others", all other units at once; an effect is the Shapley value, positive
    where it gained places. A domain that did not change has 0. Ranks are among the units known in full in both years; the others are NaN. ``omega`` is the rule of ties as
    in ``rank``: 0 for the best place of a block of equals, ½ for the mean. ``RequestError`` for another number of domains, domains of one year only and one called "others".
    With all domains as one this is ``own_and_others``. Own method; the value is Shapley's (1953).

    >>> old = pd.DataFrame({"a": [1.0, 2, 3], "b": [1.0, 1, 1]}, index=["01", "02", "03"])
    >>> new = pd.DataFrame({"a": [5.0, 2, 3], "b": [1.0, 1, 1]}, index=["01", "02", "03"])
    >>> change_shapley(old, new).effects.round(9).loc["01"].to_dict()
    {'a': 2.0, 'b': 0.0, 'others': 0.0}
    """
    before, after = checked_numbers({"old": old, "new": new})
    require_same_nodes(before.columns, after.columns)
    require_none([*_domain_faults(after.columns), *([f"a domain is called {OTHERS!r}"] if OTHERS in after.columns else [])])
    units, domains = before.index.union(after.index, sort=False), after.columns
    whole = before.dropna().index.intersection(after.dropna().index, sort=False)
    sign = 1.0 if higher_is_better else -1.0
    x0, x1 = (sign * table.loc[whole, domains].to_numpy() for table in (before, after))
    ranks = {year: places_of(x.sum(axis=1), omega=omega) for year, x in (("old", x0), ("new", x1))}
    effects = pd.DataFrame(_moves(x0, x1, omega), index=whole, columns=[*domains, OTHERS])
    return ChangeShapley(effects.reindex(units), pd.DataFrame({**ranks, "change": ranks["old"] - ranks["new"]}, index=whole).reindex(units))


def _moves(x0: FloatArray, x1: FloatArray, omega: float) -> FloatArray:
    """Unit × (domains, others): the Shapley values of the places gained."""
    inside, weights = _coalitions(x0.shape[1]), _weights(x0.shape[1] + 1)
    found = np.empty((len(x0), len(weights)))
    size = max(1, _CELLS // len(inside))
    for start in range(0, len(x0), size):
        block = slice(start, start + size)
        scores = inside @ x1[block].T + (1 - inside) @ x0[block].T
        ranks = [_places_among(scores, field.sum(axis=1), field.sum(axis=1)[block], omega) for field in (x0, x1)]
        found[block] = -(weights @ np.concatenate(ranks)).T
    return found


def _places_among(scores: FloatArray, field: FloatArray, own: FloatArray, omega: float) -> FloatArray:
    """The ranks of a unit's ``scores`` (set × unit) in the field less its own score there."""
    ordered = np.sort(field)
    better = len(field) - np.searchsorted(ordered, scores + _TOLERANCE, side="right") - (own > scores + _TOLERANCE)
    reached = len(field) - np.searchsorted(ordered, scores - _TOLERANCE, side="left") - (own >= scores - _TOLERANCE)
    return np.asarray(1 + better + omega * (reached - better), dtype=np.float64)
