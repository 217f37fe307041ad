"""``par schedule``: a pipeline run by the machine itself: by a systemd timer, by cron, or by GitHub's Actions."""

from __future__ import annotations

import hashlib
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal

from par_analysis.deliver.placing import put
from par_analysis.errors import ParError, RequestError
from par_analysis.run.plan import slug

Every = Literal["hour", "day", "week", "month"]
EVERY: Final[tuple[Every, ...]] = ("hour", "day", "week", "month")

CARRIED: Final = ("PAR_ROOT", "PAR_CACHE", "PAR_MIRROR")
"""Variables that say where things lie: what they are when a schedule is made they are when it runs."""
AWS_KEY: Final = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
PATH: Final = "/usr/local/bin:/usr/bin:/bin"
LOCALE: Final = "C.UTF-8"
LOG: Final = "schedule.log"
LONGEST: Final = 900
"""Characters of a line that every cron takes."""


@dataclass(frozen=True)
class Schedule:
    """When a pipeline is run, and how: ``folder`` is where it is run in, ``command`` is Python with what makes it ``par``."""

    pipeline: Path
    state: Path
    folder: Path
    every: Every = "day"
    at: str = "06:30"
    command: tuple[str, ...] = (sys.executable, "-P", "-m", "par_analysis")
    variables: Mapping[str, str] = field(default_factory=lambda: {name: os.environ[name] for name in CARRIED if os.environ.get(name)})

    def __post_init__(self) -> None:
        """Raises ``RequestError``: a time that is none, paths that no crontab and no unit file can hold."""
        if not re.fullmatch(r"([01][0-9]|2[0-3]):[0-5][0-9]", self.at):
            raise RequestError(f"--at {self.at}: hours and minutes are wanted, such as 06:30")
        strange = [word for word in (*self.words, str(self.folder), str(self.state), *self.variables.values()) if re.search(r"[\x00-\x1f\x7f\\]", word)]
        if strange:
            raise RequestError(f"{strange[0]!r} cannot stand in a schedule: a backslash or a control character is in it")

    @property
    def words(self) -> tuple[str, ...]:
        """The command, word by word."""
        return (*self.command, "run", str(self.pipeline))

    @property
    def name(self) -> str:
        """What the schedule is called: the same whenever it is made of the same file."""
        return f"par-{slug(self.pipeline.parent.name) or 'reports'}-{hashlib.sha256(os.fsencode(self.pipeline)).hexdigest()[:8]}"

    @property
    def clock(self) -> tuple[int, int]:
        """The hour and the minute."""
        hour, minute = self.at.split(":")
        return int(hour), int(minute)


# ---------------------------------------------------------------- systemd


def units(schedule: Schedule, *, user: str = "") -> dict[str, str]:
    """The service and its timer: file name → content. ``user``: whom the system's service is run as; "" for a user's own service.

    Raises ``RequestError`` for a Python whose path systemd refuses.
    """
    if set(schedule.words[0]) & set("\"'"):
        raise RequestError(f"systemd starts nothing with a quotation mark in its path: {schedule.words[0]}", hint="--with cron does")
    hour, minute = schedule.clock
    when = {"hour": f"*-*-* *:{minute:02}:00", "day": f"*-*-* {hour:02}:{minute:02}:00", "week": f"Mon *-*-* {hour:02}:{minute:02}:00", "month": f"*-*-01 {hour:02}:{minute:02}:00"}
    variables = {"PATH": PATH, "LC_ALL": LOCALE, **schedule.variables}
    service = [
        "[Unit]",
        f"Description=Reports of {_specified(schedule.pipeline.parent.name)}",
        *(["Wants=network-online.target", "After=network-online.target"] if user else []),
        "",
        "[Service]",
        "Type=oneshot",
        *([f"User={user}"] if user else []),
        f"WorkingDirectory={_specified(str(schedule.folder))}",
        *(f"Environment={_quoted(f'{name}={value}')}" for name, value in variables.items()),
        f"ExecStart={' '.join([_quoted(schedule.words[0]), *(_quoted(word.replace('$', '$$')) for word in schedule.words[1:])])}",
        "# 3: numbers wait for a person; 75: another run is under way",
        "SuccessExitStatus=3 75",
        "TimeoutStartSec=12h",
        "Nice=10",
    ]
    timer = ["[Unit]", f"Description=When the reports of {_specified(schedule.pipeline.parent.name)} are made", "", "[Timer]"]
    timer += [f"OnCalendar={when[schedule.every]}", "Persistent=true", "", "[Install]", "WantedBy=timers.target"]
    return {f"{schedule.name}.service": "\n".join(service) + "\n", f"{schedule.name}.timer": "\n".join(timer) + "\n"}


def _specified(text: str) -> str:
    """Text in which systemd expands nothing."""
    return text.replace("%", "%%")


def _quoted(word: str) -> str:
    escaped = _specified(word).replace('"', '\\"')
    return f'"{escaped}"'


