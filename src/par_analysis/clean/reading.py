"""What all readers share: rows with their line numbers, claims collected, findings collected."""

from __future__ import annotations

import csv
import math
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit

import pandas as pd

from par_analysis.clean.numbers import Parsed, parse_number
from par_analysis.errors import Finding, RequestError, Severity, shortened
from par_analysis.model import FIGURES, Framework, Index

CLAIMS: Mapping[str, str] = {**FIGURES, "text": "str", "file": "str", "row": "int64"}
"""Columns of a table of claims: a figure, the text as it was printed, and where in the file it stands."""


MAX_BYTES = 32 * 2**20
"""No published table is larger; what is, is refused unread."""

MAX_ROWS = 30_000
"""No published table is longer; of what is, no more rows are read."""

MAX_LINE = 100_000
"""Characters of a line: a longer one is no row."""

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

_BOM = b"\xef\xbb\xbf"

_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\N{ARABIC LETTER MARK}\u200e\u200f\u2028-\u202e\u2066-\u2069]")
"""Characters that no figure needs: they drive a terminal, end a text, or turn its direction."""

_ADDRESS = re.compile(r"https?://[!#-;=?-\[\]_a-z~\u00a1-\u00ac\u00ae-\u017f\u01a0\u01a1\u01af\u01b0\u1ea0-\u1ef9\u2013\u2014\u2018\u2019\u201c\u201d]{1,2000}")
"""The letters, digits and signs of an address; all of them can be printed."""

_ARTICLE = re.compile("(article|note):[a-z0-9-]{1,80}")


