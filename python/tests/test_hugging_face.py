"""Data sets of Hugging Face's `datasets`, in and out."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import datasets
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from sample_types import Arrays, Labeled, Primitives

import atdata

FIXTURES = Path(__file__).resolve().parents[2] / "tests" / "fixtures"
INT = datasets.Value("int64")
PICTURE = b"\x89PNG and so on"
FEATURES = datasets.Features(
    {
        "matrix": datasets.Array2D((2, 3), "float32"),
        "ragged": datasets.Array2D((None, 3), "uint8"),
        "vector": datasets.List(datasets.Value("float32")),
        "image": datasets.Image(),
        "label": datasets.ClassLabel(names=["cat", "dog"]),
        "boxes": datasets.List({"x": datasets.Value("int64")}),
        "note": datasets.Value("string"),
    }
)


def row(n: int) -> dict[str, Any]:
    return {
        "matrix": [[n, 2.0, 3.0], [4.0, 5.0, 6.0]],
        "ragged": [[1, 2, 3]] * (n + 1),
        "vector": [0.5] * n,
        "image": {"bytes": PICTURE, "path": None},
        "label": n % 2,
        "boxes": [{"x": n}],
        "note": None if n == 1 else "text",
    }


def pictures(count: int = 3, image: dict[str, Any] | None = None) -> datasets.Dataset:
    """A data set made of Arrow, since `datasets` itself wants Pillow to take a picture's bytes."""
    rows = [row(n) | ({} if image is None else {"image": image}) for n in range(count)]
    stored = [
        field.with_type(getattr(field.type, "storage_type", field.type))
        for field in FEATURES.arrow_schema
    ]
    table = pa.Table.from_pylist(rows, schema=pa.schema(stored))
    return datasets.Dataset(datasets.table.table_cast(table, FEATURES.arrow_schema))


def check(found: atdata.Dataset[Any], count: int = 3) -> None:
    assert len(found) == count
    for n, sample in enumerate(found):
        assert sample.matrix.dtype == np.float32
        assert sample.matrix.tolist() == row(n)["matrix"]
        assert sample.ragged.dtype == np.uint8
        assert sample.ragged.shape == (n + 1, 3)
        assert sample.vector.dtype == np.float32
        assert sample.vector.tolist() == [0.5] * n
        assert sample.image == PICTURE
        assert sample.label == n % 2
        assert sample.boxes == [{"x": n}]
        assert sample.note == row(n)["note"]
    assert found.sample_type.__doc__ == "In label, 0 is cat, 1 is dog."
    assert found.sample_type.__annotations__["image"] == atdata.Image


def test_a_data_set_by_its_features(tmp_path: Path) -> None:
    source = pictures()
    told: list[tuple[int, int | None]] = []
    check(atdata.from_hf(source, tmp_path / "a.tar", progress=lambda *so_far: told.append(so_far)))
    assert told[-1] == (6, 6)
    check(atdata.from_hf(source.to_iterable_dataset(), tmp_path / "b.tar"))
    some = atdata.from_hf(source.select([2, 0]), tmp_path / "c.tar")
    assert [sample.boxes[0]["x"] for sample in some] == [2, 0]


def test_saved_folders_and_parquet(tmp_path: Path) -> None:
    source = pictures()
    source.save_to_disk(tmp_path / "saved")
    (tmp_path / "saved" / "cache-123.arrow").write_bytes(b"what datasets keeps of a map")
    check(atdata.from_hf(tmp_path / "saved", tmp_path / "a.tar"))
    source.to_parquet(tmp_path / "a.parquet")
    found = atdata.from_parquet(tmp_path / "a.parquet", tmp_path / "p.tar")
    assert found.sample_type.__annotations__["image"] == atdata.Image
    assert [sample.image for sample in found] == [PICTURE] * 3
    assert found[1].ragged.shape == (2, 3)
    assert found[1].vector == [0.5]


def test_splits(tmp_path: Path) -> None:
    both = datasets.DatasetDict({"train": pictures(2), "test": pictures(1)})
    with pytest.raises(atdata.InvalidError, match="the splits train and test"):
        atdata.from_hf(both, tmp_path / "a.tar")
    assert len(atdata.from_hf(both, tmp_path / "a.tar", split="test")) == 1
    with pytest.raises(atdata.SplitNotFoundError):
        atdata.from_hf(both, tmp_path / "b.tar", split="val")
    both.save_to_disk(tmp_path / "saved")
    with pytest.raises(atdata.InvalidError, match="the splits"):
        atdata.from_hf(tmp_path / "saved", tmp_path / "b.tar")
    assert len(atdata.from_hf(tmp_path / "saved", tmp_path / "b.tar", split="train")) == 2


def test_files_beside_the_data_set_are_embedded(tmp_path: Path) -> None:
    (tmp_path / "cat.png").write_bytes(PICTURE)
    beside = {"bytes": None, "path": str(tmp_path / "cat.png")}
    check(atdata.from_hf(pictures(2, beside), tmp_path / "a.tar"), 2)
    table = pa.table({"image": [beside]}, schema=pa.schema(
        [("image", pa.struct({"bytes": pa.binary(), "path": pa.string()}))],
        metadata={"huggingface": '{"info": {"features": {"image": {"_type": "Image"}}}}'},
    ))  # fmt: skip
    with pa.ipc.new_stream(str(tmp_path / "b.arrows"), table.schema) as writer:
        writer.write_table(table)
    with pytest.raises(atdata.DataError, match=r"row 1, column image: a file's path is here"):
        atdata.from_arrow(tmp_path / "b.arrows", tmp_path / "b.tar")


