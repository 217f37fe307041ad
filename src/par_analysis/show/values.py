"""Figures as the reader sees them: one function writes a number, and every number written is also a row of ``numbers.csv``."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from string import Formatter
from typing import Any

import pandas as pd

from par_analysis.model import FIGURES
from par_analysis.show.blocks import Rich, Span
from par_analysis.show.language import N_, Words

Figure = Mapping[str, Any]

DECIMALS = {"place": 0, "count": 0, "index": 4}
"""Decimals by unit of measure; scores have the index's own, operational percentages as many as were printed."""

CHANGES = ("_change", "gap_", "_effect", "contribution", "own_first", "own_last", "distance")
"""What marks a measure that is shown with its sign."""


QUALIFIED = {">": N_("more than {n}"), "<": N_("less than {n}"), "<~": N_("nearly {n}"), "~": N_("about {n}")}
"""How a number is told that is not exact, by its qualifier."""


def rows_of(figures: pd.DataFrame) -> list[dict[str, Any]]:
    """A table's rows by column: what a small table is read row by row with, since a mask or a look-up of pandas takes longer than all of its rows.

    >>> import pandas as pd
    >>> rows_of(pd.DataFrame({"unit": ["30", "01"], "value": [1.0, 2.0]}))
    [{'unit': '30', 'value': 1.0}, {'unit': '01', 'value': 2.0}]
    """
    names = [str(name) for name in figures.columns]
    return [dict(zip(names, row, strict=True)) for row in zip(*(figures[name].tolist() for name in figures.columns), strict=True)]


def find(figures: pd.DataFrame, **wanted: Any) -> Figure | None:
    """The first figure that has the wanted values, or ``None``."""
    rows = zip(*(figures[column].tolist() for column in wanted), strict=True)
    values = tuple(wanted.values())
    number = next((number for number, row in enumerate(rows) if row == values), None)
    return None if number is None else {str(name): value for name, value in figures.iloc[number].items()}


def ends_of(figures: pd.DataFrame, measure: str) -> tuple[Figure, Figure] | None:
    """The two ends that a figure lies between, the same one twice where it is known; ``None`` where neither is.

    >>> import pandas as pd
    >>> met = ends_of(pd.DataFrame([{"measure": "own_effect_low", "value": 1.0}, {"measure": "own_effect_high", "value": 2.5}]), "own_effect")
    >>> [str(figure["measure"]) for figure in met]
    ['own_effect_low', 'own_effect_high']
    """
    known, low, high = (find(figures, measure=f"{measure}{end}") for end in ("", "_low", "_high"))
    if known is not None:
        return known, known
    return None if low is None or high is None else (low, high)


def decimals_of(figure: Figure, words: Words) -> int:
    """How many decimals a figure is shown with."""
    unit_of_measure = str(figure["unit_of_measure"])
    is_mean = unit_of_measure == "place" and str(figure["measure"]).startswith("mean_")
    if unit_of_measure in DECIMALS and not is_mean and float(figure["value"]) == round(float(figure["value"]), 0 if unit_of_measure != "index" else 4):
        return DECIMALS[unit_of_measure]
    if str(figure["index"]) == "operations":
        return next(places for places in range(7) if math.isclose(round(float(figure["value"]), places), float(figure["value"]), abs_tol=1e-9) or places == 6)
    return 1 if unit_of_measure in DECIMALS else words.decimals


def text_of(figure: Figure, words: Words, *, signed: bool | None = None, decimals: int | None = None) -> str:
    """A figure in the reader's notation: 87,84 · +4,32 · nearly 183,000 · 99.7%.

    Changes and gaps are signed unless ``signed`` says otherwise; ``decimals`` overrules the usual number of decimals.
    """
    value, measure = float(figure["value"]), str(figure["measure"])
    places = decimals_of(figure, words) if decimals is None else decimals
    is_signed = signed if signed is not None else _is_change(measure)
    text = words.signed(value, places) if is_signed else words.number(value, places)
    if str(figure["unit_of_measure"]) == "percent" and not _is_change(measure):
        text += "%"
    qualifier = str(figure["qualifier"])
    return words.say(QUALIFIED[qualifier]).replace("{n}", text) if qualifier else text


def _is_change(measure: str) -> bool:
    return any(mark in measure for mark in CHANGES)


def amount_of(figure: Figure, words: Words, *, signed: bool | None = None) -> str:
    """A score or a difference of scores with its unit: 87.84 points, 90.23%, 3.02 percentage points.

    >>> amount_of({"index": "sipas", "measure": "score", "value": 90.23, "unit_of_measure": "percent", "qualifier": ""}, Words("vi"))
    '90,23%'
    """
    text = text_of(figure, words, signed=signed)
    if str(figure["unit_of_measure"]) not in ("percent", "percentage_points"):
        return words.say("{n} points").format(n=text)
    measure = str(figure["measure"])
    is_difference = _is_change(measure) or measure.startswith("to_") or str(figure["unit_of_measure"]) == "percentage_points"
    return words.say("{n} percentage points").format(n=text.removesuffix("%")) if is_difference else text


