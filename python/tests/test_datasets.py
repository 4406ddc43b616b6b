"""Datasets: what they are made of and what they say of themselves."""

import json
import pickle
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pytest
from sample_types import Brightness, Image, Label, images, numbers_in, write_images

import atdata
from atdata import Dataset, DictSample, SampleBatch, URLSource


def test_the_type_and_its_batches(tmp_path: Path) -> None:
    dataset = Dataset[Image](tmp_path / "images.tar")  # nothing is opened yet
    assert dataset.sample_type is Image
    assert dataset.batch_type == SampleBatch[Image]
    assert repr(dataset) == f"Dataset[Image]('{tmp_path}/images.tar')"


def test_without_a_type_samples_are_dict_samples(tmp_path: Path) -> None:
    write_images(tmp_path, 2)
    dataset = Dataset(tmp_path / "images.tar")
    assert dataset.sample_type is DictSample
    assert [(type(sample), sample.number) for sample in dataset] == [
        (DictSample, 0),
        (DictSample, 1),
    ]
    unknown = TypeVar("unknown")
    assert Dataset[unknown]("x.tar").sample_type is DictSample


def test_every_form_of_source(tmp_path: Path) -> None:
    shards = write_images(tmp_path, 6, maxcount=2).list_shards()
    pattern = f"{tmp_path}/images-{{000000..000002}}.tar"
    for source in (pattern, Path(pattern), shards, tuple(shards), URLSource(pattern)):
        dataset = Dataset[Image](source)
        assert numbers_in(dataset) == [0, 1, 2, 3, 4, 5]
        assert dataset.list_shards() == dataset.shard_list == shards
        assert isinstance(dataset.source, URLSource)
        assert dataset.url == pattern
    assert numbers_in(Dataset[Image](url=pattern)) == [0, 1, 2, 3, 4, 5]


@pytest.mark.parametrize("arguments", [(), (3,), (["a.tar", 3],), (object(),), (URLSource,)])
def test_what_is_no_source(arguments: tuple[Any, ...]) -> None:
    with pytest.raises(TypeError, match="path"):
        Dataset(*arguments)


def test_arguments_are_checked() -> None:
    with pytest.raises(ValueError, match="'ignore' is neither 'raise' nor 'skip'"):
        Dataset("x.tar", on_error="ignore")
    with pytest.raises(ValueError, match="no shards"):
        Dataset([])
    with pytest.raises(TypeError, match="sorted"):
        Dataset("x.tar", sorted=True)
    with pytest.raises(TypeError, match="takes one source"):
        Dataset("x.tar", url="y.tar")


def test_a_class_that_is_no_sample_type(tmp_path: Path) -> None:
    write_images(tmp_path, 1)
    with pytest.raises(TypeError, match=r"int is not a sample type.*@atdata\.packable"):
        list(Dataset[int](tmp_path / "images.tar"))


def test_one_sample_by_its_number(tmp_path: Path) -> None:
    dataset = write_images(tmp_path, 10, maxcount=3)
    assert len(dataset) == 10
    assert [dataset[n].number for n in (0, 3, 9, -1, -10)] == [0, 3, 9, 9, 0]
    assert dataset[np.int64(4)].number == 4
    for outside in (10, -11, 2**70, -(2**70)):
        with pytest.raises(IndexError, match="dataset has 10"):
            dataset[outside]
    with pytest.raises(TypeError):
        dataset["label"]


def test_iterating_again_and_again(tmp_path: Path) -> None:
    dataset = write_images(tmp_path, 3)
    assert numbers_in(dataset) == numbers_in(dataset) == [0, 1, 2]
    assert list(zip(numbers_in(dataset), numbers_in(dataset), strict=True)) == [
        (0, 0),
        (1, 1),
        (2, 2),
    ]


def test_no_samples_at_all(tmp_path: Path) -> None:
    dataset = atdata.write_samples([], tmp_path / "none.tar")
    assert (len(dataset), list(dataset), list(dataset.shuffled(batch_size=3))) == (0, [], [])
    assert len(dataset.ordered(batch_size=3)) == 0


def test_shards_as_streams(tmp_path: Path) -> None:
    dataset = write_images(tmp_path, 4, maxcount=2)
    wanted = [(name, Path(name).read_bytes()) for name in dataset.list_shards()]
    assert [(name, stream.read()) for name, stream in dataset.shards] == wanted
    assert [(name, stream.read()) for name, stream in dataset.shards()] == wanted


def test_raw_samples_are_wrapped(tmp_path: Path) -> None:
    dataset = Dataset[Image](tmp_path / "images.tar")
    raw = [image.as_wds for image in images(3)]
    assert dataset.wrap(raw[1]).number == 1
    batch = dataset.wrap_batch({"msgpack": [one["msgpack"] for one in raw]})
    assert (batch.number, batch.pixels.shape) == ([0, 1, 2], (3, 2, 3))
    for wrap in (dataset.wrap, dataset.wrap_batch):
        with pytest.raises(RuntimeError, match=r"^Malformed sample: 'msgpack' field not found"):
            wrap({"__key__": "a", "jpg": b""})


def test_metadata_of_a_local_file(tmp_path: Path) -> None:
    assert Dataset("x.tar").metadata is None
    wanted = {"colours": ["red", "blue"], "count": 2}
    (tmp_path / "about.json").write_text(json.dumps(wanted))
    (tmp_path / "about.msgpack").write_bytes(DictSample(wanted).packed)
    for name in ("about.json", "about.msgpack"):
        dataset = Dataset("x.tar", metadata_url=tmp_path / name)
        assert dataset.metadata == wanted
        assert dataset.metadata is dataset.metadata
        assert dataset.metadata_url == str(tmp_path / name)
    with pytest.raises(FileNotFoundError, match=r"none\.json"):
        _ = Dataset("x.tar", str(tmp_path / "none.json")).metadata
    with pytest.raises(atdata.NotSupportedError, match="sftp"):
        _ = Dataset("x.tar", "sftp://host/about.json").metadata


def test_datasets_are_pickled(tmp_path: Path) -> None:
    dataset = write_images(tmp_path, 4, maxcount=2)
    list(dataset)
    for one in (dataset, Dataset[Image](dataset.list_shards(), on_error="skip")):
        again = pickle.loads(pickle.dumps(one))
        assert (again.sample_type, numbers_in(again)) == (Image, [0, 1, 2, 3])
    for view in (Brightness, Label):
        again = pickle.loads(pickle.dumps(dataset.as_type(view)))
        assert [sample.label for sample in again] == [sample.label for sample in dataset]


def test_views_keep_what_was_asked_for(tmp_path: Path) -> None:
    write_images(tmp_path, 2)
    dataset = Dataset[Image](tmp_path / "images.tar", "about.json", on_error="skip")
    view = dataset.as_type(Label)
    assert (view.source, view.metadata_url) == (dataset.source, "about.json")
    assert view._on_error == "skip"


def test_a_broken_shard_cannot_be_counted_but_is_read(fixtures: Path) -> None:
    dataset = Dataset(fixtures / "bad" / "duplicate_keys.tar", on_error="skip")
    assert len(list(dataset)) == 1  # list() asks for the length first


def test_samples_of_a_generic_type(tmp_path: Path) -> None:
    atdata.write_samples([DictSample(label="a", number=1)], tmp_path / "x.tar")
    assert list(Dataset[Label](tmp_path / "x.tar")) == [Label("a", 1)]
