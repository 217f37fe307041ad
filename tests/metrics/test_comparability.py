"""Editions of a method side by side: fates of items, shares, and the index of the common ones."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from par_analysis import catalog, dataset
from par_analysis.catalog import Catalog
from par_analysis.errors import RequestError, UnknownName
from par_analysis.metrics.comparability import COMMON, KINDS, common_basket, comparability, framework_items
from par_analysis.model import Framework


def edition(**maxima: float) -> pd.DataFrame:
    return pd.DataFrame({"node": list(maxima), "maximum": list(maxima.values())})


def rows(*links: tuple[str, str] | tuple[str, str, str]) -> pd.DataFrame:
    return pd.DataFrame([(*link, "")[:3] for link in links], columns=["old", "new", "kind"])


OLD = edition(a=20, b=30, c=20, d=10, e=10, f=10)
NEW = edition(a=20, b=25, g=5, c1=10, c2=15, h=15, k=10)
CONCORDANCE = rows(("a", "a"), ("b", "b"), ("f", "k"), ("c", "c1"), ("c", "c2"), ("d", "h"), ("e", "h"), ("", "g"))


def kinds(old: pd.DataFrame, new: pd.DataFrame, concordance: pd.DataFrame | None = None) -> dict[tuple[str, str], str]:
    items = comparability(old, new, concordance).items
    return {(old_node, new_node): kind for old_node, new_node, kind in items[["old", "new", "kind"]].itertuples(index=False)}


def test_every_fate_of_an_item_is_told() -> None:
    found = kinds(OLD, NEW, CONCORDANCE)
    assert found == {("a", "a"): "same", ("b", "b"): "re-maximised", ("", "g"): "new", ("c", "c1; c2"): "split", ("d; e", "h"): "merged", ("f", "k"): "renamed"}


def test_shares_are_those_of_a_hand_table() -> None:
    """Points of the hand table, both years out of 100."""
    items = comparability(OLD, NEW, CONCORDANCE).items.set_index("new")
    assert items.loc["c1; c2", ["old_share", "new_share"]].tolist() == [20, 25]
    assert items.loc["h", ["old_share", "new_share"]].tolist() == [20, 15]
    assert items.loc["g", ["old_share", "new_share"]].tolist() == [0, 5]


def test_summary_counts_items_and_points_by_kind() -> None:
    found = comparability(OLD, NEW, CONCORDANCE)
    assert found.summary.index.tolist() == list(KINDS)
    assert found.summary["items"].tolist() == [1, 1, 1, 1, 1, 1, 0]
    assert (found.common_old, found.common_new) == (60, 55)


def test_items_come_in_the_order_of_the_new_edition_and_dropped_ones_last() -> None:
    found = comparability(edition(x=1, y=1, z=1), edition(w=1, y=1)).items
    assert found[["old", "new"]].to_numpy().tolist() == [["", "w"], ["y", "y"], ["x", ""], ["z", ""]]


def test_names_tell_what_was_renamed() -> None:
    old = pd.DataFrame({"node": ["a", "b"], "maximum": [1, 1], "name": ["Law", "Staff"]})
    found = comparability(old, old.assign(name=["Institutions", "Staff"])).items
    assert found[["kind", "name"]].to_numpy().tolist() == [["renamed", "Institutions"], ["same", "Staff"]]


def test_a_code_may_be_dropped_and_begin_anew() -> None:
    found = kinds(edition(a=5, b=5), edition(a=5, b=5), rows(("a", "", "dropped"), ("", "a", "new"), ("b", "b")))
    assert found == {("", "a"): "new", ("b", "b"): "same", ("a", ""): "dropped"}


def test_rest_is_matched_by_code_only_on_request() -> None:
    old, new = edition(a=5, b=5), edition(k=5, b=5)
    with pytest.raises(RequestError, match="no row for old node b; no row for new node b"):
        comparability(old, new, rows(("a", "k")))
    assert comparability(old, new, rows(("a", "k")), rest_by_code=True).summary["items"].to_dict() == {**dict.fromkeys(KINDS, 0), "same": 1, "renamed": 1}


def test_stated_kind_may_call_a_renumbered_item_the_same() -> None:
    assert kinds(edition(a=5), edition(k=5), rows(("a", "k", "same"))) == {("a", "k"): "same"}


@pytest.mark.parametrize(
    ("concordance", "says"),
    [
        (rows(("a", "a"), ("b", "x"), ("y", "b")), "unknown old node y; unknown new node x"),
        (rows(("a", "a"), ("b", "b", "re-maximised")), "b is same, not re-maximised"),
        (rows(("a", "a", "new"), ("b", "b", "split")), "a is same, not new; b is same, not split"),
        (rows(("a", "a"), ("a", "b"), ("b", "b")), "more than one fate to a"),
        (rows(("a", "a"), ("a", ""), ("b", "b")), "more than one fate to a"),
        (rows(("a", "a"), ("", "a"), ("b", "b")), "more than one fate to a"),
        (rows(("a", "a"), ("a", "a"), ("b", "b")), "named twice"),
        (rows(("a", "a"), ("b", "b"), ("", "")), "names no node"),
        (pd.DataFrame({"from": ["a"]}), "lacks the columns old and new"),
    ],
)
def test_wrong_concordance_is_refused_by_name(concordance: pd.DataFrame, says: str) -> None:
    with pytest.raises(RequestError, match=says):
        comparability(edition(a=5, b=5), edition(a=5, b=5), concordance)


def test_a_split_with_two_stated_kinds_is_refused() -> None:
    with pytest.raises(RequestError, match="a is split, not renamed or split"):
        comparability(edition(a=5), edition(b=2, c=3), rows(("a", "b", "split"), ("a", "c", "renamed")))


def test_unknown_kind_is_refused() -> None:
    with pytest.raises(UnknownName, match="kind of item 'sam'"):
        comparability(edition(a=5), edition(a=5), rows(("a", "a", "sam")))


@pytest.mark.parametrize(
    ("table", "says"),
    [
        (pd.DataFrame({"node": ["a"]}), "lacks the columns"),
        (pd.DataFrame({"node": [], "maximum": []}), "no items"),
        (edition(a=0, b=-1, c=float("nan")), "no positive maximum of a, b, c"),
        (pd.DataFrame({"node": ["a", "a"], "weight": [1, 2]}), "listed twice: a"),
        (pd.DataFrame({"node": ["a"], "weight": [1]}), "column 'weight'"),
    ],
)
def test_wrong_edition_is_refused_by_name(table: pd.DataFrame, says: str) -> None:
    with pytest.raises(RequestError, match=says):
        comparability(table, edition(a=5))


def test_framework_lists_its_lowest_nodes() -> None:
    found = framework_items(catalog.load().frameworks["papi-since-2021"])
    assert found["maximum"].sum() == pytest.approx(80, abs=1e-3)
    assert len(found) == 28


def test_framework_without_domains_or_maxima_cannot_be_compared() -> None:
    with pytest.raises(RequestError, match="no domains"):
        framework_items(Framework("x", "", "", (2023,), True, ()))
    decree = framework_items(catalog.load().frameworks["qd-876-2022"])
    with pytest.raises(RequestError, match="no positive maximum of domain:1, domain:5, domain:6, domain:7, domain:8"):
        comparability(decree, decree)


def test_papi_lost_one_item_and_scaled_three_in_2021() -> None:
    """The frameworks of this library: construction permits (2.5 of 80 points) dropped in 2021, the other three of its dimension from 2.5 to 3.3333."""
    known = catalog.load().frameworks
    found = comparability(framework_items(known["papi-2020"]), framework_items(known["papi-since-2021"]))
    assert found.summary["items"].to_dict() == {"same": 25, "renamed": 0, "re-maximised": 3, "split": 0, "merged": 0, "new": 0, "dropped": 1}
    assert found.common_old == pytest.approx(100 * 77.5 / 80, abs=1e-3)
    assert found.common_new == pytest.approx(100)


maxima = st.dictionaries(st.sampled_from("abcdefg"), st.integers(1, 9), min_size=1)


@given(maxima, maxima)
def test_shares_sum_to_100_in_each_year(old: dict[str, int], new: dict[str, int]) -> None:
    found = comparability(edition(**old), edition(**new))
    assert found.items["old_share"].sum() == pytest.approx(100)
    assert found.items["new_share"].sum() == pytest.approx(100)
    assert found.summary["items"].sum() == len(found.items) == len(set(old) | set(new))
    assert set(found.common["kind"]) <= set(COMMON)


@given(maxima, maxima, st.randoms(use_true_random=False))
def test_order_of_rows_does_not_change_a_fate(old: dict[str, int], new: dict[str, int], random: object) -> None:
    before = comparability(edition(**old), edition(**new)).items
    shuffled = [edition(**table).sample(frac=1, random_state=random.randint(0, 999)) for table in (old, new)]  # type: ignore[attr-defined]
    after = comparability(*shuffled).items
    key = ["old", "new"]
    pd.testing.assert_frame_equal(after.sort_values(key, ignore_index=True), before.sort_values(key, ignore_index=True))


@st.composite
def scored(draw: st.DrawFn) -> tuple[dict[str, int], pd.DataFrame, pd.DataFrame]:
    tops = draw(maxima)
    shares = st.lists(st.one_of(st.none(), st.floats(0, 1)), min_size=2 * len(tops), max_size=2 * len(tops))
    tables = [pd.DataFrame(np.array(draw(shares), dtype=float).reshape(2, len(tops)) * list(tops.values()), ["01", "02"], list(tops)) for _ in range(2)]
    return tops, tables[0], tables[1]


@given(scored(), st.sampled_from(["mean", "old", "new"]))
def test_common_basket_of_identical_frameworks_is_the_index(drawn: tuple[dict[str, int], pd.DataFrame, pd.DataFrame], weights: str) -> None:
    tops, old, new = drawn
    found = common_basket(old, new, comparability(edition(**tops), edition(**tops)), weights=weights)  # type: ignore[arg-type]
    for side, points in (("old", old), ("new", new)):
        index = 100 * points.sum(axis=1, skipna=False) / sum(tops.values())
        pd.testing.assert_series_equal(found.scores[side], index, check_names=False)
    assert found.weights.sum() == pytest.approx(100)
    assert found.note == ""


def test_basket_of_a_hand_table() -> None:
    """Common: a (20 → 20), b (30 → 25), f → k (10 → 10): old weights 33.3 50 16.7, new 36.4 45.5 18.2."""
    compared = comparability(OLD, NEW, CONCORDANCE)
    old = pd.DataFrame({"a": [10.0, 20], "b": [15.0, None], "f": [10.0, 0]}, ["01", "02"])
    new = pd.DataFrame({"k": [5.0, 0, 1], "b": [25.0, 0, 1], "a": [20.0, 0, 1]}, ["01", "02", "03"])
    found = common_basket(old, new, compared, weights="old").scores
    assert found.loc["01"].tolist() == pytest.approx([50 * 2 / 6 + 25 + 100 / 6, 100 * 5 / 6 + 50 / 6, 100 / 3])
    assert found["old"].isna().tolist() == [False, True, True]
    weights = common_basket(old, new, compared).weights
    assert weights.to_dict() == pytest.approx({"a": (100 / 3 + 100 * 20 / 55) / 2, "b": (50 + 100 * 25 / 55) / 2, "k": (100 / 6 + 100 * 10 / 55) / 2})


def test_thin_basket_warns() -> None:
    compared = comparability(edition(a=70, b=30), edition(a=50, c=50))
    points = pd.DataFrame({"a": [1.0]}, ["01"])
    assert common_basket(points, points, compared).note == "only 70.0 of the old and 50.0 of the new 100 points are common"
    assert common_basket(points, points, compared, least_common=50).note == ""


def test_nothing_in_common_has_no_basket() -> None:
    with pytest.raises(RequestError, match="no item in common") as refused:
        common_basket(pd.DataFrame(), pd.DataFrame(), comparability(edition(a=1), edition(b=1)))
    assert "equipercentile" in refused.value.hint


def test_wrong_points_are_refused_by_name() -> None:
    compared = comparability(edition(a=1, b=1), edition(a=1, b=1))
    good = pd.DataFrame({"a": [1.0], "b": [1.0]}, ["01"])
    for bad, says in ((good[[]], "old points lack a, b"), (pd.concat([good, good]), "twice"), (good * np.inf, "not finite")):
        with pytest.raises(RequestError, match=says):
            common_basket(bad, good, compared)
    with pytest.raises(UnknownName, match="weights 'both'"):
        common_basket(good, good, compared, weights="both")  # type: ignore[arg-type]


def test_inputs_are_left_as_they_were() -> None:
    tables = [OLD.copy(), NEW.copy(), CONCORDANCE.copy()]
    comparability(*tables)
    for table, before in zip(tables, (OLD, NEW, CONCORDANCE), strict=True):
        pd.testing.assert_frame_equal(table, before)


def test_basket_of_papi_2020_and_2021(papi: Catalog) -> None:
    """The example of docs/methods/breaks.md."""
    panel = dataset.load("papi", known=papi).panel
    scores = panel[(panel["measure"] == "score") & panel["unit"].str.fullmatch(r"\d\d") & panel["node"].str.startswith("criterion:")]
    old, new = (scores[scores["year"] == year].pivot(index="unit", columns="node", values="value") for year in (2020, 2021))
    frameworks = [framework_items(papi.frameworks[code]) for code in ("papi-2020", "papi-since-2021")]
    anew = rows(("criterion:response_to_appeals", "", "dropped"), ("", "criterion:response_to_appeals", "new"))
    compared = comparability(*frameworks, anew, rest_by_code=True)
    found = common_basket(old, new, compared).scores["change"].dropna()
    assert (compared.common_old, compared.common_new) == pytest.approx((92.7, 95.8), abs=0.05)
    assert (len(found), (found > 0).sum(), found.mean()) == (60, 29, pytest.approx(0.49, abs=0.005))
