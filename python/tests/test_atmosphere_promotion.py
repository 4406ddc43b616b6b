"""Entries of an index, published, and others' datasets taken into one."""

import logging
import pickle
from pathlib import Path
from typing import Any

import backends
import federation
import pytest
from federation import Feature, new_name

import atdata
from atdata.atmosphere import Atmosphere, AtmosphereClient, AtmosphereIndex, PDSBlobStore
from atdata.promote import _find_existing_schema, promote_to_atmosphere

KIND = "ac.foundation.dataset.record"


@pytest.fixture
def index(tmp_path: Path) -> atdata.Index:
    store = atdata.LocalDiskStore(tmp_path / "store")
    return atdata.Index(path=tmp_path / "index.db", data_store=store)


def labels(dataset: Any) -> list[int]:
    return [sample.label for sample in dataset.ordered()]


def schema_of(version_of: str) -> type:
    """A sample type that no test before has published."""

    @atdata.packable
    class Made:
        text: str

    Made.__name__ = f"Made{version_of.replace('-', '')}"
    return Made


def test_three_promotions_make_one_schema_and_one_record(
    bob: Atmosphere, index: atdata.Index
) -> None:
    made, name = schema_of(new_name("x")), new_name("promoted")
    assert _find_existing_schema(bob, made.__name__, "1.0.0") is None
    entry = index.write([made("a"), made("b")], name=name, tags=["t"], description="Two texts")
    before = len(bob.list_schemas(limit=None))
    uris = {promote_to_atmosphere(entry, index, bob) for _ in range(3)}
    assert len(uris) == 1
    assert len(bob.list_schemas(limit=None)) == before + 1
    existing = _find_existing_schema(bob, f"some.module.{made.__name__}", "1.0.0")
    found = AtmosphereIndex(AtmosphereClient()).get_dataset(uris.pop())
    assert (found.name, found.schema_ref, found.storage_type) == (name, existing, "blobs")
    assert (found.record["tags"], found.record["description"]) == (["t"], "Two texts")
    assert (found.content_cid, found.num_samples) == (entry.content_cid, 2)
    loaded = atdata.load_dataset(f"@bob.test/{name}", split="train", verify="repo")
    assert [sample.text for sample in loaded.ordered()] == ["a", "b"]


def test_what_is_said_can_be_said_otherwise(alice: Atmosphere, index: atdata.Index) -> None:
    entry = index.write(federation.features(3), name=new_name("said"), license="MIT", tags=["a"])
    name = new_name("other")
    uri = promote_to_atmosphere(
        entry, index, alice, name=name, description="Else", tags=["b"], license="CC0-1.0"
    )
    record = alice.get_record(uri)
    said = [record[key] for key in ("name", "description", "tags", "license")]
    assert said == [name, "Else", ["b"], "CC0-1.0"]


