"""Records of Python code become shards."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

import atdata

values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=4)
    | st.binary(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab", max_size=2), inner),
    max_leaves=6,
)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    records=st.lists(st.dictionaries(st.text("abc", min_size=1, max_size=2), values), min_size=1)
)
def test_any_records_come_back(
    tmp_path_factory: pytest.TempPathFactory, records: list[dict[str, Any]]
) -> None:
    folder = tmp_path_factory.mktemp("records")
    found = atdata.from_records(iter(records), folder / "r.tar", overwrite=True)
    names = {name for record in records for name in record}
    for record, sample in zip(records, found.as_type(atdata.DictSample), strict=True):
        assert sample.to_dict() == {**dict.fromkeys(names), **record}


def test_types_are_found_in_all_records(tmp_path: Path) -> None:
    def records() -> Iterator[dict[str, Any]]:
        for n in range(1000):
            yield {"n": n, "x": np.full(2, n, "f4"), "s": np.float32(0.5)}
        yield {"n": 0.5, "x": np.zeros((1, 2), "f4"), "s": 1.5, "late": "b"}

    found = atdata.from_records(records(), tmp_path / "late.tar")
    assert found[0].late is None
    assert found[1000].late == "b"
    assert found[3].n == 3.0
    assert isinstance(found[3].n, float)
    assert found[999].x.dtype == np.float32
    assert found[999].x.tolist() == [999, 999]


@atdata.packable
class Point:
    at: NDArray[np.float32]
    name: str | None = None


def test_a_type_needs_one_pass_and_is_kept_to(tmp_path: Path) -> None:
    records = ({"at": np.ones(2, "f4"), "extra": object} for _ in range(2))
    with pytest.raises(ValueError, match=r"records, row 1: field 'extra': a value of type type"):
        atdata.from_records(records, tmp_path / "p.tar", sample_type=Point)
    good = ({"at": [n, 2.5], "extra": 1} for n in range(3))
    points = atdata.from_records(good, tmp_path / "p.tar", sample_type=Point)
    assert points[2] == Point(np.array([2, 2.5], "f4"))
    bad: list[dict[str, Any]] = [{"at": [1.0]}, {"at": "here"}]
    with pytest.raises(atdata.DataError, match=r"records, row 2, column at: array<float32> is"):
        atdata.from_records(bad, tmp_path / "q.tar", sample_type=Point)
    assert not list(tmp_path.glob("*q.tar*"))


def test_what_is_no_record_is_told(tmp_path: Path) -> None:
    rows: Any = [{"a": 1}, [2]]
    with pytest.raises(atdata.DataError, match=r"records, row 2: a record is a dict"):
        atdata.from_records(rows, tmp_path / "a.tar")
    with pytest.raises(atdata.DataError, match="no records"):
        atdata.from_records([], tmp_path / "a.tar")

    def broken() -> Iterator[dict[str, int]]:
        yield {"a": 1}
        raise KeyError("my own")

    with pytest.raises(KeyError, match="my own"):
        atdata.from_records(broken(), tmp_path / "a.tar")
    assert not list(tmp_path.iterdir())


def test_progress_is_told_in_records(tmp_path: Path) -> None:
    told: list[tuple[int, int | None]] = []

    def tell(done: int, total: int | None) -> None:
        told.append((done, total))

    records = [{"a": n} for n in range(3000)]
    atdata.from_records(records, tmp_path / "a.tar", progress=tell)
    assert told[-1] == (3000, 3000)
    assert told == sorted(told)
    told.clear()
    atdata.from_records(iter(records), tmp_path / "b.tar", progress=tell)
    assert told[-1][0] == 3000
    assert {total for _, total in told} == {None}


def test_progress_tells_of_another_pass_when_one_is_needed(tmp_path: Path) -> None:
    told: list[tuple[int, int | None]] = []
    records = [{"a": n if n < 2000 else n / 2} for n in range(3000)]
    found = atdata.from_records(
        records, tmp_path / "a.tar", progress=lambda *so_far: told.append(so_far)
    )
    assert (told[0][1], told[-1]) == (3000, (6000, 6000))
    assert told == sorted(told)
    assert [sample.a for sample in found.ordered()][:2] == [0.0, 1.0]
