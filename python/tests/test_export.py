"""Export: whatever a data set holds comes back equal from Parquet, Arrow and pandas."""

import sys
from pathlib import Path
from typing import Any

import hypothesis.extra.numpy as hnp
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from arrow_cells import check, fields_of
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sample_types import Arrays, Image, Label, Labeled, Primitives

import atdata

FIXTURES = Path(__file__).resolve().parents[2] / "tests" / "fixtures"
FILES: list[tuple[str, type[Any]]] = [
    ("primitives.tar", Primitives),
    ("arrays.tar", Arrays),
    ("legacy_npy.tar", Arrays),
    ("long_names_pax.tar", atdata.DictSample),
    ("splits/train-{000000..000002}.tar", Labeled),
    ("primitives.tar", atdata.DictSample),
    ("arrays.tar", atdata.DictSample),
]


@pytest.mark.parametrize(("name", "cls"), FILES)
def test_fixtures_come_back(name: str, cls: type[Any], tmp_path: Path) -> None:
    dataset = atdata.Dataset[cls](FIXTURES / name)  # type: ignore[valid-type]
    samples = list(dataset)
    (path,) = dataset.to_parquet(tmp_path / "out.parquet")
    check(pq.read_table(path), samples, fields_of)
    check(dataset.to_arrow(), samples, fields_of)
    check(pa.table(dataset), samples, fields_of)


TIMES = ["<M8[D]", "<M8[s]", "<M8[ms]", "<M8[us]", "<M8[ns]", "<m8[s]", "<m8[ns]", "<M8[h]"]
DTYPES = ["|b1", "|i1", "<i2", ">i4", "<i8", "|u1", "<u8", "<f2", "<f4", ">f8", "<c8", "<U3", "|S2"]


@pytest.mark.parametrize("dtype", TIMES + DTYPES)
@pytest.mark.parametrize("shapes", [[()], [(3,)], [(2, 3)], [(0, 2)], [(2, 3), (1, 2)], [(2,), ()]])
def test_every_dtype_and_shape(dtype: str, shapes: list[tuple[int, ...]], tmp_path: Path) -> None:
    made = [np.arange(int(np.prod(shape))).astype("i8") for shape in shapes]
    values = [m.astype(dtype).reshape(shape) for m, shape in zip(made, shapes, strict=True)]
    samples = [Arrays(values[n % len(values)], values[0] if n % 3 else None) for n in range(5)]
    dataset = atdata.write_samples(samples, tmp_path / "a.tar")
    (path,) = dataset.to_parquet(tmp_path / "a.parquet")
    check(pq.read_table(path), samples, fields_of)


def test_times_that_arrow_does_not_have(tmp_path: Path) -> None:
    far = [
        np.array([2**62, 0], "<M8[D]"),
        np.array(["NaT", 3], "<M8[s]"),
        np.array(["NaT"], "<M8[ns]"),
        np.array("NaT", "<m8[s]"),
    ]
    for value in far:
        dataset = atdata.write_samples([Arrays(value)], tmp_path / "a.tar")
        (path,) = dataset.to_parquet(tmp_path / "a.parquet")
        check(pq.read_table(path), [Arrays(value)], fields_of)


INTS = st.integers(-(2**63), 2**64 - 1)
PLAIN = st.one_of(st.none(), st.booleans(), INTS, st.floats(), st.text(), st.binary())
NESTED = st.recursive(
    PLAIN,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
ARRAYS = hnp.arrays(
    st.sampled_from(["|b1", "|u1", "<i8", "<f4", ">f2", "<U2", "<M8[s]", "<m8[us]", "<c16"]),
    hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=3),
)
COLUMNS = st.sampled_from(
    [
        INTS,
        st.integers(-5, 5) | st.floats(),
        st.text(),
        PLAIN,
        NESTED,
        ARRAYS,
        ARRAYS | st.none(),
        st.lists(st.none() | st.integers(-(2**63), 2**63)),
        ARRAYS | PLAIN,
    ]
)


