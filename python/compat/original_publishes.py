"""The original publishes every kind of record that it can, by what is documented of it."""

import hashlib
import io
from pathlib import Path
from typing import Any

import content
import network_types
import webdataset
from network_types import Thing

import atdata
from atdata import atmosphere

Json = dict[str, Any]
Client = atmosphere.Atmosphere
CHUNK = 8  # samples of a shard
SAMPLES = 15
ABOUT = {"description": "Things — 物", "tags": ["é", "物"], "license": "MIT"}
PLAIN = {"split": "train", "count": 3, "names": ["é"], "deep": {"yes": True}}
PLACE = {"code_repository": "https://example.com/r.git", "code_commit": "0123abc"}
VERSION = "1.2.0"
BUCKET = "bucket"


def publish(client: Client, settings: Json) -> Json:
    """A schema, data sets in every kind of storage, a lens, a label and a verification."""
    things = network_types.things(0, SAMPLES)
    halves = (things[:CHUNK], things[CHUNK:])
    shards = {f"original-{n}.tar": shard(half, CHUNK * n) for n, half in enumerate(halves)}
    for name, data in shards.items():
        for folder in (Path(settings["folder"]), Path(settings["folder"]) / BUCKET):
            (folder / name).write_bytes(data)
    schemas = atmosphere.SchemaPublisher(client)
    schema = str(schemas.publish(Thing, description="Ein Ding 物", metadata=PLAIN))
    brief = str(schemas.publish(network_types.Brief, version="10.20.30"))
    datasets = {
        name: str(uri) for name, uri in in_every_storage(client, settings, schema, shards).items()
    }
    others = {
        "label": atmosphere.LabelPublisher(client).publish(
            "original-urls", datasets["original-urls"], version=VERSION, description="Das erste"
        ),
        "lens": lens(client, schema, brief),
    }
    others["verification"] = verification(client, str(others["lens"]))
    uris = {"schema": schema, "brief": brief, **datasets}
    uris |= {name: str(uri) for name, uri in others.items()}
    return {
        "samples": [content.fields_of(thing) for thing in things],
        "datasets": list(datasets),
        "records": {name: [uri, client.get_record(uri)] for name, uri in uris.items()},
        "metadata": atmosphere.DatasetLoader(client).get_metadata(datasets["original-urls"]),
        "floats": content.attempt(float_metadata, client, schema),
    }


def float_metadata(client: Client, schema: str) -> str:
    """Whether a data set can be published whose metadata has a float."""
    publisher = atmosphere.DatasetPublisher(client)
    about = {"name": "original-floats", "metadata": {"mean": 0.1}}
    return str(publisher.publish_with_urls(["https://example.com/a.tar"], schema, **about))


def lens(client: Client, source: str, target: str) -> Any:
    """A lens by its code."""
    return atmosphere.LensPublisher(client).publish(
        name="original-brief",
        source_schema_uri=source,
        target_schema_uri=target,
        getter_path="lenses.py:brief",
        putter_path="lenses.py:put",
        description="Nur der Name",
        language="python",
        metadata=PLAIN,
        source_schema_version="1.0.0",
        **PLACE,
    )


def verification(client: Client, lens_uri: str) -> Any:
    """That somebody has read the code."""
    return atmosphere.VerificationPublisher(client).publish(
        lens_uri=lens_uri,
        lens_commit=PLACE["code_commit"],
        verification_method="codeReview",
        code_hash=atmosphere.LexCodeHash("sha256", "00" * 32),
        proof_ref=atmosphere.LexCodeReference("https://example.com/p.git", "0123", "proof.md"),
    )


def shard(things: list[Thing], start: int) -> bytes:
    """A shard, made as the documentation does it."""
    buffer = io.BytesIO()
    with webdataset.writer.TarWriter(buffer) as sink:
        for number, thing in enumerate(things, start):
            sink.write({**thing.as_wds, "__key__": f"{number:06d}"})
    return buffer.getvalue()


def in_every_storage(
    client: Client, settings: Json, schema: str, shards: dict[str, bytes]
) -> dict[str, Any]:
    """The same samples at URLs, in a bucket with and without an endpoint, and in blobs."""
    publisher = atmosphere.DatasetPublisher(client)
    hashes = [hashlib.sha256(data).hexdigest() for data in shards.values()]
    sums = [atmosphere.ShardChecksum("sha256", digest) for digest in hashes]
    base, keys = settings["shards_url"], [f"folder/{name}" for name in shards]
    urls = [f"{base}/{name}" for name in shards]
    pattern = "original-{0..1}.tar"

    def named(name: str, **more: Any) -> Json:
        return {"name": f"original-{name}", **ABOUT, "metadata": PLAIN, **more}

    store = atmosphere.PDSBlobStore(client)
    local = atdata.Dataset[Thing](str(Path(settings["folder"]) / pattern))
    stored = store.write_shards(local, prefix="original")
    found = [atmosphere.ShardChecksum("sha256", digest) for digest in stored.checksums.values()]
    blobs = list(shards.values())
    return {
        "original-urls": publisher.publish_with_urls(urls, schema, **named("urls", checksums=sums)),
        "original-pattern": publisher.publish_with_urls(
            [f"{base}/{pattern}"], schema, **named("pattern")
        ),
        "original-blobs": publisher.publish_with_blobs(blobs, schema, **named("blobs")),
        "original-stored": publisher.publish_with_blob_refs(
            stored.blob_refs, schema, **named("stored", checksums=found)
        ),
        "original-at": publisher.publish_with_urls(list(stored), schema, **named("at")),
        "original-bucket": publisher.publish_with_s3(
            BUCKET, list(shards), schema, **named("bucket", endpoint=base, checksums=sums)
        ),
        "original-s3": publisher.publish_with_s3(
            BUCKET, keys, schema, **named("s3", region="eu-west-1", checksums=sums)
        ),
    }
