"""A provider of the user's own: an index works over it, and what it raises comes out as it is."""

import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from lens_types import Badge, Person, ada
from own_provider import Shelf
from sample_types import Image, images, numbers_in, write_images

import atdata
from atdata.lens import FieldMapping
from atdata.providers import IndexProvider


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture
def index(shelf: Shelf, tmp_path: Path) -> atdata.Index:
    store = atdata.LocalDiskStore(tmp_path / "data")
    return atdata.Index(provider=shelf, data_store=store)


def test_a_dataset_is_written_and_loaded(index: atdata.Index, shelf: Shelf) -> None:
    entry = index.write(images(20), name="images", maxcount=7, tags=["demo"], metadata={"a": b"1"})
    assert entry.metadata is not None
    assert (entry.num_samples, entry.metadata["a"], len(entry.data_urls)) == (20, b"1", 3)
    assert index.get_dataset("images") == index.get_entry(entry.cid) == entry
    row = shelf.rows[entry.cid]
    assert row[1:4] == ("images", "atdata://local/sampleSchema/Image@1.0.0", entry.data_urls)
    assert row[5:7] == (entry.content_cid, 20)
    for sample_type in (None, Image):
        loaded = atdata.load_dataset(
            "@local/images", sample_type, index=index, split="train", verify=True
        )
        assert numbers_in(loaded) == list(range(20))
    assert index.write(images(20), name="images", maxcount=7, tags=["demo"]).cid == entry.cid
    assert index.verify("images")


def test_history_labels_and_delete(index: atdata.Index) -> None:
    old = index.write(images(3), name="images")
    index.label("images", version="1.0", description="the first")
    new = index.write(images(5), name="images")
    assert [item.cid for item in index.history("images")] == [new.cid, old.cid]
    assert index.get_dataset("images@1.0").cid == index.get_dataset(f"images@{old.cid}").cid
    assert {label.version for label in index.labels(old.cid)} == {"1.0"}
    with pytest.raises(atdata.ConflictError, match=r"images@1\.0"):
        index.label("images", version="1.0")
    assert [entry.cid for entry in index.list_datasets()] == [new.cid]
    assert {entry.cid for entry in index.all_entries} == {old.cid, new.cid}
    assert {entry.cid for entry in index.delete("images")} == {old.cid, new.cid}
    with pytest.raises(KeyError, match="images"):
        index.get_dataset("images")


def test_search_gc_export_and_import(index: atdata.Index, tmp_path: Path) -> None:
    index.write(images(3), name="cat-images", tags=["cats"], license="MIT")
    gone = index.write(images(4), name="dogs", description="Pets of images")
    assert [entry.name for entry in index.search("image")] == ["cat-images", "dogs"]
    assert [entry.name for entry in index.search(tags=["cats"], license="MIT")] == ["cat-images"]
    assert [entry.name for entry in index.search("pets", schema="Image")] == ["dogs"]
    index.export(tmp_path / "index.jsonl")
    index.delete("dogs")
    found = index.gc(grace=0, remove=True)
    assert set(gone.data_urls) <= set(found.urls)
    assert index.verify("cat-images")
    other = atdata.Index(provider=Shelf())
    assert other.import_(tmp_path / "index.jsonl").entries == 2
    assert [entry.name for entry in other.datasets] == ["cat-images", "dogs"]


def test_schemas_and_lenses(index: atdata.Index, shelf: Shelf) -> None:
    assert index.publish_schema(Image).endswith("Image@1.0.0")
    assert index.publish_schema(Image).endswith("Image@1.0.1")
    assert index.decode_schema("atdata://local/sampleSchema/Image").__name__ == "Image"
    assert [record.version for record in index.list_schemas()] == ["1.0.0", "1.0.1"]
    mapping = FieldMapping(Person, Badge, {"label": "name", "years": "age"})
    reference = index.store_lens(mapping, name="badge")
    assert [record.ref for record in index.find_lenses(Person, Badge)] == [reference]
    lens = index.load_lens("badge", source_type=Person, view_type=Badge)
    assert lens(ada()) == Badge("Ada", 36)
    assert {kind for kind, _, _ in shelf.papers} == {"schema", "lens"}


def test_datasets_are_inserted_and_added(index: atdata.Index, tmp_path: Path) -> None:
    dataset = write_images(tmp_path / "here", 20, maxcount=7)
    assert index.insert_dataset(dataset, name="copied").num_samples == 20
    assert index.add_entry(dataset, name="added").data_urls == dataset.list_shards()
    assert [entry.name for entry in index.datasets] == ["added", "copied"]


