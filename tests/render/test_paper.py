"""The PDF as other programs see it, and how it is laid out."""

from __future__ import annotations

import re
import shutil
import subprocess
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from par_analysis.fonts import FOLDER, TTF, WEB_FAMILY, WOFF2, characters
from par_analysis.render.fitting import Stand, fit
from par_analysis.render.layout import FULL, MEASURE, on_paper

VOWELS = "aăâeêioôơuưy"
LETTERS = [unicodedata.normalize("NFC", vowel + tone) for vowel in VOWELS for tone in ("", "\u0300", "\u0309", "\u0303", "\u0301", "\u0323")]
ACCENTED = [letter for letter in [*LETTERS, "đ"] if letter not in "aeiouy"]
ALL = [*ACCENTED, *(letter.upper() for letter in ACCENTED)]


def _run(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def test_there_are_134_accented_letters() -> None:
    assert len(set(ALL)) == 134


@pytest.mark.parametrize("face", list(TTF))
def test_every_face_has_every_letter(face: Any) -> None:
    assert set(ALL) | set("−–—…“”‘’«»≥≤≈±×·•→←↑↓%‰§°²₫€") <= characters(face)


@pytest.mark.parametrize("face", list(WOFF2))
def test_web_face_has_every_letter_under_its_own_name(face: Any) -> None:
    from fontTools.ttLib import TTFont

    font = TTFont(WOFF2[face])
    assert set(ALL) | set("−–—…“”‘’→↑↓") <= {chr(code) for code in font.getBestCmap()}
    assert WEB_FAMILY in str(font["name"].getDebugName(16) or font["name"].getDebugName(1))
    assert all("Plex" not in str(font["name"].getDebugName(number)) for number in (1, 3, 4, 6, 16))
    assert "SIL Open Font License" in str(font["name"].getDebugName(13))


def test_licence_of_the_fonts_is_there() -> None:
    assert "SIL OPEN FONT LICENSE Version 1.1" in (FOLDER / "OFL.txt").read_text(encoding="utf-8")


@pytest.mark.poppler
@pytest.mark.skipif(shutil.which("pdfinfo") is None, reason="poppler-utils is not installed: apt install poppler-utils")
def test_file_is_tagged_a4_with_a_title(files: dict[str, Path]) -> None:
    facts = dict(re.findall(r"^([\w ]+):\s+(.*)$", _run("pdfinfo", str(files["pdf"])), re.MULTILINE))
    assert facts["Tagged"] == "yes"
    assert "(A4)" in facts["Page size"]
    assert facts["Title"] == "Hải Dương · PAR INDEX 2023"
    assert facts["Author"] == "Sở Nội vụ tỉnh Hải Dương"
    assert "CreationDate" not in facts


@pytest.mark.poppler
@pytest.mark.skipif(shutil.which("pdffonts") is None, reason="poppler-utils is not installed: apt install poppler-utils")
def test_fonts_are_embedded(files: dict[str, Path]) -> None:
    rows = _run("pdffonts", str(files["pdf"])).splitlines()[2:]
    assert rows
    assert all(re.search(r"yes yes yes\s+\d+\s+\d+$", row) for row in rows)


@pytest.mark.poppler
@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="poppler-utils is not installed: apt install poppler-utils")
def test_every_letter_is_found_again(kit: Any, tmp_path: Path) -> None:
    words = " ".join(ALL)
    display = kit.blocks.paragraph([{"text": words}, {"text": words, "strong": True}, {"text": words, "emphasis": True}, {"text": words, "code": True}])
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 999 40"><text x="0" y="20" font-size="3">{words}</text></svg>'
    (tmp_path / "a.pdf").write_bytes(kit.pdf(kit.code(kit.shown(display + kit.blocks.figure("c", "alt", svg)))))
    text = unicodedata.normalize("NFC", _run("pdftotext", "-raw", str(tmp_path / "a.pdf"), "-"))
    assert [letter for letter in ALL if text.count(letter) < 5] == []


def test_file_has_language_bookmarks_and_marked_content(files: dict[str, Path]) -> None:
    reader = PdfReader(files["pdf"])
    root: Any = reader.trailer["/Root"]
    assert root["/Lang"] == "vi"
    assert root["/MarkInfo"]["/Marked"]
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert b"pdfuaid:part>1" in root["/Metadata"].get_data()
    first, below = reader.outline[0], reader.outline[1]
    titles = [first["/Title"], *(entry["/Title"] for entry in below if not isinstance(entry, list))]
    assert titles[:3] == ["Hải Dương", "Điểm số và thứ hạng qua các năm", "Tám lĩnh vực"]


