"""A pipeline that the machine runs by itself: units that systemd takes, a line that cron runs, a workflow that keeps its state."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path, PurePosixPath

import pytest
import yaml
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from par_analysis import cli
from par_analysis.deliver import schedule as schedules
from par_analysis.deliver import workflow as workflows
from par_analysis.deliver.schedule import Cron, Schedule, Systemd, cron_lines, merged, secrets, units
from par_analysis.errors import ParError, RequestError
from tests.deliver.made import make_report, row

ODD = "tỉnh 100% $HOME \"a\" 'b' #;"
"""A folder's name with everything that a unit, a crontab or a shell may take for something else."""


def schedule(folder: Path, **when: str) -> Schedule:
    return Schedule(folder / "pipeline.toml", folder / "state", folder, **when)  # type: ignore[arg-type]


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of programs that come before the machine's own."""
    (tmp_path / "bin").mkdir()
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}")
    return tmp_path / "bin"


def program(folder: Path, name: str, script: str) -> None:
    (folder / name).write_text(f"#!/bin/sh\n{script}\n")
    (folder / name).chmod(0o755)


# ---------------------------------------------------------------- systemd


@pytest.mark.systemd
@pytest.mark.parametrize("every", schedules.EVERY)
@pytest.mark.parametrize("user", ["", "daemon"])
def test_systemd_takes_the_units(tmp_path: Path, every: str, user: str) -> None:
    folder = tmp_path / ODD
    folder.mkdir()
    python = tmp_path / "tỉnh 100% $HOME #;"
    python.mkdir()
    program(python, "python", "")
    written = units(Schedule(folder / "pipeline.toml", folder / "state", folder, every, command=(str(python / "python"), "-P")), user=user)  # type: ignore[arg-type]
    for name, content in written.items():
        (tmp_path / name).write_text(content)
    where = ["--user"] if not user else []
    surroundings = {**os.environ, "XDG_RUNTIME_DIR": str(tmp_path)}
    command = ["systemd-analyze", *where, "--man=no", "verify", *(str(tmp_path / name) for name in written)]
    done = subprocess.run(command, env=surroundings, capture_output=True, text=True, check=False)
    own = [line for line in done.stderr.splitlines() if str(tmp_path) in line or "par-" in line]
    assert (own, done.returncode if not user else 0) == ([], 0), done.stderr


@pytest.mark.systemd
@pytest.mark.parametrize(("every", "said"), [("hour", "*-*-* *:30:00"), ("day", "*-*-* 06:30:00"), ("week", "Mon *-*-* 06:30:00"), ("month", "*-*-01 06:30:00")])
def test_systemd_reads_the_time_as_it_is_meant(tmp_path: Path, every: str, said: str) -> None:
    timer = units(schedule(tmp_path, every=every))[f"{schedule(tmp_path).name}.timer"]
    (when,) = re.findall("OnCalendar=(.*)", timer)
    done = subprocess.run(["systemd-analyze", "calendar", when], capture_output=True, text=True, check=True)
    assert f"Normalized form: {said}" in done.stdout


def test_units_are_put_in_place_switched_on_and_taken_away(tmp_path: Path, programs: Path) -> None:
    program(programs, "systemctl", f'echo "$@" >> {shlex.quote(str(tmp_path / "said"))}')
    there = Systemd(tmp_path / "units", ("systemctl", "--user"))
    wanted = schedule(tmp_path)
    assert there.remove(wanted) == ()
    there.install(wanted)
    assert sorted(path.name for path in (tmp_path / "units").iterdir()) == [f"{wanted.name}.service", f"{wanted.name}.timer"]
    there.remove(wanted)
    assert list((tmp_path / "units").iterdir()) == []
    assert (tmp_path / "said").read_text().splitlines() == [
        "--user daemon-reload",
        f"--user enable --now {wanted.name}.timer",
        f"--user disable --now {wanted.name}.timer",
        "--user daemon-reload",
    ]


def test_a_python_that_systemd_does_not_start_is_refused() -> None:
    with pytest.raises(RequestError, match="quotation mark"):
        units(Schedule(Path("/p.toml"), Path("/s"), Path("/"), command=("/a'b/python",)))


def test_what_systemd_refuses_is_told(tmp_path: Path, programs: Path) -> None:
    program(programs, "systemctl", "echo 'Failed to connect to bus' >&2; exit 1")
    with pytest.raises(ParError, match="systemctl daemon-reload: Failed to connect to bus"):
        Systemd(tmp_path / "units", ("systemctl",)).install(schedule(tmp_path))


