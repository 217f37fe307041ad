"""Made-up workbooks: the ministry's table of ranks as it comes, and files that are no workbook or do harm."""

from __future__ import annotations

import io
import random
import re
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from par_analysis import catalog

HEADING = 4
"""The first row of the headings."""

FIRST = 6
"""The row of the province that ranks first."""

MEAN = "Giá trị trung bình"


def scores(year: int = 2024, *, seed: int = 1) -> list[tuple[str, float, float]]:
    """Invented points of every province of a year, from appraisal and from the survey, the best first."""
    chance = random.Random(seed)
    points = [(unit.name_vi, round(chance.uniform(50, 61), 2), round(chance.uniform(20, 38), 2)) for unit in catalog.load().provinces(year)]
    return sorted(points, key=lambda row: -(row[1] + row[2]))


def printed(value: float) -> str:
    """A number as it stands in the ministry's tables: as text, with a decimal comma."""
    return f"{value:.2f}".replace(".", ",")


def rank_table(year: int = 2024, *, change: Callable[[Worksheet], None] = lambda _: None) -> Workbook:
    """Titles, merged headings in two rows, a row for every province, the mean, a note."""
    book, rows = Workbook(), scores(year)
    sheet = book.active
    sheet.title = "Bang XH"
    sheet["A1"], sheet["A2"] = "BỘ NỘI VỤ", f"BẢNG XẾP HẠNG CHỈ SỐ CẢI CÁCH HÀNH CHÍNH NĂM {year}"
    for area in ("A1:F1", "A2:F2", "A4:A5", "B4:B5", "C4:D4", "E4:E5", "F4:F5"):
        sheet.merge_cells(area)
    for place, text in {"A4": "Xếp hạng", "B4": "Đơn vị", "C4": "Kết quả", "C5": "Điểm thẩm định", "D5": "Điểm điều tra\nXHH", "E4": "Tổng điểm", "F4": "Chỉ số"}.items():
        sheet[place] = text
    for place, (name, appraisal, survey) in enumerate(rows, start=1):
        total = appraisal + survey
        sheet.append([place, name, printed(appraisal), printed(survey), printed(total), printed(total)])
    means = [sum(column) / len(rows) for column in ([row[1] for row in rows], [row[2] for row in rows], [row[1] + row[2] for row in rows])]
    sheet.append([MEAN, None, *map(printed, [*means, means[-1]])])
    sheet.merge_cells(start_row=sheet.max_row, end_row=sheet.max_row, start_column=1, end_column=2)
    sheet.append([])
    sheet.append(["Ghi chú: Điểm điều tra XHH gồm 22 điểm lãnh đạo, quản lý và 10 điểm người dân."])
    change(sheet)
    return book


SUB_INDICES = {
    "Gia nhập\n thị trường": "entry",
    "Tiếp cận \nđất đai": "land",
    "Tính minh bạch": "transparency",
    "Chi phí \nthời gian": "time",
    "Chi phí không\n chính thức": "informal",
    "Tính \nnăng động": "proactivity",
    "Hỗ trợ\n doanh nghiệp": "support",
    "Đào tạo \nlao động": "labour",
    "Thiết chế\n pháp lý": "legal",
}
"""Heading → sub-index, as PCI's workbooks of 2010 to 2012 have them."""


def side_by_side(*, change: Callable[[Worksheet], None] = lambda _: None, seed: int = 1) -> tuple[Workbook, dict[str, dict[str, float]]]:
    """A made-up PCI 2012, every column in an order of its own right of its names, and below it a form to look one up; and heading → unit → value."""
    chance, units = random.Random(seed), [(unit.code, unit.name_vi) for unit in catalog.load().provinces(2012)]
    values = {heading: {code: round(chance.uniform(2, 9), 6) for code, _ in units} for heading in SUB_INDICES}
    values["PCI 2012"] = {code: round(10 * sum(values[heading][code] for heading in SUB_INDICES) / len(SUB_INDICES), 5) for code, _ in units}
    book, names = Workbook(), dict(units)
    sheet = book.active
    sheet.title = "Tong hop"
    headings = [*values, "Xếp hạng"]
    sheet.append(["Thứ tự", *(cell for place, heading in enumerate(headings) for cell in ("Tỉnh" if not place else None, heading)), None, "Nhóm\n xếp hạng"])
    orders = [sorted(values[heading], key=lambda code, of=values[heading]: -of[code]) for heading in [*values, "PCI 2012"]]
    for place in range(len(units)):
        cells = [cell for heading, order in zip(headings, orders, strict=True) for cell in (names[order[place]], values[heading][order[place]] if heading in values else place + 1)]
        sheet.append([place + 1, *cells, names[orders[-1][place]], "Khá"])
    sheet.append([])
    sheet.append(["Thứ tự", "Tỉnh", "Gia nhập\n thị trường"])
    sheet.append([None, "Hà Nội", 8.9])
    change(sheet)
    return book, values


