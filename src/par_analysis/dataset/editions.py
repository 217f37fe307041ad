"""Editions read: every claim of the files that an index's pages show, the preferred ones chosen, every finding kept."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Any

import pandas as pd

from par_analysis import catalog
from par_analysis.catalog import Catalog
from par_analysis.clean import READERS, Reading
from par_analysis.clean.checks import check_claims
from par_analysis.clean.names import Resolver
from par_analysis.clean.prefer import Preference, prefer
from par_analysis.dataset.recording import hashed, record
from par_analysis.errors import Finding, RequestError, UnknownName
from par_analysis.model import Edition, Index

OPERATIONS = "operations"
"""The panel of operational figures stands beside the indices."""


@lru_cache(maxsize=4)
def _resolver(known: Catalog) -> Resolver:
    return Resolver(list(known.units.values()), known.spellings)


def resolve_unit(name: str | int, on: int | str | None = None, *, root: Catalog | None = None) -> str:
    """The code of a unit in any spelling, as of a year or a day (default: among the 63 provinces). In a year, a province that ended in it is found, too.

    Raises ``UnknownName`` with suggestions, ``AmbiguousName`` with the candidates.
    """
    known = root or catalog.load()
    code = _resolved(known, str(name), on)
    record(f"unit/{'' if on is None else on}/{name}", hashed(code))
    return code


def _resolved(known: Catalog, name: str, on: int | str | None) -> str:
    resolver = _resolver(known)
    try:
        return resolver.resolve(name, on)
    except UnknownName:
        if re.fullmatch("[0-9]{4}", str(on)):
            with suppress(RequestError):
                code = resolver.resolve(name, f"{on}-01-01")
                if code in {unit.code for unit in known.provinces(int(str(on)))}:
                    return code
        raise


def read_edition(known: Catalog, edition: Edition, folder: Path) -> Reading:
    """All files of an edition that lie in a folder, its claims and findings together."""
    total = _reading(known, edition, edition.code, None)
    for name, facts in sorted(edition.files.items()):
        reading = _reading(known, edition, f"{edition.code}/{name}", facts.get("year"))
        path = folder / name
        if not path.is_file():
            reading.find("error", "missing file", 0, "", "no such file", f"the file named in {edition.code}/edition.toml")
        elif facts["reader"] not in READERS:
            reading.find("error", "unknown reader", 0, "reader", facts["reader"], f"one of: {', '.join(READERS)}")
        else:
            _require_unchanged(path, facts["sha256"], reading, edition)
            READERS[facts["reader"]](path, reading)
        total.claims += reading.claims
        total.findings += reading.findings
        total.length += reading.length
    for index in sorted({claim["index"] for claim in total.claims} - set(edition.indices)):
        total.find("error", "undeclared index", 0, "indices", index, f"an index named in {edition.code}/edition.toml")
    return total


def _reading(known: Catalog, edition: Edition, file: str, year: int | None) -> Reading:
    layout = known.source(edition.source).layout if known.sources.get(edition.source, {}).get("layout") else {}
    address = edition.origin if edition.origin.startswith(("http://", "https://")) else edition.code
    return Reading(
        _resolver(known).resolve,
        known.indices,
        edition.code,
        file,
        framework=known.framework,
        provinces=lambda on: [unit.code for unit in known.provinces(on)],
        layout=layout,
        file_year=year,
        address=address,
    )


def _require_unchanged(path: Path, expected: str, reading: Reading, edition: Edition) -> None:
    with path.open("rb") as stream:
        met = hashlib.file_digest(stream, "sha256").hexdigest()
    if met != expected:
        hint = f"par fetch {edition.source} --again" if edition.remote else "raw files are never edited: add an edition"
        reading.find("error", "changed file", 0, "sha256", met, expected or "a record of its first download", hint)


@lru_cache(maxsize=8)
def read_indices(known: Catalog, indices: frozenset[str], derived: bool) -> tuple[Preference, tuple[Finding, ...]]:
    """The claims about some indices with the preferred ones chosen, and every finding about the editions they come from."""
    readings = [read_edition(known, edition, known.edition_folder(code)) for code, edition in known.editions_of(indices).items()]
    found = [*known.findings(), *(finding for reading in readings for finding in reading.findings)]
    return judge(known, [claim for reading in readings for claim in reading.claims], found, indices, derived=derived)


def judge(known: Catalog, claims: Sequence[Mapping[str, Any]], found: Sequence[Finding], indices: Collection[str], *, derived: bool) -> tuple[Preference, tuple[Finding, ...]]:
    """Claims that were read, with the preferred ones chosen, and all findings: those met in reading, and those about the claims."""
    is_whole = not any(finding.severity == "error" for finding in found)
    wanted = [claim for claim in claims if claim["index"] in indices and (derived or claim["basis"] != "derived")]
    corrections = [record for record in known.corrections if record["index"] in indices] if is_whole else []
    preference = prefer(wanted, publisher=known.publisher, trust=list(known.trust_classes), corrections=corrections)
    return preference, (*found, *check_claims(preference, known.indices))


def every_index(known: Catalog) -> frozenset[str]:
    """The codes of all indices that an edition has figures of, and of operations."""
    return frozenset(index for edition in known.editions.values() for index in edition.indices)


def on_its_pages(index: Index) -> frozenset[str]:
    """The indices whose figures an index's pages show: its own, the one beside it, operations."""
    return frozenset({index.code, index.beside or index.code, OPERATIONS if index.has_operations else index.code})


def in_the_year(figures: pd.DataFrame, year: int) -> pd.Series[bool]:
    """Which operational figures are of a year, or of the quarter after it, in which results are published."""
    return (figures["year"] == year) | (figures["period"] == f"{year + 1}-Q1")
