"""Random samples of random types come back as they were: from bytes, from shards and in batches."""

import itertools
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as st_numpy
from numpy.typing import NDArray

import atdata

TEXT = st.text(max_size=20)
INT = st.integers(-(2**63), 2**64 - 1)
FLOAT = st.floats(allow_nan=False)
DTYPES = st.sampled_from(["u1", "i2", "<f4", ">f8", "?", "c8", "M8[s]", "U3", "S2"])
SHAPES = st_numpy.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=3)
ARRAY = st_numpy.arrays(DTYPES, SHAPES).filter(lambda array: not _has_nan(array))
ANY = st.recursive(
    st.none() | st.booleans() | INT | FLOAT | TEXT | st.binary(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)
FIELDS: list[tuple[Any, st.SearchStrategy[Any]]] = [
    (str, TEXT),
    (int, INT),
    (float, FLOAT),
    (bool, st.booleans()),
    (bytes, st.binary(max_size=300)),
    (NDArray, ARRAY),
    (list[str], st.lists(TEXT, max_size=4)),
    (list[int], st.lists(INT, max_size=4)),
    (dict, st.dictionaries(TEXT, ANY, max_size=4)),
    (str | None, st.none() | TEXT),
    (NDArray | None, st.none() | ARRAY),
]
COUNT = itertools.count()


def _has_nan(array: np.ndarray[Any, Any]) -> bool:
    return array.dtype.kind in "fcM" and bool(np.any(array != array))


@st.composite
def samples(draw: st.DrawFn) -> list[Any]:
    """A few samples of one type that nobody has seen before."""
    fields = draw(st.lists(st.sampled_from(FIELDS), min_size=1, max_size=6))
    annotations = {f"field_{at}": annotation for at, (annotation, _) in enumerate(fields)}
    name = f"Random{next(COUNT)}"
    cls = atdata.packable(type(name, (), {"__annotations__": annotations, "__module__": __name__}))
    values = st.fixed_dictionaries({f"field_{at}": made for at, (_, made) in enumerate(fields)})
    return [cls(**row) for row in draw(st.lists(values, min_size=1, max_size=6))]


@settings(max_examples=150, deadline=None)
@given(written=samples(), seed=st.integers(0, 2**32), rows=st.integers(1, 4))
def test_random_samples_of_random_types(written: list[Any], seed: int, rows: int) -> None:
    cls = type(written[0])
    assert [cls.from_bytes(sample.packed) for sample in written] == written
    with tempfile.TemporaryDirectory() as folder:
        dataset = atdata.write_samples(written, Path(folder) / "random.tar", maxcount=2)
        assert list(dataset) == written
        assert [dataset[i] for i in range(len(written))] == written
        batches = list(dataset.ordered(batch_size=rows))
        assert [sample for batch in batches for sample in batch.samples] == written
        shuffled = list(dataset.shuffled(seed=seed))
        assert sorted(s.packed for s in shuffled) == sorted(s.packed for s in written)
        untyped = atdata.Dataset(dataset.url)
        assert list(untyped.as_type(cls)) == written
