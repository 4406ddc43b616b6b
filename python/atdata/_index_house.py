"""What keeps an index in order."""

import dataclasses
import datetime
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from atdata import _atdata
from atdata._entry import HistoryItem, Label, LocalDatasetEntry
from atdata._errors import InvalidError
from atdata._told import told_of_bytes

__all__ = ["Garbage", "House", "Imported", "ShardVerdict", "Verification"]

DAY = datetime.timedelta(days=1)


@dataclasses.dataclass(frozen=True)
class ShardVerdict:
    """What hashing a shard again has shown: `state` is "right", "wrong", or "unknown" where nobody
    kept a checksum; `problem` says what is wrong.
    """

    url: str
    sha256: str | None
    bytes: int
    state: str
    problem: str | None


@dataclasses.dataclass(frozen=True)
class Verification:
    """What hashing all shards of a dataset again has shown; true unless one is wrong."""

    shards: list[ShardVerdict]

    @property
    def problems(self) -> list[str]:
        """What is wrong, a line a shard."""
        return [shard.problem or "" for shard in self.shards if shard.state == "wrong"]

    @property
    def ok(self) -> bool:
        """Whether no shard is wrong."""
        return not self.problems

    def __bool__(self) -> bool:
        return self.ok


@dataclasses.dataclass(frozen=True)
class Garbage:
    """What lies in a store and no entry names: URL, bytes and time of writing; `removed` says
    whether it is gone now.

    An unfinished upload has the URL that its shard would have with `?uploadId=` and its id behind,
    and 0 bytes, because S3 does not tell its size. `unseen` says why such uploads were not looked
    for, where the server or the credentials do not allow it.
    """

    found: list[tuple[str, int, float]]
    removed: bool
    unseen: str | None = None

    @property
    def urls(self) -> list[str]:
        """Where it is."""
        return [url for url, _, _ in self.found]

    @property
    def uploads(self) -> list[str]:
        """Those of the URLs that are unfinished uploads."""
        return [url for url in self.urls if "?uploadId=" in url.rpartition("/")[2]]

    @property
    def num_bytes(self) -> int:
        """The size of it in bytes, without unfinished uploads."""
        return sum(size for _, size, _ in self.found)


@dataclasses.dataclass(frozen=True)
class Imported:
    """What importing an index came to; `kept` are names that point to other entries here."""

    entries: int
    documents: int
    labels: int
    kept: list[str]


class House:
    """The part of an `Index` that keeps order."""

    _engine: _atdata.Index
    _store: Any

    def history(self, name: str) -> list[HistoryItem]:
        """What a name has pointed to and since when, the newest first.

        Raises `UnknownNameError` (a KeyError).
        """
        return [HistoryItem(cid, at) for cid, at in self._engine.history(name)]

    def label(
        self, name: str, *, version: str, cid: str | None = None, description: str | None = None
    ) -> Label:
        """Name a version of a dataset: `name@version` then means the entry of this CID, or, without
        one, what the name points to now.

        Raises `ConflictError` (a ValueError) when that version points to another entry.
        """
        if cid is None:
            cid = self._engine.named(name)[0]
        label = self._engine.label(cid, name, version, description)
        return Label(label[0], label[1], label[2], label[3])

    def labels(self, cid: str) -> list[Label]:
        """The names and versions that point to an entry."""
        return [Label(*row) for row in self._engine.labels(cid)]

    def delete(self, ref: str) -> list[LocalDatasetEntry]:
        """Remove a name with its versions and history, `name@version`, or the entry of a CID.

        Gives the entries that are gone since nothing names them any more. Shards stay until `gc`.
        Raises `UnknownNameError` (a KeyError).
        """
        return [LocalDatasetEntry._of(row) for row in self._engine.delete(ref)]

    def verify(
        self, ref: str, *, progress: bool | Callable[[int, int], object] | None = None
    ) -> Verification:
        """Read and hash every shard of a dataset again, and compare with the checksums that were
        kept when they were written. `progress=True` shows a bar or a line of text; a function is
        told the shard's number and its bytes so far.
        """
        with told_of_bytes(progress) as watch:
            rows = self._engine.verify(ref, watch)
        return Verification([ShardVerdict(*row) for row in rows])

    def gc(self, *, grace: datetime.timedelta | float = DAY, remove: bool = False) -> Garbage:
        """What lies in the store, is older than `grace` (seconds or a timedelta), and no entry of
        this index names: shards, what lies beside them, and what a crash left unfinished, uploads
        to S3 included.

        It is only shown unless `remove=True`. Give no store to several indexes when you remove.
        """
        if self._store is None:
            raise InvalidError("this index has no data_store, so there is nothing to look through")
        seconds = grace.total_seconds() if isinstance(grace, datetime.timedelta) else float(grace)
        found, _, unseen = self._engine.garbage(seconds)
        if remove:
            found = self._engine.remove_garbage(found)
        return Garbage(found, remove, unseen)

    def search(
        self,
        text: str = "",
        *,
        tags: Sequence[str] = (),
        schema: str | None = None,
        license: str | None = None,
        limit: int = 100,
    ) -> list[LocalDatasetEntry]:
        """The datasets that fit all of it, in the order of their names.

        Every word of the text must begin a word of the name, the description or a tag; tags, the
        schema's name and the licence must be the same.
        """
        given = [tags] if isinstance(tags, str) else list(tags)
        rows = self._engine.search(text, given, schema, license, limit)
        return [LocalDatasetEntry._of(row) for row in rows]

    def export(self, path: str | Path) -> None:
        """Write all schemas, lenses, entries and labels into one file of JSON lines."""
        self._engine.export(Path(path))

    def import_(self, path: str | Path, *, replace: bool = False) -> Imported:
        """Put what such a file holds into this index.

        A name that points to another entry here is left as it is, unless `replace=True`.
        """
        return Imported(*self._engine.import_(Path(path), replace))
