"""Which of several claims about one figure is preferred: a written rule, and nothing is thrown away.

The rule, in this order:

1. a claim that is known to be a slip (``corrections.toml``) is never preferred;
2. a printed value before a derived one (a stated change applied to a stated value);
3. the class of trust: public authority, national news agency, newspaper, copy;
4. the value with the most independent publishers (several pages of one publisher count once), then with the most copies;
5. for scores: the value that contradicts the fewest preferred places of its year (an equal score in another place contradicts, too);
6. the value printed with the most decimals (news figures are often truncated);
7. the first address in alphabetical order; such a choice is called undecided.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from par_analysis.clean.reading import CLAIMS
from par_analysis.errors import DataError, Finding
from par_analysis.model import FIGURES, KEY

Claim = dict[str, Any]
Key = tuple[Any, ...]
TOLERANCE = 1e-9


@dataclass(frozen=True)
class Preference:
    """``rows``: all claims, with ``publisher``, ``trust``, ``set_aside`` and ``is_preferred``. ``figures``: one a key, with the sources that state it.
    ``undecided``: keys where only rule 7 decided. ``claims`` and ``panel`` are the two as tables."""

    rows: Sequence[Claim]
    figures: Sequence[Claim]
    undecided: tuple[Key, ...]

    @cached_property
    def claims(self) -> pd.DataFrame:
        """Columns: those of ``CLAIMS``, and ``publisher``, ``trust``, ``set_aside``, ``is_preferred``."""
        table = pd.DataFrame(list(self.rows), columns=[*CLAIMS, "publisher", "trust", "set_aside", "is_preferred"])
        return table.astype({**CLAIMS, "is_preferred": "bool"})

    @cached_property
    def panel(self) -> pd.DataFrame:
        """A table of figures."""
        return pd.DataFrame(list(self.figures), columns=list(FIGURES)).astype(dict(FIGURES))


def prefer(
    claims: pd.DataFrame | Sequence[Mapping[str, Any]],
    *,
    publisher: Callable[[str], tuple[str, str]],
    trust: Sequence[str],
    corrections: Sequence[Mapping[str, Any]] = (),
) -> Preference:
    """Choose one claim for every key. ``claims``: a table of claims, or its rows as readers note them; ``trust`` lists the classes, the most trusted first.

    Raises ``DataError`` when a correction finds nothing to correct (the source was mended: the record is to be removed).
    """
    rows: list[Claim] = [{str(name): value for name, value in row.items()} for row in (claims.to_dict("records") if isinstance(claims, pd.DataFrame) else claims)]
    behind = {source: publisher(source) for source in {row["source"] for row in rows}}
    for row in rows:
        row["publisher"], row["trust"] = behind[row["source"]]
        if re.search(r"\bcopy\b", row["note"]) and row["trust"] != "official":
            row["trust"] = "copy"
        row["set_aside"] = ""
    _set_aside(rows, corrections)
    by_key: dict[Key, list[Claim]] = defaultdict(list)
    for row in rows:
        by_key[tuple(row[column] for column in KEY)].append(row)
    chosen = {key: _candidates(group, trust) for key, group in by_key.items()}
    ranks = {key: values[0] for key, values in chosen.items() if key[-1] == "rank" and values}
    order = _order(ranks, {key: values[0] for key, values in chosen.items() if key[-1] == "score" and len(values) == 1})
    undecided = []
    panel = []
    for key, values in sorted(chosen.items(), key=lambda item: item[0]):
        if not values:
            continue
        best, is_sure = _settle(key, values, order) if len(values) > 1 else (values[0], True)
        if not is_sure:
            undecided.append(key)
        support = [row for row in by_key[key] if not row["set_aside"] and _same(row["value"], best["value"])]
        for row in by_key[key]:
            row["is_preferred"] = row in support
        panel.append(_figure(best, support))
    for row in rows:
        row.setdefault("is_preferred", False)
    return Preference(rows, panel, tuple(undecided))


def _same(left: float, right: float) -> bool:
    return abs(left - right) <= TOLERANCE


def _set_aside(rows: list[Claim], corrections: Sequence[Mapping[str, Any]]) -> None:
    stale = []
    for record in corrections:
        hits = [row for row in rows if all(row[name] == record[name] for name in ("index", "unit", "year", "measure", "source")) and _same(row["value"], record["met"])]
        for row in hits:
            row["set_aside"] = record["reason"]
        if not hits:
            where = f"{record['index']} {record['year']} {record['unit']} {record['measure']}"
            stale.append(Finding("error", "stale correction", "corrections.toml", "corrections.toml", 0, where, str(record["met"]), "a claim with this value", "remove the record"))
    if stale:
        raise DataError(stale)


def _candidates(group: list[Claim], trust: Sequence[str]) -> list[Claim]:
    """The claims, one a value, that rules 1 to 4 leave standing."""
    values: list[list[Claim]] = []
    for row in group:
        if row["set_aside"]:
            continue
        for same in values:
            if _same(same[0]["value"], row["value"]):
                same.append(row)
                break
        else:
            values.append([row])

    def standing(same: list[Claim]) -> tuple[bool, int, int, int]:
        publishers = {row["publisher"] for row in same}
        independent = {row["publisher"] for row in same if row["trust"] != "copy"}
        return (all(row["basis"] == "derived" for row in same), min(trust.index(row["trust"]) for row in same), -len(independent), -len(publishers))

    if len(values) == 1:
        return [_front(values[0], trust)]
    best = min((standing(same) for same in values), default=None)
    return [_front(same, trust) for same in values if standing(same) == best]


def _front(same: list[Claim], trust: Sequence[str]) -> Claim:
    return same[0] if len(same) == 1 else min(same, key=lambda row: (row["basis"] == "derived", trust.index(row["trust"]), -_decimals(row["text"]), row["source"]))


def _decimals(text: str) -> int:
    return len(text.partition(".")[2])


def _order(ranks: Mapping[Key, Claim], scores: Mapping[Key, Claim]) -> dict[Key, list[tuple[float, float]]]:
    """For every (index, year, period, node): the pairs of preferred rank and undisputed score."""
    pairs: dict[Key, list[tuple[float, float]]] = defaultdict(list)
    for key, score in scores.items():
        rank = ranks.get((*key[:-1], "rank"))
        if rank is not None:
            pairs[(key[0], *key[2:-1])].append((rank["value"], score["value"]))
    for key, row in ranks.items():
        pairs[("rank", *key[:-1])] = [(row["value"], math.nan)]
    return pairs


def _contradictions(key: Key, score: float, order: Mapping[Key, list[tuple[float, float]]]) -> int:
    own = order.get(("rank", *key[:-1]))
    if key[-1] != "score" or not own:
        return 0
    rank = own[0][0]
    others = order.get((key[0], *key[2:-1]), [])
    return sum((other_rank < rank and other <= score) or (other_rank > rank and other >= score) for other_rank, other in others)


def _settle(key: Key, values: list[Claim], order: Mapping[Key, list[tuple[float, float]]]) -> tuple[Claim, bool]:
    """Rules 5 to 7: the claim, and whether anything but the alphabet decided."""
    ranked = sorted(values, key=lambda row: (_contradictions(key, row["value"], order), -_decimals(row["text"]), row["source"]))
    if len(ranked) == 1:
        return ranked[0], True
    first, second = ((_contradictions(key, row["value"], order), -_decimals(row["text"])) for row in ranked[:2])
    return ranked[0], first != second


def _figure(best: Claim, support: list[Claim]) -> dict[str, Any]:
    sources = sorted({row["source"] for row in support} - {best["source"]})
    editions = sorted({row["edition"] for row in support})
    basis = "published" if any(row["basis"] == "published" for row in support) else "derived"
    return {column: best[column] for column in FIGURES} | {"source": "; ".join([best["source"], *sources]), "edition": "; ".join(editions), "basis": basis}
