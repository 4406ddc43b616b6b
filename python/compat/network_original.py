"""The original's records as ours reads them, and ours as the original does."""

from collections.abc import Iterator
from typing import Any

import content
from network_opinions import unlike
from network_place import Place
from network_types import Brief, Thing

import atdata
from atdata.atmosphere import (
    Atmosphere,
    AtmosphereIndex,
    AtUri,
    DatasetLoader,
    LensLoader,
)

Json = dict[str, Any]
UNREADABLE = {"original-s3"}  # there is no such bucket
PROVEN = {"original-urls", "original-blobs"}  # by the commit and by the checksums of all shards


class Records:
    """What the original publishes."""

    def __init__(self, place: Place) -> None:
        self.place, self.datasets, self.samples, self.records = place, 0, 0, 0
        settings = {"folder": str(place.files), "shards_url": place.shards_url}
        self.run = place.begin_original("publish", "original", **settings)
        self.reader = Atmosphere()

    def written(self) -> None:
        """Wait for it."""
        self.done: Json = self.run.end()
        self.handle = self.place.account("original")["handle"]
        uris = (uri for uri, _ in self.done["records"].values())
        collections = sorted({AtUri.parse(uri).collection for uri in uris})
        self.js = self.place.begin_js("original", collections)

    def told(self) -> str:
        """What was compared."""
        return (
            f"{self.records} records, {self.datasets} data sets loaded without a type, "
            f"{self.samples} samples; floats in metadata: {self.done['floats']['error'][:90]}..."
        )

    def differences(self) -> Iterator[str]:
        """Where ours reads something else than the original has written."""
        index = AtmosphereIndex(self.reader)
        listed = [entry.name for entry in index.list_datasets(self.handle)]
        if listed != sorted(self.done["datasets"]):
            yield f"listed are {listed}"
        for name, (uri, record) in self.done["records"].items():
            self.records += 1
            lines = unlike(record, dict(self.reader.get_record(uri)))
            yield from (f"{name}: {line}" for line in lines)
        for name in self.done["datasets"]:
            yield from (f"{name}: {line}" for line in self.dataset(index, name))
        yield from self.others(index)
        for record in self.js.end():
            if record.get("problem"):
                yield f"{record['uri']} does not follow our lexicon: {record['problem']}"

    def dataset(self, index: AtmosphereIndex, name: str) -> Iterator[str]:
        """A data set by its address and by its name."""
        uri, record = self.done["records"][name]
        entry = index.get_dataset(uri)
        found = (entry.uri, entry.name, entry.schema_ref)
        if found != (uri, name, record["schemaRef"]):
            yield f"it is {found}"
        said = {key: entry.metadata.get(key) for key in ("description", "tags", "license")}
        yield from unlike({key: record[key] for key in said}, said)
        metadata = DatasetLoader(self.reader).get_metadata(uri)
        yield from unlike(self.done["metadata"], metadata, "metadata")
        self.datasets += 1
        if name in PROVEN:
            yield from self.loaded(uri, verify="repo")
        if name not in UNREADABLE:
            yield from self.loaded(f"@{self.handle}/{name}")

    def loaded(self, what: str, **how: Any) -> Iterator[str]:
        """The samples, by a class that is made of the schema."""
        try:
            dataset = atdata.load_dataset(what, split="train", **how)
            found = [content.fields_of(sample) for sample in dataset.ordered()]
        except atdata.AtdataError as error:
            yield f"{what}: {type(error).__name__}: {error}"
            return
        self.samples += len(found)
        if found != self.done["samples"]:
            yield f"{what}: {len(found)} samples, which are not what was written"

    def others(self, index: AtmosphereIndex) -> Iterator[str]:
        """Schemas, the label, the lens."""
        records = self.done["records"]
        for name, wanted in (("schema", Thing), ("brief", Brief)):
            uri, record = records[name]
            fields = index.decode_schema(uri).__annotations__
            if set(fields) != set(wanted.__annotations__):
                yield f"{name}: its class has {list(fields)}"
            by_name = index.get_schema(
                f"atdata://{self.handle}/sampleSchema/{record['name']}@{record['version']}"
            )
            if by_name.uri != uri:
                yield f"{name}: by name it is {by_name.uri}"
        yield from self.loaded(f"@{self.handle}/original-urls@1.2.0")
        yield from self.loaded(records["label"][0])
        uri, record = records["lens"]
        source, target = record["sourceSchema"], record["targetSchema"]
        found = LensLoader(self.reader).find_by_schemas(source, target, repo=self.handle)
        if [str(lens.uri) for lens in found] != [uri]:
            yield f"lens: between its schemas there are {found}"
