"""Made-up scorecards: written as ``par scorecard new`` writes them, filled in as a person does, and spoiled."""

from __future__ import annotations

import datetime
import functools
import io
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from openpyxl import load_workbook

from par_analysis import catalog
from par_analysis.catalog import Catalog
from par_analysis.model import Language
from par_analysis.run import scorecards
from par_analysis.run.scorecard_book import FIRST, WIDTHS
from tests.tables import ROOT

LETTERS: Final = {name: chr(ord("A") + place) for place, name in enumerate(WIDTHS)}

Values = dict[str, Any]
Change = Callable[[Any], None]

MAXIMA: Final = {1: 9.5, 2: 10.0, 3: 13.0, 4: 10.5, 5: 12.0, 6: 12.0, 7: 16.0, 8: 17.0}
"""Of the domains, together 100; those of 2, 3 and 4 are the published ones of 2022 and 2023."""

DAY: Final = datetime.date(2024, 6, 30)

PARTS: Final[tuple[tuple[str, Values], ...]] = (
    ("1", {"owner": "Sở Nội vụ", "deadline": datetime.date(2024, 3, 31)}),
    ("1.1", {"name": "Kế hoạch cải cách hành chính", "maximum": 2.5, "self_score": 2.5, "score": 2.25}),
    ("1.2", {"name": "Kiểm tra công tác cải cách hành chính", "maximum": 7, "self_score": 7, "score": 5.5, "owner": "Thanh tra tỉnh"}),
    ("2", {"self_score": 9.5, "score": 9, "owner": "Sở Tư pháp", "deadline": DAY}),
    ("3", {}),
    ("3.1", {"name": "Kiểm soát thủ tục hành chính", "maximum": 3}),
    ("3.1.1", {"name": "Rà soát, đánh giá thủ tục hành chính", "maximum": 1, "self_score": 1, "score": 1}),
    ("3.1.2", {"name": "Công bố, công khai thủ tục hành chính", "maximum": 2, "self_score": 1.5, "score": 2, "owner": "Văn phòng UBND tỉnh", "deadline": DAY}),
    ("3.2", {"name": "Thực hiện cơ chế một cửa", "maximum": 10, "self_score": 9, "owner": "Văn phòng UBND tỉnh", "deadline": DAY, "effort": 2}),
    ("4", {"self_score": 10, "score": 9.75, "owner": "Sở Nội vụ"}),
    ("5", {"self_score": 11, "score": 10.5, "owner": "Sở Nội vụ", "deadline": datetime.date(2024, 9, 30)}),
    ("6", {"self_score": 12, "score": 12}),
    ("7", {}),
    ("7.1", {"name": "Dịch vụ công trực tuyến", "maximum": 10, "self_score": 10, "score": 8.5, "owner": "Sở Thông tin và Truyền thông", "deadline": DAY}),
    ("7.2", {"name": "Hạ tầng số", "maximum": 6, "self_score": 5, "score": 5, "owner": "Sở Thông tin và Truyền thông", "locked": "x"}),
    ("8", {"survey_score": 14.75, "note": "Chỉ số hài lòng và khảo sát lãnh đạo"}),
)
"""Code → what is filled in. All parts have points; those of 3.2 are not verified. Points: 87.25 in all, with 3.2 as the province scored it."""


def blank(lang: Language = "vi", *, year: int = 2023, unit: str = "30", folder: Path, known: Catalog | None = None, **asked: Any) -> Path:
    """The workbook as it is written."""
    file = folder / f"{unit}-{year}-{lang}.xlsx"
    scorecards.new(scorecards.Request(file, "par_index", unit, year, lang, **asked), known or catalog.load(), force=True)
    return file


@functools.cache
def _blank(lang: Language, year: int, unit: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        return blank(lang, year=year, unit=unit, folder=Path(folder), known=Catalog(ROOT)).read_bytes()


def fill(book: Any, parts: tuple[tuple[str, Values], ...] = PARTS) -> None:
    """Fill in the table: rows with a code that stands there already are filled in place, others go into the blank rows below."""
    sheet = book.worksheets[0]
    rows = {str(sheet[f"A{row}"].value): row for row in range(FIRST, sheet.max_row + 1) if sheet[f"A{row}"].value}
    row = FIRST
    for code, values in parts:
        row = rows.get(code, row + 1)
        maximum = {"maximum": MAXIMA[int(code)]} if code.isdigit() else {}
        for name, value in ({"code": code} | maximum | values).items():
            sheet[f"{LETTERS[name]}{row}"] = value
    names = dict.fromkeys(values["owner"] for _, values in parts if "owner" in values)
    for place, name in enumerate(names, start=2):
        book.worksheets[1][f"A{place}"] = name


def filled(
    folder: Path, *, lang: Language = "vi", year: int = 2023, unit: str = "30", change: Change = lambda _: None, parts: tuple[tuple[str, Values], ...] = PARTS
) -> Path:
    """A scorecard as it comes back."""
    file = folder / f"{unit}-{year}-{lang}.xlsx"
    book = load_workbook(io.BytesIO(_blank(lang, year, unit)))
    fill(book, parts)
    change(book)
    book.save(file)
    return file


def row_of(book: Any, code: str) -> int:
    """The row of a code in the table."""
    sheet = book.worksheets[0]
    return next(row for row in range(1, sheet.max_row + 1) if sheet[f"A{row}"].value == code)


def put(code: str, name: str, value: object) -> Change:
    """A change: another value in the cell of a row."""

    def change(book: Any) -> None:
        book.worksheets[0][f"{LETTERS[name]}{row_of(book, code)}"] = value

    return change


def content_of(book: Any) -> bytes:
    """A workbook as a file."""
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()
