"""requirements.lock and environment.yml from pyproject.toml: the packages that the project names, pinned the same for pip and for conda.

Runs in an environment of its own, with uv and packaging (``make lock``), so that a broken lock can be made anew.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Final

from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT: Final = Path(__file__).resolve().parent.parent
PYTHON: Final = "3.11"
"""The oldest Python that the lock resolves for, and conda's."""

CONDA_NAMES: Final = {"brotli": "brotli-python", "matplotlib": "matplotlib-base", "playwright": "playwright-python", "typst": "typst-py"}
"""Names on conda-forge that are not the package's own: its ``typst`` and ``brotli`` are the program and the C library."""

NOT_ON_CONDA: Final = frozenset({"axe-playwright-python"})
"""What conda-forge does not carry: pip installs it."""

_PINNED = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)==(?P<version>[^\s;\\]+)(?: ; (?P<marker>[^\\]+?))? ?\\?$", re.MULTILINE)


def named(pyproject: str) -> list[str]:
    """The packages that a pyproject.toml names itself, in its dependencies and extras: normalised names, sorted.

    >>> named('[project]\\ndependencies = ["Pandas>=3"]\\noptional-dependencies = {dev = ["pytest"]}')
    ['pandas', 'pytest']
    """
    project = tomllib.loads(pyproject)["project"]
    lists = [project.get("dependencies", []), *project.get("optional-dependencies", {}).values()]
    return sorted({canonicalize_name(Requirement(text).name) for texts in lists for text in texts})


def pinned(lock: str, *, python: str = PYTHON) -> dict[str, str]:
    """The version of every package that the lock pins on Linux with a Python.

    >>> text = "numpy==2.4.6 ; python_full_version < '3.12' \\\\\\n    --hash=sha256:0a\\nnumpy==2.5.5 ; python_full_version >= '3.12' \\\\\\n    --hash=sha256:0b\\n"
    >>> pinned(text), pinned(text, python="3.12")
    ({'numpy': '2.4.6'}, {'numpy': '2.5.5'})
    """
    here = {"python_version": python, "python_full_version": f"{python}.0", "sys_platform": "linux", "platform_system": "Linux", "os_name": "posix"}
    return {match["name"]: match["version"] for match in _PINNED.finditer(lock) if match["marker"] is None or Marker(match["marker"]).evaluate(here)}


def environment(pyproject: str, lock: str) -> str:
    """The environment.yml that holds what pyproject.toml names, in the versions of the lock, and the project itself.

    Raises KeyError where the lock does not pin a package that pyproject.toml names.
    """
    versions = pinned(lock)
    names = named(pyproject)
    conda = [f"  - {CONDA_NAMES.get(name, name)}={versions[name]}" for name in names if name not in NOT_ON_CONDA]
    pip = [f"      - {name}=={versions[name]}" for name in names if name in NOT_ON_CONDA]
    head = ["# Made by `make lock` from pyproject.toml and requirements.lock: conda env create --file environment.yml", "name: par-analysis"]
    channels = ["channels:", "  - conda-forge", "  - nodefaults", "dependencies:", f"  - python={PYTHON}", "  - pip"]
    return "\n".join([*head, *channels, *conda, "  - pip:", *pip, "      - -e .", ""])


def main(options: list[str]) -> None:
    """Write both files; ``options`` go to uv, for example ``--upgrade``."""
    compiler = [sys.executable, "-m", "uv", "pip", "compile", "--quiet", "--no-cache", "--universal", "--python-version", PYTHON]
    contents = ["--generate-hashes", "--all-extras", "--no-header", "--only-binary", ":all:", "--output-file", "requirements.lock", "pyproject.toml"]
    subprocess.run([*compiler, *contents, *options], check=True, cwd=ROOT)
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    (ROOT / "environment.yml").write_text(environment((ROOT / "pyproject.toml").read_text(encoding="utf-8"), lock), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
