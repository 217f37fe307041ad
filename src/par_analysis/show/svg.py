"""From matplotlib's SVG to a small one: no ids that clash when two drawings meet in one page, attributes instead of style, runs grouped.

Attributes rather than ``style`` and rather than a style sheet: a drawing then neither leaks into the page it stands in nor is stopped by a page's
content security policy, and Typst reads it the same way.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import groupby
from typing import Final
from xml.etree import ElementTree
from xml.sax.saxutils import escape, quoteattr

_NUMBER: Final = re.compile(r"-?\d+\.\d+")
_SPACE: Final = re.compile(r"\s+")
_BESIDE: Final = re.compile(r" (?=[MLCz])|(?<=[MLCz]) ")
"""A space beside a path's command."""
_MARKED: Final = re.compile(r"[&<>\"\n\r\t]")
"""What an attribute's value holds in another form."""
_SVG: Final = "{http://www.w3.org/2000/svg}"
_HREF: Final = "{http://www.w3.org/1999/xlink}href"
_PLACE: Final = frozenset({"d", "x", "y", "href", "id"})
"""Attributes that say where an element is; all others say how it looks."""

Look = tuple[tuple[str, str], ...]
Leaf = tuple[str, dict[str, str], Look, str]
"""An element without children: tag, its place, its look, its text."""


def compact(source: str, *, width: float, height: float, family: str, size: float) -> str:
    """The drawing with everything dropped that does not show. ``width`` and ``height`` in mm; ``size`` in points is the text size most used.

    Raises ``ValueError`` for an element that the drawings of this library have no use for.
    """
    root = ElementTree.fromstring(source)
    leaves = [leaf for child in root for leaf in _leaves(child)]
    base = {"font-size": f"{size:g}"}
    body = "".join(_run(look, list(run), base) for look, run in groupby(leaves, key=lambda leaf: leaf[2]))
    measures = f'width="{width:.2f}mm" height="{height:.2f}mm" viewBox="{_short(root.attrib["viewBox"])}"'
    return _own_ids(f'<svg xmlns="http://www.w3.org/2000/svg" {measures}><g font-family={_quoted(family)} font-size="{size:g}">{body}</g></svg>')


def _leaves(element: ElementTree.Element) -> Iterator[Leaf]:
    tag = element.tag.removeprefix(_SVG)
    if tag in ("g", "defs"):
        for child in element:
            yield from _leaves(child)
    elif tag in ("path", "use", "text"):
        yield _leaf(tag, element)
    elif tag not in ("style", "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}RDF", "metadata"):
        raise ValueError(f"an element that is not expected in a drawing: {tag!r}")


def _leaf(tag: str, element: ElementTree.Element) -> Leaf:
    place = {key: _short(value) for key, value in element.attrib.items() if key in _PLACE}
    if _HREF in element.attrib:
        place["href"] = element.attrib[_HREF]
    if tag == "path" and "id" in place:
        return "defs", place, (), ""
    return tag, place, _look(element.attrib.get("style", "")), element.text or "" if tag == "text" else ""


@lru_cache(maxsize=512)
def _look(style: str) -> Look:
    """A style's rules, without what every drawing has."""
    rules = (rule.split(":", 1) for rule in style.split(";") if ":" in rule)
    look = {key.strip(): _short(value.strip()) for key, value in rules}
    dropped = ("font-family", "stroke-linejoin")
    return tuple((key, value.removesuffix("px")) for key, value in look.items() if key not in dropped and (key, value) != ("text-anchor", "start"))


def _short(value: str) -> str:
    """Numbers to a hundredth of a point; no line breaks; no space beside a path's command."""
    value = _NUMBER.sub(lambda met: _rounded(met.group()), value)
    return _BESIDE.sub("", _SPACE.sub(" ", value)).strip() if value[:1] == "M" else value


@lru_cache(maxsize=8192)
def _rounded(digits: str) -> str:
    return f"{float(digits):.2f}".rstrip("0").rstrip(".")


def _quoted(value: str) -> str:
    return quoteattr(value) if _MARKED.search(value) else f'"{value}"'


def _run(look: Look, run: list[Leaf], base: dict[str, str]) -> str:
    attributes = "".join(f" {key}={_quoted(value)}" for key, value in look if base.get(key) != value)
    if len(run) == 1 or not attributes:
        return "".join(_element(leaf, attributes) for leaf in run)
    return f"<g{attributes}>{''.join(_element(leaf, '') for leaf in run)}</g>"


def _element(leaf: Leaf, attributes: str) -> str:
    tag, place, _, text = leaf
    where = "".join(f" {key}={_quoted(value)}" for key, value in place.items())
    if tag == "defs":
        return f"<defs><path{where}/></defs>"
    return f"<text{where}{attributes}>{escape(text)}</text>" if tag == "text" else f"<{tag}{where}{attributes}/>"


def _own_ids(svg: str) -> str:
    """Ids that no other drawing has: the digest of this one, and a number."""
    digest = hashlib.sha256(svg.encode()).hexdigest()[:8]
    for number, name in enumerate(dict.fromkeys(re.findall(r' id="([^"]+)"', svg))):
        svg = svg.replace(f' id="{name}"', f' id="c{digest}-{number}"').replace(f'href="#{name}"', f'href="#c{digest}-{number}"')
    return svg
