"""Shards as blobs of an account."""

import contextlib
import functools
import logging
import tempfile
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NoReturn

from atdata import _atdata
from atdata._blob_source import BlobSource
from atdata._errors import UnsupportedTypeError
from atdata._told import told
from atdata._write import write_samples
from atdata.stores import _Store

if TYPE_CHECKING:
    from atdata._atmosphere_client import AtmosphereClient
    from atdata._dataset import Dataset

__all__ = ["PDSBlobStore", "as_stored"]

_log = logging.getLogger("atdata")


class PDSBlobStore(_Store):
    """Shards as blobs on the server of an account that is logged in.

    A shard has at most 50 MB, or what the server takes if that is less: larger ones are cut anew.
    A server keeps a blob only while a record refers to it, so what `write_shards` has stored is to
    be published next, by `AtmosphereIndex.insert_dataset` or `DatasetPublisher.publish_with_urls`.

    Raises `NotLoggedInError` (a ValueError) when the client is not logged in, once it is used.
    """

    def __init__(self, client: "AtmosphereClient") -> None:
        self.client = client

    @functools.cached_property
    def _made(self) -> tuple[_atdata.Atmosphere, _atdata.Store]:
        engine = self.client._engine
        return engine, _atdata.Store.blobs(engine)

    @property
    def _engine(self) -> _atdata.Store:  # type: ignore[override]
        if self._made[0] is not self.client._engine:  # it has logged in as somebody since
            del self._made
        return self._made[1]

    def write_shards(
        self,
        ds: "Dataset[Any]",
        *,
        prefix: str,
        cache_local: bool = False,
        maxcount: int | None = None,
        maxsize: float | None = None,
        manifest: bool = False,
        progress: bool | Callable[[int, int], object] | None = None,
    ) -> list[str]:
        """Upload a dataset's samples as shards; gives their addresses, `at://{did}/blob/{cid}`.

        `maxcount` and `maxsize` limit a shard's samples and bytes; a larger `maxsize` than the
        server takes is cut to that, with a warning. `prefix` and `cache_local` change nothing: a
        blob's name is its content's. What an earlier attempt has uploaded of late is not uploaded
        again.

        Raises `NotLoggedInError` (a ValueError), a `RuntimeError` when the dataset has no shards.
        """
        with as_stored(ds, self, maxcount, maxsize, manifest) as staged, told(progress) as watch:
            urls = self._engine.put(staged._handle.shards, prefix, watch)
        if not urls:
            raise RuntimeError("no shards were written: the dataset has none")
        return urls

    def read_url(self, url: str, *, sign: Any = False) -> str:
        """The URL where everybody may read a blob.

        Raises `InvalidError` (a ValueError) for what is no blob's address; blobs are public, so
        that there is no `sign`.
        """
        return super().read_url(url, sign=sign)

    def create_source(self, urls: Sequence[str]) -> BlobSource:
        """The blobs of these addresses as a source of shards.

        Raises `InvalidError` (a ValueError) for what is no blob's address.
        """
        return BlobSource._of(urls, atmosphere=self.client._engine)

    @property
    def max_shard_bytes(self) -> int | None:
        """The most bytes of a shard here; the server is asked once."""
        return self._engine.max_shard_bytes()

    def __reduce__(self) -> NoReturn:
        raise UnsupportedTypeError("a PDSBlobStore is not pickled: its client holds a session")

    def __repr__(self) -> str:
        return f"PDSBlobStore({self.client!r})"


@contextlib.contextmanager
def as_stored(
    ds: "Dataset[Any]",
    store: Any,
    maxcount: int | None = None,
    maxsize: float | None = None,
    manifest: bool = False,
) -> Iterator["Dataset[Any]"]:
    """A dataset whose shards are as they are to be stored: as they are, or written anew."""
    if maxsize is not None and isinstance(store, PDSBlobStore):
        maxsize = _within(store.max_shard_bytes, maxsize)
    if maxcount is None and maxsize is None and not manifest and ds._is_whole:
        yield ds
        return
    with tempfile.TemporaryDirectory(prefix="atdata-") as folder:
        yield write_samples(
            ds.ordered(),
            f"{folder}/data.tar",
            maxcount=maxcount,
            maxsize=None if maxsize is None else int(maxsize),
            manifest=manifest,
        )


def _within(limit: int | None, maxsize: float) -> float:
    """A size that is not more than what a server takes."""
    if limit is None or maxsize <= limit:
        return maxsize
    _log.warning("maxsize=%d is more than fits: shards will have at most %d bytes", maxsize, limit)
    return limit
