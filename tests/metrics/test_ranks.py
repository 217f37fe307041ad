"""Ranks: tie rules, laws, and other people's published ranks."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from par_analysis.errors import RequestError, UnknownName
from par_analysis.metrics import fractional_rank, percentile, rank

TAI = Path(__file__).resolve().parents[3] / "shared" / "refdata" / "oecd_tai"
scores_with_gaps = st.lists(st.one_of(st.none(), st.integers(-5, 5)), max_size=12).map(lambda drawn: pd.Series(drawn, dtype="float64"))
ties = st.sampled_from(["min", "max", "average", 0.0, 0.25, 1.0])


@pytest.mark.parametrize(("omega", "expected"), [(0, [3, 5, 6, 1, 2, 3]), (0.5, [3.5, 5, 6, 1, 2, 3.5]), (1, [4, 5, 6, 1, 2, 4])])
def test_ranks_agree_with_csranks(omega: float, expected: list[float]) -> None:
    """Vectors of csranks' manual (Mogstad, Romano, Shaikh, Wilhelm)."""
    assert rank(pd.Series([4.0, 3, 1, 10, 8, 4]), ties=omega).tolist() == expected


def test_ranks_agree_with_csranks_where_lower_is_better() -> None:
    found = rank(pd.Series([1.0, 3, 4, 4, 4, 7, 7, 10]), ties=0.4, higher_is_better=False)
    assert found.tolist() == pytest.approx([1, 2, 3.8, 3.8, 3.8, 6.4, 6.4, 8])


@given(scores_with_gaps, st.sampled_from(["min", "max", "average"]), st.booleans())
def test_ranks_agree_with_pandas(scores: pd.Series, rule: str, up: bool) -> None:
    expected = scores.rank(method=rule, ascending=not up, na_option="keep")
    pd.testing.assert_series_equal(rank(scores, ties=rule, higher_is_better=up), expected, check_names=False)


@given(scores_with_gaps)
def test_fractional_rank_agrees_with_pandas(scores: pd.Series) -> None:
    pd.testing.assert_series_equal(fractional_rank(scores), scores.rank(method="average", pct=True), check_names=False)


@given(scores_with_gaps, ties, st.booleans())
def test_missing_value_has_no_rank(scores: pd.Series, rule: str | float, up: bool) -> None:
    assert rank(scores, ties=rule, higher_is_better=up).isna().tolist() == scores.isna().tolist()


@given(scores_with_gaps, st.booleans())
def test_flipping_scores_and_direction_changes_nothing(scores: pd.Series, up: bool) -> None:
    pd.testing.assert_series_equal(rank(scores, higher_is_better=up), rank(-scores, higher_is_better=not up))


@given(scores_with_gaps)
def test_ranks_of_both_directions_mirror_each_other(scores: pd.Series) -> None:
    both = rank(scores, ties="average") + rank(scores, ties="average", higher_is_better=False)
    assert both.dropna().eq(scores.count() + 1).all()


@given(scores_with_gaps, ties, st.randoms(use_true_random=False))
def test_order_of_rows_does_not_matter(scores: pd.Series, rule: str | float, random: object) -> None:
    shuffled = scores.sample(frac=1, random_state=random.randint(0, 9999))  # type: ignore[attr-defined]
    pd.testing.assert_series_equal(rank(shuffled, ties=rule).sort_index(), rank(scores, ties=rule))


@given(st.lists(st.integers(-5, 5), min_size=1, max_size=12), ties)
def test_unit_added_below_moves_nobody(drawn: list[int], rule: str | float) -> None:
    scores = pd.Series(drawn, dtype="float64")
    longer = pd.concat([scores, pd.Series([scores.min() - 1])], ignore_index=True)
    assert rank(longer, ties=rule).iloc[:-1].tolist() == rank(scores, ties=rule).tolist()


@given(st.lists(st.integers(-5, 5), min_size=1, max_size=12))
def test_ranks_of_average_ties_sum_to_those_of_a_full_list(drawn: list[int]) -> None:
    n = len(drawn)
    assert rank(pd.Series(drawn, dtype="float64"), ties="average").sum() == n * (n + 1) / 2


def test_scores_within_tolerance_share_a_rank() -> None:
    assert rank(pd.Series([0.1 + 0.2, 0.3, 0.2])).tolist() == [1, 1, 3]
    assert rank(pd.Series([87.84, 87.83]), tolerance=0.02).tolist() == [1, 1]


