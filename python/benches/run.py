"""How fast data sets are written and read: `run.py [--workload small,vector] [--runs 5]`.

Operations take turns, so that what else the machine does falls on all of them alike; medians are
printed. On a busy machine compare the CPU time. Files are read from the page cache.
"""

import argparse
import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from workloads import WORKLOADS, Workload

import atdata

ROWS = 32
LOOKUPS = 1_000
ROW = "{:10} {:18} {:>9} {:>11} {:>13} {:>10}"


class Run(NamedTuple):
    """One operation, once."""

    samples: int
    seconds: float
    cpu: float


class Setting(NamedTuple):
    """What the operations work on: the shards with their indexes, with none, and with those of
    shards that were there before."""

    workload: Workload
    samples: list[Any]
    dataset: Any
    scratch: Path
    bare: list[str]
    stale: list[str]


def write(setting: Setting) -> int:
    """Samples that are in memory, into shards with their indexes."""
    with tempfile.TemporaryDirectory(dir=setting.scratch) as folder:
        setting.workload.write(setting.samples, Path(folder))
    return len(setting.samples)


def iterate(setting: Setting) -> int:
    """One by one, in order."""
    return sum(1 for _ in setting.dataset.ordered())


def ordered_batches(setting: Setting) -> int:
    """In order."""
    return sum(len(batch) for batch in setting.dataset.ordered(batch_size=ROWS))


def shuffled_batches(setting: Setting) -> int:
    """In random order."""
    return sum(len(batch) for batch in setting.dataset.shuffled(batch_size=ROWS, seed=1))


def count(setting: Setting) -> int:
    """By a data set that has not been asked before."""
    return len(reopened(setting, setting.dataset.list_shards()))


def count_bare(setting: Setting) -> int:
    """Without indexes, which are made."""
    return len(reopened(setting, setting.bare))


def count_stale(setting: Setting) -> int:
    """With indexes that are found out."""
    return len(reopened(setting, setting.stale))


def by_number(setting: Setting) -> int:
    """Samples from all over, each by its number."""
    return looked_up(setting, setting.dataset.list_shards())


def by_number_bare(setting: Setting) -> int:
    """Without indexes, which are made."""
    return looked_up(setting, setting.bare)


def by_number_stale(setting: Setting) -> int:
    """With indexes that are found out."""
    return looked_up(setting, setting.stale)


def looked_up(setting: Setting, shards: list[str]) -> int:
    """Samples from all over these shards."""
    dataset = reopened(setting, shards)
    for number in range(LOOKUPS):
        dataset[number * 7919 % len(setting.samples)]
    return LOOKUPS


def reopened(setting: Setting, shards: list[str]) -> Any:
    """The same data, nothing known of it; what was kept of walks over it is not found either."""
    with tempfile.TemporaryDirectory(dir=setting.scratch) as home:
        os.environ["ATDATA_HOME"] = home
    return atdata.Dataset[setting.workload.sample_type](shards)


def beside(dataset: Any, folder: Path, index_of: Callable[[Path], Path | None]) -> list[str]:
    """The shards in another folder, each with the index that is wanted, or with none."""
    folder.mkdir()
    shards = [Path(shard) for shard in dataset.list_shards()]
    for shard in shards:
        os.link(shard, folder / shard.name)
        index = index_of(shard)
        if index is not None:
            shutil.copy(index, folder / f"{shard.name}.idx")
    return [str(folder / shard.name) for shard in shards]


OPERATIONS: list[Callable[[Setting], int]] = [
    write,
    iterate,
    ordered_batches,
    shuffled_batches,
    count,
    count_bare,
    count_stale,
    by_number,
    by_number_bare,
    by_number_stale,
]


def main() -> None:
    """Measures what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workload", default=",".join(WORKLOADS), help="a list with commas")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--scale", type=float, default=0.2, help="part of the full data sets")
    args = parser.parse_args()
    print(ROW.format("data", "operation", "samples", "ms", "samples/s", "CPU ms"))
    for name in args.workload.split(","):
        with tempfile.TemporaryDirectory() as folder:
            measure(name, args.scale, args.runs, Path(folder))


def measure(name: str, scale: float, runs: int, folder: Path) -> None:
    """All operations on one data set, in turns."""
    workload = WORKLOADS[name]
    samples = workload.samples(scale)
    dataset = workload.write(samples, folder / "whole")
    # Shards that were written anew, beside the indexes of what was there before.
    before = workload.write(samples[: len(samples) // 2], folder / "before")
    indexes = {Path(shard).name: Path(f"{shard}.idx") for shard in before.list_shards()}
    bare = beside(dataset, folder / "bare", lambda _: None)
    stale = beside(dataset, folder / "stale", lambda shard: indexes.get(shard.name))
    setting = Setting(workload, samples, dataset, folder, bare, stale)
    for operation in OPERATIONS:  # once before the clock starts
        operation(setting)
    turns = [[timed(operation, setting) for operation in OPERATIONS] for _ in range(runs)]
    for operation, took in zip(OPERATIONS, zip(*turns, strict=True), strict=True):
        print(line(name, operation.__name__, took), flush=True)


def timed(operation: Callable[[Setting], int], setting: Setting) -> Run:
    """One operation, with the time that it took on the wall and on all cores."""
    wall, cpu = time.perf_counter(), time.process_time()
    samples = operation(setting)
    return Run(samples, time.perf_counter() - wall, time.process_time() - cpu)


def line(workload: str, operation: str, runs: tuple[Run, ...]) -> str:
    """The medians of some runs."""
    seconds = statistics.median(run.seconds for run in runs)
    cpu = statistics.median(run.cpu for run in runs)
    samples = runs[0].samples
    rate = f"{samples / seconds:,.0f}"
    figures = f"{samples:,}", f"{seconds * 1e3:,.2f}", rate, f"{cpu * 1e3:,.2f}"
    return ROW.format(workload, operation, *figures)


if __name__ == "__main__":
    main()
