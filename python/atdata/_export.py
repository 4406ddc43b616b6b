"""Data sets as tables: Parquet files, Arrow, pandas, and plain dicts."""

import dataclasses
import functools
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Generic, TypeAlias, TypedDict, TypeVar, Unpack, overload

from atdata import _atdata
from atdata._errors import InvalidError, UnsupportedTypeError
from atdata._fields import layout_of
from atdata._handover import as_mapping, frame, without
from atdata._out import WrittenOut
from atdata._readable import Readable
from atdata._sources import PathLike
from atdata._told import PartProgress, told_of_all

if TYPE_CHECKING:
    import pandas
    import pyarrow

__all__ = ["Exportable", "SampleExportMap"]

ST_co = TypeVar("ST_co", covariant=True)
SampleExportMap: TypeAlias = Callable[[Any], Mapping[str, Any]]

# More samples than any data set has: one batch of so many is all of them.
_ALL = 2**40


class _ParquetOptions(TypedDict, total=False):
    """How Parquet files are written."""

    compression: str | None
    row_group_size: int | None


class Exportable(WrittenOut[ST_co], Generic[ST_co]):
    """What can be written as Parquet or handed over as a table."""

    def to_parquet(
        self,
        path: PathLike,
        sample_map: SampleExportMap | None = None,
        maxcount: int | None = None,
        *,
        progress: bool | PartProgress | None = None,
        **kwargs: Unpack[_ParquetOptions],
    ) -> list[str]:
        """Write all samples, in order, into a Parquet file; returns the paths of what was written.

        With `maxcount` there are several files of at most so many samples each, named
        `{stem}-{segment:06d}.parquet`. Nothing is visible before all is written, and memory does
        not grow with the data set.

        Each field is a column. Arrays of one shape are lists of a fixed size, nested by axis, with
        the field's metadata `atdata.shape` and `atdata.dtype`; arrays of several shapes are nested
        lists; maps, and values of several types, are JSON text.

        `sample_map` makes of each sample the dict that is written instead. Where a later sample
        needs a wider type than the first had, the export starts again, so it may be called twice
        for a sample. `compression` is "snappy" (the default), "zstd", "gzip" or None, and
        `row_group_size` the most samples of a row group.

        Raises `UnsupportedTypeError` (a TypeError) for any other keyword, and `InvalidError` for a
        value that makes no sense. `progress` is as for `to_jsonl`.

        >>> import atdata, tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     numbers = (atdata.DictSample(number=n) for n in range(5))
        ...     dataset = atdata.write_samples(numbers, f"{folder}/numbers.tar")
        ...     files = dataset.to_parquet(f"{folder}/numbers.parquet", maxcount=3)
        ...     squares = dataset.to_parquet(
        ...         f"{folder}/squares.parquet", sample_map=lambda s: {"square": s.number**2}
        ...     )
        >>> [file.rpartition("/")[2] for file in files + squares]
        ['numbers-000000.parquet', 'numbers-000001.parquet', 'squares.parquet']
        """
        compression, row_group_size = _options(**kwargs)
        export = self._export() if sample_map is None else self._mapped(sample_map)
        with told_of_all(progress, "samples") as watch:
            return export.to_parquet(
                str(path),
                compression=compression,
                row_group_size=row_group_size,
                maxcount=maxcount,
                progress=watch,
            )

    @overload
    def to_arrow(self) -> "pyarrow.Table": ...
    @overload
    def to_arrow(
        self,
        path: PathLike,
        *,
        maxcount: int | None = None,
        progress: bool | PartProgress | None = None,
    ) -> list[str]: ...
    def to_arrow(
        self,
        path: PathLike | None = None,
        *,
        maxcount: int | None = None,
        progress: bool | PartProgress | None = None,
    ) -> "pyarrow.Table | list[str]":
        """All samples as a `pyarrow.Table`, or, with a path, as Arrow files; see `to_parquet`.

        The columns are those that `to_parquet` writes. A path that ends in `.arrows` becomes a
        stream of record batches, any other an Arrow file (Feather 2); its arguments are those of
        `to_jsonl`.

        Raises `NotSupportedError` without a path and pyarrow (`pip install atdata[arrow]`).
        Libraries that read Arrow streams (pyarrow, Polars, DuckDB) take the data set itself too.

        >>> import atdata, tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     numbers = (atdata.DictSample(number=n) for n in range(3))
        ...     dataset = atdata.write_samples(numbers, f"{folder}/numbers.tar")
        ...     dataset.to_arrow().to_pydict()
        {'number': [0, 1, 2]}
        """
        if path is not None:
            kind = "arrowstream" if str(path).endswith(".arrows") else "arrow"
            return self._to_files(path, kind, maxcount, progress)
        try:
            import pyarrow
        except ImportError as error:
            raise without("to_arrow", "pyarrow", "arrow") from error
        table: pyarrow.Table = pyarrow.table(self._export().read_all())
        return table

    def to_pandas(self, limit: int | None = None) -> "pandas.DataFrame":
        """All samples, or the first `limit`, as a pandas DataFrame, a row each.

        An array with axes is one object in its cell. Whole numbers beside None stay whole (the
        dtype Int64). Raises `NotSupportedError` without pandas (`pip install atdata[pandas]`).

        >>> import atdata, tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     numbers = (atdata.DictSample(number=n) for n in range(9))
        ...     dataset = atdata.write_samples(numbers, f"{folder}/numbers.tar")
        ...     dataset.to_pandas(limit=2)
           number
        0       0
        1       1
        """
        columns = self._columns_of(limit)
        return frame("to_pandas", columns, len(next(iter(columns.values()), ())))

    def to_dict(self) -> dict[str, Any]:
        """All samples by field: arrays of one shape are one array, anything else is a list.

        >>> import atdata, tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     numbers = (atdata.DictSample(number=n) for n in range(3))
        ...     dataset = atdata.write_samples(numbers, f"{folder}/numbers.tar")
        ...     dataset.to_dict()
        {'number': [0, 1, 2]}
        """
        return self._columns_of(None)

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """The samples as an Arrow stream, read in constant memory: for other libraries to call.

        A stream tells its types first, so larger data sets are gone through twice.
        """
        return self._export().__arrow_c_stream__(requested_schema)

    def _export(self) -> _atdata.Export:
        """What exports the samples: the engine alone where it has their columns."""
        view = self._seen
        if not view.steps and (view.layout.has_columns or (view.layout.is_open and not view.only)):
            return view.over(self._handle.shards).export(
                view.layout, _atdata.Order(), self._on_error
            )
        try:
            layout = layout_of(view.sample_type)
        except UnsupportedTypeError:  # a lens or a function may lead to any class
            return self._mapped(as_mapping)
        return _atdata.export_samples(functools.partial(iter, self), layout)

    def _mapped(self, sample_map: SampleExportMap) -> _atdata.Export:
        return _atdata.export_samples(functools.partial(_mapping, sample_map, self))

    def _columns_of(self, limit: int | None) -> dict[str, Any]:
        if limit is not None and limit < 0:
            raise InvalidError(f"limit={limit} must be at least 0")
        if limit != 0:
            for batch in self.ordered(batch_size=limit or _ALL):
                return {name: batch[name] for name in batch._names()}
        sample_type = self._seen.sample_type
        known = dataclasses.is_dataclass(sample_type)
        return {field.name: [] for field in dataclasses.fields(sample_type)} if known else {}


def _mapping(sample_map: SampleExportMap, samples: Readable[Any]) -> Iterator[Mapping[str, Any]]:
    return map(sample_map, samples.ordered())


def _options(
    compression: str | None = "snappy", row_group_size: int | None = None, **others: Any
) -> tuple[str, int | None]:
    if others:
        raise UnsupportedTypeError(
            f"to_parquet() takes no keyword {next(iter(others))!r}: files are written without "
            f"pandas, and of its options there are compression and row_group_size"
        )
    return "none" if compression is None else str(compression), row_group_size
