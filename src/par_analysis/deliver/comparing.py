"""Whether the numbers in a PDF that somebody passes on are those of the current data: it is compared with the report as it is made now."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from par_analysis.deliver.remaking import Current

MOST_DIGITS: Final = 9
"""A longer one is a row of labels of a chart, read as one."""

_FIGURE: Final = re.compile(r"[0-9]+(?:[.,][0-9]+)*")
_NUMBERED: Final = re.compile(r"(?:Bảng|Hình|Table|Figure)\s+[0-9]+")
"""A table or a chart by its number: what stands before it, words of one's own too, decides that."""
_OF_PAGES: Final = re.compile(r"[0-9]+ / [0-9]+\s*\Z")


@dataclass(frozen=True)
class Numbers:
    """Whether a file's numbers are those of the current data: ``same`` (the file begins with the report as it is made from them), ``layout`` (the data
    and the figures are the same, the page was made by another version), ``words`` (the data are the same and every figure is there, the words of one's own
    were changed), ``other`` (made from other data, or with other figures).
    """

    state: Literal["same", "layout", "words", "other"]
    why: str = ""


def numbers_now(content: bytes, met: Mapping[str, Any], now: Current) -> Numbers:
    """A file and its identity, compared with the report as it is now. Raises ``VerifyError`` where one of the two cannot be read as a PDF.

    >>> numbers_now(b"%PDF page signature", {"data": "1"}, Current(b"%PDF page", {"data": "1"})).state
    'same'
    >>> numbers_now(b"%PDF page", {"data": "1"}, Current(b"%PDF other", {"data": "2"})).state
    'other'
    """
    from par_analysis.render.readback import read_pages

    if content.startswith(now.pdf):
        return Numbers("same")
    if met.get("data") != now.identity.get("data"):
        return Numbers("other", f"made from other data (state {met.get('data', 'unknown')}; now {now.identity.get('data', 'unknown')})")
    there, expected = figures(read_pages(content)), figures(read_pages(now.pdf))
    if met.get("words") == now.identity.get("words"):
        return _of_the_same_words(there ^ expected)
    return _of_other_words(expected - there - figures([now.words]))


def _of_the_same_words(different: Collection[str]) -> Numbers:
    if different:
        return Numbers("other", f"the same data, but the page was made by another version, and {_told(different)} on one of the two only")
    return Numbers("layout", "the same data and the same figures; the page was made by another version of the package or its libraries")


def _of_other_words(lacking: Collection[str]) -> Numbers:
    if lacking:
        return Numbers("other", f"the same data, but the words of one's own were changed since, and {_told(lacking)} not in it")
    return Numbers("words", "the words of one's own were changed since")


def _told(figures_: Collection[str]) -> str:
    few = " ".join(sorted(figures_)[:4])
    return f"{len(figures_)} figures ({few}{' …' if len(figures_) > 4 else ''}) stand" if len(figures_) > 1 else f"the figure {few} stands"


def figures(pages: Collection[str]) -> frozenset[str]:
    """The figures on the pages of a report, those of their footers and of the numbers of tables and charts left out.

    >>> sorted(figures(["Bảng 7 Năm 2023: 87,84 điểm; trục 202320222021\\nHải Dương 1 / 9"]))
    ['2023', '87,84']
    """
    found = (figure for page in pages for figure in _FIGURE.findall(_NUMBERED.sub("", _OF_PAGES.sub("", page))))
    return frozenset(figure for figure in found if len(figure) <= MOST_DIGITS)
