"""Reads shards with the original package and writes down what it got: `read.py FOLDER`.

Runs where the original is installed, and uses nothing but its documented API.
"""

import json
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

import content
import samples
import webdataset

import atdata
from atdata.manifest import ShardManifest


def main(folder: Path) -> None:
    """Every case that was written."""
    shards = json.loads((folder / "shards.json").read_text())
    cases = samples.cases().items()
    found = {name: read(case.sample_type, shards[name]) for name, case in cases}
    (folder / "found.json").write_text(json.dumps(found))
    print(f"read by atdata {version('atdata')}")


def read(sample_type: type[Any], shards: list[str]) -> dict[str, Any]:
    """What is in a data set: one by one, in batches, and the keys; or the error."""
    try:
        return {
            "samples": one_by_one(sample_type, shards),
            "batched": in_batches(sample_type, shards),
            "keys": keys(shards),
            "manifests": [manifest(shard) for shard in shards],
        }
    except Exception as error:
        return {"error": f"{type(error).__name__}: {error}"}


def one_by_one(sample_type: type[Any], shards: list[str]) -> list[dict[str, Any]]:
    """Every sample, in order."""
    passes = (atdata.Dataset[sample_type](shard).ordered() for shard in shards)
    return [content.fields_of(sample) for samples in passes for sample in samples]


def in_batches(sample_type: type[Any], shards: list[str]) -> list[dict[str, Any]]:
    """The samples of every batch of 7."""
    passes = (atdata.Dataset[sample_type](shard).ordered(batch_size=7) for shard in shards)
    batches = (batch for batches in passes for batch in batches)
    return [content.fields_of(sample) for batch in batches for sample in batch.samples]


def keys(shards: list[str]) -> list[str]:
    """The keys as WebDataset sees them, on which the original stands."""
    return [sample["__key__"] for sample in webdataset.WebDataset(shards, shardshuffle=False)]


def manifest(shard: str) -> dict[str, Any] | None:
    """What the original finds in the manifest beside a shard, if there is one."""
    stem = shard.removesuffix(".tar")
    if not Path(f"{stem}.manifest.json").exists():
        return None
    found = ShardManifest.from_files(f"{stem}.manifest.json", f"{stem}.manifest.parquet")
    rows = json.loads(found.samples.to_json(orient="records"))
    return {**found.header_dict(), "created_at": str(found.created_at), "rows": rows}


if __name__ == "__main__":
    main(Path(sys.argv[1]))
