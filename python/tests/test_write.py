"""Writing samples: shards, keys, limits, progress."""

import sys
import tarfile
import types
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sample_types import Image, Label, images, numbers_in, write_images

import atdata
from atdata import DictSample, write_samples


def members(path: str | Path) -> list[str]:
    with tarfile.open(path) as archive:
        return archive.getnames()


def test_one_file(tmp_path: Path) -> None:
    dataset = write_images(tmp_path, 3)
    assert dataset.list_shards() == [str(tmp_path / "images.tar")]
    assert dataset.sample_type is Image
    assert list(dataset) == list(images(3))
    assert members(tmp_path / "images.tar") == [f"{n:09}.msgpack" for n in range(3)]


def test_shards_of_so_many_samples(tmp_path: Path) -> None:
    dataset = write_images(tmp_path, 5, maxcount=2)
    assert [Path(shard).name for shard in dataset.list_shards()] == [
        "images-000000.tar",
        "images-000001.tar",
        "images-000002.tar",
    ]
    assert members(dataset.list_shards()[1]) == ["000000002.msgpack", "000000003.msgpack"]
    assert numbers_in(dataset) == [0, 1, 2, 3, 4]


def test_shards_of_so_many_bytes(tmp_path: Path) -> None:
    dataset = write_images(tmp_path, 100, maxsize=20_000)
    sizes = [Path(shard).stat().st_size for shard in dataset.list_shards()]
    assert len(sizes) > 1
    assert max(sizes) <= 20_000
    assert numbers_in(dataset) == list(range(100))


@pytest.mark.parametrize("limit", [{"maxcount": 0}, {"maxsize": 0}])
def test_limits_that_make_no_sense(tmp_path: Path, limit: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="at least"):
        write_images(tmp_path, 1, **limit)


@pytest.mark.parametrize("key", ["label", lambda number, image: f"{image.label}"])
def test_keys_of_ones_own(tmp_path: Path, key: Any) -> None:
    write_images(tmp_path, 2, key=key)
    assert members(tmp_path / "images.tar") == ["class 0.msgpack", "class 1.msgpack"]


@pytest.mark.parametrize("key", ["a.b", "../a", "/a", "a\nb", ""])
def test_keys_that_cannot_be(tmp_path: Path, key: str) -> None:
    with pytest.raises(ValueError, match="key"):
        write_images(tmp_path, 1, key=lambda number, image: key)
    assert list(tmp_path.iterdir()) == []


def test_keys_that_come_twice(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="same key"):
        write_images(tmp_path, 2, key=lambda number, image: "same")
    assert list(tmp_path.iterdir()) == []


def test_progress_is_told(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    write_images(tmp_path, 5, progress=lambda samples, size: told.append((samples, size)))
    assert told[-1][0] == 5
    assert told[-1][1] > 5 * 6
    assert told == sorted(told)


def test_progress_on_a_terminal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "tqdm.auto", None)  # as if it were not installed
    write_images(tmp_path, 5, progress=True)
    line = capsys.readouterr().err
    assert line.startswith("5 samples")
    assert line.count("\n") == 1
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    write_images(tmp_path, 5, progress=True)
    assert "5 samples" in capsys.readouterr().err


def test_progress_as_a_bar_of_tqdm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bars: list[Any] = []

    class Bar:
        """Stands in for tqdm's, which need not be installed."""

        def __init__(self, total: int | None, **named: Any) -> None:
            self.total, self.named, self.n, self.closed, self.postfix = total, named, 0, False, ""
            bars.append(self)

        def update(self, more: int) -> None:
            self.n += more

        def set_postfix_str(self, text: str, refresh: bool) -> None:
            self.postfix = text

        def refresh(self) -> None: ...

        def close(self) -> None:
            self.closed = True

    module = types.ModuleType("tqdm.auto")
    module.tqdm = Bar  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "tqdm.auto", module)
    dataset = write_images(tmp_path, 5, progress=True)
    assert (bars[0].n, bars[0].total, bars[0].closed) == (5, None, True)
    assert "MB" in bars[0].postfix
    dataset.to_parquet(tmp_path / "images.parquet", progress=True)
    dataset.to_jsonl(tmp_path / "images.jsonl", progress=True)
    assert [(bar.n, bar.total) for bar in bars[1:]] == [(5, 5), (5, 5)]
    assert dataset.filter(lambda image: True).count(progress=True) == 5
    assert (bars[3].n, bars[3].total, bars[3].closed) == (5, None, True)


