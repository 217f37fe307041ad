"""The notebooks' door to the data: ``view`` and ``overview`` give a report everything it reads, cleaned, checked and with its provenance."""

from par_analysis.dataset.datasets import Dataset, check, data_hash, load
from par_analysis.dataset.editions import OPERATIONS, every_index, judge, read_edition, read_indices, resolve_unit
from par_analysis.dataset.overviews import Overview, overview
from par_analysis.dataset.scorecards import Scorecard, scorecard_years
from par_analysis.dataset.views import View, view

__all__ = [
    "OPERATIONS",
    "Dataset",
    "Overview",
    "Scorecard",
    "View",
    "check",
    "data_hash",
    "every_index",
    "judge",
    "load",
    "overview",
    "read_edition",
    "read_indices",
    "resolve_unit",
    "scorecard_years",
    "view",
]
