"""Contributions of parts: they and the rest are the change of the whole, whatever is missing."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from par_analysis.errors import RequestError, UnknownName
from par_analysis.metrics import comparison, contributions

from .made import fact, of_ranks, table, value

BASE, YEAR = 2022, 2023
PARTS = ["domain:1", "domain:2", "domain:3"]
UNITS = list("ABC")


def added(panel: pd.DataFrame, **more: Any) -> pd.DataFrame:
    return contributions(panel, **{"unit": "A", "year": YEAR, "base": BASE, "children": PARTS, "comparable": True, "units": UNITS, **more})


def of_parts(unit: str, year: int, *points: float | None, total: float | None = math.nan) -> list[dict[str, Any]]:
    """The points of a unit on the parts (``None`` unknown) and their sum, or another ``total`` (``None`` unknown)."""
    known = {node: point for node, point in zip(PARTS, points, strict=False) if point is not None}
    whole = None if total is None else math.fsum(known.values()) if math.isnan(total) else total
    rows = [fact(unit, "score", point, year=year, node=node) for node, point in known.items()]
    return rows + ([fact(unit, "score", whole, year=year)] if whole is not None else [])


def of_nodes(found: pd.DataFrame) -> dict[str, float]:
    """Node → its contribution; measure → value of the parent."""
    names = found["node"].where(found["measure"] == "contribution", found["measure"])
    return dict(zip(names, found["value"], strict=True))


def closes(found: pd.DataFrame, change: str) -> bool:
    parts = found.loc[found["measure"].isin(["contribution", "contribution_rest"]), "value"]
    return abs(math.fsum(parts) - value(found, change)) <= 1e-9


def test_three_parts_by_hand() -> None:
    found = added(table(*of_parts("A", BASE, 4, 5, 6), *of_parts("A", YEAR, 6, 4, 6)))
    assert of_nodes(found) == {"domain:1": 2, "domain:2": -1, "domain:3": 0, "score_change": 1}
    assert found["node"].tolist() == [*PARTS, "total"]
    assert set(found["note"]) == {"against 2022; basis: raw"}
    assert set(found["unit_of_measure"]) == {"points"}


def test_distances_by_hand() -> None:
    """The mean of domain 1 goes from 4 to 6, that of domain 2 from 5 to 4, that of domain 3 stays."""
    old = [*of_parts("A", BASE, 4, 5, 6), *of_parts("B", BASE, 3, 5, 6), *of_parts("C", BASE, 5, 5, 6)]
    new = [*of_parts("A", YEAR, 6, 5, 9), *of_parts("B", YEAR, 6, 3, 6), *of_parts("C", YEAR, 6, 4, 3)]
    found = added(table(*old, *new), comparable=False, basis="distance")
    assert of_nodes(found) == pytest.approx({"domain:1": 0, "domain:2": 1, "domain:3": 3, "distance_change": 4})


points = st.none() | st.integers(0, 1000).map(lambda number: number / 97)


@settings(max_examples=40)
@given(st.lists(st.tuples(*[points] * 6), min_size=3, max_size=3), st.sampled_from(["raw", "distance"]), st.sampled_from([math.nan, 20.0]), st.integers(0, 99))
def test_contributions_and_the_rest_are_the_change(drawn: list[tuple[float | None, ...]], basis: str, total: float, seed: int) -> None:
    rows = [row for unit, parts in zip(UNITS, drawn, strict=True) for row in (*of_parts(unit, BASE, *parts[:3], total=total), *of_parts(unit, YEAR, *parts[3:]))]
    panel = table(*rows)
    before = panel.copy(deep=True)
    found = added(panel, basis=basis)
    assert closes(found, "score_change" if basis == "raw" else "distance_change")
    own = drawn[0]
    for i, node in enumerate(PARTS):
        is_known = own[i] is not None and own[i + 3] is not None
        if basis == "raw" and is_known:
            assert of_nodes(found)[node] == pytest.approx((own[i + 3] or 0) - (own[i] or 0))
        if own[i] is None and own[i + 3] is None:
            assert node not in of_nodes(found)
    pd.testing.assert_frame_equal(panel, before)
    pd.testing.assert_frame_equal(added(panel.sample(frac=1, random_state=seed), basis=basis), found)


@settings(max_examples=15)
@given(st.lists(st.tuples(*[st.integers(0, 1000).map(lambda number: number / 97)] * 6), min_size=3, max_size=3), st.sampled_from(["raw", "distance"]))
def test_nothing_missing_leaves_no_rest(drawn: list[tuple[float, ...]], basis: str) -> None:
    panel = table(*(row for unit, parts in zip(UNITS, drawn, strict=True) for row in (*of_parts(unit, BASE, *parts[:3]), *of_parts(unit, YEAR, *parts[3:]))))
    found = added(panel, basis=basis)
    assert found["measure"].tolist() == ["contribution"] * 3 + ["score_change" if basis == "raw" else "distance_change"]
    assert closes(found, found["measure"].iloc[-1])
    compared = comparison(panel, unit="A", year=YEAR, base=BASE, comparable=True, basis=basis, units=UNITS)
    assert compared["value"].iloc[0] == pytest.approx(found["value"].iloc[-1], abs=1e-12)


def test_a_missing_part_is_in_the_rest_and_named() -> None:
    found = added(table(*of_parts("A", BASE, 4, 5, None, total=15), *of_parts("A", YEAR, 6, 4, 8)))
    assert of_nodes(found) == {"domain:1": 2, "domain:2": -1, "score_change": 3, "contribution_rest": 2}
    assert found["note"].iloc[-1] == "against 2022; basis: raw; not known in both years: domain:3"


def test_parts_that_do_not_add_up_leave_a_rest() -> None:
    panel = table(*of_parts("A", BASE, 4, 5, 6), *of_parts("A", YEAR, 6, 4, 6, total=16.01))
    found = added(panel)
    assert of_nodes(found)["contribution_rest"] == pytest.approx(0.01)
    assert "do not add up" in found["note"].iloc[-1]
    assert "contribution_rest" not in of_nodes(added(panel, tolerance=0.02))


def test_without_the_whole_the_parts_stand_alone() -> None:
    found = added(table(*of_parts("A", BASE, 4, 5, 6, total=None), *of_parts("A", YEAR, 6, 4, 6)))
    assert of_nodes(found) == {"domain:1": 2, "domain:2": -1, "domain:3": 0}


def test_without_any_part_all_is_the_rest() -> None:
    found = added(table(*of_parts("A", BASE, total=15), *of_parts("A", YEAR, total=16)))
    assert of_nodes(found) == {"score_change": 1, "contribution_rest": 1}


@pytest.mark.parametrize("basis", ["raw", "distance"])
def test_a_part_of_one_year_only_counts_with_nothing_in_the_other(basis: str) -> None:
    old = [row for unit, first in zip(UNITS, (4, 3, 5), strict=True) for row in of_parts(unit, BASE, first, 5)]
    new = [row for unit, third in zip(UNITS, (6, 2, 1), strict=True) for row in of_parts(unit, YEAR, 4, None, third)]
    found = added(table(*old, *new), comparable=False, basis=basis)
    expected = {"domain:1": 0, "domain:2": -5, "domain:3": 6} if basis == "raw" else {"domain:1": 0, "domain:2": 0, "domain:3": 3}
    assert {node: of_nodes(found)[node] for node in PARTS} == pytest.approx(expected)
    assert "contribution_rest" not in of_nodes(found)
    notes = found.set_index("node")["note"]
    assert "did not exist in 2023, where it counts with 0" in notes["domain:2"]
    assert "did not exist in 2022, where it counts with 0" in notes["domain:3"]
    assert "exist" not in notes["domain:1"]


def test_a_part_that_somebody_has_points_on_is_not_known() -> None:
    panel = table(*of_parts("A", BASE, 4, 5), fact("B", "score", 3, year=BASE, node="domain:3"), *of_parts("A", YEAR, 6, 4, 8))
    assert of_nodes(added(panel)) == {"domain:1": 2, "domain:2": -1, "score_change": 9, "contribution_rest": 8}


def test_a_part_is_not_known_where_the_others_are_not_the_whole() -> None:
    """Nobody's points on domain 3 were found for 2022, and the total says that there were some."""
    found = added(table(*of_parts("A", BASE, 4, 5, total=15), *of_parts("A", YEAR, 6, 4, 8)))
    assert of_nodes(found) == {"domain:1": 2, "domain:2": -1, "score_change": 3, "contribution_rest": 2}


