"""Where shards come from: paths, patterns, and objects of the user's."""

import io
import pickle
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import pytest
from sample_types import Image, numbers_in, write_images

import atdata
from atdata import Dataset, URLSource
from atdata._protocols import AbstractDataStore, AbstractIndex, DataSource, IndexEntry


def test_a_url_source_lists_and_opens(tmp_path: Path) -> None:
    shards = write_images(tmp_path, 4, maxcount=2).list_shards()
    source = URLSource(f"{tmp_path}/images-{{000000..000001}}.tar")
    assert source.list_shards() == source.shard_list == shards
    wanted = [Path(shard).read_bytes() for shard in shards]
    assert [stream.read() for _, stream in source.shards] == wanted
    assert [stream.read() for _, stream in source.shards()] == wanted
    assert [name for name, _ in source.shards] == shards
    assert source.open_shard(shards[1]).read() == wanted[1]


def test_unknown_and_missing_shards(tmp_path: Path) -> None:
    source = URLSource(tmp_path / "a.tar")
    with pytest.raises(KeyError, match=r"no shard 'b\.tar'"):
        source.open_shard("b.tar")
    with pytest.raises(FileNotFoundError, match=r"a\.tar"):
        source.open_shard(str(tmp_path / "a.tar"))


@pytest.mark.parametrize(
    ("paths", "url"),
    [
        (["a.tar"], "a.tar"),
        (["d/a-0.tar", "d/a-1.tar"], "d/a-{0..1}.tar"),
        (["a-09.tar", "a-10.tar", "a-11.tar"], "a-{09..11}.tar"),
        (["a-0.tar", "a-2.tar"], "{a-0.tar,a-2.tar}"),
        (["a-1.tar", "a-0.tar"], None),
        (["train.tar", "test.tar"], "{train.tar,test.tar}"),
    ],
)
def test_several_paths_as_one_pattern(paths: list[str], url: str | None) -> None:
    source = URLSource(paths)
    assert URLSource(source.url).list_shards() == paths == source.list_shards()
    assert url in (None, source.url)


def test_bad_patterns_are_errors_at_once() -> None:
    with pytest.raises(ValueError, match="0"):
        URLSource("data-{0..99999999999}.tar").list_shards()


class Shards:
    """Shards in memory; the classes below show them in the documented shapes."""

    def __init__(self, folder: Path) -> None:
        self._shards = {path.name: path.read_bytes() for path in sorted(folder.glob("*.tar"))}

    def _open(self, name: str) -> IO[bytes]:
        return io.BytesIO(self._shards[name])


class WithMethod(Shards):
    """As the page on protocols has it."""

    @property
    def shard_list(self) -> list[str]:
        return list(self._shards)

    def shards(self) -> Iterator[tuple[str, IO[bytes]]]:
        return ((name, self._open(name)) for name in self._shards)

    def open_shard(self, shard_id: str) -> IO[bytes]:
        return self._open(shard_id)


class WithProperty(Shards):
    """As the page on the class has it."""

    def list_shards(self) -> list[str]:
        return list(self._shards)

    @property
    def shards(self) -> Iterator[tuple[str, IO[bytes]]]:
        return ((name, self._open(name)) for name in self._shards)

    def open_shard(self, shard_id: str) -> IO[bytes]:
        return self._open(shard_id)


class OnlyPairs(Shards):
    """The least: pairs of a name and a stream."""

    def shards(self) -> Iterator[tuple[str, IO[bytes]]]:
        return ((name, self._open(name)) for name in self._shards)


class Unseekable(WithProperty):
    """Streams as a network gives them."""

    def _open(self, name: str) -> IO[bytes]:
        reader: Any = io.BufferedReader(OneWay(self._shards[name]))
        return reader


class OneWay(io.RawIOBase):
    def __init__(self, data: bytes) -> None:
        self._inner = io.BytesIO(data)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        return self._inner.readinto(buffer)


@pytest.mark.parametrize("shape", [WithMethod, WithProperty, OnlyPairs, Unseekable])
def test_custom_sources(tmp_path: Path, shape: type[Shards]) -> None:
    write_images(tmp_path, 7, maxcount=3)
    source = shape(tmp_path)
    for dataset in (Dataset[Image](source), pickle.loads(pickle.dumps(Dataset[Image](source)))):
        assert numbers_in(dataset) == [0, 1, 2, 3, 4, 5, 6]
        assert sorted(numbers_in(dataset.shuffled(seed=0))) == [0, 1, 2, 3, 4, 5, 6]
        assert [len(batch) for batch in dataset.ordered(batch_size=5)] == [5, 2]
        assert (len(dataset), dataset[-1].number) == (7, 6)
        assert dataset.list_shards() == [f"images-00000{n}.tar" for n in range(3)]
        assert [name for name, _ in dataset.shards] == dataset.shard_list
        assert isinstance(dataset.source, shape)
        assert dataset.url == "images-{000000..000002}.tar"


def test_errors_of_a_source_come_through(tmp_path: Path) -> None:
    class Failing(WithMethod):
        def open_shard(self, shard_id: str) -> IO[bytes]:
            raise PermissionError(f"not for you: {shard_id}")

    write_images(tmp_path, 1)
    with pytest.raises(PermissionError, match=r"not for you: images\.tar"):
        list(Dataset[Image](Failing(tmp_path)))


def test_sources_are_told_by_protocol(tmp_path: Path) -> None:
    for source in (URLSource("a.tar"), WithMethod(tmp_path), WithProperty(tmp_path)):
        assert isinstance(source, DataSource)
    assert not isinstance(Shards(tmp_path), DataSource)


def test_other_protocols_are_checked_by_their_names() -> None:
    class Entry:
        name = "a"
        schema_ref = "atdata://local/sampleSchema/A@1.0.0"
        data_urls = ("a.tar",)
        metadata = None

    assert isinstance(Entry(), IndexEntry)
    assert not isinstance(Entry(), (AbstractIndex, AbstractDataStore))
    assert all(hasattr(atdata, name) for name in ("IndexEntry", "AbstractIndex", "Packable"))
