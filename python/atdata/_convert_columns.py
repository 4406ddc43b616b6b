"""Files of columns as shards: Parquet, Arrow, NumPy."""

from typing import Any, TypeVar, Unpack, overload

from atdata._convert_shared import Options, convert
from atdata._dataset import Dataset
from atdata._sources import PathLike

__all__ = ["from_arrow", "from_npz", "from_parquet"]

ST = TypeVar("ST")


@overload
def from_arrow(
    source: PathLike, target: PathLike, *, sample_type: type[ST], **options: Unpack[Options]
) -> Dataset[ST]: ...
@overload
def from_arrow(
    source: PathLike, target: PathLike, *, sample_type: None = None, **options: Unpack[Options]
) -> Dataset[Any]: ...
def from_arrow(
    source: PathLike,
    target: PathLike,
    *,
    sample_type: type[Any] | None = None,
    **options: Unpack[Options],
) -> Dataset[Any]:
    """Make shards of Arrow files (Feather 2) or streams; arguments as in `from_csv`.

    Types become what they do in `from_parquet`. Memory is that of the largest record batch.

    >>> import atdata, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     numbers = (atdata.DictSample(number=n) for n in range(3))
    ...     before = atdata.write_samples(numbers, f"{folder}/numbers.tar")
    ...     [path] = before.to_arrow(f"{folder}/numbers.arrow")
    ...     atdata.from_arrow(path, f"{folder}/again.tar")[2]
    Again(number=2)
    """
    return convert(source, target, "arrow", sample_type, **options)


@overload
def from_npz(
    source: PathLike, target: PathLike, *, sample_type: type[ST], **options: Unpack[Options]
) -> Dataset[ST]: ...
@overload
def from_npz(
    source: PathLike, target: PathLike, *, sample_type: None = None, **options: Unpack[Options]
) -> Dataset[Any]: ...
def from_npz(
    source: PathLike,
    target: PathLike,
    *,
    sample_type: type[Any] | None = None,
    **options: Unpack[Options],
) -> Dataset[Any]:
    """Make shards of NumPy's `.npz` files, a sample a row; arguments as in `from_csv`.

    The arrays of a file must have first axes of one length; each is a field. What is left of an
    array without its first axis is the field's value: an array, or a number or text where there was
    only one axis. A `.npy` file is one field, `array`. Arrays of Python objects are refused.

    >>> import atdata, numpy, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     numpy.savez(f"{folder}/a.npz", x=numpy.zeros((10, 2, 3), "f4"), label=numpy.arange(10))
    ...     dataset = atdata.from_npz(f"{folder}/a.npz", f"{folder}/a.tar")
    ...     dataset[7].x.shape, dataset[7].label
    ((2, 3), 7)
    """
    return convert(source, target, "numpy", sample_type, **options)


@overload
def from_parquet(
    source: PathLike, target: PathLike, *, sample_type: type[ST], **options: Unpack[Options]
) -> Dataset[ST]: ...
@overload
def from_parquet(
    source: PathLike, target: PathLike, *, sample_type: None = None, **options: Unpack[Options]
) -> Dataset[Any]: ...
def from_parquet(
    source: PathLike,
    target: PathLike,
    *,
    sample_type: type[Any] | None = None,
    **options: Unpack[Options],
) -> Dataset[Any]:
    """Make shards of Parquet files; arguments as in `from_csv`.

    The files tell the types. Lists of a fixed size are arrays, others lists; structs and maps are
    dicts; dates and times are `datetime64` arrays without axes; decimals are texts. A column is
    optional where the file does not say that it has no nulls. What `to_parquet` wrote comes back as
    it was.

    >>> import atdata, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     numbers = (atdata.DictSample(number=n) for n in range(3))
    ...     before = atdata.write_samples(numbers, f"{folder}/numbers.tar")
    ...     [path] = before.to_parquet(f"{folder}/numbers.parquet")
    ...     atdata.from_parquet(path, f"{folder}/again.tar")[2]
    Again(number=2)
    """
    return convert(source, target, "parquet", sample_type, **options)
