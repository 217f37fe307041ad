"""Every notebook is thin: parameters first, then text and calls; no logic, no path, no network, no figure typed in prose, nothing git should not see."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tools import notebooks

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))

DOORS = {"dataset", "metrics", "show", "catalog"}
"""What notebooks may use of the library; they use nothing else."""

LOGIC = (
    *(ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda, ast.For, ast.AsyncFor, ast.While, ast.With, ast.Try, ast.If),
    *(ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp),
)
NOT_CALLED = {"open", "exec", "eval", "compile", "input", "print", "__import__", "getattr", "get_ipython"}
PLACE = re.compile(r"[/\\]|\.(csv|json|toml|html|pdf|svg|ipynb|py)\b|^\w+:[^\s:]*@")
MOST_CELLS, MOST_LINES = 20, 6

NUMBERS_IN_PROSE: frozenset[str] = frozenset()
"""Numbers that may be typed, because they are names and not figures."""


def faults(cells: list[dict[str, Any]]) -> list[str]:
    """What a notebook does against the rules, each fault with its cell's position."""
    found = [*_frame(cells), *_sizes(cells)]
    for number, cell in enumerate(cells):
        source = "".join(cell["source"])
        check = _prose if cell["cell_type"] == "markdown" else _parameters if _is_parameters(cell) else _code
        found += [f"cell {number}: {fault}" for fault in check(source)]
    return found


def _is_parameters(cell: dict[str, Any]) -> bool:
    return "parameters" in cell["metadata"].get("tags", [])


def _frame(cells: list[dict[str, Any]]) -> Iterator[str]:
    if not cells or cells[0]["cell_type"] != "markdown" or not "".join(cells[0]["source"]).startswith("# "):
        yield "the first cell is not the title"
    if [number for number, cell in enumerate(cells) if _is_parameters(cell)] != [1]:
        yield "the parameters are not exactly the cell after the title"
    for number, (before, cell) in enumerate(pairwise(cells[1:]), start=2):
        if cell["cell_type"] == "code" and not _leads_in(before):
            yield f"cell {number}: no sentence of prose leads to this code"


def _leads_in(before: dict[str, Any]) -> bool:
    """Whether code may follow a cell: more code of the same step, or text that is more than a heading. The title leads to the parameters and the cover."""
    return before["cell_type"] == "code" or any(line.strip() and not line.startswith("#") for line in "".join(before["source"]).splitlines())


def _sizes(cells: list[dict[str, Any]]) -> Iterator[str]:
    code = [(number, "".join(cell["source"]).strip().splitlines()) for number, cell in enumerate(cells) if cell["cell_type"] == "code"]
    if len(code) > MOST_CELLS:
        yield f"{len(code)} code cells"
    yield from (f"cell {number}: {len(lines)} lines" for number, lines in code if len(lines) > MOST_LINES)


def _prose(source: str) -> Iterator[str]:
    yield from (f"{number} is typed in prose" for number in re.findall(r"\d+", source) if number not in NUMBERS_IN_PROSE)


def _parameters(source: str) -> Iterator[str]:
    for statement in ast.parse(source).body:
        if not (isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name) and _is_literal(statement.value)):
            yield f"not an annotated literal: {ast.unparse(statement)}"


def _is_literal(value: ast.expr | None) -> bool:
    if value is None:
        return False
    try:
        ast.literal_eval(value)
    except ValueError:
        return False
    return True


def _code(source: str) -> Iterator[str]:
    try:
        tree = ast.parse(source)
    except SyntaxError as error:
        yield f"not Python: {error.msg}"
        return
    for node in ast.walk(tree):
        yield from _node(node)


def _node(node: ast.AST) -> Iterator[str]:
    if isinstance(node, LOGIC):
        yield f"{type(node).__name__} belongs in the library"
    elif isinstance(node, ast.Import):
        yield from (f"imports {alias.name}" for alias in node.names if not _is_door(alias.name))
    elif isinstance(node, ast.ImportFrom):
        yield from (f"imports {alias.name} from {node.module}" for alias in node.names if node.level or not _is_door(f"{node.module}.{alias.name}"))
    elif isinstance(node, ast.Call) and ast.unparse(node.func) in NOT_CALLED:
        yield f"calls {ast.unparse(node.func)}"
    elif isinstance(node, ast.Constant) and isinstance(node.value, str) and PLACE.search(node.value):
        yield f"a path or address: {node.value!r}"


def _is_door(name: str) -> bool:
    package, _, rest = name.partition(".")
    return package == "par_analysis" and rest.split(".")[0] in DOORS


def test_there_is_a_report_type() -> None:
    assert NOTEBOOKS, "a report type is a notebook in notebooks/"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=[path.stem for path in NOTEBOOKS])
