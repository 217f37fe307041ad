"""Confidence sets for ranks: figures of the published example, coverage in simulated worlds, laws, and requests that make no sense."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from par_analysis.errors import RequestError, UnknownName
from par_analysis.metrics.rank_sets import rank_sets, standard_normals, tau_best, tau_worst
from par_analysis.metrics.ranks import places_of
from tests.conftest import SHARED

CSRANKS = SHARED / "refdata" / "csranks"
FIVE = pd.Series({"01": 91.0, "02": 89.0, "03": 88.0, "04": 80.0, "05": 70.0})


@dataclass(frozen=True)
class World:
    """Scores, standard errors and draws of some units."""

    scores: pd.Series
    errors: pd.Series
    normals: pd.DataFrame

    def sets(self, **options: Any) -> pd.DataFrame:
        return rank_sets(self.scores, self.errors, **({"normals": self.normals} | options))


@st.composite
def worlds(draw: st.DrawFn, *, least: int = 1) -> World:
    count = draw(st.integers(least, 7))
    units = [f"{number:02}" for number in range(1, count + 1)]
    scores = draw(st.lists(st.integers(0, 20), min_size=count, max_size=count))
    errors = draw(st.lists(st.sampled_from([0.0, 0.5, 1.0, 3.0]), min_size=count, max_size=count))
    normals = standard_normals(units, rng=np.random.default_rng(draw(st.integers(0, 99))), draws=200)
    return World(pd.Series(scores, index=units, dtype="float64"), pd.Series(errors, index=units), normals)


kinds = st.sampled_from(["simultaneous", "marginal"])
sides = st.sampled_from(["both", "low", "high"])
options = st.fixed_dictionaries({"kind": kinds, "side": sides, "step_down": st.booleans(), "coverage": st.sampled_from([0.1, 0.5, 0.9, 0.99]), "higher_is_better": st.booleans()})


# ---------------------------------------------------------------- other people's figures


@pytest.fixture(scope="module")
def pisa() -> pd.DataFrame:
    """Mathematics scores of PISA 2018 (OECD) and the bounds that csranks 1.2 (Wilhelm; GPL-3) gives for them with 100,000 draws."""
    path = CSRANKS / "pisa2018_math_csranks_R100000.csv"
    if not path.is_file():
        pytest.skip("../shared/refdata is absent")
    return pd.read_csv(path, index_col="jurisdiction")


@pytest.fixture(scope="module")
def drawn(pisa: pd.DataFrame) -> pd.DataFrame:
    return standard_normals(pisa.index, rng=np.random.default_rng(2024), draws=100_000)


@pytest.mark.parametrize(
    ("coverage", "step_down", "columns"),
    [(0.95, True, ("L_simul95", "U_simul95")), (0.75, True, ("L_simul75", "U_simul75")), (0.95, False, ("L_simul95_single", "U_simul95_single"))],
)
def test_simultaneous_sets_of_pisa_agree_with_csranks(pisa: pd.DataFrame, drawn: pd.DataFrame, coverage: float, step_down: bool, columns: tuple[str, str]) -> None:
    """R19: 76 of 76 bounds."""
    found = rank_sets(pisa["score"], pisa["se"], normals=drawn, coverage=coverage, step_down=step_down)
    assert found["rank"].tolist() == pisa["rank"].tolist()
    assert found["low"].tolist() == pisa[columns[0]].tolist()
    assert found["high"].tolist() == pisa[columns[1]].tolist()


def test_marginal_sets_of_pisa_agree_with_csranks(pisa: pd.DataFrame, drawn: pd.DataFrame) -> None:
    """R19: all bounds but at most one, the United Kingdom's best rank, which is 7 or 8 as the draws fall: the published set is 13 [7 or 8, 23]."""
    found = rank_sets(pisa["score"], pisa["se"], normals=drawn, kind="marginal")
    others = found.index != "United Kingdom"
    assert found.loc[others, "low"].tolist() == pisa.loc[others, "L_marg95"].tolist()
    assert found["high"].tolist() == pisa["U_marg95"].tolist()
    assert found.loc["United Kingdom"].tolist() in ([13, 7, 23], [13, 8, 23])


