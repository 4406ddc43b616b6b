"""A dataset in an index: its name, its schema, where its shards are, and what is said of it."""

import dataclasses
from typing import Any

from atdata import _atdata
from atdata._errors import UnknownNameError, UnsupportedTypeError
from atdata._rows import EntryRow

__all__ = ["REDIS_KEY_DATASET_ENTRY", "HistoryItem", "Label", "LocalDatasetEntry"]

REDIS_KEY_DATASET_ENTRY = "LocalDatasetEntry"
"""What the Redis key of an entry begins with, before a colon and its CID."""


class LocalDatasetEntry:
    """A dataset in an index.

    Its CID is made of `schema_ref` and `data_urls` alone: the same data has the same CID, whatever
    it is called and whatever is said of it. The names of the arguments may begin with `_`.

    >>> entry = LocalDatasetEntry(
    ...     name="cats",
    ...     schema_ref="atdata://local/sampleSchema/Cat@1.0.0",
    ...     data_urls=["s3://bucket/cats-000000.tar"],
    ... )
    >>> entry.name, entry.cid[:7], entry.wds_url
    ('cats', 'bafyrei', 's3://bucket/cats-000000.tar')
    """

    def __init__(
        self,
        name: str | None = None,
        schema_ref: str | None = None,
        data_urls: list[str] | None = None,
        metadata: dict[str, Any] | None = None,
        _cid: str | None = None,
        _legacy_uuid: str | None = None,
        *,
        _name: str | None = None,
        _schema_ref: str | None = None,
        _data_urls: list[str] | None = None,
        _metadata: dict[str, Any] | None = None,
    ) -> None:
        self._name: str = _one("name", name, _name)
        self._schema_ref: str = _one("schema_ref", schema_ref, _schema_ref)
        self._data_urls: list[str] = list(_one("data_urls", data_urls, _data_urls))
        self._metadata = _metadata if metadata is None else metadata
        self._cid = _cid or _atdata.entry_cid(self._schema_ref, self._data_urls)
        self._legacy_uuid = _legacy_uuid
        self._facts: tuple[str | None, int | None, int | None] = (None, None, None)

    @classmethod
    def _of(cls, row: EntryRow) -> "LocalDatasetEntry":
        """The entry of a row of the engine."""
        cid, name, schema_ref, data_urls, metadata, content_cid, samples, size = row
        entry = cls(name, schema_ref, data_urls, metadata, _cid=cid)
        entry._facts = (content_cid, samples, size)
        return entry

    @property
    def _row(self) -> EntryRow:
        """The entry as the engine takes it."""
        return (
            self._cid,
            self._name,
            self._schema_ref,
            self._data_urls,
            self._metadata,
            *self._facts,
        )

    @property
    def name(self) -> str:
        """The name it was found by."""
        return self._name

    @property
    def schema_ref(self) -> str:
        """A reference to the schema of its samples."""
        return self._schema_ref

    @property
    def data_urls(self) -> list[str]:
        """Where its shards are: paths, URLs, or brace patterns."""
        return self._data_urls

    @property
    def metadata(self) -> dict[str, Any] | None:
        """What is said of it, or None: `description`, `tags` and `license` under those keys, and
        the shards' SHA-256 in hex under `checksums`, by URL.
        """
        return self._metadata

    @property
    def cid(self) -> str:
        """The content identifier of `schema_ref` and `data_urls`."""
        return self._cid

    @property
    def content_cid(self) -> str | None:
        """The identifier of the schema's fields and the shards' hashes, wherever those are stored;
        None where the hashes are not known.
        """
        return self._facts[0]

    @property
    def num_samples(self) -> int | None:
        """How many samples there are, where that is known without reading."""
        return self._facts[1]

    @property
    def num_bytes(self) -> int | None:
        """The size of all shards in bytes, where that is known without looking."""
        return self._facts[2]

    @property
    def checksums(self) -> dict[str, str]:
        """The SHA-256 in hex that shards had when they were written, by URL."""
        found = (self._metadata or {}).get("checksums")
        return dict(found) if isinstance(found, dict) else {}

    @property
    def wds_url(self) -> str:
        """The first of `data_urls`; an older name."""
        return self._data_urls[0] if self._data_urls else ""

    @property
    def sample_kind(self) -> str:
        """The same as `schema_ref`; an older name."""
        return self._schema_ref

    def write_to(self, redis: Any) -> None:
        """Put the entry into the database of a `redis.Redis` or `RedisCluster`."""
        from atdata.providers import RedisProvider

        RedisProvider.of(redis)._engine.put([self._row], [])

    @classmethod
    def from_redis(cls, redis: Any, cid: str) -> "LocalDatasetEntry":
        """The entry of a CID in the database of a `redis.Redis` or `RedisCluster`.

        Raises `UnknownNameError` (a KeyError) when there is none.
        """
        from atdata.providers import RedisProvider

        row = RedisProvider.of(redis)._engine.entry(cid)
        if row is None:
            raise UnknownNameError(f"no entry has the CID {cid}")
        return cls._of(row)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, LocalDatasetEntry):
            return NotImplemented
        mine = (self._name, self._cid, self._data_urls, self._metadata)
        return mine == (other._name, other._cid, other._data_urls, other._metadata)

    def __hash__(self) -> int:
        return hash((self._name, self._cid))

    def __repr__(self) -> str:
        return (
            f"LocalDatasetEntry(name={self._name!r}, schema_ref={self._schema_ref!r}, "
            f"shards={len(self._data_urls)}, cid={self._cid!r})"
        )


def _one(name: str, plain: Any, underscored: Any) -> Any:
    """An argument that has two spellings."""
    found = underscored if plain is None else plain
    if found is None:
        raise UnsupportedTypeError(f"LocalDatasetEntry needs {name}=")
    return found


@dataclasses.dataclass(frozen=True)
class HistoryItem:
    """What a name pointed to: the entry's CID, and since when (UTC, or "" where nobody knows)."""

    cid: str
    at: str


@dataclasses.dataclass(frozen=True)
class Label:
    """A version of a dataset: `name@version` means the entry with this CID."""

    name: str
    version: str
    cid: str
    description: str | None = None
