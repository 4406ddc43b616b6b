"""Lenses: views of samples, registered and found."""

from __future__ import annotations

import itertools
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sample_types import (
    Brightness,
    Image,
    Label,
    brightness,
    images,
    numbers_in,
    put_brightness,
    write_images,
)

import atdata
from atdata import DictSample
from atdata.lens import Lens, LensNetwork, lens


def sample_type(name: str, **fields: Any) -> Any:
    """A new sample type."""
    return atdata.packable(type(name, (), {"__annotations__": fields, "__module__": __name__}))


def test_the_module_is_the_decorator() -> None:
    import atdata.lens as module

    assert module is atdata.lens
    assert (module.lens, module.Lens) == (lens, Lens)


@pytest.mark.parametrize("decorator", [lens, atdata.lens])
def test_a_lens_of_a_function(decorator: Any) -> None:
    @atdata.packable
    class Local:
        text: str

    @decorator
    def local_view(image: Image) -> Local:
        """Doc."""
        return Local(image.label)

    image = next(images(1))
    assert local_view(image) == local_view.get(image) == Local("class 0")
    assert (local_view.source_type, local_view.view_type) == (Image, Local)
    assert (local_view.name, local_view.__doc__) == ("local_view", "Doc.")
    assert LensNetwork().transform(Image, Local) is local_view
    assert local_view.put(Local("other"), image) is image  # no putter: nothing changes


def test_a_putter_is_given_back_as_it_is() -> None:
    image = next(images(1))
    assert put_brightness(Brightness(0, "x"), image).label == "x"
    assert brightness.put(Brightness(0, "x"), image) == Image(image.pixels, "x", 0)


@given(st.text(), st.text(), st.integers(0, 255))
def test_lens_laws(first: str, second: str, shade: int) -> None:
    source = Image(np.full(4, shade, "u1"), first)
    view = Brightness(float(shade), second)
    assert brightness.put(brightness.get(source), source) == source
    assert brightness.get(brightness.put(view, source)) == view


@pytest.mark.parametrize(
    "function",
    [
        lambda image: image,
        lambda: None,
        lambda first, second: first,
    ],
)
def test_types_must_be_said(function: Any) -> None:
    with pytest.raises(TypeError, match="lens"):
        lens(function)


def test_only_one_type_is_not_enough() -> None:
    def view(image: Image):  # type: ignore[no-untyped-def]
        return image

    with pytest.raises(TypeError, match=r"must say its types: def view\(image: Source\) -> View"):
        lens(view)

    def unknown(image: Nowhere) -> Image:  # type: ignore[name-defined]  # noqa: F821
        return image

    with pytest.raises(TypeError, match="Nowhere"):
        lens(unknown)


def test_registering_again_replaces() -> None:
    a, b = sample_type("A", x=int), sample_type("B", y=int)
    first, second = (Lens(lambda s: b(s.x), source_type=a, view_type=b) for _ in range(2))
    network = LensNetwork()
    network.register(first)
    network.register(second)
    assert network.transform(a, b) is second


def chain_of(*types: Any) -> list[Lens[Any, Any]]:
    """Registered lenses from each type to the next; each adds 1."""
    made = []
    for source, view in itertools.pairwise(types):
        lens_ = Lens(
            lambda s, view=view: view(s.x + 1),
            lambda v, s, source=source: source(v.x - 1),
            source_type=source,
            view_type=view,
        )
        LensNetwork().register(lens_)
        made.append(lens_)
    return made


def test_the_only_shortest_path_is_taken() -> None:
    a, b, c, d = (sample_type(name, x=int) for name in "ABCD")
    chain_of(a, b, c, d)
    found = LensNetwork().transform(a, d)
    assert found(a(1)) == d(4)
    assert found.put(d(9), a(1)) == a(6)
    with pytest.raises(ValueError, match="No lens from D to A"):
        LensNetwork().transform(d, a)


def test_two_shortest_paths_are_an_error_that_names_both() -> None:
    a, b, c, d = (sample_type(name, x=int) for name in "ABCD")
    chain_of(a, b, d)
    chain_of(a, c, d)
    with pytest.raises(atdata.NoLensError, match="More than one way leads from A to D"):
        LensNetwork().transform(a, d)
    direct = chain_of(a, d)
    assert LensNetwork().transform(a, d) is direct[0]


