"""Images that are broken, or made to harm."""

import struct
import zlib
from pathlib import Path

import pytest
from images import FILES, JPEG, RGB, Photo, png

import atdata


def bomb(width: int, height: int) -> bytes:
    """A PNG of a few bytes that says it is of that size."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        checksum = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + checksum

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = zlib.compress(bytes(100))
    parts = [chunk(b"IHDR", header), chunk(b"IDAT", data), chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


HOSTILE = {
    "truncated PNG": (png(RGB)[:-40], "cannot be decoded"),
    "truncated JPEG": (JPEG[:-30], "cut off"),
    "half a header": (JPEG[:20], "cut off"),
    "bomb": (bomb(60_000, 60_000), "60000 x 60000 pixels; 67108864 at most"),
    "largest sides": (bomb(2**31 - 1, 2**31 - 1), "limit exceeded"),
    "no pixels": (bomb(0, 5), "cannot be decoded"),
    "missing rows": (bomb(3000, 3000), "cannot be decoded"),
    "GIF": ((FILES / "rgb.gif").read_bytes(), "is GIF; PNG, JPEG and WebP are decoded"),
    "text": (b"a text", "no PNG, JPEG or WebP"),
    "nothing": (b"", "no PNG, JPEG or WebP"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_are_errors_with_a_place(name: str, tmp_path: Path) -> None:
    data, words = HOSTILE[name]
    made = [Photo(png(RGB), 0), Photo(data, 1), Photo(png(RGB), 2)]
    dataset = atdata.write_samples(made, tmp_path / "photos.tar")
    batches = iter(dataset.ordered(batch_size=3, decode=True))
    assert next(batches).label == [0]  # what is whole comes first
    with pytest.raises(atdata.DataError, match=words) as caught:
        next(batches)
    assert caught.value.kind == "bad_image"
    assert str(caught.value.shard).endswith("photos.tar")
    assert (caught.value.key, caught.value.field) == ("000000001", "photo")
    assert "000000001" in str(caught.value)
    assert "photo" in str(caught.value)


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_are_skipped_and_reported(name: str, tmp_path: Path) -> None:
    made = [Photo(png(RGB), 0), Photo(HOSTILE[name][0], 1), Photo(png(RGB), 2)]
    atdata.write_samples(made, tmp_path / "photos.tar")
    dataset = atdata.Dataset[Photo](tmp_path / "photos.tar", on_error="skip")
    for how in (dataset, dataset.filter(lambda sample: True)):
        batches = how.ordered(batch_size=1, decode=True)
        assert [batch.label for batch in batches] == [[0], [2]]
        assert batches.report.skipped == 1
        assert "photo" in batches.report.errors[0]
        samples = how.ordered(decode=True)
        assert [sample.label for sample in samples] == [0, 2]
        assert samples.report.skipped == 1


def test_all_are_broken(tmp_path: Path) -> None:
    atdata.write_samples([Photo(b"", n) for n in range(5)], tmp_path / "photos.tar")
    dataset = atdata.Dataset[Photo](tmp_path / "photos.tar", on_error="skip")
    batches = dataset.ordered(batch_size=2, decode=True)
    assert list(batches) == []
    assert batches.report.skipped == 5
