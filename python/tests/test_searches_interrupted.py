"""Ctrl-C ends a search for samples that a condition does not keep."""

from pathlib import Path

import numpy as np
import pytest
from interrupting import interrupt

from atdata import (
    Dataset,
    DictSample,
    Image,
    URLSource,
    encode_png,
    packable,
    write_samples,
)


def test_ctrl_c_ends_a_search_for_what_is_nowhere(tmp_path: Path) -> None:
    shard = tmp_path / "n.tar"
    write_samples((DictSample(number=n) for n in range(2)), shard)
    (tmp_path / "endless").write_bytes(shard.read_bytes()[:2048])  # without the blocks at the end
    command = f"pipe:while cat '{tmp_path}/endless'; do :; done"
    dataset = Dataset[DictSample](URLSource(command, allow_pipe=True)).filter("number < 0")
    for search in (dataset.count, lambda: list(dataset), lambda: list(dataset.ordered(2))):
        interrupt(search)


@packable
class Photo:
    photo: Image
    label: int


@pytest.mark.parametrize("side", [4, 90])  # asked in the window, and of their headers alone
def test_ctrl_c_ends_a_search_through_images(tmp_path: Path, side: int) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (side, side, 3), "u1")
    shard = tmp_path / "photos.tar"
    write_samples((Photo(encode_png(pixels), n) for n in range(100)), shard)
    (tmp_path / "endless").write_bytes(shard.read_bytes()[:-1024])  # without the end's blocks
    command = f"pipe:while cat '{tmp_path}/endless'; do :; done"
    nothing = Dataset[Photo](URLSource(command, allow_pipe=True)).filter("label < 0")
    interrupt(lambda: list(nothing.ordered(batch_size=100_000, decode=True)))
    interrupt(lambda: list(nothing.ordered(batch_size=100_000)))
    interrupt(lambda: list(nothing.ordered(decode=True)))
    interrupt(lambda: list(nothing.shuffled(batch_size=100_000, seed=0, decode=True)))


@packable
class Noise:
    number: int
    noise: bytes


def test_ctrl_c_ends_a_search_that_went_ahead(tmp_path: Path) -> None:
    wanted = [Noise(n, bytes(1 << 20)) for n in range(12)]
    for name, samples in (("wanted", wanted), ("endless", [Noise(-1, b""), Noise(-2, b"")])):
        write_samples(samples, tmp_path / f"{name}.tar")
        shard = (tmp_path / f"{name}.tar").read_bytes()
        (tmp_path / name).write_bytes(shard[:-1024])  # without the blocks at the end
    command = f"pipe:cd '{tmp_path}'; cat wanted; while cat endless; do :; done"
    dataset = Dataset[Noise](URLSource(command, allow_pipe=True)).filter("number >= 0")
    batches = iter(dataset.ordered(batch_size=4))
    assert [len(next(batches).noise) for _ in range(3)] == [4, 4, 4]
    interrupt(lambda: next(batches))
