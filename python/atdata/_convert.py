"""Data of other formats as shards."""

import json
import os
from typing import Any, TypedDict, TypeVar, Unpack, overload

from atdata import _atdata
from atdata._dataset import Dataset
from atdata._dict_sample import DictSample
from atdata._errors import AtdataError, InvalidError
from atdata._schemas import schema_text, type_of
from atdata._sources import PathLike, URLSource
from atdata._told import Progress, told_of_all

__all__ = [
    "from_arrow",
    "from_csv",
    "from_image_folder",
    "from_jsonl",
    "from_npz",
    "from_parquet",
    "from_webdataset",
]

ST = TypeVar("ST")


class _Options(TypedDict, total=False):
    """How shards are made."""

    maxcount: int | None
    maxsize: int | None
    split: str | None
    overwrite: bool
    progress: bool | Progress | None


@overload
def from_csv(
    source: PathLike,
    target: PathLike,
    *,
    sample_type: type[ST],
    delimiter: str | None = None,
    **options: Unpack[_Options],
) -> Dataset[ST]: ...
@overload
def from_csv(
    source: PathLike,
    target: PathLike,
    *,
    sample_type: None = None,
    delimiter: str | None = None,
    **options: Unpack[_Options],
) -> Dataset[Any]: ...
def from_csv(
    source: PathLike,
    target: PathLike,
    *,
    sample_type: type[Any] | None = None,
    delimiter: str | None = None,
    **options: Unpack[_Options],
) -> Dataset[Any]:
    """Make shards of CSV or TSV files with a header, and give the dataset of them.

    `source` is a file (`.csv`, `.tsv`, also with `.gz`), a folder, a glob or a brace pattern;
    `target` and the limits `maxcount` and `maxsize` of a shard are as in `write_samples`. Where the
    files are of several splits (`train.csv`, `test.csv`), `split` says which. Shards that are there
    are only replaced with `overwrite=True`. `progress=True` shows a line on a terminal; a function
    is called with the bytes of the source that are done, and all there are.

    The types are found in all rows, never the first ones only: a column is `int`, `float` or
    `bool` if every cell is one and nothing is lost by it (`007` is text), else `str`; an empty cell
    is None. With `sample_type` they are that class's, and columns it does not have are left out.
    Without, the dataset's type is made of the types that were found, or is `DictSample` where a
    name cannot be that of a field.

    Raises `DataError` (a ValueError), naming file, line and column, for what does not follow the
    format or the type; `ConflictError` for shards that are there; `NotFoundError`.

    >>> import atdata, pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = pathlib.Path(f"{folder}/cats.csv").write_text("name,weight\\nTom,4\\nFelix,3.5\\n")
    ...     cats = atdata.from_csv(f"{folder}/cats.csv", f"{folder}/cats.tar")
    ...     cats[0]
    Cats(name='Tom', weight=4.0)
    """
    if delimiter is not None and (len(delimiter) != 1 or not delimiter.isascii()):
        raise InvalidError(f"delimiter={delimiter!r} must be one ASCII character")
    suffixes = (".tsv", ".tsv.gz")
    kind = "tsv" if os.fspath(source).endswith(suffixes) else "csv"
    code = None if delimiter is None else ord(delimiter)
    return _convert(source, target, kind, sample_type, delimiter=code, **options)


@overload
def from_jsonl(
    source: PathLike, target: PathLike, *, sample_type: type[ST], **options: Unpack[_Options]
) -> Dataset[ST]: ...
@overload
def from_jsonl(
    source: PathLike, target: PathLike, *, sample_type: None = None, **options: Unpack[_Options]
) -> Dataset[Any]: ...
def from_jsonl(
    source: PathLike,
    target: PathLike,
    *,
    sample_type: type[Any] | None = None,
    **options: Unpack[_Options],
) -> Dataset[Any]:
    """Make shards of JSON objects, one a line or all in one array; arguments as in `from_csv`.

    Whole numbers beside others become floats; a member that some objects lack, or that is null, is
    optional; one of several types may be anything. What `to_jsonl` wrote comes back as it was.

    >>> import atdata, pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     text = '{"a": 1}\\n{"a": 2.5, "b": ["x"]}\\n'
    ...     _ = pathlib.Path(f"{folder}/rows.jsonl").write_text(text)
    ...     list(atdata.from_jsonl(f"{folder}/rows.jsonl", f"{folder}/rows.tar"))
    [Rows(a=1.0, b=None), Rows(a=2.5, b=['x'])]
    """
    return _convert(source, target, "jsonl", sample_type, **options)


