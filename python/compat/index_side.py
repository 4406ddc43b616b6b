"""One side of a shared index: writes into it, or tells what it sees. Runs under either package.

    index_side.py write SETTINGS OUTCOME
    index_side.py view SETTINGS OUTCOME

SETTINGS is JSON: `kind` and `where` of the index, `root` of the local disk store and the `side`
that this is. For `write` also the cases to write (`only`), the `count` of small data sets, and
whether to write the name that is `common` to both. For `view` the `names` to load, and `until`
which files are there it goes on. OUTCOME is the file for what came of it, as JSON. Names begin
with the side that wrote them.
"""

import json
import sys
import warnings
from pathlib import Path
from typing import Any

import content
import samples
from content import attempt

import atdata

OURS = hasattr(atdata, "_atdata")
SIDES = ("ours", "original")
COMMON = "common"  # the one name that both write
OPTIONAL = ["name", "count", "score", "active", "data", "tags", "image"]
Settings = dict[str, Any]


@atdata.packable
class Caption:
    """A view of `samples.Labeled`."""

    label: str


@atdata.lens
def caption(source: samples.Labeled) -> Caption:
    """Only the label."""
    return Caption(label=source.label)


def main(action: str, settings: Settings, outcome: Path) -> None:
    """Do what was asked for."""
    warnings.simplefilter("ignore", DeprecationWarning)
    index = open_index(settings)
    done = write(index, settings) if action == "write" else views(index, settings)
    whole = outcome.with_suffix(".part")
    whole.write_text(json.dumps(done))
    whole.rename(outcome)


def open_index(settings: Settings) -> Any:
    """The index, as the documentation of either opens it."""
    place = {"sqlite": in_file, "redis": in_redis, "postgres": in_postgres}[settings["kind"]]
    store = atdata.LocalDiskStore(root=settings["root"])
    return atdata.Index(data_store=store, atmosphere=None, **place(settings["where"]))


def in_file(path: str) -> dict[str, Any]:
    """The original heeds `path=` only where the provider is named too."""
    return {"provider": "sqlite", "path": path}


def in_redis(url: str) -> dict[str, Any]:
    """The original wants a client object, whose package ours does not need."""
    if OURS:
        return {"provider": url}
    import redis

    return {"redis": redis.Redis.from_url(url)}


def in_postgres(dsn: str) -> dict[str, Any]:
    """Both take the address."""
    return {"provider": "postgres", "dsn": dsn}


def write(index: Any, settings: Settings) -> Any:
    """The cases, with a labelled version and a lens, or small data sets one after the other; gives
    what was written. (Told here, since the padding of a long double is another in each process.)
    """
    side, cases = settings["side"], samples.cases()
    given = {f"{side}-{name}": cases[name].samples for name in settings["only"]}
    more = range(settings["count"])
    given.update({f"{side}-small-{number:03}": [small(side, number)] for number in more})
    for name, rows in given.items():
        index.write_samples(rows, name=name, maxcount=24)
    if settings["only"]:
        name = f"{side}-arrays"
        index.label(name, cid=index.get_dataset(name).cid, version="2.1.0")
        index.store_lens(own_lens(), name=f"{side}-caption")
    if settings["common"]:
        index.write_samples([small(side, -1)], name=COMMON)
    return {name: [content.fields_of(row) for row in rows] for name, rows in given.items()}


def small(side: str, number: int) -> Any:
    """The one sample of a small data set."""
    return samples.Optionals(**{**dict.fromkeys(OPTIONAL), "name": side, "count": number})


def own_lens() -> Any:
    """A lens that can be stored as data; the original finds out by itself that this one can."""
    if not OURS:
        return caption
    from atdata.lens import FieldMapping

    return FieldMapping(samples.Labeled, Caption)


def views(index: Any, settings: Settings) -> Any:
    """What there is to see, once, or again and again while others write."""
    found = [view(index, settings)]
    while not all(Path(file).exists() for file in settings["until"]):
        found.append(view(index, settings))
    return found


def view(index: Any, settings: Settings) -> Any:
    """Everything that this side sees of what both have written."""
    return {
        "listed": sorted(entry.name for entry in index.list_datasets()),
        "datasets": {name: attempt(dataset, index, name) for name in settings["names"]},
        "common": attempt(writer_of_common, index),
        "schemas": attempt(schemas, index),
        "labels": {side: attempt(is_labelled, index, f"{side}-arrays") for side in SIDES},
        "lenses": {side: attempt(is_lens, index, f"{side}-caption") for side in SIDES},
    }


def dataset(index: Any, name: str) -> Any:
    """A data set by name, and its samples with the type given and without."""
    case = name.split("-")[1]
    declared = samples.Optionals if case == "small" else samples.cases()[case].sample_type
    entry = index.get_dataset(name)
    return {
        "samples": attempt(loaded, index, name, declared),
        "untyped": attempt(loaded, index, name),
        "shards": len(entry.data_urls),
        "checksums": list((entry.metadata or {}).get("checksums", {})),
    }


def writer_of_common(index: Any) -> Any:
    """Whose samples the name has that both have written."""
    return loaded(index, COMMON, samples.Optionals)[0]["name"]


def loaded(index: Any, name: str, *sample_type: type[Any]) -> list[Any]:
    """The samples, as a tutorial loads them."""
    found = atdata.load_dataset(f"@local/{name}", *sample_type, index=index, split="train")
    return [content.fields_of(sample) for sample in found.ordered()]


def schemas(index: Any) -> Any:
    """Each schema by its reference's end."""
    references = [found["$ref"] for found in index.list_schemas()]
    return {ref.rsplit("/", 1)[-1]: attempt(schema, index, ref) for ref in references}


def schema(index: Any, ref: str) -> Any:
    """A schema's fields, and those of the class that is made of it."""
    fields = [[field["name"], field["optional"]] for field in index.get_schema(ref)["fields"]]
    return {"fields": fields, "class": list(index.decode_schema(ref).__annotations__)}


def is_labelled(index: Any, name: str) -> bool:
    """Whether a version leads to the entry that was given that label."""
    entry = index.get_dataset(f"{name}@2.1.0") if OURS else index.get_label(name, "2.1.0")
    return bool(entry.cid == index.get_dataset(name).cid)


def is_lens(index: Any, name: str) -> bool:
    """Whether a lens can be loaded and gives what it should."""
    ref = f"atdata://local/lens/{name}@1.0.0"
    lens = index.load_lens(ref, source_type=samples.Labeled, view_type=Caption)
    sample = next(samples.labeled())
    return bool(lens.get(sample) == Caption(label=sample.label))


if __name__ == "__main__":
    main(sys.argv[1], json.loads(sys.argv[2]), Path(sys.argv[3]))
