"""The country node by node, and how many parts of a total are known: hand tables and laws."""

from __future__ import annotations

import math

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from par_analysis import metrics

from .made import as_dict, fact, is_figures, table, value

UNITS = ["01", "02", "03", "04", "05"]
NODE = "domain:1"


def scores(of: dict[str, float], *, year: int = 2023, node: str = NODE) -> list[dict[str, object]]:
    return [fact(unit, "score", number, year=year, node=node, out_of=10) for unit, number in of.items()]


def means(*facts: dict[str, object], comparable: bool | None = True, units: list[str] = UNITS, nodes: tuple[str, ...] = (NODE,)) -> pd.DataFrame:
    return metrics.domain_means(table(*facts), year=2023, base=2022, nodes=nodes, units=units, comparable=comparable)


def test_mean_ends_and_their_holders() -> None:
    found = means(*scores({"01": 4, "02": 6, "03": 8, "04": 8}))
    assert is_figures(found)
    assert [value(found, f"{name}_computed") for name in ("mean", "max", "min")] == [6.5, 8.0, 4.0]
    assert value(found, "n_scored") == 4
    assert found.loc[found["measure"] == "score", "unit"].tolist() == ["01", "03", "04"]
    assert set(found.loc[found["unit"] == "VN", "out_of"]) == {5.0}


def test_change_is_of_the_units_scored_in_both_years() -> None:
    found = means(*scores({"01": 4, "02": 6, "03": 10}), *scores({"01": 3, "02": 6, "04": 0}, year=2022))
    (row,) = found[found["measure"] == "mean_change"].to_dict("records")
    assert row["value"] == 0.5
    assert row["note"] == "against 2022; of the 2 units scored in both years"


def test_change_of_published_means_is_theirs() -> None:
    published = [fact("VN", "mean", number, year=year, node=NODE) for year, number in ((2022, 5.0), (2023, 5.6))]
    found = means(*published, *scores({"01": 1}), *scores({"01": 9}, year=2022))
    assert value(found, "mean_change") == pytest.approx(0.6)
    assert value(found, "mean") == 5.6


@pytest.mark.parametrize(("comparable", "known"), [(True, True), (False, False), (None, True)])
def test_means_of_different_methods_are_not_subtracted(comparable: bool | None, known: bool) -> None:
    found = means(*scores({"01": 4}), *scores({"01": 3}, year=2022), comparable=comparable)
    notes = found.loc[found["measure"] == "mean_change", "note"].tolist()
    assert bool(notes) == known
    assert all(("not known whether" in note) == (comparable is None) for note in notes)


def test_nodes_keep_their_order_and_unknown_ones_have_no_rows() -> None:
    found = means(*scores({"01": 4}, node="domain:2"), *scores({"01": 5}), nodes=("domain:2", "domain:7", NODE))
    assert list(dict.fromkeys(found["node"])) == ["domain:2", NODE]


@given(st.dictionaries(st.sampled_from(UNITS), st.integers(0, 10), min_size=1), st.permutations(range(5)))
def test_mean_lies_between_the_ends_whatever_the_order(of: dict[str, int], order: list[int]) -> None:
    facts = scores({unit: float(number) for unit, number in of.items()})
    found = means(*facts)
    low, mean, high = (value(found, f"{name}_computed") for name in ("min", "mean", "max"))
    assert low <= mean <= high
    shuffled = means(*(facts[place] for place in order if place < len(facts)))
    pd.testing.assert_frame_equal(found, shuffled)


def test_units_that_were_not_asked_for_do_not_count() -> None:
    assert value(means(*scores({"01": 4, "05": 10}), units=["01", "02"]), "mean_computed") == 4


# ---------------------------------------------------------------- completeness


def known(unit: str, *facts: dict[str, object], nodes: tuple[str, ...] = ("criterion:a", "criterion:b")) -> pd.DataFrame:
    return metrics.completeness(table(*facts), unit=unit, year=2023, nodes=nodes)


def test_known_parts_are_counted_out_of_all() -> None:
    facts = scores({"01": 1, "02": 1}, node="criterion:a") + scores({"01": 1}, node="criterion:b")
    for unit, count in (("01", 2), ("02", 1), ("03", 0)):
        found = known(unit, *facts)
        assert is_figures(found)
        assert as_dict(found) == {"n_scored": count}
        assert found[["unit", "year", "node", "out_of", "unit_of_measure"]].values.tolist() == [[unit, 2023, "total", 2.0, "count"]]


def test_a_year_that_nobody_has_figures_of_is_no_blank() -> None:
    assert known("01", *scores({"01": 1}, year=2022, node="criterion:a")).empty
    assert known("01", *scores({"01": 1}, node="criterion:a"), nodes=()).empty


def test_a_missing_value_is_no_known_part() -> None:
    facts = scores({"01": math.nan, "02": 1}, node="criterion:a")
    assert as_dict(known("01", *facts)) == {"n_scored": 0}
