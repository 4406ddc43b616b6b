"""Publishers of single records, under the names of older pages."""

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from atdata._atmosphere_publish import publish_urls, said, wanted_schema
from atdata._atmosphere_uri import AtUri
from atdata._errors import InvalidError
from atdata._rows import DatasetRow

if TYPE_CHECKING:
    from atdata._atmosphere_client import AtmosphereClient
    from atdata._dataset import Dataset

__all__ = ["DatasetPublisher", "SchemaPublisher"]


class SchemaPublisher:
    """Publishes sample types' schemas."""

    def __init__(self, client: "AtmosphereClient") -> None:
        self.client = client

    def publish(
        self,
        sample_type: type,
        *,
        name: str | None = None,
        version: str = "1.0.0",
        description: str | None = None,
        metadata: Mapping[str, Any] | None = None,
        rkey: str | None = None,
    ) -> AtUri:
        """Publish a schema, unless one of that name, version and fields is there.

        Gives the address of its record.

        Raises `NotLoggedInError` (a ValueError), `UnsupportedTypeError` (a TypeError) for a field
        that cannot be stored.
        """
        uri = self.client.publish_schema(
            sample_type,
            version=version,
            name=name,
            description=description,
            metadata=metadata,
            rkey=rkey,
        )
        return AtUri.parse(uri)


class DatasetPublisher:
    """Publishes records of datasets."""

    def __init__(self, client: "AtmosphereClient") -> None:
        self.client = client

    def publish(
        self,
        dataset: "Dataset[Any]",
        *,
        name: str,
        schema_uri: str | AtUri | None = None,
        description: str | None = None,
        tags: Sequence[str] | None = None,
        license: str | None = None,
        auto_publish_schema: bool = True,
        schema_version: str = "1.0.0",
        rkey: str | None = None,
    ) -> AtUri:
        """Publish a dataset, its shards where they are; gives the record's address.

        Without `schema_uri` the sample type's schema is published, unless `auto_publish_schema` is
        off: then that is an `InvalidError` (a ValueError).
        """
        if schema_uri is None and not auto_publish_schema:
            raise InvalidError("give schema_uri=, or leave auto_publish_schema on")
        about = said(description=description, tags=tags, license=license, metadata=dataset.metadata)
        schema = wanted_schema(dataset.sample_type, schema_uri, schema_version)
        engine = self.client._engine
        return _uri(publish_urls(engine, dataset, name, schema, about, rkey, False))

    def publish_with_urls(
        self,
        urls: Sequence[str],
        schema_uri: str | AtUri,
        *,
        name: str,
        description: str | None = None,
        tags: Sequence[str] | None = None,
        license: str | None = None,
        metadata: Mapping[str, Any] | None = None,
        rkey: str | None = None,
    ) -> AtUri:
        """Publish shards at these URLs, which may be brace patterns; gives the record's address.

        Blobs of the account (`at://{did}/blob/{cid}`) are referred to as such, so that its server
        keeps them. Raises `InvalidError` (a ValueError) for no URLs.
        """
        if isinstance(urls, str) or not urls:
            raise InvalidError("urls= is a list of one URL or more")
        about = said(description=description, tags=tags, license=license, metadata=metadata)
        engine = self.client._engine
        return _uri(
            engine.publish_urls(list(urls), name, str(schema_uri), about, rkey, False),
        )

    def publish_with_blobs(
        self,
        blobs: Sequence[bytes],
        schema_uri: str | AtUri,
        *,
        name: str,
        description: str | None = None,
        tags: Sequence[str] | None = None,
        license: str | None = None,
        metadata: Mapping[str, Any] | None = None,
        mime_type: str = "application/x-tar",
        rkey: str | None = None,
    ) -> AtUri:
        """Upload shards, each as bytes, and publish them; gives the record's address.

        Raises `InvalidError` (a ValueError) for no blobs, `DataError` (a ValueError) for one that
        is larger than the server takes.
        """
        if not blobs:
            raise InvalidError("blobs= is a list of one shard or more, each as bytes")
        about = said(description=description, tags=tags, license=license, metadata=metadata)
        refs = [json.dumps(self.client.upload_blob(blob, mime_type)) for blob in blobs]
        engine = self.client._engine
        return _uri(engine.publish_blobs(refs, name, str(schema_uri), about, rkey))


def _uri(row: DatasetRow) -> AtUri:
    return AtUri.parse(row[0][0])
