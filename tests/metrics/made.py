"""Panels made for tests: facts written by hand, and small worlds of which everything is known and some of it published."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from hypothesis import strategies as st

from par_analysis.metrics.figures import figures
from par_analysis.metrics.ranks import rank
from par_analysis.model import COUNTRY, FIGURES

YEAR = 2023


def fact(unit: str, measure: str, value: float, *, year: int = YEAR, node: str = "total", out_of: float = math.nan, **more: Any) -> dict[str, Any]:
    """A published figure."""
    scale = "place" if measure == "rank" else "points"
    return {
        "index": "par_index", "unit": unit, "year": year, "node": node, "measure": measure, "value": value, "unit_of_measure": scale, "out_of": out_of,
        "basis": "published", "source": f"https://example.org/{unit}", "edition": "made", **more,
    }  # fmt: skip


def table(*facts: dict[str, Any]) -> pd.DataFrame:
    """A panel of facts."""
    return figures(facts)


def of_scores(scores: dict[str, float], *, year: int = YEAR) -> list[dict[str, Any]]:
    return [fact(unit, "score", value, year=year) for unit, value in scores.items()]


def of_ranks(ranks: dict[str, float], *, year: int = YEAR, out_of: float = math.nan) -> list[dict[str, Any]]:
    return [fact(unit, "rank", value, year=year, out_of=out_of) for unit, value in ranks.items()]


def value(found: pd.DataFrame, measure: str, unit: str | None = None) -> float:
    """The one value of a measure, NaN where there is none."""
    rows = found[(found["measure"] == measure) & ((found["unit"] == unit) if unit else True)]
    assert len(rows) <= 1
    return float(rows["value"].iloc[0]) if len(rows) else math.nan


def as_dict(found: pd.DataFrame) -> dict[str, float]:
    """Measure → value."""
    return dict(zip(found["measure"], found["value"], strict=True))


def is_figures(found: pd.DataFrame) -> bool:
    """Whether columns and dtypes are those of ``FIGURES``."""
    return list(found.columns) == list(FIGURES) and found.dtypes.astype(str).tolist() == figures([]).dtypes.astype(str).tolist()


@dataclass(frozen=True)
class World:
    """The whole truth about a year, and which of it is published."""

    scores: tuple[float, ...]
    ranks: tuple[float, ...]
    score_known: tuple[bool, ...]
    rank_known: tuple[bool, ...]
    ends_known: tuple[bool, bool]
    higher_is_better: bool
    shared: bool

    @property
    def units(self) -> list[str]:
        return [f"{i:02d}" for i in range(len(self.scores))]

    def panel(self) -> pd.DataFrame:
        rows = [fact(unit, "score", score) for unit, score, known in zip(self.units, self.scores, self.score_known, strict=True) if known]
        rows += [fact(unit, "rank", place, out_of=len(self.units)) for unit, place, known in zip(self.units, self.ranks, self.rank_known, strict=True) if known]
        rows += [fact(COUNTRY, name, end(self.scores)) for (name, end), known in zip((("max", max), ("min", min)), self.ends_known, strict=True) if known]
        return figures(rows)


def unique_ranks(scores: list[float], order: list[int], *, higher_is_better: bool) -> list[float]:
    """One unit a place; equals in the order given."""
    sign = -1 if higher_is_better else 1
    best_first = sorted(range(len(scores)), key=lambda i: (sign * scores[i], order[i]))
    return [float(best_first.index(i) + 1) for i in range(len(scores))]


@st.composite
def worlds(draw: st.DrawFn, *, shared: bool | None = None, largest: int = 8) -> World:
    """Worlds with equals, with competition ranks (``shared``) or one unit a place."""
    scores = draw(st.lists(st.integers(0, 12).map(lambda number: number * 8.25), min_size=1, max_size=largest))
    up, share = draw(st.booleans()), draw(st.booleans()) if shared is None else shared
    order = draw(st.permutations(range(len(scores))))
    ranks = rank(pd.Series(scores, dtype="float64"), higher_is_better=up).tolist() if share else unique_ranks(scores, order, higher_is_better=up)
    masks = st.lists(st.booleans(), min_size=len(scores), max_size=len(scores)).map(tuple)
    return World(tuple(scores), tuple(ranks), draw(masks), draw(masks), draw(st.tuples(st.booleans(), st.booleans())), up, share)


def hidden(known: tuple[bool, ...], truth: tuple[float, ...]) -> np.ndarray[Any, np.dtype[np.float64]]:
    return np.where(known, truth, np.nan)
