"""Debian's own sshd on 127.0.0.1: its own configuration and keys, one process for each connection, none left behind."""

from __future__ import annotations

import getpass
import os
import shutil
import socket
import subprocess
import threading
from contextlib import suppress
from pathlib import Path

SSHD = shutil.which("sshd", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
PRIVATE = Path("/run/sshd")
"""A folder that sshd, run by root, wants to be there."""


class Sshd:
    """A server whose only user is the one that runs the tests, with the key ``user``; ``known_hosts`` is what its clients have to know."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.user, self.key, self.known_hosts = getpass.getuser(), folder / "user", folder / "known_hosts"
        if os.geteuid() == 0:
            PRIVATE.mkdir(mode=0o755, exist_ok=True)  # it stays: another process of these tests may have a server, too
        for name in ("host", "user", "stranger"):
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name)], check=True)
        self.config = folder / "sshd_config"
        self.config.write_text(
            f"HostKey {folder}/host\nAuthorizedKeysFile {folder}/user.pub\nStrictModes no\nUsePAM no\nPidFile none\nPasswordAuthentication no\n"
            "KbdInteractiveAuthentication no\nPermitRootLogin prohibit-password\nSubsystem sftp internal-sftp\nLogLevel QUIET\n",
            encoding="utf-8",
        )
        self.running: list[subprocess.Popen[bytes]] = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.know(self.port)
        threading.Thread(target=self._listen, daemon=True).start()

    def know(self, *ports: int, key: str = "host") -> None:
        """Clients know the server at these ports by this key."""
        public = " ".join(self.known_hosts.with_name(f"{key}.pub").read_text(encoding="utf-8").split()[:2])
        self.known_hosts.write_text("".join(f"[127.0.0.1]:{port} {public}\n" for port in ports), encoding="utf-8")

    def _listen(self) -> None:
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            with client:
                self.running.append(subprocess.Popen([str(SSHD), "-i", "-f", str(self.config)], stdin=client.fileno(), stdout=client.fileno(), stderr=subprocess.DEVNULL))

    def close(self) -> None:
        with suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        for process in self.running:
            with suppress(subprocess.TimeoutExpired):
                process.wait(0.5)
            process.kill()
            process.wait()
