"""Rows of an index, as the engine and providers exchange them."""

import os
from collections.abc import Sequence
from typing import Any

__all__ = [
    "DatasetRow",
    "EntryRow",
    "FoundRow",
    "GivenSchema",
    "LabelRow",
    "PathLike",
    "RecordRow",
    "SchemaRow",
    "SchemaText",
]

PathLike = str | os.PathLike[str]
SchemaText = tuple[str, Sequence[str]]
"""A schema's document as JSON, and the fields that have a default."""

EntryRow = tuple[
    str,  # CID
    str,  # name
    str,  # schema reference
    list[str],  # URLs of the shards
    dict[str, Any] | None,  # metadata
    str | None,  # CID of the content
    int | None,  # samples
    int | None,  # bytes
]
"""An entry."""

LabelRow = tuple[str, str, str, str | None]
"""A label: name, version, CID, description."""

FoundRow = tuple[str, int, float]
"""A file in a store: URL, bytes, time of writing in seconds since 1970."""

RecordRow = tuple[str, str, str]
"""A record of the network: address, CID, JSON."""

SchemaRow = tuple[RecordRow, str]
"""A schema of the network: its record, and its document as an index would keep it, as JSON."""

GivenSchema = str | tuple[SchemaText, str]
"""The address of a schema, or a document with the version that it is to be published under."""

DatasetRow = tuple[
    RecordRow,
    EntryRow,
    dict[str, Any] | None,  # the record's metadata
    tuple[str, bool, dict[str, str], bool],  # storage, all is checked, blobs beside shards, own
]
"""A dataset of the network."""
