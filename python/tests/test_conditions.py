"""Filters by condition, and columns chosen, against plain Python."""

import math
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from atdata import (
    Column,
    Condition,
    Dataset,
    DictSample,
    InvalidError,
    UnknownLengthError,
    UnknownNameError,
    col,
    packable,
    write_samples,
)


@packable
class Picture:
    pixels: NDArray
    label: str
    score: float | None = None
    tags: list[str] | None = None
    good: bool = True


def pictures(count: int = 20, side: int = 4) -> list[Picture]:
    return [
        Picture(
            np.full((side, side), n % 250, "f4"),
            f"class {n % 3}",
            None if n % 5 == 0 else n / 10,
            ["even"] if n % 2 == 0 else ["odd", "other"],
            n < 12,
        )
        for n in range(count)
    ]


@pytest.fixture
def dataset(tmp_path: Path) -> "Dataset[Picture]":
    return write_samples(pictures(), tmp_path / "p.tar", maxcount=7)


WAYS: list[tuple[Any, Any]] = [
    ("score > 0.5", lambda p: p.score is not None and p.score > 0.5),
    (col("score") > 0.5, lambda p: p.score is not None and p.score > 0.5),
    (col("score") > 0.5, lambda p: p.score is not None and p.score > 0.5),
    (col("label") == "class 1", lambda p: p.label == "class 1"),
    (col("label").isin(["class 1", "class 2"]), lambda p: p.label != "class 0"),
    ("label not in ['class 1']", lambda p: p.label != "class 1"),
    (col("score").is_null(), lambda p: p.score is None),
    (~col("score").is_null() & col("good"), lambda p: p.score is not None and p.good),
    (col("score").not_null() | ~col("good"), lambda p: p.score is not None or not p.good),
    (col("score").between(0.3, 0.7), lambda p: p.score is not None and 0.3 <= p.score <= 0.7),
    ("0.3 <= score <= 0.7", lambda p: p.score is not None and 0.3 <= p.score <= 0.7),
    (col("label").startswith("class") & col("label").endswith("2"), lambda p: p.label[-1] == "2"),
    (col("label").contains("ss 1"), lambda p: "ss 1" in p.label),
    (col("tags").contains("odd"), lambda p: "odd" in p.tags),
    ("'odd' not in tags", lambda p: "odd" not in p.tags),
    (col("good"), lambda p: p.good),
    ("pixels is not None and good == True", lambda p: p.good),
    ("score == score", lambda p: p.score is not None),
]


@pytest.mark.parametrize(("condition", "plain"), WAYS, ids=[str(way[0]) for way in WAYS])
def test_a_condition_keeps_what_a_function_keeps(
    dataset: "Dataset[Picture]", condition: Any, plain: Any
) -> None:
    found, wanted = dataset.filter(condition), dataset.filter(plain)
    assert list(found) == list(wanted)
    assert list(found.shuffled(seed=3)) == list(wanted.shuffled(seed=3))
    rows = [list(batch) for batch in found.ordered(batch_size=3)]
    assert rows == [list(batch) for batch in wanted.ordered(batch_size=3)]
    assert found.count() == wanted.count() == len(list(wanted))
    for worker in range(3):
        part = {"worker": worker, "workers": 3}
        assert list(found.ordered(**part)) == list(wanted.ordered(**part))
    assert list(pickle.loads(pickle.dumps(found))) == list(wanted)
    behind = dataset.map(lambda p: p).filter(condition)
    assert list(behind) == list(wanted)
    assert list(dataset.as_type(DictSample).filter(condition).as_type(Picture)) == list(wanted)


@given(
    st.lists(
        st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats(), max_size=8
    ),
    st.integers(-(2**70), 2**70) | st.floats(allow_nan=False) | st.booleans(),
    st.sampled_from(["==", "!=", "<", "<=", ">", ">="]),
)
@settings(max_examples=200, deadline=None)
def test_numbers_compare_as_in_python(values: list[Any], constant: Any, sign: str) -> None:
    condition = Column("x")._compared(sign, constant)
    assert Condition(str(condition)) == condition
    for value in values:
        plain = value is not None and eval("value " + sign + " constant")
        assert condition.holds({"x": value}) is plain


