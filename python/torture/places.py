"""Where indexes and shards are: the backends, as every process of a run opens them."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from servers import Server

import atdata

BUCKET = "torture"


class Place(NamedTuple):
    """An index and its store; `files` is the folder that the shards are in, seen from outside."""

    name: str
    index: str
    store: str
    endpoint: str | None
    files: str
    access_key: str = "minioadmin"

    def open(self) -> Any:
        """The index, with connections of its own."""
        return atdata.Index(provider=self.index, data_store=self._store())

    def _store(self) -> Any:
        if self.endpoint is None:
            return atdata.LocalDiskStore(self.store)
        keys = {"AWS_ACCESS_KEY_ID": self.access_key, "AWS_SECRET_ACCESS_KEY": "minioadmin"}
        return atdata.S3DataStore(keys, bucket=BUCKET, prefix="data", endpoint_url=self.endpoint)

    def file_of(self, url: str) -> Path:
        """The file behind a shard's URL."""
        return Path(self.files) / url.removeprefix(self.store).lstrip("/")

    def all_files(self) -> Iterator[Path]:
        """Every file in the store, as the operating system lists them."""
        for folder, _, names in os.walk(self.files):
            # The S3 server's own notes begin with a dot; on disk those are ours, left unfinished.
            yield from (
                Path(folder, name) for name in names if self.endpoint is None or name[0] != "."
            )


@contextlib.contextmanager
def place(index: str, store: str, folder: Path, server: Server | None = None) -> Iterator[Place]:
    """A fresh index (`sqlite`, or what `server` is) over a fresh store (`disk` or `s3`)."""
    where = server.url if server else f"sqlite://{folder}/index.db"
    name = f"{store} + {index}"
    if store == "disk":
        root = str(folder / "data")
        yield Place(name, where, root, None, root)
        return
    with Server("s3", "--bucket", BUCKET) as s3:
        files = Path(s3.about["folder"]) / "data" / BUCKET / "data"
        yield Place(name, where, f"s3://{BUCKET}/data", s3.url, str(files))
