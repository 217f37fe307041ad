"""Normalisation: goalposts, standard deviations, ranks; laws, and indicators that others normalised."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from par_analysis.errors import RequestError
from par_analysis.metrics.normalisation import minmax, numbers_of, percentile_ranks, zscore
from tests.conftest import SHARED
from tests.metrics.test_trees import asem

COINR = SHARED / "refdata" / "coinr"
UNITS = ["01", "02", "03", "04", "05"]
HAND = pd.DataFrame({"rate": [90.0, 95, 100, None, 80], "days": [10.0, 5, 30, 20, 10]}, index=UNITS)
DOWN = {"days": -1}

columns = st.lists(st.one_of(st.none(), st.integers(-50, 50)), min_size=3, max_size=9).filter(lambda drawn: len({value for value in drawn if value is not None}) > 1)
tables = columns.map(lambda drawn: pd.DataFrame({"x": pd.Series(drawn, dtype="float64")}))


def test_minmax_by_hand() -> None:
    """Rates from 80 to 100; days from 5, the best, to 30."""
    found = minmax(HAND, direction=DOWN)
    assert found["rate"].tolist()[:3] == [50, 75, 100]
    assert found["days"].tolist() == [80, 100, 0, 40, 80]


def test_goalposts_may_be_one_for_all_or_one_a_column() -> None:
    assert minmax(HAND, low=0, high=100)["rate"].tolist()[0] == 90
    assert minmax(HAND, low={"rate": 60}, to=(0, 1))["rate"].tolist()[0] == 0.75


def test_values_beyond_goalposts_are_capped_only_where_asked() -> None:
    assert minmax(HAND[["rate"]], low=85, high=95)["rate"].tolist()[2:] == pytest.approx([150, np.nan, -50], nan_ok=True)
    assert minmax(HAND[["rate"]], low=85, high=95, cap=True)["rate"].tolist()[2:] == pytest.approx([100, np.nan, 0], nan_ok=True)
    assert minmax(HAND[["rate"]], low=85, high=95, cap=True, direction={"rate": -1}, to=(1, 10))["rate"].tolist()[2:] == pytest.approx([1, np.nan, 10], nan_ok=True)


def test_logarithms_are_taken_of_values_and_goalposts() -> None:
    income = pd.DataFrame({"income": [100.0, 1000, 10000], "years": [0.0, 5, 10]})
    found = minmax(income, low={"income": 100, "years": 0}, high={"income": 10000, "years": 10}, log=["income"])
    assert found.to_numpy().tolist() == pytest.approx(np.array([[0, 0], [50, 50], [100, 100]]))


def test_zscore_by_hand() -> None:
    """Days 10, 5, 30, 20, 10: mean 15, sum of squares 400."""
    assert zscore(HAND, direction=DOWN)["days"].tolist() == [0.5, 1, -1.5, -0.5, 0.5]
    assert zscore(HAND[["days"]], ddof=0)["days"].std(ddof=0) == pytest.approx(1)


def test_percentile_ranks_by_hand() -> None:
    found = percentile_ranks(HAND, direction=DOWN)
    assert found["days"].tolist() == [62.5, 100, 0, 25, 62.5]
    assert found["rate"].tolist()[:3] == pytest.approx([100 / 3, 200 / 3, 100])


@pytest.mark.skipif(not COINR.exists(), reason="../shared/refdata is absent")
def test_minmax_agrees_with_coinr() -> None:
    """ASEM example of COINr 1.1 (MIT): treated data, 49 indicators with directions, to [0, 100]."""
    treated, expected = (pd.read_csv(COINR / f"ASEM_coin_{step}.csv", index_col="uCode") for step in ("Treated", "Normalised"))
    leaves = list(asem().leaves)
    found = minmax(treated[leaves], direction=asem().leaf_directions)
    pd.testing.assert_frame_equal(found, expected[leaves], check_dtype=False, rtol=0, atol=1e-9)


@given(tables, st.booleans())
def test_missing_stays_missing(table: pd.DataFrame, up: bool) -> None:
    for found in (minmax(table, direction={"x": 1 if up else -1}), zscore(table), percentile_ranks(table)):
        assert found.isna().equals(table.isna())


@given(tables)
def test_turning_values_and_direction_changes_nothing(table: pd.DataFrame) -> None:
    for scale in (minmax, zscore, percentile_ranks):
        pd.testing.assert_frame_equal(scale(-table, direction={"x": -1}), scale(table), rtol=0, atol=1e-9)


@given(tables, st.floats(0.01, 100), st.floats(-100, 100))
def test_unit_of_measure_does_not_matter(table: pd.DataFrame, factor: float, shift: float) -> None:
    for scale in (minmax, zscore):
        pd.testing.assert_frame_equal(scale(table * factor + shift), scale(table), rtol=0, atol=1e-6)


@given(tables, st.randoms(use_true_random=False))
def test_order_of_rows_does_not_matter(table: pd.DataFrame, random: object) -> None:
    shuffled = table.sample(frac=1, random_state=random.randint(0, 9999))  # type: ignore[attr-defined]
    for scale in (minmax, zscore, percentile_ranks):
        pd.testing.assert_frame_equal(scale(shuffled).sort_index(), scale(table), rtol=0, atol=1e-9)


@given(tables)
def test_order_of_units_is_kept(table: pd.DataFrame) -> None:
    for found in (minmax(table), zscore(table)):
        assert found["x"].rank().equals(table["x"].rank())


def test_input_is_left_alone() -> None:
    before = HAND.copy(deep=True)
    minmax(HAND, direction=DOWN, log=["days"])
    zscore(HAND, direction=DOWN)
    percentile_ranks(HAND, direction=DOWN)
    pd.testing.assert_frame_equal(HAND, before)


def test_a_column_that_does_not_vary_is_refused() -> None:
    constant = HAND.assign(rate=0.1 + 0.2, gone=np.nan)
    constant.iloc[0, 0] = 0.3
    with pytest.raises(RequestError, match="no spread in 'rate', 'gone'"):
        zscore(constant)
    with pytest.raises(RequestError, match=r"no room between the goalposts of 'days' \(30, 10\), 'gone' \(nan, 10\)"):
        minmax(constant.drop(columns="rate"), low={"days": 30}, high=10)
    assert percentile_ranks(constant)["gone"].isna().all()


def test_logarithms_of_zero_are_refused_with_unit_and_column() -> None:
    with pytest.raises(RequestError, match="a logarithm needs values above 0: unit '02' has 0 at 'days'"):
        minmax(HAND.assign(days=[10.0, 0, 30, 20, 10]), log=["days"], low=1)
    with pytest.raises(RequestError, match=r"goalposts above 0: 'days' \(0\)"):
        minmax(HAND, log=["days"], low=0)


def test_unknown_columns_and_directions_are_refused() -> None:
    for more in ({"low": {"rates": 1}}, {"high": {"rates": 1}}, {"log": ["rates"]}, {"direction": {"rates": 1}}):
        with pytest.raises(RequestError, match="the table has not: 'rates'"):
            minmax(HAND, **more)  # type: ignore[arg-type]
    with pytest.raises(RequestError, match="no direction: 0 of 'days'"):
        zscore(HAND, direction={"days": 0})


def test_all_that_is_no_table_of_numbers_is_named() -> None:
    wrong = pd.DataFrame([["87,84", np.inf], [1.0, 2.0], [None, 3.0]], index=["01", "02", "02"], columns=["a", "a"])
    with pytest.raises(RequestError) as met:
        numbers_of(wrong)
    assert str(met.value) == "duplicated units: '02'; duplicated columns: 'a'; no finite number: unit '01' has '87,84' at 'a'; unit '01' has inf at 'a'"


def test_text_that_is_a_number_is_read() -> None:
    assert numbers_of(pd.DataFrame({"x": ["1.5", None]}))["x"].tolist() == pytest.approx([1.5, np.nan], nan_ok=True)


def test_many_faults_are_counted() -> None:
    with pytest.raises(RequestError, match="and 4 more"):
        numbers_of(pd.DataFrame({"x": [np.inf] * 9}))


def test_an_empty_table_stays_empty() -> None:
    assert numbers_of(pd.DataFrame(index=UNITS)).shape == (5, 0)
    assert minmax(pd.DataFrame(index=UNITS)).shape == (5, 0)
