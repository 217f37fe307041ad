"""``manifest.json``: what a report was made from, and the hash of every file of it. No clock, no path, no user name."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Mapping
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from par_analysis.run.plan import Job

PACKAGES: Final = ("babel", "fonttools", "jinja2", "matplotlib", "mistune", "nbconvert", "numpy", "openpyxl", "pandas", "papermill", "python-docx", "typst")
"""The packages whose version can be seen in a report."""


@cache
def versions() -> dict[str, str]:
    """The versions of Python (minor), of this package and of those that a report depends on."""
    python = ".".join(platform.python_version_tuple()[:2])
    return {"python": python, "par-analysis": version("par-analysis")} | {name: version(name) for name in PACKAGES}


def manifest(job: Job, identity: Mapping[str, Any], reads: Mapping[str, str], files: Mapping[str, bytes]) -> bytes:
    """The manifest of a job's finished files: ``reads`` are the slices of data that it was made from, with their fingerprints."""
    facts = {
        "report": job.report,
        "parameters": dict(job.parameters),
        "identity": dict(identity),
        "data": identity["data"],
        "reads": dict(reads),
        "notebook": {"name": job.notebook.name, "sha256": job.sha256},
        "files": {name: hashlib.sha256(content).hexdigest() for name, content in files.items()},
        "versions": versions(),
    }
    return (json.dumps(facts, ensure_ascii=False, indent=2, sort_keys=True) + "\n").encode()


def listed_files(folder: Path) -> frozenset[str]:
    """The files that the manifest in a folder lists, itself included; none where there is no manifest that can be read."""
    path = folder / "manifest.json"
    try:
        return frozenset(json.loads(path.read_bytes())["files"]) | {path.name}
    except (OSError, ValueError, KeyError, TypeError):
        return frozenset()
