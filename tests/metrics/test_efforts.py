"""Own and others' effects on a change of rank: they add up, and the truth lies within what is known."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from par_analysis.errors import RequestError, UnknownName
from par_analysis.metrics import own_and_others, rank

from .made import as_dict, fact, of_ranks, of_scores, table, unique_ranks, value

BASE, YEAR = 2022, 2023
UNITS = list("ABCDE")


def effects(panel: pd.DataFrame, unit: str = "A", units: list[str] = UNITS, **more: Any) -> pd.DataFrame:
    return own_and_others(panel, unit=unit, year=YEAR, base=BASE, units=units, **{"comparable": True, **more})


def two_years(old: dict[str, float], new: dict[str, float]) -> pd.DataFrame:
    return table(*of_scores(old, year=BASE), *of_scores(new))


def ends(found: pd.DataFrame, measure: str) -> tuple[float, float]:
    """The two ends of a measure; the same where it is known."""
    known = as_dict(found)
    return (known[measure], known[measure]) if measure in known else (known[f"{measure}_low"], known[f"{measure}_high"])


# ---------------------------------------------------------------- by hand


def test_five_units_by_hand() -> None:
    """A gains 6 points. Among the old scores (E 90, D 85, C 80, B 75) 81 is third; its old 75 would be last of the new ones (E 91, D 82, C 80.5, B 79)."""
    panel = two_years({"A": 75, "B": 74, "C": 80, "D": 85, "E": 90}, {"A": 81, "B": 79, "C": 80.5, "D": 82, "E": 91})
    found = effects(panel)
    assert as_dict(found) == {
        "rank_change": 1, "own_effect": 1.5, "others_effect": -0.5, "own_first": 1, "own_last": 2, "rank_own_new": 3, "rank_own_old": 5, "score_change": 6, "n_used": 4,
    }  # fmt: skip
    assert found["out_of"].tolist() == pytest.approx([5] * 7 + [math.nan, 4], nan_ok=True)
    assert set(found["unit_of_measure"]) == {"place", "points", "count"}
    assert set(found["note"]) == {"against 2022; basis: raw"}


def test_more_points_and_a_worse_rank() -> None:
    """All gain, A the least: its own points lift it, the others' push it down further."""
    panel = two_years({"A": 80, "B": 79, "C": 78, "D": 81, "E": 70}, {"A": 81.21, "B": 85, "C": 84, "D": 86, "E": 71})
    found = as_dict(effects(panel))
    assert (found["score_change"], found["rank_change"]) == (pytest.approx(1.21), -2)
    assert (found["own_effect"], found["others_effect"]) == (0.5, -2.5)


def test_partial_figures_by_hand() -> None:
    """Of seven, D (own) goes from 4th with 80 to 5th with 84.

    2022: A is 1st with 90, B 2nd with 84; of C, F, G only places are known. 84 is level with B and after A: second or third place is B's, so 84 is 2nd.
    2023: E is 2nd with 91, C has 83; A, B, F, G are unknown. 80 comes after the four before D and after C: 6th or 7th.
    """
    units = list("ABCDEFG")
    panel = table(
        *of_scores({"A": 90, "B": 84, "D": 80}, year=BASE), *of_ranks({"A": 1, "B": 2, "C": 3, "D": 4, "F": 6, "G": 7}, year=BASE, out_of=7),
        *of_scores({"E": 91, "C": 83, "D": 84}), *of_ranks({"E": 2, "D": 5}, out_of=7),
    )  # fmt: skip
    found = effects(panel, unit="D", units=units)
    assert as_dict(found) == {
        "rank_change": -1, "own_effect_low": 1.5, "own_effect_high": 2, "others_effect_low": -3, "others_effect_high": -2.5, "own_first": 2, "own_last_low": 1, "own_last_high": 2,
        "rank_own_new": 2, "rank_own_old_low": 6, "rank_own_old_high": 7, "score_change": 4, "n_used": 0,
    }  # fmt: skip
    bounds = found["measure"].str.contains("_low|_high")
    assert set(found.loc[bounds, "basis"]) == {"bound"}
    assert set(found.loc[~bounds, "basis"]) == {"computed"}


