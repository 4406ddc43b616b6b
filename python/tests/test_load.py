"""Loading by path: files, patterns, folders, and the splits in them."""

from pathlib import Path
from typing import Any

import pytest
from sample_types import Image, Label, images, numbers_in

import atdata
from atdata import Dataset, DatasetDict, DictSample, load_dataset


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder whose name speaks of no split, as that of `tmp_path` may."""
    return tmp_path / "data"


def store(folder: Path, *names: str) -> None:
    """One shard under each name, with one image whose number counts the names."""
    for number, name in enumerate(names):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        image = list(images(number + 1))[-1]
        atdata.write_samples([image], folder / name)


def split_numbers(splits: Any) -> dict[str, list[int]]:
    return {name: numbers_in(dataset) for name, dataset in splits.items()}


def test_one_file(folder: Path) -> None:
    store(folder, "data.tar")
    splits = load_dataset(folder / "data.tar", Image)
    assert isinstance(splits, DatasetDict)
    assert split_numbers(splits) == {"train": [0]}
    dataset = load_dataset(str(folder / "data.tar"), Image, split="train")
    assert isinstance(dataset, Dataset)
    assert (dataset.sample_type, list(dataset)) == (Image, list(images(1)))


def test_splits_by_file_and_folder(folder: Path) -> None:
    names = ["train-000.tar", "train-001.tar", "testing-000.tar", "dev/000.tar", "other.tar"]
    store(folder, *names)
    found = split_numbers(load_dataset(folder, Image))
    assert {name: sorted(numbers) for name, numbers in found.items()} == {
        "train": [0, 1, 4],
        "test": [2],
        "validation": [3],
    }


@pytest.mark.parametrize(
    ("pattern", "numbers"),
    [
        ("a-{0..1}.tar", [0, 1]),
        ("a-{0,2}.tar", [0, 2]),
        ("a-*.tar", [0, 1, 2]),
        ("a-[01].tar", [0, 1]),
    ],
)
def test_patterns(folder: Path, pattern: str, numbers: list[int]) -> None:
    store(folder, "a-0.tar", "a-1.tar", "a-2.tar")
    assert numbers_in(load_dataset(folder / pattern, Image, split="train")) == numbers


@pytest.mark.parametrize(
    ("data_files", "wanted"),
    [
        ("one-*.tar", {"train": [0, 1]}),
        (["two.tar", Path("one-0.tar")], {"train": [2, 0]}),
        ({"test": "two.tar", "mine": ["one-1.tar", "one-0.tar"]}, {"test": [2], "mine": [1, 0]}),
    ],
)
def test_files_that_are_said(folder: Path, data_files: Any, wanted: dict[str, Any]) -> None:
    store(folder, "one-0.tar", "one-1.tar", "two.tar")
    assert split_numbers(load_dataset(folder, Image, data_files=data_files)) == wanted


def test_without_a_type(folder: Path) -> None:
    store(folder, "data.tar")
    dataset = load_dataset(folder / "data.tar", split="train")
    assert (dataset.sample_type, [sample.label for sample in dataset]) == (DictSample, ["class 0"])
    assert list(dataset.as_type(Label)) == [Label("class 0", 0)]


def test_nothing_there(folder: Path) -> None:
    folder.mkdir()
    for path in (folder, folder / "none.tar", folder / "*.tar", folder / "a-{0..1}.tar"):
        with pytest.raises(FileNotFoundError, match=r"\.tar"):
            load_dataset(path)


def test_no_such_split(folder: Path) -> None:
    store(folder, "train.tar", "test.tar")
    with pytest.raises(ValueError, match=r"Split 'val' not found; the data has t\w+, t\w+"):
        load_dataset(folder, split="val")
    with pytest.raises(KeyError, match="Split 'val' not found"):
        load_dataset(folder)["val"]


def test_what_names_no_dataset_of_an_index() -> None:
    with pytest.raises(atdata.InvalidError, match="@local/name"):
        load_dataset("@local")
    with pytest.raises(atdata.InvalidError, match="mirrors"):
        load_dataset("@local/images", mirrors=["https://mirror.example"])


def test_a_name_that_no_index_has() -> None:
    with pytest.raises(KeyError, match="images"):
        load_dataset("@local/images", index=atdata.Index(provider="memory"))


def test_a_server_that_is_not_there() -> None:
    with pytest.raises(ConnectionError, match=r"127\.0\.0\.1:1"):
        list(load_dataset("http://127.0.0.1:1/a.tar", split="train"))


def test_streaming_is_remembered(folder: Path) -> None:
    store(folder, "data.tar")
    path = folder / "data.tar"
    for streaming in (False, True):
        assert load_dataset(path, Image, streaming=streaming).streaming is streaming
        dataset = load_dataset(path, Image, streaming=streaming, split="train")
        assert dataset.streaming is streaming
        assert dataset.as_type(Label).streaming is streaming


def test_on_error_is_handed_on(fixtures: Path) -> None:
    path = fixtures / "bad" / "duplicate_keys.tar"
    assert len(list(load_dataset(path, split="train", on_error="skip"))) == 1
    with pytest.raises(ValueError, match="neither"):
        load_dataset(path, on_error="ignore")


def test_properties_of_a_dict_of_splits(folder: Path) -> None:
    store(folder, "train-0.tar", "train-1.tar", "test.tar")
    splits = load_dataset(folder, Image)
    assert sorted(splits.keys()) == ["test", "train"]
    assert splits.num_shards == {"train": 2, "test": 1}
    assert splits.sample_type is Image
    assert DatasetDict().sample_type is None
    assert DatasetDict({"a": Dataset[Image]("a.tar")}).sample_type is Image


def test_one_split_can_be_used_directly(folder: Path) -> None:
    store(folder, "train.tar")
    splits = load_dataset(folder, Image)
    assert numbers_in(splits.ordered()) == [0]
    assert [batch.number for batch in splits.shuffled(batch_size=2)] == [[0]]
    assert splits.shard_list == [str(folder / "train.tar")]


def test_of_several_splits_one_must_be_chosen(folder: Path) -> None:
    store(folder, "train.tar", "test.tar")
    splits = load_dataset(folder, Image)
    with pytest.raises(AttributeError, match=r"'ordered'; choose a split.*test.*|.*train.*"):
        splits.ordered()
    assert not hasattr(splits, "shard_list")