def test_no_lens_lists_what_there_is() -> None:
    with pytest.raises(ValueError, match=r"No lens from Brightness to Image.*brightness: Image"):
        LensNetwork().transform(Brightness, Image)


def test_every_sample_type_is_a_view_of_dict_samples() -> None:
    found = LensNetwork().transform(DictSample, Label)
    source = DictSample(label="a", number=1, colour="red")
    assert found(source) == Label("a", 1)
    assert found.put(Label("b", 2), source) == DictSample(label="b", number=2, colour="red")


def test_lenses_are_pickled_by_reference() -> None:
    assert pickle.loads(pickle.dumps(brightness)) is brightness
    derived = LensNetwork().transform(DictSample, Label)
    again = pickle.loads(pickle.dumps(derived))
    assert again(DictSample(label="a", number=1)) == Label("a", 1)
    with pytest.raises((pickle.PicklingError, AttributeError)):
        pickle.dumps(Lens(lambda s: s, source_type=Image, view_type=Image))


def test_a_dataset_through_a_lens(tmp_path: Path) -> None:
    dataset = write_images(tmp_path, 6)
    view = dataset.as_type(Brightness)
    assert [sample.mean for sample in view] == [0, 1, 2, 3, 4, 5]
    assert view[-1] == Brightness(5.0, "class 5")
    assert (view.sample_type, len(view), view.url) == (Brightness, 6, dataset.url)
    assert sorted(sample.mean for sample in view.shuffled(seed=1)) == [0, 1, 2, 3, 4, 5]
    assert view.wrap(next(images(1)).as_wds) == Brightness(0.0, "class 0")
    assert view.as_type(Brightness) is view


def test_a_dataset_through_a_chain(tmp_path: Path) -> None:
    once, twice = sample_type("Once", x=float), sample_type("Twice", x=float)
    LensNetwork().register(Lens(lambda b: once(b.mean), source_type=Brightness, view_type=once))
    LensNetwork().register(Lens(lambda o: twice(o.x * 2), source_type=once, view_type=twice))
    dataset = write_images(tmp_path, 3)
    assert [sample.x for sample in dataset.as_type(twice)] == [0, 2, 4]
    assert [sample.x for sample in dataset.as_type(once).as_type(twice)] == [0, 2, 4]


def test_fields_are_read_by_name(tmp_path: Path) -> None:
    labels = write_images(tmp_path, 3).as_type(Label)
    assert list(labels) == [Label("class 0", 0), Label("class 1", 1), Label("class 2", 2)]
    assert list(labels.ordered(batch_size=3))[0].number == [0, 1, 2]  # noqa: RUF015


def test_by_name_after_a_lens(tmp_path: Path) -> None:
    only_mean = sample_type("OnlyMean", mean=float)
    view = write_images(tmp_path, 3).as_type(Brightness).as_type(only_mean)
    assert [sample.mean for sample in view] == [0, 1, 2]


def test_fields_that_do_not_fit_are_named(tmp_path: Path) -> None:
    other = sample_type("Other", label=int, colour=str)
    with pytest.raises(ValueError, match=r"No lens from Image to Other.*colour.*label") as caught:
        write_images(tmp_path, 1).as_type(other)
    assert caught.value.kind == "no_lens"  # type: ignore[attr-defined]


def test_a_view_must_be_a_class(tmp_path: Path) -> None:
    dataset = write_images(tmp_path, 1)
    for other in ("Label", None, int):
        with pytest.raises((TypeError, ValueError), match=r"not a sample type|No lens"):
            dataset.as_type(other)


def test_from_and_to_dict_samples(tmp_path: Path) -> None:
    write_images(tmp_path, 3)
    raw = atdata.Dataset(tmp_path / "images.tar")
    assert list(raw.as_type(Image)) == list(images(3))
    assert numbers_in(raw.as_type(Image).as_type(DictSample)) == [0, 1, 2]


def test_a_registered_lens_from_dict_samples_comes_first(tmp_path: Path) -> None:
    shouting = sample_type("Shouting", label=str)
    LensNetwork().register(
        Lens(lambda s: shouting(s.label.upper()), source_type=DictSample, view_type=shouting)
    )
    write_images(tmp_path, 1)
    assert [s.label for s in atdata.Dataset(tmp_path / "images.tar").as_type(shouting)] == [
        "CLASS 0"
    ]
