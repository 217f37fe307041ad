"""What our exporters alone cost. ``python -m benchmarks.rendering UNIT…`` prints milliseconds of processor time for each executed notebook.

One warm process, every notebook exported once: Typst would know one again that it has seen before. The first two warm the exporters up and are not
counted. Processor time is that of all threads of the process.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Final

from benchmarks.floor import executed_and_named, planned
from par_analysis.run.export import export
from par_analysis.run.plan import FORMATS

UNCOUNTED: Final = 2


def main(*units: str) -> None:
    """Execute, then export and count."""
    with tempfile.TemporaryDirectory(prefix="par-rendering-") as scratch:
        cells, jobs, _ = planned(Path(scratch), units)
        notebooks = [executed_and_named(cells, job, Path(scratch) / str(number))[0] for number, job in enumerate(jobs)]
    found = []
    for notebook in notebooks:
        times: dict[str, float] = {}
        resources: dict[str, Any] = {}
        for kind in FORMATS:
            began = time.process_time()
            export(notebook, kind, resources)
            times[kind] = 1000 * (time.process_time() - began)
        found.append(times)
    sys.stdout.write(json.dumps(found[UNCOUNTED:]) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