def test_best_and_worst_five_of_pisa_agree_with_csranks(pisa: pd.DataFrame, drawn: pd.DataFrame) -> None:
    """R19: 12 countries may be among the five best at 95 %, without Sweden at 90 %; and the file's worst five."""
    best = tau_best(pisa["score"], pisa["se"], tau=5, normals=drawn).index.tolist()
    assert len(best) == 12
    assert best == pisa.index[pisa["top5_cs95"]].tolist()
    assert tau_best(pisa["score"], pisa["se"], tau=5, normals=drawn, coverage=0.9).index.tolist() == [unit for unit in best if unit != "Sweden"]
    assert tau_worst(pisa["score"], pisa["se"], tau=5, normals=drawn).index.tolist() == pisa.index[pisa["worst5_cs95"]].tolist()


@pytest.mark.parametrize(
    ("omega", "up", "expected"),
    [
        (0.0, True, [8, 7, 4, 4, 4, 2, 2, 1]),
        (0.5, True, [8, 7, 5, 5, 5, 2.5, 2.5, 1]),
        (0.4, False, [1, 2, 3.8, 3.8, 3.8, 6.4, 6.4, 8]),
    ],
)
def test_places_of_equals_agree_with_csranks(omega: float, up: bool, expected: list[float]) -> None:
    """R20, vectors of csranks' tests (Mogstad, Romano, Shaikh, Wilhelm)."""
    assert places_of(np.array([1.0, 3, 4, 4, 4, 7, 7, 10]), omega=omega, higher_is_better=up).tolist() == pytest.approx(expected)


@pytest.mark.parametrize(("omega", "expected"), [(0.0, [3, 5, 6, 1, 2, 3]), (0.5, [3.5, 5, 6, 1, 2, 3.5]), (1.0, [4, 5, 6, 1, 2, 4])])
def test_places_agree_with_csranks(omega: float, expected: list[float]) -> None:
    """R20, vectors of csranks' manual."""
    assert places_of(np.array([4.0, 3, 1, 10, 8, 4]), omega=omega).tolist() == expected


def test_two_units_are_told_apart_beyond_the_normal_quantile() -> None:
    """Two units have one difference: its two-sided critical value at 95 % is 1.96 standard deviations."""
    normals = standard_normals(["01", "02"], rng=np.random.default_rng(1), draws=200_000)
    errors = pd.Series({"01": 3.0, "02": 4.0})
    for gap, high in ((1.94, 2.0), (1.98, 1.0)):
        found = rank_sets(pd.Series({"01": 5 * gap, "02": 0.0}), errors, normals=normals)
        assert found.loc["01"].tolist() == [1.0, 1.0, high]


@pytest.mark.parametrize(("kind", "least"), [("simultaneous", 0.85), ("marginal", 0.85)])
def test_sets_cover_the_true_ranks_as_often_as_they_say(kind: str, least: float) -> None:
    """200 worlds of 10 units, 90 % sets: simultaneous ones hold all true ranks of a world, marginal ones that of each unit, in at least 85 %."""
    rng = np.random.default_rng(11)
    units = pd.Index([f"{number:02}" for number in range(10)])
    normals = standard_normals(units, rng=rng, draws=2_000)
    covered = []
    for _ in range(200):
        true, errors = pd.Series(rng.normal(0, 1.5, 10), index=units), pd.Series(rng.uniform(0.3, 1.2, 10), index=units)
        found = rank_sets(true + errors * rng.standard_normal(10), errors, normals=normals, coverage=0.9, kind=kind)
        places = places_of(true.to_numpy())
        inside = (found["low"] <= places) & (places <= found["high"])
        covered.append(inside.all() if kind == "simultaneous" else inside.mean())
    assert np.mean(covered) >= least


@pytest.mark.parametrize("step_down", [True, False])
def test_no_direction_is_claimed_where_all_are_equal(step_down: bool) -> None:
    """Where nothing differs, some unit is set apart from another in no more than about one world of ten, at 90 %."""
    rng = np.random.default_rng(12)
    units = pd.Index([f"{number:02}" for number in range(6)])
    normals, ones = standard_normals(units, rng=rng, draws=2_000), pd.Series(1.0, index=units)
    wrong = [rank_sets(pd.Series(rng.standard_normal(6), index=units), ones, normals=normals, coverage=0.9, step_down=step_down) for _ in range(200)]
    assert np.mean([(sets["high"] - sets["low"]).min() < 5 for sets in wrong]) <= 0.15


# ---------------------------------------------------------------- laws


