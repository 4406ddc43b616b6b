"""Folders of MosaicML's streaming (MDS) as shards."""

import json
from collections.abc import Callable, Iterator
from math import prod
from pathlib import Path
from typing import Any, TypeVar, Unpack, overload

import numpy as np

from atdata._dataset import Dataset
from atdata._errors import NotSupportedError
from atdata._hugging_face import SplitOptions
from atdata._records import convert_records
from atdata._shard_folders import (
    BROKEN,
    INDEX,
    Rows,
    bad,
    field,
    indexed_folder,
    parts,
    picture,
    read_index,
    refused,
    samples,
    shard_path,
)
from atdata._sources import PathLike

__all__ = ["from_mds"]

ST = TypeVar("ST")
Decode = Callable[[bytes], Any]


@overload
def from_mds(
    source: PathLike, target: PathLike, *, sample_type: type[ST], **options: Unpack[SplitOptions]
) -> Dataset[ST]: ...
@overload
def from_mds(
    source: PathLike, target: PathLike, *, sample_type: None = None, **options: Unpack[SplitOptions]
) -> Dataset[Any]: ...
def from_mds(
    source: PathLike,
    target: PathLike,
    *,
    sample_type: type[Any] | None = None,
    split: str | None = None,
    **options: Any,
) -> Dataset[Any]:
    """Make shards of a local folder that MosaicML's `MDSWriter` wrote; the package is not needed.

    The folder has an `index.json`, or `split` names a folder in it that has. The other arguments
    are as in `from_records`. The index tells the types: numbers are int or float, `jpeg`, `png` and
    `bytes` their bytes as they are, `ndarray` and `pil` arrays, `json` anything, decimals texts.

    Raises `NotSupportedError` for pickles (reading them would run code), lists of images and
    compressed shards; `DataError` (a ValueError), naming shard and sample, for what is broken.

    >>> import atdata, json, pathlib, struct, tempfile
    >>> column = {"column_names": ["n"], "column_encodings": ["int"], "column_sizes": [8]}
    >>> file = {"format": "mds", "samples": 1, "raw_data": {"basename": "0.mds"}}
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     index = json.dumps({"version": 2, "shards": [{**column, **file}]})
    ...     _ = pathlib.Path(folder, "index.json").write_text(index)
    ...     _ = pathlib.Path(folder, "0.mds").write_bytes(struct.pack("<3Iq", 1, 12, 20, 7))
    ...     atdata.from_mds(folder, f"{folder}/numbers.tar")[0]
    Numbers(n=7)
    """
    folder = indexed_folder(source, split)
    shards = read_index(folder, "shards")["shards"]
    columns = _columns(folder, shards[0])
    schema = [field(name, *_type(encoding)) for name, encoding, _ in columns]
    text = json.dumps({"name": "", "fields": schema})
    rows = Rows(lambda: _rows(folder, shards, columns), shards, "samples")
    return convert_records(rows, target, sample_type, str(folder), schema=text, **options)


def _columns(folder: Path, shard: Any) -> list[tuple[str, str, int | None]]:
    """The names of a shard's columns, how each is written, and in how many bytes."""
    try:
        found = list(
            zip(
                shard["column_names"],
                shard["column_encodings"],
                shard["column_sizes"],
                strict=True,
            )
        )
    except (KeyError, TypeError, ValueError):
        message = "a shard has column_names, column_encodings and column_sizes"
        raise bad(folder / INDEX, message) from None
    for name, encoding, size in found:
        if not isinstance(name, str) or not isinstance(encoding, str):
            raise bad(folder / INDEX, f"column {name!r} has no name and encoding")
        if size is not None and (not isinstance(size, int) or size < 0):
            raise bad(folder / INDEX, f"column {name}: {size!r} is no size")
        if _decoder(encoding) is None:
            raise refused(folder, name, encoding)
    return found


