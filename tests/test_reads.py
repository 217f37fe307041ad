"""What a report has read: slices of data, their fingerprints, and files that a notebook opened by itself."""

from __future__ import annotations

import ast
import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from par_analysis import catalog, dataset
from par_analysis.catalog import Catalog
from par_analysis.dataset import reads, recording
from par_analysis.dataset.slices import NO_ROWS, fingerprints
from par_analysis.errors import ParError

ROOT = catalog.load().root
RAW = "raw/public_pages/2026-11"


@pytest.fixture
def noted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file that reads are noted in."""
    path = tmp_path / "scratch" / "reads"
    path.parent.mkdir()
    monkeypatch.setenv("PAR_READS", str(path))
    return path


def copied(folder: Path) -> Catalog:
    shutil.copytree(ROOT / "data", folder / "data")
    return Catalog(folder)


def refreshed(known: Catalog, name: str, old: str, new: str) -> Catalog:
    """The data with one cell of a raw file changed, as an honest edit would: with the file's hash in edition.toml."""
    path = known.root / "data" / RAW / name
    before = path.read_bytes()
    assert before.count(old.encode()) == 1, old
    path.write_bytes(before.replace(old.encode(), new.encode()))
    edition = path.with_name("edition.toml")
    hashes = [hashlib.sha256(content).hexdigest() for content in (before, path.read_bytes())]
    edition.write_text(edition.read_text(encoding="utf-8").replace(*hashes), encoding="utf-8")
    return Catalog(known.root)


def all_slices(known: Catalog) -> dict[str, str]:
    """Every slice that a page of this checkout can have read, with its fingerprint."""
    words = [("figures", True), ("claims", True), ("figures", False)]
    names = [name for code in known.indices for kind, derived in words for name in reads.of_years(kind, code, range(2010, 2027), derived)]
    names += [f"{kind}/operations/{year}/{unit}" for kind in ("figures", "claims") for year in (2022, 2023, 2024) for unit in ("01", "30", "31", "VN")]
    names += [f"{kind}/{code}" for kind in ("years", "findings", "editions", "received", "reference") for code in known.indices]
    names += ["press/par_index/30/2023", "press/par_index/31/2023", "reference/tables", "reference/tiles", "reference/indicators", "unit/2023/hai duong", "everything"]
    return {name: reads.fingerprint(name, known) for name in names}


def changed(before: Mapping[str, str], after: Mapping[str, str]) -> set[str]:
    return {name for name in before if before[name] != after[name]}


# ---------------------------------------------------------------- one cell


def test_one_cell_changes_the_slices_of_its_index_and_year_alone(tmp_path: Path) -> None:
    known = copied(tmp_path)
    before = all_slices(known)
    assert "" not in before.values()
    cell = "PAR_INDEX,2015,Lai Châu,province,score,"
    after = all_slices(refreshed(known, "overall.csv", f"{cell}79.12,", f"{cell}79.13,"))
    expected = {"figures/par_index/2015", "claims/par_index/2015", "figures-no-derived/par_index/2015", "everything"}
    assert expected <= changed(before, after) <= expected | {"findings/par_index"}


def test_an_operational_figure_changes_the_slice_of_its_unit_alone(tmp_path: Path) -> None:
    known = copied(tmp_path)
    before = all_slices(known)
    cell = "Hải Dương,2023,digitisation_rate_results,"
    after = all_slices(refreshed(known, "operations.csv", f"{cell}99,", f"{cell}98,"))
    met = {name for name in changed(before, after) if name.split("/")[0] in {"figures", "claims"}}
    assert met == {"figures/operations/2023/30", "claims/operations/2023/30"}


