"""How well `shuffled` mixes sorted data: `shuffle_quality.py [--original PYTHON]`.

The samples are numbered in order; what counts is the mean distance of the numbers of neighbours in
the shuffled order, as a part of what a perfect shuffle has (a third of all samples). PYTHON is an
interpreter that has the original package, which then shuffles the same shards, by its defaults.
"""

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import numpy as np

import atdata


@atdata.packable
class Numbered:
    """One place in the order."""

    number: int


def report(pattern: str, passes: int) -> None:
    """Prints how the package of this interpreter mixes, on average over some passes."""
    apart = [distance(pattern) for _ in range(passes)]
    mean, error = np.mean(apart), np.std(apart) / np.sqrt(passes)
    print(
        f"atdata {version('atdata'):8} neighbours are {mean:.1%} as far apart as in a perfect "
        f"shuffle (± {error:.1%} over {passes} passes, {min(apart):.1%} to {max(apart):.1%})",
        flush=True,
    )


def distance(pattern: str) -> float:
    """The mean distance of neighbours in one shuffled pass, perfect being 1."""
    order = np.array([sample.number for sample in atdata.Dataset[Numbered](pattern).shuffled()])
    if not np.array_equal(np.sort(order), np.arange(len(order))):
        raise RuntimeError("a sample is missing, or came twice")
    return float(np.abs(np.diff(order)).mean() / (len(order) / 3))


def numbers(count: int) -> Iterator[Numbered]:
    """Sorted samples."""
    return (Numbered(number) for number in range(count))


def main() -> None:
    """Writes sorted data and has it shuffled."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--original", help="an interpreter that has the original package")
    parser.add_argument("--samples", type=int, default=200_000)
    parser.add_argument("--shards", type=int, default=20)
    parser.add_argument("--passes", type=int, default=10)
    parser.add_argument("--report", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.report:
        report(args.report, args.passes)
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "data.tar"
        maxcount = -(-args.samples // args.shards)
        written = atdata.write_samples(numbers(args.samples), path, maxcount=maxcount)
        for python in filter(None, [sys.executable, args.original]):
            options = ["--report", written.url, "--passes", str(args.passes)]
            subprocess.run([python, __file__, *options], check=True)


if __name__ == "__main__":
    main()
