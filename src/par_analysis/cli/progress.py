"""How a run is told: a bar on a terminal, a line a report in a log, an event a line for machines."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from par_analysis.run.batch import Event

Tell = Callable[["Event"], None]


@contextmanager
def progress(total: int, *, as_json: bool = False) -> Iterator[Tell]:
    """What is to be told of every event: JSON on standard output, a bar on a terminal, plain lines elsewhere."""
    if as_json:
        yield say_event
    elif sys.stderr is not None and sys.stderr.isatty():
        with _bar(total) as tell:
            yield tell
    else:
        yield _Lines(total)


def emit(kind: str, **facts: Any) -> None:
    """One event as a line of JSON."""
    click.echo(json.dumps({"event": kind, **facts}, ensure_ascii=True, sort_keys=False))


def say_event(event: Event) -> None:
    """An event of the batch as a line of JSON."""
    facts: dict[str, Any] = {"report": event.job.label, "folder": event.job.folder.as_posix()}
    if event.outcome:
        facts |= {"seconds": round(event.outcome.seconds, 3), "attempt": event.outcome.attempts, "warnings": list(event.outcome.warnings)}
    if event.outcome and event.outcome.error:
        facts |= {"error": type(event.outcome.error).__name__, "message": str(event.outcome.error)}
    elif event.outcome:
        facts |= {"files": dict(event.outcome.made.files)}
    emit(event.kind if event.kind != "ended" else "failed" if "error" in facts else "made", **facts)


@contextmanager
def _bar(total: int) -> Iterator[Tell]:
    """Count, rate, time left, failures so far, and the reports that are being made."""
    from tqdm import tqdm

    tqdm.monitor_interval = 0  # it would start a thread
    current: dict[str, None] = {}
    failed = 0
    look = "{percentage:3.0f}%|{bar:20}| {n_fmt}/{total_fmt} [{rate_fmt}, {remaining} left{postfix}]"
    with tqdm(total=total, unit=" reports", file=sys.stderr, dynamic_ncols=True, bar_format=look) as bar:

        def tell(event: Event) -> None:
            nonlocal failed
            if event.kind == "begun":
                current[event.job.label] = None
            else:
                current.pop(event.job.label, None)
                failed += event.kind == "ended" and bool(event.outcome and event.outcome.error)
                bar.update(event.kind == "ended")
            more = f" and {len(current) - 2} more" if len(current) > 2 else ""
            bar.set_postfix_str(f"{failed} failed · {', '.join([*current][:2])}{more}")

        bar.refresh()
        yield tell


class _Lines:
    """``[3/126] province par_index 2023 30 vi … 0.4 s``, counting as it goes."""

    def __init__(self, total: int) -> None:
        self.total, self.done = total, 0

    def __call__(self, event: Event) -> None:
        if event.outcome is None:
            return
        self.done += event.kind == "ended"
        place = f"[{self.done}/{self.total}]" if event.kind == "ended" else " " * len(f"[{self.done}/{self.total}]")
        told = "" if event.outcome.error is None else " FAILED" if event.kind == "ended" else f" {type(event.outcome.error).__name__}, will be tried again"
        click.echo(f"{place} {event.job.label} … {event.outcome.seconds:.1f} s{told}", err=True)
