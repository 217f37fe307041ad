"""Looking figures up: the same as reading the whole panel, and never what stood in it before."""

from __future__ import annotations

import math
from collections.abc import Callable

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from par_analysis.metrics.figures import figures, pick, picked
from par_analysis.metrics.lookup import lookup
from par_analysis.model import FIGURES, KEY

from .made import fact, table

UNITS, YEARS, NODES, MEASURES = ["01", "30", "VN"], [2022, 2023], ["domain:1", "total"], ["rank", "score"]


def _some(values: list[str] | list[int]) -> st.SearchStrategy[object]:
    return st.one_of(st.none(), st.sampled_from(values), st.lists(st.sampled_from(values)))


@st.composite
def panels(draw: st.DrawFn) -> pd.DataFrame:
    keys = st.tuples(*map(st.sampled_from, (UNITS, YEARS, NODES, MEASURES)))
    facts = st.tuples(st.sampled_from([1.0, 2.0, math.nan]), st.sampled_from(["", "", "~"]), st.sampled_from(["", "", "2023-Q1"]), st.sampled_from(["published", "bound"]))
    drawn = draw(st.dictionaries(keys, facts))
    names = ("value", "qualifier", "period", "basis")
    rows = [fact(unit, measure, 0.0, year=year, node=node) | dict(zip(names, of, strict=True)) for (unit, year, node, measure), of in drawn.items()]
    return table(*draw(st.permutations(rows)))


@given(panel=panels(), unit=_some(UNITS), year=_some(YEARS), node=_some(NODES), measure=_some(MEASURES), exact=st.booleans())
def test_what_is_looked_up_is_what_reading_the_whole_panel_finds(panel: pd.DataFrame, exact: bool, **wanted: object) -> None:
    kept = panel[(panel["period"] == "") & panel["value"].notna()]
    kept = kept[(kept["qualifier"] == "") & (kept["basis"] != "bound")] if exact else kept
    for name, values in wanted.items():
        kept = kept if values is None else kept[kept[name].isin(values if isinstance(values, list) else [values])]
    expected = kept.sort_values(list(KEY)).reset_index(drop=True)
    pd.testing.assert_frame_equal(pick(panel, exact=exact, **wanted), expected)
    pd.testing.assert_frame_equal(figures(picked(panel, exact=exact, **wanted)), expected)


def _set(panel: pd.DataFrame, how: Callable[[pd.DataFrame], object]) -> list[tuple[str, float]]:
    picked(panel)
    how(panel)
    return [(row["unit"], row["value"]) for row in picked(panel)]


CHANGES: dict[str, Callable[[pd.DataFrame], object]] = {
    "loc": lambda panel: panel.loc.__setitem__((0, "value"), 9.0),
    "iloc": lambda panel: panel.iloc.__setitem__((0, list(FIGURES).index("value")), 9.0),
    "at": lambda panel: panel.at.__setitem__((0, "value"), 9.0),
    "column": lambda panel: panel.__setitem__("value", [9.0, 2.0]),
    "replace": lambda panel: panel.replace({"value": {1.0: 9.0}}, inplace=True),
}


@pytest.mark.parametrize("how", CHANGES.values(), ids=CHANGES)
def test_panel_changed_in_place_is_read_anew(how: Callable[[pd.DataFrame], object]) -> None:
    assert _set(table(fact("01", "score", 1), fact("30", "score", 2)), how) == [("01", 9.0), ("30", 2.0)]


def test_unit_changed_in_place_is_read_anew() -> None:
    assert _set(table(fact("01", "score", 1), fact("30", "score", 2)), lambda panel: panel.loc.__setitem__((0, "unit"), "99")) == [("30", 2.0), ("99", 1.0)]


def test_copies_that_share_their_columns_share_the_lookup() -> None:
    panel = table(fact("01", "score", 1))
    assert lookup(panel.copy(deep=False)) is lookup(panel)
    assert lookup(panel.copy(deep=True)) is not lookup(panel)


def test_changing_what_was_picked_changes_nothing_else() -> None:
    panel = table(fact("01", "score", 1))
    found = pick(panel)
    found.loc[0, "value"] = 9.0
    assert pick(panel)["value"].tolist() == panel["value"].tolist() == [1.0]
