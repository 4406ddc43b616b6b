"""How fast team storage is: `storage.py [write] [scale] [remote] [--entries 100000]`, with
`PYTHONPATH=scripts`.

`write` compares `index.write`, which hashes, with `write_samples`; `scale` fills an index of every
provider and asks it; `remote` reads through S3 beside plain GETs of the same objects. Servers are
those of scripts/serve.py. On a busy machine compare the CPU time, and ratios within one run.
"""

import argparse
import statistics
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from servers import Server
from workloads import WORKLOADS

import atdata

PROVIDERS = ("sqlite", "redis", "postgres")
BUCKET = "bench"
PUT_AT_ONCE = 1000
SCALE = 0.2


def timed(act: Callable[[], Any]) -> tuple[float, float]:
    """Wall and CPU seconds."""
    cpu, wall = time.process_time(), time.perf_counter()
    act()
    return time.perf_counter() - wall, time.process_time() - cpu


def milliseconds(act: Callable[[], Any], times: int = 30) -> str:
    """The median of some runs."""
    act()
    return f"{1000 * statistics.median(timed(act)[0] for _ in range(times)):9.2f} ms"


def write(folder: Path, runs: int) -> None:
    """Samples into shards, plainly and through an index."""
    for name, workload in WORKLOADS.items():
        samples = workload.samples(SCALE)
        store = atdata.LocalDiskStore(folder / "data")
        index = atdata.Index(path=folder / "index.db", data_store=store)
        pairs = []
        for _ in range(runs):
            plain = timed(lambda s=samples: atdata.write_samples(s, folder / "plain.tar"))
            hashed = timed(lambda s=samples, n=name, i=index: i.write(s, name=n))
            pairs.append((plain[1], hashed[1]))
        plain_cpu = statistics.median(pair[0] for pair in pairs)
        ratio = statistics.median(pair[1] / pair[0] for pair in pairs)
        print(
            f"write {name:10} {len(samples):7} samples  write_samples {plain_cpu:7.3f} "
            f"CPU s, index.write {ratio:5.2f} times that"
        )


def entries(count: int) -> Iterator[list[Any]]:
    """Rows of an index, in pieces."""
    for start in range(0, count, PUT_AT_ONCE):
        yield [row(number) for number in range(start, min(start + PUT_AT_ONCE, count))]


def row(number: int) -> tuple[Any, ...]:
    """An entry's row, found by words, tags, schema and licence."""
    reference = f"atdata://local/sampleSchema/Type{number % 50}@1.0.0"
    urls = [f"s3://bucket/data-{number}.tar"]
    metadata = {
        "description": f"Data set number {number} of many, kind{number % 1000}",
        "tags": [f"tag{number % 1000}", "all"],
        "license": "MIT" if number % 2 else "CC0-1.0",
    }
    cid = atdata.LocalDatasetEntry("x", reference, urls).cid
    return (cid, f"name-{number:06}", reference, urls, metadata, None, None, None)


def scale(folder: Path, count: int) -> None:
    """An index of many entries."""
    for kind in PROVIDERS:
        if kind == "sqlite":
            ask(kind, atdata.Index(path=folder / "scale.db"), count)
            continue
        with Server(kind) as server:
            ask(kind, atdata.Index(provider=server.url), count)


def ask(kind: str, index: Any, count: int) -> None:
    """Fill an index, and ask it."""
    provider = index._provider._engine

    def fill() -> None:
        for rows in entries(count):
            provider.put(rows, [(found[1], "", found[0], None) for found in rows])

    seconds, _ = timed(fill)
    first, _ = timed(lambda: index.search(tags=["tag1"]))
    middle = f"name-{count // 2:06}"
    print(f"{kind}: {count} entries in {seconds:.1f} s; first search {first:.2f} s")
    questions: dict[str, Callable[[], Any]] = {
        "get by name": lambda: index.get_entry_by_name(middle),
        "page of 100": lambda: index._engine.current(middle, 100),
        "search: rare word": lambda: index.search("kind77"),
        "search: common word": lambda: index.search("number"),
        "search: two words": lambda: index.search("data kind77"),
        "search: tag": lambda: index.search(tags=["tag77"]),
        "search: schema, licence": lambda: index.search(schema="Type7", license="MIT"),
        "put one": lambda: provider.put([row(1)], []),
    }
    for name, question in questions.items():
        times = 3 if kind == "redis" and "word" in name else 30
        print(f"    {name:25} {milliseconds(question, times)}")


def remote(folder: Path, runs: int) -> None:
    """Shards of S3, beside plain GETs."""
    with Server("s3", "--bucket", BUCKET) as server:
        keys = {"AWS_ACCESS_KEY_ID": "minioadmin", "AWS_SECRET_ACCESS_KEY": "minioadmin"}
        store = atdata.S3DataStore(keys, bucket=BUCKET, endpoint_url=server.url)
        index = atdata.Index(path=folder / "remote.db", data_store=store)
        for name, workload in WORKLOADS.items():
            samples = workload.samples(SCALE)
            entry = index.write(samples, name=name, maxcount=max(1, len(samples) // 8))
            signed = [store.read_url(url, sign=True) for url in entry.data_urls]
            read_beside(name, index, entry, signed, folder, runs)


def read_beside(
    name: str, index: Any, entry: Any, signed: list[str], folder: Path, runs: int
) -> None:
    """One data set: GETs, through S3, from a cache that is full, and from the disk."""
    cache = atdata.Cache(folder / f"cache-{name}")

    def batches(**how: Any) -> Callable[[], Any]:
        dataset = atdata.load_dataset(f"@local/{name}", index=index, split="train", **how)
        return lambda: sum(len(batch) for batch in dataset.ordered(batch_size=32))

    def get() -> None:
        for url in signed:
            with urllib.request.urlopen(url) as answer:
                while answer.read(1 << 20):
                    pass

    local = atdata.Index(path=folder / "local.db", data_store=atdata.LocalDiskStore(folder / "d"))
    there = atdata.load_dataset(f"@local/{name}", index=index, split="train")
    local.insert_dataset(there, name=name)
    disk = atdata.load_dataset(f"@local/{name}", index=local, split="train")
    ways = {
        "plain GET": get,
        "through S3": batches(),
        "second epoch, cached": batches(cache=cache),
        "local disk": lambda: sum(len(batch) for batch in disk.ordered(batch_size=32)),
    }
    ways["second epoch, cached"]()
    seconds: dict[str, list[float]] = {way: [] for way in ways}
    for _ in range(runs):
        for way, act in ways.items():
            seconds[way].append(timed(act)[0])
    size = entry.num_bytes / 1e6
    print(f"remote {name}: {size:.0f} MB in {len(signed)} shards")
    for way, found in seconds.items():
        print(f"    {way:22} {size / statistics.median(found):8.0f} MB/s")


def main() -> None:
    """Measure what was asked for, else everything."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", nargs="*", default=["write", "scale", "remote"])
    parser.add_argument("--entries", type=int, default=100_000)
    parser.add_argument("--runs", type=int, default=5)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="atdata-bench-") as scratch:
        folder = Path(scratch)
        if "write" in given.what:
            write(folder, given.runs)
        if "scale" in given.what:
            scale(folder, given.entries)
        if "remote" in given.what:
            remote(folder, given.runs)


if __name__ == "__main__":
    main()
