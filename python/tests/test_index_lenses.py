"""Lenses in an index: stored, found, listed and run elsewhere."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from lens_types import RULES, Badge, Member, Person, ada, code, length_of, put
from sample_types import Brightness, Image, Label, brightness

import atdata
from atdata import _index_lenses
from atdata.lens import FieldMapping, Lens, cast


@pytest.fixture
def index(tmp_path: Path) -> atdata.Index:
    return atdata.Index(path=tmp_path / "index.db")


def test_a_mapping_is_stored_whole_and_run_elsewhere(tmp_path: Path) -> None:
    writer = atdata.Index(path=tmp_path / "index.db")
    reference = writer.store_lens(
        FieldMapping(Person, Member, RULES), name="member", description="A member."
    )
    assert reference == "atdata://local/lens/member@1.0.0"
    reader = atdata.Index(path=tmp_path / "index.db")
    lens = reader.load_lens("member")
    assert (lens.source_type.__name__, lens.view_type.__name__) == ("Person", "Member")
    assert lens.source_type is reader.decode_schema("atdata://local/sampleSchema/Person")
    source = lens.source_type.from_bytes(ada().packed)
    view = lens.get(source)
    assert view.packed == FieldMapping(Person, Member, RULES).get(ada()).packed
    view.label, view.years = "Bea", 40.0
    assert lens.put(view, source).packed == ada(name="Bea", age=40).packed


def test_a_mapping_runs_on_types_that_are_given(index: atdata.Index) -> None:
    mapping = FieldMapping(Person, Badge, {"label": "name", "years": "age"})
    reference = index.store_lens(mapping)
    lens = index.load_lens(reference, source_type=Person, view_type=Badge)
    assert reference == "atdata://local/lens/Person_to_Badge@1.0.0"
    assert lens.put(Badge("Bea", 1), ada()) == ada(name="Bea", age=1)
    assert index.store_lens(lens, name="again") == "atdata://local/lens/again@1.0.0"
    assert index.get_lens("again").getter == index.get_lens(reference).getter


@atdata.packable
class Defaults:
    name: str
    split: str = "train"
    weight: float = 1.0
    note: str | None = None


def test_what_a_view_has_by_default_is_stored_too(index: atdata.Index) -> None:
    index.store_lens(FieldMapping(Person, Defaults), name="defaults")
    lens = index.load_lens("defaults")
    assert lens.get(ada()).packed == Defaults("Ada").packed
    assert index.get_lens("defaults").putter["kind"] == "field_mapping"


def test_records_are_those_of_the_format(index: atdata.Index) -> None:
    reference = index.store_lens(brightness, description="How bright.")
    record = index.get_lens("brightness")
    assert dict(record) == {
        "name": "brightness",
        "version": "1.0.0",
        "source_schema": "atdata://local/sampleSchema/Image@1.0.0",
        "view_schema": "atdata://local/sampleSchema/Brightness@1.0.0",
        "getter": code("brightness"),
        "putter": code("put_brightness"),
        "created_at": record.created_at,
        "description": "How bright.",
        "$ref": reference,
    }
    assert record.created_at.endswith("+00:00")
    assert (record.ref, record["name"], record.version) == (reference, "brightness", "1.0.0")


def test_schemas_may_be_named(index: atdata.Index) -> None:
    first = index.publish_schema(Image)
    index.publish_schema(Image)
    index.store_lens(brightness, source_schema=first, view_schema=index.publish_schema(Brightness))
    assert index.get_lens("brightness").source_schema == first
    with pytest.raises(KeyError):
        index.store_lens(brightness, source_schema="atdata://local/sampleSchema/Nothing@1.0.0")


def test_versions_follow_and_never_change(index: atdata.Index) -> None:
    years = FieldMapping(Person, Badge, {"label": "name", "years": "age"})
    height = FieldMapping(Person, Badge, {"label": "name", "years": cast("height", "int")})
    prefix = "atdata://local/lens/badge@"
    assert index.store_lens(years, name="badge") == prefix + "1.0.0"
    assert index.store_lens(height, name="badge") == prefix + "1.0.1"
    assert index.store_lens(years, name="badge", version="1.10.0") == prefix + "1.10.0"
    assert index.store_lens(years, name="badge", version="1.9.0") == prefix + "1.9.0"
    assert index.store_lens(years, name="badge", version="1.0.0") == prefix + "1.0.0"
    with pytest.raises(atdata.ConflictError, match=r"badge@1\.0\.0 .*getter: .*height"):
        index.store_lens(height, name="badge", version="1.0.0")
    with pytest.raises(atdata.ConflictError, match="description: None there, x given"):
        index.store_lens(years, name="badge", version="1.0.0", description="x")
    assert index.store_lens(height, name="badge") == prefix + "1.10.1"
    assert (
        index.load_lens("badge")
        .get(index.load_lens("badge").source_type.from_bytes(ada().packed))
        .years
        == 1
    )
    assert index.load_lens("badge", "1.9.0", source_type=Person)(ada()).years == 36
    assert index.get_lens("badge@1.9.0").ref == index.get_lens(prefix + "1.9.0").ref


def test_writers_at_once_get_versions_of_their_own(tmp_path: Path) -> None:
    lens = FieldMapping(Person, Badge, {"label": "name", "years": "age"})

    def store(_: int) -> list[str]:
        index = atdata.Index(path=tmp_path / "index.db")
        return [index.store_lens(lens, name="badge") for _ in range(8)]

    with ThreadPoolExecutor(4) as pool:
        found = [reference for stored in pool.map(store, range(4)) for reference in stored]
    assert len(set(found)) == 32
    assert max(int(reference.rpartition(".")[2]) for reference in found) == 31


def test_lenses_are_found_by_their_schemas(index: atdata.Index) -> None:
    index.store_lens(brightness)
    index.store_lens(FieldMapping(Image, Label), name="label")
    index.store_lens(FieldMapping(Label, Label), name="same")
    put(index, "original", source_schema="Image", view_schema="Label")

    def names(*asked: Any) -> list[str]:
        return [record.name for record in index.find_lenses(*asked)]

    assert names() == ["brightness", "label", "original", "same"]
    assert names(Image) == names("Image") == ["brightness", "label", "original"]
    assert names(None, Label) == ["label", "original", "same"]
    for asked in (
        "atdata://local/sampleSchema/Image@1.0.0",
        "atdata://local/schema/Image",
        "local://schemas/some.module.Image@1.0.0",
        "Image@1.0.0",
    ):
        assert names(asked, Label) == ["label", "original"]
    assert names("Image@2.0.0") == ["original"]
    assert names("at://did:plc:abc/ac.foundation.dataset.sampleSchema/x") == []
    other: type[Any] = atdata.packable(type("Image", (), {"__annotations__": {"label": int}}))
    assert names(other) == []


def test_lenses_are_listed_by_pages(index: atdata.Index, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_index_lenses, "PAGE", 2)
    stored = [index.store_lens(FieldMapping(Label, Label), name=name) for name in "eadcb"]
    assert [record.ref for record in index.list_lenses()] == sorted(stored)
    assert next(iter(index.lenses)).name == "a"
    assert type(next(iter(index.lenses))) is type(index.get_lens("a"))


@pytest.mark.parametrize("ref", ["nothing", "nothing@1.0.0", "atdata://local/lens/nothing@1.0.0"])
def test_a_name_that_nothing_has_is_a_key_error(index: atdata.Index, ref: str) -> None:
    with pytest.raises(KeyError, match="no lens"):
        index.load_lens(ref)
    with pytest.raises(KeyError, match="nothing"):
        index.get_lens(ref)


BAD_REFERENCES = [
    "",
    "a/b",
    "a@1",
    "a@1.0.0@2",
    "atdata://local/dataset/a",
    "a\n",
    "x" * 201,
    None,
    3,
]


@pytest.mark.parametrize("ref", BAD_REFERENCES)
def test_what_is_no_reference_is_refused(index: atdata.Index, ref: Any) -> None:
    with pytest.raises(atdata.InvalidError):
        index.load_lens(ref)


@pytest.mark.parametrize("name", ["<lambda>", "a b", "a/b", "..", "", "x" * 10_000, "a\0", 3])
def test_what_cannot_be_a_name_or_version_is_refused(index: atdata.Index, name: Any) -> None:
    with pytest.raises(atdata.InvalidError, match="cannot name a lens"):
        index.store_lens(brightness, name=name)
    with pytest.raises(atdata.InvalidError, match=r"expected one like 1\.0\.0"):
        index.store_lens(brightness, version=name)
    assert index.list_lenses() == []
    assert index.list_schemas() == []


def test_what_is_no_lens_is_not_stored(index: atdata.Index) -> None:
    with pytest.raises(TypeError, match="no lens"):
        index.store_lens(length_of)  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        index.store_lens(Lens(len, source_type=str, view_type=int))