@settings(deadline=None, max_examples=150, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_any_samples_come_back(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    columns = data.draw(st.dictionaries(st.sampled_from("abcd"), COLUMNS, min_size=1))
    rows = data.draw(st.lists(st.fixed_dictionaries({}, optional=columns), min_size=1, max_size=8))
    folder = tmp_path_factory.mktemp("export")
    dataset = atdata.write_samples(
        (atdata.DictSample(n=n) for n in range(len(rows))), folder / "n.tar"
    )
    mapped = [{"n": n, **row} for n, row in enumerate(rows)]
    (path,) = dataset.to_parquet(folder / "n.parquet", sample_map=lambda sample: mapped[sample.n])
    check(pq.read_table(path), mapped, dict)


@pytest.mark.parametrize(
    ("first", "last"),
    [
        (1, 2**64 - 1),
        (-1, 2**64 - 1),
        (1, 0.5),
        (2**60, 0.5),
        ("a", 1),
        (None, "a"),
        ([1], ["a"]),
        ([1], [None, 2.5]),
        (np.zeros(2), np.zeros(3)),
        (np.zeros((2, 2)), np.zeros(3)),
        (np.zeros(2), np.zeros(2, "f4")),
        (np.zeros(2), None),
        (np.zeros(2), "text"),
        (b"bytes", np.zeros(2)),
    ],
)
def test_a_late_value_of_another_kind(first: Any, last: Any, tmp_path: Path) -> None:
    values = [first] * 5000 + [last]
    dataset = atdata.write_samples(
        (atdata.DictSample(n=n) for n in range(len(values))), tmp_path / "n.tar"
    )
    (path,) = dataset.to_parquet(tmp_path / "n.parquet", sample_map=lambda s: {"x": values[s.n]})
    check(pq.read_table(path), [{"x": value} for value in values], dict)


@pytest.fixture
def images(tmp_path: Path) -> atdata.Dataset[Image]:
    samples = (Image(np.full((2, 3), n, "u1"), f"label {n}", n) for n in range(10))
    return atdata.write_samples(samples, tmp_path / "images.tar")


def test_segments(images: atdata.Dataset[Image], tmp_path: Path) -> None:
    paths = images.to_parquet(tmp_path / "out" / "i.parquet", maxcount=4, row_group_size=3)
    assert [Path(path).name for path in paths] == [f"i-00000{n}.parquet" for n in range(3)]
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        Path(p).name for p in paths
    ]
    files = [pq.ParquetFile(path) for path in paths]
    assert [file.metadata.num_rows for file in files] == [4, 4, 2]
    assert [file.num_row_groups for file in files] == [2, 2, 1]
    check(pa.concat_tables([file.read() for file in files]), list(images), fields_of)


@pytest.mark.parametrize("name", ["snappy", "zstd", "gzip", None])
def test_compression(images: atdata.Dataset[Image], name: str | None, tmp_path: Path) -> None:
    (path,) = images.to_parquet(tmp_path / "i.parquet", compression=name)
    column = pq.ParquetFile(path).metadata.row_group(0).column(0)
    assert column.compression == (name or "uncompressed").upper()


def test_what_makes_no_sense(images: atdata.Dataset[Image], tmp_path: Path) -> None:
    path = tmp_path / "no" / "i.parquet"
    with pytest.raises(TypeError, match="'engine'"):
        images.to_parquet(path, engine="pyarrow")  # type: ignore[call-arg]
    with pytest.raises(ValueError, match="snappy, zstd, gzip and none"):
        images.to_parquet(path, compression="rar")
    for wrong in [{"maxcount": 0}, {"row_group_size": -1}]:
        with pytest.raises(ValueError, match="at least"):
            images.to_parquet(path, **wrong)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="a dict of its fields, not a str"):
        images.to_parquet(path, sample_map=lambda sample: sample.label)
    with pytest.raises(TypeError, match=r"field 'x': .*complex"):
        images.to_parquet(path, sample_map=lambda sample: {"x": 1j})
    with pytest.raises(ZeroDivisionError):
        images.to_parquet(path, sample_map=lambda sample: {"x": 1 / 0})
    assert not path.parent.exists() or not list(path.parent.iterdir())


