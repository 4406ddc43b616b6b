"""Data sets to measure with, always the same: small samples, vectors, images, bytes."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

import atdata

WORDS = ["red", "green", "blue", "small", "large", "round", "square", "dark", "bright", "old"]


@atdata.packable
class Small:
    """A short text and two numbers."""

    text: str
    label: int
    score: float


@atdata.packable
class Vector:
    """An embedding of 128 floats."""

    features: NDArray
    label: int


@atdata.packable
class Image:
    """An image of 224 x 224 pixels, in floats: 600 kB."""

    image: NDArray
    label: str


@atdata.packable
class Encoded:
    """An image as its encoded bytes, some 30 kB."""

    image: bytes
    label: int


class Workload(NamedTuple):
    """Samples of one type in a number of shards."""

    sample_type: type[Any]
    count: int
    shards: int
    make: Callable[[int, np.random.Generator], Iterator[Any]]

    def samples(self, scale: float = 1.0) -> list[Any]:
        """All samples, or a part of them."""
        return list(self.make(self.scaled(scale), np.random.default_rng(7)))

    def scaled(self, scale: float) -> int:
        """How many samples that are."""
        return max(self.shards, int(self.count * scale))

    def write(self, samples: list[Any], folder: Path) -> Any:
        """The data set of samples in as many shards as there should be."""
        per_shard = -(-len(samples) // self.shards)
        return atdata.write_samples(samples, folder / "data.tar", maxcount=per_shard)


def small(count: int, random: np.random.Generator) -> Iterator[Small]:
    """Texts of nine words."""
    words = random.integers(0, len(WORDS), (count, 9)).tolist()
    labels, scores = random.integers(0, 100, count).tolist(), random.random(count).tolist()
    for picked, label, score in zip(words, labels, scores, strict=True):
        yield Small(" ".join(WORDS[word] for word in picked), label, score)


def vector(count: int, random: np.random.Generator) -> Iterator[Vector]:
    """Random directions."""
    for label in random.integers(0, 100, count).tolist():
        yield Vector(random.standard_normal(128, dtype=np.float32), label)


def image(count: int, random: np.random.Generator) -> Iterator[Image]:
    """Noise."""
    for label in random.integers(0, 10, count).tolist():
        yield Image(random.random((224, 224, 3), dtype=np.float32), f"class_{label}")


def encoded(count: int, random: np.random.Generator) -> Iterator[Encoded]:
    """Noise that cannot be packed, behind the first bytes of a JPEG file."""
    for size in random.integers(25_000, 35_000, count).tolist():
        yield Encoded(b"\xff\xd8\xff\xe0" + random.bytes(size), size % 100)


WORKLOADS = {
    "small": Workload(Small, 200_000, 20, small),
    "vector": Workload(Vector, 100_000, 10, vector),
    "image": Workload(Image, 2_000, 8, image),
    "jpegbytes": Workload(Encoded, 20_000, 10, encoded),
}
