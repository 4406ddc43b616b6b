"""Samples as a data set of Hugging Face's `datasets`."""

import atexit
import importlib
import os
import shutil
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from atdata._decoding import encodings_of
from atdata._errors import NotSupportedError
from atdata._sources import PathLike

__all__ = ["library", "to_hf"]


def to_hf(samples: Any, path: PathLike | None, watch: Callable[..., object] | None) -> Any:
    """The samples as a `datasets.Dataset` over an Arrow file."""
    pyarrow, datasets = library("pyarrow"), library("datasets")
    goal = _temporary() if path is None else Path(path)
    part = goal.with_name(f".{goal.name}.part")
    reader = pyarrow.RecordBatchReader.from_stream(samples)
    schema = _with_features(datasets, reader.schema, encodings_of(samples.sample_type))
    rows = 0
    try:
        with pyarrow.ipc.new_stream(str(part), schema) as writer:
            for batch in reader:
                columns = [
                    _cast(pyarrow, column, field.type)
                    for column, field in zip(batch.columns, schema, strict=True)
                ]
                writer.write_batch(pyarrow.record_batch(columns, schema=schema))
                rows += len(batch)
                if watch is not None:
                    watch(rows, None)
        part.replace(goal)
    finally:
        part.unlink(missing_ok=True)
    return datasets.Dataset.from_file(str(goal))


def _with_features(datasets: Any, schema: Any, encodings: Mapping[str, str | None]) -> Any:
    """The schema as `datasets` has it: matrices and files as its own types, our notes beside."""
    features = datasets.Features.from_arrow_schema(schema)
    # To decode recordings takes torchcodec, without which no row could be looked at.
    of_files = {"image": datasets.Image(), "audio": datasets.Audio(decode=False)}
    for field in schema:
        encoding = encodings.get(field.name)
        if encoding in of_files:
            features[field.name] = of_files[encoding]
            continue
        shape, leaf = _shape(field.type)
        if 2 <= len(shape) <= 5:
            array = getattr(datasets, f"Array{len(shape)}D")
            dtype = str(leaf.to_pandas_dtype().__name__)
            features[field.name] = array(shape, dtype)
    found = features.arrow_schema
    fields = [own.with_metadata(field.metadata) for own, field in zip(found, schema, strict=True)]
    return library("pyarrow").schema(fields, metadata=found.metadata)


def _shape(found: Any) -> tuple[tuple[int, ...], Any]:
    """The sizes of lists of a fixed size in each other, and what is in the innermost."""
    types = library("pyarrow").types
    shape = []
    while types.is_fixed_size_list(found):
        shape.append(found.list_size)
        found = found.value_type
    plain = types.is_integer(found) or types.is_floating(found) or types.is_boolean(found)
    return (tuple(shape) if plain else ()), found


def _cast(pyarrow: Any, column: Any, wanted: Any) -> Any:
    if isinstance(wanted, pyarrow.ExtensionType):
        return wanted.wrap_array(column.cast(wanted.storage_type))
    if pyarrow.types.is_struct(wanted) and not pyarrow.types.is_struct(column.type):
        return _files(pyarrow, column)
    return column.cast(wanted)


def _files(pyarrow: Any, column: Any) -> Any:
    """Files as `datasets` has them: their bytes, and no path."""
    files = [column.cast(pyarrow.binary()), pyarrow.nulls(len(column), pyarrow.string())]
    return pyarrow.StructArray.from_arrays(files, ["bytes", "path"], mask=column.is_null())


def _temporary() -> Path:
    """A file that is there as long as this process."""
    folder, owner = tempfile.mkdtemp(prefix="atdata-hf-"), os.getpid()

    def remove() -> None:
        if os.getpid() == owner:  # a fork is not the one who made it
            shutil.rmtree(folder, ignore_errors=True)

    atexit.register(remove)
    return Path(folder, "samples.arrow")


def library(name: str) -> Any:
    """A package that only this needs."""
    try:
        return importlib.import_module(name)
    except ImportError as error:
        message = f"this needs the package {name}: pip install {name}"
        raise NotSupportedError(message) from error
