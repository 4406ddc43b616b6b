"""Images and recordings for tests."""

import io
import wave
from pathlib import Path
from typing import Any

import numpy as np

import atdata

FILES = Path(__file__).parents[2] / "tests" / "fixtures" / "images"
Y, X = np.mgrid[0:16, 0:24]
RGB = np.stack([X * 10, Y * 15, (X + Y) * 6], -1).astype("u1")
JPEG = (FILES / "rgb.jpg").read_bytes()


@atdata.packable
class Photo:
    photo: atdata.Image
    label: int
    mask: atdata.Image | None = None


@atdata.packable
class Clip:
    sound: atdata.Audio
    text: str


def png(pixels: Any) -> bytes:
    return atdata.encode_png(np.asarray(pixels, "u1"))


def photos(folder: Path, count: int = 10, **options: Any) -> atdata.Dataset[Photo]:
    made = [Photo(png(np.full((4, 6, 3), n)), n) for n in range(count)]
    return atdata.write_samples(made, folder / "photos.tar", **options)


def wav(width: int, channels: int, values: Any) -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(width)
        file.setframerate(8000)
        file.writeframes(values)
    return out.getvalue()
