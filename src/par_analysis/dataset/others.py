"""The figures of a year of another index, which a page may compare its own with. What is asked for is noted."""

from __future__ import annotations

import pandas as pd

from par_analysis.catalog import Catalog
from par_analysis.dataset.reads import fingerprint, note, of_years, record, tables_of_slices
from par_analysis.errors import DataError
from par_analysis.metrics.figures import empty


def figures_of_year(known: Catalog, code: str, year: int, derived: bool) -> pd.DataFrame:
    """The figures of an index in a year. None where its data cannot be used, which is noted, too: a page about another index does not fail of them, and is out of date
    once they are mended. Raises ``UnknownName`` for an unknown index."""
    (name,) = of_years("figures", code, [year], derived)
    try:
        panel = tables_of_slices(known, code, derived).panel
        note(known, name)
    except DataError:
        record(name, fingerprint(name, known))
        return empty()
    return panel[panel["year"] == year].reset_index(drop=True)
