"""A notebook's calls made once in the warm process, so that what the library keeps for the next time is there before the forks begin.

Only cells that can do nothing but call the library are rehearsed: nothing of a notebook may be left behind for the reports that follow.
"""

from __future__ import annotations

import ast
import json
from contextlib import suppress
from typing import Any, Final

from par_analysis.run.plan import Job

LIBRARY: Final = frozenset({"dataset", "metrics", "show"})
_PLAIN: Final = frozenset({"dict", "len", "list", "max", "min", "sorted"})
_STATEMENTS: Final = (ast.Assign, ast.Expr, ast.ImportFrom)
_EXPRESSIONS: Final = (
    ast.Attribute, ast.BinOp, ast.BoolOp, ast.Call, ast.Compare, ast.Constant, ast.Dict, ast.IfExp, ast.List, ast.Name, ast.Starred, ast.Subscript, ast.Tuple, ast.UnaryOp,
)  # fmt: skip
_BETWEEN: Final = (ast.alias, ast.boolop, ast.cmpop, ast.expr_context, ast.keyword, ast.operator, ast.unaryop)


def is_thin(tree: ast.Module) -> bool:
    """Whether a cell only imports from the library, calls its functions and gives their answers plain names.

    >>> is_thin(ast.parse("gaps = metrics.gaps(view.panel, unit=view.unit)")), is_thin(ast.parse("pd.DataFrame.sum = None")), is_thin(ast.parse("open('x')"))
    (True, False, False)
    """
    return all(isinstance(statement, _STATEMENTS) for statement in tree.body) and all(map(_is_harmless, ast.walk(tree)))


def _is_harmless(node: ast.AST) -> bool:
    if isinstance(node, ast.ImportFrom):
        return node.module == "par_analysis" and all(name.name in LIBRARY and not name.asname for name in node.names)
    if isinstance(node, ast.Assign):
        return all(isinstance(name, ast.Name) and name.id not in LIBRARY for target in node.targets for name in (target.elts if isinstance(target, ast.Tuple) else [target]))
    if isinstance(node, ast.Call):
        called = node.func
        owner = called.value if isinstance(called, ast.Attribute) else None
        return (isinstance(owner, ast.Name) and owner.id in LIBRARY) or (isinstance(called, ast.Name) and called.id in _PLAIN)
    if isinstance(node, ast.Attribute):
        return not node.attr.startswith("_")
    return isinstance(node, (ast.Module, *_STATEMENTS, *_EXPRESSIONS, *_BETWEEN))


def rehearse(job: Job) -> None:
    """Make the calls of a job's notebook. What fails is left to the report itself, which will say so."""
    names: dict[str, Any] = dict(job.parameters)
    with suppress(Exception):
        for cell in json.loads(job.notebook.read_bytes())["cells"]:
            if cell["cell_type"] == "code" and "parameters" not in cell["metadata"].get("tags", []):
                tree = ast.parse("".join(cell["source"]))
                if is_thin(tree):
                    _play(tree, names)


def _play(tree: ast.Module, names: dict[str, Any]) -> None:
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "rehearsal", "exec"), names)
    if isinstance(last, ast.Expr):
        shown = eval(compile(ast.Expression(last.value), "rehearsal", "eval"), names)
        if hasattr(shown, "_repr_mimebundle_"):
            json.dumps(shown._repr_mimebundle_())
