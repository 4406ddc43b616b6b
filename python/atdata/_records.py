"""Records that Python code makes as shards."""

import os
from collections.abc import Iterable, Mapping, Sized
from typing import Any, TypeVar, Unpack, overload

from atdata import _atdata
from atdata._convert_shared import Limits, dataset_of, schema_of
from atdata._dataset import Dataset
from atdata._sources import PathLike
from atdata._told import PartProgress, told_of_all

__all__ = ["from_records"]

ST = TypeVar("ST")


class RecordOptions(Limits, total=False):
    """How shards are made of records."""

    progress: bool | PartProgress | None


@overload
def from_records(
    records: Iterable[Mapping[str, Any]],
    target: PathLike,
    *,
    sample_type: type[ST],
    **options: Unpack[RecordOptions],
) -> Dataset[ST]: ...
@overload
def from_records(
    records: Iterable[Mapping[str, Any]],
    target: PathLike,
    *,
    sample_type: None = None,
    **options: Unpack[RecordOptions],
) -> Dataset[Any]: ...
def from_records(
    records: Iterable[Mapping[str, Any]],
    target: PathLike,
    *,
    sample_type: type[Any] | None = None,
    **options: Unpack[RecordOptions],
) -> Dataset[Any]:
    """Make shards of dicts of names and values, and give the dataset of them.

    `records` is gone through once, so a generator does. Values are those that a sample can hold:
    `str`, `int`, `float`, `bool`, `bytes`, None, numpy arrays and numbers, lists and dicts. The
    types are found in all records, which are kept in a temporary file (in `$TMPDIR`) until then;
    with `sample_type` they are that class's, and nothing is kept. A name that some records lack is
    optional; numbers of several types are floats; values of other types together may be anything.

    The other arguments are as in `from_csv`; `progress` is told of records: how many are done, over
    both times that they are read, and all there are (None where that is not known).

    Raises `DataError` (a ValueError), naming row and field, for a value that cannot be stored or
    does not fit the type; and whatever `records` raises.

    >>> import atdata, numpy, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     points = ({"at": numpy.array([n, 2.5]), "n": n} for n in range(3))
    ...     atdata.from_records(points, f"{folder}/points.tar")[2]
    Points(at=array([2. , 2.5]), n=2)
    """
    return convert_records(records, target, sample_type, "records", **options)


def convert_records(
    records: Iterable[Mapping[str, Any]],
    target: PathLike,
    sample_type: type[Any] | None,
    place: str,
    *,
    schema: str | None = None,
    progress: bool | PartProgress | None = None,
    **limits: Unpack[Limits],
) -> Dataset[Any]:
    """The same for records of any origin; `place` is what messages call it."""
    schema = schema_of(sample_type) or schema
    rows = len(records) if isinstance(records, Sized) else None
    with told_of_all(progress, "samples") as watch:
        made = _atdata.convert_records(
            records, os.fspath(target), place, rows, schema=schema, progress=watch, **limits
        )
    return dataset_of(made, sample_type)