def test_lists_with_none_stay_lists(tmp_path: Path) -> None:
    source = datasets.Dataset.from_dict({"a": [[1, None], [2]], "b": [[1], [2]]})
    first, second = atdata.from_hf(source, tmp_path / "a.tar")
    assert (first.a, second.a) == ([1, None], [2])
    assert first.b.dtype == np.int64


def test_iterables_without_features(tmp_path: Path) -> None:
    def rows() -> Iterator[dict[str, Any]]:
        yield from ({"a": n, "v": np.ones(2, "f4")} for n in range(1500))
        yield {"a": 0.5, "v": None}

    source = datasets.IterableDataset.from_generator(rows)
    assert source.features is None
    found = atdata.from_hf(source, tmp_path / "a.tar")
    assert found[7].a == 7.0
    assert found[1500].v is None


def test_what_cannot_be_taken(tmp_path: Path) -> None:
    with pytest.raises(atdata.InvalidError, match="not a list"):
        atdata.from_hf([1], tmp_path / "a.tar")
    empty = datasets.Dataset.from_dict({"a": []}, features=datasets.Features({"a": INT}))
    with pytest.raises(atdata.DataError, match="the Dataset: there are no records"):
        atdata.from_hf(empty, tmp_path / "a.tar")
    source = datasets.Dataset.from_dict({"a": [1], "b": ["x"]})
    with pytest.raises(atdata.DataError, match=r"^the Dataset, row 1, column b: int is wanted"):
        atdata.from_hf(source, tmp_path / "a.tar", sample_type=Ints)
    assert not list(tmp_path.iterdir())


@atdata.packable
class Ints:
    b: int


FILES: list[tuple[str, type[Any]]] = [
    ("primitives.tar", Primitives),
    ("arrays.tar", Arrays),
    ("splits/train-{000000..000002}.tar", Labeled),
]


@pytest.mark.parametrize(("name", "sample_type"), FILES, ids=[name for name, _ in FILES])
def test_fixtures_come_back(tmp_path: Path, name: str, sample_type: type[Any]) -> None:
    before: atdata.Dataset[Any] = atdata.Dataset(str(FIXTURES / name)).as_type(sample_type)
    told: list[int] = []
    out = before.to_hf(progress=lambda done, _: told.append(done))
    assert len(out) == len(before) == told[-1]
    after = atdata.from_hf(out, tmp_path / "again.tar", sample_type=sample_type)
    assert list(after) == list(before)


@atdata.packable
class Clip:
    photo: atdata.Image
    mask: atdata.Image | None
    sound: atdata.Audio | None
    data: bytes
    frames: list[atdata.Image]


def clips() -> Iterator[Clip]:
    for n in range(300):
        data = bytes([n % 256]) * n
        yield Clip(data, data if n % 2 else None, None if n % 3 else b"RIFF" + data, data, [data])


def test_files_go_out_as_images_and_recordings(tmp_path: Path) -> None:
    before = atdata.write_samples(clips(), tmp_path / "before.tar", maxcount=70)
    out = before.to_hf(tmp_path / "out.arrow")
    image, sound = datasets.Image(), datasets.Audio(decode=False)
    of_files = [out.features[name] for name in ("photo", "mask", "sound")]
    assert of_files == [image, image, sound]
    assert out.features["data"] == datasets.Value("binary")
    undecoded = datasets.Image(decode=False)
    plain = out.cast_column("photo", undecoded).cast_column("mask", undecoded)
    assert plain[2]["photo"] == {"bytes": b"\x02\x02", "path": None}
    assert (plain[2]["mask"], plain[0]["sound"]) == (None, {"bytes": b"RIFF", "path": None})
    again = atdata.from_hf(out, tmp_path / "again.tar")
    kinds = again.sample_type.__annotations__
    assert kinds["photo"] == atdata.Image
    assert kinds["sound"] == atdata.Audio | None
    assert [vars(sample) for sample in again] == [vars(sample) for sample in clips()]
    assert list(atdata.from_hf(out, tmp_path / "typed.tar", sample_type=Clip)) == list(clips())
    narrow = before.select_columns(["mask", "data"]).filter("mask is not None").to_hf()
    assert (narrow.features["mask"], len(narrow)) == (image, 150)


@atdata.packable
class Row:
    number: int
    ratio: float
    word: str
    data: bytes
    matrix: NDArray[np.float32]
    vector: NDArray[np.int16]
    words: list[str]
    extra: dict[str, Any]
    note: str | None = None


samples = st.builds(
    Row,
    number=st.integers(-(2**63), 2**63 - 1),
    ratio=st.floats(allow_nan=False),
    word=st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
    data=st.binary(max_size=8),
    matrix=st.integers(0, 9).map(lambda n: np.full((2, 3), n, "f4")),
    vector=st.lists(st.integers(-9, 9), max_size=4).map(lambda items: np.array(items, "i2")),
    words=st.lists(st.text("ab", max_size=3), max_size=3),
    extra=st.dictionaries(st.text("xy", max_size=2), st.integers() | st.none(), max_size=2).map(
        lambda found: {key: value and value % 100 for key, value in found.items()}
    ),
    note=st.none() | st.text("xyz", max_size=3),
)


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(before=st.lists(samples, min_size=1, max_size=6))
def test_typed_samples_come_back(
    tmp_path_factory: pytest.TempPathFactory, before: list[Row]
) -> None:
    folder = tmp_path_factory.mktemp("trip")
    out = atdata.write_samples(before, folder / "before.tar").to_hf(folder / "out.arrow")
    assert out.features["matrix"] == datasets.Array2D((2, 3), "float32")
    assert out[0]["word"] == before[0].word
    assert list(atdata.from_hf(out, folder / "again.tar", sample_type=Row)) == before