@given(st.text(), st.lists(st.text() | st.binary()), st.text())
@settings(max_examples=200, deadline=None)
def test_texts_and_names_of_any_letters(name: str, values: list[Any], value: str) -> None:
    try:
        (name + value + "".join(v for v in values if isinstance(v, str))).encode()
    except UnicodeEncodeError:
        return
    condition = col(name).isin([*values, "x"])
    assert condition.fields == [name]
    assert Condition(str(condition)) == condition
    assert condition.holds({name: value}) is (value in [*values, "x"])


def test_what_cannot_be_meant_is_said_at_once(dataset: "Dataset[Picture]") -> None:
    said = r"no field 'scor' \(did you mean 'score'\?\); the fields are pixels, label"
    with pytest.raises(UnknownNameError, match=said):
        dataset.filter("scor > 1")
    with pytest.raises(InvalidError, match=r"character 7: = means nothing here: write =="):
        dataset.filter("score = 1")
    with pytest.raises(ValueError, match="'label' is str, which cannot compare with an int"):
        dataset.filter(col("label") > 3)
    with pytest.raises(ValueError, match="'pixels' is array: it can only be asked whether"):
        dataset.filter(col("pixels") > 3)
    with pytest.raises(TypeError, match=r"join conditions with & \| ~"):
        dataset.filter((col("score") > 1) and (col("good")))
    with pytest.raises(TypeError, match="between"):
        dataset.filter(1 < col("score") < 3)
    with pytest.raises(InvalidError, match="is_null"):
        col("score") == None  # noqa: B015, E711
    with pytest.raises(InvalidError, match="NaN"):
        col("score") == math.nan  # noqa: B015
    with pytest.raises(TypeError, match="not with list"):
        col("score") == [1]  # noqa: B015
    with pytest.raises(UnknownNameError, match="'scor'"):
        dataset.map(lambda p: p).filter("scor > 1").count()


def test_what_is_kept_has_no_numbers_but_a_count(dataset: "Dataset[Picture]") -> None:
    found = dataset.filter("score > 1")
    with pytest.raises(UnknownLengthError):
        len(found)
    with pytest.raises(TypeError, match="no numbers"):
        found[0]
    with pytest.raises(TypeError, match="no numbers"):
        found.select([0])
    assert found.count() == 8
    assert found.get("000000012").score == 1.2
    with pytest.raises(UnknownNameError, match="no sample has the key"):
        found.get("000000003")
    assert dataset[:12].filter("score > 1").count() == 1
    assert found.filter(lambda p: p.label == "class 0").count() == 2
    assert found.describe()["num_samples"] is None


def test_of_dict_samples_the_first_shows_what_there_is(tmp_path: Path) -> None:
    samples = [DictSample(a=1, b=2), DictSample(a=3)]
    dataset = write_samples(samples, tmp_path / "d.tar")
    assert list(dataset.filter("a > 1")) == samples[1:]
    assert list(dataset.filter("b is None")) == samples[1:]
    with pytest.raises(UnknownNameError, match="the first sample has no field 'c'"):
        list(dataset.filter("c > 1"))


def test_a_name_that_is_nearly_one_is_asked_about(dataset: "Dataset[Picture]") -> None:
    untyped = dataset.as_type(DictSample)
    doubled = dataset.map(lambda p: {"score": p.score})
    wrong: list[Callable[[], Any]] = [
        lambda: list(dataset.filter("scroe > 1")),
        lambda: list(dataset.filter(col("Score") > 1)),
        lambda: dataset.select_columns(["scor"]),
        lambda: dataset.select_columns(["score"]).filter("scoer > 1"),
        lambda: list(untyped.filter("scroe > 1")),
        lambda: untyped.select_columns(["score"]).filter("scoree > 1"),
        lambda: list(doubled.filter("scroe > 1")),
        lambda: untyped[0]["scroe"],
        lambda: next(iter(dataset.ordered(batch_size=2)))["scroe"],
    ]
    for read in wrong:
        with pytest.raises(UnknownNameError, match=r"\(did you mean 'score'\?\)"):
            read()
    with pytest.raises(UnknownNameError, match="there is no field 'colour'; the fields are"):
        list(dataset.filter("colour == 'red'"))


