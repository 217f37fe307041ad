"""Drawings come out harmless, small and with names of their own."""

from __future__ import annotations

import re

import pytest

from par_analysis.errors import RenderError
from par_analysis.render.svg import read_drawing

HEAD = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 10 10"'


def _markup(body: str, root: str = "") -> str:
    return read_drawing(f"{HEAD} {root}>{body}</svg>", prefix="p").markup


@pytest.mark.parametrize(
    "body",
    [
        "<script>alert(1)</script>",
        "<foreignObject><body xmlns='http://www.w3.org/1999/xhtml'><script>alert(1)</script></body></foreignObject>",
        '<image href="https://example.org/a.png"/>',
        '<image xlink:href="data:image/svg+xml;base64,AAAA"/>',
        "<style>*{fill:url(https://example.org)}</style>",
        "<animate attributeName='href' to='javascript:alert(1)'/>",
        "<metadata><x/></metadata><!-- a comment -->",
        "<a href='javascript:alert(1)'/>",
    ],
)
def test_nothing_but_drawing_is_kept(body: str) -> None:
    assert _markup(body) == ""


@pytest.mark.parametrize(
    ("body", "kept"),
    [
        ('<rect onclick="alert(1)" width="1"/>', '<rect width="1"/>'),
        ('<rect style="fill:url(https://example.org/x);stroke:red"/>', '<rect stroke="red"/>'),
        ('<use xlink:href="https://example.org/a.svg#b"/>', "<use/>"),
        ('<rect fill="expression(alert(1))"/>', "<rect/>"),
        ('<rect class="x" data-y="z" width="1.23456"/>', '<rect width="1.23"/>'),
        ("<text>a &lt;b&gt; &amp; c</text>", "<text>a &lt;b&gt; &amp; c</text>"),
        ('<text font-weight="bold" font-family="Arial">a</text>', '<text font-weight="600">a</text>'),
        (
            "<text style=\"font: italic 700 9px 'IBM Plex Sans', serif; text-anchor: middle\">a</text>",
            '<text font-size="9px" font-style="italic" font-weight="600" text-anchor="middle">a</text>',
        ),
        ('<g><g><path d="M 1.00001 2 L 3 4 z"/></g></g>', '<path d="M1 2L3 4z"/>'),
        ('<g opacity="0.5"><rect opacity="1"/></g>', '<g opacity="0.5"><rect opacity="1"/></g>'),
    ],
)
def test_drawing_is_written_anew(body: str, kept: str) -> None:
    assert _markup(body) == kept


def test_look_of_the_root_is_handed_down() -> None:
    assert _markup("<text>a</text>", 'font-size="9" onload="x()"') == '<g font-size="9"><text>a</text></g>'


def test_ids_are_the_drawing_s_own() -> None:
    body = '<defs><clipPath id="c"><rect id="unused" width="1"/></clipPath><path id="m" d="M0 0"/></defs><g clip-path="url(#c)"><use xlink:href="#m"/></g>'
    one, two = (read_drawing(f"{HEAD}>{body}</svg>", prefix=prefix).markup for prefix in ("f1-", "f2-"))
    assert not set(re.findall(r'id="([^"]+)"', one)) & set(re.findall(r'id="([^"]+)"', two))
    assert set(re.findall(r"#([\w-]+)", one)) == set(re.findall(r'id="([^"]+)"', one)) == {"f1-0", "f1-1"}


@pytest.mark.parametrize("size", ['width="100mm" height="50mm"', 'viewBox="0 0 200 100" width="100mm"'])
def test_size_becomes_a_view_box_and_a_width(size: str) -> None:
    drawing = read_drawing(f'<svg xmlns="http://www.w3.org/2000/svg" {size}><rect/></svg>', prefix="p")
    assert drawing.width == pytest.approx(283.46, abs=0.01)
    assert drawing.box[2] / drawing.box[3] == pytest.approx(2)


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        ('<!DOCTYPE svg [<!ENTITY a "b">]><svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"/>', "entities"),
        ('<!DOCTYPE svg [<!ELEMENT svg ANY>]><svg viewBox="0 0 9 9">&a;</svg>', "no well-formed SVG"),
        ("<svg><rect></svg>", "no well-formed SVG"),
        ("<html/>", "no SVG"),
        ("<svg><rect/></svg>", "neither a viewBox"),
        ('<svg viewBox="0 0 0 9"/>', "no size"),
    ],
)
def test_what_is_no_drawing_is_refused(source: str, problem: str) -> None:
    with pytest.raises(RenderError, match=problem):
        read_drawing(source, prefix="p")


def test_foreign_document_type_is_dropped() -> None:
    source = '<?xml version="1.0"?><!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd"><svg viewBox="0 0 9 9"><rect/></svg>'
    assert read_drawing(source, prefix="p").markup == "<rect/>"
