"""The nodes below the total: domains and parts of a unit's score."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from par_analysis.metrics.changes import CHANGES, change
from par_analysis.metrics.figures import Row, computed, figures, pick, rows_of
from par_analysis.metrics.levels import with_shares
from par_analysis.metrics.moves import places_anew
from par_analysis.model import TOTAL

_MEASURES = ("score", "share_of_max", "rank", "points_lost")


def domain_table(
    panel: pd.DataFrame, *, unit: str, year: int, base: int | None = None, units: Sequence[str] = (), higher_is_better: bool = True, comparable: bool | None = None
) -> pd.DataFrame:
    """All that is known of the unit's domains in a year, by number: ``score``, ``share_of_max`` (computed where score and maximum are known), ``rank``,
    ``points_lost``, and with ``base`` the changes of ``change`` and, after them, the same levels of that year; without it the published changes. Where not the same of the
    ``units`` were ranked in both years, changes of rank are counted among those scored in both (``moves.places_anew``). Empty where no domain is known.

    >>> score = {"index": "par_index", "unit": "30", "year": 2023, "node": "domain:1", "measure": "score", "value": 7.6, "out_of": 9.5, "basis": "published"}
    >>> domain_table(figures([score]), unit="30", year=2023)[["measure", "value"]].values.tolist()
    [['score', 7.6], ['share_of_max', 80.0]]
    """
    return _table(panel, "domain:", unit=unit, year=year, base=base, units=units, higher_is_better=higher_is_better, comparable=comparable)


def part_table(panel: pd.DataFrame, *, unit: str, year: int, base: int | None = None, higher_is_better: bool = True, comparable: bool | None = None) -> pd.DataFrame:
    """The same for the parts of the score (nodes ``part:*``: appraisal, survey …), by name.

    >>> from par_analysis.metrics.figures import empty
    >>> len(part_table(empty(), unit="30", year=2023))
    0
    """
    return _table(panel, "part:", unit=unit, year=year, base=base, units=(), higher_is_better=higher_is_better, comparable=comparable)


def _table(panel: pd.DataFrame, prefix: str, *, unit: str, year: int, base: int | None, units: Sequence[str], higher_is_better: bool, comparable: bool | None) -> pd.DataFrame:
    nodes = _nodes(panel, prefix)
    years = [year] if base is None else [year, base]
    levels = with_shares(pick(panel, unit=unit, year=years, node=nodes, measure=_MEASURES))
    if base is None:
        changes = pick(panel, unit=unit, year=year, node=nodes, measure=CHANGES)
    else:
        changes = _changes(panel, nodes, unit=unit, year=year, base=base, units=units, higher_is_better=higher_is_better, comparable=comparable)
    order = (*_MEASURES, *CHANGES)
    rows: list[Row] = rows_of(levels) + rows_of(changes)
    if not any(row["year"] == year for row in rows):
        return figures([])  # the year before alone is no result of the year
    return figures(sorted(rows, key=lambda row: (_place(str(row["node"])), row["year"] != year, order.index(row["measure"]))))


def _changes(panel: pd.DataFrame, nodes: Sequence[str], *, unit: str, year: int, base: int, units: Sequence[str], higher_is_better: bool, comparable: bool | None) -> pd.DataFrame:
    """The changes on the nodes, those of rank counted anew where not the same units were ranked."""
    plain = change(panel, unit=unit, year=year, base=base, higher_is_better=higher_is_better, comparable=comparable, node=nodes)
    anew = places_anew(panel, unit=unit, year=year, base=base, units=units, nodes=nodes, higher_is_better=higher_is_better) if units else plain.iloc[:0]
    told = set(zip(anew["node"], anew["measure"], strict=True))
    return figures([*(row for row in rows_of(plain) if (row["node"], row["measure"]) not in told), *rows_of(anew)])


def _nodes(panel: pd.DataFrame, prefix: str) -> list[str]:
    return sorted({str(node) for node in panel["node"].unique() if str(node).startswith(prefix)}) if len(panel) else []


def _place(node: str) -> tuple[int, str]:
    """domain:2 before domain:10."""
    number = node.partition(":")[2]
    return (int(number), node) if number.isdigit() else (0, node)


def domain_counts(
    panel: pd.DataFrame,
    *,
    unit: str,
    year: int,
    base: int,
    n_domains: int = 8,
    units: Sequence[str] = (),
    higher_is_better: bool = True,
    tolerance: float = 1e-9,
) -> pd.DataFrame:
    """In how many domains the unit got better, worse, stayed or is unknown: ``domains_up``, ``domains_down``, ``domains_same``, ``domains_unknown``, by rank on
    node ``domains:rank`` and by score on ``domains:score``, out of ``n_domains``; published ``domains_*`` figures on the total follow. Published
    changes count where the values themselves are not both known. Empty where no domain is known in either year.

    >>> from par_analysis.metrics.figures import empty
    >>> len(domain_counts(empty(), unit="30", year=2023, base=2022))
    0
    """
    nodes = _nodes(panel, "domain:")
    changes = _changes(panel, nodes, unit=unit, year=year, base=base, units=units, higher_is_better=higher_is_better, comparable=None)
    known = pick(panel, unit=unit, year=[year, base], node=nodes)
    rows: list[Row] = []
    for by, measures, sign in (("rank", ("rank_change", "percentile_change"), 1.0), ("score", ("score_change",), 1.0 if higher_is_better else -1.0)):
        found = changes[changes["measure"].isin(measures)]
        gain = sign * found["value"].to_numpy(dtype="float64")
        counts = {"up": (gain > tolerance).sum(), "down": (gain < -tolerance).sum(), "same": (abs(gain) <= tolerance).sum(), "unknown": n_domains - len(gain)}
        facts: Row = {"unit": unit, "year": year, "node": f"domains:{by}", "unit_of_measure": "count", "out_of": n_domains, "note": f"against {base}"}
        used = found if len(found) else known
        rows += [computed(used, **facts, measure=f"domains_{name}", value=int(count)) for name, count in counts.items()] if len(known) else []
    published = pick(panel, unit=unit, year=year, node=TOTAL)
    return figures(rows + rows_of(published[published["measure"].str.startswith("domains_")]))
