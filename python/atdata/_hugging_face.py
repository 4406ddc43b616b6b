"""Data sets of Hugging Face's `datasets` as shards."""

import functools
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar, Unpack, overload

from atdata import _atdata
from atdata._convert_shared import Limits, convert, dataset_of, schema_of
from atdata._dataset import Dataset
from atdata._errors import AtdataError, InvalidError, SplitNotFoundError
from atdata._records import RecordOptions, convert_records
from atdata._sources import PathLike
from atdata._to_hugging_face import library
from atdata._told import PartProgress, told_of_all

__all__ = ["SplitOptions", "from_hf"]

ST = TypeVar("ST")
BATCH_BYTES, BATCH_ROWS, UNKNOWN_ROWS = 4 << 20, 1000, 16


class SplitOptions(RecordOptions, total=False):
    """How shards are made of one split."""

    split: str | None


@overload
def from_hf(
    source: Any, target: PathLike, *, sample_type: type[ST], **options: Unpack[SplitOptions]
) -> Dataset[ST]: ...
@overload
def from_hf(
    source: Any, target: PathLike, *, sample_type: None = None, **options: Unpack[SplitOptions]
) -> Dataset[Any]: ...
def from_hf(
    source: Any,
    target: PathLike,
    *,
    sample_type: type[Any] | None = None,
    split: str | None = None,
    progress: bool | PartProgress | None = None,
    **limits: Unpack[Limits],
) -> Dataset[Any]:
    """Make shards of a data set of Hugging Face's `datasets`, and give the dataset of them.

    `source` is a `Dataset`, an `IterableDataset`, a dict of them (of which `split` takes one), or
    the path of a folder that `save_to_disk` wrote, for which the package is not needed. The other
    arguments are as in `from_records`, but that for a folder the progress is told in bytes.

    Its features tell the types: `ClassLabel` is an int (the description of the type says what the
    numbers stand for); `Image`, `Audio` and the like are their bytes, as they are, never decoded
    (and the field is an `atdata.Image` or `atdata.Audio`); a list of numbers without None, and
    `Array2D` to `Array5D`, are arrays; other lists are lists, and dicts and translations dicts. A
    field is optional where a value is None. An `IterableDataset` without features is gone through
    as in `from_records`. What is not a folder is first kept as an Arrow file (in `$TMPDIR`).

    Raises `DataError` (a ValueError), naming row and column, for what does not fit the type;
    `InvalidError` for a dict without `split`; `SplitNotFoundError`.

    >>> import atdata, datasets, tempfile
    >>> cats = datasets.Dataset.from_dict({"name": ["Tom", "Felix"], "lives": [9, None]})
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     atdata.from_hf(cats, f"{folder}/cats.tar")[1]
    Cats(name='Felix', lives=None)
    """
    if isinstance(source, str | os.PathLike):
        return convert(
            source, target, "arrow", sample_type, split=split, progress=progress, **limits
        )
    found = _one(source, split)
    place = f"the {type(found).__name__}"
    if found.features is None:
        return convert_records(found, target, sample_type, place, progress=progress, **limits)
    with (
        tempfile.TemporaryDirectory() as folder,
        told_of_all(progress, "samples") as watch,
    ):
        path = os.path.join(folder, "rows.arrows")
        second = _keep(found, path, watch)
        try:
            made = _atdata.convert(
                path,
                os.fspath(target),
                "arrow",
                schema=schema_of(sample_type),
                progress=second,
                **limits,
            )
        except AtdataError as error:  # it is not the temporary file that is wrong
            error.args = (str(error).replace(path, place),)
            raise
    return dataset_of(made, sample_type)


def _one(source: Any, split: str | None) -> Any:
    """The data set of a split."""
    if not isinstance(source, Mapping):
        if not hasattr(source, "features") or not hasattr(source, "with_format"):
            message = f"a data set of `datasets` or a path is wanted, not a {type(source).__name__}"
            raise InvalidError(message)
        return source
    names = [str(name) for name in source]
    if split is None and len(names) != 1:
        raise InvalidError(f"there are the splits {' and '.join(names)}; say which with split=")
    if split is not None and split not in names:
        raise SplitNotFoundError(f"there is no split {split}; there are {', '.join(names)}")
    return source[split or names[0]]


def _keep(found: Any, path: str, watch: Callable[..., object] | None) -> Callable[..., object]:
    """Write all rows into an Arrow file; gives what is told how far that has been read."""
    pyarrow, datasets = library("pyarrow"), library("datasets")
    total = len(found) if hasattr(found, "__len__") else None
    rows, writer = 0, None
    try:
        for table in _batches(pyarrow, found):
            embedded = _embedded(pyarrow, datasets, table)
            writer = writer or pyarrow.ipc.new_stream(path, embedded.schema)
            writer.write_table(embedded)
            rows += len(table)
            if watch is not None:
                watch(rows, total and total * 2)
        writer = writer or pyarrow.ipc.new_stream(path, found.features.arrow_schema)
    finally:
        if writer is not None:
            writer.close()
    return functools.partial(_told_in_rows, watch, rows)


def _embedded(pyarrow: Any, datasets: Any, table: Any) -> Any:
    """The table with the bytes of files that it only has the paths of, and the notes it had."""
    found = datasets.table.embed_table_storage(table)
    pairs = zip(found.schema, table.schema, strict=True)
    fields = [own.with_metadata(before.metadata) for own, before in pairs]
    schema = pyarrow.schema(fields, metadata=found.schema.metadata)
    return pyarrow.Table.from_arrays(found.columns, schema=schema)


def _told_in_rows(
    watch: Callable[..., object] | None, rows: int, done: int, total: int | None
) -> None:
    if watch is not None:
        watch(rows + (rows * done // total if total else 0), rows * 2)


def _batches(pyarrow: Any, found: Any) -> Iterator[Any]:
    """Tables of some megabytes, whatever the rows are."""
    table = getattr(found, "data", None)
    count = UNKNOWN_ROWS
    if table is not None and table.num_rows:
        count = BATCH_BYTES * table.num_rows // max(table.nbytes, 1)
    waiting, size = [], 0
    for batch in found.with_format("arrow").iter(batch_size=min(max(count, 1), BATCH_ROWS)):
        waiting.append(batch)
        size += batch.nbytes
        if size >= BATCH_BYTES:
            yield pyarrow.concat_tables(waiting).combine_chunks()
            waiting, size = [], 0
    if waiting:
        yield pyarrow.concat_tables(waiting).combine_chunks()
