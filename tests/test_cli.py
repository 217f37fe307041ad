"""``par``: what it prints, and what it exits with."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import ModuleType

import nbformat
import pytest
from click.testing import CliRunner, Result
from nbformat.v4 import new_code_cell, new_notebook

import par_analysis
from par_analysis import cli
from par_analysis.errors import CellFailed, Finding, ParError, UnknownName
from par_analysis.run import crew
from par_analysis.run.batch import Event
from par_analysis.run.known import Known
from par_analysis.run.outcome import Made, Outcome
from par_analysis.run.plan import Job
from par_analysis.run.settings import Settings

NAMES = {f"{number:02d}": f"Tỉnh {number}" for number in range(1, 63)} | {"66": "Đắk Lắk"}
PARAMETERS = 'index: "Index" = "par_index"\nunit: "Unit" = "66"\nyear: "Year" = 2023\nlang: "Language" = "vi"\nderived: "Flag" = True'


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout with one report type and 63 provinces, and as the working directory an empty folder."""
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "work").mkdir()
    nbformat.write(new_notebook(cells=[new_code_cell(PARAMETERS, metadata={"tags": ["parameters"]})]), tmp_path / "notebooks" / "province.ipynb")

    def resolve(name: str, _: int) -> str:
        if name.casefold() in {"66", "dak lak"}:
            return "66"
        raise UnknownName("unit", name, list(NAMES.values()))

    known = Known(
        root=tmp_path,
        indices=("par_index",),
        unit_names={code: {"vi": name, "en": name} for code, name in NAMES.items()},
        years=lambda _: tuple(range(2012, 2025)),
        provinces=lambda _: tuple(NAMES),
        resolve_unit=resolve,
    )
    monkeypatch.setattr("par_analysis.run.known.known", lambda: known)
    monkeypatch.chdir(tmp_path / "work")
    return tmp_path


def par(*words: str) -> Result:
    return CliRunner().invoke(cli.main, list(words), prog_name="par")


@pytest.fixture
def outcomes(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[Job], Outcome]], None]:
    """Puts made-up outcomes in place of runs."""

    def put(outcome: Callable[[Job], Outcome]) -> None:
        def makers(jobs: Sequence[Job], _: Settings) -> Iterator[Event]:
            for job in jobs:
                yield Event("begun", job)
                yield Event("ended", job, outcome(job))

        monkeypatch.setattr(crew, "crew", lambda *_, **__: (makers, {}))

    return put


def test_help_is_quick() -> None:
    started = time.monotonic()
    done = subprocess.run([sys.executable, "-m", "par_analysis", "--help"], capture_output=True, check=True, text=True)
    assert time.monotonic() - started < 1  # 0.1 s on an idle machine
    assert "build" in done.stdout


def test_help_loads_nothing_heavy() -> None:
    code = "import sys; from par_analysis.cli import main; main(['build', '--help'], standalone_mode=False)"
    code += "; print(sorted({'pandas', 'papermill', 'matplotlib', 'nbformat'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert done.stdout.strip().endswith("[]")


def test_version_is_one_line() -> None:
    assert par("--version").output == "par 0.1.0\n"


@pytest.mark.usefixtures("root")
def test_a_dry_run_prints_the_plan_and_writes_nothing() -> None:
    done = par("build", "province", "--year", "2012-2024", "--unit", "all", "--lang", "vi,en", "--dry-run")
    lines = done.output.splitlines()
    assert done.exit_code == 0
    assert lines[-1] == "1638 reports, 3276 page files; nothing was run"
    assert lines[-3] == "province par_index 2024 66 vi  reports/2024/province/par_index/66-dak-lak/vi/"
    assert list(Path.cwd().iterdir()) == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["build", "provnce"], "unknown report 'provnce': did you mean 'province'?"),
        (["biuld", "province"], "unknown command 'biuld': did you mean 'build'?"),
        (["build", "province", "--lang", "fr"], "unknown language 'fr'"),
        (["build", "province", "--year", "20x3"], "'20x3' is not a year"),
        (["build", "province", "--year", "1999"], "no data for 1999"),
        (["build", "province", "--unit", "Tỉh 1"], "did you mean 'Tỉnh 1'"),
        (["build", "province", "--index", "par_indx"], "did you mean 'par_index'"),
        (["build", "province", "--format", "odt"], "unknown format 'odt'"),
        (["build", "province", "--set", "bse_year=2012"], "unknown parameter 'bse_year'"),
        (["build", "province", "--set", "nothing"], "is not NAME=VALUE"),
        (["list", "unit"], "did you mean 'units'"),
        (["build", "province", "--yaer", "2023"], "--year"),
        (["build"], "REPORT"),
    ],
)
@pytest.mark.usefixtures("root")
def test_a_bad_request_exits_2_with_a_sentence_and_no_traceback(words: list[str], said: str) -> None:
    done = par(*words)
    assert done.exit_code == 2
    assert said in done.output
    assert "Traceback" not in done.output
    assert list(Path.cwd().iterdir()) == []


@pytest.mark.usefixtures("root")
def test_every_problem_of_a_request_is_said_at_once() -> None:
    done = par("build", "province", "--lang", "fr", "--year", "x", "--unit", "nowhere")
    assert done.output.startswith("par: province: 3 problems with the request\n")
    assert done.output.splitlines()[-1].startswith("     province takes index (Index), unit (Unit)")


@pytest.mark.usefixtures("root")
def test_no_derived_is_a_parameter_of_the_notebook() -> None:
    assert "vi-no-derived/" in par("build", "province", "--no-derived", "--dry-run").output


