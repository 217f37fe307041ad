"""The kernel of a report: this interpreter, in a private folder, untouched by what else is installed or configured on the machine."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, ClassVar, Final

from ipykernel.kernelspec import make_ipkernel_cmd
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from traitlets import Unicode
from traitlets.config import Config

from par_analysis.catalog import cache_folder

ENVIRONMENT: Final = {
    "PYTHONHASHSEED": "0",
    "PYTHONSTARTUP": "",
    "PYTHONUTF8": "1",
    "PYDEVD_DISABLE_FILE_VALIDATION": "1",  # or the debugger complains of frozen modules on every start
    "MPLBACKEND": "module://matplotlib_inline.backend_inline",
}
"""What every kernel's environment says: hashes and text are the same everywhere, figures are displayed as in Jupyter."""


class ThisInterpreter(AsyncKernelManager):
    """Starts a kernel on ``sys.executable``; installed kernel specs are not looked at, so none of them can stand in for it."""

    scratch = Unicode(help="private folder: the kernel's working directory, its sockets and its IPython profile").tag(config=True)
    root = Unicode(help="the checkout that the notebook reads its data from").tag(config=True)

    started: ClassVar[set[ThisInterpreter]] = set()

    async def _async_pre_start_kernel(self, **options: Any) -> Any:
        self.started.add(self)
        return await super()._async_pre_start_kernel(**options)

    @property
    def kernel_spec(self) -> KernelSpec:
        """The command and environment, with ``$`` written twice because specs are templates."""
        environment = ENVIRONMENT | {"IPYTHONDIR": f"{self.scratch}/ipython", "PAR_ROOT": self.root, "PAR_CACHE": str(cache_folder().resolve())}
        return KernelSpec(
            argv=make_ipkernel_cmd(executable=sys.executable),
            display_name="Python",
            language="python",
            env={name: value.replace("$", "$$") for name, value in environment.items()},
            metadata={"supported_encryption": ["curve"]},
        )


def stop_leftovers() -> None:
    """End every kernel process that was started here and still runs: an interrupt during a kernel's start leaves one behind."""
    while ThisInterpreter.started:
        process = getattr(ThisInterpreter.started.pop().provisioner, "process", None)
        if process is not None and process.poll() is None:
            process.kill()
            process.wait()


def settings(scratch: Path, root: Path) -> Config:
    """The configuration of one kernel in its private folder.

    Unix sockets under a path of its own: kernels that look for a free TCP port race each other for it. Windows has no such
    sockets; there the connection is encrypted instead.
    """
    (scratch / "matplotlibrc").touch()  # found before the user's own
    options = {"scratch": str(scratch), "root": str(root.resolve()), "connection_file": str(scratch / "kernel.json")}
    link = {"transport_encryption": "auto"} if sys.platform == "win32" else {"transport": "ipc", "ip": str(scratch / "k")}
    return Config({"ThisInterpreter": {**options, **link}})
