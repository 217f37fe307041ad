"""Total rank intervals: shares against exact and analytic ones, intervals by hand, laws, and requests that make no sense."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm

from par_analysis.errors import RequestError, UnknownName
from par_analysis.metrics import uncertainty
from par_analysis.metrics.ranks import places_of
from par_analysis.metrics.uncertainty import METHODS, TotalRanks, arithmetic, geometric, minimum, mpi, total_rank_intervals

VALUES = pd.DataFrame({"a": [80.0, 60, 70, 30, 20], "b": [20.0, 60, 40, 35, 5], "c": [70.0, 50, 30, 40, 10]}, index=["01", "02", "03", "04", "05"])
EQUAL = dict.fromkeys(VALUES.columns, 1.0)
DRAWS = pd.DataFrame({"a": [3.0, 1, 1], "b": [1.0, 3, 1], "c": [1.0, 1, 3]})
ERRORS = pd.DataFrame(4.0, index=VALUES.index, columns=["c"])


def found(**change: Any) -> TotalRanks:
    plain: dict[str, Any] = {"values": VALUES, "weights": EQUAL, "rng": np.random.default_rng(1), "draws": 200}
    given_ = {"standard_errors": ERRORS, "weight_draws": DRAWS, "methods": ["arithmetic", "geometric", "mpi"]}
    return total_rank_intervals(**(plain | given_ | change))


@st.composite
def requests(draw: st.DrawFn) -> dict[str, Any]:
    """Values, and one or more sources of uncertainty."""
    count, columns = draw(st.integers(1, 5)), ["a", "b", "c"][: draw(st.integers(1, 3))]
    units = [f"{number:02}" for number in range(count)]
    cells = st.lists(st.lists(st.integers(1, 9), min_size=len(columns), max_size=len(columns)), min_size=count, max_size=count)
    values, errors = (pd.DataFrame(draw(cells), index=units, columns=columns, dtype="float64") for _ in "ve")
    draws = pd.DataFrame(draw(st.lists(st.lists(st.integers(1, 9), min_size=len(columns), max_size=len(columns)), min_size=1, max_size=4)), columns=columns)
    sources = draw(st.lists(st.sampled_from(["survey", "weights", "method"]), min_size=1, unique=True))
    return {
        "values": 10 * values,
        "weights": dict.fromkeys(columns, 1.0),
        "standard_errors": errors / 3 if "survey" in sources else None,
        "weight_draws": draws if "weights" in sources else None,
        "methods": ["arithmetic", "minimum"] if "method" in sources else ["arithmetic"],
        "draws": 30,
    }


def run(request: dict[str, Any], seed: int = 7, **change: Any) -> TotalRanks:
    return total_rank_intervals(**(request | {"rng": np.random.default_rng(seed)} | change))


# ---------------------------------------------------------------- shares that are known


def test_shares_agree_with_all_combinations_counted() -> None:
    """Three sets of weights by three methods are nine ranks a unit: Var(E[rank | source]) and E[Var(rank | the other)] by enumeration, each within five standard errors."""
    weights = DRAWS.div(DRAWS.sum(axis=1), axis=0).to_numpy()
    ways = [METHODS[name] for name in ("arithmetic", "geometric", "mpi")]
    ranks = np.array([[places_of(way(VALUES.to_numpy()[None], row[None])[0]) for way in ways] for row in weights])
    variance = ranks.var(axis=(0, 1))
    first = {"weights": ranks.mean(axis=1).var(axis=0), "method": ranks.mean(axis=0).var(axis=0)}
    shares = found(standard_errors=None, draws=20_000).shares
    assert (variance > 0).sum() >= 3
    for source, other in (("weights", "method"), ("method", "weights")):
        got = shares.xs(source, level="source")
        assert got["variance"].tolist() == pytest.approx(variance, rel=0.05, abs=1e-12)
        for name, exact in (("first", first[source]), ("total", variance - first[other])):
            share = np.divide(exact, variance, out=np.zeros(5), where=variance > 0)
            assert (np.abs(got[name] - share) <= 5 * got[f"{name}_error"] + 1e-12).all()
            assert (got[f"{name}_error"] < 0.02).all()


def test_shares_agree_with_the_normal_distribution() -> None:
    """Which of two units is first depends on X + E > 0, X from the weights and E from the survey, both normal with one variance: first order asin(1/2)/(2 pi) / (1/4) = 1/3
    each, total 2/3 each."""
    values = pd.DataFrame({"a": [1.0, 0.0], "b": [0.0, 1.0], "c": [1.0, 1.0]}, index=["01", "02"])
    x = norm.ppf((np.arange(20_000) + 0.5) / 20_000, scale=0.05)
    draws = pd.DataFrame({"a": 0.25 + x, "b": 0.25 - x, "c": 0.5})
    errors = pd.DataFrame({"c": [0.1 * np.sqrt(2)] * 2}, index=values.index)
    got = total_rank_intervals(values, {"a": 1, "b": 1, "c": 2}, standard_errors=errors, weight_draws=draws, rng=np.random.default_rng(1), draws=40_000)
    assert got.sources == ("survey", "weights")
    assert got.overall["first"].tolist() == pytest.approx([1 / 3, 1 / 3], abs=0.02)
    assert got.overall["total"].tolist() == pytest.approx([2 / 3, 2 / 3], abs=0.02)
    assert got.overall["variance"].tolist() == pytest.approx([0.5, 0.5], abs=0.01)
    assert (np.abs(got.overall["first"] - 1 / 3) < 4 * got.overall["first_error"]).all()


def test_what_only_acts_together_has_no_share_alone() -> None:
    """Weights choose a column, the method whether more or less of it is better: either alone leaves both orders equally likely."""
    values = pd.DataFrame({"a": [2.0, 1.0], "b": [1.0, 2.0]}, index=["01", "02"])

    def turned(cells: np.ndarray, shares: np.ndarray) -> np.ndarray:
        return -arithmetic(cells, shares)

    got = total_rank_intervals(
        values, {"a": 1, "b": 0}, weight_draws=pd.DataFrame({"a": [1, 0], "b": [0, 1]}), methods=["arithmetic", turned], rng=np.random.default_rng(1), draws=20_000
    )
    assert got.overall["first"].tolist() == pytest.approx([0, 0], abs=0.03)
    assert got.overall["total"].tolist() == pytest.approx([1, 1], abs=0.03)


def test_source_without_effect_has_no_share_and_the_only_one_has_all() -> None:
    got = found(weight_draws=pd.DataFrame([EQUAL]), standard_errors=ERRORS * 0)
    assert got.overall.loc[["survey", "weights"], ["first", "total"]].eq(0).all(axis=None)
    assert got.overall.loc["method", ["first", "total"]].tolist() == [1, 1]


def test_rank_that_never_changes_has_shares_of_zero() -> None:
    got = found()
    assert got.together.loc["05"].tolist() == [5, 5, 5, 5]
    assert got.shares.loc["05"].eq(0).all(axis=None)


# ---------------------------------------------------------------- intervals by hand


def test_interval_of_survey_error_alone_follows_the_normal_distribution() -> None:
    """Two units one standard deviation of their difference apart swap places with probability 16 %: outside a 60 % interval, inside a 90 % one."""
    values, errors = pd.DataFrame({"a": [np.sqrt(2), 0]}, index=["01", "02"]), pd.DataFrame({"a": [1.0, 1.0]}, index=["01", "02"])
    narrow, wide = (total_rank_intervals(values, {"a": 1}, standard_errors=errors, coverage=c, rng=np.random.default_rng(1)).together for c in (0.6, 0.9))
    assert narrow.to_numpy().tolist() == [[1, 1, 1, 1], [2, 2, 2, 2]]
    assert wide.to_numpy().tolist() == [[1, 1, 1, 2], [2, 2, 1, 2]]


def test_interval_of_method_alone_spans_the_methods() -> None:
    """Means 56.7, 56.7, 46.7, 35 and 11.7, lowest columns 20, 50, 30, 30 and 5: 01 is first with 02, or fourth behind 03 and 04, which are level."""
    got = found(methods=["arithmetic", "minimum"], standard_errors=None, weight_draws=None)
    assert got.sources == ("method",)
    assert got.together[["rank", "low", "high"]].to_numpy().tolist() == [[1, 1, 4], [1, 1, 1], [3, 2, 3], [4, 2, 4], [5, 5, 5]]


def test_every_interval_names_its_sources() -> None:
    got = found()
    assert got.sources == ("survey", "weights", "method")
    assert got.intervals.index.names == ["unit", "source"]
    assert got.intervals.loc["01"].index.tolist() == ["survey", "weights", "method", "survey + weights + method"]
    assert got.together.equals(got.intervals.xs("survey + weights + method", level="source"))
    without = found(standard_errors=None)
    assert without.intervals.loc["01"].index.tolist() == ["weights", "method", "weights + method"]
    assert not without.shares.index.get_level_values("source").isin(["survey"]).any()


def test_interval_holds_the_nominal_rank_though_hardly_any_draw_does() -> None:
    """The nominal weights are far from those drawn: the nominal rank is kept in, and the median tells."""
    got = found(weights={"a": 1, "b": 0, "c": 0}, weight_draws=pd.DataFrame({"a": [0.0], "b": [1.0], "c": [0.0]}), standard_errors=None, methods=["arithmetic"])
    assert got.together.loc["01"].tolist() == [1, 4, 1, 4]


def test_cell_without_a_standard_error_is_certain() -> None:
    errors = pd.DataFrame({"a": [9.0, None]}, index=["01", "02"])
    full = pd.DataFrame(0.0, index=VALUES.index, columns=VALUES.columns)
    full.loc["01", "a"] = 9.0
    pd.testing.assert_frame_equal(found(standard_errors=errors).intervals, found(standard_errors=full).intervals)


def test_unit_with_a_missing_value_has_no_rank_and_is_not_among_the_others() -> None:
    got = found(values=VALUES.mask(VALUES == 5))
    assert got.together.loc["05"].isna().all()
    assert got.shares.loc["05"].isna().all(axis=None)
    alone = found(values=VALUES.drop("05"), standard_errors=ERRORS.drop("05"))
    pd.testing.assert_frame_equal(got.intervals.drop("05"), alone.intervals)
    pd.testing.assert_frame_equal(got.overall, alone.overall)


def test_methods_by_hand() -> None:
    cells, shares = np.array([[[4.0, 1.0, 0.5]]]), np.array([[0.5, 0.5, 0.0]])
    assert arithmetic(cells, shares).item() == 2.5
    assert geometric(cells, shares).item() == pytest.approx(2.0)
    assert geometric(cells, shares, floor=2.25).item() == pytest.approx(3.0)
    assert mpi(cells, shares).item() == pytest.approx(2.5 - 2.25 / 2.5)
    assert minimum(cells, shares).item() == 1.0


def test_own_method_is_taken() -> None:
    got = found(methods=[partial(geometric, floor=0.5), lambda values, shares: arithmetic(values**2, shares)], weight_draws=None)
    assert got.sources == ("survey", "method")
    assert found(methods="geometric").together["rank"].tolist() == found(methods=["geometric"]).together["rank"].tolist()


def test_draws_in_parts_are_as_good() -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(uncertainty, "_CELLS", 100)
        in_parts = found(draws=3_000)
    whole = found(draws=3_000)
    assert in_parts.overall["first"].tolist() == pytest.approx(whole.overall["first"].tolist(), abs=0.08)
    assert in_parts.together["median"].tolist() == pytest.approx(whole.together["median"].tolist(), abs=1)


# ---------------------------------------------------------------- laws

few = settings(max_examples=40)


@few
@given(requests())
def test_interval_holds_nominal_rank_and_median_and_stays_among_the_units(request_: dict[str, Any]) -> None:
    intervals = run(request_).intervals
    nominal = places_of(request_["values"].mean(axis=1).to_numpy())
    for _, rows in intervals.groupby("source"):
        assert rows["rank"].tolist() == nominal.tolist()
        assert ((rows["low"] >= 1) & (rows["high"] <= len(nominal))).all()
        assert ((rows["low"] <= rows[["rank", "median"]].min(axis=1)) & (rows[["rank", "median"]].max(axis=1) <= rows["high"])).all()


@few
@given(requests())
def test_intervals_grow_with_coverage(request_: dict[str, Any]) -> None:
    tight, wide = (run(request_, coverage=coverage).intervals for coverage in (0.5, 0.95))
    assert ((wide["low"] <= tight["low"]) & (tight["high"] <= wide["high"])).all()


@few
@given(requests(), st.randoms(use_true_random=False))
def test_order_of_units_and_columns_does_not_matter(request_: dict[str, Any], random: Any) -> None:
    values = request_["values"]
    rows, columns = random.sample(list(values.index), len(values)), random.sample(list(values.columns), values.shape[1])
    got, plain = run(request_, values=values.loc[rows, columns]), run(request_)
    assert got.intervals.index.unique("unit").tolist() == rows
    pd.testing.assert_frame_equal(got.intervals.sort_index(), plain.intervals.sort_index())
    pd.testing.assert_frame_equal(got.shares.sort_index(), plain.shares.sort_index())
    pd.testing.assert_frame_equal(got.overall, plain.overall)


@few
@given(requests())
def test_certain_data_one_set_of_weights_and_one_method_leave_one_rank(request_: dict[str, Any]) -> None:
    weights = pd.DataFrame([request_["weights"]])
    got = run(request_, standard_errors=request_["values"] * 0, weight_draws=weights, methods=["arithmetic"]).intervals
    assert (got["low"] == got["rank"]).all()
    assert (got["high"] == got["rank"]).all()


@few
@given(requests())
def test_share_in_all_is_no_less_than_alone_but_for_noise(request_: dict[str, Any]) -> None:
    got = run(request_, draws=400).overall
    assert (got["total"] >= -1e-12).all()
    assert (got["first"] <= got["total"] + 6 * (got["first_error"] + got["total_error"]) + 1e-9).all()


@few
@given(requests(), st.sampled_from([2.0, 0.5]))
def test_scale_of_weights_does_not_matter(request_: dict[str, Any], factor: float) -> None:
    draws = request_["weight_draws"]
    weights = {column: factor * weight for column, weight in request_["weights"].items()}
    scaled = run(request_, weights=weights, weight_draws=None if draws is None else draws * factor)
    pd.testing.assert_frame_equal(scaled.intervals, run(request_).intervals)


def test_nothing_given_is_changed() -> None:
    given_ = [VALUES.iloc[::-1], ERRORS.iloc[::-1], DRAWS]
    before = [table.copy() for table in given_]
    found(values=given_[0], standard_errors=given_[1], weight_draws=given_[2])
    assert all(now.equals(then) for now, then in zip(given_, before, strict=True))


# ---------------------------------------------------------------- requests that make no sense


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"standard_errors": None, "weight_draws": None, "methods": ["arithmetic"]}, "nothing varies"),
        ({"values": VALUES * np.nan}, "no unit has all its values"),
        ({"coverage": 90}, "coverage 90"),
        ({"draws": 0}, "draws = 0"),
        ({"values": pd.concat([VALUES, VALUES.iloc[:1]])}, "duplicated units"),
        ({"values": VALUES.replace(80.0, np.inf)}, "no finite number"),
        ({"weights": {"a": 1, "b": 1}}, "wanting: c"),
        ({"standard_errors": ERRORS.rename(index={"01": "77"})}, "unknown units: 77"),
        ({"standard_errors": ERRORS.rename(columns={"c": "d"})}, "unknown columns: d"),
        ({"standard_errors": ERRORS - 5}, "negative standard errors: 01, 02, 03, 04, 05"),
        ({"weight_draws": DRAWS.rename(columns={"c": "d"})}, "unknown columns: d"),
        ({"weight_draws": DRAWS.drop(columns="c")}, "no weight draws of: c"),
        ({"weight_draws": DRAWS - 2}, "missing, negative or zero in sum"),
        ({"weight_draws": DRAWS * 0}, "missing, negative or zero in sum"),
        ({"weight_draws": DRAWS.mask(DRAWS == 3)}, "missing, negative or zero in sum"),
        ({"weight_draws": DRAWS.iloc[:0]}, "missing, negative or zero in sum"),
        ({"methods": [lambda values, shares: arithmetic(values, shares)[:, 1:]]}, "of the shape"),
        ({"methods": [lambda values, shares: arithmetic(values, shares) * np.nan]}, "not finite"),
        ({"values": VALUES / 100, "standard_errors": None}, "no value above the floor of 1"),
        ({"values": VALUES - 100, "methods": ["mpi"]}, "a mean of 0 or less"),
    ],
)
def test_bad_request_is_refused(change: dict[str, Any], says: str) -> None:
    with pytest.raises(RequestError, match=says):
        found(**change)


def test_unknown_method_is_refused() -> None:
    with pytest.raises(UnknownName, match="did you mean 'geometric'"):
        found(methods=["geometrical"])
