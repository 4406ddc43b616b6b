"""Fields of images and recordings: files to everybody else, and what a schema says of them."""

import json
import tarfile
import typing
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import pytest
from images import FILES, RGB, Photo, photos, png

import atdata
from atdata._fields import fields_of
from atdata._schemas import schema_text, type_of
from atdata._stubs import _source


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