def test_nothing_known_of_the_others_leaves_what_the_own_place_says() -> None:
    """From 3rd with 70 to 2nd with 80: with 80 the unit would not have been worse than 3rd, with 70 not be better than 2nd."""
    panel = table(*of_scores({"A": 70}, year=BASE), *of_ranks({"A": 3}, year=BASE, out_of=5), *of_scores({"A": 80}), *of_ranks({"A": 2}, out_of=5))
    found = effects(panel)
    assert ends(found, "rank_own_new") == (1, 3)
    assert ends(found, "rank_own_old") == (2, 5)
    assert ends(found, "own_effect") == (0, 2.5)
    assert ends(found, "others_effect") == (-1.5, 1)


def test_published_highest_score_is_evidence() -> None:
    known = [*of_scores({"A": 70}, year=BASE), *of_ranks({"A": 3}, year=BASE, out_of=5), *of_scores({"A": 80}), *of_ranks({"A": 2}, out_of=5)]
    assert ends(effects(table(*known, fact("VN", "max", 90, year=BASE))), "rank_own_new") == (2, 3)
    assert ends(effects(table(*known, fact("VN", "max", 80, year=BASE))), "rank_own_new") == (1, 1)
    assert ends(effects(table(*known, fact("VN", "min", 71))), "rank_own_old") == (5, 5)


# ---------------------------------------------------------------- laws

numbers = st.integers(0, 12).map(lambda number: number * 8.25)


@settings(max_examples=30)
@given(st.lists(st.tuples(numbers, numbers), min_size=1, max_size=7), st.booleans(), st.sampled_from(["raw", "distance"]), st.integers(0, 99))
def test_effects_add_up_to_the_change_of_rank(scores: list[tuple[float, float]], up: bool, basis: str, seed: int) -> None:
    units = [f"{i:02d}" for i in range(len(scores))]
    panel = two_years(*({unit: pair[when] for unit, pair in zip(units, scores, strict=True)} for when in (0, 1)))
    before = panel.copy(deep=True)
    found = effects(panel, "00", units, basis=basis, higher_is_better=up)
    known = as_dict(found)
    assert known["own_effect"] + known["others_effect"] == known["rank_change"]
    assert known["own_effect"] == (known["own_first"] + known["own_last"]) / 2
    old, new = (rank(pd.Series([pair[when] for pair in scores]), higher_is_better=up)[0] for when in (0, 1))
    assert known["rank_change"] == old - new
    pd.testing.assert_frame_equal(panel, before)
    pd.testing.assert_frame_equal(effects(panel.sample(frac=1, random_state=seed), "00", units, basis=basis, higher_is_better=up), found)


@dataclass(frozen=True)
class Year:
    """The whole truth about a year, and what of it is published; unit 00 is known."""

    scores: tuple[float, ...]
    ranks: tuple[float, ...]
    score_known: tuple[bool, ...]
    rank_known: tuple[bool, ...]
    ends_known: bool

    def facts(self, year: int) -> list[dict[str, Any]]:
        n = len(self.scores)
        rows = [fact(f"{i:02d}", "score", self.scores[i], year=year) for i in range(n) if self.score_known[i] or i == 0]
        rows += [fact(f"{i:02d}", "rank", self.ranks[i], year=year, out_of=n) for i in range(n) if self.rank_known[i] or i == 0]
        return rows + [fact("VN", name, end(self.scores), year=year) for name, end in (("max", max), ("min", min)) if self.ends_known]

    def place_of(self, score: float, *, up: bool) -> float:
        """The true place of a score among the others."""
        return 1.0 + sum(other > score if up else other < score for other in self.scores[1:])


@st.composite
def years(draw: st.DrawFn, n: int, up: bool, *, scores: tuple[float, ...] | None = None) -> Year:
    drawn = list(scores) if scores else draw(st.lists(numbers, min_size=n, max_size=n))
    shared = draw(st.booleans())
    ranks = rank(pd.Series(drawn), higher_is_better=up).tolist() if shared else unique_ranks(drawn, draw(st.permutations(range(n))), higher_is_better=up)
    masks = st.lists(st.booleans(), min_size=n, max_size=n).map(tuple)
    return Year(tuple(drawn), tuple(ranks), draw(masks), draw(masks), draw(st.booleans()))


@st.composite
def pairs_of_years(draw: st.DrawFn) -> tuple[Year, Year, bool]:
    n, up = draw(st.integers(1, 8)), draw(st.booleans())
    return draw(years(n, up)), draw(years(n, up)), up