def test_an_added_year_changes_no_other_year(tmp_path: Path) -> None:
    known = copied(tmp_path)
    before = all_slices(known) | {name: reads.fingerprint(name, known) for name in ("years/sipas/2023", "years/sipas/2031")}
    assert before["figures/sipas/2026"] == NO_ROWS
    row = next(line for line in (known.root / "data" / RAW / "overall.csv").read_text(encoding="utf-8").splitlines() if line.startswith("SIPAS,2022,"))
    last = (known.root / "data" / RAW / "overall.csv").read_text(encoding="utf-8").splitlines()[-1]
    later = refreshed(known, "overall.csv", last, last + "\n" + row.replace("SIPAS,2022", "SIPAS,2026", 1))
    after = all_slices(later) | {name: reads.fingerprint(name, later) for name in ("years/sipas/2023", "years/sipas/2031")}
    expected = {"figures/sipas/2026", "claims/sipas/2026", "figures-no-derived/sipas/2026", "years/sipas", "years/sipas/2031", "findings/sipas", "everything"}
    assert changed(before, after) == expected


@pytest.mark.parametrize(
    ("file", "old", "new", "met"),
    [
        ("reference/tiles.csv", "63,30,", "63,30 ,", {"reference/tiles"}),
        ("reference/names.csv", None, "30,Tỉnh Đông mới\n", set()),
        ("reference/indices/sipas.toml", "decimals = ", "decimals = 1", {"reference/sipas"}),
        ("reference/provinces.csv", "Hai Duong", "Haiduong", {"reference/tables"}),
    ],
)
def test_reference_files_have_slices_of_their_own(tmp_path: Path, file: str, old: str | None, new: str, met: set[str]) -> None:
    known = copied(tmp_path)
    names = ["reference/tables", "reference/tiles", "reference/indicators", *(f"reference/{code}" for code in known.indices)]
    before = {name: reads.fingerprint(name, known) for name in [*names, "everything"]}
    path = known.root / "data" / file
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace(old, new, 1) if old else text + new, encoding="utf-8")
    after = Catalog(tmp_path)
    assert changed(before, {name: reads.fingerprint(name, after) for name in before}) == met | {"everything"}


def test_an_article_has_a_slice_of_its_own(tmp_path: Path) -> None:
    known = copied(tmp_path)
    names = [f"press/par_index/{unit}/2023" for unit in ("30", "31")]
    before = {name: reads.fingerprint(name, known) for name in names}
    (known.root / "data" / "claims" / "hai_duong_2023.toml").unlink()
    after = {name: reads.fingerprint(name, Catalog(tmp_path)) for name in names}
    assert changed(before, after) == {"press/par_index/30/2023"}
    assert set(after.values()) == {NO_ROWS}


@pytest.mark.parametrize("name", ["figures/nope/2019", "reference/nope", "unit/2023/nowhere at all", "file:/nowhere/at/all", "other/papi", "", "press/papi", "years/papi/soon"])
def test_what_is_not_there_has_no_fingerprint(name: str) -> None:
    assert reads.fingerprint(name) == ""


def test_a_slice_is_the_same_whichever_pages_it_was_read_for() -> None:
    known = catalog.load()
    own, beside = dataset.load("sipas").claims, dataset.view("province", index="par_index", unit="30", year=2023, lang="vi").beside_data
    assert beside is not None
    assert fingerprints(own, list(own["year"])) == fingerprints(beside.claims, list(beside.claims["year"]))
    assert reads.fingerprint("claims/sipas/2022", known) == fingerprints(own, list(own["year"]))[2022]


