"""How fast data sets are written and read: `run.py [--workload small,vector] [--runs 5]`.

Operations take turns, so that what else the machine does falls on all of them alike; medians are
printed. On a busy machine compare the CPU time. Files are read from the page cache.
"""

import argparse
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
    """What the operations work on."""

    workload: Workload
    samples: list[Any]
    dataset: Any
    scratch: Path


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
    return len(reopened(setting))


def by_number(setting: Setting) -> int:
    """Samples from all over, each by its number."""
    dataset = reopened(setting)
    for number in range(LOOKUPS):
        dataset[number * 7919 % len(setting.samples)]
    return LOOKUPS


def reopened(setting: Setting) -> Any:
    """The same data, nothing known of it."""
    return atdata.Dataset[setting.workload.sample_type](setting.dataset.list_shards())


OPERATIONS: list[Callable[[Setting], int]] = [
    write,
    iterate,
    ordered_batches,
    shuffled_batches,
    count,
    by_number,
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
    setting = Setting(workload, samples, workload.write(samples, folder), folder)
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
