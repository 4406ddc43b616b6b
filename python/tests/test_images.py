"""Images: kept as the files they were, decoded when that is asked for."""

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from images import FILES, JPEG, RGB, Clip, Photo, X, photos, png, wav

import atdata


def test_batches_are_decoded_into_one_array(tmp_path: Path) -> None:
    dataset = photos(tmp_path)
    batches = list(dataset.ordered(batch_size=4, decode=["photo"]))
    assert [batch.photo.shape for batch in batches] == [(4, 4, 6, 3)] * 2 + [(2, 4, 6, 3)]
    assert batches[0].photo.dtype == np.uint8
    assert [int(n) for batch in batches for n in batch.photo[:, 0, 0, 0]] == list(range(10))
    mixed = list(dataset.shuffled(batch_size=10, seed=1, decode=True))
    [batch] = mixed
    assert batch.photo[:, 0, 0, 0].tolist() == batch.label
    assert batch.mask == [None] * 10


def test_samples_are_of_the_same_class(tmp_path: Path) -> None:
    dataset = photos(tmp_path, 40)
    samples = dataset.ordered(decode=True)
    found = list(samples)
    assert len(samples) == len(found) == 40
    assert all(type(sample) is Photo for sample in found)
    assert [(s.photo.shape, s.label) for s in found] == [((4, 6, 3), n) for n in range(40)]  # type: ignore[attr-defined]
    ranks = [list(dataset.ordered(rank=rank, world=3, decode=True)) for rank in range(3)]
    plain = [list(dataset.ordered(rank=rank, world=3)) for rank in range(3)]
    assert [[s.label for s in part] for part in ranks] == [[s.label for s in p] for p in plain]


def test_images_of_several_shapes_and_none(tmp_path: Path) -> None:
    made = [
        Photo(png(np.zeros((2, 3, 3))), 0, png(np.ones((2, 3, 1)))),
        Photo(png(np.zeros((4, 3, 4))), 1),
    ]
    dataset = atdata.write_samples(made, tmp_path / "photos.tar")
    [batch] = dataset.ordered(batch_size=2, decode=True)
    assert [image.shape for image in batch.photo] == [(2, 3, 3), (4, 3, 4)]
    assert batch.mask[0].tolist() == np.ones((2, 3, 1)).tolist()
    assert batch.mask[1] is None


@pytest.mark.parametrize(
    ("name", "expected", "off"),
    [
        ("rgb.png", RGB, 0),
        ("rgb.webp", RGB, 0),
        ("rgb.jpg", RGB, 40),
        ("cmyk.jpg", RGB, 40),
        ("palette.png", RGB, 80),
        ("rgba.png", np.dstack([RGB, 255 - X * 10]), 0),
        ("grey16.png", RGB[..., :1], 0),
        ("grey.jpg", np.round(RGB @ [0.299, 0.587, 0.114])[..., None], 12),
    ],
)
def test_what_others_have_written(name: str, expected: Any, off: int) -> None:
    found = atdata.decode_image((FILES / name).read_bytes())
    assert found.shape == expected.shape
    assert found.dtype == np.uint8
    assert np.abs(found.astype(int) - expected.astype(int)).max() <= off


def test_pixels_come_back_from_a_png() -> None:
    for shape in [(5, 7), (5, 7, 1), (5, 7, 2), (7, 5, 3), (3, 900, 4)]:
        pixels = np.random.default_rng(0).integers(0, 256, shape).astype("u1")
        again = atdata.decode_image(atdata.encode_png(pixels))
        assert np.array_equal(again.reshape(shape), pixels)
        assert np.array_equal(atdata.decode_image(atdata.encode_png(pixels.T.copy().T)), again)
    with pytest.raises(TypeError, match="float32"):
        atdata.encode_png(np.zeros((2, 2), "f4"))  # type: ignore[arg-type]
    for wrong in [(2,), (2, 2, 5), (0, 2), (2, 2, 2, 2)]:
        with pytest.raises(ValueError, match=r"image|axes"):
            atdata.encode_png(np.zeros(wrong, "u1"))


