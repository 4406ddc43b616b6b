"""Schemas of an index: versions, types made of them, and their modules."""

import json
import sqlite3
import sys
import threading
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import atdata


@atdata.packable
class Everything:
    """One field of each kind."""

    pixels: NDArray[np.uint8]
    name: str
    count: int
    score: float
    good: bool
    raw: bytes
    tags: list[str]
    extra: dict[str, Any]
    nested: list[list[int]]
    maybe: NDArray | None = None
    note: str | None = None


def sample_type(name: str, **fields: Any) -> type[Any]:
    return atdata.packable(type(name, (), {"__annotations__": fields}))


def with_default(name: str, fields: dict[str, Any], **defaults: Any) -> type[Any]:
    return atdata.packable(type(name, (), {"__annotations__": fields, **defaults}))


@pytest.fixture
def index(provider: dict[str, Any], tmp_path: Path) -> atdata.Index:
    return atdata.Index(data_store=atdata.LocalDiskStore(tmp_path / "data"), **provider)


@pytest.fixture
def local(tmp_path: Path) -> atdata.Index:
    store = atdata.LocalDiskStore(tmp_path / "data")
    return atdata.Index(path=tmp_path / "index.db", data_store=store)


def test_versions_count_up_and_never_change(index: atdata.Index) -> None:
    first = sample_type("Point", x=int)
    other = sample_type("Point", x=int, y=int)
    assert index.publish_schema(first) == "atdata://local/sampleSchema/Point@1.0.0"
    assert index.publish_schema(first).endswith("@1.0.1")
    assert index.publish_schema(first, version="1.0.0").endswith("@1.0.0")
    with pytest.raises(ValueError, match=r"\+ y: int"):
        index.publish_schema(other, version="1.0.0")
    assert index.publish_schema(other, version="1.10.0").endswith("@1.10.0")
    assert index.publish_schema(first).endswith("@1.10.1")
    assert index.get_schema("atdata://local/sampleSchema/Point")["version"] == "1.10.1"
    assert index.get_schema("local://schemas/some.module.Point@1.0.0").version == "1.0.0"
    assert index.get_schema("atdata://local/schema/Point@1.0.1").name == "Point"
    diff = index.schema_diff(
        "atdata://local/schema/Point@1.0.0", "atdata://local/schema/Point@1.10.0"
    )
    assert diff == ["+ y: int"]
    assert [schema["version"] for schema in index.list_schemas()] == sorted(
        ["1.0.0", "1.0.1", "1.10.0", "1.10.1"]
    )


def test_what_writing_publishes_follows_the_difference(index: atdata.Index) -> None:
    def published(cls: type[Any], **values: Any) -> str:
        return index.write([cls(**values)], name="data").schema_ref.rpartition("@")[2]

    plain = sample_type("Point", x=int)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert published(plain, x=1) == published(plain, x=2) == "1.0.0"
        maybe = with_default("Point", {"x": int, "y": int | None}, y=None)
        assert published(maybe, x=1) == "1.1.0"
        more = with_default("Point", {"x": int, "y": int | None, "z": int}, y=None, z=3)
        assert published(more, x=1) == "1.2.0"
        assert published(plain, x=3) == "1.0.0"
    with pytest.warns(UserWarning, match="Point is published as 2.0.0"):
        assert published(sample_type("Point", x=str), x="1") == "2.0.0"
    with pytest.warns(UserWarning, match="3.0.0"):
        assert published(sample_type("Point", x=str, w=int), x="1", w=1) == "3.0.0"


def test_two_publishers_at_once_never_share_a_version(index: atdata.Index) -> None:
    types = [sample_type("Raced", **{f"field_{n}": int}) for n in range(6)]
    given: dict[str, str] = {}

    def publish(cls: type[Any]) -> None:
        for _ in range(3):
            reference = index.publish_schema(cls)
            assert given.setdefault(reference, cls.__annotations__ and repr(cls.__annotations__))

    threads = [threading.Thread(target=publish, args=(cls,)) for cls in types]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(given) == len(index.list_schemas()) == 18
    for reference, annotations in given.items():
        (field,) = index.get_schema(reference).fields
        assert field.name in annotations


def test_a_type_comes_back_from_its_schema(index: atdata.Index) -> None:
    decoded = index.decode_schema(index.publish_schema(Everything))
    assert decoded.__name__ == "Everything"
    assert decoded.__doc__ == "One field of each kind."
    made: dict[str, Any] = {
        "pixels": np.arange(3, dtype="u1"),
        "name": "a",
        "count": 1,
        "score": 0.5,
        "good": True,
        "raw": b"x",
        "tags": ["y"],
        "extra": {"k": 1},
        "nested": [[1]],
    }
    again = decoded.from_bytes(Everything(**made).packed)
    assert again == decoded(**made)
    assert again.maybe is None
    assert atdata._atdata.Index  # what made it
    assert index.publish_schema(decoded, version="1.0.0").endswith("Everything@1.0.0")