@dataclass(frozen=True)
class Systemd:
    """Where units lie, and the command that knows of them: the system's for root, a user's own otherwise."""

    folder: Path
    control: tuple[str, ...]
    user: str = ""

    @classmethod
    def here(cls, schedule: Schedule) -> Systemd:
        """That of whoever asks. The system's service is run as the owner of the pipeline's file."""
        if os.geteuid() == 0:
            import pwd

            owner = schedule.pipeline.stat().st_uid if schedule.pipeline.exists() else 0  # what is gone can still be taken out of the schedule
            return cls(Path("/etc/systemd/system"), ("systemctl",), pwd.getpwuid(owner).pw_name)
        home = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
        return cls(home / "systemd" / "user", ("systemctl", "--user"))

    def install(self, schedule: Schedule) -> tuple[str, ...]:
        """Put the units in place, and switch the timer on. Raises ``ParError``."""
        for name, content in units(schedule, user=self.user).items():
            _written(self.folder / name, content.encode())
        _ran([*self.control, "daemon-reload"])
        _ran([*self.control, "enable", "--now", f"{schedule.name}.timer"])
        said = [f"{self.folder / name} written" for name in units(schedule)]
        lingers = [] if self.user else ["it runs while you are logged in; loginctl enable-linger has it run always"]
        return (*said, f"{schedule.name}.timer is on: {' '.join(self.control)} list-timers", *lingers)

    def orphans(self) -> list[Path]:
        """Pipelines that are run by a schedule of ours, and that are not there any more."""
        starts = [line for path in sorted(self.folder.glob("par-*.service")) for line in path.read_text(encoding="utf-8").splitlines() if line.startswith("ExecStart=")]
        return _gone(line.removeprefix("ExecStart=").replace("%%", "%").replace("$$", "$") for line in starts)

    def remove(self, schedule: Schedule) -> tuple[str, ...]:
        """Switch the timer off, and take the units away; nothing where there are none. Raises ``ParError``."""
        there = [self.folder / name for name in units(schedule) if (self.folder / name).is_file()]
        if not there:
            return ()
        _ran([*self.control, "disable", "--now", f"{schedule.name}.timer"])
        for path in there:
            path.unlink()
        _ran([*self.control, "daemon-reload"])
        return tuple(f"{path} removed" for path in there)


# ---------------------------------------------------------------- cron


def cron_lines(schedule: Schedule) -> list[str]:
    """The lines of a crontab: the job between two marks. Raises ``RequestError`` where it would be too long."""
    hour, minute = schedule.clock
    when = {"hour": f"{minute} * * * *", "day": f"{minute} {hour} * * *", "week": f"{minute} {hour} * * 1", "month": f"{minute} {hour} 1 * *"}
    variables = {"PATH": PATH, "LC_ALL": LOCALE, **schedule.variables}
    state = shlex.quote(str(schedule.state))
    job = f"cd {shlex.quote(str(schedule.folder))} && mkdir -p {state} && {' '.join(f'{name}={shlex.quote(value)}' for name, value in variables.items())} "
    job += f"{shlex.join(schedule.words)} >> {state}/{LOG} 2>&1"
    line = f"{when[schedule.every]} " + job.replace("%", "\\%")
    if len(line.encode()) > LONGEST:
        raise RequestError(f"the paths are too long for a line of a crontab ({len(line.encode())} bytes)", hint="a link with a shorter path will do")
    begin, end = _marks(schedule)
    return [begin, line, end]


def _marks(schedule: Schedule) -> tuple[str, str]:
    return f"# >>> {schedule.name}: made by par schedule", f"# <<< {schedule.name}"


def merged(crontab: str, schedule: Schedule, lines: Sequence[str]) -> str:
    """A crontab with these lines in the place of ours, or behind all others; every other line is as it was. Raises ``ParError`` where our marks are broken."""
    begin, end = _marks(schedule)
    had = crontab.splitlines(keepends=True)
    marks = [line.rstrip("\n") for line in had if line.rstrip("\n") in (begin, end)]
    if marks not in ([], [begin, end]):
        raise ParError(f"the crontab's marks of {schedule.name} are not one pair", hint="crontab -e: remove them, and the line between them")
    first = next((number for number, line in enumerate(had) if line.rstrip("\n") == begin), len(had))
    last = next((number for number, line in enumerate(had) if line.rstrip("\n") == end), first - 1)
    before, after = "".join(had[:first]), "".join(had[last + 1 :])
    if lines and before and not before.endswith("\n"):
        before += "\n"
    return before + "".join(f"{line}\n" for line in lines) + after


