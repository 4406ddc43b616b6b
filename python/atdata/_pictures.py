"""Small pictures of values for a page: thumbnails and sparklines."""

import base64
import math
from typing import Any

import numpy as np

from atdata import _atdata
from atdata._errors import AtdataError

__all__ = ["is_picture", "looks_like_an_image", "pixels_picture", "sparkline", "thumbnail"]

SIDE = 112  # pixels
SMALL = 64  # below it pixels are shown larger
POINTS = 60
STRIDE = 1024  # an axis that is longer is thinned out before anything is computed
SMALLEST = 8  # pixels that an array's sides must have to be taken for an image
LEAST_POINTS = 3


def looks_like_an_image(data: bytes) -> bool:
    """Whether bytes begin as PNG, JPEG or WebP files do."""
    webp = data[:4] == b"RIFF" and data[8:12] == b"WEBP"
    return webp or data[:8] == b"\x89PNG\r\n\x1a\n" or data[:3] == b"\xff\xd8\xff"


def thumbnail(data: bytes) -> str | None:
    """An image file as a small picture; None if it cannot be decoded."""
    try:
        return _img(_atdata.thumbnail(data, SIDE))
    except AtdataError:
        return None


def is_picture(array: "np.ndarray[Any, Any]") -> bool:
    """Whether an array has the shape of an image."""
    if array.dtype.kind not in "uifb" or 0 in array.shape:
        return False
    height_and_width = array.shape[:2]
    channels = array.shape[2:] in ((), (1,), (3,), (4,))
    return len(height_and_width) == 2 and channels and min(height_and_width) >= SMALLEST


def pixels_picture(array: "np.ndarray[Any, Any]") -> str | None:
    """An array of an image as a small picture; what is not uint8 from its least to its greatest."""
    steps = [math.ceil(side / STRIDE) for side in array.shape[:2]]
    pixels = array[:: steps[0], :: steps[1]]
    if pixels.dtype != np.uint8:
        pixels = _scaled(pixels)
    if pixels.ndim == 2:
        pixels = pixels[..., None]
    pixels = np.ascontiguousarray(pixels)
    height, width, channels = pixels.shape
    try:
        return _img(_atdata.png_of(pixels.tobytes(), (height, width, channels), SIDE))
    except AtdataError:
        return None


def _scaled(values: "np.ndarray[Any, Any]") -> "np.ndarray[Any, Any]":
    """Numbers from 0 to 255; what is no number is 0."""
    numbers = values.astype("f8")
    known = np.isfinite(numbers)
    if not known.any():
        return np.zeros(numbers.shape, np.uint8)
    least, greatest = numbers[known].min(), numbers[known].max()
    half = max(greatest / 2 - least / 2, np.finfo("f8").tiny)  # halved, so that it stays finite
    share = np.where(known, (numbers / 2 - least / 2) / half, 0)
    return (share.clip(0, 1) * 255).astype(np.uint8)


def _img(png: bytes) -> str:
    width, height = (int.from_bytes(png[at : at + 4], "big") for at in (16, 20))
    larger = max(1, SMALL // max(width, height))
    size = f'width="{width * larger}" height="{height * larger}"'
    style = "image-rendering:pixelated;max-width:none;margin:0;display:block"
    data = base64.b64encode(png).decode()
    return f'<img alt="" {size} style="{style}" src="data:image/png;base64,{data}">'


def sparkline(array: "np.ndarray[Any, Any]") -> str | None:
    """A line through the numbers of an axis; None where there is nothing to be drawn."""
    if array.ndim != 1 or array.dtype.kind not in "uifb" or array.size < LEAST_POINTS:
        return None
    at = np.linspace(0, array.size - 1, min(array.size, POINTS)).astype(int)
    values = _scaled(array[at]).astype(int)
    known = np.isfinite(array[at].astype("f8"))
    width, height = 120, 24
    places = np.linspace(1, width - 1, values.size)
    points = [
        f"{x:.1f},{height - 1 - value / 255 * (height - 2):.1f}"
        for x, value, there in zip(places, values, known, strict=True)
        if there
    ]
    line = f'<polyline points="{" ".join(points)}" fill="none" stroke="currentColor"/>'
    size = f'width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
    return f'<svg {size} style="display:block;opacity:.75" role="img">{line}</svg>'
