"""Where the bench gets its figures from: a cache that holds PAPI, or one that is filled for the run."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from benchmarks.processes import BenchFailed
from benchmarks.ways import INDEX, ROOT, YEAR
from par_analysis.catalog import Catalog, cache_folder

MIRROR = ROOT.parent / "shared" / "mirror"


def cache_with_papi(folder: Path) -> Path:
    """The cache of the user, where it holds PAPI; else ``folder``, filled from ``PAR_MIRROR``, from a mirror beside the checkout, or from the network.

    Raises ``BenchFailed``.
    """
    if has_papi():
        return cache_folder()
    if os.environ.get("PAR_CACHE"):
        raise BenchFailed(f"PAR_CACHE is set, and PAPI {YEAR} is not in it: par fetch {INDEX} puts it there; or unset PAR_CACHE")
    folder.mkdir()
    mirror = {"PAR_MIRROR": str(MIRROR)} if MIRROR.is_dir() and not os.environ.get("PAR_MIRROR") else {}
    command = [sys.executable, "-m", "par_analysis", "fetch", INDEX]
    done = subprocess.run(command, env={**os.environ, **mirror, "PAR_CACHE": str(folder)}, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        said = (done.stderr.strip() or done.stdout.strip()).splitlines()[-1:]
        raise BenchFailed(f"The bench needs PAPI, which could not be fetched: {' '.join(said)}")
    return folder


def has_papi() -> bool:
    """Whether all files of PAPI lie in the cache that is in force."""
    known = Catalog(ROOT)
    return {f"{INDEX}/{file.edition}" for file in known.source(INDEX).files} <= set(known.editions)
