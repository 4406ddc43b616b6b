"""Samples of every kind that a shard can hold; either package of the name declares their types."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

import atdata

TEXTS = ["", "a", "é漢字🎉", "x" * 31, "y" * 32, "é" * 128, "z" * 65_535, "w" * 65_536, "a\0b\n"]
INTS = [0, 1, -1, 127, 128, -32, -33, -128, -129, 255, 256, 65_535, 65_536, -32_768, -32_769]
INTS += [2**31, -(2**31) - 1, 2**32 - 1, 2**32, 2**53 + 1, 2**63 - 1, -(2**63), 2**63, 2**64 - 1]
FLOATS = [0.0, -0.0, 1.5, float("inf"), float("-inf"), float("nan"), 5e-324, 1.7976931348623157e308]
LENGTHS = [0, 1, 15, 16, 255, 256, 65_535, 65_536]
PLAIN = "bool i1 i2 i4 i8 u1 u2 u4 u8 f2 f4 f8 f16 c8 c16 c32 >i2 >i4 >i8 >u8 >f2 >f4 >f8 >c16"
TIMES = "M8[Y] M8[D] M8[s] M8[ms] M8[ns] M8[25s] >M8[us] m8[h] m8[s] m8[ns] >m8[D]"
DTYPES = [*PLAIN.split(), *TIMES.split(), "S1", "S5", "U1", "U7", ">U3"]
SHAPES = [(), (0,), (1,), (7,), (2, 3), (2, 3, 4), (0, 5), (5, 0, 2), (1, 1, 1, 1, 1, 2)]
FOLDER = "é" * 40
KEYS = [
    "plain",
    "ein Schlüssel",
    "漢字🎉",
    "folder/inside",
    "n" * 92,  # the name field is full
    "n" * 93,
    "k" * 200,  # a last part that fits nowhere but in a PAX header
    "f" * 60 + "/" + "g" * 60,  # name and prefix
    "p" * 155 + "/" + "q" * 92,
    "p" * 156 + "/" + "q" * 92,
    "/".join([FOLDER, FOLDER, "ö"]),
    "/".join([FOLDER] * 12),
]


@atdata.packable
class Primitives:
    """A field of every type without arrays."""

    name: str
    count: int
    score: float
    active: bool
    data: bytes
    tags: list[str]
    numbers: list[int]
    scores: list[float]
    flags: list[bool]
    blobs: list[bytes]
    meta: dict[str, Any]


@atdata.packable
class Optionals:
    """A field of every type that may be missing."""

    name: str | None
    count: int | None
    score: float | None
    active: bool | None
    data: bytes | None
    tags: list[str] | None
    image: NDArray | None


@atdata.packable
class Arrays:
    """An array, and one that may be missing."""

    a: NDArray
    b: NDArray | None = None


@atdata.packable
class Labeled:
    """What a data set for learning holds."""

    pixels: NDArray
    label: str
    number: int


class Case(NamedTuple):
    """Samples of one type, and what `write_samples` is told beside them."""

    sample_type: type[Any]
    samples: list[Any]
    keys: list[str] | None = None
    options: dict[str, Any] = {}  # noqa: RUF012 - never changed

    def key(self, number: int) -> str:
        """The key of a sample."""
        return self.keys[number] if self.keys else f"{number:09}"


def cases() -> dict[str, Case]:
    """All that is written, by the name of its file."""
    small = list(labeled())
    return {
        "primitives": Case(Primitives, list(primitives())),
        "lengths": Case(Primitives, list(lengths())),
        "optionals": Case(Optionals, list(optionals())),
        "arrays": Case(Arrays, list(arrays())),
        "names": Case(Labeled, small[: len(KEYS)], KEYS),
        "by_count": Case(Labeled, small, options={"maxcount": 24}),
        "manifests": Case(Labeled, small, options={"maxcount": 24, "manifest": True}),
        "by_size": Case(Labeled, small, options={"maxsize": 20_000}),
        "structured": Case(Arrays, list(structured())),
        "open": Case(atdata.DictSample, list(open_samples())),
    }


def primitives() -> Iterator[Primitives]:
    """Numbers and texts at the edges of what they can be."""
    for n in range(max(len(INTS), len(TEXTS), len(FLOATS))):
        yield primitive(
            name=TEXTS[n % len(TEXTS)],
            count=INTS[n % len(INTS)],
            score=FLOATS[n % len(FLOATS)],
            data=bytes(range(n)),
            meta={"k": n, "ü": {"a": [1, 2.5, None, True, "s", b"b", {}]}},
        )


def lengths() -> Iterator[Primitives]:
    """Lists, maps, texts and bytes where their headers change."""
    for n in LENGTHS:
        yield primitive(
            name="n" * n,
            data=b"\xff" * n,
            tags=[f"t{i}" for i in range(n)],
            numbers=list(range(-n, 0)),
            scores=[i / 3 for i in range(n)],
            flags=[i % 3 == 0 for i in range(n)],
            blobs=[bytes([i % 256]) for i in range(n)],
            meta={f"k{i}": i for i in range(n)},
        )


def primitive(**fields: Any) -> Primitives:
    """A sample of which only some fields matter."""
    usual = {"name": "", "count": 7, "score": 0.5, "active": True, "data": b"", "tags": ["é"]}
    lists = {"numbers": [2**63, -1], "scores": [-0.0], "flags": [False], "blobs": [b"\0"]}
    return Primitives(**{**usual, **lists, "meta": {}, **fields})


def optionals() -> Iterator[Optionals]:
    """All fields there, none there, and each one missing."""
    full = {"name": "n", "count": 0, "score": 0.0, "active": False, "data": b"", "tags": []}
    full["image"] = np.arange(6, dtype="u1").reshape(2, 3)
    yield Optionals(**full)
    yield Optionals(**dict.fromkeys(full))
    for field in full:
        yield Optionals(**{**full, field: None})


def arrays() -> Iterator[Arrays]:
    """Every dtype in every shape, also Fortran order and slices."""
    for dtype in DTYPES:
        for number, shape in enumerate(SHAPES):
            found = array(np.dtype(dtype), shape)
            yield Arrays(found, None if number % 2 else found.T)
    base = np.arange(60, dtype="f4").reshape(5, 12)
    for other in (np.asfortranarray(base), base[::-1, ::2], np.broadcast_to(base[0], (3, 12))):
        yield Arrays(other, np.zeros((0, 0)))


def array(dtype: np.dtype[Any], shape: tuple[int, ...]) -> NDArray[Any]:
    """An array of a dtype in which no two elements need be alike."""
    count = int(np.prod(shape))
    if dtype.kind in "SU":
        text = [
            ("é漢z🎉ab\0c"[n % 8] if dtype.kind == "U" else "ab\0c"[n % 4]) for n in range(count)
        ]
        return np.array([letter * (n % 9) for n, letter in enumerate(text)], dtype).reshape(shape)
    numbers = np.arange(count) * 37 - 5 if dtype.kind not in "ub" else np.arange(count) * 3
    return numbers.astype(dtype).reshape(shape)


def labeled() -> Iterator[Labeled]:
    """A hundred small images."""
    for n in range(100):
        yield Labeled(np.full((8, 8, 3), n, "u1"), f"class {n % 7}", n)


def open_samples() -> Iterator[Any]:
    """Samples without a declared type."""
    for n, text in enumerate(TEXTS):
        yield atdata.DictSample(number=n, text=text, items=[n, None, {"deep": [[]]}], none=None)


def structured() -> Iterator[Arrays]:
    """Structured arrays, which are `.npy` images in a shard."""
    point = np.dtype([("x", "<f4"), ("y", ">i2"), ("name", "S3")])
    nested = np.dtype([("at", point), ("grid", "u1", (2, 2))])
    for shape in ((), (3,), (0, 2), (2, 3)):
        yield Arrays(np.ones(shape, point), np.zeros(shape, nested))
