"""A run: which of the planned reports have to be made, who makes them, and what is noted of it."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field, replace

from par_analysis.catalog import Catalog
from par_analysis.errors import DataError, ParError
from par_analysis.run import cache, narrative_checks
from par_analysis.run.batch import Event, spaces, sweep
from par_analysis.run.crew import Makers
from par_analysis.run.outcome import Made, Outcome
from par_analysis.run.plan import Job
from par_analysis.run.record import Record
from par_analysis.run.settings import Settings


@dataclass
class Run:
    """What became of the planned jobs: those that were fresh already, those refused before anything runs, the outcomes of the others, and remarks on the whole run."""

    jobs: Sequence[Job]
    fresh: list[tuple[Job, Made]] = field(default_factory=list)
    stale: list[Job] = field(default_factory=list)
    refused: list[Outcome] = field(default_factory=list)
    damaged: list[tuple[Job, str]] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    @property
    def failed(self) -> list[Outcome]:
        """The reports that could not be made."""
        return [outcome for outcome in self.outcomes if outcome.error]


def sort_out(jobs: Sequence[Job], known: Catalog, *, force: bool = False) -> Run:
    """Which jobs are fresh, which have to be made, and which cannot be; files and notes that were damaged since are told.

    Raises ``BadWords`` for words of one's own that belong to nothing.
    """
    words = narrative_checks.before(jobs, known)
    run = Run(jobs, refused=[Outcome(job, 0.0, error) for job, error in words.refused.items()], remarks=list(words.warnings))
    cache.parts_of_package()  # as it is now: the reports are made with this
    for job in jobs:
        if job in words.refused:
            continue
        reasons = ["asked for"] if force else list(cache.changes(job, known))
        noted = None if reasons else cache.entry(job)
        if noted is None:
            run.stale.append(job)
            run.damaged += [(job, reason) for reason in reasons if "damaged" in reason or reason.endswith("is missing")]
        else:
            run.fresh.append((job, noted.made))
    return run


def perform(run: Run, settings: Settings, record: Record, makers: Makers) -> Iterator[Event]:
    """Make what has to be made, noting every report as it is finished; first are told those that are refused. Ending the iteration early ends all that was started.

    What runs that died left in the folder is removed, also where nothing has to be made.
    """
    for job in run.stale:
        record.plan(job)
    for job, made in run.fresh:
        record.fresh(job, made)
    for outcome in run.refused:
        run.outcomes.append(outcome)
        record.note(event := Event("ended", outcome.job, outcome))
        yield event
    if not run.stale:
        for out in {job.out for job in run.jobs}:
            with suppress(OSError):  # then it stays
                sweep(out)
        return
    with spaces(run.stale[0].out, settings) as placed, closing(_started(makers(run.stale, placed))) as events:
        for met in events:
            event = met if met.outcome is None or met.kind != "ended" else Event("ended", met.job, _kept(met.outcome))
            run.outcomes += [event.outcome] if event.kind == "ended" and event.outcome else []
            record.note(event)
            yield event
    if cache.package_hashes() != cache.parts_of_package():
        for outcome in run.outcomes:
            cache.drop(outcome.job)
        run.remarks.append("the package's code was changed while the reports were made: none of them is taken as up to date")


def _started(events: Iterable[Event]) -> Generator[Event, None, None]:
    yield from events


def _kept(outcome: Outcome) -> Outcome:
    """The outcome, after a finished report was noted for the next run; one that cannot be noted is made again then, and says so."""
    if outcome.error is None:
        try:
            cache.store(outcome.job, outcome.made)
        except OSError as error:
            warning = f"the report is made, but that could not be noted for the next run: {error.strerror or error}"
            return replace(outcome, made=replace(outcome.made, warnings=(*outcome.made.warnings, warning)))
    return replace(outcome, made=replace(outcome.made, reads={}))


def grouped(outcomes: Sequence[Outcome]) -> dict[str, list[Outcome]]:
    """Failures by what went wrong: the last line of their message, where a traceback names its exception, without the report's own label; all of what is wrong with data."""
    groups: dict[str, list[Outcome]] = {}
    for outcome in outcomes:
        if outcome.error:
            groups.setdefault(gist(outcome.error, outcome.job.label), []).append(outcome)
    return groups


def gist(error: ParError, label: str = "") -> str:
    """What went wrong in a line that is the same for every report that it befell."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    if isinstance(error, DataError):
        return "; ".join(lines)
    return lines[-1].strip().removeprefix(f"{label}: ") if lines else type(error).__name__