def test_metadata_and_description_are_kept(index: atdata.Index) -> None:
    reference = index.publish_schema(
        Everything, description="other words", metadata={"domain": "chemistry"}
    )
    found = index.get_schema(reference)
    assert (found["description"], found.metadata) == ("other words", {"domain": "chemistry"})
    assert {"name", "version", "fields", "description", "createdAt", "$ref"} <= set(found)
    assert found.fields[0].field_type["dtype"] == "uint8"


def test_what_is_no_reference_or_not_there(index: atdata.Index) -> None:
    with pytest.raises(ValueError, match="no reference"):
        index.get_schema("Everything@1.0.0")
    with pytest.raises(KeyError, match="nothing is published as Everything"):
        index.get_schema("atdata://local/sampleSchema/Everything")
    index.publish_schema(Everything)
    with pytest.raises(KeyError, match=r"published are 1\.0\.0"):
        index.get_schema("atdata://local/sampleSchema/Everything@2.0.0")
    with pytest.raises(TypeError, match="Unsupported type"):
        index.publish_schema(sample_type("Bad", x=Everything))


def test_load_schema_fills_types(local: atdata.Index) -> None:
    loaded = local.load_schema(local.publish_schema(Everything))
    assert local.types.Everything is loaded
    assert local.decode_schema_as("atdata://local/schema/Everything", Everything) is loaded


@pytest.fixture
def no_local_package() -> Iterator[None]:
    yield
    for name in [name for name in sys.modules if name.partition(".")[0] == "local"]:
        del sys.modules[name]


@pytest.mark.usefixtures("no_local_package")
def test_stubs_are_modules_in_a_folder_of_ours(tmp_path: Path) -> None:
    stubs = tmp_path / "stubs"
    index = atdata.Index(path=tmp_path / "index.db", auto_stubs=True, stub_dir=stubs)
    reference = index.publish_schema(Everything, version="1.2.0")
    assert index.get_import_path(reference) == "local.Everything_1_2_0"
    decoded = index.decode_schema(reference)
    assert decoded.__module__ == "local.Everything_1_2_0"
    from local.Everything_1_2_0 import Everything as Imported  # type: ignore[import-not-found]

    assert Imported is decoded
    text = (stubs / "local" / "Everything_1_2_0.py").read_text()
    assert "    pixels: NDArray[numpy.uint8]\n" in text
    assert "    note: str | None = None\n" in text
    (stubs / "local" / "mine.py").write_text("x = 1\n")
    assert index.clear_stubs() == 1
    assert (stubs / "local" / "mine.py").exists()
    assert index.clear_stubs() == 0


def test_stubs_never_go_into_a_folder_of_others(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    index = atdata.Index(provider="memory", auto_stubs=True, stub_dir=tmp_path)
    reference = index.publish_schema(Everything)
    with pytest.raises(atdata.InvalidError, match="other files"):
        index.decode_schema(reference)
    assert index.clear_stubs() == 0
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def document(name: object = "X", fields: object = ()) -> str:
    return json.dumps({"name": name, "version": "1.0.0", "fields": fields})


def field(name: str = "a", **kind: object) -> list[object]:
    return [{"name": name, "fieldType": {"$type": "local#primitive", "primitive": "int", **kind}}]


HOSTILE = [
    document(fields=field("a: int = print(1)")),
    document("X; import os"),
    document(fields=field(primitive="__import__")),
    document(fields=field("class")),
    document(fields=3),
    document(3, [None]),
    "[1, 2]",
    "not json",
]


@pytest.mark.parametrize("stored", HOSTILE)
@pytest.mark.parametrize("stubs", [False, True])
@pytest.mark.usefixtures("no_local_package")
def test_hostile_schemas_are_one_clear_error(tmp_path: Path, stored: str, stubs: bool) -> None:
    index = atdata.Index(
        path=tmp_path / "index.db", auto_stubs=stubs, stub_dir=tmp_path / "stubs" if stubs else None
    )
    index.publish_schema(Everything)
    with sqlite3.connect(tmp_path / "index.db") as rows:
        rows.execute("INSERT INTO schemas VALUES ('X', '1.0.0', ?, '2026-01-01')", [stored])
    with pytest.raises(atdata.AtdataError):
        index.decode_schema("atdata://local/sampleSchema/X@1.0.0")
    assert index.decode_schema("atdata://local/sampleSchema/Everything").__name__ == "Everything"
    assert not list(tmp_path.rglob("X*.py"))
