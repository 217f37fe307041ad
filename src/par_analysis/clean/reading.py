"""What all readers share: rows with their line numbers, claims collected, findings collected."""

from __future__ import annotations

import csv
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from par_analysis.clean.numbers import Parsed, parse_number
from par_analysis.errors import Finding, RequestError, Severity
from par_analysis.model import FIGURES, Index

CLAIMS: Mapping[str, str] = {**FIGURES, "text": "str", "file": "str", "row": "int64"}
"""Columns of a table of claims: a figure, the text as it was printed, and where in the file it stands."""


def claims_table(claims: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Claims as a table with the columns and types of ``CLAIMS``."""
    table = pd.DataFrame(list(claims), columns=list(CLAIMS))
    return table.astype(dict(CLAIMS))


@dataclass
class Reading:
    """One file being read: what the reader may ask, and what it has found so far."""

    resolve: Callable[[str, int | str | None], str]
    indices: Mapping[str, Index]
    edition: str
    file: str
    claims: list[dict[str, Any]] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def rows(self, path: Path, columns: Sequence[str]) -> Iterator[tuple[int, dict[str, str]]]:
        """The rows of a CSV file with the given heading, numbered as in a spreadsheet; a wrong heading is a finding and no rows."""
        try:
            yield from self._rows(path, columns)
        except UnicodeDecodeError as error:
            self.find("error", "encoding", 0, "", f"byte {error.start} is not UTF-8", "a file in UTF-8")
        except csv.Error as error:
            self.find("error", "shape", 0, "", str(error), "rows of comma-separated cells")

    def _rows(self, path: Path, columns: Sequence[str]) -> Iterator[tuple[int, dict[str, str]]]:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream, strict=True)
            missing = [column for column in columns if column not in (reader.fieldnames or [])]
            if missing:
                self.find("error", "heading", 1, ",".join(missing), ",".join(reader.fieldnames or []), f"the columns {', '.join(columns)}")
                return
            for number, row in enumerate(reader, start=2):
                if None in row or None in row.values():
                    self.find("error", "shape", number, "", str(len([cell for cell in row.values() if cell is not None])), f"{len(columns)} cells in the row")
                    continue
                yield number, {key: cell.strip() for key, cell in row.items()}

    def find(self, severity: Severity, rule: str, row: int, column: str, met: str, expected: str, hint: str = "") -> None:
        """Note a finding about a row of this file."""
        self.findings.append(Finding(severity, rule, self.edition, self.file, row, column, met[:200], expected, hint))

    def unit(self, row: int, column: str, name: str, on: int | str | None) -> str | None:
        """The code of a unit; an unknown or ambiguous name is a finding."""
        try:
            return self.resolve(name, on)
        except RequestError as error:
            self.find("error", "unknown name", row, column, name, "the name of a unit", str(error))
            return None

    def number(self, row: int, column: str, text: str) -> Parsed | None:
        """The number in a cell; anything else is a finding."""
        try:
            return parse_number(text, decimal=".")
        except ValueError as error:
            self.find("error", "not a number", row, column, text, "a number", str(error))
            return None

    def year(self, row: int, text: str) -> int | None:
        """The year in a cell."""
        if text.isdigit() and 1990 <= int(text) <= 2100:
            return int(text)
        self.find("error", "not a year", row, "year", text, "a year of four digits")
        return None

    def word(self, row: int, column: str, text: str, known: Mapping[str, Any] | Sequence[str]) -> bool:
        """Whether a word is of a closed list; otherwise a finding."""
        if text in known:
            return True
        self.find("error", "unknown word", row, column, text, f"one of: {', '.join(known)}")
        return False

    def claim(self, row: int, text: str, **figure: Any) -> None:
        """Note a claim; its score or rank must lie within the bounds of its index."""
        entry: dict[str, Any] = {"period": "", "qualifier": "", "out_of": math.nan, "basis": "published", "note": "", "edition": self.edition} | figure
        index = self.indices.get(entry["index"])
        if index is not None and self._is_out_of_bounds(entry, index):
            is_rank = entry["unit_of_measure"] == "place"
            expected = f"a whole number from 1 to {entry['out_of']:g}" if is_rank else f"between {index.low:g} and {index.high:g}"
            self.find("error", "out of bounds", row, "value", text, expected)
            return
        self.claims.append(entry | {"text": text, "file": self.file, "row": row})

    @staticmethod
    def _is_out_of_bounds(entry: Mapping[str, Any], index: Index) -> bool:
        value, measure = entry["value"], entry["measure"]
        if measure == "rank":
            return not (1 <= value <= entry["out_of"] and value == int(value))
        if measure in {"score", "mean", "max", "min", "median", "share_of_max"}:
            top = entry["out_of"] if measure == "score" and not math.isnan(entry["out_of"]) else index.high
            return not index.low <= value <= top
        return False
