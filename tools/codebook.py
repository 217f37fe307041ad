"""The codebook ``data/README.md``, written from the data's own records: editions, indices, methods, columns, kinds of sources.

``python -m tools.codebook`` writes it; a test says when it is out of date.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from par_analysis import catalog
from par_analysis.clean import domains, facts, operations, overall
from par_analysis.model import BASES, FIGURES

FILE: Final = Path(__file__).resolve().parent.parent / "data" / "README.md"

SHAPES: Final = {"overall": overall, "domains": domains, "operations": operations, "facts": facts}

MEANINGS: Final = {
    "index": "code of the index, or `operations`",
    "unit": "`VN`, `R1` to `R6`, or a province's GSO code",
    "year": "the year measured",
    "period": "empty for the whole year, else as printed",
    "node": "`total`, `domain:7`, `part:appraisal`, `operations:…`",
    "measure": "`score`, `rank`, `mean`, …",
    "value": "the number",
    "qualifier": "empty: exact; `>` more than, `<` less than, `<~` nearly, `~` about",
    "unit_of_measure": "`points`, `percent`, `place`, `count`, …",
    "out_of": "a rank's denominator, a score's maximum",
    "basis": ", ".join(f"`{basis}`" for basis in BASES),
    "source": "addresses that state the value, the preferred one first",
    "edition": "the publication it was read from",
    "note": "what the collector noted",
}


def table(heading: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """A Markdown table.

    >>> print(table(["a", "b"], [[1, "x|y"]]))
    | a | b |
    |---|---|
    | 1 | x\\|y |
    """
    lines = [heading, ["---"] * len(heading), *rows]
    return "\n".join("|" + "|".join(text if text == "---" else f" {str(text).replace('|', chr(92) + '|')} " for text in line) + "|" for line in lines)


def codebook() -> str:
    """The whole text."""
    known = catalog.load()
    editions = [[f"`{edition.code}`", edition.title["en"], edition.received, edition.licence] for edition in known.editions.values()]
    indices = [[f"`{index.code}`", index.label["vi"], index.label["en"], f"{index.low:g}–{index.high:g} {index.unit_of_measure}"] for index in known.indices.values()]
    methods = [
        [f"`{method.code}`", method.decision or "–", method.date or "–", ", ".join(map(str, method.years)), len(method.domains) or "not known"]
        for method in known.frameworks.values()
    ]
    hosts = [[name, names["vi"], sum(trust == name for trust in known.publishers.values())] for name, names in known.trust_classes.items()]
    shapes = [[f"`{name}`", ", ".join(f"`{column}`" for column in module.COLUMNS)] for name, module in SHAPES.items()]
    return "\n\n".join(
        [
            "# The data",
            "Written by `python -m tools.codebook`; not to be edited. `raw/` holds figures as collected, `reference/` what they are about.",
            "## Editions",
            table(["folder in raw/", "title", "received", "terms"], editions),
            "## Shapes of files",
            table(["reader", "columns"], shapes),
            "## A figure",
            table(["column", "type", "meaning"], [[f"`{name}`", kind, MEANINGS[name]] for name, kind in FIGURES.items()]),
            "## Indices",
            table(["code", "Vietnamese", "English", "scale"], indices),
            "## Methods",
            table(["code", "decision", "date", "index years", "domains"], methods),
            "## Kinds of sources, the most trusted first",
            table(["class", "Vietnamese", "hosts listed"], hosts),
        ]
    ) + "\n"


if __name__ == "__main__":
    FILE.write_text(codebook(), encoding="utf-8")
    sys.stdout.write(f"{FILE.name}: {len(codebook().splitlines())} lines\n")