def test_fingerprints_are_those_of_another_process() -> None:
    names = ["figures/par_index/2023", "claims/sipas/2022", "press/par_index/30/2023", "reference/tables", "findings/par_index", "figures/operations/2023/30"]
    code = f"from par_analysis.dataset import reads; print([reads.fingerprint(name) for name in {names!r}])"
    told = subprocess.run([sys.executable, "-c", code], env={**os.environ, "PYTHONHASHSEED": "77"}, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert ast.literal_eval(told) == [reads.fingerprint(name) for name in names]


# ---------------------------------------------------------------- notes


@given(st.dictionaries(st.text(), st.text()), st.randoms())
def test_digest_is_free_of_order_and_tells_every_change(met: dict[str, str], random: Any) -> None:
    shuffled = list(met.items())
    random.shuffle(shuffled)
    assert reads.digest(dict(shuffled)) == reads.digest(met)
    for name, found in met.items():
        assert reads.digest(met | {name: found + "x"}) != reads.digest(met)
        assert reads.digest({other: met[other] for other in met if other != name}) != reads.digest(met)


def test_notes_come_back_each_once(noted: Path) -> None:
    for name in ("figures/papi/2019", "file:/ổ đĩa/a\nb\udcff.csv", "figures/papi/2019"):
        reads.record(name, "0a")
    assert reads.recorded(noted) == {"figures/papi/2019": "0a", "file:/ổ đĩa/a\nb\udcff.csv": "0a"}
    assert len(noted.read_bytes().splitlines()) == 2


def test_nothing_is_noted_without_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PAR_READS", raising=False)
    reads.record("figures/papi/2019", "0a")
    assert reads.recorded(tmp_path / "reads") == {}


def test_data_that_changed_while_it_was_read_is_an_error(noted: Path) -> None:
    reads.record("figures/papi/2019", "0a")
    reads.record("figures/papi/2019", "0b")
    with pytest.raises(ParError, match="figures/papi/2019 was changed"):
        reads.recorded(noted)


@pytest.mark.parametrize("line", [b'["figures/papi/20', b"7\n", b'["a"]\n'])
def test_a_damaged_note_is_an_error(tmp_path: Path, line: bytes) -> None:
    (tmp_path / "reads").write_bytes(line)
    with pytest.raises(ParError, match="not a note"):
        reads.recorded(tmp_path / "reads")


def test_a_note_that_cannot_be_written_stops_the_report(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PAR_READS", str(tmp_path / "nowhere" / "reads"))
    with pytest.raises(ParError, match="cannot be written"):
        reads.record("figures/papi/2019", "0a")


def test_every_file_of_notes_is_whole(noted: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that serves one report after the other, and forks for them."""
    view = dataset.view("province", index="sipas", unit="30", year=2022, lang="vi")
    assert len(view.panel)
    first = reads.recorded(noted)
    monkeypatch.setenv("PAR_READS", str(noted.with_name("second")))
    assert len(view.panel)
    assert set(first) - set(reads.recorded(noted.with_name("second"))) == {"reference/sipas", "reference/tables", "unit/2022/30"}
    assert reads.recorded(noted) == first


# ---------------------------------------------------------------- what a view hands out

OPENED = {"reference/par_index", "reference/sipas", "reference/tables", "unit/2019/30"}


def until(kind: str, index: str, year: int) -> set[str]:
    tables = dataset.load(index).panel if kind == "figures" else dataset.load(index).claims
    return {f"years/{index}/{year}"} | {f"{kind}/{index}/{met}" for met in tables["year"].unique() if met <= year}


def expected_of(attribute: str) -> set[str]:
    spans = {"panel": until("figures", "par_index", 2019), "claims": until("claims", "par_index", 2019), "beside": until("figures", "sipas", 2019)}
    operations = {f"claims/operations/2019/{unit}" for unit in ("30", "VN")}
    return {
        **spans,
        "operations": {"figures/operations/2019/30"},
        "conflicts": {"claims/par_index/2018", "claims/par_index/2019"},
        "sources": until("claims", "par_index", 2019) | {f"claims/sipas/{year}" for year in range(2014, 2020)} | operations,
        "press": {"press/par_index/30/2019"},
        "received": {"received/par_index"},
        "recent_years": {"years/par_index/2019"},
        "tiles": {"reference/tiles"},
        **{name: {"figures/par_index/2019"} for name in ("units", "scale")},  # which provinces were ranked
        "indicators": {"reference/indicators"},
        **{name: set() for name in ("words", "framework", "members", "region_units", "identity", "trust", "breaks_beside", "data")},
    }[attribute]


ATTRIBUTES = ["panel", "claims", "beside", "operations", "conflicts", "sources", "press", "received", "recent_years", "tiles", "indicators"]
ATTRIBUTES += ["units", "words", "framework", "scale", "members", "region_units", "identity", "trust", "breaks_beside", "data"]


@pytest.mark.parametrize("attribute", ATTRIBUTES)
def test_what_is_asked_for_is_noted(attribute: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = expected_of(attribute)
    monkeypatch.setenv("PAR_READS", str(tmp_path / "reads"))
    view = dataset.view("province", index="par_index", unit="30", year=2019, lang="vi")
    getattr(view, attribute)
    found = reads.recorded(tmp_path / "reads")
    assert set(found) == OPENED | expected
    assert found == {name: reads.fingerprint(name) for name in found}


@contextmanager
def recording_off() -> Iterator[None]:
    named = os.environ.pop("PAR_READS", None)
    try:
        yield
    finally:
        if named is not None:
            os.environ["PAR_READS"] = named


def test_tables_hold_no_later_year() -> None:
    view = dataset.view("province", index="par_index", unit="30", year=2019, lang="vi")
    assert [table["year"].max() for table in (view.panel, view.claims, view.beside)] == [2019, 2019, 2019]


def test_the_countrys_sources_are_of_two_years(noted: Path) -> None:
    assert len(dataset.view("national", index="par_index", year=2019, lang="vi").sources)
    assert set(reads.recorded(noted)) - OPENED == {"claims/par_index/2018", "claims/par_index/2019"}


def test_derived_values_are_slices_of_their_own(noted: Path) -> None:
    assert len(dataset.view("national", index="par_index", year=2012, lang="vi", derived=False).panel)
    assert set(reads.recorded(noted)) - OPENED == {"figures-no-derived/par_index/2012", "years-no-derived/par_index/2012"}


def test_ranked_units_of_an_index_that_sums_its_parts_are_those_of_its_year(papi: Catalog, noted: Path) -> None:
    with recording_off():
        dataset.load("papi", known=papi)  # its cache is the fixture's: here, reading it would look like a notebook's own doing
    assert dataset.view("national", index="papi", year=2019, lang="vi", known=papi).units
    assert set(reads.recorded(noted)) == {"reference/papi", "reference/tables", "figures/papi/2019"}


def test_an_overview_is_about_all_years(noted: Path) -> None:
    view = dataset.overview("data_quality", index="sipas", lang="vi")
    assert set(reads.recorded(noted)) == {"reference/sipas", "reference/tables", "years/sipas"}
    assert len(view.panel)
    assert {f"figures/sipas/{year}" for year in view.panel["year"].unique()} <= set(reads.recorded(noted))
    assert len(view.findings)
    assert len(view.collections)
    assert {"findings/sipas", "editions/sipas", "claims/sipas/2022"} <= set(reads.recorded(noted))


def test_a_dataset_that_is_loaded_directly_is_noted_of_all_years(noted: Path) -> None:
    data = dataset.load("sipas")
    assert len(data.panel)
    assert set(reads.recorded(noted)) == {"reference/sipas", "reference/tables", "years/sipas", *(f"figures/sipas/{year}" for year in data.years)}
    assert len(data.claims)
    assert {f"claims/sipas/{year}" for year in data.claims["year"].unique()} <= set(reads.recorded(noted))
    assert "everything" not in reads.recorded(noted)


def test_the_catalogue_itself_is_all_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    doors = [lambda: dataset.load("sipas").known, dataset.check, lambda: dataset.data_hash("sipas"), catalog.load, lambda: Catalog(ROOT)]
    for number, door in enumerate(doors):
        monkeypatch.setenv("PAR_READS", str(tmp_path / str(number)))
        door()
        assert "everything" in reads.recorded(tmp_path / str(number)), number


# ---------------------------------------------------------------- notebooks of the house


def run(name: str, **parameters: Any) -> None:
    """The cells of a notebook, here."""
    names: dict[str, Any] = dict(parameters)
    with recording_off():  # the runner opens the notebook, not the notebook itself
        cells = json.loads((ROOT / "notebooks" / f"{name}.ipynb").read_text(encoding="utf-8"))["cells"]
    for cell in cells:
        if cell["cell_type"] == "code" and "parameters" not in cell["metadata"].get("tags", []):
            exec(compile("".join(cell["source"]), "<cell>", "exec"), names)


def test_a_provinces_report_reads_its_index_the_one_beside_and_its_own_operations(noted: Path) -> None:
    run("province", index="par_index", unit="30", year=2021, lang="vi", derived=True)
    met = [name.split("/") for name in reads.recorded(noted)]
    rows = [name for name in met if name[0] in {"figures", "claims"}]
    assert {name[0] for name in met} == {"figures", "claims", "years", "reference", "received", "press", "unit"}
    assert {name[1] for name in rows} == {"par_index", "sipas", "operations"}
    assert max(int(name[2]) for name in rows) == 2021
    assert {tuple(name[2:]) for name in rows if name[1] == "operations"} == {("2021", "30"), ("2021", "VN")}


def test_a_papi_report_reads_papi_alone(papi: Catalog, noted: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalog, "load", lambda: papi)
    with recording_off():  # the files lie where this process does not look for downloads: all is read before, whatever other tests left in memory
        run("province", index="papi", unit="01", year=2018, lang="en", derived=True)
    run("province", index="papi", unit="01", year=2018, lang="en", derived=True)
    met = reads.recorded(noted)
    assert {name for name in met if name.split("/")[1] != "papi"} == {"reference/tables", "unit/2018/01"}
    assert max(name.split("/")[2] for name in met if name.startswith(("figures/", "claims/"))) == "2018"
    assert met == {name: reads.fingerprint(name, papi) for name in met}


# ---------------------------------------------------------------- files that a notebook opens

OPENING = """
import sys
from par_analysis.dataset import reads, recording
reads.load_ipython_extension(None)
reads.load_ipython_extension(None)
sys.path.insert(0, {outside!r})
import helper, os, pathlib, sqlite3
import pandas as pd
from par_analysis import dataset, metrics, show
pd.read_csv({outside!r} + "/own.csv")
open({outside!r} + "/own.csv", "a").close()
for name in ("gone.csv", "folder"):
    try:
        open({outside!r} + "/" + name)
    except OSError:
        pass
with open({outside!r} + "/made.csv", "w") as stream:
    stream.write("a\\n1\\n")
pd.read_csv({outside!r} + "/made.csv")
sqlite3.connect({outside!r} + "/base.db").close()
pathlib.Path("scratch.csv").write_text("a\\n")
pathlib.Path("link.csv").symlink_to({outside!r} + "/linked.csv")
print(pathlib.Path("scratch.csv").read_text(), pathlib.Path("link.csv").read_text())
open("/etc/hostname").close() if os.path.exists("/etc/hostname") else None
view = dataset.view("province", index="par_index", unit="30", year=2023, lang="vi")
view.panel, view.press, view.sources, view.tiles
show.plot_tiles(metrics.standings(view.panel, **view.scale, **view.limits), view.tiles, view.words).payload()
"""


def opened(tmp_path: Path, code: str) -> dict[str, str]:
    scratch, outside = tmp_path / "scratch", tmp_path / "outside"
    scratch.mkdir()
    (outside / "folder").mkdir(parents=True)
    for name, text in {"own.csv": "a\n1\n", "linked.csv": "b\n", "base.db": "", "helper.py": "x = 1\n"}.items():
        (outside / name).write_text(text)
    environment = {**os.environ, "PAR_READS": str(scratch / "reads"), "PAR_ROOT": str(ROOT), "MPLBACKEND": "agg"}
    done = subprocess.run([sys.executable, "-c", code.format(outside=str(outside))], env=environment, cwd=scratch, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return {name.removeprefix(f"file:{outside}/"): found for name, found in reads.recorded(scratch / "reads").items() if name.startswith("file:")}


def test_files_of_others_are_noted_and_those_of_the_library_are_not(tmp_path: Path) -> None:
    found = opened(tmp_path, OPENING)
    contents = {"own.csv": b"a\n1\n", "linked.csv": b"b\n", "base.db": b"", "helper.py": b"x = 1\n"}
    assert found == {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()} | {"gone.csv": ""}
    assert reads.fingerprint(f"file:{tmp_path}/outside/own.csv", Catalog(ROOT)) == found["own.csv"]


def test_a_compiled_module_is_its_source(tmp_path: Path) -> None:
    twice = "import sys\nsys.path.insert(0, {outside!r})\nimport os\nnoted = os.environ.pop('PAR_READS')\nimport helper\ndel sys.modules['helper']\n"
    twice += "from par_analysis.dataset import reads\nreads.load_ipython_extension(None)\nos.environ['PAR_READS'] = noted\nimport helper\n"
    assert set(opened(tmp_path, twice)) == {"helper.py"}


def test_raw_data_that_a_notebook_opens_by_itself_is_a_file(tmp_path: Path) -> None:
    code = "from par_analysis.dataset import reads\nreads.load_ipython_extension(None)\nimport pandas\npandas.read_csv({path!r})\n"
    path = ROOT / "data" / RAW / "overall.csv"
    assert opened(tmp_path, code.replace("{path!r}", repr(str(path)))) == {f"file:{path}": hashlib.sha256(path.read_bytes()).hexdigest()}


def test_a_read_that_cannot_be_noted_stops_the_report(tmp_path: Path) -> None:
    code = "import os\nfrom par_analysis.dataset import reads\nreads.load_ipython_extension(None)\nnoted = os.environ['PAR_READS']\n"
    code += "os.environ['PAR_READS'] = noted + '/none/reads'\nopen({outside!r} + '/own.csv').close()\nos.environ['PAR_READS'] = noted\n"
    code += "try:\n    reads.record('a', 'b')\nexcept Exception as error:\n    assert 'could not be noted' in str(error)\nelse:\n    raise SystemExit(3)\n"
    assert opened(tmp_path, code) == {}


def test_what_was_noted_before_is_not_computed_again(noted: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    view = dataset.view("province", index="par_index", unit="30", year=2023, lang="vi")
    first = view.panel
    size = noted.stat().st_size
    monkeypatch.delattr(reads, "_fresh")
    assert view.panel is first
    assert noted.stat().st_size == size


def test_a_notebook_cannot_lose_what_it_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "reads"
    monkeypatch.setattr(recording, "_begun", [])
    monkeypatch.setenv(recording.VARIABLE, str(file))
    recording.begin()
    monkeypatch.delenv(recording.VARIABLE)
    reads.record("file:/a", "1")
    assert reads.recorded(file, is_begun=True) == {"file:/a": "1"}
    file.unlink()
    with pytest.raises(ParError, match="cannot be written to"):
        reads.record("file:/b", "2")
    with pytest.raises(ParError, match="could not be noted"):
        reads.recorded(file, is_begun=True)


def test_a_folder_that_was_listed_is_noted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "scratch").mkdir()
    reads.load_ipython_extension(None)
    monkeypatch.setenv(recording.VARIABLE, str(tmp_path / "scratch" / "reads"))
    names = sorted(path.name for path in (tmp_path / "in").glob("*.csv"))
    noted = reads.recorded(tmp_path / "scratch" / "reads")
    assert names == []
    assert set(noted) == {f"folder:{tmp_path / 'in'}"}
    (tmp_path / "in" / "new.csv").touch()
    assert reads.fingerprint(f"folder:{tmp_path / 'in'}", Catalog(ROOT)) not in {"", *noted.values()}
