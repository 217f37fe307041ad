"""The bench: what it compares is the same, its arithmetic is right, its made-up figures are sound. Nothing is timed here."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks import floor, growth, results, synthetic, ways
from benchmarks.data import cache_with_papi
from benchmarks.processes import BenchFailed
from par_analysis import dataset
from par_analysis.catalog import Catalog
from par_analysis.model import Framework

# ---- the floor


def test_the_floor_makes_the_same_files(reports: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAR_READS", "")  # put back afterwards
    cells, jobs, here = floor.planned(tmp_path / "out", ["30"], index="par_index")
    floor.make(cells, jobs[0], here, tmp_path / "reads")
    assert ways.require_same(tmp_path / "out", reports) == 3


def test_the_floor_stops_at_what_it_cannot_show(tmp_path: Path) -> None:
    notebook = tmp_path / "one.ipynb"
    notebook.write_text('{"cells": [{"cell_type": "code", "metadata": {}, "source": ["1 + 1"]}]}')
    with pytest.raises(TypeError, match="ends with int"):
        floor.execute(floor.read_cells(notebook), {})


def test_parameters_replace_defaults(tmp_path: Path) -> None:
    notebook = tmp_path / "one.ipynb"
    told = '{"cell_type": "code", "metadata": {}, "source": ["from par_analysis.show.blocks import paragraph\\n", "paragraph([{\\"text\\": unit}])"]}'
    notebook.write_text('{"cells": [{"cell_type": "code", "metadata": {"tags": ["parameters"]}, "source": ["unit = \'30\'"]}, ' + told + "]}")
    executed = floor.execute(floor.read_cells(notebook), {"unit": "01"})
    (payload,) = executed.cells[1].outputs[0].data.values()
    assert payload["blocks"][0]["text"] == [{"text": "01"}]


# ---- what is compared


@pytest.fixture
def made(tmp_path: Path) -> Path:
    for way in ("d", "e"):
        (tmp_path / way).mkdir()
        (tmp_path / way / "page.html").write_bytes(b"x" * 20_000)
        (tmp_path / way / "page.pdf").write_bytes(b"y" * 20_000)
    return tmp_path


def test_equal_files_pass(made: Path) -> None:
    ways.require_made(made / "d", ["30"])
    assert ways.require_same(made / "e", made / "d") == 2


def test_another_byte_is_met(made: Path) -> None:
    (made / "e" / "page.pdf").write_bytes(b"z" * 20_000)
    with pytest.raises(BenchFailed, match=r"page\.pdf differs"):
        ways.require_same(made / "e", made / "d")


def test_an_absent_or_broken_file_is_met(made: Path) -> None:
    with pytest.raises(BenchFailed, match="1 files of type html were made of 2"):
        ways.require_made(made / "d", ["30", "31"])
    (made / "d" / "page.html").write_bytes(b"x")
    with pytest.raises(BenchFailed, match="0 files of type html"):
        ways.require_made(made / "d", ["30"])


def test_every_way_comes_first_in_its_turn() -> None:
    names = [way.name for way in ways.WAYS]
    assert [ways.rotated(names, turn)[0] for turn in range(len(names))] == names


def test_without_papi_the_bench_stops_with_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(BenchFailed, match="PAPI 2023 is not in it: par fetch papi"):
        cache_with_papi(tmp_path / "cache")  # tests have an empty one


# ---- the page


def timed(**seconds: float) -> dict[str, results.Timed]:
    """Ways that took so many seconds a report, in three rounds of 10 reports."""
    return {name: results.Timed(name, 10, [each * 9, each * 10, each * 15]) for name, each in seconds.items()}


def grown(reports: int, each: float, later: float, *, figures: str = "synthetic", span: str = "2011; 9 units") -> growth.Grown:
    return growth.Grown(figures, span, reports, each * reports, 2**30, [number * later for number in range(reports)])


def test_the_median_round_counts() -> None:
    one = results.Timed("d", 63, [126.0, 63.0, 630.0])
    assert (one.each, one.spread) == (2.0, (1.0, 10.0))


def test_ratios_are_of_seconds_a_report() -> None:
    found = results.Results({"a1": results.Timed("a1", 6, [60.0]), "d": results.Timed("d", 63, [31.5])})
    assert found.ratio("a1", "d") == 20.0
    assert found.ratio("a1", "e") is None


def test_demands_are_judged() -> None:
    found = results.Results(timed(a1=15.0, a2=7.9, b=6.0, d=1.0, e=0.8), [{"html": 10.0, "pdf": 30.0}, {"html": 1.0, "pdf": 90.0}, {"html": 5.0, "pdf": 25.0}])
    judged = {demand.what: (met, demand.judged(met)) for demand, met in results.demands(found)}
    assert judged["(a1) / (d)"] == (15.0, "met")
    assert judged["(a2) / (d)"] == (pytest.approx(7.9), "not met")
    assert judged["(b) / (d)"] == (6.0, "met, stretch too")
    assert judged["(d) / (e)"] == (1.25, "met")
    assert judged["a report of 3,321 / a report of 63"] == (None, "not measured")
    assert judged["HTML and PDF rendering alone, processor time a report"] == (40.0, "met, stretch too")


@pytest.mark.parametrize(("few", "many", "worse"), [((1.0, 0.5), (0.75, 0.6), 1.2), ((1.0, 1.0), (1.5, 1.0), 1.5)])
def test_growth_is_the_worse_of_two_ratios(few: tuple[float, float], many: tuple[float, float], worse: float) -> None:
    found = results.Results({}, growth=[grown(63, 9.0, 9.0, figures="PAPI"), grown(63, *few), grown(3321, *many, span="2011–2023")])
    assert found.grown == pytest.approx(worse)


def test_growth_of_a_shortened_batch_is_not_judged() -> None:
    assert results.Results({}, growth=[grown(63, 1.0, 1.0), grown(100, 1.0, 1.0)]).grown is None


def test_the_page_says_what_was_measured() -> None:
    page = results.written(results.Results(timed(a1=6.0, d=0.4, e=0.32), growth=[grown(63, 0.5, 0.4), grown(3321, 0.45, 0.44, span="2011–2023")], compared=9))
    assert "| 10 | 3 | 6.00 | 5.40–9.00 | 15.0 |" in page
    assert "| (d) / (e) | ≤ 1.25 | ≤ 1.1 | 1.25 | met |" in page
    assert "| (b) / (d) | ≥ 3 | ≥ 6 | – | not measured |" in page
    assert "| synthetic | 2011–2023 | 3,321 | 0.450 | 0.440 | 0.90 | 1.10 | 1024 |" in page
    assert "9 files" in page


# ---- made-up figures


def test_the_long_batch_has_as_many_reports_as_there_are_communes() -> None:
    units = [unit.code for unit in Catalog(ways.ROOT).provinces(2023)]
    asked = growth.spread_over(units, 3321)
    assert sum(one.count for one in asked) == 3321
    assert len({(one.index, year, unit) for one in asked for year in one.years for unit in one.units}) == 3321


def test_short_and_long_batches_are_about_the_same_years() -> None:
    units = [unit.code for unit in Catalog(ways.ROOT).provinces(2023)]
    (few,) = growth.short("papi", units)
    assert few.count == 63
    assert sum(few.years) / len(few.years) == sum(synthetic.YEARS) / len(synthetic.YEARS)


def test_a_seed_gives_the_same_figures() -> None:
    known = Catalog(ways.ROOT)
    first, again, other = (synthetic.figures(known, 1, 2023, seed=seed) for seed in (1, 1, 2))
    assert first == again
    assert first != other
    assert first != synthetic.figures(known, 2, 2023, seed=1)


def test_made_up_indices_pass_the_checks_and_say_what_they_are(tmp_path: Path) -> None:
    known = Catalog(synthetic.make_root(ways.ROOT, tmp_path / "root", indices=1, seed=1))
    editions = [edition for edition in known.editions.values() if edition.source == "synthetic_1"]
    assert [len(editions), known.findings()] == [len(synthetic.YEARS), []]
    for edition in (editions[0], editions[-1]):
        reading = dataset.read_edition(known, edition, known.edition_folder(edition.code))
        framework = known.framework("synthetic_1", int(edition.code[-4:]))
        assert isinstance(framework, Framework)
        assert (reading.findings, len(reading.claims)) == ([], 63 * len(framework.criteria_codes))
    assert known.index("synthetic_1").caveats["en"][0] == synthetic.SAID["en"]


def test_made_up_communes_can_be_ranked(tmp_path: Path) -> None:
    known = Catalog(synthetic.make_communes(ways.ROOT, tmp_path / "root", units=70, seed=1))
    assert [len(known.provinces(2023)), known.findings(), len(known.editions)] == [70, [], 2]
    edition = known.editions["synthetic_1/2023"]
    reading = dataset.read_edition(known, edition, known.edition_folder(edition.code))
    assert (reading.findings, {claim["unit"] for claim in reading.claims}) == ([], {unit.code for unit in known.provinces(2023)})


# ---- processes

ORPHAN = """
import subprocess, sys, time
from benchmarks.processes import adopt_orphans, end_leftovers
adopt_orphans()
started = "import subprocess, sys; subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'], start_new_session=True)"
subprocess.run([sys.executable, "-c", started], check=True)
print(end_leftovers(), end_leftovers())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="Linux alone hands orphans on")
def test_no_orphan_is_left() -> None:
    done = subprocess.run([sys.executable, "-c", ORPHAN], cwd=ways.ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["1", "0"]
