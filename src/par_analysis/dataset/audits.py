"""What an audit of an index's figures meets, as findings: totals that do not come out of their parts, parts without a total, stated figures of the country against the scores."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import pandas as pd

from par_analysis import metrics
from par_analysis.catalog import Catalog
from par_analysis.clean.checks import ROUNDING
from par_analysis.errors import Finding, Severity
from par_analysis.metrics.rebuilds import DISAGREES
from par_analysis.model import COUNTRY, TOTAL, Framework, Index

CAUSES: Mapping[str, str] = {
    "constant_offset": "all miss by the same: points may have been added to all",
    "constant_factor": "all miss by the same factor: another scale",
    "single_units": "few miss: slips, perhaps",
    "rebuilt_lower": "a part may have been revised or left out, or a weight is not the publisher's",
    "rebuilt_higher": "a part may have been revised or counted twice, or a weight is not the publisher's",
    "both_ways": "other weights, perhaps",
}
"""Code of ``metrics.likely_cause`` → what to look for."""


def ways_of(framework: Framework) -> list[tuple[str, Sequence[str]]]:
    """Each node with nodes that add up to it: the total from its parts, from these and the parts of parts, and from the domains; domains from their criteria."""
    above = [f"part:{part.name}" for part in framework.parts if not part.within]
    below = {f"part:{name}": [f"part:{part.name}" for part in framework.parts if part.within == name] for name in {part.within for part in framework.parts} - {""}}
    flat = [node for part in above for node in below.get(part, [part])]
    ways = [(TOTAL, above), *([(TOTAL, flat)] if below else []), *sorted(below.items()), (TOTAL, [domain.code for domain in framework.domains])]
    return [(node, parts) for node, parts in [*ways, *((node, parts) for node, parts in framework.tree.items() if node != TOTAL)] if parts]


def leaves_of(framework: Framework) -> list[str]:
    """The nodes that a method scores one by one: the criteria below the domains, or else the domains."""
    return framework.criteria_codes or [domain.code for domain in framework.domains]


def audit_findings(known: Catalog, index: Index, claims: pd.DataFrame, panel: pd.DataFrame, units: Mapping[int, Sequence[str]]) -> tuple[Finding, ...]:
    """The findings about an index. ``units``: year → those that it is about."""
    methods = {year: framework for year in units if (framework := known.framework(index.code, year))}
    leaves = {year: leaves_of(framework) for year, framework in methods.items()}
    ways = {year: ways_of(framework) for year, framework in methods.items()}
    rebuilt = metrics.rebuilds(panel, ways=ways, higher_is_better=index.higher_is_better, tolerance=ROUNDING)
    stated = metrics.country_audit(panel, stated=claims, units=units, leaves=leaves, decimals=index.decimals)
    return (*_rebuilt(index, rebuilt, claims), *_stated(index, stated, claims), *(_partial(index, panel, claims, units, leaves) if index.is_summed else ()))


def _finding(severity: Severity, rule: str, index: Index, year: int, rows: pd.DataFrame, met: str, expected: str, hint: str = "") -> Finding:
    """A finding about a year, in the file in which the first of some rows stands."""
    first = rows.iloc[0]
    row = int(first["row"]) if len(rows) == 1 else 0
    return Finding(severity, rule, str(first["edition"]), str(first["file"]), row, f"{index.code} {year} {COUNTRY} {TOTAL}", met, expected, hint)


def _by_year(found: pd.DataFrame) -> dict[int, dict[str, pd.Series]]:
    """Year → measure → figure."""
    table: dict[int, dict[str, pd.Series]] = {}
    for _, row in found[found["period"] == ""].iterrows():
        table.setdefault(int(row["year"]), {})[str(row["measure"])] = row
    return table


def _rebuilt(index: Index, rebuilt: pd.DataFrame, claims: pd.DataFrame) -> Iterator[Finding]:
    """Years in which most totals that can be rebuilt are missed; single ones are findings of their own."""
    for year, figures in _by_year(rebuilt).items():
        off, out_of = figures["n_rebuilt_off"], int(figures["n_rebuilt"]["value"])
        if not off["value"] > out_of / 2:
            continue
        rows = claims[(claims["year"] == year) & (claims["node"] == TOTAL) & (claims["measure"] == "score")]
        lower, higher, places = (int(figures[f"n_rebuilt_{name}"]["value"]) for name in ("lower", "higher", "rank"))
        ends = ", ".join(f"{figures[f'gap_rebuilt_{end}']['value']:.3f} {what}" for end, what in (("low", "at least"), ("high", "at most"), ("mean", "on average")))
        met = f"{lower} of {out_of} rebuilt lower than published, {higher} higher ({ends}); {places} would have another rank"
        yield _finding("warning", "totals not rebuilt", index, year, rows, met, "totals that are the sums of their parts", CAUSES[str(off["note"])])


def _stated(index: Index, stated: pd.DataFrame, claims: pd.DataFrame) -> Iterator[Finding]:
    for year, figures in _by_year(stated).items():
        for measure in [name.removeprefix("gap_stated_") for name, row in figures.items() if name.startswith("gap_stated_") and row["note"] == DISAGREES]:
            told, found, needed = (figures.get(name) for name in (measure, f"{measure}_recomputed", "mean_needed"))
            assert told is not None
            assert found is not None
            rows = claims[(claims["year"] == year) & (claims["unit"] == COUNTRY) & (claims["node"] == TOTAL) & (claims["measure"] == measure) & (claims["value"] == told["value"])]
            hint = f"the {needed['out_of']:g} without a total would have to average {needed['value']:.2f}" if needed is not None and measure == "mean" else ""
            expected = f"{found['value']:.2f}, the {measure} of the totals {found['note']}"
            yield _finding("warning", "stated against scores", index, year, rows, f"{told['value']:g}", expected, hint)


def _partial(index: Index, panel: pd.DataFrame, claims: pd.DataFrame, units: Mapping[int, Sequence[str]], leaves: Mapping[int, Sequence[str]]) -> Iterator[Finding]:
    matrix = metrics.coverage_matrix(panel, units=units)
    for year in sorted(units):
        partial = sorted(matrix.loc[(matrix["year"] == year) & (matrix["measure"] == "parts_only"), "unit"])
        if partial:
            rows = claims[(claims["year"] == year) & claims["unit"].isin(partial)]
            met = ", ".join(f"{unit} ({int((rows['unit'] == unit).sum())} of {len(leaves.get(year, ()))})" for unit in partial)
            hint = "it has no total and no rank: what is missing is not counted as nothing"
            yield _finding("note", "parts without a total", index, year, rows, met, "all parts of a province", hint)