def test_functions_see_bytes_and_views_come_decoded(tmp_path: Path) -> None:
    @dataclasses.dataclass
    class Named:
        photo: atdata.Image
        name: str

    def named(sample: Photo) -> Named:
        assert isinstance(sample.photo, bytes)
        return Named(sample.photo, f"photo {sample.label}")

    dataset = photos(tmp_path)
    kept = dataset.filter(lambda sample: isinstance(sample.photo, bytes) and sample.label > 6)
    [batch] = kept.ordered(batch_size=5, decode=True)
    assert (batch.photo.shape, batch.label) == ((3, 4, 6, 3), [7, 8, 9])
    made = list(kept.map(named).ordered(decode=["photo"]))
    assert [(s.name, s.photo.shape) for s in made] == [  # type: ignore[attr-defined]
        (f"photo {n}", (4, 6, 3)) for n in (7, 8, 9)
    ]
    [asked] = dataset.filter("label == 4").ordered(batch_size=5, decode=True)
    assert int(asked.photo[0, 0, 0, 0]) == 4
    [narrow] = dataset.select_columns(["photo"]).ordered(batch_size=20, decode=True)
    assert narrow.photo.shape == (10, 4, 6, 3)


def test_one_by_its_key(tmp_path: Path) -> None:
    dataset = photos(tmp_path)
    found = dataset.get("000000003", decode=True)
    assert (type(found), found.label, found.mask) == (Photo, 3, None)
    assert (found.photo.shape, int(found.photo[0, 0, 0])) == ((4, 6, 3), 3)  # type: ignore[attr-defined]
    assert isinstance(dataset.get("000000003").photo, bytes)
    asked = dataset.filter("label > 6")
    assert asked.get("000000007", decode="photo").photo.shape == (4, 6, 3)  # type: ignore[attr-defined]
    untyped = atdata.Dataset(tmp_path / "photos.tar")
    assert untyped.get("000000003", decode=["photo"]).photo.shape == (4, 6, 3)
    with pytest.raises(atdata.UnknownNameError, match=r"did you mean 'photo'\?"):
        dataset.get("000000003", decode=["photos"])
    with pytest.raises(atdata.UnknownNameError, match="no sample has the key 'x'"):
        dataset.get("x", decode=True)
    clips = atdata.write_samples([Clip(wav(1, 1, b"\x80"), "a")], tmp_path / "clips.tar")
    assert clips.get("000000000", decode=True).sound.rate == 8000  # type: ignore[attr-defined]


def test_one_that_cannot_be_decoded_is_named(tmp_path: Path) -> None:
    dataset = atdata.write_samples([Photo(b"text", 0)], tmp_path / "one.tar")
    said = r"no PNG, JPEG or WebP image \(key 000000000, field photo\)"
    with pytest.raises(atdata.DataError, match=said) as raised:
        dataset.get("000000000", decode=True)
    found = raised.value
    assert (found.kind, found.key, found.field) == ("bad_image", "000000000", "photo")


def test_what_is_picked_out_is_decoded(tmp_path: Path) -> None:
    dataset = photos(tmp_path)
    picked = [dataset[3:6], dataset[-3:-1], dataset.select([9, 0, 9]), dataset[::4][1:]]
    for part in picked:
        [batch] = part.ordered(batch_size=9, decode=True)
        assert batch.photo[:, 0, 0, 0].tolist() == [sample.label for sample in part] == batch.label
        assert [int(s.photo[0, 0, 0]) for s in part.ordered(decode=True)] == batch.label


def test_a_folder_of_images_is_known_to_be_one(tmp_path: Path) -> None:
    (tmp_path / "in" / "cat").mkdir(parents=True)
    (tmp_path / "in" / "cat" / "1.jpg").write_bytes(JPEG)
    dataset = atdata.from_image_folder(tmp_path / "in", tmp_path / "out" / "cats.tar")
    [batch] = dataset.ordered(batch_size=1, decode=True)
    assert batch.image.shape == (1, 16, 24, 3)
    assert next(iter(dataset)).image == JPEG
