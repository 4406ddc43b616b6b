"""How fast conversion is, and how much memory it takes: each format in and out, in its own process.

    python python/benches/convert.py [--gigabytes 1] [--formats csv jsonl ...] [--runs 3]

Beside ours stands what others need for the same rows, where they can be imported (see
convert_peers.py): they read the very files that ours read, and write the very rows. The runs are
interleaved, and the fastest of each counts. Memory is the most anonymous memory (RssAnon) over what
the imports take.
"""

import argparse
import functools
import importlib
import json
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from convert_peers import PEERS, importable
from numpy.typing import NDArray

import atdata

ENDINGS = {
    "csv": "csv",
    "jsonl": "jsonl",
    "parquet": "parquet",
    "arrow": "arrow",
    "webdataset": "plain.tar",
    "npz": "npz",
    "images": "images",
    "hf": "hf.arrow",
}
ONLY_IN = {"npz", "images"}


@atdata.packable
class Row:
    """A sample of every kind of field."""

    number: int
    ratio: float
    word: str
    data: bytes
    vector: NDArray[np.float32]


@atdata.packable
class Line:
    """A sample that a CSV can hold."""

    number: int
    ratio: float
    word: str
    text: str


def anonymous() -> int:
    """The anonymous memory of this process, in bytes."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("RssAnon:"):
            return int(line.split()[1]) * 1024
    raise RuntimeError("RssAnon is not in /proc/self/status")


class Peak(threading.Thread):
    """The most memory while something runs, looked at a hundred times a second."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.before = self.most = anonymous()
        self.done = threading.Event()

    def run(self) -> None:
        """Look until it is done."""
        while not self.done.wait(0.01):
            self.most = max(self.most, anonymous())


def shards(folder: Path, size: int, lines: bool) -> None:
    """Shards of so many bytes, of rows of about 4 KB."""
    random = np.random.default_rng(0)
    noise = random.bytes(1 << 20)
    vector = random.random(512, dtype="f4")
    text = "the quick brown fox " * 195

    def rows():
        for n in range(size // 4100):
            if lines:
                yield Line(n, n / 7, f"word {n % 100}", text)
            else:
                start = n * 7 % (len(noise) - 2000)
                yield Row(n, n / 7, f"word {n % 100}", noise[start : start + 2000], vector + n)

    atdata.write_samples(rows(), folder / "shards.tar", maxsize=256 << 20)


def make(folder: Path, kind: str, size: int) -> None:
    """What is to be converted."""
    if kind == "npz":
        count = size // 4096
        np.savez(folder / "in.npz", x=np.ones((count, 1023), "f4"), label=np.arange(count))
    elif kind == "images":
        data = np.random.default_rng(0).bytes(100_000)
        for n in range(max(size // 100_000, 1)):
            target = folder / "images" / f"class_{n % 10}"
            target.mkdir(parents=True, exist_ok=True)
            (target / f"{n:06d}.jpg").write_bytes(data)
    else:
        shards(folder, size, kind == "csv")


def source_of(folder: Path, kind: str) -> Path:
    """What is read on the way in, and written on the way out."""
    return folder / ("in.npz" if kind == "npz" else ENDINGS[kind])


def size_of(path: Path) -> int:
    """The bytes of a file, or of all in a folder."""
    files = path.rglob("*") if path.is_dir() else [path]
    return sum(file.stat().st_size for file in files if file.is_file())


def ours(folder: Path, kind: str, way: str) -> None:
    """One conversion by atdata."""
    if way == "in":
        names = {"npz": "from_npz", "images": "from_image_folder"}
        into = getattr(atdata, names.get(kind, f"from_{kind}"))
        source: Any = source_of(folder, kind)
        if kind == "hf":
            source = importlib.import_module("datasets").Dataset.from_file(str(source))
        into(source, folder / "again.tar", maxsize=256 << 20, overwrite=True)
    else:
        sample_type = Line if kind == "csv" else Row
        dataset = atdata.load_dataset(folder / "shards-*.tar", sample_type, split="train")
        getattr(dataset, f"to_{kind}")(source_of(folder, kind))


def run(folder: Path, kind: str, way: str, who: str) -> dict[str, float]:
    """One conversion, measured."""
    work = functools.partial(ours, folder, kind, way)
    if kind == "hf":
        importlib.import_module("datasets")  # its imports are not what is measured
    if who != "atdata":
        work = PEERS[kind, way, who](source_of(folder, kind), folder / "peer")
    peak = Peak()
    peak.start()
    start = time.perf_counter()
    work()
    seconds = time.perf_counter() - start
    peak.done.set()
    peak.join()
    shards = sum(path.stat().st_size for path in folder.glob("shards-*.tar"))
    read = size_of(source_of(folder, kind)) if way == "in" else shards
    return {"seconds": seconds, "bytes": read, "memory": peak.most - peak.before}


def rows_of(folder: Path, kind: str, runs: int) -> Iterator[tuple[str, str, dict[str, float]]]:
    """All ways of a format, ours beside the others, the runs interleaved."""
    for way in ("in",) if kind in ONLY_IN else ("out", "in"):
        others = [who for k, w, who in PEERS if (k, w) == (kind, way) and importable(who, kind)]
        best: dict[str, dict[str, float]] = {}
        for _ in range(runs):
            for who in ("atdata", *others):
                command = [sys.executable, __file__, "--one", str(folder), kind, way, who]
                said = subprocess.check_output(command, stderr=subprocess.DEVNULL)
                done = json.loads(said.splitlines()[-1])  # litdata says more on the way
                best[who] = min(best.get(who, done), done, key=lambda found: found["seconds"])
                for path in folder.glob("peer*"):
                    shutil.rmtree(path) if path.is_dir() else path.unlink()
        yield from ((way, who, found) for who, found in best.items())


def main() -> None:
    """Measure every format, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gigabytes", type=float, default=1.0)
    parser.add_argument("--formats", nargs="*", default=list(ENDINGS), choices=list(ENDINGS))
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--one", nargs=4, metavar=("FOLDER", "FORMAT", "WAY", "WHO"))
    options = parser.parse_args()
    if options.one:
        folder, kind, way, who = options.one
        print(json.dumps(run(Path(folder), kind, way, who)))
        return
    print(f"{'format':<12} {'way':<4} {'by':<9} {'MB':>7} {'MB/s':>7} {'MB of memory':>13}")
    for kind in options.formats:
        if kind == "hf" and not importable("datasets", kind):
            print(f"{kind:<12} datasets is not installed here")
            continue
        with tempfile.TemporaryDirectory() as folder:
            make(Path(folder), kind, int(options.gigabytes * 1e9))
            for way, who, done in rows_of(Path(folder), kind, options.runs):
                size, speed = done["bytes"] / 1e6, done["bytes"] / 1e6 / done["seconds"]
                row = f"{kind:<12} {way:<4} {who:<9} {size:>7.0f} {speed:>7.0f}"
                print(f"{row} {done['memory'] / 1e6:>13.0f}", flush=True)


if __name__ == "__main__":
    main()