def _rows(folder: Path, shards: list[Any], columns: list[Any]) -> Iterator[dict[str, Any]]:
    sizes = [size for _, _, size in columns]
    decoders = [(name, _decoder(encoding) or bytes) for name, encoding, _ in columns]
    for shard in shards:
        if _columns(folder, shard) != columns:
            raise bad(folder / INDEX, "the shards have columns of several kinds")
        for place, data in samples(_path(folder, shard)):
            values = parts(data, sizes, place)
            yield {
                name: _decoded(decode, value, name, place)
                for (name, decode), value in zip(decoders, values, strict=True)
            }


def _path(folder: Path, shard: dict[str, Any]) -> Path:
    raw, packed = shard.get("raw_data"), shard.get("zip_data")
    path = shard_path(folder, raw.get("basename") if isinstance(raw, dict) else None)
    if packed and not path.is_file():
        kind = shard.get("compression")
        raise NotSupportedError(f"{path}: this shard is compressed ({kind}); unpack it first")
    return path


def _decoded(decode: Decode, value: bytes, name: str, place: str) -> Any:
    try:
        return decode(value)
    except BROKEN as error:
        raise bad(f"{place}, column {name}", f"the value is broken: {error}") from None


_SCALAR = {
    "int": "<i8",
    **{f"int{bits}": f"<i{bits // 8}" for bits in (8, 16, 32, 64)},
    **{f"uint{bits}": f"<u{bits // 8}" for bits in (8, 16, 32, 64)},
    **{f"float{bits}": f"<f{bits // 8}" for bits in (16, 32, 64)},
}
_PLAIN: dict[str, tuple[str, Decode]] = {
    "str": ("str", lambda data: data.decode()),
    "bytes": ("bytes", bytes),
    "jpeg": ("bytes", bytes),
    "png": ("bytes", bytes),
    "jpeg_array": ("bytes", bytes),
    "jpegarray": ("bytes", bytes),
    "pil": ("ndarray", picture),
    "json": ("any", json.loads),
    "str_int": ("int", int),
    "str_float": ("float", float),
    "str_decimal": ("str", lambda data: data.decode()),
}


def _type(encoding: str) -> tuple[str, str | None]:
    """The kind of a field, and the dtype of an array, where they are told."""
    if encoding in _SCALAR:
        return ("float" if encoding.startswith("float") else "int"), None
    kind, _, rest = encoding.partition(":")
    if kind == "ndarray":
        return "ndarray", rest.partition(":")[0] or None
    return _PLAIN[encoding][0], "uint8" if encoding == "pil" else None


def _decoder(encoding: str) -> Decode | None:
    """What makes values of bytes; none for what is not read."""
    if encoding in _SCALAR:
        dtype = np.dtype(_SCALAR[encoding])
        return lambda data: np.frombuffer(data, dtype, 1)[0].item()
    if encoding in _PLAIN:
        return _PLAIN[encoding][1]
    kind, _, rest = encoding.partition(":")
    if kind != "ndarray":
        return None
    name, _, dims = rest.partition(":")
    if name not in ("", *_SCALAR) or not all(dim.isdigit() for dim in dims.split(",") if dims):
        return None
    known = np.dtype(_SCALAR[name]) if name else None
    shape = [int(dim) for dim in dims.split(",")] if dims else None
    return lambda data: _array(data, known, shape)


def _array(data: bytes, dtype: np.dtype[Any] | None, shape: list[int] | None) -> Any:
    """What is not in the encoding's name stands before the elements: the dtype, then the shape."""
    at = 0
    if dtype is None:
        kind, bits = data[0] & 3, data[0] & ~3
        dtype, at = np.dtype(f"<{'uif'[kind]}{bits // 8}"), 1
    if shape is None:
        axes, size = data[at] >> 2, 1 << (data[at] & 3)
        shape = [int(n) for n in np.frombuffer(data, f"<u{size}", axes, at + 1)]
        at += 1 + axes * size
    if prod(shape) * dtype.itemsize != len(data) - at:
        raise ValueError(f"{len(data) - at} bytes are no array of {shape} and {dtype}")
    return np.frombuffer(data, dtype, offset=at).reshape(shape)
