"""Weights by pairwise judgements: the Handbook's matrix, laws, and what is refused."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from par_analysis.errors import RequestError
from par_analysis.metrics.pairwise_judgements import RANDOM_INDEX, ahp_weights
from tests.conftest import SHARED

TAI = SHARED / "refdata" / "oecd_tai"
positive = st.lists(st.integers(1, 9), min_size=1, max_size=18)
judgement = st.sampled_from([1 / 9, 1 / 5, 1 / 3, 1, 2, 3, 7])


def square(values: np.ndarray) -> pd.DataFrame:
    names = [f"node:{i:02}" for i in range(len(values))]
    return pd.DataFrame(values, index=names, columns=names)


@st.composite
def judgements(draw: st.DrawFn) -> pd.DataFrame:
    """Reciprocal matrices of three to six nodes."""
    size = draw(st.integers(3, 6))
    values = np.ones((size, size))
    for i in range(size):
        for j in range(i + 1, size):
            values[i, j] = draw(judgement)
            values[j, i] = 1 / values[i, j]
    return square(values)


def test_weights_of_the_handbooks_matrix() -> None:
    """OECD/JRC Handbook (2008), Table 20: one expert's judgements on the eight indicators of the Technology Achievement Index; R17, tolerance .0005."""
    if not TAI.is_dir():
        pytest.skip("../shared/refdata is absent")
    found = ahp_weights(pd.read_csv(TAI / "TAI_ahp_pairwise_table20.csv", index_col=0))
    assert found.weights.tolist() == pytest.approx([0.229, 0.135, 0.059, 0.176, 0.039, 0.039, 0.252, 0.072], abs=5e-4)
    assert found.lambda_max == pytest.approx(8.2111, abs=5e-5)
    assert found.consistency_index == pytest.approx(0.2111 / 7, abs=1e-5)
    assert found.consistency_ratio == pytest.approx(0.2111 / 7 / 1.41, abs=1e-5)
    assert found.is_consistent


@given(positive)
def test_consistent_judgements_give_back_their_weights(values: list[int]) -> None:
    given_weights = np.array(values, dtype="float64")
    found = ahp_weights(square(given_weights[:, None] / given_weights))
    assert found.weights.tolist() == pytest.approx((given_weights / given_weights.sum()).tolist())
    assert found.lambda_max == pytest.approx(len(values))
    assert found.consistency_index == pytest.approx(0, abs=1e-9)
    assert np.isnan(found.consistency_ratio) == (len(values) > len(RANDOM_INDEX))


@given(judgements())
def test_weights_are_shares_and_lambda_is_never_below_the_number_of_nodes(matrix: pd.DataFrame) -> None:
    """Saaty (1980): λ >= n for a reciprocal matrix, with equality where it is consistent."""
    found = ahp_weights(matrix)
    assert found.weights.sum() == pytest.approx(1)
    assert (found.weights > 0).all()
    assert found.lambda_max >= len(matrix) - 1e-9
    np.testing.assert_allclose(matrix.to_numpy() @ found.weights.to_numpy(), found.lambda_max * found.weights.to_numpy(), atol=1e-9)


@given(judgements(), st.randoms(use_true_random=False))
def test_order_of_the_nodes_does_not_matter(matrix: pd.DataFrame, random: object) -> None:
    names = list(matrix.index)
    random.shuffle(names)  # type: ignore[attr-defined]
    found, shuffled = ahp_weights(matrix), ahp_weights(matrix.loc[names, names[::-1]])
    pd.testing.assert_series_equal(shuffled.weights.loc[found.weights.index], found.weights)
    assert shuffled.weights.index.tolist() == names
    assert shuffled.lambda_max == found.lambda_max


def test_judgements_in_a_circle_are_not_consistent() -> None:
    """a over b, b over c, c over a, each by 9."""
    found = ahp_weights(square(np.array([[1, 9, 1 / 9], [1 / 9, 1, 9], [9, 1 / 9, 1]])))
    assert not found.is_consistent
    assert found.weights.tolist() == pytest.approx([1 / 3] * 3)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ([[1, 3], [0.5, 1]], "node:00 / node:01 and node:01 / node:00 are no reciprocals"),
        ([[2, 3], [1 / 3, 1]], "node:00 / node:00 is not 1"),
        ([[1, np.nan], [1 / 3, 1]], "node:00 / node:01 is missing"),
        ([[1, -3], [-1 / 3, 0]], "node:00 / node:01 is not above 0; node:01 / node:00 is not above 0; node:01 / node:01 is not above 0"),
    ],
)
def test_judgements_that_cannot_stand_are_all_named(values: list[list[float]], words: str) -> None:
    with pytest.raises(RequestError, match=words) as caught:
        ahp_weights(square(np.array(values)))
    assert caught.value.hint


def test_printed_decimals_pass_with_a_tolerance() -> None:
    assert ahp_weights(square(np.array([[1, 3], [0.33, 1]])), tolerance=0.02).weights.tolist() == pytest.approx([0.75, 0.25], abs=0.005)


@pytest.mark.parametrize("matrix", [pd.DataFrame(), square(np.ones((2, 2))).rename(columns={"node:01": "other"}), square(np.ones((3, 3))).iloc[:2]])
def test_labels_have_to_agree(matrix: pd.DataFrame) -> None:
    with pytest.raises(RequestError, match="same labels"):
        ahp_weights(matrix)
