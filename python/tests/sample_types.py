"""Sample types and lenses that several tests share; here, so that other processes find them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import atdata


@atdata.packable
class Primitives:
    name: str
    count: int
    score: float
    active: bool
    data: bytes
    tags: list[str]
    scores: list[float]
    meta: dict[str, Any]
    note: str | None


@atdata.packable
class Arrays:
    a: NDArray[Any]
    b: NDArray[Any] | None = None


@atdata.packable
class Labeled:
    pixels: NDArray[np.uint8]
    label: str
    confidence: float
    tags: list[str]
    idx: int


@atdata.packable
class Image:
    """A small image."""

    pixels: NDArray[Any]
    label: str
    number: int = -1


@atdata.packable
class Label:
    """What an image shows: two fields of `Image`."""

    label: str
    number: int


@atdata.packable
class Brightness:
    mean: float
    label: str


@atdata.lens
def brightness(image: Image) -> Brightness:
    return Brightness(float(image.pixels.mean()), image.label)


@brightness.putter
def put_brightness(view: Brightness, source: Image) -> Image:
    return Image(source.pixels, view.label, source.number)


def images(count: int) -> Iterator[Image]:
    """Images of 2 x 3 pixels, all of the image's number."""
    return (Image(np.full((2, 3), n % 256, "u1"), f"class {n % 10}", n) for n in range(count))


def write_images(folder: Path, count: int, **options: Any) -> atdata.Dataset[Image]:
    return atdata.write_samples(images(count), folder / "images.tar", **options)


def numbers_in(dataset: Any) -> list[int]:
    """The numbers of the images that a pass gives."""
    return [sample.number for sample in dataset]
