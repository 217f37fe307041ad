"""What an audit says to readers: totals that cannot be rebuilt, stated means that the scores contradict, and a name in words for everything that a check may meet."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from par_analysis import metrics, show
from par_analysis.model import Language
from par_analysis.show import blocks
from par_analysis.show.language import Words
from par_analysis.show.rules import RULES
from par_analysis.show.tables_rebuilds import CAUSES, VERDICTS
from tests.show.test_charts import figure, table, words
from tests.show.test_quality import texts

SOURCE = Path(show.__file__).resolve().parents[1]
UNITS = ["01", "02", "04", "06"]


def rebuilt(gaps: dict[int, float]) -> pd.DataFrame:
    """Four units a year, each missed by the gap and a little more than the one before."""
    rows = []
    for year, gap in gaps.items():
        for number, unit in enumerate(UNITS):
            rows += [figure(unit, "score", 50 + number, year=year), figure(unit, "score", 50 + number - gap * (1 + number / 4), year=year, node="domain:1")]
    return metrics.rebuilds(table(rows), ways={year: [("total", ["domain:1"])] for year in gaps}, fewest=4)


def test_a_year_that_comes_out_lower_is_told_with_the_size_of_the_differences() -> None:
    told = texts(show.say_rebuilds(rebuilt({2010: 0.0, 2011: 0.2, 2012: 0.0}), words("en")))
    assert told.startswith("The totals of 2010, 2012 come out of their parts")
    assert "The totals of 2011 cannot be rebuilt: all 4 come out lower than published, by 0.200 to 0.350 points, 0.275 on average." in told
    assert "0 provinces would have another rank. What to look for: a part may have been revised" in told


def test_a_year_that_comes_out_higher_is_told_so() -> None:
    told = texts(show.say_rebuilds(rebuilt({2011: -0.2}), words("vi")))
    assert "cả 4 tổng điểm tính lại đều cao hơn số công bố, từ 0,200 đến 0,350 điểm, trung bình 0,275 điểm" in told


def test_the_years_stand_below_one_another_where_one_is_missed() -> None:
    (block,) = show.table_rebuilds(rebuilt({2010: 0.0, 2011: 0.2}), words("en")).blocks
    missed, met = [[cell["text"] for cell in row["cells"]] for row in block["rows"]]
    assert missed == ["2011", "4/4", "4", "+0.200", "+0.275", "+0.350", "0"]
    assert met == ["2010", "4/4", "0", "0.000", "0.000", "0.000", "0"]
    assert show.table_rebuilds(rebuilt({2010: 0.0, 2012: 0.0}), words("en")).blocks == blocks.nothing().blocks


def stated(mean: float) -> pd.DataFrame:
    rows = [figure(unit, "score", 50 + number) for number, unit in enumerate(UNITS)] + [figure("VN", "mean", mean)]
    return metrics.country_audit(table(rows), stated=table(rows), units={2023: UNITS}, leaves={})


SAID = {"en": "2023: the stated national mean is 51.00, the scores give 51.50 (4 of 4 provinces).", "vi": "2023: trung bình cả nước được nêu là 51,00"}


@pytest.mark.parametrize(("lang", "says"), SAID.items())
def test_a_stated_mean_that_the_scores_contradict_is_told(lang: Language, says: str) -> None:
    assert says in texts(show.say_stated(stated(51.0), words(lang)))
    (block,) = show.table_stated(stated(51.0), words("en")).blocks
    assert [cell["text"] for cell in block["rows"][0]["cells"]] == ["2023", "mean", "51.00", "51.50", "-0.50".replace("-", "−"), "4/4", "disagrees"]


def test_a_stated_mean_that_agrees_is_told_in_a_sentence() -> None:
    assert texts(show.say_stated(stated(51.5), words("en"))) == "The one stated figure of the country that the scores can be compared with agrees."


# ---------------------------------------------------------------- rules in words


def rules() -> dict[str, str]:
    """Every rule that a check of the data can emit, found where findings are made → the module."""
    trees = {path.relative_to(SOURCE).as_posix(): ast.parse(path.read_text(encoding="utf-8")) for path in sorted(SOURCE.rglob("*.py"))}
    named = [(target.id, node.value) for tree in trees.values() for node in tree.body if isinstance(node, ast.Assign | ast.AnnAssign) for target in _targets(node)]
    constants: dict[str, object] = {name: value.value for name, value in named if isinstance(value, ast.Constant)}
    return {rule: module for module, tree in trees.items() for node in ast.walk(tree) for rule in _emitted(node, constants)}


def _targets(node: ast.stmt) -> list[ast.Name]:
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) and node.value is not None else []
    return [target for target in targets if isinstance(target, ast.Name)]


def _emitted(node: ast.AST, constants: dict[str, object]) -> Iterator[str]:
    """The rules that a call makes findings with, or that a parameter called ``rule`` or a variable of that name holds."""
    if isinstance(node, ast.Call):
        name = node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id if isinstance(node.func, ast.Name) else ""
        is_finding = name.lower().lstrip("_") in {"find", "finding"} and len(node.args) >= 3 and _is_severity(node.args[0])
        for argument in [*([node.args[1]] if is_finding else []), *(keyword.value for keyword in node.keywords if keyword.arg == "rule")]:
            yield from _literals(argument, constants)
    elif isinstance(node, ast.FunctionDef):
        for parameter, default in zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True):
            if parameter.arg == "rule" and default is not None:
                yield from _literals(default, constants)
    elif isinstance(node, ast.Assign) and [target.id for target in _targets(node)] == ["rule"]:
        yield from _literals(node.value, constants)


def _is_severity(node: ast.expr) -> bool:
    if isinstance(node, ast.IfExp):
        return _is_severity(node.body)
    return (isinstance(node, ast.Constant) and node.value in {"error", "warning", "note"}) or (isinstance(node, ast.Name) and node.id == "severity")


def _literals(node: ast.expr, constants: dict[str, object]) -> Iterator[str]:
    if isinstance(node, ast.IfExp):
        yield from (*_literals(node.body, constants), *_literals(node.orelse, constants))
    elif isinstance(node, ast.Constant):
        yield str(node.value)
    elif isinstance(node, ast.Name) and node.id in constants:
        yield str(constants[node.id])


def test_every_rule_that_a_check_can_emit_has_words_in_both_languages() -> None:
    met = rules()
    assert {"hidden sheet", "hidden rows", "merged cells", "a formula without a value", "not a workbook", "too large", "above the maximum", "totals not rebuilt"} <= set(met)
    assert sorted(set(met) - set(RULES)) == []
    assert sorted(set(RULES) - set(met)) == []  # none is left of a check that is gone
    assert [rule for rule, message in RULES.items() if Words("vi").say(message) == message] == []


@pytest.mark.parametrize("messages", [CAUSES, VERDICTS], ids=["causes", "verdicts"])
def test_causes_and_verdicts_have_words_in_both_languages(messages: dict[str, str]) -> None:
    assert [code for code, message in messages.items() if Words("vi").say(message) == message] == []
