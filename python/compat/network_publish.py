"""Publishes every kind of record with our package, in the lexicons that the client writes."""

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import network_types
from network_types import Brief, Thing

import atdata
from atdata.atmosphere import (
    Atmosphere,
    AtmosphereIndex,
    AtUri,
    DatasetPublisher,
    LensPublisher,
    SchemaPublisher,
)
from atdata.promote import promote_to_atmosphere

ARRAY = {"$type": "local#ndarray"}
LIST = {"$type": "local#array"}
ABOUT: dict[str, Any] = {
    "description": "Dinge — 物 🎉",
    "tags": ["é", "two words", "物"],
    "license": "CC-BY-4.0",
}
METADATA: dict[str, Any] = {
    "unit": "kg",
    "mean": 0.1,  # no record holds a float, so that this is packed
    "small": 5e-324,
    "many": [1, 2**63, -(2**63), None, True, "ü"],
    "raw": b"\0\xff",
    "deep": {"a": {"b": [[]]}},
}
PLAIN = {"split": "train", "count": 1 - 2**53, "names": ["é", "b"], "deep": {"yes": True}}
CODE = {"repository": "https://example.com/é.git", "commit": "0123abc", "path": "lenses.py:brief"}
EXTERNAL, BLOBS, PATTERN = "ours-external", "ours-blobs", "ours-pattern"
VERSION = "1.2.0"


def primitive(name: str) -> dict[str, str]:
    """The type of a field, as an index has it."""
    return {"$type": "local#primitive", "primitive": name}


TYPES: dict[str, Any] = {
    **{name: primitive(name) for name in ("str", "int", "float", "bool", "bytes")},
    "any_array": ARRAY,
    "typed": {**ARRAY, "dtype": "float32"},
    "fixed": {**ARRAY, "dtype": "uint8", "shape": [28, 28]},
    "varying": {**ARRAY, "dtype": "int64", "shape": [None, 3, None]},
    "named": {**ARRAY, "dtype": "float64", "shape": [None, 3], "dimensionNames": ["n", "é"]},
    "list": {**LIST, "items": primitive("str")},
    "lists": {**LIST, "items": {**LIST, "items": primitive("int")}},
    "arrays": {**LIST, "items": {**ARRAY, "dtype": "float16", "shape": [None]}},
}


Uris = dict[str, str]
Named = Iterable[tuple[str, str | AtUri]]


def publish(client: Atmosphere, folder: Path, shards_url: str) -> Uris:
    """Everything, by names; `folder` is for files, and what it holds is served at `shards_url`."""
    uris: Uris = {name: str(uri) for name, uri in schemas(client)}
    uris |= {name: str(uri) for name, uri in datasets(client, folder, shards_url, uris["thing"])}
    uris |= {name: str(uri) for name, uri in lenses(client, uris["thing"], uris["brief"])}
    return uris


def schemas(client: Atmosphere) -> Named:
    """A schema with a field of every type, and those of types."""
    yield "every", every_type(client)
    publisher = SchemaPublisher(client)
    yield "brief", publisher.publish(Brief, version="10.20.30", metadata=METADATA)
    yield "thing", publisher.publish(Thing, description="Ein Ding 物", metadata=PLAIN)


def every_type(client: Atmosphere) -> str:
    """Published by the engine itself, since no class of Python says an array's shape."""
    fields = [
        {"name": name + end, "fieldType": field_type, "optional": bool(end)}
        for name, field_type in TYPES.items()
        for end in ("", "_or_none")
    ]
    document = {"name": "Every", "version": VERSION, "fields": fields, "description": "Alles 物"}
    return client._engine.publish_schema((json.dumps(document), []), VERSION, None, None)


def datasets(client: Atmosphere, folder: Path, shards_url: str, schema: str) -> Named:
    """One on web servers with checksums, one in blobs with manifests, one by a pattern; a label."""
    yield EXTERNAL, external(client, folder, shards_url)
    index = AtmosphereIndex(client)
    entry = index.write(
        network_types.things(0, 25),
        name=BLOBS,
        metadata=METADATA,
        manifest=True,
        maxcount=10,
        schema_ref=schema,
        **ABOUT,
    )
    yield BLOBS, entry.uri
    if client.lexicons == "ac.foundation":  # the others need a checksum of every shard
        urls = ["https://example.com/é-{000..009}.tar"]
        yield PATTERN, DatasetPublisher(client).publish_with_urls(urls, schema, name=PATTERN)
    for name in (EXTERNAL, BLOBS):
        yield f"label of {name}", index.label(name, VERSION)


def external(client: Atmosphere, folder: Path, shards_url: str) -> str:
    """An entry of an index, whose checksums go into the record."""
    place = folder / f"{client.lexicons}.tar"
    shards = atdata.write_samples(network_types.things(3, 12), place, maxcount=6).list_shards()
    urls = [f"{shards_url}/{Path(shard).name}" for shard in shards]
    hashes = [hashlib.sha256(Path(shard).read_bytes()).hexdigest() for shard in shards]
    index = atdata.Index(provider="sqlite", path=str(folder / f"{client.lexicons}.db"))
    metadata = {**PLAIN, "checksums": dict(zip(urls, hashes, strict=True))}
    reference = index.publish_schema(Thing, version="1.0.0")
    entry = atdata.LocalDatasetEntry(EXTERNAL, reference, urls, metadata)
    return promote_to_atmosphere(entry, index, client, **ABOUT)


def lenses(client: Atmosphere, source: str, target: str) -> Named:
    """One that says everything, and one that says the least."""
    publisher = LensPublisher(client)
    lens = publisher.publish(
        "brief é",
        source_schema=source,
        target_schema=target,
        description=ABOUT["description"],
        getter_code=CODE,
        putter_code={**CODE, "path": "lenses.py:put", "branch": "main"},
        metadata=PLAIN,
    )
    yield "lens", lens
    yield "least", publisher.publish("least", source, target, language=None)
