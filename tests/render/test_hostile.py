"""Text is never markup: hostile strings in every text of every block come out as what they are."""

from __future__ import annotations

import unicodedata
from pathlib import Path
from typing import Any

import nbformat
import pytest
from bs4 import BeautifulSoup
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from par_analysis.errors import RenderError
from par_analysis.fonts import characters
from par_analysis.render.readback import read_text, read_title

HOSTILE = (
    '"><script>alert(1)</script>',
    '#read("/etc/passwd")',
    "$x^2$ \\( y \\)",
    "*bold* _it_ `raw` [a](b)",
    "@ref <label> #pagebreak()",
    "{{ 7*7 }} {% raw %} {# c #}",
    "&lt;b&gt; &amp; </title></style>",
    "' onload='alert(1)' x='",
    "\\u{41} \\n // comment /* c */",
    "= heading - list + enum / term: x",
)
SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 300 40"><text x="0" y="20" font-size="9">{}</text></svg>'


def _everywhere(kit: Any, words: str) -> list[Any]:
    """The words in every text there is."""
    blocks, escaped = kit.blocks, words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    span = [{"text": words}, {"text": words, "strong": True, "emphasis": True}, {"text": words, "code": True}, {"text": words, "href": kit.url}]
    head = {"label": words, "value": words, "detail": words, "tone": "up"}
    columns, row = [{"label": words, "numeric": False}, {"label": words, "numeric": True}], {"cells": [{"text": words}, {"text": words, "href": kit.url}], "highlight": True}
    cover = blocks.cover(kit.identity | {"data": words}, title=words, subtitle=words, kicker=words, author=words, headlines=[head], lead=[span])
    shown = [
        cover,
        blocks.paragraph(span, role="limit"),
        blocks.bullets([span, span]),
        blocks.table(words, columns, [row], notes=[span]),
        blocks.figure(words, words, SVG.format(escaped), notes=[span]),
    ]
    raw = nbformat.v4.new_output("stream", name="stdout", text=words)
    absent = [kit.said("## A"), kit.code(kit.shown(blocks.absent(words)))]
    return [*(kit.code(kit.shown(display)) for display in shown), kit.code(raw), *absent]


def _bare(words: str) -> str:
    return "".join(words.replace("\u200b", "").split())


@pytest.mark.parametrize("words", HOSTILE)
def test_hostile_text_comes_out_as_it_is(words: str, kit: Any, tmp_path: Path) -> None:
    cells = _everywhere(kit, words)
    page, pdf = tmp_path / "a.html", tmp_path / "a.pdf"
    page.write_text(kit.html(*cells), encoding="utf-8")
    pdf.write_bytes(kit.pdf(*cells))
    soup = BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser")
    assert not soup.find_all("script")
    assert not [name for tag in soup.find_all(True) for name in tag.attrs if name.startswith("on")]
    assert soup.title.get_text() == read_title(page) == read_title(pdf)
    assert read_title(pdf).startswith(words)
    assert {tag["aria-label"] for tag in soup.find_all("svg")} == {words}
    for path, count in ((page, 30), (pdf, 28)):
        assert _bare(read_text(path)).count(_bare(words)) >= count, path.suffix


@pytest.mark.parametrize("words", HOSTILE)
def test_hostile_identity_comes_back(words: str, kit: Any, tmp_path: Path) -> None:
    from par_analysis.render.readback import read_identity

    cell = kit.code(kit.shown(kit.blocks.cover(kit.identity | {"data": words}, title="t", subtitle="", kicker="", author="", headlines=[], lead=[])))
    (tmp_path / "a.html").write_text(kit.html(cell), encoding="utf-8")
    (tmp_path / "a.pdf").write_bytes(kit.pdf(cell))
    assert read_identity(tmp_path / "a.html")["data"] == read_identity(tmp_path / "a.pdf")["data"] == words


@pytest.mark.parametrize("address", ["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "vbscript:x", "//example.org/x", "java\nscript:x", " javascript:x"])
def test_dangerous_address_is_no_link(address: str, kit: Any) -> None:
    span = [{"text": "here", "href": address}]
    soup = kit.soup(kit.code(kit.shown(kit.blocks.paragraph(span))), kit.said(f"[there](<{address.strip()}>)" if "\n" not in address else "x"))
    assert soup.main.find_all("a") == []
    assert "here" in soup.main.get_text()


@pytest.mark.parametrize(
    ("char", "name"), [("中", r"U\+4E2D"), ("\u202e", r"U\+202E"), ("\u2066", r"U\+2066"), ("🙂", r"U\+1F642"), ("\x00", r"U\+0000"), ("\ufeff", r"U\+FEFF"), ("▲", r"U\+25B2")]
)
def test_character_without_glyph_fails_with_its_cell(char: str, name: str, kit: Any) -> None:
    for cell in (kit.code(kit.shown(kit.blocks.paragraph([{"text": f"a{char}b"}]))), kit.code(kit.shown(kit.cover(title=f"a{char}")))):
        with pytest.raises(RenderError, match=f"cell 2: no glyph for .*{name}") as caught:
            kit.pdf(kit.said("text"), cell)
        assert caught.value.cell == 2


def test_character_without_glyph_in_a_chart_fails(kit: Any) -> None:
    with pytest.raises(RenderError, match=r"cell 1: no glyph for '中' \(U\+4E2D"):
        kit.html(kit.code(kit.shown(kit.blocks.figure("c", "alt", SVG.format("中")))))


KNOWN = characters("regular") & characters("mono")
SEEN = sorted(char for char in KNOWN if unicodedata.category(char)[0] not in "CM" and unicodedata.normalize("NFC", char) in KNOWN)
SHOWN = st.text(st.sampled_from(SEEN), min_size=1, max_size=40)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(words=SHOWN)
def test_any_text_sets_and_reads_back(words: str, kit: Any) -> None:
    cell = kit.code(kit.shown(kit.blocks.paragraph([{"text": words}, {"text": words, "code": True}]) + kit.blocks.table(words, [{"label": words, "numeric": False}], [])))
    main = kit.soup(cell).main
    assert kit.pdf(cell).startswith(b"%PDF-")
    assert _bare(main.p.get_text()) == _bare(unicodedata.normalize("NFC", words) * 2)
