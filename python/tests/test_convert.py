"""Converters: what goes out comes in again, and files of others come in."""

import importlib
import io
import sys
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.feather as feather
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from sample_types import Arrays, Labeled, Primitives

import atdata
from atdata._cli import TypeNotFoundError, with_schema

FIXTURES = Path(__file__).resolve().parents[2] / "tests" / "fixtures"
Out = Callable[[atdata.Dataset[Any], Path], list[str]]
In = Callable[..., atdata.Dataset[Any]]

WAYS: list[tuple[str, Out, In]] = [
    ("jsonl", lambda ds, path: ds.to_jsonl(path), atdata.from_jsonl),
    ("parquet", lambda ds, path: ds.to_parquet(path), atdata.from_parquet),
    ("arrow", lambda ds, path: ds.to_arrow(path), atdata.from_arrow),
    ("arrows", lambda ds, path: ds.to_arrow(path), atdata.from_arrow),
    ("tar", lambda ds, path: ds.to_webdataset(path), atdata.from_webdataset),
]
FILES: list[tuple[str, type[Any]]] = [
    ("primitives.tar", Primitives),
    ("arrays.tar", Arrays),
    ("splits/train-{000000..000002}.tar", Labeled),
]


@pytest.mark.parametrize(("ending", "out", "into"), WAYS, ids=[way[0] for way in WAYS])
@pytest.mark.parametrize(("name", "sample_type"), FILES, ids=[name for name, _ in FILES])
def test_fixtures_come_back(
    tmp_path: Path, ending: str, out: Out, into: In, name: str, sample_type: type[Any]
) -> None:
    stored: atdata.Dataset[Any] = atdata.Dataset(str(FIXTURES / name))
    before = stored.as_type(sample_type)
    [path] = out(before, tmp_path / f"out.{ending}")
    after = into(path, tmp_path / "again.tar", sample_type=sample_type)
    assert len(after) == len(before) > 0
    assert all(mine == its for mine, its in zip(before, after, strict=True))
    found = into(path, tmp_path / "found.tar")
    assert len(found) == len(before)


@atdata.packable
class Row:
    number: int
    ratio: float
    word: str
    flag: bool
    data: bytes
    vector: NDArray[np.float32]
    words: list[str]
    note: str | None = None


rows = st.builds(
    Row,
    number=st.integers(-(2**63), 2**64 - 1),
    ratio=st.floats(allow_nan=False),
    word=st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
    flag=st.booleans(),
    data=st.binary(max_size=8),
    vector=st.lists(st.floats(width=32, allow_nan=False), max_size=4).map(
        lambda items: np.array(items, "f4")
    ),
    words=st.lists(st.text("ab", max_size=3), max_size=3),
    note=st.none() | st.text("xyz", max_size=3),
)


@pytest.mark.parametrize(("ending", "out", "into"), WAYS, ids=[way[0] for way in WAYS])
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(before=st.lists(rows, min_size=1, max_size=6))
def test_typed_samples_come_back(
    tmp_path_factory: pytest.TempPathFactory, ending: str, out: Out, into: In, before: list[Row]
) -> None:
    folder = tmp_path_factory.mktemp("trip")
    dataset = atdata.write_samples(before, folder / "before.tar")
    [path] = out(dataset, folder / f"out.{ending}")
    assert list(into(path, folder / "again.tar", sample_type=Row)) == before


def test_what_pandas_and_pyarrow_write(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {
            "n": [1, 2, 3],
            "x": [0.5, None, 2.0],
            "word": ["a", None, "c"],
            "when": pd.to_datetime(["2024-01-02", "2024-01-03", None]),
            "kind": pd.Categorical(["u", "v", "u"]),
        }
    )
    frame.to_parquet(tmp_path / "a.parquet")
    feather.write_feather(frame, str(tmp_path / "a.feather"))
    for path, into in (("a.parquet", atdata.from_parquet), ("a.feather", atdata.from_arrow)):
        samples = list(into(tmp_path / path, tmp_path / "a.tar", overwrite=True))
        assert [sample.n for sample in samples] == [1, 2, 3]
        assert [sample.word for sample in samples] == ["a", None, "c"]
        assert [sample.kind for sample in samples] == ["u", "v", "u"]
        assert samples[0].when == np.datetime64("2024-01-02")
        assert samples[2].when is None
    frame.to_csv(tmp_path / "a.csv", index=False)
    found = atdata.from_csv(tmp_path / "a.csv", tmp_path / "a.tar", overwrite=True)
    assert found[1].x is None
    assert found[1].word is None
    assert found[1].when == "2024-01-03"


def test_nested_and_fixed_columns(tmp_path: Path) -> None:
    table = pa.table(
        {
            "image": pa.array([[[1, 2], [3, 4]]] * 2, pa.list_(pa.list_(pa.uint8(), 2), 2)),
            "tags": pa.array([["a", "b"], []], pa.list_(pa.string())),
            "box": pa.array([{"x": 1, "y": [0.5]}, {"x": 2, "y": None}]),
            "price": pa.array([1, 2], pa.decimal128(5, 2)),
            "pairs": pa.array([[("a", 1)], []], pa.map_(pa.string(), pa.int64())),
        }
    )
    pq.write_table(table, tmp_path / "a.parquet")
    first, second = atdata.from_parquet(tmp_path / "a.parquet", tmp_path / "a.tar")
    assert first.image.dtype == np.uint8
    assert first.image.tolist() == [[1, 2], [3, 4]]
    assert first.tags == ["a", "b"]
    assert second.tags == []
    assert first.box == {"x": 1, "y": [0.5]}
    assert second.box == {"x": 2, "y": None}
    assert first.price == "1.00"
    assert first.pairs == {"a": 1}


