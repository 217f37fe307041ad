"""Trees of indices: effective weights, faults, removals, laws, and the weights that another package finds."""

from __future__ import annotations

import pickle

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from par_analysis.errors import RequestError, UnknownName
from par_analysis.metrics.ranks import rank
from par_analysis.metrics.trees import Tree, effective_weights, tree_of, tree_of_maxima, tree_table, without
from tests.conftest import SHARED
from tests.metrics.made_trees import tree_tables

COINR = SHARED / "refdata" / "coinr"


def table(*rows: tuple[object, ...]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["node", "parent", "weight", "direction"][: len(rows[0])])


HAND = table(("total", "", None), ("a", "total", 3), ("b", "total", 1), ("c", "total", 0), ("a1", "a", 1), ("a2", "a", 1), ("b1", "b", 7))


def test_effective_weights_by_hand() -> None:
    """Weights 3 : 1 : 0 under the total, two equal leaves under a, a single one under b."""
    assert effective_weights(tree_of(HAND)).to_dict() == {"total": 1, "a": 0.75, "b": 0.25, "c": 0, "a1": 0.375, "a2": 0.375, "b1": 0.25}


def test_a_tree_tells_its_shape() -> None:
    tree = tree_of(HAND)
    assert (tree.root, tree.leaves, tree.levels) == ("total", ("c", "a1", "a2", "b1"), (("total",), ("a", "b", "c"), ("a1", "a2", "b1")))
    assert (tree.children("a"), tree.children("b1"), tree.parent("a1"), tree.parent("total"), tree.weight("b1")) == (("a1", "a2"), (), "a", "", 7)


def test_a_lone_node_is_a_tree() -> None:
    tree = tree_of(table(("total", None, None)))
    assert (tree.leaves, effective_weights(tree).to_dict()) == (("total",), {"total": 1.0})


def test_directions_are_those_given_and_else_up() -> None:
    tree = tree_of(table(("total", "", 1, 1), ("a", "total", 1, -1), ("b", "total", 1, 1)))
    assert tree.leaf_directions == {"a": -1, "b": 1}
    assert set(tree_of(HAND).directions) == {1}


def test_a_tree_survives_pickling_and_is_a_key() -> None:
    tree = tree_of(HAND)
    assert tree.leaves
    assert {tree: 1}[pickle.loads(pickle.dumps(tree))] == 1


@pytest.mark.skipif(not COINR.exists(), reason="../shared/refdata is absent")
def test_effective_weights_agree_with_coinr() -> None:
    """ASEM example of COINr 1.1 (Becker, MIT), ``get_eff_weights``: Goods .02, Renew .0333333, four levels."""
    tree = asem()
    expected = pd.read_csv(COINR / "ASEM_effective_weights.csv").set_index("iCode")["EffWeight"]
    found = effective_weights(tree)
    assert (found - expected).abs().max() < 1e-12
    assert found[["Goods", "Renew"]].tolist() == pytest.approx([0.02, 1 / 30], abs=1e-12)
    assert [found[list(level)].sum() for level in tree.levels] == pytest.approx([1, 1, 1, 1], abs=1e-12)


def asem() -> Tree:
    """The tree of COINr's example."""
    meta = pd.read_csv(COINR / "ASEM_iMeta.csv").dropna(subset=["Level"])
    return tree_of(meta.rename(columns={"iCode": "node", "Parent": "parent", "Weight": "weight", "Direction": "direction"}))


REMOVED = {"Physical": 1.529412, "ConEcFin": 2.627451, "Political": 2.901961, "Instit": 1.176471, "P2P": 1.686275, "Environ": 3.098039, "Social": 3.960784, "SusEcFin": 2.627451}


@pytest.mark.skipif(not COINR.exists(), reason="../shared/refdata is absent")
@pytest.mark.parametrize("pillar", REMOVED)
def test_mean_rank_change_without_a_pillar_agrees_with_coinr(pillar: str) -> None:
    """ASEM example of COINr 1.1 (MIT), ``remove_elements`` on level 2."""
    leaves = pd.read_csv(COINR / "ASEM_coin_Normalised.csv", index_col="uCode")[list(asem().leaves)]
    ranks = [rank(leaves @ effective_weights(tree)[list(tree.leaves)]) for tree in (asem(), without(asem(), pillar))]
    assert (ranks[1] - ranks[0]).abs().mean() == pytest.approx(REMOVED[pillar], abs=5e-7)


@given(tree_tables())
def test_effective_weights_sum_to_one_on_every_level(rows: pd.DataFrame) -> None:
    tree, found = tree_of(rows), effective_weights(tree_of(rows))
    above: set[str] = set()
    for level in tree.levels:
        assert found[[*level, *above]].sum() == pytest.approx(1, abs=1e-12)
        above |= set(level) & set(tree.leaves)
    assert found[list(tree.leaves)].sum() == pytest.approx(1, abs=1e-12)