@given(worlds(), options)
def test_set_holds_the_rank_and_stays_among_the_units(world: World, chosen: dict[str, Any]) -> None:
    found = world.sets(**chosen)
    assert ((found["low"] >= 1) & (found["low"] <= found["rank"]) & (found["rank"] <= found["high"]) & (found["high"] <= len(found))).all()
    assert found["rank"].tolist() == places_of(world.scores.to_numpy(), higher_is_better=chosen["higher_is_better"]).tolist()


@given(worlds(), options)
def test_sets_grow_with_coverage(world: World, chosen: dict[str, Any]) -> None:
    tight, wide = (world.sets(**(chosen | {"coverage": coverage})) for coverage in (0.6, 0.95))
    assert ((wide["low"] <= tight["low"]) & (tight["high"] <= wide["high"])).all()


@given(worlds(), options)
def test_simultaneous_sets_hold_the_marginal_ones(world: World, chosen: dict[str, Any]) -> None:
    one, all_ = (world.sets(**(chosen | {"kind": kind})) for kind in ("marginal", "simultaneous"))
    assert ((all_["low"] <= one["low"]) & (one["high"] <= all_["high"])).all()


@given(worlds(), options)
def test_steps_never_widen_a_set(world: World, chosen: dict[str, Any]) -> None:
    stepped, single = (world.sets(**(chosen | {"step_down": step_down})) for step_down in (True, False))
    assert ((single["low"] <= stepped["low"]) & (stepped["high"] <= single["high"])).all()


@given(worlds(), options, st.randoms(use_true_random=False))
def test_order_of_units_does_not_matter(world: World, chosen: dict[str, Any], random: Any) -> None:
    order = random.sample(list(world.scores.index), len(world.scores))
    found = rank_sets(world.scores[order], world.errors, normals=world.normals[random.sample(order, len(order))], **chosen)
    pd.testing.assert_frame_equal(found, world.sets(**chosen).loc[order])
    seeded = [rank_sets(scores, world.errors, rng=np.random.default_rng(3), draws=50, **chosen) for scores in (world.scores, world.scores[order])]
    pd.testing.assert_frame_equal(seeded[1], seeded[0].loc[order])


@given(worlds(), options)
def test_names_do_not_matter(world: World, chosen: dict[str, Any]) -> None:
    names = {unit: f"x{unit}" for unit in world.scores.index}
    found = rank_sets(world.scores.rename(names), world.errors.rename(names), normals=world.normals.rename(columns=names), **chosen)
    assert found.to_numpy().tolist() == world.sets(**chosen).to_numpy().tolist()


@given(worlds(), options)
def test_flipping_scores_and_direction_changes_nothing(world: World, chosen: dict[str, Any]) -> None:
    flipped = rank_sets(-world.scores, world.errors, normals=world.normals, **(chosen | {"higher_is_better": not chosen["higher_is_better"]}))
    pd.testing.assert_frame_equal(flipped, world.sets(**chosen))


@given(worlds(), options, st.sampled_from([0.25, 4.0]))
def test_unit_of_measure_does_not_matter(world: World, chosen: dict[str, Any], factor: float) -> None:
    found = rank_sets(7 + factor * world.scores, factor * world.errors, normals=world.normals, **chosen)
    pd.testing.assert_frame_equal(found, world.sets(**chosen))


@given(worlds(), options)
def test_a_side_that_is_not_asked_for_is_open_and_the_other_is_no_wider(world: World, chosen: dict[str, Any]) -> None:
    both, low, high = (world.sets(**(chosen | {"side": side, "step_down": False})) for side in ("both", "low", "high"))
    assert (low["high"] == len(low)).all()
    assert (high["low"] == 1).all()
    assert (low["low"] >= both["low"]).all()
    assert (high["high"] <= both["high"]).all()
    if chosen["kind"] == "simultaneous":
        assert low["low"].tolist() == both["low"].tolist()


@given(worlds(), options, st.data())
def test_sets_for_some_units_lie_between_marginal_and_simultaneous_ones(world: World, chosen: dict[str, Any], data: st.DataObject) -> None:
    """Their marginal sets are those of the whole table; together they allow for fewer comparisons than all units."""
    some = data.draw(st.lists(st.sampled_from(list(world.scores.index)), min_size=1, unique=True))
    one, part, every = (world.sets(**(chosen | more)) for more in ({"kind": "marginal"}, {"kind": "simultaneous", "units": some}, {"kind": "simultaneous"}))
    pd.testing.assert_frame_equal(world.sets(**(chosen | {"kind": "marginal", "units": some})), one.loc[some])
    assert part.index.tolist() == some
    for wide, tight in ((every.loc[some], part), (part, one.loc[some])):
        assert ((wide["low"] <= tight["low"]) & (tight["high"] <= wide["high"])).all()