def test_structure_has_headings_tables_and_alternative_text(files: dict[str, Path]) -> None:
    reader = PdfReader(files["pdf"])
    root: Any = reader.trailer["/Root"]
    kinds: list[str] = []
    alternatives: list[str] = []

    def walk(node: Any) -> None:
        node = node.get_object() if hasattr(node, "get_object") else node
        if isinstance(node, list):
            for child in node:
                walk(child)
        elif isinstance(node, dict):
            kinds.append(str(node.get("/S", "")))
            if "/Alt" in node:
                alternatives.append(str(node["/Alt"]))
            walk(node.get("/K", []))

    walk(root["/StructTreeRoot"]["/K"])
    assert kinds.count("/H1") == 1
    assert kinds.count("/H2") == 6
    assert kinds.count("/H3") == 1
    assert kinds.count("/Table") == 4
    assert kinds.count("/TH") == 6 + 6 + 2 + 4
    assert {"/L", "/LI", "/Caption", "/Link", "/TOC", "/Strong", "/Code"} <= set(kinds)
    assert "Sơ đồ" in alternatives


def test_pages_are_numbered_with_a_running_foot(files: dict[str, Path]) -> None:
    pages = [page.extract_text() for page in PdfReader(files["pdf"]).pages]
    for number, text in enumerate(pages, 1):
        assert f"{number} / {len(pages)}" in text
        assert "Hải Dương · PAR INDEX 2023" in text


def test_long_table_repeats_its_headings(files: dict[str, Path]) -> None:
    with_table = [page.extract_text() for page in PdfReader(files["pdf"]).pages if re.search(r"Quảng Ninh|Bạc Liêu", page.extract_text())]
    assert len(with_table) == 2
    assert all("Khoảng cách đến trung bình" in text for text in with_table)


def _block(*columns: tuple[bool, str], rows: int = 3) -> dict[str, Any]:
    cells = [{"text": words, "strong": False, "tone": "plain"} for _, words in columns]
    return {"kind": "table", "caption": "", "dense": False, "columns": [{"label": "a", "numeric": numeric} for numeric, _ in columns], "rows": [{"cells": cells}] * rows}


def test_table_with_too_many_columns_is_cut_into_parts() -> None:
    parts = on_paper(_block((False, "Hải Dương"), *[(True, "123.456,78")] * 30))
    assert len(parts) > 1
    assert all(part["rows"][0]["cells"][0]["text"] == "Hải Dương" for part in parts)
    assert sum(len(part["columns"]) - 1 for part in parts) == 30
    assert all(part["zoom"] >= 0.78 for part in parts)


def test_small_table_keeps_to_the_text_s_width() -> None:
    assert sum(on_paper(_block((False, "Hải Dương"), (True, "1")))[0]["widths"]) == pytest.approx(MEASURE / 2, abs=0.2)
    assert sum(on_paper(_block((False, "Hải Dương " * 20), (False, "Hải Dương " * 20)))[0]["widths"]) == pytest.approx(FULL, abs=0.2)


def test_column_that_needs_room_gets_it() -> None:
    widths = on_paper(_block((False, "một câu dài hơn nhiều " * 9), (False, "một câu vừa phải, không dài"), (True, "1")))[0]["widths"]
    assert widths[0] > 1.5 * widths[1] > 0
    assert widths[2] < 10
    assert sum(widths) == pytest.approx(FULL, abs=0.3)


def test_chart_that_just_misses_the_page_is_set_smaller() -> None:
    figure = {"kind": "figure", "number": 1, "scale": 1}
    blocks = [{"kind": "heading"}, {"kind": "paragraph", "role": "question"}, figure]

    def lay_out() -> list[tuple[str, int, int, float]]:
        page, top = (1, 200.0) if figure["scale"] < 1 else (2, 40.0)
        return [("before", 0, 1, 180.0), ("top", 1, page, top), ("end", 1, page, top + 70 * figure["scale"])]

    assert Stand(1, page_before=1, before=180.0, page=2, top=40, end=110).scale() is not None
    fit(blocks, lay_out)
    assert figure["scale"] < 1


def test_chart_that_would_become_too_small_is_left_alone() -> None:
    assert Stand(1, page_before=1, before=230.0, page=2, top=40, end=110).scale() is None
    assert Stand(1, page_before=2, before=100.0, page=2, top=120, end=190).scale() is None


def test_scale_that_does_not_help_is_taken_back() -> None:
    figure = {"kind": "figure", "number": 1, "scale": 1}
    marks = [("before", 0, 1, 180.0), ("top", 1, 2, 40.0), ("end", 1, 2, 110.0)]
    fit([figure], lambda: marks)
    assert figure["scale"] == 1
