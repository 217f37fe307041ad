"""The scorecard that a province filled in about a year of an index: its figures, who is to raise what until when. It stands apart from what was published."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

import pandas as pd

from par_analysis.catalog import Catalog
from par_analysis.clean.scorecard_checks import children_of
from par_analysis.clean.scorecards import POINTS, card_index, texts_of
from par_analysis.dataset.editions import read_indices
from par_analysis.dataset.panels import preferred
from par_analysis.dataset.recording import hashed
from par_analysis.dataset.slices import fingerprint_of
from par_analysis.errors import DataError
from par_analysis.model import FIGURES, TOTAL
from par_analysis.show.language import Words

LINES = ("node", "code", "name", "maximum", "owner", "deadline", "is_locked", "effort", "note")
"""Columns of ``Scorecard.lines``."""


@dataclass(frozen=True, eq=False)
class Scorecard:
    """``panel``: a table of figures (``self_score``, ``score``: verified, ``survey_score``; out of the row's maximum). ``lines``: a row a node, as filled in, in the order
    of the sheet; "" and NaN for what was left blank. ``words``: those of the page, with the criteria's names. ``received``: the day (ISO); "" where there is no scorecard."""

    panel: pd.DataFrame
    lines: pd.DataFrame
    words: Words
    source: str = ""
    received: str = ""

    @property
    def is_there(self) -> bool:
        """Whether there is a scorecard."""
        return bool(len(self.lines))

    @cached_property
    def tree(self) -> Mapping[str, tuple[str, ...]]:
        """Node → the nodes right below it that are scored one by one. Where the points of a whole are known and those of no part of it, the whole is not parted."""
        nodes = dict(zip(self.lines["code"], self.lines["node"], strict=True))
        below = children_of(list(nodes))
        scored = set(self.panel["node"])

        def has_points(code: str) -> bool:
            return nodes.get(code) in scored or any(map(has_points, below.get(code, ())))

        kept = {code: children for code, children in below.items() if not (nodes.get(code) in scored and not any(map(has_points, children)))}
        named = {code: nodes.get(code, f"domain:{code}") for code in ("", *(child for children in below.values() for child in children))} | {"": TOTAL}
        return {named[code]: tuple(named[child] for child in children) for code, children in kept.items() if self._is_reached(code, kept)} if nodes else {}

    @staticmethod
    def _is_reached(code: str, kept: Mapping[str, list[str]]) -> bool:
        """Whether all that a code stands below is parted."""
        parents = {child: parent for parent, children in kept.items() for child in children}
        while code:
            if code not in parents:
                return False
            code = parents[code]
        return True

    @cached_property
    def leaves(self) -> tuple[str, ...]:
        """The nodes that are scored one by one, in the order of the tree."""
        return self._leaves(TOTAL)

    def _leaves(self, node: str) -> tuple[str, ...]:
        return tuple(leaf for child in self.tree.get(node, ()) for leaf in (self._leaves(child) if child in self.tree else (child,)))

    @property
    def owners(self) -> dict[str, str]:
        """Leaf → its owner, or that of the row that it stands below; "" where nobody is named."""
        return {leaf: str(self._told(leaf, "owner")) for leaf in self.leaves}

    @property
    def deadlines(self) -> dict[str, str]:
        """Leaf → its deadline (ISO), or that of the row that it stands below; "" where none is set."""
        return {leaf: str(self._told(leaf, "deadline")) for leaf in self.leaves}

    @property
    def months(self) -> dict[str, str]:
        """Leaf → the month of its deadline: 2026-06."""
        return {leaf: day[:7] for leaf, day in self.deadlines.items()}

    @property
    def locked(self) -> tuple[str, ...]:
        """The leaves that cannot be raised: they are marked so, or stand below a row that is."""
        return tuple(leaf for leaf in self.leaves if self._told(leaf, "is_locked"))

    @property
    def efforts(self) -> dict[str, float]:
        """Leaf → the effort that it takes to win all that it lacks, where that was filled in."""
        told = dict(zip(self.lines["node"], map(float, self.lines["effort"]), strict=True))
        return {leaf: told[leaf] for leaf in self.leaves if not math.isnan(told.get(leaf, math.nan))}

    @property
    def plan(self) -> dict[str, Mapping[str, str]]:
        """What a table says beside every leaf."""
        return {"owners": self.owners, "deadlines": self.deadlines}

    @cached_property
    def _rows(self) -> dict[str, dict[str, object]]:
        columns = {name: self.lines[name].tolist() for name in ("owner", "deadline", "is_locked")}
        return {node: {name: column[i] for name, column in columns.items()} for i, node in enumerate(self.lines["node"])}

    def _told(self, leaf: str, name: str) -> object:
        """What a leaf's row says, or the nearest row above it that says something."""
        parents = {child: parent for parent, children in self.tree.items() for child in children}
        node = leaf
        while node != TOTAL:
            told = self._rows.get(node, {}).get(name)
            if told:
                return told
            node = parents[node]
        return False if name == "is_locked" else ""


@lru_cache(maxsize=16)
def _claims(known: Catalog, index: str) -> pd.DataFrame:
    """The claims of all scorecards of an index. Raises ``DataError`` with all findings where one is an error."""
    return preferred(known, frozenset({card_index(index)}), True)[0].claims


def claims_of(known: Catalog, index: str, unit: str, year: int) -> pd.DataFrame:
    """The claims of the scorecard of a unit's year: of several, the one received last. Raises as ``preferred``."""
    claims = _claims(known, index)
    own = claims[(claims["unit"] == unit) & (claims["year"] == year)]
    editions = sorted(set(own["edition"]), key=lambda code: (known.editions[code].received, code))
    return own[own["edition"] == editions[-1]].reset_index(drop=True) if editions else own


def scorecard_fingerprint(known: Catalog, index: str, unit: str, year: int) -> str:
    """The fingerprint of all that a page can show of a scorecard."""
    claims = claims_of(known, index, unit, year)
    return hashed(fingerprint_of(claims), *sorted({known.editions[code].received for code in claims["edition"]}))


def scorecard_years(known: Catalog, index: str) -> list[int]:
    """The years that a scorecard of an index is about, whether or not it can be used."""
    try:
        preference, _ = read_indices(known, frozenset({card_index(index)}), True)
    except DataError:  # of the reference tables: who reads the index says so
        return []
    return sorted({int(row["year"]) for row in preference.rows})


def scorecard_of(known: Catalog, index: str, unit: str, year: int, words: Words) -> Scorecard:
    """The scorecard of a unit's year, empty where there is none. ``words``: those of the page. Raises ``DataError``."""
    claims = claims_of(known, index, unit, year)
    told = claims[claims["measure"] == "maximum"].sort_values("row", kind="stable")
    rows = zip(told["node"].tolist(), told["value"].tolist(), told["note"].tolist(), strict=True)
    lines = pd.DataFrame([_line(node, maximum, texts_of(note)) for node, maximum, note in rows], columns=list(LINES))
    panel = claims.loc[claims["measure"].isin(POINTS), list(FIGURES)].assign(index=index).sort_values(["node", "measure"], kind="stable").reset_index(drop=True)
    edition = str(claims["edition"].iloc[0]) if len(claims) else ""
    return Scorecard(panel.astype(dict(FIGURES)), lines, _named(words, lines), edition, known.editions[edition].received if edition else "")


def _line(node: str, maximum: float, texts: Mapping[str, object]) -> dict[str, object]:
    blank = {"name": "", "owner": "", "deadline": "", "effort": float("nan"), "note": ""}
    return {**blank, **{name: text for name, text in texts.items() if name in LINES}, "node": node, "maximum": maximum, "is_locked": bool(texts.get("locked"))}


def _named(words: Words, lines: pd.DataFrame) -> Words:
    """The words with the names of the rows: a criterion with its code before it, a domain where the method does not name it."""
    rows = list(zip(lines["node"], lines["code"], lines["name"], strict=True))
    criteria = {node: f"{code}. {name}" if name else code for node, code, name in rows if "." in code}
    domains = {int(code): name for node, code, name in rows if node not in criteria and name}
    return replace(words, node_names={**words.node_names, **criteria}, domain_names={**domains, **words.domain_names})
