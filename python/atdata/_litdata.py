"""Folders of LitData as shards."""

import dataclasses
import json
import struct
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
    Leaf,
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

__all__ = ["from_litdata"]

ST = TypeVar("ST")
Decode = Callable[[bytes], Any]
DEEPEST = 50  # dicts in dicts


@overload
def from_litdata(
    source: PathLike, target: PathLike, *, sample_type: type[ST], **options: Unpack[SplitOptions]
) -> Dataset[ST]: ...
@overload
def from_litdata(
    source: PathLike, target: PathLike, *, sample_type: None = None, **options: Unpack[SplitOptions]
) -> Dataset[Any]: ...
def from_litdata(
    source: PathLike,
    target: PathLike,
    *,
    sample_type: type[Any] | None = None,
    split: str | None = None,
    **options: Any,
) -> Dataset[Any]:
    """Make shards of a local folder that LitData's `optimize` wrote; the package is not needed.

    The folder has an `index.json`, or `split` names a folder in it that has. The other arguments
    are as in `from_records`. The index tells the types: `jpeg`, `bytes` and files are their bytes
    as they are; NumPy arrays, tensors and `pil` images arrays; dicts in samples dicts. What is not
    a dict is one: a tuple of fields `field_0`, `field_1` and so on, a single value a field `value`.

    Raises `NotSupportedError` for pickles (reading them would run code), for other kinds of values,
    and for chunks that are compressed, encrypted or of tokens; `DataError` (a ValueError), naming
    chunk and sample, for what is broken.

    >>> import atdata, json, pathlib, struct, tempfile
    >>> config = {"data_format": ["int"], "data_spec": '[1, {"type": null, "children_spec": []}]'}
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     chunks = [{"filename": "chunk-0-0.bin", "chunk_size": 1}]
    ...     index = json.dumps({"chunks": chunks, "config": config})
    ...     _ = pathlib.Path(folder, "index.json").write_text(index)
    ...     data = struct.pack("<4Iq", 1, 12, 24, 8, 7)
    ...     _ = pathlib.Path(folder, "chunk-0-0.bin").write_bytes(data)
    ...     atdata.from_litdata(folder, f"{folder}/numbers.tar")[0]
    Numbers(value=7)
    """
    folder = indexed_folder(source, split)
    index = read_index(folder, "chunks")
    formats, tree = _config(folder, index.get("config"))
    decoders = [_decoder(folder, kind) for kind in formats]
    leaves = iter(_type(kind) for kind in formats)
    schema = [_field(name, child, leaves) for name, child in tree.fields()]
    text = json.dumps({"name": "", "fields": schema})
    chunks = index["chunks"]
    rows = Rows(lambda: _rows(folder, chunks, decoders, tree), chunks, "chunk_size")
    return convert_records(rows, target, sample_type, str(folder), schema=text, **options)


@dataclasses.dataclass
class _Tree:
    """How the values of a sample hang together: a value, or trees by name in a dict or a list."""

    kind: str
    children: list[tuple[str, "_Tree"]]

    def fields(self) -> list[tuple[str, "_Tree"]]:
        """The sample as fields."""
        return self.children or [("value", self)]

    def leaves(self) -> int:
        """How many values there are."""
        return sum(child.leaves() for _, child in self.children) if self.kind != "value" else 1

    def filled(self, values: Iterator[Any]) -> Any:
        """The values hung together again."""
        if self.kind == "value":
            return next(values)
        pairs = [(name, child.filled(values)) for name, child in self.children]
        return dict(pairs) if self.kind == "dict" else [value for _, value in pairs]


def _config(folder: Path, config: Any) -> tuple[list[str], _Tree]:
    """How the values of a sample are written, and how they hang together."""
    place = folder / INDEX
    if not isinstance(config, dict):
        raise bad(place, "there is no config")
    if config.get("compression") or config.get("encryption"):
        message = "the chunks are compressed or encrypted; write them plainly"
        raise NotSupportedError(f"{place}: {message}")
    if config.get("item_loader") not in (None, "PyTreeLoader"):
        raise NotSupportedError(f"{place}: chunks of {config['item_loader']} are not read")
    try:
        formats, (_, spec) = config["data_format"], json.loads(config["data_spec"])
        tree = _tree(spec)
    except (KeyError, TypeError, ValueError, RecursionError):
        raise bad(place, "data_format and data_spec of the config are not of their form") from None
    if not isinstance(formats, list) or tree.leaves() != len(formats):
        raise bad(place, "data_format and data_spec do not fit each other")
    return formats, tree


