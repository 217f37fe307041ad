"""What a notebook does to its process, no other report notices."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

import psutil
import pytest

from par_analysis.run.outcome import Outcome
from tests.toys import everything, gone, jobs_of, make_known, of, report, run, toy_jobs

NEIGHBOUR = """
import locale, os, random, sys, threading, matplotlib, numpy, pandas as pd, matplotlib.pyplot as plt
from IPython.display import display
print(sorted(name for name in globals() if name in {"pd", "left", "plt"}), "left" in vars(__builtins__))
print(pd.DataFrame({"a": [1, 2]}).sum().to_dict(), pd.options.display.max_rows, pd.DataFrame({"a": range(9)}))
print(sys.getrecursionlimit(), "left" in sys.modules, "/x" in sys.path)
print(os.getcwd() == os.path.dirname(os.environ["PAR_READS"]), os.path.exists("left"), os.environ.get("LEFT"), os.umask(0o022), locale.setlocale(locale.LC_ALL))
print([one.name for one in threading.enumerate() if "sleep" in one.name], matplotlib.rcParams["lines.linewidth"], plt.get_fignums())
print(numpy.random.get_state()[1][:2].tolist() == [1, 2], numpy.geterr()["divide"])
figure, axes = plt.subplots(); axes.plot([1, 2]); plt.close()
display(figure, metadata={"image/png": {"alt": "a line"}})
"""

HOSTILE = {
    "folder": "import os\nos.chdir('/')",
    "figures": "import matplotlib.pyplot as plt\nplt.rcParams['lines.linewidth'] = 9\nplt.style.use('dark_background')\nplt.switch_backend('agg')\nplt.figure().add_subplot()",
    "pandas": "import pandas as pd\npd.DataFrame.sum = None\npd.options.display.max_rows = 2",
    "numbers": "import numpy\nnumpy.seterr(all='raise')\nnumpy.random.seed(1)\nimport builtins\nbuiltins.left = 1",
    "environment": "import os\nos.environ.update(LEFT='1', PAR_ROOT='/nowhere', TMPDIR='/nowhere')",
    "modules": "import sys, types\nsys.modules['left'] = types.ModuleType('left')\nsys.path.insert(0, '/x')",
    "settings": "import locale, os, sys\nlocale.setlocale(locale.LC_ALL, 'C')\nos.umask(0o077)\nsys.setrecursionlimit(300)",
    "files": "open('left', 'w').write('x')\nimport os, signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)",
    "streams": "import os, sys\nos.close(0)\nos.dup2(os.open(os.devnull, os.O_WRONLY), 1)\nsys.stderr = None",
    "thread": "import threading, time\nthreading.Thread(target=time.sleep, args=(300,)).start()",
    "sleeper": "import os, subprocess\nsubprocess.Popen(['sleep', '300'], env={**os.environ, 'MARK': 'MARKED'})",
    "session": "import os, subprocess\nsubprocess.Popen(['sleep', '300'], env={**os.environ, 'MARK': 'MARKED'}, start_new_session=True)",
}


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The files of two neighbours, with nobody between them."""
    root = tmp_path_factory.mktemp("alone")
    ended = run(jobs_of(report(root, "calm", NEIGHBOUR), make_known(root), root / "out", unit=["30", "31"]))
    assert [str(outcome.error) for outcome in ended.values()] == ["None"] * 2
    return everything(root / "out")


@pytest.fixture(scope="module", params=["warm", "forked"])
def between(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> tuple[dict[str, Outcome], dict[str, bytes], list[psutil.Process]]:
    """The same two, made by one worker with all that is hostile between them: outcomes, files of the two, processes that are left."""
    root, mark = tmp_path_factory.mktemp("between"), uuid.uuid4().hex
    first, last = jobs_of(report(root, "calm", NEIGHBOUR), make_known(root), root / "out", unit=["30", "31"])
    hostile = toy_jobs(root, {name: code.replace("MARKED", mark) for name, code in HOSTILE.items()}, out="hostile")
    placed = [first, *hostile, last]
    ended = run(placed, workers=1, kernels=request.param)
    return ended, everything(root / "out"), gone(mark, within=2)


def test_neighbours_of_a_hostile_notebook_are_as_if_it_were_not_there(between: Any, alone: Mapping[str, bytes]) -> None:
    _, files, _ = between
    assert files == alone


def test_what_a_notebook_does_to_its_own_process_is_no_failure(between: Any) -> None:
    ended, *_ = between
    assert {name: str(of(ended, name).error) for name in HOSTILE if of(ended, name).error} == {}


def test_a_process_that_a_notebook_left_is_ended(between: Any) -> None:
    _, _, left = between
    assert left == []
