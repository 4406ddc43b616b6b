"""Bytes fields that hold a whole file: what annotations say of them, and single files decoded."""

import dataclasses
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

from atdata import _atdata
from atdata._errors import DataError, UnsupportedTypeError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Audio", "Encoded", "Image", "Sound", "decode_audio", "decode_image", "encode_png"]

FLAT = 2  # axes of an image without channels
_NO_FILE = {
    "image": "the field is not the bytes of an image but a value of the type ",
    "audio": "the field is not the bytes of a recording but a value of the type ",
}


@dataclasses.dataclass(frozen=True)
class Encoded:
    """Says of a `bytes` field that its values are files: "image" or "audio".

    >>> Encoded("image")
    Encoded(encoding='image')
    """

    encoding: str


# To a type checker, and to everybody who does not look at annotations, they are `bytes`.
Image = Annotated[bytes, Encoded("image")]
Audio = Annotated[bytes, Encoded("audio")]


class Sound(NamedTuple):
    """A recording that was decoded: `samples` (float32 from -1 to 1, frames by channels), and the
    `rate` in frames a second."""

    samples: "NDArray[np.float32]"
    rate: int


def decode_image(data: bytes) -> "NDArray[np.uint8]":
    """The pixels of a PNG, JPEG or WebP file: uint8, height by width by channels.

    There is 1 channel for grey, 2 for grey and alpha, 3 for RGB, 4 for RGBA; 16 bits become 8, a
    palette its colours, and of an animation there is the first frame. Nothing is turned: a
    camera's note on which way up it was held is not followed. Raises `DataError` (a ValueError,
    `kind` "bad_image") for other files, broken ones, and those of more than 64 megapixels.

    >>> try:
    ...     decode_image(b"GIF89a")
    ... except ValueError as error:
    ...     print(error)
    the image is GIF; PNG, JPEG and WebP are decoded
    """
    found, errors = _atdata.decode_images([data])
    if errors:
        raise errors[0][1]
    pixels: NDArray[np.uint8] = found[0]
    return pixels


def encode_png(pixels: "NDArray[np.uint8]") -> bytes:
    """Pixels as a PNG file, from which `decode_image` gives the same pixels.

    They are uint8, height by width, or by 1 to 4 channels too. Raises `UnsupportedTypeError` (a
    TypeError) for another dtype, `DataError` for another shape.

    >>> import numpy
    >>> pixels = numpy.arange(24, dtype="u1").reshape(2, 4, 3)
    >>> (decode_image(encode_png(pixels)) == pixels).all().item()
    True
    """
    if pixels.dtype != "u1":
        raise UnsupportedTypeError(f"an image is of the dtype uint8, not {pixels.dtype}")
    shape = (*pixels.shape, 1) if pixels.ndim == FLAT else pixels.shape
    if len(shape) != FLAT + 1:
        raise DataError(f"an image has 2 or 3 axes, not {pixels.ndim}", kind="bad_image")
    height, width, channels = shape
    return _atdata.png_of(pixels.tobytes(), (height, width, channels), max(shape))


def decode_audio(data: bytes) -> Sound:
    """The samples of a WAV file (8, 16, 24 or 32 bits, or 32-bit floats), and its rate.

    Raises `DataError` (a ValueError, `kind` "bad_audio") for other files and broken ones.

    >>> try:
    ...     decode_audio(b"OggS")
    ... except ValueError as error:
    ...     print(error)
    the bytes are no WAV file, which is the only recording that is decoded
    """
    rate, samples = _atdata.decode_recording(data)
    return Sound(samples, rate)


def decode_all(
    values: list[Any], encoding: str, name: str | None
) -> tuple[list[Any], dict[int, Any]]:
    """Files decoded, one by one, and the errors by their places; they name the field, if given."""
    place = "" if name is None else f" (field {name})"
    wrong: dict[int, Any] = {
        at: DataError(
            f"{_NO_FILE[encoding]}{type(value).__name__}{place}", kind="wrong_type", field=name
        )
        for at, value in enumerate(values)
        if not (value is None or isinstance(value, bytes | bytearray))
    }
    files = [None if at in wrong else value for at, value in enumerate(values)]
    if encoding == "image":
        found, errors = _atdata.decode_images(files, name)
        return list(found), {**wrong, **dict(errors)}
    sounds: list[Any] = [None] * len(files)
    for at, file in enumerate(files):
        try:
            sounds[at] = None if file is None else decode_audio(file)
        except DataError as error:
            error.field, wrong[at] = name, error
    return sounds, wrong
