"""Cells as floats: whatever pandas keeps them as, and what is no number."""

from __future__ import annotations

from contextlib import suppress

import numpy as np
import pandas as pd
import pytest

from par_analysis import metrics
from par_analysis.errors import RequestError
from par_analysis.metrics.numbers import floats_of

SCORES = pd.Series({"01": 3.0, "02": 2.0, "03": 1.0})
TABLE = pd.DataFrame({"a": [3.0, 2, 1], "b": [1.0, 5, 2]}, index=["01", "02", "03"])
RANKS = pd.DataFrame({"01": [1.0, 2], "02": [2.0, 1], "03": [3.0, 3]})
STEPS = pd.DataFrame({"points": [1.0, 1], "maximum": [2.0, 2], "step": [0.5, 0.5], "cost": [1.0, 3]}, index=["1.1", "1.2"])


@pytest.mark.parametrize("kind", ["int64", "Int64", "Float64", "float32", "bool", object])
def test_numbers_of_every_kind_are_floats(kind: str) -> None:
    found = floats_of(pd.DataFrame({"a": [1, 0], "b": [0, 1]}).astype(kind), "values")
    assert found.dtype == np.float64
    assert found.tolist() == [[1, 0], [0, 1]]


def test_missing_of_every_kind_is_nan() -> None:
    assert np.isnan(floats_of(pd.DataFrame({"a": pd.array([pd.NA], dtype="Float64"), "b": [None], "c": [np.nan], "d": pd.Series([pd.NA], dtype=object)}), "values")).all()


def test_first_five_cells_that_are_no_numbers_are_named() -> None:
    with pytest.raises(RequestError, match=r"scores that are no numbers: 'x' \(01, a\), 'x' \(02, a\), .* and 1 more"):
        floats_of(pd.DataFrame({"a": ["x"] * 6}, index=[f"0{i}" for i in range(1, 7)]), "scores")


def text_in(table: pd.DataFrame | pd.Series) -> pd.DataFrame | pd.Series:
    wrong = table.astype(object)
    wrong.iloc[0] = "4,5"
    return wrong


@pytest.mark.parametrize(
    ("metric", "tables", "options"),
    [
        ("rank_sets", {"scores": SCORES, "standard_errors": SCORES}, {"rng": np.random.default_rng(1), "draws": 9}),
        ("rank_sets", {"scores": SCORES, "covariance": pd.DataFrame(np.eye(3), index=SCORES.index, columns=SCORES.index)}, {"adjustment": "bonferroni"}),
        ("rank_sets", {"scores": SCORES, "standard_errors": SCORES, "normals": RANKS}, {}),
        ("tie_groups", {"values": SCORES, "low": SCORES - 1, "high": SCORES + 1}, {}),
        ("missing_data_bounds", {"points": TABLE, "maxima": pd.Series({"a": 9.0, "b": 9.0})}, {}),
        ("ranks_of_draws", {"values": TABLE, "weights": pd.DataFrame({"a": [1.0], "b": [1.0]})}, {}),
        ("ranks_of_scores", {"scores": RANKS}, {}),
        ("rank_summary", {"ranks": RANKS, "nominal": SCORES}, {}),
        ("acceptability", {"ranks": RANKS}, {}),
        ("ranking_entropy", {"ranks": RANKS}, {}),
        ("central_weights", {"ranks": RANKS, "weights": pd.DataFrame({"a": [0.5, 0.5]})}, {}),
        ("confidence_factors", {"values": TABLE, "central": TABLE}, {}),
        ("entropy", {"shares": RANKS}, {}),
        ("average_shift", {"reference": SCORES, "ranks": RANKS}, {}),
        ("sobol_indices", {"y": pd.Series(np.arange(8.0))}, {"names": ["p", "q"]}),
        ("scaled_weights", {"weights": pd.Series({"a": 1.0}), "points": pd.DataFrame({"a": [0.5]})}, {}),
        ("copeland", {"outranked": metrics.outranking(TABLE)}, {}),
        ("peers", {"context": TABLE}, {"unit": "01"}),
        ("cheapest_route", {"steps": STEPS}, {"need": 1.0}),
        ("rank_shapley", {"points": TABLE}, {}),
    ],
)
def test_text_among_numbers_is_refused_in_words_and_unknown_numbers_in_none(metric: str, tables: dict[str, pd.DataFrame | pd.Series], options: dict[str, object]) -> None:
    """No metric answers text with a numpy error; a missing number of any kind is answered as NaN is, or refused in words."""
    of = getattr(metrics, metric)
    of(**tables, **options)
    for name, table in tables.items():
        with pytest.raises(RequestError):
            of(**(tables | {name: text_in(table)}), **options)
        gone = table.astype(object)
        gone.iloc[0] = pd.NA
        with suppress(RequestError):
            of(**(tables | {name: gone}), **options)
