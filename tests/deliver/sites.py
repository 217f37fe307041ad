"""Small reports for the tests of the site, made up but for their form, and what is asked of a site."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote

from par_analysis import catalog
from par_analysis.run.numbers import write
from par_analysis.run.plan import slug
from tests.deliver.made import row

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ROOT / "reports" / "2023"

PAGE = """<!DOCTYPE html><html lang="{lang}"><body><header class="cover">
<p class="kicker">PAR INDEX · {year}</p>
<h1>{name}</h1>
<p class="lead">In {year}: <strong>{score}</strong>.</p>
<dl class="headlines">
<div><dt>{labels[0]}</dt><dd class="value">{score} <span class="up" aria-hidden="true">↑</span></dd>
<dd class="detail">+1</dd></div>
<div><dt>{labels[1]}</dt><dd class="value">{rank}/63</dd></div>
</dl></header></body></html>"""
LABELS = {"vi": ("Điểm số", "Thứ hạng"), "en": ("Score", "Rank")}


def add(
    root: Path,
    unit: str,
    *,
    year: int = 2023,
    lang: str = "vi",
    score: float = 87.84,
    rank: int = 22,
    kind: str = "province",
    variant: str = "",
    name: str = "",
    parameters: dict[str, Any] | None = None,
    **more: bytes,
) -> Path:
    """A report on a province in a folder of reports; ``more``: further files by their ending."""
    record = catalog.load(ROOT).units[unit]
    place = f"{unit}-{slug(record.name_vi)}"
    shown = f"{score:.2f}".replace(".", "," if lang == "vi" else ".")
    facts = {"unit": unit, "year": year, "source": "https://example.org/a; https://example.org/b"}
    numbers = write([row(**facts, value=score, shown=shown), row(**facts, measure="rank", value=rank, shown=f"{rank}/63", unit_of_measure="place", out_of=63)])
    page = PAGE.format(lang=lang, year=year, name=name or record.name("vi" if lang == "vi" else "en"), score=shown, rank=rank, labels=LABELS[lang])
    stem = f"{place}-par-index-{year}.{lang}"
    files = {f"{stem}.html": page.encode(), f"{stem}.pdf": b"%PDF-1.7 " + stem.encode(), "numbers.csv": numbers}
    files |= {f"{stem}.{ending}": content for ending, content in more.items()}
    folder = root / str(year) / kind / "par_index" / place / f"{lang}{variant}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for file, content in files.items():
        (folder / file).write_bytes(content)
    identity = {"report": kind, "index": "par_index", "unit": unit, "year": year, "lang": lang}
    manifest: dict[str, Any] = {"identity": identity, "files": {file: hashlib.sha256(content).hexdigest() for file, content in files.items()}, "parameters": parameters or {}}
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    return folder


def some(root: Path) -> Path:
    """Three provinces in two years, in both languages, and the tracked samples: what a small office has."""
    shutil.copytree(SAMPLES, root / "2023")
    for lang in ("vi", "en"):
        add(root, "30", year=2022, lang=lang, score=83.52, rank=47)
        add(root, "48", lang=lang, score=89.1, rank=12)
        add(root, "01", lang=lang, score=91.43, rank=3)
        add(root, "30", year=2021, lang=lang, score=85.5, rank=30)
    return root


def tree(folder: Path) -> dict[str, bytes]:
    """The files of a site, without what is no part of it."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file() and ".par-site" not in path.parts}


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, _: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value for name, value in attrs if name in ("href", "src") and value]


def links(page: str) -> list[str]:
    """What a page links to and loads."""
    reader = _Links()
    reader.feed(page)
    return reader.found


def reached(site: Path, start: str) -> set[str]:
    """Every file that can be come to from a page by links alone."""
    found, waiting = set(), [start]
    while waiting:
        place = waiting.pop()
        if place in found:
            continue
        found.add(place)
        if place.endswith(".html") and not place.startswith("reports/"):
            waiting += _targets(place, (site / place).read_text(encoding="utf-8"))
    return found


def _targets(place: str, page: str) -> Iterator[str]:
    for link in links(page):
        if re.match(r"https?:|data:|#", link):
            continue
        parts: list[str] = list(PurePosixPath(place).parent.parts)
        for part in PurePosixPath(unquote(link)).parts:
            parts = parts[:-1] if part == ".." else [*parts, part]
        yield "/".join(parts)