def test_views_through_a_lens(images: atdata.Dataset[Image], tmp_path: Path) -> None:
    labels = images.as_type(Label)
    (path,) = labels.to_parquet(tmp_path / "l.parquet")
    check(pq.read_table(path), list(labels), fields_of)
    assert labels.to_dict() == {"label": [f"label {n}" for n in range(10)], "number": [*range(10)]}


def test_selections_and_steps(images: atdata.Dataset[Image], tmp_path: Path) -> None:
    path = tmp_path / "s.parquet"
    parts = [images[2:8:3], images.select([7, 0, -1, 7]), images.filter(lambda s: s.number % 2)]
    for part in parts:
        check(pq.read_table(*part.to_parquet(path)), list(part), fields_of)
        assert part.to_dict()["number"] == [sample.number for sample in part]
        assert part.to_arrow()["number"].to_pylist() == [sample.number for sample in part]
    squares = images.map(lambda s: {"square": s.number**2, "pixels": s.pixels})
    check(pq.read_table(*squares.to_parquet(path)), list(squares), dict)
    with pytest.raises(TypeError, match="type int has no fields"):
        images.map(lambda s: s.number).to_parquet(path)


def test_declared_types_outlive_empty_columns(tmp_path: Path) -> None:
    empty: list[Primitives] = []
    dataset = atdata.write_samples(empty, tmp_path / "e.tar").as_type(Primitives)
    (path,) = dataset.to_parquet(tmp_path / "e.parquet")
    schema = pq.read_schema(path)
    assert schema.field("scores").type.value_type == pa.float64()
    assert schema.field("tags").type.value_type == pa.string()
    assert (schema.field("note").nullable, schema.field("name").nullable) == (True, False)
    assert dataset.to_dict()["name"] == []
    nothing = atdata.write_samples([], tmp_path / "n.tar")
    assert pq.read_table(nothing.to_parquet(tmp_path / "n.parquet")[0]).num_rows == 0


def test_bad_samples_are_skipped_where_asked(tmp_path: Path) -> None:
    bad = FIXTURES / "bad" / "msgpack_trailing.tar"
    dataset = atdata.Dataset[atdata.DictSample](bad, on_error="skip")
    (path,) = dataset.to_parquet(tmp_path / "b.parquet")
    assert pq.read_table(path).num_rows == len(list(dataset))
    with pytest.raises(atdata.DataError):
        atdata.Dataset[atdata.DictSample](bad).to_parquet(tmp_path / "c.parquet")
    assert not (tmp_path / "c.parquet").exists()


def test_pandas(images: atdata.Dataset[Image], tmp_path: Path) -> None:
    frame = images.to_pandas(limit=4)
    assert frame.shape == (4, 3)
    assert frame["number"].tolist() == [0, 1, 2, 3]
    np.testing.assert_array_equal(frame["pixels"][3], np.full((2, 3), 3, "u1"))
    assert len(images.to_pandas()) == 10
    assert len(images.to_pandas(limit=0)) == 0
    exact = [atdata.DictSample(n=2**62 + 1), atdata.DictSample(n=None)]
    found = atdata.write_samples(exact, tmp_path / "n.tar").to_pandas()["n"]
    assert (found[0], found[1]) == (2**62 + 1, pd.NA) or found[1] is pd.NA


def test_dicts(images: atdata.Dataset[Image]) -> None:
    found = images.to_dict()
    assert found["pixels"].shape == (10, 2, 3)
    assert found["number"] == [*range(10)]


def test_other_libraries_take_the_data_set(images: atdata.Dataset[Image]) -> None:
    reader = pa.RecordBatchReader.from_stream(images)
    assert reader.schema.field("pixels").metadata[b"atdata.shape"] == b"[2, 3]"
    assert reader.read_all().num_rows == 10


def test_what_is_missing_is_named(
    images: atdata.Dataset[Image], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("pyarrow", "pandas"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(atdata.NotSupportedError, match=r"pip install atdata\[arrow\]"):
        images.to_arrow()
    with pytest.raises(atdata.NotSupportedError, match=r"pip install atdata\[pandas\]"):
        images.to_pandas()
