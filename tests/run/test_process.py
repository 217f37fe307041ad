"""What processes of a batch do to themselves and to others."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from par_analysis.run import nursery, process
from par_analysis.run.workspace import MARK, workspace
from tests.toys import ending, gone

MARKED = {"PYTHONPATH": os.pathsep.join(sys.path), "MARK": "a mark of test_process"}


def started(code: str, **options: object) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-c", code], env={**os.environ, **MARKED}, stdout=subprocess.PIPE, text=True, **options)  # type: ignore[call-overload,no-any-return]


def line(child: subprocess.Popen[str]) -> str:
    assert child.stdout is not None
    return child.stdout.readline().strip()


def test_a_process_ends_with_its_parent() -> None:
    inner = "import os, time; from par_analysis.run import process; process.die_with_parent(os.getppid()); print(1, flush=True); time.sleep(60)"
    outer = f"import subprocess, sys, time; subprocess.Popen([sys.executable, '-c', {inner!r}]); time.sleep(60)"
    child = started(outer)
    with ending(child):
        assert line(child) == "1"
        child.kill()
        child.wait()
        assert gone(MARKED["MARK"]) == []
    assert child.stdout is not None
    child.stdout.close()


def test_a_process_whose_parent_is_gone_ends_at_once() -> None:
    child = started("from par_analysis.run import process; process.die_with_parent(1); print(1)")
    assert child.communicate(timeout=20)[0] == ""
    assert child.returncode == 1


def test_a_group_is_ended_with_its_leader() -> None:
    child = started("import subprocess, time; subprocess.Popen(['sleep', '60'], stdout=subprocess.DEVNULL); print(1, flush=True); time.sleep(60)", process_group=0)
    with ending(child):
        assert line(child) == "1"
        process.kill_group(child.pid)
        assert child.wait(timeout=10) == -signal.SIGKILL
        assert gone(MARKED["MARK"]) == []
    process.kill_group(child.pid)  # nobody is there any more: no error
    assert child.stdout is not None
    child.stdout.close()


def test_all_that_was_started_or_adopted_is_ended() -> None:
    code = (
        "import os, subprocess; from par_analysis.run import process; process.adopt_orphans()\n"
        "subprocess.run(['sh', '-c', 'setsid sleep 60 & sleep 60 &'], stdout=subprocess.DEVNULL); subprocess.Popen(['sleep', '60'])\n"
        "process.end_children(); process.end_children(); print(1)"
    )
    child = started(code)
    assert child.communicate(timeout=20)[0] == "1\n"
    assert gone(MARKED["MARK"], within=1) == []


def test_memory_beyond_the_limit_cannot_be_had() -> None:
    code = "from par_analysis.run import process; process.limit_memory(10**8)\ntry: bytearray(2 * 10**8)\nexcept MemoryError: print('no')\nprint(len(bytearray(5 * 10**7)))"
    assert started(code).communicate(timeout=20)[0] == "no\n50000000\n"


def test_no_limit_is_none() -> None:
    code = "import resource; from par_analysis.run import process; process.limit_memory(0); print(resource.getrlimit(resource.RLIMIT_DATA)[0])"
    assert started(code).communicate(timeout=20)[0] == "-1\n"


def test_memory_is_counted_with_all_that_a_process_started() -> None:
    assert process.resident(os.getpid()) > 2**20
    child = started(
        "import subprocess, sys; p = subprocess.Popen(['sleep', '60'], stdout=subprocess.DEVNULL); x = bytearray(b'x' * 5 * 10**7); print(1, flush=True); p.wait()", process_group=0
    )
    with ending(child):
        assert line(child) == "1"
        assert process.resident(child.pid) > 5 * 10**7
        process.kill_group(child.pid)
        child.wait()
        assert process.resident(child.pid) == 0
    assert child.stdout is not None
    child.stdout.close()
    assert process.available_memory() > 2**20


def test_a_process_with_threads_is_not_forked() -> None:
    stop = threading.Event()
    thread = threading.Thread(target=stop.wait, name="a thread")
    thread.start()
    try:
        with pytest.raises(RuntimeError, match=r"the warm process has threads: .*a thread"):
            nursery.require_no_thread()
    finally:
        stop.set()
        thread.join()


def test_the_warm_process_has_no_thread() -> None:
    code = "from par_analysis.run import nursery\nfrom par_analysis.run.settings import Settings\nnursery.warm(Settings(), {})\nnursery.require_no_thread()\nprint(1)"
    caps = {**process.CAPS, **process.ENVIRONMENT}
    done = subprocess.run([sys.executable, "-c", code], env={**os.environ, **MARKED, **caps}, capture_output=True, text=True, check=False)
    assert (done.stdout, done.returncode) == ("1\n", 0), done.stderr


# ---------------------------------------------------------------- folders of one's own


def test_a_workspace_is_gone_whatever_happens_in_it(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), workspace(tmp_path, "run-") as space:
        (space / "deep" / "deeper").touch()
    assert list(tmp_path.iterdir()) == []


def test_a_workspace_that_is_held_stays_and_one_of_the_dead_goes(tmp_path: Path) -> None:
    (tmp_path / "run-dead").mkdir()
    (tmp_path / "run-dead" / MARK).touch()
    (tmp_path / "other").mkdir()
    code = f"import time; from pathlib import Path; from par_analysis.run.workspace import MARK, workspace\nwith workspace(Path({str(tmp_path)!r}), 'run-') as space:\n"
    child = started(code + "    print(space.name, flush=True); time.sleep(60)")
    with ending(child):
        held = line(child)
        assert {path.name for path in tmp_path.iterdir()} == {held, "other"}
        with workspace(tmp_path, "run-") as mine:
            assert {path.name for path in tmp_path.iterdir()} == {held, "other", mine.name}
        child.kill()
        child.wait()
        with workspace(tmp_path, "run-") as mine:
            assert {path.name for path in tmp_path.iterdir()} == {"other", mine.name}
    assert child.stdout is not None
    child.stdout.close()


def test_what_a_dead_run_has_to_hand_over_is_rescued_before(tmp_path: Path) -> None:
    (tmp_path / "run-dead").mkdir()
    (tmp_path / "run-dead" / MARK).touch()
    (tmp_path / "run-dead" / "kept").write_text("x")
    (tmp_path / "run-file").touch()
    with workspace(tmp_path, "run-", rescue=lambda left: (left / "kept").replace(tmp_path / "kept") and None):
        assert (tmp_path / "kept").read_text() == "x"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["kept", "run-file"]
