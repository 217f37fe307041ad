"""A real IPython kernel without sockets: made once in a warm process, used once in each fork of it, driven by stock papermill and nbclient.

Messages are written and read as on the wire (the session's own packing), but go through a queue: the kernel, the manager and the client
are what jupyter_client asks for, so that what a cell puts out is the same as from a kernel in a process of its own.
"""

from __future__ import annotations

import asyncio
import logging
import os
import random
import sys
import tempfile
import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from queue import Empty
from types import SimpleNamespace
from typing import Any, ClassVar, Final

import ipykernel_launcher
import zmq
from ipykernel.iostream import IOPubThread, OutStream
from ipykernel.ipkernel import IPythonKernel
from IPython.core.profiledir import ProfileDir
from jupyter_client.manager import KernelManager
from jupyter_client.session import Session
from nbclient.exceptions import DeadKernelError
from traitlets import Any as TraitsAny
from traitlets.config import Config

from par_analysis.run.kernel import WATCH

OUTPUT_LIMIT: Final = 32 * 2**20
"""Bytes that a notebook may put out: a report is read by people."""

Message = dict[str, Any]


class TooMuchOutput(BaseException):
    """A cell prints without end; not an ``Exception``, so that the cell cannot go on."""


class _Wire:
    """One direction: what the kernel sends, as messages to be fetched. Stands for a socket, and for the thread that serves one."""

    thread = None
    io_loop = None

    def __init__(self, session: Session) -> None:
        self.session = session
        self.messages: deque[Message] = deque()
        self.sent = 0

    def send_multipart(self, parts: Sequence[bytes], *_: Any, **__: Any) -> None:
        self.sent += sum(map(len, parts))
        if self.sent > OUTPUT_LIMIT:
            self.sent = 0
            self.messages.clear()  # to put them together would take longer than to print them
            raise TooMuchOutput
        frames: Any = self.session.feed_identities(list(map(bytes, parts)))[1]
        self.messages.append(self.session.deserialize(frames))

    def schedule(self, _: Callable[[], None]) -> None:
        """What is put off is done when the cell ends, or when the stream holds much."""

    def flush(self, *_: Any) -> None:
        """Nothing waits here."""

    async def get_msg(self, timeout: float | None = None) -> Message:
        """The next message; waits for none, since a cell has ended before its messages are asked for. Raises ``Empty``."""
        if not self.messages and timeout is None:
            await asyncio.Future()
        if not self.messages:
            raise Empty
        return self.messages.popleft()

    def send(self, _: Message) -> None:
        """Messages to the kernel's widgets: nobody listens while a report is made."""


class _PublishingThread(IOPubThread):
    """What ``OutStream`` wants for a thread, without one."""

    def __init__(self, wire: _Wire) -> None:
        self.wire = wire
        self.thread: Any = None
        self.io_loop: Any = None

    def schedule(self, f: Callable[[], None]) -> None:
        self.wire.schedule(f)

    def send_multipart(self, parts: Sequence[bytes], *args: Any, **options: Any) -> None:
        self.wire.send_multipart(parts, *args, **options)


class _Stream(OutStream):
    """A standard stream of the kernel; sends what it holds in pieces, and in between what others wrote to its file descriptor."""

    HELD: ClassVar[int] = 2**16

    def __init__(self, kernel: MemoryKernel, wire: _Wire, number: int, name: str) -> None:
        super().__init__(kernel.session, _PublishingThread(wire), name, watchfd=False)  # type: ignore[no-untyped-call]
        self.number, self.held = number, 0
        self.beneath = _redirected(number, Path(name).absolute())

    def write(self, string: str) -> int:
        self.drain()
        return self._hold(string)

    def flush(self) -> None:
        self.drain()
        super().flush()  # type: ignore[no-untyped-call]

    def drain(self) -> None:
        """Put out what was written past Python's stream, by another program say."""
        while content := os.read(self.beneath, self.HELD):
            self._hold(content.decode(errors="replace"))

    def _hold(self, string: str) -> int:
        written = int(super().write(string) or 0)
        self.held += written
        if self.held > self.HELD:
            self.held = 0
            self._flush()  # type: ignore[no-untyped-call]
        return written

    def fileno(self) -> int:
        return self.number


def _redirected(number: int, path: Path) -> int:
    """Send what is written to a file descriptor to a file; a descriptor to read it with."""
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    os.dup2(file, number)
    os.close(file)
    return os.open(path, os.O_RDONLY | os.O_CLOEXEC)