def test_a_count_and_an_export_are_told(tmp_path: Path) -> None:
    told: list[tuple[int, int | None]] = []
    dataset = write_images(tmp_path, 5)
    field = next(iter(dataset.schema))
    kept = dataset.filter(atdata.col(field).not_null())
    assert kept.count(progress=lambda done, total: told.append((done, total))) == 5
    kept.to_parquet(tmp_path / "a.parquet", progress=lambda done, total: told.append((done, total)))
    assert told == [(5, None), (5, None)]


def test_progress_may_stop(tmp_path: Path) -> None:
    def stop(samples: int, size: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_images(tmp_path, 2000, progress=stop)
    assert list(tmp_path.glob("*.tar")) in ([], [tmp_path / "images.tar"])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(st.lists(st.tuples(st.text(), st.integers(-5, 5)), max_size=5), st.integers(1, 3))
def test_the_same_samples_give_the_same_bytes(
    tmp_path: Path, rows: list[tuple[str, int]], maxcount: int
) -> None:
    def written(name: str) -> list[bytes]:
        labels = (Label(label, number) for label, number in rows)
        dataset = write_samples(labels, tmp_path / name / "labels.tar", maxcount=maxcount)
        assert [(sample.label, sample.number) for sample in dataset] == rows
        return [Path(shard).read_bytes() for shard in dataset.list_shards()]

    for name in ("a", "b"):
        (tmp_path / name).mkdir(exist_ok=True)
    assert written("a") == written("b")


def test_an_error_leaves_nothing_behind(tmp_path: Path) -> None:
    def failing() -> Any:
        yield from images(3)
        raise OSError("the disk of my camera")

    with pytest.raises(OSError, match="my camera"):
        write_samples(failing(), tmp_path / "images.tar", maxcount=2)
    assert list(tmp_path.iterdir()) == []


def test_an_older_file_stays_until_the_new_one_is_whole(tmp_path: Path) -> None:
    before = write_images(tmp_path, 2).list_shards()
    bad = [*images(1), Image(np.zeros(1), object())]
    with pytest.raises(TypeError, match="label"):
        write_samples(bad, before[0])
    assert numbers_in(atdata.Dataset[Image](before)) == [0, 1]


def test_one_dataset_is_of_one_type(tmp_path: Path) -> None:
    with pytest.raises(TypeError, match="two types, Image and Label"):
        write_samples([*images(2), Label("a", 1)], tmp_path / "mixed.tar")


@pytest.mark.parametrize(("sample", "advice"), [({"a": 1}, "DictSample"), ("text", "packable")])
def test_what_is_no_sample(tmp_path: Path, sample: Any, advice: str) -> None:
    with pytest.raises(TypeError, match=f"not a sample type.*{advice}"):
        write_samples([sample], tmp_path / "x.tar")


def test_no_samples(tmp_path: Path) -> None:
    dataset = write_samples([], tmp_path / "none.tar")
    assert (dataset.sample_type, list(dataset)) == (DictSample, [])


def test_dict_samples(tmp_path: Path) -> None:
    samples = [DictSample(a=1), DictSample(b=np.arange(3))]
    dataset = write_samples(samples, tmp_path / "any.tar", key=lambda n, sample: sample.keys()[0])
    assert [sample.keys() for sample in dataset] == [["a"], ["b"]]
    assert members(tmp_path / "any.tar") == ["a.msgpack", "b.msgpack"]


def test_a_dataset_is_written_as_any_samples(tmp_path: Path) -> None:
    first = write_images(tmp_path, 4)
    copy = write_samples(first.as_type(Label), tmp_path / "labels.tar")
    assert numbers_in(copy) == [0, 1, 2, 3]


def test_folders_are_made(tmp_path: Path) -> None:
    assert numbers_in(write_images(tmp_path / "new" / "folder", 1)) == [0]
