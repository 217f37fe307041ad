"""Timings of whole batches of reports against the tools that a user would pick instead, as ratios of one run: ``python -m benchmarks``."""
