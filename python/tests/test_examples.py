"""The programs under examples/python run to their end, on small data made here."""

import gzip
import subprocess
import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

EXAMPLES = Path(__file__).resolve().parents[2] / "examples" / "python"


def write_idx(path: Path, array: NDArray[np.uint8]) -> None:
    header = bytes([0, 0, 8, array.ndim]) + np.array(array.shape, ">u4").tobytes()
    path.write_bytes(gzip.compress(header + array.tobytes(), compresslevel=1))


def write_raw_split(folder: Path, stem: str, count: int, patterns: NDArray[np.uint8]) -> None:
    random = np.random.default_rng(count)
    labels = random.integers(0, 10, count).astype(np.uint8)
    noise = random.integers(0, 100, (count, 28, 28)).astype(np.uint8)
    write_idx(folder / f"{stem}-images-idx3-ubyte.gz", patterns[labels] + noise)
    write_idx(folder / f"{stem}-labels-idx1-ubyte.gz", labels)


def test_fashion_mnist(tmp_path: Path) -> None:
    patterns = np.random.default_rng(0).integers(0, 150, (10, 28, 28)).astype(np.uint8)
    write_raw_split(tmp_path, "train", 3000, patterns)
    write_raw_split(tmp_path, "t10k", 500, patterns)
    program = EXAMPLES / "fashion_mnist.py"
    command = [sys.executable, str(program), str(tmp_path), str(tmp_path / "shards")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "test accuracy" in done.stdout
    assert len(list((tmp_path / "shards").glob("train-*.tar"))) == 1