@given(worlds(), options)
def test_bonferroni_takes_steps_and_sides_as_draws_do(world: World, chosen: dict[str, Any]) -> None:
    """Holm's sets lie within Bonferroni's, marginal ones within simultaneous ones, and hold the rank."""
    holm, plain = (world.sets(**(chosen | {"normals": None, "adjustment": "bonferroni", "step_down": step_down})) for step_down in (True, False))
    one = world.sets(**(chosen | {"normals": None, "adjustment": "bonferroni", "step_down": False, "kind": "marginal"}))
    for wide, tight in ((plain, holm), (plain, one)):
        assert ((wide["low"] <= tight["low"]) & (tight["high"] <= wide["high"])).all()
    assert ((holm["low"] <= holm["rank"]) & (holm["rank"] <= holm["high"])).all()


def test_one_sided_bound_of_one_of_two_is_the_one_sided_quantile() -> None:
    """One difference, one direction: 1.645 standard deviations at 95 %, by Bonferroni and by draws; both directions need 1.960."""
    normals = standard_normals(["01", "02"], rng=np.random.default_rng(1), draws=200_000)
    errors = pd.Series({"01": 3.0, "02": 4.0})
    for options in ({"normals": normals}, {"adjustment": "bonferroni"}):
        for side, gap, low in (("low", 1.62, 1.0), ("low", 1.67, 2.0), ("both", 1.94, 1.0), ("both", 1.98, 2.0)):
            found = rank_sets(pd.Series({"01": 0.0, "02": 5 * gap}), errors, kind="marginal", side=side, **options)  # type: ignore[arg-type]
            assert found.loc["01"].tolist() == [2.0, low, 2.0]


def test_holms_sets_of_pisa_hold_those_of_the_draws(pisa: pd.DataFrame) -> None:
    """Sharing the error evenly is cautious: of 76 bounds 7 are wider than csranks', none tighter."""
    found = rank_sets(pisa["score"], pisa["se"], adjustment="bonferroni")
    wider = (found["low"] < pisa["L_simul95"]).sum() + (found["high"] > pisa["U_simul95"]).sum()
    assert wider == 7
    assert ((found["low"] <= pisa["L_simul95"]) & (found["high"] >= pisa["U_simul95"])).all()


@given(worlds(), kinds)
def test_without_errors_a_set_is_the_block_of_equals(world: World, kind: str) -> None:
    found = rank_sets(world.scores, world.errors * 0, normals=world.normals, kind=kind)
    assert found["low"].tolist() == places_of(world.scores.to_numpy(), omega=0.0).tolist()
    assert found["high"].tolist() == places_of(world.scores.to_numpy(), omega=1.0).tolist()


@given(worlds(), options)
def test_independent_errors_are_a_covariance_without_covariances(world: World, chosen: dict[str, Any]) -> None:
    matrix = pd.DataFrame(np.diag(world.errors**2), index=world.errors.index, columns=world.errors.index)
    found = rank_sets(world.scores, covariance=matrix, normals=world.normals, **chosen)
    pd.testing.assert_frame_equal(found, world.sets(**chosen))


@given(worlds(), options)
def test_a_far_worse_unit_raises_nobodys_best_rank(world: World, chosen: dict[str, Any]) -> None:
    """It is behind everyone, adds to no count of better ones, and cannot lower the critical value: that it might be better after all stays among the hypotheses."""
    chosen |= {"side": "both"}
    away = -1e6 if chosen["higher_is_better"] else 1e6
    normals = world.normals.assign(zz=standard_normals(["zz"], rng=np.random.default_rng(5), draws=200)["zz"])
    scores, errors = pd.concat([world.scores, pd.Series({"zz": away})]), pd.concat([world.errors, pd.Series({"zz": 1.0})])
    found, before = rank_sets(scores, errors, normals=normals, **chosen), world.sets(**chosen)
    assert found.loc["zz"].tolist() == [len(scores)] * 3
    assert (found["low"].iloc[:-1] <= before["low"]).all()
    assert (found["high"].iloc[:-1] >= before["high"]).all()
    assert (found["high"].iloc[:-1] < len(scores)).all()


