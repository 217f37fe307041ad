"""What can go wrong, as classes: facts are attributes, the sentence is in ``__str__``.

Every class keeps its facts as constructor arguments, so that an error survives pickling on its way back from another process.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning", "note"]

LONGEST = 120
"""A longer word is nobody's: nothing is looked for that comes near it."""


def nearest(word: str, known: Iterable[str], *, count: int = 3) -> tuple[str, ...]:
    """The known words most like ``word``, best first: the "did you mean" of every message.

    >>> nearest("provnce", ["province", "national"])
    ('province',)
    """
    return tuple(difflib.get_close_matches(word, list(known), n=count, cutoff=0.6))


def shortened(text: str, *, width: int = 60) -> str:
    """The text as a message quotes it: cut where its ``repr``, which makes control characters visible, would grow longer than ``width``.

    >>> shortened("a" * 10_000, width=6)
    'aaaaaa…'
    """
    used = 0
    for end, letter in enumerate(text):
        used += len(repr(letter)) - 2
        if used > width:
            return text[:end] + "…"
    return text


@dataclass(frozen=True, order=True)
class Finding:
    """One thing that a check met in the data: where, what was met, what was expected, what to do.

    ``row`` counts lines as a spreadsheet does: the heading is row 1. 0 means the finding is about more than one row.
    """

    severity: Severity
    rule: str
    source: str
    file: str
    row: int
    column: str
    met: str
    expected: str
    hint: str = ""

    def __str__(self) -> str:
        place = f"{self.file}:{self.row}" if self.row else self.file
        tail = f" ({self.hint})" if self.hint else ""
        return f"{self.severity}: {place} {self.column}: met {self.met!r}, expected {self.expected}{tail}"


class ParError(Exception):
    """The root: what the command line turns into one line, a hint and an exit code.

    >>> str(ParError("no such file", hint="par list sources"))
    'no such file'
    """

    exit_code = 1
    is_passing = False
    """Whether the same request may well succeed the next time: the machine failed, not the request."""
    was_killed = False
    """Whether something else ended a process: that says nothing of the report, which is tried again more often."""

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return self.message

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuild, (type(self), self.args, self.__dict__.copy()))


def _rebuild(kind: type[ParError], args: tuple[object, ...], facts: dict[str, object]) -> ParError:
    error = kind.__new__(kind)
    error.args = args
    error.__dict__.update(facts)
    return error


class RequestError(ParError):
    """The request itself is wrong: an unknown report, unit, year, language or parameter."""

    exit_code = 2


class UnknownName(RequestError):
    """A word from a closed list was expected; says which words come near.

    >>> str(UnknownName("report", "provnce", ["province", "national"]))
    "unknown report 'provnce': did you mean 'province'?"
    """

    def __init__(self, what: str, met: str, known: Sequence[str], *, suggestions: Sequence[str] | None = None) -> None:
        self.what, self.met, self.known = what, met, tuple(known)
        self.suggestions = tuple(suggestions) if suggestions is not None else nearest(met, known) if len(met) <= LONGEST else ()
        meant = " or ".join(repr(word) for word in self.suggestions)
        tail = f": did you mean {meant}?" if meant else ""
        super().__init__(f"unknown {what} {shortened(met)!r}{tail}", hint=f"known: {', '.join(self.known[:12])}" if known else "")


class AmbiguousName(RequestError):
    """A word stands for several members of a closed list; names them all.

    >>> str(AmbiguousName("unit", "an binh", ["An Bình (1)", "Ân Bình (2)"]))
    "ambiguous unit 'an binh': An Bình (1) or Ân Bình (2)"
    """

    def __init__(self, what: str, met: str, candidates: Sequence[str]) -> None:
        self.what, self.met, self.candidates = what, met, tuple(candidates)
        super().__init__(f"ambiguous {what} {shortened(met)!r}: {' or '.join(self.candidates)}", hint="write the name with its accents, or the code")


class DataError(ParError):
    """The data cannot be used: carries *all* findings, not the first."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        self.findings = tuple(findings)
        errors = [finding for finding in self.findings if finding.severity == "error"]
        lines = "\n".join(f"  {finding}" for finding in errors[:20])
        more = f"\n  … and {len(errors) - 20} more" if len(errors) > 20 else ""
        super().__init__(f"{len(errors)} error(s) in the data:\n{lines}{more}", hint="par check lists every finding")


class RenderError(ParError):
    """A page cannot be made as asked: names the notebook cell where there is one."""

    def __init__(self, problem: str, *, cell: int | None = None, hint: str = "") -> None:
        self.problem, self.cell = problem, cell
        super().__init__(f"cell {cell}: {problem}" if cell is not None else problem, hint=hint)


class CellFailed(ParError):
    """A notebook cell raised: report, cell and traceback."""

    def __init__(self, report: str, cell: int, traceback: str) -> None:
        self.report, self.cell, self.traceback = report, cell, traceback
        super().__init__(f"{report}: cell {cell} failed\n{traceback}")


class VerifyError(ParError):
    """A finished file does not say what was asked for."""

    def __init__(self, file: str, met: object, expected: object) -> None:
        self.file, self.met, self.expected = file, met, expected
        super().__init__(f"{file}: met {met!r}, expected {expected!r}")


class KernelDied(CellFailed):
    """The kernel ended without a word while a cell ran: killed, out of memory, or by the cell itself."""

    is_passing = True


class KernelKilled(KernelDied):
    """The kernel was ended from outside, or by the system for want of memory."""

    was_killed = True


class OutOfMemory(CellFailed):
    """A cell wanted more memory than a report may have."""

    is_passing = True


class TimedOut(CellFailed):
    """A cell or a report took longer than it may."""

    is_passing = True


class WorkerDied(ParError):
    """The process that made a report ended, or was ended, before it was done."""

    is_passing = was_killed = True


class DiskFailed(ParError):
    """A finished file could not be written: the disk is full, or the folder cannot be written to."""

    is_passing = True


class ProgramError(ParError):
    """This program itself failed: the report, and the traceback for those who mend it."""

    def __init__(self, report: str, traceback: str) -> None:
        self.report, self.traceback = report, traceback
        super().__init__(f"{report}: an error of this program itself\n{traceback}", hint="please report it with this text")
