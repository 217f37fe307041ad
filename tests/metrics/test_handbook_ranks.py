"""Ranks of the Technology Achievement Index under four sets of weights, as the Handbook prints them."""

from __future__ import annotations

import pandas as pd
import pytest

from par_analysis.metrics.ranks import rank
from tests.conftest import SHARED

TAI = SHARED / "refdata" / "oecd_tai"


def ranks_and_printed(weights: str) -> pd.DataFrame:
    """Ranks recomputed and printed, by country. Normalised by the goalposts of the index, not above 1; the totals are weighted sums."""
    if not TAI.is_dir():
        pytest.skip("../shared/refdata is absent")
    raw, posts, by_set, printed = (pd.read_csv(TAI / f"TAI_{name}.csv", index_col=0) for name in ("raw_23", "hdr2001_goalposts", "weights_table22", "ranks_table23"))
    shares = ((raw - posts["goalpost_min"]) / (posts["goalpost_max"] - posts["goalpost_min"])).clip(upper=1)
    totals = shares.mul(by_set[weights]).sum(axis=1)
    return pd.DataFrame({"computed": rank(totals), "printed": printed[weights]})


@pytest.mark.parametrize(("weights", "differ", "largest"), [("EW", 0, 0), ("BAP", 0, 0), ("FA", 4, 1), ("AHP", 3, 2)])
def test_ranks_agree_with_table_23(weights: str, differ: int, largest: int) -> None:
    """OECD/JRC Handbook (2008), Tables 22 and 23, p. 100; R12. Equal weights and budget allocation agree for 23 of 23 countries; with the weights of the factor analysis four
    differ by one place, with those of the hierarchy process three by at most two. Those weights are printed to two digits (AHP sums to 1.01), the others are exact.

    The table follows from the goalposts of the Human Development Report 2001, values beyond them held at 1. With the lowest and highest of the 23 countries as limits only 11 of
    23 ranks under equal weights agree, with goalposts not held at 1 only 18."""
    found = ranks_and_printed(weights)
    away = (found["computed"] - found["printed"]).abs()
    assert len(found) == 23
    assert (away > 0).sum() == differ
    assert away.max() == largest
