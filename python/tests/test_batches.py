"""Batches: fields of many samples at once."""

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from sample_types import Arrays, Brightness, Image, images, write_images

import atdata
from atdata import DictSample, SampleBatch


def batches_of(samples: list[Any], folder: Path) -> list[SampleBatch[Any]]:
    """The same batch, made of samples and made of columns."""
    dataset = atdata.write_samples(samples, folder / "samples.tar")
    return [SampleBatch[type(samples[0])](samples), *dataset.ordered(batch_size=len(samples))]


def test_arrays_are_stacked_and_the_rest_are_lists(tmp_path: Path) -> None:
    for batch in batches_of(list(images(4)), tmp_path):
        assert batch.pixels.shape == (4, 2, 3)
        assert batch.pixels.dtype == np.uint8
        assert batch.pixels[3].tolist() == [[3, 3, 3], [3, 3, 3]]
        assert batch.label == ["class 0", "class 1", "class 2", "class 3"]
        assert batch.number == [0, 1, 2, 3]
        assert len(batch) == 4
        assert batch.sample_type is Image


def test_what_was_asked_for_is_kept(tmp_path: Path) -> None:
    for batch in batches_of(list(images(2)), tmp_path):
        assert batch.pixels is batch.pixels
        assert batch.label is batch.label


def test_ragged_arrays_are_a_list(tmp_path: Path) -> None:
    for batch in batches_of([Arrays(np.zeros(2)), Arrays(np.zeros((3, 1)))], tmp_path):
        assert [array.shape for array in batch.a] == [(2,), (3, 1)]
        assert batch.b == [None, None]


def test_some_arrays_are_none(tmp_path: Path) -> None:
    for batch in batches_of([Arrays(np.zeros(2), np.ones(2)), Arrays(np.zeros(2))], tmp_path):
        assert batch.a.shape == (2, 2)
        assert isinstance(batch.b, list)
        assert batch.b[0].tolist() == [1, 1]
        assert batch.b[1] is None


def test_scalars_and_empty_arrays_are_stacked(tmp_path: Path) -> None:
    for shape in [(), (0,), (0, 5)]:
        for batch in batches_of([Arrays(np.zeros(shape)), Arrays(np.ones(shape))], tmp_path):
            assert batch.a.shape == (2, *shape)
            assert all(sample.a.shape == shape for sample in batch.samples)


def test_different_dtypes_of_one_shape_are_promoted(tmp_path: Path) -> None:
    samples = [Arrays(np.zeros(2, "u1")), Arrays(np.ones(2, "f4"))]
    for batch in batches_of(samples, tmp_path):
        assert (batch.a.shape, batch.a.dtype) == ((2, 2), np.float32)


def test_samples_are_there_one_by_one(tmp_path: Path) -> None:
    wanted = list(images(3))
    for batch in batches_of(wanted, tmp_path):
        assert batch.samples == wanted == list(batch)
        assert batch.samples is batch.samples


def test_the_last_batch_may_be_shorter(tmp_path: Path) -> None:
    sizes = [len(batch) for batch in write_images(tmp_path, 10).ordered(batch_size=4)]
    assert sizes == [4, 4, 2]


def test_unknown_fields_are_named(tmp_path: Path) -> None:
    for batch in batches_of(list(images(2)), tmp_path):
        assert not hasattr(batch, "colour")
        with pytest.raises(AttributeError, match=r"no field 'colour'.*pixels, label, number"):
            _ = batch.colour
        with pytest.raises(KeyError, match="colour"):
            _ = batch["colour"]


def test_fields_that_are_called_as_the_batch_calls_its_own(tmp_path: Path) -> None:
    @atdata.packable
    class Odd:
        samples: int
        _hidden: str

    for batch in batches_of([Odd(1, "a"), Odd(2, "b")], tmp_path):
        assert batch["samples"] == [1, 2]
        assert batch["_hidden"] == ["a", "b"]
        assert batch.samples[1] == Odd(2, "b")


def test_properties_of_the_sample_type_are_gathered(tmp_path: Path) -> None:
    @atdata.packable
    class Square:
        side: NDArray[Any]

        @property
        def area(self) -> NDArray[Any]:
            return self.side**2

    for batch in batches_of([Square(np.ones(2)), Square(np.zeros(2))], tmp_path):
        assert batch.area.tolist() == [[1, 1], [0, 0]]
        assert batch.packed == [sample.packed for sample in batch]


def test_dict_samples(tmp_path: Path) -> None:
    samples = [DictSample(a=1, b="x"), DictSample(a=2, c=None)]
    for batch in batches_of(samples, tmp_path):
        assert (batch.a, batch.b, batch.c) == ([1, 2], ["x", None], [None, None])
        assert batch.sample_type is DictSample
        with pytest.raises(AttributeError, match="a, b, c"):
            _ = batch.d


def test_batches_of_views(tmp_path: Path) -> None:
    dataset = write_images(tmp_path, 5).as_type(Brightness)
    batches = list(dataset.ordered(batch_size=2))
    assert [batch.mean for batch in batches] == [[0, 1], [2, 3], [4]]
    assert len(dataset.ordered(batch_size=2)) == 3


def test_a_default_fills_a_column(tmp_path: Path) -> None:
    atdata.write_samples([DictSample(pixels=np.zeros(1), label="a")] * 2, tmp_path / "old.tar")
    (batch,) = atdata.Dataset[Image](tmp_path / "old.tar").ordered(batch_size=2)
    assert batch.number == [-1, -1]


def test_a_missing_field_is_named_with_its_sample(tmp_path: Path) -> None:
    samples = [DictSample(pixels=np.zeros(1), label="a"), DictSample(pixels=np.zeros(1))]
    atdata.write_samples(samples, tmp_path / "old.tar")
    for batch_size in (None, 2):
        with pytest.raises(atdata.DataError) as caught:
            list(atdata.Dataset[Image](tmp_path / "old.tar").ordered(batch_size))
        error = caught.value
        assert (error.kind, error.key, error.field) == ("missing_field", "000000001", "label")
        assert "old.tar" in str(error)


def test_extra_fields_are_counted(tmp_path: Path) -> None:
    atdata.write_samples([DictSample(mean=1.0, label="a", x=1, y=2)] * 3, tmp_path / "new.tar")
    for batch_size in (None, 2):
        passes = atdata.Dataset[Brightness](tmp_path / "new.tar").ordered(batch_size)
        list(passes)
        assert passes.report.extra_fields == 6


def test_batches_are_pickled_with_their_columns(tmp_path: Path) -> None:
    for batch in batches_of(list(images(3)), tmp_path):
        again = pickle.loads(pickle.dumps(batch))
        assert np.array_equal(again.pixels, batch.pixels)
        assert (again.label, len(again), again.sample_type) == (batch.label, 3, Image)
        assert again.samples == batch.samples


def test_an_empty_batch() -> None:
    batch = SampleBatch[Image]([])
    assert (len(batch), batch.label, batch.samples) == (0, [], [])


def test_repr(tmp_path: Path) -> None:
    for batch in batches_of(list(images(2)), tmp_path):
        assert repr(batch) == "<SampleBatch[Image] of 2: pixels, label, number>"
