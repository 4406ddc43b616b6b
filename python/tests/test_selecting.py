"""Slices, selections, keys, filters and maps against plain lists."""

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

import atdata


@atdata.packable
class Number:
    value: int


@pytest.fixture(scope="module")
def numbers(tmp_path_factory: pytest.TempPathFactory) -> atdata.Dataset[Number]:
    path = tmp_path_factory.mktemp("numbers") / "numbers.tar"
    return atdata.write_samples((Number(n) for n in range(23)), path, maxcount=7)


def values(dataset: Any) -> list[int]:
    return [sample.value for sample in dataset]


BOUND = st.none() | st.integers(-30, 30)
STEP = st.none() | st.integers(-4, 4).filter(bool)
SLICE = st.tuples(BOUND, BOUND, STEP)
PLAIN = list(range(23))


@settings(max_examples=150, deadline=None)
@given(
    first=st.tuples(BOUND, BOUND, STEP), second=st.tuples(BOUND, BOUND, STEP), seed=st.integers(0)
)
def test_slices_of_slices(numbers: Any, first: Any, second: Any, seed: int) -> None:
    wanted = PLAIN[slice(*first)][slice(*second)]
    found = numbers[slice(*first)][slice(*second)]
    assert values(found) == wanted
    assert len(found) == len(wanted)
    assert [found[i].value for i in range(len(wanted))] == wanted
    assert values(pickle.loads(pickle.dumps(found))) == wanted
    assert sorted(values(found.shuffled(seed=seed))) == sorted(wanted)
    batches = [batch.value for batch in found.ordered(batch_size=4)]
    assert [value for batch in batches for value in batch] == wanted


@settings(max_examples=60, deadline=None)
@given(picked=st.lists(st.integers(-23, 22), max_size=30), cut=st.tuples(BOUND, BOUND, STEP))
def test_selections_and_their_slices(numbers: Any, picked: list[int], cut: Any) -> None:
    wanted = [PLAIN[i] for i in picked]
    found = numbers.select(picked)
    assert values(found) == wanted
    assert values(found[slice(*cut)]) == wanted[slice(*cut)]
    shares = [values(found.ordered(rank=rank, world=3)) for rank in range(3)]
    assert sorted(value for share in shares for value in share) == sorted(wanted)


def test_indices_of_all_kinds(numbers: Any) -> None:
    assert values(numbers.select(np.array([3, 1]))) == [3, 1]
    assert values(numbers.select(np.arange(23) % 11 == 0)) == [0, 11, 22]
    assert values(numbers.select(range(0, 23, 10))) == [0, 10, 20]
    assert values(numbers.select([])) == []
    for wrong in ([23], [-24], [0, 99]):
        with pytest.raises(IndexError, match="there is no sample"):
            numbers.select(wrong)
    with pytest.raises(TypeError, match="whole numbers"):
        numbers.select(np.array([0.5]))
    with pytest.raises(IndexError, match="the dataset has 2"):
        numbers[:2][2]


def test_keys(numbers: Any) -> None:
    assert numbers.get("000000012").value == 12
    assert numbers[10:].get("000000012").value == 12
    for missing in (lambda: numbers.get("x"), lambda: numbers[13:].get("000000012")):
        with pytest.raises(KeyError, match="no sample has the key"):
            missing()


def test_head(numbers: Any) -> None:
    assert [sample.value for sample in numbers.head()] == [0, 1, 2, 3, 4]
    assert [sample.value for sample in numbers[20:].head(9)] == [20, 21, 22]


def is_even(sample: Number) -> bool:
    return sample.value % 2 == 0


def times_ten(sample: Number) -> Number:
    return Number(sample.value * 10)


def test_filters_and_maps(numbers: Any) -> None:
    found = numbers.filter(is_even).map(times_ten).filter(lambda sample: sample.value < 100)
    assert values(found) == [0, 20, 40, 60, 80]
    assert found.sample_type is Number
    assert [batch.value for batch in found.ordered(batch_size=2)] == [[0, 20], [40, 60], [80]]
    assert sorted(values(found.shuffled(seed=1))) == [0, 20, 40, 60, 80]
    assert values(pickle.loads(pickle.dumps(numbers.filter(is_even)))) == PLAIN[::2]
    assert found.describe()["num_samples"] is None
    assert numbers.map(times_ten)[-1].value == 220
    assert len(numbers.map(times_ten)[3:5]) == 2


def test_what_a_filter_cannot_do(numbers: Any) -> None:
    found = numbers.filter(is_even)
    with pytest.raises(TypeError, match="when all are read"):
        len(found)
    for impossible in (lambda: found[0], lambda: found[:2], lambda: found.select([1])):
        with pytest.raises(TypeError, match="have no numbers"):
            impossible()
    assert found.get("000000004").value == 4
    with pytest.raises(KeyError):
        found.get("000000005")


def test_mapped_dicts_are_batched_by_field(numbers: Any) -> None:
    rows = numbers.map(lambda sample: {"square": sample.value**2, "row": np.ones(2)})
    batch = next(iter(rows.ordered(batch_size=3)))
    assert batch.square == [0, 1, 4]
    assert batch.row.shape == (3, 2)


def test_errors_of_the_users_functions_are_theirs(numbers: Any) -> None:
    def broken(sample: Number) -> bool:
        raise ZeroDivisionError(str(sample.value))

    with pytest.raises(ZeroDivisionError, match="0"):
        list(numbers.filter(broken))


def test_lenses_after_maps(numbers: Any) -> None:
    @atdata.packable
    class Text:
        text: str

    @atdata.lens
    def in_words(number: Number) -> Text:
        return Text(f"<{number.value}>")

    found = numbers.map(times_ten).as_type(Text).filter(lambda sample: len(sample.text) > 3)
    assert [sample.text for sample in found][:2] == ["<10>", "<20>"]


def test_description(numbers: Any) -> None:
    found = numbers.describe()
    assert (found["num_samples"], found["num_shards"], found["sample_type"]) == (23, 4, "Number")
    assert found["num_bytes"] == sum(Path(shard).stat().st_size for shard in numbers.shard_list)
    assert numbers.schema == {"value": int}
    assert numbers.column_names == ["value"]
    assert atdata.Dataset(numbers.url).schema == {"value": int}


@atdata.packable
class Vectors:
    a: NDArray
    b: NDArray | None = None


@pytest.fixture
def ragged(tmp_path: Path) -> atdata.Dataset[Vectors]:
    rows = [Vectors(np.arange(n, dtype="f4"), np.ones((n, 2))) for n in (1, 3, 2)]
    return atdata.write_samples([*rows, Vectors(np.zeros(1, "f4"))], tmp_path / "ragged.tar")


@pytest.mark.parametrize("lens", [False, True])
def test_padding(ragged: Any, lens: bool) -> None:
    if lens:
        ragged = ragged.map(lambda sample: sample)
    batch = next(iter(ragged.ordered(batch_size=3, pad=-1)))
    assert batch.a.tolist() == [[0, -1, -1], [0, 1, 2], [0, 1, -1]]
    assert batch.a.dtype == np.float32
    assert batch.b.shape == (3, 3, 2)
    only_a = next(iter(ragged.ordered(batch_size=3, pad={"a": 0})))
    assert isinstance(only_a.a, np.ndarray)
    assert isinstance(only_a.b, list)
    with_none = next(iter(ragged.shuffled(batch_size=4, seed=0, pad=0)))
    assert with_none.a.shape == (4, 3)
    assert isinstance(with_none.b, list)
    assert isinstance(next(iter(ragged.ordered(batch_size=3))).a, list)