@settings(max_examples=120)
@given(pairs_of_years())
def test_truth_lies_within_the_bounds(drawn: tuple[Year, Year, bool]) -> None:
    old, new, up = drawn
    found = effects(table(*old.facts(BASE), *new.facts(YEAR)), "00", [f"{i:02d}" for i in range(len(old.scores))], higher_is_better=up)
    assert not found["note"].str.contains("contradict").any()
    moved = old.scores[0] != new.scores[0]
    own_new = old.place_of(new.scores[0], up=up) if moved else old.ranks[0]
    own_old = new.place_of(old.scores[0], up=up) if moved else new.ranks[0]
    own = ((old.ranks[0] - own_new) + (own_old - new.ranks[0])) / 2
    change = old.ranks[0] - new.ranks[0]
    for measure, truth in {"rank_own_new": own_new, "rank_own_old": own_old, "own_effect": own, "others_effect": change - own}.items():
        low, high = ends(found, measure)
        assert low <= truth <= high
    assert ends(found, "own_effect")[0] + ends(found, "others_effect")[1] == change


@settings(max_examples=15)
@given(st.lists(st.integers(0, 40).map(float), min_size=2, max_size=12, unique=True).filter(lambda drawn: len(drawn) % 2 == 0))
def test_flipping_the_direction_flips_the_effects(scores: list[float]) -> None:
    """Where no two scores are equal: equals share the better place in either direction."""
    n = len(scores) // 2
    units = [f"{i:02d}" for i in range(n)]
    panel = two_years(dict(zip(units, scores[:n], strict=True)), dict(zip(units, scores[n:], strict=True)))
    up, down = (as_dict(effects(panel, "00", units, higher_is_better=way)) for way in (True, False))
    for measure in ("rank_change", "own_effect", "others_effect", "own_first", "own_last"):
        assert down[measure] == -up[measure]
    assert down["score_change"] == up["score_change"]


@settings(max_examples=60)
@given(pairs_of_years(), st.data())
def test_contradictory_figures_never_invert_bounds(drawn: tuple[Year, Year, bool], data: st.DataObject) -> None:
    n, up = len(drawn[0].scores), drawn[2]
    wrong = st.lists(st.integers(1, n).map(float), min_size=n, max_size=n).map(tuple)
    old, new = (Year(year.scores, data.draw(wrong), year.score_known, year.rank_known, year.ends_known) for year in drawn[:2])
    found = effects(table(*old.facts(BASE), *new.facts(YEAR)), "00", [f"{i:02d}" for i in range(n)], higher_is_better=up)
    assert value(found, "rank_change") == old.ranks[0] - new.ranks[0]
    known = as_dict(found)
    if "own_effect" in known or "own_effect_low" in known:
        for measure in ("own_effect", "others_effect", "own_first", "own_last", "rank_own_new", "rank_own_old"):
            low, high = ends(found, measure)
            assert low <= high
            assert not measure.startswith("rank") or 1 <= low <= high <= n
    else:
        assert "no effects" in found["note"].iloc[0]


@settings(max_examples=25)
@given(pairs_of_years())
def test_all_scores_leave_no_doubt(drawn: tuple[Year, Year, bool]) -> None:
    old, new, up = drawn
    n = len(old.scores)
    full = (Year(year.scores, year.ranks, (True,) * n, year.rank_known, year.ends_known) for year in (old, new))
    found = effects(table(*(row for year, when in zip(full, (BASE, YEAR), strict=True) for row in year.facts(when))), "00", [f"{i:02d}" for i in range(n)], higher_is_better=up)
    assert set(found["basis"]) == {"computed"}
    assert value(found, "n_used") == n - 1


@settings(max_examples=25)
@given(pairs_of_years())
def test_without_own_points_gained_all_is_the_others_effect(drawn: tuple[Year, Year, bool]) -> None:
    old, new, up = drawn
    kept = [{**row, "value": old.scores[0]} if (row["unit"], row["measure"]) == ("00", "score") else row for row in new.facts(YEAR) if row["unit"] != "VN"]
    found = effects(table(*old.facts(BASE), *kept), "00", [f"{i:02d}" for i in range(len(old.scores))], higher_is_better=up)
    assert math.isnan(value(found, "own_effect_low"))
    assert value(found, "own_effect") == 0 or "no effects" in found["note"].iloc[0]


