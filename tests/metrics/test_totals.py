"""Sums of parts: complete or not at all, ranked among those that have one."""

from __future__ import annotations

import math

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from par_analysis import metrics

from .made import fact, is_figures, table

UNITS = ["01", "02", "03", "04", "05"]
TREE = {"total": ["domain:1", "domain:2"], "domain:1": ["criterion:a", "criterion:b"], "domain:2": ["criterion:c"]}
MAXIMA = {"criterion:a": 5.0, "criterion:b": 5.0, "criterion:c": 10.0, "domain:1": 10.0, "domain:2": 10.0}


def parts(**scores: tuple[float | None, float | None, float | None]) -> pd.DataFrame:
    """``u01=(4, 3, 9)``: the three criteria of a unit."""
    rows = [
        fact(unit.removeprefix("u"), "score", value, node=node, out_of=MAXIMA[node])
        for unit, values in scores.items()
        for node, value in zip(("criterion:a", "criterion:b", "criterion:c"), values, strict=True)
        if value is not None
    ]
    return table(*rows)


def found(panel: pd.DataFrame) -> pd.DataFrame:
    return metrics.totals(panel, year=2023, units=UNITS, tree=TREE, maxima=MAXIMA)


def column(made: pd.DataFrame, node: str, measure: str) -> dict[str, float]:
    rows = made[(made["node"] == node) & (made["measure"] == measure)]
    return dict(zip(rows["unit"], rows["value"], strict=True))


def test_hand_table() -> None:
    made = found(parts(u01=(4, 3, 9), u02=(5, 5, None), u03=(1, 1, 1), u04=(4, 3, 9)))
    assert is_figures(made)
    assert column(made, "total", "score") == {"01": 16, "03": 3, "04": 16}
    assert column(made, "domain:1", "score") == {"01": 7, "02": 10, "03": 2, "04": 7}
    assert column(made, "total", "rank") == {"01": 1, "03": 3, "04": 1}
    assert column(made, "domain:1", "rank") == {"01": 2, "02": 1, "03": 4, "04": 2}
    assert column(made, "total", "mean") == {"VN": pytest.approx(35 / 3)}
    total = made[(made["node"] == "total") & (made["unit"] == "01")].set_index("measure")["out_of"]
    assert (total["score"], total["rank"]) == (20, 3)


def test_partial_unit_has_no_total_and_no_rank() -> None:
    made = found(parts(u01=(4, 3, 9), u02=(5, None, 9)))
    assert "02" not in column(made, "total", "score")
    assert "02" not in column(made, "total", "rank")
    assert "02" not in column(made, "domain:1", "score")
    assert "02" not in column(made, "domain:2", "score") or column(made, "domain:2", "score")["02"] == 9


def test_published_total_is_not_computed_again() -> None:
    panel = table(*parts(u01=(4, 3, 9), u03=(1, 1, 1)).to_dict("records"), fact("01", "score", 15.9, out_of=20), fact("01", "rank", 1, out_of=2))
    made = found(panel)
    assert column(made, "total", "score").get("01") is None
    assert column(made, "total", "rank").get("01") is None


@given(st.dictionaries(st.sampled_from(UNITS), st.tuples(*[st.one_of(st.none(), st.floats(0, 5))] * 3)))
def test_total_is_the_sum_of_its_parts_whatever_the_order(scores: dict[str, tuple[float | None, float | None, float | None]]) -> None:
    panel = parts(**{f"u{unit}": values for unit, values in scores.items()})
    made = found(panel)
    complete = {unit: math.fsum(v for v in values if v is not None) for unit, values in scores.items() if None not in values}
    totals = column(made, "total", "score")
    assert set(totals) == set(complete)
    assert all(math.isclose(totals[unit], complete[unit], abs_tol=1e-9) for unit in complete)
    shuffled = panel.sample(frac=1, random_state=1) if len(panel) else panel
    pd.testing.assert_frame_equal(found(shuffled), made)


def test_change_of_a_computed_mean_is_that_of_the_units_of_both_years() -> None:
    scores = {2022: {"01": 10.0, "02": 20.0, "03": 60.0}, 2023: {"01": 11.0, "02": 22.0}}
    facts = [fact(unit, "score", value, year=year) for year, of in scores.items() for unit, value in of.items()]
    means = [fact("VN", "mean", sum(of.values()) / len(of), year=year, basis="computed") for year, of in scores.items()]
    found = metrics.country_history(table(*facts, *means))
    (row,) = found[found["measure"] == "mean_change"].to_dict("records")
    assert (row["value"], row["out_of"]) == (1.5, 2)