@given(tree_tables(), st.data())
def test_scaling_the_weights_of_siblings_changes_nothing(rows: pd.DataFrame, data: st.DataObject) -> None:
    group, factor = data.draw(st.sampled_from(sorted(set(rows["parent"])))), data.draw(st.floats(0.01, 100))
    scaled = rows.assign(weight=rows["weight"].where(rows["parent"] != group, rows["weight"] * factor))
    pd.testing.assert_series_equal(effective_weights(tree_of(scaled)), effective_weights(tree_of(rows)), rtol=1e-12)


@given(tree_tables(), st.randoms(use_true_random=False))
def test_order_of_rows_does_not_matter(rows: pd.DataFrame, random: object) -> None:
    shuffled = rows.sample(frac=1, random_state=random.randint(0, 9999))  # type: ignore[attr-defined]
    pd.testing.assert_series_equal(effective_weights(tree_of(shuffled)).sort_index(), effective_weights(tree_of(rows)).sort_index(), check_exact=True)


@given(tree_tables())
def test_the_table_of_a_tree_makes_the_same_tree(rows: pd.DataFrame) -> None:
    tree = tree_of(rows)
    found = tree_table(tree)
    assert tree_of(found) == tree
    assert found["effective_weight"].tolist() == effective_weights(tree).tolist()
    assert found["level"].tolist() == [next(level for level, nodes in enumerate(tree.levels) if node in nodes) for node in tree.nodes]


def test_input_is_left_alone() -> None:
    before = HAND.copy(deep=True)
    tree_of(HAND)
    pd.testing.assert_frame_equal(HAND, before)


@given(tree_tables(), st.data())
def test_without_a_node_the_others_keep_their_proportions(rows: pd.DataFrame, data: st.DataObject) -> None:
    tree = tree_of(rows)
    node = data.draw(st.sampled_from([node for node in tree.nodes if node != tree.root]))
    old = effective_weights(tree)
    if old[node] > 1 - 1e-12:
        return
    new = effective_weights(without(tree, node))
    assert new[node] == 0
    assert new[list(tree.leaves)].sum() == pytest.approx(1, abs=1e-12)
    siblings = [sibling for sibling in tree.children(tree.parent(node)) if sibling != node and new[sibling] > 0]
    assert all(new[sibling] * old[siblings[0]] == pytest.approx(old[sibling] * new[siblings[0]], abs=1e-12) for sibling in siblings)


def test_with_the_last_of_a_group_the_group_goes() -> None:
    found = effective_weights(without(tree_of(HAND), "b1"))
    assert found[["b", "b1", "a", "a1"]].tolist() == [0, 0, 1, 0.5]


def test_a_group_emptied_child_by_child_goes_too() -> None:
    assert effective_weights(without(without(tree_of(HAND), "a1"), "a2"))[["a", "a1", "a2", "b1"]].tolist() == [0, 0, 0, 1]


def test_a_tree_without_a_group_can_be_made_into_a_table_and_back() -> None:
    tree = without(tree_of(HAND), "b1")
    assert tree_of(tree_table(tree)) == tree


@pytest.mark.parametrize("node", ["total", "a"])
def test_nothing_may_not_be_left(node: str) -> None:
    tree = without(tree_of(HAND), "b")
    with pytest.raises(RequestError, match="nothing is left of 'total'"):
        without(tree, node)


def test_unknown_node_suggests_a_known_one() -> None:
    tree = tree_of(table(("total", "", 1), ("domain:1", "total", 1)))
    for ask in (tree.children, tree.parent, tree.weight, tree.shares, lambda node: without(tree, node)):
        with pytest.raises(UnknownName, match="did you mean 'domain:1'"):
            ask("domain1")