def test_a_gain_shared_by_all_is_nobodys_effect_as_a_distance() -> None:
    old = {"A": 75, "B": 74, "C": 80, "D": 85, "E": 90}
    panel = two_years(old, {unit: score + 6 for unit, score in old.items()})
    raw, distance = effects(panel), effects(panel, comparable=False, basis="distance")
    assert (value(raw, "own_effect"), value(raw, "others_effect"), value(raw, "score_change")) == (1, -1, 6)
    assert (value(distance, "own_effect"), value(distance, "others_effect"), value(distance, "distance_change")) == (0, 0, 0)


def test_distances_are_from_the_published_mean_where_scores_are_missing() -> None:
    known = [*of_scores({"A": 70, "B": 72}, year=BASE), *of_ranks({"A": 3, "B": 2}, year=BASE, out_of=3), *of_scores({"A": 80, "B": 81}), *of_ranks({"A": 2, "B": 1}, out_of=3)]
    units = list("ABC")
    assert "distance_change" not in as_dict(effects(table(*known), units=units, basis="distance"))
    found = effects(table(*known, fact("VN", "mean", 73, year=BASE), fact("VN", "mean", 80)), units=units, basis="distance")
    assert value(found, "distance_change") == 3
    assert ends(found, "rank_own_new") == (1, 2)


# ---------------------------------------------------------------- who is ranked


def papi_like() -> pd.DataFrame:
    """Five were ranked in 2022 and four in 2023, when C had no total."""
    old, new = {"A": 75.0, "B": 74, "C": 80, "D": 85, "E": 90}, {"A": 91.0, "B": 79, "D": 82, "E": 90.5}
    places = [*of_ranks({"A": 4, "B": 5, "C": 3, "D": 2, "E": 1}, year=BASE, out_of=5), *of_ranks({"A": 1, "B": 4, "D": 3, "E": 2}, out_of=4)]
    return table(*of_scores(old, year=BASE), *of_scores(new), *places)


@pytest.mark.parametrize("units", [list("ABDE"), UNITS], ids=["ranked in the year", "all"])
def test_other_units_in_each_year_are_ranked_anew_among_those_of_both(units: list[str]) -> None:
    found = effects(papi_like(), units=units)
    assert as_dict(found) == {
        "rank_change": 2, "own_effect": 2.5, "others_effect": -0.5, "own_first": 2, "own_last": 3, "rank_own_new": 1, "rank_own_old": 4, "score_change": 16, "n_used": 3,
    }  # fmt: skip
    places = found[found["unit_of_measure"] == "place"]
    assert set(places["out_of"]) == {4}
    assert places["note"].str.endswith("among the 4 units scored in both years").all()


def test_distance_across_such_years_is_from_each_years_mean_of_all_ranked() -> None:
    found = effects(papi_like(), units=list("ABDE"), basis="distance")
    assert value(found, "distance_change") == pytest.approx((91 - np.mean([91, 79, 82, 90.5])) - (75 - np.mean([75, 74, 80, 85, 90])))
    assert "among" not in found.loc[found["measure"] == "distance_change", "note"].iloc[0]


def test_a_unit_that_was_not_ranked_in_one_year_has_no_effects() -> None:
    assert effects(papi_like(), unit="C").empty


def test_few_scores_are_no_ranking() -> None:
    """Five ranks of five, two scores: nothing is ranked anew."""
    panel = papi_like()
    panel = panel[(panel["measure"] == "rank") | panel["unit"].isin(["A", "B"])]
    panel = pd.concat([panel[panel["year"] == BASE], table(*of_scores({"A": 91, "B": 79}), *of_ranks({"A": 1, "B": 5}, out_of=5))])
    found = effects(panel)
    assert (value(found, "rank_change"), value(found, "n_used")) == (3, 1)
    assert not found["note"].str.contains("among").any()


def test_without_an_own_rank_there_are_no_effects() -> None:
    panel = table(*of_scores({"A": 70, "B": 72}, year=BASE), *of_scores({"A": 80, "B": 81}), *of_ranks({"A": 2}, out_of=5))
    assert as_dict(effects(panel)) == {"score_change": 10, "n_used": 1}


def test_a_rank_without_scores_changes_all_the_same() -> None:
    panel = table(*of_ranks({"A": 4}, year=BASE, out_of=5), *of_ranks({"A": 2}, out_of=5))
    assert as_dict(effects(panel)) == {"rank_change": 2, "n_used": 0}