class Cron:
    """The crontab of whoever asks."""

    def install(self, schedule: Schedule) -> tuple[str, ...]:
        """Put our lines into the crontab. Raises ``ParError``: then it is as it was."""
        lines = cron_lines(schedule)
        self._change(schedule, lines)
        return (f"in the crontab: {lines[1]}", f"what it says is in {schedule.state / LOG}")

    def orphans(self) -> list[Path]:
        """Pipelines that are run by a line of ours, and that are not there any more."""
        return _gone(job.replace("\\%", "%").rpartition(" >> ")[0] for job in re.findall(r"^# >>> par-[^\n]*\n([^\n]*)$", _crontab(), flags=re.MULTILINE))

    def remove(self, schedule: Schedule) -> tuple[str, ...]:
        """Take our lines out of the crontab; nothing where there are none. Raises ``ParError``."""
        return (f"{schedule.name} removed from the crontab",) if self._change(schedule, []) else ()

    def _change(self, schedule: Schedule, lines: Sequence[str]) -> bool:
        had = _crontab()
        wanted = merged(had, schedule, lines)
        if wanted == had:
            return False
        _ran(["crontab", "-"], given=wanted)
        if _crontab() != wanted:
            raise ParError("the crontab does not hold what was put into it", hint="crontab -l shows it")
        return True


def _gone(commands: Iterable[str]) -> list[Path]:
    """The last words of some commands: those that are paths of nothing."""
    words = []
    for command in commands:
        with suppress(ValueError, IndexError):  # somebody's own edition of it
            words.append(Path(shlex.split(command)[-1]))
    return [path for path in words if path.is_absolute() and not path.exists()]


def _crontab() -> str:
    """The crontab as it is, "" where there is none. Raises ``ParError`` where that cannot be known: then nothing may be put in its place."""
    done = _run(["crontab", "-l"])
    if done.returncode and "no crontab for" not in done.stderr:
        raise ParError(f"the crontab cannot be read: {done.stderr.strip() or done.returncode}", hint="nothing was changed")
    return "" if done.returncode else done.stdout


# ---------------------------------------------------------------- the machine


def kind(wanted: str = "") -> Literal["systemd", "cron"]:
    """What runs things here: systemd where it runs, cron where there is one. Raises ``RequestError`` where there is neither."""
    if wanted == "systemd" or (not wanted and Path("/run/systemd/system").is_dir()):
        return "systemd"
    if wanted == "cron" or shutil.which("crontab"):
        return "cron"
    raise RequestError("neither systemd nor cron is here", hint="Debian: apt install cron; or par schedule --github")


def installer(kind: str, schedule: Schedule) -> Systemd | Cron:
    """Who installs a schedule."""
    return Systemd.here(schedule) if kind == "systemd" else Cron()


def secrets(tables: Mapping[str, Any]) -> list[str]:
    """The environment variables that hold a pipeline's secrets: those that its settings name, and those of a bucket's key, unless it stands in a profile."""
    return sorted({*_secrets(tables), *(AWS_KEY if wants_key(tables) else ())})


def wants_key(tables: Mapping[str, Any]) -> bool:
    """Whether a pipeline publishes to a bucket by a key that no profile is named for."""
    table = tables.get("publish")
    return isinstance(table, Mapping) and str(table.get("target", "")).startswith("s3://") and not table.get("profile")


def variables_without(tables: Mapping[str, Any], who: str) -> list[str]:
    """What is to be said of secrets that stand in variables, which ``who`` does not know when it runs a pipeline."""
    named = sorted(set(_secrets(tables)))
    said = [f"{', '.join(named)}: {who} knows no such variable; name a file in the settings instead (password_file, passphrase_file)"] if named else []
    there = [name for name in (*AWS_KEY, "AWS_PROFILE", "AWS_ENDPOINT_URL") if os.environ.get(name)]
    if wants_key(tables) and (there or not _credentials().is_file()):
        said.append(f"{', '.join(there or AWS_KEY)}: {who} knows no such variable; write the key into {_credentials()}, and name its profile and the endpoint in [publish]")
    return said


def _credentials() -> Path:
    return Path(os.environ.get("AWS_SHARED_CREDENTIALS_FILE") or "~/.aws/credentials").expanduser()


def _secrets(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from [inner] if str(key).endswith("_env") and isinstance(inner, str) and inner else _secrets(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _secrets(inner)


def _written(path: Path, content: bytes) -> None:
    try:
        put(path, content)
    except OSError as error:
        raise ParError(f"{path} cannot be written: {error.strerror or error}") from error


def _run(command: Sequence[str], given: str = "") -> subprocess.CompletedProcess[str]:
    surroundings = {**os.environ, "LC_ALL": "C"}
    try:
        return subprocess.run(command, input=given, env=surroundings, capture_output=True, encoding="utf-8", errors="surrogateescape", check=False, timeout=60)
    except FileNotFoundError as error:
        raise ParError(f"{command[0]} is not on this machine", hint="par schedule prints what has to be put in place") from error
    except subprocess.TimeoutExpired as error:
        raise ParError(f"{' '.join(command)} does not answer") from error


def _ran(command: Sequence[str], given: str = "") -> None:
    done = _run(command, given)
    if done.returncode:
        raise ParError(f"{' '.join(command)}: {done.stderr.strip() or f'exit code {done.returncode}'}")
