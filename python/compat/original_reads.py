"""The original reads records that ours has published, by what is documented of it."""

from collections.abc import Callable
from typing import Any

import content
from network_types import Thing

import atdata
from atdata import atmosphere

Json = dict[str, Any]
Client = atmosphere.Atmosphere
Questions = dict[str, Callable[[], Any]]


def read(client: Client, settings: Json) -> Json:
    """What the original makes of each record of ours."""
    uris = settings["uris"]
    index = atmosphere.AtmosphereIndex(client)
    questions: Questions = {
        "listed": lambda: sorted(entry.name for entry in index.list_datasets()),
        **schema_questions(client, uris),
        **other_questions(client, settings),
    }
    questions |= storage_questions(client, settings)
    for kind in ("external", "blobs"):
        questions |= dataset_questions(client, settings, settings[kind])
    return {question: content.attempt(ask) for question, ask in questions.items()}


def schema_questions(client: Client, uris: Json) -> Questions:
    """What there is to ask about schemas."""
    loader, index = atmosphere.SchemaLoader(client), atmosphere.AtmosphereIndex(client)
    questions: Questions = {}
    for name in ("every", "thing", "brief"):
        uri = uris[name]
        questions[f"{name}: record"] = lambda uri=uri: client.get_record(uri)
        questions[f"{name}: typed"] = lambda uri=uri: loader.get_typed(uri).version
        questions[f"{name}: class"] = lambda uri=uri: fields(index.decode_schema(uri))
    questions["brief: by name"] = lambda: loader.resolve(client.did, "Brief")["name"]
    return questions


def other_questions(client: Client, settings: Json) -> Questions:
    """What there is to ask about lenses and labels."""
    lenses, labels = atmosphere.LensLoader(client), atmosphere.LabelLoader(client)
    uris = settings["uris"]
    return {
        "lens: typed": lambda: lenses.get_typed(uris["lens"]).name,
        "lens: metadata": lambda: lenses.get_typed(uris["lens"]).metadata,
        "lens without code: typed": lambda: lenses.get_typed(uris["least"]).name,
        "lens: by schemas": lambda: names(lenses.find_by_schemas(uris["thing"], uris["brief"])),
        "label: typed": lambda: (
            labels.get_typed(uris[f"label of {settings['external']}"]).dataset_uri
        ),
        "label: by name": lambda: labels.resolve(client.did, *settings["label"]),
    }


def dataset_questions(client: Client, settings: Json, name: str) -> Questions:
    """What there is to ask about any data set."""
    uri, loader = settings["uris"][name], atmosphere.DatasetLoader(client)
    named = f"@{settings['handle']}/{name}"

    def by_name() -> Any:
        index = atdata.Index(atmosphere=client)
        return samples(atdata.load_dataset(named, Thing, split="train", index=index))

    return {
        f"{name}: record": lambda: client.get_record(uri),
        f"{name}: typed": lambda: loader.get_typed(uri).name,
        f"{name}: metadata": lambda: loader.get_metadata(uri),
        f"{name}: storage": lambda: loader.get_storage_type(uri),
        f"{name}: samples": lambda: samples(loader.to_dataset(uri, Thing)),
        f"{name}: samples by name": by_name,
    }


def storage_questions(client: Client, settings: Json) -> Questions:
    """What there is to ask about where shards are."""
    loader, uris = atmosphere.DatasetLoader(client), settings["uris"]
    external, blobs = (uris[settings[kind]] for kind in ("external", "blobs"))
    return {
        "urls": lambda: loader.get_urls(external),
        "blobs": lambda: [blob["blob"] for blob in loader.get_blobs(blobs)],
        "samples of blobs": lambda: samples(of_blobs(client, settings, blobs)),
    }


def of_blobs(client: Client, settings: Json, uri: str) -> Any:
    """A data set in blobs, whose server is named: the original asks only the public directory."""
    blobs = atmosphere.DatasetLoader(client).get_blobs(uri)
    refs = [{"did": client.did, "cid": blob["blob"]["ref"]["$link"]} for blob in blobs]
    return atdata.Dataset[Thing](atdata.BlobSource(refs, pds_endpoint=settings["server"]))


def samples(dataset: Any) -> list[Json]:
    """All of them, written down."""
    return [content.fields_of(sample) for sample in dataset.ordered()]


def fields(sample_type: type) -> list[str]:
    """The names of its fields; a record does not keep their order."""
    return sorted(sample_type.__annotations__)


def names(records: list[Json]) -> list[str]:
    """Of records."""
    return sorted(record["name"] for record in records)
