"""``par scorecard new``: a workbook for a province to fill in; the same request gives the same bytes. And what ``par add`` asks about a scorecard besides its cells."""

from __future__ import annotations

import io
import os
import re
import secrets
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from par_analysis import dataset
from par_analysis.catalog import Catalog
from par_analysis.dataset.views import words_of
from par_analysis.errors import Finding, ParError, RequestError, shortened
from par_analysis.model import LANGUAGES, Edition, Framework, Index, Language
from par_analysis.run import values
from par_analysis.run.plan import slug
from par_analysis.run.scorecard_book import Form, Part, workbook

SUFFIX: Final = ".xlsx"
BLANK_ROWS: Final = 12
"""So many rows stand below a domain whose number of criteria was not found."""
MOST_ROWS: Final = 96
"""So many rows stand where not even the domains are known."""
_DAY: Final = (2000, 1, 1, 0, 0, 0)
_CORE: Final = "docProps/core.xml"


@dataclass(frozen=True)
class Request:
    """What was asked for, as typed."""

    file: Path
    index: str
    unit: str
    year: int
    lang: Language = "vi"
    is_protected: bool = False


@dataclass(frozen=True)
class Written:
    """What was written: ``named`` parts of the index, and ``blank`` rows."""

    unit: str
    slug: str
    year: int
    named: int
    blank: int


def new(request: Request, known: Catalog, *, force: bool = False) -> Written:
    """Write the workbook. Raises ``RequestError`` for what cannot be asked for, and for a file that is there already, and ``ParError`` where it cannot be written."""
    if request.file.suffix.lower() != SUFFIX:
        raise RequestError(f"{shortened(request.file.name)!r} is no name of a workbook", hint=f"one that ends in {SUFFIX}")
    index = known.index(values.index(request.index, list(known.indices)))
    unit = dataset.resolve_unit(request.unit, request.year, root=known)
    if unit not in {one.code for one in known.provinces(request.year)}:
        raise RequestError(f"{shortened(request.unit)!r} is {known.units[unit].name_vi} ({unit}), which is no province of {request.year}", hint="par list units")
    parts = _parts(known.framework(index.code, request.year), index, request.lang)
    words = words_of(known, index, request.year, request.lang)
    headings = _headings(known.source("scorecard").layout, request.lang)
    facts = {"index": index.short[request.lang], "unit": known.units[unit].name(request.lang), "year": request.year}
    form = Form(words, headings, facts, parts, high=index.high, is_protected=request.is_protected)
    _put(repacked(workbook(form)), request.file, force=force)
    return Written(unit, slug(known.units[unit].name_vi), request.year, sum(bool(part.code) for part in parts), sum(not part.code for part in parts))


def _headings(layout: Mapping[str, Any], lang: Language) -> dict[str, str]:
    """What a column or a fact holds → its heading in a language."""
    place = LANGUAGES.index(lang)
    columns = {key: facts["headings"] for key, facts in layout["columns"].items()}
    return {key: words[place] for key, words in {"code": layout["tables"][0]["units"], **columns, **layout["facts"]}.items()}


def _parts(framework: Framework | None, index: Index, lang: Language) -> list[Part]:
    """The rows of the table: domains, below each its criteria where they are known one by one, else blank rows."""
    if framework is None or not framework.domains:
        return [Part()] * MOST_ROWS
    rows: list[Part] = []
    for domain in framework.domains:
        rows.append(Part(str(domain.no), domain.name[lang], domain.maximum))
        if domain.children:
            rows += [Part(f"{domain.no}.{i}", index.node_names[child.code][lang], child.maximum) for i, child in enumerate(domain.children, start=1)]
        else:
            rows += [Part()] * ((domain.criteria or 0) + (domain.subcriteria or 0) or BLANK_ROWS)
    return rows


def repacked(content: bytes) -> bytes:
    """A workbook without the hour in which it was written: in the dates of its parts, and in its properties."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(stream, "w") as packed:
        for name in old.namelist():
            part = zipfile.ZipInfo(name, _DAY)
            part.compress_type, part.create_system, part.external_attr = zipfile.ZIP_DEFLATED, 0, 0
            body = old.read(name)
            packed.writestr(part, re.sub(rb">[0-9T:-]+Z<", b">2000-01-01T00:00:00Z<", body) if name == _CORE else body)
    return stream.getvalue()


def _put(content: bytes, path: Path, *, force: bool) -> None:
    """Write a file whole or not at all; one that is there only with ``force``."""
    if path.is_dir() or (path.exists() and not force):
        raise RequestError(f"{shortened(path.name)} is there already", hint="--force replaces it" if not path.is_dir() else "it is a folder")
    beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}~")
    try:
        beside.write_bytes(content)
        with path.open("ab" if force else "xb"):  # another file of that name, made meanwhile, stays
            os.replace(beside, path)
    except FileExistsError as error:
        raise RequestError(f"{shortened(path.name)} is there already", hint="--force replaces it") from error
    except OSError as error:
        raise ParError(f"{shortened(path.name)}: cannot be written: {error.strerror or error}", hint="who may write to this folder?") from error
    finally:
        beside.unlink(missing_ok=True)


def other_scorecards(known: Catalog, edition: Edition, claims: Sequence[Mapping[str, Any]]) -> list[Finding]:
    """A unit has one scorecard a year: that an edition of another name holds one already is an error, since nobody could say which row holds."""
    about = {(claim["index"], claim["unit"], claim["year"]) for claim in claims if str(claim["index"]).startswith("scorecard:")}
    found: list[Finding] = []
    for code, other in known.editions_of({index for index, _, _ in about}).items() if about else ():
        if code == edition.code:
            continue
        reading = dataset.read_edition(known, other, known.edition_folder(code))
        same = sorted(about & {(claim["index"], claim["unit"], claim["year"]) for claim in reading.claims})
        met = [f"{unit} {year}" for _, unit, year in same]
        hint = f"put it in its place: --edition {code.partition('/')[2]} --replace"
        file = f"{edition.code}/{next(iter(edition.files))}"
        found += [Finding("error", "same scorecard", edition.code, file, 0, "", what, f"a unit and a year that {code} is not about", hint) for what in met]
    return found