def test_what_it_is(index: atdata.Index, shelf: Shelf) -> None:
    assert isinstance(shelf, IndexProvider)
    assert index.provider is index.repos["local"].provider is shelf
    assert "Shelf" in repr(index)


def test_an_index_goes_where_its_provider_can_go() -> None:
    assert pickle.loads(pickle.dumps(atdata.Index(provider=Portable()))).list_datasets() == []


class Portable(Shelf):
    def __reduce__(self) -> tuple[Any, ...]:
        return Portable, ()


# What goes wrong.


class OutOfOrderError(Exception):
    """The user's own."""


class Broken(Shelf):
    """Raises from the method of a name."""

    def __init__(self, method: str) -> None:
        super().__init__()
        self.broken = method
        setattr(self, method, self._raise)

    def _raise(self, *_: Any) -> Any:
        raise OutOfOrderError(self.broken)


ASKS: dict[str, Callable[[atdata.Index], object]] = {
    "put": lambda index: index.write(images(3), name="more"),
    "entry": lambda index: index.get_entry("x"),
    "named": lambda index: index.get_dataset("x"),
    "current": lambda index: index.list_datasets(),
    "entries": lambda index: list(index.entries),
    "search": lambda index: index.search("x"),
    "history": lambda index: index.history("x"),
    "labels": lambda index: index.labels("x"),
    "create_document": lambda index: index.publish_schema(Image),
    "document": lambda index: index.get_schema("atdata://local/sampleSchema/X@1.0.0"),
    "versions": lambda index: index.get_schema("atdata://local/sampleSchema/X"),
    "documents": lambda index: index.list_schemas(),
}


@pytest.mark.parametrize("method", ASKS)
def test_what_a_provider_raises_comes_out_as_it_is(method: str, tmp_path: Path) -> None:
    store = atdata.LocalDiskStore(tmp_path / "data")
    index = atdata.Index(provider=Broken(method), data_store=store)
    with pytest.raises(OutOfOrderError, match=method):
        ASKS[method](index)


@pytest.mark.parametrize("method", ["remove_entry", "remove_label"])
def test_what_it_raises_while_removing_comes_out_too(method: str, tmp_path: Path) -> None:
    shelf = Broken(method)
    index = atdata.Index(provider=shelf, data_store=atdata.LocalDiskStore(tmp_path / "data"))
    entry = index.write(images(3), name="images")
    index.label("images", version="1")
    with pytest.raises(OutOfOrderError, match=method):
        index.delete(entry.cid if method == "remove_entry" else "images@1")


def test_an_interrupt_comes_out_too(shelf: Shelf) -> None:
    def interrupted(*_: Any) -> Any:
        raise KeyboardInterrupt

    shelf.current = interrupted  # type: ignore[method-assign]
    with pytest.raises(KeyboardInterrupt):
        atdata.Index(provider=shelf).list_datasets()


def test_nothing_is_in_the_index_when_putting_fails(tmp_path: Path) -> None:
    shelf = Broken("put")
    index = atdata.Index(provider=shelf, data_store=atdata.LocalDiskStore(tmp_path / "data"))
    with pytest.raises(OutOfOrderError):
        index.write(images(3), name="images")
    assert (shelf.rows, shelf.pointing) == ({}, {})
    assert len([url for url in index.gc(grace=0).urls if url.endswith(".tar")]) == 1


ROWS: list[Any] = [(1, 2), "text", 3, (None,) * 8, ("a",) * 8, ("a",) * 7, object()]


@pytest.mark.parametrize("row", ROWS)
def test_rows_of_another_shape_are_an_error(shelf: Shelf, row: Any) -> None:
    shelf.entry = lambda cid: row  # type: ignore[method-assign]
    shelf.entries = lambda after, limit: [row]  # type: ignore[method-assign]
    index = atdata.Index(provider=shelf)
    for ask in (lambda: index.get_entry("x"), lambda: list(index.entries)):
        with pytest.raises((TypeError, ValueError)):
            ask()


@pytest.mark.parametrize("missing", ["put", "documents", "remove_label"])
def test_a_provider_that_lacks_methods_is_refused(missing: str) -> None:
    lacking = Shelf()
    setattr(lacking, missing, None)
    with pytest.raises(TypeError, match=f"Shelf is no index provider: it has no {missing}$"):
        atdata.Index(provider=lacking)


@pytest.mark.parametrize("given", [3, object(), [], Path("index.db")])
def test_what_is_no_provider_is_refused(given: Any) -> None:
    with pytest.raises(TypeError, match="is no index provider: it has no put, entry, named"):
        atdata.Index(provider=given)


def test_a_class_is_no_provider() -> None:
    with pytest.raises(TypeError, match="Shelf"):
        atdata.Index(provider=Shelf)
