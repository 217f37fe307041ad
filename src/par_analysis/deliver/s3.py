"""An S3 bucket: an object is replaced as a whole, and copied where it lies."""

from __future__ import annotations

import mimetypes
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import aiohttp
from botocore import exceptions
from s3fs import S3FileSystem

from par_analysis.deliver.stores import PATIENCE, Place, Publishing, Store

if TYPE_CHECKING:
    from fsspec import AbstractFileSystem


class Bucket(Store):
    """An S3 bucket, of Amazon or of another service that speaks its language."""

    def __init__(self, place: Place, settings: Publishing, *, wait: Callable[[float], None] = time.sleep) -> None:
        super().__init__(place, attempts=settings.attempts, wait=wait)
        self.failures = (OSError, exceptions.BotoCoreError, aiohttp.ClientError)
        self._endpoint = settings.endpoint

    def _connected(self) -> AbstractFileSystem:
        config = {"connect_timeout": 20, "read_timeout": PATIENCE, "retries": {"max_attempts": 0}}
        fs: AbstractFileSystem = S3FileSystem(endpoint_url=self._endpoint or None, config_kwargs=config, use_listings_cache=False, skip_instance_cache=True, max_concurrency=1)
        fs.retries = 1  # tried again here, with the same patience as everywhere
        return fs

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
            if "condition" in str(error).lower():
                return False
            raise
        return True

    def _placed(self, fs: Any, source: str, name: str) -> None:
        fs.cp_file(self._at(source), self._at(name), MetadataDirective="REPLACE", **_headers(name))

    def _removed(self, fs: Any, name: str) -> None:
        fs.rm_file(self._at(name))

    def _is_passing(self, error: Exception) -> bool:
        return super()._is_passing(error) or isinstance(error, aiohttp.ClientError | exceptions.HTTPClientError | exceptions.ConnectionError)

    def _said(self, error: Exception) -> str:
        if isinstance(error, FileNotFoundError):
            return "there is no bucket of that name"
        if isinstance(error, exceptions.FlexibleChecksumError):
            return "the bucket returned other bytes than it was given: it is not to be trusted"
        return super()._said(error)

    def _hint(self, error: Exception) -> str:
        if isinstance(error, exceptions.NoCredentialsError | exceptions.PartialCredentialsError | PermissionError):
            return "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE, of a key that may write there"
        return super()._hint(error)


def _headers(name: str) -> dict[str, str]:
    """What a bucket tells browsers of a file: its kind, and to ask whether it has changed.

    >>> _headers("vi/index.html")
    {'ContentType': 'text/html; charset=utf-8', 'CacheControl': 'no-cache'}
    """
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return {"ContentType": f"{kind}; charset=utf-8" if kind.startswith("text/") or kind == "application/json" else kind, "CacheControl": "no-cache"}
