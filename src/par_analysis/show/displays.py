"""Everything a report can display, under one roof: what ``par_analysis.show`` offers."""

from par_analysis.show.charts_breakthroughs import plot_breakthroughs
from par_analysis.show.charts_change import plot_movers
from par_analysis.show.charts_contributions import plot_contributions
from par_analysis.show.charts_distribution import plot_distribution, plot_regions
from par_analysis.show.charts_domains import plot_domains
from par_analysis.show.charts_effort import plot_own_and_others
from par_analysis.show.charts_headroom import plot_headroom
from par_analysis.show.charts_history import plot_coverage, plot_rank_history, plot_score_history
from par_analysis.show.charts_influence import plot_influence
from par_analysis.show.charts_intervals import plot_interval_widths, plot_rank_intervals
from par_analysis.show.charts_ladder import plot_ladder
from par_analysis.show.charts_map import plot_tiles
from par_analysis.show.charts_owed import plot_rank_owed
from par_analysis.show.charts_panels import plot_small_multiples
from par_analysis.show.charts_position import plot_neighbours, plot_position
from par_analysis.show.charts_profile import plot_profile
from par_analysis.show.charts_quality import plot_coverage_matrix, plot_trust
from par_analysis.show.charts_scorecard import plot_lost
from par_analysis.show.charts_spread import plot_domain_spread
from par_analysis.show.cover import cover_national, cover_province
from par_analysis.show.quality_cover import cover_quality
from par_analysis.show.robustness_cover import cover_robustness
from par_analysis.show.scorecard_cover import cover_improvement
from par_analysis.show.sentences import say_coverage, say_domains, say_history, say_method, say_next_place
from par_analysis.show.sentences_breakthroughs import say_breakthroughs, say_mover
from par_analysis.show.sentences_effort import say_own_and_others
from par_analysis.show.sentences_movement import say_mobility
from par_analysis.show.sentences_owed import say_rank_owed
from par_analysis.show.sentences_parts import say_comparison, say_contributions, say_strengths
from par_analysis.show.sentences_robustness import say_interval, say_intervals_beside, say_limits_of_intervals, say_rank_intervals, say_tie_groups
from par_analysis.show.sentences_scorecard import say_lost, say_regainable, say_route, say_scorecard, say_self_scores
from par_analysis.show.sentences_structure import say_coherence, say_dominance, say_influence, say_ranks_by_method
from par_analysis.show.sentences_targets import say_cheapest_way, say_gaps, say_headroom, say_ladder, say_needs
from par_analysis.show.tables_agreement import say_agreement, table_agreement, table_discordant
from par_analysis.show.tables_breakthroughs import table_breakthroughs
from par_analysis.show.tables_movement import table_quarters, table_top_places
from par_analysis.show.tables_narrowing import say_narrowing, table_narrowing
from par_analysis.show.tables_national import table_groups, table_regions, table_rise_and_fall, table_standings
from par_analysis.show.tables_origin import say_contradictions, table_conflicts, table_operations, table_sources
from par_analysis.show.tables_parts import table_contributions, table_domain_means, table_profile, table_strengths
from par_analysis.show.tables_peers import table_peers
from par_analysis.show.tables_press import say_press, table_press
from par_analysis.show.tables_province import table_domains, table_history, table_parts, table_position, table_satisfaction
from par_analysis.show.tables_quality import say_audit, say_disputes, say_ranks, say_trust, table_audit, table_corrections, table_disputes, table_findings, table_publishers
from par_analysis.show.tables_rebuilds import say_rebuilds, say_stated, table_rebuilds, table_stated
from par_analysis.show.tables_requests import say_caveats, say_coverage_matrix, say_requests, table_collections, table_methods, table_missing
from par_analysis.show.tables_robustness import table_coherence, table_dominance, table_influence, table_rank_intervals, table_ranks_by_method, table_tie_groups
from par_analysis.show.tables_scorecard import table_lost, table_lost_by, table_regainable, table_route, table_self_scores
from par_analysis.show.tables_split import table_method_split
from par_analysis.show.tables_targets import table_cheapest_way, table_gains, table_gaps, table_least_costs, table_needs
from par_analysis.show.targets_cover import cover_targets

__all__ = [
    "cover_improvement",
    "cover_national",
    "cover_province",
    "cover_quality",
    "cover_robustness",
    "cover_targets",
    "plot_breakthroughs",
    "plot_contributions",
    "plot_coverage",
    "plot_coverage_matrix",
    "plot_distribution",
    "plot_domain_spread",
    "plot_domains",
    "plot_headroom",
    "plot_influence",
    "plot_interval_widths",
    "plot_ladder",
    "plot_lost",
    "plot_movers",
    "plot_neighbours",
    "plot_own_and_others",
    "plot_position",
    "plot_profile",
    "plot_rank_history",
    "plot_rank_intervals",
    "plot_rank_owed",
    "plot_regions",
    "plot_score_history",
    "plot_small_multiples",
    "plot_tiles",
    "plot_trust",
    "say_agreement",
    "say_audit",
    "say_breakthroughs",
    "say_caveats",
    "say_cheapest_way",
    "say_coherence",
    "say_comparison",
    "say_contradictions",
    "say_contributions",
    "say_coverage",
    "say_coverage_matrix",
    "say_disputes",
    "say_domains",
    "say_dominance",
    "say_gaps",
    "say_headroom",
    "say_history",
    "say_influence",
    "say_interval",
    "say_intervals_beside",
    "say_ladder",
    "say_limits_of_intervals",
    "say_lost",
    "say_method",
    "say_mobility",
    "say_mover",
    "say_narrowing",
    "say_needs",
    "say_next_place",
    "say_own_and_others",
    "say_press",
    "say_rank_intervals",
    "say_rank_owed",
    "say_ranks",
    "say_ranks_by_method",
    "say_rebuilds",
    "say_regainable",
    "say_requests",
    "say_route",
    "say_scorecard",
    "say_self_scores",
    "say_stated",
    "say_strengths",
    "say_tie_groups",
    "say_trust",
    "table_agreement",
    "table_audit",
    "table_breakthroughs",
    "table_cheapest_way",
    "table_coherence",
    "table_collections",
    "table_conflicts",
    "table_contributions",
    "table_corrections",
    "table_discordant",
    "table_disputes",
    "table_domain_means",
    "table_domains",
    "table_dominance",
    "table_findings",
    "table_gains",
    "table_gaps",
    "table_groups",
    "table_history",
    "table_influence",
    "table_least_costs",
    "table_lost",
    "table_lost_by",
    "table_method_split",
    "table_methods",
    "table_missing",
    "table_narrowing",
    "table_needs",
    "table_operations",
    "table_parts",
    "table_peers",
    "table_position",
    "table_press",
    "table_profile",
    "table_publishers",
    "table_quarters",
    "table_rank_intervals",
    "table_ranks_by_method",
    "table_rebuilds",
    "table_regainable",
    "table_regions",
    "table_rise_and_fall",
    "table_route",
    "table_satisfaction",
    "table_self_scores",
    "table_sources",
    "table_standings",
    "table_stated",
    "table_strengths",
    "table_tie_groups",
    "table_top_places",
]
