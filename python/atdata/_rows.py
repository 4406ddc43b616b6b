"""Rows of an index, as the engine and providers exchange them."""

import os
from collections.abc import Sequence
from typing import Any

__all__ = ["EntryRow", "FoundRow", "LabelRow", "PathLike", "SchemaText"]

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
