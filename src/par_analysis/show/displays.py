"""Everything a report can display, under one roof: what ``par_analysis.show`` offers."""

from par_analysis.show.charts_change import plot_movers
from par_analysis.show.charts_contributions import plot_contributions
from par_analysis.show.charts_distribution import plot_distribution, plot_regions
from par_analysis.show.charts_domains import plot_domains
from par_analysis.show.charts_effort import plot_own_and_others
from par_analysis.show.charts_history import plot_coverage, plot_rank_history, plot_score_history
from par_analysis.show.charts_map import plot_tiles
from par_analysis.show.charts_panels import plot_small_multiples
from par_analysis.show.charts_position import plot_neighbours, plot_position
from par_analysis.show.charts_profile import plot_profile
from par_analysis.show.charts_quality import plot_coverage_matrix, plot_trust
from par_analysis.show.charts_spread import plot_domain_spread
from par_analysis.show.cover import cover_national, cover_province
from par_analysis.show.quality_cover import cover_quality
from par_analysis.show.sentences import say_coverage, say_domains, say_history, say_method, say_next_place
from par_analysis.show.sentences_effort import say_own_and_others
from par_analysis.show.sentences_parts import say_comparison, say_contributions, say_strengths
from par_analysis.show.tables_national import table_groups, table_regions, table_rise_and_fall, table_standings
from par_analysis.show.tables_origin import say_contradictions, table_conflicts, table_operations, table_sources
from par_analysis.show.tables_parts import table_contributions, table_domain_means, table_profile, table_strengths
from par_analysis.show.tables_press import say_press, table_press
from par_analysis.show.tables_province import table_domains, table_history, table_parts, table_position, table_satisfaction
from par_analysis.show.tables_quality import say_audit, say_disputes, say_ranks, say_trust, table_audit, table_corrections, table_disputes, table_findings, table_publishers
from par_analysis.show.tables_requests import say_caveats, say_coverage_matrix, say_requests, table_collections, table_methods, table_missing

__all__ = [
    "cover_national",
    "cover_province",
    "cover_quality",
    "plot_contributions",
    "plot_coverage",
    "plot_coverage_matrix",
    "plot_distribution",
    "plot_domain_spread",
    "plot_domains",
    "plot_movers",
    "plot_neighbours",
    "plot_own_and_others",
    "plot_position",
    "plot_profile",
    "plot_rank_history",
    "plot_regions",
    "plot_score_history",
    "plot_small_multiples",
    "plot_tiles",
    "plot_trust",
    "say_audit",
    "say_caveats",
    "say_comparison",
    "say_contradictions",
    "say_contributions",
    "say_coverage",
    "say_coverage_matrix",
    "say_disputes",
    "say_domains",
    "say_history",
    "say_method",
    "say_next_place",
    "say_own_and_others",
    "say_press",
    "say_ranks",
    "say_requests",
    "say_strengths",
    "say_trust",
    "table_audit",
    "table_collections",
    "table_conflicts",
    "table_contributions",
    "table_corrections",
    "table_disputes",
    "table_domain_means",
    "table_domains",
    "table_findings",
    "table_groups",
    "table_history",
    "table_methods",
    "table_missing",
    "table_operations",
    "table_parts",
    "table_position",
    "table_press",
    "table_profile",
    "table_publishers",
    "table_regions",
    "table_rise_and_fall",
    "table_satisfaction",
    "table_sources",
    "table_standings",
    "table_strengths",
]
