"""Datasets published by one account, and found, checked and loaded by another on another PDS."""

import logging
import os
import urllib.request
from pathlib import Path
from typing import Any

import federation
import numpy as np
import pytest
import web
from federation import Feature, labels, new_name, published

import atdata
from atdata import Dataset
from atdata.atmosphere import (
    Atmosphere,
    AtmosphereClient,
    AtmosphereIndex,
    DatasetLoader,
    DatasetPublisher,
    PDSBlobStore,
    SchemaLoader,
    SchemaPublisher,
)

Network = dict[str, Any]


# Blobs.


def test_another_account_loads_blobs_by_handle_without_the_code(
    alice: Atmosphere, bob: Atmosphere, tmp_path: Path
) -> None:
    entry = published(
        alice, tmp_path, description="Measured", tags=["a", "b"], license="MIT", metadata={"x": 0.5}
    )
    assert isinstance(entry, atdata.IndexEntry)
    assert entry.data_urls[0].startswith(f"at://{alice.did}/blob/bafkrei")
    found = AtmosphereIndex(bob).get_dataset(f"@alice.test/{entry.name}")
    assert found == entry
    assert (found.num_samples, found.storage_type) == (20, "blobs")
    about = {key: value for key, value in (found.metadata or {}).items() if key != "checksums"}
    assert about == {"description": "Measured", "tags": ["a", "b"], "license": "MIT", "x": 0.5}
    dataset = atdata.load_dataset(f"@alice.test/{entry.name}", split="train", verify="repo")
    assert dataset.sample_type.__name__ == "Feature"
    assert dataset.sample_type is not Feature
    assert labels(dataset) == list(range(20))
    batch = next(iter(dataset.ordered(batch_size=8)))
    assert np.array_equal(batch.features, np.stack([np.full(4, n, "f4") for n in range(8)]))
    assert labels(atdata.load_dataset(entry.uri, Feature)) == list(range(20))
    assert Dataset[Feature](entry.data_urls[0])[3] == federation.features(1, 3)[0]


def test_a_dataset_is_published_once(alice: Atmosphere, tmp_path: Path) -> None:
    dataset, name = federation.dataset(tmp_path), new_name("once")
    index = AtmosphereIndex(alice, data_store=PDSBlobStore(alice))
    first, again = (index.insert_dataset(dataset, name=name, tags=["x"]) for _ in range(2))
    assert first == again
    other = index.insert_dataset(dataset, name=name, tags=["y"])
    assert other.uri != first.uri
    assert index.get_dataset(name) == other
    assert index.get_dataset(f"{name}@{first.cid}") == first
    assert [entry.uri for entry in index.list_entries() if entry.name == name] == [
        other.uri,
        first.uri,
    ]
    assert [entry.uri for entry in index.list_datasets() if entry.name == name] == [other.uri]
    index.delete_dataset(name)
    assert index.get_dataset(name) == first


def test_labels_name_versions(bob: Atmosphere, tmp_path: Path) -> None:
    entry = published(bob, tmp_path)
    index = AtmosphereIndex(bob)
    label = index.label(entry.name, "1.2.0")
    published(bob, tmp_path, name=entry.name, tags=["newer"])
    assert AtmosphereIndex(AtmosphereClient()).get_dataset(label) == entry
    assert index.get_dataset(f"@bob.test/{entry.name}@1.2.0") == entry
    with pytest.raises(KeyError, match="no dataset called"):
        index.get_dataset(f"{entry.name}@9.9.9")


