"""Loaders of single records, under the names of older pages."""

from typing import TYPE_CHECKING, Any, TypeVar

from atdata._atmosphere_entry import AtmosphereIndexEntry
from atdata._atmosphere_uri import AtRecord, AtUri
from atdata._dataset import Dataset
from atdata._errors import InvalidError

if TYPE_CHECKING:
    from atdata._atmosphere_client import AtmosphereClient

__all__ = ["DatasetLoader", "SchemaLoader"]

ST = TypeVar("ST")
Uri = str | AtUri
Listed = list[AtRecord]
Urls = list[str]
Refs = list[dict[str, Any]]


class SchemaLoader:
    """Finds records of schemas."""

    def __init__(self, client: "AtmosphereClient") -> None:
        self.client = client

    def get(self, uri: Uri) -> AtRecord:
        """The record of a schema, as it is.

        Raises `RecordNotFoundError`, `InvalidError` (a ValueError) for another kind of record.
        """
        return AtRecord._of(self.client._engine.schema(str(uri))[0])

    def list_all(self, repo: str | None = None, limit: int | None = 100) -> Listed:
        """The records of schemas of a handle or DID, by default one's own; None: all."""
        return self.client.list_schemas(repo, limit)

    def list(self, repo: str | None = None, limit: int | None = 100) -> Listed:
        """The same as `list_all`."""
        return self.list_all(repo, limit)


class DatasetLoader:
    """Finds records of datasets, and loads what they name."""

    def __init__(self, client: "AtmosphereClient") -> None:
        self.client = client

    def _entry(self, uri: Uri) -> AtmosphereIndexEntry:
        return AtmosphereIndexEntry._of(self.client._engine.dataset(str(uri)))

    def get(self, uri: Uri) -> AtRecord:
        """The record of a dataset, as it is.

        Raises `RecordNotFoundError`, `InvalidError` (a ValueError) for another kind of record.
        """
        return AtRecord._of(self._entry(uri)._row[0])

    def list_all(self, repo: str | None = None, limit: int | None = 100) -> Listed:
        """The records of datasets of a handle or DID, by default one's own; None: all."""
        return self.client.list_datasets(repo, limit)

    def list(self, repo: str | None = None, limit: int | None = 100) -> Listed:
        """The same as `list_all`."""
        return self.list_all(repo, limit)

    def get_storage_type(self, uri: Uri) -> str:
        """`external` for shards at URLs, `blobs` for those on the publisher's server."""
        return self._entry(uri).storage_type

    def get_urls(self, uri: Uri) -> Urls:
        """The URLs of a dataset's shards.

        Raises `InvalidError` (a ValueError) for one whose shards are blobs.
        """
        return self._of_type(uri, "external", "get_blob_urls").data_urls

    def get_blobs(self, uri: Uri) -> Refs:
        """The references to a dataset's blobs: `$type`, `ref`, `mimeType`, `size`.

        Raises `InvalidError` (a ValueError) for one whose shards are at URLs.
        """
        blobs = self._of_type(uri, "blobs", "get_urls").record["storage"]["blobs"]
        return [blob.get("blob", blob) for blob in blobs]

    def get_blob_urls(self, uri: Uri) -> Urls:
        """The URLs where everybody may read a dataset's blobs, on its publisher's server.

        Raises `InvalidError` (a ValueError) for one whose shards are at URLs.
        """
        entry = self._of_type(uri, "blobs", "get_urls")
        did = AtUri.parse(entry.uri).authority
        cids = [url.rpartition("/")[2] for url in entry.data_urls]
        return [self.client.get_blob_url(did, cid) for cid in cids]

    def _of_type(self, uri: Uri, storage_type: str, other: str) -> AtmosphereIndexEntry:
        entry = self._entry(uri)
        if entry.storage_type != storage_type:
            found = entry.storage_type
            raise InvalidError(f"{uri}: its storage is {found}, not {storage_type}: use {other}()")
        return entry

    def get_metadata(self, uri: Uri) -> dict[str, Any] | None:
        """What the record holds as metadata, or None."""
        found: dict[str, Any] | None = self._entry(uri)._row[2]
        return found

    def to_dataset(self, uri: Uri, sample_type: type[ST]) -> Dataset[ST]:
        """The dataset of a record, wherever its shards are.

        Blobs are always checked against their CIDs, other shards against the checksums that the
        record has. Raises `InvalidError` (a ValueError) for a record without shards.
        """
        entry = self._entry(uri)
        if not entry.data_urls:
            raise InvalidError(f"{uri}: the record names no shards")
        source = entry._source(entry.data_urls, self.client._engine)
        return Dataset._of(source, sample_type, **entry._reading(False))
