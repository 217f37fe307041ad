"""``par run``: the steps of ``pipeline.toml`` one after the other, those that have something to do; a step that fails stops those behind it.

What a step depended on, and what it left behind, is noted once it is done. Where a run ends, whatever way, the next one begins with the first step of
which that is not noted: every step is safe to repeat.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal

from pydantic import Field

from par_analysis.deliver import gate, lock, preflight
from par_analysis.deliver.placing import put_json, sweep
from par_analysis.deliver.runs import SETTINGS, Record
from par_analysis.deliver.settings import BadSettings, Settings, read, read_toml
from par_analysis.deliver.steps import REPORTS, STEPS, Paths, Place, Step
from par_analysis.deliver.traces import trace
from par_analysis.errors import ParError, RequestError, UnknownName

STAMPS: Final = "steps.json"
OF_RUNS: Final = frozenset({"run.json"})
"""What stands beside the reports and is none: the record of the last ``par build``."""

Stamp = dict[str, Any]
What = Literal["begun", "done", "fresh", "failed"]
Tell = Callable[[What, str, Sequence[str]], None]
"""Called with what happened, the step, and what is to be said of that."""


class Pipeline(Settings):
    """``pipeline.toml``: where the reports and the state lie, and a table for every step that is to be done."""

    reports: str = Field(default="reports", min_length=1)
    state: str = Field(default="reports/.delivery", min_length=1)


class Meddled(ParError):
    """The reports were changed by something else after their numbers had been compared."""

    is_passing = True

    def __init__(self, reports: Path) -> None:
        self.reports = reports
        super().__init__(f"{reports} was changed by something else during the run: nothing more was done", hint="the next run compares the numbers anew")


@dataclass(frozen=True)
class Ran:
    """What a run did: step → how many things it changed; steps that had nothing to do are not among them."""

    done: Mapping[str, int] = field(default_factory=dict)

    @property
    def changed(self) -> int:
        """How many things are others than before."""
        return sum(self.done.values())


def load(file: Path) -> tuple[Place, list[Step]]:
    """Where a pipeline works, and its steps in their order. Raises ``BadSettings``."""
    tables = read_toml(file)
    known = {step.name for step in STEPS} | {"notify"}
    steps, folder = [step for step in STEPS if step.name in tables], file.absolute().parent
    try:
        own = read(Pipeline, {key: value for key, value in tables.items() if key not in known}, file=str(file), others=known)
    except BadSettings as error:
        usual = Place(file.absolute(), tables, folder / "reports", folder / "reports")
        raise BadSettings(str(file), [*error.findings, *_read(usual, steps)[2]]) from error
    if not steps:
        raise BadSettings(str(file), [f"has no step: a table for each of {', '.join(step.name for step in STEPS)} that is to be done"])
    return Place(file.absolute(), tables, folder / own.reports, folder / own.state), steps


def settings_of(place: Place, steps: Sequence[Step]) -> dict[str, Any]:
    """The settings of every step, as the file has them. Raises ``BadSettings`` with all that is wrong in it."""
    found, _, findings = _read(place, steps)
    if findings:
        raise BadSettings(str(place.file), findings)
    return found


def sound_settings(place: Place, steps: Sequence[Step]) -> dict[str, Any]:
    """The settings of every step, which this machine can follow as things are now. Raises ``BadSettings`` with all that is wrong in the file and with what it names."""
    found, notified, findings = _read(place, steps)
    findings += [mistake for name, settings in found.items() for mistake in preflight.mistakes(name, settings, place)]
    findings += preflight.of_notify(notified, place) if notified else ()
    if findings:
        raise BadSettings(str(place.file), findings)
    return found


def _read(place: Place, steps: Sequence[Step]) -> tuple[dict[str, Any], Any, list[str]]:
    """The settings of the steps, who is told of failures, and what is wrong with both."""
    found: dict[str, Any] = {}
    findings: list[str] = []
    notified = None
    for step in steps:
        try:
            found[step.name] = step.settings(place.tables[step.name], str(place.file))
        except BadSettings as error:
            findings += error.findings
    try:
        notified = _notified(place) if "notify" in place.tables else None
    except BadSettings as error:
        findings += error.findings
    return found, notified, findings


def _notified(place: Place) -> Any:
    from par_analysis.deliver.notifying import notified

    return notified(place.tables, str(place.file))


class Run:
    """One run of a pipeline. ``again``: every step is done, also where nothing that it depends on has changed."""

    def __init__(self, file: Path, *, again: bool = False, until: str = "", tell: Tell = lambda *_: None) -> None:
        self.place, steps = load(file)
        names = [step.name for step in steps]
        if until and until not in names:
            raise UnknownName("step", until, names)
        self.steps = steps[: names.index(until) + 1] if until else steps
        self.every, self.until, self.again, self.tell = steps, until, again, tell
        self.public = gate.public_step(names)
        self._traces: dict[tuple[Path, ...], str] = {}
        self._settings: dict[str, Any] = {}
        self._compared = ""

    def due(self) -> Iterator[tuple[str, str]]:
        """Step → why it is to be done, "" where it is not, as things are now. Raises ``BadSettings``, as the run would."""
        sound_settings(self.place, self.steps)
        stamps = self._stamps()
        for step in self.steps:
            yield step.name, self._reason(step, stamps.get(step.name, {}))

    def perform(self) -> Ran:
        """Do what is to be done. Raises ``Busy`` while another run is under way, and what the step raised that failed."""
        with lock.held(self.place.state, f"par run {self.place.file.name}"):
            sweep(self.place.state)
            record = Record(self.place.state, self.place.file.name)
            done: dict[str, int] = {}
            with record.written():
                with self._failing(SETTINGS):
                    self._require_settings()
                for step in self.steps:
                    with self._failing(step.name):
                        done |= self._step(step, record)
            self._went_well()
            return Ran(done)

    def _require_settings(self) -> None:
        """The settings are sound, where any step has something to do."""
        stamps = self._stamps()
        if any(self._reason(step, stamps.get(step.name, {})) for step in self.steps):
            self._settings = sound_settings(self.place, self.steps)

    def _step(self, step: Step, record: Record) -> dict[str, int]:
        reason = self._reason(step, self._stamps().get(step.name, {}))
        if not reason:
            self.tell("fresh", step.name, ["nothing new"])
            record.fresh(step.name)
            self._keep_watch(step, self._of(step.reads(self.place)))
            return {}
        settings = self._settings[step.name]
        self.tell("begun", step.name, [reason])
        with record.step(step.name, reason) as note, _said(step, self.place.folder):
            self._require_compared()
            before = self._of(step.reads(self.place))
            self._keep_watch(step, before)
            done = step.perform(settings, self.place)
            self._require_compared()
            if step.name == self.public:
                self._remember()
            note(done)
            self._stamp(step, before)
        self.tell("done", step.name, done.said)
        return {step.name: done.changed}

    @contextmanager
    def _failing(self, step: str) -> Iterator[None]:
        """Whoever runs the pipeline is told by mail that a step failed, also where this program itself did."""
        try:
            yield
        except Exception as error:
            if "notify" in self.place.tables:
                from par_analysis.deliver import alarm

                try:
                    alarm.raised(self.place, step, error)
                except (ParError, OSError) as other:
                    if not (isinstance(error, BadSettings) and isinstance(other, RequestError)):  # then it is among what is raised here
                        self.tell("failed", "notify", f"not all could be told by mail: {other}".splitlines())
            raise

    def _went_well(self) -> None:
        if "notify" in self.place.tables and not self.until:
            from par_analysis.deliver import alarm

            alarm.cleared(self.place.state)

    # ------------------------------------------------------------ what has changed

    def _reason(self, step: Step, stamp: Stamp) -> str:
        """Why a step is to be done; "" where it is as it was left."""
        if self.again:
            return "asked for"
        if not stamp:
            return "it was not done yet"
        if stamp.get("settings") != self._of_table(step):
            return "its settings have changed"
        if step.is_due(self.place.tables[step.name]):
            return "it looks every time"
        now = self._of(step.reads(self.place)) | self._of(self._writes(step))
        changed = [name for name in {**stamp["traces"], **now} if stamp["traces"].get(name) != now.get(name)]
        return f"{changed[0]} changed" + (f", and {len(changed) - 1} more" if len(changed) > 1 else "") if changed else ""

    def _of_table(self, step: Step) -> str:
        table = [self.place.tables[step.name], str(self.place.folder), str(self.place.root), str(self.place.cache), str(self.place.reports)]
        return hashlib.sha256(json.dumps(table, sort_keys=True, default=str).encode()).hexdigest()[:24]

    def _writes(self, step: Step) -> Paths:
        from par_analysis.deliver.published import FOLDER

        return {**step.writes(self.place), **({"what was published": [self.place.state / FOLDER]} if step.name == self.public else {})}

    def _of(self, paths: Paths) -> dict[str, str]:
        return {name: self._trace(tuple(group)) for name, group in paths.items()}

    def _trace(self, group: tuple[Path, ...]) -> str:
        if group not in self._traces:
            self._traces[group] = hashlib.sha256("\0".join(f"{path}\0{trace(path, but=OF_RUNS)}" for path in group).encode("utf-8", "surrogateescape")).hexdigest()[:24]
        return self._traces[group]

    def _stamps(self) -> dict[str, Stamp]:
        try:
            found = json.loads((self.place.state / STAMPS).read_bytes())
            return {name: stamp for name, stamp in found.items() if isinstance(stamp["traces"], dict)}
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return {}  # then every step looks for itself

    def _stamp(self, step: Step, before: Mapping[str, str]) -> None:
        """Note that a step was done: what it read as that was before, so that a change in the meantime is met, and what it wrote as that is now."""
        traces = {**before, **self._of(self._writes(step))}
        with suppress(OSError):  # a disk that takes no note: the step looks once more
            put_json(self.place.state / STAMPS, {**self._stamps(), step.name: {"settings": self._of_table(step), "traces": traces}})

    # ------------------------------------------------------------ the numbers that were compared are the ones that go out

    def _keep_watch(self, step: Step, read: Mapping[str, str]) -> None:
        if step.name == "diff":
            self._compared = read[REPORTS]

    def _require_compared(self) -> None:
        self._traces.clear()
        if self._compared and self._of({REPORTS: [self.place.reports]})[REPORTS] != self._compared:
            raise Meddled(self.place.reports)

    def _remember(self) -> None:
        """What is public now is what the next numbers are compared with."""
        from par_analysis.deliver.finished import reports

        gate.settle(self._settings.get("diff"), reports(self.place.reports), self.place.state, by=self.public)
        self._require_compared()
        for step in self.every:
            if step.name == "diff":  # what is published now is what was compared: there is nothing left to compare
                self._stamp(step, self._of(step.reads(self.place)))



@contextmanager
def _said(step: Step, folder: Path) -> Iterator[None]:
    """A refusal of the file system is a failure of the step, in a sentence."""
    try:
        yield
    except OSError as error:
        place = error.filename2 or error.filename or folder
        raise ParError(f"{step.name}: {place}: {error.strerror or error}", hint="is the disk full, may it be written to? The next run catches up") from error
