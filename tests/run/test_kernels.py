"""A report has the same bytes, whichever kernel its notebook ran in: warm, cold, or forked on sockets."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from par_analysis import catalog, dataset
from par_analysis.catalog import Catalog
from par_analysis.run.contract import find_notebook, read_contract
from par_analysis.run.known import Known
from par_analysis.run.plan import Job
from tests.conftest import SHARED
from tests.toys import CHANGE, everything, jobs_of, make_known, report, run

Files = dict[str, bytes]

OUTPUTS = (
    "import sys\nprint(sys.argv[0][-20:], __name__, sys.stdout.isatty(), sys.stdout.encoding, sys.stdin.read(), sys.path.index(''))\nprint('e', file=sys.stderr)",
    "from IPython.display import display, HTML, update_display\nh = display(HTML('<p>one</p>'), display_id='q')\nupdate_display(HTML('<p>two</p>'), display_id='q')",
    "import matplotlib.pyplot as plt\nfig, ax = plt.subplots()\nax.plot([1, 2])\ndisplay(fig, metadata={'image/png': {'alt': 'a line'}})\nplt.close()",
    "from tqdm.auto import tqdm\nfor i in tqdm(range(3)): pass",
    "import asyncio, os, threading\nawait asyncio.sleep(0.01)\nprint('async', os.getcwd().split('/')[-1][:4])",
    "t = threading.Thread(target=lambda: print('thread')); t.start(); t.join()",
    "%timeit -n1 -r1 -q 1\n!echo bang",
    "%%bash\necho out",
    "import pandas as pd\npd.DataFrame({'a': [1, 2], 'b': ['=x', None]})",
    "from IPython.display import clear_output\nprint('before'); clear_output(); print('after')",
    "{'a': [1, 2, {3}], 'b': print}",
    "_ + 1 if isinstance(_, int) else Out and In[1][:5]",
    "print('1\\r2\\x1b[31mred\\x1b[0m'); 42;",
)
"""One way of putting something out each, where the order does not hang on which socket is quicker."""

REAL: dict[str, dict[str, Any]] = {
    "province par_index 2023 30 vi": {"unit": "hai duong"},
    "province sipas 2022 30 en-no-derived": {"index": "sipas", "year": 2022, "lang": "en", "derived": "false"},
    "province par_index 2021 92 vi-no-derived": {"unit": "92", "year": 2021, "derived": "false"},
    "province papi 2021 30 vi": {"index": "papi", "year": 2021},
    "national par_index 2023 VN vi": {},
    "national par_index 2021 VN en-no-derived": {"year": 2021, "lang": "en", "derived": "false"},
    "national sipas 2022 VN vi": {"index": "sipas", "year": 2022},
    "data_quality par_index VN vi": {},
    "data_quality sipas VN en": {"index": "sipas", "lang": "en"},
    "data_quality par_index VN en-no-derived": {"lang": "en", "derived": "false"},
}
"""Label → what is asked for."""
FORKED = ("province par_index 2023 30 vi",)


def checkout(known: Catalog) -> Known:
    """What a request is checked against, from a catalogue that may have downloads."""
    return Known(
        root=known.root,
        indices=tuple(known.indices),
        unit_names={code: {"vi": unit.name_vi, "en": unit.name_en} for code, unit in known.units.items()},
        years=lambda index: tuple(map(int, dataset.load(index, known=known).years)),
        provinces=lambda year: tuple(unit.code for unit in known.provinces(year)),
        resolve_unit=lambda name, year: dataset.resolve_unit(name, year, root=known),
    )


def real_jobs(known: Catalog, labels: tuple[str, ...], out: Path) -> list[Job]:
    here = checkout(known)
    found = [job for label in labels for job in jobs_of(read_contract(find_notebook(label.split()[0], here.notebooks)), here, out, **REAL[label])]
    assert [job.label for job in found] == list(labels)
    return found


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Callable[[str, str], Files]:
    """(kernels, label) → the report's files; one batch for each kind of kernel."""
    root = tmp_path_factory.mktemp("kernels")
    has_papi = (SHARED / "mirror").is_dir()
    known = request.getfixturevalue("papi") if has_papi else Catalog(catalog.load().root)
    labels = tuple(label for label in REAL if has_papi or "papi" not in label)
    contract, folders, ended = report(root, "toy", CHANGE, *OUTPUTS), {}, {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PAR_CACHE", str(known.cache))
        for kernels, asked in {"warm": labels, "cold": labels, "forked": FORKED}.items():
            toys = jobs_of(contract, make_known(root), root / kernels / "out", unit=["30", "31"], lang=["en"])
            jobs = [*toys, *real_jobs(known, asked, root / kernels / "out")]
            ended = run(jobs, kernels=kernels, unit_names=checkout(known).unit_names)
            assert {str(outcome.error) for outcome in ended.values()} == {"None"}
            folders |= {(kernels, job.label): job.folder for job in jobs}
    return lambda kernels, label: everything(folders[kernels, label])


@pytest.mark.parametrize("kernels", ["cold", "forked"])
@pytest.mark.parametrize("unit", ["30", "31"])
def test_every_kind_of_output_is_the_same_from_every_kernel(made: Callable[[str, str], Files], kernels: str, unit: str) -> None:
    label = f"toy par_index 2023 {unit} en"
    files = made("warm", label)
    assert {name.rpartition(".")[2] for name in files} == {"html", "pdf", "csv", "json"}
    assert made(kernels, label) == files


def test_what_cells_put_out_is_on_the_page(made: Callable[[str, str], Files]) -> None:
    (page,) = [content.decode() for name, content in made("warm", "toy par_index 2023 30 en").items() if name.endswith(".html")]
    for shown in ("<p>two</p>", "async par-", "thread", "bang", "after", "UTF-8"):
        assert shown in page
    assert "before" not in page


@pytest.mark.parametrize("label", REAL)
def test_a_real_report_is_the_same_from_a_cold_kernel(made: Callable[[str, str], Files], label: str) -> None:
    if "papi" in label and not (SHARED / "mirror").is_dir():
        pytest.skip("../shared/mirror is absent")
    files = made("warm", label)
    assert len(files) == 4
    assert made("cold", label) == files


@pytest.mark.parametrize("label", FORKED)
def test_a_real_report_is_the_same_from_a_forked_kernel(made: Callable[[str, str], Files], label: str) -> None:
    assert made("forked", label) == made("warm", label)