@given(worlds(), options)
def test_a_certain_and_far_worse_unit_changes_no_marginal_set_of_the_certain(world: World, chosen: dict[str, Any]) -> None:
    scores, errors = pd.concat([world.scores, pd.Series({"zz": -1e6})]), pd.concat([world.errors, pd.Series({"zz": 0.0})])
    chosen |= {"kind": "marginal", "side": "both", "higher_is_better": True}
    found, before = rank_sets(scores, errors, normals=world.normals.assign(zz=0.0), **chosen), world.sets(**chosen)
    certain = world.errors.index[world.errors == 0]
    pd.testing.assert_frame_equal(found.loc[certain], before.loc[certain])


@given(worlds(least=2), options, st.data())
def test_missing_score_has_no_set_and_is_not_among_the_others(world: World, chosen: dict[str, Any], data: st.DataObject) -> None:
    gone = data.draw(st.sampled_from(list(world.scores.index)))
    scores = world.scores.mask(world.scores.index == gone)
    found = rank_sets(scores, world.errors.drop(gone), normals=world.normals, **chosen)
    assert found.loc[gone].isna().all()
    pd.testing.assert_frame_equal(found.drop(gone), rank_sets(world.scores.drop(gone), world.errors, normals=world.normals, **chosen))


@given(worlds(), st.data())
def test_the_best_and_worst_are_those_whose_sets_reach_so_far(world: World, data: st.DataObject) -> None:
    tau = data.draw(st.integers(1, len(world.scores)))
    sets = world.sets()
    best, worst = (of(world.scores, world.errors, tau=tau, normals=world.normals) for of in (tau_best, tau_worst))
    assert set(best.index) == set(sets.index[sets["low"] <= tau])
    assert set(worst.index) == set(sets.index[sets["high"] >= len(sets) - tau + 1])
    assert set(sets.index[sets["rank"] <= tau]) <= set(best.index)
    assert best["rank"].is_monotonic_increasing
    mirrored = tau_worst(-world.scores, world.errors, tau=tau, normals=-world.normals)
    assert set(mirrored.index) == set(best.index)


# ---------------------------------------------------------------- by hand


def test_certain_unit_among_certain_ones_has_one_rank() -> None:
    """01, 04 and 05 are certain and lie apart; 02 and 03 are one point apart with errors of 2, and far from the others."""
    errors = pd.Series({"01": 0.0, "02": 0.2, "03": 0.6, "04": 0.0, "05": 0.0})
    found = rank_sets(FIVE, errors, rng=np.random.default_rng(1))
    assert found.to_numpy().tolist() == [[1, 1, 1], [2, 2, 3], [3, 2, 3], [4, 4, 4], [5, 5, 5]]


def test_scores_closer_than_the_tolerance_are_equal() -> None:
    found = rank_sets(pd.Series([1.0, 1.0 + 1e-10, 2.0]), pd.Series([0.0, 0, 0]), rng=np.random.default_rng(1), draws=10)
    assert found.to_numpy().tolist() == [[2, 2, 3], [2, 2, 3], [1, 1, 1]]


def test_errors_in_common_do_not_blur_a_difference() -> None:
    """Both scores move together: the standard deviation of the difference is 0, and the order is certain; independent errors of the same size leave it open."""
    scores, units = pd.Series({"01": 1.0, "02": 0.0}), ["01", "02"]
    together = pd.DataFrame(4.0, index=units, columns=units)
    assert rank_sets(scores, covariance=together, rng=np.random.default_rng(1)).to_numpy().tolist() == [[1, 1, 1], [2, 2, 2]]
    assert rank_sets(scores, pd.Series(2.0, index=units), rng=np.random.default_rng(1)).to_numpy().tolist() == [[1, 1, 2], [2, 1, 2]]


def test_no_scored_unit_has_no_sets() -> None:
    assert rank_sets(pd.Series([np.nan], index=["01"]), pd.Series(dtype="float64"), rng=np.random.default_rng(1), draws=5).isna().all(axis=None)
    assert rank_sets(pd.Series(dtype="float64"), pd.Series(dtype="float64"), rng=np.random.default_rng(1), draws=5).empty


def test_nothing_given_is_changed() -> None:
    scores, errors = FIVE.iloc[::-1], pd.Series(1.0, index=FIVE.index)
    normals = standard_normals(FIVE.index, rng=np.random.default_rng(1), draws=20)
    before = [scores.copy(), errors.copy(), normals.copy()]
    rank_sets(scores, errors, normals=normals, higher_is_better=False)
    assert all(now.equals(then) for now, then in zip([scores, errors, normals], before, strict=True))


