"""The house keeps its own rules: imports point down, pip and conda get the same set, nothing tracked is out of place, no skipped test slips through."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tools import lock

ROOT = Path(__file__).resolve().parent.parent
SRC = ROOT / "src" / "par_analysis"

# ---------------------------------------------------------------- imports point down

LAYERS = {"errors": 1, "model": 2, "fonts": 2, "catalog": 3, "clean": 3, "metrics": 3, "show": 3, "render": 4, "dataset": 4, "run": 5, "deliver": 6, "cli": 7, "__main__": 8}
"""A module may import what lies below it, and its own room; rooms on one floor are strangers."""

ONLY_IN = {
    "papermill": {"run"},
    "nbconvert": {"render", "run"},
    "typst": {"render"},
    "click": {"cli"},
    "matplotlib": {"show"},
    "pooch": {"run"},
    "requests": {"run"},
    "platformdirs": {"catalog"},
    "tomli_w": {"run", "deliver"},
    "pydantic": {"deliver"},
    "fsspec": {"deliver"},
    "s3fs": {"deliver"},
    "aiohttp": {"deliver"},
    "botocore": {"deliver"},
    "paramiko": {"deliver"},
    "pyhanko": {"deliver"},
    "docx": {"render"},
}
"""Libraries that enter the house by one door."""

NOT_IN_METRICS = {"pathlib", "os", "io", "time", "random", "urllib", "socket", "requests", "httpx"}
"""Metrics take a table and give a table: no file, no clock, no network."""


def imported(tree: ast.AST, module: str, *, is_package: bool) -> Iterator[str]:
    """The absolute dotted names that a module imports, wherever in it: ``from . import x`` in ``a.b.c`` is ``a.b.x``."""
    package = module.split(".") if is_package else module.split(".")[:-1]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            start = ".".join([*base, *([node.module] if node.module else [])])
            yield from (f"{start}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Call) and ast.unparse(node.func) in ("importlib.import_module", "import_module", "__import__"):
            yield str(node.args[0].value) if isinstance(node.args[0], ast.Constant) else "<assembled>"


def import_faults(source: str, module: str, *, is_package: bool = False) -> list[str]:
    """What a module imports against the rules."""
    room = module.split(".")[1] if "." in module else ""
    if room and room not in LAYERS:
        return [f"{module}: {room} is on no floor"]
    return [f"{module} imports {name}" for name in imported(ast.parse(source), module, is_package=is_package) if not _is_import_allowed(room, name)]


def _is_import_allowed(room: str, name: str) -> bool:
    first, *rest = name.split(".")
    if first != "par_analysis":
        return name != "<assembled>" and room in ONLY_IN.get(first, {room}) and not (room == "metrics" and first in NOT_IN_METRICS)
    if not room:
        return True
    other = rest[0] if rest else ""
    return other == room or LAYERS.get(other, 99) < LAYERS[room]


def _modules() -> list[tuple[Path, str]]:
    dotted = ((path, ".".join(path.relative_to(SRC.parent).with_suffix("").parts)) for path in sorted(SRC.rglob("*.py")))
    return [(path, name.removesuffix(".__init__")) for path, name in dotted]


@pytest.mark.parametrize(("path", "module"), _modules(), ids=[module for _, module in _modules()])
def test_imports_point_down(path: Path, module: str) -> None:
    assert import_faults(path.read_text(encoding="utf-8"), module, is_package=path.name == "__init__.py") == []


@pytest.mark.parametrize(
    ("source", "module"),
    [
        ("import par_analysis.run", "par_analysis.render.pdf"),
        ("from par_analysis.show import blocks", "par_analysis.metrics.rank"),
        ("from par_analysis import catalog", "par_analysis.clean.names"),
        ("from ..show.blocks import table", "par_analysis.metrics.rank"),
        ("from .. import dataset", "par_analysis.metrics.rank"),
        ("from . import dataset", "par_analysis.catalog"),
        ("def late():\n    from par_analysis.cli import main", "par_analysis.run.plan"),
        ("from par_analysis import __version__", "par_analysis.run.manifest"),
        ("from par_analysis.model import Unit", "par_analysis.errors"),
        ("from par_analysis.fonts import FONTS", "par_analysis.model"),
        ("import papermill as pm", "par_analysis.dataset"),
        ("import nbconvert", "par_analysis.show.charts"),
        ("from pathlib import Path", "par_analysis.metrics.rank"),
        ("import importlib\nimportlib.import_module(f'par_analysis.clean.{shape}')", "par_analysis.dataset"),
        ("import importlib\nimportlib.import_module('par_analysis.cli')", "par_analysis.dataset"),
        ("x = 1", "par_analysis.utils"),
    ],
)
def test_an_import_that_points_up_is_met(source: str, module: str) -> None:
    assert len(import_faults(source, module)) == 1


@pytest.mark.parametrize(
    ("source", "module"),
    [
        ("from par_analysis.errors import ParError", "par_analysis.model"),
        ("from par_analysis import fonts, model", "par_analysis.show.charts"),
        ("from . import blocks\nfrom .language import Words", "par_analysis.show"),
        ("from par_analysis import cli", "par_analysis"),
    ],
)
def test_an_import_that_points_down_passes(source: str, module: str) -> None:
    assert import_faults(source, module, is_package=module in ("par_analysis", "par_analysis.show")) == []


# ---------------------------------------------------------------- one set of packages

PYPROJECT = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")


def directly_locked(text: str) -> set[str]:
    """The packages that a lock holds because pyproject.toml names them."""
    entries = re.split(r"\n(?=[A-Za-z0-9])", text)
    return {entry.split("==")[0].strip() for entry in entries if re.search(r"# +(via )?par-analysis \(pyproject\.toml\)", entry)}


def test_the_lock_holds_what_pyproject_names() -> None:
    assert directly_locked(LOCK) == set(lock.named(PYPROJECT))


def test_a_package_added_or_removed_is_met() -> None:
    added = PYPROJECT.replace("dependencies = [", 'dependencies = ["left-over",', 1)
    removed = re.sub(r'^ +"babel".*\n', "", PYPROJECT, flags=re.MULTILINE)
    assert set(lock.named(added)) - directly_locked(LOCK) == {"left-over"}
    assert directly_locked(LOCK) - set(lock.named(removed)) == {"babel"}


def test_every_locked_package_has_hashes() -> None:
    assert unhashed(LOCK) == []


def unhashed(text: str) -> list[str]:
    """Entries of a lock that pip could not check."""
    entries = re.split(r"\n(?=[A-Za-z0-9])", text)
    return [entry.split("\n")[0] for entry in entries if "--hash=sha256:" not in entry or "==" not in entry.split("\n")[0]]


@pytest.mark.parametrize("line", ["numpy==2.4.6\n    # via pandas\n", "numpy @ file:///tmp/numpy.whl \\\n    --hash=sha256:0a\n"])
def test_a_package_without_a_pin_or_hash_is_met(line: str) -> None:
    assert len(unhashed(LOCK + line)) == 1


def test_conda_gets_the_same_set() -> None:
    assert (ROOT / "environment.yml").read_text(encoding="utf-8") == lock.environment(PYPROJECT, LOCK)


def test_another_version_for_conda_is_met() -> None:
    version = lock.pinned(LOCK)["pandas"]
    assert f"  - pandas={version}\n" in lock.environment(PYPROJECT, LOCK)
    assert lock.environment(PYPROJECT, LOCK.replace(f"pandas=={version}", "pandas==0.1")) != lock.environment(PYPROJECT, LOCK)


def test_a_package_that_the_lock_lacks_is_met() -> None:
    with pytest.raises(KeyError, match="left-over"):
        lock.environment(PYPROJECT.replace("dependencies = [", 'dependencies = ["left-over",', 1), LOCK)


def test_hooks_are_local() -> None:
    hooks = (ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8")
    assert set(re.findall(r"repo: (\S+)", hooks)) == {"local"}
    assert set(re.findall(r"language: (\S+)", hooks)) == {"system"}


def test_every_verb_is_in_the_help() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    verbs = re.search(r"^\.PHONY: (.+)$", makefile, re.MULTILINE)
    assert verbs
    assert {verb for verb in verbs[1].split() if not re.search(rf"^{verb}:.*  ## \S", makefile, re.MULTILINE)} == set()


# ---------------------------------------------------------------- what is tracked

LARGEST = 1_500_000
FORBIDDEN = {
    "a path of one machine": r"/wor[k]/|/bash_job[s]",
    "a package registry's host": r"(?i)https?://[a-z.]*(py[p]i|python[h]osted|npm[j]s|deb[i]an)\.",
    "unfinished": r"\b(TO[D]O|FIX[M]E|XX[X]|NotImplemented[E]rror)\b",
}
AS_COLLECTED = "data/raw/"
"""Files of others, never edited: their line ends are theirs."""


def tracked(root: Path) -> list[str]:
    """What git tracks or would track; where there is no git, every file outside hidden folders."""
    command = ["git", "-c", f"safe.directory={root}", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False) if (root / ".git").exists() else None
    if listed is None or listed.returncode:
        names = [path.relative_to(root) for path in root.rglob("*")]
        return sorted(name.as_posix() for name in names if (root / name).is_file() and not any(part.startswith((".", "__pycache__")) for part in name.parts[:-1]))
    return sorted(name for name in listed.stdout.split("\0") if name and (root / name).is_file())


def file_faults(name: str, content: bytes) -> list[str]:
    """What is wrong with a tracked file."""
    faults = [f"{len(content)} bytes"] if len(content) > LARGEST else []
    if b"\0" in content[:8192] or content.startswith(b"%PDF-"):
        return faults
    text = content.decode("utf-8", errors="replace")
    faults += [f"{what}: {match[0]}" for what, pattern in FORBIDDEN.items() for match in re.finditer(pattern, text)]
    if name.startswith(AS_COLLECTED):
        return faults
    faults += ["no new line at its end"] if text and not text.endswith("\n") else []
    return faults + (["not UTF-8"] if "\N{REPLACEMENT CHARACTER}" in text else [])


def test_tracked_files_are_in_order() -> None:
    found = {name: file_faults(name, (ROOT / name).read_bytes()) for name in tracked(ROOT)}
    assert {name: faults for name, faults in found.items() if faults} == {}


@pytest.mark.parametrize(
    "content",
    [
        b"see /wor" + b"k/main\n",
        b"https://py" + b"pi.org/simple\n",
        b"# TO" + b"DO: later\n",
        b"raise NotImplemented" + b"Error\n",
        b"no end",
        b"\xff\xfe\n",
        b"x" * LARGEST + b"\n",
        b"\0" * (LARGEST + 1),
    ],
)
def test_a_file_out_of_order_is_met(content: bytes) -> None:
    assert len(file_faults("docs/page.md", content)) == 1


def test_files_of_others_keep_their_line_ends() -> None:
    assert file_faults("data/raw/source/edition/figures.csv", b"no end") == []


@pytest.mark.parametrize("has_git", [True, False])
def test_untracked_files_are_searched_and_ignored_ones_are_not(tmp_path: Path, has_git: bool) -> None:
    (tmp_path / "new.md").write_text("x\n")
    (tmp_path / ".hidden").mkdir()
    (tmp_path / ".hidden" / "old.md").write_text("x\n")
    if has_git:
        (tmp_path / ".gitignore").write_text(".hidden/\n")
        subprocess.run(["git", "init", "--quiet"], cwd=tmp_path, check=True)
    assert [name for name in tracked(tmp_path) if name.endswith(".md")] == ["new.md"]


# ---------------------------------------------------------------- no skipped test slips through

SKIPPING = "import pytest\ndef test_passes(): pass\ndef test_waits(): pytest.skip({reason!r})\n"


def _run_elsewhere(folder: Path, reason: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """A run of two tests, one of which is skipped, under this conftest.py; its folder lies beside no ``shared``."""
    tests = folder / "project" / "tests"
    tests.mkdir(parents=True)
    (tests / "conftest.py").write_text((ROOT / "tests" / "conftest.py").read_text(encoding="utf-8"), encoding="utf-8")
    (tests / "test_it.py").write_text(SKIPPING.format(reason=reason), encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", str(tests), str(tests)]
    surroundings = {name: value for name, value in os.environ.items() if name != "PAR_CI"}
    return subprocess.run(command, cwd=tests, env=surroundings | variables, capture_output=True, text=True, check=False)


def test_a_skipped_test_fails_a_clean_machine(tmp_path: Path) -> None:
    run = _run_elsewhere(tmp_path, "no browser", PAR_CI="1")
    assert (run.returncode, "skipped without leave" in run.stdout) == (1, True), run.stdout


def test_a_skipped_test_passes_elsewhere(tmp_path: Path) -> None:
    assert _run_elsewhere(tmp_path, "no browser").returncode == 0


def test_absent_reference_data_may_be_skipped(tmp_path: Path) -> None:
    assert _run_elsewhere(tmp_path, "../shared is absent", PAR_CI="1").returncode == 0


def test_present_reference_data_may_not_be_skipped(tmp_path: Path) -> None:
    (tmp_path / "shared").mkdir()
    assert _run_elsewhere(tmp_path, "../shared is absent", PAR_CI="1").returncode == 1


def test_warnings_are_errors_and_markers_are_strict() -> None:
    options = tomllib.loads(PYPROJECT)["tool"]["pytest"]["ini_options"]
    assert options["filterwarnings"][0] == "error"
    assert options["xfail_strict"] is True
    assert {"--strict-markers", "--doctest-modules"} <= set(options["addopts"].split())
