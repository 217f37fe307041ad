"""What holds of every metric that takes a panel: shape, purity, order of rows, nothing in and nothing out."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from par_analysis import metrics
from par_analysis.metrics.figures import empty
from par_analysis.model import KEY, Group

from .made import fact, is_figures, table

UNITS: Final = ["01", "02", "03", "04", "05"]
Metric = Callable[[pd.DataFrame], pd.DataFrame]
CALLS: Final[Mapping[str, Metric]] = {
    "agreement_beside": lambda panel: metrics.agreement_beside(panel, others={"papi": panel, "sipas": empty()}, indices={}, year=2023, units=UNITS, seed=1, fewest=4),
    "any_weights": partial(metrics.any_weights, year=2023, units=UNITS, nodes=["domain:1", "domain:2"], seed=1, draws=100),
    "audit": partial(metrics.audit, ways={2023: [("total", ["domain:1", "domain:2"])]}, rounding=0.0151),
    "best_worst": partial(metrics.best_worst, unit="01", year=2023),
    "beyond_limits": partial(metrics.beyond_limits, limits={2023: {"total": (2, 4), "domain:1": (0, None)}}),
    "breakthrough_moves": partial(metrics.breakthrough_moves, year=2023, alike=[2021, 2022, 2023], units=UNITS),
    "ceiling_share": partial(metrics.ceiling_share, year=2023, units=UNITS),
    "change": partial(metrics.change, unit="01", year=2023, base=2022),
    "coherence": partial(metrics.coherence, year=2023, units=UNITS, nodes=["domain:1", "domain:2"], tree={"total": ["domain:1", "domain:2"]}),
    "comparison": partial(metrics.comparison, unit="01", year=2023, base=2022, comparable=None, basis="distance", units=UNITS),
    "completeness": partial(metrics.completeness, unit="01", year=2023, nodes=["domain:1", "domain:2"]),
    "contradictions": partial(metrics.contradictions, year=2023, units=UNITS),
    "contributions": partial(metrics.contributions, unit="01", year=2023, base=2022, children=["domain:1", "domain:2"], comparable=True),
    "contributions_by_level": partial(metrics.contributions_by_level, unit="01", year=2023, base=2022, tree={"total": ["domain:1", "domain:2"]}, comparable=True),
    "country_audit": lambda panel: metrics.country_audit(panel, stated=panel, units={2022: UNITS, 2023: UNITS[:2]}, leaves={2023: ["domain:1", "domain:2"]}),
    "country_figures": partial(metrics.country_figures, year=2023, units=UNITS[:2], median=True),
    "country_history": metrics.country_history,
    "coverage": partial(metrics.coverage, units=UNITS, years=[2022, 2023]),
    "coverage_matrix": partial(metrics.coverage_matrix, units={2022: UNITS, 2023: UNITS[:3]}),
    "distribution": partial(metrics.distribution, year=2023, units=UNITS),
    "domain_counts": partial(metrics.domain_counts, unit="01", year=2023, base=2022),
    "domain_means": partial(metrics.domain_means, year=2023, base=2022, nodes=["total", "domain:1"], units=UNITS, comparable=None),
    "domain_table": partial(metrics.domain_table, unit="01", year=2023, base=2022),
    "floor_share": partial(metrics.floor_share, year=2023, units=UNITS),
    "gap_table": partial(metrics.gap_table, unit="01", year=2023, units=UNITS, tree={"total": ["domain:1", "domain:2"]}, region_units=UNITS[:2], target=1),
    "gaps": partial(metrics.gaps, unit="01", year=2023, region="R1", units=UNITS),
    "group_counts": partial(metrics.group_counts, year=2023, groups=[Group("A", 50, 100), Group("B", 0, 50)], units=UNITS),
    "headroom": partial(metrics.headroom, year=2023),
    "history": partial(metrics.history, unit="01"),
    "lost_points": partial(metrics.lost_points, unit="01", year=2023, tree={"total": ["domain:1", "domain:2"]}),
    "lost_points_by": partial(metrics.lost_points_by, unit="01", year=2023, groups={"domain:1": "A", "domain:2": ""}, kind="owner"),
    "means": partial(metrics.means, year=2023, members={"R1": UNITS[:2], "R2": UNITS[2:], "VN": UNITS}),
    "method_split": partial(metrics.method_split, unit="01", year=2023, base=2022, maxima={2022: {"domain:1": 5, "domain:2": 5}, 2023: {"domain:1": 6}}, units=UNITS),
    "missing_figures": partial(metrics.missing_figures, units={2022: UNITS, 2023: UNITS}, leaves={2023: ["domain:1", "domain:2"]}),
    "movers": partial(metrics.movers, year=2023, base=2022, units=UNITS),
    "narrowing": partial(metrics.narrowing, years=[2021, 2022, 2023], units=UNITS, members={"R1": UNITS[:2], "R2": UNITS[2:], "VN": UNITS}),
    "neighbours": partial(metrics.neighbours, unit="01", year=2023, units=UNITS),
    "next_place": partial(metrics.next_place, unit="01", year=2023, units=UNITS),
    "node_headroom": partial(metrics.node_headroom, unit="01", year=2023, units=UNITS, nodes=["domain:1", "domain:2"], region="R1", region_units=UNITS[:2]),
    "node_history": partial(metrics.node_history, unit="01", nodes=["total", "domain:1"], until=2023, units=UNITS),
    "own_and_others": partial(metrics.own_and_others, unit="01", year=2023, base=2022, units=UNITS, comparable=True),
    "part_influence": partial(metrics.part_influence, year=2023, units=UNITS, nodes=["domain:1", "domain:2"], seed=1, samples=20),
    "part_table": partial(metrics.part_table, unit="01", year=2023),
    "peer_gaps": partial(metrics.peer_gaps, unit="01", year=2023, peers=UNITS, nodes=["domain:1", "domain:2"]),
    "profile": partial(metrics.profile, unit="01", year=2023, units=UNITS, nodes=["total", "domain:2", "domain:1"]),
    "quarter_moves": partial(metrics.quarter_moves, year=2023, base=2022, units=UNITS),
    "rank_audit": partial(metrics.rank_audit, units={2022: UNITS, 2023: UNITS}),
    "rank_intervals": partial(metrics.rank_intervals, year=2023, units=UNITS, nodes=["domain:1", "domain:2"], seed=1, draws=100),
    "rank_ladder": partial(metrics.rank_ladder, unit="01", year=2023, units=UNITS),
    "rank_mobility": partial(metrics.rank_mobility, year=2023, base=2022, units=UNITS),
    "rank_owed": partial(metrics.rank_owed, unit="01", year=2023, units=UNITS, nodes=["domain:1", "domain:2"], alike=[2022, 2023]),
    "rank_route": lambda panel: metrics.rank_route(panel, card=panel, unit="01", year=2023, units=UNITS, target=1, leaves=["domain:1", "domain:2"]),
    "ranking": partial(metrics.ranking, year=2023, units=UNITS),
    "ranks_by_method": partial(metrics.ranks_by_method, year=2023, units=UNITS, nodes=["domain:1", "domain:2"], seed=1, draws=50),
    "rebuilds": partial(metrics.rebuilds, ways={2022: [("total", ["domain:1"])], 2023: [("total", ["domain:1", "domain:2"]), ("total", ["part:survey"])]}, fewest=1),
    "regainable_points": partial(metrics.regainable_points, unit="01", year=2023, tree={"total": ["domain:1", "domain:2"]}, locked=["domain:2"]),
    "rise_and_fall": partial(metrics.rise_and_fall, year=2023, base=2022, units=UNITS),
    "route_plan": partial(metrics.route_plan, unit="01", year=2023, target=1, units=UNITS, nodes=["domain:1", "domain:2"], step=1.0, count=3),
    "score_bounds": partial(metrics.score_bounds, year=2023, units=UNITS, out_of=5),
    "self_scores": partial(metrics.self_scores, unit="01", year=2023, nodes=["domain:1", "domain:2"]),
    "standings": partial(metrics.standings, year=2023, units=UNITS),
    "strengths": partial(metrics.strengths, unit="01", year=2023, units=UNITS, nodes=["total", "domain:1", "domain:2"]),
    "target_needs": partial(metrics.target_needs, unit="01", year=2023, target=2, units=UNITS, years=[2022, 2023], count=50),
    "top_places": partial(metrics.top_places, year=2023, units=UNITS, k=2),
    "totals": partial(metrics.totals, year=2023, units=UNITS, tree={"total": ["domain:1", "domain:2"]}, maxima={"domain:1": 5.0}),
}
each = pytest.mark.parametrize("call", [pytest.param(call, id=name) for name, call in CALLS.items()])


@st.composite
def panels(draw: st.DrawFn) -> pd.DataFrame:
    """Anything at all about five units, a region and the country, contradictions included."""
    keys = st.tuples(st.sampled_from([*UNITS, "R1", "VN"]), st.sampled_from([2021, 2022, 2023]), st.sampled_from(["total", "domain:1", "domain:2", "part:survey"]))
    measures = st.sampled_from(["score", "rank", "mean", "max", "min", "share_of_max", "rank_change", "points_lost", "n_units_up", "domains_up", "n_group_A"])
    drawn = draw(st.dictionaries(st.tuples(keys, measures), st.tuples(st.integers(1, 5), st.sampled_from(["", "", "", "~"])), max_size=30))
    return table(*(fact(unit, m, number, year=year, node=node, out_of=5, qualifier=mark) for ((unit, year, node), m), (number, mark) in drawn.items()))


def test_every_metric_on_a_panel_is_called_here() -> None:
    takes_panel = {name for name in metrics.__all__ if "panel" in inspect.signature(getattr(metrics, name)).parameters}
    assert takes_panel == set(CALLS)


@each
@pytest.mark.parametrize("panel", [empty(), pd.DataFrame(), table(fact("09", "score", 3, year=1999))], ids=["empty", "bare", "elsewhere"])
def test_nothing_known_gives_no_figures(call: Metric, panel: pd.DataFrame) -> None:
    found = call(panel)
    assert is_figures(found)
    assert found.empty or set(found["measure"]) <= {"n_scored", "n_ranked", "n_both", "n_rank_only", "n_any", "n_unknown"}


@each
@settings(max_examples=6, suppress_health_check=[HealthCheck.too_slow])
@given(panel=panels(), seed=st.integers(0, 99))
def test_metric_is_pure_names_its_sources_and_is_blind_to_the_order_of_rows(call: Metric, panel: pd.DataFrame, seed: int) -> None:
    before = panel.copy(deep=True)
    found = call(panel)
    pd.testing.assert_frame_equal(panel, before)
    assert is_figures(found)
    assert not found.duplicated(list(KEY)).any()
    assert set(found["basis"]) <= {"published", "computed", "bound"}
    assert {source for text in found["source"] for source in text.split("; ") if source} <= set(panel["source"])
    pd.testing.assert_frame_equal(call(panel.sample(frac=1, random_state=seed)), found)


def test_public_names_are_listed_once_and_exist() -> None:
    assert metrics.__all__ == sorted(set(metrics.__all__))
    assert all(callable(getattr(metrics, name)) for name in metrics.__all__)
