"""What type checkers see: checked by `test_typing.py`, never run."""

from collections.abc import Iterator
from typing import Any, assert_type

from numpy.typing import NDArray

import atdata
from atdata.lens import Lens, LensNetwork, lens


@atdata.packable
class Image:
    pixels: NDArray[Any]
    label: str
    number: int = 0


@atdata.packable
class Label:
    label: str


@atdata.lens
def label_of(image: Image) -> Label:
    return Label(image.label)


@label_of.putter
def put_label(view: Label, source: Image) -> Image:
    return Image(source.pixels, view.label)


@lens
def image_of(label: Label) -> Image:
    raise NotImplementedError


def samples(path: str) -> None:
    dataset = atdata.Dataset[Image](path, on_error="skip")
    assert_type(dataset, atdata.Dataset[Image])
    assert_type(iter(dataset), Iterator[Image])
    assert_type(iter(dataset.ordered()), Iterator[Image])
    assert_type(dataset[3], Image)
    assert_type(dataset.sample_type, type[Image])
    for sample in dataset.shuffled(seed=1):
        assert_type(sample, Image)
        assert_type(sample.label, str)
    assert_type(atdata.Dataset(path), atdata.Dataset[Any])


def batches(dataset: atdata.Dataset[Image], size: int | None) -> None:
    for batch in dataset.ordered(batch_size=32, rank="auto"):
        assert_type(batch, atdata.SampleBatch[Image])
        assert_type(batch.samples, list[Image])
    assert_type(dataset.shuffled(batch_size=32), atdata.Batches[Image])
    assert_type(dataset.shuffled(100, 1000, 32), atdata.Batches[Image])
    assert_type(dataset.ordered(size), atdata.Samples[Image] | atdata.Batches[Image])


def views(dataset: atdata.Dataset[Image]) -> None:
    assert_type(dataset.as_type(Label), atdata.Dataset[Label])
    assert_type(label_of, Lens[Image, Label])
    assert_type(image_of, Lens[Label, Image])
    assert_type(label_of.get(dataset[0]), Label)
    assert_type(label_of.put(Label("a"), dataset[0]), Image)
    assert_type(LensNetwork().transform(Image, Label), Lens[Image, Label])


def loading(path: str) -> None:
    assert_type(atdata.load_dataset(path, Image), atdata.DatasetDict[Image])
    assert_type(atdata.load_dataset(path, Image, split="train"), atdata.Dataset[Image])
    assert_type(atdata.load_dataset(path, split="train"), atdata.Dataset[atdata.DictSample])
    for dataset in atdata.load_dataset(path, Image).values():
        assert_type(dataset, atdata.Dataset[Image])


def writing(images: list[Image], path: str) -> None:
    assert_type(atdata.write_samples(images, path, maxcount=5), atdata.Dataset[Image])
    atdata.write_samples(images, path, key=lambda number, image: image.label)
    Image(label="a")  # type: ignore[call-arg]
    Image(3, 4)  # type: ignore[arg-type]


class Memory:
    """A source of the user's."""

    @property
    def shard_list(self) -> list[str]:
        return []

    def shards(self) -> Iterator[tuple[str, Any]]:
        return iter(())

    def open_shard(self, shard_id: str) -> Any:
        raise KeyError(shard_id)


def sources(path: str) -> None:
    for source in (path, [path], atdata.URLSource(path), Memory()):
        atdata.Dataset[Image](source)
    for name, stream in atdata.URLSource(path).shards:
        assert_type(name, str)
        assert_type(stream.read(), bytes)
    atdata.Dataset[Image](3)  # type: ignore[arg-type]
