"""Batches and passes handed over to other libraries: tensors, data frames, Arrow."""

import sys
import types
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import polars
import pyarrow as pa
import pytest
from numpy.typing import NDArray

import atdata
from atdata import _atdata

BIG = np.ones(3, ">i4")


@atdata.packable
class Reading:
    values: NDArray
    label: str
    number: int
    score: float
    note: str | None = None


def reading(n: int) -> Reading:
    values = np.arange(6, dtype="f4").reshape(2, 3) + n
    return Reading(values, f"label {n}", n, n / 2, None if n % 2 else "even")


@pytest.fixture
def dataset(tmp_path: Path) -> atdata.Dataset[Reading]:
    return atdata.write_samples(map(reading, range(20)), tmp_path / "a.tar", maxcount=7)


@pytest.fixture
def batch(dataset: atdata.Dataset[Reading]) -> atdata.SampleBatch[Reading]:
    return next(iter(dataset.ordered(batch_size=5)))


def test_arrays_go_by_dlpack_without_a_copy(batch: Any) -> None:
    again = np.from_dlpack(batch.values)
    assert np.shares_memory(again, batch.values)
    assert batch.values.__dlpack_device__() == (1, 0)  # the CPU's memory


def test_a_dict_of_columns(batch: Any) -> None:
    found = batch.to_dict()
    assert list(found) == ["values", "label", "number", "score", "note"]
    assert found["values"] is batch.values
    assert found["number"] == [0, 1, 2, 3, 4]


class Tensor:
    """Stands in for PyTorch's, which is not installed where the tests run."""

    def __init__(self, array: Any) -> None:
        self.array = array


@pytest.fixture
def torch(monkeypatch: pytest.MonkeyPatch) -> Any:
    known = ("f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "?")

    def from_numpy(array: Any) -> Tensor:
        if array.dtype not in [np.dtype(name) for name in known]:
            raise TypeError(f"can't convert np.ndarray of type {array.dtype}")
        return Tensor(array)

    module = types.ModuleType("torch")
    module.from_numpy = from_numpy  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "torch", module)
    return module


def test_tensors_look_at_the_same_memory(batch: Any, torch: Any) -> None:
    found = batch.to_torch()
    assert found["values"].array is batch.values
    assert found["values"].array.flags.writeable  # PyTorch warns of others
    assert (found["number"].array.dtype, found["score"].array.dtype) == (np.int64, np.float64)
    assert found["number"].array.tolist() == [0, 1, 2, 3, 4]
    assert found["label"] == batch.label
    assert found["note"] == ["even", None, "even", None, "even"]


def test_what_has_no_tensor_stays(torch: Any) -> None:
    samples = [
        atdata.DictSample(a=np.zeros(n, "i2"), b=np.array(["x"]), c=2**70 + n, d=n > 1)
        for n in (1, 2)
    ]
    found = atdata.SampleBatch(samples).to_torch()
    assert [tensor.array.shape for tensor in found["a"]] == [(1,), (2,)]
    assert found["b"].tolist() == [["x"], ["x"]]
    assert found["c"] == [2**70 + 1, 2**70 + 2]
    assert found["d"].array.tolist() == [False, True]


