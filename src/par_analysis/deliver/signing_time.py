"""A server that certifies the time of a signature (RFC 3161), and what is the matter where it does not."""

from __future__ import annotations

from typing import Any

from par_analysis.errors import ParError


class NoTime(ParError):
    """The time was not certified: nothing was signed."""

    is_passing = True

    def __init__(self, server: str, problem: str) -> None:
        self.server, self.problem = server, problem
        super().__init__(f"{server} did not certify the time: {problem}", hint="is timestamp the address of such a server, and is it there? The next run signs what is left")


def time_server(address: str, *, patience: float = 20) -> Any:
    """The server, as whoever signs asks it. Raises ``NoTime`` whenever it is asked in vain."""
    from pyhanko.sign.timestamps import HTTPTimeStamper

    class Server(HTTPTimeStamper):  # type: ignore[misc, unused-ignore]
        async def async_timestamp(self, message_digest: bytes, md_algorithm: str) -> Any:
            try:
                return await super().async_timestamp(message_digest, md_algorithm)
            except (OSError, ValueError, TypeError, KeyError, AttributeError, IndexError) as error:  # whatever an answer that is none makes of its reader
                raise NoTime(address, _why(error)) from error

    return Server(address, timeout=patience)


def _why(error: BaseException) -> str:
    """What is the matter, in words: why there was no answer is hidden in what the library raises."""
    from aiohttp import ClientConnectionError, ClientConnectorCertificateError, ClientResponseError, ClientSSLError, InvalidURL

    cause = error.__cause__
    if str(error).startswith("Timestamp server refused"):
        return f"it refuses: {' '.join(str(error).partition(':')[2].split())[:200]}"
    if isinstance(cause, ClientResponseError):
        kind = cause.headers.get("Content-Type", "").partition(";")[0] if cause.headers else ""
        return f"its answer ({f'{cause.status}, ' if cause.status else ''}{kind or 'of no kind'}) is not that of a time server"
    for kinds, said in (
        (TimeoutError, "no answer in time"),
        ((ClientSSLError, ClientConnectorCertificateError), "it could not prove who it is"),
        (InvalidURL, "this is no address"),
        (ClientConnectionError, "no connection"),
    ):
        if isinstance(cause, kinds):
            return said
    return "its answer is not that of a time server"