def test_a_distance_needs_all_or_a_published_mean() -> None:
    old = [*of_parts("A", BASE, 4, 5, 6), *of_parts("B", BASE, 3, 5, 6)]
    new = [*of_parts("A", YEAR, 6, 5, 9), *of_parts("B", YEAR, 6, 3, 6)]
    assert added(table(*old, *new), basis="distance").empty
    means = [fact("VN", "mean", mean, year=year, node=node) for node, year, mean in (("domain:1", BASE, 5), ("domain:1", YEAR, 6), ("total", BASE, 14), ("total", YEAR, 18))]
    found = added(table(*old, *new, *means), basis="distance")
    assert of_nodes(found) == {"domain:1": 1, "distance_change": 1, "contribution_rest": 0}


def test_each_years_distance_is_from_those_ranked_in_it() -> None:
    """C was not ranked in 2022, nor scored on all parts."""
    old = [*of_parts("A", BASE, 4, 5, 6), *of_parts("B", BASE, 2, 5, 6), fact("C", "score", 9, year=BASE, node="domain:1"), *of_ranks({"A": 1, "B": 2}, year=BASE, out_of=2)]
    new = [row for unit in UNITS for row in of_parts(unit, YEAR, 4, 5, 6)]
    found = added(table(*old, *new), basis="distance")
    assert of_nodes(found) == pytest.approx({"domain:1": -1, "domain:2": 0, "domain:3": 0, "distance_change": -1})