def claims_table(claims: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Claims as a table with the columns and types of ``CLAIMS``."""
    table = pd.DataFrame(list(claims), columns=list(CLAIMS))
    return table.astype(dict(CLAIMS))


def problem_of(path: Path) -> str:
    """What a file is instead of a table, by its size and first bytes; "" where it may be one."""
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
    text = start.removeprefix(_BOM).lstrip()
    if text[:1] == b"<":
        return "a web page (it begins with <)"
    if not text and size < 4096:
        return "a file of blanks"
    return "a binary file, or in another encoding (it holds NUL bytes)" if start.count(0) > len(start) / 50 else ""


def heading(path: Path) -> list[str]:
    """The names in the first row of a file; none where it is no table."""
    try:
        with path.open(encoding="utf-8-sig", errors="replace", newline="") as stream:
            return _stripped(next(csv.reader(_lines(stream), strict=True), [])) if not problem_of(path) else []
    except csv.Error:
        return []


def _lines(stream: IO[str]) -> Iterator[str]:
    while line := stream.readline(MAX_LINE + 1):
        if len(line) > MAX_LINE:
            raise csv.Error(f"a line of more than {MAX_LINE} characters")
        yield line


def _stripped(cells: Sequence[str]) -> list[str]:
    return [cell.strip() for cell in cells]


def _has_bom(path: Path) -> bool:
    with path.open("rb") as stream:
        return stream.read(3) == _BOM


def _undecodable(path: Path) -> tuple[int, str]:
    """The row of the first bytes that are not UTF-8, and what they are."""
    with path.open("rb") as stream:
        for row, line in enumerate(stream, start=1):
            try:
                line.decode("utf-8")
            except UnicodeDecodeError as error:
                return row, f"the byte {line[error.start]:02X} after {line[: error.start][-20:].decode('utf-8', 'replace')!r}"
    return 0, "bytes that are not UTF-8"


def is_address(text: str) -> bool:
    """Whether a text is the http or https address of a page: on a host, with nobody's name before it, without signs that no address has.

    >>> is_address("https://haiduong.gov.vn/x"), is_address("javascript:alert(1)"), is_address("https://a b"), is_address("https://me@example.org/")
    (True, False, False, False)
    """
    try:
        parts = urlsplit(text)
        return bool(_ADDRESS.fullmatch(text) and parts.hostname and parts.hostname.isascii() and "@" not in parts.netloc and (parts.port is None or parts.port))
    except ValueError:
        return False


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
    length: int = 0  # rows that were read

    def rows(self, path: Path, columns: Sequence[str]) -> Iterator[tuple[int, dict[str, str]]]:
        """The rows of a CSV file with the given columns, numbered as in a spreadsheet; a file that is no such table is a finding and no rows.

        Rows of blanks are passed over. After ``MAX_FINDINGS`` findings no further row is read.
        """
        problem = problem_of(path)
        if problem:
            self.find("error", "not a table", 0, "", problem, "a CSV file in UTF-8, comma-separated, with a heading", "save it as CSV UTF-8")
            return
        try:
            with path.open(encoding="utf-8-sig", newline="") as stream:
                yield from self._rows(csv.reader(_lines(stream), strict=True), columns)
        except UnicodeDecodeError:
            row, met = _undecodable(path)
            self.find("error", "encoding", row, "", met, "a file in UTF-8", "save it as CSV UTF-8")
        if _has_bom(path):
            self.find("note", "byte order mark", 1, "", "a byte order mark before the heading", "UTF-8 without one", "harmless: it was passed over")

    def _rows(self, reader: Iterator[list[str]], columns: Sequence[str]) -> Iterator[tuple[int, dict[str, str]]]:
        number, names = 0, []
        try:
            names = _stripped(next(reader, []))
            if not self._is_heading(names, columns):
                return
            is_empty = True
            for number, cells in enumerate(map(_stripped, reader), start=2):
                if number > MAX_ROWS:
                    self.find("error", "too many rows", number, "", f"more than {MAX_ROWS} rows", "a table", "the rest was not read")
                if number > MAX_ROWS or len(self.findings) > MAX_FINDINGS:
                    return
                if not any(cells):
                    continue
                is_empty = False
                self.length += 1
                if self._is_row(number, names, cells):
                    yield number, dict(zip(names, cells, strict=True))
            if is_empty:
                self.find("error", "no rows", 1, "", "a heading alone", "a row for every unit")
        except csv.Error as error:
            self.find("error", "shape", number + 1, "", str(error), "rows of comma-separated cells", 'a " in a cell is written "", and the cell in quotes')

    def _is_heading(self, names: Sequence[str], columns: Sequence[str]) -> bool:
        missing = [column for column in columns if column not in names]
        if missing:
            parted = any(";" in name or "\t" in name for name in names)
            hint = "the cells are parted by semicolons or tabs: save it as comma-separated, with decimal points" if parted else ""
            self.find("error", "heading", 1, ",".join(missing), ",".join(names), f"the columns {', '.join(columns)}", hint)
            return False
        doubled = sorted(name for name, count in Counter(names).items() if count > 1)
        if doubled:
            self.find("error", "heading", 1, ",".join(doubled), "the same heading twice", "every column once")
        return not doubled

    def _is_row(self, number: int, names: Sequence[str], cells: Sequence[str]) -> bool:
        if len(cells) != len(names):
            self.find("error", "shape", number, "", f"{len(cells)} cells", f"{len(names)} cells in the row", "a decimal comma parts a number in two: write 87.84")
            return False
        controls = [(name, cell) for name, cell in zip(names, cells, strict=True) if _CONTROLS.search(cell)]
        for name, cell in controls:
            self.find("error", "control character", number, name, cell, "text without characters that control a terminal or turn the direction of writing")
        return not controls

    def find(self, severity: Severity, rule: str, row: int, column: str, met: str, expected: str, hint: str = "") -> None:
        """Note a finding about a row of this file. After ``MAX_FINDINGS`` of them the file is said to hold more."""
        if len(self.findings) < MAX_FINDINGS:
            self.findings.append(Finding(severity, rule, self.edition, self.file, row, shortened(column), shortened(met) or "a blank", expected, hint))
        elif len(self.findings) == MAX_FINDINGS:
            met = f"more than {MAX_FINDINGS} findings"
            self.findings.append(Finding("error", "more findings", self.edition, self.file, row, "", met, "a table of this kind", "the rest is not listed"))

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

    def address_in(self, row: int, column: str, text: str) -> str | None:
        """The address in a cell, of a page or of an article that is kept here; anything else is a finding."""
        if is_address(text) or _ARTICLE.fullmatch(text):
            return text
        self.find("error", "not an address", row, column, text, "an address that begins with https:// or http://")
        return None

    def year(self, row: int, text: str) -> int | None:
        """The year in a cell."""
        if re.fullmatch("[0-9]{4}", text) and 1990 <= int(text) <= 2100:
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
        if math.isinf(value) or math.isinf(entry["out_of"]):
            return True
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
