"""For every test: Hypothesis' profile, no downloaded file of this machine, and no test passed over in silence where PAR_CI is set."""

from __future__ import annotations

import fcntl
import gc
import importlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

SHARED = Path(__file__).resolve().parents[2] / "shared"
IS_CI = bool(os.environ.get("PAR_CI"))

# Temporary files of this process lie in a folder of their own: what it leaves behind can be told from what its neighbours leave.
os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", tempfile.gettempdir())
TEMPORARY = os.environ["TMPDIR"] = tempfile.tempdir = tempfile.mkdtemp(prefix="par-tests-")

# What this machine has downloaded is no part of a test: the cache is an empty folder, and no mirror is named.
CACHE = tempfile.mkdtemp(prefix="par-cache-")
os.environ["PAR_CACHE"] = CACHE
os.environ.pop("PAR_MIRROR", None)

# jsonschema compiles dozens of grammars with this module, for a second, to check formats that notebooks have not.
sys.modules["rfc3987_syntax"] = None  # type: ignore[assignment]
importlib.import_module("nbformat")
del sys.modules["rfc3987_syntax"]

# Figures and frames by the million are no rubbish: looking them through as often as Python does by default takes a tenth of the time.
gc.set_threshold(10_000, 20, 20)

# On a clean machine the same examples every time: what passes there passes again. Elsewhere every run looks further.
settings.register_profile("house", deadline=None, derandomize=IS_CI, print_blob=True)
settings.load_profile("house")

MAY_BE_SKIPPED: dict[str, bool] = {
    # Reference data of other packages lies beside the project and is no part of it: where it lies there, its tests have to run.
    r"\.\./shared\b|beside th(e project|is checkout)": not SHARED.is_dir(),
    # A daemon of one's own needs folders of its own in the place of the system's, which not every container allows.
    r"namespace for mounts": not shutil.which("unshare") or subprocess.run(["unshare", "--mount", "true"], capture_output=True, check=False).returncode != 0,
}
"""Pattern of a reason → whether it counts on this machine."""


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """One more than there are cores: tests that wait for a process, or for a limit of time, leave theirs to another."""
    return len(os.sched_getaffinity(0)) + 1 if hasattr(os, "sched_getaffinity") else (os.cpu_count() or 1) + 1


def is_allowed(reason: str) -> bool:
    """Whether a test may be skipped for this reason on a clean machine."""
    return any(counts and re.search(pattern, reason) for pattern, counts in MAY_BE_SKIPPED.items())


def _passed_over(config: pytest.Config) -> list[str]:
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    reports = reporter.stats.get("skipped", []) if IS_CI and reporter else []
    reasons = {report.nodeid: str(report.longrepr[-1] if isinstance(report.longrepr, tuple) else report.longrepr) for report in reports}
    return [f"{test}: {reason}" for test, reason in reasons.items() if not is_allowed(reason)]


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A skipped test is a failure under PAR_CI."""
    if _passed_over(session.config) and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_unconfigure() -> None:
    """The empty cache and all that is temporary go with the run."""
    shutil.rmtree(TEMPORARY, ignore_errors=True)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say which, and why."""
    for line in _passed_over(config):
        terminalreporter.write_line(f"PAR_CI: skipped without leave: {line}", red=True)


def made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], None]) -> Path:
    """A folder that whoever asks first makes, and all processes of this run read."""
    base = factory.getbasetemp().parent if "PYTEST_XDIST_WORKER" in os.environ else factory.getbasetemp()
    folder, finished = base / name, base / f"{name}.made"
    with (base / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not finished.exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            make(folder)
            finished.touch()
    return folder


@pytest.fixture(scope="session")
def reports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The reports of ``make report``, built once for all tests that look at them."""
    from tests.building import build

    def make(out: Path) -> None:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("PAR_CACHE", CACHE)  # whatever the tests that come first have fetched
            for words in (("province", "--unit", "hai duong", "--year", "2023"), ("national", "--year", "2023")):
                done = build(out, *words, "--lang", "vi,en")
                assert done.returncode == 0, done.stderr

    return made_once(tmp_path_factory, "reports", make)


@pytest.fixture(scope="session")
def papi(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The catalogue of this checkout with the PAPI files that lie in ../shared/mirror; ``papi.cache`` is where they were fetched to."""
    from par_analysis import catalog

    mirror = SHARED / "mirror"
    if not mirror.is_dir():
        pytest.skip("../shared/mirror is absent")

    def fetch(cache: Path) -> None:
        command = [sys.executable, "-m", "par_analysis", "fetch", "papi"]
        done = subprocess.run(command, env={**os.environ, "PAR_CACHE": str(cache), "PAR_MIRROR": str(mirror)}, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr

    cache = made_once(tmp_path_factory, "papi-cache", fetch)
    known = catalog.Catalog(catalog.load().root)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PAR_CACHE", str(cache))
        assert known.cache == cache
    return known


@pytest.fixture(scope="session")
def papi_national(papi: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The reports of the country on PAPI, of the first year of its method and of the newest."""
    from tests.building import build

    def make(out: Path) -> None:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("PAR_CACHE", str(papi.cache))
            done = build(out, "national", "--index", "papi", "--year", "2021,2023", "--lang", "vi,en", "--format", "html")
            assert done.returncode == 0, done.stderr

    return made_once(tmp_path_factory, "papi-national", make)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Debian's Chromium; tests that ask for it are skipped where there is none."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"])
        yield opened
        opened.close()
