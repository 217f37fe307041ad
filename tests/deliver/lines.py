"""A line between a client and a server on this machine that can be cut, and that can change what goes over it."""

from __future__ import annotations

import socket
import sys
import threading
from collections.abc import Callable
from contextlib import suppress


class Line:
    """Listens on 127.0.0.1 and passes everything on.

    ``cuts``: for each connection in turn, after how many bytes to the server it is cut. ``budget``: after how many bytes of all connections it is dead.
    """

    def __init__(self, port: int, *, cuts: list[int] | None = None, budget: int = sys.maxsize, back: Callable[[bytes], bytes] = bytes) -> None:
        self.cuts, self.budget, self.back, self.target, self.connections = cuts or [], budget, back, port, 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._listen, daemon=True).start()

    def close(self) -> None:
        with suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)  # wakes the thread that waits there
        self.listener.close()

    def _listen(self) -> None:
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            self.connections += 1
            allowed = self.cuts.pop(0) if self.cuts else sys.maxsize
            try:
                server = socket.create_connection(("127.0.0.1", self.target if self.budget > 0 else 1))
            except OSError:
                client.close()
                continue
            threading.Thread(target=self._pass, args=(client, server, allowed, bytes), daemon=True).start()
            threading.Thread(target=self._pass, args=(server, client, sys.maxsize, self.back), daemon=True).start()

    def _pass(self, source: socket.socket, sink: socket.socket, allowed: int, change: Callable[[bytes], bytes]) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                most = min(allowed, self.budget)
                if most < len(data):
                    sink.sendall(data[:most])
                    break
                sink.sendall(change(data))
                allowed -= len(data)
                self.budget -= len(data) if change is bytes else 0
        for end in (source, sink):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
