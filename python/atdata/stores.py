"""Where shards are written to: a folder, S3 and what speaks it, Google Cloud Storage, Azure."""

import datetime
import os
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from atdata import _atdata
from atdata._errors import InvalidError
from atdata._sources import PathLike, remember_store

if TYPE_CHECKING:
    from atdata._dataset import Dataset

__all__ = ["LocalDiskStore", "ObjectStore", "S3DataStore", "open_store"]

Expiry = bool | int | float | datetime.timedelta
SIGNED_FOR = datetime.timedelta(hours=1)


class _Store:
    """A store of the engine. It is reached when it is first used."""

    _engine: _atdata.Store

    @property
    def address(self) -> str:
        """Where the shards go, without secrets."""
        return self._engine.address

    def check(self) -> None:
        """Reach the store, and see that it may be read.

        Raises `UnreachableError`, `DeniedError`, or `NotFoundError` for a bucket that is not there.
        """
        self._engine.check()

    def write_shards(
        self,
        ds: "Dataset[Any]",
        *,
        prefix: str,
        cache_local: bool = False,
        maxcount: int | None = None,
        maxsize: int | None = None,
        manifest: bool = False,
        progress: bool | Callable[[int, int], object] | None = None,
    ) -> list[str]:
        """Write a dataset's samples under a prefix; gives the URLs of the shards.

        Without limits, and where nothing was selected, filtered or viewed, shards are copied byte
        for byte. `cache_local` changes nothing: a shard is always whole before it is uploaded.

        Raises a `RuntimeError` when the dataset has no shards.
        """
        from atdata.index import Index
        from atdata.providers import MemoryProvider

        # An index of nobody's: what it takes to store shards is what an index does anyway.
        index = Index(provider=MemoryProvider(), data_store=self)
        entry = index.insert_dataset(
            ds,
            name=uuid.uuid4().hex,
            prefix=prefix,
            maxcount=maxcount,
            maxsize=maxsize,
            manifest=manifest,
            progress=progress,
        )
        if not entry.data_urls:
            raise RuntimeError("no shards were written: the dataset has none")
        return entry.data_urls

    def supports_streaming(self) -> bool:
        """Whether a shard can be read while it comes: always."""
        return True

    def read_url(self, url: str, *, sign: Expiry = False) -> str:
        """The URL to read a stored shard with: over HTTP where the store has that.

        `sign=True` gives a URL that anybody can read it with for an hour; a number of seconds or a
        timedelta says for how long.
        """
        return self._engine.read_url(url, _seconds(sign))

    def holds(self, url: str) -> bool:
        """Whether a URL lies within this store."""
        return self._engine.holds(url)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.address!r})"


def _seconds(sign: Expiry) -> int | None:
    if sign is False:
        return None
    if sign is True:
        sign = SIGNED_FOR
    seconds = sign.total_seconds() if isinstance(sign, datetime.timedelta) else float(sign)
    if seconds < 1:
        raise InvalidError("a signed URL is valid for a second at least")
    return int(seconds)


class LocalDiskStore(_Store):
    """Shards in a folder of this machine: `root`, else `~/.atdata/data` (or `$ATDATA_HOME/data`).

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     LocalDiskStore(folder).supports_streaming()
    True
    """

    def __init__(self, root: PathLike | None = None) -> None:
        folder = None if root is None else Path(root).expanduser()
        self._engine = _atdata.Store.local(folder)

    @property
    def root(self) -> Path:
        """The folder."""
        return Path(self.address)

    def __reduce__(self) -> Any:
        return type(self), (self.address,)


class S3DataStore(_Store):
    """Shards in a bucket of S3, or of what speaks S3 (MinIO, Cloudflare R2, Garage, ...).

    Credentials are a dict or the path of a `.env` file with `AWS_ACCESS_KEY_ID`,
    `AWS_SECRET_ACCESS_KEY` and, where they apply, `AWS_ENDPOINT`, `AWS_DEFAULT_REGION` and
    `AWS_SESSION_TOKEN`. What is not there is looked up in the environment, in the profile (of
    `~/.aws`), and last the role of the machine is used. Credentials are never shown.

    >>> store = S3DataStore(
    ...     {"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret"}, bucket="data"
    ... )
    >>> store
    S3DataStore('s3://data')
    """

    def __init__(
        self,
        credentials: Mapping[str, str] | PathLike | None = None,
        *,
        bucket: str,
        prefix: str | None = None,
        endpoint_url: str | None = None,
        endpoint: str | None = None,
        region: str | None = None,
        profile: str | None = None,
    ) -> None:
        self.bucket, self.prefix = bucket, prefix
        self._endpoint, self._region, self._profile = endpoint_url or endpoint, region, profile
        self._file = os.fspath(credentials) if isinstance(credentials, (str, os.PathLike)) else None
        given = credentials if isinstance(credentials, Mapping) else {}
        self._given = {name: str(value) for name, value in given.items()}
        self._engine = _atdata.Store.s3(
            bucket,
            prefix=prefix,
            endpoint=self._endpoint,
            region=region,
            credentials=self._given,
            env_file=None if self._file is None else Path(self._file).expanduser(),
            profile=profile,
        )
        remember_store(f"s3://{bucket}/", self)

    @property
    def credentials(self) -> dict[str, str]:
        """The settings that were given, with secrets left out."""
        return {name: value for name, value in self._given.items() if not _is_secret(name)}

    def __reduce__(self) -> Any:
        credentials = self._given if self._file is None else self._file
        settings = (self.bucket, self.prefix, self._endpoint, self._region, self._profile)
        return _s3_again, (credentials, *settings)


def _is_secret(name: str) -> bool:
    return any(word in name.upper() for word in ("SECRET", "TOKEN", "PASSWORD"))


def _s3_again(
    credentials: Any,
    bucket: str,
    prefix: str | None,
    endpoint: str | None,
    region: str | None,
    profile: str | None,
) -> S3DataStore:
    return S3DataStore(
        credentials,
        bucket=bucket,
        prefix=prefix,
        endpoint_url=endpoint,
        region=region,
        profile=profile,
    )


class ObjectStore(_Store):
    """Shards in what a URL names, with the credentials of the environment."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._engine = _atdata.Store.open(url)

    def __reduce__(self) -> Any:
        return type(self), (self._url,)


def open_store(url: PathLike) -> LocalDiskStore | S3DataStore | ObjectStore:
    """The store at a path or URL: a folder, `s3://bucket/prefix`, `gs://...` or `az://...`.

    Credentials are those of the environment.

    >>> open_store("s3://bucket/team").address
    's3://bucket/team'
    """
    text = os.fspath(url)
    scheme, found, rest = text.partition("://")
    if not found or scheme == "file":
        return LocalDiskStore(rest if found else text)
    if scheme == "s3":
        bucket, _, prefix = rest.partition("/")
        return S3DataStore(bucket=bucket, prefix=prefix or None)
    return ObjectStore(text)


def usual_store() -> LocalDiskStore | S3DataStore | ObjectStore:
    """Where shards go when nothing else is asked for: `$ATDATA_STORE`, else the usual folder."""
    _, named = _atdata.usual_places()
    return LocalDiskStore() if named is None else open_store(named)


def is_own_store(store: Any) -> bool:
    """Whether a store is one of the engine's; others are only asked to write datasets."""
    return isinstance(store, _Store)
