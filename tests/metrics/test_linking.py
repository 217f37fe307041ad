"""Links over a break: published figures of index numbers, laws, clipping."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from par_analysis.errors import RequestError, UnknownName
from par_analysis.metrics.linking import NOT_INTERPRETABLE, chained, equipercentile_link, overlap_link

positive = st.floats(0.1, 100)
series = st.lists(positive, min_size=3, max_size=3)


@pytest.mark.parametrize(
    ("level", "old_base", "new_base", "expected"),
    [(100.34, 100.00, 104.47, 104.82), (100.34, 100.00, 101.88, 102.22), (110, 100, 200, 220)],
)
def test_links_agree_with_published_index_numbers(level: float, old_base: float, new_base: float, expected: float) -> None:
    """Statistics Finland, course on index numbers, 3.6: 100.34 * 1.0447 and 100.34 * 1.0188, printed with two decimals cut off (104.825 and 102.226); a splice of 110 * 200 / 100.

    The course carries the later index onto the older base; the product is the same one, turned about in time. Tolerance 0.01 for the decimals cut off.
    """
    found = overlap_link(pd.Series({1: level, 2: old_base}), pd.Series({2: new_base}), 2)
    assert found.values.iloc[0, 0] == pytest.approx(level * new_base / old_base, abs=1e-12)
    assert found.values.iloc[0, 0] == pytest.approx(expected, abs=0.01)


@given(series, series, st.sampled_from(["ratio", "additive"]))
def test_link_reproduces_the_overlap(old: list[float], new: list[float], kind: str) -> None:
    before, after = pd.Series(old, [2019, 2020, 2021]), pd.Series(new, [2021, 2022, 2023])
    found = overlap_link(before, after, 2021, kind=kind)  # type: ignore[arg-type]
    link = found.links.iloc[0, 0]
    assert (before[2021] * link if kind == "ratio" else before[2021] + link) == pytest.approx(after[2021])
    assert found.values.iloc[2:, 0].tolist() == new
    assert not found.is_clipped.to_numpy().any()


@given(series, series)
def test_ratio_link_keeps_growth_and_additive_link_keeps_changes(old: list[float], new: list[float]) -> None:
    before, after = pd.Series(old, [2019, 2020, 2021]), pd.Series(new, [2021, 2022, 2023])
    ratio, additive = (overlap_link(before, after, 2021, kind=kind).values.iloc[:, 0] for kind in ("ratio", "additive"))
    assert ratio[2020] / ratio[2019] == pytest.approx(before[2020] / before[2019])
    assert additive[2020] - additive[2019] == pytest.approx(before[2020] - before[2019])


@given(st.lists(series, min_size=3, max_size=3), st.sampled_from(["ratio", "additive"]))
def test_chain_is_link_after_link(drawn: list[list[float]], kind: str) -> None:
    first, second, third = (pd.Series(values, range(start, start + 3)) for values, start in zip(drawn, (2016, 2018, 2020), strict=True))
    found = chained([first, second, third], [2018, 2020], kind=kind)  # type: ignore[arg-type]
    step = overlap_link(second, third, 2020, kind=kind)  # type: ignore[arg-type]
    twice = overlap_link(first, step.values.iloc[:, 0], 2018, kind=kind)  # type: ignore[arg-type]
    np.testing.assert_allclose(found.values, twice.values)
    assert found.links.index.tolist() == [2018, 2020]
    assert found.values.index.tolist() == list(range(2016, 2023))


def test_columns_are_linked_one_by_one() -> None:
    old = pd.DataFrame({"domain:1": [4.0, 5.0], "domain:2": [6.0, 8.0]}, [2020, 2021])
    new = pd.DataFrame({"domain:2": [4.0], "domain:1": [10.0]}, [2021])
    found = overlap_link(old, new, 2021)
    assert found.links.loc[2021].to_dict() == {"domain:1": 2.0, "domain:2": 0.5}
    assert found.values.loc[2020].to_dict() == {"domain:1": 8.0, "domain:2": 3.0}


def test_value_beyond_the_scale_is_clipped_and_flagged() -> None:
    old, new = pd.Series({2020: 90.0, 2021: 60.0}, name="total"), pd.Series({2021: 75.0}, name="total")
    found = overlap_link(old, new, 2021, limits=(0, 100))
    assert found.values["total"].to_dict() == {2020: 100.0, 2021: 75.0}
    assert found.is_clipped["total"].to_dict() == {2020: True, 2021: False}
    by_column = overlap_link(old, new, 2021, limits={"total": (0, None)})
    assert by_column.values.loc[2020, "total"] == 112.5
    below = overlap_link(pd.Series({2020: 5.0, 2021: 60.0}), pd.Series({2021: 50.0}), 2021, kind="additive", limits=(0, 100))
    assert below.values.iloc[0, 0] == 0
    assert below.is_clipped.iloc[0, 0]


def test_clipping_does_not_bend_the_years_before() -> None:
    old, mid, new = pd.Series({2018: 30.0, 2019: 40.0}), pd.Series({2019: 80.0, 2020: 60.0}), pd.Series({2020: 90.0})
    found = chained([old, mid, new], [2019, 2020], limits=(0, 100))
    assert found.values.iloc[:, 0].tolist() == [90.0, 100.0, 90.0]
    assert found.is_clipped.iloc[:, 0].tolist() == [False, True, False]


def test_column_missing_at_the_overlap_has_no_linked_past() -> None:
    old = pd.DataFrame({"a": [1.0, 2.0], "b": [1.0, None]}, [2020, 2021])
    new = pd.DataFrame({"a": [4.0], "b": [4.0]}, [2021])
    found = overlap_link(old, new, 2021)
    assert found.values["a"].tolist() == [2.0, 4.0]
    assert found.values["b"].isna().tolist() == [True, False]


@pytest.mark.parametrize("new", [pd.Series({2022: 1.0}), pd.Series({2021: float("nan"), 2022: 1.0})])
def test_no_overlap_names_the_other_ways(new: pd.Series) -> None:
    with pytest.raises(RequestError, match="2021 was not scored both ways") as refused:
        overlap_link(pd.Series({2020: 1.0, 2021: 2.0}), new, 2021)
    assert "common_basket" in refused.value.hint
    assert "equipercentile_link" in refused.value.hint


def test_wrong_links_are_refused_by_name() -> None:
    old, new = pd.DataFrame({"a": [0.0], "b": [1.0]}, [2021]), pd.DataFrame({"a": [1.0], "b": [1.0]}, [2021])
    cases = [
        ("a value is not above 0: a", lambda: overlap_link(old, new, 2021)),
        ("columns of one segment only: a, c", lambda: overlap_link(old, new.rename(columns={"a": "c"}), 2021)),
        ("a year or a column twice", lambda: overlap_link(pd.concat([old, old]), new, 2021)),
        ("not finite", lambda: overlap_link(new * np.inf, new, 2021)),
        ("no limits of b", lambda: overlap_link(new, new, 2021, limits={"a": (0, 1)})),
        ("lowest above the highest", lambda: overlap_link(new, new, 2021, limits=(2, 1))),
        (r"1 segments and the overlap years \[\]", lambda: chained([old], [])),
        ("2 segments and the overlap years", lambda: chained([old, new], [2020, 2021])),
        ("overlap years", lambda: chained([old, new, new], [2021, 2020])),
    ]
    for says, call in cases:
        with pytest.raises(RequestError, match=says):
            call()
    with pytest.raises(UnknownName, match="kind of link 'ratios'"):
        overlap_link(new, new, 2021, kind="ratios")  # type: ignore[arg-type]


distribution = st.lists(st.one_of(st.none(), st.floats(0, 100).map(lambda x: round(x, 2))), min_size=2, max_size=12)


def by_unit(drawn: list[float | None]) -> pd.Series:
    return pd.Series(drawn, [f"{i:02}" for i in range(len(drawn))], dtype="float64")


@given(distribution, distribution)
def test_equipercentile_link_never_reverses_an_order(old: list[float | None], new: list[float | None]) -> None:
    before, after = by_unit(old), by_unit(new)
    assume(before.count() > 1 and after.count() > 1)
    found = equipercentile_link(before, after)
    assert found.table["linked"].isna().tolist() == before.isna().tolist()
    known = found.table.dropna().sort_values("old")
    assert (known["linked"].diff().dropna() >= -1e-9).all()
    assert known["linked"].between(after.min() - 1e-9, after.max() + 1e-9).all()
    assert found.caution == NOT_INTERPRETABLE


@given(st.lists(st.floats(0, 100).map(lambda x: round(x, 2)), min_size=4, max_size=12, unique=True), st.randoms(use_true_random=False))
def test_equal_numbers_without_ties_take_the_new_scores_in_their_order(drawn: list[float], random: object) -> None:
    new = by_unit(drawn)
    old = new.sample(frac=1, random_state=random.randint(0, 999)).set_axis(new.index) ** 2  # type: ignore[attr-defined]
    assume(old.nunique() == len(old) and old.sort_values().diff().min() > 1e-6)
    linked = equipercentile_link(old, new).table["linked"]
    assert linked.rank().tolist() == old.rank().tolist()
    assert sorted(linked) == pytest.approx(sorted(new))


@given(distribution, st.randoms(use_true_random=False))
def test_equipercentile_link_is_blind_to_the_order_of_units(drawn: list[float | None], random: object) -> None:
    old = by_unit(drawn)
    assume(old.count() > 1)
    new = by_unit([1.0, 5.0, 7.0])
    shuffled = old.sample(frac=1, random_state=random.randint(0, 999))  # type: ignore[attr-defined]
    pd.testing.assert_frame_equal(equipercentile_link(shuffled, new).table.sort_index(), equipercentile_link(old, new).table)


def test_equipercentile_link_of_a_hand_table() -> None:
    """Five units, two of them equal, onto four scores: p = .1 .3 .6 .6 .9; the new scores stand at .125 .375 .625 .875."""
    old = pd.Series([10.0, 20, 30, 30, 40], list("abcde"))
    new = pd.Series([1.0, 2, 3, 4])
    found = equipercentile_link(old, new).table
    assert found["fraction"].tolist() == pytest.approx([0.1, 0.3, 0.6, 0.6, 0.9])
    assert found["linked"].tolist() == pytest.approx([1, 1.7, 2.9, 2.9, 4])


@pytest.mark.parametrize("bad", [pd.Series([1.0]), pd.Series([1.0, None]), pd.Series([1.0, 2.0], ["a", "a"]), pd.Series([1.0, np.inf])])
def test_what_is_no_distribution_is_refused(bad: pd.Series) -> None:
    good = pd.Series([1.0, 2.0])
    for old, new in ((bad, good), (good, bad)):
        with pytest.raises(RequestError, match="not a distribution"):
            equipercentile_link(old, new)