def test_large_shards_are_cut_to_what_the_server_takes(
    alice: Atmosphere, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store = PDSBlobStore(alice)
    assert store.max_shard_bytes == 5 << 20
    images = [Feature(np.full(300_000, n, "f4"), n) for n in range(10)]  # 1.2 MB each
    whole = atdata.write_samples(images, tmp_path / "images.tar")
    index = AtmosphereIndex(alice, data_store=store)
    entry = index.insert_dataset(whole, name=new_name("images"))
    assert len(entry.data_urls) > 2
    assert labels(atdata.load_dataset(entry.uri, split="train")) == list(range(10))
    with caplog.at_level(logging.WARNING):
        urls = store.write_shards(whole, prefix="any/thing", maxsize=3e9)
    assert "maxsize=3000000000 is more" in caplog.text
    assert len(urls) > 2
    with pytest.raises(ValueError, match="5242880"):
        index.write([Feature(np.zeros(2_000_000, "f4"), 0)], name=new_name("too-large"))


def test_views_and_selections_are_written_anew(alice: Atmosphere, tmp_path: Path) -> None:
    dataset = federation.dataset(tmp_path)
    index = AtmosphereIndex(alice, data_store=PDSBlobStore(alice))
    some = index.insert_dataset(dataset.select([3, 5, 8]), name=new_name("some"))
    assert labels(atdata.load_dataset(some.uri, split="train")) == [3, 5, 8]
    with pytest.raises(ValueError, match="selection or a view"):
        AtmosphereIndex(alice).insert_dataset(dataset.select([3]), name=new_name("some"))
    written = AtmosphereIndex(alice).write(federation.features(4), name=new_name("w"), maxcount=2)
    assert (len(written.data_urls), written.num_samples) == (2, 4)
    assert labels(atdata.load_dataset(written.uri)) == list(range(4))


def test_what_was_stored_is_published_by_its_addresses(alice: Atmosphere, tmp_path: Path) -> None:
    store = PDSBlobStore(alice)
    urls = store.write_shards(federation.dataset(tmp_path), prefix="p", maxcount=5)
    schema = SchemaPublisher(alice).publish(Feature)
    uri = DatasetPublisher(alice).publish_with_urls(urls, schema, name=new_name("by-url"))
    loader = DatasetLoader(AtmosphereClient())
    assert loader.get_storage_type(uri) == "blobs"
    assert [blob["mimeType"] for blob in loader.get_blobs(uri)] == ["application/x-tar"] * 4
    with urllib.request.urlopen(loader.get_blob_urls(uri)[0], timeout=30) as answer:
        assert len(answer.read()) == loader.get_blobs(uri)[0]["size"]
    assert store.read_url(urls[0]) == loader.get_blob_urls(uri)[0]
    with pytest.raises(ValueError, match="external"):
        loader.get_urls(uri)
    assert labels(loader.to_dataset(uri, Feature)) == list(range(20))
    assert labels(Dataset[Feature](store.create_source(urls))) == list(range(20))


# Shards elsewhere.


def test_another_account_loads_files_from_a_web_server(
    alice: Atmosphere,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    dataset = federation.dataset(tmp_path, maxcount=10)
    names = [Path(shard).name for shard in dataset.list_shards()]
    with web.web_of(tmp_path) as server:
        urls = [f"{server.url}/{name}" for name in names]
        with caplog.at_level(logging.WARNING):
            entry = AtmosphereIndex(alice).insert_dataset(
                Dataset[Feature](urls), name=new_name("web")
            )
        assert not caplog.records
        assert (entry.storage_type, entry.data_urls) == ("external", urls)
        found = atdata.load_dataset(f"@alice.test/{entry.name}", split="train")
        with pytest.raises(PermissionError, match="ATDATA_ALLOW_PRIVATE"):
            labels(found)
        allowed = os.environ["ATDATA_ALLOW_PRIVATE"] + f",{server.url.removeprefix('http://')}"
        monkeypatch.setenv("ATDATA_ALLOW_PRIVATE", allowed)
        found = atdata.load_dataset(f"@alice.test/{entry.name}", split="train")
        assert labels(found) == list(range(20))
        with pytest.raises(ValueError, match=r"checksum|SHA-256"):
            labels(atdata.load_dataset(entry.uri, split="train", verify=True))
    assert DatasetLoader(alice).get_urls(entry.uri) == urls
    with pytest.raises(ValueError, match="blobs"):
        DatasetLoader(alice).get_blobs(entry.uri)


def test_what_others_cannot_read_is_said(
    alice: Atmosphere, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    index, dataset = AtmosphereIndex(alice), federation.dataset(tmp_path)
    with caplog.at_level(logging.WARNING, "atdata"):
        entry = index.insert_dataset(dataset, name=new_name("local"))
    assert "nobody else can read it" in caplog.text
    assert labels(DatasetLoader(alice).to_dataset(entry.uri, Feature)) == list(range(20))
    with pytest.raises(PermissionError, match="others have published"):
        labels(atdata.load_dataset(entry.uri, split="train"))
    with pytest.raises(ValueError, match="nobody else can read it"):
        index.insert_dataset(dataset, name=new_name("local"), strict=True)


def test_mirrors_are_believed_where_they_are_right(alice: Atmosphere, tmp_path: Path) -> None:
    entry = published(alice, tmp_path)
    mirror, liar = tmp_path / "mirror", tmp_path / "liar"
    cid = entry.data_urls[0].rpartition("/")[2]
    for folder, count in ((mirror, 20), (liar, 3)):
        folder.mkdir()
        atdata.write_samples(federation.features(count), folder / cid)
    for mirrors in ([str(mirror)], [str(liar), str(mirror)], [str(tmp_path / "none")]):
        found = atdata.load_dataset(entry.uri, split="train", mirrors=mirrors)
        assert labels(found) == list(range(20))


def test_records_of_another_kind_are_refused(alice: Atmosphere, tmp_path: Path) -> None:
    entry, index = published(alice, tmp_path), AtmosphereIndex(alice)
    with pytest.raises(ValueError, match="is not a schema"):
        index.decode_schema(entry.uri)
    with pytest.raises(ValueError, match="is not a dataset"):
        index.get_dataset(entry.schema_ref)
    with pytest.raises(ValueError, match="is not a schema"):
        SchemaLoader(alice).get(entry.uri)


# Lists, and what stands in the way.


def test_lists_of_datasets_go_to_the_end(bob: Atmosphere, tmp_path: Path) -> None:
    schema = SchemaPublisher(bob).publish(Feature)
    word = new_name("many")
    record = {
        "$type": "ac.foundation.dataset.record",
        "schemaRef": str(schema),
        "storage": {
            "$type": "ac.foundation.dataset.storageExternal",
            "urls": ["https://example.com/a.tar"],
        },
        "createdAt": "2026-01-01T00:00:00.000Z",
    }
    change = {"action": "create", "collection": record["$type"]}
    writes = [{**change, "record": {**record, "name": f"{word}-{n:03}"}} for n in range(123)]
    bob.apply_writes(writes)
    names = [f"{word}-{n:03}" for n in range(123)]
    index = AtmosphereIndex(AtmosphereClient())
    found = [entry.name for entry in index.list_datasets("bob.test")]
    assert [name for name in found if name.startswith(word)] == names
    assert len(DatasetLoader(bob).list_all()) == 100
    assert len(DatasetLoader(bob).list_all(limit=110)) == 110
    listed = DatasetLoader(bob).list_all(repo=bob.did, limit=None)
    assert {record["name"] for record in listed} >= set(names)
    assert len(list(AtmosphereIndex(bob).datasets)) >= 123


def test_names_that_nobody_has_published(alice: Atmosphere) -> None:
    with pytest.raises(KeyError, match="no dataset called 'nothing'"):
        atdata.load_dataset("@alice.test/nothing")
    with pytest.raises(KeyError, match=r"nobody\.test"):
        atdata.load_dataset("@nobody.test/nothing")
    with pytest.raises(KeyError):
        atdata.load_dataset(f"at://{alice.did}/ac.foundation.dataset.record/nothing")
    for wrong in ("at:///../x", f"at://{alice.did}/ac.foundation.dataset.record/x?query#frag"):
        with pytest.raises(ValueError, match="address"):
            atdata.load_dataset(wrong)


def test_a_network_index_is_an_index(alice: Atmosphere, tmp_path: Path) -> None:
    index = AtmosphereIndex(alice, data_store=PDSBlobStore(alice))
    assert isinstance(index, atdata.AbstractIndex)
    assert isinstance(index.data_store, atdata.AbstractDataStore)
    entry = index.write(federation.features(3), name=new_name("own"))
    assert labels(atdata.load_dataset(f"@local/{entry.name}", index=index)) == [0, 1, 2]
    assert entry.name in [found.name for found in index.datasets]
    assert "Feature" in [schema.name for schema in index.schemas]
