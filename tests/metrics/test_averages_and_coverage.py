"""Means, coverage, distribution, domains and parts."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings

from par_analysis.metrics import coverage, distribution, domain_counts, domain_table, means, part_table

from .made import YEAR, World, as_dict, fact, of_ranks, of_scores, table, value, worlds


def test_means_by_hand() -> None:
    """Two regions of five units: the second has one unknown score, between 70 and 80."""
    panel = table(*of_scores({"A": 90, "B": 80, "C": 80, "E": 70}), *of_ranks({"A": 1, "B": 2, "C": 2, "D": 4, "E": 5}, out_of=5), fact("R1", "mean", 83.33))
    found = means(panel, year=YEAR, members={"R1": ["A", "B", "C"], "R2": ["D", "E"], "VN": list("ABCDE")})
    assert as_dict(found[found["unit"] == "R1"]) == pytest.approx({"mean": 83.33, "mean_computed": 250 / 3, "n_scored": 3})
    assert as_dict(found[found["unit"] == "R2"]) == {"mean_computed": 70, "n_scored": 1, "mean_low": 70, "mean_high": 75}
    assert as_dict(found[found["unit"] == "VN"]) == {"mean_computed": 80, "n_scored": 4, "mean_low": 78, "mean_high": 80}
    assert found.loc[found["unit"] == "R2", "out_of"].tolist() == [2, 2, 2, 2]


@settings(max_examples=40)
@given(worlds())
def test_true_mean_lies_within_its_bounds(world: World) -> None:
    found = means(world.panel(), year=YEAR, members={"VN": world.units}, higher_is_better=world.higher_is_better)
    low, high = value(found, "mean_low"), value(found, "mean_high")
    if math.isnan(low):
        assert found.empty or all(world.score_known) or not (any(world.score_known) or any(world.rank_known))
    else:
        assert low - 1e-9 <= np.mean(world.scores) <= high + 1e-9


def test_group_without_scores_has_no_mean() -> None:
    found = means(table(*of_scores({"A": 90})), year=YEAR, members={"R1": ["B"], "R2": ["A"]})
    assert as_dict(found[found["unit"] == "R1"]) == {"n_scored": 0, "mean_low": 0, "mean_high": 100}


def test_coverage_counts_what_is_known() -> None:
    panel = table(*of_scores({"A": 90, "B": 80}), *of_ranks({"B": 2, "C": 3}), fact("C", "score", math.nan))
    found = coverage(panel, units=list("ABCD"), years=[2022, YEAR])
    assert as_dict(found[found["year"] == YEAR]) == {"n_scored": 2, "n_ranked": 2, "n_both": 1, "n_rank_only": 1, "n_any": 3, "n_unknown": 1}
    assert found.loc[found["year"] == 2022, "value"].tolist() == [0, 0, 0, 0, 0, 4]
    assert set(found["out_of"]) == {4}


def test_distribution_is_that_of_the_known_scores() -> None:
    panel = table(*of_scores({"A": 90, "B": 80, "C": 70, "D": 60}), *of_ranks({"E": 5}))
    found = distribution(panel, year=YEAR, units=list("ABCDEF"))
    assert as_dict(found) == {"n_scored": 4, "n_ranked": 1, "n_unknown": 1, "q1_computed": 67.5, "median_computed": 75, "q3_computed": 82.5}
    assert found["note"].iloc[-1] == "of 4 of 6 scores"


def domain(no: int, measure: str, number: float, year: int = YEAR, **more: float) -> dict[str, object]:
    return fact("30", measure, number, node=f"domain:{no}", year=year, **more)


def test_domain_table_has_levels_changes_and_the_year_before() -> None:
    panel = table(
        domain(10, "rank", 5, out_of=63), domain(7, "rank", 22, out_of=63), domain(7, "rank", 55, 2022, out_of=63), domain(1, "score", 7.6, out_of=9.5),
        domain(2, "share_of_max", 91.0),
    )  # fmt: skip
    found = domain_table(panel, unit="30", year=YEAR, base=2022)
    assert found[["node", "year", "measure", "value"]].to_numpy().tolist() == [
        ["domain:1", 2023, "score", 7.6],
        ["domain:1", 2023, "share_of_max", 80.0],
        ["domain:2", 2023, "share_of_max", 91.0],
        ["domain:7", 2023, "rank", 22],
        ["domain:7", 2023, "rank_change", 33],
        ["domain:7", 2022, "rank", 55],
        ["domain:10", 2023, "rank", 5],
    ]


def test_published_share_is_not_computed_again() -> None:
    found = domain_table(table(domain(1, "score", 7.6, out_of=9.5), domain(1, "share_of_max", 80.1)), unit="30", year=YEAR)
    assert as_dict(found) == {"score": 7.6, "share_of_max": 80.1}


def test_domains_up_and_down_are_counted_by_rank_and_by_score() -> None:
    panel = table(
        domain(1, "rank", 5), domain(1, "rank", 9, 2022), domain(2, "rank", 5), domain(2, "rank", 5, 2022), domain(3, "rank", 5), domain(4, "rank_change", -3),
        domain(1, "score", 8), domain(1, "score", 9, 2022), fact("30", "domains_up", 7),
    )  # fmt: skip
    found = domain_counts(panel, unit="30", year=YEAR, base=2022)
    assert as_dict(found[found["node"] == "domains:rank"]) == {"domains_up": 1, "domains_down": 1, "domains_same": 1, "domains_unknown": 5}
    assert as_dict(found[found["node"] == "domains:score"]) == {"domains_up": 0, "domains_down": 1, "domains_same": 0, "domains_unknown": 7}
    assert found[["node", "basis"]].to_numpy().tolist()[-1] == ["total", "published"]
    assert set(found["out_of"].dropna()) == {8}


def test_parts_have_their_shares() -> None:
    panel = table(fact("30", "score", 58, node="part:appraisal", out_of=68), fact("30", "score", 28, node="part:survey", out_of=32))
    found = part_table(panel, unit="30", year=YEAR)
    assert found["node"].tolist() == ["part:appraisal"] * 2 + ["part:survey"] * 2
    assert found.loc[found["measure"] == "share_of_max", "value"].tolist() == pytest.approx([100 * 58 / 68, 87.5])