@overload
def from_parquet(
    source: PathLike, target: PathLike, *, sample_type: type[ST], **options: Unpack[_Options]
) -> Dataset[ST]: ...
@overload
def from_parquet(
    source: PathLike, target: PathLike, *, sample_type: None = None, **options: Unpack[_Options]
) -> Dataset[Any]: ...
def from_parquet(
    source: PathLike,
    target: PathLike,
    *,
    sample_type: type[Any] | None = None,
    **options: Unpack[_Options],
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
    return _convert(source, target, "parquet", sample_type, **options)


@overload
def from_arrow(
    source: PathLike, target: PathLike, *, sample_type: type[ST], **options: Unpack[_Options]
) -> Dataset[ST]: ...
@overload
def from_arrow(
    source: PathLike, target: PathLike, *, sample_type: None = None, **options: Unpack[_Options]
) -> Dataset[Any]: ...
def from_arrow(
    source: PathLike,
    target: PathLike,
    *,
    sample_type: type[Any] | None = None,
    **options: Unpack[_Options],
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
    return _convert(source, target, "arrow", sample_type, **options)


@overload
def from_npz(
    source: PathLike, target: PathLike, *, sample_type: type[ST], **options: Unpack[_Options]
) -> Dataset[ST]: ...
@overload
def from_npz(
    source: PathLike, target: PathLike, *, sample_type: None = None, **options: Unpack[_Options]
) -> Dataset[Any]: ...
def from_npz(
    source: PathLike,
    target: PathLike,
    *,
    sample_type: type[Any] | None = None,
    **options: Unpack[_Options],
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
    return _convert(source, target, "numpy", sample_type, **options)


@overload
def from_image_folder(
    source: PathLike, target: PathLike, *, sample_type: type[ST], **options: Unpack[_Options]
) -> Dataset[ST]: ...
@overload
def from_image_folder(
    source: PathLike, target: PathLike, *, sample_type: None = None, **options: Unpack[_Options]
) -> Dataset[Any]: ...
def from_image_folder(
    source: PathLike,
    target: PathLike,
    *,
    sample_type: type[Any] | None = None,
    **options: Unpack[_Options],
) -> Dataset[Any]:
    """Make shards of image files in a folder a class; arguments as in `from_csv`.

    The fields are `image` (the file's bytes), `label` (its folder's name) and `path` (from `source`
    on). Where the folders in `source` are splits (`train`, `val`, `test`), `split` says which.

    >>> import atdata, pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     for label in ("cat", "dog"):
    ...         pathlib.Path(folder, "photos", label).mkdir(parents=True)
    ...         _ = pathlib.Path(folder, "photos", label, "1.png").write_bytes(b"a picture")
    ...     photos = atdata.from_image_folder(f"{folder}/photos", f"{folder}/photos.tar")
    ...     photos[1]
    Photos(image=b'a picture', label='dog', path='dog/1.png')
    """
    return _convert(source, target, "imagefolder", sample_type, **options)


@overload
def from_webdataset(
    source: PathLike,
    target: PathLike,
    *,
    sample_type: type[ST],
    rename_dots: bool = False,
    **options: Unpack[_Options],
) -> Dataset[ST]: ...
@overload
def from_webdataset(
    source: PathLike,
    target: PathLike,
    *,
    sample_type: None = None,
    rename_dots: bool = False,
    **options: Unpack[_Options],
) -> Dataset[Any]: ...
def from_webdataset(
    source: PathLike,
    target: PathLike,
    *,
    sample_type: type[Any] | None = None,
    rename_dots: bool = False,
    **options: Unpack[_Options],
) -> Dataset[Any]:
    """Make shards of plain tar archives whose members share keys; arguments as in `from_csv`.

    Each suffix is a field: `txt` a text, `cls` an int, `json` any value, `npy` an array, others
    bytes. Of a suffix of several parts such as `seg.png` the last says what it is, and the rest is
    the field's name. Keys are kept; one with a dot is an error, or gets an underscore with
    `rename_dots=True`.

    >>> import atdata, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     cats = [atdata.DictSample(jpg=b"a picture", cls=3)]
    ...     dataset = atdata.write_samples(cats, f"{folder}/cats.tar")
    ...     [plain] = dataset.to_webdataset(f"{folder}/plain.tar")
    ...     atdata.from_webdataset(plain, f"{folder}/again.tar")[0]
    Again(jpg=b'a picture', cls=3)
    """
    return _convert(source, target, "webdataset", sample_type, rename_dots=rename_dots, **options)


def _convert(
    source: PathLike,
    target: PathLike,
    kind: str,
    sample_type: type[Any] | None,
    *,
    progress: bool | Progress | None = None,
    **options: Any,
) -> Dataset[Any]:
    known = sample_type is not None and sample_type is not DictSample
    schema = schema_text(sample_type)[0] if sample_type is not None and known else None
    with told_of_all(progress, "bytes") as watch:
        made = _atdata.convert(
            os.fspath(source), os.fspath(target), kind, schema=schema, progress=watch, **options
        )
    [(_, written)] = made.splits
    found = sample_type or _found_type(made.schema)
    return Dataset._of(URLSource(written.paths), found)


def _found_type(schema: str) -> type[Any]:
    """A class of the fields that were found, if one can have their names."""
    try:
        return type_of(json.loads(schema))
    except AtdataError:
        return DictSample