def test_what_is_printed_alike_ranks_alike_on_published_scores() -> None:
    """87.841 and 87.839 are printed 87.84; 87.845 is printed 87.85, and -0.005 as -0.01."""
    drawn = pd.Series([87.841, 87.839, 87.845, None, -0.005, -0.012])
    assert rank(drawn, on="published").tolist() == pytest.approx([2, 2, 1, float("nan"), 4, 4], nan_ok=True)
    assert fractional_rank(drawn, on="published").tolist() == pytest.approx([0.7, 0.7, 1, float("nan"), 0.3, 0.3], nan_ok=True)
    assert percentile(drawn, on="published").tolist() == pytest.approx([62.5, 62.5, 100, float("nan"), 12.5, 12.5], nan_ok=True)
    with pytest.raises(UnknownName, match="way to rank 'printed'"):
        rank(drawn, on="printed")  # type: ignore[arg-type]


@given(st.lists(st.integers(0, 300), max_size=12), st.integers(-4, 4))
def test_ranks_on_published_scores_are_those_of_the_printed_ones(hundredths: list[int], thousandths: int) -> None:
    printed = pd.Series([number / 100 for number in hundredths], dtype="float64")
    assert rank(printed + thousandths / 1000, on="published").tolist() == rank(printed).tolist()


@pytest.mark.parametrize("wrong", ["chín", float("inf"), float("-inf")])
def test_scores_that_are_no_finite_numbers_are_named(wrong: object) -> None:
    for metric in (rank, fractional_rank, percentile):
        with pytest.raises(RequestError, match="no finite numbers: 31"):
            metric(pd.Series([90.0, wrong, None], index=["22", "31", "30"], dtype="object"))


def test_index_and_input_are_left_alone() -> None:
    scores = pd.Series([1.0, None], index=["30", "22"])
    assert rank(scores).index.tolist() == ["30", "22"]
    assert scores.isna().tolist() == [False, True]


def test_unknown_tie_rule_suggests_a_known_one() -> None:
    with pytest.raises(UnknownName, match="did you mean 'average'"):
        rank(pd.Series([1.0]), ties="avrage")


@pytest.mark.parametrize("omega", [-0.1, 1.1, float("nan")])
def test_omega_outside_its_range_is_refused(omega: float) -> None:
    with pytest.raises(RequestError, match="not in"):
        rank(pd.Series([1.0]), ties=omega)


def test_percentile_of_one_unit_is_missing() -> None:
    assert percentile(pd.Series([80.0, None])).isna().all()


def test_percentile_by_hand() -> None:
    """Five units, two of them equal: average ranks 1, 2.5, 2.5, 4, 5 of 5."""
    assert percentile(pd.Series([90.0, 80, 80, 70, 60])).tolist() == [100, 62.5, 62.5, 25, 0]


def test_nothing_has_no_ranks() -> None:
    for metric in (rank, fractional_rank, percentile):
        assert len(metric(pd.Series([], dtype="float64"))) == 0


needs_handbook = pytest.mark.skipif(not TAI.exists(), reason="../shared/refdata/oecd_tai is absent")


def achievements() -> pd.DataFrame:
    """The eight indicators of 23 countries between the goalposts of the Human Development Report 2001, capped at 1."""
    raw = pd.read_csv(TAI / "TAI_raw_23.csv", index_col="country")
    ends = pd.read_csv(TAI / "TAI_hdr2001_goalposts.csv", index_col=0)
    return ((raw - ends["goalpost_min"]) / (ends["goalpost_max"] - ends["goalpost_min"])).clip(upper=1)


@needs_handbook
def test_technology_achievement_index_comes_out_as_published() -> None:
    """Scores of the OECD/JRC Handbook (2008), appendix A.2; Singapore is an unexplained exception there too."""
    printed = pd.read_csv(TAI / "TAI_hdr2001_scores_check.csv", index_col=0)["pub"].drop("Singapore")
    assert (achievements().mean(axis=1)[printed.index] - printed).abs().max() < 0.0015


@needs_handbook
@pytest.mark.parametrize(("weights", "within"), [("EW", 0), ("BAP", 0), ("FA", 1), ("AHP", 2)])
def test_ranks_of_the_handbook_come_out_as_published(weights: str, within: int) -> None:
    """OECD/JRC Handbook (2008), table 23; the weights of FA and AHP are printed with two digits only."""
    weight = pd.read_csv(TAI / "TAI_weights_table22.csv", index_col=0)[weights]
    printed = pd.read_csv(TAI / "TAI_ranks_table23.csv", index_col="country")[weights]
    found = rank((achievements()[weight.index] * weight).sum(axis=1))
    assert (found[printed.index] - printed).abs().max() <= within
