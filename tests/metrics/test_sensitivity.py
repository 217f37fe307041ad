"""Mean shift and leaving one out: COINr's figures, hand tables, laws."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from par_analysis.errors import RequestError
from par_analysis.metrics.perturbation import nominal_ranks
from par_analysis.metrics.sensitivity import average_shift, leave_one_out
from tests.conftest import SHARED

COINR = SHARED / "refdata" / "coinr"
PILLARS = {
    "Physical": ("Conn", 1.529412),
    "ConEcFin": ("Conn", 2.627451),
    "Political": ("Conn", 2.901961),
    "Instit": ("Conn", 1.176471),
    "P2P": ("Conn", 1.686275),
    "Environ": ("Sust", 3.098039),
    "Social": ("Sust", 3.960784),
    "SusEcFin": ("Sust", 2.627451),
}
"""The pillars of ASEM with their sub-index, and the mean change of ranks without them: COINr, docs/articles/sensitivity.html (MIT)."""

FIVE = pd.DataFrame({"a": [9.0, 7, 5, 3, 1], "b": [1.0, 2, 9, 4, 3], "c": [5.0, 6, 1, 8, 2]}, index=["01", "02", "03", "04", "05"])
tables = st.integers(1, 6).flatmap(lambda n: hnp.arrays(np.float64, (n, 3), elements=st.integers(0, 9).map(float))).map(lambda drawn: pd.DataFrame(drawn, columns=["a", "b", "c"]))


def test_average_shift_by_hand() -> None:
    reference = pd.Series([1, 2, 3, 4, 5], index=FIVE.index)
    ranks = pd.DataFrame([[1, 2, 3, 4, 5], [5, 4, 3, 2, 1], [2, 1, 3, 5, 4]], columns=FIVE.index)
    assert average_shift(reference, ranks).tolist() == pytest.approx([0, 2.4, 0.8])
    assert average_shift(reference[::-1], ranks[["05", "03", "01", "02", "04"]]).tolist() == pytest.approx([0, 2.4, 0.8])


def test_unit_without_a_rank_is_left_out_of_the_mean() -> None:
    found = average_shift(pd.Series({"01": 1.0, "02": None, "03": 2.0}), pd.DataFrame({"01": [2.0, None], "02": [1.0, 1.0], "03": [2.0, None]}))
    assert found[0] == 0.5
    assert math.isnan(found[1])


@given(st.permutations(range(1, 8)), st.permutations(range(1, 8)))
def test_shift_is_the_same_both_ways_and_at_most_half_the_square(one: list[int], other: list[int]) -> None:
    there = average_shift(pd.Series(one), pd.DataFrame([other])).iloc[0]
    assert there == average_shift(pd.Series(other), pd.DataFrame([one])).iloc[0]
    assert there <= 7**2 // 2 / 7


def test_other_units_are_named() -> None:
    with pytest.raises(RequestError, match="in one of the two only: 02"):
        average_shift(pd.Series({"01": 1.0}), pd.DataFrame({"01": [1.0], "02": [2.0]}))
    with pytest.raises(RequestError, match="repeated"):
        average_shift(pd.Series([1.0, 2.0], index=["01", "01"]), pd.DataFrame({"01": [1.0]}))


def test_leaving_one_out_by_hand() -> None:
    """Weights 2, 1, 1: without b the rest is 8/3 a + 4/3 c, without a it is 2 b + 2 c."""
    found = leave_one_out(FIVE, {"a": 2, "b": 1, "c": 1})
    assert found.scores["nominal"].tolist() == [24, 22, 20, 18, 7]
    assert found.scores["b"].tolist() == pytest.approx([92 / 3, 80 / 3, 44 / 3, 56 / 3, 16 / 3])
    assert found.scores["a"].tolist() == [12, 16, 20, 24, 10]
    assert found.ranks["nominal"].tolist() == [1, 2, 3, 4, 5]
    assert found.ranks["b"].tolist() == [1, 2, 4, 3, 5]
    assert found.ranks["a"].tolist() == [4, 3, 2, 1, 5]
    assert found.summary["mean_shift"].tolist() == pytest.approx([1.6, 0.4, found.summary.loc["c", "mean_shift"]])
    assert found.summary["max_shift"].tolist()[:2] == [3, 1]
    assert found.summary["weight"].tolist() == [2, 1, 1]


@given(tables, st.permutations(["a", "b", "c"]))
def test_order_of_rows_and_columns_does_not_matter(values: pd.DataFrame, order: list[str]) -> None:
    weights = {"a": 1, "b": 2, "c": 3}
    found, turned = leave_one_out(values, weights), leave_one_out(values.iloc[::-1][order], weights)
    pd.testing.assert_frame_equal(turned.summary.loc[["a", "b", "c"]], found.summary)
    pd.testing.assert_frame_equal(turned.ranks.loc[values.index, found.ranks.columns], found.ranks)


@given(tables)
def test_taking_out_what_has_no_weight_changes_nothing(values: pd.DataFrame) -> None:
    found = leave_one_out(values, {"a": 1, "b": 0, "c": 3})
    assert found.summary.loc["b", "mean_shift"] == 0
    assert found.ranks["b"].tolist() == found.ranks["nominal"].tolist() == nominal_ranks(values, {"a": 1, "b": 0, "c": 3}).tolist()


@given(tables, st.tuples(*[st.integers(1, 5)] * 3))
def test_groups_keep_their_totals(values: pd.DataFrame, drawn: tuple[int, int, int]) -> None:
    weights = dict(zip("abc", map(float, drawn), strict=True))
    found = leave_one_out(values, weights, groups={"a": "x", "b": "x", "c": "y"}).weights
    assert np.allclose(found.sum(axis=1), sum(drawn))
    assert (np.diag(found) == 0).all()
    assert found.loc[["a", "b"], "c"].tolist() == [weights["c"]] * 2


def test_last_of_a_group_takes_the_group_with_it() -> None:
    found = leave_one_out(FIVE, {"a": 1, "b": 3, "c": 4}, groups={"a": "x", "b": "x", "c": "y"})
    assert found.weights.loc["c"].tolist() == [2, 6, 0]


def test_unit_with_a_missing_value_is_ranked_nowhere() -> None:
    values = FIVE.copy()
    values.loc["01", "b"] = np.nan
    found = leave_one_out(values, {"a": 2, "b": 1, "c": 1})
    assert found.ranks.loc["01"].isna().all()
    assert found.ranks["b"].max() == 4
    assert found.summary["mean_shift"].notna().all()


def test_last_weight_is_not_taken_out() -> None:
    with pytest.raises(RequestError, match="without a nothing has a weight"):
        leave_one_out(FIVE, {"a": 1, "b": 0, "c": 0})


def test_column_without_a_group_is_named() -> None:
    with pytest.raises(RequestError, match="without a group: b, c"):
        leave_one_out(FIVE, {"a": 1, "b": 1, "c": 1}, groups={"a": "x"})


def test_leaving_out_each_pillar_agrees_with_coinr() -> None:
    """COINr 1.1 (Becker et al. 2022; MIT), remove_elements at level 2 of ASEM, arithmetic means of equal weights: 51 units, tolerance 1e-6 as printed, ranks exact."""
    if not COINR.is_dir():
        pytest.skip("../shared/refdata is absent")
    names = list(PILLARS)
    values = pd.read_csv(COINR / "ASEM_coin_Aggregated.csv", index_col="uCode")[names]
    groups = {name: group for name, (group, _) in PILLARS.items()}
    weights = {name: 0.5 / list(groups.values()).count(group) for name, group in groups.items()}
    found = leave_one_out(values, weights, groups=groups)
    assert found.summary["mean_shift"].to_dict() == pytest.approx({name: shift for name, (_, shift) in PILLARS.items()}, abs=1e-6)
    ranks, scores = (pd.read_csv(COINR / f"ASEM_remove_level2_{kind}.csv", index_col="uCode").rename(columns={"Nominal": "nominal"}) for kind in ("ranks", "scores"))
    assert (found.ranks.loc[ranks.index, ranks.columns] == ranks).all(axis=None)
    assert np.abs(found.scores.loc[scores.index, scores.columns] - scores).max(axis=None) < 1e-9
