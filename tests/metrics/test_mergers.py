"""Merged units: the provinces of 2008 and 2025, weighted means and sums, bands of weights, ranks among the merged."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from par_analysis import dataset
from par_analysis.catalog import Catalog
from par_analysis.errors import RequestError, UnknownName
from par_analysis.metrics.mergers import Merged, membership, merged, merger_band, merger_effect
from par_analysis.metrics.ranks import rank
from tests.conftest import SHARED

REFERENCE = Path(__file__).resolve().parents[2] / "data" / "reference"
MERGERS = pd.read_csv(REFERENCE / "mergers.csv", dtype=str, keep_default_na=False)
PROVINCES = pd.read_csv(REFERENCE / "provinces.csv", dtype=str, keep_default_na=False).set_index("code")
IN_2025, IN_2008 = "2025-07-01", "2008-08-01"

TABLE = pd.DataFrame({"from_code": ["a", "b", "c", "d", "e"], "to_code": ["x", "x", "y", "y", "z"]})
VALUES = pd.Series({"a": 10.0, "b": 20.0, "c": 12.0, "d": 16.0, "e": 13.0})


def provinces(unit_set: str) -> list[str]:
    return [str(code) for code, sets in PROVINCES["unit_set"].items() if unit_set in sets.split()]


def test_provinces_became_34_by_11_unchanged_17_pairs_and_6_triples() -> None:
    """R31: vietnamadminunits (MIT), after sapnhap.bando.com.vn. Huế is one of the 11: renamed in the same month, its area unchanged."""
    belongs = membership(provinces("63"), MERGERS, date=IN_2025)
    assert len(belongs) == 63
    assert sorted(set(belongs)) == sorted(provinces("34"))
    assert belongs.value_counts().value_counts().to_dict() == {1: 11, 2: 17, 3: 6}


def test_successors_agree_with_the_list_of_another_package() -> None:
    """R31: vietnamadminunits (MIT), by GSO code."""
    if not SHARED.is_dir():
        pytest.skip("../shared/reference is absent")
    other = pd.read_csv(SHARED / "reference" / "provinces63_merged34.csv", dtype=str).set_index("gso_code")["gso_code_2025"]
    belongs = membership(provinces("63"), MERGERS, date=IN_2025)
    assert belongs.map(PROVINCES["gso_code"]).to_dict() == other.to_dict()


def test_ha_tay_went_into_ha_noi() -> None:
    units = [*provinces("63"), "28"]
    belongs = membership(units, MERGERS, date=IN_2008)
    assert belongs[belongs == "01"].index.tolist() == ["01", "28"]
    assert belongs.nunique() == 63
    values = pd.Series(50.0, index=units).mask(pd.Series(units, units) == "28", 40.0)
    after = merged(values, MERGERS, date=IN_2008)
    assert after.value.loc["01"].tolist() == [45.0]
    assert len(merged(after.value, MERGERS, date=IN_2025).value) == 34


def test_ha_tay_beside_ha_noi_is_no_mixture_only_where_that_is_said() -> None:
    without_own_row = pd.DataFrame({"from_code": ["28"], "to_code": ["01"]})
    with pytest.raises(RequestError, match="units of after the merger among those of before: 01") as refused:
        membership(["01", "28"], without_own_row)
    assert "continuing" in refused.value.hint
    assert membership(["01", "28"], without_own_row, continuing=["01"]).tolist() == ["01", "01"]
    assert membership(["01", "28"], MERGERS, date=IN_2008).loc[["01", "28"]].tolist() == ["01", "01"]


def test_merged_provinces_are_not_ranked_among_the_63() -> None:
    mixture = pd.Series(1.0, index=[*provinces("63"), "08-2025", "46-2025"])
    calls: list[Callable[[], object]] = [lambda: merged(mixture, MERGERS, date=IN_2025), lambda: merger_band(mixture, MERGERS, {"equal": None}, date=IN_2025)]
    for call in calls:
        with pytest.raises(RequestError, match="units of after the merger among those of before: 08-2025, 46-2025"):
            call()
    band = merger_band(pd.Series(1.0, index=provinces("63")), MERGERS, {"equal": None}, date=IN_2025)
    with pytest.raises(RequestError, match="not a unit of the back-cast: 02, 08"):
        merger_effect(pd.Series({"08-2025": 1.0, "08": 1.0, "02": 1.0}), band)
    assert band.band["out_of"].unique().tolist() == [34]


def test_members_of_a_hand_table() -> None:
    found = merged(VALUES, TABLE, weights={"a": 3, "b": 1, "c": 1, "d": 1, "e": 7})
    assert found.value.iloc[:, 0].to_dict() == {"x": 12.5, "y": 14.0, "z": 13.0}
    assert (found.low.loc["x"].item(), found.high.loc["x"].item()) == (10, 20)
    assert found.members.loc["x"].tolist() == [2, "a; b"]
    assert merged(VALUES, TABLE, kind="count").value.iloc[:, 0].to_dict() == {"x": 30.0, "y": 28.0, "z": 13.0}


@pytest.mark.parametrize("kind", ["quality", "count"])
def test_missing_member_leaves_the_merged_unit_missing(kind: str) -> None:
    for values in (VALUES.drop("b"), VALUES.where(VALUES != 20)):
        found = merged(values, TABLE, kind=kind)  # type: ignore[arg-type]
        assert found.value.iloc[:, 0].isna().to_dict() == {"x": True, "y": False, "z": False}
        assert found.low.iloc[:, 0].isna().tolist() == found.high.iloc[:, 0].isna().tolist() == [True, False, False]
        assert found.known.iloc[:, 0].to_dict() == {"x": 0.5, "y": 1.0, "z": 1.0}
        assert found.members.loc["x", "codes"] == "a; b"


def test_partial_value_says_how_much_is_known() -> None:
    weights = {"a": 3, "b": 1, "c": 1, "d": 1, "e": 7}
    found = merged(VALUES.drop(["b", "c"]), TABLE, weights=weights, least_known=0.75)
    assert found.value.iloc[:, 0].dropna().to_dict() == {"x": 10.0, "z": 13.0}
    assert found.known.iloc[:, 0].to_dict() == {"x": 0.75, "y": 0.5, "z": 1.0}


def test_member_without_weight_needs_no_value() -> None:
    found = merged(VALUES.drop("b"), TABLE, weights={"a": 3, "b": 0, "c": 1, "d": 1, "e": 7})
    assert found.value.loc["x"].item() == 10


def test_columns_are_merged_alike() -> None:
    found = merged(pd.DataFrame({"domain:1": VALUES, "domain:2": VALUES.where(VALUES < 20)}), TABLE)
    assert found.value["domain:1"].tolist() == [15.0, 14.0, 13.0]
    assert found.value["domain:2"].isna().tolist() == [True, False, False]


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: merged(VALUES, TABLE, weights={"a": 1, "b": -1, "c": float("inf"), "e": 1}), "no weight of 0 or more for b, c, d"),
        (lambda: merged(VALUES, TABLE, weights={"a": 0, "b": 0, "c": 1, "d": 1, "e": 0}), "weights of 0 alone in x, z"),
        (lambda: merged(VALUES, TABLE, weights=dict.fromkeys("abcde", 1), kind="count"), "counts are summed"),
        (lambda: merged(VALUES, TABLE, least_known=0.5, kind="count"), "counts are summed"),
        (lambda: merged(VALUES, TABLE, least_known=0.0), "least_known 0.0"),
        (lambda: merged(VALUES * np.inf, TABLE), "not finite"),
        (lambda: merged(pd.concat([VALUES, VALUES]), TABLE), "listed twice"),
        (lambda: merged(VALUES, TABLE[["from_code"]]), "lacks from_code or to_code"),
        (lambda: merged(VALUES, pd.concat([TABLE, TABLE.assign(to_code="w")])), "two successors of a, b, c, d, e"),
        (lambda: merged(VALUES, MERGERS), "mergers of 2008-08-01, 2025-07-01"),
        (lambda: merger_band(VALUES, TABLE, {}), "no weighting"),
        (lambda: merger_effect(pd.Series([1.0, 2.0], ["x", "x"]), merger_band(VALUES, TABLE, {"equal": None})), "listed twice"),
    ],
)
def test_wrong_requests_are_refused_by_name(call: Callable[[], object], says: str) -> None:
    with pytest.raises(RequestError, match=says):
        call()


def test_unknown_words_are_refused() -> None:
    with pytest.raises(UnknownName, match="date of a merger '2025'"):
        merged(VALUES, MERGERS, date="2025")
    with pytest.raises(UnknownName, match="continuing unit 'w'"):
        merged(VALUES, TABLE, continuing=["w"])
    with pytest.raises(UnknownName, match="kind of value 'sum'"):
        merged(VALUES, TABLE, kind="sum")  # type: ignore[arg-type]


def test_band_of_a_hand_table() -> None:
    """x lies in 10 … 20, y in 12 … 16, z is 13; equal weights 15, 14, 13; by people 11, 15, 13."""
    found = merger_band(VALUES, TABLE, {"equal": None, "people": {"a": 9, "b": 1, "c": 1, "d": 3, "e": 1}})
    assert found.values.to_numpy().tolist() == [[15, 11], [14, 15], [13, 13]]
    assert found.ranks.to_numpy().tolist() == [[1, 3], [2, 1], [3, 2]]
    assert found.band[["low", "high", "limit_low", "limit_high"]].to_numpy().tolist() == [[11, 15, 10, 20], [14, 15, 12, 16], [13, 13, 13, 13]]
    assert found.band[["rank_low", "rank_high"]].to_numpy().tolist() == [[1, 3], [1, 2], [2, 3]]
    assert found.band[["rank_limit_low", "rank_limit_high"]].to_numpy().tolist() == [[1, 3], [1, 3], [1, 3]]
    assert found.band["members"].tolist() == [2, 2, 1]


def test_effect_is_the_score_less_the_back_cast() -> None:
    band = merger_band(VALUES, TABLE, {"equal": None, "people": {"a": 9, "b": 1, "c": 1, "d": 3, "e": 1}})
    found = merger_effect(pd.Series({"y": 17.0, "x": 12.0}), band)
    assert found.index.tolist() == ["x", "y", "z"]
    assert found.loc["x", ["effect_low", "effect_high", "effect_limit_low", "effect_limit_high"]].tolist() == [-3, 1, -8, 2]
    assert found.loc["y", ["effect_low", "effect_high", "effect_limit_low", "effect_limit_high"]].tolist() == [2, 3, 1, 5]
    assert found["is_beyond"].tolist() == [False, True, False]
    assert found.loc["z", ["actual", "effect_low", "effect_high"]].isna().all()


scores = st.lists(st.one_of(st.none(), st.integers(0, 20)), min_size=5, max_size=5).map(lambda drawn: pd.Series(drawn, list("abcde"), dtype="float64"))
weight_lists = st.lists(st.integers(1, 9), min_size=5, max_size=5).map(lambda drawn: dict(zip("abcde", drawn, strict=True)))


@given(scores, st.lists(weight_lists, min_size=1, max_size=3), st.booleans())
def test_band_contains_every_weighting(values: pd.Series, drawn: list[dict[str, int]], up: bool) -> None:
    found = merger_band(values, TABLE, {"equal": None, **{str(i): weights for i, weights in enumerate(drawn)}}, higher_is_better=up)
    band = found.band
    for name, column in found.values.items():
        assert (column.isna() | ((column >= band["low"]) & (column <= band["high"]) & (column >= band["limit_low"]) & (column <= band["limit_high"]))).all()
        places = found.ranks[name]
        pd.testing.assert_series_equal(places, rank(column, higher_is_better=up), check_names=False)
        assert (places.isna() | ((places >= band["rank_limit_low"]) & (places <= band["rank_limit_high"]))).all()
    assert band["out_of"].iloc[0] == found.values["equal"].count()


@given(scores, st.booleans())
def test_limits_of_ranks_are_reached(values: pd.Series, up: bool) -> None:
    """Weights of 0 and 1 put a unit at its best end and all others at their worst."""
    found = merger_band(values, TABLE, {"equal": None}, higher_is_better=up)
    best, worst = (found.band["limit_high"], found.band["limit_low"]) if up else (found.band["limit_low"], found.band["limit_high"])
    for unit in found.band.index[found.values["equal"].notna()]:
        for own, others, limit in ((best, worst, "rank_limit_low"), (worst, best, "rank_limit_high")):
            placed = others.where(others.index != unit, own)
            assert rank(placed, higher_is_better=up)[unit] == found.band.loc[unit, limit]


@given(scores)
def test_total_of_counts_is_preserved(values: pd.Series) -> None:
    found = merged(values.fillna(0), TABLE, kind="count")
    assert found.value.to_numpy().sum() == values.sum()


@given(st.lists(st.floats(0, 100), min_size=63, max_size=63))
def test_unchanged_provinces_keep_their_scores(drawn: list[float]) -> None:
    values = pd.Series(drawn, provinces("63"))
    found = merged(values, MERGERS, date=IN_2025, weights=pd.Series(np.linspace(0.1, 9, 63), values.index))
    for unit in found.value.index:
        codes = found.members.loc[unit, "codes"].split("; ")
        assert values[codes].min() <= found.value.loc[unit].item() <= values[codes].max()
        assert len(codes) > 1 or found.value.loc[unit].item() == values[codes[0]]


@given(scores, weight_lists, st.randoms(use_true_random=False))
def test_order_of_rows_does_not_matter(values: pd.Series, weights: dict[str, int], random: object) -> None:
    state = random.randint(0, 999)  # type: ignore[attr-defined]
    before = merged(values, TABLE, weights=weights)
    after = merged(values.sample(frac=1, random_state=state), TABLE.sample(frac=1, random_state=state), weights=weights)
    for name in Merged.__dataclass_fields__:
        pd.testing.assert_frame_equal(getattr(after, name), getattr(before, name))


def test_inputs_are_left_as_they_were() -> None:
    values, table = VALUES.copy(), TABLE.copy()
    merger_band(values, table, {"equal": None})
    pd.testing.assert_series_equal(values, VALUES)
    pd.testing.assert_frame_equal(table, TABLE)


def test_papi_2023_of_the_34_is_known_for_32(papi: Catalog) -> None:
    """The example of docs/methods/breaks.md. Quảng Ninh and Bình Dương (into Ho Chi Minh City) were blank."""
    panel = dataset.load("papi", known=papi).panel
    totals = panel[(panel["year"] == 2023) & (panel["measure"] == "score") & (panel["node"] == "total")].set_index("unit")["value"]
    found = merger_band(totals.reindex(provinces("63")), MERGERS, {"equal": None}, date=IN_2025)
    assert found.values["equal"].index[found.values["equal"].isna()].tolist() == ["22", "79-2025"]
    shown = found.band[["low", "limit_low", "limit_high", "rank_low", "rank_limit_low", "rank_limit_high"]].round(2)
    assert shown.loc["46-2025"].tolist() == [46.04, 46.04, 46.04, 1, 1, 1]
    assert shown.loc["92-2025"].tolist() == [42.29, 40.17, 45.62, 18, 2, 31]
    assert shown.loc["75-2025"].tolist() == [39.93, 39.91, 39.95, 32, 29, 32]
