"""Images and recordings: kept as the files they were, decoded when that is asked for."""

import dataclasses
import io
import json
import struct
import tarfile
import typing
import wave
import zlib
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import pytest

import atdata
from atdata._fields import fields_of
from atdata._schemas import schema_text, type_of
from atdata._stubs import _source

FILES = Path(__file__).parents[2] / "tests" / "fixtures" / "images"
Y, X = np.mgrid[0:16, 0:24]
RGB = np.stack([X * 10, Y * 15, (X + Y) * 6], -1).astype("u1")


@atdata.packable
class Photo:
    photo: atdata.Image
    label: int
    mask: atdata.Image | None = None


@atdata.packable
class Clip:
    sound: atdata.Audio
    text: str


def png(pixels: Any) -> bytes:
    return atdata.encode_png(np.asarray(pixels, "u1"))


def photos(folder: Path, count: int = 10, **options: Any) -> atdata.Dataset[Photo]:
    made = [Photo(png(np.full((4, 6, 3), n)), n) for n in range(count)]
    return atdata.write_samples(made, folder / "photos.tar", **options)


def test_the_annotation_is_bytes_to_everybody_else(tmp_path: Path) -> None:
    found = {field.name: field.type for field in fields_of(Photo)}
    assert (found["photo"].kind, found["photo"].encoding) == ("bytes", "image")
    assert (found["mask"].kind, found["mask"].encoding) == ("bytes", "image")
    assert found["mask"].optional
    assert found["label"].encoding is None
    assert typing.get_type_hints(Photo)["photo"] is bytes
    data = (FILES / "rgb.jpg").read_bytes()
    dataset = atdata.write_samples([Photo(data, 3)], tmp_path / "one.tar")
    assert next(iter(dataset)).photo == data
    assert next(iter(dataset.ordered(batch_size=2))).photo == [data]
    with tarfile.open(tmp_path / "one.tar") as tar:
        [member] = [m for m in tar.getmembers() if m.name.endswith(".msgpack")]
        assert data in tar.extractfile(member).read()  # type: ignore[union-attr]


def test_more_can_be_said_of_the_field() -> None:
    @atdata.packable
    class Noted:
        photo: Annotated[atdata.Image, "front"]
        text: Annotated[str, atdata._encodings.Encoded("image")]

    photo, text = fields_of(Noted)
    assert photo.type.encoding == "image"
    assert text.type.encoding is None  # nothing but bytes is a file


def test_a_schema_says_it_beside_the_type() -> None:
    document = json.loads(schema_text(Photo)[0])
    assert document["fields"][0] == {
        "name": "photo",
        "fieldType": {"$type": "local#primitive", "primitive": "bytes"},
        "optional": False,
        "encoding": "image",
    }
    again = {field.name: field.type.encoding for field in fields_of(type_of(document))}
    assert again == {"photo": "image", "label": None, "mask": "image"}
    source = _source(document)
    assert "photo: atdata.Image\n" in source
    assert "mask: atdata.Image | None = None" in source


def test_an_index_keeps_it(tmp_path: Path) -> None:
    index = atdata.Index(
        provider="sqlite",
        path=tmp_path / "index.db",
        data_store=atdata.LocalDiskStore(root=tmp_path / "data"),
    )
    index.write([Photo(png(RGB), 1)], name="photos")
    entry = index.get_dataset("photos")
    loaded = index.decode_schema(entry.schema_ref)
    assert fields_of(loaded)[0].type.encoding == "image"


@pytest.mark.parametrize("encoding", [7, None, "video", ["image"], {"a": 1}])
def test_whatever_else_stands_there_is_bytes(encoding: Any) -> None:
    bytes_type = {"$type": "local#primitive", "primitive": "bytes"}
    field = {"name": "a", "fieldType": bytes_type, "optional": False, "encoding": encoding}
    [found] = fields_of(type_of({"name": "X", "fields": [field]}))
    assert (found.type.kind, found.type.encoding) == ("bytes", None)


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


