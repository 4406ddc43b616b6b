"""Text, image folders and archives of others as shards."""

import os
from typing import Any, TypeVar, Unpack, overload

from atdata._convert_shared import Options, convert
from atdata._dataset import Dataset
from atdata._errors import InvalidError
from atdata._sources import PathLike

__all__ = ["from_csv", "from_image_folder", "from_jsonl", "from_webdataset"]

ST = TypeVar("ST")


@overload
def from_csv(
    source: PathLike,
    target: PathLike,
    *,
    sample_type: type[ST],
    delimiter: str | None = None,
    **options: Unpack[Options],
) -> Dataset[ST]: ...
@overload
def from_csv(
    source: PathLike,
    target: PathLike,
    *,
    sample_type: None = None,
    delimiter: str | None = None,
    **options: Unpack[Options],
) -> Dataset[Any]: ...
def from_csv(
    source: PathLike,
    target: PathLike,
    *,
    sample_type: type[Any] | None = None,
    delimiter: str | None = None,
    **options: Unpack[Options],
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
    return convert(source, target, kind, sample_type, delimiter=code, **options)


@overload
def from_image_folder(
    source: PathLike, target: PathLike, *, sample_type: type[ST], **options: Unpack[Options]
) -> Dataset[ST]: ...
@overload
def from_image_folder(
    source: PathLike, target: PathLike, *, sample_type: None = None, **options: Unpack[Options]
) -> Dataset[Any]: ...
def from_image_folder(
    source: PathLike,
    target: PathLike,
    *,
    sample_type: type[Any] | None = None,
    **options: Unpack[Options],
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
    return convert(source, target, "imagefolder", sample_type, **options)


@overload
def from_jsonl(
    source: PathLike, target: PathLike, *, sample_type: type[ST], **options: Unpack[Options]
) -> Dataset[ST]: ...
@overload
def from_jsonl(
    source: PathLike, target: PathLike, *, sample_type: None = None, **options: Unpack[Options]
) -> Dataset[Any]: ...
def from_jsonl(
    source: PathLike,
    target: PathLike,
    *,
    sample_type: type[Any] | None = None,
    **options: Unpack[Options],
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
    return convert(source, target, "jsonl", sample_type, **options)


@overload
def from_webdataset(
    source: PathLike,
    target: PathLike,
    *,
    sample_type: type[ST],
    rename_dots: bool = False,
    **options: Unpack[Options],
) -> Dataset[ST]: ...
@overload
def from_webdataset(
    source: PathLike,
    target: PathLike,
    *,
    sample_type: None = None,
    rename_dots: bool = False,
    **options: Unpack[Options],
) -> Dataset[Any]: ...
def from_webdataset(
    source: PathLike,
    target: PathLike,
    *,
    sample_type: type[Any] | None = None,
    rename_dots: bool = False,
    **options: Unpack[Options],
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
    return convert(source, target, "webdataset", sample_type, rename_dots=rename_dots, **options)
