"""The points to a target rank with the others as they are, at their trend, and drawn from past changes."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from par_analysis.errors import RequestError
from par_analysis.metrics.target_ranks import target_needs

from .made import as_dict, fact, of_ranks, of_scores, table, value

YEAR = 2023
SCORES = {
    2021: {"01": 46.0, "02": 46.0, "03": 43.0, "04": 44.0, "05": 41.0},
    2022: {"01": 49.0, "02": 47.0, "03": 44.0, "04": 44.0},
    2023: {"01": 50.0, "02": 48.0, "03": 45.0, "04": 44.0, "05": 40.0},
}
UNITS = list(SCORES[2023])
PANEL = table(*(row for year, scores in SCORES.items() for row in of_scores(scores, year=year)))


def needs(unit: str = "03", target: int = 2, years: tuple[int, ...] = (2021, 2022, 2023), panel: pd.DataFrame = PANEL, **more: object) -> pd.DataFrame:
    return target_needs(panel, unit=unit, year=YEAR, target=target, units=UNITS, years=years, **{"seed": 1, "count": 500, **more})  # type: ignore[arg-type]


def test_need_with_the_others_as_they_are_and_at_their_trend() -> None:
    found = needs()
    assert value(found, "points_to_rank") == 3
    assert value(found, "points_to_rank_trend") == pytest.approx(48 + 1 - 45)
    assert found.loc[found["measure"] == "points_to_rank", ["unit", "node", "note"]].values.tolist() == [["03", "place:2", "held by 02"]]


def test_drawn_needs_follow_changes_of_others_in_one_of_the_years() -> None:
    found = needs()
    moves = {2022: (3.0, 1.0, 0.0), 2023: (1.0, 1.0, 0.0)}
    possible = {max(sorted(np.array([50.0, 48, 44, 40]) + np.array([a, b, c, d]))[-2] - 45, 0) for of in moves.values() for a in of for b in of for c in of for d in of}
    quantiles = [value(found, f"points_to_rank_{name}") for name in ("q05", "q25", "q50", "q75", "q95")]
    assert quantiles == sorted(quantiles)
    assert min(possible) <= quantiles[0]
    assert quantiles[-1] <= max(possible)
    assert value(found, "n_as_large") == 1
    assert found.loc[found["measure"] == "n_as_large", "out_of"].tolist() == [6]


def test_probability_grows_with_the_gain_from_seldom_to_nearly_always() -> None:
    found = needs()
    gains, chances = (found.loc[found["measure"] == name, "value"].tolist() for name in ("gain", "reach_probability"))
    assert gains == sorted(gains)
    assert chances == sorted(chances)
    assert len(gains) == len(chances) <= 9
    assert chances[-1] >= 99
    frozen = value(found, "reach_probability_frozen")
    assert max(chance for gain, chance in zip(gains, chances, strict=True) if gain <= 3) <= frozen <= min(chance for gain, chance in zip(gains, chances, strict=True) if gain >= 3)


def test_the_largest_change_is_named_with_whose_it_was() -> None:
    found = needs()
    row = found[found["measure"] == "largest_change"].iloc[0]
    assert (row["unit"], row["year"], row["value"], row["note"]) == ("01", 2022, 3.0, "from 2021 to 2022")


def test_a_units_own_change_is_not_the_largest_of_the_others() -> None:
    found = needs(unit="01", target=1)
    row = found[found["measure"] == "largest_change"].iloc[0]
    assert (row["unit"], row["year"], row["value"]) == ("02", 2022, 1.0)


def test_own_yearly_change_is_tried_where_it_is_for_the_better() -> None:
    assert value(needs(), "score_change_yearly") == 1
    assert not math.isnan(value(needs(), "reach_probability_trend"))
    assert value(needs(unit="05", target=4), "score_change_yearly") == -0.5
    assert math.isnan(value(needs(unit="05", target=4), "reach_probability_trend"))


def test_the_same_seed_gives_the_same_figures() -> None:
    pd.testing.assert_frame_equal(needs(seed=5), needs(seed=5))
    assert as_dict(needs(seed=5)) != as_dict(needs(seed=6))


def test_years_of_another_method_are_not_used() -> None:
    wild = table(*(row for year, scores in (SCORES | {2021: dict.fromkeys(UNITS, 5.0)}).items() for row in of_scores(scores, year=year)))
    recent = (2022, 2023)
    pd.testing.assert_frame_equal(needs(years=recent, panel=wild), needs(years=recent))
    alone = needs(years=(2023,))
    assert set(alone["measure"]) == {"score", "rank", "place", "points_to_rank"}
    pd.testing.assert_frame_equal(alone, needs(years=()))


def test_a_unit_that_has_the_target_needs_nothing_and_may_lose() -> None:
    found = needs(unit="02", target=2)
    assert (value(found, "points_to_rank"), value(found, "points_to_drop")) == (0, 3)
    assert value(found, "reach_probability_frozen") <= 100
    last = needs(unit="02", target=5)
    assert math.isnan(value(last, "points_to_drop"))
    assert value(last, "reach_probability_frozen") == 100


def test_no_rank_beyond_the_last_is_reckoned_with() -> None:
    assert set(needs(target=6)["measure"]) == {"score", "rank"}


def test_known_in_part_the_others_are_not_drawn() -> None:
    known = {unit: score for unit, score in SCORES[2023].items() if unit != "02"}
    panel = table(*of_scores(known), *of_ranks({unit: place for place, unit in enumerate(UNITS, 1)}, out_of=5), *of_scores(SCORES[2022], year=2022))
    found = needs(panel=panel)
    assert set(found["measure"]) == {"score", "rank", "place", "points_to_rank_low", "points_to_rank_high"}
    assert (value(found, "points_to_rank_low"), value(found, "points_to_rank_high")) == (0, 5)


def test_without_a_score_nothing_is_said() -> None:
    assert needs(unit="99").empty
    assert needs(panel=table(fact("03", "rank", 3))).empty


def test_lower_may_be_better() -> None:
    turned = table(*(row | {"value": 100 - row["value"]} for year, scores in SCORES.items() for row in of_scores(scores, year=year)))
    found, straight = needs(panel=turned, higher_is_better=False), needs()
    for name in ("points_to_rank", "points_to_rank_trend", "points_to_rank_q50", "n_as_large", "reach_probability_frozen"):
        assert value(found, name) == pytest.approx(value(straight, name))
    assert value(found, "largest_change") == -3


@pytest.mark.parametrize(("change", "said"), [({"target": 0}, "rank 0 does not exist"), ({"years": (2021, 2022)}, "end with 2023"), ({"years": (2023, 2024)}, "end with 2023")])
def test_impossible_requests_are_refused(change: dict[str, object], said: str) -> None:
    with pytest.raises(RequestError, match=said):
        needs(**change)  # type: ignore[arg-type]
