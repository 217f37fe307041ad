"""What is known, what adds up, what contradicts, who states it, what is missing."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from par_analysis import metrics
from par_analysis.metrics.disputes import REASONS
from par_analysis.metrics.figures import empty
from par_analysis.metrics.quality import STATES, span_of
from par_analysis.model import COUNTRY

from .made import fact, of_ranks, of_scores, table

UNITS = ["01", "02", "03", "04", "05"]
YEARS = {2022: UNITS, 2023: UNITS}


def states(found: pd.DataFrame, year: int) -> dict[str, str]:
    """Unit → what is known of it in a year."""
    rows = found[(found["year"] == year) & (found["unit"] != COUNTRY)]
    return dict(zip(rows["unit"], rows["measure"], strict=True))


def count(found: pd.DataFrame, measure: str, year: int | None = None, node: str = "total") -> tuple[float, float]:
    """A count of the country and what it is out of; without a year, of all years."""
    rows = found[(found["unit"] == COUNTRY) & (found["measure"] == measure) & (found["node"] == node)]
    (row,) = rows[rows["period"] != ""].to_dict("records") if year is None else rows[(rows["period"] == "") & (rows["year"] == year)].to_dict("records")
    return row["value"], row["out_of"]


# ---------------------------------------------------------------- what is known

KNOWN = table(
    *of_scores({"01": 90, "02": 80}),
    *of_ranks({"01": 1, "03": 3}),
    fact("04", "score", 5, node="domain:1"),
    fact("05", "rank_change", 2),
)


def test_every_unit_and_year_has_one_state() -> None:
    found = metrics.coverage_matrix(KNOWN, units=YEARS)
    assert states(found, 2023) == dict(zip(UNITS, STATES, strict=True))
    assert set(states(found, 2022).values()) == {"nothing"}


def test_states_are_counted_by_year_and_in_all() -> None:
    found = metrics.coverage_matrix(KNOWN, units=YEARS)
    assert [count(found, f"n_{state}", 2023) for state in STATES] == [(1, 5)] * 5
    assert count(found, "n_nothing") == (6, 10)
    assert set(found.loc[found["period"] != "", "period"]) == {"2022-2023"}


def test_a_unit_that_the_index_is_not_about_in_a_year_has_no_row() -> None:
    found = metrics.coverage_matrix(KNOWN, units={2022: ["01"], 2023: UNITS})
    assert states(found, 2022) == {"01": "nothing"}
    assert count(found, "n_nothing", 2022) == (1, 1)


PLACES = st.tuples(st.sampled_from(UNITS), st.sampled_from([2022, 2023]), st.sampled_from(["total", "domain:1"]), st.sampled_from(["score", "rank"]))


@given(st.dictionaries(PLACES, st.integers(1, 5), min_size=1))
def test_states_of_a_year_add_up_to_its_units(drawn: dict[tuple[str, int, str, str], int]) -> None:
    found = metrics.coverage_matrix(table(*(fact(unit, measure, number, year=year, node=node) for (unit, year, node, measure), number in drawn.items())), units=YEARS)
    for year in (2022, 2023, None):
        assert sum(count(found, f"n_{state}", year)[0] for state in STATES) == (10 if year is None else 5)
    assert found.loc[found["unit"] != COUNTRY, "value"].sum() == len(drawn)


def test_missing_figures_are_what_coverage_leaves() -> None:
    found = metrics.missing_figures(KNOWN, units=YEARS, leaves={2023: ["domain:1", "domain:2"]})
    assert [count(found, f"n_missing_{name}", 2023) for name in ("score", "rank", "parts")] == [(3, 5), (3, 5), (9, 10)]
    assert [count(found, f"n_missing_{name}") for name in ("score", "rank", "parts")] == [(8, 10), (8, 10), (9, 10)]
    years = list(dict.fromkeys(found.loc[found["period"] == "", "year"]))
    assert years == [2023, 2022]


# ---------------------------------------------------------------- what adds up

WAYS = {2012: [("total", ("part:appraisal", "part:survey"))]}


def parts(total: float, *of: float, **more: Any) -> pd.DataFrame:
    nodes = ("part:appraisal", "part:survey")
    return table(fact("48", "score", total, year=2012, **more), *(fact("48", "score", value, year=2012, node=node) for node, value in zip(nodes, of, strict=False)))


@pytest.mark.parametrize(
    ("total", "verdict"),
    [(87.12, "adds up"), (87.13, "within rounding"), (87.11, "within rounding"), (87.14, "does not add up"), (87.10, "does not add up")],
)
def test_a_total_is_compared_with_its_parts(total: float, verdict: str) -> None:
    found = metrics.audit(parts(total, 53.25, 33.87), ways=WAYS, rounding=0.0151)
    gap = found[found["measure"] == "gap_sum"]
    assert gap["note"].tolist() == [verdict]
    assert gap["value"].tolist() == [pytest.approx(total - 87.12)]
    assert gap["node"].tolist() == ["total=part:appraisal+part:survey"]
    assert found.loc[found["measure"] == "sum_of_parts", "value"].tolist() == [pytest.approx(87.12)]


def test_a_total_without_all_its_parts_is_not_audited() -> None:
    found = metrics.audit(parts(87.12, 53.25), ways=WAYS, rounding=0.0151)
    assert set(found["unit"]) == {COUNTRY}
    assert count(found, "n_audited", 2012) == (0, 1)


@pytest.mark.parametrize("more", [{"basis": "computed"}, {"basis": "derived"}, {"qualifier": ">"}])
def test_only_a_published_exact_total_is_audited(more: dict[str, str]) -> None:
    assert metrics.audit(parts(90.0, 53.25, 33.87, **more), ways=WAYS, rounding=0.0151).empty


def test_the_worst_of_several_ways_counts() -> None:
    panel = table(fact("48", "score", 10, year=2012), *(fact("48", "score", value, year=2012, node=f"domain:{no}") for no, value in ((1, 4), (2, 6), (3, 5))))
    found = metrics.audit(panel, ways={2012: [("total", ("domain:1", "domain:2")), ("total", ("domain:1", "domain:3"))]}, rounding=0.0151)
    assert sorted(found.loc[found["measure"] == "gap_sum", "note"]) == ["adds up", "does not add up"]
    assert (count(found, "n_adds_up"), count(found, "n_broken")) == ((0, 1), (1, 1))


def test_scores_beyond_their_limits_are_named_with_them() -> None:
    panel = table(fact("01", "score", 10.2, node="domain:1"), fact("02", "score", 10, node="domain:1"), fact("03", "score", 1, node="domain:2"))
    found = metrics.beyond_limits(panel, limits={2023: {"domain:1": (0, 10), "domain:2": (0, None)}})
    assert found.loc[found["unit"] != COUNTRY, ["unit", "note"]].values.tolist() == [["01", "between 0 and 10"]]
    assert (count(found, "n_checked"), count(found, "n_beyond", 2023)) == ((2, 2), (1, 2))


def test_ranks_of_all_years_that_contradict_have_one_row_each() -> None:
    panel = table(*of_ranks({"01": 7, "02": 7, "03": 8}, year=2022), *of_ranks({"01": 1, "02": 2}), *of_scores({"01": 80, "02": 90}))
    found = metrics.rank_audit(panel, units=YEARS)
    assert found.loc[found["year"] == 2022, "note"].tolist() == ["same rank total 7"] * 2
    assert set(found.loc[(found["year"] == 2023) & (found["unit"] != COUNTRY), "note"]) == {"order total 01 02"}
    assert count(found, "n_contradictions") == (2, 5)


def test_computed_ranks_cannot_contradict_the_scores_they_come_from() -> None:
    panel = table(*({**row, "basis": "computed"} for row in of_ranks({"01": 7, "02": 7})))
    assert metrics.rank_audit(panel, units=YEARS).empty


# ---------------------------------------------------------------- who states it


def claim(value: float, publisher: str, trust: str = "press", *, unit: str = "31", measure: str = "score", is_preferred: bool = False, **more: Any) -> dict[str, Any]:
    row = fact(unit, measure, value, **{"basis": "published", **{name: more.pop(name) for name in ("year", "basis") if name in more}})
    row |= {"period": "", "qualifier": "", "text": f"{value}", "publisher": publisher, "trust": trust, "set_aside": "", "is_preferred": is_preferred}
    return row | {"source": f"https://{publisher}/{value}"} | more


TRUST = ["official", "agency", "press", "copy"]
TWO = [claim(91.87, "a.vn", "agency", is_preferred=True), claim(91.81, "b.vn"), claim(90.0, "b.vn", unit="30", is_preferred=True)]


def test_figures_are_counted_by_who_states_them() -> None:
    found = metrics.trust_counts(pd.DataFrame(TWO), trust=TRUST)
    told = {name: count(found, f"n_{name}", node="figures")[0] for name in ("figures", "shared", "single", "disputed")}
    assert told == {"figures": 2, "shared": 1, "single": 1, "disputed": 1}
    own = {name: count(found, f"n_{name}", node="publisher:b.vn@press")[0] for name in ("stated", "used", "alone", "overruled")}
    assert own == {"stated": 2, "used": 1, "alone": 1, "overruled": 1}


def test_a_figure_counts_for_its_most_trusted_source() -> None:
    found = metrics.trust_counts(pd.DataFrame([*TWO, claim(91.87, "c.vn", "copy", is_preferred=True)]), trust=TRUST)
    assert [count(found, "n_used", node=f"trust:{name}") for name in TRUST] == [(0, 2), (1, 2), (1, 2), (0, 2)]
    assert count(found, "n_used", 2023, node="trust:agency") == (1, 2)


def test_no_claims_are_no_counts_and_no_disputes() -> None:
    none = pd.DataFrame(columns=list(TWO[0]))
    assert metrics.trust_counts(none, trust=TRUST).empty
    assert metrics.disputes(none, empty(), trust=TRUST).empty


def why(*claims: dict[str, Any], panel: pd.DataFrame | None = None) -> str:
    found = metrics.disputes(pd.DataFrame(claims), empty() if panel is None else panel, trust=TRUST)
    assert found["is_preferred"].iloc[0]
    (reason,) = found["why"].unique()
    return str(reason)


USED = claim(91.87, "a.vn", is_preferred=True)


@pytest.mark.parametrize(
    ("others", "reason"),
    [
        ([claim(91.81, "b.vn", set_aside={"en": "a slip"})], "error"),
        ([claim(91.81, "b.vn", "official", basis="derived")], "printed"),
        ([claim(91.81, "b.vn", "copy")], "trust"),
        ([claim(91.87, "c.vn", is_preferred=True), claim(91.81, "b.vn")], "publishers"),
        ([claim(91.87, "c.vn", "copy", is_preferred=True), claim(91.81, "b.vn")], "copies"),
        ([claim(91.8, "b.vn")], "decimals"),
        ([claim(91.81, "b.vn")], "undecided"),
    ],
)
def test_the_step_of_the_rule_that_settled_a_dispute_is_named(others: list[dict[str, Any]], reason: str) -> None:
    assert reason in REASONS
    assert why(USED, *others) == reason


def test_a_value_that_fits_the_ranks_is_told_so() -> None:
    panel = table(*of_ranks({"31": 1, "22": 2}), *of_scores({"31": 91.87, "22": 91.84}))
    assert why(USED, claim(91.81, "b.vn"), panel=panel) == "order"


def test_undisputed_figures_are_left_out() -> None:
    assert metrics.disputes(pd.DataFrame([USED, claim(91.87, "b.vn", is_preferred=True)]), empty(), trust=TRUST).empty


def test_the_newest_disputes_come_first_and_the_value_used_before_the_others() -> None:
    old = [{**row, "year": 2018} for row in (USED, claim(91.81, "b.vn"))]
    found = metrics.disputes(pd.DataFrame([*old, claim(91.81, "b.vn"), USED]), empty(), trust=TRUST)
    assert found[["year", "value"]].values.tolist() == [[2023, 91.87], [2023, 91.81], [2018, 91.87], [2018, 91.81]]


def test_a_span_of_one_year_is_still_a_span() -> None:
    assert span_of([2023]) == "2023-2023"