def test_many_units_go_through_in_parts() -> None:
    """More cells than are looked at together: the sets are those of one part."""
    rng, units = np.random.default_rng(1), [f"{number:03}" for number in range(40)]
    scores, errors = pd.Series(rng.normal(0, 3, 40), index=units), pd.Series(rng.uniform(0, 1, 40), index=units)
    normals = standard_normals(units, rng=rng, draws=500)
    whole = rank_sets(scores, errors, normals=normals)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys.modules["par_analysis.metrics.rank_sets"], "_CELLS", 1)
        pd.testing.assert_frame_equal(rank_sets(scores, errors, normals=normals), whole)


# ---------------------------------------------------------------- requests that make no sense

ONES = pd.Series(1.0, index=FIVE.index)
NORMALS = standard_normals(FIVE.index, rng=np.random.default_rng(1), draws=10)
SQUARE = pd.DataFrame(np.eye(5), index=FIVE.index, columns=FIVE.index)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"standard_errors": None}, "one of the two"),
        ({"covariance": SQUARE}, "one of the two"),
        ({"normals": None}, "one of the two"),
        ({"rng": np.random.default_rng(1)}, "one of the two"),
        ({"coverage": 95}, "coverage 95"),
        ({"coverage": float("nan")}, "coverage nan"),
        ({"scores": pd.concat([FIVE, FIVE.iloc[[1]]])}, "duplicated units: 02"),
        ({"adjustment": "bonferroni"}, "bonferroni takes no draws"),
        ({"units": ["01", "01"]}, "duplicated units: 01"),
        ({"scores": FIVE.replace(91.0, np.inf)}, "not finite: 01"),
        ({"standard_errors": ONES.drop("03")}, "finite standard error of 0 or more: 03"),
        ({"standard_errors": ONES.replace({1.0: -1.0})}, "01, 02, 03, 04, 05"),
        ({"standard_errors": pd.concat([ONES, ONES])}, "duplicated units: 01, 02, 03, 04, 05"),
        ({"normals": NORMALS.drop(columns="04")}, "no draws for: 04"),
        ({"normals": NORMALS.iloc[:0]}, "missing or not finite"),
        ({"normals": NORMALS.mask(NORMALS > 1)}, "missing or not finite"),
        ({"normals": None, "rng": np.random.default_rng(1), "draws": 0}, "draws = 0"),
        ({"standard_errors": None, "covariance": SQUARE.drop(columns="02")}, "covariance with every other unit: 01, 02, 03, 04, 05"),
        ({"standard_errors": None, "covariance": -SQUARE}, "not symmetric with eigenvalues of 0 or more"),
        ({"standard_errors": None, "covariance": SQUARE + np.triu(np.ones((5, 5)), 1)}, "not symmetric"),
    ],
)
def test_bad_request_is_refused(change: dict[str, Any], says: str) -> None:
    with pytest.raises(RequestError, match=says):
        rank_sets(**({"scores": FIVE, "standard_errors": ONES, "normals": NORMALS} | change))


def test_unknown_kind_is_refused() -> None:
    with pytest.raises(UnknownName, match="did you mean 'marginal'"):
        rank_sets(FIVE, ONES, normals=NORMALS, kind="margin")
    with pytest.raises(UnknownName, match="unknown side of a rank set 'left'"):
        rank_sets(FIVE, ONES, normals=NORMALS, side="left")
    with pytest.raises(UnknownName, match="unknown adjustment 'holm'"):
        rank_sets(FIVE, ONES, normals=NORMALS, adjustment="holm")
    with pytest.raises(UnknownName, match="unknown unit '09'"):
        rank_sets(FIVE, ONES, normals=NORMALS, units=["01", "09"])


@pytest.mark.parametrize("tau", [0, 6, 1.5])
def test_more_best_than_units_is_refused(tau: int) -> None:
    with pytest.raises(RequestError, match=f"tau {tau} is not between 1 and 5"):
        tau_best(FIVE, ONES, tau=tau, normals=NORMALS)
    with pytest.raises(RequestError, match=f"tau {tau} is not between 1 and 5"):
        tau_worst(FIVE, ONES, tau=tau, normals=NORMALS)