def test_npz(tmp_path: Path) -> None:
    x = np.arange(24, dtype="f4").reshape(4, 2, 3)
    for save in (np.savez, np.savez_compressed):
        save(tmp_path / "a.npz", x=np.asfortranarray(x), label=np.array(["a", "bé", "c", ""]))
        found = atdata.from_npz(tmp_path / "a.npz", tmp_path / "a.tar", overwrite=True)
        assert all(np.array_equal(sample.x, x[n]) for n, sample in enumerate(found))
        assert found[1].label == "bé"
    np.savez(tmp_path / "o.npz", o=np.array([{}, {}], dtype=object))
    with pytest.raises(atdata.DataError, match=r"o\.npz, column o: .*Python objects"):
        atdata.from_npz(tmp_path / "o.npz", tmp_path / "o.tar")


def test_a_foreign_webdataset(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "a.tar", "w", format=tarfile.PAX_FORMAT) as archive:
        for name, data in (("v1.5/a.jpg", b"j"), ("v1.5/a.seg.png", b"p"), ("v1.5/a.cls", b"3")):
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    with pytest.raises(atdata.DataError, match="rename_dots"):
        atdata.from_webdataset(tmp_path / "a.tar", tmp_path / "out.tar")
    out = atdata.from_webdataset(tmp_path / "a.tar", tmp_path / "out.tar", rename_dots=True)
    assert out.get("v1_5/a").seg == b"p"
    assert out[0].cls == 3


def test_splits_are_taken_one_by_one(tmp_path: Path) -> None:
    for split in ("train", "val"):
        (tmp_path / "photos" / split / "cat").mkdir(parents=True)
        (tmp_path / "photos" / split / "cat" / "1.png").write_bytes(split.encode())
    with pytest.raises(atdata.InvalidError, match="train and validation"):
        atdata.from_image_folder(tmp_path / "photos", tmp_path / "out.tar")
    found = atdata.from_image_folder(tmp_path / "photos", tmp_path / "o.tar", split="validation")
    assert [(sample.image, sample.label) for sample in found] == [(b"val", "cat")]
    with pytest.raises(atdata.SplitNotFoundError):
        atdata.from_image_folder(tmp_path / "photos", tmp_path / "p.tar", split="test")


def test_progress_and_stopping(tmp_path: Path) -> None:
    lines = "".join(f"{n}\n" for n in range(3000))
    (tmp_path / "a.csv").write_text("n\n" + lines)
    told: list[tuple[int, int | None]] = []
    found = atdata.from_csv(
        tmp_path / "a.csv", tmp_path / "a.tar", progress=lambda *so_far: told.append(so_far)
    )
    size = (tmp_path / "a.csv").stat().st_size
    assert told[-1] == (size, size)
    assert told == sorted(told)
    told.clear()
    found.to_jsonl(tmp_path / "a.jsonl", progress=lambda *so_far: told.append(so_far))
    assert told[-1] == (3000, 3000)

    def stop(done: int, total: int) -> None:
        raise KeyError("enough")

    with pytest.raises(KeyError, match="enough"):
        atdata.from_csv(tmp_path / "a.csv", tmp_path / "b.tar", progress=stop)
    assert not list(tmp_path.glob("*b.tar*"))


def test_what_is_there_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("n\n1\n")
    atdata.from_csv(tmp_path / "a.csv", tmp_path / "a.tar")
    with pytest.raises(atdata.ConflictError, match=r"a\.tar is there already"):
        atdata.from_csv(tmp_path / "a.csv", tmp_path / "a.tar")
    with pytest.raises(FileNotFoundError):
        atdata.from_csv(tmp_path / "no.csv", tmp_path / "b.tar")
    with pytest.raises(ValueError, match="delimiter"):
        atdata.from_csv(tmp_path / "a.csv", tmp_path / "b.tar", delimiter=";;")


def test_names_that_no_class_can_have(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("first name,class\nTom,cat\n")
    found = atdata.from_csv(tmp_path / "a.csv", tmp_path / "a.tar")
    assert found.sample_type is atdata.DictSample
    assert found[0].to_dict() == {"first name": "Tom", "class": "cat"}


def test_views_go_out_as_they_are_seen(tmp_path: Path) -> None:
    numbers = (atdata.DictSample(n=n) for n in range(5))
    dataset = atdata.write_samples(numbers, tmp_path / "n.tar")
    squares = dataset.map(lambda sample: atdata.DictSample(square=sample.n**2))
    [path] = squares.to_csv(tmp_path / "squares.tsv")
    assert Path(path).read_text() == "square\n0\n1\n4\n9\n16\n"
    [path] = dataset.select([4, 2]).to_jsonl(tmp_path / "some.jsonl")
    assert Path(path).read_text() == '{"n": 4}\n{"n": 2}\n'


def test_a_class_says_what_the_command_makes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    source = "import atdata\n\n@atdata.packable\nclass Cat:\n    name: str\n    weight: float\n"
    (tmp_path / "cat_types.py").write_text(source)
    with with_schema(["atdata", "convert", "--type", "cat_types:Cat", "a", "b"]) as arguments:
        assert arguments[:3] == ["atdata", "convert", "--schema"]
        assert arguments[4:] == ["a", "b"]
        assert '"weight"' in Path(arguments[3]).read_text()
    assert not Path(arguments[3]).exists()
    with (
        pytest.raises(TypeNotFoundError, match="cat_types:Dog"),
        with_schema(["atdata", "convert", "--type=cat_types:Dog"]),
    ):
        pass
    assert "cat_types" in sys.modules
    importlib.invalidate_caches()
