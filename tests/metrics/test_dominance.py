"""Outranking, Copeland and dominance: COINr's figures, hand tables, laws."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from par_analysis.errors import RequestError
from par_analysis.metrics.dominance import copeland, dominance, outranking
from tests.conftest import SHARED

COINR = SHARED / "refdata" / "coinr"
PILLARS = ["Physical", "ConEcFin", "Political", "Instit", "P2P", "Environ", "Social", "SusEcFin"]
cells = st.one_of(st.integers(0, 3).map(float), st.just(float("nan")))


def tables(elements: st.SearchStrategy[float]) -> st.SearchStrategy[pd.DataFrame]:
    shapes = st.tuples(st.integers(1, 6), st.just(3))
    return shapes.flatmap(lambda shape: hnp.arrays(np.float64, shape, elements=elements)).map(lambda drawn: pd.DataFrame(drawn, columns=["a", "b", "c"]))


with_gaps, full = tables(cells), tables(st.integers(0, 3).map(float))
weights = st.tuples(*[st.integers(0, 4)] * 3).filter(any).map(lambda drawn: dict(zip("abc", map(float, drawn), strict=True)))


def toy() -> pd.DataFrame:
    return pd.DataFrame({"x1": [1.0, 2, 3, 4], "x2": [3.0, 2, 1, 5], "x3": [2.0, 3, 1, 4]}, index=["1", "2", "3", "4"])


def test_toy_of_coinr_comes_out() -> None:
    """COINr (MIT), tests/testthat/test-aggregate.R: outranking [2,1] 2/3, [3,1] 1/3, [4,1] 1; 3 dominance pairs, half of all."""
    found = outranking(toy())
    assert found.loc[["2", "3", "4"], "1"].tolist() == pytest.approx([2 / 3, 1 / 3, 1], abs=1e-12)
    pairs = dominance(toy())
    assert (pairs.count, pairs.fraction, pairs.compared) == (3, 0.5, 6)
    assert pairs.pairs.values.tolist() == [["4", "1"], ["4", "2"], ["4", "3"]]
    assert pairs.counts.to_dict("list") == {"dominates": [0, 0, 0, 3], "dominated_by": [1, 1, 1, 0]}


def test_pillars_of_asem_agree_with_coinr() -> None:
    """COINr 1.1 (Becker et al. 2022; MIT), 51 units by 8 pillars of equal weight: the matrix and Copeland's scores exact; 71 dominance pairs, .05568627 of 1,275."""
    if not COINR.is_dir():
        pytest.skip("../shared/refdata is absent")
    values = pd.read_csv(COINR / "ASEM_coin_Aggregated.csv", index_col="uCode")[PILLARS]
    matrix = pd.read_csv(COINR / "ASEM_outrank_matrix_pillars.csv", index_col="uCode")
    scores = pd.read_csv(COINR / "ASEM_copeland_pillars.csv", index_col="uCode")["copeland"]
    found = outranking(values)
    assert (found.loc[matrix.index, matrix.columns] == matrix).all(axis=None)
    assert (copeland(found)[scores.index] == scores).all()
    assert copeland(found)[["AUS", "AUT", "BEL"]].tolist() == [-19, 40, 39]
    pairs = dominance(values)
    assert pairs.count == 71
    assert pairs.fraction == pytest.approx(0.05568627, abs=1e-8)


def test_outranking_with_weights_by_hand() -> None:
    """Five units; 01 is ahead of 02 in a (weight 2), behind in b (1), equal in c (1): 2.5 of 4."""
    values = pd.DataFrame({"a": [5.0, 1, 3, 4, 2], "b": [1.0, 2, 3, 4, 5], "c": [1.0, 1, 2, 2, 0]}, index=["01", "02", "03", "04", "05"])
    found = outranking(values, {"a": 2, "b": 1, "c": 1})
    assert found.loc["01", "02"] == 2.5 / 4
    assert found.loc["02", "01"] == 1.5 / 4
    assert found.loc["04", "03"] == 3.5 / 4
    assert copeland(found).to_dict() == {"01": 2, "02": -4, "03": 1, "04": 3, "05": -2}


