"""The kernel of a report: this interpreter, in a private folder, untouched by what else is installed or configured on the machine."""

from __future__ import annotations

import os
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, Final

from ipykernel.kernelspec import make_ipkernel_cmd
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from traitlets import Int, Unicode
from traitlets.config import Config

from par_analysis.catalog import cache_folder
from par_analysis.run.process import CAPS, ENVIRONMENT, FRESH, die_with_parent, has_fork, limit_memory
from par_analysis.run.settings import Settings

READS: Final = "reads"
"""The file in a kernel's folder that says what the notebook has read."""

WATCH: Final = "par_analysis.dataset.reads"
"""The IPython extension that notes the files which a notebook opens by itself."""


class ThisInterpreter(AsyncKernelManager):
    """Starts a kernel on ``sys.executable``; installed kernel specs are not looked at, so none of them can stand in for it."""

    scratch = Unicode(help="private folder: the kernel's working directory, its sockets and its IPython profile").tag(config=True)
    root = Unicode(help="the checkout that the notebook reads its data from").tag(config=True)

    memory = Int(help="bytes of memory that the kernel may have, beyond what it starts with; 0 for no limit").tag(config=True)

    started: ClassVar[set[ThisInterpreter]] = set()

    async def _async_pre_start_kernel(self, **options: Any) -> Any:
        self.started.add(self)
        options |= {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}  # what cells print comes as messages
        if has_fork():
            options["preexec_fn"] = partial(_begin, os.getpid(), self.memory)
        return await super()._async_pre_start_kernel(**options)

    @property
    def kernel_spec(self) -> KernelSpec:
        """The command and environment, with ``$`` written twice because specs are templates."""
        given = ENVIRONMENT | CAPS | environment(Path(self.scratch), Path(self.root))
        return KernelSpec(
            argv=[*make_ipkernel_cmd(executable=sys.executable), f"--IPKernelApp.extra_extensions={WATCH}"],
            display_name="Python",
            language="python",
            env={name: value.replace("$", "$$") for name, value in given.items()},
            metadata={"supported_encryption": ["curve"]},
        )


def _begin(parent: int, memory: int) -> None:
    die_with_parent(parent)
    limit_memory(memory, held=FRESH)  # what this process holds is not the kernel's


def stop_leftovers() -> None:
    """End every kernel process that was started here and still runs: an interrupt during a kernel's start leaves one behind."""
    while ThisInterpreter.started:
        process = getattr(ThisInterpreter.started.pop().provisioner, "process", None)
        if process is not None and process.poll() is None:
            process.kill()
            process.wait()


def environment(scratch: Path, root: Path) -> dict[str, str]:
    """What a kernel's environment says about its folder, and where the notebook's data are."""
    return {
        "IPYTHONDIR": f"{scratch}/ipython",
        "MATPLOTLIBRC": f"{scratch}/matplotlibrc",
        "PAR_ROOT": str(root.resolve()),
        "PAR_CACHE": str(cache_folder().resolve()),
        "PAR_READS": f"{scratch}/{READS}",
    }


def cold_settings(scratch: Path, root: Path, settings: Settings) -> Config:
    """The configuration of one kernel in its private folder.

    Unix sockets under a path of its own: kernels that look for a free TCP port race each other for it. Windows has no such
    sockets; there the connection is encrypted instead.
    """
    (scratch / "matplotlibrc").touch()  # found before the user's own
    options = {"scratch": str(scratch), "root": str(root.resolve()), "memory": settings.memory, "connection_file": str(scratch / "kernel.json")}
    link = {"transport_encryption": "auto"} if sys.platform == "win32" else {"transport": "ipc", "ip": str(scratch / "k")}
    return Config({"ThisInterpreter": {**options, **link}})
