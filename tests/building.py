"""Reports built as a user builds them, in a process of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from par_analysis import catalog

ROOT = catalog.load().root


def build(out: Path, *words: str, root: Path = ROOT) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "par_analysis", "build", *words, "--out", str(out)]
    return subprocess.run(command, env={**os.environ, "PAR_ROOT": str(root)}, cwd=root, capture_output=True, text=True, check=False)
