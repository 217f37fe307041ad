"""Totals rebuilt year by year, and what is stated of the country against the scores: hand tables of a few units."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from par_analysis import metrics

from .made import as_dict, fact, is_figures, of_scores, table

WAYS = {2023: [("total", ["domain:1", "domain:2"])]}
UNITS = ["01", "02", "03"]


def parts(**scores: tuple[float | None, float | None, float | None]) -> pd.DataFrame:
    """``u01=(60, 30, 29.5)``: the published total of a unit and its two domains."""
    nodes = ("total", "domain:1", "domain:2")
    return table(*(fact(unit[1:], "score", value, node=node) for unit, values in scores.items() for node, value in zip(nodes, values, strict=True) if value is not None))


def test_hand_table() -> None:
    found = metrics.rebuilds(parts(u01=(60, 30, 29.5), u02=(59.8, 30, 29.7), u03=(50, 25, 24.75)), ways=WAYS, fewest=1)
    assert is_figures(found)
    assert as_dict(found) == pytest.approx(
        {"n_rebuilt": 3, "n_rebuilt_off": 3, "n_rebuilt_lower": 3, "n_rebuilt_higher": 0, "n_rebuilt_rank": 2}
        | {"gap_rebuilt_low": 0.1, "gap_rebuilt_mean": 0.85 / 3, "gap_rebuilt_high": 0.5},
        abs=1e-9,
    )
    assert found.set_index("measure").loc["n_rebuilt_off", "note"] == "rebuilt_lower"


def test_a_total_without_all_its_parts_is_not_rebuilt() -> None:
    found = metrics.rebuilds(parts(u01=(60, 30, 30), u02=(59, 30, None)), ways=WAYS, fewest=1).set_index("measure")
    assert found.loc["n_rebuilt", ["value", "out_of"]].tolist() == [1, 2]
    assert (found.loc["n_rebuilt_off", "value"], found.loc["n_rebuilt_off", "note"]) == (0, "missing_part")


def test_single_totals_say_nothing_of_a_year() -> None:
    assert metrics.rebuilds(parts(u01=(60, 30, 20)), ways=WAYS).empty


def test_parts_may_be_derived_and_totals_may_not_be_computed() -> None:
    derived = parts(u01=(60, 30, 30))
    derived.loc[derived["node"] != "total", "basis"] = "derived"
    assert as_dict(metrics.rebuilds(derived, ways=WAYS, fewest=1))["n_rebuilt"] == 1
    derived.loc[derived["node"] == "total", "basis"] = "computed"
    assert metrics.rebuilds(derived, ways=WAYS, fewest=1).empty


def test_the_way_that_rebuilds_most_is_taken() -> None:
    more = [fact(unit, "score", 50, node="part:survey") for unit in ("01", "02")]
    panel = pd.concat([parts(u01=(60, 30, 30), u02=(50, 20, None)), table(*more)], ignore_index=True)
    found = as_dict(metrics.rebuilds(panel, ways={2023: [*WAYS[2023], ("total", ["part:survey"])]}, fewest=1))
    assert (found["n_rebuilt"], found["gap_rebuilt_high"]) == (2, 10)


# ---------------------------------------------------------------- what is stated of the country


def audited(stated: dict[str, float], scores: dict[str, float], units: list[str], *more: dict[str, object]) -> pd.DataFrame:
    panel = table(*of_scores(scores), *(fact("VN", name, value) for name, value in stated.items()), *more)  # type: ignore[arg-type]
    return metrics.country_audit(panel, stated=panel, units={2023: units}, leaves={2023: ["domain:1", "domain:2"]})


@pytest.mark.parametrize(("stated", "verdict"), [(51.0, "agrees"), (50.99, "agrees"), (51.02, "disagrees")])
def test_a_stated_mean_agrees_within_a_unit_of_its_last_decimal(stated: float, verdict: str) -> None:
    found = audited({"mean": stated}, {"01": 50, "02": 51, "03": 52}, UNITS).set_index("measure")
    assert (found.loc["mean_recomputed", "value"], found.loc["gap_stated_mean", "note"]) == (51, verdict)
    assert found.loc[["n_stated", "n_stated_off"], "value"].tolist() == [1, verdict == "disagrees"]


def test_units_without_a_score_may_account_for_a_mean_within_the_range_of_the_others() -> None:
    scores, units = {f"{number:02}": 50.0 + number for number in range(10)}, [f"{number:02}" for number in range(11)]
    assert audited({"mean": 54.6}, scores, units).set_index("measure").loc["gap_stated_mean", "note"] == "possible"
    off = audited({"mean": 53.0}, scores, units, fact("10", "score", 20, node="domain:1")).set_index("measure")
    assert off.loc["gap_stated_mean", "note"] == "disagrees"
    assert off.loc["mean_needed", "value"] == pytest.approx(11 * 53 - 545)
    assert (off.loc["min_recomputed", "value"], off.loc["mean_of_partial", "value"]) == (50, 20)


@pytest.mark.parametrize(("measure", "stated", "verdict"), [("max", 60.0, "possible"), ("max", 58.0, "disagrees"), ("min", 40.0, "possible"), ("min", 51.0, "disagrees")])
def test_an_extreme_may_be_that_of_a_unit_without_a_score(measure: str, stated: float, verdict: str) -> None:
    scores, units = {f"{number:02}": 50.0 + number for number in range(10)}, [f"{number:02}" for number in range(11)]
    assert audited({measure: stated}, scores, units).set_index("measure").loc[f"gap_stated_{measure}", "note"] == verdict


def test_nothing_is_compared_where_too_few_units_have_a_score() -> None:
    assert audited({"mean": 51.0, "max": 52.0}, {"01": 50, "02": 51}, UNITS).empty


def test_the_median_wants_every_unit() -> None:
    scores, units = {f"{number:02}": 50.0 + number for number in range(10)}, [f"{number:02}" for number in range(11)]
    assert audited({"median": 54.5}, scores, units).empty
    assert audited({"median": 54.5}, scores, units[:10]).set_index("measure").loc["gap_stated_median", "note"] == "agrees"


# ---------------------------------------------------------------- the country's own figures


def test_the_country_is_computed_of_all_ranked_units_or_not_at_all() -> None:
    panel = table(*of_scores({"01": 50, "02": 51, "28": 55}), fact("VN", "max", 55.0))
    found = metrics.country_figures(panel, year=2023, units=["01", "02", "28"], median=True)
    assert as_dict(found) == {"mean": 52, "median": 51, "min": 50}  # what is published is not computed again
    assert set(found["note"]) == {"of the 3 units scored"}
    assert as_dict(metrics.country_figures(panel, year=2023, units=["01", "02"])) == {"mean": 50.5, "min": 50}
    assert metrics.country_figures(panel, year=2023, units=["01", "02", "03"]).empty
    assert math.isclose(metrics.country_figures(table(*of_scores({"01": 50})), year=2023, units=["01"])["value"].sum(), 150)