# ---------------------------------------------------------------- cron

THEIRS = "# mine\nMAILTO=a@b\n*/5 * * * * echo 100\\% done\n"


def test_other_lines_of_a_crontab_stay(tmp_path: Path) -> None:
    wanted = schedule(tmp_path)
    installed = merged(THEIRS, wanted, cron_lines(wanted))
    assert installed.startswith(THEIRS)
    later = schedule(tmp_path, at="07:00")
    assert merged(installed + "@daily x\n", later, cron_lines(later)).replace("0 7 *", "30 6 *") == installed + "@daily x\n"
    assert merged(installed, wanted, []) == THEIRS


@given(st.text(st.characters(codec="utf-8", exclude_characters="\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029\0")))
def test_whatever_a_crontab_holds_comes_back(text: str) -> None:
    wanted = Schedule(Path("/a/pipeline.toml"), Path("/a/state"), Path("/a"), variables={})
    installed = merged(text, wanted, cron_lines(wanted))
    assert merged(installed, wanted, []) == text + ("\n" if text and not text.endswith("\n") else "")


def test_two_pipelines_have_their_own_lines(tmp_path: Path) -> None:
    one, other = schedule(tmp_path / "a"), schedule(tmp_path / "b")
    both = merged(merged("", one, cron_lines(one)), other, cron_lines(other))
    assert merged(both, one, []) == merged("", other, cron_lines(other))


@pytest.mark.parametrize("lost", [0, 2])
def test_broken_marks_are_not_guessed_at(tmp_path: Path, lost: int) -> None:
    lines = cron_lines(schedule(tmp_path))
    with pytest.raises(ParError, match="not one pair"):
        merged("".join(f"{line}\n" for number, line in enumerate(lines) if number != lost), schedule(tmp_path), lines)


def test_a_crontab_that_cannot_be_read_is_not_replaced(tmp_path: Path, programs: Path) -> None:
    program(programs, "crontab", f'[ "$1" = - ] && touch {shlex.quote(str(tmp_path / "replaced"))}; echo "crontab: permission denied" >&2; exit 1')
    with pytest.raises(ParError, match="cannot be read: crontab: permission denied"):
        Cron().install(schedule(tmp_path))
    assert not (tmp_path / "replaced").exists()


def test_a_crontab_is_made_where_there_is_none_and_is_as_before_afterwards(tmp_path: Path, programs: Path) -> None:
    there = shlex.quote(str(tmp_path / "tab"))
    program(programs, "crontab", f'if [ "$1" = - ]; then cat > {there}; elif [ -e {there} ]; then cat {there}; else echo "no crontab for me" >&2; exit 1; fi')
    wanted = schedule(tmp_path)
    assert Cron().remove(wanted) == ()
    Cron().install(wanted)
    assert (tmp_path / "tab").read_text().splitlines() == cron_lines(wanted)
    assert Cron().remove(wanted)
    assert (tmp_path / "tab").read_text() == ""


@pytest.fixture
def tab(tmp_path: Path, programs: Path) -> Path:
    """The crontab of this test alone."""
    there = shlex.quote(str(tmp_path / "tab"))
    program(programs, "crontab", f'if [ "$1" = - ]; then cat > {there}; elif [ -e {there} ]; then cat {there}; else echo "no crontab for me" >&2; exit 1; fi')
    return tmp_path / "tab"


def par(*words: str) -> Result:
    return CliRunner().invoke(cli.main, ["schedule", "--with", "cron", *words], prog_name="par")


def test_what_is_broken_or_gone_can_be_taken_out_of_the_schedule(tmp_path: Path, tab: Path) -> None:
    for name in ("broken", ODD, "left"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "pipeline.toml").write_text("[check]\n")
        assert par("--install", str(tmp_path / name / "pipeline.toml")).exit_code == 0
    (tmp_path / "broken" / "pipeline.toml").write_text("x")
    (tmp_path / ODD).rename(tmp_path / "moved")
    again = par("--install", str(tmp_path / "left" / "pipeline.toml"))
    assert f"{tmp_path / ODD / 'pipeline.toml'} is scheduled, too, and is not there any more: par schedule --with cron --remove" in again.stderr
    for name in ("broken", ODD):
        done = par("--remove", str(tmp_path / name / "pipeline.toml"))
        assert (done.exit_code, "removed from the crontab" in done.stdout) == (0, True), done.output
    assert tab.read_text().count("made by par schedule") == 1
    assert "scheduled, too" not in par("--install", str(tmp_path / "left" / "pipeline.toml")).stderr


