"""The realistic report, in both formats."""

from __future__ import annotations

import copy
import itertools
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest
from bs4 import BeautifulSoup

from par_analysis.errors import RenderError, VerifyError
from par_analysis.render.readback import read_identity, read_text, read_title
from par_analysis.show import blocks

SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><rect width="9" height="9"/></svg>'


@pytest.fixture(scope="module")
def soup(files: dict[str, Path]) -> BeautifulSoup:
    return BeautifulSoup(files["html"].read_text(encoding="utf-8"), "html.parser")


def test_two_runs_give_the_same_bytes(report: Any, kit: Any, files: dict[str, Path]) -> None:
    again = copy.deepcopy(report)
    assert kit.html_page.from_notebook_node(again)[0].encode() == files["html"].read_bytes()
    assert kit.pdf_page.from_notebook_node(again)[0] == files["pdf"].read_bytes()
    fresh_html, fresh_pdf = type(kit.html_page)(), type(kit.pdf_page)()
    assert fresh_html.from_notebook_node(again)[0].encode() == files["html"].read_bytes()
    assert fresh_pdf.from_notebook_node(again)[0] == files["pdf"].read_bytes()


def test_page_is_small_and_loads_nothing(files: dict[str, Path], soup: BeautifulSoup) -> None:
    assert files["html"].stat().st_size < 250_000
    assert not soup.find_all(["script", "link", "iframe", "object"])
    assert all(tag["src"].startswith("data:") for tag in soup.find_all(src=True))
    assert re.findall(r"url\((?!data:|#)", str(soup)) == []


@pytest.mark.parametrize("kind", ["html", "pdf"])
def test_file_says_what_it_is(kind: str, files: dict[str, Path], kit: Any) -> None:
    assert read_identity(files[kind]) == kit.identity
    assert read_title(files[kind]) == "Hải Dương · PAR INDEX 2023"
    text = " ".join(read_text(files[kind]).split())
    for words in ("87,84", "Tám lĩnh vực", "Sở Giao thông vận tải", "Sơ đồ của chuyên viên", "Chưa có số liệu công bố về hồ sơ"):
        assert words in text


def test_file_without_identity_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text("<title>x</title>", encoding="utf-8")
    with pytest.raises(VerifyError, match="no identity"):
        read_identity(tmp_path / "a.html")
    with pytest.raises(VerifyError, match=r"\.html, \.pdf, \.docx or \.xlsx"):
        read_identity(tmp_path / "a.txt")


def test_headings_never_skip_a_level(soup: BeautifulSoup) -> None:
    levels = [int(tag.name[1]) for tag in soup.find_all(re.compile(r"h[1-6]"))]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))


def test_headings_of_any_depth_are_set_right(kit: Any) -> None:
    soup = kit.soup(kit.said("##### deep\n\n# Title\n\n###### deeper\n\n# Another"))
    assert [(tag.name, tag.get_text()) for tag in soup.main.find_all(re.compile("h[1-6]"))] == [("h2", "deep"), ("h3", "deeper"), ("h2", "Another")]
    assert soup.h1.get_text() == "Title"


def test_section_without_figures_is_listed_before_the_last_one(soup: BeautifulSoup) -> None:
    sections = [section.h2.get_text() for section in soup.find_all("section")]
    assert "Hồ sơ thủ tục hành chính" not in sections
    last = soup.find_all("section")[-2]
    assert "Hồ sơ thủ tục hành chính" in last.get_text()
    assert "Chưa có số liệu công bố về hồ sơ cho năm 2023." in last.get_text()
    assert "Số liệu quý." not in soup.get_text()


def test_absent_block_beside_others_stays(kit: Any) -> None:
    soup = kit.soup(kit.said("## A"), kit.code(kit.shown(kit.blocks.absent("why") + kit.blocks.paragraph([{"text": "but"}]))))
    assert [section.h2.get_text() for section in soup.find_all("section")] == ["A"]
    assert soup.find(class_="absent").get_text() == "why"


