"""The older way to store datasets: S3 and Redis in one object."""

import warnings
from collections.abc import Mapping
from typing import Any

from atdata._dataset import Dataset
from atdata._entry import LocalDatasetEntry
from atdata._errors import InvalidError
from atdata._index import LocalIndex
from atdata._sources import PathLike
from atdata.stores import S3DataStore

__all__ = ["Repo"]


class Repo:
    """Deprecated: an `Index` with an `S3DataStore` does the same, and more.

    `hive_path` is the bucket and, after a slash, the folder in it; `s3_credentials` a dict or the
    path of a `.env` file; `redis` the index's database, by default on localhost.
    """

    def __init__(
        self,
        s3_credentials: Mapping[str, str] | PathLike | None = None,
        hive_path: PathLike | None = None,
        redis: Any = None,
    ) -> None:
        warnings.warn(
            "Repo is deprecated: use atdata.Index(redis=..., data_store=S3DataStore(...))",
            DeprecationWarning,
            stacklevel=2,
        )
        if hive_path is None:
            raise InvalidError("Repo needs hive_path='bucket/folder'")
        self.bucket_name, _, self._prefix = str(hive_path).strip("/").partition("/")
        self.data_store = S3DataStore(s3_credentials, bucket=self.bucket_name)
        self.index = LocalIndex(redis=redis, data_store=self.data_store)

    def insert(
        self,
        ds: Dataset[Any],
        *,
        name: str,
        cache_local: bool = False,
        schema_ref: str | None = None,
        **kwargs: Any,
    ) -> tuple[LocalDatasetEntry, Dataset[Any]]:
        """Store a dataset's shards and put them under a name; gives the entry and the stored
        dataset. Options are those of `Index.insert_dataset`.
        """
        prefix = f"{self._prefix}/{name}" if self._prefix else name
        entry = self.index.insert_dataset(
            ds, name=name, prefix=prefix, schema_ref=schema_ref, cache_local=cache_local, **kwargs
        )
        return entry, Dataset._of(entry.data_urls, ds.sample_type)