@pytest.mark.usefixtures("root")
def test_away_from_a_terminal_every_report_is_a_line(outcomes: Callable[..., None]) -> None:
    outcomes(lambda job: Outcome(job, 4.123, made=Made(warnings=("cell 3 has no translation",))))
    done = par("build", "province", "--unit", "all")
    lines = done.output.splitlines()
    assert done.exit_code == 0
    assert lines[2] == "[3/63] province par_index 2023 03 vi … 4.1 s"
    assert lines[-2:] == ["warning: cell 3 has no translation (in 63 reports)", "63 reports of 63 made in reports/"]


@pytest.mark.usefixtures("root")
def test_failures_exit_1_and_equal_ones_are_told_once(outcomes: Callable[..., None]) -> None:
    def outcome(job: Job) -> Outcome:
        return Outcome(job, 0, CellFailed(job.label, 7, "KeyError: 'dan_so'") if job.lang == "en" else None)

    outcomes(outcome)
    done = par("build", "province", "--unit", "all", "--lang", "vi,en")
    assert done.exit_code == 1
    assert done.output.count("cell 7 failed") == 1
    assert "62 more reports failed in the same way (KeyError: 'dan_so'): province par_index 2023 02 en;" in done.output
    assert done.output.splitlines()[-1] == "63 reports of 126 made in reports/, 63 failed"


@pytest.mark.usefixtures("root")
def test_an_unexpected_error_keeps_its_traceback(outcomes: Callable[..., None]) -> None:
    outcomes(lambda _: 1 / 0)
    done = par("build", "province")
    assert isinstance(done.exception, ZeroDivisionError)


@pytest.mark.usefixtures("root")
def test_ctrl_c_exits_130(outcomes: Callable[..., None]) -> None:
    def interrupted(_: Job) -> Outcome:
        raise KeyboardInterrupt

    outcomes(interrupted)
    assert par("build", "province").exit_code == 130


@pytest.mark.usefixtures("root")
def test_an_error_cannot_drive_the_terminal(outcomes: Callable[..., None]) -> None:
    outcomes(lambda job: Outcome(job, 0, ParError("bad\x1b[2J name", hint="see\x07")))
    done = par("build", "province")
    assert "par: province par_index 2023 66 vi: bad\\x1b[2J name\n     see\\x07\n" in done.output


@pytest.mark.parametrize(
    "words",
    [["build", "province", "\x1b[2Jx"], ["build", "province", "--\x1b[2J=1"], ["--\x1b[2J"], ["list", "units", "--year", "\x1b[2J"], ["\x1b[2J"], ["x" * 10_000]],
)
@pytest.mark.usefixtures("root")
def test_what_was_typed_cannot_drive_the_terminal(words: list[str]) -> None:
    done = par(*words)
    assert done.exit_code == 2
    assert "\x1b" not in done.output
    assert len(done.output) < 2000


FINDINGS = [
    Finding("note", "n", "src", "b.csv", 2, "value", "1", "2"),
    Finding("warning", "w", "src", "a.csv", 9, "unit", "Hà Tây", "a unit of 2023", "merged in 2008"),
    Finding("error", "e", "src", "b.csv", 0, "value", "8\x1b[2J7\u202e", "a number"),
]


@pytest.fixture
def findings(monkeypatch: pytest.MonkeyPatch) -> Callable[[list[Finding]], None]:
    """Puts made-up findings in place of the data's."""

    def put(found: list[Finding]) -> None:
        fake = ModuleType("par_analysis.dataset")
        fake.check = lambda: list(found)  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, "par_analysis.dataset", fake)
        monkeypatch.setattr(par_analysis, "dataset", fake, raising=False)

    return put


def test_check_lists_errors_first_and_exits_1(findings: Callable[[list[Finding]], None]) -> None:
    findings(FINDINGS)
    done = par("check")
    lines = done.stdout.splitlines()
    assert done.exit_code == 1
    assert [line.split()[0] for line in lines] == ["severity", "error", "warning", "note"]
    assert "8\\x1b[2J7\\u202e" in lines[1]
    assert "Hà Tây" in lines[2]
    assert lines[2].index("merged") == lines[0].index("hint")
    assert done.stderr == "1 error, 1 warning, 1 note\n"


@pytest.mark.parametrize(("found", "code"), [([], 0), (FINDINGS[:2], 0), (FINDINGS, 1)])
def test_only_errors_make_check_fail(findings: Callable[[list[Finding]], None], found: list[Finding], code: int) -> None:
    findings(found)
    assert par("check").exit_code == code
    assert par("check", "--json").exit_code == code


def test_check_shows_findings_of_a_severity_and_above(findings: Callable[[list[Finding]], None]) -> None:
    findings(FINDINGS)
    assert [row["severity"] for row in json.loads(par("check", "--json", "--severity", "warning").stdout)] == ["error", "warning"]


def test_check_as_json_keeps_the_data_and_hides_controls(findings: Callable[[list[Finding]], None]) -> None:
    findings(FINDINGS)
    done = par("check", "--json")
    assert json.loads(done.stdout)[0]["met"] == FINDINGS[2].met
    assert "\x1b" not in done.stdout
    assert "\u202e" not in done.stdout
    assert "Hà Tây" in done.stdout


def test_list_reports_shows_titles_and_parameters(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (root / "data" / "reference").mkdir(parents=True)
    (root / "data" / "reference" / "provinces.csv").touch()
    monkeypatch.setenv("PAR_ROOT", str(root))
    (root / "notebooks" / "broken.ipynb").write_text("{}")
    lines = par("list", "reports").output.splitlines()
    assert [line.split()[0] for line in lines] == ["report", "broken", "province"]
    assert "broken.ipynb is not a notebook" in lines[1]
    assert "index=par_index, unit=66, year=2023, lang=vi, derived=True" in lines[2]
