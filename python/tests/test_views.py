"""Arrays that look at the shard where it lies."""

import gc
import os
from pathlib import Path
from typing import IO

import numpy as np
import pytest
from numpy.typing import NDArray

import atdata


@atdata.packable
class Scan:
    """An array of any shape, another that may be missing, and a name."""

    pixels: NDArray
    name: str
    mask: NDArray | None = None


def scans(count: int) -> list[Scan]:
    dtypes = ["u1", "<f4", ">i2", "<c16", "U3", "<M8[ns]", "?"]
    made = []
    for n in range(count):
        size = [3, 700, 40_000][n % 3]
        pixels = np.arange(n, n + size).astype(dtypes[n % len(dtypes)])
        made.append(Scan(pixels, f"scan {n}", None if n % 2 else np.zeros((2, 0), "f8")))
    return made


@pytest.fixture
def dataset(tmp_path: Path) -> "atdata.Dataset[Scan]":
    return atdata.write_samples(scans(50), tmp_path / "scans.tar", maxcount=20)


def same(a: Scan, b: Scan) -> bool:
    alike = a.pixels.dtype == b.pixels.dtype and np.array_equal(a.pixels, b.pixels)
    masks = (None, None) if a.mask is None or b.mask is None else (a.mask.shape, b.mask.shape)
    return (
        alike and a.name == b.name and (a.mask is None) == (b.mask is None) and masks[0] == masks[1]
    )


def test_views_hold_what_copies_hold(dataset: "atdata.Dataset[Scan]") -> None:
    for copies, views in (
        (dataset.ordered(), dataset.ordered(arrays="view")),
        (dataset.shuffled(seed=1), dataset.shuffled(seed=1, arrays="view")),
        (dataset[5:40:3].ordered(), dataset[5:40:3].ordered(arrays="view")),
        (
            dataset.filter(lambda s: "7" in s.name).ordered(),
            dataset.filter(lambda s: "7" in s.name).ordered(arrays="view"),
        ),
    ):
        expected, found = list(copies), list(views)
        assert len(expected) == len(found) > 0
        assert all(same(a, b) for a, b in zip(expected, found, strict=True))


def test_views_outlive_their_dataset_and_cannot_be_written_to(
    dataset: "atdata.Dataset[Scan]",
) -> None:
    found = list(dataset.ordered(arrays="view"))
    for path in dataset.list_shards():
        os.unlink(path)  # what is mapped stays
    gc.collect()
    assert all(same(a, b) for a, b in zip(found, scans(50), strict=True))
    with pytest.raises(ValueError, match="read-only"):
        found[0].pixels[0] = 1
    with pytest.raises(ValueError, match="WRITEABLE"):
        found[1].pixels.setflags(write=True)
    assert not found[1].pixels.flags.owndata


def test_fortran_arrays_and_structured_ones_are_read_too(tmp_path: Path) -> None:
    table = np.array([(1, 2.5), (3, 4.5)], dtype=[("a", "<i4"), ("b", "<f8")])
    samples = [Scan(np.asfortranarray(np.arange(12).reshape(3, 4)), "f"), Scan(table, "t")]
    dataset = atdata.write_samples(samples, tmp_path / "odd.tar")
    found = list(dataset.ordered(arrays="view"))
    assert all(same(a, b) for a, b in zip(found, samples, strict=True))
    assert not any(sample.pixels.flags.writeable for sample in found)


def test_shards_that_cannot_be_mapped_are_copied(dataset: "atdata.Dataset[Scan]") -> None:
    class Streams:
        """A source of the user's own."""

        shard_list = dataset.list_shards()

        def open_shard(self, name: str) -> IO[bytes]:
            return open(name, "rb")

    found = list(atdata.Dataset[Scan](Streams()).ordered(arrays="view"))
    assert all(same(a, b) for a, b in zip(found, scans(50), strict=True))
    assert not any(sample.pixels.flags.writeable for sample in found)


def test_a_shard_that_was_cut_is_an_error(dataset: "atdata.Dataset[Scan]") -> None:
    iterator = iter(dataset.ordered(arrays="view"))
    next(iterator)
    for path in dataset.list_shards():
        os.truncate(path, 2048)
    with pytest.raises(atdata.AtdataError, match="cut short"):
        list(iterator)


def test_batches_have_arrays_of_their_own(dataset: "atdata.Dataset[Scan]") -> None:
    with pytest.raises(ValueError, match="one by one"):
        dataset.ordered(batch_size=2, arrays="view")
    with pytest.raises(ValueError, match="'copy' or 'view'"):
        dataset.shuffled(arrays="mmap")