def bomb(width: int, height: int) -> bytes:
    """A PNG of a few bytes that says it is of that size."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        checksum = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + checksum

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = zlib.compress(bytes(100))
    parts = [chunk(b"IHDR", header), chunk(b"IDAT", data), chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


JPEG = (FILES / "rgb.jpg").read_bytes()
HOSTILE = {
    "truncated PNG": (png(RGB)[:-40], "cannot be decoded"),
    "truncated JPEG": (JPEG[:-30], "cut off"),
    "half a header": (JPEG[:20], "cut off"),
    "bomb": (bomb(60_000, 60_000), "60000 x 60000 pixels; 67108864 at most"),
    "largest sides": (bomb(2**31 - 1, 2**31 - 1), "limit exceeded"),
    "no pixels": (bomb(0, 5), "cannot be decoded"),
    "missing rows": (bomb(3000, 3000), "cannot be decoded"),
    "GIF": ((FILES / "rgb.gif").read_bytes(), "is GIF; PNG, JPEG and WebP are decoded"),
    "text": (b"a text", "no PNG, JPEG or WebP"),
    "nothing": (b"", "no PNG, JPEG or WebP"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_are_errors_with_a_place(name: str, tmp_path: Path) -> None:
    data, words = HOSTILE[name]
    made = [Photo(png(RGB), 0), Photo(data, 1), Photo(png(RGB), 2)]
    dataset = atdata.write_samples(made, tmp_path / "photos.tar")
    batches = iter(dataset.ordered(batch_size=3, decode=True))
    assert next(batches).label == [0]  # what is whole comes first
    with pytest.raises(atdata.DataError, match=words) as caught:
        next(batches)
    assert caught.value.kind == "bad_image"
    assert str(caught.value.shard).endswith("photos.tar")
    assert (caught.value.key, caught.value.field) == ("000000001", "photo")
    assert "000000001" in str(caught.value)
    assert "photo" in str(caught.value)


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_are_skipped_and_reported(name: str, tmp_path: Path) -> None:
    made = [Photo(png(RGB), 0), Photo(HOSTILE[name][0], 1), Photo(png(RGB), 2)]
    atdata.write_samples(made, tmp_path / "photos.tar")
    dataset = atdata.Dataset[Photo](tmp_path / "photos.tar", on_error="skip")
    for how in (dataset, dataset.filter(lambda sample: True)):
        batches = how.ordered(batch_size=1, decode=True)
        assert [batch.label for batch in batches] == [[0], [2]]
        assert batches.report.skipped == 1
        assert "photo" in batches.report.errors[0]
        samples = how.ordered(decode=True)
        assert [sample.label for sample in samples] == [0, 2]
        assert samples.report.skipped == 1


def test_all_are_broken(tmp_path: Path) -> None:
    atdata.write_samples([Photo(b"", n) for n in range(5)], tmp_path / "photos.tar")
    dataset = atdata.Dataset[Photo](tmp_path / "photos.tar", on_error="skip")
    batches = dataset.ordered(batch_size=2, decode=True)
    assert list(batches) == []
    assert batches.report.skipped == 5


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


@atdata.packable
class Film:
    poster: atdata.Image
    frames: list[atdata.Image]
    sounds: list[atdata.Audio] | None = None


@atdata.packable
class Frames:
    frames: list[atdata.Image]


def test_files_in_lists_stay_bytes(tmp_path: Path) -> None:
    frames = [png(RGB), png(RGB[:2])]
    films = [Film(png(RGB), frames, [b"RIFF"]), Film(png(RGB), [])]
    dataset = atdata.write_samples(films, tmp_path / "films.tar")
    [batch] = dataset.ordered(batch_size=2, decode=True)
    assert (batch.poster.shape, batch.frames, batch.sounds) == (
        (2, 16, 24, 3),
        [frames, []],
        [[b"RIFF"], None],
    )
    sample = next(iter(dataset.shuffled(seed=0, decode=True)))
    assert (type(sample), sample.poster.shape) == (Film, (16, 24, 3))  # type: ignore[attr-defined]
    assert dataset.get("000000000", decode=True).frames == frames
    assert np.array_equal(atdata.decode_image(frames[0]), RGB)
    alone = atdata.write_samples([Frames(frames)], tmp_path / "frames.tar")
    with pytest.raises(atdata.InvalidError, match="no field of Frames is annotated as"):
        alone.ordered(decode=True)
    said = "the field is not the bytes of an image"
    for read in (
        lambda: list(dataset.ordered(batch_size=2, decode=["frames"])),
        lambda: list(dataset.map(lambda film: film).ordered(decode=["frames"])),
        lambda: dataset.get("000000000", decode=["frames"]),
    ):
        with pytest.raises(ValueError, match=said) as raised:
            read()
        assert getattr(raised.value, "field", None) == "frames"


def test_dict_samples_are_told_which(tmp_path: Path) -> None:
    photos(tmp_path)
    dataset = atdata.Dataset(tmp_path / "photos.tar")
    with pytest.raises(atdata.InvalidError, match="decode=True"):
        dataset.ordered(decode=True)
    sample = next(iter(dataset.ordered(decode=["photo"])))
    assert sample.photo.shape == (4, 6, 3)
    [batch] = dataset.ordered(batch_size=10, decode="photo")
    assert batch.photo.shape == (10, 4, 6, 3)
    with pytest.raises(atdata.UnknownNameError, match="picture"):
        dataset.as_type(Photo).ordered(decode=["picture"])
    with pytest.raises(atdata.InvalidError, match="view"):
        dataset.as_type(Photo).ordered(decode=True, arrays="view")


def test_a_field_of_other_values(tmp_path: Path) -> None:
    samples = [atdata.DictSample(photo=png(RGB), n=0), atdata.DictSample(photo="a text", n=1)]
    atdata.write_samples(samples, tmp_path / "odd.tar")

    @atdata.packable
    class Odd:
        photo: atdata.Image
        n: int

    dataset = atdata.Dataset[Odd](tmp_path / "odd.tar", on_error="skip")
    batches = dataset.ordered(batch_size=2, decode=True)
    assert [batch.n for batch in batches] == [[0]]
    assert batches.report.skipped == 1


def test_a_folder_of_images_is_known_to_be_one(tmp_path: Path) -> None:
    (tmp_path / "in" / "cat").mkdir(parents=True)
    (tmp_path / "in" / "cat" / "1.jpg").write_bytes(JPEG)
    dataset = atdata.from_image_folder(tmp_path / "in", tmp_path / "out" / "cats.tar")
    [batch] = dataset.ordered(batch_size=1, decode=True)
    assert batch.image.shape == (1, 16, 24, 3)
    assert next(iter(dataset)).image == JPEG


def wav(width: int, channels: int, values: Any) -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(width)
        file.setframerate(8000)
        file.writeframes(values)
    return out.getvalue()


def test_recordings(tmp_path: Path) -> None:
    two = wav(2, 2, np.array([0, 16384, -32768, 32767], "<i2").tobytes())
    one = wav(1, 1, bytes([128, 0, 255]))
    dataset = atdata.write_samples([Clip(two, "a"), Clip(one, "b")], tmp_path / "clips.tar")
    [batch] = dataset.ordered(batch_size=2, decode=True)
    stereo, mono = batch.sound
    assert isinstance(stereo, atdata.Sound)
    assert (stereo.rate, stereo.samples.dtype, stereo.samples.shape) == (8000, np.float32, (2, 2))
    assert np.allclose(stereo.samples, [[0, 0.5], [-1, 32767 / 32768]])
    assert np.allclose(mono.samples, [[0], [-1], [127 / 128]])
    assert batch._names() == ["sound", "text"]
    sample = next(iter(dataset.ordered(decode=True)))
    assert (type(sample), sample.text) == (Clip, "a")
    assert sample.sound.rate == 8000  # type: ignore[attr-defined]
    [mapped] = dataset.filter(lambda sample: sample.text == "b").ordered(decode=True)
    assert mapped.sound.samples.shape == (3, 1)  # type: ignore[attr-defined]


@pytest.mark.parametrize("data", [b"", b"OggS....", b"RIFF\0\0\0\0WAVE", wav(2, 1, b"\0\0")[:30]])
def test_broken_recordings(data: bytes, tmp_path: Path) -> None:
    dataset = atdata.write_samples([Clip(data, "a")], tmp_path / "clips.tar")
    with pytest.raises(atdata.DataError) as caught:
        list(dataset.ordered(batch_size=2, decode=True))
    assert (caught.value.kind, caught.value.field) == ("bad_audio", "sound")
