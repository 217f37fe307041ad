"""A notebook's contract: the parameters that it declares in its one cell tagged ``parameters``, read without running anything."""

from __future__ import annotations

import ast
import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from par_analysis.errors import RequestError, UnknownName, nearest

Value = str | int | bool

TYPES: Final[Mapping[str, type]] = {"Index": str, "Unit": str, "Year": int, "Language": str, "Flag": bool, "Rank": int}
"""Annotation → Python type of the value."""

IDENTITY: Final[Mapping[str, str]] = {"index": "Index", "year": "Year", "lang": "Language", "unit": "Unit"}
"""Name → type of the parameters that say what a report is about."""

OPTIONAL: Final = frozenset({"unit", "year"})
"""Those of them that a report type may leave out: without ``unit`` it is the country's, without ``year`` it is about all years at once."""

RESERVED: Final = frozenset({"report", "data", "words"})
"""What a finished file says of itself besides its parameters: no parameter may be called so."""

STEM = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True)
class Parameter:
    """One declared parameter. ``default`` is ``None`` where the request has to name a value; ``line`` counts within the cell."""

    name: str
    type: str
    default: Value | None
    line: int


@dataclass(frozen=True)
class Contract:
    """What a report type takes: its parameters in the order of their cell, and which bytes said so."""

    report: str
    notebook: Path
    sha256: str
    title: str
    parameters: tuple[Parameter, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The parameters' names."""
        return tuple(parameter.name for parameter in self.parameters)


class ContractError(RequestError):
    """A notebook's parameters cell is not what the library can check: every problem, each with its line."""

    def __init__(self, notebook: str, problems: tuple[str, ...]) -> None:
        self.notebook, self.problems = notebook, problems
        super().__init__(
            "\n  ".join([f"{notebook}: {len(problems)} problem(s) with its parameters", *problems]),
            hint='one cell tagged "parameters", with lines such as  unit: "Unit" = "30"  and types out of ' + ", ".join(TYPES),
        )


def notebooks(folder: Path) -> dict[str, Path]:
    """Report → notebook, for every notebook in a folder whose stem is a code."""
    return {path.stem: path for path in sorted(folder.glob("*.ipynb")) if STEM.fullmatch(path.stem)}


def find_notebook(report: str, folder: Path) -> Path:
    """The notebook of a report. Raises ``UnknownName``."""
    known = notebooks(folder)
    if report not in known:
        raise UnknownName("report", report, list(known), suggestions=nearest(report.casefold(), known))
    return known[report]


def read_contract(path: Path) -> Contract:
    """The contract of a notebook file. Raises ``ContractError`` with every violation."""
    content = path.read_bytes()
    try:
        cells = [cell | {"source": "".join(cell["source"])} for cell in json.loads(content)["cells"]]
    except (ValueError, KeyError, TypeError) as error:
        raise RequestError(f"{path.name} is not a notebook: {error}") from error
    parameters, problems = parse_parameters(cells)
    if problems:
        raise ContractError(path.name, tuple(problems))
    return Contract(path.stem, path, hashlib.sha256(content).hexdigest(), _title(cells), parameters)


def _title(cells: list[dict[str, Any]]) -> str:
    for cell in cells:
        for line in cell["source"].splitlines() if cell["cell_type"] == "markdown" else []:
            if line.startswith("# "):
                return str(line[2:].strip())
    return ""


def _tags(cell: Mapping[str, Any]) -> list[str]:
    return list(cell.get("metadata", {}).get("tags", []))


def parse_parameters(cells: list[dict[str, Any]]) -> tuple[tuple[Parameter, ...], list[str]]:
    """The parameters of a notebook's cells, and what is wrong with them.

    >>> cell = {"cell_type": "code", "metadata": {"tags": ["parameters"]}, "source": 'index: "Index" = "par_index"'}
    >>> parameters, problems = parse_parameters([cell])
    >>> parameters[0].name, parameters[0].default, problems
    ('index', 'par_index', ['no parameter lang: "Language"'])
    """
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    tagged = [cell for cell in code if "parameters" in _tags(cell)]
    problems = list(_cell_problems(cells, code, tagged))
    if len(tagged) != 1:
        return (), problems
    try:
        statements = ast.parse(tagged[0]["source"]).body
    except SyntaxError as error:
        return (), [*problems, f"line {error.lineno}: {error.msg}"]
    parameters: list[Parameter] = []
    for statement in statements:
        try:
            parameters.append(_parameter(statement))
        except ValueError as error:
            problems.append(f"line {statement.lineno}: {error}")
    return tuple(parameters), problems + list(_name_problems(parameters, complete=not problems))


def _cell_problems(cells: list[dict[str, Any]], code: list[dict[str, Any]], tagged: list[dict[str, Any]]) -> Iterator[str]:
    if not tagged:
        yield 'no code cell is tagged "parameters"'
    elif len(tagged) > 1:
        yield f'{len(tagged)} cells are tagged "parameters": cells ' + ", ".join(str(cells.index(cell) + 1) for cell in tagged)
    elif code[0] is not tagged[0]:
        yield "code runs before the parameters cell: it must be the first code cell"
    if any("injected-parameters" in _tags(cell) for cell in cells):
        yield 'a cell is tagged "injected-parameters": this is an executed copy, not a report type'


def _parameter(statement: ast.stmt) -> Parameter:
    """One line of the cell. Raises ``ValueError`` with what is wrong."""
    if not isinstance(statement, ast.AnnAssign) or not isinstance(statement.target, ast.Name):
        raise ValueError('not an annotated literal such as  year: "Year" = 2023')
    name, annotation = statement.target.id, statement.annotation
    if not isinstance(annotation, ast.Constant) or not isinstance(annotation.value, str):
        raise ValueError(f"{name}: the type stands in quotes, as nothing is imported yet")
    kind = annotation.value
    if kind not in TYPES:
        meant = nearest(kind.capitalize(), TYPES) or tuple(TYPES)
        raise ValueError(f"{name}: unknown type {kind!r}: did you mean {' or '.join(meant)}?")
    if not name.isascii():
        raise ValueError(f"{name!r}: a name is written in ASCII letters")
    if not isinstance(statement.value, ast.Constant):
        raise ValueError(f"{name}: the default is not a literal: {'nothing' if statement.value is None else ast.unparse(statement.value)}")
    default = statement.value.value
    is_rank_of_none = kind == "Rank" and isinstance(default, int) and default < 1
    if default is None or (isinstance(default, str | int) and type(default) is TYPES[kind] and not is_rank_of_none):
        return Parameter(name, kind, default, statement.lineno)
    raise ValueError(f"{name}: {default!r} is not a default for {kind}")


def _name_problems(parameters: list[Parameter], *, complete: bool) -> Iterator[str]:
    """Names given twice, and names that the library gives a meaning to. A cell with other problems is not blamed for what it lacks."""
    seen: dict[str, Parameter] = {}
    for parameter in parameters:
        if parameter.name in seen:
            yield f"line {parameter.line}: {parameter.name} is declared twice"
        if parameter.name in RESERVED:
            yield f"line {parameter.line}: {parameter.name} is what a file says of itself: call the parameter otherwise"
        seen[parameter.name] = parameter
        if IDENTITY.get(parameter.name, parameter.type) != parameter.type:
            yield f"line {parameter.line}: {parameter.name} is of type {IDENTITY[parameter.name]}, not {parameter.type}"
    if complete:
        yield from (f'no parameter {name}: "{kind}"' for name, kind in IDENTITY.items() if name not in seen and name not in OPTIONAL)
