"""The nodes below the total: domains and parts of a unit's score."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from par_analysis.metrics.changes import CHANGES, change_rows
from par_analysis.metrics.figures import Row, computed, figures, of_measure
from par_analysis.metrics.levels import with_shares
from par_analysis.metrics.lookup import Figure, Lookup, lookup
from par_analysis.metrics.moves import moves_anew
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
    known = lookup(panel)
    nodes = _nodes(known, prefix)
    years = [year] if base is None else [year, base]
    levels = with_shares(known.rows(unit=unit, year=years, node=nodes, measure=_MEASURES))
    if base is None:
        changes = known.rows(unit=unit, year=year, node=nodes, measure=CHANGES)
    else:
        changes = _changes(known, nodes, unit=unit, year=year, base=base, units=units, higher_is_better=higher_is_better, comparable=comparable)
    order = (*_MEASURES, *CHANGES)
    rows = [*levels, *changes]
    if not any(row["year"] == year for row in rows):
        return figures([])  # the year before alone is no result of the year
    return figures(sorted(rows, key=lambda row: (_place(str(row["node"])), row["year"] != year, order.index(row["measure"]))))


def _changes(known: Lookup, nodes: Sequence[str], *, unit: str, year: int, base: int, units: Sequence[str], higher_is_better: bool, comparable: bool | None) -> list[Figure]:
    """The changes on the nodes, those of rank counted anew where not the same units were ranked."""
    plain = change_rows(known, unit=unit, year=year, base=base, higher_is_better=higher_is_better, comparable=comparable, node=nodes)
    anew = moves_anew(known, unit=unit, year=year, base=base, units=units, nodes=nodes, higher_is_better=higher_is_better) if units else []
    told = {(row["node"], row["measure"]) for row in anew}
    return [*(row for row in plain if (row["node"], row["measure"]) not in told), *anew]


def _nodes(known: Lookup, prefix: str) -> list[str]:
    return sorted(node for node in map(str, known.places["node"]) if node.startswith(prefix))


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
    known = lookup(panel)
    nodes = _nodes(known, "domain:")
    changes = _changes(known, nodes, unit=unit, year=year, base=base, units=units, higher_is_better=higher_is_better, comparable=None)
    levels = known.rows(unit=unit, year=[year, base], node=nodes)
    rows: list[Figure] = []
    for by, measures, sign in (("rank", ("rank_change", "percentile_change"), 1.0), ("score", ("score_change",), 1.0 if higher_is_better else -1.0)):
        found = of_measure(changes, *measures)
        gains = [sign * row["value"] for row in found]
        counts = {"up": sum(gain > tolerance for gain in gains), "down": sum(gain < -tolerance for gain in gains), "same": sum(abs(gain) <= tolerance for gain in gains)}
        counts["unknown"] = n_domains - len(gains)
        facts: Row = {"unit": unit, "year": year, "node": f"domains:{by}", "unit_of_measure": "count", "out_of": n_domains, "note": f"against {base}"}
        rows += [computed(found or levels, **facts, measure=f"domains_{name}", value=count) for name, count in counts.items()] if levels else []
    published = known.rows(unit=unit, year=year, node=TOTAL)
    return figures([*rows, *(row for row in published if row["measure"].startswith("domains_"))])
