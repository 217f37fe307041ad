"""Changes taken apart: closing laws, hand tables, the classic shift-share figures, and what is refused."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from par_analysis.errors import RequestError
from par_analysis.metrics.decompositions import bennet, checked_numbers, dunn, require_same_nodes, shift_share

UNITS = ["01", "02", "04", "06", "08"]
attainment = st.floats(0, 100)
Year = tuple[pd.DataFrame, pd.Series]


@st.composite
def years(draw: st.DrawFn, nodes: tuple[str, ...] = ("a", "b", "c", "d", "e")) -> Year:
    """Attainments and weights of a year on some of the nodes."""
    names = draw(st.lists(st.sampled_from(nodes), min_size=1, unique=True))
    values = draw(st.lists(st.lists(attainment, min_size=len(names), max_size=len(names)), min_size=1, max_size=4))
    shares = np.array(draw(st.lists(st.integers(0, 20), min_size=len(names), max_size=len(names)).filter(any)), dtype=float)
    return pd.DataFrame(values, index=UNITS[: len(values)], columns=names), pd.Series(shares / shares.sum(), index=names)


@given(years(), years())
def test_performance_reweighting_and_coverage_sum_to_the_change(old: Year, new: Year) -> None:
    found = bennet(old[0], new[0], old[1], new[1])
    units = old[0].index.intersection(new[0].index)
    change = (new[0].loc[units] * new[1]).sum(axis=1) - (old[0].loc[units] * old[1]).sum(axis=1)
    assert found.units.loc[units, "change"].tolist() == pytest.approx(change.tolist(), abs=1e-9)
    assert found.units.loc[units].iloc[:, :3].sum(axis=1).tolist() == pytest.approx(change.tolist(), abs=1e-9)
    by_node = found.nodes.groupby(level="unit").sum().loc[units]
    assert (by_node - found.units.loc[units, by_node.columns]).abs().to_numpy().max() < 1e-9
    assert found.units.drop(units).isna().all(axis=None)


@given(years(), st.data())
def test_one_method_has_performance_only(year: Year, data: st.DataObject) -> None:
    old, weights = year
    new = old + pd.DataFrame([[data.draw(st.integers(-9, 9)) for _ in old] for _ in old.index], index=old.index, columns=old.columns)
    found = bennet(old, new, weights, weights)
    assert found.units[["reweighting", "coverage"]].eq(0).all(axis=None)
    assert found.common_share.tolist() == pytest.approx([1, 1])


@given(years(), years())
def test_equal_attainments_everywhere_have_no_performance(old: Year, new: Year) -> None:
    same = [table * 0 + 50.0 for table, _ in (old, new)]
    found = bennet(*same, old[1], new[1]).units.dropna()
    assert found[["performance", "change"]].abs().to_numpy().max(initial=0) < 1e-9


@given(years(), years())
def test_turning_the_years_about_turns_the_sign(old: Year, new: Year) -> None:
    there, back = bennet(old[0], new[0], old[1], new[1]).units, bennet(new[0], old[0], new[1], old[1]).units
    assert (there + back).abs().fillna(0).to_numpy().max() < 1e-9


@given(years(), years())
def test_order_of_rows_and_columns_and_new_names_do_not_matter(old: Year, new: Year) -> None:
    found = bennet(old[0], new[0], old[1], new[1])
    turned = bennet(old[0].iloc[::-1, ::-1], new[0].iloc[::-1, ::-1], old[1], new[1].iloc[::-1])
    assert np.allclose(turned.units.loc[found.units.index], found.units, atol=1e-9, equal_nan=True)
    names = {label: label.upper() for label in new[0].columns}
    matched = {names[label]: label for label in new[0].columns.intersection(old[0].columns)}
    renamed = bennet(old[0], new[0].rename(columns=names), old[1], new[1].rename(names), matched=matched)
    pd.testing.assert_frame_equal(renamed.units, found.units)


def five() -> tuple[pd.DataFrame, pd.DataFrame, dict[str, float], dict[str, float]]:
    """Node b is dropped (30 of 100 points), d is new (20), and a, c carry more."""
    old = pd.DataFrame({"a": [80.0, 60, 50, 90, np.nan], "b": [50.0, 40, 60, 70, 80], "c": [70.0, 70, 20, 50, 60]}, index=UNITS)
    new = pd.DataFrame({"a": [90.0, 60, 40, 90, 70], "c": [70.0, 80, 30, 40, 60], "d": [100.0, 0, 50, 75, 80]}, index=UNITS)
    return old, new, {"a": 0.4, "b": 0.3, "c": 0.3}, {"a": 0.5, "c": 0.3, "d": 0.2}


def test_bennet_by_hand() -> None:
    """Unit 01: performance .45·10 + .3·0; reweighting 85·.1 + 70·0; coverage .2·100 - .3·50; from 68 to 86."""
    found = bennet(*five())
    expected = {"01": [4.5, 8.5, 5, 18], "02": [3, 6, -12, -3], "04": [-1.5, 4.5, -8, -5], "06": [-3, 9, -6, 0]}
    for unit, row in expected.items():
        assert found.units.loc[unit].tolist() == pytest.approx(row)
    assert found.common_share.tolist() == pytest.approx([0.7, 0.8])
    assert found.nodes.loc[("01", "exiting", "b")].tolist() == pytest.approx([0, 0, -15])
    assert found.nodes.loc[("01", "entering", "d")].tolist() == pytest.approx([0, 0, 20])
    assert found.nodes.loc[("01", "common", "a")].tolist() == pytest.approx([4.5, 8.5, 0])


def test_unit_with_a_missing_attainment_is_missing_and_its_known_nodes_are_not() -> None:
    found = bennet(*five())
    assert found.units.loc["08"].isna().all()
    assert found.nodes.loc[("08", "entering", "d"), "coverage"] == pytest.approx(16)
    assert np.isnan(found.nodes.loc[("08", "common", "a"), "performance"])


def test_matches_say_which_nodes_are_the_same() -> None:
    """New b is old a; the old b, whose label new b has, exits; new c has the label of old c and another meaning."""
    old, new = pd.DataFrame([[10.0, 20, 30]], ["01"], ["a", "b", "c"]), pd.DataFrame([[40.0, 50]], ["01"], ["b", "c"])
    found = bennet(old, new, {"a": 0.2, "b": 0.3, "c": 0.5}, {"b": 0.6, "c": 0.4}, matched={"b": "a", "c": None})
    assert found.nodes.index.droplevel("unit").tolist() == [("common", "b"), ("entering", "c"), ("exiting", "b"), ("exiting", "c")]
    assert found.units.loc["01"].tolist() == pytest.approx([0.4 * 30, 25 * 0.4, 0.4 * 50 - 0.3 * 20 - 0.5 * 30, 44 - 23])
    assert found.common_share.tolist() == pytest.approx([0.2, 0.6])


def test_label_taken_by_a_match_is_not_matched_twice() -> None:
    old, new = pd.DataFrame({"a": [10.0]}, index=["01"]), pd.DataFrame({"a": [20.0], "b": [30.0]}, index=["01"])
    found = bennet(old, new, {"a": 1}, {"a": 0.5, "b": 0.5}, matched={"b": "a"})
    assert found.nodes.index.droplevel("unit").tolist() == [("entering", "a"), ("common", "b")]


def test_nothing_known_has_no_units() -> None:
    old, new, *weights = five()
    found = bennet(old.iloc[:0], new.iloc[:0], *weights)
    assert found.units.empty
    assert found.nodes.empty


def test_input_is_left_alone() -> None:
    old, new, *weights = five()
    before = old.copy(), new.copy()
    bennet(old, new, *weights)
    shift_share(old, old)
    pd.testing.assert_frame_equal(old, before[0])
    pd.testing.assert_frame_equal(new, before[1])


@pytest.mark.parametrize(
    ("weights", "words"),
    [
        ({"a": 0.4, "b": 0.3}, "has no weight for c"),
        ({"a": 0.4, "b": 0.3, "c": 0.3, "x": 0}, "unknown nodes: x"),
        ({"a": 1.4, "b": -0.7, "c": 0.3}, "negative or not finite for b"),
        ({"a": 0.4, "b": np.nan, "c": 0.3}, "negative or not finite for b"),
        ({"a": 0.4, "b": 0.3, "c": 0.4}, "sum to 1.1, not to 1"),
        (pd.Series([0.4, 0.3, 0.2, 0.1], index=["a", "b", "c", "c"]), "a node twice: c"),
    ],
)
def test_faulty_weights_are_refused(weights: dict[str, float], words: str) -> None:
    old, new, _, new_weights = five()
    with pytest.raises(RequestError, match=words):
        bennet(old, new, weights, new_weights)


def test_faults_of_both_years_are_named_together() -> None:
    old, new, *_ = five()
    with pytest.raises(RequestError, match=r"old_weights has no weight for b; new_weights has no weight for a"):
        bennet(old, new, {"a": 0.5, "c": 0.5}, {"c": 0.5, "d": 0.5})


@pytest.mark.parametrize(
    ("matched", "words"),
    [({"x": "a"}, "no new node is called x"), ({"a": "x"}, "no old node is called x"), ({"a": "b", "d": "b"}, "matched to more than one new node: b")],
)
def test_faulty_matches_are_refused(matched: dict[str, str], words: str) -> None:
    with pytest.raises(RequestError, match=words):
        bennet(*five(), matched=matched)


@pytest.mark.parametrize(
    ("table", "words"),
    [
        (pd.DataFrame({"a": [1, 2]}, index=["01", "01"]), "old has a unit twice: 01"),
        (pd.DataFrame([[1, 2]], index=["01"], columns=["a", "a"]), "old has a column twice: a"),
        (pd.DataFrame({"a": ["87,84"], "b": [1]}), "no numbers in a"),
        (pd.DataFrame({"a": [np.inf]}), "infinite"),
        (pd.Series(["high"]), "no numbers"),
    ],
)
def test_tables_that_are_no_numbers_are_refused(table: pd.DataFrame, words: str) -> None:
    with pytest.raises(RequestError, match=words):
        checked_numbers({"old": table})


def test_missing_in_a_column_of_objects_is_missing() -> None:
    found = checked_numbers({"old": pd.DataFrame({"a": [1, None], "b": [None, None]}, dtype="object")})[0]
    assert found["a"].tolist()[0] == 1
    assert found.isna().sum().tolist() == [1, 2]


# ---------------------------------------------------------------- shift-share


points = st.lists(st.lists(st.integers(0, 30), min_size=3, max_size=3), min_size=1, max_size=5)


@given(points, points)
def test_national_and_own_sum_to_the_change_and_own_to_nothing(one: list[list[int]], other: list[list[int]]) -> None:
    n = min(len(one), len(other))
    old, new = (pd.DataFrame(rows[:n], index=UNITS[:n], columns=["a", "b", "c"], dtype="float64") for rows in (one, other))
    found = shift_share(old, new)
    assert (found.nodes["national"] + found.nodes["own"] - found.nodes["change"]).abs().max() < 1e-9
    assert found.units["change"].tolist() == pytest.approx((new - old).sum(axis=1).tolist(), abs=1e-9)
    assert found.nodes["own"].groupby(level="node").sum().abs().max() < 1e-9


def test_shift_share_by_hand() -> None:
    """Node a changes by 1, 3 and 2 (mean 2), node b by 0 and 4 (mean 2; unit 03 is not known there)."""
    old = pd.DataFrame({"a": [1.0, 2, 3], "b": [5.0, 5, np.nan]}, index=["01", "02", "03"])
    new = pd.DataFrame({"b": [5.0, 9, 5, 1], "a": [2.0, 5, 5, 1]}, index=["01", "02", "03", "04"])
    found = shift_share(old, new)
    assert found.units.loc[["01", "02"]].to_numpy().tolist() == [[4, -3, 1], [4, 3, 7]]
    assert found.units.loc[["03", "04"]].isna().all(axis=None)
    assert found.nodes.loc[("03", "a")].tolist() == [2, 0, 2]


def test_nodes_of_one_year_are_refused() -> None:
    with pytest.raises(RequestError, match="not known in the new year: b; not known in the old year: c"):
        shift_share(pd.DataFrame({"a": [1], "b": [1]}), pd.DataFrame({"a": [1], "c": [1]}))
    with pytest.raises(RequestError, match="not known in the new year: b"):
        require_same_nodes(pd.Index(["a", "b"]), pd.Index(["a"]))


NATION = pd.Series([400.0, 150, 150, 400]), pd.Series([440.0, 210, 135, 480])


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ([90, 20, 10, 60], [100, 40, 10, 55], [27, 1, -3, 25]),
        ([60, 30, 30, 40], [85, 55, 40, 35], [24, -1, 32, 55]),
        ([250, 100, 110, 300], [255, 115, 85, 390], [114, 0, -29, 85]),
    ],
    ids=list("ABC"),
)
def test_dunn_agrees_with_reat(old: list[float], new: list[float], expected: list[float]) -> None:
    """R package REAT (GPL), ``shift`` run on the example regions A, B and C of its manual: national share, industrial mix, regional share, growth; tolerance 1e-9."""
    found = dunn(pd.DataFrame([old], index=["01"]), pd.DataFrame([new], index=["01"]), *NATION)
    assert found.iloc[0, :4].tolist() == pytest.approx(expected, abs=1e-9)
    assert found.loc["01", "note"] == ""


@given(points)
def test_dunn_sums_to_the_change(rows: list[list[int]]) -> None:
    old = pd.DataFrame(rows, index=UNITS[: len(rows)], columns=["a", "b", "c"]) + 1
    found = dunn(old, old * [1, 2, 0], old.sum(), (old * 1.5).sum())
    assert (found[["national", "mix", "own"]].sum(axis=1) - found["change"]).abs().max() < 1e-9


def test_growth_from_nothing_is_undefined_and_said() -> None:
    old = pd.DataFrame({"a": [0.0, 1, 1], "b": [1.0, 1, np.nan]}, index=["01", "02", "03"])
    found = dunn(old, old + 1, pd.Series({"a": 2.0, "b": 3}), pd.Series({"a": 3.0, "b": 3}))
    assert found.loc["01", ["national", "mix", "own"]].isna().all()
    assert found["change"].tolist()[:2] == [2, 2]
    assert found["note"].tolist() == ["growth from 0: a", "", "not known in both years: b"]
    none = dunn(old, old, pd.Series({"a": 0.0, "b": 3}), pd.Series({"a": 3.0, "b": 3}))
    assert none[["national", "mix", "own"]].isna().all(axis=None)
    assert none.loc["02", "note"] == "growth of the nation from 0: a"
    nothing = dunn(old, old, pd.Series({"a": 0.0, "b": 0}), pd.Series({"a": 3.0, "b": 3}))
    assert nothing["national"].isna().all()


def test_negative_and_missing_amounts_are_refused() -> None:
    table, nation = pd.DataFrame({"a": [-1.0]}), pd.Series({"a": np.nan})
    with pytest.raises(RequestError, match="old has negative amounts; national_old has missing amounts"):
        dunn(table, table.abs(), nation, nation.fillna(1))