def test_page_without_any_figures_keeps_its_cover(kit: Any) -> None:
    absent = [cell for name in "AB" for cell in (kit.said(f"## {name}"), kit.code(kit.shown(kit.blocks.absent("no figures"))))]
    soup = kit.soup(kit.code(kit.shown(kit.cover(headlines=[]))), *absent)
    assert soup.h1.get_text() == "Hải Dương"
    assert len(soup.find_all("section")) == 1
    assert len(soup.section.find_all("li")) == 2


def test_tables_have_headings(soup: BeautifulSoup) -> None:
    for table in soup.find_all("table"):
        assert table.caption is not None
        assert all(cell.get("scope") == "col" for cell in table.thead.find_all("th"))
        assert all(row.find(True).get("scope") == "row" for row in table.tbody.find_all("tr"))


def test_figures_have_alternative_text(soup: BeautifulSoup) -> None:
    assert [tag["role"] for tag in soup.find_all("svg")] == ["img"] * 4
    assert all(tag["aria-label"] for tag in soup.find_all("svg"))
    assert soup.img["alt"] == "Đường gấp khúc lên bốn điểm"


def test_ids_are_unique(soup: BeautifulSoup) -> None:
    ids = [tag["id"] for tag in soup.find_all(id=True)]
    assert len(ids) == len(set(ids))
    assert {tag["href"][1:] for tag in soup.find_all(href=re.compile("^#"))} <= set(ids)


def test_direction_of_a_headline_is_an_arrow_beside_its_words(soup: BeautifulSoup) -> None:
    assert [tag.get_text(" ", strip=True) for tag in soup.find_all("dd", class_="value")] == ["87,84 ↑", "22/63 ↑", "+0,86", "7/11 ↓"]
    assert soup.find("dd", class_="detail").get_text() == "+4,32 điểm so với năm 2022"


def test_code_and_parameters_are_hidden(soup: BeautifulSoup) -> None:
    assert "load()" not in soup.get_text()
    assert "lang: str" not in soup.get_text()


def test_error_stream_becomes_a_warning(report: Any, kit: Any) -> None:
    page, resources = kit.html_page.from_notebook_node(report)
    assert "cell 3 wrote to the error stream: FutureWarning: old" in resources["par_warnings"]
    assert "FutureWarning" not in page


@pytest.mark.parametrize(
    ("lang", "index", "heading"),
    [("vi", "par_index", "Các lĩnh vực"), ("vi", "papi", "Các chỉ số nội dung"), ("en", "par_index", "Domains"), ("en", "papi", "Dimensions")],
)
def test_text_cells_are_in_the_words_of_the_index_on_the_cover(kit: Any, lang: str, index: str, heading: str) -> None:
    identity = {**kit.identity, "lang": lang, "index": index}
    cover = kit.blocks.cover(identity, title="T", subtitle="", kicker="", author="", headlines=[], lead=[])
    text = kit.said("## Domains\n\nIn which domains did the province rise or fall?", tags=())
    assert kit.soup(kit.code(kit.shown(cover)), text).h2.get_text(strip=True) == heading


def test_untranslated_text_becomes_a_warning(kit: Any) -> None:
    cells = [kit.code(kit.shown(kit.cover())), kit.said("Some words that nobody translated.", tags=())]
    _, resources = kit.html_page.from_notebook_node(kit.notebook(*cells))
    assert resources["par_warnings"] == ["cell 2 has no translation into 'vi': 'Some words that nobody translated.'"]


def test_cell_of_another_language_is_left_out(kit: Any) -> None:
    page = kit.html(kit.code(kit.shown(kit.cover())), kit.said("Của riêng", tags=("lang:vi",)), kit.said("Our own", tags=("lang:en",)), kit.said("gone", tags=("hide",)))
    assert "Của riêng" in page
    assert "Our own" not in page
    assert "gone" not in page


def test_language_of_the_cover_is_the_page_s(kit: Any) -> None:
    soup = kit.soup(kit.code(kit.shown(kit.blocks.cover({**kit.identity, "lang": "en"}, title="T", subtitle="", kicker="", headlines=[], lead=[], author=""))))
    assert soup.html["lang"] == "en"


def test_unknown_language_is_refused(kit: Any) -> None:
    with pytest.raises(RenderError, match="unknown language 'fr'"):
        kit.html(kit.code(kit.shown(kit.blocks.cover({"lang": "fr"}, title="T", subtitle="", kicker="", headlines=[], lead=[], author=""))))


