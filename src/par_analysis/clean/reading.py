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
from par_analysis.errors import Finding, RequestError, Severity, shortened
from par_analysis.model import FIGURES, Framework, Index

CLAIMS: Mapping[str, str] = {**FIGURES, "text": "str", "file": "str", "row": "int64"}
"""Columns of a table of claims: a figure, the text as it was printed, and where in the file it stands."""


MAX_BYTES = 32 * 2**20
"""No published table is larger; what is, is refused unread."""

MAX_FINDINGS = 200
"""So many findings of one file are listed; of the rest, only that there are more."""

_SIGNATURES = (
    (b"\xff\xfe", "a text file in UTF-16"),
    (b"\xfe\xff", "a text file in UTF-16"),
    (b"PK\x03\x04", "an Excel workbook or another archive"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook"),
    (b"%PDF", "a PDF"),
    (b"\x1f\x8b", "a compressed file"),
)


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
    framework: Callable[[str, int], Framework | None] = lambda _index, _year: None
    provinces: Callable[[int], Sequence[str]] = lambda _year: ()
    layout: Mapping[str, Any] = field(default_factory=dict)  # of the source, as its record says
    file_year: int | None = None  # of a file that does not name the year itself
    address: str = ""  # where the file is published, for files whose rows do not say
    claims: list[dict[str, Any]] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def rows(self, path: Path, columns: Sequence[str]) -> Iterator[tuple[int, dict[str, str]]]:
        """The rows of a CSV file with the given heading, numbered as in a spreadsheet; a wrong heading, or a file that is no table, is a finding and no rows."""
        problem = self._problem_of_file(path)
        if problem:
            self.find("error", "not a table", 0, "", problem, "a CSV file in UTF-8, comma-separated, with a heading", "save it as CSV UTF-8")
            return
        try:
            yield from self._rows(path, columns)
        except UnicodeDecodeError as error:
            self.find("error", "encoding", 0, "", f"byte {error.start} is not UTF-8", "a file in UTF-8")
        except csv.Error as error:
            self.find("error", "shape", 0, "", str(error), "rows of comma-separated cells")

    @staticmethod
    def _problem_of_file(path: Path) -> str:
        """What the file is instead of a table, by its size and first bytes; "" where it may be one."""
        size = path.stat().st_size
        if not size:
            return "an empty file"
        if size > MAX_BYTES:
            return f"a file of {size / 2**20:.0f} MB, where no table is larger than {MAX_BYTES / 2**20:.0f} MB"
        with path.open("rb") as stream:
            start = stream.read(4096)
        for signature, name in _SIGNATURES:
            if start.startswith(signature):
                return name
        text = start.removeprefix(b"\xef\xbb\xbf").lstrip()
        if text[:1] == b"<":
            return "a web page (it begins with <)"
        if not text and size < 4096:
            return "a file of blanks"
        return "a binary file, or text in another encoding (it holds NUL bytes)" if b"\0" in start else ""

    def _rows(self, path: Path, columns: Sequence[str]) -> Iterator[tuple[int, dict[str, str]]]:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream, strict=True)
            missing = [column for column in columns if column not in (reader.fieldnames or [])]
            if missing:
                self.find("error", "heading", 1, ",".join(missing), ",".join(reader.fieldnames or []), f"the columns {', '.join(columns)}")
                return
            doubled = sorted({column for column in reader.fieldnames or [] if (reader.fieldnames or []).count(column) > 1})
            if doubled:
                self.find("error", "heading", 1, ",".join(doubled), "the same heading twice", "every column once")
                return
            for number, row in enumerate(reader, start=2):
                if None in row or None in row.values():
                    met = len([cell for cell in row.values() if cell is not None and not isinstance(cell, list)]) + len(row.get(None) or [])  # type: ignore[call-overload]
                    self.find("error", "shape", number, "", f"{met} cells", f"{len(reader.fieldnames or [])} cells in the row", "a decimal comma parts a number in two: write 87.84")
                    continue
                yield number, {key: cell.strip() for key, cell in row.items()}

    def find(self, severity: Severity, rule: str, row: int, column: str, met: str, expected: str, hint: str = "") -> None:
        """Note a finding about a row of this file. After ``MAX_FINDINGS`` of them the file is said to hold more."""
        if len(self.findings) < MAX_FINDINGS:
            self.findings.append(Finding(severity, rule, self.edition, self.file, row, shortened(column), shortened(met), expected, hint))
        elif len(self.findings) == MAX_FINDINGS:
            self.findings.append(Finding("error", "more findings", self.edition, self.file, row, "", f"more than {MAX_FINDINGS} findings", "a table of this kind", "the rest are not listed"))

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

    def claim(self, row: int, text: str, *, column: str = "value", **figure: Any) -> None:
        """Note a claim; its score or rank must lie within the bounds of its node, where its method states them, else of its index."""
        entry: dict[str, Any] = {"period": "", "qualifier": "", "out_of": math.nan, "basis": "published", "note": "", "edition": self.edition} | figure
        index = self.indices.get(entry["index"])
        if index is not None and self._is_out_of_bounds(entry, index):
            is_rank = entry["unit_of_measure"] == "place"
            low, high = self._limits(entry, index)
            expected = f"a whole number from 1 to {entry['out_of']:g}" if is_rank else f"between {low:g} and {high:g}"
            self.find("error", "out of bounds", row, column, text, expected)
            return
        self.claims.append(entry | {"text": text, "file": self.file, "row": row})

    def _is_out_of_bounds(self, entry: Mapping[str, Any], index: Index) -> bool:
        value, measure = entry["value"], entry["measure"]
        if measure == "rank":
            return not (1 <= value <= entry["out_of"] and value == int(value))
        if measure in {"score", "mean", "max", "min", "median", "share_of_max"}:
            low, high = self._limits(entry, index)
            return not low <= value <= high
        return False

    def _limits(self, entry: Mapping[str, Any], index: Index) -> tuple[float, float]:
        """The lowest and the highest value that a claim may have."""
        framework = self.framework(index.code, entry["year"])
        low, high = (framework.limits if framework else {}).get(entry["node"], (index.low if entry["node"] == "total" else 0.0, None))
        if entry["measure"] == "share_of_max":
            return 0.0, 100.0
        if entry["measure"] == "score" and not math.isnan(entry["out_of"]):
            high = entry["out_of"]
        return low, index.high if high is None else high
