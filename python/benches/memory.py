"""How much memory of its own a pass takes: `memory.py [--samples 10000,1000000]`.

Each pass runs in a fresh process; what is printed is how far its anonymous memory (RssAnon, what no
file can give back) rose from before the data set was opened to the highest point of the pass.
"""

import argparse
import multiprocessing
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from workloads import Small, small

import atdata

SHARD = 10_000
SECONDS_BETWEEN_LOOKS = 0.002


def ordered(dataset: Any, folder: Path) -> Iterator[Any]:
    """Samples in order."""
    return iter(dataset.ordered())


def ordered_batches(dataset: Any, folder: Path) -> Iterator[Any]:
    """Batches in order."""
    return iter(dataset.ordered(batch_size=32))


def shuffled(dataset: Any, folder: Path) -> Iterator[Any]:
    """Samples, shuffled as they are without further arguments."""
    return iter(dataset.shuffled())


def shuffled_batches(dataset: Any, folder: Path) -> Iterator[Any]:
    """Batches, shuffled as they are without further arguments."""
    return iter(dataset.shuffled(batch_size=32))


def to_parquet(dataset: Any, folder: Path) -> Iterator[Any]:
    """Everything into one Parquet file."""
    dataset.to_parquet(folder / "out.parquet")
    yield None


PASSES: list[Callable[[Any, Path], Iterator[Any]]] = [
    ordered,
    ordered_batches,
    shuffled,
    shuffled_batches,
    to_parquet,
]


def anonymous() -> float:
    """This process's anonymous memory, in MB."""
    status = Path("/proc/self/status").read_text()
    return int(status.split("RssAnon:")[1].split()[0]) / 1e3


def highest(start: Callable[[Any, Path], Iterator[Any]], folder: Path) -> float:
    """How far the memory rises in a pass, in MB."""
    shards = sorted(str(path) for path in folder.glob("*.tar"))
    before, done = anonymous(), threading.Event()
    seen = [before]

    def watch() -> None:
        while not done.wait(SECONDS_BETWEEN_LOOKS):
            seen.append(anonymous())

    watcher = threading.Thread(target=watch)
    watcher.start()
    for _ in start(atdata.Dataset[Small](shards), folder):
        pass
    seen.append(anonymous())
    done.set()
    watcher.join()
    return max(seen) - before


def main() -> None:
    """Measures every pass over data sets of several sizes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--samples", default="10000,100000,1000000", help="a list with commas")
    sizes = [int(size) for size in parser.parse_args().samples.split(",")]
    fresh = multiprocessing.get_context("spawn")
    print(f"{'samples':>10}  {'pass':18} {'MB':>8}")
    for size in sizes:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            samples = small(size, np.random.default_rng(1))
            atdata.write_samples(samples, folder / "data.tar", maxcount=SHARD)
            for start in PASSES:
                if start is to_parquet and not hasattr(atdata.Dataset, "to_parquet"):
                    continue
                with fresh.Pool(1) as pool:
                    rose = pool.apply(highest, (start, folder))
                print(f"{size:>10,}  {start.__name__:18} {rose:8.1f}", flush=True)


if __name__ == "__main__":
    main()
