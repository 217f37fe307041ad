"""An S3 bucket: an object is replaced as a whole, and copied where it lies."""

from __future__ import annotations

import mimetypes
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import aiohttp
from botocore import exceptions
from s3fs import S3FileSystem

from par_analysis.deliver.stores import PATIENCE, Place, Publishing, Store
from par_analysis.errors import RequestError

if TYPE_CHECKING:
    from fsspec import AbstractFileSystem


class Bucket(Store):
    """An S3 bucket, of Amazon or of another service that speaks its language."""

    def __init__(self, place: Place, settings: Publishing, *, wait: Callable[[float], None] = time.sleep) -> None:
        super().__init__(place, attempts=settings.attempts, wait=wait)
        self.failures = (OSError, exceptions.BotoCoreError, aiohttp.ClientError, RecursionError)  # the last: it follows a redirection that leads nowhere for ever
        self._endpoint, self._profile = settings.endpoint, settings.profile
        try:
            urlsplit(self._endpoint).port  # noqa: B018 (read to see whether it can be)
        except ValueError as error:
            raise RequestError(f"{self._endpoint!r} is not the address of a service", hint="endpoint in [publish]") from error

    def _connected(self) -> AbstractFileSystem:
        config = {"connect_timeout": 20, "read_timeout": PATIENCE, "retries": {"max_attempts": 0}}
        where = {"endpoint_url": self._endpoint or None, "profile": self._profile or None}
        fs: AbstractFileSystem = S3FileSystem(**where, config_kwargs=config, use_listings_cache=False, skip_instance_cache=True, max_concurrency=1)
        fs.retries = 1  # tried again here, with the same patience as everywhere
        return fs

    def names(self) -> dict[str, int]:
        """As above; but a bucket has to be there already."""
        return self._tried("listing what is there", lambda fs: dict(self._listed(fs)))

    def _listed(self, fs: Any) -> Iterator[tuple[str, int]]:
        for key, one in fs.find(self.place.path, detail=True).items():
            if key.startswith(self._at("")) and one["type"] == "file":
                yield key.removeprefix(self._at("")), one["size"]

    def _written(self, fs: Any, name: str, content: bytes) -> None:
        fs.pipe_file(self._at(name), content, **_headers(name))

    def _created(self, fs: Any, name: str, content: bytes) -> bool:
        try:
            fs.pipe_file(self._at(name), content, mode="create", **_headers(name))
        except OSError as error:
            if isinstance(error, FileExistsError) or _code(error) in ("PreconditionFailed", "ConditionalRequestConflict", "412"):
                return False
            raise
        return True

    def _placed(self, fs: Any, source: str, name: str) -> None:
        fs.cp_file(self._at(source), self._at(name), MetadataDirective="REPLACE", **_headers(name))

    def _removed(self, fs: Any, name: str) -> None:
        fs.rm_file(self._at(name))

    def _is_passing(self, error: Exception) -> bool:
        if isinstance(error, exceptions.SSLError) or _answer(error).get("ResponseMetadata", {}).get("HTTPStatusCode") in _OUR_FAULTS:
            return False
        return super()._is_passing(error) or isinstance(error, aiohttp.ClientError | exceptions.HTTPClientError | exceptions.ConnectionError)

    def _said(self, error: Exception) -> str:
        if isinstance(error, FileNotFoundError):
            return "there is no bucket of that name"
        for kind, said in _MEANING.items():
            if isinstance(error, kind):
                return said
        if code := _code(error):
            return _OF_CODES.get(code) or f"the service says: {' '.join(str(_answer(error)['Error'].get('Message', '')).split())[:200]} ({code})"
        return super()._said(error)

    def _hint(self, error: Exception) -> str:
        code = _code(error)
        if code in _HINTS:
            return _HINTS[code]
        for kinds, hint in _WHAT_TO_DO:
            if isinstance(error, kinds):
                return hint
        return super()._hint(error)


_OUR_FAULTS: Final = frozenset(range(400, 500)) - {408, 409, 429}
_ELSEWHERE: Final = ("PermanentRedirect", "TemporaryRedirect", "Redirect", "301", "307", "AuthorizationHeaderMalformed", "IllegalLocationConstraintException")
_OF_CODES: Final = {
    "InvalidAccessKeyId": "the access key is not known there",
    "SignatureDoesNotMatch": "the secret key is not that of the access key",
    "ExpiredToken": "the key was lent for a time that is over",
    "RequestTimeTooSkewed": "the clock of this machine is wrong",
    "InvalidBucketName": "this is not the name of a bucket",
    "SlowDown": "it is asked too much at the moment",
    **dict.fromkeys(("AccessDenied", "403", "Forbidden"), "the key may not do that"),
    **dict.fromkeys(("ServiceUnavailable", "503", "InternalError", "500"), "the service is out of order at the moment"),
    **dict.fromkeys(_ELSEWHERE, "the bucket lies in another region"),
}
"""What the service calls a failure → what that is for people."""
_MEANING: Final[dict[type[Exception], str]] = {
    exceptions.FlexibleChecksumError: "the bucket returned other bytes than it was given: it is not to be trusted",
    exceptions.NoCredentialsError: "no key is given",
    exceptions.PartialCredentialsError: "half of a key is given",
    exceptions.ProfileNotFound: "AWS_PROFILE names what is not in the files of keys",
    exceptions.ParamValidationError: "this is not the name of a bucket",
    exceptions.SSLError: "the server could not prove who it is",
    exceptions.ReadTimeoutError: "no answer in time",
    exceptions.ConnectTimeoutError: "no answer in time",
    exceptions.EndpointConnectionError: "no connection",
    exceptions.ConnectionClosedError: "the connection was cut",
    exceptions.ResponseStreamingError: "the connection was cut",
    exceptions.HTTPClientError: "the connection was cut",
    aiohttp.ClientError: "the connection was cut",
    RecursionError: "it sends whoever asks elsewhere, and does not say where",
}


_HINTS: Final = {"RequestTimeTooSkewed": "set the clock", **dict.fromkeys(_ELSEWHERE, "AWS_DEFAULT_REGION names the bucket's region")}
_WHAT_TO_DO: Final[tuple[tuple[tuple[type[Exception], ...], str], ...]] = (
    ((FileNotFoundError,), "make it there first; or is its name another one?"),
    ((RecursionError,), "is endpoint in [publish] the address of such a service?"),
    ((exceptions.SSLError,), "is endpoint right? AWS_CA_BUNDLE names a file with the certificate of whoever issued the server's"),
    (
        (exceptions.NoCredentialsError, exceptions.PartialCredentialsError, exceptions.ProfileNotFound, PermissionError),
        "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE, of a key that may write there",
    ),
)


def _answer(error: BaseException) -> dict[str, Any]:
    """What the service answered; nothing where it did not come so far."""
    return dict(error.__cause__.response) if isinstance(error.__cause__, exceptions.ClientError) else {}


def _code(error: BaseException) -> str:
    """What the service itself calls a failure."""
    return str(_answer(error).get("Error", {}).get("Code", ""))


def _headers(name: str) -> dict[str, str]:
    """What a bucket tells browsers of a file: its kind, and to ask whether it has changed.

    >>> _headers("vi/index.html")
    {'ContentType': 'text/html; charset=utf-8', 'CacheControl': 'no-cache'}
    """
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return {"ContentType": f"{kind}; charset=utf-8" if kind.startswith("text/") or kind == "application/json" else kind, "CacheControl": "no-cache"}