def test_a_service_of_a_pipeline_that_is_gone_is_told(tmp_path: Path) -> None:
    (tmp_path / ODD).mkdir()
    (tmp_path / ODD / "pipeline.toml").touch()
    there = Systemd(tmp_path, ("true",), "daemon")
    there.install(schedule(tmp_path / ODD))
    assert there.orphans() == []
    (tmp_path / ODD / "pipeline.toml").unlink()
    assert there.orphans() == [tmp_path / ODD / "pipeline.toml"]


def test_a_key_of_a_bucket_that_stands_in_variables_is_told(tmp_path: Path, tab: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    file = tmp_path / "pipeline.toml"
    file.write_text('[publish]\ntarget = "s3://bucket/x"\n')
    assert "AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY: cron knows no such variable" in par(str(file)).stderr
    (tmp_path / "credentials").touch()
    assert par(str(file)).stderr == ""
    monkeypatch.setenv("AWS_ENDPOINT_URL", "https://s3.example.vn")
    assert "AWS_ENDPOINT_URL: cron knows no such variable" in par(str(file)).stderr
    file.write_text('[publish]\ntarget = "s3://bucket/x"\nprofile = "reform"\n')
    assert par(str(file)).stderr == ""
    assert secrets({"publish": {"target": "s3://bucket/x"}}) == ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"]
    assert secrets({"publish": {"target": "s3://bucket/x", "profile": "reform"}}) == []


@pytest.mark.parametrize(
    ("folder", "when", "said"),
    [("a\nb", {}, "backslash or a control"), ("a\\b", {}, "backslash or a control"), ("a", {"at": "25:00"}, "06:30"), ("a", {"at": "6:30"}, "06:30")],
)
def test_what_no_schedule_can_hold_is_refused(folder: str, when: dict[str, str], said: str) -> None:
    with pytest.raises(RequestError, match=said):
        schedule(Path("/") / folder, **when)


def test_a_line_that_is_too_long_for_cron_is_refused() -> None:
    with pytest.raises(RequestError, match="too long"):
        cron_lines(schedule(Path("/") / ("a" * 500)))


UNDER_CRON = """\
set -eu
mount -t tmpfs tmpfs /run
mount -t tmpfs tmpfs /var/spool/cron
mkdir -m 1730 /var/spool/cron/crontabs
"$PYTHON" -m par_analysis schedule "$PIPELINE" --with cron --install >&2
crontab -l | sed 's/^30 6 \\* \\* \\* /@reboot /' | crontab -
cron -f &
for _ in $(seq 300); do
  if grep -q '"status": "complete"' "$STATE/run.json" 2>/dev/null; then exit 0; fi
  sleep 0.1
done
cat "$STATE/schedule.log" >&2
exit 1
"""
"""In folders of its own for a daemon of its own; ``@reboot`` is when a daemon starts."""


@pytest.mark.cron
def test_a_real_cron_runs_the_line(tmp_path: Path) -> None:
    if os.geteuid() != 0 or subprocess.run(["unshare", "--mount", "true"], capture_output=True, check=False).returncode:
        pytest.skip("a daemon of one's own takes root and a namespace for mounts")
    folder = tmp_path / ODD
    make_report(folder / "reports", [row()])
    (folder / "pipeline.toml").write_text("[diff]\n")
    state = folder / "reports" / ".delivery"
    surroundings = {**os.environ, "PYTHON": sys.executable, "PIPELINE": str(folder / "pipeline.toml"), "STATE": str(state)}
    command = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-c", UNDER_CRON]
    done = subprocess.run(command, env=surroundings, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    assert (state / "schedule.log").read_text().splitlines()[-1].startswith("diff ")


# ---------------------------------------------------------------- GitHub

KEPT = (PurePosixPath("reports"), PurePosixPath("signed"))


def steps_of(text: str) -> dict[str, dict[str, object]]:
    (job,) = yaml.safe_load(text)["jobs"].values()
    return {str(step.get("name") or step.get("uses") or step["run"]): step for step in job["steps"]}


@pytest.fixture
def workflow() -> str:
    return workflows.workflow(Schedule(Path("pipeline.toml"), Path("state"), Path(), variables={}), ["PAR_SMTP_PASSWORD"], KEPT, PurePosixPath("reports/.delivery"))


def test_actions_are_pinned_to_commits(workflow: str) -> None:
    used = [step["uses"] for step in steps_of(workflow).values() if "uses" in step]
    assert len(used) == 2
    assert all(re.fullmatch(r"actions/[a-z-]+@[0-9a-f]{40}", str(one)) for one in used)


def test_no_expression_stands_in_a_script(workflow: str) -> None:
    assert [step for step in steps_of(workflow).values() if "${{" in str(step.get("run", ""))] == []
    assert "${{ secrets.PAR_SMTP_PASSWORD }}" in str(steps_of(workflow)["Run"]["env"])


@pytest.mark.parametrize("name", ["A}} && x ${{ github.token", "a b", "1A", "GITHUB_TOKEN", ""])
def test_a_secret_has_the_name_of_a_variable(name: str) -> None:
    with pytest.raises(RequestError, match="name of a secret"):
        workflows.workflow(Schedule(Path("p.toml"), Path("s"), Path(), variables={}), [name], KEPT, PurePosixPath("s"))


@pytest.mark.parametrize("path", ["/etc", "../x", "a b", "${{x}}"])
def test_what_is_kept_lies_in_the_checkout(path: str) -> None:
    with pytest.raises(RequestError, match="no folder of the checkout"):
        workflows.workflow(Schedule(Path("p.toml"), Path("s"), Path(), variables={}), [], [PurePosixPath(path)], PurePosixPath("s"))


def test_a_pipeline_that_is_an_expression_is_refused() -> None:
    with pytest.raises(RequestError, match="cannot stand in a workflow"):
        workflows.workflow(Schedule(Path("${{ github.token }}.toml"), Path("s"), Path(), variables={}), [], KEPT, PurePosixPath("s"))


def test_the_state_goes_from_run_to_run_and_is_not_lost_with_the_line(workflow: str, tmp_path: Path) -> None:
    steps = steps_of(workflow)
    restore, keep = (["bash", "-euo", "pipefail", "-c", str(steps[name]["run"])] for name in ("The state of the last run", "Keep the state"))
    git = {**os.environ, "KEPT": "reports signed", "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}

    def run(command: list[str], folder: Path) -> int:
        return subprocess.run(command, cwd=folder, env=git, capture_output=True, check=False).returncode

    subprocess.run(["git", "init", "--quiet", "--bare", str(tmp_path / "there.git")], env=git, check=True)
    for name in ("first", "second"):
        subprocess.run(["git", "init", "--quiet", str(tmp_path / name)], env=git, check=True)
        run(["git", "remote", "add", "origin", str(tmp_path / "there.git")], tmp_path / name)
        (tmp_path / name / ".gitignore").write_text("/reports/\n")
    assert run(restore, tmp_path / "first") == 0
    (tmp_path / "first" / "reports" / ".delivery").mkdir(parents=True)
    (tmp_path / "first" / "reports" / ".delivery" / "ledger.sqlite").write_bytes(b"\0sent")
    assert run(keep, tmp_path / "first") == 0
    assert run(restore, tmp_path / "second") == 0
    assert (tmp_path / "second" / "reports" / ".delivery" / "ledger.sqlite").read_bytes() == b"\0sent"
    shutil.rmtree(tmp_path / "second" / "reports")
    shutil.rmtree(tmp_path / "there.git")
    assert run(restore, tmp_path / "second") != 0


# ---------------------------------------------------------------- what is asked


def test_variables_that_hold_passwords_are_found_wherever_they_are_named() -> None:
    tables = {"sign": {"passphrase_env": "A", "token": {"pin_env": "B"}}, "build": [{"x_env": "C"}], "send": {"password_env": "", "password_file": "D"}}
    assert secrets(tables) == ["A", "B", "C"]


def test_the_command_prints_and_puts_nothing_in_place(tmp_path: Path, programs: Path) -> None:
    for name in ("crontab", "systemctl"):
        program(programs, name, f"touch {shlex.quote(str(tmp_path / 'called'))}")
    (tmp_path / "pipeline.toml").write_text("[diff]\n")
    for kind, said in (("cron", "30 6 * * *"), ("systemd", "OnCalendar")):
        done = subprocess.run([sys.executable, "-m", "par_analysis", "schedule", str(tmp_path / "pipeline.toml"), "--with", kind], capture_output=True, text=True, check=True)
        assert said in done.stdout
    assert not (tmp_path / "called").exists()