def test_notebook_is_thin(path: Path) -> None:
    assert faults(json.loads(path.read_text(encoding="utf-8"))["cells"]) == []


@pytest.mark.parametrize("path", NOTEBOOKS, ids=[path.stem for path in NOTEBOOKS])
def test_notebook_is_stored_stripped(path: Path) -> None:
    assert list(notebooks.problems(path.read_text(encoding="utf-8"))) == []


# ---------------------------------------------------------------- each rule can fail


def text(source: str) -> dict[str, Any]:
    """A text cell."""
    return {"cell_type": "markdown", "id": "0", "metadata": {}, "source": source.splitlines(keepends=True)}


def code(source: str, *tags: str) -> dict[str, Any]:
    """A code cell."""
    metadata = {"tags": list(tags)} if tags else {}
    return {"cell_type": "code", "execution_count": None, "id": "0", "metadata": metadata, "outputs": [], "source": source.splitlines(keepends=True)}


HEAD = [text("# A province's year"), code('year: "Year" = 2023\nlang: str = "vi"', "parameters")]
GOOD = [*HEAD, text("What is read here."), code("from par_analysis import dataset, show"), code('panel = dataset.load("par_index")\nshow.table_ranks(panel)')]


def test_a_thin_notebook_passes() -> None:
    assert faults(GOOD) == []


@pytest.mark.parametrize(
    "cells",
    [
        [text("No title"), *GOOD[1:]],
        [GOOD[0], *GOOD[2:]],
        [*GOOD, code("x: int = 1", "parameters")],
        [GOOD[0], text("Some words."), *GOOD[1:]],
        [GOOD[0], code("year = 2023", "parameters"), *GOOD[2:]],
        [GOOD[0], code("year: int = this_year()", "parameters"), *GOOD[2:]],
        [GOOD[0], code("year: int", "parameters"), *GOOD[2:]],
        [*HEAD, text("## Only a heading"), code("x = 1")],
        [*GOOD, *[code("x = 1")] * 18],
        [*GOOD, code("\n".join(["x = 1"] * 7))],
        [*GOOD, text("In 2023 the rank was good.")],
    ],
    ids=["title", "no parameters", "more parameters", "late parameters", "unannotated", "not literal", "no value", "heading only", "cells", "lines", "figure"],
)
def test_a_notebook_out_of_order_is_met(cells: list[dict[str, Any]]) -> None:
    assert len(faults(cells)) == 1


@pytest.mark.parametrize(
    "source",
    [
        "def f(): pass",
        "class A: pass",
        "f = lambda: 0",
        "for x in y: x",
        "while x: x",
        "[x for x in y]",
        "if x: y",
        "import os",
        "import pandas as pd",
        "from pathlib import Path",
        "from par_analysis import run",
        "from par_analysis.render import HTMLPage",
        "from . import show",
        "read(\"../data/x\")",
        "read('figures.csv')",
        "read('https:' + '//example.org')",
        "open(name)",
        "%matplotlib inline",
        "!ls",
    ],
)
def test_code_that_belongs_elsewhere_is_met(source: str) -> None:
    assert len(faults([*GOOD, code(source)])) == 1


def _stored(**changes: Any) -> str:
    notebook = json.loads(notebooks.normalise(json.dumps({"cells": GOOD, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})))
    notebook["cells"][3] |= changes
    return json.dumps(notebook, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def test_the_stored_form_has_no_problem() -> None:
    assert list(notebooks.problems(_stored())) == []


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"outputs": [{"output_type": "stream", "name": "stdout", "text": ["1"]}]}, "outputs or run counts"),
        ({"execution_count": 3}, "outputs or run counts"),
        ({"id": "f00d"}, "cell ids are not the cells' positions"),
        ({"metadata": {"tags": ["parameters"]}}, "not exactly one cell with the tag `parameters`"),
        ({"metadata": {"collapsed": True}}, "not in the stored form"),
        ({"cell_type": "raw"}, "not a notebook that can be stored: cell 3: only text and code cells without attachments are stored"),
    ],
)
def test_a_notebook_that_git_should_not_see_is_met(changes: dict[str, Any], problem: str) -> None:
    assert problem in list(notebooks.problems(_stored(**changes)))


def test_the_verb_mends_what_the_check_meets(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "province.ipynb"
    path.write_text(_stored(execution_count=3, id="f00d"), encoding="utf-8")
    assert [notebooks.main(["--check", str(tmp_path)]), notebooks.main([str(tmp_path)]), notebooks.main(["--check", str(tmp_path)])] == [1, 0, 0]
    assert "outputs or run counts" in capsys.readouterr().out
    assert path.read_text(encoding="utf-8") == _stored()


def test_no_notebook_at_all_is_met(tmp_path: Path) -> None:
    assert notebooks.main(["--check", str(tmp_path)]) == 1
