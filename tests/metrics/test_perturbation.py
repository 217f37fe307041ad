"""Ranks of many draws and their summary: COINr's figures, and laws."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from par_analysis.errors import RequestError
from par_analysis.metrics.draws import perturbed_weights
from par_analysis.metrics.perturbation import measurements, nominal_ranks, rank_summary, ranks_of_draws, ranks_of_scores, scores_of_draws
from par_analysis.metrics.ranks import places_of
from tests.conftest import SHARED

COINR = SHARED / "refdata" / "coinr"
COLUMNS = ["a", "b", "c"]
cells = st.one_of(st.integers(0, 5).map(float), st.just(float("nan")))


@st.composite
def tables(draw: st.DrawFn, gaps: bool = True) -> pd.DataFrame:
    n = draw(st.integers(1, 7))
    numbers = draw(hnp.arrays(np.float64, (n, 3), elements=cells if gaps else st.integers(0, 5).map(float)))
    return pd.DataFrame(numbers, index=[f"{i:02}" for i in range(n)], columns=COLUMNS)


@st.composite
def weightings(draw: st.DrawFn, least: int = 0) -> pd.DataFrame:
    drawn = draw(st.lists(st.tuples(*[st.integers(least, 4)] * 3).filter(any), min_size=1, max_size=6))
    return pd.DataFrame(drawn, columns=COLUMNS, dtype="float64")


@given(tables(), weightings(), st.booleans())
def test_ranks_are_those_of_each_draw_by_itself(values: pd.DataFrame, weights: pd.DataFrame, up: bool) -> None:
    found = ranks_of_draws(values, weights, higher_is_better=up)
    for draw, row in weights.iterrows():
        used = [column for column in COLUMNS if row[column] > 0]
        scores = (values[used] * row[used]).sum(axis=1, skipna=False)
        np.testing.assert_array_equal(found.loc[draw], places_of(scores.to_numpy(), higher_is_better=up))


@given(hnp.arrays(np.float64, st.tuples(st.integers(1, 4), st.integers(1, 9)), elements=cells), st.sampled_from([0, 1e-9, 1.0, 2.5]))
def test_ranks_of_scores_agree_with_ranks_of_one_row(scores: np.ndarray, tolerance: float) -> None:
    found = ranks_of_scores(pd.DataFrame(scores), tolerance=tolerance)
    np.testing.assert_array_equal(found, np.array([places_of(row, tolerance=tolerance) for row in scores]))


@given(tables(), weightings(), st.randoms(use_true_random=False))
def test_order_of_units_and_columns_does_not_matter(values: pd.DataFrame, weights: pd.DataFrame, random: object) -> None:
    seed = random.randint(0, 9999)  # type: ignore[attr-defined]
    shuffled = values.sample(frac=1, random_state=seed).sample(frac=1, axis=1, random_state=seed)
    pd.testing.assert_frame_equal(ranks_of_draws(shuffled, weights)[values.index], ranks_of_draws(values, weights))


@given(tables(), weightings())
def test_labels_do_not_matter(values: pd.DataFrame, weights: pd.DataFrame) -> None:
    new = {"a": "z", "b": "y", "c": "x"}
    np.testing.assert_array_equal(ranks_of_draws(values.rename(columns=new), weights.rename(columns=new)), ranks_of_draws(values, weights))


@given(tables(), weightings())
def test_column_without_weight_changes_nothing(values: pd.DataFrame, weights: pd.DataFrame) -> None:
    more = values.assign(d=np.where(np.arange(len(values)) % 2, 9.0, np.nan))
    pd.testing.assert_frame_equal(ranks_of_draws(more, weights.assign(d=0.0)), ranks_of_draws(values, weights))


@given(tables(), weightings())
def test_scale_of_the_weights_does_not_matter(values: pd.DataFrame, weights: pd.DataFrame) -> None:
    pd.testing.assert_frame_equal(ranks_of_draws(values, 8 * weights), ranks_of_draws(values, weights))


@given(tables(gaps=False), weightings(least=1))
def test_unit_that_is_nowhere_behind_never_ranks_below(values: pd.DataFrame, weights: pd.DataFrame) -> None:
    ranks = ranks_of_draws(values, weights)
    for better in values.index:
        for worse in values.index[(values <= values.loc[better]).all(axis=1)]:
            assert (ranks[better] <= ranks[worse]).all()


@given(tables(), st.integers(0, 99))
def test_certain_weights_give_an_interval_of_one_rank(values: pd.DataFrame, seed: int) -> None:
    weights = dict.fromkeys(COLUMNS, 1 / 3)
    drawn = perturbed_weights(weights, np.random.default_rng(seed), draws=20, reach=0)
    nominal = nominal_ranks(values, weights)
    found = rank_summary(ranks_of_draws(values, drawn), nominal=nominal, within=0)
    for column in ("median", "mean", "low", "high"):
        np.testing.assert_array_equal(found[column], nominal)
    assert (found["p_within"].dropna() == 1).all()
    assert (found["mean_se"].dropna() == 0).all()


@given(tables(), weightings(), st.floats(0.05, 1), st.floats(0.05, 1))
def test_intervals_are_nested_in_their_coverage(values: pd.DataFrame, weights: pd.DataFrame, one: float, other: float) -> None:
    ranks = ranks_of_draws(values, weights)
    less, more = (rank_summary(ranks, nominal=ranks.iloc[0], coverage=coverage) for coverage in sorted((one, other)))
    known = less["median"].notna()
    assert (more["low"] <= less["low"] + 1e-9)[known].all()
    assert (more["high"] >= less["high"] - 1e-9)[known].all()
    assert less["median"].between(less["low"] - 1e-9, less["high"] + 1e-9)[known].all()


@given(tables(), weightings(), st.integers(1, 7))
def test_summary_of_one_unit_does_not_depend_on_the_others_named(values: pd.DataFrame, weights: pd.DataFrame, top: int) -> None:
    ranks = ranks_of_draws(values, weights)
    whole = rank_summary(ranks, nominal=ranks.iloc[0], top=top)
    pd.testing.assert_frame_equal(rank_summary(ranks.iloc[:, :1], nominal=ranks.iloc[0, :1], top=top), whole.iloc[:1])


def test_chunks_give_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    from par_analysis.metrics import perturbation

    rng = np.random.default_rng(1)
    values = pd.DataFrame(rng.integers(0, 9, (20, 3)), columns=COLUMNS)
    weights = perturbed_weights({"a": 1, "b": 2, "c": 3}, rng, draws=50)
    whole = ranks_of_draws(values, weights)
    summary = rank_summary(whole, nominal=whole.iloc[0])
    monkeypatch.setattr(perturbation, "_CELLS", 60)
    pd.testing.assert_frame_equal(ranks_of_draws(values, weights), whole)
    pd.testing.assert_frame_equal(rank_summary(whole, nominal=whole.iloc[0]), summary)


def test_values_drawn_too_go_row_by_row_with_the_weights() -> None:
    values = pd.DataFrame({("01", "a"): [3.0, 1.0], ("01", "b"): [0.0, 5.0], ("02", "b"): [1.0, 2.0], ("02", "a"): [2.0, None]})
    weights = pd.DataFrame({"b": [0.5, 1.0], "a": [0.5, 0.0]})
    assert scores_of_draws(values, weights).values.tolist() == [[1.5, 1.5], [5.0, 2.0]]
    assert ranks_of_draws(values, weights).values.tolist() == [[1, 1], [1, 2]]


@given(tables(), weightings())
def test_values_drawn_without_error_are_plain_values(values: pd.DataFrame, weights: pd.DataFrame) -> None:
    row = values.stack()
    drawn = pd.DataFrame([row.to_numpy()] * len(weights), columns=pd.MultiIndex.from_tuples(list(row.index)))
    pd.testing.assert_frame_equal(ranks_of_draws(drawn, weights), ranks_of_draws(values, weights), check_names=False)


def test_missing_value_has_no_rank_and_is_not_counted() -> None:
    values = pd.DataFrame({"a": [5.0, None, 1.0], "b": [1.0, 9.0, 2.0]}, index=["01", "02", "03"])
    found = ranks_of_draws(values, pd.DataFrame({"a": [1.0, 0.0], "b": [1.0, 1.0]}))
    np.testing.assert_array_equal(found, [[1, np.nan, 2], [3, 1, 2]])
    summary = rank_summary(found, nominal=found.iloc[0])
    assert summary.loc["02"].drop("draws").isna().all()
    assert summary["draws"].tolist() == [2, 2, 2]


def test_summary_by_hand() -> None:
    """Five units, five draws; unit 01 at places 1 1 2 3 5, nominal place 2."""
    orders = [["01", "02", "03", "04", "05"], ["01", "03", "02", "05", "04"], ["02", "01", "03", "04", "05"], ["02", "03", "01", "04", "05"], ["05", "04", "03", "02", "01"]]
    ranks = pd.DataFrame([{unit: place for place, unit in enumerate(order, 1)} for order in orders])[["01", "02", "03", "04", "05"]]
    nominal = pd.Series({"01": 2, "02": 1, "03": 3, "04": 4, "05": 5})
    row = rank_summary(ranks, nominal=nominal, coverage=0.5, top=2, within=1).loc["01"]
    assert row[["nominal", "median", "mean", "low", "high", "p_top", "p_within"]].tolist() == pytest.approx([2, 2, 2.4, 1, 3, 0.6, 0.8])
    assert row["mean_se"] == pytest.approx(np.std([1, 1, 2, 3, 5], ddof=1) / np.sqrt(5))
    assert row[["p_top_se", "p_within_se"]].tolist() == pytest.approx([np.sqrt(0.24 / 5), np.sqrt(0.16 / 5)])


def test_standard_errors_are_those_of_repeated_runs() -> None:
    """The mean and a share: 200 runs of 200 draws scatter as one run says, within a fifth."""
    values = pd.DataFrame({"a": [9.0, 6.0, 5.0, 1.0], "b": [1.0, 5.0, 6.0, 9.0]}, index=list("wxyz"))
    weights = {"a": 0.5, "b": 0.5}
    nominal = nominal_ranks(values, weights)
    runs = [
        rank_summary(ranks_of_draws(values, perturbed_weights(weights, np.random.default_rng(seed), draws=200, reach=0.9)), nominal=nominal, top=1).loc["w"] for seed in range(200)
    ]
    found = pd.DataFrame(runs)
    for column in ("mean", "p_top"):
        assert found[column].std() == pytest.approx(found[f"{column}_se"].mean(), rel=0.2)


def test_one_draw_has_no_error_of_its_mean() -> None:
    found = rank_summary(pd.DataFrame({"01": [1.0], "02": [2.0]}), nominal=pd.Series({"01": 1, "02": 2}))
    assert found["mean_se"].isna().all()
    assert found["median"].tolist() == [1, 2]


@pytest.mark.parametrize("run", ["SA", "UA"])
def test_rank_statistics_agree_with_coinr(run: str) -> None:
    """COINr 1.1 (Becker et al. 2022; MIT): data of its vignette "sensitivity". Of the 600 replicates of the sensitivity analysis the statistics take the first 200 (the
    blocks A and B); of the uncertainty analysis all 100. Linear quantiles."""
    if not COINR.is_dir():
        pytest.skip("../shared/refdata is absent")
    table = pd.read_csv(COINR / f"ASEM_{run}_Ranks.csv", index_col="uCode")
    expected = pd.read_csv(COINR / f"ASEM_{run}_RankStats.csv", index_col="uCode")
    found = rank_summary(table.drop(columns="Nominal").T.iloc[:200], nominal=table["Nominal"])
    assert found["draws"].unique().tolist() == [200 if run == "SA" else 100]
    for ours, theirs in {"nominal": "Nominal", "mean": "Mean", "median": "Median", "low": "Q5", "high": "Q95"}.items():
        assert (found[ours] - expected[theirs]).abs().max() < 1e-9


@pytest.mark.parametrize(
    ("weights", "said"),
    [
        ({"a": [1.0], "z": [1.0]}, "of no column: z; wanting: b"),
        ({"a": [1.0], "b": [-1.0]}, "negative"),
        ({"a": [1.0], "b": [None]}, "missing or infinite"),
        ({"a": [0.0], "b": [0.0]}, "zero in sum"),
    ],
)
def test_weights_that_do_not_fit_are_named(weights: dict[str, list[float]], said: str) -> None:
    with pytest.raises(RequestError, match=said):
        ranks_of_draws(pd.DataFrame({"a": [1.0], "b": [2.0]}), pd.DataFrame(weights))


def test_weights_of_a_repeated_column_are_named() -> None:
    with pytest.raises(RequestError, match="repeated: a"):
        ranks_of_draws(pd.DataFrame({"a": [1.0]}), pd.DataFrame([[1.0, 1.0]], columns=["a", "a"]))


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (pd.DataFrame({"a": [1.0, 2.0]}, index=["01", "01"]), "repeated: 01"),
        (pd.DataFrame([[1.0, 2.0]], columns=["a", "a"]), "repeated: a"),
        (pd.DataFrame({"a": [1.0, np.inf]}, index=["01", "02"]), "infinite values: 02"),
        (pd.DataFrame({("01", "a"): [1.0], ("02", "a"): [np.inf]}), "infinite values: 02"),
        (pd.DataFrame({"a": ["much"]}), "no numbers"),
        (pd.DataFrame({"a": []}), "no units"),
    ],
)
def test_values_that_cannot_be_used_are_named(values: pd.DataFrame, said: str) -> None:
    with pytest.raises(RequestError, match=said):
        measurements(values)


def test_draws_of_values_and_weights_have_to_be_as_many() -> None:
    with pytest.raises(RequestError, match="2 draws of values, 1 of weights"):
        ranks_of_draws(pd.DataFrame({("01", "a"): [1.0, 2.0]}), pd.DataFrame({"a": [1.0]}))


@pytest.mark.parametrize("tolerance", [-1.0, float("nan"), float("inf")])
def test_tolerance_is_checked(tolerance: float) -> None:
    with pytest.raises(RequestError, match="tolerance"):
        ranks_of_scores(pd.DataFrame([[1.0]]), tolerance=tolerance)


@pytest.mark.parametrize("options", [{"coverage": 0.0}, {"coverage": 1.1}, {"within": -1}, {"top": 0}])
def test_options_of_the_summary_are_checked(options: dict[str, float]) -> None:
    with pytest.raises(RequestError):
        rank_summary(pd.DataFrame({"01": [1.0]}), nominal=pd.Series({"01": 1.0}), **options)  # type: ignore[arg-type]


def test_units_of_the_nominal_ranks_have_to_be_those_of_the_draws() -> None:
    with pytest.raises(RequestError, match="in one of the two only: 02"):
        rank_summary(pd.DataFrame({"01": [1.0]}), nominal=pd.Series({"01": 1.0, "02": 2.0}))
    with pytest.raises(RequestError, match="repeated or none"):
        rank_summary(pd.DataFrame(index=[0]), nominal=pd.Series(dtype="float64", index=pd.Index([], dtype=object)))
    with pytest.raises(RequestError, match="draws = 0"):
        rank_summary(pd.DataFrame({"01": []}), nominal=pd.Series({"01": 1.0}))


def test_input_is_left_alone() -> None:
    values, weights = pd.DataFrame({"a": [1.0, None]}), pd.DataFrame({"a": [1.0]})
    ranks_of_draws(values, weights)
    pd.testing.assert_frame_equal(values, pd.DataFrame({"a": [1.0, None]}))
    pd.testing.assert_frame_equal(weights, pd.DataFrame({"a": [1.0]}))
