"""Variance-based indices: COINr's figures, the Ishigami function, laws."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from par_analysis.errors import RequestError
from par_analysis.metrics.sensitivity import average_shift
from par_analysis.metrics.sobol import sobol_design, sobol_indices, sobol_intervals
from tests.conftest import SHARED

COINR = SHARED / "refdata" / "coinr"
ABC = ["a", "b", "c"]


def rng(seed: int = 1) -> np.random.Generator:
    return np.random.default_rng(seed)


def coinr_shifts() -> pd.Series:
    """The mean shift of the ranks from the nominal ones in each of the 600 replicates of COINr's ASEM example (N = 100, d = 4)."""
    if not COINR.is_dir():
        pytest.skip("../shared/refdata is absent")
    table = pd.read_csv(COINR / "ASEM_SA_Ranks.csv", index_col="uCode")
    return average_shift(table["Nominal"], table.drop(columns="Nominal").T)


FACTORS = ["Winmax", "Normalisation", "Weights", "Aggregation"]


def test_indices_agree_with_coinr() -> None:
    """COINr 1.1 (Becker et al. 2022; MIT), vignettes/SA_results.RDS; tolerance 1e-8."""
    found = sobol_indices(coinr_shifts(), FACTORS, centred=False)
    assert found.first.squeeze().tolist() == pytest.approx([0.03987301, 0.25241476, 0.22833910, 0.36801709], abs=1e-8)
    assert found.total.squeeze().tolist() == pytest.approx([0.04835949, 0.27071030, 0.17764062, 0.61786018], abs=1e-8)
    assert found.variance.squeeze() == pytest.approx(0.6279066, abs=1e-7)
    assert found.notes == ()


def test_bootstrap_intervals_are_near_those_of_coinr() -> None:
    """ASEM_SA_Sensitivity.csv holds COINr's 5 % and 95 % ends, of random resamples whose number is not told: near, not equal."""
    found = sobol_intervals(coinr_shifts(), FACTORS, rng(), resamples=2000, centred=False)
    expected = pd.read_csv(COINR / "ASEM_SA_Sensitivity.csv", index_col="Variable").loc[FACTORS]
    for ours, theirs in (("first_low", "Si_q5"), ("first_high", "Si_q95"), ("total_low", "STi_q5"), ("total_high", "STi_q95")):
        assert np.abs(getattr(found, ours).squeeze() - expected[theirs]).max() < 0.1


@pytest.mark.parametrize("centred", [True, False])
def test_ishigami_function_has_its_analytic_indices(centred: bool) -> None:
    """a = 7, b = 0.1 on [-pi, pi]^3 (Ishigami and Homma 1990): first order .3139 .4424 0, total .5576 .4424 .2437; tolerance .02."""
    x = np.pi * (2 * sobol_design(ABC, rng(), base=2**14) - 1)
    y = np.sin(x["a"]) + 7 * np.sin(x["b"]) ** 2 + 0.1 * x["c"] ** 4 * np.sin(x["a"])
    found = sobol_indices(y, ABC, centred=centred)
    assert found.first.squeeze().tolist() == pytest.approx([0.3139, 0.4424, 0], abs=0.02)
    assert found.total.squeeze().tolist() == pytest.approx([0.5576, 0.4424, 0.2437], abs=0.02)


def test_design_has_the_blocks_that_it_says() -> None:
    found = sobol_design(["x", "y"], rng(), base=5)
    a, b = found.loc["A"], found.loc["B"]
    assert found.index.unique("block").tolist() == ["A", "B", "AB x", "AB y"]
    assert len(found) == 5 * 4
    pd.testing.assert_frame_equal(found.loc["AB x"], a.assign(x=b["x"]))
    pd.testing.assert_frame_equal(found.loc["AB y"], a.assign(y=b["y"]))
    assert ((found >= 0) & (found < 1)).all(axis=None)
    pd.testing.assert_frame_equal(sobol_design(["x", "y"], rng(), base=5), found)


@given(st.integers(0, 99), st.floats(0.5, 20), st.floats(-100, 100))
def test_scale_and_shift_of_a_result_change_nothing(seed: int, scale: float, shift: float) -> None:
    design = sobol_design(ABC, rng(seed), base=16)
    y = design["a"] + design["b"] * design["c"]
    found, other = sobol_indices(y, ABC), sobol_indices(scale * y + shift, ABC)
    assert np.allclose(found.first, other.first, atol=1e-6)
    assert np.allclose(found.total, other.total, atol=1e-6)
    assert np.allclose(other.variance, scale**2 * found.variance)


def test_indices_of_a_sum_are_the_shares_of_its_terms() -> None:
    design = sobol_design(ABC, rng(), base=2**12)
    found = sobol_indices(3 * design["a"] + design["b"], ABC)
    assert found.first.squeeze().tolist() == pytest.approx([0.9, 0.1, 0], abs=0.01)
    assert found.total.squeeze().tolist() == pytest.approx([0.9, 0.1, 0], abs=0.01)


def test_centring_takes_the_noise_of_a_large_mean_away() -> None:
    design = sobol_design(ABC, rng(), base=256)
    y = 1000 + 3 * design["a"] * design["c"] + design["b"]
    exact = sobol_indices(y.sub(1000), ABC).first.squeeze()
    plain, centred = (np.abs(sobol_indices(y, ABC, centred=on).first.squeeze() - exact).max() for on in (False, True))
    assert centred < 1e-9
    assert plain > 0.05