def saved(book: Workbook) -> bytes:
    """A workbook as a file."""
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def table(year: int = 2024, *, change: Callable[[Worksheet], None] = lambda _: None) -> bytes:
    """The file of ``rank_table``."""
    return saved(rank_table(year, change=change))


def repacked(content: bytes, parts: Mapping[str, bytes | Callable[[bytes], bytes]], *, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A workbook with some parts in place of its own, or added."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(stream, "w", method) as new:
        for name in dict.fromkeys([*old.namelist(), *parts]):
            part = parts.get(name)
            new.writestr(name, part(old.read(name)) if callable(part) else old.read(name) if part is None else part)
    return stream.getvalue()


def sharing(content: bytes) -> bytes:
    """The workbook with its texts in a list of their own, as Excel writes them."""
    texts: list[bytes] = []

    def listed(found: re.Match[bytes]) -> bytes:
        texts.append(found[1])
        return b't="s"><v>%d</v>' % (len(texts) - 1)

    with zipfile.ZipFile(io.BytesIO(content)) as book:
        if "xl/sharedStrings.xml" in book.namelist():
            return content
        sheet = re.sub(rb't="inlineStr"><is><t(?: xml:space="preserve")?>(.*?)</t></is>', listed, book.read("xl/worksheets/sheet1.xml"), flags=re.DOTALL)
    main, office = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main", b"http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings"
    kind = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
    parts: dict[str, bytes | Callable[[bytes], bytes]] = {
        "xl/worksheets/sheet1.xml": sheet,
        "xl/sharedStrings.xml": b'<sst xmlns="%s">%s</sst>' % (main, b"".join(b"<si><t>%s</t></si>" % text for text in texts)),
        "xl/_rels/workbook.xml.rels": lambda old: old.replace(b"</Relationships>", b'<Relationship Id="rIdT" Type="%s" Target="sharedStrings.xml"/></Relationships>' % office),
        "[Content_Types].xml": lambda old: old.replace(b"</Types>", b'<Override PartName="/xl/sharedStrings.xml" ContentType="%s"/></Types>' % kind),
    }
    return repacked(content, parts)


def declaring(content: bytes, size: int, name: str = "xl/worksheets/sheet1.xml") -> bytes:
    """A workbook whose directory declares another size of one of its parts."""
    start = content.index(b"PK\x01\x02")
    while content[start + 46 : start + 46 + len(name)] != name.encode():
        start = content.index(b"PK\x01\x02", start + 4)
    return content[: start + 24] + size.to_bytes(4, "little") + content[start + 28 :]


def archive(**parts: bytes) -> bytes:
    """An archive of some parts; ``__`` stands for a slash, the rest of the name for itself with ``_`` for a dot."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, part in parts.items():
            packed.writestr(name.replace("__", "/").replace("_", "."), part)
    return stream.getvalue()


def old_document(*names: str) -> bytes:
    """The beginning of a compound file with streams of some names in it; nothing else of it is sound."""
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 504 + b"".join(name.encode("utf-16-le") + b"\0" * (128 - 2 * len(name)) for name in names)


def put(path: Path, content: bytes) -> Path:
    """A file of some bytes."""
    path.write_bytes(content)
    return path


def cell(sheet: Any, address: str, value: object) -> None:
    """Another value in a cell."""
    sheet[address] = value