def test_a_domain_is_made_up_of_its_criteria() -> None:
    rows = [fact("A", "score", points, year=year, node=node) for node, year, points in (
        ("domain:1", BASE, 3), ("criterion:a", BASE, 1), ("criterion:b", BASE, 2), ("domain:1", YEAR, 4), ("criterion:a", YEAR, 3), ("criterion:b", YEAR, 1),
    )]  # fmt: skip
    found = added(table(*rows), parent="domain:1", children=["criterion:b", "criterion:a", "criterion:b"])
    assert found[["node", "measure", "value"]].to_numpy().tolist() == [
        ["criterion:b", "contribution", -1], ["criterion:a", "contribution", 2], ["domain:1", "score_change", 1],
    ]  # fmt: skip


@pytest.mark.parametrize(("comparable", "why"), [(False, "the methods differ"), (None, "not known whether the methods are the same")])
def test_points_across_methods_ask_for_a_basis(comparable: bool | None, why: str) -> None:
    with pytest.raises(RequestError, match=f"{why}.* raw, distance$"):
        added(table(), comparable=comparable)
    found = added(table(*of_parts("A", BASE, 4), *of_parts("A", YEAR, 5)), comparable=comparable, basis="raw")
    assert found["note"].str.contains("comparable").all()


def test_another_basis_and_a_node_in_itself_are_refused() -> None:
    with pytest.raises(UnknownName, match="unknown basis of comparison 'share'"):
        added(table(), basis="share")
    with pytest.raises(RequestError, match="'total' is no child of itself"):
        added(table(), children=["domain:1", "total"])


def test_a_year_against_itself_has_no_contributions() -> None:
    assert added(table(*of_parts("A", YEAR, 4, 5, 6)), base=YEAR).empty
