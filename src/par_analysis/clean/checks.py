"""What can be wrong with claims that were read without error: conflicts, broken orders, parts that do not add up."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any

from par_analysis.clean.prefer import TOLERANCE, Preference
from par_analysis.errors import Finding, Severity
from par_analysis.model import KEY, Index

ROUNDING = 0.0151
"""How far printed parts may miss a printed total: three parts rounded to two decimals."""

Rows = Sequence[dict[str, Any]]


def check_claims(preference: Preference, indices: Mapping[str, Index]) -> list[Finding]:
    """All findings about claims, the gravest first."""
    rows = list(preference.rows)
    places = {_key(row): {"file": row["file"], "row": row["row"]} for row in reversed(rows) if row["is_preferred"]}
    panel = [row | places[_key(row)] for row in preference.figures]
    claims = [*_duplicates(rows), *_conflicts(rows, preference), *_unrated(rows)]
    found = [*claims, *_orders(panel), *_twice(panel), *_parts(panel), *_extremes(panel), *_missing_framework(panel, indices)]
    return sorted(found, key=lambda finding: (("error", "warning", "note").index(finding.severity), finding))


def _key(row: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(row[column] for column in KEY)


def _name(row: Mapping[str, Any]) -> str:
    return f"{row['index']} {row['year']}{' ' + row['period'] if row['period'] else ''} {row['unit']} {row['node']} {row['measure']}"


def _finding(severity: Severity, rule: str, row: Mapping[str, Any], met: str, expected: str, hint: str = "") -> Finding:
    return Finding(severity, rule, row["edition"], row["file"], int(row["row"]), _name(row), met, expected, hint)


def _duplicates(rows: Rows) -> Iterator[Finding]:
    """One source stating one figure twice in one file: an error where the values differ."""
    seen: dict[tuple[Any, ...], dict[str, Any]] = {}
    for row in rows:
        first = seen.setdefault((*_key(row), row["source"], row["file"]), row)
        if first is row:
            continue
        differs = abs(first["value"] - row["value"]) > TOLERANCE
        yield _finding("error" if differs else "warning", "duplicate key", row, row["text"], f"one row for this figure and source; row {first['row']} says {first['text']}")


def _conflicts(rows: Rows, preference: Preference) -> Iterator[Finding]:
    groups: dict[tuple[Any, ...], list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        groups[_key(row)].append(row)
    for key, group in sorted(groups.items(), key=lambda item: item[0]):
        preferred = next((row for row in group if row["is_preferred"]), None)
        values = {round(row["value"], 9) for row in group}
        if preferred is None or len(values) == 1:
            continue
        how = "undecided by the rule" if key in preference.undecided else f"preferred: {preferred['text']} ({preferred['trust']}, {preferred['publisher']})"
        for row in group:
            if not row["is_preferred"]:
                aside = f"; set aside: {row['set_aside']['en']}" if row["set_aside"] else ""
                yield _finding("warning", "conflict", row, f"{row['text']} ({row['trust']}, {row['publisher']})", f"{preferred['text']}", how + aside)


def _unrated(rows: Rows) -> Iterator[Finding]:
    met: dict[str, dict[str, Any]] = {}
    for row in rows:
        if row["trust"] == "unrated":
            met.setdefault(row["publisher"], row)
    for publisher, row in sorted(met.items()):
        yield _finding("warning", "unrated publisher", row, publisher, "a host listed in sources/*.toml", "it stands behind all others until it is listed")


def _by_year(panel: Rows, measure: str) -> dict[tuple[Any, ...], dict[str, dict[str, Any]]]:
    groups: dict[tuple[Any, ...], dict[str, dict[str, Any]]] = defaultdict(dict)
    for row in panel:
        if row["measure"] == measure and row["unit"].isdigit():
            groups[(row["index"], row["year"], row["period"], row["node"])][row["unit"]] = row
    return dict(sorted(groups.items()))


def _orders(panel: Rows) -> Iterator[Finding]:
    """A better rank with a lower score."""
    ranks = _by_year(panel, "rank")
    for group, scores in _by_year(panel, "score").items():
        both = sorted((ranks[group][unit]["value"], scores[unit]["value"], unit) for unit in scores if unit in ranks.get(group, {}))
        for (rank, score, unit), (lower_rank, higher_score, other) in combinations(both, 2):
            if rank < lower_rank and higher_score > score + TOLERANCE:
                met = f"{unit}: place {rank:g} with {score:g}; {other}: place {lower_rank:g} with {higher_score:g}"
                yield _finding("warning", "rank against score", scores[unit], met, "a better place goes with a higher score", "one of the four figures is wrong")


def _twice(panel: Rows) -> Iterator[Finding]:
    scores = _by_year(panel, "score")
    for group, ranks in _by_year(panel, "rank").items():
        places: dict[float, list[str]] = defaultdict(list)
        for unit, row in sorted(ranks.items()):
            places[row["value"]].append(unit)
        for place, units in sorted(places.items()):
            known = {scores.get(group, {}).get(unit, {}).get("value") for unit in units}
            if len(units) > 1 and not (len(known) == 1 and None not in known):
                yield _finding("warning", "rank claimed twice", ranks[units[0]], f"place {place:g}: {', '.join(units)}", "one unit a place, or equal scores")


def _parts(panel: Rows) -> Iterator[Finding]:
    """Published parts that do not add up to the published total (formula: L7, published minus recomputed)."""
    scores: dict[tuple[Any, ...], dict[str, dict[str, Any]]] = defaultdict(dict)
    for row in panel:
        if row["measure"] == "score":
            scores[(row["index"], row["year"], row["unit"])][row["node"]] = row
    splits = (("part:appraisal", "part:leaders", "part:sipas", "part:socio_economic"), ("part:appraisal", "part:survey"), ("part:appraisal", "part:impact"))
    for nodes in scores.values():
        for split in splits:
            if "total" in nodes and all(part in nodes for part in split):
                total, found = nodes["total"]["value"], sum(nodes[part]["value"] for part in split)
                if abs(total - found) > ROUNDING:
                    yield _finding("warning", "parts against total", nodes["total"], f"{total:g}", f"{found:.2f}, the sum of {', '.join(split)}")


def _extremes(panel: Rows) -> Iterator[Finding]:
    """A score beyond the country's published highest or lowest."""
    limits = {(row["index"], row["year"], row["measure"]): row for row in panel if row["unit"] == "VN" and row["node"] == "total" and row["measure"] in {"max", "min"}}
    for row in panel:
        if row["measure"] != "score" or row["node"] != "total" or not row["unit"].isdigit():
            continue
        for measure, sign in (("max", 1), ("min", -1)):
            limit = limits.get((row["index"], row["year"], measure))
            if limit is not None and sign * (row["value"] - limit["value"]) > TOLERANCE:
                yield _finding("warning", "beyond the published extreme", row, f"{row['value']:g}", f"no {'higher' if sign > 0 else 'lower'} than {limit['value']:g}")


def _missing_framework(panel: Rows, indices: Mapping[str, Index]) -> Iterator[Finding]:
    years: dict[tuple[str, int], dict[str, Any]] = {}
    for row in panel:
        index = indices.get(row["index"])
        if index is not None and row["year"] not in index.frameworks:
            years.setdefault((row["index"], row["year"]), row)
    for (index_code, year), row in sorted(years.items()):
        yield _finding("warning", "no framework", row, str(year), f"a framework of {index_code} for the year", "points of that year are compared with no other")
