"""Lenses compose, and broken laws are told."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from sample_types import Brightness, Image, Label, brightness, images, write_images

import atdata
from atdata import DictSample
from atdata._lens_derived import by_name, from_dict
from atdata.lens import (
    Lens,
    LensLawError,
    LensNetwork,
    check_get_put,
    check_laws,
    check_put_get,
    check_put_put,
    identity_lens,
    lens,
)


@atdata.packable
class Mean:
    value: float


@atdata.packable
class Text:
    text: str


@lens
def mean(view: Brightness) -> Mean:
    return Mean(view.mean)


@mean.putter
def put_mean(view: Mean, source: Brightness) -> Brightness:
    return Brightness(view.value, source.label)


@lens
def hexadecimal(view: Mean) -> Text:
    return Text(view.value.hex())


@hexadecimal.putter
def put_hexadecimal(view: Text, source: Mean) -> Mean:
    return Mean(float.fromhex(view.text))


def twice(view: Mean) -> Mean:
    return Mean(view.value * 2)


@pytest.fixture(autouse=True)
def registry(monkeypatch: pytest.MonkeyPatch) -> dict[tuple[type, type], Lens[Any, Any]]:
    """The network's lenses, put back after the test."""
    known = dict(LensNetwork()._registry)
    monkeypatch.setattr(LensNetwork(), "_registry", known)
    return known


numbers = st.floats(0, 255)
sources = st.builds(
    lambda shade, label: Image(np.full((2, 2), shade, "f8"), label), numbers, st.text()
)
texts = st.builds(lambda number: Text(number.hex()), numbers)


@atdata.packable
class Bright:
    """As `Brightness`, but one that is really put."""

    mean: float
    label: str


@lens
def bright(image: Image) -> Bright:
    return Bright(float(image.pixels.flat[0]), image.label)


@bright.putter
def put_bright(view: Bright, source: Image) -> Image:
    return Image(np.full_like(source.pixels, view.mean), view.label, source.number)


bright_mean: Lens[Bright, Mean] = Lens(
    lambda view: Mean(view.mean),
    lambda view, source: Bright(view.value, source.label),
    source_type=Bright,
    view_type=Mean,
)


@given(sources, texts)
def test_composition_is_associative(source: Image, view: Text) -> None:
    left = (bright | bright_mean) | hexadecimal
    right = bright | (bright_mean | hexadecimal)
    assert left(source) == right.get(source) == hexadecimal(bright_mean(bright(source)))
    assert left.put(view, source) == right.put(view, source)
    assert left.name == right.name == f"bright | {bright_mean.name} | hexadecimal"


@given(sources, texts)
def test_identity_changes_nothing(source: Image, view: Text) -> None:
    plain = bright | bright_mean | hexadecimal
    for same in (identity_lens(Image) | plain, plain | identity_lens(Text)):
        assert same(source) == plain(source)
        assert same.put(view, source) == plain.put(view, source)


@given(st.lists(sources, max_size=3), st.lists(texts, max_size=3))
def test_composed_and_derived_lenses_keep_the_laws(given: list[Image], views: list[Text]) -> None:
    check_laws(bright | bright_mean | hexadecimal, given, views)
    check_laws(identity_lens(Image), given)
    check_laws(by_name(Image, Label), given)
    dicts = [DictSample(label=image.label, number=3, pixels=image.pixels) for image in given]
    check_laws(from_dict(Label), dicts)


def test_both_operators_mean_the_same() -> None:
    one, other = brightness | mean, mean @ brightness
    image = next(images(1))
    assert one(image) == other(image) == mean(brightness(image)) == Mean(0.0)
    assert (one.source_type, one.view_type) == (Image, Mean)
    assert one.put(Mean(3.0), image) == other.put(Mean(3.0), image)
    assert one.name == other.name == "brightness | mean"
    assert repr(one) == "<Lens brightness | mean: Image -> Mean>"


def test_composed_lenses_are_pickled() -> None:
    again = pickle.loads(pickle.dumps(brightness | mean | identity_lens(Mean)))
    assert again(next(images(1))) == Mean(0.0)
    assert again.name == "brightness | mean | identity"


def test_lenses_that_do_not_meet() -> None:
    with pytest.raises(TypeError, match="mean shows Mean, brightness starts from Image"):
        mean | brightness  # type: ignore[operator]
    for other in (None, Image, len):
        with pytest.raises(TypeError, match="unsupported operand"):
            brightness | other  # type: ignore[operator]
        with pytest.raises(TypeError, match="unsupported operand"):
            brightness @ other  # type: ignore[operator]


def test_a_putter_belongs_to_the_parts() -> None:
    first: Lens[Image, Label] = Lens(
        lambda s: Label(s.label, s.number), source_type=Image, view_type=Label
    )
    both, image = first | identity_lens(Label), next(images(1))
    with pytest.raises(TypeError, match=r"write Lens\(get, put\)"):
        both.putter(lambda view, source: source)
    assert both.put(Label("x", 1), image) is image

    @first.putter
    def put(view: Label, source: Image) -> Image:
        return Image(source.pixels, view.label, view.number)

    assert both.put(Label("x", 1), image) == Image(image.pixels, "x", 1)


