"""Sigma and beta convergence: the figures of another package, exact dynamics, errors of measurement that are known, and laws."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats

from par_analysis.errors import RequestError
from par_analysis.metrics.convergence import NOTES, beta_convergence, sigma_convergence, trends, variance_ratio
from tests.conftest import SHARED

scores = st.lists(st.floats(5, 100), min_size=4, max_size=12)
pairs = scores.flatmap(lambda first: st.tuples(st.just(first), st.lists(st.floats(5, 100), min_size=len(first), max_size=len(first)), st.integers(1, 6)))


def of(values: list[float]) -> pd.Series:
    return pd.Series(values, index=[f"{i:02d}" for i in range(len(values))], dtype="float64")


@pytest.fixture(scope="module")
def counties() -> pd.DataFrame:
    """GDP per head of 402 German counties, 2010 to 2014, as shipped with REAT (Wieland; GPL, figures only)."""
    if not SHARED.is_dir():
        pytest.skip("../shared/refdata is absent")
    table = pd.read_csv(SHARED / "refdata" / "reat" / "G_counties_gdppc.csv", index_col=0)
    return table.set_axis([int(name[-4:]) for name in table.columns], axis=1)


# ---------------------------------------------------------------- figures of REAT


def test_beta_of_two_years_agrees_with_reat(counties: pd.DataFrame) -> None:
    """REAT ``betaconv.ols`` and ``betaconv.speed``, 2010 and 2011."""
    found = beta_convergence(counties[2010], counties[2011], 1).table.loc["log"]
    expected = {"alpha": 0.132453460, "alpha_se": 0.046001403, "beta": -0.008070533, "se": 0.004490136, "t": -1.797391, "p": 0.073027611, "r2": 0.008011833}
    assert found[list(expected)].astype(float).to_dict() == pytest.approx(expected, abs=5e-7)
    assert found["beta"] == pytest.approx(-0.008070533, abs=5e-10)
    assert found["se"] == pytest.approx(0.004490136, abs=5e-10)
    assert found["r2"] == pytest.approx(0.008011833, abs=5e-10)
    assert found["lambda"] == pytest.approx(0.008103276, abs=5e-10)
    assert found["half_life"] == pytest.approx(85.539130, abs=1e-6)


def test_beta_of_five_years_agrees_with_reat_and_lambda_does_not(counties: pd.DataFrame) -> None:
    """REAT, 2010 to 2014: beta -.007373347 of mean annual growth. Its lambda .001850166 is -ln(1 + beta) / 4: the annual beta is not multiplied by the 4 years.

    The dynamics that the formula comes from want -ln(1 + 4 beta) / 4 = .0074842 (``test_speed_of_exact_convergence_is_found``), so that one is not followed.
    """
    found = beta_convergence(counties[2010], counties[2014], 4).table.loc["log"]
    assert found["beta"] == pytest.approx(-0.007373347, abs=5e-10)
    assert found["se"] == pytest.approx(0.001848086, abs=5e-10)
    assert found["p"] == pytest.approx(7.867475e-05, rel=1e-6)
    assert -math.log(1 + found["beta"]) / 4 == pytest.approx(0.001850166, abs=5e-10)
    assert found["lambda"] == pytest.approx(-math.log(1 - 4 * 0.007373347) / 4, abs=1e-9)


def test_sigma_agrees_with_reat(counties: pd.DataFrame) -> None:
    """REAT ``sigmaconv`` (sd of ln, population) and ``sigmaconv.t`` (CV, population, on the year)."""
    found = sigma_convergence(counties)
    assert found.years["sd_ln_population"].loc[[2010, 2011]].tolist() == pytest.approx([0.3497774, 0.3483735], abs=5e-8)
    assert found.years["cv_population"].tolist() == pytest.approx([0.4311499, 0.4377648, 0.4370150, 0.4384946, 0.4371668], abs=5e-8)
    assert found.years.loc[2010, "cv_sample"] == pytest.approx(0.4316871, abs=5e-8)
    expected = {"slope": 0.001276372, "se": 0.000784335, "t": 1.627330, "p": 0.2021468, "f": 2.648203, "r2": 0.4688576, "df": 3, "intercept": -2.131742173}
    assert found.trend.loc["cv_population", list(expected)].to_dict() == pytest.approx(expected, rel=1e-6)


def test_variance_ratio_agrees_with_reat(counties: pd.DataFrame) -> None:
    """REAT ``sigmaconv``, 2010 and 2011: F 1.008076 on 401 and 401, p .9358501."""
    found = variance_ratio(counties[2010], counties[2011])
    assert found["ratio"] == pytest.approx(1.008076, abs=5e-7)
    assert found["df"] == 401
    assert found["p"] == pytest.approx(0.9358501, abs=5e-8)
    assert found["paired_p"] < found["p"]


# ---------------------------------------------------------------- sigma


def test_trend_of_a_spread_that_halves_is_negative() -> None:
    panel = pd.DataFrame({2021: [40.0, 50, 60], 2022: [45.0, 50, 55], 2023: [47.5, 50, 52.5]}, index=["01", "02", "03"])
    found = sigma_convergence(panel)
    assert found.years["cv_sample"].tolist() == pytest.approx([0.2, 0.1, 0.05])
    assert found.trend.loc["cv_sample", ["slope", "df"]].tolist() == pytest.approx([-0.075, 1])
    assert (found.trend["slope"] < 0).all()
    assert found.dropped == ()


def test_unit_without_a_year_is_dropped_and_named() -> None:
    panel = pd.DataFrame({2022: [40.0, 50, 60, None], 2023: [45.0, 50, 55, 90]}, index=["01", "02", "03", "04"])
    assert sigma_convergence(panel).dropped == ("04",)
    assert sigma_convergence(panel).years["n"].tolist() == [3, 3]
    assert sigma_convergence(panel, balanced=False).years["n"].tolist() == [3, 4]
    assert sigma_convergence(panel, balanced=False).dropped == ()


def test_two_years_have_a_slope_and_no_test() -> None:
    found = sigma_convergence(pd.DataFrame({2020: [40.0, 50, 60], 2023: [45.0, 50, 55]})).trend.loc["cv_sample"]
    assert found["slope"] == pytest.approx(-0.1 / 3)
    assert found[["se", "t", "f", "p"]].isna().all()


def test_spread_that_does_not_change_has_slope_0_and_no_test() -> None:
    found = sigma_convergence(pd.DataFrame({year: [40.0, 50, 60] for year in (2020, 2021, 2022, 2023)})).trend
    assert (found["slope"] == 0).all()
    assert found[["t", "p", "r2"]].isna().all(axis=None)


def test_exact_trend_has_p_0() -> None:
    panel = pd.DataFrame({2020 + i: [100 * (1 - d), 100.0, 100 * (1 + d)] for i, d in enumerate((0.4, 0.3, 0.2, 0.1))})
    found = sigma_convergence(panel).trend.loc["cv_sample"]
    assert found[["slope", "se", "t", "p", "r2"]].tolist() == pytest.approx([-0.1, 0, -math.inf, 0, 1])


@given(st.lists(scores.filter(lambda drawn: len(drawn) > 3).map(lambda drawn: drawn[:4]), min_size=3, max_size=5), st.randoms(use_true_random=False), st.floats(0.1, 10))
def test_order_names_and_scale_do_not_change_sigma(drawn: list[list[float]], random: object, factor: float) -> None:
    panel = pd.DataFrame({2020 + i: values for i, values in enumerate(drawn)}, index=list("abcd"))
    shuffled = panel.sample(frac=1, random_state=random.randint(0, 9999)).iloc[:, ::-1].rename(str.upper) * factor  # type: ignore[attr-defined]
    found, expected = sigma_convergence(shuffled), sigma_convergence(panel)
    pd.testing.assert_frame_equal(found.years, expected.years, rtol=0, atol=1e-9)
    assert found.trend["slope"].to_numpy() == pytest.approx(expected.trend["slope"].to_numpy(), abs=1e-9)


def test_panels_that_have_no_sigma_are_refused() -> None:
    panel = pd.DataFrame({2022: [40.0, 50, 60], 2023: [45.0, 50, None]}, index=["01", "02", "03"])
    with pytest.raises(RequestError, match="fewer than three units scored: 2022, 2023"):
        sigma_convergence(panel)
    with pytest.raises(RequestError, match="fewer than three units scored: 2023"):
        sigma_convergence(panel, balanced=False)
    with pytest.raises(RequestError, match="the columns are not two years or more: 2022"):
        sigma_convergence(panel[[2022]])
    with pytest.raises(RequestError, match="the columns are not two years or more: before, after"):
        sigma_convergence(panel.set_axis(["before", "after"], axis=1))
    with pytest.raises(RequestError, match="the columns are not two years or more: 2022, 2022"):
        sigma_convergence(panel.set_axis([2022, "2022"], axis=1))
    with pytest.raises(RequestError, match=r"not above 0: 01 \(2022\)"):
        sigma_convergence(panel - 40)


# ---------------------------------------------------------------- two years


def test_variance_ratio_of_scores_is_that_of_the_hand() -> None:
    """Variances 35/16 and 8/16 (population); t of the correlation of sums 3 5 6 9 and differences -1 -1 0 1."""
    found = variance_ratio(of([1, 2, 3, 5]), of([2, 3, 3, 4]), log=False)
    total, gap = np.array([3, 5, 6, 9.0]), np.array([-1, -1, 0, 1.0])
    r = np.corrcoef(total, gap)[0, 1]
    assert found["ratio"] == pytest.approx(35 / 8)
    assert found["paired_t"] == pytest.approx(r * math.sqrt(2 / (1 - r**2)))


@given(pairs)
def test_exchanging_the_years_inverts_the_ratio(drawn: tuple[list[float], list[float], int]) -> None:
    first, last = of(drawn[0]), of(drawn[1])
    assume(first.max() - first.min() > 1e-3)
    assume(last.max() - last.min() > 1e-3)
    there, back = variance_ratio(first, last), variance_ratio(last, first)
    assert there["ratio"] * back["ratio"] == pytest.approx(1)
    assert there["p"] == pytest.approx(back["p"], abs=1e-9)
    assert there["paired_t"] == pytest.approx(-back["paired_t"], rel=1e-6, nan_ok=True)
    assert (there["paired_t"] > 0) == (there["ratio"] > 1) or math.isnan(there["paired_t"])


@pytest.mark.parametrize("last", [[40.5, 45.5, 52.5], [60, 55, 48]])
def test_years_on_a_straight_line_have_no_paired_test(last: list[float]) -> None:
    found = variance_ratio(of([40, 45, 52]), of(last), log=False)
    assert found["ratio"] == pytest.approx(1)
    assert math.isnan(found["paired_p"])


def test_year_without_variance_has_no_ratio() -> None:
    with pytest.raises(RequestError, match="all scores of a year are equal"):
        variance_ratio(of([1, 2, 3]), of([2, 2, 2]))


# ---------------------------------------------------------------- beta


@given(scores, st.floats(0.01, 1.5), st.integers(1, 8))
def test_speed_of_exact_convergence_is_found(drawn: list[float], speed: float, periods: int) -> None:
    """Gaps to 60 (and to ln 60) that shrink by e^-speed a year."""
    first = of(drawn)
    assume(first.max() / first.min() > 1.01)
    kept = math.exp(-speed * periods)
    for form, last in (("points", 60 + (first - 60) * kept), ("log", 60 * (first / 60) ** kept)):
        found = beta_convergence(first, last, periods).table.loc[form]
        assert found["lambda"] == pytest.approx(speed, rel=1e-5)
        assert found["half_life"] == pytest.approx(math.log(2) / speed, rel=1e-5)


@given(pairs)
def test_lambda_and_beta_have_opposite_signs(drawn: tuple[list[float], list[float], int]) -> None:
    first = of(drawn[0])
    assume(first.max() / first.min() > 1.001)
    for row in beta_convergence(first, of(drawn[1]), drawn[2]).table.to_dict("records"):
        notes = row["note"].split("; ")
        assert set(notes) <= set(NOTES)
        assert ("order_reversed" in notes) == math.isnan(row["lambda"])
        assert ("no_convergence" in notes) == (row["beta"] >= 0)
        if not math.isnan(row["lambda"]):
            assert row["lambda"] * row["beta"] <= 0
        assert (row["half_life"] > 0) == (row["lambda"] > 0)


@given(pairs, st.randoms(use_true_random=False))
def test_order_and_names_of_units_do_not_change_beta(drawn: tuple[list[float], list[float], int], random: object) -> None:
    first, last = of(drawn[0]), of(drawn[1])
    assume(first.max() / first.min() > 1.01)
    shuffled = first.sample(frac=1, random_state=random.randint(0, 9999))  # type: ignore[attr-defined]
    found = beta_convergence(shuffled.rename("u{}".format), last.rename("u{}".format), drawn[2])
    expected = beta_convergence(first, last, drawn[2])
    assert found.table[["alpha", "beta"]].to_numpy() == pytest.approx(expected.table[["alpha", "beta"]].to_numpy(), rel=1e-9, abs=1e-9)


def test_points_form_is_the_line_of_gains_on_first_scores() -> None:
    """Mean gains 1.5 1 .5 0 a year on 40 42 46 50: sum of products -8.5 over sum of squares 59."""
    found = beta_convergence(of([40, 42, 46, 50]), of([43, 44, 47, 50]), 2).table.loc["points"]
    assert found["beta"] == pytest.approx(-8.5 / 59)
    assert found["alpha"] == pytest.approx(0.75 + 44.5 * 8.5 / 59)
    assert found["lambda"] == pytest.approx(-math.log(1 - 17 / 59) / 2)


def test_unit_scored_once_is_named() -> None:
    found = beta_convergence(of([40, 42, 46, 50, math.nan]), pd.Series({"00": 43.0, "01": 44.0, "02": 47.0, "04": 50.0, "07": 1.0}), 1)
    assert found.unmatched == ("03", "04", "07")
    assert found.n == 3


def test_errors_of_measurement_look_like_convergence_until_they_are_corrected() -> None:
    """True scores never change; errors of ±1 in either year, orthogonal to them and to one another. The first scores are reliable to 5/6, and beta is 5/6 - 1."""
    units = list(itertools.product((37, 39, 41, 43), (-1, 1), (-1, 1)))
    first, last = of([true + error for true, error, _ in units]), of([true + error for true, _, error in units])
    found = beta_convergence(first, last, 1, reliability=5 / 6).table
    assert found.loc["points", "beta"] == pytest.approx(-1 / 6)
    assert found.loc["points_corrected", "beta"] == pytest.approx(0, abs=1e-12)
    assert found.loc["points_corrected", "alpha"] == pytest.approx(0, abs=1e-10)
    assert found.loc["points_corrected", "se"] == pytest.approx(found.loc["points", "se"] * 6 / 5)
    assert beta_convergence(first, last, 2, reliability=5 / 6).table.loc["points_corrected", "beta"] == pytest.approx(0, abs=1e-12)


def test_corrected_convergence_is_the_true_one() -> None:
    """True gaps to 40 halve; errors as before."""
    units = list(itertools.product((37, 39, 41, 43), (-1, 1), (-1, 1)))
    first, last = of([true + error for true, error, _ in units]), of([40 + (true - 40) / 2 + error for true, _, error in units])
    found = beta_convergence(first, last, 3, reliability=5 / 6).table.loc["points_corrected"]
    assert found["lambda"] == pytest.approx(math.log(2) / 3)
    assert found["half_life"] == pytest.approx(3)


def test_reliability_of_1_corrects_nothing() -> None:
    found = beta_convergence(of([40, 42, 46, 50]), of([43, 44, 47, 50]), 2, reliability=1).table
    numbers = ["alpha", "alpha_se", "beta", "se", "t", "p", "lambda", "half_life"]
    for form in ("log", "points"):
        assert found.loc[f"{form}_corrected", numbers].tolist() == pytest.approx(found.loc[form, numbers].tolist())
    assert list(found.index) == ["log", "points", "log_corrected", "points_corrected"]
    assert found["note"].tolist() == ["", "", "error_corrected", "error_corrected"]


def test_bias_is_noted_where_no_reliability_is_given() -> None:
    assert beta_convergence(of([40, 42, 46, 50]), of([43, 44, 47, 50]), 2).table["note"].tolist() == ["measurement_error_bias"] * 2


def test_units_that_overtake_one_another_have_no_lambda() -> None:
    found = beta_convergence(of([40, 42, 46, 50]), of([50, 46, 42, 40]), 1).table
    assert found[["lambda", "half_life"]].isna().all(axis=None)
    assert found["note"].tolist() == ["measurement_error_bias; order_reversed"] * 2


def test_requests_that_have_no_beta_are_refused() -> None:
    first = of([40, 42, 46])
    with pytest.raises(RequestError, match=r"periods 0 is not above 0; reliability 1.2 is not in \(0, 1\]"):
        beta_convergence(first, first, 0, reliability=1.2)
    with pytest.raises(RequestError, match="all first scores are equal"):
        beta_convergence(of([40, 40, 40]), first, 1)
    with pytest.raises(RequestError, match="2 units are scored in both years"):
        beta_convergence(first, first.iloc[:2], 1)
    with pytest.raises(RequestError, match=r"not above 0: 00 \(last\)"):
        beta_convergence(first, first - 40, 1)
    with pytest.raises(RequestError, match="more than once: 00"):
        beta_convergence(pd.concat([first, first.iloc[:1]]), first, 1)


def test_trends_are_least_squares_lines_on_the_year() -> None:
    """Of 1, 3, 2, 6 in 2010, 2011, 2013, 2014; b lacks two of the years, c three of them, and d does not vary."""
    drawn = pd.DataFrame({"a": [1.0, 3, 2, 6], "b": [1.0, None, None, 5], "c": [None, None, 7.0, None], "d": 4.0}, index=[2010, 2011, 2013, 2014])
    found = trends(drawn)
    line = stats.linregress(drawn.index, drawn["a"])
    assert found.loc["a", ["intercept", "slope", "se", "p", "r2"]].tolist() == pytest.approx([line.intercept, line.slope, line.stderr, line.pvalue, line.rvalue**2])
    assert found.loc["a", ["t", "f", "df"]].tolist() == pytest.approx([line.slope / line.stderr, (line.slope / line.stderr) ** 2, 2])
    assert found.loc["b", ["slope", "se", "p"]].tolist() == pytest.approx([1, np.nan, np.nan], nan_ok=True)
    assert found.loc["c"].isna().all()
    assert found.loc["d", "slope"] == 0
    pd.testing.assert_frame_equal(trends(drawn.iloc[[2, 0, 3, 1]]), found)


@pytest.mark.parametrize(("labels", "words"), [(["before", "after"], "the rows are not two years or more"), ([2020, 2020], "more than once: 2020"), ([2020], "two years or more")])
def test_trends_want_two_years(labels: list[object], words: str) -> None:
    with pytest.raises(RequestError, match=words):
        trends(pd.DataFrame({"sd": [1.0, 2][: len(labels)]}, index=labels))
