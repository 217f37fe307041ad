"""Metrics: pure functions from figures to figures. Nothing here reads a file, a clock or a catalogue."""

from par_analysis.metrics.audits import audit, beyond_limits, rank_audit
from par_analysis.metrics.averages import means
from par_analysis.metrics.bounds import missing_data_bounds, score_bounds
from par_analysis.metrics.changes import best_worst, change, history
from par_analysis.metrics.comparisons import comparison
from par_analysis.metrics.completeness import completeness
from par_analysis.metrics.contradictions import contradictions
from par_analysis.metrics.contributions import contributions, contributions_by_level
from par_analysis.metrics.coverages import coverage, distribution
from par_analysis.metrics.disputes import disputes
from par_analysis.metrics.domain_means import domain_means
from par_analysis.metrics.domains import domain_counts, domain_table, part_table
from par_analysis.metrics.efforts import own_and_others
from par_analysis.metrics.groups import group_counts, group_of
from par_analysis.metrics.levels import ceiling_share, floor_share, headroom
from par_analysis.metrics.moves import movers, rise_and_fall
from par_analysis.metrics.national import both, country_history, standings
from par_analysis.metrics.position import gaps, neighbours, next_place
from par_analysis.metrics.profiles import node_history, profile, strengths
from par_analysis.metrics.quality import coverage_matrix, missing_figures, trust_counts
from par_analysis.metrics.rankings import ranking
from par_analysis.metrics.ranks import fractional_rank, percentile, rank
from par_analysis.metrics.totals import totals
from par_analysis.metrics.verdicts import verdicts

__all__ = [
    "audit",
    "best_worst",
    "beyond_limits",
    "both",
    "ceiling_share",
    "change",
    "comparison",
    "completeness",
    "contradictions",
    "contributions",
    "contributions_by_level",
    "country_history",
    "coverage",
    "coverage_matrix",
    "disputes",
    "distribution",
    "domain_counts",
    "domain_means",
    "domain_table",
    "floor_share",
    "fractional_rank",
    "gaps",
    "group_counts",
    "group_of",
    "headroom",
    "history",
    "means",
    "missing_data_bounds",
    "missing_figures",
    "movers",
    "neighbours",
    "next_place",
    "node_history",
    "own_and_others",
    "part_table",
    "percentile",
    "profile",
    "rank",
    "rank_audit",
    "ranking",
    "rise_and_fall",
    "score_bounds",
    "standings",
    "strengths",
    "totals",
    "trust_counts",
    "verdicts",
]
