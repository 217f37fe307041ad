"""Tables of figures: shape, picking, provenance."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from par_analysis.errors import RequestError
from par_analysis.metrics.figures import computed, empty, figures, joined, pick, values
from par_analysis.model import FIGURES

from .made import YEAR, fact, is_figures, table


def test_empty_table_has_all_columns_and_dtypes() -> None:
    assert is_figures(empty())
    assert is_figures(table(fact("30", "rank", 22)))


def test_rows_keep_their_order() -> None:
    assert table(fact("30", "rank", 22), fact("22", "rank", 1))["unit"].tolist() == ["30", "22"]


def test_column_that_no_figure_has_is_refused() -> None:
    with pytest.raises(RequestError, match="'rnak'"):
        figures([{**fact("30", "rank", 22), "rnak": 1}])


def test_pick_orders_rows_by_key_and_drops_missing_values() -> None:
    panel = table(fact("30", "score", 1), fact("22", "score", 2), fact("10", "score", math.nan))
    assert pick(panel, measure="score")["unit"].tolist() == ["22", "30"]


def test_pick_leaves_parts_of_a_year_out() -> None:
    assert len(pick(table(fact("30", "score", 1, period="2023-Q1")))) == 0


def test_pick_exact_leaves_out_what_is_about_or_bounded() -> None:
    panel = table(fact("30", "score", 1, qualifier="~"), fact("22", "score", 2, basis="bound"), fact("10", "score", 3))
    assert pick(panel, exact=True)["unit"].tolist() == ["10"]
    assert len(pick(panel)) == 3


def test_two_figures_of_one_key_are_refused() -> None:
    with pytest.raises(RequestError, match="share the key"):
        pick(table(fact("30", "score", 1), fact("30", "score", 2)), unit="30")


def test_figures_of_two_indices_are_not_compared() -> None:
    with pytest.raises(RequestError, match=r"par_index, sipas"):
        pick(table(fact("30", "score", 1), fact("30", "score", 2, index="sipas")), unit="30")


def test_table_without_the_columns_is_refused() -> None:
    with pytest.raises(RequestError, match="no column 'index'"):
        pick(pd.DataFrame({"unit": ["30"]}))
    assert len(pick(pd.DataFrame())) == 0


def test_sources_are_a_sorted_union() -> None:
    assert joined(["b; c", "a", "", "c"]) == "a; b; c"
    row = computed(table(fact("30", "score", 1), fact("22", "score", 2)), unit="VN", year=YEAR, node="total", measure="mean_computed", value=1.5)
    assert row["source"] == "https://example.org/22; https://example.org/30"
    assert set(figures([row]).columns) == set(FIGURES)


def test_values_of_absent_units_are_missing() -> None:
    assert math.isnan(values(table(fact("30", "score", 1)), ["30", "22"])["22"])
