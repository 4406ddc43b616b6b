"""The index of datasets, and what it gives back."""

from atdata._default_index import get_default_index, set_default_index
from atdata._entry import HistoryItem, Label, LocalDatasetEntry
from atdata._index import Index, LocalIndex, Repository
from atdata._index_house import Garbage, Imported, ShardVerdict, Verification
from atdata._schemas import LocalSchemaRecord, SchemaField

__all__ = [
    "Garbage",
    "HistoryItem",
    "Imported",
    "Index",
    "Label",
    "LocalDatasetEntry",
    "LocalIndex",
    "LocalSchemaRecord",
    "Repository",
    "SchemaField",
    "ShardVerdict",
    "Verification",
    "get_default_index",
    "set_default_index",
]