def test_a_rank_of_another_list_is_none() -> None:
    panel = table(*of_scores({"A": 70}, year=BASE), *of_ranks({"A": 3}, year=BASE, out_of=64), *of_scores({"A": 80}), *of_ranks({"A": 2}, out_of=5))
    assert as_dict(effects(panel)) == {"score_change": 10, "n_used": 0}


def test_figures_about_a_value_are_not_known() -> None:
    panel = table(fact("A", "score", 70, year=BASE, qualifier="~"), *of_ranks({"A": 3}, year=BASE, out_of=5), *of_scores({"A": 80}), *of_ranks({"A": 2}, out_of=5))
    assert as_dict(effects(panel)) == {"rank_change": 1, "n_used": 0}


# ---------------------------------------------------------------- contradictions


def test_own_rank_against_all_scores_gives_no_effects() -> None:
    """A is said to be first, and three score more."""
    panel = table(
        *of_scores({"A": 70, "B": 75, "C": 80, "D": 85, "E": 60}, year=BASE), *of_ranks({"A": 1}, year=BASE, out_of=5),
        *of_scores({"A": 90, "B": 75, "C": 80, "D": 85, "E": 60}), *of_ranks({"A": 1}, out_of=5),
    )  # fmt: skip
    found = effects(panel)
    assert as_dict(found) == {"rank_change": 0, "score_change": 20, "n_used": 4}
    assert "2022: no effects, the unit's rank and score contradict those of others" in found["note"].iloc[0]


def test_a_wrong_rank_of_another_is_set_aside_and_named() -> None:
    """D, with the highest score, is said to be last."""
    panel = table(
        *of_scores({"A": 70, "B": 75, "C": 80, "D": 85}, year=BASE), *of_ranks({"A": 4, "B": 3, "C": 2, "D": 5}, year=BASE, out_of=5),
        *of_scores({"A": 77}), *of_ranks({"A": 3}, out_of=5),
    )  # fmt: skip
    found = effects(panel)
    assert ends(found, "rank_own_new") == (3, 3)
    assert "2022: set aside, score and rank contradict those of others: D" in found["note"].iloc[0]


def test_ranks_that_the_scores_forbid_are_left_out() -> None:
    """B is said to be 2nd, and C, D and E have more points than it: the scores alone are used."""
    panel = table(
        *of_scores({"A": 60, "B": 75, "C": 80, "D": 81, "E": 82}, year=BASE), *of_ranks({"A": 6, "B": 2}, year=BASE, out_of=6),
        *of_scores({"A": 76}), *of_ranks({"A": 3}, out_of=6),
    )  # fmt: skip
    found = effects(panel, units=list("ABCDEF"))
    assert ends(found, "rank_own_new") == (4, 5)
    assert "2022: ranks of others contradict the scores and are left out" in found["note"].iloc[0]


# ---------------------------------------------------------------- what is asked


@pytest.mark.parametrize(("comparable", "why"), [(False, "the methods differ"), (None, "not known whether the methods are the same")])
def test_points_across_methods_ask_for_a_basis(comparable: bool | None, why: str) -> None:
    with pytest.raises(RequestError, match=f"{why}.* raw, distance$"):
        effects(table(), comparable=comparable)
    panel = two_years({"A": 70.0}, {"A": 71.0})
    assert value(effects(panel, units=["A"], comparable=comparable, basis="raw"), "own_effect") == 0


@pytest.mark.parametrize("basis", ["rank", "share", "raws"])
def test_another_basis_is_refused(basis: str) -> None:
    with pytest.raises(UnknownName, match="unknown basis of comparison"):
        effects(table(), basis=basis)


def test_a_year_against_itself_and_a_unit_apart_give_nothing() -> None:
    panel = two_years({"A": 70.0, "B": 71}, {"A": 71.0, "B": 70})
    assert own_and_others(panel, unit="A", year=YEAR, base=YEAR, units=UNITS, comparable=True).empty
    assert effects(panel, unit="Z").empty
    assert effects(panel, units=[]).empty


def test_domains_have_effects_too() -> None:
    old, new = {"A": 7.0, "B": 8}, {"A": 9.0, "B": 8}
    rows = [fact(unit, "score", score, year=year, node="domain:2") for year, of in ((BASE, old), (YEAR, new)) for unit, score in of.items()]
    found = effects(table(*rows), units=["A", "B"], node="domain:2")
    assert (value(found, "rank_change"), value(found, "own_effect"), set(found["node"])) == (1, 1, {"domain:2"})
