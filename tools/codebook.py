"""The codebook ``data/README.md``, written from the data's own records: editions, sources, indices, methods, columns.

``python -m tools.codebook`` writes it; a test says when it is out of date.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from par_analysis import catalog
from par_analysis.clean import COLUMNS
from par_analysis.model import BASES, FIGURES, Source

FILE: Final = Path(__file__).resolve().parent.parent / "data" / "README.md"

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


def _quoted(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _of_layout(source: Source) -> str:
    """The columns that a source's own record lists."""
    if "tables" in source.layout:
        return f"whatever `sources/{source.code}.toml` says of its sheets and headings: {_quoted(source.layout['columns'])}"
    return f"`{source.layout['unit_column']}`, {_quoted(source.layout['columns'])} (`sources/{source.code}.toml` says what each holds in which year)"


def codebook() -> str:
    """The whole text."""
    known = catalog.load()
    editions = [[f"`{edition.code}`", edition.title["en"], edition.received, edition.licence] for edition in known.editions.values() if not edition.remote]
    sources = [source for source in map(known.source, known.sources) if source.files]
    fetched = [[f"`par fetch {source.code}`", source.label["en"], len(source.files), source.home, source.licence] for source in sources]
    indices = [[f"`{index.code}`", index.label["vi"], index.label["en"], f"{index.low:g}–{index.high:g} {index.unit_of_measure}"] for index in known.indices.values()]
    methods = [
        [f"`{method.code}`", method.decision or "–", method.date or "–", ", ".join(map(str, method.years)), len(method.domains) or "not known"]
        for method in known.frameworks.values()
    ]
    hosts = [[name, names["vi"], sum(trust == name for trust in known.publishers.values())] for name, names in known.trust_classes.items()]
    shapes = [[f"`{name}`", _quoted(columns)] for name, columns in COLUMNS.items()]
    shapes += [[f"`{reader}`", _of_layout(source)] for source in map(known.source, known.sources) if source.layout for reader in source.readers]
    return "\n\n".join(
        [
            "# The data",
            "Written by `python -m tools.codebook`; not to be edited. `raw/` holds figures as collected, `reference/` what they are about.",
            "## Editions",
            table(["folder in raw/", "title", "received", "terms"], editions),
            "## Sources that can be fetched",
            "Their files are downloaded into the user's cache and are no part of this folder.",
            table(["command", "title", "files", "home", "terms"], fetched),
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
