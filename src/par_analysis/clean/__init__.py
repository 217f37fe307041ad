"""Readers of published files, one for each file *shape*; the shape is named in ``edition.toml``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from par_analysis.clean import domains, facts, master, operations, overall
from par_analysis.clean.domains import read_domains
from par_analysis.clean.facts import read_facts
from par_analysis.clean.master import read_master
from par_analysis.clean.operations import read_operations
from par_analysis.clean.overall import read_overall
from par_analysis.clean.reading import CLAIMS, Reading, claims_table, heading
from par_analysis.clean.scorecards import read_scorecard
from par_analysis.clean.wide import read_wide
from par_analysis.clean.workbook import read_workbook

Reader = Callable[[Path, Reading], None]

READERS: Final[Mapping[str, Reader]] = {
    "overall": read_overall,
    "domains": read_domains,
    "operations": read_operations,
    "facts": read_facts,
    "master": read_master,
    "wide": read_wide,
    "workbook": read_workbook,
    "scorecard": read_scorecard,
}
"""File shape → reader."""

COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "overall": overall.COLUMNS,
    "domains": domains.COLUMNS,
    "operations": operations.COLUMNS,
    "facts": facts.COLUMNS,
    "master": master.COLUMNS,
}
"""File shape → the columns that its heading names; ``wide``, ``workbook`` and ``scorecard`` have those that their source's layout names."""

NEEDS_YEAR: Final = frozenset({"wide", "workbook"})
"""The shapes whose files do not say which year was measured."""

__all__ = ["CLAIMS", "COLUMNS", "NEEDS_YEAR", "READERS", "Reader", "Reading", "claims_table", "heading"]
