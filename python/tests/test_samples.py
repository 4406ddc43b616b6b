"""Sample types: what `packable` and `PackableSample` make of a class."""

import dataclasses
import functools
import pickle
from dataclasses import dataclass, field
from typing import Any, ClassVar, Generic, TypeVar

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from sample_types import Image, Primitives

import atdata
from atdata import DictSample, PackableSample, packable
from atdata._fields import _can_fill

INTEGERS = st.integers(-(2**63), 2**64 - 1)
PLAIN = st.none() | st.booleans() | INTEGERS | st.floats(allow_nan=False) | st.text() | st.binary()
NESTED = st.recursive(PLAIN, lambda s: st.lists(s) | st.dictionaries(st.text(), s), max_leaves=8)


@given(
    st.builds(
        Primitives,
        name=st.text(),
        count=INTEGERS,
        score=st.floats(allow_nan=False),
        active=st.booleans(),
        data=st.binary(),
        tags=st.lists(st.text()),
        scores=st.lists(st.floats(allow_nan=False)),
        meta=st.dictionaries(st.text(), NESTED),
        note=st.none() | st.text(),
    )
)
def test_what_is_packed_comes_back(sample: Primitives) -> None:
    restored = Primitives.from_bytes(sample.packed)
    assert restored == sample
    assert type(restored.count) is int


DTYPES = ["f2", ">f4", "f8", "c8", "i1", "u8", "?", "M8[ns]", "m8[s]", "U7", "S5"]


@pytest.mark.parametrize("dtype", [*DTYPES, [("x", "f4"), ("y", "i2")]])
@pytest.mark.parametrize("shape", [(), (0,), (3,), (0, 5), (2, 3, 4)])
def test_arrays_come_back_exactly(dtype: Any, shape: tuple[int, ...]) -> None:
    image = Image(np.zeros(shape, dtype), "zeros")
    restored = Image.from_bytes(image.packed)
    assert restored == image
    assert (restored.pixels.dtype, restored.pixels.shape) == (np.dtype(dtype), shape)


def test_arrays_that_are_not_contiguous_are_stored_by_content() -> None:
    array = np.arange(24).reshape(2, 3, 4)
    for view in (array.T, array[:, ::-1], np.asfortranarray(array)):
        restored = Image.from_bytes(Image(view, "").packed)
        assert np.array_equal(restored.pixels, view)


def test_numpy_scalars_are_packed_as_natives() -> None:
    sample: Any = Image(np.zeros(1), np.str_("a"), np.int64(3))
    restored = Image.from_bytes(sample.packed)
    assert (restored.label, restored.number, type(restored.number)) == ("a", 3, int)


def test_the_class_keeps_what_it_has() -> None:
    @packable
    class Reading:
        """A reading."""

        values: NDArray[Any]
        unit: str = "K"
        tags: list[str] = field(default_factory=list)
        LIMIT: ClassVar[int] = 3

        def total(self) -> float:
            return float(self.values.sum()) * self.LIMIT

        @functools.cached_property
        def half(self) -> float:
            return self.total() / 2

    reading = Reading(np.ones(2))
    assert (Reading.__name__, Reading.__doc__) == ("Reading", "A reading.")
    assert Reading.__qualname__.endswith("<locals>.Reading")
    assert Reading.__module__ == __name__
    assert (reading.total(), reading.half, reading.unit, reading.tags) == (6, 3, "K", [])
    assert Reading.from_bytes(reading.packed) == reading
    assert [f.name for f in dataclasses.fields(Reading)] == ["values", "unit", "tags"]
    assert issubclass(Reading, PackableSample)
    assert _can_fill(Reading)


def test_methods_may_call_super() -> None:
    @packable
    class Scaled:
        values: NDArray[Any]

        def __post_init__(self) -> None:
            super().__post_init__()
            self.values = self.values * 2

    assert Scaled(np.ones(1)).values.tolist() == [2]
    stored = DictSample(values=np.ones(1)).packed
    assert Scaled.from_bytes(stored).values.tolist() == [2]


def test_inheritance_of_sample_types() -> None:
    @packable
    class Named:
        name: str = "none"

    @packable
    class Numbered(Named):
        number: int = 0

    assert Numbered.from_bytes(Numbered("a", 3).packed) == Numbered("a", 3)
    assert Numbered("a") != Named("a")


@packable
@dataclass(frozen=True)
class Frozen:
    values: NDArray[Any] | None
    number: int = 0


@packable
@dataclass(slots=True)
class Slotted:
    values: NDArray[Any] | None
    number: int = 0


@dataclass(frozen=True, slots=True)
class Direct(PackableSample):
    values: NDArray[Any] | None
    number: int = 0


@packable
class Heir(Frozen):
    more: str = ""