def scale_of(figure: Figure, words: Words) -> str:
    """What an axis of such figures is headed with.

    >>> scale_of({"unit_of_measure": "percent"}, Words("vi"))
    '%'
    """
    return "%" if str(figure["unit_of_measure"]) == "percent" else words.say("points")


def number_row(figure: Figure, shown: str, words: Words) -> dict[str, Any]:
    """A row of ``numbers.csv``: the figure, its origin, and the text the reader sees."""
    row: dict[str, Any] = {name: (None if isinstance(figure[name], float) and math.isnan(figure[name]) else figure[name]) for name in FIGURES}
    row |= {"year": int(figure["year"]), "value": float(figure["value"])}
    return row | {"unit_name": words.unit_names.get(str(figure["unit"]), str(figure["unit"])), "shown": shown}


def node_label(node: str, words: Words) -> str:
    """The name of a part of the index as rows and panels are headed with it: a domain with its number.

    >>> node_label("domain:2", Words("en", domain_names={2: "Transparency"})), node_label("domain:9", Words("en"))
    ('2. Transparency', '9. Domain 9')
    """
    kind, _, number = node.partition(":")
    if kind != "domain" or not number.isdigit():
        return words.node(node)
    return f"{number}. {words.domain_names.get(int(number)) or words.say('Domain {number}').format(number=number)}"


class Shown:
    """Writes figures and keeps a row for each: ``shown(figure)`` is the text, ``shown.rows`` the numbers of the block.

    >>> from par_analysis.model import FIGURES
    >>> figure = dict.fromkeys(FIGURES, "") | {"index": "par_index", "unit": "30", "year": 2023, "measure": "rank", "value": 22.0, "unit_of_measure": "place", "out_of": 63.0}
    >>> shown = Shown(Words("vi"))
    >>> shown(figure), shown.place(figure), [row["shown"] for row in shown.rows]
    ('22', '22/63', ['22', '22/63'])
    """

    def __init__(self, words: Words) -> None:
        self.words = words
        self.rows: list[dict[str, Any]] = []

    def __call__(self, figure: Figure | None, *, signed: bool | None = None, decimals: int | None = None) -> str:
        """The figure's text; an en dash where there is none."""
        if figure is None or math.isnan(float(figure["value"])):
            return "–"
        text = text_of(figure, self.words, signed=signed, decimals=decimals)
        self.rows.append(number_row(figure, text, self.words))
        return text

    def place(self, figure: Figure | None) -> str:
        """A rank with its denominator: 22/63."""
        if figure is None:
            return "–"
        text = text_of(figure, self.words)
        if not math.isnan(float(figure["out_of"])):
            text += f"/{float(figure['out_of']):.0f}"
        self.rows.append(number_row(figure, text, self.words))
        return text

    def count_of(self, figure: Figure) -> tuple[str, str]:
        """A count and what it is out of, apart, for sentences: 18 of 62. One row of ``numbers.csv`` holds both."""
        count, out_of = text_of(figure, self.words), self.words.number(float(figure["out_of"]))
        self.rows.append(number_row(figure, f"{count}/{out_of}", self.words))
        return count, out_of

    def amount(self, figure: Figure, *, size: bool = False) -> str:
        """A score or a difference with its unit; ``size``: without its sign."""
        met = {**figure, "value": abs(float(figure["value"]))} if size else figure
        text = amount_of(met, self.words, signed=False if size else None)
        self.rows.append(number_row(met, text, self.words))
        return text

    def size(self, figure: Figure | None) -> str:
        """A change without its sign, for sentences that say the direction in words."""
        if figure is None:
            return "–"
        return self({**figure, "value": abs(float(figure["value"]))}, signed=False)


def rich(template: str, *, strong: tuple[str, ...] = (), **parts: str | Rich) -> Rich:
    """A template with its ``{parts}`` put in as text (or as pieces made before); those named ``strong`` stand out. Nothing in a part is ever read as markup.

    >>> rich("Place {place}.", place="22/63", strong=("place",))
    [{'text': 'Place '}, {'text': '22/63', 'strong': True}, {'text': '.'}]
    """
    spans: list[Span] = []
    for literal, name, _, _ in Formatter().parse(template):
        if literal:
            spans.append({"text": literal})
        if name is not None:
            part = parts[name]
            spans += part if isinstance(part, list) else [{"text": part, "strong": True} if name in strong else {"text": part}]
    return spans


def joined(sentences: Sequence[Rich]) -> Rich:
    """Sentences as one text.

    >>> joined([[{"text": "One."}], [{"text": "Two."}]])
    [{'text': 'One.'}, {'text': ' '}, {'text': 'Two.'}]
    """
    text: Rich = []
    for sentence in sentences:
        text += [*([{"text": " "}] if text else []), *sentence]  # type: ignore[list-item]
    return text
