"""What was sent to whom: a SQLite file that is written before and after each mail, so that no file goes to the same person twice.

Between the last byte of a mail and the answer of the server nobody knows whether the server took it. A process that dies in just that moment leaves the row
``sending``. The next run takes such a mail for not sent: at least once, and never zero times (see ``docs/how-to/send-by-mail.md``).
"""

from __future__ import annotations

import datetime
import shutil
import sqlite3
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from par_analysis.errors import ParError

FILE: Final = "ledger.sqlite"
VERSION: Final = 1

State = Literal["waiting", "sending", "sent", "refused"]
"""waiting: not sent yet, to be tried again. sending: the end of the mail was about to go. sent: the server took it. refused: it never will."""

_TABLE: Final = """
CREATE TABLE letters (
  address TEXT NOT NULL, sha256 TEXT NOT NULL, report TEXT NOT NULL, file TEXT NOT NULL, message TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('waiting', 'sending', 'sent', 'refused')), said TEXT NOT NULL, noted TEXT NOT NULL, tries INTEGER NOT NULL,
  PRIMARY KEY (address, sha256)
) STRICT;
CREATE TABLE refusals (address TEXT PRIMARY KEY, said TEXT NOT NULL, noted TEXT NOT NULL) STRICT;
"""


_MEANING: Final = {
    "BUSY": "another program has it open, and writes to it",
    "CANTOPEN": "cannot be opened: may this user read and write the file and its folder?",
    "CORRUPT": "is damaged",
    "FULL": "cannot be written: the disk is full",
    "IOERR": "cannot be read or written: is the disk full, or broken?",
    "NOTADB": "is damaged, or is no ledger",
    "PERM": "may not be written to by this user",
    "READONLY": "may not be written to: may this user write to the file and its folder?",
}
"""What SQLite calls a failure → what that is for people."""


class BadLedger(ParError):
    """The ledger cannot be read or written: nothing is sent without it."""

    def __init__(self, path: Path, problem: str) -> None:
        self.path, self.problem = path, problem
        super().__init__(f"{path}: {problem}", hint="nothing is sent without it; make room, or bring it back from a copy: without it everything would be sent again")


@dataclass(frozen=True)
class Row:
    """A file for somebody: its checksum, what it is called, the report that it is of."""

    sha256: str
    file: str
    report: str


@contextmanager
def peeked(path: Path) -> Iterator[Ledger]:
    """The ledger as it is now, as a copy that is gone after the block: nothing is written where the ledger lies, nor has it to be there. Raises ``BadLedger``."""
    with tempfile.TemporaryDirectory(prefix="par-ledger-") as space:
        at = Path(space) / path.name
        try:
            for end in ("", "-wal"):  # what a process that was killed had written last stands in the second
                with suppress(FileNotFoundError):
                    shutil.copyfile(f"{path}{end}", f"{at}{end}")
        except OSError as error:
            raise BadLedger(path, f"cannot be read: {error.strerror or error}") from error
        with closing(Ledger(at, of=path)) as found:
            yield found


class Ledger:
    """The ledger in a folder; ``of`` is what messages call it. An address is the same in capitals. Raises ``BadLedger``."""

    def __init__(self, path: Path, *, of: Path | None = None) -> None:
        self.path = of or path
        with self._failing():
            if not path.exists():
                _make(path)
            if not path.stat().st_size:
                raise BadLedger(self.path, "is empty, which no ledger is: it was damaged")
            self.base = sqlite3.connect(path, isolation_level=None, timeout=10)
            self.base.execute("PRAGMA journal_mode=WAL")
            self.base.execute("PRAGMA synchronous=FULL")
            (version,) = self.base.execute("PRAGMA user_version").fetchone()
            if version != VERSION:
                raise BadLedger(self.path, f"is of version {version}, and this program writes version {VERSION}")

    def close(self) -> None:
        """The file is whole in itself afterwards."""
        self.base.close()

    def state(self, address: str, sha256: str) -> State | None:
        """What is known of a file for somebody; ``None`` where nothing is."""
        with self._failing():
            row = self.base.execute("SELECT state FROM letters WHERE address = ? AND sha256 = ?", (address.casefold(), sha256)).fetchone()
        return row[0] if row else None

    def refusal(self, address: str) -> str:
        """Why a server will never take a mail to an address; "" where nothing is known against it."""
        with self._failing():
            row = self.base.execute("SELECT said FROM refusals WHERE address = ?", (address.casefold(),)).fetchone()
        return row[0] if row else ""

    def note(self, address: str, rows: Iterable[Row], message: str, state: State, *, said: str = "") -> None:
        """Write down what became of the files of a mail, all or none of them."""
        now = _now()
        insert = (
            "INSERT INTO letters VALUES (?, ?, ?, ?, ?, ?, ?, ?, 1) ON CONFLICT (address, sha256) DO UPDATE SET "
            "report = excluded.report, file = excluded.file, message = excluded.message, state = excluded.state, said = excluded.said, noted = excluded.noted, "
            "tries = tries + (excluded.state <> 'sent') WHERE state <> 'sent'"
        )
        with self._failing(), self._whole():
            self.base.executemany(insert, [(address.casefold(), row.sha256, row.report, row.file, message, state, said, now) for row in rows])

    def refuse(self, address: str, said: str) -> None:
        """Write down that an address is not to be tried any more."""
        with self._failing():
            self.base.execute("INSERT OR REPLACE INTO refusals VALUES (?, ?, ?)", (address.casefold(), said, _now()))

    def forgive(self) -> None:
        """Forget all refusals: whoever was refused is tried again."""
        with self._failing(), self._whole():
            self.base.execute("DELETE FROM refusals")
            self.base.execute("UPDATE letters SET state = 'waiting' WHERE state = 'refused'")

    def letters(self) -> list[tuple[str, str, str, str, str]]:
        """Address, file, state, what the server said, and when that was noted, of every file."""
        with self._failing():
            return list(self.base.execute("SELECT address, file, state, said, noted FROM letters ORDER BY address, report, file"))

    @contextmanager
    def _whole(self) -> Iterator[None]:
        self.base.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self.base.execute("ROLLBACK")
            raise
        self.base.execute("COMMIT")

    @contextmanager
    def _failing(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            raise BadLedger(self.path, _said(error)) from error


def _make(path: Path) -> None:
    """A new ledger, whole or not at all, for nobody else to read: addresses of people stand in it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f".{path.name}.new~")
    new.unlink(missing_ok=True)
    new.touch(mode=0o600)
    with closing(sqlite3.connect(new, isolation_level=None)) as base:
        base.executescript(f"PRAGMA journal_mode=MEMORY;{_TABLE}PRAGMA user_version={VERSION};")
    new.replace(path)


def _said(error: sqlite3.Error | OSError) -> str:
    """What is the matter, where the library has no words of its own that help.

    >>> _said(sqlite3.DatabaseError("file is not a database")), _said(OSError(28, "No space left on device"))
    ('file is not a database', 'No space left on device')
    """
    kind = str(getattr(error, "sqlite_errorname", "")).removeprefix("SQLITE_").split("_")[0]
    return _MEANING.get(kind) or str(getattr(error, "strerror", None) or error)


def _now() -> str:
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
