"""Units that were merged: what their scores would have been before, within the band of the weights that nobody knows, and what the merger changed.

Merging is N:1. A quality of the merged unit (a score, a rate) is a weighted mean of its members, a count is their sum.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import pandas as pd

from par_analysis.errors import RequestError, UnknownName
from par_analysis.metrics.decompositions import require_numbers
from par_analysis.metrics.ranks import FloatArray, rank

ValueKind = Literal["quality", "count"]
Weights = Mapping[str, float] | pd.Series | None


@dataclass(frozen=True)
class Merged:
    """Values of the merged units, each table merged units × columns.

    ``low`` and ``high`` are the least and the greatest known member, ``known`` the share of the members' weight whose value is known; ``members``: by unit,
    ``count`` and ``codes``.
    """

    value: pd.DataFrame
    low: pd.DataFrame
    high: pd.DataFrame
    known: pd.DataFrame
    members: pd.DataFrame


@dataclass(frozen=True)
class MergerBand:
    """The merged units under several weightings. ``values``, ``ranks``: merged units × weightings; ``band``: by unit, see ``merger_band``."""

    values: pd.DataFrame
    ranks: pd.DataFrame
    band: pd.DataFrame


def membership(units: Collection[str], mergers: pd.DataFrame, *, date: str | None = None, continuing: Collection[str] = ()) -> pd.Series[str]:
    """Which merged unit every unit belongs to: by unit, the code after the merger; a unit that the table does not name goes on unchanged.

    ``mergers`` has ``from_code``, ``to_code`` and perhaps ``date`` (data/reference/mergers.csv); where it holds several dates, ``date`` picks one. A unit that takes others
    in and keeps its code is ``continuing`` (Hà Nội 01 took in Hà Tây 28 on 2008-08-01), unless a row of the table says so (01 → 01). Members that ``units`` lacks are listed
    too: they are missing, not absent. Sorted by code.

    ``RequestError`` for a unit with two successors, units listed twice, and units of after the merger among those of before: 34 and 63 are never mixed.

    >>> table = pd.DataFrame({"from_code": ["08", "02"], "to_code": ["08-2025", "08-2025"]})
    >>> membership(["01", "02", "08"], table).to_dict()
    {'01': '01', '02': '08-2025', '08': '08-2025'}
    """
    successor = _successors(mergers, date, continuing)
    listed = [str(unit) for unit in units]
    if len(set(listed)) < len(listed):
        raise RequestError("a unit is listed twice", hint="one row a unit")
    later = sorted(set(listed) & (set(successor.values()) - set(successor)))
    if later:
        hint = "one set of units at a time; a unit that took others in and kept its code is named in continuing"
        raise RequestError(f"units of after the merger among those of before: {', '.join(later)}", hint=hint)
    found = {unit: successor.get(unit, unit) for unit in sorted({*listed, *successor})}
    return pd.Series(found, name="merged_unit", dtype=object).rename_axis("unit")


def merged(
    values: pd.Series[float] | pd.DataFrame,
    mergers: pd.DataFrame,
    *,
    weights: Weights = None,
    kind: ValueKind = "quality",
    date: str | None = None,
    continuing: Collection[str] = (),
    least_known: float = 1.0,
) -> Merged:
    """The values of the merged units, from those of their members: weighted means of qualities, sums of counts.

    ``values`` are units (× columns) of before the merger; ``date`` and ``continuing`` as in ``membership``. ``weights`` are by unit (population, area, cases), ``None`` for
    equal ones; a member of weight 0 needs no value. Where a member is missing the merged value is missing; a quality may be had from members that hold at least
    ``least_known`` of the weight, and ``known`` says how much they hold. An unchanged unit keeps its value. Merged units are sorted by code.

    ``RequestError`` as in ``membership``, for members without a weight, weights that are negative or sum to 0, weights or ``least_known`` with counts, and values that
    are not finite. Own method (B5); v_k of the mean I = sum v_k I_k are the caller's choice: see ``merger_band``.

    >>> table = pd.DataFrame({"from_code": ["08", "02"], "to_code": ["08-2025", "08-2025"]})
    >>> merged(pd.Series({"02": 40.0, "08": 44.0, "01": 45.0}), table, weights={"02": 1, "08": 3, "01": 8}).value.iloc[:, 0].to_dict()
    {'01': 45.0, '08-2025': 43.0}
    """
    if kind not in get_args(ValueKind):
        raise UnknownName("kind of value", kind, get_args(ValueKind))
    if kind == "count" and (weights is not None or least_known != 1.0):
        raise RequestError("counts are summed, and only where all members are known", hint="neither weights nor least_known goes with counts")
    if not 0.0 < least_known <= 1.0:
        raise RequestError(f"least_known {least_known} is not in (0, 1]", hint="the share of the members' weight that has to be known")
    require_numbers({"values": values})
    table = values.to_frame() if isinstance(values, pd.Series) else values
    belongs = membership(list(table.index), mergers, date=date, continuing=continuing)
    known = table.set_axis(table.index.astype(str)).reindex(belongs.index).astype("float64")
    if np.isinf(known.to_numpy()).any():
        raise RequestError("a value is not finite", hint="a missing value is NaN")
    return _merged(known, belongs, _member_weights(weights, belongs), kind, least_known)


def merger_band(
    values: pd.Series[float],
    mergers: pd.DataFrame,
    weightings: Mapping[str, Weights],
    *,
    date: str | None = None,
    continuing: Collection[str] = (),
    higher_is_better: bool = True,
    tolerance: float = 1e-9,
) -> MergerBand:
    """A quality of the merged units under each of the ``weightings`` (name → weights by unit, ``None``: equal), with ranks among the merged units.

    ``band``, by merged unit: ``members``; ``low``, ``high`` over the weightings; ``limit_low``, ``limit_high`` over all weightings there could be, which are the least and
    the greatest member; ``rank_low`` (best), ``rank_high`` (worst) over the weightings; ``rank_limit_low``, ``rank_limit_high`` over all there could be (members are
    disjoint, so each unit may be at its best while all others are at their worst); ``out_of``. A unit with a missing member has no value and no rank.

    ``RequestError`` as in ``merged``, and without a weighting. Own method.

    >>> table = pd.DataFrame({"from_code": ["a", "b", "c"], "to_code": ["x", "x", "y"]})
    >>> found = merger_band(pd.Series({"a": 1.0, "b": 5.0, "c": 4.0}), table, {"equal": None, "people": {"a": 1, "b": 9, "c": 1}})
    >>> found.values.loc["x"].tolist(), found.ranks.loc["x"].tolist(), found.band.loc["x", ["limit_low", "limit_high"]].tolist()
    ([3.0, 4.6], [2.0, 1.0], [1.0, 5.0])
    """
    if not weightings:
        raise RequestError("no weighting", hint='weightings: name → weights by unit, for instance {"equal": None}')
    found = {name: merged(values, mergers, weights=weights, date=date, continuing=continuing) for name, weights in weightings.items()}
    alike = merged(values, mergers, date=date, continuing=continuing)
    table = pd.DataFrame({name: one.value.iloc[:, 0] for name, one in found.items()}).where(alike.value.iloc[:, 0].notna())
    ranks = table.apply(rank, higher_is_better=higher_is_better, tolerance=tolerance)
    limits = {"limit_low": alike.low.iloc[:, 0], "limit_high": alike.high.iloc[:, 0]}
    sign = 1.0 if higher_is_better else -1.0
    ends = np.sort(np.stack([sign * end.to_numpy(dtype=np.float64) for end in limits.values()]), axis=0)
    best, worst = _limit_ranks(ends[0], ends[1], tolerance)
    span = {"low": table.min(axis=1), "high": table.max(axis=1)}
    places = {"rank_low": ranks.min(axis=1), "rank_high": ranks.max(axis=1), "rank_limit_low": best, "rank_limit_high": worst}
    return MergerBand(table, ranks, pd.DataFrame({"members": alike.members["count"], **span, **limits, **places, "out_of": int(alike.value.count().iloc[0])}))


def merger_effect(actual: pd.Series[float], backcast: MergerBand) -> pd.DataFrame:
    """What a merged unit scored, less what its members' scores give: by merged unit, in the back-cast's order.

    ``actual`` are scores of merged units only. Columns: ``members``, ``actual``, ``effect_low`` and ``effect_high`` over the band's weightings, ``effect_limit_low`` and
    ``effect_limit_high`` over all there could be, ``is_beyond``: the score lies outside its members' scores, so that no weights explain it. Where actual and back-cast
    are of different years the effect holds the year's ordinary change too; the units with one member show how large that is. A missing score has no effect.

    ``RequestError`` for units that the back-cast does not have: provinces of before the merger are not set beside those of after it. Own method (B6).

    >>> table = pd.DataFrame({"from_code": ["a", "b", "c"], "to_code": ["x", "x", "y"]})
    >>> band = merger_band(pd.Series({"a": 1.0, "b": 5.0, "c": 4.0}), table, {"equal": None})
    >>> merger_effect(pd.Series({"x": 6.0, "y": 4.5}), band)[["effect_low", "is_beyond"]].values.tolist()
    [[3.0, True], [0.5, True]]
    """
    require_numbers({"actual": actual})
    foreign = sorted(set(map(str, actual.index)) - set(backcast.band.index))
    if foreign or actual.index.has_duplicates:
        raise RequestError(f"not a unit of the back-cast: {', '.join(foreign)}" if foreign else "a unit is listed twice", hint="scores of the merged units, one row a unit")
    band = backcast.band
    scored = actual.set_axis(actual.index.astype(str)).reindex(band.index).astype("float64")
    spans = {"effect_low": "high", "effect_high": "low", "effect_limit_low": "limit_high", "effect_limit_high": "limit_low"}
    table = pd.DataFrame({"members": band["members"], "actual": scored, **{name: scored - band[end] for name, end in spans.items()}})
    return table.assign(is_beyond=(table["effect_limit_low"] > 1e-9) | (table["effect_limit_high"] < -1e-9))


def _successors(mergers: pd.DataFrame, date: str | None, continuing: Collection[str]) -> dict[str, str]:
    """Unit → its successor, of one merger."""
    if not {"from_code", "to_code"} <= set(mergers.columns):
        raise RequestError("the table of mergers lacks from_code or to_code", hint="see data/reference/mergers.csv")
    dates = sorted(set(mergers["date"].astype(str))) if "date" in mergers else []
    if date is None and len(dates) > 1:
        raise RequestError(f"mergers of {', '.join(dates)}", hint="date picks one of them")
    if date is not None and date not in dates:
        raise UnknownName("date of a merger", date, dates)
    rows = mergers if date is None else mergers[mergers["date"].astype(str) == date]
    olds, news = rows["from_code"].astype(str).tolist(), rows["to_code"].astype(str).tolist()
    twice = sorted({old for old in olds if olds.count(old) > 1})
    if twice:
        raise RequestError(f"two successors of {', '.join(twice)}", hint="a merger is N:1; a unit that was divided cannot be carried on")
    for unit in sorted(set(continuing) - set(news)):
        raise UnknownName("continuing unit", unit, sorted(set(news)))
    return {**dict(zip(olds, news, strict=True)), **{unit: unit for unit in continuing}}


def _member_weights(weights: Weights, belongs: pd.Series[str]) -> pd.Series[float]:
    """The weight of every member, checked."""
    if weights is None:
        return pd.Series(1.0, index=belongs.index)
    given = pd.Series({str(unit): float(weight) for unit, weight in weights.items()}, dtype="float64").reindex(belongs.index)
    wrong = [str(unit) for unit, weight in given.items() if not (np.isfinite(weight) and weight >= 0)]
    sums = given.groupby(belongs).sum()
    idle = [str(unit) for unit, total in sums.items() if not wrong and total <= 0]
    if wrong or idle:
        text = f"no weight of 0 or more for {', '.join(wrong)}" if wrong else f"weights of 0 alone in {', '.join(idle)}"
        raise RequestError(text, hint="weights: unit → its weight, for every member")
    return given


def _merged(values: pd.DataFrame, belongs: pd.Series[str], weights: pd.Series[float], kind: ValueKind, least_known: float) -> Merged:
    """The merged tables of checked values; rows are sorted, so that sums do not depend on the order of the input."""
    is_known = values.notna()
    held = is_known.mul(weights, axis=0).groupby(belongs).sum()
    known = held.div(weights.groupby(belongs).sum(), axis=0)
    low, high = values.groupby(belongs).min(), values.groupby(belongs).max()
    sums = values.mul(weights, axis=0).groupby(belongs).sum()
    found = sums if kind == "count" else sums.div(held.where(held > 0)).clip(lower=low, upper=high)
    enough = known >= least_known - 1e-9
    codes = pd.Series(belongs.index, index=belongs.index).groupby(belongs)
    members = pd.DataFrame({"count": codes.size(), "codes": codes.agg("; ".join)})
    value, low, high = (table.where(enough).rename_axis("unit") for table in (found, low, high))
    return Merged(value, low, high, known.rename_axis("unit"), members.rename_axis("unit"))


def _limit_ranks(low: FloatArray, high: FloatArray, tolerance: float) -> tuple[FloatArray, FloatArray]:
    """Best rank (own best end, the others' worst) and worst rank of oriented bands; NaN where a band is unknown."""
    is_known = ~np.isnan(low)
    lows, highs = np.sort(low[is_known]), np.sort(high[is_known])
    best = 1.0 + len(lows) - np.searchsorted(lows, high + tolerance, side="right")
    worst = 1.0 + len(highs) - np.searchsorted(highs, low + tolerance, side="right") - (high > low + tolerance)
    return np.where(is_known, best, np.nan), np.where(is_known, worst, np.nan)
