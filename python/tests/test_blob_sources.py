"""Blobs of an account as shards."""

import json
import os
import pickle
from pathlib import Path
from typing import Any

import federation
import pytest
from federation import Feature, labels, new_name, published

import atdata
from atdata import BlobSource, Dataset
from atdata.atmosphere import (
    Atmosphere,
    AtmosphereClient,
    DatasetLoader,
    DatasetPublisher,
    PDSBlobStore,
    SchemaPublisher,
)

Network = dict[str, Any]


def test_blobs_from_bytes(bob: Atmosphere, tmp_path: Path) -> None:
    federation.dataset(tmp_path)
    shard = next(tmp_path.glob("*.tar")).read_bytes()
    schema = SchemaPublisher(bob).publish(Feature)
    publisher = DatasetPublisher(bob)
    uri = publisher.publish_with_blobs(
        blobs=[shard], schema_uri=schema, name=new_name("bytes"), metadata={"n": [1, 2.5]}
    )
    assert DatasetLoader(bob).get_metadata(uri) == {"n": [1, 2.5]}
    assert labels(atdata.load_dataset(str(uri))) == list(range(20))
    with pytest.raises(ValueError, match="one shard or more"):
        publisher.publish_with_blobs([], schema, name="n")


def test_a_forked_worker_reads_blobs(alice: Atmosphere, tmp_path: Path) -> None:
    entry = published(alice, tmp_path)
    for dataset in (
        atdata.load_dataset(entry.uri, split="train"),
        Dataset[Feature](PDSBlobStore(alice).create_source(entry.data_urls)),
    ):
        assert dataset[0].label == 0
        child = os.fork()
        if child == 0:
            os._exit(0 if labels(dataset) == list(range(20)) else 1)
        assert os.waitpid(child, 0)[1] == 0
        assert labels(dataset) == list(range(20))


def test_a_dataset_over_blobs_is_pickled(alice: Atmosphere, tmp_path: Path) -> None:
    entry = published(alice, tmp_path)
    dataset = atdata.load_dataset(f"@alice.test/{entry.name}", Feature, split="train")
    assert labels(pickle.loads(pickle.dumps(dataset))) == list(range(20))
    assert pickle.loads(pickle.dumps(entry)) == entry


def test_blob_sources_take_both_forms_of_references(alice: Atmosphere, tmp_path: Path) -> None:
    entry = published(alice, tmp_path)
    blob = entry.record["storage"]["blobs"][0]
    plain = {"did": alice.did, "cid": blob["ref"]["$link"]}
    endpoint = json.loads(alice.export_session())["service"]
    for source in (
        BlobSource([plain]),
        BlobSource.from_refs([plain], pds_endpoint=endpoint),
        BlobSource.from_refs([blob], did=alice.did),
        BlobSource.from_refs([{**blob, "did": alice.did}]),
    ):
        assert source.blob_refs == [plain]
        assert source.list_shards() == entry.data_urls
        assert labels(Dataset[Feature](source)) == list(range(20))
        (stream,) = (stream for _, stream in source.shards)
        assert len(stream.read()) == blob["size"]
        assert source.open_shard(entry.data_urls[0]).read(3)
        assert isinstance(source, atdata.DataSource)
        with pytest.raises(KeyError):
            source.open_shard(f"at://{alice.did}/blob/bafkreiother")


@pytest.mark.parametrize(
    "refs", [[], [{}], ["text"], [{"did": "did:plc:a"}], [{"$type": "blob", "ref": {"$link": "b"}}]]
)
def test_what_is_no_reference_to_a_blob(refs: Any) -> None:
    with pytest.raises(ValueError, match="blob"):
        BlobSource.from_refs(refs)


@pytest.mark.parametrize("url", ["", "s3://b/a.tar", "at://did:plc:a/blob", "at://a/blob/b{1..9}"])
def test_what_is_no_address_of_a_blob(url: str) -> None:
    store = PDSBlobStore(AtmosphereClient())
    with pytest.raises(ValueError, match="not the address of a blob"):
        store.create_source([url])
    with pytest.raises(ValueError, match="not the address of a blob"):
        BlobSource([{"did": "did:plc:a", "cid": "b"}]).open_shard(url)
