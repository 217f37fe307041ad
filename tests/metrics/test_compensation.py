"""Four ways to put columns together: hand tables, laws, floors."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from par_analysis.errors import RequestError
from par_analysis.metrics.compensation import compensation, mazziotta_pareto

METHODS = ["arithmetic", "mpi", "geometric", "minimum"]
percents = st.integers(2, 100).map(float)
tables = st.integers(1, 6).flatmap(lambda n: hnp.arrays(np.float64, (n, 3), elements=percents)).map(lambda drawn: pd.DataFrame(drawn, columns=["a", "b", "c"]))
weights = st.tuples(*[st.integers(0, 4)] * 3).filter(any).map(lambda drawn: dict(zip("abc", map(float, drawn), strict=True)))


def five() -> pd.DataFrame:
    return pd.DataFrame({"a": [90.0, 60, 50, 100, 30], "b": [10.0, 60, 70, 0, 30]}, index=["01", "02", "03", "04", "05"])


def test_scores_by_hand() -> None:
    """01: mean 50, variance 1,600, MPI 50 - 32; 04: mean 50, variance 2,500, MPI 0, geometric mean of 100 and the floor of 1."""
    found = compensation(five())
    assert found.scores["arithmetic"].tolist() == [50, 60, 60, 50, 30]
    assert found.scores["mpi"].tolist() == pytest.approx([18, 60, 60 - 100 / 60, 0, 30])
    assert found.scores["geometric"].tolist() == pytest.approx([30, 60, 3500**0.5, 10, 30])
    assert found.scores["minimum"].tolist() == [10, 60, 50, 0, 30]
    assert found.ranks.astype(int).values.T.tolist() == [[3, 1, 1, 3, 5], [4, 1, 2, 5, 3], [3, 1, 2, 5, 3], [4, 1, 2, 5, 3]]


def test_what_was_floored_is_told() -> None:
    found = compensation(five(), floor=20)
    assert found.floored.values.tolist() == [["01", "b", 10.0], ["04", "b", 0.0]]
    assert found.notes == ("geometric mean: 2 values below 20 taken as 20",)
    assert found.scores.loc["04", ["geometric", "minimum"]].tolist() == pytest.approx([2000**0.5, 0])
    assert compensation(five().iloc[:3]).notes == ()


def test_weights_by_hand() -> None:
    """Weights 3 and 1 of 90 and 10: mean 70, variance 3/4 x 400 + 1/4 x 3,600 = 1,200."""
    found = compensation(five(), {"a": 3, "b": 1}).scores.loc["01"]
    assert found.tolist() == pytest.approx([70, 70 - 1200 / 70, (90**3 * 10) ** 0.25, 10])


@given(tables, weights)
def test_less_compensation_never_scores_higher(values: pd.DataFrame, given_weights: dict[str, float]) -> None:
    scores = compensation(values, given_weights).scores
    assert (scores["arithmetic"] + 1e-9 >= scores["geometric"]).all()
    assert (scores["geometric"] + 1e-9 >= scores["minimum"]).all()
    assert (scores["arithmetic"] + 1e-9 >= scores["mpi"]).all()


@given(st.lists(percents, min_size=1, max_size=6), weights)
def test_even_units_are_ranked_alike_by_all(levels: list[float], given_weights: dict[str, float]) -> None:
    found = compensation(pd.DataFrame(dict.fromkeys("abc", levels)), given_weights)
    assert np.allclose(found.scores, np.array(levels)[:, None])
    assert all(found.ranks[method].tolist() == found.ranks["arithmetic"].tolist() for method in METHODS)


@given(tables, weights, st.integers(0, 99))
def test_order_of_rows_and_columns_does_not_matter(values: pd.DataFrame, given_weights: dict[str, float], seed: int) -> None:
    shuffled = values.sample(frac=1, random_state=seed)[["c", "a", "b"]]
    pd.testing.assert_frame_equal(compensation(shuffled, given_weights).ranks.loc[values.index], compensation(values, given_weights).ranks)


@given(tables, weights)
def test_column_without_weight_changes_nothing(values: pd.DataFrame, given_weights: dict[str, float]) -> None:
    more = compensation(values.assign(d=np.nan), {**given_weights, "d": 0.0})
    pd.testing.assert_frame_equal(more.scores, compensation(values, given_weights).scores)


@given(tables)
def test_unit_that_is_nowhere_behind_never_ranks_below(values: pd.DataFrame) -> None:
    """Means and minimum; the MPI alone may punish a unit for being better in one column only."""
    ranks = compensation(values).ranks
    for better in values.index:
        for worse in values.index[(values <= values.loc[better]).all(axis=1)]:
            assert (ranks.loc[better, ["arithmetic", "geometric", "minimum"]] <= ranks.loc[worse, ["arithmetic", "geometric", "minimum"]]).all()


def test_mpi_can_punish_a_gain() -> None:
    """Three columns 10, 10, 60: mean 26 2/3, variance 5,000/9; with 90 for 60 mean 36 2/3, variance 12,800/9. It falls where 2 (x - M)/M > 1 + S^2/M^2."""
    found = mazziotta_pareto(pd.DataFrame({"a": [10.0, 10.0], "b": [10.0, 10.0], "c": [60.0, 90.0]}))
    assert found.tolist() == pytest.approx([80 / 3 - 5000 / 9 / (80 / 3), 110 / 3 - 12800 / 9 / (110 / 3)])
    assert found[1] < found[0]


def test_penalty_is_added_where_lower_is_better() -> None:
    assert mazziotta_pareto(five(), higher_is_better=False).tolist() == pytest.approx([82, 60, 60 + 100 / 60, 100, 30])


def test_mpi_of_nothing_is_nothing() -> None:
    assert mazziotta_pareto(pd.DataFrame({"a": [0.0, 5.0], "b": [0.0, 5.0]})).tolist() == [0, 5]


def test_unit_with_a_missing_value_has_no_score() -> None:
    values = five()
    values.loc["02", "b"] = np.nan
    found = compensation(values)
    assert found.scores.loc["02"].isna().all()
    assert found.ranks.loc["02"].isna().all()
    assert found.ranks["arithmetic"].max() == 4
    assert np.isnan(mazziotta_pareto(values)["02"])


@pytest.mark.parametrize(
    ("values", "options", "said"),
    [
        ({"a": [50.0, -1.0]}, {}, "negative attainments: 1"),
        ({"a": [0.5, 1.0]}, {}, "no attainment above the floor"),
        ({"a": [50.0]}, {"floor": 0.0}, "floor 0.0 is not above 0"),
        ({"a": [50.0]}, {"floor": float("nan")}, "is not above 0"),
        ({"a": [50.0]}, {"weights": {"b": 1.0}}, "of no column: b; wanting: a"),
        ({("01", "a"): [50.0]}, {}, "many draws"),
    ],
)
def test_what_cannot_be_used_is_named(values: dict[str, list[float]], options: dict[str, object], said: str) -> None:
    with pytest.raises(RequestError, match=said):
        compensation(pd.DataFrame(values), **options)  # type: ignore[arg-type]


def test_input_is_left_alone() -> None:
    values = five()
    compensation(values)
    pd.testing.assert_frame_equal(values, five())