def _tree(spec: Any, depth: int = 0) -> _Tree:
    """A `data_spec`. Raises KeyError, TypeError or ValueError for what is none."""
    kind, children = spec["type"], spec["children_spec"]
    if kind is None:
        return _Tree("value", [])
    if kind not in ("builtins.dict", "builtins.list", "builtins.tuple") or depth > DEEPEST:
        raise ValueError
    trees = [_tree(child, depth + 1) for child in children]
    if kind != "builtins.dict":
        return _Tree("list", [(f"field_{n}", tree) for n, tree in enumerate(trees)])
    names = json.loads(spec["context"])
    if not all(isinstance(name, str) for name in names) or len(set(names)) != len(names):
        raise ValueError
    return _Tree("dict", list(zip(names, trees, strict=True)))


def _field(name: str, tree: _Tree, types: Iterator[tuple[str, str | None]]) -> Leaf:
    if tree.kind == "value":
        return field(name, *next(types))
    for _ in range(tree.leaves()):
        next(types)
    return field(name, "map" if tree.kind == "dict" else "any")


def _rows(
    folder: Path, chunks: list[Any], decoders: list[Decode], tree: _Tree
) -> Iterator[dict[str, Any]]:
    sizes: list[int | None] = [None] * len(decoders)
    for chunk in chunks:
        name = chunk.get("filename") if isinstance(chunk, dict) else None
        for place, data in samples(shard_path(folder, name)):
            values = parts(data, sizes, place)
            try:
                pairs = zip(decoders, values, strict=True)
                leaves = iter([decode(value) for decode, value in pairs])
            except BROKEN as error:
                raise bad(place, f"a value is broken: {error}") from None
            yield {member: child.filled(leaves) for member, child in tree.fields()}


# The numbers that stand for dtypes.
_NUMPY: dict[int, str] = dict(
    enumerate(["i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8", "c8", "c16", "?"])
)
_TORCH: dict[int, str] = {
    1: "f4", 3: "f8", 9: "f2", 11: "u1", 12: "i1", 14: "i2", 16: "i4", 18: "i8", 19: "?", 20: "u2",
}  # fmt: skip
_PLAIN: dict[str, tuple[str, Decode]] = {
    "int": ("int", lambda data: struct.unpack("<q", data)[0]),
    "float": ("float", lambda data: struct.unpack("<d", data)[0]),
    "bool": ("bool", lambda data: struct.unpack("<?", data)[0]),
    "str": ("str", lambda data: data.decode()),
    "bytes": ("bytes", bytes),
    "jpeg": ("bytes", bytes),
    "file": ("bytes", bytes),
    "image": ("bytes", bytes),
    "pil": ("ndarray", picture),
    "numpy": ("ndarray", lambda data: _array(data, "<", _NUMPY)),
    "tensor": ("ndarray", lambda data: _array(data, ">", _TORCH)),
}


def _type(kind: str) -> tuple[str, str | None]:
    """The kind of a field, and the dtype of an array, where it is told."""
    name, _, number = kind.partition(":")
    if name in ("no_header_numpy", "no_header_tensor"):
        return "ndarray", _dtype(name, number).name
    return _PLAIN[name][0], "uint8" if name == "pil" else None


def _dtype(name: str, number: str) -> np.dtype[Any]:
    known = _NUMPY if name.endswith("numpy") else _TORCH
    return np.dtype("<" + known[int(number)])


def _decoder(folder: Path, kind: Any) -> Decode:
    """What makes values of bytes."""
    name, _, number = str(kind).partition(":")
    if name in ("no_header_numpy", "no_header_tensor"):
        try:
            dtype = _dtype(name, number)
        except (KeyError, ValueError):
            raise bad(folder / INDEX, f"{number!r} stands for no dtype") from None
        return lambda data: np.frombuffer(data, dtype)
    if name not in _PLAIN:
        raise refused(folder, "data_format", name)
    return _PLAIN[name][1]


def _array(data: bytes, order: str, dtypes: dict[int, str]) -> Any:
    """The dtype's number, how many axes, the shape, and then the elements."""
    number, axes = struct.unpack_from(f"{order}2I", data)
    shape = struct.unpack_from(f"{order}{axes}I", data, 8)
    dtype = np.dtype("<" + dtypes[number])
    elements = data[8 + 4 * axes :]
    if prod(shape) * dtype.itemsize != len(elements):
        raise ValueError(f"{len(elements)} bytes are no array of {shape} and {dtype}")
    return np.frombuffer(elements, dtype).reshape(shape)