def test_an_object_store_keeps_its_urls_with_a_warning(
    alice: Atmosphere, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store = backends.store("s3", tmp_path)
    index = atdata.Index(path=tmp_path / "index.db", data_store=store)
    entry = index.write(federation.features(3), name=new_name("s3"))
    with caplog.at_level(logging.WARNING, "atdata"):
        uri = promote_to_atmosphere(entry, index, alice)
    assert "only where its bucket is public" in caplog.text
    found = AtmosphereIndex(alice).get_dataset(uri)
    assert (found.storage_type, found.data_urls) == ("external", entry.data_urls)
    assert found.checksums == entry.checksums
    with pytest.raises(ValueError, match="bucket is public"):
        promote_to_atmosphere(entry, index, alice, strict=True)
    name = new_name("copied")
    copied = promote_to_atmosphere(entry, index, alice, name=name, data_store=PDSBlobStore(alice))
    assert labels(atdata.load_dataset(copied)) == [0, 1, 2]
    moved = promote_to_atmosphere(entry, index, alice, name=new_name("moved"), data_store=store)
    assert AtmosphereIndex(alice).get_dataset(moved).data_urls[0].startswith("s3://")


def test_a_store_of_the_user_s_own(
    alice: Atmosphere, index: atdata.Index, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    class Own:
        def write_shards(self, ds: Any, *, prefix: str, **_: Any) -> list[str]:
            path = tmp_path / f"{prefix}.tar"
            atdata.write_samples(ds.ordered(), path)
            return [f"https://example.com/{path.name}"]

        def read_url(self, url: str) -> str:
            return url

        def supports_streaming(self) -> bool:
            return False

    entry = index.write(federation.features(3), name=new_name("own"))
    uri = promote_to_atmosphere(entry, index, alice, data_store=Own())
    urls = AtmosphereIndex(alice).get_dataset(uri).data_urls
    assert urls == [f"https://example.com/{entry.name}.tar"]
    own = AtmosphereIndex(alice, data_store=Own()).insert_dataset(
        federation.dataset(tmp_path), name=new_name("own")
    )
    assert own.data_urls == [f"https://example.com/{own.name}.tar"]


def test_what_cannot_be_promoted(alice: Atmosphere, index: atdata.Index) -> None:
    entry = index.write(federation.features(1), name="one")
    no_schema = atdata.LocalDatasetEntry(
        "n", "atdata://local/sampleSchema/None@1.0.0", ["https://example.com/a.tar"]
    )
    with pytest.raises(KeyError, match="None"):
        promote_to_atmosphere(no_schema, index, alice)
    empty = atdata.LocalDatasetEntry("n", entry.schema_ref, [])
    with pytest.raises(ValueError, match="no data URLs"):
        promote_to_atmosphere(empty, index, alice)
    with pytest.raises(ValueError, match="log in"):
        promote_to_atmosphere(entry, index, AtmosphereClient())
    with pytest.raises(TypeError, match=r"atdata\.Index"):
        promote_to_atmosphere(entry, AtmosphereIndex(alice), alice)  # type: ignore[arg-type]


def test_an_index_promotes_and_imports(alice: Atmosphere, bob: Atmosphere, tmp_path: Path) -> None:
    store = atdata.LocalDiskStore(tmp_path / "store")
    index = atdata.Index(path=tmp_path / "index.db", data_store=store, atmosphere=alice)
    assert index.atmosphere is alice
    name = new_name("both")
    index.write(federation.features(5), name=name)
    uri = index.promote_entry(name, tags=["x"])
    assert uri.startswith(f"at://{alice.did}/{KIND}/")
    given = index.promote_dataset(federation.dataset(tmp_path), name=new_name("given"))
    assert labels(atdata.load_dataset(given)) == list(range(20))

    other = atdata.Index(path=tmp_path / "other.db", atmosphere=bob, data_store=store)
    entry = other.import_entry(f"@alice.test/{name}")
    assert (entry.name, entry.metadata["imported_from"]) == (name, uri)
    assert entry.data_urls[0].startswith("at://")
    assert labels(atdata.load_dataset(f"@local/{name}", index=other, verify=True)) == list(range(5))
    copied = other.import_entry(uri, "mine", copy=True)
    assert copied.data_urls[0].startswith(str(tmp_path))
    assert labels(atdata.load_dataset("@local/mine", index=other)) == list(range(5))
    assert other.decode_schema(copied.schema_ref).__name__ == "Feature"
    again = other.promote_entry(name)
    assert AtmosphereIndex(bob).get_dataset(again).data_urls == entry.data_urls
    with pytest.raises(KeyError):
        other.import_entry("@alice.test/nothing")


def test_files_of_strangers_are_not_imported(
    alice: Atmosphere, bob: Atmosphere, index: atdata.Index, tmp_path: Path
) -> None:
    entry = AtmosphereIndex(alice).insert_dataset(
        federation.dataset(tmp_path), name=new_name("local")
    )
    with pytest.raises(PermissionError, match="others have published"):
        index.import_entry(entry.uri)
    assert not index.list_datasets()


def test_an_index_with_an_account_is_the_usual_one(
    alice: Atmosphere, index: atdata.Index, tmp_path: Path
) -> None:
    atdata.set_default_index(index)
    try:
        index.write(federation.features(2), name="usual")
        attached = atdata.Index(atmosphere=alice)
        assert attached.provider is index.provider
        assert attached.data_store is index.data_store
        assert labels(atdata.load_dataset(attached.promote_entry("usual"))) == [0, 1]
        assert pickle.loads(pickle.dumps(attached)).atmosphere is None
    finally:
        atdata.set_default_index(None)


def test_an_index_without_an_account_says_so(index: atdata.Index) -> None:
    index.write([Feature(federation.features(1)[0].features, 0)], name="one")
    with pytest.raises(ValueError, match=r"Index\(atmosphere="):
        index.promote_entry("one")
