"""A sample of any fields."""

import copy
import pickle

import numpy as np
import pytest
from sample_types import Image

import atdata
from atdata import DictSample


@pytest.fixture
def sample() -> DictSample:
    return DictSample({"text": "hello", "label": 3}, keys="taken")


def test_fields_by_attribute_and_item(sample: DictSample) -> None:
    assert (sample.text, sample["label"], sample["keys"]) == ("hello", 3, "taken")
    assert sample.get("label") == 3
    assert (sample.get("colour"), sample.get("colour", "red")) == (None, "red")


def test_all_fields(sample: DictSample) -> None:
    assert sample.keys() == ["text", "label", "keys"] == list(sample)
    assert sample.values() == ["hello", 3, "taken"]
    assert sample.items() == [("text", "hello"), ("label", 3), ("keys", "taken")]
    assert len(sample) == 3
    assert "text" in sample
    assert "colour" not in sample
    assert "label" in dir(sample)


def test_to_dict_is_a_copy(sample: DictSample) -> None:
    sample.to_dict()["text"] = "changed"
    assert sample.text == "hello"


def test_an_unknown_field_is_an_error_that_lists_the_fields(sample: DictSample) -> None:
    with pytest.raises(AttributeError, match=r"no field 'colour'.*text, label, keys"):
        _ = sample.colour
    with pytest.raises(KeyError, match=r"no field 'colour'.*text, label, keys"):
        _ = sample["colour"]
    assert not hasattr(DictSample(), "anything")


def test_packing(sample: DictSample) -> None:
    assert DictSample.from_bytes(sample.packed) == sample
    assert sample.as_wds["msgpack"] == sample.packed
    assert DictSample.from_data({"a": 1}) == DictSample(a=1)


def test_arrays_are_stored_as_a_typed_sample_stores_them() -> None:
    array = np.arange(6, dtype="f4").reshape(2, 3)
    packed = DictSample(pixels=array, label="a", number=1).packed
    assert packed == Image(array, "a", 1).packed
    assert isinstance(DictSample.from_bytes(packed).pixels, bytes)


def test_equality() -> None:
    assert DictSample(a=1, b=np.zeros(2)) == DictSample(b=np.zeros(2), a=1)
    assert DictSample(a=1) != DictSample(a=2)
    assert DictSample(a=1) != DictSample(b=1)
    assert DictSample(a=1) != {"a": 1}


def test_copies(sample: DictSample) -> None:
    for again in (copy.copy(sample), copy.deepcopy(sample), pickle.loads(pickle.dumps(sample))):
        assert again == sample


def test_repr_is_short() -> None:
    text = repr(DictSample(label="a", pixels=b"x" * 10_000))
    assert text.startswith("DictSample(label='a', pixels=b'x")
    assert len(text) < 100


def test_it_is_packable() -> None:
    assert isinstance(DictSample(), atdata.Packable)
    assert isinstance(Image(np.zeros(1), "a"), atdata.Packable)
    assert not isinstance({}, atdata.Packable)
