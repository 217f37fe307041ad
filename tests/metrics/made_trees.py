"""Trees and values made for tests."""

from __future__ import annotations

import pandas as pd
from hypothesis import strategies as st


@st.composite
def tree_tables(draw: st.DrawFn, *, largest: int = 12, lightest: int = 0) -> pd.DataFrame:
    """The table of a tree of any shape, rows in any order; weights of ``lightest`` to 5, in no group all 0."""
    n = draw(st.integers(2, largest))
    above = [-1, *(draw(st.integers(0, i - 1)) for i in range(1, n))]
    weights = [1, *(draw(st.integers(lightest, 5)) for _ in range(1, n))]
    for group in set(above):
        members = [i for i in range(n) if above[i] == group]
        if not sum(weights[i] for i in members):
            weights[members[0]] = 1
    rows = [{"node": f"n{i}", "parent": f"n{above[i]}" if i else "", "weight": float(weights[i]), "direction": draw(st.sampled_from([1, -1]))} for i in range(n)]
    return pd.DataFrame(draw(st.permutations(rows)))


@st.composite
def leaf_values(draw: st.DrawFn, leaves: tuple[str, ...], *, gaps: bool = False) -> pd.DataFrame:
    """Five units × leaves of values between 0.5 and 100, some of them missing where ``gaps``."""
    number = st.floats(0.5, 100)
    cell = st.one_of(st.none(), number) if gaps else number
    rows = draw(st.lists(st.lists(cell, min_size=len(leaves), max_size=len(leaves)), min_size=5, max_size=5))
    return pd.DataFrame(rows, index=["01", "02", "03", "04", "05"], columns=list(leaves), dtype="float64")