def test_a_registered_composition_is_the_way(tmp_path: Path) -> None:
    doubled = Lens(twice, source_type=Mean, view_type=Mean)
    dataset = write_images(tmp_path, 3)
    assert [sample.value for sample in dataset.as_type(Mean)] == [0, 1, 2]  # the path
    LensNetwork().register(brightness | mean | doubled)
    view = dataset.as_type(Mean)
    assert [sample.value for sample in view] == [0, 2, 4]
    assert [sample.value for sample in pickle.loads(pickle.dumps(view))] == [0, 2, 4]
    assert [sample.text for sample in view.as_type(Text)] == [n.hex() for n in (0.0, 2.0, 4.0)]
    assert list(view.ordered(batch_size=3))[0].value == [0, 2, 4]  # noqa: RUF015


def test_broken_laws_are_told_by_field() -> None:
    image = Image(np.zeros(3, "u1"), "cat", 1)
    darker = Lens(
        lambda s: Label(s.label, s.number),
        lambda v, s: Image(s.pixels + 1, v.label.upper(), s.number),
        source_type=Image,
        view_type=Label,
    )
    with pytest.raises(AssertionError) as caught:
        check_get_put(darker, image)
    assert str(caught.value) == (
        "GetPut does not hold for <Lens <lambda>: Image -> Label>:\n"
        "put(get(source), source) is not source\n"
        "  pixels: array uint8 [3]: [1 1 1] instead of array uint8 [3]: [0 0 0]\n"
        "  label: 'CAT' instead of 'cat'"
    )
    with pytest.raises(LensLawError, match=r"PutGet.*\n.*\n  label: 'A' instead of 'a'") as caught:
        check_put_get(darker, Label("a", 1), image)
    assert isinstance(caught.value, LensLawError)
    assert caught.value.law == "PutGet"
    with pytest.raises(LensLawError, match=r"PutPut.*\n.*\n  pixels: .*2 2 2"):
        check_put_put(darker, Label("A", 1), Label("B", 1), image)
    assert pickle.loads(pickle.dumps(caught.value)).law == "PutGet"


def test_without_a_putter_only_get_put_holds() -> None:
    no_way_back = Lens(lambda s: Mean(s.mean), source_type=Brightness, view_type=Mean)
    check_get_put(no_way_back, Brightness(1.0, "a"))
    check_laws(no_way_back, [Brightness(1.0, "a")])
    with pytest.raises(LensLawError, match=r"value: 1.0 instead of 2.0\n.*no putter"):
        check_put_get(no_way_back, Mean(2.0), Brightness(1.0, "a"))


def test_a_putter_that_writes_into_its_source_hides_nothing() -> None:
    def put(view: Mean, source: Brightness) -> Brightness:
        source.mean, source.label = view.value, source.label + "!"
        return source

    sly = Lens(lambda s: Mean(s.mean), put, source_type=Brightness, view_type=Mean)
    source = Brightness(1.0, "a")
    with pytest.raises(LensLawError, match="label: 'a!' instead of 'a'"):
        check_get_put(sly, source)
    with pytest.raises(LensLawError, match="label: 'a!!' instead of 'a!'"):
        check_put_put(sly, Mean(1.0), Mean(2.0), source)
    assert source == Brightness(1.0, "a")


@atdata.packable
class Odd:
    """Values that are not equal to themselves, or equal to others of another type."""

    number: float
    array: NDArray[Any]
    tags: list[str]
    meta: dict[str, Any]


def odd(**changes: Any) -> Odd:
    values: dict[str, Any] = {
        "number": float("nan"),
        "array": np.array([np.nan, 1]),
        "tags": ["a", "b"],
        "meta": {"k": float("nan")},
    }
    return Odd(**values | changes)


def test_nan_is_the_same_as_nan() -> None:
    check_laws(identity_lens(Odd), [odd()])


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"number": 1}, "number: 1 instead of nan, of another type"),
        (
            {"array": np.array([np.nan, 1], "f4")},
            "array: array float32 .* instead of array float64",
        ),
        ({"tags": ["a"]}, r"tags\[1\]: is missing"),
        ({"tags": ["a", "b", "c"]}, r"tags\[2\]: should not be there"),
        ({"meta": {"k": 2.0}}, r"meta\['k'\]: 2.0 instead of nan"),
        ({"meta": {"x" * 300: 1}}, "meta.*should not be there"),
        ({"tags": ["a", "b" * 300]}, r"tags\[1\]: 'b+… \(302 characters\) instead of 'b'"),
    ],
)
def test_differences_are_told_by_their_place(changes: dict[str, Any], told: str) -> None:
    spoiling = Lens(lambda s: s, lambda v, s: odd(**changes), source_type=Odd, view_type=Odd)
    with pytest.raises(LensLawError, match=told):
        check_get_put(spoiling, odd())
