"""Team storage under the names of older pages: `LocalIndex`, `S3DataStore`, `Repo`."""

from atdata._entry import REDIS_KEY_DATASET_ENTRY, LocalDatasetEntry
from atdata._index import Index, LocalIndex
from atdata._repo import Repo
from atdata._schemas import LocalSchemaRecord, SchemaField
from atdata.stores import LocalDiskStore, S3DataStore

__all__ = [
    "REDIS_KEY_DATASET_ENTRY",
    "Index",
    "LocalDatasetEntry",
    "LocalDiskStore",
    "LocalIndex",
    "LocalSchemaRecord",
    "Repo",
    "S3DataStore",
    "SchemaField",
]
