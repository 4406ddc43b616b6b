"""How shards are read, whatever their source."""

import dataclasses
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from atdata import _atdata

__all__ = ["Cache", "ReadOptions", "read_options"]


@dataclasses.dataclass(frozen=True)
class Cache:
    """A folder that keeps remote shards once they were fetched, at most `max_size` bytes of them.

    Several processes may share it; what was not used for longest goes first. Nothing is ever
    removed from a folder that was not made, or found empty, by atdata. Without a folder it is
    `~/.atdata/cache/shards` (or under `$ATDATA_HOME`).

    >>> Cache("/tmp/shards", max_size=20_000_000_000).max_size
    20000000000
    """

    folder: str | os.PathLike[str] | None = None
    max_size: int = 50_000_000_000

    @property
    def path(self) -> Path:
        """The folder."""
        if self.folder is None:
            return _atdata.home_folder() / "cache" / "shards"
        return Path(self.folder).expanduser()


@dataclasses.dataclass(frozen=True)
class ReadOptions:
    """Verifying and caching: what the engine is told with a source."""

    verify: bool = False
    cache: Cache | None = None
    checksums: Mapping[str, str] = dataclasses.field(default_factory=dict)

    @property
    def keywords(self) -> dict[str, Any]:
        """The engine's arguments."""
        cache = None if self.cache is None else (self.cache.path, self.cache.max_size)
        return {"checksums": dict(self.checksums), "verify": self.verify, "cache": cache}


def read_options(
    verify: bool, cache: Any, checksums: Mapping[str, str] | None = None
) -> ReadOptions:
    """Options as people give them: a cache may be a folder, or True for the usual one."""
    if cache is True:
        cache = Cache()
    elif cache in (None, False):
        cache = None
    elif not isinstance(cache, Cache):
        cache = Cache(cache)
    return ReadOptions(verify, cache, checksums or {})
