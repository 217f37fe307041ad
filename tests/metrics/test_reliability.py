"""Consistency of items: the OECD/JRC Handbook's tables, COINr's figures, and laws."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from par_analysis.errors import RequestError
from par_analysis.metrics.reliability import alpha_if_deleted, cronbach, eigenvalue_shares, item_rest_correlation
from tests.conftest import SHARED

FIVE = pd.DataFrame({"a": [1.0, 2, 3, 4, 5], "b": [2.0, 1, 4, 3, 5], "c": [4.0, 1, 3, 2, 5]}, index=["01", "02", "03", "04", "05"])
cells = st.integers(0, 40).map(lambda number: number / 4)
columns = st.lists(cells, min_size=6, max_size=6).filter(lambda drawn: len(set(drawn)) > 2)
tables = st.lists(columns, min_size=3, max_size=5).map(lambda drawn: pd.DataFrame(dict(zip("abcde", drawn, strict=False)), index=list("uvwxyz")))
sums = tables.filter(lambda items: np.linalg.eigvalsh(items.cov()).min() > 1e-3)


def refdata(name: str, **more: object) -> pd.DataFrame:
    if not SHARED.is_dir():
        pytest.skip("../shared/refdata is absent")
    return pd.read_csv(SHARED / "refdata" / name, **more)  # type: ignore[call-overload, no-any-return]


def pillar(name: str) -> list[str]:
    known = refdata("coinr/ASEM_iMeta.csv")
    return known.loc[(known["Type"] == "Indicator") & (known["Parent"] == name), "iCode"].tolist()


# ---------------------------------------------------------------- other people's figures


def test_alpha_agrees_with_coinr() -> None:
    """COINr ``get_cronbach`` on the normalised ASEM data (Becker; MIT): every pillar."""
    items = refdata("coinr/ASEM_coin_Normalised.csv", index_col=0)
    expected = refdata("coinr/ASEM_cronbach_normalised_by_pillar.csv", index_col=0)["cronbach_alpha"]
    assert {name: cronbach(items[pillar(name)]) for name in expected.index} == pytest.approx(expected.to_dict(), abs=1e-12)
    assert cronbach(items[pillar("Physical")]) == pytest.approx(0.66336601, abs=5e-9)
    assert cronbach(items[pillar("ConEcFin")]) == pytest.approx(0.63204297, abs=5e-9)


def test_alpha_of_raw_items_agrees_with_coinr_where_covariances_are_pairwise() -> None:
    """COINr, raw P2P .05126659: every covariance takes the units that have both items. The complete units alone give .0493672."""
    items = refdata("coinr/ASEM_coin_Raw.csv", index_col=0)[pillar("P2P")]
    assert cronbach(items, pairwise=True) == pytest.approx(0.05126659, abs=5e-9)
    assert cronbach(items) == pytest.approx(0.0493672, abs=5e-8)


def test_eigenvalues_agree_with_the_handbook() -> None:
    """OECD/JRC Handbook (2008), Table 16: shares of variance of the Technology Achievement Index, 23 countries, printed in percent."""
    found = eigenvalue_shares(refdata("oecd_tai/TAI_raw_23.csv", index_col=0))
    assert (100 * found["share"]).tolist() == pytest.approx([41.9, 21.8, 12.3, 11.1, 6.0, 3.7, 2.2, 0.9], abs=0.15)
    assert found["cumulative"].iloc[-1] == pytest.approx(1)


def test_consistency_agrees_with_the_handbook() -> None:
    """OECD/JRC Handbook (2008), Table 11, standardised: alpha .70, alpha if deleted, and correlation with the total of the others."""
    items = refdata("oecd_tai/TAI_raw_23.csv", index_col=0)
    printed = refdata("oecd_tai/TAI_cronbach_table11.csv", index_col=0)
    assert cronbach(items, standardised=True) == pytest.approx(0.7035, abs=0.0005)
    found = alpha_if_deleted(items, standardised=True)
    assert found.tolist() == pytest.approx([0.704, 0.645, 0.636, 0.774, 0.603, 0.624, 0.662, 0.706], abs=0.002)
    assert item_rest_correlation(items, standardised=True)[printed.index].tolist() == pytest.approx(printed["pub_corr"].tolist(), abs=0.007)


# ---------------------------------------------------------------- hand table and laws


def test_alpha_of_five_units_is_that_of_the_hand() -> None:
    """Variances 2.5 each; sums 7 4 10 9 15 about 9 have a sum of squares of 66, variance 16.5."""
    assert cronbach(FIVE) == pytest.approx(1.5 * (1 - 7.5 / 16.5))
    assert alpha_if_deleted(FIVE)["c"] == pytest.approx(2 * (1 - 5 / 9))
    assert item_rest_correlation(FIVE)["c"] == pytest.approx(np.corrcoef(FIVE["c"], FIVE["a"] + FIVE["b"])[0, 1])


@given(columns, st.integers(2, 6))
def test_identical_items_have_alpha_1(values: list[float], count: int) -> None:
    items = pd.DataFrame({f"item {i}": values for i in range(count)})
    assert cronbach(items) == pytest.approx(1)
    assert cronbach(items, standardised=True) == pytest.approx(1)
    assert item_rest_correlation(items).tolist() == pytest.approx([1] * count)
    assert eigenvalue_shares(items)["share"].iloc[0] == pytest.approx(1)


@given(sums, st.booleans())
def test_alpha_is_at_most_1(items: pd.DataFrame, standardised: bool) -> None:
    assert cronbach(items, standardised=standardised) <= 1 + 1e-9
    assert item_rest_correlation(items, standardised=standardised).abs().max() <= 1 + 1e-9


@given(sums, st.booleans(), st.randoms(use_true_random=False))
def test_order_and_names_change_nothing(items: pd.DataFrame, standardised: bool, random: object) -> None:
    shuffled = items.sample(frac=1, random_state=random.randint(0, 9999)).iloc[:, ::-1].rename(columns=str.upper, index=str.upper)  # type: ignore[attr-defined]
    assert cronbach(shuffled, standardised=standardised) == pytest.approx(cronbach(items, standardised=standardised), abs=1e-9)
    for metric in (alpha_if_deleted, item_rest_correlation):
        found = metric(shuffled, standardised=standardised).rename(str.lower)[items.columns]
        assert found.to_numpy() == pytest.approx(metric(items, standardised=standardised).to_numpy(), abs=1e-9)
    assert eigenvalue_shares(shuffled).to_numpy() == pytest.approx(eigenvalue_shares(items).to_numpy(), abs=1e-9)


@given(sums, st.floats(0.1, 10), st.floats(-5, 5))
def test_standardised_figures_do_not_depend_on_the_scale_of_an_item(items: pd.DataFrame, factor: float, shift: float) -> None:
    scaled = items.assign(a=items["a"] * factor + shift)
    assert cronbach(scaled, standardised=True) == pytest.approx(cronbach(items, standardised=True), abs=1e-7)
    assert eigenvalue_shares(scaled)["share"].tolist() == pytest.approx(eigenvalue_shares(items)["share"].tolist(), abs=1e-7)


@given(sums)
def test_standardised_alpha_is_that_of_z_scores(items: pd.DataFrame) -> None:
    scores = (items - items.mean()) / items.std()
    assert cronbach(items, standardised=True) == pytest.approx(cronbach(scores), abs=1e-9)
    assert item_rest_correlation(items, standardised=True).tolist() == pytest.approx(item_rest_correlation(scores).tolist(), abs=1e-9)


@given(sums)
def test_alpha_if_deleted_is_alpha_of_the_others(items: pd.DataFrame) -> None:
    found = alpha_if_deleted(items)
    assert found.tolist() == pytest.approx([cronbach(items.drop(columns=item)) for item in items.columns], abs=1e-9)


@given(tables)
def test_eigenvalues_sum_to_the_number_of_items_and_fall(items: pd.DataFrame) -> None:
    found = eigenvalue_shares(items)
    assert found["eigenvalue"].sum() == pytest.approx(items.shape[1])
    assert found["share"].sum() == pytest.approx(1)
    assert found["eigenvalue"].is_monotonic_decreasing
    assert list(found.index) == list(range(1, items.shape[1] + 1))


def test_unit_with_a_missing_item_is_left_out() -> None:
    extended = pd.concat([FIVE, pd.DataFrame({"a": [9.0], "b": [None], "c": [0.0]}, index=["06"])])
    assert cronbach(extended) == pytest.approx(cronbach(FIVE))
    assert cronbach(extended, pairwise=True) != pytest.approx(cronbach(FIVE))


def test_items_that_have_no_consistency_are_named() -> None:
    with pytest.raises(RequestError, match="items without variance: b, d"):
        cronbach(FIVE.assign(b=3.0, d=0.1))
    with pytest.raises(RequestError, match="1 items of 5 units"):
        cronbach(FIVE[["a"]])
    with pytest.raises(RequestError, match="2 items of 5 units"):
        alpha_if_deleted(FIVE[["a", "b"]])
    with pytest.raises(RequestError, match=r"3 items of 2 units \(3 more have a missing item\)"):
        eigenvalue_shares(FIVE.assign(b=[1.0, 2, None, None, None]))
    with pytest.raises(RequestError, match="items without units that have both: a and b"):
        cronbach(pd.DataFrame({"a": [1.0, 2, 3, None, None], "b": [None, None, None, 1.0, 2]}), pairwise=True)
    with pytest.raises(RequestError, match=r"not a finite number: 02 \(a\)"):
        cronbach(FIVE.assign(a=[1, "x", 3, 4, 5]))
    with pytest.raises(RequestError, match="more than once: 01"):
        cronbach(FIVE.set_axis(["01", "01", "03", "04", "05"]))


def test_items_that_cancel_out_are_refused() -> None:
    opposed = pd.DataFrame({"a": FIVE["a"], "b": -FIVE["a"]})
    with pytest.raises(RequestError, match="the sum of the items does not vary"):
        cronbach(opposed)
    with pytest.raises(RequestError, match="the sum of the other items does not vary: c"):
        item_rest_correlation(opposed.assign(c=FIVE["c"]))
    with pytest.raises(RequestError, match="the sum of the items does not vary"):
        alpha_if_deleted(opposed.assign(c=FIVE["c"]))


def test_input_is_not_changed() -> None:
    before = FIVE.copy()
    cronbach(FIVE, standardised=True)
    eigenvalue_shares(FIVE, pairwise=True)
    pd.testing.assert_frame_equal(FIVE, before)