FAULTS = {
    "no root": table(("a", "b", 1), ("b", "a", 1)),
    "2 roots: 'a', 'b'": table(("a", "", 1), ("b", "", 1)),
    "cycle: 'a' → 'b' → 'a'": table(("total", "", 1), ("a", "b", 1), ("b", "a", 1)),
    "cycle: 'a' → 'a'": table(("total", "", 1), ("a", "a", 1)),
    "unknown parent 'x' of 'a'": table(("total", "", 1), ("a", "x", 1)),
    "'a' stands 2 times": table(("total", "", 1), ("a", "total", 1), ("a", "total", 2)),
    "weight of 'a' is -1": table(("total", "", 1), ("a", "total", -1)),
    "weight of 'a' is missing": table(("total", "", 1), ("a", "total", None)),
    "weight of 'a' is inf": table(("total", "", 1), ("a", "total", float("inf"))),
    "the weights below 'total' sum to 0": table(("total", "", 1), ("a", "total", 0), ("b", "total", 0)),
    "direction of 'a' is 0, not 1 or -1": table(("total", "", 1, 1), ("a", "total", 1, 0)),
    "direction of 'a' is missing": table(("total", "", 1, 1), ("a", "total", 1, None)),
    "a node has no name": table(("total", "", 1), (None, "total", 1)),
    "7 is not text": table(("total", "", 1), (7, "total", 1)),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_named(fault: str) -> None:
    with pytest.raises(RequestError) as met:
        tree_of(FAULTS[fault])
    assert fault in str(met.value)


def test_all_faults_are_named_at_once() -> None:
    with pytest.raises(RequestError) as met:
        tree_of(table(("t", "", 1), ("t2", "", 1), ("a", "t", -2), ("a", "t", 1), ("b", "x", 1), ("c", "d", 0), ("d", "c", 1)))
    assert str(met.value) == (
        "6 faults in the tree: 'a' stands 2 times; 2 roots: 't', 't2'; unknown parent 'x' of 'b'; cycle: 'c' → 'd' → 'c'; weight of 'a' is -2; the weights below 'd' sum to 0"
    )


def test_a_table_without_its_columns_is_refused() -> None:
    with pytest.raises(RequestError, match="lacks parent, weight"):
        tree_of(pd.DataFrame({"node": ["a"]}))


def test_no_rows_are_no_tree() -> None:
    with pytest.raises(RequestError, match="no root"):
        tree_of(HAND.iloc[:0])


PARENTS = {"domain:1": "total", "domain:2": "total", "c:1.1": "domain:1", "c:1.2": "domain:1", "c:2.1": "domain:2"}


def test_maxima_are_weights() -> None:
    tree = tree_of_maxima(PARENTS, {"c:1.1": 2, "c:1.2": 6, "c:2.1": 12})
    assert tree.levels[1] == ("domain:1", "domain:2")
    assert [tree.weight(node) for node in ("total", "domain:1", "domain:2")] == [20, 8, 12]
    assert effective_weights(tree)["c:1.2"] == pytest.approx(0.3)


def test_a_stated_root_is_the_same_tree() -> None:
    maxima = {"c:1.1": 2, "c:1.2": 6, "c:2.1": 12}
    assert tree_of_maxima({"total": "", **PARENTS}, maxima) == tree_of_maxima(PARENTS, {**maxima, "total": 20, "domain:2": float("nan")})


def test_every_maximum_that_does_not_add_up_is_named() -> None:
    with pytest.raises(RequestError) as met:
        tree_of_maxima(PARENTS, {"c:1.1": 2, "c:1.2": 6, "c:2.1": 12, "domain:1": 9, "domain:2": 12, "total": 100})
    assert str(met.value) == (
        "2 faults in the tree: the maximum of 'total' is 100, the maxima of its children sum to 21; the maximum of 'domain:1' is 9, the maxima of its children sum to 8"
    )


def test_rounded_maxima_add_up_within_the_tolerance() -> None:
    thirds = {f"c:{i}": "domain:1" for i in (1, 2, 3)}
    tree = tree_of_maxima(thirds, {**dict.fromkeys(thirds, 3.3333), "domain:1": 10})
    assert tree.weight("domain:1") == 10
    with pytest.raises(RequestError, match="sum to"):
        tree_of_maxima(thirds, {**dict.fromkeys(thirds, 3.3333), "domain:1": 10}, tolerance=1e-6)


def test_all_faults_of_maxima_are_named_at_once() -> None:
    with pytest.raises(RequestError) as met:
        tree_of_maxima({**PARENTS, "x": "y", "y": "x"}, {"c:1.1": -2, "c:1.2": 6, "c:9": 1})
    assert str(met.value) == "4 faults in the tree: cycle: 'x' → 'y' → 'x'; maximum of the unknown node 'c:9'; maximum of 'c:1.1' is -2; maximum of 'c:2.1' is missing"


def test_a_criterion_of_no_points_counts_for_nothing() -> None:
    tree = tree_of_maxima({**PARENTS, "c:3.1": "domain:3", "domain:3": "total"}, {"c:1.1": 2, "c:1.2": 6, "c:2.1": 12, "c:3.1": 0})
    assert effective_weights(tree)[["domain:3", "c:3.1"]].tolist() == [0, 0]
    with pytest.raises(RequestError, match="the weights below 'total' sum to 0"):
        tree_of_maxima({"a": "total"}, {"a": 0})