@pytest.mark.parametrize("cls", [Frozen, Slotted, Direct, Heir])
def test_dataclasses_of_every_form(cls: Any) -> None:
    sample = cls(np.arange(3), 7)
    assert cls.from_bytes(sample.packed) == sample
    assert pickle.loads(pickle.dumps(sample)) == sample
    assert cls.from_bytes(cls(None).packed) == cls(None)
    assert hasattr(sample, "__dict__") == (cls in (Frozen, Heir))
    if cls is not Slotted:
        with pytest.raises(dataclasses.FrozenInstanceError):
            sample.number = 8


def test_own_init_is_called() -> None:
    @packable
    class Doubled:
        number: int

        def __init__(self, number: int) -> None:
            self.number = number * 2

    assert Doubled.from_bytes(DictSample(number=3).packed) == Doubled(3)
    assert not _can_fill(Doubled)


def test_fields_without_init_are_the_class_s_own() -> None:
    @packable
    class Box:
        side: float
        area: float = field(init=False)

        def __post_init__(self) -> None:
            self.area = self.side**2

    box = Box(3.0)
    assert DictSample.from_bytes(box.packed).to_dict() == {"side": 3.0}
    assert Box.from_bytes(box.packed).area == 9


def test_missing_fields_take_their_default_or_are_named() -> None:
    @packable
    class Growing:
        name: str
        note: str | None
        tags: list[str] = field(default_factory=lambda: ["new"])

    old = DictSample(name="a")
    restored = Growing.from_bytes(old.packed)
    assert restored == Growing("a", None, ["new"])
    assert Growing.from_data(old.to_dict()) == restored
    for make in (Growing.from_bytes, Growing.from_data):
        data: Any = DictSample(note="x")
        with pytest.raises(atdata.DataError, match="name") as caught:
            make(data.packed if make == Growing.from_bytes else data.to_dict())
        assert (caught.value.kind, caught.value.field) == ("missing_field", "name")


def test_bytes_in_array_fields_become_arrays() -> None:
    packed_array = DictSample.from_bytes(Image(np.arange(3), "a").packed)["pixels"]
    assert isinstance(packed_array, bytes)
    assert Image(packed_array, "a") == Image(np.arange(3), "a")
    with pytest.raises(atdata.DataError) as caught:
        Image(b"\x00", "a")
    assert caught.value.field == "pixels"


def test_equality_compares_arrays_whole() -> None:
    same = Image(np.arange(3), "a")
    assert same == Image(np.arange(3), "a")
    others = [np.arange(3.0), np.arange(4), np.array([0, 1, 9]), None]
    assert all(same != Image(other, "a") for other in others)
    assert same != "image"
    with pytest.raises(TypeError):
        hash(same)


def test_own_equality_is_kept() -> None:
    @packable
    class Loose:
        number: int

        def __eq__(self, other: object) -> bool:
            return isinstance(other, Loose)

        __hash__ = None

    assert Loose(1) == Loose(2)


def test_as_wds_has_a_new_key_without_dots() -> None:
    image = Image(np.zeros(2), "a")
    made = [image.as_wds for _ in range(3)]
    keys = {wds["__key__"] for wds in made}
    assert len(keys) == 3
    assert not any("." in key or "/" in key for key in keys)
    assert all(wds["msgpack"] == image.packed and len(wds) == 2 for wds in made)


def test_generic_sample_types() -> None:
    content = TypeVar("content")

    @packable
    class Holder(Generic[content]):
        value: content

    assert Holder.from_bytes(Holder[int](3).packed) == Holder(3)


def test_a_class_without_fields_says_what_to_do() -> None:
    class Forgotten(PackableSample):
        name: str

    with pytest.raises(TypeError, match=r"@dataclass or @atdata.packable"):
        Forgotten.from_bytes(b"\x80")


@pytest.mark.parametrize("name", ["packed", "as_wds", "from_bytes", "from_data"])
def test_names_that_all_samples_have(name: str) -> None:
    with pytest.raises(TypeError, match=name):
        packable(type("Clash", (), {"__annotations__": {name: int}}))


def test_values_that_cannot_be_stored_name_the_field() -> None:
    with pytest.raises(TypeError, match="label"):
        _ = Image(np.zeros(1), object()).packed
    with pytest.raises(ValueError, match="number"):
        _ = Image(np.zeros(1), "a", 2**64).packed


def test_payloads_that_say_a_field_twice_or_have_odd_keys_are_refused() -> None:
    for payload in (b"\x82\xa1a\x01\xa1a\x02", b"\x81\xa1a\x81\x90\x01"):
        with pytest.raises(atdata.DataError) as caught:
            atdata.DictSample.from_bytes(payload)
        assert (caught.value.kind, caught.value.field) == ("bad_msgpack", "a")
