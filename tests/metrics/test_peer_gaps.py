"""A unit part by part against its peers: by hand, and nothing where too few are scored."""

from __future__ import annotations

from typing import Any

import pytest

from par_analysis.metrics.peer_gaps import peer_gaps
from tests.metrics.made import as_dict, fact, table

PEERS = ["01", "02", "03", "04", "05"]
POINTS = {"01": (5.0, 9.0), "02": (6.0, 9.0), "03": (7.0, 9.0), "04": (8.0, 9.0), "05": (7.0, 9.0)}


def panel(points: dict[str, tuple[float, ...]] = POINTS, **more: Any) -> Any:
    rows = [fact(unit, "score", value, node=f"domain:{no}", out_of=10, **more) for unit, of in points.items() for no, value in enumerate(of, 1)]
    return table(*rows, *(fact(unit, "score", sum(of), out_of=20, **more) for unit, of in points.items()))


def found(given: Any, **more: Any) -> Any:
    return peer_gaps(given, **({"unit": "01", "year": 2023, "peers": PEERS, "nodes": ["domain:1", "domain:2"]} | more))


def test_gap_is_to_the_mean_of_the_others_and_not_to_its_own() -> None:
    rows = found(panel())
    first = rows[rows["node"] == "domain:1"]
    assert as_dict(first) == pytest.approx({"score": 5, "peer_mean": 7, "gap_peers": -2, "peer_z": -2 / (2 / 3) ** 0.5, "n_peers": 4})
    assert set(first["out_of"].dropna()) == {10, 4}
    assert list(dict.fromkeys(rows["node"])) == ["total", "domain:1", "domain:2"]


def test_equal_peers_have_no_z() -> None:
    rows = found(panel())
    assert "peer_z" not in set(rows.loc[rows["node"] == "domain:2", "measure"])


def test_a_difference_of_percentages_is_in_percentage_points() -> None:
    rows = found(panel(unit_of_measure="percent"))
    assert set(rows.loc[rows["measure"] == "gap_peers", "unit_of_measure"]) == {"percentage_points"}


@pytest.mark.parametrize("unscored", [["02", "03"], ["01"]], ids=["fewer than three peers", "not itself"])
def test_too_few_scores_have_no_rows(unscored: list[str]) -> None:
    assert found(panel({unit: of for unit, of in POINTS.items() if unit not in unscored})).empty


def test_fewer_than_half_of_the_peers_have_no_rows() -> None:
    assert found(panel(), peers=[*PEERS, "06", "08", "10", "11", "12"]).empty


def test_a_total_alone_has_no_rows() -> None:
    given = panel()
    assert found(given[given["node"] == "total"]).empty