@given(with_gaps, weights)
def test_a_pair_and_its_reverse_sum_to_one(values: pd.DataFrame, given_weights: dict[str, float]) -> None:
    found = outranking(values, given_weights).to_numpy()
    both = (found + found.T)[~np.eye(len(found), dtype=bool)]
    assert np.allclose(both[~np.isnan(both)], 1)
    assert (np.diag(found) == 0).all()


@given(with_gaps, weights)
def test_copeland_scores_sum_to_zero_and_turn_with_the_direction(values: pd.DataFrame, given_weights: dict[str, float]) -> None:
    up, down = (copeland(outranking(values, given_weights, higher_is_better=direction)) for direction in (True, False))
    assert up.sum() == 0
    assert (up == -down).all()


@given(with_gaps, weights, st.integers(0, 99))
def test_order_of_rows_and_columns_does_not_matter(values: pd.DataFrame, given_weights: dict[str, float], seed: int) -> None:
    shuffled = values.sample(frac=1, random_state=seed)[["c", "a", "b"]]
    pd.testing.assert_frame_equal(outranking(shuffled, given_weights).loc[values.index, values.index], outranking(values, given_weights))
    pd.testing.assert_frame_equal(dominance(shuffled).counts.loc[values.index], dominance(values).counts)


@given(with_gaps, weights)
def test_column_without_weight_changes_nothing(values: pd.DataFrame, given_weights: dict[str, float]) -> None:
    more = values.assign(d=np.arange(len(values), dtype="float64"))
    pd.testing.assert_frame_equal(outranking(more, {**given_weights, "d": 0.0}), outranking(values, given_weights))


@given(full, st.booleans())
def test_dominance_is_what_it_says(values: pd.DataFrame, up: bool) -> None:
    rows = (values if up else -values).to_numpy()
    expected = {(i, j) for i in range(len(rows)) for j in range(len(rows)) if (rows[i] >= rows[j]).all() and (rows[i] > rows[j]).any()}
    found = dominance(values, higher_is_better=up)
    assert set(found.pairs.itertuples(index=False, name=None)) == expected
    assert found.compared == math.comb(len(rows), 2)


@given(full)
def test_dominance_is_one_way_and_handed_on(values: pd.DataFrame) -> None:
    pairs = set(dominance(values).pairs.itertuples(index=False, name=None))
    assert not {(worse, better) for better, worse in pairs} & pairs
    assert {(one, third) for one, other in pairs for another, third in pairs if other == another} <= pairs


@given(full)
def test_unit_that_dominates_outranks(values: pd.DataFrame) -> None:
    shares = outranking(values)
    assert all(shares.loc[better, worse] > 0.5 for better, worse in dominance(values).pairs.itertuples(index=False, name=None))


def test_missing_value_is_left_out_of_the_pair() -> None:
    values = pd.DataFrame({"a": [2.0, 1.0, None], "b": [None, 3.0, 4.0]}, index=["01", "02", "03"])
    found = outranking(values)
    assert found.loc["01", "02"] == 1
    assert found.loc["02", "03"] == 0
    assert math.isnan(found.loc["01", "03"])
    assert copeland(found).tolist() == [1, -2, 1]
    pairs = dominance(values)
    assert (pairs.count, pairs.compared) == (0, 0)
    assert math.isnan(pairs.fraction)
    assert pairs.counts["dominates"].isna().tolist() == [True, False, True]


def test_values_within_tolerance_are_equal() -> None:
    values = pd.DataFrame({"a": [0.1 + 0.2, 0.3], "b": [1.0, 1.0]})
    assert outranking(values).loc[0, 1] == 0.5
    assert dominance(values).count == 0


def test_matrix_that_is_not_square_is_refused() -> None:
    with pytest.raises(RequestError, match="not the same units"):
        copeland(pd.DataFrame([[0.0, 1.0]]))


def test_values_of_many_draws_are_refused() -> None:
    with pytest.raises(RequestError, match="many draws"):
        dominance(pd.DataFrame({("01", "a"): [1.0]}))


def test_weights_that_do_not_fit_are_refused() -> None:
    with pytest.raises(RequestError, match="of no column: z; wanting: x1, x2, x3"):
        outranking(toy(), {"z": 1})
