"""What holds of every metric that takes plain tables of units: faulty tables are refused in words, input is left alone, the order of units does not matter."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np
import pandas as pd
import pytest

from par_analysis import metrics
from par_analysis.errors import RequestError

Call = Callable[[pd.DataFrame], Any]
UNITS: Final = ["01", "02", "04", "06", "08", "10"]
TABLE: Final = pd.DataFrame({"a": [1.0, 2, 3, 4, 5, 6], "b": [2.0, 1, 4, 3, 6, 9]}, index=UNITS)
WEIGHTS: Final = {"a": 0.6, "b": 0.4}
MAXIMA: Final = {"a": 60, "b": 40}
TREE: Final = metrics.tree_of_maxima({"a": "total", "b": "total"}, MAXIMA)
SAME: Final = metrics.comparability(*[pd.DataFrame({"node": ["a", "b"], "maximum": [60, 40]})] * 2)
MERGERS: Final = pd.DataFrame({"from_code": ["01", "02"], "to_code": ["n", "n"]})
NATION: Final = pd.Series({"a": 30.0, "b": 40.0})


def years(table: pd.DataFrame) -> pd.DataFrame:
    return table.set_axis([2021, 2022], axis=1)


def rng() -> np.random.Generator:
    return np.random.default_rng(1)


CALLS: Final[Mapping[str, Call]] = {
    "aggregate": lambda t: metrics.aggregate(t, TREE),
    "alpha_if_deleted": lambda t: metrics.alpha_if_deleted(t.assign(c=t["b"])),
    "attainment": lambda t: metrics.attainment(t, MAXIMA),
    "bands": lambda t: metrics.bands(t["a"], {"A": 3, "B": -np.inf}).band,
    "bennet": lambda t: metrics.bennet(t, t, WEIGHTS, WEIGHTS).units,
    "beta_convergence": lambda t: metrics.beta_convergence(t["a"], t["b"], 2).table,
    "breakthroughs": lambda t: metrics.breakthroughs(t["a"], t["b"], comparable=True).units,
    "change_shapley": lambda t: metrics.change_shapley(t, t).effects,
    "common_basket": lambda t: metrics.common_basket(t, t, SAME).scores,
    "correlation_ratio": lambda t: metrics.correlation_ratio(t["a"], t["b"]),
    "cronbach": metrics.cronbach,
    "discordant": lambda t: metrics.discordant(t, "a", "b"),
    "dunn": lambda t: metrics.dunn(t, t, NATION, NATION),
    "eigenvalue_shares": metrics.eigenvalue_shares,
    "equipercentile_link": lambda t: metrics.equipercentile_link(t["a"], t["b"]).table,
    "fractional_rank": lambda t: metrics.fractional_rank(t["a"]),
    "importance": lambda t: metrics.importance(t, WEIGHTS),
    "index_agreement": lambda t: metrics.index_agreement(t, rng(), draws=20).pairs,
    "item_rest_correlation": metrics.item_rest_correlation,
    "merged": lambda t: metrics.merged(t["a"], MERGERS).value,
    "merger_band": lambda t: metrics.merger_band(t["a"], MERGERS, {"equal": None}).band,
    "minmax": metrics.minmax,
    "mobility": lambda t: metrics.mobility(t["a"], t["b"]).changes,
    "percentile": lambda t: metrics.percentile(t["a"]),
    "percentile_ranks": metrics.percentile_ranks,
    "persistence": lambda t: metrics.persistence(years(t), 2, out_of={2021: 99, 2022: 99}),
    "point_scores": lambda t: metrics.point_scores(t, MAXIMA, TREE).points,
    "quantile_bands": lambda t: metrics.quantile_bands(t["a"], 2).band,
    "rank": lambda t: metrics.rank(t["a"]),
    "rank_shapley": lambda t: metrics.rank_shapley(t).effects,
    "rebuilt_totals": lambda t: metrics.rebuilt_totals(t, WEIGHTS, t["a"]),
    "self_scoring_gap": lambda t: metrics.self_scoring_gap(t, t).by_unit,
    "shift_share": lambda t: metrics.shift_share(t, t).units,
    "sigma_convergence": lambda t: metrics.sigma_convergence(years(t)).years,
    "spread": metrics.spread,
    "survey_against_appraisal": lambda t: metrics.survey_against_appraisal(t["a"], t["b"], 10, 10, rng=rng(), draws=20).units,
    "theil": lambda t: metrics.theil(t["a"], dict.fromkeys(t.index, "R1")).groups,
    "theta": lambda t: metrics.theta(t["a"], t["b"], dict.fromkeys(t.index, "R1")).regions,
    "variance_ratio": lambda t: metrics.variance_ratio(t["a"], t["b"]),
    "variance_shares": metrics.variance_shares,
    "zscore": metrics.zscore,
}
ONE_BY_ONE: Final = {"rank", "fractional_rank", "percentile"}
"""They rank whatever rows they are given."""


@pytest.mark.parametrize("wrong", ["chín", np.inf], ids=["text", "infinite"])
@pytest.mark.parametrize("name", CALLS)
def test_what_is_no_finite_number_is_refused_in_words(name: str, wrong: object) -> None:
    table = TABLE.astype(object)
    table.loc["02", "a"] = wrong
    with pytest.raises(RequestError):
        CALLS[name](table)


@pytest.mark.parametrize("name", [name for name in CALLS if name not in ONE_BY_ONE])
def test_a_unit_listed_twice_is_refused_in_words(name: str) -> None:
    with pytest.raises(RequestError):
        CALLS[name](TABLE.set_axis(["01", *UNITS[:5]]))


@pytest.mark.parametrize("table", [TABLE.iloc[:0], TABLE * np.nan, TABLE.iloc[:1], TABLE * 0 + 5], ids=["empty", "unknown", "one_unit", "all_equal"])
@pytest.mark.parametrize("name", CALLS)
def test_little_to_go_by_gives_an_answer_or_words(name: str, table: pd.DataFrame) -> None:
    try:
        found = CALLS[name](table)
    except RequestError:
        return
    assert not np.isinf(np.nan_to_num(pd.DataFrame(found).select_dtypes("number").to_numpy(dtype="float64"), nan=0.0, posinf=np.inf, neginf=-np.inf)).any()


@pytest.mark.parametrize("kind", ["float64", "Float64", "object"])
@pytest.mark.parametrize("name", CALLS)
def test_kinds_of_columns_do_not_matter_and_input_is_left_alone(name: str, kind: str) -> None:
    given = TABLE.astype(kind)
    kept = given.copy(deep=True)
    found = CALLS[name](given)
    pd.testing.assert_frame_equal(given, kept)
    expected = CALLS[name](TABLE)
    if isinstance(expected, float):
        assert found == pytest.approx(expected, abs=1e-12)
    else:
        pd.testing.assert_frame_equal(pd.DataFrame(found), pd.DataFrame(expected), check_dtype=False, rtol=0, atol=1e-12)


@pytest.mark.parametrize("name", CALLS)
def test_order_of_units_changes_no_number(name: str) -> None:
    found, expected = CALLS[name](TABLE.iloc[[3, 0, 5, 1, 4, 2]]), CALLS[name](TABLE)
    if isinstance(expected, float):
        assert found == pytest.approx(expected, abs=1e-12)
    else:
        turned = pd.DataFrame(found)
        pd.testing.assert_frame_equal(turned.reindex(pd.DataFrame(expected).index), pd.DataFrame(expected), check_dtype=False, rtol=0, atol=1e-12)