def test_outputs_are_each_as_by_themselves() -> None:
    design = sobol_design(ABC, rng(), base=32)
    both = pd.DataFrame({"one": design["a"] ** 2, "two": design["b"] + design["c"]})
    found, ends = sobol_indices(both, ABC), sobol_intervals(both, ABC, rng(2), resamples=50)
    for output in both:
        alone, its_ends = sobol_indices(both[output], ABC), sobol_intervals(both[output], ABC, rng(2), resamples=50)
        assert np.allclose(found.first[output], alone.first.squeeze())
        assert np.allclose(found.total[output], alone.total.squeeze())
        assert np.allclose(ends.first_low[output], its_ends.first_low.squeeze())
        assert np.allclose(ends.total_high[output], its_ends.total_high.squeeze())


def test_bootstrap_is_that_of_points_drawn_again() -> None:
    """By definition: points drawn with all their blocks, the indices anew, quantiles over the resamples."""
    names, n = ["a", "b"], 16
    design = sobol_design(names, rng(), base=n)
    y = (design["a"] + design["a"] * design["b"]).to_numpy(copy=True)
    y -= y[: 2 * n].mean()
    found = sobol_intervals(pd.Series(y), names, rng(3), resamples=400, coverage=0.8, centred=False)
    counts = rng(3).multinomial(n, np.full(n, 1 / n), size=400)
    again = [y.reshape(4, n)[:, np.repeat(np.arange(n), times)].ravel() for times in counts]
    first = np.array([sobol_indices(pd.Series(resampled), names, centred=False).first.squeeze() for resampled in again])
    total = np.array([sobol_indices(pd.Series(resampled), names, centred=False).total.squeeze() for resampled in again])
    assert np.allclose(found.first_low.squeeze(), np.quantile(first, 0.1, axis=0))
    assert np.allclose(found.first_high.squeeze(), np.quantile(first, 0.9, axis=0))
    assert np.allclose(found.total_low.squeeze(), np.quantile(total, 0.1, axis=0))
    assert np.allclose(found.total_high.squeeze(), np.quantile(total, 0.9, axis=0))


def test_result_that_does_not_vary_has_indices_of_zero_and_a_note() -> None:
    design = sobol_design(ABC, rng(), base=8)
    y = pd.DataFrame({"moves": design["a"], "stands": 7.0})
    found = sobol_indices(y, ABC)
    assert (found.first["stands"] == 0).all()
    assert (found.total["stands"] == 0).all()
    assert found.constant == ("stands",)
    assert found.notes == ("does not vary, indices are 0: stands",)
    assert (sobol_intervals(y, ABC, rng()).first_high["stands"] == 0).all()


@pytest.mark.parametrize("scale", [1e-15, 1e15])
def test_what_varies_is_told_by_the_size_of_the_result(scale: float) -> None:
    """Small results that vary have their indices; large ones that differ by rounding alone do not vary."""
    design = sobol_design(ABC, rng(), base=64)
    y = pd.DataFrame({"moves": design["a"] + design["b"], "rounded": 1 + 1e-15 * design["a"]})
    found = sobol_indices(scale * y, ABC)
    assert found.constant == ("rounded",)
    assert found.first["moves"].tolist() == pytest.approx(sobol_indices(y, ABC).first["moves"].tolist())
    assert found.total["rounded"].tolist() == [0, 0, 0]


def test_negative_index_is_kept() -> None:
    """yA = (0, 1), yB = (1, 0), yAB = (0, 1), (0, 0): mean(yB (yAB - yA)) of the second is (1 x 0 + 0 x -1)/2; of yB = (0, 1) it is -1/2, over V = 1/3."""
    assert sobol_indices(pd.Series([0.0, 1, 0, 1, 0, 0, 0, 1]), ["x", "y"], centred=False).first.squeeze().tolist() == pytest.approx([-1.5, 0])


def test_rows_that_are_no_design_are_refused() -> None:
    with pytest.raises(RequestError, match="7 rows are no design of 2 factors"):
        sobol_indices(pd.Series(range(7), dtype="float64"), ["x", "y"])
    with pytest.raises(RequestError, match="4 rows are no design"):
        sobol_indices(pd.Series(range(4), dtype="float64"), ["x", "y"])


def test_missing_result_is_named() -> None:
    with pytest.raises(RequestError, match="missing or infinite values in: 02"):
        sobol_indices(pd.DataFrame({"01": np.ones(8), "02": [np.nan, *np.ones(7)]}), ["x", "y"])


@pytest.mark.parametrize("names", [[], ["x", "x"], "xy"])
def test_names_of_factors_are_checked(names: list[str]) -> None:
    with pytest.raises(RequestError, match="names of factors"):
        sobol_design(names, rng(), base=4)


@pytest.mark.parametrize("base", [0, 1, 2.5])
def test_base_is_checked(base: int) -> None:
    with pytest.raises(RequestError, match="base = "):
        sobol_design(["x"], rng(), base=base)


@pytest.mark.parametrize("options", [{"coverage": 0.0}, {"resamples": 0}])
def test_options_of_the_bootstrap_are_checked(options: dict[str, float]) -> None:
    with pytest.raises(RequestError):
        sobol_intervals(pd.Series(np.ones(8)), ["x", "y"], rng(), **options)  # type: ignore[arg-type]