class MemoryKernel(IPythonKernel):
    """ipykernel's kernel on wires instead of sockets."""

    shell_stream: Any = TraitsAny()

    @property
    def _supports_kernel_subshells(self) -> bool:
        return False

    def take(self, wire: _Wire) -> None:
        """Become the kernel of this process, which was forked from the one that made the kernel."""
        session: Any = self.session
        session.pid = os.getpid()
        self.shell_channel_thread = SimpleNamespace(parent_thread=threading.current_thread())
        sys.stdout, sys.stderr = _Stream(self, wire, 1, "stdout"), _Stream(self, wire, 2, "stderr")
        sys.argv = [ipykernel_launcher.__file__]
        sys.path.insert(next((place for place, folder in enumerate(sys.path) if folder.endswith("-packages")), 0), "")  # as IPython does
        shell: Any = self.shell
        shell.extension_manager.load_extension(WATCH)
        random.seed()
        if "numpy" in sys.modules:
            sys.modules["numpy"].random.seed()


@dataclass(frozen=True)
class Prepared:
    """A kernel that is made but not yet running, with its two wires."""

    kernel: MemoryKernel
    iopub: _Wire
    shell: _Wire


def prepare() -> Prepared:
    """Make the kernel: in the warm process, before it is forked."""
    session = Session(key=b"", check_pid=False)
    iopub, shell = _Wire(session), _Wire(session)
    config = Config({"HistoryManager": {"hist_file": ":memory:"}, "MemoryKernel": {"_execute_sleep": 0}})
    with tempfile.TemporaryDirectory(prefix="par-") as folder:
        profile = ProfileDir.create_profile_dir_by_name(folder, "default")  # type: ignore[no-untyped-call]
        kernel = MemoryKernel.instance(config=config, session=session, iopub_socket=iopub, shell_stream=shell, profile_dir=profile, log=logging.getLogger("par.kernel"))
    return Prepared(kernel, iopub, shell)


class MemoryClient:
    """What nbclient asks of a client: a cell runs to its end within ``execute``, and its messages are fetched afterwards."""

    allow_stdin = False

    def __init__(self, prepared: Prepared) -> None:
        self.prepared, self.session = prepared, prepared.iopub.session
        self.iopub_channel, self.shell_channel = prepared.iopub, prepared.shell
        self.is_stopped = False

    def start_channels(self) -> None:
        """Nothing has to be connected."""

    def stop_channels(self) -> None:
        """Nothing has to be closed."""

    def wait_for_ready(self, timeout: float | None = None) -> None:
        """The kernel is there before its client."""

    def is_alive(self) -> bool:
        """Whether cells still run: not after ``exit()``."""
        return not self.is_stopped

    async def execute(self, code: str, *, store_history: bool = True, stop_on_error: bool = True) -> str:
        """Run a cell; the id of the request. Raises ``DeadKernelError`` once the notebook has ended itself."""
        if self.is_stopped:
            raise DeadKernelError("Kernel died")
        content = {"code": code, "silent": False, "store_history": store_history, "user_expressions": {}, "allow_stdin": False, "stop_on_error": stop_on_error}
        name = await self._ask("execute_request", content)
        self.is_stopped = bool(getattr(self.prepared.kernel.shell, "exit_now", False))
        return name

    def kernel_info(self) -> str:
        """Ask what the kernel is: answered at once, since papermill does not wait for the question."""
        asking = self._ask("kernel_info_request", {})
        try:
            asking.send(None)
        except StopIteration as answered:
            return str(answered.value)
        raise RuntimeError("the kernel does not say what it is")

    async def _ask(self, kind: str, content: Message) -> str:
        """Send a request and have it worked off; its id."""
        message = self.session.msg(kind, content)
        self.iopub_channel.messages.clear()
        await self.prepared.kernel.dispatch_shell([zmq.Message(part) for part in self.session.serialize(message)])
        return str(message["header"]["msg_id"])


class MemoryKernelManager(KernelManager):
    """Hands out the kernel that was prepared before this process was forked; each process uses it once."""

    prepared: ClassVar[Prepared | None] = None

    has_kernel = False
    ipykernel = False

    async def start_kernel(self, **_: object) -> None:  # type: ignore[override]
        """Become the kernel's process."""
        if self.prepared is None:
            raise RuntimeError("no kernel was prepared")
        self.prepared.kernel.take(self.prepared.iopub)
        self.has_kernel = True

    def client(self, **_: object) -> Any:
        """The client of the prepared kernel."""
        assert self.prepared is not None
        return MemoryClient(self.prepared)

    def is_alive(self) -> bool:
        """Whether the kernel was started."""
        return self.has_kernel

    def shutdown_kernel(self, **_: object) -> None:
        """The kernel ends with its process."""
        self.has_kernel = False

    def cleanup_resources(self, restart: bool = False) -> None:
        """There is nothing to clean up: no socket, no file."""
