"""Schemas as records: published once, found by name and version, and noticed when they change."""

import logging
from pathlib import Path
from typing import Any

import federation
import numpy as np
import pytest
from federation import Feature, labels, new_name, published

import atdata
from atdata.atmosphere import (
    Atmosphere,
    AtmosphereClient,
    AtmosphereIndex,
    AtUri,
    DatasetLoader,
    SchemaLoader,
)

Network = dict[str, Any]


def test_a_schema_is_published_once(alice: Atmosphere, caplog: pytest.LogCaptureFixture) -> None:
    @atdata.packable
    class Twice:
        """Said twice."""

        text: str
        count: int | None = None

    index = AtmosphereIndex(alice)
    uri = index.publish_schema(Twice)
    assert uri == index.publish_schema(Twice, version="1.0.0") == alice.publish_schema(Twice)
    mine = [schema for schema in index.list_schemas() if schema.name == "Twice"]
    assert [schema["$ref"] for schema in mine] == [uri]
    assert (mine[0]["version"], mine[0].description) == ("1.0.0", "Said twice.")
    assert [field.name for field in mine[0].fields] == ["text", "count"]
    record = SchemaLoader(AtmosphereClient()).get(uri)
    assert record["$type"] == "ac.foundation.dataset.sampleSchema"

    @atdata.packable
    class Other:
        text: float

    Other.__name__ = "Twice"
    with caplog.at_level(logging.WARNING, "atdata"):
        assert index.publish_schema(Other) != uri
    assert "other fields" in caplog.text
    assert index.publish_schema(Other, version="1.1.0", rkey=new_name("key")).count("key-") == 1


def test_schemas_are_found_by_name_and_version(alice: Atmosphere) -> None:
    index = AtmosphereIndex(alice)
    uri = index.publish_schema(Feature)
    for who in (alice.did, "alice.test"):
        for kind in ("sampleSchema", "schema"):
            for version in ("", "@1.0.0"):
                found = index.get_schema(f"atdata://{who}/{kind}/Feature{version}")
                assert found["$ref"] == uri
    anybody = AtmosphereIndex(AtmosphereClient())
    decoded = anybody.decode_schema(f"atdata://{alice.did}/sampleSchema/Feature@1.0.0")
    assert decoded is anybody.decode_schema(uri)
    assert decoded(np.zeros(4, "f4"), 3).note is None
    with pytest.raises(KeyError, match=r"9\.0\.0"):
        index.get_schema("atdata://alice.test/sampleSchema/Feature@9.0.0")
    for wrong in ("Feature", "atdata://alice.test/other/Feature", "at://x"):
        with pytest.raises(ValueError, match=r"no reference|address"):
            index.get_schema(wrong)


def test_the_other_lexicons(network: Network, tmp_path: Path) -> None:
    client = federation.login(network, "web.test", lexicons="science.alt")
    entry = published(client, tmp_path)
    uri = AtUri.parse(entry.uri)
    assert uri.collection == "science.alt.dataset.entry"
    assert AtUri.parse(entry.schema_ref).collection == "science.alt.dataset.schema"
    assert labels(atdata.load_dataset(f"@web.test/{entry.name}", verify="repo")) == list(range(20))
    assert entry.name in [record["name"] for record in DatasetLoader(client).list()]


def test_a_schema_that_was_changed_since_is_noticed(alice: Atmosphere, tmp_path: Path) -> None:
    key = new_name("key")
    schema = AtmosphereIndex(alice).publish_schema(Feature, version="7.0.0", rkey=key)
    entry = published(alice, tmp_path, schema_ref=schema)
    record = dict(alice.get_record(schema))
    alice.put_record(record["$type"], key, {**record, "description": "another"})
    with pytest.raises(atdata.UnverifiedError, match="changed since"):
        atdata.load_dataset(entry.uri)
    alice.delete_record(schema)
