"""What all conversions into shards share: options, types that were found, the call."""

import json
import os
from typing import Any, TypedDict

from atdata import _atdata
from atdata._dataset import Dataset
from atdata._dict_sample import DictSample
from atdata._errors import AtdataError
from atdata._schemas import schema_text, type_of
from atdata._sources import PathLike, URLSource
from atdata._told import PartProgress, Progress, told_of_all

__all__ = ["Limits", "Options", "convert", "dataset_of", "schema_of"]


class Limits(TypedDict, total=False):
    """How shards are made."""

    maxcount: int | None
    maxsize: int | None
    overwrite: bool


class Options(Limits, total=False):
    """How shards are made of files."""

    split: str | None
    progress: bool | Progress | None


def convert(
    source: PathLike,
    target: PathLike,
    kind: str,
    sample_type: type[Any] | None,
    *,
    progress: bool | Progress | PartProgress | None = None,
    **options: Any,
) -> Dataset[Any]:
    """Shards of what is at a path."""
    schema = schema_of(sample_type)
    with told_of_all(progress, "bytes") as watch:
        made = _atdata.convert(
            os.fspath(source), os.fspath(target), kind, schema=schema, progress=watch, **options
        )
    return dataset_of(made, sample_type)


def dataset_of(made: _atdata.Converted, sample_type: type[Any] | None) -> Dataset[Any]:
    """The only split of what was made."""
    [(_, written)] = made.splits
    return Dataset._of(URLSource(written.paths), sample_type or _found_type(made.schema))


def schema_of(sample_type: type[Any] | None) -> str | None:
    """The schema that samples are held against; none for a type of any fields."""
    known = sample_type is not None and sample_type is not DictSample
    return schema_text(sample_type)[0] if sample_type is not None and known else None


def _found_type(schema: str) -> type[Any]:
    """A class of the fields that were found, if one can have their names."""
    try:
        return type_of(json.loads(schema))
    except AtdataError:
        return DictSample