def test_second_cover_is_refused(kit: Any) -> None:
    with pytest.raises(RenderError, match="cell 2: a page has one cover"):
        kit.html(kit.code(kit.shown(kit.cover())), kit.code(kit.shown(kit.cover())))


@pytest.mark.parametrize("media", [{"image/png": "x"}, {"image/svg+xml": SVG}])
def test_figure_without_alternative_text_fails_with_its_cell(media: dict[str, str], kit: Any) -> None:
    output = nbformat.v4.new_output("display_data", data=media)
    with pytest.raises(RenderError, match="cell 2: a figure has no alternative text") as caught:
        kit.html(kit.said("text"), kit.code(output))
    assert caught.value.cell == 2


def test_figure_of_ours_without_alternative_text_fails(kit: Any) -> None:
    with pytest.raises(RenderError, match="cell 1: a figure has no alternative text"):
        kit.pdf(kit.code(kit.shown(kit.blocks.figure("c", " ", SVG))))


def test_failed_cell_fails_the_page(kit: Any) -> None:
    error = nbformat.v4.new_output("error", ename="KeyError", evalue="'dan_so'", traceback=[])
    with pytest.raises(RenderError, match=r"cell 1: it failed with KeyError: 'dan_so'"):
        kit.html(kit.code(error))


def test_block_that_cannot_be_read_names_its_cell(kit: Any) -> None:
    output = nbformat.v4.new_output("display_data", data={"application/vnd.par-analysis+json": {"blocks": [{"kind": "tabel"}], "numbers": []}})
    with pytest.raises(RenderError, match=r"cell 1: .*did you mean 'table'"):
        kit.html(kit.code(output))


NBCONVERT = """
import sys
from nbconvert import nbconvertapp

for name in sys.argv[2:]:
    nbconvertapp.NbConvertApp.clear_instance()
    nbconvertapp.main(["--to", name, sys.argv[1]])
"""
EXPORTERS = [("par_html", ".html", b"<!DOCTYPE html>"), ("par_pdf", ".pdf", b"%PDF-"), ("par_docx", ".docx", b"PK\x03\x04"), ("par_xlsx", ".xlsx", b"PK\x03\x04")]


@pytest.fixture(scope="module")
def converted(report: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where nbconvert, started once, has put the report in every format."""
    folder = tmp_path_factory.mktemp("nbconvert")
    nbformat.write(report, folder / "out.ipynb")
    subprocess.run([sys.executable, "-c", NBCONVERT, str(folder / "out.ipynb"), *(name for name, *_ in EXPORTERS)], check=True, capture_output=True, cwd=folder)
    return folder


@pytest.mark.parametrize(("name", "ending", "head"), EXPORTERS)
def test_nbconvert_finds_the_exporters(name: str, ending: str, head: bytes, converted: Path) -> None:
    assert (converted / f"out{ending}").read_bytes().startswith(head)
    assert read_identity(converted / f"out{ending}")["unit"] == "30"


def test_notebook_without_cover_still_renders(kit: Any, tmp_path: Path) -> None:
    page, _ = kit.html_page.from_notebook_node(kit.notebook(), {"metadata": {"name": "my-notebook"}})
    (tmp_path / "a.html").write_text(page, encoding="utf-8")
    assert read_title(tmp_path / "a.html") == "my-notebook"
    assert read_identity(tmp_path / "a.html") == {}


def test_naming_the_package_loads_nothing() -> None:
    script = "import sys, par_analysis.render, json; print(json.dumps([name for name in ('nbconvert', 'typst', 'jinja2', 'docx', 'openpyxl') if name in sys.modules]))"
    done = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    assert json.loads(done.stdout) == []


def test_what_an_index_does_not_have_is_left_out_without_a_word(kit: Any) -> None:
    known = blocks.paragraph([{"text": "87,84"}]) + blocks.nothing()
    page = kit.soup(kit.said("# T"), kit.said("## Lĩnh vực"), kit.code(kit.shown(blocks.nothing())), kit.said("## Điểm"), kit.code(kit.shown(known)))
    assert [section.h2.get_text() for section in page.find_all("section")] == ["Điểm"]
