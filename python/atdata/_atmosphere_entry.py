"""A dataset on the network: its record, and what an index says of one."""

from collections.abc import Mapping, Sequence
from typing import Any

from atdata import _atdata
from atdata._atmosphere_uri import AtRecord, AtUri, json_of
from atdata._blob_source import BlobSource, PublishedSource
from atdata._rows import DatasetRow

__all__ = ["AtmosphereIndexEntry"]


class AtmosphereIndexEntry:
    """A dataset that somebody has published, made of its record's address and the record.

    >>> record = {
    ...     "$type": "ac.foundation.dataset.record",
    ...     "name": "cats",
    ...     "schemaRef": "at://did:plc:abc123/ac.foundation.dataset.sampleSchema/xyz",
    ...     "storage": {
    ...         "$type": "ac.foundation.dataset.storageExternal",
    ...         "urls": ["https://example.com/cats-{00..09}.tar"],
    ...     },
    ... }
    >>> entry = AtmosphereIndexEntry("at://did:plc:abc123/ac.foundation.dataset.record/1", record)
    >>> entry.name, entry.data_urls, entry.storage_type
    ('cats', ['https://example.com/cats-{00..09}.tar'], 'external')
    """

    def __init__(self, uri: str | AtUri, record: Mapping[str, Any]) -> None:
        self._uri, self._record = str(uri), dict(record)
        self._found: DatasetRow | None = None

    @classmethod
    def _of(cls, row: DatasetRow) -> "AtmosphereIndexEntry":
        record = AtRecord._of(row[0])
        made = cls(record.uri, record)
        made._found = row
        return made

    @property
    def _row(self) -> DatasetRow:
        """What the engine makes of the record."""
        if self._found is None:
            self._found = _atdata.dataset_row(self._uri, json_of(self._record))
        return self._found

    @property
    def uri(self) -> str:
        """The address of the record."""
        return self._uri

    @property
    def record(self) -> dict[str, Any]:
        """The record as it is."""
        return self._record

    @property
    def cid(self) -> str:
        """The CID of the record."""
        return self._row[0][1]

    @property
    def name(self) -> str:
        """What it is called."""
        return self._row[1][1]

    @property
    def schema_ref(self) -> str:
        """The address of the record of its samples' schema."""
        return self._row[1][2]

    @property
    def schema_cid(self) -> str | None:
        """The CID that the schema's record had when this was published, if the record says it."""
        found = self._record.get("schemaCid")
        return found if isinstance(found, str) else None

    @property
    def data_urls(self) -> list[str]:
        """Where its shards are: URLs, which may be brace patterns, or `at://{did}/blob/{cid}`."""
        return self._row[1][3]

    @property
    def metadata(self) -> dict[str, Any] | None:
        """What is said of it, or None: `description`, `tags` and `license` under those keys, and
        the shards' SHA-256 in hex under `checksums`, by URL.
        """
        return self._row[1][4]

    @property
    def content_cid(self) -> str | None:
        """The identifier of the fields and the shards' hashes, wherever those are stored."""
        return self._row[1][5]

    @property
    def num_samples(self) -> int | None:
        """How many samples there are, where the record says it."""
        return self._row[1][6]

    @property
    def num_bytes(self) -> int | None:
        """The size of all shards in bytes, where the record says it."""
        return self._row[1][7]

    @property
    def checksums(self) -> dict[str, str]:
        """The SHA-256 in hex of shards, by URL, as far as the record says them."""
        return dict((self.metadata or {}).get("checksums") or {})

    @property
    def storage_type(self) -> str:
        """`external` for shards at URLs, `blobs` for those on the publisher's server."""
        return self._row[3][0]

    def _source(
        self, urls: list[str], engine: _atdata.Atmosphere, mirrors: Sequence[str] = ()
    ) -> PublishedSource:
        """Some of its shards, as they are read."""
        storage, _, beside, own = self._row[3]
        how: dict[str, Any] = {"untrusted": not own, "mirrors": list(mirrors)}
        if mirrors:
            how["checksums"] = self.checksums
        if storage != "blobs":
            return PublishedSource(urls, atmosphere=engine, **how)
        return BlobSource._of(urls, atmosphere=engine, beside=beside, **how)

    def _reading(self, verify: bool, mirrors: Sequence[str] = ()) -> dict[str, Any]:
        """How its shards are checked: always where that is possible."""
        storage, all_known, _, _ = self._row[3]
        if storage == "blobs" or mirrors:
            return {"verify": False}  # a blob's name is its checksum; what mirrors have is checked
        return {"verify": verify or all_known, "checksums": self.checksums}

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, AtmosphereIndexEntry):
            return NotImplemented
        return (self._uri, self._record) == (other._uri, other._record)

    def __hash__(self) -> int:
        return hash(self._uri)

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_found": None}

    def __repr__(self) -> str:
        return f"AtmosphereIndexEntry(name={self.name!r}, uri={self._uri!r})"