def test_lenses_and_functions_before_a_condition(dataset: "Dataset[Picture]") -> None:
    doubled = dataset.map(lambda p: {"twice": (p.score or 0) * 2, "array": p.pixels})
    assert [s["twice"] for s in doubled.filter("twice > 3.5")] == [3.6, 3.8]
    assert doubled.filter("array is not None").count() == 20
    assert dataset.filter("score > 1").map(lambda p: p.label).count() == 8


def test_shards_that_a_manifest_rules_out_are_not_opened(tmp_path: Path) -> None:
    dataset = write_samples(pictures(), tmp_path / "p.tar", maxcount=5, manifest=True)
    reading = dataset.filter("label == 'dog'").ordered()
    assert (list(reading), reading.report.passed_shards) == ([], 4)


@pytest.mark.parametrize("side", [4, 100, 200])
def test_chosen_columns_alone_are_read(tmp_path: Path, side: int) -> None:
    samples = pictures(12, side)
    dataset = write_samples(samples, tmp_path / "p.tar")
    chosen = dataset.select_columns(["score", "label"])
    assert chosen.column_names == ["label", "score"]
    rows = [(s.label, s.score) for s in samples]
    assert [(s.label, s.score) for s in chosen] == rows
    batch = next(iter(chosen.ordered(batch_size=12)))
    assert list(zip(batch.label, batch.score, strict=True)) == rows
    assert not hasattr(chosen[0], "pixels")
    assert chosen[3].score == 0.3
    again = pickle.loads(pickle.dumps(chosen))
    assert list(again) == list(chosen)
    assert type(again[0]) is type(chosen[0])
    assert pickle.loads(pickle.dumps(chosen[0])) == chosen[0]
    assert chosen.select_columns("label").filter("label == 'class 1'").count() == 4
    assert dataset.filter("good and score > 0.8").select_columns("label").count() == 2
    assert chosen.to_dict() == {"label": [r[0] for r in rows], "score": [r[1] for r in rows]}
    assert np.array_equal(dataset.select_columns("pixels")[7].pixels, samples[7].pixels)


def test_chosen_columns_of_samples_of_any_type(dataset: "Dataset[Picture]") -> None:
    plain = dataset.as_type(DictSample).select_columns(["label", "good"])
    assert plain[1].to_dict() == {"label": "class 1", "good": True}
    assert [batch.label for batch in plain.ordered(batch_size=20)] == [[p.label for p in dataset]]
    with pytest.raises(UnknownNameError):
        plain.filter("score > 1")

    def made(picture: Picture) -> DictSample:
        return DictSample(a=picture.label, b=picture.good)

    behind = dataset.map(made).select_columns(["a"])
    assert dataset.select_columns(["label"]).as_type(DictSample)[0].keys() == ["label"]
    assert next(iter(behind)).keys() == ["a"]


def test_a_name_that_is_no_column(dataset: "Dataset[Picture]") -> None:
    said = r"no field 'lable' \(did you mean 'label'\?\); the fields are pixels, label"
    with pytest.raises(UnknownNameError, match=said):
        dataset.select_columns(["lable"])
    with pytest.raises(InvalidError):
        dataset.select_columns([])


def test_written_again_only_what_is_seen_is_written(
    dataset: "Dataset[Picture]", tmp_path: Path
) -> None:
    chosen = dataset.filter("good").select_columns("label")
    again = write_samples(chosen, tmp_path / "again.tar")
    assert again.count() == 12
    assert again.as_type(DictSample)[0].keys() == ["label"]
