"""Datasets on the AT Protocol: published under one's own identity, found and loaded by others.

`Atmosphere` (also `AtmosphereClient`, `Client`) is an account. `AtmosphereIndex` publishes and
finds datasets; `PDSBlobStore` keeps shards as blobs on the account's own server. Publishers and
loaders handle single records.

>>> uri = AtUri.parse("at://alice.bsky.social/ac.foundation.dataset.record/my-dataset")
>>> uri.authority, uri.rkey
('alice.bsky.social', 'my-dataset')
"""

from atdata._atmosphere_client import AtmosphereClient
from atdata._atmosphere_entry import AtmosphereIndexEntry
from atdata._atmosphere_index import AtmosphereIndex
from atdata._atmosphere_lenses import LensLoader, LensPublisher
from atdata._atmosphere_loaders import DatasetLoader, SchemaLoader
from atdata._atmosphere_publishers import DatasetPublisher, SchemaPublisher
from atdata._atmosphere_schemas import AtmosphereSchemaRecord
from atdata._atmosphere_store import PDSBlobStore
from atdata._atmosphere_uri import AtRecord, AtUri
from atdata._blob_source import BlobSource

__all__ = [
    "AtRecord",
    "AtUri",
    "Atmosphere",
    "AtmosphereClient",
    "AtmosphereIndex",
    "AtmosphereIndexEntry",
    "AtmosphereSchemaRecord",
    "BlobSource",
    "Client",
    "DatasetLoader",
    "DatasetPublisher",
    "LensLoader",
    "LensPublisher",
    "PDSBlobStore",
    "SchemaLoader",
    "SchemaPublisher",
]

Atmosphere = Client = AtmosphereClient
