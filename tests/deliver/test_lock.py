"""Two runs never mix, and a dead one is in nobody's way."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from par_analysis.deliver import lock
from par_analysis.deliver.lock import Busy
from par_analysis.errors import ParError

HOLD = """\
import sys
from pathlib import Path
from par_analysis.deliver import lock
with lock.held(Path(sys.argv[1]), "par run x"):
    print("held", flush=True)
    sys.stdin.read()
"""


def holder(state: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen([sys.executable, "-c", HOLD, str(state)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def test_the_second_is_told_who_is_first(tmp_path: Path) -> None:
    with holder(tmp_path) as first:
        with pytest.raises(Busy, match=f"par run x, process {first.pid} on .*, since 20") as busy, lock.held(tmp_path, "par run y"):
            pytest.fail("held twice")
        assert busy.value.exit_code == 75
        first.communicate("")
    with lock.held(tmp_path, "par run y"):
        assert (tmp_path / "lock").stat().st_size


def test_a_lock_ends_with_a_process_that_is_killed(tmp_path: Path) -> None:
    with holder(tmp_path) as first:
        os.kill(first.pid, signal.SIGKILL)
        first.wait()
    assert (tmp_path / "lock").stat().st_size  # what it said is still there, and does not matter
    with lock.held(tmp_path, "par run y"):
        pass


def test_a_process_that_was_started_does_not_hold_it_on(tmp_path: Path) -> None:
    with lock.held(tmp_path, "x"):
        child = subprocess.Popen([sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE)
    try:
        with lock.held(tmp_path, "y"):
            pass
    finally:
        child.communicate(b"")


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"[]", b'{"pid": 1}'])
def test_whatever_a_stale_file_says_is_harmless(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "lock").write_bytes(content)
    with lock.held(tmp_path, "x"):
        pass


def test_a_link_is_no_lock(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_text("mine")
    (tmp_path / "lock").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ParError, match="cannot be locked"), lock.held(tmp_path, "x"):
        pytest.fail("held")
    assert (tmp_path / "elsewhere").read_text() == "mine"
