"""Folders of binary shards with an `index.json` that others write: what MDS and LitData share."""

import itertools
import json
import os
import struct
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from atdata._errors import (
    DataError,
    InvalidError,
    NotFoundError,
    NotSupportedError,
    SplitNotFoundError,
)
from atdata._sources import PathLike

__all__ = [
    "BROKEN",
    "INDEX",
    "Leaf",
    "Rows",
    "bad",
    "field",
    "indexed_folder",
    "parts",
    "picture",
    "read_index",
    "refused",
    "samples",
    "shard_path",
]

Leaf = dict[str, Any]
INDEX = "index.json"
# What making a value of broken bytes raises.
BROKEN = (ValueError, LookupError, TypeError, ArithmeticError, RecursionError, struct.error)
MOST_INDEX = 1 << 30  # bytes


def indexed_folder(source: PathLike, split: str | None) -> Path:
    """The folder with the index: the one that is named, or the one of a split in it."""
    folder = Path(os.fspath(source))
    if not folder.is_dir():
        raise NotFoundError(f"{folder}: there is no such folder")
    if (folder / INDEX).is_file() and split is None:
        return folder
    splits = sorted(path.parent.name for path in folder.glob(f"*/{INDEX}"))
    if not splits:
        raise InvalidError(f"{folder}: there is no {INDEX} in this folder")
    if split is None and len(splits) > 1:
        raise InvalidError(f"there are the splits {' and '.join(splits)}; say which with split=")
    if split is not None and split not in splits:
        raise SplitNotFoundError(f"there is no split {split}; there are {', '.join(splits)}")
    return folder / (split or splits[0])


def read_index(folder: Path, member: str) -> dict[str, Any]:
    """The index, which must have a list of this name."""
    path = folder / INDEX
    if path.stat().st_size > MOST_INDEX:
        raise bad(path, f"the index is larger than {MOST_INDEX} bytes")
    try:
        found = json.loads(path.read_bytes())
    except (ValueError, RecursionError) as error:
        raise bad(path, f"this is no JSON: {error}") from None
    if not isinstance(found, dict) or not isinstance(found.get(member), list) or not found[member]:
        raise bad(path, f"an index has a list of {member}")
    return found


class Rows(Iterable[dict[str, Any]]):
    """The samples of all shards, and how many there are as the index has it."""

    def __init__(
        self, make: Callable[[], Iterator[dict[str, Any]]], shards: list[Any], count: str
    ) -> None:
        self._make = make
        counts = [shard.get(count) if isinstance(shard, dict) else None for shard in shards]
        self._count = sum(n for n in counts if isinstance(n, int) and n > 0)

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return self._make()

    def __len__(self) -> int:
        return min(self._count, 1 << 40)


def _offsets(file: BinaryIO, path: Path) -> list[int]:
    """Where each sample starts, and the last one ends."""
    size = os.fstat(file.fileno()).st_size
    head = file.read(4)
    (count,) = struct.unpack("<I", head) if len(head) == 4 else (0,)
    if not head or 4 * (count + 2) > size:
        raise bad(path, "the file is cut short")
    found = list(struct.unpack(f"<{count + 1}I", file.read(4 * (count + 1))))
    if found != sorted(found) or found[0] < 4 * (count + 2) or found[-1] > size:
        raise bad(path, "the offsets of the samples do not fit the file")
    return found


def samples(path: Path) -> Iterator[tuple[str, bytes]]:
    """The bytes of each sample of a shard, and where it is."""
    try:
        file = path.open("rb")
    except FileNotFoundError:
        raise NotFoundError(f"{path}: the index names this file, and it is not there") from None
    with file:
        places = _offsets(file, path)
        file.seek(places[0])
        for number, (start, end) in enumerate(itertools.pairwise(places), 1):
            yield f"{path}, sample {number}", file.read(end - start)


def parts(data: bytes, sizes: list[int | None], place: str) -> list[bytes]:
    """A sample's values; the lengths of those without a size stand at its start."""
    free = sum(size is None for size in sizes)
    if 4 * free > len(data):
        raise bad(place, "the sample is cut short")
    lengths = iter(struct.unpack_from(f"<{free}I", data))
    found, at = [], 4 * free
    for size in sizes:
        length = next(lengths) if size is None else size
        found.append(data[at : at + length])
        at += length
    if at != len(data):
        raise bad(place, "the lengths of the values do not fit the sample")
    return found


def shard_path(folder: Path, name: Any) -> Path:
    """A shard in the folder, and nowhere else."""
    if not isinstance(name, str) or Path(name).name != name:
        raise bad(folder / INDEX, f"{name!r} is no name of a file in this folder")
    return folder / name


def picture(data: bytes) -> Any:
    """Pixels as an array of rows, columns and, where there are several, colours."""
    width, height, length = struct.unpack_from("<3I", data)
    colours = {b"L": (), b"RGB": (3,), b"RGBA": (4,)}.get(data[12 : 12 + length])
    if colours is None:
        raise ValueError("pixels are read in the modes L, RGB and RGBA")
    return np.frombuffer(data, "u1", offset=12 + length).reshape(height, width, *colours)


def field(name: str, kind: str, dtype: str | None = None) -> Leaf:
    """A field of a schema's document."""
    if kind in ("ndarray", "any", "map"):
        ty = {"$type": f"local#{kind}"} | ({} if dtype is None else {"dtype": dtype})
    else:
        ty = {"$type": "local#primitive", "primitive": kind}
    return {"name": name, "fieldType": ty, "optional": False}


def refused(folder: Path, name: str, kind: str) -> NotSupportedError:
    """The error for values of a kind that are not read."""
    why = ", since reading them would run code" if kind in ("pkl", "pickle") else ""
    place = f"{folder / INDEX}, column {name}"
    return NotSupportedError(f"{place}: values of the kind {kind} are not read{why}")


def bad(place: object, message: str) -> DataError:
    """The error for what does not follow the format."""
    return DataError(f"{place}: {message}", kind="bad_input")
