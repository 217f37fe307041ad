"""A real ipykernel on sockets, forked from the warm process: jupyter_client's own extension point, so that stock papermill drives it unchanged."""

from __future__ import annotations

import os
import signal
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, ClassVar

from jupyter_client.kernelspec import KernelSpec
from jupyter_client.provisioning.local_provisioner import LocalProvisioner

from par_analysis.dataset import reads
from par_analysis.run import process
from par_analysis.run.execute import Executed, run_papermill
from par_analysis.run.forker import Forker, settle
from par_analysis.run.kernel import READS, ThisInterpreter, cold_settings
from par_analysis.run.plan import Job
from par_analysis.run.settings import Settings

NAME = "par-forked"
"""The provisioner's entry point."""


class ForkedProvisioner(LocalProvisioner):
    """Has the worker's forker fork a kernel instead of starting one."""

    forks: ClassVar[Forker | None] = None
    settings: ClassVar[Settings] = Settings()

    async def launch_kernel(self, cmd: list[str], **options: Any) -> Any:
        """Fork a kernel that takes the connection file of a kernel's command."""
        assert self.forks is not None
        kernel: Any = _ForkedKernel(self.forks, cmd, options)
        self.process, self.pid, self.pgid = kernel, kernel.pid, kernel.pid
        self.cwd = options.get("cwd", "")
        return self.connection_info


class _ForkedKernel:
    """A forked kernel, as ``subprocess.Popen`` would stand for it."""

    stdin = stdout = stderr = None

    def __init__(self, forks: Forker, command: Sequence[str], options: dict[str, Any]) -> None:
        self.forks = forks
        self.returncode: int | None = None
        self.pid = forks.fork(_serve, list(command), str(options["cwd"]), dict(options["env"]), ForkedProvisioner.settings.memory)

    def poll(self) -> int | None:
        """How it ended, or ``None`` while it runs."""
        if self.returncode is None:
            self.returncode = self.forks.ended(0)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int | None:
        """Wait for its end."""
        while self.poll() is None and self.returncode is None:
            self.returncode = self.forks.ended(timeout or 1)
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Send it a signal."""
        with suppress(ProcessLookupError):
            os.kill(self.pid, number)

    def kill(self) -> None:
        """End it with all that it started."""
        process.kill_group(self.pid)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)


class ForkedKernelManager(ThisInterpreter):
    """The manager whose kernel spec names the provisioner."""

    @property
    def kernel_spec(self) -> KernelSpec:
        """This interpreter's spec, with the provisioner."""
        spec = super().kernel_spec
        spec.metadata = {**spec.metadata, "kernel_provisioner": {"provisioner_name": NAME, "config": {}}}
        return spec


def _serve(command: list[str], folder: str, environment: dict[str, str], memory: int) -> None:
    """In the fork: be the kernel that the command would have started."""
    import random
    import sys

    import ipykernel_launcher
    from ipykernel.kernelapp import IPKernelApp

    settle(Path(folder), memory)
    os.environ.update(environment, JPY_PARENT_PID=str(os.getppid()))
    for number in (1, 2):
        os.dup2(os.open(os.devnull, os.O_WRONLY), number)
    sys.argv = command[command.index("-m") + 1 :]
    sys.argv[0] = ipykernel_launcher.__file__
    random.seed()
    sys.modules["numpy"].random.seed()
    IPKernelApp.launch_instance()


def execute(job: Job, *, settings: Settings, forks: Forker) -> Executed:
    """The executed notebook of a job, run on a forked kernel. Raises ``CellFailed``."""
    ForkedProvisioner.forks, ForkedProvisioner.settings = forks, settings
    with tempfile.TemporaryDirectory(prefix="par-", ignore_cleanup_errors=True, dir=settings.scratch) as scratch:
        place = Path(scratch)
        notebook = run_papermill(job, place, settings, ForkedKernelManager, cold_settings(place, job.root, settings))
        return Executed(notebook, reads.recorded(place / READS, is_begun=True))