def test_without_torch_is_said(batch: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(atdata.NotSupportedError, match=r"pip install atdata\[torch\]"):
        batch.to_torch()


def test_a_data_frame(batch: Any) -> None:
    frame = batch.to_pandas()
    assert list(frame.columns) == ["values", "label", "number", "score", "note"]
    assert len(frame) == 5
    assert frame["number"].tolist() == [0, 1, 2, 3, 4]
    assert np.array_equal(frame["values"][3], batch.values[3])


def test_a_record_batch_is_as_the_export_has_it(
    dataset: atdata.Dataset[Reading], batch: Any
) -> None:
    found = batch.to_arrow()
    table = dataset.to_arrow()
    assert found.schema.remove_metadata() == table.schema.remove_metadata()
    assert found.schema.field("values").metadata == table.schema.field("values").metadata
    assert found.to_pylist() == table.slice(0, 5).to_pylist()
    numbers = found["values"].flatten().flatten()
    address = numbers.buffers()[1].address
    assert address == batch.values.ctypes.data  # looked at, not copied


def test_columns_of_every_form_as_arrow() -> None:
    samples = [
        atdata.DictSample(
            a=np.zeros((n, 2)), b={"x": n}, c=[n], d=np.array(1.5), e=np.ones(3, ">i4")
        )
        for n in (1, 2)
    ]
    batch = atdata.SampleBatch(samples)
    found = batch.to_arrow()
    assert found.schema.names == ["a", "b", "c", "d", "e"]
    assert found["a"].to_pylist() == [[[0.0, 0.0]], [[0.0, 0.0], [0.0, 0.0]]]
    assert found["e"].to_pylist() == [[1, 1, 1]] * 2
    assert pa.RecordBatchReader.from_stream(batch).read_all().schema.names == found.schema.names
    assert atdata.SampleBatch[Reading]([]).to_arrow().num_rows == 0


def test_decoded_files_as_arrow(tmp_path: Path) -> None:
    @atdata.packable
    class Photo:
        photo: atdata.Image

    png = _atdata.png_of(bytes(range(24)), (2, 4, 3), 100)
    dataset = atdata.write_samples([Photo(png)] * 3, tmp_path / "photos.tar")
    batches = dataset.ordered(batch_size=2, decode=True)
    [first, _] = batches
    found = first.to_arrow()["photo"]
    assert str(found.type).count("fixed_size_list") == 3
    assert found.to_pylist()[1][0][1] == [3, 4, 5]
    table = pa.RecordBatchReader.from_stream(batches).read_all()
    assert table["photo"].to_pylist() == found.to_pylist()[:1] * 3
    stored = pa.RecordBatchReader.from_stream(dataset.ordered(batch_size=2)).read_all()
    assert stored["photo"].to_pylist() == [png] * 3


def test_a_pass_is_a_stream(dataset: atdata.Dataset[Reading]) -> None:
    batches = dataset.ordered(batch_size=6)
    stream = pa.RecordBatchReader.from_stream(batches)
    assert [part.num_rows for part in stream] == [6, 6, 6, 2]
    shuffled = dataset.shuffled(batch_size=6, seed=3, epoch=1)
    numbers = [n for part in shuffled for n in part.number]
    assert pa.RecordBatchReader.from_stream(shuffled).read_all()["number"].to_pylist() == numbers
    for rows in (None, 3):
        for rank in range(2):
            part = dataset.ordered(batch_size=rows, rank=rank, world=2)
            wanted = [sample.number for found in part for sample in (found if rows else [found])]  # type: ignore[union-attr, misc]
            table = pa.RecordBatchReader.from_stream(part).read_all()
            assert table["number"].to_pylist() == wanted


def test_filters_and_projections_reach_the_stream(dataset: atdata.Dataset[Reading]) -> None:
    narrow = dataset.filter("number >= 17").select_columns(["number", "label"])
    for what in (narrow, narrow.ordered(batch_size=2), narrow.ordered()):
        table = pa.RecordBatchReader.from_stream(what).read_all()
        assert table.to_pydict() == {
            "number": [17, 18, 19],
            "label": ["label 17", "label 18", "label 19"],
        } or table.column_names == ["label", "number"]
        assert table["number"].to_pylist() == [17, 18, 19]
    odd = dataset.filter(lambda sample: sample.number % 2).map(lambda s: {"square": s.number**2})
    table = pa.RecordBatchReader.from_stream(odd.ordered(batch_size=4)).read_all()
    assert table["square"].to_pylist() == [n * n for n in range(1, 20, 2)]


def test_polars_reads_data_sets(dataset: atdata.Dataset[Reading]) -> None:
    frame = polars.DataFrame(dataset)
    assert frame["number"].to_list() == list(range(20))
    assert frame["values"].to_list()[2] == reading(2).values.tolist()
    found = polars.DataFrame(dataset.filter("number < 3"))
    assert found["label"].to_list() == ["label 0", "label 1", "label 2"]
    assert polars.DataFrame(dataset.ordered(batch_size=3)).height == 20


def test_duckdb_reads_data_sets(dataset: atdata.Dataset[Reading]) -> None:
    data = pa.RecordBatchReader.from_stream(dataset)  # noqa: F841
    assert duckdb.sql("select sum(number) from data").fetchall() == [(190,)]
    assert duckdb.sql("select max(number) from dataset").fetchall() == [(19,)]


def test_a_data_frame_of_all(dataset: atdata.Dataset[Reading]) -> None:
    assert isinstance(dataset.to_pandas(limit=3), pd.DataFrame)
