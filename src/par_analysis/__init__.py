"""Analytical reports on the public administration reform indices of Viet Nam's provinces.

A notebook needs four rooms: ``dataset`` (the data, cleaned and checked), ``metrics`` (figures in, figures out), ``show`` (what is displayed) and ``catalog`` (which units,
indices and methods there are). Nothing is loaded here: importing the package costs nothing.
"""

__all__ = ["catalog", "dataset", "metrics", "show"]
